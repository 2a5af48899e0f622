C     Cuts and, for a point that passes them, scales and couplings; once
C     for each point
      logical function passcuts(p)
      implicit none
      include 'genps.inc'
      include 'nexternal.inc'
      double precision p(0:3,nexternal)
      logical cutsdone, cutspassed
      common/to_cutsdone/cutsdone, cutspassed
      logical pass_cuts
      external pass_cuts

      if (.not.cutsdone) then
        cutsdone = .true.
        cutspassed = pass_cuts(p)
        if (cutspassed) then
          nb_pass_cuts = nb_pass_cuts+1
          call update_scales(p)
          call update_as_param()
        endif
      endif
      passcuts = cutspassed
      end

C     What DSIG does first with a point; False: it ends here
      logical function prepare_event(p)
      implicit none
      include 'nexternal.inc'
      double precision p(0:3,nexternal)
      logical cutsdone, cutspassed
      common/to_cutsdone/cutsdone, cutspassed
      logical passcuts
      external passcuts

      cutsdone = .false.
      cutspassed = .false.
      prepare_event = passcuts(p)
      end

C     Scales; the jets of a clustering, of which there are none
      subroutine update_scales(p)
      implicit none
      include 'genps.inc'
      include 'nexternal.inc'
      include 'maxconfigs.inc'
      include 'run.inc'
      double precision p(0:3,nexternal)
      integer jlast(2), njetstore(lmaxconfigs), njets
      integer iqjetstore(nexternal-2,lmaxconfigs), iqjets(nexternal)
      double precision q2bck(2)
      common/to_rw/jlast, njetstore, iqjetstore, njets, iqjets, q2bck

      call set_scales(p)
      q2bck(:) = q2fact(:)
      njets = 0
      end

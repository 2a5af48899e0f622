C     Cuts, once for each point
      logical function passcuts(p, vecsize_used)
      implicit none
      include 'genps.inc'
      include 'nexternal.inc'
      double precision p(0:3,nexternal)
      integer vecsize_used
      logical cutsdone, cutspassed
      common/to_cutsdone/cutsdone, cutspassed
      logical pass_cuts
      external pass_cuts

      if (.not.cutsdone) then
        cutsdone = .true.
        cutspassed = pass_cuts(p)
        if (cutspassed) nb_pass_cuts = nb_pass_cuts+1
      endif
      passcuts = cutspassed
      end

C     What DSIG does first with a point, which has passed the cuts
      logical function prepare_event(p)
      implicit none
      include 'nexternal.inc'
      double precision p(0:3,nexternal)

      call update_scales(p)
      call update_as_param(1)
      prepare_event = .true.
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


c     Cuts and scales, once for each event: DSIG asks for them before it
c     chooses a subprocess and again after. If it chose the one it had
c     asked for, all that PASSCUTS would set is set already.
      subroutine meb_glue_cuts()
      end

      logical function meb_wrap_passcuts(p)
     $   bind(C, name='__wrap_passcuts_')
      implicit none
      include 'genps.inc'
      include 'maxconfigs.inc'
      include 'nexternal.inc'
      include 'run.inc'
      include 'coupl.inc'
      double precision p(0:3,nexternal)
      integer mapconfig(0:lmaxconfigs), iconfig
      common /to_mconfigs/ mapconfig, iconfig
      logical set_cm_rap
      double precision cm_rap
      common /to_cm_rap/ set_cm_rap, cm_rap
      integer imirror, iproc
      common /to_mirror/ imirror, iproc
      logical cutsdone, cutspassed
      common /to_cutsdone/ cutsdone, cutspassed
      double precision before(4*nexternal+3), after(4)
      double precision now(4*nexternal+3)
      integer choice(3), on, meb_glue_wants, i, j, k
      logical known
      save before, after, choice, on, known
      external meb_glue_wants
      data on, known /-1, .false./
      interface
        logical function real_passcuts(p) bind(C, name=
     $     '__real_passcuts_')
          double precision p(0:3,*)
        end function
      end interface
      if (on .lt. 0) then
        call meb_glue_setup()
        on = meb_glue_wants('cuts'//char(0))
      endif
      if (on .eq. 0 .or. cutsdone) then
        meb_wrap_passcuts = real_passcuts(p)
        return
      endif
      k = 0
      do i = 1, nexternal
        do j = 0, 3
          k = k + 1
          now(k) = p(j,i)
        enddo
      enddo
      now(k+1) = xbk(1)
      now(k+2) = xbk(2)
      now(k+3) = cm_rap
      if (known) known = iproc .eq. choice(1) .and.
     $   iconfig .eq. choice(2) .and. imirror .eq. choice(3) .and.
     $   all(now .eq. before) .and. scale .eq. after(1) .and.
     $   g .eq. after(2) .and. q2fact(1) .eq. after(3) .and.
     $   q2fact(2) .eq. after(4)
      if (known) then
        known = .false.
        cutsdone = .true.
        cutspassed = .true.
        meb_wrap_passcuts = .true.
        return
      endif
      meb_wrap_passcuts = real_passcuts(p)
      if (.not. meb_wrap_passcuts) return
      known = .true.
      before = now
      choice(1) = iproc
      choice(2) = iconfig
      choice(3) = imirror
      after(1) = scale
      after(2) = g
      after(3) = q2fact(1)
      after(4) = q2fact(2)
      end


c     Scales, once for each event: DSIG asks for them for each
c     subprocess and beam, and again for the one it chooses. What was
c     set for the same momenta, subprocess and configuration is still
c     there.
      subroutine meb_glue_scales()
      end

      subroutine meb_wrap_update_scale(p, wgt)
     $   bind(C, name='__wrap_update_scale_coupling_')
      implicit none
      include 'genps.inc'
      include 'nexternal.inc'
      include 'maxconfigs.inc'
@vector_include@
      include 'run.inc'
      include 'coupl.inc'
      double precision p(*), wgt
      integer mapconfig(0:lmaxconfigs), iconfig
      common /to_mconfigs/ mapconfig, iconfig
      integer imirror, iproc
      common /to_mirror/ imirror, iproc
      double precision before(4*nexternal), after(4)
      integer choice(2), on, meb_glue_wants
      logical known
      save before, after, choice, on, known
      external meb_glue_wants
      data on, known /-1, .false./
      interface
        subroutine real_update(p, wgt) bind(C, name=
     $     '__real_update_scale_coupling_')
          double precision p(*), wgt
        end subroutine
      end interface
      if (on .lt. 0) then
        call meb_glue_setup()
        on = meb_glue_wants('scales'//char(0))
c       A function of the user's may give another value each time.
        if (dynamical_scale_choice .eq. 0) on = 0
      endif
      if (on .eq. 0) then
        call real_update(p, wgt)
        return
      endif
      if (known) known = iproc .eq. choice(1) .and.
     $   iconfig .eq. choice(2) .and.
     $   all(p(1:4*nexternal) .eq. before) .and.
     $   scale .eq. after(1) .and. g .eq. after(2) .and.
     $   q2fact(1) .eq. after(3) .and. q2fact(2) .eq. after(4)
      if (known) return
      call real_update(p, wgt)
      known = wgt .ne. 0d0
      if (.not. known) return
      before = p(1:4*nexternal)
      choice(1) = iproc
      choice(2) = iconfig
      after(1) = scale
      after(2) = g
      after(3) = q2fact(1)
      after(4) = q2fact(2)
      end

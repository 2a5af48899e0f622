C     Keeps or drops an event with these helicities and colour flow
      subroutine unwgt(p, wgt, numproc, helicity, flow)
      implicit none
      include 'nexternal.inc'
      double precision p(0:3,nexternal), wgt
      integer numproc, helicity(nexternal), flow
      logical keeps_event
      external keeps_event
      double precision estimate

      if (keeps_event(wgt, estimate)) then
        call store_event(p, estimate, numproc, helicity, flow)
      endif
      end

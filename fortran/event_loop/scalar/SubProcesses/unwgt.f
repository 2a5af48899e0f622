C     Keeps or drops an event, with the helicities that the matrix element
C     has left in COMMON
      subroutine unwgt(p, wgt, numproc)
      implicit none
      include 'nexternal.inc'
      double precision p(0:3,nexternal), wgt
      integer numproc
      character*101 hel_buf
      common/to_helicity/hel_buf
      logical keeps_event
      external keeps_event
      double precision estimate
      integer helicity(nexternal), flow

      if (.not.keeps_event(wgt, estimate)) return
      read(hel_buf, '(20i5)') helicity
      call choose_flow(numproc, flow)
      call store_event(p, estimate, numproc, helicity, flow)
      end

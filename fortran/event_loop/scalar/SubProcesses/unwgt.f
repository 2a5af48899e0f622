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

C     Colour flow of an event, from JAMP2 that the matrix element has left
      subroutine choose_flow(numproc, flow)
      implicit none
      include 'maxamps.inc'
      include 'maxconfigs.inc'
      integer numproc, flow
      double precision amp2(maxamps), jamp2(0:maxflow)
      common/to_amps/amp2, jamp2
      integer mapconfig(0:lmaxconfigs), iconfig
      common/to_mconfigs/mapconfig, iconfig
      double precision ran1
      external ran1

      call select_color(ran1(-1), jamp2, iconfig, numproc, flow, 1)
      end

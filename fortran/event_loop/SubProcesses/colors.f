C     Colour flow of an event, at random (0 <= rcol < 1) among those that
C     config iconf allows, in proportion to jamp2. From 1; 0: there is none
      subroutine select_color(rcol, jamp2, iconf, numproc, icol, ivec)
      implicit none
      include 'maxamps.inc'
      double precision rcol, jamp2(0:maxflow)
      integer iconf, numproc, icol, ivec
      integer i, nc
      double precision sums(0:maxflow)
      include 'coloramps.inc'

      nc = int(jamp2(0))
      icol = 0
      if (nc.eq.0) return
      sums(0) = 0d0
      do i = 1, nc
        sums(i) = sums(i-1)
        if (icolamp(i,iconf,numproc)) sums(i) = sums(i)+jamp2(i)
      enddo
C     No allowed flow contributes: any will do
      if (sums(nc).eq.0d0) then
        do i = 1, nc
          sums(i) = sums(i-1)+jamp2(i)
        enddo
      endif
      icol = 1
      do while (sums(icol).lt.rcol*sums(nc).and.icol.lt.nc)
        icol = icol+1
      enddo
      end

C     Density f(x, Q) of parton ipdg (0 or 21: gluon) in beam ih: 1
C     proton, -1 antiproton; Q = xmu (GeV). beamid is not used.
      double precision function pdg2pdf(ih, ipdg, beamid, x, xmu)
      use lhagrid, only: grid_t, momentum_density
      implicit none
      integer ih, ipdg, beamid
      double precision x, xmu
      type(grid_t), save :: grid
      logical, save :: is_read = .false.
      integer parton

      if (.not.is_read) call open_pdf(grid)
      is_read = .true.
      parton = ipdg
      if (ih.lt.0.and.abs(ipdg).le.6) parton = -ipdg
      pdg2pdf = momentum_density(grid, parton, x, xmu)/x
      end

C     Reads the run's grid: from lib/Pdfdata, seen from a job's folder or
C     from that of the subprocess, or from an absolute path
      subroutine open_pdf(grid)
      use lhagrid, only: grid_t, read_grid
      implicit none
      type(grid_t), intent(out) :: grid
      include '../settings.inc'
      character*26 folders(3)
      data folders/' ', '../../../lib/Pdfdata/', '../../lib/Pdfdata/'/
      character(len=:), allocatable :: path, message
      logical found
      integer i

      do i = 1, 3
        if (i.eq.1.neqv.pdf_file(1:1).eq.'/') cycle
        path = trim(folders(i))//trim(pdf_file)
        inquire(file=path, exist=found)
        if (found) exit
      enddo
      call read_grid(path, grid, message)
      if (message.ne.'') then
        write(0, '(2a)') 'pdf_file: ', message
        stop 1
      endif
      end


c     The NNPDF grids that come with MadEvent.
      subroutine meb_glue_pdf()
      implicit none
      include 'maxparticles.inc'
@vector_include@
      include 'run.inc'
      include '../../Source/PDF/pdf.inc'
      integer*8 one
      parameter (one=1)
      integer nfl, nx, nq2, mem, rep
      double precision alphas
      double precision xgrid(100), logxgrid(100)
      double precision q2grid(60), logq2grid(60)
      double precision pdfgrid(0:100,14,100,60)
      logical hasphoton
      common /nnpdf/ nfl, nx, nq2, mem, rep, hasphoton, alphas, xgrid,
     $   logxgrid, q2grid, logq2grid, pdfgrid
      interface
        subroutine real_evolve() bind(C, name='__real_nnevolvepdf_')
        end subroutine
        subroutine real_density() bind(C, name='__real_pdg2pdf_')
        end subroutine
      end interface
      external meb_glue_polint
      call meb_glue_place('NN_NFL', loc(nfl), sizeof(nfl))
      call meb_glue_place('NN_NX', loc(nx), sizeof(nx))
      call meb_glue_place('NN_NQ2', loc(nq2), sizeof(nq2))
      call meb_glue_place('NN_MEM', loc(mem), sizeof(mem))
      call meb_glue_place('NN_REP', loc(rep), sizeof(rep))
      call meb_glue_place('NN_HASPHOTON', loc(hasphoton),
     $   sizeof(hasphoton))
      call meb_glue_place('NN_ALPHAS', loc(alphas), sizeof(alphas))
      call meb_glue_place('NNEVOLVEPDF', loc(real_evolve), one)
      call meb_glue_place('PDG2PDF', loc(real_density), one)
      call meb_glue_place('PDLABEL', loc(pdlabel), sizeof(pdlabel))
      call meb_glue_place('PDSUBLABEL', loc(pdsublabel),
     $   sizeof(pdsublabel))
      call meb_glue_place('NB_PROTON', loc(nb_proton),
     $   sizeof(nb_proton))
      call meb_glue_place('NB_NEUTRON', loc(nb_neutron),
     $   sizeof(nb_neutron))
      call meb_glue_place('NN_FAILURE', loc(meb_glue_polint), one)
      end

      subroutine meb_glue_polint()
      implicit none
      write (*,*) 'failure in polint'
      stop
      end

c     Finds the grid as the driver does, and says what it says.
      subroutine meb_nnpdf_driver(gridfilename)
      implicit none
      character*(*) gridfilename
      character*1000 path
      logical known
      integer iu, meb_glue_read_pdf
      common /iu/ iu
      external meb_glue_read_pdf
      call meb_glue_setup()
      write (6,*) ' ****************************************'
      write (6,*) ''
      write (6,*) '      NNPDFDriver version 1.0.3'
      write (6,*) '  Grid: ', gridfilename
      write (6,*) ' ****************************************'
      call OpenData(gridfilename)
      inquire (unit=iu, named=known, name=path)
      close (iu)
      if (known) then
        if (meb_glue_read_pdf(trim(path)//char(0)) .eq. 1) return
      endif
      call meb_nnpdf_start()
      call readPDFSet(gridfilename)
      end

c     What the driver's COMMON holds before a grid is read.
      subroutine meb_nnpdf_start()
      implicit none
      integer nfl, nx, nq2, mem, rep
      double precision alphas
      double precision xgrid(100), logxgrid(100)
      double precision q2grid(60), logq2grid(60)
      double precision pdfgrid(0:100,14,100,60)
      logical hasphoton
      common /nnpdf/ nfl, nx, nq2, mem, rep, hasphoton, alphas, xgrid,
     $   logxgrid, q2grid, logq2grid, pdfgrid
      nfl = 13
      nx = 100
      nq2 = 60
      mem = 1
      rep = 0
      alphas = 0
      end

      subroutine meb_wrap_nnevolvepdf(x, q, xpdf)
     $   bind(C, name='__wrap_nnevolvepdf_')
      implicit none
      double precision x, q, xpdf(-6:7)
      call meb_glue_setup()
      call meb_glue_nnevolvepdf(x, q, xpdf)
      end
@density_wrap@

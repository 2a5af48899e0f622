C     The event loop: points, one after the other, until itmax iterations
C     are done
      subroutine sample_full(ndim, ncall, itmax, itmn, dsig, ninvar, nconfigs)
      implicit none
      include 'genps.inc'
      include 'sampling.inc'
      integer ndim, ncall, itmax, itmn, ninvar, nconfigs
      double precision dsig
      external dsig
      integer mincfig, maxcfig
      common/to_configs/mincfig, maxcfig
      logical pass_point
      external pass_point
      double precision x(maxinvar), wgt, p(4*maxdim/3+14), fx
      integer iteration, ipole, ntried

      itmin = itmn
      call sample_init(ndim, ncall, itmax, ninvar, nconfigs)
      ntried = 0
      iteration = 1
      do while (iteration.le.itmax)
        call sample_get_config(wgt, iteration, ipole)
        ntried = ntried+1
        call x_to_f_arg(ndim, ipole, mincfig, maxcfig, ninvar, wgt, x, p)
        if (pass_point(p)) then
          fx = dsig(p, wgt, 0)
          wgt = wgt*fx
        else
          wgt = 0d0
        endif
        call sample_put_point(wgt, x, iteration, ipole)
      enddo
      call write_results(ntried)
      end

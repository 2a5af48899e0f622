C     The sampling's book-keeping; the loop is in sample.f. An iteration
C     ends when `events` of its points had a weight.

      subroutine sample_init(ndim, ncall, itmax, ninvar, nconfigs)
      use discretesampler
      use adaptive_grid, only: uniform_edges
      use event_store, only: begin_events, begin_iteration
      implicit none
      integer ndim, ncall, itmax, ninvar, nconfigs
      include 'genps.inc'
      include 'sampling.inc'
      double precision tmean, trmean, tsigma
      integer dim, events, itm, kn, cur_it, invar, configs
      common/sample_common/tmean, trmean, tsigma, dim, events, itm, kn,
     &     cur_it, invar, configs
      integer ituple
      common/to_random/ituple
      logical zooming
      common/to_zoomchoice/zooming
      logical cutsdone, cutspassed
      common/to_cutsdone/cutsdone, cutspassed
      integer j

      if (ds_get_dim_status('Helicity').ne.-1) stop 'helicities are summed here, not sampled'
C     Random numbers come from RANMAR, no event is zoomed in on
      ituple = 1
      zooming = .false.
      cutsdone = .false.
      cutspassed = .false.
      dim = ndim
      events = ncall
      itm = itmax
      invar = ninvar
      configs = nconfigs
      cur_it = 1
      not_finite = 0
      target_weight = 0d0
      do j = 1, maxdim
        grid(:,j) = uniform_edges(ng)
      enddo
      call read_grid()
      call begin_events()
      call begin_iteration(1, target_weight)
      call clear_sums()
      end

      subroutine clear_sums()
      implicit none
      include 'genps.inc'
      double precision tmean, trmean, tsigma
      integer dim, events, itm, kn, cur_it, invar, configs
      common/sample_common/tmean, trmean, tsigma, dim, events, itm, kn,
     &     cur_it, invar, configs
      double precision grid2(0:ng,maxinvar)
      integer inon_zero(ng,maxinvar), non_zero
      common/to_grid2/grid2, inon_zero, non_zero

      tmean = 0d0
      trmean = 0d0
      tsigma = 0d0
      kn = 0
      non_zero = 0
      grid2(:,:) = 0d0
      inon_zero(:,:) = 0
      end

C     Starts the current iteration again; called by a matrix element that
C     has learnt its good helicities
      subroutine reset_cumulative_variable()
      use event_store, only: begin_iteration
      implicit none
      include 'genps.inc'
      include 'sampling.inc'
      double precision tmean, trmean, tsigma
      integer dim, events, itm, kn, cur_it, invar, configs
      common/sample_common/tmean, trmean, tsigma, dim, events, itm, kn,
     &     cur_it, invar, configs

      call begin_iteration(cur_it, target_weight)
      call clear_sums()
      end

C     Weight that a point starts with
      subroutine sample_get_config(wgt, iteration, iconfig)
      implicit none
      double precision wgt
      integer iteration, iconfig
      double precision tmean, trmean, tsigma
      integer dim, events, itm, kn, cur_it, invar, configs
      common/sample_common/tmean, trmean, tsigma, dim, events, itm, kn,
     &     cur_it, invar, configs
      integer mincfig, maxcfig
      common/to_configs/mincfig, maxcfig

      wgt = 1d0/(dble(events)*itm)
      iconfig = mincfig
      end

C     The weight of a point, wgt, as an estimate of the cross-section
      double precision function sample_estimate(wgt)
      implicit none
      double precision wgt
      double precision tmean, trmean, tsigma
      integer dim, events, itm, kn, cur_it, invar, configs
      common/sample_common/tmean, trmean, tsigma, dim, events, itm, kn,
     &     cur_it, invar, configs

      sample_estimate = wgt*(dble(events)*itm)
      end

C     Number in [0, 1] for dimension j
      subroutine sample_get_x(wgt, x, j)
      use adaptive_grid, only: place
      implicit none
      double precision wgt, x
      integer j
      include 'genps.inc'
      include 'sampling.inc'
      integer lastbin(maxdim)
      common/to_lastbin/lastbin
      double precision r, jacobian

      call ranmar(r)
      call place(grid(:,j), r, x, lastbin(j), jacobian)
      wgt = wgt*jacobian
      end

C     Adds a point; the last one of an iteration closes it
      subroutine sample_put_point(wgt, point, iteration, ipole)
      use, intrinsic :: ieee_arithmetic, only: ieee_is_finite
      implicit none
      double precision wgt, point(*)
      integer iteration, ipole
      include 'genps.inc'
      include 'sampling.inc'
      double precision tmean, trmean, tsigma
      integer dim, events, itm, kn, cur_it, invar, configs
      common/sample_common/tmean, trmean, tsigma, dim, events, itm, kn,
     &     cur_it, invar, configs
      double precision grid2(0:ng,maxinvar)
      integer inon_zero(ng,maxinvar), non_zero
      common/to_grid2/grid2, inon_zero, non_zero
      integer lastbin(maxdim)
      common/to_lastbin/lastbin
      double precision sample_estimate
      external sample_estimate
      double precision estimate
      integer j

      kn = kn+1
      estimate = sample_estimate(wgt)
      if (.not.ieee_is_finite(estimate)) then
        not_finite = not_finite+1
        estimate = 0d0
      endif
      if (estimate.ne.0d0) then
        non_zero = non_zero+1
        tmean = tmean+abs(estimate)
        trmean = trmean+estimate
        tsigma = tsigma+estimate**2
        do j = 1, dim
          grid2(lastbin(j),j) = grid2(lastbin(j),j)+estimate**2
          inon_zero(lastbin(j),j) = inon_zero(lastbin(j),j)+1
        enddo
      endif
      if (non_zero.ge.events.or.kn.gt.200*events) call close_iteration(iteration)
      end

C     Result of an iteration, and what the next one starts from
      subroutine close_iteration(iteration)
      use adaptive_grid, only: adapted_edges
      use event_store, only: begin_iteration, end_iteration, next_target
      implicit none
      integer iteration
      include 'genps.inc'
      include 'sampling.inc'
      double precision tmean, trmean, tsigma
      integer dim, events, itm, kn, cur_it, invar, configs
      common/sample_common/tmean, trmean, tsigma, dim, events, itm, kn,
     &     cur_it, invar, configs
      double precision grid2(0:ng,maxinvar)
      integer inon_zero(ng,maxinvar), non_zero
      common/to_grid2/grid2, inon_zero, non_zero
      logical sampling_done
      external sampling_done
      double precision unbiased
      integer j

C     It ended with a point that had a weight: that one is left out (J.B.S.
C     Haldane, Biometrika 33 (1945) 222)
      unbiased = 1d0
      if (non_zero.ge.events.and.kn.gt.1) unbiased = (1d0-1d0/non_zero)/(1d0-1d0/kn)
      xmean(cur_it) = unbiased*tmean/kn
      xrmean(cur_it) = unbiased*trmean/kn
      xsigma(cur_it) = sqrt(max(tsigma/kn-(tmean/kn)**2, 0d0)/kn)
      xtarget(cur_it) = target_weight
      npoints(cur_it) = kn
      npassed(cur_it) = non_zero
      write(*, '(a,i3,2(a,i9),2(a,es14.6),a)') ' iteration', cur_it, ': ', non_zero, ' of ', kn, ' points, ',
     &     xmean(cur_it), ' +- ', xsigma(cur_it), ' pb'
      call end_iteration(kn)
      if (grid_mode.eq.2) then
        do j = 1, dim
          grid(:,j) = adapted_edges(grid(:,j), grid2(1:ng,j))
        enddo
        if (non_zero.gt.0) target_weight = next_target()
        if (non_zero.ge.events.and.events.lt.500000) events = 2*events
      endif
      iteration = iteration+1
      if (sampling_done()) iteration = itm+1
      if (iteration.le.itm) then
        cur_it = cur_it+1
        call begin_iteration(cur_it, target_weight)
        call clear_sums()
      endif
      end

C     Whether what the job was asked for has been reached
      logical function sampling_done()
      use event_store, only: n_kept
      implicit none
      include 'genps.inc'
      include 'sampling.inc'
      double precision tmean, trmean, tsigma
      integer dim, events, itm, kn, cur_it, invar, configs
      common/sample_common/tmean, trmean, tsigma, dim, events, itm, kn,
     &     cur_it, invar, configs
      double precision mean, rmean, sigma, chi2

      sampling_done = .true.
      if (grid_mode.eq.-2) return
      call mean_of_iterations(mean, rmean, sigma, chi2)
C     Nothing contributes, or the grid is worth nothing
      if (mean.eq.0d0) return
      sampling_done = .false.
      if (cur_it.lt.itmin) return
      if (accuracy.gt.0d0) sampling_done = sigma.le.accuracy*mean
      if (accuracy.lt.0d0) sampling_done = n_kept.ge.-accuracy*mean
      end

C     Cross-section (pb) of absolute values, with sign, error of the
C     first, chi^2 per degree of freedom. Iterations count with the square
C     of their number of points with weight, which is known beforehand:
C     weights from their errors, which follow their results, would bias
      subroutine mean_of_iterations(mean, rmean, sigma, chi2)
      implicit none
      double precision mean, rmean, sigma, chi2
      include 'genps.inc'
      include 'sampling.inc'
      double precision tmean, trmean, tsigma
      integer dim, events, itm, kn, cur_it, invar, configs
      common/sample_common/tmean, trmean, tsigma, dim, events, itm, kn,
     &     cur_it, invar, configs
      double precision weight(max_iterations)
      integer first, i

      first = 1
      if (grid_mode.eq.2) first = min(2, cur_it)
      weight(:) = 0d0
      chi2 = 0d0
      do i = first, cur_it
        weight(i) = dble(npassed(i))**2
      enddo
      if (sum(weight).gt.0d0) weight = weight/sum(weight)
      mean = sum(xmean(1:cur_it)*weight(1:cur_it))
      rmean = sum(xrmean(1:cur_it)*weight(1:cur_it))
      sigma = sqrt(sum((xsigma(1:cur_it)*weight(1:cur_it))**2))
      do i = first, cur_it
        if (xsigma(i).gt.0d0) chi2 = chi2+((xmean(i)-mean)/xsigma(i))**2/max(cur_it-first, 1)
      enddo
      end

C     Leaves events.lhe, results.dat and ftn26
      subroutine write_results(ntried)
      use event_store, only: n_kept, write_events
      use text_output, only: close_text, open_text
      implicit none
      integer ntried
      include 'genps.inc'
      include 'sampling.inc'
      double precision tmean, trmean, tsigma
      integer dim, events, itm, kn, cur_it, invar, configs
      common/sample_common/tmean, trmean, tsigma, dim, events, itm, kn,
     &     cur_it, invar, configs
      real xran1
      external xran1
      double precision mean, rmean, sigma, chi2, luminosity, weight
      integer nwritten, i, unit, status

      call mean_of_iterations(mean, rmean, sigma, chi2)
      call write_events('events.lhe', xran1, nwritten, luminosity, weight)
      call open_text('results.dat', unit)
      write(unit, '(2es14.6,i3,3i10,i10,5es14.6)', iostat=status) mean, sigma, 0, ntried, n_kept, cur_it, nwritten,
     &     luminosity, weight, rmean, 0d0, 0d0
      do i = 1, cur_it
        write(unit, '(i4,5es15.6)', iostat=status) i, xmean(i), xsigma(i), npassed(i)/dble(npoints(i)), xtarget(i), xrmean(i)
      enddo
      call close_text('results.dat', unit)
      call write_grid()
      write(*, '(2(a,es14.6),a)') ' cross-section ', rmean, ' +- ', sigma, ' pb'
      write(*, '(a,f8.3)') ' chi^2 per degree of freedom ', chi2
      write(*, '(i9,a,es14.6,a)') nwritten, ' events, luminosity ', luminosity, ' / pb'
      if (not_finite.gt.0) write(*, '(i9,a)') not_finite, ' points were not finite and count as zero'
      end

C     ftn26: the grid as text, exactly
      subroutine write_grid()
      use text_output, only: close_text, open_text
      implicit none
      include 'genps.inc'
      include 'sampling.inc'
      double precision tmean, trmean, tsigma
      integer dim, events, itm, kn, cur_it, invar, configs
      common/sample_common/tmean, trmean, tsigma, dim, events, itm, kn,
     &     cur_it, invar, configs
      integer unit, status

      call open_text('ftn26', unit)
      write(unit, '(2i6,es25.16e3)', iostat=status) dim, ng, target_weight
      write(unit, '(4es25.16e3)', iostat=status) grid(:,1:dim)
      call close_text('ftn26', unit)
      end

C     ftn25: needed where the grid is fixed
      subroutine read_grid()
      implicit none
      include 'genps.inc'
      include 'sampling.inc'
      double precision tmean, trmean, tsigma
      integer dim, events, itm, kn, cur_it, invar, configs
      common/sample_common/tmean, trmean, tsigma, dim, events, itm, kn,
     &     cur_it, invar, configs
      integer ndim, nbin, status

      open(unit=25, file='ftn25', status='old', iostat=status)
      if (status.ne.0) then
        if (grid_mode.eq.2) return
        write(0, '(a)') 'ftn25: a fixed grid is asked for, but there is none'
        stop 1
      endif
      read(25, *, iostat=status) ndim, nbin, target_weight
      if (ndim.ne.dim.or.nbin.ne.ng) status = 1
      if (status.eq.0) read(25, *, iostat=status) grid(:,1:dim)
      close(25)
      if (status.ne.0) then
        write(0, '(a)') 'ftn25: this is not a grid of this subprocess'
        stop 1
      endif
      end

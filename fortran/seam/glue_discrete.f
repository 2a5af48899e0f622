
c     The choice among subprocesses and helicities: DiscreteSampler's
c     busiest procedures without copies of whole dimensions. Compiled
c     with the directory's own module, so layouts are its own. What is
c     rare or wrong goes to the module's procedure.
      subroutine meb_glue_discrete()
      end

      logical function meb_ds_on()
      implicit none
      integer on, meb_glue_wants
      external meb_glue_wants
      save on
      data on /-1/
      if (on .lt. 0) then
        call meb_glue_setup()
        on = meb_glue_wants('discrete'//char(0))
      endif
      meb_ds_on = on .eq. 1
      end

c     Whether a dimension's name, of n characters, is `name`.
      logical function meb_ds_is(stored, n, name)
      implicit none
      integer n
      character*1 stored(n)
      character*(*) name
      interface
        integer function memcmp(a, b, n) bind(C, name='memcmp')
          character a(*), b(*)
          integer*8, value :: n
        end function
      end interface
      meb_ds_is = n .eq. len(name)
      if (meb_ds_is)
     $   meb_ds_is = memcmp(stored, name, len(name, 8)) .eq. 0
      end

c     Place of a dimension in the running grid; -1: it is not there.
      integer function meb_ds_run_index(name)
      use DiscreteSampler, only: run_grid
      implicit none
      character*(*) name
      logical meb_ds_is
      integer i
      meb_ds_run_index = -1
      if (.not. allocated(run_grid)) return
      do i = 1, size(run_grid)
        if (meb_ds_is(run_grid(i)%dimension_name,
     $     size(run_grid(i)%dimension_name), name)) then
          meb_ds_run_index = i
          return
        endif
      enddo
      end

c     The same in the reference grid.
      integer function meb_ds_ref_index(name)
      use DiscreteSampler, only: ref_grid
      implicit none
      character*(*) name
      logical meb_ds_is
      integer i
      meb_ds_ref_index = -1
      if (.not. allocated(ref_grid)) return
      do i = 1, size(ref_grid)
        if (meb_ds_is(ref_grid(i)%dimension_name,
     $     size(ref_grid(i)%dimension_name), name)) then
          meb_ds_ref_index = i
          return
        endif
      enddo
      end

c     Place of a bin among the n of a dimension; -1: it is not there.
      integer function meb_ds_find(bins, n, id)
      use DiscreteSampler, only: bin
      implicit none
      integer n, id, i
      type(bin) bins(n)
      if (id .ge. 1 .and. id .le. n) then
        if (bins(id)%bid%id .eq. id) then
          meb_ds_find = id
          return
        endif
      endif
      do i = 1, n
        if (bins(i)%bid%id .eq. id) then
          meb_ds_find = i
          return
        endif
      enddo
      meb_ds_find = -1
      end

      integer function meb_ds_bin_index(d, id)
      use DiscreteSampler, only: run_grid
      implicit none
      integer d, id, meb_ds_find
      meb_ds_bin_index = meb_ds_find(run_grid(d)%bins,
     $   size(run_grid(d)%bins), id)
      end

      integer function meb_ds_dim_index(grid, dim_name, force)
      use DiscreteSampler, only: sampledDimension,
     $   DS_dim_index_default, DS_dim_index_with_force_with_chararray
      implicit none
      type(sampledDimension), allocatable, intent(in) :: grid(:)
      character(len=*), intent(in) :: dim_name
      logical force
      logical meb_ds_on
      character, allocatable :: letters(:)
      integer i
      logical meb_ds_is
      if (.not. meb_ds_on()) then
        allocate(letters(len(dim_name)))
        do i = 1, len(dim_name)
          letters(i) = dim_name(i:i)
        enddo
        meb_ds_dim_index = DS_dim_index_with_force_with_chararray(grid,
     $     letters, force)
        return
      endif
      meb_ds_dim_index = -1
      if (.not. allocated(grid)) return
      do i = 1, size(grid)
        if (meb_ds_is(grid(i)%dimension_name,
     $     size(grid(i)%dimension_name), dim_name)) then
          meb_ds_dim_index = i
          return
        endif
      enddo
      if (.not. force)
     $   meb_ds_dim_index = DS_dim_index_default(grid, dim_name)
      end

      integer function meb_ds_status(grid_name)
      use DiscreteSampler, only: ref_grid, run_grid, bin,
     $   DS_get_bin_from_binID
      implicit none
      character(len=*), intent(in) :: grid_name
      integer ref, run, i, b
      integer meb_ds_ref_index, meb_ds_run_index, meb_ds_bin_index
      type(bin) missing
      logical meb_ds_on
      interface
        integer function real_status(name, length) bind(C, name=
     $     '__real___discretesampler_MOD_ds_get_dim_status')
          character name(*)
          integer*8, value :: length
        end function
      end interface
      if (.not. meb_ds_on()) then
        meb_ds_status = real_status(grid_name, len(grid_name, 8))
        return
      endif
      meb_ds_status = -1
      ref = meb_ds_ref_index(grid_name)
      run = meb_ds_run_index(grid_name)
      if (ref .eq. -1 .or. run .eq. -1) return
      meb_ds_status = 1
      if (ref_grid(ref)%n_tot_entries .ne. 0) return
      meb_ds_status = 0
      if (size(run_grid(run)%bins) .eq. 0) return
      do i = 1, size(ref_grid(ref)%bins)
        b = meb_ds_bin_index(run, ref_grid(ref)%bins(i)%bid%id)
        if (b .eq. -1) missing = DS_get_bin_from_binID(
     $     run_grid(run)%bins, ref_grid(ref)%bins(i)%bid)
        if (run_grid(run)%bins(b)%n_entries .lt.
     $     ref_grid(ref)%min_bin_probing_points) return
      enddo
      meb_ds_status = 1
      end

      subroutine meb_ds_add_entry(dim_name, id, weight, reset)
      use DiscreteSampler, only: run_grid, DS_binID,
     $   DS_add_entry_with_binID
      implicit none
      character(len=*), intent(in) :: dim_name
      integer id
      real*8 weight
      logical, optional :: reset
      logical is_reset, meb_ds_on
      integer d, b, meb_ds_run_index, meb_ds_bin_index
      is_reset = .false.
      if (present(reset)) is_reset = reset
      b = -1
      if (meb_ds_on()) then
        d = meb_ds_run_index(dim_name)
        if (d .ne. -1) b = meb_ds_bin_index(d, id)
      endif
      if (b .eq. -1) then
        call DS_add_entry_with_binID(dim_name, DS_binID(id), weight,
     $     is_reset)
        return
      endif
      call meb_ds_update(run_grid(d), run_grid(d)%bins(b), weight,
     $   is_reset)
      end

c     Takes a bin out of its dimension's sums, changes it, adds it.
      subroutine meb_ds_update(all, one, weight, is_reset)
      use DiscreteSampler, only: sampledDimension, bin
      implicit none
      type(sampledDimension) all
      type(bin) one
      real*8 weight
      logical is_reset
      integer n
      n = one%n_entries
      all%norm = all%norm - one%weight
      all%norm_sqr = all%norm_sqr - one%weight_sqr
      all%abs_norm = all%abs_norm - one%abs_weight
      all%variance_norm = all%variance_norm -
     $   ((one%weight_sqr - one%weight**2) * n) / (n+1)
      all%n_tot_entries = all%n_tot_entries - n
      if (is_reset) then
        one%weight = weight
        one%weight_sqr = weight**2
        one%abs_weight = abs(weight)
        n = all%min_bin_probing_points
      else
        one%weight = (one%weight*n + weight) / (n+1)
        one%weight_sqr = (one%weight_sqr*n + weight**2) / (n+1)
        one%abs_weight = (one%abs_weight*n + abs(weight)) / (n+1)
        n = n + 1
      endif
      one%n_entries = n
      all%norm = all%norm + one%weight
      all%norm_sqr = all%norm_sqr + one%weight_sqr
      all%abs_norm = all%abs_norm + one%abs_weight
      all%variance_norm = all%variance_norm +
     $   ((one%weight_sqr - one%weight**2) * n) / (n+1)
      all%n_tot_entries = all%n_tot_entries + n
      end

      subroutine meb_ds_get_point(dim_name, random_variable, id,
     $   jacobian, mode, convoluted)
      use DiscreteSampler, only: binID, DS_get_point_with_binID
      implicit none
      character(len=*), intent(in) :: dim_name
      real*8, intent(in) :: random_variable
      integer, intent(out) :: id
      real*8, intent(out) :: jacobian
      character(len=*), intent(in), optional :: mode
      character(len=*), intent(in), optional :: convoluted(:)
      type(binID) picked
      logical is_done, meb_ds_on, meb_ds_pick
      is_done = meb_ds_on()
      if (is_done .and. present(mode)) is_done = mode .eq. 'norm'
      if (is_done .and. present(convoluted))
     $   is_done = size(convoluted) .eq. 1
      if (is_done) then
        if (present(convoluted)) then
          is_done = meb_ds_pick(dim_name, random_variable, .true.,
     $       convoluted(1), id, jacobian)
        else
          is_done = meb_ds_pick(dim_name, random_variable, .false.,
     $       ' ', id, jacobian)
        endif
      endif
      if (is_done) return
      call DS_get_point_with_binID(dim_name, random_variable, picked,
     $   jacobian, mode, convoluted)
      id = picked%id
      end

c     A bin of a filled dimension by the size of its weight, times that
c     of the bin in another dimension if is_product. False: one of the
c     cases that the module treats in its own way.
      logical function meb_ds_pick(name, random_variable, is_product,
     $   other, id, jacobian)
      use DiscreteSampler, only: ref_grid, run_grid
      implicit none
      integer most
      parameter (most=1024)
      character*(*) name, other
      real*8 random_variable, jacobian, norm, bound, part
      logical is_product
      integer id, ref, run, second, i, b
      integer meb_ds_ref_index, meb_ds_run_index, meb_ds_bin_index
      real*8 factor(most)
      save factor
      meb_ds_pick = .false.
      ref = meb_ds_ref_index(name)
      run = meb_ds_run_index(name)
      if (ref .eq. -1 .or. run .eq. -1) return
      if (ref_grid(ref)%n_tot_entries .eq. 0) return
      if (run_grid(run)%small_contrib_threshold .ne. 0d0) return
      if (size(ref_grid(ref)%bins) .gt. most) return
      norm = ref_grid(ref)%abs_norm
      if (is_product) then
        second = meb_ds_run_index(other)
        if (second .eq. -1) return
        norm = 0d0
        do i = 1, size(ref_grid(ref)%bins)
          b = meb_ds_bin_index(second, ref_grid(ref)%bins(i)%bid%id)
          if (b .eq. -1) return
          factor(i) = run_grid(second)%bins(b)%abs_weight
          norm = norm + factor(i)*ref_grid(ref)%bins(i)%abs_weight
        enddo
      endif
      if (norm .eq. 0d0) return
      bound = 0d0
      do i = 1, size(ref_grid(ref)%bins)
        if (is_product) then
          part = ref_grid(ref)%bins(i)%abs_weight * (factor(i)/norm)
        else
          part = ref_grid(ref)%bins(i)%abs_weight * (1d0/norm)
        endif
        bound = bound + part
        if (random_variable .lt. bound) then
          id = ref_grid(ref)%bins(i)%bid%id
          jacobian = 1d0/part
          meb_ds_pick = .true.
          return
        endif
      enddo
      end

!> Parton densities of a grid file in LHAPDF's format lhagrid1 (A. Buckley et al., arXiv:1412.7420).
module lhagrid
  use, intrinsic :: iso_fortran_env, only: iostat_end, iostat_eor
  implicit none
  private
  public :: grid_t, read_grid, momentum_density

  integer, parameter :: dp = kind(1d0)

  !> Knots in Q between two flavour thresholds.
  type :: subgrid_t
    real(dp), allocatable :: log_x(:), log_q2(:)
    !> x f(x, Q) of (flavour, Q, x)
    real(dp), allocatable :: values(:, :, :)
  end type subgrid_t

  type :: grid_t
    integer, allocatable :: pdg_ids(:)
    type(subgrid_t), allocatable :: subgrids(:)
  end type grid_t

contains

  !> Reads a grid; message is empty, or says what is wrong.
  subroutine read_grid(path, grid, message)
    character(len=*), intent(in) :: path
    type(grid_t), intent(out) :: grid
    character(len=:), allocatable, intent(out) :: message
    character(len=:), allocatable :: line
    logical :: ended
    integer :: unit, status

    message = ''
    allocate (grid%subgrids(0))
    open (newunit=unit, file=path, status='old', action='read', iostat=status)
    if (status /= 0) then
      message = trim(path)//': cannot be read'
      return
    end if
    line = ''
    ended = .false.
    do while (line /= '---' .and. .not. ended)
      call read_line(unit, line, ended)
    end do
    do while (.not. ended .and. message == '')
      call read_subgrid(unit, grid, ended, message)
    end do
    close (unit)
    if (message == '' .and. size(grid%subgrids) == 0) message = 'no grid in lhagrid1 format'
    if (message /= '') message = trim(path)//': '//message
  end subroutine read_grid

  subroutine read_subgrid(unit, grid, ended, message)
    integer, intent(in) :: unit
    type(grid_t), intent(inout) :: grid
    logical, intent(out) :: ended
    character(len=:), allocatable, intent(inout) :: message
    type(subgrid_t) :: subgrid
    character(len=:), allocatable :: line
    real(dp), allocatable :: x(:), q(:), ids(:), values(:, :, :)
    logical, allocatable :: keep_x(:), keep_q(:)
    integer :: status, i

    call read_line(unit, line, ended)
    if (ended .or. line == '') return
    x = numbers(line)
    call read_line(unit, line, ended)
    q = numbers(line)
    call read_line(unit, line, ended)
    ids = numbers(line)
    if (size(x) < 4 .or. size(q) < 2 .or. size(ids) < 1) then
      message = 'a subgrid has too few knots, or its knots are not numbers'
      return
    end if
    if (x(1) <= 0 .or. q(1) <= 0 .or. any(x(2:) < x(:size(x) - 1)) .or. any(q(2:) < q(:size(q) - 1))) then
      message = 'knots are not positive and in increasing order'
      return
    end if
    allocate (values(size(ids), size(q), size(x)))
    read (unit, *, iostat=status) values
    if (status /= 0) then
      message = 'a subgrid ends too early, or holds something that is no number'
      return
    end if
    call read_line(unit, line, ended)
    if (line /= '---') then
      message = 'a subgrid does not end with ---'
      return
    end if
    ! of equal knots the first
    keep_x = [.true., x(2:) > x(:size(x) - 1)]
    keep_q = [.true., q(2:) > q(:size(q) - 1)]
    subgrid%log_x = log(pack(x, keep_x))
    subgrid%log_q2 = 2*log(pack(q, keep_q))
    subgrid%values = values(:, pack([(i, i=1, size(q))], keep_q), pack([(i, i=1, size(x))], keep_x))
    if (.not. allocated(grid%pdg_ids)) grid%pdg_ids = merge(21, nint(ids), nint(ids) == 0)
    if (size(grid%pdg_ids) /= size(ids)) then
      message = 'subgrids have different partons'
      return
    end if
    grid%subgrids = [grid%subgrids, subgrid]
  end subroutine read_subgrid

  !> A line of any length, without blanks around it.
  subroutine read_line(unit, line, ended)
    integer, intent(in) :: unit
    character(len=:), allocatable, intent(out) :: line
    logical, intent(out) :: ended
    character(len=4096) :: part
    integer :: length, status

    line = ''
    do
      read (unit, '(a)', advance='no', size=length, iostat=status) part
      line = line//part(:length)
      if (status /= 0) exit
    end do
    ended = status /= iostat_eor
    line = trim(adjustl(line))
  end subroutine read_line

  !> The numbers of a line; none if something else is there.
  function numbers(line)
    character(len=*), intent(in) :: line
    real(dp), allocatable :: numbers(:)
    integer :: i, n, status
    logical :: before, now

    n = 0
    before = .false.
    do i = 1, len(line)
      now = line(i:i) /= ' ' .and. line(i:i) /= achar(9)
      if (now .and. .not. before) n = n + 1
      before = now
    end do
    allocate (numbers(n))
    read (line, *, iostat=status) numbers
    if (status /= 0) numbers = numbers(:0)
  end function numbers

  !> x f(x, Q) of a parton (21 or 0: gluon); Q in GeV. Outside of the grid the value at its border; 0 for
  !> x > 1 and for partons that are not in the grid.
  pure real(dp) function momentum_density(grid, pdg_id, x, q)
    type(grid_t), intent(in) :: grid
    integer, intent(in) :: pdg_id
    real(dp), intent(in) :: x, q
    real(dp) :: log_q2
    integer :: flavor, i, n

    momentum_density = 0
    flavor = findloc(grid%pdg_ids, merge(21, pdg_id, pdg_id == 0), 1)
    if (flavor == 0 .or. x > 1 .or. x <= 0) return
    n = size(grid%subgrids)
    log_q2 = max(2*log(q), grid%subgrids(1)%log_q2(1))
    ! a knot that two share belongs to the upper one
    do i = n, 2, -1
      if (log_q2 >= grid%subgrids(i)%log_q2(1)) exit
    end do
    associate (s => grid%subgrids(max(i, 1)))
      momentum_density = interpolated(s, flavor, min(max(log(x), s%log_x(1)), s%log_x(size(s%log_x))), &
                                      min(log_q2, s%log_q2(size(s%log_q2))))
    end associate
  end function momentum_density

  !> Cubic in both directions; linear in both where there are fewer than four knots in Q.
  pure real(dp) function interpolated(s, flavor, log_x, log_q2)
    type(subgrid_t), intent(in) :: s
    integer, intent(in) :: flavor
    real(dp), intent(in) :: log_x, log_q2
    real(dp) :: at_knots(4)
    integer :: ix, iq, k

    ix = interval(s%log_x, log_x)
    iq = interval(s%log_q2, log_q2)
    if (size(s%log_q2) < 4) then
      do k = 0, 1
        at_knots(k + 1) = linear(s%log_x(ix:ix + 1), s%values(flavor, iq + k, ix:ix + 1), log_x)
      end do
      interpolated = linear(s%log_q2(iq:iq + 1), at_knots(1:2), log_q2)
      return
    end if
    do k = 1, 4
      if (iq + k - 2 < 1 .or. iq + k - 2 > size(s%log_q2)) cycle
      at_knots(k) = cubic(s%log_x, ix, neighbours(s%values(flavor, iq + k - 2, :), ix), log_x)
    end do
    interpolated = cubic(s%log_q2, iq, at_knots, log_q2)
  end function interpolated

  !> Values at knots i-1 .. i+2, 0 where there is none.
  pure function neighbours(values, i) result(four)
    real(dp), intent(in) :: values(:)
    integer, intent(in) :: i
    real(dp) :: four(4)
    integer :: first, last

    first = max(i - 1, 1)
    last = min(i + 2, size(values))
    four = 0
    four(first - i + 2:last - i + 2) = values(first:last)
  end function neighbours

  !> i with knots(i) <= t < knots(i+1); the last interval for its upper end.
  pure integer function interval(knots, t)
    real(dp), intent(in) :: knots(:), t
    integer :: above, middle

    interval = 1
    above = size(knots)
    do while (above - interval > 1)
      middle = (interval + above)/2
      if (t >= knots(middle)) then
        interval = middle
      else
        above = middle
      end if
    end do
  end function interval

  !> Hermite polynomial between knots i and i+1, from values at i-1 .. i+2; its derivatives at a knot are
  !> the mean of the differences on both sides, or the one difference at an end.
  pure real(dp) function cubic(knots, i, values, t)
    real(dp), intent(in) :: knots(:), values(4), t
    integer, intent(in) :: i
    real(dp) :: width, u, slope, left, right

    width = knots(i + 1) - knots(i)
    slope = (values(3) - values(2))/width
    left = slope
    right = slope
    if (i > 1) left = (slope + (values(2) - values(1))/(knots(i) - knots(i - 1)))/2
    if (i + 2 <= size(knots)) right = (slope + (values(4) - values(3))/(knots(i + 2) - knots(i + 1)))/2
    u = (t - knots(i))/width
    cubic = (2*u**3 - 3*u**2 + 1)*values(2) + (u**3 - 2*u**2 + u)*width*left &
            + (3*u**2 - 2*u**3)*values(3) + (u**3 - u**2)*width*right
  end function cubic

  pure real(dp) function linear(knots, values, t)
    real(dp), intent(in) :: knots(2), values(2), t

    linear = values(1) + (values(2) - values(1))*(t - knots(1))/(knots(2) - knots(1))
  end function linear

end module lhagrid

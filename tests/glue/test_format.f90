! The formatter of event files against libgfortran, character by character.
! Argument: values for each descriptor (default 20000). Oracle: Fortran's own internal write and read.
program test_format
  use, intrinsic :: iso_c_binding, only: c_char, c_double, c_int
  use, intrinsic :: iso_fortran_env, only: int64, real64
  use, intrinsic :: ieee_arithmetic, only: ieee_value, ieee_quiet_nan, ieee_positive_inf, ieee_negative_inf
  implicit none
  interface
    subroutine write_e(to, value, width, n_digit, n_exponent) bind(c, name='meb_test_write_e')
      import :: c_char, c_double, c_int
      character(kind=c_char), intent(out) :: to(*)
      real(c_double), value :: value
      integer(c_int), value :: width, n_digit, n_exponent
    end subroutine
    subroutine write_i(to, value, width) bind(c, name='meb_test_write_i')
      import :: c_char, c_int
      character(kind=c_char), intent(out) :: to(*)
      integer(c_int), value :: value, width
    end subroutine
    subroutine write_f0(to, value, width) bind(c, name='meb_test_write_f0')
      import :: c_char, c_int
      character(kind=c_char), intent(out) :: to(*)
      integer(c_int), value :: value, width
    end subroutine
    function through(value, n_digit) bind(c, name='meb_test_through') result(answer)
      import :: c_double, c_int
      real(c_double), value :: value
      integer(c_int), value :: n_digit
      real(c_double) :: answer
    end function
  end interface
  ! Of each descriptor that MadEvent writes reals with, and narrow ones that overflow.
  integer, parameter :: n_format = 8
  character(12), parameter :: formats(n_format) = [character(12) :: '(e19.11)', '(e15.7)', '(e16.7e3)', &
    '(e15.8)', '(e13.5)', '(e14.8)', '(e13.7)', '(e8.3e1)']
  integer, parameter :: width(n_format) = [19, 15, 16, 15, 13, 14, 13, 8]
  integer, parameter :: digits(n_format) = [11, 7, 7, 8, 5, 8, 7, 3]
  integer, parameter :: exponent(n_format) = [0, 0, 3, 0, 0, 0, 0, 1]
  integer :: n_value, n_wrong, i, j
  character(20) :: argument

  n_value = 20000
  if (command_argument_count() > 0) then
    call get_command_argument(1, argument)
    read (argument, *) n_value
  end if
  n_wrong = 0
  call check_special()
  do i = 1, n_value
    call check_all(any_bits())
    call check_all(near_tie())
    call check_all(everyday())
  end do
  do i = -12000, 12000
    do j = 1, 11, 2
      call check_integer(i*37, j)
    end do
    call check_integer(i, 3)
  end do
  do i = -1200, 1200
    call check_f0(i, 4)
    call check_f0(i, 3)
  end do
  if (n_wrong > 0) then
    print '(i0,a)', n_wrong, ' texts differ'
    error stop 1
  end if
  print '(a,i0,a)', 'formatter: ', 3*n_value, ' values of each descriptor as libgfortran writes them'

contains

  subroutine check_special()
    real(real64) :: tens
    integer :: power
    character(8) :: text
    call check_all(ieee_value(0d0, ieee_quiet_nan))
    call check_all(ieee_value(0d0, ieee_positive_inf))
    call check_all(ieee_value(0d0, ieee_negative_inf))
    call check_all(0d0)
    call check_all(-0d0)
    call check_all(huge(0d0))
    call check_all(tiny(0d0))
    call check_all(transfer(1_int64, 0d0))
    call check_all(-transfer(4503599627370495_int64, 0d0))
    do power = -323, 308
      write (text, '(a,i0)') '1e', power
      read (text, *) tens
      call check_all(tens)
      call check_all(nearest(tens, 1d0))
      call check_all(nearest(tens, -1d0))
      call check_all(-9.99999999999999d0*tens*0.1d0)
    end do
  end subroutine

  ! Every exponent, denormals, not-finite ones.
  function any_bits() result(value)
    real(real64) :: value, parts(4)
    integer(int64) :: bits
    call random_number(parts)
    bits = ior(ishft(int(parts(1)*65536, int64), 48), ior(ishft(int(parts(2)*65536, int64), 32), &
      ior(ishft(int(parts(3)*65536, int64), 16), int(parts(4)*65536, int64))))
    value = transfer(bits, value)
  end function

  ! Halfway between two texts, exactly or one unit beside.
  function near_tie() result(value)
    real(real64) :: value, parts(4)
    integer :: n_digit, power
    call random_number(parts)
    n_digit = 1 + int(parts(1)*12)
    value = (aint(parts(2)*10d0**n_digit) + 0.5d0)
    power = int(parts(3)*24) - 12
    if (power >= 0) then
      value = value*10d0**power
    else
      value = value/2d0**(-power)
    end if
    if (parts(4) < 0.25d0) value = nearest(value, 1d0)
    if (parts(4) > 0.75d0) value = nearest(value, -1d0)
  end function

  ! Momenta, weights, scales.
  function everyday() result(value)
    real(real64) :: value, parts(3)
    call random_number(parts)
    value = (2*parts(1) - 1)*10d0**(parts(2)*24 - 18)
    if (parts(3) < 0.1d0) value = aint(value)
  end function

  subroutine check_all(value)
    real(real64), intent(in) :: value
    character(19) :: expected, got
    integer :: k
    real(real64) :: back
    do k = 1, n_format
      expected = ''
      got = ''
      write (expected, formats(k)) value
      call write_e(got, value, width(k), digits(k), exponent(k))
      if (got /= expected) call complain(trim(formats(k)), expected, got)
    end do
    if (abs(value) <= 1d300) then
      write (expected, '(e19.7e3)') value
      read (expected, *) back
      if (transfer(back, 1_int64) /= transfer(through(value, 7), 1_int64)) &
        call complain('through', expected, expected)
    end if
  end subroutine

  subroutine check_integer(value, size)
    integer, intent(in) :: value, size
    character(11) :: expected, got, form
    expected = ''
    got = ''
    write (form, '(a,i0,a)') '(i', size, ')'
    write (expected, form) value
    call write_i(got, value, size)
    if (got /= expected) call complain(form, expected, got)
  end subroutine

  subroutine check_f0(value, size)
    integer, intent(in) :: value, size
    character(4) :: expected, got, form*8
    expected = ''
    got = ''
    write (form, '(a,i0,a)') '(f', size, '.0)'
    write (expected, form) real(value)
    call write_f0(got, value, size)
    if (got /= expected) call complain(form, expected, got)
  end subroutine

  subroutine complain(form, expected, got)
    character(*), intent(in) :: form, expected, got
    n_wrong = n_wrong + 1
    if (n_wrong <= 20) print '(8a)', form, ': expected "', expected, '", got "', got, '"'
  end subroutine
end program

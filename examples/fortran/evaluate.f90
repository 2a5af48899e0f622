!> Prints the matrix element of each event: evaluate PROGRAM VALUES MOMENTA
!>
!> VALUES:  lines "NAME real imaginary", one for each parameter and coupling of the Program.
!> MOMENTA: lines "E px py pz" in GeV, n_leg for each event.
program evaluate
  use, intrinsic :: iso_fortran_env, only: error_unit
  use :: mebridge, only: &
    meb_program, meb_engine, meb_error, meb_real, meb_complex, meb_success, &
    meb_program_new, meb_program_delete, meb_program_get_size, meb_program_get_name, &
    meb_engine_new, meb_engine_delete, meb_engine_set_parameters, meb_engine_evaluate, &
    meb_size_leg, meb_name_parameter, meb_name_coupling, meb_name_running_coupling, &
    meb_size_parameter, meb_size_coupling, meb_size_running_coupling
  implicit none
  type(meb_program) :: process
  type(meb_engine) :: engine
  type(meb_error) :: error
  complex(meb_complex), allocatable :: parameter(:), coupling(:), running(:)
  real(meb_real), allocatable :: momenta(:, :, :), matrix_element(:)
  integer :: i, n_leg

  if (command_argument_count() /= 3) call fail("usage: evaluate PROGRAM VALUES MOMENTA")
  call meb_program_new(process, argument(1), error)
  call check()
  call meb_engine_new(engine, process, error=error)
  call check()

  call get_values(meb_size_parameter, meb_name_parameter, parameter)
  call get_values(meb_size_coupling, meb_name_coupling, coupling)
  call get_values(meb_size_running_coupling, meb_name_running_coupling, running)
  call meb_engine_set_parameters(engine, real(parameter, meb_real), coupling, error)
  call check()

  call meb_program_get_size(process, meb_size_leg, n_leg, error)
  call check()
  call read_momenta(argument(3), n_leg, momenta)
  allocate (matrix_element(size(momenta, 3)))
  call meb_engine_evaluate(engine, momenta, running_coupling_common=running, &
    matrix_element=matrix_element, error=error)
  call check()
  do i = 1, size(matrix_element)
    print "(es25.17e3)", matrix_element(i)
  end do

  call meb_engine_delete(engine)
  call meb_program_delete(process)

contains

  subroutine fail(message)
    character(len=*), intent(in) :: message

    write (error_unit, "(a)") message
    stop 1
  end subroutine fail

  !> Stops with the message of the last call, if it failed.
  subroutine check()
    if (error%status /= meb_success) call fail(error%message)
  end subroutine check

  function argument(number) result(text)
    integer, intent(in) :: number
    character(len=:), allocatable :: text
    integer :: length

    call get_command_argument(number, length=length)
    allocate (character(len=length) :: text)
    call get_command_argument(number, text)
  end function argument

  !> Values of a list of names of the Program, from the file of values.
  subroutine get_values(size_key, list, values)
    integer, intent(in) :: size_key
    integer, intent(in) :: list
    complex(meb_complex), allocatable, intent(out) :: values(:)
    character(len=:), allocatable :: name
    integer :: i, n

    call meb_program_get_size(process, size_key, n, error)
    call check()
    allocate (values(n))
    do i = 1, n
      call meb_program_get_name(process, list, i, name, error)
      call check()
      values(i) = find_value(name)
    end do
  end subroutine get_values

  function find_value(name) result(value)
    character(len=*), intent(in) :: name
    complex(meb_complex) :: value
    character(len=128) :: found
    real(meb_real) :: re, im
    integer :: unit, status

    open (newunit=unit, file=argument(2), status="old", action="read")
    do
      read (unit, *, iostat=status) found, re, im
      if (status /= 0) call fail(name//": no value")
      if (found == name) exit
    end do
    close (unit)
    value = cmplx(re, im, meb_real)
  end function find_value

  subroutine read_momenta(path, n_leg, momenta)
    character(len=*), intent(in) :: path
    integer, intent(in) :: n_leg
    !> (0:3, n_leg, n_event)
    real(meb_real), allocatable, intent(out) :: momenta(:, :, :)
    real(meb_real) :: momentum(4)
    integer :: unit, status, n_line

    open (newunit=unit, file=path, status="old", action="read")
    n_line = 0
    do
      read (unit, *, iostat=status) momentum
      if (status /= 0) exit
      n_line = n_line + 1
    end do
    if (mod(n_line, n_leg) /= 0) call fail(path//": not a whole number of events")
    rewind (unit)
    allocate (momenta(4, n_leg, n_line/n_leg))
    if (n_line > 0) read (unit, *) momenta
    close (unit)
  end subroutine read_momenta

end program evaluate

!> The Fortran module tells failures as the C interface does.
program test_fortran
  use :: mebridge, only: &
    meb_program, meb_engine, meb_error, meb_program_new, meb_program_delete, meb_program_get_size, &
    meb_engine_new, meb_engine_delete, meb_engine_set_threads, meb_engine_get_backend, &
    meb_abi_version, meb_get_modes, meb_success, meb_error_argument, meb_error_file, meb_size_leg
  implicit none
  type(meb_program) :: process
  type(meb_engine) :: engine
  type(meb_error) :: error
  integer :: n_leg

  call check(meb_abi_version() == 2, "version")
  call check(index(meb_get_modes(), "scalar") > 0, "modes")

  call meb_program_new(process, "/no/such/file", error)
  call check(error%status == meb_error_file, "no file")
  call check(index(error%message, "/no/such/file") > 0, "message")
  call meb_program_get_size(process, meb_size_leg, n_leg, error)
  call check(error%status == meb_error_argument, "uninitialised program")
  call check(n_leg == 0, "no legs")

  call meb_engine_new(engine, process, error=error)
  call check(error%status == meb_error_argument, "engine without program")
  call meb_engine_set_threads(engine, -1, error)
  call check(error%status == meb_error_argument, "uninitialised engine")
  call check(meb_engine_get_backend(engine) == "", "no backend")
  call meb_engine_delete(engine)
  call meb_program_delete(process)
  call check(error%status /= meb_success, "status is kept")

contains

  subroutine check(condition, what)
    logical, intent(in) :: condition
    character(len=*), intent(in) :: what

    if (.not. condition) error stop what
  end subroutine check

end program test_fortran

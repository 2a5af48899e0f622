!> Text files of a job, written as a whole or not at all. The run-time library does not report a full disk
!> when it writes what it has buffered; here the size of the file tells.
module text_output
  implicit none
  private
  public :: open_text, close_text

contains

  !> Opens a new file; ends the job if that cannot be done.
  subroutine open_text(path, unit)
    character(len=*), intent(in) :: path
    integer, intent(out) :: unit
    integer :: status

    open (newunit=unit, file=path, status='replace', action='write', access='stream', form='formatted', iostat=status)
    if (status /= 0) call fail(path//': cannot be written')
  end subroutine open_text

  !> Closes it; where not all is on disk, deletes it and ends the job.
  subroutine close_text(path, unit)
    character(len=*), intent(in) :: path
    integer, intent(in) :: unit
    integer(kind=selected_int_kind(18)) :: position, size
    integer :: status

    inquire (unit=unit, pos=position)
    close (unit, iostat=status)
    inquire (file=path, size=size)
    if (status == 0 .and. size == position - 1) return
    open (newunit=status, file=path, status='old')
    close (status, status='delete')
    call fail(path//': writing failed (is the disk full?)')
  end subroutine close_text

  subroutine fail(message)
    character(len=*), intent(in) :: message

    write (0, '(a)') message
    stop 1
  end subroutine fail

end module text_output

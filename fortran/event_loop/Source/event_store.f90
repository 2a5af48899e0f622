!> Events of one job, kept on disk until their common weight is known.
!>
!> Each iteration unweights to a weight that an earlier one has given (its `target`), the job as a whole
!> to the largest target of the iterations that are kept. Weights are estimates of the cross-section (pb):
!> their mean over the points of an iteration is the cross-section. The state is the module's: the
!> callers, which have MadEvent's interfaces, have no place for it.
module event_store
  use text_output, only: close_text, open_text
  implicit none
  private
  public :: event_t, begin_events, begin_iteration, offer_weight, keep_event, end_iteration, next_target, &
            write_events, n_kept

  integer, parameter :: dp = kind(1d0)
  integer, parameter :: max_lines = 30, max_iterations = 99
  !> part of the cross-section that may lie above a target
  real(dp), parameter :: excess = 5e-3_dp

  !> An event as in a Les Houches event file (hep-ph/0609017).
  type :: event_t
    integer :: n = 0, process = 0
    !> particle, status, mothers (2), colours (2), helicity
    integer :: ids(7, max_lines) = 0
    !> E, px, py, pz, m
    real(dp) :: p(0:4, max_lines) = 0
    real(dp) :: scale = 0, alpha_em = 0, alpha_s = 0
  end type event_t

  type :: iteration_t
    real(dp) :: target = 0, sum_of_weights = 0
    integer :: n_point = 0, n_event = 0
  end type iteration_t

  type(iteration_t) :: iterations(max_iterations)
  integer :: current = 0, n_kept = 0
  integer :: unit = 0
  real(dp), allocatable :: weights(:)
  integer :: n_weight = 0

contains

  subroutine begin_events()
    integer :: status

    open (newunit=unit, status='scratch', form='unformatted', action='readwrite', iostat=status)
    if (status /= 0) call fail('events: no file can be made for them')
    allocate (weights(1024))
    current = 0
  end subroutine begin_events

  !> Starts an iteration, or starts it again: its events are dropped. target <= 0: keeps none.
  subroutine begin_iteration(number, target)
    integer, intent(in) :: number
    real(dp), intent(in) :: target
    integer :: i

    if (current == number) then
      do i = 1, iterations(number)%n_event
        backspace (unit)
      end do
      n_kept = n_kept - iterations(number)%n_event
    end if
    current = number
    iterations(number) = iteration_t(target=target)
    n_weight = 0
  end subroutine begin_iteration

  !> Notes a weight; True if the event with it is kept, for a random number r.
  logical function offer_weight(weight, r)
    real(dp), intent(in) :: weight, r

    if (n_weight == size(weights)) weights = [weights, weights]
    n_weight = n_weight + 1
    weights(n_weight) = abs(weight)
    associate (now => iterations(current))
      now%sum_of_weights = now%sum_of_weights + abs(weight)
      offer_weight = now%target > 0 .and. abs(weight) > r*now%target
    end associate
  end function offer_weight

  subroutine keep_event(event, weight)
    type(event_t), intent(in) :: event
    real(dp), intent(in) :: weight
    integer :: status

    associate (now => iterations(current), n => event%n)
      write (unit, iostat=status) current, sign(max(abs(weight)/now%target, 1._dp), weight), n, event%process, &
        event%scale, event%alpha_em, event%alpha_s, event%ids(:, :n), event%p(:, :n)
      if (status /= 0) call fail('events: writing failed (is the disk full?)')
      now%n_event = now%n_event + 1
      n_kept = n_kept + 1
    end associate
  end subroutine keep_event

  subroutine end_iteration(n_point)
    integer, intent(in) :: n_point

    iterations(current)%n_point = n_point
  end subroutine end_iteration

  !> The weight above which lies `excess` of the cross-section of the current iteration; 0 if it is zero.
  real(dp) function next_target()
    real(dp) :: low, high, middle
    integer :: i

    next_target = 0
    if (n_weight == 0) return
    low = 0
    high = maxval(weights(:n_weight))
    do i = 1, 60
      middle = (low + high)/2
      if (sum(max(weights(:n_weight) - middle, 0._dp)) > excess*sum(weights(:n_weight))) then
        low = middle
      else
        high = middle
      end if
    end do
    next_target = high
  end function next_target

  !> Unweights all events to one weight and writes them. random() is uniform in (0, 1).
  subroutine write_events(path, random, n_written, luminosity, target)
    character(len=*), intent(in) :: path
    interface
      real function random(seed)
        integer, intent(in) :: seed
      end function random
    end interface
    integer, intent(out) :: n_written
    !> events for each pb of cross-section; weight they were unweighted to
    real(dp), intent(out) :: luminosity, target
    type(event_t) :: event
    real(dp) :: weight
    integer :: out, status, first, iteration, i

    first = first_iteration()
    target = maxval(iterations(first:current)%target)
    luminosity = 0
    n_written = 0
    call open_text(path, out)
    if (target > 0) luminosity = sum(iterations(first:current)%n_point, iterations(first:current)%target > 0)/target
    rewind (unit)
    do i = 1, n_kept
      read (unit, iostat=status) iteration, weight, event%n, event%process, event%scale, event%alpha_em, &
        event%alpha_s, event%ids(:, :event%n), event%p(:, :event%n)
      if (status /= 0) call fail('events: they could not be kept (is the disk for temporary files full?)')
      if (iteration < first) cycle
      weight = weight*iterations(iteration)%target/target
      if (abs(weight) <= random(-1)) cycle
      call write_event(out, event, sign(max(abs(weight), 1._dp), weight)/luminosity)
      n_written = n_written + 1
    end do
    call close_text(path, out)
    close (unit)
  end subroutine write_events

  !> The iteration from which on events are taken: where most are left after the last unweighting.
  integer function first_iteration()
    real(dp) :: n, most
    integer :: i

    first_iteration = current
    most = -1
    do i = current, 1, -1
      if (iterations(i)%target <= 0) cycle
      n = sum(iterations(i:current)%sum_of_weights)/maxval(iterations(i:current)%target)
      if (n <= most) cycle
      most = n
      first_iteration = i
    end do
  end function first_iteration

  subroutine write_event(out, event, weight)
    integer, intent(in) :: out
    type(event_t), intent(in) :: event
    real(dp), intent(in) :: weight
    integer :: i, status

    ! failures are noticed when the file is closed
    write (out, '(a/i3,1x,i6,4(1x,es15.8e2))', iostat=status) '<event>', event%n, event%process, weight, event%scale, &
      event%alpha_em, event%alpha_s
    do i = 1, event%n
      write (out, '(i9,1x,i2,4(1x,i4),5(1x,es18.10e2),1x,i1,a,1x,i2,a)', iostat=status) event%ids(1:6, i), &
        event%p(1:3, i), event%p(0, i), event%p(4, i), 0, '.', event%ids(7, i), '.'
    end do
    write (out, '(a)', iostat=status) '</event>'
  end subroutine write_event

  subroutine fail(message)
    character(len=*), intent(in) :: message

    write (0, '(a)') message
    stop 1
  end subroutine fail

end module event_store

!> One dimension of an adaptive grid (VEGAS: G.P. Lepage, J. Comput. Phys. 27 (1978) 192).
module adaptive_grid
  implicit none
  private
  public :: uniform_edges, place, adapted_edges

  integer, parameter :: dp = kind(1d0)
  !> damping of the adaptation, Lepage's alpha
  real(dp), parameter :: damping = 1.5_dp

contains

  !> Edges 0..n of n equal bins on [0, 1].
  pure function uniform_edges(n) result(edges)
    integer, intent(in) :: n
    real(dp) :: edges(0:n)
    integer :: i

    edges = [(real(i, dp)/n, i=0, n)]
  end function uniform_edges

  !> Where a uniform random number r in [0, 1) lies: x, its bin (from 1) and dx/dr.
  pure subroutine place(edges, r, x, bin, jacobian)
    real(dp), intent(in) :: edges(0:), r
    real(dp), intent(out) :: x, jacobian
    integer, intent(out) :: bin
    integer :: n

    n = ubound(edges, 1)
    bin = min(int(n*r) + 1, n)
    jacobian = n*(edges(bin) - edges(bin - 1))
    x = edges(bin - 1) + (r - real(bin - 1, dp)/n)*jacobian
  end subroutine place

  !> Edges such that each new bin holds the same part of `sums` (squared weights of the bins),
  !> smoothed over neighbours and damped.
  pure function adapted_edges(edges, sums) result(new)
    real(dp), intent(in) :: edges(0:), sums(:)
    real(dp) :: new(0:ubound(edges, 1))
    real(dp) :: importance(size(sums)), share, held
    integer :: n, i, k

    n = size(sums)
    new = edges
    if (.not. sum(sums) > 0) return
    importance = damped(smoothed(sums))
    share = sum(importance)/n
    k = 0
    held = 0
    do i = 1, n - 1
      do while (held < share .and. k < n)
        k = k + 1
        held = held + importance(k)
      end do
      held = held - share
      new(i) = edges(k) - (edges(k) - edges(k - 1))*min(held/importance(k), 1._dp)
    end do
  end function adapted_edges

  pure function smoothed(sums) result(mean)
    real(dp), intent(in) :: sums(:)
    real(dp) :: mean(size(sums))
    integer :: n

    n = size(sums)
    mean(1) = (sums(1) + sums(2))/2
    mean(2:n - 1) = (sums(1:n - 2) + sums(2:n - 1) + sums(3:n))/3
    mean(n) = (sums(n - 1) + sums(n))/2
  end function smoothed

  pure function damped(sums) result(importance)
    real(dp), intent(in) :: sums(:)
    real(dp) :: importance(size(sums))
    real(dp) :: part(size(sums))

    part = min(max(sums/sum(sums), 1e-10_dp), 1 - 1e-10_dp)
    importance = ((1 - part)/(-log(part)))**damping
  end function damped

end module adaptive_grid

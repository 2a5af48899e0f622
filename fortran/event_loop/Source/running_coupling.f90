!> alpha_s at two loops.
module running_coupling
  implicit none
  private
  public :: alpha_s_at

  integer, parameter :: dp = kind(1d0)
  real(dp), parameter :: pi = acos(-1._dp)
  !> thresholds of charm and bottom (GeV)
  real(dp), parameter :: m_charm = 1.42_dp, m_bottom = 4.7_dp

contains

  !> alpha_s(q), q in GeV, from its value at the scale mu (above the bottom threshold). Exact solution of
  !> the two-loop equation for n_f = 5, 4 and 3, continuous at the thresholds. Not below 0.5 GeV.
  pure real(dp) function alpha_s_at(q, alpha_s, mu)
    real(dp), intent(in) :: q, alpha_s, mu
    real(dp) :: scale

    scale = max(q, 0.5_dp)
    alpha_s_at = evolved(alpha_s, mu, max(scale, m_bottom), 5)
    if (scale < m_bottom) alpha_s_at = evolved(alpha_s_at, m_bottom, max(scale, m_charm), 4)
    if (scale < m_charm) alpha_s_at = evolved(alpha_s_at, m_charm, scale, 3)
  end function alpha_s_at

  !> With u = 1/alpha_s: u - c log(1+u/c) grows by b0 log(q^2/mu^2); by Newton's method.
  pure real(dp) function evolved(alpha_s, mu, q, n_f)
    real(dp), intent(in) :: alpha_s, mu, q
    integer, intent(in) :: n_f
    real(dp) :: b0, c, u, target, change
    integer :: i

    b0 = (33 - 2*n_f)/(12*pi)
    c = (153 - 19*n_f)/(2*pi*(33 - 2*n_f))
    u = 1/alpha_s
    target = u - c*log(1 + u/c) + 2*b0*log(q/mu)
    do i = 1, 50
      change = (target - u + c*log(1 + u/c))*(u + c)/u
      u = max(u + change, 0.1_dp*u)
      if (abs(change) <= 1e-15_dp*u) exit
    end do
    evolved = 1/u
  end function evolved

end module running_coupling

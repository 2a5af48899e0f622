!> Mappings of a number r in [0, 1] to an invariant in [low, high] (GeV^2), with ds/dr.
module invariant_map
  implicit none
  private
  public :: breit_wigner, power, flat_in_mass

  integer, parameter :: dp = kind(1d0)

contains

  !> Density 1/((s-m^2)^2 + m^2 w^2).
  pure subroutine breit_wigner(r, low, high, mass, width, s, jacobian)
    real(dp), intent(in) :: r, low, high, mass, width
    real(dp), intent(out) :: s, jacobian
    real(dp) :: first, last, t

    first = atan((low - mass**2)/(mass*width))
    last = atan((high - mass**2)/(mass*width))
    t = tan(first + r*(last - first))
    s = min(max(mass**2 + mass*width*t, low), high)
    jacobian = (last - first)*mass*width*(1 + t**2)
  end subroutine breit_wigner

  !> Density 1/(s + shift); low + shift > 0.
  pure subroutine power(r, low, high, shift, s, jacobian)
    real(dp), intent(in) :: r, low, high, shift
    real(dp), intent(out) :: s, jacobian
    real(dp) :: range

    range = log((high + shift)/(low + shift))
    s = min(max((low + shift)*exp(r*range) - shift, low), high)
    jacobian = (s + shift)*range
  end subroutine power

  !> sqrt(s) uniform; low >= 0.
  pure subroutine flat_in_mass(r, low, high, s, jacobian)
    real(dp), intent(in) :: r, low, high
    real(dp), intent(out) :: s, jacobian
    real(dp) :: mass

    mass = sqrt(low) + r*(sqrt(high) - sqrt(low))
    s = mass**2
    jacobian = 2*mass*(sqrt(high) - sqrt(low))
  end subroutine flat_in_mass

end module invariant_map

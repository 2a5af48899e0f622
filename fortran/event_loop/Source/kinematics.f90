!> Four-momenta (E, px, py, pz) in GeV.
module kinematics
  implicit none
  private
  public :: boosted, at_rest, direction, along, invariant, two_body_momentum

  integer, parameter :: dp = kind(1d0)

contains

  !> p, given in the rest frame of a system, in the frame where that system has momentum `frame` and
  !> mass `mass` (known better than from `frame`).
  pure function boosted(p, frame, mass) result(q)
    real(dp), intent(in) :: p(0:3), frame(0:3), mass
    real(dp) :: q(0:3), product

    product = dot_product(frame(1:3), p(1:3))
    q(0) = (frame(0)*p(0) + product)/mass
    q(1:3) = p(1:3) + frame(1:3)*(p(0) + product/(frame(0) + mass))/mass
  end function boosted

  !> The inverse of `boosted`: q in the rest frame of the system.
  pure function at_rest(q, frame, mass) result(p)
    real(dp), intent(in) :: q(0:3), frame(0:3), mass
    real(dp) :: p(0:3)

    p = boosted(q, [frame(0), -frame(1:3)], mass)
  end function at_rest

  !> Unit vector of p's direction; the z axis if p is at rest.
  pure function direction(p) result(n)
    real(dp), intent(in) :: p(0:3)
    real(dp) :: n(3), length

    length = norm2(p(1:3))
    n = [0._dp, 0._dp, 1._dp]
    if (length > 1e-12_dp*abs(p(0))) n = p(1:3)/length
  end function direction

  !> Unit vector at an angle theta and azimuth phi around the unit vector `axis`.
  pure function along(axis, cosine, sine, phi) result(n)
    real(dp), intent(in) :: axis(3), cosine, sine, phi
    real(dp) :: n(3), e1(3), e2(3), transverse

    transverse = hypot(axis(1), axis(2))
    if (transverse > 1e-12_dp) then
      e1 = [axis(1)*axis(3), axis(2)*axis(3), -transverse**2]/transverse
      e2 = [-axis(2), axis(1), 0._dp]/transverse
    else
      e1 = [1._dp, 0._dp, 0._dp]
      e2 = [0._dp, sign(1._dp, axis(3)), 0._dp]
    end if
    n = cosine*axis + sine*(cos(phi)*e1 + sin(phi)*e2)
  end function along

  !> p^2
  pure real(dp) function invariant(p)
    real(dp), intent(in) :: p(0:3)

    invariant = (p(0) - norm2(p(1:3)))*(p(0) + norm2(p(1:3)))
  end function invariant

  !> Momentum in the rest frame of sqrt(s) of two particles with squared masses s1 and s2, which may be
  !> negative; 0 below threshold.
  pure real(dp) function two_body_momentum(s, s1, s2)
    real(dp), intent(in) :: s, s1, s2

    two_body_momentum = sqrt(max((s - s1 - s2)**2 - 4*s1*s2, 0._dp)/s)/2
  end function two_body_momentum

end module kinematics

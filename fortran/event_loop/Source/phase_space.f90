!> Final states of one channel: the tree of a diagram, and points distributed like its propagators.
!>
!> Clusters are legs (positive, as in the diagram) or s-channel branches (negative). A diagram is
!> either one branch that makes all, or a t-channel chain from one beam to the other that emits
!> clusters.
module phase_space
  use invariant_map, only: breit_wigner, flat_in_mass, power
  use kinematics, only: along, at_rest, boosted, direction, two_body_momentum
  implicit none
  private
  public :: channel_t, new_channel, map_propagator, generate

  integer, parameter :: dp = kind(1d0)
  real(dp), parameter :: pi = acos(-1._dp)

  type :: channel_t
    integer :: n_external = 0
    !> of the legs (GeV)
    real(dp), allocatable :: mass(:)
    !> branch -k has daughters(:, k), pole mass and width
    integer, allocatable :: daughters(:, :)
    real(dp), allocatable :: pole(:), width(:)
    !> least mass of each cluster, by its number
    real(dp), allocatable :: least(:)
    !> the branch that makes all; 0: a chain from beam `first`, which emits `emitted` in this order
    integer :: root = 0, first = 0
    integer, allocatable :: emitted(:)
    real(dp), allocatable :: t_pole(:)
    !> added to massless propagators (GeV^2)
    real(dp) :: regulator = 1
  end type channel_t

  !> What a point is made from.
  type :: draw_t
    real(dp), allocatable :: numbers(:)
    integer :: used = 0
    real(dp) :: weight = 1
  contains
    procedure :: next
  end type draw_t

contains

  !> A channel. forest(2, k): daughters of branch -k, as IFOREST; pole(k), width(k) (GeV); mass of the
  !> legs; pair_mass(i, j): least mass that cuts allow for legs i and j; regulator (GeV^2).
  pure function new_channel(mass, forest, pole, width, pair_mass, regulator) result(channel)
    real(dp), intent(in) :: mass(:), pole(:), width(:), pair_mass(:, :), regulator
    integer, intent(in) :: forest(:, :)
    type(channel_t) :: channel
    logical :: in_chain(size(mass) - 2)
    integer :: n, k

    n = size(mass)
    channel%n_external = n
    allocate (channel%mass, source=mass)
    allocate (channel%daughters, source=forest(:, :n - 2))
    allocate (channel%pole, source=pole(:n - 2))
    allocate (channel%width, source=width(:n - 2))
    channel%regulator = regulator
    in_chain = .false.
    do k = 1, n - 2
      in_chain(k) = is_chain(forest(1, k), in_chain) .or. is_chain(forest(2, k), in_chain)
    end do
    allocate (channel%emitted(0), channel%t_pole(0))
    if (any(in_chain(:n - 3))) then
      call add_chain(channel, in_chain)
    else
      channel%root = -(n - 3)
      in_chain(n - 2) = .true.
    end if
    call add_least_masses(channel, in_chain, pair_mass)
  end function new_channel

  pure logical function is_chain(cluster, in_chain)
    integer, intent(in) :: cluster
    logical, intent(in) :: in_chain(:)

    is_chain = cluster == 1 .or. cluster == 2
    if (cluster < 0) is_chain = in_chain(-cluster)
  end function is_chain

  pure subroutine add_chain(channel, in_chain)
    type(channel_t), intent(inout) :: channel
    logical, intent(in) :: in_chain(:)
    integer :: k, before, emission

    do k = 1, size(in_chain)
      if (.not. in_chain(k)) cycle
      before = channel%daughters(1, k)
      emission = channel%daughters(2, k)
      if (.not. is_chain(before, in_chain)) then
        emission = before
        before = channel%daughters(2, k)
      end if
      if (before > 0) channel%first = before
      channel%emitted = [channel%emitted, emission]
      channel%t_pole = [channel%t_pole, channel%pole(k)]
    end do
  end subroutine add_chain

  pure subroutine add_least_masses(channel, in_chain, pair_mass)
    type(channel_t), intent(inout) :: channel
    logical, intent(in) :: in_chain(:)
    real(dp), intent(in) :: pair_mass(:, :)
    integer :: k, a, b, n

    n = channel%n_external
    allocate (channel%least(-(n - 2):n), source=0._dp)
    channel%least(1:n) = channel%mass
    do k = 1, n - 2
      if (in_chain(k)) cycle
      a = channel%daughters(1, k)
      b = channel%daughters(2, k)
      channel%least(-k) = channel%least(a) + channel%least(b)
      if (a > 0 .and. b > 0) channel%least(-k) = max(channel%least(-k), pair_mass(a, b))
    end do
  end subroutine add_least_masses

  !> Squared mass s in [low, high] of a branch, distributed like its squared propagator where it has a
  !> pole there, otherwise like 1/s or 1/(s-m^2).
  pure subroutine map_propagator(channel, branch, r, low, high, s, jacobian)
    type(channel_t), intent(in) :: channel
    integer, intent(in) :: branch
    real(dp), intent(in) :: r, low, high
    real(dp), intent(out) :: s, jacobian
    real(dp) :: mass, width, shift

    mass = channel%pole(-branch)
    width = channel%width(-branch)
    if (is_resonance(channel, branch) .and. sqrt(low) < mass - 2*width .and. sqrt(high) > mass) then
      call breit_wigner(r, low, high, mass, width, s, jacobian)
      return
    end if
    if (mass > 0 .and. sqrt(low) >= mass - 2*width) then
      ! something is radiated by a particle of this mass
      shift = max(mass*width, channel%regulator) + max(mass**2 - low, 0._dp) - mass**2
    else
      shift = merge(channel%regulator, 0._dp, low < channel%regulator)
    end if
    call power(r, low, high, shift, s, jacobian)
  end subroutine map_propagator

  pure logical function is_resonance(channel, cluster)
    type(channel_t), intent(in) :: channel
    integer, intent(in) :: cluster

    is_resonance = .false.
    if (cluster < 0) is_resonance = channel%pole(-cluster) > 0 .and. channel%width(-cluster) > 0
  end function is_resonance

  !> Momenta p(0:3, leg) for the beams p(:, 1:2), given in their rest frame with p along z, and the
  !> weight: phase space (with all factors of 2 pi) over the density of points; 0: none was found.
  subroutine generate(channel, s_hat, numbers, p, weight)
    type(channel_t), intent(in) :: channel
    real(dp), intent(in) :: s_hat, numbers(:)
    real(dp), intent(inout) :: p(0:, :)
    real(dp), intent(out) :: weight
    type(draw_t) :: draw

    draw%numbers = numbers
    if (channel%root /= 0) then
      call decay(channel, channel%root, s_hat, [sqrt(s_hat), 0._dp, 0._dp, 0._dp], draw, p)
    else
      call emit(channel, s_hat, draw, p)
    end if
    weight = draw%weight
  end subroutine generate

  real(dp) function next(self)
    class(draw_t), intent(inout) :: self

    self%used = self%used + 1
    next = self%numbers(self%used)
  end function next

  !> Squared masses of clusters that share the energy `total`, those of resonances first.
  subroutine choose_masses(channel, clusters, total, draw, s)
    type(channel_t), intent(in) :: channel
    integer, intent(in) :: clusters(:)
    real(dp), intent(in) :: total
    type(draw_t), intent(inout) :: draw
    real(dp), intent(out) :: s(:)
    real(dp) :: masses(size(clusters)), low, high, jacobian
    integer :: i, pass

    masses = [(channel%least(clusters(i)), i=1, size(clusters))]
    s = masses**2
    do pass = 1, 2
      do i = 1, size(clusters)
        if (clusters(i) > 0) cycle
        if (is_resonance(channel, clusters(i)) .neqv. pass == 1) cycle
        low = masses(i)
        high = total - (sum(masses) - masses(i))
        if (high <= low) then
          draw%weight = 0
          high = low
        end if
        call map_propagator(channel, clusters(i), draw%next(), low**2, high**2, s(i), jacobian)
        draw%weight = draw%weight*jacobian/(2*pi)
        masses(i) = sqrt(s(i))
      end do
    end do
  end subroutine choose_masses

  !> Momenta of what comes from a cluster of squared mass s, which decays flat in its rest frame.
  recursive subroutine decay(channel, cluster, s, momentum, draw, p)
    type(channel_t), intent(in) :: channel
    integer, intent(in) :: cluster
    real(dp), intent(in) :: s, momentum(0:3)
    type(draw_t), intent(inout) :: draw
    real(dp), intent(inout) :: p(0:, :)
    real(dp) :: s_daughter(2), q, cosine, energy, n(3)
    integer :: daughters(2)

    if (cluster > 0) then
      p(:, cluster) = momentum
      return
    end if
    daughters = channel%daughters(:, -cluster)
    call choose_masses(channel, daughters, sqrt(s), draw, s_daughter)
    cosine = 2*draw%next() - 1
    n = along(direction(momentum), cosine, sqrt((1 - cosine)*(1 + cosine)), 2*pi*draw%next())
    q = two_body_momentum(s, s_daughter(1), s_daughter(2))
    if (draw%weight <= 0 .or. q <= 0) then
      draw%weight = 0
      return
    end if
    draw%weight = draw%weight*q/(4*pi*sqrt(s))
    energy = (s + s_daughter(1) - s_daughter(2))/(2*sqrt(s))
    call decay(channel, daughters(1), s_daughter(1), boosted([energy, q*n], momentum, sqrt(s)), draw, p)
    energy = (s + s_daughter(2) - s_daughter(1))/(2*sqrt(s))
    call decay(channel, daughters(2), s_daughter(2), boosted([energy, -q*n], momentum, sqrt(s)), draw, p)
  end subroutine decay

  !> The chain: each step is (line from beam `first`) + (other beam) -> cluster + rest.
  subroutine emit(channel, s_hat, draw, p)
    type(channel_t), intent(in) :: channel
    real(dp), intent(in) :: s_hat
    type(draw_t), intent(inout) :: draw
    real(dp), intent(inout) :: p(0:, :)
    real(dp) :: s_emitted(size(channel%emitted)), s_rest, s_next, t, jacobian, low
    real(dp) :: line(0:3), rest(0:3), q(0:3)
    integer :: k, n

    n = size(channel%emitted)
    call choose_masses(channel, channel%emitted, sqrt(s_hat), draw, s_emitted)
    line = p(:, channel%first)
    t = channel%mass(channel%first)**2
    rest = [sqrt(s_hat), 0._dp, 0._dp, 0._dp]
    s_rest = s_hat
    do k = 1, n - 1
      s_next = s_emitted(n)
      if (k < n - 1) then
        low = sum(sqrt(s_emitted(k + 1:)))
        call flat_in_mass(draw%next(), low**2, max(sqrt(s_rest) - sqrt(s_emitted(k)), low)**2, s_next, jacobian)
        draw%weight = draw%weight*jacobian/(2*pi)
      end if
      call step(channel, k, line, t, channel%mass(3 - channel%first)**2, rest, s_rest, s_emitted(k), s_next, draw, q)
      if (draw%weight <= 0) return
      call decay(channel, channel%emitted(k), s_emitted(k), q, draw, p)
      if (draw%weight <= 0) return
    end do
    call decay(channel, channel%emitted(n), s_rest, rest, draw, p)
  end subroutine emit

  !> One emission. line and its square t, rest and its square s_rest: before and after it; s_other: of
  !> the other beam; s_emitted, s_next: of what is made; q: momentum of the emitted cluster.
  subroutine step(channel, k, line, t, s_other, rest, s_rest, s_emitted, s_next, draw, q)
    type(channel_t), intent(in) :: channel
    integer, intent(in) :: k
    real(dp), intent(inout) :: line(0:3), t, rest(0:3), s_rest
    real(dp), intent(in) :: s_other, s_emitted, s_next
    type(draw_t), intent(inout) :: draw
    real(dp), intent(out) :: q(0:3)
    real(dp) :: root, p_in, p_out, e_in, e_out, low, x, shift, jacobian, versine, n(3)

    root = sqrt(s_rest)
    p_in = two_body_momentum(s_rest, t, s_other)
    p_out = two_body_momentum(s_rest, s_emitted, s_next)
    q = 0
    if (p_in <= 0 .or. p_out <= 0 .or. draw%weight <= 0) then
      draw%weight = 0
      return
    end if
    e_in = (s_rest + t - s_other)/(2*root)
    e_out = (s_rest + s_emitted - s_next)/(2*root)
    ! x = m^2-t, from its smallest value, forwards
    low = channel%t_pole(k)**2 - t - s_emitted + 2*(e_in*e_out - p_in*p_out)
    shift = 0
    if (low < channel%regulator) shift = channel%regulator - min(low, 0._dp)
    call power(draw%next(), low, low + 4*p_in*p_out, shift, x, jacobian)
    versine = min((x - low)/(2*p_in*p_out), 2._dp)
    draw%weight = draw%weight*jacobian/(16*pi*root*p_in)
    n = along(direction(at_rest(line, rest, root)), 1 - versine, sqrt(versine*(2 - versine)), 2*pi*draw%next())
    q = boosted([e_out, p_out*n], rest, root)
    rest = boosted([root - e_out, -p_out*n], rest, root)
    s_rest = s_next
    line = line - q
    t = channel%t_pole(k)**2 - x
  end subroutine step

end module phase_space

C     A point of channel mincfg: momenta of all legs in the frame of the
C     colliding partons, its weight times wgt; p(0,1) = -99: there is none
      subroutine x_to_f_arg(ndim, ipole, mincfg, maxcfg, invar, wgt, x, p)
      use, intrinsic :: ieee_arithmetic, only: ieee_is_finite
      use kinematics, only: two_body_momentum
      use phase_space, only: channel_t, generate
      implicit none
      include 'genps.inc'
      include 'nexternal.inc'
      include 'run.inc'
      integer ndim, ipole, mincfg, maxcfg, invar
      double precision wgt, x(*), p(0:3,nexternal)
      double precision pmass(nexternal)
      common/to_mass/pmass
      type(channel_t), save :: channel
      logical, save :: first = .true.
      double precision s, weight, q, root
      integer j

      if (first) call make_channel(mincfg, channel)
      first = .false.
      do j = 1, ndim
        call sample_get_x(wgt, x(j), j)
      enddo
      call collide(channel, x(ndim-count(lpp.ne.0)+1), s, weight)
      p(:,:) = 0d0
      root = sqrt(s)
      q = two_body_momentum(s, pmass(1)**2, pmass(2)**2)
      p(0,1) = sqrt(q**2+pmass(1)**2)
      p(0,2) = sqrt(q**2+pmass(2)**2)
      p(3,1) = q
      p(3,2) = -q
      wgt = wgt*weight/(4d0*q*root)
      call generate(channel, s, x(1:ndim), p, weight)
      wgt = wgt*weight
      if (wgt.gt.0d0.and.ieee_is_finite(wgt).and.all(ieee_is_finite(p))) return
      wgt = 0d0
      p(0,1) = -99d0
      end

C     Squared energy s of the partons and its weight (flux excluded), from
C     the last numbers of a point: one for each hadron. Sets momentum
C     fractions and the rapidity of the partons' frame.
      subroutine collide(channel, x, s, weight)
      use invariant_map, only: power
      use phase_space, only: channel_t, map_propagator
      implicit none
      type(channel_t), intent(in) :: channel
      double precision x(2), s, weight
      include 'genps.inc'
      include 'nexternal.inc'
      include 'run.inc'
      logical set_cm_rap
      double precision cm_rap
      common/to_cm_rap/set_cm_rap, cm_rap
      double precision pmass(nexternal)
      common/to_mass/pmass
      double precision least_energy
      external least_energy
      double precision total, low, shift, tau, y, pz(2)

      set_cm_rap = .true.
      weight = 1d0
      xbk(:) = 1d0
      if (all(lpp.eq.0)) then
        pz = sqrt(max(ebeam**2-pmass(1:2)**2, 0d0))
        s = pmass(1)**2+pmass(2)**2+2d0*(ebeam(1)*ebeam(2)+pz(1)*pz(2))
        cm_rap = atanh((pz(1)-pz(2))/(ebeam(1)+ebeam(2)))
        return
      endif
      total = 4d0*ebeam(1)*ebeam(2)
      low = least_energy()**2
      if (channel%root.ne.0) then
        low = max(low, channel%least(channel%root)**2)
        call map_propagator(channel, channel%root, x(1), low, total, s, weight)
      else
        shift = merge(channel%regulator, 0d0, low.lt.channel%regulator)
        call power(x(1), low, total, shift, s, weight)
      endif
      tau = s/total
      weight = weight/total
      if (all(lpp.ne.0)) then
        y = (x(2)-0.5d0)*log(1d0/tau)
        weight = weight*log(1d0/tau)
        xbk(1) = sqrt(tau)*exp(y)
        xbk(2) = sqrt(tau)*exp(-y)
      elseif (lpp(1).ne.0) then
        xbk(1) = tau
      else
        xbk(2) = tau
      endif
      cm_rap = 0.5d0*log(xbk(1)*ebeam(1)/(xbk(2)*ebeam(2)))
      end

C     Numbers that a point needs: phase space and one for each hadron. At
C     least two are the point's own
      integer function n_dimension()
      implicit none
      include 'genps.inc'
      include 'nexternal.inc'
      include 'run.inc'

      n_dimension = 3*(nexternal-nincoming)-4+count(lpp.ne.0)
      end

      subroutine make_channel(config, channel)
      use phase_space, only: channel_t, new_channel
      implicit none
      integer config
      type(channel_t), intent(out) :: channel
      include 'nexternal.inc'
      double precision pmass(nexternal)
      common/to_mass/pmass
      integer forest(2,nexternal-2), propagator(nexternal-2)
      double precision pole(nexternal-2), width(nexternal-2)
      double precision pair_mass(nexternal,nexternal), regulator

      call get_diagram(config, 0, forest, propagator, pole, width)
      call get_least_masses(pair_mass, regulator)
      channel = new_channel(pmass, forest, pole, width, pair_mass, regulator)
      end

C     Weight of a channel's AMP2: no channel is cut here
      double precision function get_channel_cut(p, config)
      implicit none
      include 'nexternal.inc'
      double precision p(0:3,nexternal)
      integer config

      get_channel_cut = 1d0
      end

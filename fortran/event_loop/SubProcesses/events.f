C     Whether an event of this weight is kept. wgt: the point's weight with
C     its cross-section; estimate: of the cross-section (pb)
      logical function keeps_event(wgt, estimate)
      use event_store, only: offer_weight
      implicit none
      double precision wgt, estimate
      double precision sample_estimate
      real xran1
      external sample_estimate, xran1

      estimate = sample_estimate(wgt)
      keeps_event = offer_weight(estimate, dble(xran1(-1)))
      end

C     Keeps an event with helicity(n_leg) and colour flow icol, in the
C     laboratory: the particle from the first beam comes first
      subroutine store_event(p, estimate, numproc, helicity, icol)
      use event_store, only: event_t, keep_event
      implicit none
      include 'genps.inc'
      include 'nexternal.inc'
      include 'run.inc'
      include 'dialect.inc'
      include 'coupl.inc'
      double precision p(0:3,nexternal), estimate
      integer numproc, helicity(nexternal), icol
      double precision pi
      parameter (pi=3.141592653589793d0)
      integer ipsel
      common/subproc/ipsel
      integer imirror, iproc
      common/to_mirror/imirror, iproc
      type(event_t) event
      integer process_number
      external process_number
      integer ids(nexternal), lines(2,nexternal), branches(3,nexternal-2)

      call get_legs(numproc, ipsel, ids)
      lines(:,:) = 0
      if (icol.gt.0) call get_color_lines(numproc, icol, lines)
      call find_resonances(p, numproc, ids, lines, branches)
      event%process = process_number()
      event%scale = sqrt(max(q2fact(1), q2fact(2)))
      event%alpha_em = dble(gal(1))**2/(4d0*pi)
      event%alpha_s = g**2/(4d0*pi)
      call add_incoming(merge(2, 1, imirror.eq.2), p, ids, lines, helicity, event)
      call add_incoming(merge(1, 2, imirror.eq.2), p, ids, lines, helicity, event)
      call add_outgoing(p, ids, lines, helicity, branches, event)
      call keep_event(event, estimate)
      end

      subroutine add_incoming(leg, p, ids, lines, helicity, event)
      use event_store, only: event_t
      implicit none
      include 'nexternal.inc'
      integer leg, ids(nexternal), lines(2,nexternal), helicity(nexternal)
      double precision p(0:3,nexternal)
      type(event_t), intent(inout) :: event
      double precision pmass(nexternal)
      common/to_mass/pmass

      call add_line(event, ids(leg), -1, 0, lines(1,leg), helicity(leg), p(0,leg), pmass(leg))
      end

C     Resonances, each before what it decays to, then the final legs
      subroutine add_outgoing(p, ids, lines, helicity, branches, event)
      use event_store, only: event_t
      use kinematics, only: invariant
      implicit none
      include 'nexternal.inc'
      double precision p(0:3,nexternal)
      integer ids(nexternal), lines(2,nexternal), helicity(nexternal)
      integer branches(3,nexternal-2)
      type(event_t), intent(inout) :: event
      include 'maxconfigs.inc'
      integer mapconfig(0:lmaxconfigs), iconfig
      common/to_mconfigs/mapconfig, iconfig
      logical onbw(-nexternal:0)
      common/to_bwevents/onbw
      double precision pmass(nexternal)
      common/to_mass/pmass
      integer forest(2,nexternal-2), propagator(nexternal-2)
      double precision pole(nexternal-2), width(nexternal-2), total(0:3), zero
      parameter (zero=0d0)
C     Line of the nearest resonance that a leg or branch comes from
      integer mother(-nexternal:nexternal), k
      logical is_below(nexternal)

      call get_diagram(iconfig, 0, forest, propagator, pole, width)
      mother(:) = 0
      do k = nexternal-2, 1, -1
        if (onbw(-k)) then
          call get_legs_below(k, forest, is_below)
          total = sum(p, 2, spread(is_below, 1, 4))
          call add_line(event, branches(1,k), 2, mother(-k), branches(2,k), 9, total, sqrt(max(invariant(total), zero)))
          mother(-k) = event%n
        endif
        mother(forest(:,k)) = mother(-k)
      enddo
      do k = nincoming+1, nexternal
        call add_line(event, ids(k), 1, mother(k), lines(1,k), helicity(k), p(0,k), pmass(k))
      enddo
      end

C     mother: line of it; 0: for an incoming particle none, else the beams
      subroutine add_line(event, id, status, mother, colors, helicity, p, mass)
      use event_store, only: event_t
      implicit none
      type(event_t), intent(inout) :: event
      integer id, status, mother, colors(2), helicity
      double precision p(0:3), mass
      double precision lab(0:3)
      integer mothers(2)

      mothers(:) = mother
      if (mother.eq.0.and.status.gt.0) mothers = (/1, 2/)
      call boost_to_lab(p, lab)
      event%n = event%n+1
      event%ids(:,event%n) = (/id, status, mothers, colors, helicity/)
      event%p(0:3,event%n) = lab
      event%p(4,event%n) = mass
      end

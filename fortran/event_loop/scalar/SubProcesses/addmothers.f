C     onbw(-k): s-channel branch -k of the event's channel is a resonance
C     that the event is written with: within bwcutoff widths of its pole,
C     not there because its particle has radiated, with colours that fit
      subroutine find_resonances(p, numproc, ids, lines, branches)
      use kinematics, only: invariant
      implicit none
      include 'genps.inc'
      include 'nexternal.inc'
      include 'maxconfigs.inc'
      include 'run.inc'
      double precision p(0:3,nexternal)
      integer numproc, ids(nexternal), lines(2,nexternal)
C     Of each branch: pdg id, colour, anticolour
      integer branches(3,nexternal-2)
      integer mapconfig(0:lmaxconfigs), iconfig
      common/to_mconfigs/mapconfig, iconfig
      logical onbw(-nexternal:0)
      common/to_bwevents/onbw
      integer forest(2,nexternal-2), propagator(nexternal-2)
      double precision pole(nexternal-2), width(nexternal-2)
      logical is_below(nexternal), fits
      double precision mass
      integer daughter(2), i, k

      call get_diagram(iconfig, numproc, forest, propagator, pole, width)
      onbw(:) = .false.
      branches(:,:) = 0
      do k = 1, nexternal-2
        branches(1,k) = propagator(k)
        if (propagator(k).eq.0.or.width(k).le.0d0) cycle
        do i = 1, 2
          daughter(i) = 0
          if (forest(i,k).gt.0) daughter(i) = ids(forest(i,k))
          if (forest(i,k).lt.0) daughter(i) = propagator(-forest(i,k))
        enddo
        if (any(daughter.eq.propagator(k))) cycle
        call get_legs_below(k, forest, is_below)
        mass = 0d0
        mass = sqrt(max(invariant(sum(p, 2, spread(is_below, 1, 4))), mass))
        call join_colors(is_below, lines, propagator(k), branches(2,k), fits)
        onbw(-k) = fits.and.abs(mass-pole(k)).lt.bwcutoff*width(k)
      enddo
      end

C     Colour flow of an event, from JAMP2 that the matrix element has left
      subroutine choose_flow(numproc, flow)
      implicit none
      include 'maxamps.inc'
      include 'maxconfigs.inc'
      integer numproc, flow
      double precision amp2(maxamps), jamp2(0:maxflow)
      common/to_amps/amp2, jamp2
      integer mapconfig(0:lmaxconfigs), iconfig
      common/to_mconfigs/mapconfig, iconfig
      double precision ran1
      external ran1

      call select_color(ran1(-1), jamp2, iconfig, numproc, flow, 1)
      end

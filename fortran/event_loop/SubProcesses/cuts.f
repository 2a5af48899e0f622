      logical function pass_point(p)
      implicit none
      double precision p(*)

      pass_point = .true.
      end

C     What a leg is for the cuts, by the first flavour of the folder:
C     0 nothing, 1 jet, 2 b, 3 photon, 4 charged lepton
      subroutine get_kinds(kinds, ids)
      implicit none
      include 'nexternal.inc'
      include 'settings.inc'
      integer kinds(nexternal), ids(nexternal)
      integer i

      call get_legs(1, 1, ids)
      kinds(:) = 0
      do i = nincoming+1, nexternal
        select case (abs(ids(i)))
        case (1:5)
          if (abs(ids(i)).le.maxjetflavor) kinds(i) = 1
          if (abs(ids(i)).eq.5.and.maxjetflavor.lt.5) kinds(i) = 2
        case (21)
          kinds(i) = 1
        case (22)
          kinds(i) = 3
        case (11, 13, 15)
          kinds(i) = 4
        end select
      enddo
      end

C     Cuts by kind: least pT, largest |eta|, least Delta R and mass of pairs
      subroutine get_cuts(pt, eta, dr, mass)
      implicit none
      include 'settings.inc'
      double precision pt(0:4), eta(0:4), dr(0:4,0:4), mass(0:4)

      pt = (/0d0, ptj, ptb, pta, ptl/)
      eta = (/-1d0, etaj, etab, etaa, etal/)
      mass = (/0d0, mmjj, mmbb, mmaa, mmll/)
      dr(:,:) = 0d0
      dr(1:4,1) = (/drjj, drbj, draj, drjl/)
      dr(1:4,2) = (/drbj, drbb, drab, drbl/)
      dr(1:4,3) = (/draj, drab, draa, dral/)
      dr(1:4,4) = (/drjl, drbl, dral, drll/)
      end

C     Whether legs i and j have to have a least mass: pairs of one kind,
C     leptons only with their antiparticles
      logical function has_mass_cut(i, j, kinds, ids)
      implicit none
      integer i, j, kinds(*), ids(*)

      has_mass_cut = kinds(i).eq.kinds(j).and.kinds(i).gt.0
      if (kinds(i).eq.4) has_mass_cut = has_mass_cut.and.ids(i).eq.-ids(j)
      end

C     Cuts of the card on the final legs, in the laboratory
      logical function pass_cuts(p)
      implicit none
      include 'nexternal.inc'
      double precision p(0:3,nexternal)
      integer kinds(nexternal), ids(nexternal)
      double precision pt(0:4), eta(0:4), dr(0:4,0:4), mass(0:4)
      logical first
      save first, kinds, ids, pt, eta, dr, mass
      data first/.true./
      logical passes_pair
      external passes_pair
      double precision lab(0:3,nexternal), pt2
      integer i, j

      if (first) then
        call get_kinds(kinds, ids)
        call get_cuts(pt, eta, dr, mass)
        first = .false.
      endif
      pass_cuts = .false.
      if (p(0,1).lt.0d0) return
      do i = nincoming+1, nexternal
        call boost_to_lab(p(0,i), lab(0,i))
        if (kinds(i).eq.0) cycle
        pt2 = lab(1,i)**2+lab(2,i)**2
        if (pt2.lt.pt(kinds(i))**2) return
        if (eta(kinds(i)).ge.0d0) then
          if (abs(lab(3,i)).gt.sqrt(pt2)*sinh(eta(kinds(i)))) return
        endif
        do j = nincoming+1, i-1
          if (.not.passes_pair(i, j, kinds, ids, dr(kinds(i),kinds(j)), mass(kinds(i)), lab(0,i), lab(0,j))) return
        enddo
      enddo
      pass_cuts = .true.
      end

      logical function passes_pair(i, j, kinds, ids, dr, mass, p, q)
      use kinematics, only: invariant
      implicit none
      integer i, j, kinds(*), ids(*)
      double precision dr, mass, p(0:3), q(0:3)
      logical has_mass_cut
      external has_mass_cut
      double precision deta, dphi

      passes_pair = .false.
      if (dr.gt.0d0) then
        deta = asinh(p(3)/hypot(p(1),p(2)))-asinh(q(3)/hypot(q(1),q(2)))
        dphi = atan2(p(1)*q(2)-p(2)*q(1), p(1)*q(1)+p(2)*q(2))
        if (deta**2+dphi**2.lt.dr**2) return
      endif
      if (mass.gt.0d0.and.has_mass_cut(i, j, kinds, ids)) then
        if (invariant(p+q).lt.mass**2) return
      endif
      passes_pair = .true.
      end

C     Along z, by the rapidity of the partons' frame
      subroutine boost_to_lab(p, lab)
      implicit none
      double precision p(0:3), lab(0:3)
      logical set_cm_rap
      double precision cm_rap
      common/to_cm_rap/set_cm_rap, cm_rap

      lab(0) = cosh(cm_rap)*p(0)+sinh(cm_rap)*p(3)
      lab(1:2) = p(1:2)
      lab(3) = sinh(cm_rap)*p(0)+cosh(cm_rap)*p(3)
      end

C     Least energy of the partons: transverse masses of all legs
      double precision function least_energy()
      implicit none
      include 'nexternal.inc'
      double precision pmass(nexternal)
      common/to_mass/pmass
      integer kinds(nexternal), ids(nexternal), i
      double precision pt(0:4), eta(0:4), dr(0:4,0:4), mass(0:4)

      call get_kinds(kinds, ids)
      call get_cuts(pt, eta, dr, mass)
      least_energy = 0d0
      do i = nincoming+1, nexternal
        least_energy = least_energy+sqrt(pmass(i)**2+pt(kinds(i))**2)
      enddo
      end

C     Least masses of pairs of legs, from cuts; regulator: square of a
C     mass (GeV^2) below which the cuts leave little
      subroutine get_least_masses(pair_mass, regulator)
      implicit none
      include 'nexternal.inc'
      double precision pair_mass(nexternal,nexternal), regulator
      double precision pmass(nexternal)
      common/to_mass/pmass
      integer kinds(nexternal), ids(nexternal)
      double precision pt(0:4), eta(0:4), dr(0:4,0:4), mass(0:4)
      double precision pi, massless
      parameter (pi=3.141592653589793d0)
      logical has_mass_cut
      external has_mass_cut
      integer i, j

      call get_kinds(kinds, ids)
      call get_cuts(pt, eta, dr, mass)
      pair_mass(:,:) = 0d0
      regulator = 1d99
      do i = nincoming+1, nexternal
        if (pt(kinds(i)).gt.0d0) regulator = min(regulator, pt(kinds(i))**2)
        do j = nincoming+1, nexternal
          if (i.eq.j) cycle
          if (has_mass_cut(i, j, kinds, ids)) pair_mass(i,j) = mass(kinds(i))
          if (pmass(i).gt.0d0.or.pmass(j).gt.0d0) cycle
          massless = sqrt(2d0*pt(kinds(i))*pt(kinds(j))*(1d0-cos(min(dr(kinds(i),kinds(j)), pi))))
          pair_mass(i,j) = max(pair_mass(i,j), massless)
          if (pair_mass(i,j).gt.0d0) regulator = min(regulator, pair_mass(i,j)**2)
        enddo
      enddo
      regulator = max(1d0, regulator)
      if (regulator.ge.1d99) regulator = 1d0
      end

C     Settings of the run: defaults, then the card, compiled in
      subroutine setrun
      implicit none
      include 'genps.inc'
      include 'run.inc'
      include 'settings.inc'
      include 'PDF/pdf.inc'
      double precision m_z
      parameter (m_z=91.188d0)
      double precision pol(2)
      common/to_polarization/pol
      integer nb_spin_state_in(2)
      common/nb_hel_state/nb_spin_state_in

      nevents = 10000
      iseed = 0
      lpp(:) = 0
      ebeam(:) = 500d0
      pdf_file = ' '
      fixed_ren_scale = .false.
      fixed_fac_scale = .false.
      scale = m_z
      q2fact(:) = m_z**2
      dynamical_scale_choice = 3
      scalefact = 1d0
      bwcutoff = 15d0
      call no_cuts()

C     Not settings of the card: what matrix elements read
      alpsfact = 1d0
      ickkw = 0
      frame_id = 6
      use_syst = .false.
      small_width_treatment = 1d-6
      tmin_for_channel = -1d0
      sde_strat = 1
      pol(:) = 1d0
      nb_spin_state_in(:) = 2
      mc_grouped_subproc = .false.
      include 'run_card.inc'
      include 'set_limhel.inc'
      xbk(:) = 1d0
      lhaid = 0
      pdlabel = 'none'
      if (any(lpp.ne.0)) pdlabel = 'lhagrid'
      call check_settings()
      end

      subroutine no_cuts()
      implicit none
      include 'settings.inc'

      maxjetflavor = 4
      ptj = 0d0
      ptb = 0d0
      pta = 0d0
      ptl = 0d0
      etaj = -1d0
      etab = -1d0
      etaa = -1d0
      etal = -1d0
      drjj = 0d0
      drbb = 0d0
      draa = 0d0
      drll = 0d0
      drbj = 0d0
      draj = 0d0
      drjl = 0d0
      drab = 0d0
      drbl = 0d0
      dral = 0d0
      mmjj = 0d0
      mmbb = 0d0
      mmaa = 0d0
      mmll = 0d0
      end

      subroutine check_settings()
      implicit none
      include 'genps.inc'
      include 'run.inc'
      include 'settings.inc'

      if (any(abs(lpp).gt.1)) then
        call refuse('lpp: only 0 (fixed energy), 1 and -1 (proton, antiproton)')
      endif
      if (any(ebeam.le.0d0)) call refuse('ebeam: has to be positive')
      if (lpp(1).ne.0.and.lpp(2).ne.0.and.ebeam(1).ne.ebeam(2)) then
        call refuse('ebeam: hadron beams need equal energies')
      endif
      if (any(lpp.ne.0).and.pdf_file.eq.' ') then
        call refuse('pdf_file: a grid is needed for lpp = 1 or -1')
      endif
      if (dynamical_scale_choice.lt.1.or.dynamical_scale_choice.gt.4) then
        call refuse('dynamical_scale_choice: 1, 2, 3 or 4')
      endif
      if (scale.le.0d0.or.any(q2fact.le.0d0).or.scalefact.le.0d0) then
        call refuse('scales have to be positive')
      endif
      end

C     Ends the job: a setting of the run card cannot be used
      subroutine refuse(reason)
      implicit none
      character*(*) reason

      write(0, '(2a)') 'run_card: ', reason
      stop 1
      end

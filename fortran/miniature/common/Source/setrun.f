C     Settings of the run: the card, compiled in
      SUBROUTINE SETRUN
      IMPLICIT NONE
      INCLUDE 'genps.inc'
      INCLUDE 'run.inc'
      DOUBLE PRECISION POL(2)
      COMMON/TO_POLARIZATION/POL
      INTEGER ISEED
      COMMON/TO_SEED/ISEED
      INTEGER NB_SPIN_STATE_IN(2)
      COMMON/NB_HEL_STATE/NB_SPIN_STATE_IN
      INCLUDE 'PDF/pdf.inc'

      SCALEFACT = 1D0
      ALPSFACT = 1D0
      ICKKW = 0
      FRAME_ID = 6
      BWCUTOFF = 15D0
      USE_SYST = .FALSE.
      SMALL_WIDTH_TREATMENT = 1D-6
      TMIN_FOR_CHANNEL = -1D0
      SDE_STRAT = 1
      POL(:) = 1D0
      NB_SPIN_STATE_IN(:) = 2
      MC_GROUPED_SUBPROC = .FALSE.
      LPP(:) = 0
      PDLABEL = 'none'
      INCLUDE 'run_card.inc'
      INCLUDE 'set_limhel.inc'
      XBK(:) = 1D0
      CALL RMARIN(MOD(ISEED, 31328), 4321)
      END

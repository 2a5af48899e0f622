C     One integration job: a channel of this subprocess, from standard
C     input as MadEvent's jobs are given it.
      PROGRAM DRIVER
      IMPLICIT NONE
      INCLUDE 'genps.inc'
      INCLUDE 'maxconfigs.inc'
      INCLUDE 'nexternal.inc'
      INCLUDE 'vector.inc'
      INCLUDE 'coupl.inc'
      DOUBLE PRECISION ZERO
      PARAMETER (ZERO=0D0)
      DOUBLE PRECISION PMASS(NEXTERNAL)
      COMMON/TO_MASS/PMASS
      INTEGER MINCFIG, MAXCFIG
      COMMON/TO_CONFIGS/MINCFIG, MAXCFIG
      INTEGER MAPCONFIG(0:LMAXCONFIGS), ICONFIG
      COMMON/TO_MCONFIGS/MAPCONFIG, ICONFIG
      DOUBLE PRECISION TWGT, MAXWGT, SWGT(MAXEVENTS)
      INTEGER LUN, NW, ITMIN
      COMMON/TO_UNWGT/TWGT, MAXWGT, SWGT, LUN, NW, ITMIN
      DOUBLE PRECISION DSIG
      EXTERNAL DSIG
      INTEGER NCALL, ITMAX

      CALL SETRUN
      CALL SETPARA('param_card.dat')
      INCLUDE 'pmass.inc'
      CALL SET_MAPCONFIG(MAPCONFIG)
      CALL GET_USER_PARAMS(NCALL, ITMAX, ITMIN, MINCFIG)
      MAXCFIG = MINCFIG
      ICONFIG = MINCFIG
C     Weight to unweight to: from the first iteration
      TWGT = -2D0
      MAXWGT = 0D0
      NW = 0
      LUN = 27
      OPEN(UNIT=LUN, FILE='events.lhe', STATUS='REPLACE')
      CALL SAMPLE_FULL(2, NCALL, ITMAX, ITMIN, DSIG, 2, 1,
     &     VECSIZE_MEMMAX)
      CLOSE(LUN)
      END

      SUBROUTINE SET_MAPCONFIG(CONFIGS)
      IMPLICIT NONE
      INCLUDE 'maxconfigs.inc'
      INTEGER CONFIGS(0:LMAXCONFIGS)
      INTEGER MAPCONFIG(0:LMAXCONFIGS)
      INCLUDE 'configs.inc'
      CONFIGS = MAPCONFIG
      END

      SUBROUTINE GET_USER_PARAMS(NCALL, ITMAX, ITMIN, ICONFIG)
      IMPLICIT NONE
      INTEGER NCALL, ITMAX, ITMIN, ICONFIG
      INTEGER ISUM_HEL
      LOGICAL MULTI_CHANNEL
      COMMON/TO_MATRIX/ISUM_HEL, MULTI_CHANNEL
      LOGICAL INIT_MODE
      COMMON/TO_DETERMINE_ZERO_HEL/INIT_MODE
      DOUBLE PRECISION ACCURACY
      INTEGER USE_CUT, SUPPRESS

      WRITE(*, '(A)') 'Number of events, most and least iterations: '
      READ(*, *) NCALL, ITMAX, ITMIN
      WRITE(*, '(A)') 'Desired fractional accuracy (not used): '
      READ(*, *) ACCURACY
      WRITE(*, '(A)') '0 for fixed, 2 for adjustable grid (not used): '
      READ(*, *) USE_CUT
      WRITE(*, '(A)') 'Suppress amplitude (0 no, 1 yes)? '
      READ(*, *) SUPPRESS
      MULTI_CHANNEL = SUPPRESS.EQ.1
      WRITE(*, '(A)') 'Exact helicity sum (0 yes)? '
      READ(*, *) ISUM_HEL
      IF (ISUM_HEL.NE.0) STOP 'only the exact helicity sum is here'
      INIT_MODE = .FALSE.
      WRITE(*, '(A)') 'Configuration number: '
      READ(*, *) ICONFIG
      END

C     What matrix files call and the oracle does not need the original
C     of. Random numbers come from the caller.

      SUBROUTINE RANMAR(R)
      IMPLICIT NONE
      DOUBLE PRECISION R
      DOUBLE PRECISION NEXT
      COMMON/MEB_ORACLE_RANDOM/NEXT
      R = NEXT
      END

      REAL FUNCTION XRAN1(IDUM)
      IMPLICIT NONE
      INTEGER IDUM
      DOUBLE PRECISION NEXT
      COMMON/MEB_ORACLE_RANDOM/NEXT
      XRAN1 = REAL(NEXT)
      END

      SUBROUTINE RESET_CUMULATIVE_VARIABLE()
      END

C     The original's value for SDE_STRAT=1 without a TMIN, which is how
C     the driver sets them
      DOUBLE PRECISION FUNCTION GET_CHANNEL_CUT(P, CONFIG)
      IMPLICIT NONE
      DOUBLE PRECISION P(*)
      INTEGER CONFIG
      GET_CHANNEL_CUT = 1D0
      END

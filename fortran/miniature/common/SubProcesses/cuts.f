      LOGICAL FUNCTION PASS_POINT(P)
      IMPLICIT NONE
      DOUBLE PRECISION P(*)
      PASS_POINT = .TRUE.
      END

C     Final legs at least 10 GeV away from the beam axis
      LOGICAL FUNCTION PT_CUT(P)
      IMPLICIT NONE
      INCLUDE 'nexternal.inc'
      DOUBLE PRECISION P(0:3,NEXTERNAL)
      DOUBLE PRECISION PT_MIN
      PARAMETER (PT_MIN=10D0)
      INTEGER I

      PT_CUT = .TRUE.
      DO I = NINCOMING+1, NEXTERNAL
        IF (P(1,I)**2+P(2,I)**2.LT.PT_MIN**2) PT_CUT = .FALSE.
      ENDDO
      END

C     Scale: mean transverse mass of the final state
      DOUBLE PRECISION FUNCTION EVENT_SCALE(P)
      IMPLICIT NONE
      INCLUDE 'nexternal.inc'
      DOUBLE PRECISION P(0:3,NEXTERNAL)
      INTEGER I

      EVENT_SCALE = 0D0
      DO I = NINCOMING+1, NEXTERNAL
        EVENT_SCALE = EVENT_SCALE+SQRT(P(0,I)**2-P(3,I)**2)
      ENDDO
      EVENT_SCALE = EVENT_SCALE/(NEXTERNAL-NINCOMING)
      END

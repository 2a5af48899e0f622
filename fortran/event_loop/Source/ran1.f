C     Random numbers that steer no physics of the point: which events are
C     kept, which colour flow they are written with. Two independent
C     minimal-standard generators, never seeded from outside.
      DOUBLE PRECISION FUNCTION RAN1(IDUM)
      IMPLICIT NONE
      INTEGER IDUM
      INTEGER STATE
      COMMON/TO_RAN1/STATE
      DATA STATE/20201/

      CALL MINI_NEXT(STATE)
      RAN1 = STATE/2147483647D0
      END

      REAL FUNCTION XRAN1(IDUM)
      IMPLICIT NONE
      INTEGER IDUM
      INTEGER STATE
      COMMON/TO_XRAN1/STATE
      DATA STATE/71993/

      CALL MINI_NEXT(STATE)
      XRAN1 = REAL(STATE/2147483647D0)
      END

C     x -> 16807 x mod 2^31-1 (S.K. Park, K.W. Miller, CACM 31 (1988))
      SUBROUTINE MINI_NEXT(STATE)
      IMPLICIT NONE
      INTEGER STATE
      INTEGER*8 PRODUCT

      PRODUCT = 16807_8*STATE
      STATE = INT(MOD(PRODUCT, 2147483647_8))
      END

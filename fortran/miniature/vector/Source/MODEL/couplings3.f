C     Couplings that change with alpha_s, for one slot
      SUBROUTINE COUP3(VECID)
      IMPLICIT NONE
      INTEGER VECID
      INCLUDE 'input.inc'
      INCLUDE '../vector.inc'
      INCLUDE 'coupl.inc'
      GC_10(VECID) = -G
      GC_11(VECID) = MDL_COMPLEXI*G
      END

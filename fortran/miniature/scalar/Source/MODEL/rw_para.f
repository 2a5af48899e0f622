C     Reads the card (compiled in) and sets all couplings
      SUBROUTINE SETPARA(PARAM_NAME)
      IMPLICIT NONE
      CHARACTER*(*) PARAM_NAME
      INCLUDE 'coupl.inc'
      INCLUDE 'input.inc'
      DOUBLE PRECISION ASMZ, MZ
      COMMON/A_BLOCK/ASMZ, MZ

      INCLUDE 'param_read.inc'
      ASMZ = AS
      MZ = MDL_MZ
      CALL COUP()
      END

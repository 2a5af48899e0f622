C     Reads the card (compiled in) and sets all couplings
      SUBROUTINE SETPARA(PARAM_NAME)
      IMPLICIT NONE
      CHARACTER*(*) PARAM_NAME
@vector_include@
      INCLUDE 'coupl.inc'
      INCLUDE 'input.inc'
C     Where the running of alpha_s starts
      DOUBLE PRECISION ASMZ, MZ
      COMMON/A_BLOCK/ASMZ, MZ

      INCLUDE 'param_read.inc'
      ASMZ = @alpha_s@
      CALL COUP()
      MZ = @mz@
      END

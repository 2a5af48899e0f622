C     Couplings that stay the same in a run: photon and Z to leptons
      SUBROUTINE COUP1()
      IMPLICIT NONE
      INCLUDE 'input.inc'
      INCLUDE '../vector.inc'
      INCLUDE 'coupl.inc'
      GC_3 = -MDL_EE*MDL_COMPLEXI
      GC_50 = -MDL_CW*MDL_EE*MDL_COMPLEXI/(2D0*MDL_SW)
      GC_59 = MDL_SW*MDL_EE*MDL_COMPLEXI/(2D0*MDL_CW)
      END

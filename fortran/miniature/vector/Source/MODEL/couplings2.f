C     Couplings that only loops need: none
      SUBROUTINE COUP2()
      END

C     Fermion that flows out after it has met V3
      SUBROUTINE FFV1_1(F2, V3, COUP, M1, W1, F1)
      IMPLICIT NONE
      COMPLEX*16 CI
      PARAMETER (CI=(0D0,1D0))
      COMPLEX*16 COUP
      COMPLEX*16 F2(*)
      COMPLEX*16 V3(*)
      REAL*8 M1
      REAL*8 W1
      REAL*8 P1(0:3)
      COMPLEX*16 F1(6)
      COMPLEX*16 DENOM
      COMPLEX*16 TMP0
      COMPLEX*16 TMP1
      COMPLEX*16 TMP2
      COMPLEX*16 TMP3
      F1(1) = F2(1)+V3(1)
      F1(2) = F2(2)+V3(2)
      P1(0) = DBLE(F1(1))
      P1(1) = DBLE(F1(2))
      P1(2) = DIMAG(F1(2))
      P1(3) = DIMAG(F1(1))
      TMP0 = F2(5)*(V3(3)+V3(6))+F2(6)*(V3(4)+CI*V3(5))
      TMP1 = F2(5)*(V3(4)-CI*V3(5))+F2(6)*(V3(3)-V3(6))
      TMP2 = F2(3)*(V3(3)-V3(6))-F2(4)*(V3(4)+CI*V3(5))
      TMP3 = F2(4)*(V3(3)+V3(6))-F2(3)*(V3(4)-CI*V3(5))
      DENOM = COUP/(P1(0)**2-P1(1)**2-P1(2)**2-P1(3)**2-M1*(M1-CI*W1))
      F1(3) = CI*DENOM*(TMP2*(P1(0)+P1(3))+TMP3*(P1(1)+CI*P1(2))+M1
     &  *TMP0)
      F1(4) = CI*DENOM*(TMP2*(P1(1)-CI*P1(2))+TMP3*(P1(0)-P1(3))+M1
     &  *TMP1)
      F1(5) = CI*DENOM*(TMP0*(P1(0)-P1(3))-TMP1*(P1(1)+CI*P1(2))+M1
     &  *TMP2)
      F1(6) = CI*DENOM*(TMP1*(P1(0)+P1(3))-TMP0*(P1(1)-CI*P1(2))+M1
     &  *TMP3)
      END

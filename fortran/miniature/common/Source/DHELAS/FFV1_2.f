C     Fermion that flows in after it has met V3
      SUBROUTINE FFV1_2(F1, V3, COUP, M2, W2, F2)
      IMPLICIT NONE
      COMPLEX*16 CI
      PARAMETER (CI=(0D0,1D0))
      COMPLEX*16 COUP
      COMPLEX*16 F1(*)
      COMPLEX*16 V3(*)
      REAL*8 M2
      REAL*8 W2
      REAL*8 P2(0:3)
      COMPLEX*16 F2(6)
      COMPLEX*16 DENOM
      COMPLEX*16 TMP0
      COMPLEX*16 TMP1
      COMPLEX*16 TMP2
      COMPLEX*16 TMP3
      F2(1) = F1(1)+V3(1)
      F2(2) = F1(2)+V3(2)
      P2(0) = -DBLE(F2(1))
      P2(1) = -DBLE(F2(2))
      P2(2) = -DIMAG(F2(2))
      P2(3) = -DIMAG(F2(1))
      TMP0 = F1(5)*(V3(3)-V3(6))-F1(6)*(V3(4)-CI*V3(5))
      TMP1 = F1(6)*(V3(3)+V3(6))-F1(5)*(V3(4)+CI*V3(5))
      TMP2 = F1(3)*(V3(3)+V3(6))+F1(4)*(V3(4)-CI*V3(5))
      TMP3 = F1(3)*(V3(4)+CI*V3(5))+F1(4)*(V3(3)-V3(6))
      DENOM = COUP/(P2(0)**2-P2(1)**2-P2(2)**2-P2(3)**2-M2*(M2-CI*W2))
      F2(3) = CI*DENOM*(TMP2*(P2(0)-P2(3))-TMP3*(P2(1)-CI*P2(2))+M2
     &  *TMP0)
      F2(4) = CI*DENOM*(TMP3*(P2(0)+P2(3))-TMP2*(P2(1)+CI*P2(2))+M2
     &  *TMP1)
      F2(5) = CI*DENOM*(TMP0*(P2(0)+P2(3))+TMP1*(P2(1)-CI*P2(2))+M2
     &  *TMP2)
      F2(6) = CI*DENOM*(TMP0*(P2(1)+CI*P2(2))+TMP1*(P2(0)-P2(3))+M2
     &  *TMP3)
      END

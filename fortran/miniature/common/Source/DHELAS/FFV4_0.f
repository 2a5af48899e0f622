C     Current gamma^mu (P_L + 2 P_R), contracted with V3
      SUBROUTINE FFV4_0(F1, F2, V3, COUP, VERTEX)
      IMPLICIT NONE
      COMPLEX*16 CI
      PARAMETER (CI=(0D0,1D0))
      COMPLEX*16 COUP
      COMPLEX*16 F1(*)
      COMPLEX*16 F2(*)
      COMPLEX*16 V3(*)
      COMPLEX*16 VERTEX
      COMPLEX*16 TMP0
      COMPLEX*16 TMP1
      TMP0 = F1(3)*(F2(5)*(V3(3)+V3(6))+F2(6)*(V3(4)+CI*V3(5)))+F1(4)
     &  *(F2(5)*(V3(4)-CI*V3(5))+F2(6)*(V3(3)-V3(6)))
      TMP1 = F1(5)*(F2(3)*(V3(3)-V3(6))-F2(4)*(V3(4)+CI*V3(5)))+F1(6)
     &  *(F2(4)*(V3(3)+V3(6))-F2(3)*(V3(4)-CI*V3(5)))
      VERTEX = -CI*COUP*(TMP0+2D0*TMP1)
      END

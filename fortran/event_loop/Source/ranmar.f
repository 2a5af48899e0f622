C     Uniform random numbers in (0,1): the generator of G. Marsaglia and
C     A. Zaman (report FSU-SCRI-87-50), lagged Fibonacci combined with an
C     arithmetic sequence. The state is in /RASET1/ and /RASET2/.
      SUBROUTINE RANMAR(RVEC)
      IMPLICIT NONE
      DOUBLE PRECISION RVEC
      DOUBLE PRECISION RANU, RANC, RANCD, RANCM
      COMMON/RASET1/RANU(97), RANC, RANCD, RANCM
      INTEGER IRANMR, JRANMR
      COMMON/RASET2/IRANMR, JRANMR

      RVEC = RANU(IRANMR)-RANU(JRANMR)
      IF (RVEC.LT.0D0) RVEC = RVEC+1D0
      RANU(IRANMR) = RVEC
      IRANMR = IRANMR-1
      IF (IRANMR.EQ.0) IRANMR = 97
      JRANMR = JRANMR-1
      IF (JRANMR.EQ.0) JRANMR = 97
      RANC = RANC-RANCD
      IF (RANC.LT.0D0) RANC = RANC+RANCM
      RVEC = RVEC-RANC
      IF (RVEC.LT.0D0) RVEC = RVEC+1D0
C     Zero is left out: logarithms are taken elsewhere
      IF (RVEC.EQ.0D0) RVEC = 2D0**(-24)
      END

C     Seeds: 0 <= ij <= 31328, 0 <= kl <= 30081
      SUBROUTINE RMARIN(IJ, KL)
      IMPLICIT NONE
      INTEGER IJ, KL
      DOUBLE PRECISION RANU, RANC, RANCD, RANCM
      COMMON/RASET1/RANU(97), RANC, RANCD, RANCM
      INTEGER IRANMR, JRANMR
      COMMON/RASET2/IRANMR, JRANMR
      INTEGER I, J, K, L, M, N, BIT
      DOUBLE PRECISION WEIGHT

      I = MOD(IJ/177, 177)+2
      J = MOD(IJ, 177)+2
      K = MOD(KL/169, 178)+1
      L = MOD(KL, 169)
      DO N = 1, 97
        RANU(N) = 0D0
        WEIGHT = 0.5D0
        DO BIT = 1, 24
          M = MOD(MOD(I*J, 179)*K, 179)
          I = J
          J = K
          K = M
          L = MOD(53*L+1, 169)
          IF (MOD(L*M, 64).GE.32) RANU(N) = RANU(N)+WEIGHT
          WEIGHT = 0.5D0*WEIGHT
        ENDDO
      ENDDO
      RANC = 362436D0/16777216D0
      RANCD = 7654321D0/16777216D0
      RANCM = 16777213D0/16777216D0
      IRANMR = 97
      JRANMR = 33
      END

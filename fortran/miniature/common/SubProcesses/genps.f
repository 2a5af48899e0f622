C     Points: two bodies from two, at a fixed energy, cos(theta) and phi
C     flat. The frame is that of the colliding particles' total momentum.
      SUBROUTINE X_TO_F_ARG(NDIM, ICONFIG, MINCFIG, MAXCFIG, INVAR, WGT,
     &     X, P)
      IMPLICIT NONE
      INCLUDE 'genps.inc'
      INCLUDE 'nexternal.inc'
      INCLUDE 'run.inc'
      INTEGER NDIM, ICONFIG, MINCFIG, MAXCFIG, INVAR
      DOUBLE PRECISION WGT, X(*), P(0:3,NEXTERNAL)
      DOUBLE PRECISION PI
      PARAMETER (PI=3.141592653589793D0)
      DOUBLE PRECISION PMASS(NEXTERNAL)
      COMMON/TO_MASS/PMASS
      DOUBLE PRECISION ROOTS, Q, PT

      XBK(:) = 1D0
      ROOTS = 2D0*SQRT(EBEAM(1)*EBEAM(2))
      CALL SAMPLE_GET_X(WGT, X(1), 1, ICONFIG, -1D0, 1D0)
      CALL SAMPLE_GET_X(WGT, X(2), 2, ICONFIG, 0D0, 2D0*PI)
      P(:,:) = 0D0
      P(0,1:2) = ROOTS/2D0
      P(3,1) = ROOTS/2D0
      P(3,2) = -ROOTS/2D0
      P(0,3) = (ROOTS**2+PMASS(3)**2-PMASS(4)**2)/(2D0*ROOTS)
      P(0,4) = ROOTS-P(0,3)
      Q = SQRT(P(0,3)**2-PMASS(3)**2)
      PT = Q*SQRT(1D0-X(1)**2)
      P(1,3) = PT*COS(X(2))
      P(2,3) = PT*SIN(X(2))
      P(3,3) = Q*X(1)
      P(1:3,4) = -P(1:3,3)
C     Two-body phase space over the flux 2 s
      WGT = WGT*Q/(16D0*PI**2*ROOTS)/(2D0*ROOTS**2)
      END

C     Weight of a channel's AMP2: no channel is cut here
      DOUBLE PRECISION FUNCTION GET_CHANNEL_CUT(P, CONFIG)
      IMPLICIT NONE
      INCLUDE 'nexternal.inc'
      DOUBLE PRECISION P(0:3,NEXTERNAL)
      INTEGER CONFIG
      GET_CHANNEL_CUT = 1D0
      END

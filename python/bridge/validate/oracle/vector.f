C     Matrix files with SMATRIX(P,RHEL,RCOL,CHANNEL,IVEC,ANS,IHEL,ICOL):
C     MG5_aMC 3.6 and later. Arrays: p(0:3,n_leg,n) in GeV,
C     nhel(n_leg,ncomb).

C     ans, chosen helicity and colour flow (from 1, 0: none)
      SUBROUTINE MEB_ORACLE_SUM(SMATRIX, N, P, ALPHA_S, DIAGRAM,
     &     CONFIG, RHEL, RCOL, NHEL, NCOMB, ANS, IHEL, ICOL)
      IMPLICIT NONE
      INCLUDE 'nexternal.inc'
      EXTERNAL SMATRIX
      INTEGER N, NCOMB
      DOUBLE PRECISION P(0:3,NEXTERNAL,N), ALPHA_S(N)
      INTEGER DIAGRAM(N), CONFIG(N)
      DOUBLE PRECISION RHEL(N), RCOL(N)
      INTEGER NHEL(NEXTERNAL,NCOMB)
      DOUBLE PRECISION ANS(N)
      INTEGER IHEL(N), ICOL(N)
      INTEGER I

      DO I = 1, N
        CALL MEB_ORACLE_ALPHA_S(ALPHA_S(I))
        CALL MEB_ORACLE_CHANNEL(DIAGRAM(I), CONFIG(I))
        IHEL(I) = 0
        ICOL(I) = 0
        CALL SMATRIX(P(0,1,I), RHEL(I), RCOL(I), DIAGRAM(I), 1,
     &       ANS(I), IHEL(I), ICOL(I))
      ENDDO
      END

C     Each helicity's term, AMP2 and JAMP2 summed over helicities; none
C     divided by the averaging factor.
      SUBROUTINE MEB_ORACLE_TERMS(MATRIX, N, P, ALPHA_S, NHEL, NCOMB,
     &     TERM, AMP2_OUT, JAMP2_OUT)
      IMPLICIT NONE
      INCLUDE 'nexternal.inc'
      INCLUDE 'maxamps.inc'
      DOUBLE PRECISION MATRIX
      EXTERNAL MATRIX
      INTEGER N, NCOMB
      DOUBLE PRECISION P(0:3,NEXTERNAL,N), ALPHA_S(N)
      INTEGER NHEL(NEXTERNAL,NCOMB)
      DOUBLE PRECISION TERM(NCOMB,N), AMP2_OUT(MAXAMPS,N)
      DOUBLE PRECISION JAMP2_OUT(MAXFLOW,N)
      INTEGER I, K, JC(NEXTERNAL)
      DOUBLE PRECISION AMP2(MAXAMPS), JAMP2(0:MAXFLOW)

      JC(:) = 1
      DO I = 1, N
        CALL MEB_ORACLE_ALPHA_S(ALPHA_S(I))
        AMP2(:) = 0D0
        JAMP2(:) = 0D0
        DO K = 1, NCOMB
          TERM(K,I) = MATRIX(P(0,1,I), NHEL(1,K), JC, K, AMP2, JAMP2,
     &         1)
        ENDDO
        AMP2_OUT(:,I) = AMP2(:)
        JAMP2_OUT(:,I) = JAMP2(1:MAXFLOW)
      ENDDO
      END

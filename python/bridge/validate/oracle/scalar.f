C     Matrix files with SMATRIX(P,ANS): MG5_aMC up to 3.5, grouped or
C     not. Arrays: p(0:3,n_leg,n) in GeV, nhel(n_leg,ncomb).

C     ans, chosen helicity (from 1, 0: none); these files choose no
C     colour flow, so icol is 0.
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

      INTEGER I, K, HELICITY(NEXTERNAL)
      INTEGER MEB_ORACLE_FIND
      EXTERNAL MEB_ORACLE_FIND
      CHARACTER*101 HEL_BUFF
      COMMON/TO_HELICITY/HEL_BUFF
      DOUBLE PRECISION NEXT
      COMMON/MEB_ORACLE_RANDOM/NEXT

      DO I = 1, N
        CALL MEB_ORACLE_ALPHA_S(ALPHA_S(I))
        CALL MEB_ORACLE_CHANNEL(DIAGRAM(I), CONFIG(I))
        NEXT = RHEL(I)
        CALL SMATRIX(P(0,1,I), ANS(I))
        READ(HEL_BUFF, '(20I5)') (HELICITY(K), K=1,NEXTERNAL)
        IHEL(I) = 0
        IF (ANS(I).NE.0D0) IHEL(I) =
     &       MEB_ORACLE_FIND(HELICITY, NHEL, NEXTERNAL, NCOMB)
        ICOL(I) = 0
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
      COMMON/TO_AMPS/AMP2, JAMP2

      JC(:) = 1
      DO I = 1, N
        CALL MEB_ORACLE_ALPHA_S(ALPHA_S(I))
        AMP2(:) = 0D0
        JAMP2(:) = 0D0
        DO K = 1, NCOMB
          TERM(K,I) = MATRIX(P(0,1,I), NHEL(1,K), JC, K)
        ENDDO
        AMP2_OUT(:,I) = AMP2(:)
        JAMP2_OUT(:,I) = JAMP2(1:MAXFLOW)
      ENDDO
      END

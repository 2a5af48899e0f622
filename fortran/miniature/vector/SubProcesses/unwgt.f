C     Keeps or drops an event; a kept one is written with the helicities
C     of combination ihel and colour flow icol
      SUBROUTINE UNWGT(P, WGT, NUMPROC, IHEL, ICOL, IVEC)
      IMPLICIT NONE
      INCLUDE 'nexternal.inc'
      DOUBLE PRECISION P(0:3,NEXTERNAL), WGT
      INTEGER NUMPROC, IHEL, ICOL, IVEC
      LOGICAL KEEP_EVENT
      INTEGER GET_NHEL1
      EXTERNAL KEEP_EVENT, GET_NHEL1
      DOUBLE PRECISION UWGT
      INTEGER HELICITY(NEXTERNAL), I

      IF (.NOT.KEEP_EVENT(WGT, UWGT)) RETURN
      CALL FIND_RESONANCES()
      DO I = 1, NEXTERNAL
        HELICITY(I) = GET_NHEL1(IHEL, I)
      ENDDO
      CALL STORE_EVENT(P, UWGT, NUMPROC, HELICITY, ICOL)
      END

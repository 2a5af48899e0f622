C     Resonances that an event is written with: none
      SUBROUTINE FIND_RESONANCES()
      IMPLICIT NONE
      INCLUDE 'nexternal.inc'
      LOGICAL ONBW(-NEXTERNAL:0)
      COMMON/TO_BWEVENTS/ONBW

      ONBW(:) = .FALSE.
      END

C     Colour flow of an event, at random among those that its channel
C     allows, in proportion to JAMP2. From 1; 0 if there is none.
      SUBROUTINE CHOOSE_FLOW(R, ICONFIG, IPROC, ICOL)
      IMPLICIT NONE
      INCLUDE 'maxamps.inc'
      DOUBLE PRECISION R
      INTEGER ICONFIG, IPROC, ICOL
      DOUBLE PRECISION AMP2(MAXAMPS), JAMP2(0:MAXFLOW)
      COMMON/TO_AMPS/AMP2, JAMP2
      INTEGER I, NC
      DOUBLE PRECISION SUMS(0:MAXFLOW)
      INCLUDE 'coloramps.inc'

      NC = INT(JAMP2(0))
      ICOL = 0
      IF (NC.EQ.0) RETURN
      SUMS(0) = 0D0
      DO I = 1, NC
        SUMS(I) = SUMS(I-1)
        IF (ICOLAMP(I,ICONFIG,IPROC)) SUMS(I) = SUMS(I)+JAMP2(I)
      ENDDO
C     No allowed flow contributes: any will do
      IF (SUMS(NC).EQ.0D0) THEN
        DO I = 1, NC
          SUMS(I) = SUMS(I-1)+JAMP2(I)
        ENDDO
      ENDIF
      ICOL = 1
      DO WHILE (SUMS(ICOL).LT.R*SUMS(NC).AND.ICOL.LT.NC)
        ICOL = ICOL+1
      ENDDO
      END

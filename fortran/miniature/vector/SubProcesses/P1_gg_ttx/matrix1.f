C     Process: g g > t t~ @1
C     Squared matrix element in GeV^0: averaged over spins and colours,
C     with the sign of the chosen helicity's term and, if wanted, the
C     weight of the channel
      SUBROUTINE SMATRIX1(P, RHEL, RCOL, CHANNEL, IVEC, ANS, IHEL,
     &     ICOL)
      IMPLICIT NONE
      INCLUDE 'genps.inc'
      INCLUDE 'maxconfigs.inc'
      INCLUDE 'nexternal.inc'
      INCLUDE 'maxamps.inc'
      INCLUDE 'run.inc'
      INTEGER NCOMB
      PARAMETER (NCOMB=16)
      DOUBLE PRECISION P(0:3,NEXTERNAL), ANS
      DOUBLE PRECISION RHEL, RCOL
      INTEGER CHANNEL, IVEC, IHEL, ICOL
      LOGICAL GOODHEL(NCOMB,MAXSPROC)
      INTEGER NTRY(MAXSPROC)
      COMMON/BLOCK_GOODHEL/NTRY, GOODHEL
      DOUBLE PRECISION AMP2(MAXAMPS), JAMP2(0:MAXFLOW)
      INTEGER ISUM_HEL
      LOGICAL MULTI_CHANNEL
      COMMON/TO_MATRIX/ISUM_HEL, MULTI_CHANNEL
      INTEGER MAPCONFIG(0:LMAXCONFIGS), ICONFIG
      COMMON/TO_MCONFIGS/MAPCONFIG, ICONFIG
      INTEGER CONFSUB(MAXSPROC,LMAXCONFIGS)
      INCLUDE 'config_subproc_map.inc'
      DOUBLE PRECISION MATRIX1, GET_CHANNEL_CUT
      EXTERNAL MATRIX1, GET_CHANNEL_CUT
      INTEGER NHEL(NEXTERNAL,NCOMB), JC(NEXTERNAL)
      DOUBLE PRECISION TS(NCOMB), SUMHEL, XTOT
      INTEGER I, J, IDEN
      DATA (NHEL(I,  1),I=1,4) /-1,-1,-1, 1/
      DATA (NHEL(I,  2),I=1,4) /-1,-1,-1,-1/
      DATA (NHEL(I,  3),I=1,4) /-1,-1, 1, 1/
      DATA (NHEL(I,  4),I=1,4) /-1,-1, 1,-1/
      DATA (NHEL(I,  5),I=1,4) /-1, 1,-1, 1/
      DATA (NHEL(I,  6),I=1,4) /-1, 1,-1,-1/
      DATA (NHEL(I,  7),I=1,4) /-1, 1, 1, 1/
      DATA (NHEL(I,  8),I=1,4) /-1, 1, 1,-1/
      DATA (NHEL(I,  9),I=1,4) / 1,-1,-1, 1/
      DATA (NHEL(I, 10),I=1,4) / 1,-1,-1,-1/
      DATA (NHEL(I, 11),I=1,4) / 1,-1, 1, 1/
      DATA (NHEL(I, 12),I=1,4) / 1,-1, 1,-1/
      DATA (NHEL(I, 13),I=1,4) / 1, 1,-1, 1/
      DATA (NHEL(I, 14),I=1,4) / 1, 1,-1,-1/
      DATA (NHEL(I, 15),I=1,4) / 1, 1, 1, 1/
      DATA (NHEL(I, 16),I=1,4) / 1, 1, 1,-1/
      DATA IDEN/256/

      NTRY(1) = NTRY(1)+1
      JC(:) = 1
      AMP2(:) = 0D0
      JAMP2(:) = 0D0
      JAMP2(0) = 2
      ANS = 0D0
C     Helicities that were negligible on each of the first points are
C     left out
      DO I = 1, NCOMB
        TS(I) = 0D0
        IF (GOODHEL(I,1).OR.NTRY(1).LE.MAXTRIES) THEN
          TS(I) = MATRIX1(P, NHEL(1,I), JC, I, AMP2, JAMP2, IVEC)
          ANS = ANS+ABS(TS(I))
        ENDIF
      ENDDO
      IF (NTRY(1).LE.MAXTRIES) THEN
        DO I = 1, NCOMB
          IF (ABS(TS(I)).GT.ANS*LIMHEL/NCOMB) GOODHEL(I,1) = .TRUE.
        ENDDO
      ENDIF
      IF (ANS.NE.0D0) THEN
        SUMHEL = 0D0
        DO I = 1, NCOMB
          SUMHEL = SUMHEL+ABS(TS(I))/ANS
          IF (RHEL.LT.SUMHEL) THEN
            IHEL = I
            ANS = SIGN(ANS, TS(I))
            EXIT
          ENDIF
        ENDDO
      ENDIF
      IF (MULTI_CHANNEL) THEN
        XTOT = 0D0
        DO I = 1, LMAXCONFIGS
          J = CONFSUB(1,I)
          IF (J.NE.0) THEN
            AMP2(J) = AMP2(J)*GET_CHANNEL_CUT(P, I)
            XTOT = XTOT+AMP2(J)
          ENDIF
        ENDDO
        IF (XTOT.NE.0D0) ANS = ANS*AMP2(CHANNEL)/XTOT
      ENDIF
      ANS = ANS/IDEN
      CALL SELECT_COLOR(RCOL, JAMP2, ICONFIG, 1, ICOL, IVEC)
      END

C     One helicity combination, summed over colours; adds to AMP2, JAMP2
      DOUBLE PRECISION FUNCTION MATRIX1(P, NHEL, IC, IHEL, AMP2, JAMP2,
     &     IVEC)
      IMPLICIT NONE
      INCLUDE 'genps.inc'
      INCLUDE 'nexternal.inc'
      INCLUDE 'maxamps.inc'
      INTEGER NGRAPHS, NWAVEFUNCS, NCOLOR, NAMPSO
      PARAMETER (NGRAPHS=3)
      PARAMETER (NWAVEFUNCS=5, NCOLOR=2)
      PARAMETER (NAMPSO=1)
      DOUBLE PRECISION ZERO
      PARAMETER (ZERO=0D0)
      DOUBLE PRECISION P(0:3,NEXTERNAL)
      INTEGER NHEL(NEXTERNAL), IC(NEXTERNAL), IHEL
      INTEGER IVEC
      DOUBLE PRECISION AMP2(MAXAMPS), JAMP2(0:MAXFLOW)
      INCLUDE '../../Source/vector.inc'
      INCLUDE 'coupl.inc'
      DOUBLE PRECISION SMALL_WIDTH_TREATMENT
      COMMON/NARROW_WIDTH/SMALL_WIDTH_TREATMENT
      COMPLEX*16 AMP(NGRAPHS), JAMP(NCOLOR,NAMPSO), W(6,NWAVEFUNCS)
      COMPLEX*16 ZTEMP
      INTEGER CF(NCOLOR*(NCOLOR+1)/2), DENOM, CF_INDEX
      INTEGER I, J, M, N
      DOUBLE PRECISION FK_ZERO, FK_MDL_WT
      SAVE FK_ZERO, FK_MDL_WT
      LOGICAL FIRST
      SAVE FIRST
      DATA FIRST/.TRUE./
      DATA DENOM/3/
      DATA (CF(I),I=  1,  2) /16,-4/
      DATA (CF(I),I=  3,  3) /16/

      IF (FIRST) THEN
        FIRST = .FALSE.
        FK_ZERO = 0D0
        IF (MDL_WT.NE.0D0) THEN
          FK_MDL_WT = SIGN(MAX(ABS(MDL_WT),
     &      ABS(MDL_MT*SMALL_WIDTH_TREATMENT)), MDL_WT)
        ELSE
          FK_MDL_WT = 0D0
        ENDIF
      ENDIF
      CALL VXXXXX(P(0,1), ZERO, NHEL(1), -1*IC(1), W(1,1))
      CALL VXXXXX(P(0,2), ZERO, NHEL(2), -1*IC(2), W(1,2))
      CALL OXXXXX(P(0,3), MDL_MT, NHEL(3), +1*IC(3), W(1,3))
      CALL IXXXXX(P(0,4), MDL_MT, NHEL(4), -1*IC(4), W(1,4))
      CALL VVV1P0_1(W(1,1), W(1,2), GC_10(IVEC), ZERO, FK_ZERO, W(1,5))
      CALL FFV1_0(W(1,4), W(1,3), W(1,5), GC_11(IVEC), AMP(1))
      CALL FFV1_1(W(1,3), W(1,1), GC_11(IVEC), MDL_MT, FK_MDL_WT,
     &  W(1,5))
      CALL FFV1_0(W(1,4), W(1,5), W(1,2), GC_11(IVEC), AMP(2))
      CALL FFV1_2(W(1,4), W(1,1), GC_11(IVEC), MDL_MT, FK_MDL_WT,
     &  W(1,5))
      CALL FFV1_0(W(1,5), W(1,3), W(1,2), GC_11(IVEC), AMP(3))
      JAMP(:,:) = (0D0,0D0)
      JAMP(1,1) = (0D0,1D0)*AMP(1)-AMP(2)
      JAMP(2,1) = (0D0,-1D0)*AMP(1)-AMP(3)
      MATRIX1 = 0D0
      DO M = 1, NAMPSO
        CF_INDEX = 0
        DO I = 1, NCOLOR
          ZTEMP = (0D0,0D0)
          DO J = I, NCOLOR
            CF_INDEX = CF_INDEX+1
            ZTEMP = ZTEMP+CF(CF_INDEX)*JAMP(J,M)
          ENDDO
          DO N = 1, NAMPSO
            MATRIX1 = MATRIX1+DBLE(ZTEMP*DCONJG(JAMP(I,N)))
          ENDDO
        ENDDO
      ENDDO
      MATRIX1 = MATRIX1/DENOM
      AMP2(1) = AMP2(1)+AMP(1)*DCONJG(AMP(1))
      AMP2(2) = AMP2(2)+AMP(2)*DCONJG(AMP(2))
      AMP2(3) = AMP2(3)+AMP(3)*DCONJG(AMP(3))
      DO I = 1, NCOLOR
        DO M = 1, NAMPSO
          DO N = 1, NAMPSO
            JAMP2(I) = JAMP2(I)+ABS(DBLE(JAMP(I,M)*DCONJG(JAMP(I,N))))
          ENDDO
        ENDDO
      ENDDO
      END

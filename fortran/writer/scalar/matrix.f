C     Process: @name@
C     Squared matrix element in GeV^(8-2*NEXTERNAL): averaged over spins
C     and colours, with the sign of the chosen helicity's term and, if
C     wanted, the weight of the channel
      SUBROUTINE SMATRIX@i@(P, ANS)
      IMPLICIT NONE
      INCLUDE 'genps.inc'
      INCLUDE 'maxconfigs.inc'
      INCLUDE 'nexternal.inc'
      INCLUDE 'maxamps.inc'
      INCLUDE 'run.inc'
      INTEGER NCOMB
      PARAMETER (NCOMB=@n_helicity@)
      DOUBLE PRECISION P(0:3,NEXTERNAL), ANS
      LOGICAL GOODHEL(NCOMB,2)
      INTEGER NTRY(2), THIS_NTRY(2)
      COMMON/BLOCK_GOODHEL/NTRY, GOODHEL
      SAVE THIS_NTRY
      DOUBLE PRECISION AMP2(MAXAMPS), JAMP2(0:MAXFLOW)
      COMMON/TO_AMPS/AMP2, JAMP2
      CHARACTER*101 HEL_BUFF
      COMMON/TO_HELICITY/HEL_BUFF
      DOUBLE PRECISION POL(2)
      COMMON/TO_POLARIZATION/POL
      INTEGER IMIRROR, IPROC
      COMMON/TO_MIRROR/IMIRROR, IPROC
      INTEGER SUBDIAG(MAXSPROC), IB(2)
      COMMON/TO_SUB_DIAG/SUBDIAG, IB
      INTEGER ISUM_HEL
      LOGICAL MULTI_CHANNEL
      COMMON/TO_MATRIX/ISUM_HEL, MULTI_CHANNEL
      INTEGER MAPCONFIG(0:LMAXCONFIGS), ICONFIG
      COMMON/TO_MCONFIGS/MAPCONFIG, ICONFIG
      INTEGER CONFSUB(MAXSPROC,LMAXCONFIGS)
      INCLUDE 'config_subproc_map.inc'
      DOUBLE PRECISION MATRIX@i@, GET_CHANNEL_CUT
      EXTERNAL MATRIX@i@, GET_CHANNEL_CUT
      INTEGER NHEL(NEXTERNAL,NCOMB), JC(NEXTERNAL)
      DOUBLE PRECISION TS(NCOMB), T, SUMHEL, XTOT, R
      INTEGER I, J, @jj@IDEN
      DATA THIS_NTRY/2*0/
@helicities@
      DATA IDEN/@iden@/

      NTRY(IMIRROR) = NTRY(IMIRROR)+1
      THIS_NTRY(IMIRROR) = THIS_NTRY(IMIRROR)+1
      JC(:) = 1
      AMP2(:) = 0D0
      JAMP2(:) = 0D0
      JAMP2(0) = @n_flow@
      ANS = 0D0
C     Helicities that were negligible on each of the first points are
C     left out; the table is shared with other matrix elements
      DO I = 1, NCOMB
        TS(I) = 0D0
        IF (GOODHEL(I,IMIRROR).OR.NTRY(IMIRROR).LE.MAXTRIES
     &    .OR.THIS_NTRY(IMIRROR).LE.MAXTRIES) THEN
          T = MATRIX@i@(P, NHEL(1,I), JC, I)
@polarisation@
          TS(I) = T
          ANS = ANS+ABS(T)
        ENDIF
      ENDDO
      IF (THIS_NTRY(IMIRROR).LE.MAXTRIES) THEN
        DO I = 1, NCOMB
          IF (ABS(TS(I)).GT.ANS*LIMHEL/NCOMB)
     &      GOODHEL(I,IMIRROR) = .TRUE.
        ENDDO
      ENDIF
      WRITE(HEL_BUFF, '(20I5)') (0, I=1,NEXTERNAL)
      IF (ANS.NE.0D0) THEN
        CALL RANMAR(R)
        SUMHEL = 0D0
        DO I = 1, NCOMB
          SUMHEL = SUMHEL+ABS(TS(I))/ANS
          IF (R.LT.SUMHEL) THEN
            WRITE(HEL_BUFF, '(20I5)') (NHEL(J,I), J=1,NEXTERNAL)
            ANS = SIGN(ANS, TS(I))
            EXIT
          ENDIF
        ENDDO
      ENDIF
      IF (MULTI_CHANNEL) THEN
        XTOT = 0D0
        DO I = 1, LMAXCONFIGS
          J = CONFSUB(@i@,I)
          IF (J.NE.0) THEN
            AMP2(J) = AMP2(J)*GET_CHANNEL_CUT(P, I)
            XTOT = XTOT+AMP2(J)
          ENDIF
        ENDDO
        IF (XTOT.NE.0D0) ANS = ANS*AMP2(SUBDIAG(@i@))/XTOT
      ENDIF
      ANS = ANS/IDEN
      END

C     One helicity combination, summed over colours; adds to AMP2, JAMP2
      DOUBLE PRECISION FUNCTION MATRIX@i@(P, NHEL, IC, IHEL)
      IMPLICIT NONE
      INCLUDE 'genps.inc'
      INCLUDE 'nexternal.inc'
      INCLUDE 'maxamps.inc'
      INTEGER NGRAPHS, NWAVEFUNCS, NCOLOR, NAMPSO
      PARAMETER (NGRAPHS=@n_amplitude@)
      PARAMETER (NWAVEFUNCS=@n_wave@, NCOLOR=@n_flow@)
      PARAMETER (NAMPSO=@n_order@)
      DOUBLE PRECISION ZERO
      PARAMETER (ZERO=0D0)
      DOUBLE PRECISION P(0:3,NEXTERNAL)
      INTEGER NHEL(NEXTERNAL), IC(NEXTERNAL), IHEL
      DOUBLE PRECISION AMP2(MAXAMPS), JAMP2(0:MAXFLOW)
      COMMON/TO_AMPS/AMP2, JAMP2
      INCLUDE 'coupl.inc'
      DOUBLE PRECISION SMALL_WIDTH_TREATMENT
      COMMON/NARROW_WIDTH/SMALL_WIDTH_TREATMENT
      COMPLEX*16 AMP(NGRAPHS), JAMP(NCOLOR,NAMPSO)
      COMPLEX*16 W(@wave_size@,NWAVEFUNCS)
@temporaries@
      COMPLEX*16 ZTEMP
      DOUBLE PRECISION CF(NCOLOR,NCOLOR)
      SAVE CF
      INTEGER I, J, M, N
@width_declarations@
@order_declarations@
@color_matrix@

@widths@
@wanted_orders@
@calls@
      JAMP(:,:) = (0D0,0D0)
@jamps@
      MATRIX@i@ = 0D0
      DO M = 1, NAMPSO
        DO I = 1, NCOLOR
          ZTEMP = (0D0,0D0)
          DO J = 1, NCOLOR
            ZTEMP = ZTEMP+CF(J,I)*JAMP(J,M)
          ENDDO
          DO N = 1, NAMPSO
@if_wanted@
            MATRIX@i@ = MATRIX@i@+DBLE(ZTEMP*DCONJG(JAMP(I,N)))
          ENDDO
        ENDDO
      ENDDO
@amp2@
      DO I = 1, NCOLOR
        DO M = 1, NAMPSO
          DO N = 1, NAMPSO
@if_wanted@
            JAMP2(I) = JAMP2(I)+ABS(DBLE(JAMP(I,M)*DCONJG(JAMP(I,N))))
          ENDDO
        ENDDO
      ENDDO
      END

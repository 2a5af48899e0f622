C     Process: @name@
C     Squared matrix element in GeV^(8-2*NEXTERNAL): averaged over spins
C     and colours, with the sign of the chosen helicity's term and, if
C     wanted, the weight of the channel
      SUBROUTINE SMATRIX@i@(P, RHEL, RCOL, CHANNEL, IVEC, ANS, IHEL,
     &     ICOL)
      IMPLICIT NONE
      INCLUDE 'genps.inc'
      INCLUDE 'maxconfigs.inc'
      INCLUDE 'nexternal.inc'
      INCLUDE 'maxamps.inc'
      INCLUDE 'run.inc'
      INTEGER NCOMB
      PARAMETER (NCOMB=@n_helicity@)
      DOUBLE PRECISION P(0:3,NEXTERNAL), ANS
      DOUBLE PRECISION RHEL, RCOL
      INTEGER CHANNEL, IVEC, IHEL, ICOL
      LOGICAL GOODHEL(NCOMB,MAXSPROC)
      INTEGER NTRY(MAXSPROC)
      COMMON/BLOCK_GOODHEL/NTRY, GOODHEL
      DOUBLE PRECISION AMP2(MAXAMPS), JAMP2(0:MAXFLOW)
      DOUBLE PRECISION POL(2)
      COMMON/TO_POLARIZATION/POL
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
      DOUBLE PRECISION TS(NCOMB), T, SUMHEL, XTOT
      INTEGER I, J, @jj@IDEN
@helicities@
      DATA IDEN/@iden@/

      NTRY(@i@) = NTRY(@i@)+1
      JC(:) = 1
      AMP2(:) = 0D0
      JAMP2(:) = 0D0
      JAMP2(0) = @n_flow@
      ANS = 0D0
C     Helicities that were negligible on each of the first points are
C     left out
      DO I = 1, NCOMB
        TS(I) = 0D0
        IF (GOODHEL(I,@i@).OR.NTRY(@i@).LE.MAXTRIES) THEN
          T = MATRIX@i@(P, NHEL(1,I), JC, I, AMP2, JAMP2, IVEC)
@polarisation@
          TS(I) = T
          ANS = ANS+ABS(T)
        ENDIF
      ENDDO
      IF (NTRY(@i@).LE.MAXTRIES) THEN
        DO I = 1, NCOMB
          IF (ABS(TS(I)).GT.ANS*LIMHEL/NCOMB)
     &      GOODHEL(I,@i@) = .TRUE.
        ENDDO
      ENDIF
      IHEL = 0
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
          J = CONFSUB(@i@,I)
          IF (J.NE.0) THEN
            AMP2(J) = AMP2(J)*GET_CHANNEL_CUT(P, I)
            XTOT = XTOT+AMP2(J)
          ENDIF
        ENDDO
        IF (XTOT.NE.0D0) ANS = ANS*AMP2(CHANNEL)/XTOT
      ENDIF
      ANS = ANS/IDEN
      CALL SELECT_COLOR(RCOL, JAMP2, ICONFIG, @i@, ICOL, IVEC)
      END

C     One helicity combination, summed over colours; adds to AMP2, JAMP2
      DOUBLE PRECISION FUNCTION MATRIX@i@(P, NHEL, IC, IHEL, AMP2, JAMP2,
     &     IVEC)
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
      INTEGER NHEL(NEXTERNAL), IC(NEXTERNAL), IHEL, IVEC
      DOUBLE PRECISION AMP2(MAXAMPS), JAMP2(0:MAXFLOW)
      INCLUDE '../../Source/vector.inc'
      INCLUDE 'coupl.inc'
      DOUBLE PRECISION SMALL_WIDTH_TREATMENT
      COMMON/NARROW_WIDTH/SMALL_WIDTH_TREATMENT
      COMPLEX*16 AMP(NGRAPHS), JAMP(NCOLOR,NAMPSO)
      COMPLEX*16 W(@wave_size@,NWAVEFUNCS)
@temporaries@
      COMPLEX*16 ZTEMP
      INTEGER CF(NCOLOR*(NCOLOR+1)/2), DENOM, CF_INDEX
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
        CF_INDEX = 0
        DO I = 1, NCOLOR
          ZTEMP = (0D0,0D0)
          DO J = I, NCOLOR
            CF_INDEX = CF_INDEX+1
            ZTEMP = ZTEMP+CF(CF_INDEX)*JAMP(J,M)
          ENDDO
          DO N = 1, NAMPSO
@if_wanted@
            MATRIX@i@ = MATRIX@i@+DBLE(ZTEMP*DCONJG(JAMP(I,N)))
          ENDDO
        ENDDO
      ENDDO
      MATRIX@i@ = MATRIX@i@/DENOM
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

C     Cross-section of the subprocesses of this folder: one of them is
C     picked, here always the only one
      DOUBLE PRECISION FUNCTION DSIG(PP, WGT, IMODE)
      IMPLICIT NONE
      INCLUDE 'genps.inc'
      INCLUDE 'nexternal.inc'
      DOUBLE PRECISION PP(0:3,NEXTERNAL), WGT
      INTEGER IMODE
      INTEGER IMIRROR, IPROC
      COMMON/TO_MIRROR/IMIRROR, IPROC
      INTEGER MINCFIG, MAXCFIG
      COMMON/TO_CONFIGS/MINCFIG, MAXCFIG
      LOGICAL CUTSDONE, CUTSPASSED
      COMMON/TO_CUTSDONE/CUTSDONE, CUTSPASSED
      DOUBLE PRECISION DSIGPROC
      EXTERNAL DSIGPROC
      DOUBLE PRECISION R

      DSIG = 0D0
      IF (IMODE.NE.0) RETURN
      IPROC = 1
      IMIRROR = 1
C     Mode 4: densities of the beams only
      IF (DSIGPROC(PP, MINCFIG, WGT, 4).EQ.0D0) RETURN
      CALL RANMAR(R)
      DSIG = DSIGPROC(PP, MINCFIG, WGT, IMODE)
      END

      DOUBLE PRECISION FUNCTION DSIGPROC(PP, CONFIG, WGT, IMODE)
      IMPLICIT NONE
      INCLUDE 'genps.inc'
      INCLUDE 'nexternal.inc'
      INCLUDE 'maxconfigs.inc'
      INCLUDE 'maxamps.inc'
      INCLUDE 'run.inc'
      DOUBLE PRECISION PP(0:3,NEXTERNAL), WGT
      INTEGER CONFIG, IMODE
      INTEGER CONFSUB(MAXSPROC,LMAXCONFIGS)
      INTEGER MAPCONFIG(0:LMAXCONFIGS), ICONFIG
      COMMON/TO_MCONFIGS/MAPCONFIG, ICONFIG
      INTEGER SUBDIAG(MAXSPROC), IB(2)
      COMMON/TO_SUB_DIAG/SUBDIAG, IB
      INTEGER LAST_ICONF
      COMMON/TO_LAST_ICONF/LAST_ICONF
      LOGICAL SET_CM_RAP
      DOUBLE PRECISION CM_RAP
      COMMON/TO_CM_RAP/SET_CM_RAP, CM_RAP
      INTEGER I
      DOUBLE PRECISION DSIG1
      EXTERNAL DSIG1
      INCLUDE 'config_subproc_map.inc'

      DSIGPROC = 0D0
      ICONFIG = CONFIG
      SUBDIAG(:) = CONFSUB(:,ICONFIG)
      LAST_ICONF = CONFIG
      IB(1) = 1
      IB(2) = 2
      SET_CM_RAP = .TRUE.
      CM_RAP = 0.5D0*LOG(EBEAM(IB(1))/EBEAM(IB(2)))
      CALL UPDATE_SCALE_COUPLING(PP, WGT)
      DSIGPROC = DSIG1(PP, WGT, IMODE)
      END

C     Colour flow of an event, at random among those that its channel
C     allows, in proportion to JAMP2. From 1; 0 if there is none.
      SUBROUTINE SELECT_COLOR(RCOL, JAMP2, ICONFIG, IPROC, ICOL, IVEC)
      IMPLICIT NONE
      INCLUDE 'maxamps.inc'
      DOUBLE PRECISION RCOL, JAMP2(0:MAXFLOW)
      INTEGER ICONFIG, IPROC, ICOL, IVEC
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
      DO WHILE (SUMS(ICOL).LT.RCOL*SUMS(NC).AND.ICOL.LT.NC)
        ICOL = ICOL+1
      ENDDO
      END

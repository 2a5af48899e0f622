C     Cross-section (pb) of the one subprocess. Modes: 0 run, 4 only the
C     densities of the beams, which are 1
      DOUBLE PRECISION FUNCTION DSIG1(PP, WGT, IMODE)
      IMPLICIT NONE
      INCLUDE 'genps.inc'
      INCLUDE 'nexternal.inc'
      INCLUDE 'maxamps.inc'
      DOUBLE PRECISION PP(0:3,NEXTERNAL), WGT
      INTEGER IMODE
C     GeV^-2 in picobarns
      DOUBLE PRECISION CONV
      PARAMETER (CONV=389379.66D0*1000D0)
      INTEGER IPSEL
      COMMON/SUBPROC/IPSEL
      INTEGER SUBDIAG(MAXSPROC), IB(2)
      COMMON/TO_SUB_DIAG/SUBDIAG, IB
      DOUBLE PRECISION DSIGUU, R

      DSIG1 = 1D0
      IF (IMODE.EQ.4) RETURN
      CALL SMATRIX1(PP, DSIGUU)
C     Flavours: there is one set
      CALL RANMAR(R)
      IPSEL = 1
      DSIG1 = CONV*DSIGUU
      IF (DSIG1.NE.0D0) CALL UNWGT(PP, DSIG1*WGT, 1)
      END

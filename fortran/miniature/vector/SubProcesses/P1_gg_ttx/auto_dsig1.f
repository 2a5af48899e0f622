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
      DOUBLE PRECISION DSIGUU, R, RHEL, RCOL
      INTEGER IHEL, ICOL

      DSIG1 = 1D0
      IF (IMODE.EQ.4) RETURN
      CALL RANMAR(RHEL)
      CALL RANMAR(RCOL)
C     Flavours: there is one set
      CALL RANMAR(R)
      IPSEL = 1
      IHEL = 0
      ICOL = 0
      CALL SMATRIX1(PP, RHEL, RCOL, SUBDIAG(1), 1, DSIGUU, IHEL, ICOL)
      DSIG1 = CONV*DSIGUU
      IF (DSIG1.NE.0D0) CALL UNWGT(PP, DSIG1*WGT, 1, IHEL, ICOL, 1)
      END

C     Helicity of leg ipart in combination ihel
      INTEGER FUNCTION GET_NHEL1(IHEL, IPART)
      IMPLICIT NONE
      INCLUDE 'nexternal.inc'
      INTEGER IHEL, IPART, I
      INTEGER NCOMB
      PARAMETER (NCOMB=16)
      INTEGER NHEL(NEXTERNAL,NCOMB)
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

      GET_NHEL1 = NHEL(IPART,IHEL)
      END

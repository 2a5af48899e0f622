C     External wave functions, in the conventions of HELAS (H. Murayama,
C     I. Watanabe, K. Hagiwara, KEK-91-11): rows 1 and 2 of a wave hold
C     the momentum (E + i pz, px + i py), the others its components.

C     Incoming fermion (nsf=1) or outgoing antifermion (nsf=-1)
      SUBROUTINE IXXXXX(P, FMASS, NHEL, NSF, FI)
      IMPLICIT NONE
      DOUBLE PRECISION P(0:3), FMASS
      INTEGER NHEL, NSF
      DOUBLE COMPLEX FI(6)
      DOUBLE COMPLEX CHI(2)
      DOUBLE PRECISION OMEGA(2)
      INTEGER NH

      NH = NHEL*NSF
      FI(1) = -NSF*DCMPLX(P(0), P(3))
      FI(2) = -NSF*DCMPLX(P(1), P(2))
      CALL MINI_SPINOR(P, FMASS, NH, NSF, OMEGA, CHI)
C     omega(1) goes with the chirality that the helicity favours
      IF (NH.EQ.1) THEN
        FI(3) = OMEGA(2)*CHI(1)
        FI(4) = OMEGA(2)*CHI(2)
        FI(5) = OMEGA(1)*CHI(1)
        FI(6) = OMEGA(1)*CHI(2)
      ELSE
        FI(3) = OMEGA(1)*CHI(2)
        FI(4) = OMEGA(1)*CHI(1)
        FI(5) = OMEGA(2)*CHI(2)
        FI(6) = OMEGA(2)*CHI(1)
      ENDIF
      END

C     Outgoing fermion (nsf=1) or incoming antifermion (nsf=-1)
      SUBROUTINE OXXXXX(P, FMASS, NHEL, NSF, FO)
      IMPLICIT NONE
      DOUBLE PRECISION P(0:3), FMASS
      INTEGER NHEL, NSF
      DOUBLE COMPLEX FO(6)
      DOUBLE COMPLEX CHI(2)
      DOUBLE PRECISION OMEGA(2)
      INTEGER NH

      NH = NHEL*NSF
      FO(1) = NSF*DCMPLX(P(0), P(3))
      FO(2) = NSF*DCMPLX(P(1), P(2))
      CALL MINI_SPINOR(P, FMASS, NH, NSF, OMEGA, CHI)
      CHI(2) = DCONJG(CHI(2))
      IF (NH.EQ.1) THEN
        FO(3) = OMEGA(1)*CHI(1)
        FO(4) = OMEGA(1)*CHI(2)
        FO(5) = OMEGA(2)*CHI(1)
        FO(6) = OMEGA(2)*CHI(2)
      ELSE
        FO(3) = OMEGA(2)*CHI(2)
        FO(4) = OMEGA(2)*CHI(1)
        FO(5) = OMEGA(1)*CHI(2)
        FO(6) = OMEGA(1)*CHI(1)
      ENDIF
      END

C     Two-component spinor chi along the momentum, first component real,
C     and the factors sqrt(E+|p|), sqrt(E-|p|) with their signs
      SUBROUTINE MINI_SPINOR(P, FMASS, NH, NSF, OMEGA, CHI)
      IMPLICIT NONE
      DOUBLE PRECISION P(0:3), FMASS
      INTEGER NH, NSF
      DOUBLE PRECISION OMEGA(2)
      DOUBLE COMPLEX CHI(2)
      DOUBLE PRECISION PP, PP3

      IF (FMASS.EQ.0D0) THEN
C       Massless: one chirality; sqrt(E+pz) is chi's first component
        OMEGA(1) = NSF
        OMEGA(2) = 0D0
        PP3 = SQRT(MAX(P(0)+P(3), 0D0))
        IF (P(1).EQ.0D0.AND.P(2).EQ.0D0.AND.P(3).LT.0D0) PP3 = 0D0
        CHI(1) = PP3
        IF (PP3.EQ.0D0) THEN
          OMEGA(1) = 1D0
          CHI(2) = -NH*NSF*SQRT(2D0*P(0))
        ELSE
          CHI(2) = DCMPLX(NH*P(1), P(2))/PP3
        ENDIF
        RETURN
      ENDIF
      PP = MIN(P(0), SQRT(P(1)**2+P(2)**2+P(3)**2))
      OMEGA(1) = SQRT(P(0)+PP)
      OMEGA(2) = FMASS/OMEGA(1)
C     Antiparticles: the sign of the favoured chirality
      OMEGA(1) = NSF*OMEGA(1)
      IF (PP.EQ.0D0) THEN
        CHI(1) = 1D0
        CHI(2) = 0D0
        RETURN
      ENDIF
      PP3 = MAX(PP+P(3), 0D0)
      CHI(1) = SQRT(PP3/(2D0*PP))
      IF (PP3.EQ.0D0) THEN
        CHI(2) = -NH
      ELSE
        CHI(2) = DCMPLX(NH*P(1), P(2))/SQRT(2D0*PP*PP3)
      ENDIF
      END

C     Massless vector; outgoing (nsv=1) or incoming (nsv=-1)
      SUBROUTINE VXXXXX(P, VMASS, NHEL, NSV, VC)
      IMPLICIT NONE
      DOUBLE PRECISION P(0:3), VMASS
      INTEGER NHEL, NSV
      DOUBLE COMPLEX VC(6)
      DOUBLE PRECISION SQH, PT, TILT

      IF (VMASS.NE.0D0) STOP 'VXXXXX: external vectors are massless'
      SQH = SQRT(0.5D0)
      VC(1) = NSV*DCMPLX(P(0), P(3))
      VC(2) = NSV*DCMPLX(P(1), P(2))
      PT = SQRT(P(1)**2+P(2)**2)
      VC(3) = 0D0
      VC(6) = NHEL*PT/P(0)*SQH
      IF (PT.EQ.0D0) THEN
        VC(4) = -NHEL*SQH
        VC(5) = DCMPLX(0D0, NSV*SIGN(SQH, P(3)))
      ELSE
        TILT = P(3)/(P(0)*PT)*SQH*NHEL
        VC(4) = DCMPLX(-P(1)*TILT, -NSV*P(2)/PT*SQH)
        VC(5) = DCMPLX(-P(2)*TILT, NSV*P(1)/PT*SQH)
      ENDIF
      END

C     Scalar; outgoing (nss=1) or incoming (nss=-1)
      SUBROUTINE SXXXXX(P, NSS, SC)
      IMPLICIT NONE
      DOUBLE PRECISION P(0:3)
      INTEGER NSS
      DOUBLE COMPLEX SC(3)

      SC(1) = NSS*DCMPLX(P(0), P(3))
      SC(2) = NSS*DCMPLX(P(1), P(2))
      SC(3) = 1D0
      END

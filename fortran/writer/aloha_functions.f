C     External wave functions, in the conventions of HELAS (H. Murayama,
C     I. Watanabe, K. Hagiwara, KEK-91-11): rows 1 and 2 of a wave hold
C     the momentum (E + i pz, px + i py), the others its components.
C     p(0:3) = (E, px, py, pz) and masses in GeV, helicities -1, 0, 1.

C     Fermion line that flows in: incoming fermion (nsf=1) or outgoing
C     antifermion (nsf=-1)
      SUBROUTINE IXXXXX(P, FMASS, NHEL, NSF, FI)
      IMPLICIT NONE
      DOUBLE PRECISION P(0:3), FMASS
      INTEGER NHEL, NSF
      DOUBLE COMPLEX FI(6)
      DOUBLE COMPLEX UP, DOWN
      DOUBLE PRECISION PP, PPZ, FAVOURED, OTHER
      INTEGER NH

      NH = NHEL*NSF
      FI(1) = -NSF*DCMPLX(P(0), P(3))
      FI(2) = -NSF*DCMPLX(P(1), P(2))
      FI(3:6) = (0D0,0D0)
      PP = MIN(P(0), SQRT(P(1)**2+P(2)**2+P(3)**2))
      IF (FMASS.EQ.0D0) THEN
C       One chirality only
        PPZ = NSF*SQRT(MAX(P(0)+P(3), 0D0))
        IF (P(1).EQ.0D0.AND.P(2).EQ.0D0.AND.P(3).LT.0D0) PPZ = 0D0
        UP = PPZ
        IF (PPZ.EQ.0D0) THEN
          DOWN = -NHEL*SQRT(2D0*P(0))
        ELSE
          DOWN = DCMPLX(NH*P(1), P(2))/PPZ
        ENDIF
        FAVOURED = 1D0
        OTHER = 0D0
      ELSEIF (PP.EQ.0D0) THEN
C       At rest: the spin is along z; a negative mass turns the sign of
C       the second root
        FAVOURED = SIGN(SQRT(ABS(FMASS)), FMASS)
        OTHER = SQRT(ABS(FMASS))
        IF (NH.EQ.1) THEN
          FI(3) = FAVOURED
          FI(5) = NSF*OTHER
        ELSE
          FI(4) = NSF*OTHER
          FI(6) = FAVOURED
        ENDIF
        RETURN
      ELSE
        FAVOURED = SQRT(P(0)+PP)
        OTHER = FMASS/FAVOURED
C       Antiparticles: the sign of one chirality
        IF (NSF.LT.0) FAVOURED = -FAVOURED
        PPZ = MAX(PP+P(3), 0D0)
        UP = SQRT(PPZ*0.5D0/PP)
        IF (PPZ.EQ.0D0) THEN
          DOWN = -NH
        ELSE
          DOWN = DCMPLX(NH*P(1), P(2))/SQRT(2D0*PP*PPZ)
        ENDIF
      ENDIF
      IF (NH.EQ.1) THEN
        FI(3) = OTHER*UP
        FI(4) = OTHER*DOWN
        FI(5) = FAVOURED*UP
        FI(6) = FAVOURED*DOWN
      ELSE
        FI(3) = FAVOURED*DOWN
        FI(4) = FAVOURED*UP
        FI(5) = OTHER*DOWN
        FI(6) = OTHER*UP
      ENDIF
      END

C     Fermion line that flows out: outgoing fermion (nsf=1) or incoming
C     antifermion (nsf=-1)
      SUBROUTINE OXXXXX(P, FMASS, NHEL, NSF, FO)
      IMPLICIT NONE
      DOUBLE PRECISION P(0:3), FMASS
      INTEGER NHEL, NSF
      DOUBLE COMPLEX FO(6)
      DOUBLE COMPLEX UP, DOWN
      DOUBLE PRECISION PP, PPZ, FAVOURED, OTHER
      INTEGER NH

      NH = NHEL*NSF
      FO(1) = NSF*DCMPLX(P(0), P(3))
      FO(2) = NSF*DCMPLX(P(1), P(2))
      FO(3:6) = (0D0,0D0)
      PP = MIN(P(0), SQRT(P(1)**2+P(2)**2+P(3)**2))
      IF (FMASS.EQ.0D0) THEN
        PPZ = NSF*SQRT(MAX(P(0)+P(3), 0D0))
        IF (P(1).EQ.0D0.AND.P(2).EQ.0D0.AND.P(3).LT.0D0) PPZ = 0D0
        UP = PPZ
        IF (PPZ.EQ.0D0) THEN
          DOWN = -NHEL*SQRT(2D0*P(0))
        ELSE
          DOWN = DCMPLX(NH*P(1), -P(2))/PPZ
        ENDIF
        FAVOURED = 1D0
        OTHER = 0D0
      ELSEIF (PP.EQ.0D0) THEN
        FAVOURED = SQRT(ABS(FMASS))
        OTHER = SIGN(FAVOURED, FMASS)
        IF (NH.EQ.1) THEN
          FO(3) = NHEL*FAVOURED
          FO(5) = OTHER
        ELSE
          FO(4) = OTHER
          FO(6) = -NHEL*FAVOURED
        ENDIF
        RETURN
      ELSE
        FAVOURED = SQRT(P(0)+PP)
        OTHER = FMASS/FAVOURED
        IF (NSF.LT.0) FAVOURED = -FAVOURED
        PPZ = MAX(PP+P(3), 0D0)
        UP = SQRT(PPZ*0.5D0/PP)
        IF (PPZ.EQ.0D0) THEN
          DOWN = -NH
        ELSE
          DOWN = DCMPLX(NH*P(1), -P(2))/SQRT(2D0*PP*PPZ)
        ENDIF
      ENDIF
      IF (NH.EQ.1) THEN
        FO(3) = FAVOURED*UP
        FO(4) = FAVOURED*DOWN
        FO(5) = OTHER*UP
        FO(6) = OTHER*DOWN
      ELSE
        FO(3) = OTHER*DOWN
        FO(4) = OTHER*UP
        FO(5) = FAVOURED*DOWN
        FO(6) = FAVOURED*UP
      ENDIF
      END

C     Vector; outgoing (nsv=1) or incoming (nsv=-1)
      SUBROUTINE VXXXXX(P, VMASS, NHEL, NSV, VC)
      IMPLICIT NONE
      DOUBLE PRECISION P(0:3), VMASS
      INTEGER NHEL, NSV
      DOUBLE COMPLEX VC(6)
      DOUBLE PRECISION SQH, PP, PT, TILT

      SQH = SQRT(0.5D0)
      VC(1) = NSV*DCMPLX(P(0), P(3))
      VC(2) = NSV*DCMPLX(P(1), P(2))
      PT = SQRT(P(1)**2+P(2)**2)
      IF (VMASS.EQ.0D0) THEN
        PP = P(0)
      ELSE
        PP = MIN(P(0), SQRT(P(1)**2+P(2)**2+P(3)**2))
        PT = MIN(PP, PT)
        IF (PP.EQ.0D0) THEN
C         At rest: the spin is along z
          VC(3) = 0D0
          VC(4) = -NHEL*SQH
          VC(5) = DCMPLX(0D0, NSV*ABS(NHEL)*SQH)
          VC(6) = 1-ABS(NHEL)
          RETURN
        ENDIF
        IF (NHEL.EQ.0) THEN
          VC(3) = PP/VMASS
          VC(4) = P(1)*P(0)/(VMASS*PP)
          VC(5) = P(2)*P(0)/(VMASS*PP)
          VC(6) = P(3)*P(0)/(VMASS*PP)
          RETURN
        ENDIF
      ENDIF
      VC(3) = 0D0
      VC(6) = NHEL*PT/PP*SQH
      IF (PT.EQ.0D0) THEN
        VC(4) = -NHEL*SQH
        VC(5) = DCMPLX(0D0, NSV*SIGN(SQH, P(3)))
      ELSE
        TILT = P(3)/(PP*PT)*SQH*NHEL
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

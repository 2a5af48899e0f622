C     One event in the format of Les Houches event files (hep-ph/0609017).
C     p(0:4,n): E, px, py, pz, m (GeV); ic(7,n): pdg, status, mothers (2),
C     colours (2), helicity
      SUBROUTINE WRITE_EVENT(LUN, N, P, IC, IDPRUP, WGT, SCALE,
     &     AQED, AQCD)
      IMPLICIT NONE
      INTEGER LUN, N, IDPRUP
      DOUBLE PRECISION P(0:4,N), WGT, SCALE, AQED, AQCD
      INTEGER IC(7,N)
      INTEGER I, K

      WRITE(LUN, '(A)') '<event>'
      WRITE(LUN, '(I2,I7,E15.7E3,3E15.8)') N, IDPRUP, WGT, SCALE, AQED,
     &     AQCD
      DO I = 1, N
        WRITE(LUN, '(I9,I3,4I5,5E19.11E2,F4.0,F4.0)') (IC(K,I),K=1,6),
     &       P(1,I), P(2,I), P(3,I), P(0,I), P(4,I), 0D0, DBLE(IC(7,I))
      ENDDO
      WRITE(LUN, '(A)') '</event>'
      END

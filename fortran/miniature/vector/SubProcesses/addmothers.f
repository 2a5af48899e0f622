C     Resonances that an event is written with: none
      SUBROUTINE FIND_RESONANCES()
      IMPLICIT NONE
      INCLUDE 'nexternal.inc'
      LOGICAL ONBW(-NEXTERNAL:0)
      COMMON/TO_BWEVENTS/ONBW

      ONBW(:) = .FALSE.
      END

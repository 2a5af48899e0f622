C     @comment@
      SUBROUTINE COUP@number@(@slot@)
      IMPLICIT NONE
@slot_declaration@
      INCLUDE 'input.inc'
@vector_include@
      INCLUDE 'coupl.inc'
@couplings@
      END

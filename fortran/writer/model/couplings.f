C     All couplings, from the parameters of the card
      SUBROUTINE COUP()
      IMPLICIT NONE
      LOGICAL READLHA
      INCLUDE 'input.inc'
@vector_include@
      INCLUDE 'coupl.inc'

      READLHA = .TRUE.
      INCLUDE 'intparam_definition.inc'
C     The electromagnetic coupling, for the records of events
      GAL(1) = @ee@
      GAL(2) = 1D0
      CALL COUP1()
      CALL COUP2()
@first_slot@
      END

C     Those that change with G
      SUBROUTINE UPDATE_AS_PARAM(@slot@)
      IMPLICIT NONE
@slot_declaration@
      LOGICAL READLHA
      INCLUDE 'input.inc'
@vector_include@
      INCLUDE 'coupl.inc'

      READLHA = .FALSE.
      INCLUDE 'intparam_definition.inc'
@update@
      END

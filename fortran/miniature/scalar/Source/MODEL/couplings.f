C     All couplings, from the parameters of the card
      SUBROUTINE COUP()
      IMPLICIT NONE
      DOUBLE PRECISION PI
      PARAMETER (PI=3.141592653589793D0)
      LOGICAL READLHA
      INCLUDE 'input.inc'
      INCLUDE 'coupl.inc'

      READLHA = .TRUE.
      INCLUDE 'intparam_definition.inc'
      GAL(1) = MDL_EE
      GAL(2) = 1D0
      CALL COUP1()
      CALL COUP2()
      END

C     Those that change with G
      SUBROUTINE UPDATE_AS_PARAM()
      IMPLICIT NONE

      DOUBLE PRECISION PI
      PARAMETER (PI=3.141592653589793D0)
      LOGICAL READLHA
      INCLUDE 'input.inc'
      INCLUDE 'coupl.inc'

      READLHA = .FALSE.
      INCLUDE 'intparam_definition.inc'
      CALL COUP2()
      END

C     Sampling of discrete dimensions: none is ever registered here.
      MODULE DISCRETESAMPLER
      IMPLICIT NONE
      CONTAINS

C     -1: no such dimension
      INTEGER FUNCTION DS_GET_DIM_STATUS(NAME)
      CHARACTER(LEN=*), INTENT(IN) :: NAME
      DS_GET_DIM_STATUS = -1
      END FUNCTION

      END MODULE

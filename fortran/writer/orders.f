
C     Number of the squared order to which JAMP(:,M) times the conjugate
C     of JAMP(:,N) belongs
      INTEGER FUNCTION SQSOINDEX@i@(M, N)
      IMPLICIT NONE
      INTEGER M, N
      INTEGER NSO, NAMPSO
      PARAMETER (NSO=@n_order@, NAMPSO=@n_order@)
      INTEGER AMPSPLITORDERS(NAMPSO,NSO), ORDERS(NSO), I
      INTEGER SOINDEX_FOR_SQUARED_ORDERS@i@
      EXTERNAL SOINDEX_FOR_SQUARED_ORDERS@i@
@amplitude_orders@

      ORDERS(:) = AMPSPLITORDERS(M,:)+AMPSPLITORDERS(N,:)
      SQSOINDEX@i@ = SOINDEX_FOR_SQUARED_ORDERS@i@(ORDERS)
      END

C     Number of these squared orders
      INTEGER FUNCTION SOINDEX_FOR_SQUARED_ORDERS@i@(ORDERS)
      IMPLICIT NONE
      INTEGER NSO, NSQSO
      PARAMETER (NSO=@n_order@, NSQSO=@n_squared@)
      INTEGER ORDERS(NSO)
      INTEGER SQSPLITORDERS(NSQSO,NSO), I
@squared_orders@

      DO I = 1, NSQSO
        IF (ALL(SQSPLITORDERS(I,:).EQ.ORDERS)) THEN
          SOINDEX_FOR_SQUARED_ORDERS@i@ = I
          RETURN
        ENDIF
      ENDDO
      STOP 'SOINDEX_FOR_SQUARED_ORDERS: unknown orders'
      END

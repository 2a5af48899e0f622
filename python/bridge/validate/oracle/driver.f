C     Calls a directory's own matrix elements in batches. Written for
C     mebridge; compiled in a temporary copy of a process directory,
C     with that directory's include files. What differs between the
C     dialects of the matrix files is in scalar.f and vector.f.

C     Parameters of the run: everything that the matrix elements read
C     from COMMON and that does not change from event to event.
C     n_try: extent of NTRY at the head of /BLOCK_GOODHEL/.
      SUBROUTINE MEB_ORACLE_SETUP(N_TRY, SMALL_WIDTH)
      IMPLICIT NONE
      INTEGER N_TRY
      DOUBLE PRECISION SMALL_WIDTH
      INTEGER I

      INTEGER ISUM_HEL
      LOGICAL MULTI_CHANNEL
      COMMON/TO_MATRIX/ISUM_HEL, MULTI_CHANNEL
      DOUBLE PRECISION POL(2)
      COMMON/TO_POLARIZATION/POL
      DOUBLE PRECISION TMIN_FOR_CHANNEL
      INTEGER SDE_STRAT
      COMMON/TO_CHANNEL_STRAT/TMIN_FOR_CHANNEL, SDE_STRAT
      DOUBLE PRECISION SMALL_WIDTH_TREATMENT
      COMMON/NARROW_WIDTH/SMALL_WIDTH_TREATMENT
      INTEGER IMIRROR, IPROC
      COMMON/TO_MIRROR/IMIRROR, IPROC
      LOGICAL INIT_MODE
      COMMON/TO_DETERMINE_ZERO_HEL/INIT_MODE
C     Longer than in any matrix file, which declare only what they use
      INTEGER MAX_GOOD
      PARAMETER (MAX_GOOD=200000)
      INTEGER GOOD(MAX_GOOD)
      COMMON/BLOCK_GOODHEL/GOOD

      ISUM_HEL = 0
      MULTI_CHANNEL = .TRUE.
      POL(1) = 1D0
      POL(2) = 1D0
      TMIN_FOR_CHANNEL = -1D0
      SDE_STRAT = 1
      SMALL_WIDTH_TREATMENT = SMALL_WIDTH
      IMIRROR = 1
      IPROC = 1
      INIT_MODE = .FALSE.
C     Every helicity is good and the warm-up is over: the filter, which
C     depends on the first events, does nothing
      DO I = 1, N_TRY
        GOOD(I) = 1000
      ENDDO
      DO I = N_TRY+1, MAX_GOOD
        GOOD(I) = 1
      ENDDO
      CALL SETPARA('param_card.dat')
      END

C     Couplings that depend on alpha_s, for slot 1
      SUBROUTINE MEB_ORACLE_ALPHA_S(ALPHA_S)
      IMPLICIT NONE
      DOUBLE PRECISION ALPHA_S
      DOUBLE PRECISION PI
      PARAMETER (PI=3.141592653589793D0)
      DOUBLE PRECISION G
      COMMON/STRONG/G

      G = SQRT(4D0*PI*ALPHA_S)
C     Dialects without the argument ignore it
      CALL UPDATE_AS_PARAM(1)
      END

C     Extents of AMP2 and JAMP2 of this subprocess directory
      SUBROUTINE MEB_ORACLE_SIZES(N_LEG, N_AMP, N_FLOW, N_PROC)
      IMPLICIT NONE
      INTEGER N_LEG, N_AMP, N_FLOW, N_PROC
      INCLUDE 'nexternal.inc'
      INCLUDE 'maxamps.inc'

      N_LEG = NEXTERNAL
      N_AMP = MAXAMPS
      N_FLOW = MAXFLOW
      N_PROC = MAXSPROC
      END

C     What the event's channel needs; diagram 0: no multichannel weight
      SUBROUTINE MEB_ORACLE_CHANNEL(DIAGRAM, CONFIG)
      IMPLICIT NONE
      INTEGER DIAGRAM, CONFIG
      INTEGER I
      INCLUDE 'maxconfigs.inc'
      INTEGER ISUM_HEL
      LOGICAL MULTI_CHANNEL
      COMMON/TO_MATRIX/ISUM_HEL, MULTI_CHANNEL
      INTEGER MAPCONFIG(0:LMAXCONFIGS), ICONFIG
      COMMON/TO_MCONFIGS/MAPCONFIG, ICONFIG
      INTEGER MAX_PROC
      PARAMETER (MAX_PROC=1000)
      INTEGER SUBDIAG(MAX_PROC)
      COMMON/TO_SUB_DIAG/SUBDIAG

      MULTI_CHANNEL = DIAGRAM.NE.0
      ICONFIG = MAX(CONFIG, 1)
      MAPCONFIG(ICONFIG) = DIAGRAM
      DO I = 1, MAX_PROC
        SUBDIAG(I) = DIAGRAM
      ENDDO
      END

C     Number of the helicity combination in nhel that has these
C     helicities, 0 if none
      INTEGER FUNCTION MEB_ORACLE_FIND(HELICITY, NHEL, N_LEG, NCOMB)
      IMPLICIT NONE
      INTEGER N_LEG, NCOMB
      INTEGER HELICITY(N_LEG), NHEL(N_LEG,NCOMB)
      INTEGER K

      DO K = 1, NCOMB
        IF (ALL(NHEL(:,K).EQ.HELICITY)) THEN
          MEB_ORACLE_FIND = K
          RETURN
        ENDIF
      ENDDO
      MEB_ORACLE_FIND = 0
      END

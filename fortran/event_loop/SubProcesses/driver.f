C     One integration job: a channel of this subprocess, from standard
C     input as MadEvent's jobs are given it
      program driver
      implicit none
      include 'genps.inc'
      include 'maxconfigs.inc'
      include 'nexternal.inc'
      integer mincfig, maxcfig
      common/to_configs/mincfig, maxcfig
      integer mapconfig(0:lmaxconfigs), iconfig
      common/to_mconfigs/mapconfig, iconfig
      double precision dsig
      integer n_dimension, symmetry_factor
      external dsig, n_dimension, symmetry_factor
      integer ncall, itmax, itmn, ndim, factor

      if (nincoming.ne.2.or.nexternal.lt.4) then
        write(0, '(a)') 'only collisions with at least two final particles'
        stop 1
      endif
      call setrun
      call setpara('param_card.dat')
      call set_parameters()
      call get_mapconfig(mapconfig)
      call get_user_params(ncall, itmax, itmn, mincfig)
      if (mincfig.lt.1.or.mincfig.gt.mapconfig(0)) then
        write(0, '(a,i6)') 'there is no configuration ', mincfig
        stop 1
      endif
      maxcfig = mincfig
      iconfig = mincfig
      call set_seed(mincfig)
C     Here, so that a wrong one is noticed at once
      factor = symmetry_factor()
      ndim = n_dimension()
      call sample_full(ndim, ncall, itmax, itmn, dsig, ndim, 1)
      end

C     Masses of the legs, alpha_s of the card
      subroutine set_parameters()
      implicit none
      include 'nexternal.inc'
      include 'dialect.inc'
      include 'coupl.inc'
      double precision zero, m_z, pi
      parameter (zero=0d0, m_z=91.188d0, pi=3.141592653589793d0)
      double precision pmass(nexternal)
      common/to_mass/pmass
      double precision asmz, mu0
      common/to_alpha_s/asmz, mu0
      include 'pmass.inc'

      asmz = g**2/(4d0*pi)
      mu0 = m_z
      end

      subroutine get_user_params(ncall, itmax, itmn, config)
      implicit none
      include 'genps.inc'
      include 'sampling.inc'
      integer ncall, itmax, itmn, config
      integer isum_hel
      logical multi_channel
      common/to_matrix/isum_hel, multi_channel
      logical init_mode
      common/to_determine_zero_hel/init_mode
      integer suppress, status

      write(*, '(a)') 'Points of the first iteration, most and least iterations; accuracy or -luminosity;'
      write(*, '(a)') '2 adaptive, 0 fixed grid; 1 multichannel; 0 sum of helicities; configuration:'
      read(*, *, iostat=status) ncall, itmax, itmn
      if (status.eq.0) read(*, *, iostat=status) accuracy
      if (status.eq.0) read(*, *, iostat=status) grid_mode
      if (status.eq.0) read(*, *, iostat=status) suppress
      if (status.eq.0) read(*, *, iostat=status) isum_hel
      if (status.eq.0) read(*, *, iostat=status) config
      if (status.ne.0) then
        write(0, '(a)') 'standard input does not hold what a job needs'
        stop 1
      endif
      itmax = min(itmax, max_iterations)
      if (ncall.lt.1.or.itmax.lt.1.or.suppress.ne.1.or.isum_hel.ne.0.or.all(grid_mode.ne.(/-2, 0, 2/))) then
        write(0, '(a)') 'standard input asks for something that is not here'
        stop 1
      endif
      multi_channel = .true.
      init_mode = .false.
      end

C     Seeds of RANMAR: iseed of the card, or r=N of the first randinit here
C     or above; and what tells jobs of one seed apart: flavours and config
      subroutine set_seed(config)
      implicit none
      include 'nexternal.inc'
      include 'settings.inc'
      integer config
      character*17 files(4)
      data files/'randinit', '../randinit', '../../randinit', '../../../randinit'/
      integer ids(nexternal), seed, i, job, status
      character*80 line

      seed = iseed
      do i = 1, 4
        open(unit=25, file=files(i), status='old', action='read', iostat=status)
        if (status.ne.0) cycle
        read(25, '(a)', iostat=status) line
        close(25)
        if (status.eq.0) read(line(index(line, '=')+1:), *, iostat=status) seed
        if (status.eq.0) exit
        write(0, '(2a)') trim(files(i)), ': no line r=N'
        stop 1
      enddo
      call get_legs(1, 1, ids)
      job = 31*config
      do i = 1, nexternal
        job = mod(97*job+ids(i)+10000, 30082)
      enddo
      call rmarin(modulo(seed, 31329), job)
      end

C     Factor of this channel in symfact.dat: channels that differ by
C     identical final particles are run once
      integer function symmetry_factor()
      implicit none
      integer mincfig, maxcfig
      common/to_configs/mincfig, maxcfig
      integer, save :: factor = 0
      integer config, value, status

      if (factor.eq.0) then
        open(unit=25, file='../symfact.dat', status='old', action='read', iostat=status)
        if (status.ne.0) then
          write(0, '(a)') '../symfact.dat: cannot be read; a job runs in a folder inside of P*'
          stop 1
        endif
        do
          read(25, *, iostat=status) config, value
          if (status.ne.0) exit
          if (config.eq.mincfig) factor = value
        enddo
        close(25)
        if (factor.lt.1) then
          write(0, '(a,i6)') '../symfact.dat: this configuration is not to be run: ', mincfig
          stop 1
        endif
      endif
      symmetry_factor = factor
      end

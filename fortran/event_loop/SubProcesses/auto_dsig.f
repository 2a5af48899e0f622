C     Cross-section (pb) of the subprocesses of this folder at a point:
C     one of them, with its beams or with them exchanged, is picked in
C     proportion to the densities of its partons
      double precision function dsig(pp, wgt, imode)
      implicit none
      include 'genps.inc'
      include 'nexternal.inc'
      include 'maxconfigs.inc'
      include 'maxamps.inc'
      double precision pp(0:3,nexternal), wgt
      integer imode
      integer confsub(maxsproc,lmaxconfigs)
      logical mirrorprocs(maxsproc)
      integer mincfig, maxcfig
      common/to_configs/mincfig, maxcfig
      double precision dsigproc
      logical prepare_event
      external dsigproc, prepare_event
      double precision density(maxsproc,2), total, r
      integer i, k, n
      include 'config_subproc_map.inc'
      include 'mirrorprocs.inc'

      dsig = 0d0
      if (imode.ne.0) return
      if (.not.prepare_event(pp)) return
      density(:,:) = 0d0
      do k = 1, 2
        do i = 1, maxsproc
          if (confsub(i,mincfig).eq.0.or.(k.eq.2.and..not.mirrorprocs(i))) cycle
          density(i,k) = dsigproc(pp, i, k, wgt, 4)
        enddo
      enddo
      total = sum(density)
      if (total.le.0d0) return
      call ranmar(r)
      r = r*total
      do n = 0, 2*maxsproc-1
        i = mod(n, maxsproc)+1
        k = n/maxsproc+1
        if (density(i,k).le.0d0) cycle
        r = r-density(i,k)
        if (r.le.0d0) exit
      enddo
C     Rounding: none was reached
      if (r.gt.0d0) then
        i = maxloc(density(:,1), 1)
        k = 1
      endif
      r = total/density(i,k)
      dsig = r*dsigproc(pp, i, k, r*wgt, imode)
      end

C     Subprocess number with beams as they are (mirror = 1) or exchanged
C     (2): then all momenta are turned around the x axis
      double precision function dsigproc(pp, number, mirror, wgt, imode)
      implicit none
      include 'genps.inc'
      include 'nexternal.inc'
      include 'maxconfigs.inc'
      include 'maxamps.inc'
      include 'run.inc'
      double precision pp(0:3,nexternal), wgt
      integer number, mirror, imode
      integer confsub(maxsproc,lmaxconfigs)
      integer mincfig, maxcfig
      common/to_configs/mincfig, maxcfig
      integer mapconfig(0:lmaxconfigs), iconfig
      common/to_mconfigs/mapconfig, iconfig
      integer subdiag(maxsproc), ib(2)
      common/to_sub_diag/subdiag, ib
      integer imirror, iproc
      common/to_mirror/imirror, iproc
      integer last_iconf
      common/to_last_iconf/last_iconf
      logical set_cm_rap
      double precision cm_rap
      common/to_cm_rap/set_cm_rap, cm_rap
      double precision p1(0:3,nexternal)
      double precision dsig_of
      external dsig_of
      integer i
      include 'config_subproc_map.inc'

      iconfig = mincfig
      last_iconf = iconfig
      subdiag(:) = confsub(:,iconfig)
      iproc = number
      imirror = mirror
      ib(1) = 1
      ib(2) = 2
      p1 = pp
      if (mirror.eq.2) then
        ib(1) = 2
        ib(2) = 1
        p1(2:3,:) = -p1(2:3,:)
        call exchange_beams()
      endif
      dsigproc = dsig_of(number, p1, wgt, imode)
      if (mirror.eq.2) call exchange_beams()
      end

C     Momentum fractions and scales of the beams, rapidity of their frame;
C     called twice it changes nothing
      subroutine exchange_beams()
      implicit none
      include 'genps.inc'
      include 'run.inc'
      logical set_cm_rap
      double precision cm_rap
      common/to_cm_rap/set_cm_rap, cm_rap

      xbk = xbk(2:1:-1)
      cm_rap = -cm_rap
      end

      double precision function dsig_of(number, p, wgt, imode)
      implicit none
      include 'nexternal.inc'
      integer number, imode
      double precision p(0:3,nexternal), wgt
      double precision @functions@
      external @functions@

      dsig_of = 0d0
      select case (number)
@cases@
      end select
      end

C     Number of the process that the folder belongs to, for IDPRUP
      integer function process_number()
      implicit none

      process_number = @process@
      end

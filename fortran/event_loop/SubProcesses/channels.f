C     The diagram of a config: daughters of branch -k, pdg ids of its
C     s-channel propagators in subprocess iproc (0: none), pole masses and
C     widths (GeV)
      subroutine get_diagram(config, numproc, forest, propagator, pole, width)
      implicit none
      include 'genps.inc'
      include 'maxconfigs.inc'
      include 'nexternal.inc'
      include 'maxamps.inc'
      include 'dialect.inc'
      include 'coupl.inc'
      integer config, numproc
      integer forest(2,nexternal-2), propagator(nexternal-2)
      double precision pole(nexternal-2), width(nexternal-2)
      double precision zero
      parameter (zero=0d0)
      integer iforest(2,-max_branch:-1,lmaxconfigs)
      integer sprop(maxsproc,-max_branch:-1,lmaxconfigs)
      integer tprid(-max_branch:-1,lmaxconfigs)
      integer mapconfig(0:lmaxconfigs), tstrategy(lmaxconfigs)
      double precision prmass(-max_branch:0,lmaxconfigs)
      double precision prwidth(-max_branch:0,lmaxconfigs)
      integer pow(-max_branch:0,lmaxconfigs)
      save prmass, prwidth, pow
      integer i, k
      include 'configs.inc'

      prmass(:,:) = 0d0
      prwidth(:,:) = 0d0
      include 'props.inc'
      do k = 1, nexternal-2
        forest(:,k) = iforest(:,-k,config)
        propagator(k) = 0
        if (numproc.gt.0) propagator(k) = sprop(numproc,-k,config)
        pole(k) = prmass(-k,config)
        width(k) = prwidth(-k,config)
      enddo
      end

      subroutine get_mapconfig(configs)
      implicit none
      include 'genps.inc'
      include 'maxconfigs.inc'
      include 'maxamps.inc'
      integer configs(0:lmaxconfigs)
      integer iforest(2,-max_branch:-1,lmaxconfigs)
      integer sprop(maxsproc,-max_branch:-1,lmaxconfigs)
      integer tprid(-max_branch:-1,lmaxconfigs)
      integer mapconfig(0:lmaxconfigs), tstrategy(lmaxconfigs)
      integer i
      include 'configs.inc'

      configs = mapconfig
      end

C     Flavours and colours of leshouche.inc
      subroutine get_legs(numproc, flavor, ids)
      implicit none
      include 'nexternal.inc'
      include 'maxamps.inc'
      integer numproc, flavor, ids(nexternal)
      integer idup(nexternal,maxproc,maxsproc), mothup(2,nexternal)
      integer icolup(2,nexternal,maxflow,maxsproc)
      integer i
      include 'leshouche.inc'

      ids = idup(:,flavor,numproc)
      end

      subroutine get_color_lines(numproc, flow, lines)
      implicit none
      include 'nexternal.inc'
      include 'maxamps.inc'
      integer numproc, flow, lines(2,nexternal)
      integer idup(nexternal,maxproc,maxsproc), mothup(2,nexternal)
      integer icolup(2,nexternal,maxflow,maxsproc)
      integer i
      include 'leshouche.inc'

      lines = icolup(:,:,flow,numproc)
      end

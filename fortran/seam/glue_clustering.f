
c     The clustering that scales and jets are taken from.
      subroutine meb_glue_clustering()
      implicit none
      call meb_clustering_tables()
      call meb_clustering_choices()
      end

      subroutine meb_clustering_tables()
      implicit none
      include 'genps.inc'
@configs_include@
      include 'nexternal.inc'
      include 'maxamps.inc'
      include 'cluster.inc'
      integer n_leg, n_process, n_bits
      save n_leg, n_process, n_bits
      n_leg = nexternal
      n_process = maxsproc
      n_bits = n_max_cl
c     The usual case only: two beams.
      if (nincoming .ne. 2) n_leg = 0
      call meb_glue_place('CL_NEXTERNAL', loc(n_leg), sizeof(n_leg))
      call meb_glue_place('CL_MAXSPROC', loc(n_process),
     $   sizeof(n_process))
      call meb_glue_place('N_MAX_CL', loc(n_bits), sizeof(n_bits))
      call meb_glue_place('ID_CL', loc(id_cl), sizeof(id_cl))
      call meb_glue_place('RESMAP', loc(resmap), sizeof(resmap))
      call meb_glue_place('PT2IJCL', loc(pt2ijcl), sizeof(pt2ijcl))
      call meb_glue_place('ZCL', loc(zcl), sizeof(zcl))
      call meb_glue_place('MT2IJ', loc(mt2ij), sizeof(mt2ij))
      call meb_glue_place('MT2LAST', loc(mt2last), sizeof(mt2last))
      call meb_glue_place('PCL', loc(pcl), sizeof(pcl))
      call meb_glue_place('IMOCL', loc(imocl), sizeof(imocl))
      call meb_glue_place('IDACL', loc(idacl), sizeof(idacl))
      call meb_glue_place('IGRAPHS', loc(igraphs), sizeof(igraphs))
      call meb_glue_place('CLUSTERED', loc(clustered),
     $   sizeof(clustered))
      call meb_glue_place('NBW', loc(nbw), sizeof(nbw))
      call meb_glue_place('ISBW', loc(isbw), sizeof(isbw))
      call meb_glue_place('IBWLIST', loc(ibwlist), sizeof(ibwlist))
      call meb_glue_place('ICLUSTER', loc(icluster), sizeof(icluster))
      end

      subroutine meb_clustering_choices()
      implicit none
      include 'genps.inc'
      include 'maxconfigs.inc'
@vector_include@
      include 'run.inc'
      include 'cuts.inc'
      integer*8 one
      parameter (one=1)
      integer mapconfig(0:lmaxconfigs), iconfig
      common /to_mconfigs/ mapconfig, iconfig
      integer imirror, iproc
      common /to_mirror/ imirror, iproc
      double precision d
      common /to_dj/ d
      double precision dot, zclus
      external dot, zclus, checkbw
      call meb_glue_place('CL_IPROC', loc(iproc), sizeof(iproc))
      call meb_glue_place('CL_ICONFIG', loc(iconfig), sizeof(iconfig))
      call meb_glue_place('CL_LPP', loc(lpp), sizeof(lpp))
      call meb_glue_place('KTSCHEME', loc(ktscheme), sizeof(ktscheme))
      call meb_glue_place('CHCLUSTER', loc(chcluster),
     $   sizeof(chcluster))
      call meb_glue_place('CL_ICKKW', loc(ickkw), sizeof(ickkw))
      call meb_glue_place('MAXJETFLAVOR', loc(maxjetflavor),
     $   sizeof(maxjetflavor))
      call meb_glue_place('DJ_D', loc(d), sizeof(d))
      call meb_glue_place('DOT', loc(dot), one)
      call meb_glue_place('ZCLUS', loc(zclus), one)
      call meb_glue_place('CHECKBW', loc(checkbw), one)
      end

      logical function meb_wrap_cluster(@cluster_arguments@)
     $   bind(C, name='__wrap_cluster_')
      implicit none
      double precision p(0:3,*)
      integer ivec, meb_glue_cluster
      external meb_glue_cluster
      interface
        logical function real_cluster(@cluster_arguments@) bind(C,
     $     name='__real_cluster_')
          double precision p(0:3,*)
          integer ivec
        end function
      end interface
@cluster_event@
      call meb_glue_setup()
      meb_wrap_cluster = .true.
      if (meb_glue_cluster(p, ivec) .eq. 1) return
      meb_wrap_cluster = real_cluster(@cluster_arguments@)
      end

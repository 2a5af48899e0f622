
c     The clustering, and the scales and jets that are taken from it.
      subroutine meb_glue_clustering()
      implicit none
      call meb_clustering_tables()
      call meb_clustering_choices()
      call meb_clustering_jets()
      call meb_clustering_scales()
      end

      subroutine meb_clustering_tables()
      implicit none
      include 'genps.inc'
@configs_include@
      include 'nexternal.inc'
      include 'maxamps.inc'
      include 'cluster.inc'
      integer n_leg, n_process, n_bits, n_graph
      save n_leg, n_process, n_bits, n_graph
      n_graph = n_max_cg
      n_leg = nexternal
      n_process = maxsproc
      n_bits = n_max_cl
c     The usual case only: two beams.
      if (nincoming .ne. 2) n_leg = 0
      call meb_glue_place('CL_NEXTERNAL', loc(n_leg), sizeof(n_leg))
      call meb_glue_place('CL_MAXSPROC', loc(n_process),
     $   sizeof(n_process))
      call meb_glue_place('N_MAX_CL', loc(n_bits), sizeof(n_bits))
      call meb_glue_place('N_MAX_CG', loc(n_graph), sizeof(n_graph))
      call meb_glue_place('IPDGCL', loc(ipdgcl), sizeof(ipdgcl))
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

      subroutine meb_clustering_jets()
      implicit none
      include 'genps.inc'
      include 'maxconfigs.inc'
      include 'nexternal.inc'
      integer*8 one
      parameter (one=1)
      integer jlast(2), njetstore(lmaxconfigs)
      integer iqjetstore(nexternal-2,lmaxconfigs)
      double precision q2bck(2)
      integer njets, iqjets(nexternal)
      common /to_rw/ jlast, njetstore, iqjetstore, njets, iqjets, q2bck
      double precision xptj, xptb, xpta, xptl, xmtc
      double precision xetamin, xqcut, deltaeta
      common /to_specxpt/ xptj, xptb, xpta, xptl, xmtc, xetamin, xqcut,
     $   deltaeta
      logical init_mode
      common /to_determine_zero_hel/ init_mode
      integer nqcd(lmaxconfigs)
      include 'config_nqcd.inc'
      save nqcd
      integer get_color
      external get_color
      call meb_glue_place('JLAST', loc(jlast), sizeof(jlast))
      call meb_glue_place('NJETSTORE', loc(njetstore),
     $   sizeof(njetstore))
      call meb_glue_place('NJETS', loc(njets), sizeof(njets))
      call meb_glue_place('IQJETS', loc(iqjets), sizeof(iqjets))
      call meb_glue_place('Q2BCK', loc(q2bck), sizeof(q2bck))
      call meb_glue_place('XQCUT', loc(xqcut), sizeof(xqcut))
      call meb_glue_place('XMTC', loc(xmtc), sizeof(xmtc))
      call meb_glue_place('CL_INIT_MODE', loc(init_mode),
     $   sizeof(init_mode))
      call meb_glue_place('NQCD', loc(nqcd), sizeof(nqcd))
      call meb_glue_place('GET_COLOR', loc(get_color), one)
      end

      subroutine meb_clustering_scales()
      implicit none
      include 'genps.inc'
      include 'nexternal.inc'
@vector_include@
      include 'run.inc'
      include 'run_config.inc'
      include 'coupl.inc'
      integer*8 one
      parameter (one=1)
      double precision alphas
      external alphas
      call meb_glue_place('FIXED_REN_SCALE', loc(fixed_ren_scale),
     $   sizeof(fixed_ren_scale))
      call meb_glue_place('FIXED_FAC_SCALE1', loc(fixed_fac_scale1),
     $   sizeof(fixed_fac_scale1))
      call meb_glue_place('FIXED_FAC_SCALE2', loc(fixed_fac_scale2),
     $   sizeof(fixed_fac_scale2))
      call meb_glue_place('SCALEFACT', loc(scalefact),
     $   sizeof(scalefact))
      call meb_glue_place('CL_SCALE', loc(scale), sizeof(scale))
      call meb_glue_place('CL_Q2FACT', loc(q2fact), sizeof(q2fact))
      call meb_glue_place('CL_G', loc(g), sizeof(g))
      call meb_glue_place('CL_USE_SYST', loc(use_syst),
     $   sizeof(use_syst))
      call meb_glue_place('CL_N_QCD', loc(n_qcd), sizeof(n_qcd))
      call meb_glue_place('CL_N_ALPSEM', loc(n_alpsem),
     $   sizeof(n_alpsem))
      call meb_glue_place('CL_N_PDFRW', loc(n_pdfrw), sizeof(n_pdfrw))
      call meb_glue_place('CL_S_SCALE', loc(s_scale), sizeof(s_scale))
      call meb_glue_place('CL_S_RWFACT', loc(s_rwfact),
     $   sizeof(s_rwfact))
      call meb_glue_place('ALPHAS', loc(alphas), one)
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

      logical function meb_wrap_scales(@scales_arguments@)
     $   bind(C, name='__wrap_setclscales_')
      implicit none
      double precision p(0:3,*)
      logical keepq2bck
      integer ivec, meb_glue_set_scales
      external meb_glue_set_scales
      interface
        logical function real_scales(@scales_arguments@) bind(C,
     $     name='__real_setclscales_')
          double precision p(0:3,*)
          logical keepq2bck
          integer ivec
        end function
      end interface
@cluster_event@
      call meb_glue_setup()
      meb_wrap_scales = .true.
      if (meb_glue_set_scales(p, keepq2bck, ivec) .eq. 1) return
      meb_wrap_scales = real_scales(@scales_arguments@)
      end

c     mebridge: gives the batched event loop (libmebridge.so) access to
c     this process directory. Written by `mebridge inject`, removed by
c     `mebridge eject`. Everything here is compiled with the directory's
c     own include files, so sizes and places are always its own.
c
c     Roles of a range of memory: 0 read by name, 1 kept for every point,
c     2 kept for every event, 3 output of the matrix element, 4 random
c     generator, 5 parameter.

      subroutine meb_directory_setup()
      implicit none
      logical done
      save done
      data done /.false./
      if (done) return
      done = .true.
      call meb_directory_procedures()
      call meb_directory_sampling()
      call meb_directory_event()
      call meb_directory_output()
      call meb_directory_clustering()
      call meb_directory_parameters()
      call meb_seam_ready()
      end

      subroutine meb_directory_range(name, begin, size, role)
      implicit none
      character*(*) name
      integer*8 begin, size
      integer role
      call meb_seam_range(name//char(0), begin, begin+size, role)
      end

c     The directory's own procedures.
      subroutine meb_directory_procedures()
      implicit none
      integer*8 one
      parameter (one=1)
      interface
        subroutine real_point() bind(C, name='__real_x_to_f_arg_')
        end subroutine
        subroutine real_dsig() bind(C, name='__real_dsig_')
        end subroutine
@passcuts_interface@
@xran1_interface@
        integer function meb_directory_ready()
        end function
        double precision function get_channel_cut(p, config)
          double precision p(0:3,*)
          integer config
        end function
      end interface
      external ranmar, pass_point
      logical pass_point
      call meb_directory_range('POINT', loc(real_point), one, 0)
      call meb_directory_range('DSIG', loc(real_dsig), one, 0)
      call meb_directory_range('RANMAR', loc(ranmar), one, 0)
      call meb_directory_range('@loop_cuts@', loc(@loop_cuts_procedure@), one, 0)
      call meb_directory_range('READY', loc(meb_directory_ready), one,
     $   0)
      call meb_directory_range('CHANNEL_CUT', loc(get_channel_cut), one,
     $   0)
@xran1_range@
      end

c     The sampling loop: where it stands and what it keeps for a point.
      subroutine meb_directory_sampling()
      implicit none
      include 'genps.inc'
      include 'nexternal.inc'
      double precision tmean, trmean, tsigma
      integer dim, events, itm, kn, cur_it, invar, configs
      common /sample_common/ tmean, trmean, tsigma, dim, events, itm,
     $   kn, cur_it, invar, configs
      double precision grid2(0:ng,maxinvar)
      integer inon_zero(ng,maxinvar), non_zero
      common /to_grid2/ grid2, inon_zero, non_zero
      integer lastbin(maxdim)
      common /to_lastbin/ lastbin
      logical cutsdone, cutspassed
      common /to_cutsdone/ cutsdone, cutspassed
      double precision ranu(97), ranc, rancd, rancm
      common /raset1/ ranu, ranc, rancd, rancm
      integer iranmr, jranmr
      common /raset2/ iranmr, jranmr
      integer n_invar, n_momentum, n_leg, n_matrix, late
      save n_invar, n_momentum, n_leg, n_matrix, late
      n_invar = maxinvar
      n_momentum = 4*maxdim/3+14
      n_leg = nexternal
      n_matrix = @n_matrix@
      late = @late@
      call meb_directory_range('MAXINVAR', loc(n_invar),
     $   sizeof(n_invar), 0)
      call meb_directory_range('N_MOMENTUM', loc(n_momentum),
     $   sizeof(n_momentum), 0)
      call meb_directory_range('NEXTERNAL', loc(n_leg), sizeof(n_leg),
     $   0)
      call meb_directory_range('N_MATRIX', loc(n_matrix),
     $   sizeof(n_matrix), 0)
      call meb_directory_range('LATE', loc(late), sizeof(late), 0)
      call meb_directory_range('EVENTS', loc(events), sizeof(events), 0)
      call meb_directory_range('KN', loc(kn), sizeof(kn), 0)
      call meb_directory_range('CUR_IT', loc(cur_it), sizeof(cur_it), 0)
      call meb_directory_range('NON_ZERO', loc(non_zero),
     $   sizeof(non_zero), 0)
      call meb_directory_range('LASTBIN', loc(lastbin), sizeof(lastbin),
     $   1)
      call meb_directory_range('HEL_PICKED', loc(hel_picked),
     $   sizeof(hel_picked), 1)
      call meb_directory_range('HEL_JACOBIAN', loc(hel_jacobian),
     $   sizeof(hel_jacobian), 1)
      call meb_directory_range('EE_PICKED', loc(ee_picked),
     $   sizeof(ee_picked), 1)
      call meb_directory_range('EE_JACOBIAN', loc(ee_jacobian),
     $   sizeof(ee_jacobian), 1)
      call meb_directory_range('CUTSDONE', loc(cutsdone),
     $   sizeof(cutsdone), 1)
      call meb_directory_range('CUTSPASSED', loc(cutspassed),
     $   sizeof(cutspassed), 1)
      call meb_directory_range('NB_PASS_CUTS', loc(nb_pass_cuts),
     $   sizeof(nb_pass_cuts), 1)
      call meb_directory_range('RANU', loc(ranu), sizeof(ranu), 4)
      call meb_directory_range('RANC', loc(ranc), sizeof(ranc), 4)
      call meb_directory_range('RANCD', loc(rancd), sizeof(rancd), 4)
      call meb_directory_range('RANCM', loc(rancm), sizeof(rancm), 4)
      call meb_directory_range('IRANMR', loc(iranmr), sizeof(iranmr), 4)
      call meb_directory_range('JRANMR', loc(jranmr), sizeof(jranmr), 4)
      end

c     What DSIG's second half reads of its first.
      subroutine meb_directory_event()
      implicit none
      include 'genps.inc'
      include 'maxconfigs.inc'
      include 'nexternal.inc'
      include 'maxamps.inc'
@vector_include@
      include 'run.inc'
      include 'coupl.inc'
      logical set_cm_rap
      double precision cm_rap
      common /to_cm_rap/ set_cm_rap, cm_rap
      double precision omx_ee(2)
      common /to_ee_omx1/ omx_ee
      integer mapconfig(0:lmaxconfigs), iconfig
      common /to_mconfigs/ mapconfig, iconfig
      integer subdiag(maxsproc), ib(2)
      common /to_sub_diag/ subdiag, ib
      integer imirror, iproc
      common /to_mirror/ imirror, iproc
      integer ipsel
      common /subproc/ ipsel
      logical onbw(-nexternal:0)
      common /to_bwevents/ onbw
      logical cutsdone, cutspassed
      common /to_cutsdone/ cutsdone, cutspassed
      integer last_iconf
      common /to_last_iconf/ last_iconf
      integer isum_hel
      logical multi_channel
      common /to_matrix/ isum_hel, multi_channel
      double precision pol(2)
      common /to_polarization/ pol
      integer goodhel_block(2)
      common /block_goodhel/ goodhel_block
      integer n_sproc
      save n_sproc
      call meb_directory_range('XBK', loc(xbk), sizeof(xbk), 2)
      call meb_directory_range('Q2FACT', loc(q2fact), sizeof(q2fact), 2)
      call meb_directory_range('SET_CM_RAP', loc(set_cm_rap),
     $   sizeof(set_cm_rap), 2)
      call meb_directory_range('CM_RAP', loc(cm_rap), sizeof(cm_rap), 2)
      call meb_directory_range('OMX_EE', loc(omx_ee), sizeof(omx_ee), 2)
      call meb_directory_range('MAPCONFIG', loc(mapconfig),
     $   sizeof(mapconfig), 0)
      call meb_directory_range('ICONFIG', loc(iconfig), sizeof(iconfig),
     $   2)
      call meb_directory_range('SUBDIAG', loc(subdiag), sizeof(subdiag),
     $   2)
      call meb_directory_range('IB', loc(ib), sizeof(ib), 2)
      call meb_directory_range('IMIRROR', loc(imirror), sizeof(imirror),
     $   2)
      call meb_directory_range('IPROC', loc(iproc), sizeof(iproc), 2)
      call meb_directory_range('IPSEL', loc(ipsel), sizeof(ipsel), 2)
      call meb_directory_range('ONBW', loc(onbw), sizeof(onbw), 2)
      call meb_directory_range('', loc(hel_picked),
     $   sizeof(hel_picked), 2)
      call meb_directory_range('', loc(hel_jacobian),
     $   sizeof(hel_jacobian), 2)
      call meb_directory_range('', loc(cutsdone), sizeof(cutsdone), 2)
      call meb_directory_range('', loc(cutspassed), sizeof(cutspassed),
     $   2)
      call meb_directory_range('LAST_ICONF', loc(last_iconf),
     $   sizeof(last_iconf), 2)
      call meb_directory_range('SCALE', loc(scale), sizeof(scale), 2)
      call meb_directory_range('G', loc(g), sizeof(g), 2)
      call meb_directory_range('MU_R', loc(mu_r), sizeof(mu_r), 2)
      call meb_directory_range('N_QCD', loc(n_qcd), sizeof(n_qcd), 2)
      call meb_directory_range('N_ALPSEM', loc(n_alpsem),
     $   sizeof(n_alpsem), 2)
      call meb_directory_range('N_PDFRW', loc(n_pdfrw), sizeof(n_pdfrw),
     $   2)
      call meb_directory_range('I_PDGPDF', loc(i_pdgpdf),
     $   sizeof(i_pdgpdf), 2)
      call meb_directory_range('S_SCALE', loc(s_scale), sizeof(s_scale),
     $   2)
      call meb_directory_range('S_QALPS', loc(s_qalps), sizeof(s_qalps),
     $   2)
      call meb_directory_range('S_XPDF', loc(s_xpdf), sizeof(s_xpdf), 2)
      call meb_directory_range('S_QPDF', loc(s_qpdf), sizeof(s_qpdf), 2)
      call meb_directory_range('S_RWFACT', loc(s_rwfact),
     $   sizeof(s_rwfact), 2)
      call meb_directory_range('ISUM_HEL', loc(isum_hel),
     $   sizeof(isum_hel), 0)
      call meb_directory_range('MULTI_CHANNEL', loc(multi_channel),
     $   sizeof(multi_channel), 0)
      call meb_directory_range('TMIN', loc(tmin_for_channel),
     $   sizeof(tmin_for_channel), 0)
      call meb_directory_range('SDE_STRAT', loc(sde_strat),
     $   sizeof(sde_strat), 0)
      call meb_directory_range('POL', loc(pol), sizeof(pol), 0)
      call meb_directory_range('ICKKW', loc(ickkw), sizeof(ickkw), 0)
      n_sproc = maxsproc
      call meb_directory_range('MAXSPROC', loc(n_sproc),
     $   sizeof(n_sproc), 0)
      call meb_directory_range('BLOCK_GOODHEL', loc(goodhel_block),
     $   sizeof(goodhel_block), 0)
@event_late@
      end

@output@
c     Clustering, scales and reweighting.
      subroutine meb_directory_clustering()
      implicit none
@cluster_includes@
      include 'cluster.inc'
      integer jlast(2), njetstore(lmaxconfigs)
      integer iqjetstore(nexternal-2,lmaxconfigs)
      double precision q2bck(2)
      integer njets, iqjets(nexternal)
      common /to_rw/ jlast, njetstore, iqjetstore, njets, iqjets, q2bck
      call meb_directory_range('PCL', loc(pcl), sizeof(pcl), 2)
      call meb_directory_range('PT2IJCL', loc(pt2ijcl), sizeof(pt2ijcl),
     $   2)
      call meb_directory_range('ZCL', loc(zcl), sizeof(zcl), 2)
      call meb_directory_range('MT2IJ', loc(mt2ij), sizeof(mt2ij), 2)
      call meb_directory_range('MT2LAST', loc(mt2last), sizeof(mt2last),
     $   2)
      call meb_directory_range('IMOCL', loc(imocl), sizeof(imocl), 2)
      call meb_directory_range('IDACL', loc(idacl), sizeof(idacl), 2)
      call meb_directory_range('IGRAPHS', loc(igraphs), sizeof(igraphs),
     $   2)
      call meb_directory_range('CLUSTERED', loc(clustered),
     $   sizeof(clustered), 2)
      call meb_directory_range('NBW', loc(nbw), sizeof(nbw), 2)
      call meb_directory_range('ISBW', loc(isbw), sizeof(isbw), 2)
      call meb_directory_range('IBWLIST', loc(ibwlist), sizeof(ibwlist),
     $   2)
      call meb_directory_range('ICLUSTER', loc(icluster),
     $   sizeof(icluster), 2)
      call meb_directory_range('PTCLUS', loc(ptclus), sizeof(ptclus), 2)
      call meb_directory_range('JLAST', loc(jlast), sizeof(jlast), 2)
      call meb_directory_range('NJETS', loc(njets), sizeof(njets), 2)
      call meb_directory_range('IQJETS', loc(iqjets), sizeof(iqjets), 2)
      call meb_directory_range('Q2BCK', loc(q2bck), sizeof(q2bck), 2)
@clustering_late@
      end

c     Masses, widths and couplings by name.
      subroutine meb_directory_parameters()
      implicit none
@vector_include@
      include 'coupl.inc'
      double precision small_width_treatment
      common /narrow_width/ small_width_treatment
@fake_width_declarations@
@parameters@
@fake_widths@
      end

c     1: batches may start; 0: not yet; -1: not in this run.
      integer function meb_directory_ready()
      use DiscreteSampler
      implicit none
      include 'genps.inc'
@vector_include@
      include 'run.inc'
      include '../../Source/PDF/pdf.inc'
      double precision tmean, trmean, tsigma
      integer dim, events, itm, kn, cur_it, invar, configs
      common /sample_common/ tmean, trmean, tsigma, dim, events, itm,
     $   kn, cur_it, invar, configs
      integer ituple
      common /to_random/ ituple
      logical zooming
      common /to_zoomchoice/ zooming
      logical init_mode
      common /to_determine_zero_hel/ init_mode
      integer isum_hel
      logical multi_channel
      common /to_matrix/ isum_hel, multi_channel
      integer status
      meb_directory_ready = -1
      if (pdlabel.eq.'dressed' .or. init_mode .or. zooming) return
      if (configs.gt.1 .or. ituple.ne.1) return
      meb_directory_ready = 0
      if (@is_grouped@ .and. MC_grouped_subproc) then
        status = DS_get_dim_status('grouped_processes')
        if (status.lt.1) return
      endif
      if (isum_hel.ne.0) then
        status = DS_get_dim_status('Helicity')
        if (status.lt.1) return
      endif
      meb_directory_ready = 1
      end

c     The names the linker gives to calls from other files.
      subroutine meb_wrap_point(ndim, ipole, mincfig, maxcfig, invar,
     $   wgt, x, p) bind(C, name='__wrap_x_to_f_arg_')
      implicit none
      integer ndim, ipole, mincfig, maxcfig, invar
      double precision wgt, x(*), p(*)
      call meb_directory_setup()
      call meb_seam_point(ndim, ipole, mincfig, maxcfig, invar, wgt, x,
     $   p)
      end

      double precision function meb_wrap_dsig(p, wgt, imode)
     $   bind(C, name='__wrap_dsig_')
      implicit none
      double precision p(*), wgt, meb_seam_dsig
      integer imode
      external meb_seam_dsig
      call meb_directory_setup()
      meb_wrap_dsig = meb_seam_dsig(p, wgt, imode)
      end
@passcuts_wrap@
@density_wrap@
@xran1_wrap@
@matrices@

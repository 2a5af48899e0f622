
c     Events on their way to the event file.
      subroutine meb_glue_io()
      implicit none
      include 'genps.inc'
      include 'nexternal.inc'
@vector_include@
      include 'run_config.inc'
      include 'run.inc'
      include 'lhe_event_infos.inc'
      integer*8 one
      parameter (one=1)
      double precision twgt, maxwgt, swgt(maxevents)
      integer lun, nw, itmin
      common /to_unwgt/ twgt, maxwgt, swgt, lun, nw, itmin
      double precision bias_weight
      logical impact_xsec
      common /bias/ bias_weight, impact_xsec
      logical zooming
      common /to_zoomchoice/ zooming
      logical init_mode
      common /to_determine_zero_hel/ init_mode
      integer n_scale_text, n_cluster_text, n_syst
      save n_scale_text, n_cluster_text, n_syst
      interface
        subroutine real_write() bind(C, name='__real_write_event_')
        end subroutine
        subroutine real_read() bind(C, name='__real_read_event_')
        end subroutine
      end interface
      external meb_glue_put
      n_scale_text = s_bufflen
      n_cluster_text = clus_bufflen
      n_syst = max_particles-2
      call meb_glue_place('S_BUFFLEN', loc(n_scale_text),
     $   sizeof(n_scale_text))
      call meb_glue_place('CLUS_BUFFLEN', loc(n_cluster_text),
     $   sizeof(n_cluster_text))
      call meb_glue_place('N_SYST', loc(n_syst), sizeof(n_syst))
      call meb_glue_place('WRITE_EVENT', loc(real_write), one)
      call meb_glue_place('READ_EVENT', loc(real_read), one)
      call meb_glue_place('PUT', loc(meb_glue_put), one)
      call meb_glue_place('LUN', loc(lun), sizeof(lun))
      call meb_glue_place('NW', loc(nw), sizeof(nw))
      call meb_glue_place('BIAS_WEIGHT', loc(bias_weight),
     $   sizeof(bias_weight))
      call meb_glue_place('IMPACT_XSEC', loc(impact_xsec),
     $   sizeof(impact_xsec))
      call meb_glue_place('ZOOMING', loc(zooming), sizeof(zooming))
      call meb_glue_place('INIT_MODE', loc(init_mode),
     $   sizeof(init_mode))
      call meb_glue_place('ALREADY_SET', loc(AlreadySetInBiasModule),
     $   sizeof(AlreadySetInBiasModule))
      call meb_glue_place('LHE_VERSION', loc(lhe_version),
     $   sizeof(lhe_version))
      call meb_glue_place('LPP', loc(lpp), sizeof(lpp))
      call meb_glue_place('USE_SYST', loc(use_syst), sizeof(use_syst))
      call meb_glue_place('N_QCD', loc(n_qcd), sizeof(n_qcd))
      call meb_glue_place('N_ALPSEM', loc(n_alpsem), sizeof(n_alpsem))
      call meb_glue_place('N_PDFRW', loc(n_pdfrw), sizeof(n_pdfrw))
      call meb_glue_place('I_PDGPDF', loc(i_pdgpdf), sizeof(i_pdgpdf))
      call meb_glue_place('S_SCALE', loc(s_scale), sizeof(s_scale))
      call meb_glue_place('S_QALPS', loc(s_qalps), sizeof(s_qalps))
      call meb_glue_place('S_XPDF', loc(s_xpdf), sizeof(s_xpdf))
      call meb_glue_place('S_QPDF', loc(s_qpdf), sizeof(s_qpdf))
      call meb_glue_place('S_RWFACT', loc(s_rwfact), sizeof(s_rwfact))
      end

c     One record of the event file; ends the job with Fortran's own
c     message if it cannot be written.
      subroutine meb_glue_put(lun, text)
      implicit none
      integer lun
      character*(*) text
      write (lun,'(a)') text
      end

      subroutine meb_wrap_write_event(lun, p, wgt, n, ic, ievent,
     $   scale, aqcd, aqed, buff, syst, s_buff, nclus, buffclus)
     $   bind(C, name='__wrap_write_event_')
      implicit none
      integer lun, n, ic(7,*), ievent, syst, nclus
      double precision p(0:4,*), wgt, scale, aqcd, aqed
      integer*1 buff(*), s_buff(*), buffclus(*)
      call meb_glue_setup()
      call meb_glue_write_event(lun, p, wgt, n, ic, ievent, scale,
     $   aqcd, aqed, buff, syst, s_buff, nclus, buffclus)
      end

      subroutine meb_wrap_read_event(lun, p, wgt, n, ic, ievent,
     $   scale, aqcd, aqed, buff, syst, s_buff, nclus, buffclus, done)
     $   bind(C, name='__wrap_read_event_')
      implicit none
      integer lun, n, ic(7,*), ievent, syst, nclus, done
      double precision p(0:4,*), wgt, scale, aqcd, aqed
      integer*1 buff(*), s_buff(*), buffclus(*)
      call meb_glue_setup()
      call meb_glue_read_event(lun, p, wgt, n, ic, ievent, scale,
     $   aqcd, aqed, buff, syst, s_buff, nclus, buffclus, done)
      end

      subroutine meb_wrap_unwgt(@unwgt_arguments@)
     $   bind(C, name='__wrap_unwgt_')
      implicit none
      double precision px(0:3,*), wgt
      integer @unwgt_integers@
      interface
        subroutine real_unwgt() bind(C, name='__real_unwgt_')
        end subroutine
      end interface
      call meb_glue_setup()
      call @unwgt_target@(loc(real_unwgt), @unwgt_arguments@)
      end


c     The choice of a coordinate from the grid of its variable.
      subroutine meb_glue_sampling()
      implicit none
      include 'genps.inc'
      include 'maxconfigs.inc'
      integer*8 one
      parameter (one=1)
      double precision tmean, trmean, tsigma
      integer dim, events, itm, kn, cur_it, invar, configs
      common /sample_common/ tmean, trmean, tsigma, dim, events, itm,
     $   kn, cur_it, invar, configs
      double precision grid(2,ng,0:maxinvar)
      common /data_grid/ grid
      integer minvar(maxdim,lmaxconfigs)
      common /to_invar/ minvar
      integer ituple
      common /to_random/ ituple
      double precision spole(maxinvar), swidth(maxinvar), bwjac
      common /to_brietwigner/ spole, swidth, bwjac
      integer nzoom
      double precision tx(1:3,maxinvar)
      common /to_xpoints/ tx, nzoom
      integer lastbin(maxdim)
      common /to_lastbin/ lastbin
      double precision ranu(97), ranc, rancd, rancm
      common /raset1/ ranu, ranc, rancd, rancm
      integer iranmr, jranmr
      common /raset2/ iranmr, jranmr
      integer n_bin, n_dimension
      save n_bin, n_dimension
      double precision small_width_treatment
      common /narrow_width/ small_width_treatment
      double precision lowest, highest
      save lowest, highest
      external ntuple, transpole, untranspole, meb_glue_warn_xbin
      interface
        subroutine real_get_x() bind(C, name='__real_sample_get_x_')
        end subroutine
      end interface
      n_bin = ng
      n_dimension = maxdim
      lowest = xgmin
      highest = xgmax
      call meb_glue_place('NG', loc(n_bin), sizeof(n_bin))
      call meb_glue_place('MAXDIM', loc(n_dimension),
     $   sizeof(n_dimension))
      call meb_glue_place('XGMIN', loc(lowest), sizeof(lowest))
      call meb_glue_place('XGMAX', loc(highest), sizeof(highest))
      call meb_glue_place('CUR_IT', loc(cur_it), sizeof(cur_it))
      call meb_glue_place('DATA_GRID', loc(grid), sizeof(grid))
      call meb_glue_place('MINVAR', loc(minvar), sizeof(minvar))
      call meb_glue_place('ITUPLE', loc(ituple), sizeof(ituple))
      call meb_glue_place('SPOLE', loc(spole), sizeof(spole))
      call meb_glue_place('SWIDTH', loc(swidth), sizeof(swidth))
      call meb_glue_place('LEAST_WIDTH', loc(small_width_treatment),
     $   sizeof(small_width_treatment))
      call meb_glue_place('BWJAC', loc(bwjac), sizeof(bwjac))
      call meb_glue_place('TX', loc(tx), sizeof(tx))
      call meb_glue_place('NZOOM', loc(nzoom), sizeof(nzoom))
      call meb_glue_place('LASTBIN', loc(lastbin), sizeof(lastbin))
      call meb_glue_place('RANU', loc(ranu), sizeof(ranu))
      call meb_glue_place('RANC', loc(ranc), 3*sizeof(ranc))
      call meb_glue_place('IRANMR', loc(iranmr), 2*sizeof(iranmr))
      call meb_glue_place('NTUPLE', loc(ntuple), one)
      call meb_glue_place('TRANSPOLE', loc(transpole), one)
      call meb_glue_place('UNTRANSPOLE', loc(untranspole), one)
      call meb_glue_place('WARN_XBIN', loc(meb_glue_warn_xbin), one)
      call meb_glue_place('SAMPLE_GET_X', loc(real_get_x), one)
      end

c     What MadEvent says when a value does not lead back to its bin.
      subroutine meb_glue_warn_xbin(count, ij, number, bin, width)
      implicit none
      integer count, ij
      double precision number, bin, width
      if (count .lt. 5) then
        write (*,'(a,i4,2e14.6,1e12.4)')
     $     'Warning xbin not returning correct x', ij, number, bin,
     $     width
      else
        write (*,'(a,a)') 'Warning xbin still not working well. ',
     $     'Last message this iteration.'
      endif
      end

      subroutine meb_wrap_sample_get_x(wgt, x, j, ipole, xmin, xmax)
     $   bind(C, name='__wrap_sample_get_x_')
      implicit none
      double precision wgt, x, xmin, xmax
      integer j, ipole
      call meb_glue_setup()
      call meb_glue_sample_get_x(wgt, x, j, ipole, xmin, xmax)
      end

C     Cross-section (pb) of subprocess @number@. Modes: 0 run, 4 only the
C     densities of the beams
      double precision function dsig@number@(pp, wgt, imode)
      use, intrinsic :: ieee_arithmetic, only: ieee_is_finite
      implicit none
      include 'nexternal.inc'
      double precision pp(0:3,nexternal), wgt
      integer imode
C     (hbar c)^2 in pb GeV^2
      double precision conv
      parameter (conv=0.3893793721d9)
      integer n_flavor
      parameter (n_flavor=@n_flavor@)
      integer ipsel
      common/subproc/ipsel
      integer symmetry_factor
      external symmetry_factor
      double precision pd(0:n_flavor), dsiguu, r

      dsig@number@ = 0d0
      if (imode.ne.0.and.imode.ne.4) return
      call get_densities(@number@, n_flavor, pd)
      dsig@number@ = pd(0)
      if (imode.eq.4) return
      call smatrix@number@(pp, dsiguu)
      call ranmar(r)
      call select_flavor(r, n_flavor, pd, ipsel)
      dsiguu = dsiguu*conv*symmetry_factor()
      dsig@number@ = sign(pd(0)*dsiguu, dsiguu*pd(ipsel))
      if (dsiguu.eq.0d0.or..not.ieee_is_finite(dsiguu)) return
      call unwgt(pp, dsig@number@*wgt, @number@)
      end

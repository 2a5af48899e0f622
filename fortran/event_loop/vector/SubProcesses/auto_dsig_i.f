C     Cross-section (pb) of subprocess @number@. Modes: 0 run, 4 only the
C     densities of the beams
      double precision function dsig@number@(pp, wgt, imode)
      use, intrinsic :: ieee_arithmetic, only: ieee_is_finite
      implicit none
      include 'nexternal.inc'
      include 'maxamps.inc'
      double precision pp(0:3,nexternal), wgt
      integer imode
C     (hbar c)^2 in pb GeV^2
      double precision conv
      parameter (conv=0.3893793721d9)
      integer n_flavor
      parameter (n_flavor=@n_flavor@)
      integer ipsel
      common/subproc/ipsel
      integer subdiag(maxsproc), ib(2)
      common/to_sub_diag/subdiag, ib
      integer symmetry_factor, get_nhel@number@
      external symmetry_factor, get_nhel@number@
      double precision pd(0:n_flavor), dsiguu, r, rhel, rcol
      integer ihel, icol, helicity(nexternal), i

      dsig@number@ = 0d0
      if (imode.ne.0.and.imode.ne.4) return
      call get_densities(@number@, n_flavor, pd)
      dsig@number@ = pd(0)
      if (imode.eq.4) return
      call ranmar(rhel)
      call ranmar(rcol)
      call ranmar(r)
      call select_flavor(r, n_flavor, pd, ipsel)
      ihel = 0
      icol = 0
      call smatrix@number@(pp, rhel, rcol, subdiag(@number@), 1, dsiguu, ihel, icol)
      dsiguu = dsiguu*conv*symmetry_factor()
      dsig@number@ = sign(pd(0)*dsiguu, dsiguu*pd(ipsel))
      if (dsiguu.eq.0d0.or..not.ieee_is_finite(dsiguu)) return
      do i = 1, nexternal
        helicity(i) = get_nhel@number@(ihel, i)
      enddo
      call unwgt(pp, dsig@number@*wgt, @number@, helicity, icol)
      end

C     Helicity of leg ipart in combination ihel
      integer function get_nhel@number@(ihel, ipart)
      implicit none
      include 'nexternal.inc'
      integer ihel, ipart, i
      integer nhel(nexternal,@n_comb@)
@helicities@

      get_nhel@number@ = nhel(ipart,ihel)
      end

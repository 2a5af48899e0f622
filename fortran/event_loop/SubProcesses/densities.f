C     Products of both beams' densities for each flavour of subprocess
C     numproc, and in pd(0) the sum of their absolute values
      subroutine get_densities(numproc, n_flavor, pd)
      implicit none
      include 'genps.inc'
      include 'nexternal.inc'
      include 'maxamps.inc'
      include 'run.inc'
      integer numproc, n_flavor
      double precision pd(0:n_flavor)
      integer subdiag(maxsproc), ib(2)
      common/to_sub_diag/subdiag, ib
      double precision pdg2pdf
      external pdg2pdf
      integer ids(nexternal), k, leg, beam

      do k = 1, n_flavor
        call get_legs(numproc, k, ids)
        pd(k) = 1d0
        do leg = 1, 2
          beam = ib(leg)
          if (lpp(beam).eq.0) cycle
          pd(k) = pd(k)*pdg2pdf(lpp(beam), ids(leg), beam, xbk(beam), sqrt(q2fact(beam)))
        enddo
      enddo
      pd(0) = sum(abs(pd(1:)))
      end

C     A flavour, in proportion to its density, for a random number r
      subroutine select_flavor(r, n_flavor, pd, flavor)
      implicit none
      integer n_flavor, flavor
      double precision r, pd(0:n_flavor)
      double precision rest

      rest = r*pd(0)
      do flavor = 1, n_flavor-1
        rest = rest-abs(pd(flavor))
        if (rest.lt.0d0) return
      enddo
      flavor = n_flavor
      end

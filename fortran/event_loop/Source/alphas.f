C     alpha_s(q) from the card's value at the scale mu0 (GeV)
      double precision function alphas(q)
      use running_coupling, only: alpha_s_at
      implicit none
      double precision q
      double precision asmz, mu0
      common/to_alpha_s/asmz, mu0

      alphas = alpha_s_at(q, asmz, mu0)
      end

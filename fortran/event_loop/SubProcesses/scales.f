C     Scales of an event, and the strong coupling at its scale
      subroutine set_scales(p)
      implicit none
      include 'genps.inc'
      include 'nexternal.inc'
      include 'run.inc'
      include 'settings.inc'
      include 'dialect.inc'
      include 'coupl.inc'
      double precision p(0:3,nexternal)
      double precision pi
      parameter (pi=3.141592653589793d0)
      double precision event_scale, alphas
      external event_scale, alphas

      if (.not.fixed_ren_scale) scale = scalefact*event_scale(p)
      if (.not.fixed_fac_scale) q2fact(:) = (scalefact*event_scale(p))**2
      mu_r = scale
      g = sqrt(4d0*pi*alphas(scale))
      end

      double precision function event_scale(p)
      implicit none
      include 'nexternal.inc'
      include 'settings.inc'
      double precision p(0:3,nexternal)
      integer i

      event_scale = 0d0
      if (dynamical_scale_choice.eq.4) then
        event_scale = p(0,1)+p(0,2)
        return
      endif
      do i = nincoming+1, nexternal
        if (dynamical_scale_choice.eq.1) then
          event_scale = event_scale+p(0,i)*norm2(p(1:2,i))/norm2(p(1:3,i))
        else
          event_scale = event_scale+sqrt((p(0,i)-p(3,i))*(p(0,i)+p(3,i)))
        endif
      enddo
      if (dynamical_scale_choice.eq.3) event_scale = event_scale/2d0
      end

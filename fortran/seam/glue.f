
c     mebridge: what replaces parts of MadEvent around the matrix
c     element. Each unit tells the library where the variables and the
c     original procedures are; a wrapped call goes through the library.
#if MEBRIDGE_GLUE

      subroutine meb_glue_setup()
      implicit none
      logical done
      save done
      data done /.false./
      integer plain
      save plain
      data plain /MEBRIDGE_PLAIN/
      if (done) return
      done = .true.
      call meb_glue_place('PLAIN', loc(plain), sizeof(plain))
@setups@
      call meb_glue_ready()
      end

      subroutine meb_glue_place(name, begin, size)
      implicit none
      character*(*) name
      integer*8 begin, size
      call meb_glue_range(name//char(0), begin, begin+size)
      end
@units@
#endif

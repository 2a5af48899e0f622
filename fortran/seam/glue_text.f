
c     Helicities as text.
      subroutine meb_glue_text()
      implicit none
      integer*8 one
      parameter (one=1)
      character*101 text
      integer numbers(2,3), read_back(3), i, order(3)
      save text, numbers, read_back, order
      logical passed
      interface
        subroutine real_st_write() bind(C, name=
     $     '__real__gfortran_st_write')
        end subroutine
        subroutine real_st_write_done() bind(C, name=
     $     '__real__gfortran_st_write_done')
        end subroutine
        subroutine real_st_read() bind(C, name=
     $     '__real__gfortran_st_read')
        end subroutine
        subroutine real_st_read_done() bind(C, name=
     $     '__real__gfortran_st_read_done')
        end subroutine
        subroutine real_put() bind(C, name=
     $     '__real__gfortran_transfer_integer_write')
        end subroutine
        subroutine real_get() bind(C, name=
     $     '__real__gfortran_transfer_integer')
        end subroutine
        subroutine real_put_array() bind(C, name=
     $     '__real__gfortran_transfer_array_write')
        end subroutine
        subroutine real_get_array() bind(C, name=
     $     '__real__gfortran_transfer_array')
        end subroutine
      end interface
      call meb_glue_place('ST_WRITE', loc(real_st_write), one)
      call meb_glue_place('ST_WRITE_DONE', loc(real_st_write_done),
     $   one)
      call meb_glue_place('ST_READ', loc(real_st_read), one)
      call meb_glue_place('ST_READ_DONE', loc(real_st_read_done), one)
      call meb_glue_place('TRANSFER_INTEGER_WRITE', loc(real_put), one)
      call meb_glue_place('TRANSFER_INTEGER', loc(real_get), one)
      call meb_glue_place('TRANSFER_ARRAY_WRITE', loc(real_put_array),
     $   one)
      call meb_glue_place('TRANSFER_ARRAY', loc(real_get_array), one)
      do i = 1, 3
        numbers(1,i) = 77
        numbers(2,i) = 1000*i - 2500
        order(i) = 4 - i
        read_back(i) = 0
      enddo
      call meb_glue_text_learn(text, 101, 0)
      write (text,'(20I5)') (numbers(2,order(i)), i=1,3)
      passed = text .eq. '  500 -500-1500'
      text = 'x'
      write (text,'(20i5)') (numbers(2,i), i=1,3)
      passed = passed .and. text .eq. '-1500 -500  500'
      text = 'x'
      write (text,'(20i5)') (numbers(2,order(i)), i=1,3)
      passed = passed .and. text .eq. '  500 -500-1500'
      call meb_glue_text_learn(text, 101, 1)
      read (text,'(20i5)') (read_back(order(i)), i=1,3)
      passed = passed .and. all(read_back .eq. numbers(2,:))
      read_back = 0
      read (text,'(20i5)') (read_back(order(i)), i=1,3)
      passed = passed .and. all(read_back .eq. numbers(2,:))
      numbers(2,:) = 0
      read (text,'(20i5)') (numbers(2,i), i=1,3)
      passed = passed .and. numbers(2,1) .eq. 500 .and.
     $   numbers(2,2) .eq. -500 .and. numbers(2,3) .eq. -1500
      if (passed) then
        call meb_glue_text_ready(1)
      else
        call meb_glue_text_ready(0)
      endif
      end

      subroutine meb_wrap_st_write(block)
     $   bind(C, name='__wrap__gfortran_st_write')
      implicit none
      integer block(*)
      call meb_glue_setup()
      call meb_glue_io_start(block, 0)
      end

      subroutine meb_wrap_st_read(block)
     $   bind(C, name='__wrap__gfortran_st_read')
      implicit none
      integer block(*)
      call meb_glue_setup()
      call meb_glue_io_start(block, 1)
      end

      subroutine meb_wrap_st_write_done(block)
     $   bind(C, name='__wrap__gfortran_st_write_done')
      implicit none
      integer block(*)
      call meb_glue_setup()
      call meb_glue_io_end(block, 0)
      end

      subroutine meb_wrap_st_read_done(block)
     $   bind(C, name='__wrap__gfortran_st_read_done')
      implicit none
      integer block(*)
      call meb_glue_setup()
      call meb_glue_io_end(block, 1)
      end

      subroutine meb_wrap_put(block, value, kind)
     $   bind(C, name='__wrap__gfortran_transfer_integer_write')
      implicit none
      integer block(*), value(*)
      integer, value :: kind
      call meb_glue_setup()
      call meb_glue_io_transfer(block, value, kind, 0)
      end

      subroutine meb_wrap_get(block, value, kind)
     $   bind(C, name='__wrap__gfortran_transfer_integer')
      implicit none
      integer block(*), value(*)
      integer, value :: kind
      call meb_glue_setup()
      call meb_glue_io_transfer(block, value, kind, 1)
      end

      subroutine meb_wrap_put_array(block, array, kind, length)
     $   bind(C, name='__wrap__gfortran_transfer_array_write')
      implicit none
      integer block(*), array(*)
      integer, value :: kind
      integer*8, value :: length
      call meb_glue_setup()
      call meb_glue_io_array(block, array, kind, length, 0)
      end

      subroutine meb_wrap_get_array(block, array, kind, length)
     $   bind(C, name='__wrap__gfortran_transfer_array')
      implicit none
      integer block(*), array(*)
      integer, value :: kind
      integer*8, value :: length
      call meb_glue_setup()
      call meb_glue_io_array(block, array, kind, length, 1)
      end

C     Legs that come from branch -k
      subroutine get_legs_below(k, forest, is_below)
      implicit none
      include 'nexternal.inc'
      integer k, forest(2,nexternal-2)
      logical is_below(nexternal), is_branch_below(nexternal-2)
      integer i, j

      is_below(:) = .false.
      is_branch_below(:) = .false.
      is_branch_below(k) = .true.
C     Daughters of a branch are numbered before it
      do i = k, 1, -1
        if (.not.is_branch_below(i)) cycle
        do j = 1, 2
          if (forest(j,i).gt.0) is_below(forest(j,i)) = .true.
          if (forest(j,i).lt.0) is_branch_below(-forest(j,i)) = .true.
        enddo
      enddo
      end

C     Colour lines that leave the legs of a resonance; fits: as many as its
C     pdg id has (quarks one, others at most one of each kind, 22 to 37 none)
      subroutine join_colors(is_below, lines, id, joined, fits)
      implicit none
      include 'nexternal.inc'
      logical is_below(nexternal), fits
      integer lines(2,nexternal), id, joined(2)
      integer i, side, n(2)

      joined(:) = 0
      n(:) = 0
      do side = 1, 2
        do i = nincoming+1, nexternal
          if (.not.is_below(i).or.lines(side,i).eq.0) cycle
          if (any(is_below.and.lines(3-side,:).eq.lines(side,i))) cycle
          joined(side) = lines(side,i)
          n(side) = n(side)+1
        enddo
      enddo
      select case (id)
      case (1:8)
        fits = n(1).eq.1.and.n(2).eq.0
      case (-8:-1)
        fits = n(1).eq.0.and.n(2).eq.1
      case (22:37, -37:-22)
        fits = all(n.eq.0)
      case default
        fits = all(n.le.1)
      end select
      end

!> Matrix elements from a mebridge Program, for Fortran programs.
!>
!> A face of the C interface (mebridge/mebridge.h), which defines what each argument means.
!> Call order: new program, new engine, set parameters, evaluate, delete. Every procedure that can
!> fail says how it went in its last argument, `error`: look at error%status.
module mebridge
  use, intrinsic :: iso_c_binding, only: &
    c_char, c_double, c_double_complex, c_int, c_int32_t, c_int64_t, c_loc, c_null_char, c_null_ptr, c_ptr, c_size_t
  use :: mebridge_c, only: &
    c_error_new, c_error_delete, c_error_get, meb_abi_version, &
    c_get_modes, c_program_new_from_file, c_program_delete, c_program_get_size, &
    c_program_get_name, c_program_get_helicities, c_program_set_plugin, c_engine_new, &
    c_engine_delete, c_engine_set_threads, c_engine_set_parameters, c_engine_set_helicity_weights, c_engine_evaluate, &
    c_engine_get_backend, c_engine_get_counts, meb_real, meb_complex, &
    meb_integer, meb_success, meb_error_argument, meb_error_file, &
    meb_error_program, meb_error_unsupported, meb_error_memory, meb_error_state, &
    meb_error_internal, meb_error_device, meb_precision_double, meb_precision_single, meb_precision_mixed, &
    meb_size_leg, meb_size_helicity, meb_size_color_flow, meb_size_diagram, &
    meb_size_config, meb_size_parameter, meb_size_coupling, meb_size_running_coupling, &
    meb_size_custom_function, meb_name_process, meb_name_parameter, meb_name_coupling, &
    meb_name_running_coupling, meb_name_digest, meb_name_custom_function, &
    input_momenta, input_running_coupling, input_running_coupling_common, &
    input_channel, input_channel_cut, input_random_helicity, input_random_color, &
    input_color_config, input_helicity, n_input_key, output_matrix_element, &
    output_helicity, output_color_flow, output_jamp2, output_amp2, &
    output_matrix_element_by_helicity, output_flag, n_output_key
  implicit none
  private

  public :: meb_program, meb_engine, meb_error
  public :: meb_program_new, meb_program_delete, meb_program_get_size, meb_program_get_name
  public :: meb_program_get_helicities, meb_program_set_plugin
  public :: meb_engine_new, meb_engine_delete, meb_engine_set_threads, meb_engine_set_parameters
  public :: meb_engine_set_helicity_weights, meb_engine_evaluate, meb_engine_get_backend
  public :: meb_engine_get_counts
  public :: meb_abi_version, meb_get_modes
  public :: meb_real, meb_complex, meb_integer, meb_success, &
    meb_error_argument, meb_error_file, meb_error_program, meb_error_unsupported, &
    meb_error_memory, meb_error_state, meb_error_internal, meb_error_device, meb_precision_double, &
    meb_precision_single, meb_precision_mixed, meb_size_leg, meb_size_helicity, &
    meb_size_color_flow, meb_size_diagram, meb_size_config, meb_size_parameter, &
    meb_size_coupling, meb_size_running_coupling, meb_size_custom_function, meb_name_process, &
    meb_name_parameter, meb_name_coupling, meb_name_running_coupling, meb_name_digest, &
    meb_name_custom_function

  !> A Program: what is computed for one subprocess.
  type :: meb_program
    private
    type(c_ptr) :: handle = c_null_ptr
  end type meb_program

  !> Runs a Program over batches of events on one backend.
  type :: meb_engine
    private
    type(c_ptr) :: handle = c_null_ptr
  end type meb_engine

  !> Outcome of a call: meb_success, or a status and what to do about it.
  type :: meb_error
    integer(c_int) :: status = meb_success
    character(len=:), allocatable :: message
  end type meb_error

  !> The keyed arrays of one direction of meb_engine_evaluate.
  type :: array_list
    integer(c_size_t) :: n = 0
    integer(c_int) :: key(n_input_key) = 0
    type(c_ptr) :: pointer(n_input_key) = c_null_ptr
    integer(c_size_t) :: size(n_input_key) = 0
  contains
    procedure :: add
  end type array_list

  !> Capacity for texts of the interface, all of which are short but the process names.
  integer, parameter :: text_capacity = 4096

contains

  !> Reads and checks a Program file.
  subroutine meb_program_new(program, path, error)
    type(meb_program), intent(out) :: program
    character(len=*), intent(in) :: path
    type(meb_error), intent(out) :: error
    type(c_ptr) :: handle

    handle = c_error_new()
    call finish(c_program_new_from_file(handle, c_text(path), program%handle), handle, error)
  end subroutine meb_program_new

  !> Gives a Program its plug-in, a shared library that `mebridge inject` compiles.
  subroutine meb_program_set_plugin(program, path, error)
    type(meb_program), intent(in) :: program
    character(len=*), intent(in) :: path
    type(meb_error), intent(out) :: error
    type(c_ptr) :: handle

    handle = c_error_new()
    call finish(c_program_set_plugin(handle, program%handle, c_text(path)), handle, error)
  end subroutine meb_program_set_plugin

  !> Frees a Program; engines made from it go on.
  subroutine meb_program_delete(program)
    type(meb_program), intent(inout) :: program

    call c_program_delete(program%handle)
  end subroutine meb_program_delete

  !> Size number `key`, one of meb_size_*.
  subroutine meb_program_get_size(program, key, value, error)
    type(meb_program), intent(in) :: program
    integer(c_int), intent(in) :: key
    integer, intent(out) :: value
    type(meb_error), intent(out) :: error
    type(c_ptr) :: handle
    integer(c_size_t) :: size

    size = 0
    handle = c_error_new()
    call finish(c_program_get_size(handle, program%handle, key, size), handle, error)
    value = int(size)
  end subroutine meb_program_get_size

  !> Name number `index`, from 1, of the list `list`, one of meb_name_*.
  subroutine meb_program_get_name(program, list, index, name, error)
    type(meb_program), intent(in) :: program
    integer(c_int), intent(in) :: list
    integer, intent(in) :: index
    character(len=:), allocatable, intent(out) :: name
    type(meb_error), intent(out) :: error
    type(c_ptr) :: handle
    character(kind=c_char) :: buffer(text_capacity)
    integer(c_size_t) :: size

    buffer(1) = c_null_char
    handle = c_error_new()
    call finish(c_program_get_name(handle, program%handle, list, int(index - 1, c_size_t), buffer, &
      int(text_capacity, c_size_t), size), handle, error)
    name = fortran_text(buffer)
  end subroutine meb_program_get_name

  !> Helicities in the order of the generated Fortran.
  subroutine meb_program_get_helicities(program, helicity, error)
    type(meb_program), intent(in) :: program
    !> (n_leg, n_helicity)
    integer(c_int32_t), contiguous, intent(out) :: helicity(:, :)
    type(meb_error), intent(out) :: error
    type(c_ptr) :: handle

    handle = c_error_new()
    call finish(c_program_get_helicities(handle, program%handle, helicity, size(helicity, kind=c_size_t)), &
      handle, error)
  end subroutine meb_program_get_helicities

  !> A new engine for a Program, which may be deleted afterwards.
  subroutine meb_engine_new(engine, program, backend, precision, error)
    type(meb_engine), intent(out) :: engine
    type(meb_program), intent(in) :: program
    !> "auto" if absent
    character(len=*), intent(in), optional :: backend
    !> meb_precision_*; double if absent
    integer(c_int), intent(in), optional :: precision
    type(meb_error), intent(out) :: error
    type(c_ptr) :: handle
    character(len=:), allocatable :: name
    integer(c_int) :: digits

    name = "auto"
    if (present(backend)) name = backend
    digits = meb_precision_double
    if (present(precision)) digits = precision
    handle = c_error_new()
    call finish(c_engine_new(handle, program%handle, c_text(name), digits, engine%handle), handle, error)
  end subroutine meb_engine_new

  !> Frees an engine.
  subroutine meb_engine_delete(engine)
    type(meb_engine), intent(inout) :: engine

    call c_engine_delete(engine%handle)
  end subroutine meb_engine_delete

  !> Threads that share a batch; 1 at first.
  subroutine meb_engine_set_threads(engine, n_thread, error)
    type(meb_engine), intent(in) :: engine
    integer, intent(in) :: n_thread
    type(meb_error), intent(out) :: error
    type(c_ptr) :: handle

    handle = c_error_new()
    call finish(c_engine_set_threads(handle, engine%handle, int(n_thread, c_size_t)), handle, error)
  end subroutine meb_engine_set_threads

  !> Values that stay the same in a run, in the Program's order.
  subroutine meb_engine_set_parameters(engine, parameter, coupling, error)
    type(meb_engine), intent(in) :: engine
    !> (n_parameter), masses and widths in GeV
    real(c_double), contiguous, intent(in) :: parameter(:)
    !> (n_coupling)
    complex(c_double_complex), contiguous, intent(in) :: coupling(:)
    type(meb_error), intent(out) :: error
    type(c_ptr) :: handle

    handle = c_error_new()
    call finish(c_engine_set_parameters(handle, engine%handle, parameter, size(parameter, kind=c_size_t), &
      coupling, size(coupling, kind=c_size_t)), handle, error)
  end subroutine meb_engine_set_parameters

  !> Weight of each helicity combination, 0 drops it; all 1 at first.
  subroutine meb_engine_set_helicity_weights(engine, weight, error)
    type(meb_engine), intent(in) :: engine
    !> (n_helicity)
    real(c_double), contiguous, intent(in) :: weight(:)
    type(meb_error), intent(out) :: error
    type(c_ptr) :: handle

    handle = c_error_new()
    call finish(c_engine_set_helicity_weights(handle, engine%handle, weight, size(weight, kind=c_size_t)), &
      handle, error)
  end subroutine meb_engine_set_helicity_weights

  !> Evaluates a batch; see meb_input and meb_output of mebridge/engine.h.
  subroutine meb_engine_evaluate(engine, momenta, running_coupling, running_coupling_common, channel, &
      channel_cut, random_helicity, random_color, color_config, helicity_number, matrix_element, helicity, &
      color_flow, jamp2, amp2, matrix_element_by_helicity, flag, error)
    type(meb_engine), intent(in) :: engine
    !> (0:3, n_leg, n_event), (E, px, py, pz) in GeV
    real(c_double), contiguous, target, intent(in) :: momenta(:, :, :)
    !> (n_running_coupling, n_event)
    complex(c_double_complex), contiguous, target, optional, intent(in) :: running_coupling(:, :)
    !> (n_running_coupling), the same for every event
    complex(c_double_complex), contiguous, target, optional, intent(in) :: running_coupling_common(:)
    !> (n_event), diagram whose multichannel weight is applied; 0 for none
    integer(c_int32_t), contiguous, target, optional, intent(in) :: channel(:)
    !> (n_config, n_event)
    real(c_double), contiguous, target, optional, intent(in) :: channel_cut(:, :)
    !> (n_event), in [0, 1)
    real(c_double), contiguous, target, optional, intent(in) :: random_helicity(:)
    !> (n_event), in [0, 1)
    real(c_double), contiguous, target, optional, intent(in) :: random_color(:)
    !> (n_event), config whose colour flows are chosen from; 0 for all
    integer(c_int32_t), contiguous, target, optional, intent(in) :: color_config(:)
    !> (n_event), compute this helicity combination only; 0 for the sum
    integer(c_int32_t), contiguous, target, optional, intent(in) :: helicity_number(:)
    !> (n_event), GeV**(8 - 2 n_leg)
    real(c_double), contiguous, target, optional, intent(inout) :: matrix_element(:)
    !> (n_event), chosen helicity combination; 0 for none
    integer(c_int32_t), contiguous, target, optional, intent(inout) :: helicity(:)
    !> (n_event), chosen colour flow; 0 for none
    integer(c_int32_t), contiguous, target, optional, intent(inout) :: color_flow(:)
    !> (n_color_flow, n_event)
    real(c_double), contiguous, target, optional, intent(inout) :: jamp2(:, :)
    !> (n_diagram, n_event)
    real(c_double), contiguous, target, optional, intent(inout) :: amp2(:, :)
    !> (n_helicity, n_event)
    real(c_double), contiguous, target, optional, intent(inout) :: matrix_element_by_helicity(:, :)
    !> (n_event), 0 fine, 1 not finite
    integer(c_int32_t), contiguous, target, optional, intent(inout) :: flag(:)
    type(meb_error), intent(out) :: error
    type(array_list) :: input, output
    type(c_ptr) :: handle
    integer, parameter :: size_kind = c_size_t

    call input%add(input_momenta, c_loc(momenta), size(momenta, kind=size_kind))
    if (present(running_coupling)) call input%add(input_running_coupling, c_loc(running_coupling), &
      2*size(running_coupling, kind=size_kind))
    if (present(running_coupling_common)) call input%add(input_running_coupling_common, &
      c_loc(running_coupling_common), 2*size(running_coupling_common, kind=size_kind))
    if (present(channel)) call input%add(input_channel, c_loc(channel), size(channel, kind=size_kind))
    if (present(channel_cut)) call input%add(input_channel_cut, c_loc(channel_cut), &
      size(channel_cut, kind=size_kind))
    if (present(random_helicity)) call input%add(input_random_helicity, c_loc(random_helicity), &
      size(random_helicity, kind=size_kind))
    if (present(random_color)) call input%add(input_random_color, c_loc(random_color), &
      size(random_color, kind=size_kind))
    if (present(color_config)) call input%add(input_color_config, c_loc(color_config), &
      size(color_config, kind=size_kind))
    if (present(helicity_number)) call input%add(input_helicity, c_loc(helicity_number), &
      size(helicity_number, kind=size_kind))

    if (present(matrix_element)) call output%add(output_matrix_element, c_loc(matrix_element), &
      size(matrix_element, kind=size_kind))
    if (present(helicity)) call output%add(output_helicity, c_loc(helicity), size(helicity, kind=size_kind))
    if (present(color_flow)) call output%add(output_color_flow, c_loc(color_flow), &
      size(color_flow, kind=size_kind))
    if (present(jamp2)) call output%add(output_jamp2, c_loc(jamp2), size(jamp2, kind=size_kind))
    if (present(amp2)) call output%add(output_amp2, c_loc(amp2), size(amp2, kind=size_kind))
    if (present(matrix_element_by_helicity)) call output%add(output_matrix_element_by_helicity, &
      c_loc(matrix_element_by_helicity), size(matrix_element_by_helicity, kind=size_kind))
    if (present(flag)) call output%add(output_flag, c_loc(flag), size(flag, kind=size_kind))

    handle = c_error_new()
    call finish(c_engine_evaluate(handle, engine%handle, size(momenta, 3, kind=size_kind), input%n, input%key, &
      input%pointer, input%size, output%n, output%key, output%pointer, output%size), handle, error)
  end subroutine meb_engine_evaluate

  !> Name of the backend in use, "avx2" for instance.
  function meb_engine_get_backend(engine) result(name)
    type(meb_engine), intent(in) :: engine
    character(len=:), allocatable :: name
    character(kind=c_char) :: buffer(text_capacity)
    integer(c_size_t) :: size

    buffer(1) = c_null_char
    size = c_engine_get_backend(engine%handle, buffer, int(text_capacity, c_size_t))
    name = fortran_text(buffer)
  end function meb_engine_get_backend

  !> Events evaluated, and events whose result was not finite, so far.
  subroutine meb_engine_get_counts(engine, n_event, n_non_finite, error)
    type(meb_engine), intent(in) :: engine
    integer(c_int64_t), intent(out) :: n_event
    integer(c_int64_t), intent(out) :: n_non_finite
    type(meb_error), intent(out) :: error
    type(c_ptr) :: handle

    n_event = 0
    n_non_finite = 0
    handle = c_error_new()
    call finish(c_engine_get_counts(handle, engine%handle, n_event, n_non_finite), handle, error)
  end subroutine meb_engine_get_counts

  !> Names of the CPU modes usable here, best last, separated by one space.
  function meb_get_modes() result(names)
    character(len=:), allocatable :: names
    character(kind=c_char) :: buffer(text_capacity)
    integer(c_size_t) :: size

    buffer(1) = c_null_char
    size = c_get_modes(buffer, int(text_capacity, c_size_t))
    names = fortran_text(buffer)
  end function meb_get_modes

  !> Appends one array.
  subroutine add(self, key, pointer, size)
    class(array_list), intent(inout) :: self
    integer(c_int), intent(in) :: key
    type(c_ptr), intent(in) :: pointer
    !> In elements; a complex number counts 2.
    integer(c_size_t), intent(in) :: size

    self%n = self%n + 1
    self%key(self%n) = key
    self%pointer(self%n) = pointer
    self%size(self%n) = size
  end subroutine add

  !> Hands the outcome of a call to its caller and frees the C error handle.
  subroutine finish(status, handle, error)
    integer(c_int), intent(in) :: status
    type(c_ptr), intent(inout) :: handle
    type(meb_error), intent(out) :: error
    character(kind=c_char) :: buffer(text_capacity)
    integer(c_size_t) :: size

    error%status = status
    error%message = ""
    if (status /= meb_success) then
      buffer(1) = c_null_char
      size = c_error_get(handle, buffer, int(text_capacity, c_size_t))
      error%message = fortran_text(buffer)
    end if
    call c_error_delete(handle)
  end subroutine finish

  !> A text as C wants it, with its final NUL.
  pure function c_text(text) result(chars)
    character(len=*), intent(in) :: text
    character(kind=c_char) :: chars(len_trim(text) + 1)
    integer :: i

    do i = 1, len_trim(text)
      chars(i) = text(i:i)
    end do
    chars(size(chars)) = c_null_char
  end function c_text

  !> The text before the NUL.
  pure function fortran_text(chars) result(text)
    character(kind=c_char), intent(in) :: chars(:)
    character(len=:), allocatable :: text
    integer :: i, n

    n = 0
    do while (n < size(chars))
      if (chars(n + 1) == c_null_char) exit
      n = n + 1
    end do
    allocate (character(len=n) :: text)
    do i = 1, n
      text(i:i) = chars(i)
    end do
  end function fortran_text

end module mebridge

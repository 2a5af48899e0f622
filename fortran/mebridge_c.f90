!> The C interface of mebridge, name for name; Fortran programs use module mebridge instead.
!>
!> Extents and units are written in mebridge/engine.h and mebridge/program.h.
module mebridge_c
  use, intrinsic :: iso_c_binding, only: &
    c_char, c_double, c_double_complex, c_int, c_int32_t, c_int64_t, c_ptr, c_size_t
  implicit none
  private

  public :: c_error_new, c_error_delete, c_error_get, meb_abi_version, &
    c_get_modes, c_program_new_from_file, c_program_delete, c_program_get_size, &
    c_program_get_name, c_program_get_helicities, c_program_set_plugin, c_engine_new, &
    c_engine_delete, c_engine_set_threads, c_engine_set_parameters, c_engine_set_helicity_weights, &
    c_engine_evaluate, c_engine_get_backend, c_engine_get_counts, c_engine_evaluate_device, &
    c_engine_get_description, c_engine_get_operations, c_measure_peak, c_program_compile_cuda, &
    c_rambo_new, c_rambo_delete, c_rambo_set_threads, c_rambo_get_backend, c_rambo_generate, &
    c_rambo_generate_device

  !> Kinds of the numbers that cross the interface.
  integer, parameter, public :: meb_real = c_double
  integer, parameter, public :: meb_complex = c_double_complex
  integer, parameter, public :: meb_integer = c_int32_t

  !> meb_status
  integer(c_int), parameter, public :: meb_success = 0
  integer(c_int), parameter, public :: meb_error_argument = 1
  integer(c_int), parameter, public :: meb_error_file = 2
  integer(c_int), parameter, public :: meb_error_program = 3
  integer(c_int), parameter, public :: meb_error_unsupported = 4
  integer(c_int), parameter, public :: meb_error_memory = 5
  integer(c_int), parameter, public :: meb_error_state = 6
  integer(c_int), parameter, public :: meb_error_internal = 7
  integer(c_int), parameter, public :: meb_error_device = 8

  !> meb_precision
  integer(c_int), parameter, public :: meb_precision_double = 0
  integer(c_int), parameter, public :: meb_precision_single = 1
  integer(c_int), parameter, public :: meb_precision_mixed = 2

  !> meb_size
  integer(c_int), parameter, public :: meb_size_leg = 0
  integer(c_int), parameter, public :: meb_size_helicity = 1
  integer(c_int), parameter, public :: meb_size_color_flow = 2
  integer(c_int), parameter, public :: meb_size_diagram = 3
  integer(c_int), parameter, public :: meb_size_config = 4
  integer(c_int), parameter, public :: meb_size_parameter = 5
  integer(c_int), parameter, public :: meb_size_coupling = 6
  integer(c_int), parameter, public :: meb_size_running_coupling = 7
  integer(c_int), parameter, public :: meb_size_custom_function = 8

  !> meb_name
  integer(c_int), parameter, public :: meb_name_process = 0
  integer(c_int), parameter, public :: meb_name_parameter = 1
  integer(c_int), parameter, public :: meb_name_coupling = 2
  integer(c_int), parameter, public :: meb_name_running_coupling = 3
  integer(c_int), parameter, public :: meb_name_digest = 4
  integer(c_int), parameter, public :: meb_name_custom_function = 5

  !> meb_input and meb_output; used by meb_engine_evaluate only
  integer(c_int), parameter, public :: input_momenta = 0
  integer(c_int), parameter, public :: input_running_coupling = 1
  integer(c_int), parameter, public :: input_running_coupling_common = 2
  integer(c_int), parameter, public :: input_channel = 3
  integer(c_int), parameter, public :: input_channel_cut = 4
  integer(c_int), parameter, public :: input_random_helicity = 5
  integer(c_int), parameter, public :: input_random_color = 6
  integer(c_int), parameter, public :: input_color_config = 7
  integer(c_int), parameter, public :: input_helicity = 8
  integer(c_int), parameter, public :: n_input_key = 9
  integer(c_int), parameter, public :: output_matrix_element = 0
  integer(c_int), parameter, public :: output_helicity = 1
  integer(c_int), parameter, public :: output_color_flow = 2
  integer(c_int), parameter, public :: output_jamp2 = 3
  integer(c_int), parameter, public :: output_amp2 = 4
  integer(c_int), parameter, public :: output_matrix_element_by_helicity = 5
  integer(c_int), parameter, public :: output_flag = 6
  integer(c_int), parameter, public :: n_output_key = 7

  interface
    function c_error_new() result(error) bind(C, name="meb_error_new")
      import :: c_ptr
      type(c_ptr) :: error
    end function c_error_new

    subroutine c_error_delete(error) bind(C, name="meb_error_delete")
      import :: c_ptr
      type(c_ptr), intent(inout) :: error
    end subroutine c_error_delete

    function c_error_get(error, buffer, capacity) result(size) bind(C, name="meb_error_get")
      import :: c_char, c_ptr, c_size_t
      type(c_ptr), value :: error
      character(kind=c_char), intent(out) :: buffer(*)
      integer(c_size_t), value :: capacity
      integer(c_size_t) :: size
    end function c_error_get

    !> Version of the C interface the library was built with.
    function meb_abi_version() result(version) bind(C, name="meb_abi_version")
      import :: c_int32_t
      integer(c_int32_t) :: version
    end function meb_abi_version

    function c_get_modes(buffer, capacity) result(size) bind(C, name="meb_get_modes")
      import :: c_char, c_size_t
      character(kind=c_char), intent(out) :: buffer(*)
      integer(c_size_t), value :: capacity
      integer(c_size_t) :: size
    end function c_get_modes

    function c_program_new_from_file(error, path, program) result(status) &
        bind(C, name="meb_program_new_from_file")
      import :: c_char, c_int, c_ptr
      type(c_ptr), value :: error
      character(kind=c_char), intent(in) :: path(*)
      type(c_ptr), intent(out) :: program
      integer(c_int) :: status
    end function c_program_new_from_file

    function c_program_set_plugin(error, program, path) result(status) &
        bind(C, name="meb_program_set_plugin")
      import :: c_char, c_int, c_ptr
      type(c_ptr), value :: error
      type(c_ptr), value :: program
      character(kind=c_char), intent(in) :: path(*)
      integer(c_int) :: status
    end function c_program_set_plugin

    subroutine c_program_delete(program) bind(C, name="meb_program_delete")
      import :: c_ptr
      type(c_ptr), intent(inout) :: program
    end subroutine c_program_delete

    function c_program_get_size(error, program, key, value) result(status) &
        bind(C, name="meb_program_get_size")
      import :: c_int, c_ptr, c_size_t
      type(c_ptr), value :: error
      type(c_ptr), value :: program
      integer(c_int), value :: key
      integer(c_size_t), intent(out) :: value
      integer(c_int) :: status
    end function c_program_get_size

    function c_program_get_name(error, program, list, index, buffer, capacity, size) result(status) &
        bind(C, name="meb_program_get_name")
      import :: c_char, c_int, c_ptr, c_size_t
      type(c_ptr), value :: error
      type(c_ptr), value :: program
      integer(c_int), value :: list
      integer(c_size_t), value :: index
      character(kind=c_char), intent(out) :: buffer(*)
      integer(c_size_t), value :: capacity
      integer(c_size_t), intent(out) :: size
      integer(c_int) :: status
    end function c_program_get_name

    function c_program_get_helicities(error, program, helicity, capacity) result(status) &
        bind(C, name="meb_program_get_helicities")
      import :: c_int, c_int32_t, c_ptr, c_size_t
      type(c_ptr), value :: error
      type(c_ptr), value :: program
      integer(c_int32_t), intent(out) :: helicity(*)
      integer(c_size_t), value :: capacity
      integer(c_int) :: status
    end function c_program_get_helicities

    function c_engine_new(error, program, backend, precision, engine) result(status) &
        bind(C, name="meb_engine_new")
      import :: c_char, c_int, c_ptr
      type(c_ptr), value :: error
      type(c_ptr), value :: program
      character(kind=c_char), intent(in) :: backend(*)
      integer(c_int), value :: precision
      type(c_ptr), intent(out) :: engine
      integer(c_int) :: status
    end function c_engine_new

    subroutine c_engine_delete(engine) bind(C, name="meb_engine_delete")
      import :: c_ptr
      type(c_ptr), intent(inout) :: engine
    end subroutine c_engine_delete

    function c_engine_set_threads(error, engine, n_thread) result(status) &
        bind(C, name="meb_engine_set_threads")
      import :: c_int, c_ptr, c_size_t
      type(c_ptr), value :: error
      type(c_ptr), value :: engine
      integer(c_size_t), value :: n_thread
      integer(c_int) :: status
    end function c_engine_set_threads

    function c_engine_set_parameters(error, engine, parameter, n_parameter, coupling, n_coupling) &
        result(status) bind(C, name="meb_engine_set_parameters")
      import :: c_double, c_double_complex, c_int, c_ptr, c_size_t
      type(c_ptr), value :: error
      type(c_ptr), value :: engine
      real(c_double), intent(in) :: parameter(*)
      integer(c_size_t), value :: n_parameter
      complex(c_double_complex), intent(in) :: coupling(*)
      integer(c_size_t), value :: n_coupling
      integer(c_int) :: status
    end function c_engine_set_parameters

    function c_engine_set_helicity_weights(error, engine, weight, n_helicity) result(status) &
        bind(C, name="meb_engine_set_helicity_weights")
      import :: c_double, c_int, c_ptr, c_size_t
      type(c_ptr), value :: error
      type(c_ptr), value :: engine
      real(c_double), intent(in) :: weight(*)
      integer(c_size_t), value :: n_helicity
      integer(c_int) :: status
    end function c_engine_set_helicity_weights

    function c_engine_evaluate(error, engine, n_event, n_input, input_key, input, input_size, n_output, &
        output_key, output, output_size) result(status) bind(C, name="meb_engine_evaluate")
      import :: c_int, c_ptr, c_size_t
      type(c_ptr), value :: error
      type(c_ptr), value :: engine
      integer(c_size_t), value :: n_event
      integer(c_size_t), value :: n_input
      integer(c_int), intent(in) :: input_key(*)
      type(c_ptr), intent(in) :: input(*)
      integer(c_size_t), intent(in) :: input_size(*)
      integer(c_size_t), value :: n_output
      integer(c_int), intent(in) :: output_key(*)
      type(c_ptr), intent(in) :: output(*)
      integer(c_size_t), intent(in) :: output_size(*)
      integer(c_int) :: status
    end function c_engine_evaluate

    function c_engine_get_backend(engine, buffer, capacity) result(size) &
        bind(C, name="meb_engine_get_backend")
      import :: c_char, c_ptr, c_size_t
      type(c_ptr), value :: engine
      character(kind=c_char), intent(out) :: buffer(*)
      integer(c_size_t), value :: capacity
      integer(c_size_t) :: size
    end function c_engine_get_backend

    function c_engine_get_counts(error, engine, n_event, n_non_finite) result(status) &
        bind(C, name="meb_engine_get_counts")
      import :: c_int, c_int64_t, c_ptr
      type(c_ptr), value :: error
      type(c_ptr), value :: engine
      integer(c_int64_t), intent(out) :: n_event
      integer(c_int64_t), intent(out) :: n_non_finite
      integer(c_int) :: status
    end function c_engine_get_counts

    function c_engine_evaluate_device(error, engine, n_event, n_input, input_key, input, input_size, &
        n_output, output_key, output, output_size, stream) result(status) &
        bind(C, name="meb_engine_evaluate_device")
      import :: c_int, c_ptr, c_size_t
      type(c_ptr), value :: error
      type(c_ptr), value :: engine
      integer(c_size_t), value :: n_event
      integer(c_size_t), value :: n_input
      integer(c_int), intent(in) :: input_key(*)
      type(c_ptr), intent(in) :: input(*)
      integer(c_size_t), intent(in) :: input_size(*)
      integer(c_size_t), value :: n_output
      integer(c_int), intent(in) :: output_key(*)
      type(c_ptr), intent(in) :: output(*)
      integer(c_size_t), intent(in) :: output_size(*)
      type(c_ptr), value :: stream
      integer(c_int) :: status
    end function c_engine_evaluate_device

    function c_engine_get_description(engine, buffer, capacity) result(size) &
        bind(C, name="meb_engine_get_description")
      import :: c_char, c_ptr, c_size_t
      type(c_ptr), value :: engine
      character(kind=c_char), intent(out) :: buffer(*)
      integer(c_size_t), value :: capacity
      integer(c_size_t) :: size
    end function c_engine_get_description

    function c_engine_get_operations(error, engine, with_amp2, n_operation) result(status) &
        bind(C, name="meb_engine_get_operations")
      import :: c_double, c_int, c_int32_t, c_ptr
      type(c_ptr), value :: error
      type(c_ptr), value :: engine
      integer(c_int32_t), value :: with_amp2
      real(c_double), intent(out) :: n_operation
      integer(c_int) :: status
    end function c_engine_get_operations

    function c_measure_peak(error, backend, precision, operations_per_second) result(status) &
        bind(C, name="meb_measure_peak")
      import :: c_char, c_double, c_int, c_ptr
      type(c_ptr), value :: error
      character(kind=c_char), intent(in) :: backend(*)
      integer(c_int), value :: precision
      real(c_double), intent(out) :: operations_per_second
      integer(c_int) :: status
    end function c_measure_peak

    function c_program_compile_cuda(error, program, precision, architecture, folder) result(status) &
        bind(C, name="meb_program_compile_cuda")
      import :: c_char, c_int, c_ptr
      type(c_ptr), value :: error
      type(c_ptr), value :: program
      integer(c_int), value :: precision
      character(kind=c_char), intent(in) :: architecture(*)
      character(kind=c_char), intent(in) :: folder(*)
      integer(c_int) :: status
    end function c_program_compile_cuda

    function c_rambo_new(error, backend, n_incoming, incoming_mass, n_outgoing, outgoing_mass, rambo) &
        result(status) bind(C, name="meb_rambo_new")
      import :: c_char, c_double, c_int, c_ptr, c_size_t
      type(c_ptr), value :: error
      character(kind=c_char), intent(in) :: backend(*)
      integer(c_size_t), value :: n_incoming
      real(c_double), intent(in) :: incoming_mass(*)
      integer(c_size_t), value :: n_outgoing
      real(c_double), intent(in) :: outgoing_mass(*)
      type(c_ptr), intent(out) :: rambo
      integer(c_int) :: status
    end function c_rambo_new

    subroutine c_rambo_delete(rambo) bind(C, name="meb_rambo_delete")
      import :: c_ptr
      type(c_ptr), intent(inout) :: rambo
    end subroutine c_rambo_delete

    function c_rambo_set_threads(error, rambo, n_thread) result(status) &
        bind(C, name="meb_rambo_set_threads")
      import :: c_int, c_ptr, c_size_t
      type(c_ptr), value :: error
      type(c_ptr), value :: rambo
      integer(c_size_t), value :: n_thread
      integer(c_int) :: status
    end function c_rambo_set_threads

    function c_rambo_get_backend(rambo, buffer, capacity) result(size) &
        bind(C, name="meb_rambo_get_backend")
      import :: c_char, c_ptr, c_size_t
      type(c_ptr), value :: rambo
      character(kind=c_char), intent(out) :: buffer(*)
      integer(c_size_t), value :: capacity
      integer(c_size_t) :: size
    end function c_rambo_get_backend

    function c_rambo_generate(error, rambo, n_event, random, random_size, sqrt_s, sqrt_s_size, momenta, &
        momenta_size, weight, weight_size) result(status) bind(C, name="meb_rambo_generate")
      import :: c_double, c_int, c_ptr, c_size_t
      type(c_ptr), value :: error
      type(c_ptr), value :: rambo
      integer(c_size_t), value :: n_event
      real(c_double), intent(in) :: random(*)
      integer(c_size_t), value :: random_size
      real(c_double), intent(in) :: sqrt_s(*)
      integer(c_size_t), value :: sqrt_s_size
      real(c_double), intent(out) :: momenta(*)
      integer(c_size_t), value :: momenta_size
      real(c_double), intent(out) :: weight(*)
      integer(c_size_t), value :: weight_size
      integer(c_int) :: status
    end function c_rambo_generate

    function c_rambo_generate_device(error, rambo, n_event, random, random_size, sqrt_s, sqrt_s_size, &
        momenta, momenta_size, weight, weight_size, stream) result(status) &
        bind(C, name="meb_rambo_generate_device")
      import :: c_int, c_ptr, c_size_t
      type(c_ptr), value :: error
      type(c_ptr), value :: rambo
      integer(c_size_t), value :: n_event
      type(c_ptr), value :: random
      integer(c_size_t), value :: random_size
      type(c_ptr), value :: sqrt_s
      integer(c_size_t), value :: sqrt_s_size
      type(c_ptr), value :: momenta
      integer(c_size_t), value :: momenta_size
      type(c_ptr), value :: weight
      integer(c_size_t), value :: weight_size
      type(c_ptr), value :: stream
      integer(c_int) :: status
    end function c_rambo_generate_device
  end interface

end module mebridge_c

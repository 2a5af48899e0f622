// Reads a Program file and checks every size and index in it.
#include "engine/program.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "engine/engine.hpp"

static_assert(std::endian::native == std::endian::little, "Program files are little-endian");

namespace meb {
namespace {

constexpr char magic[8] = {'M', 'E', 'B', 'R', 'I', 'D', 'G', 'E'};
constexpr std::uint32_t max_leg = 16, max_helicity = 1u << 16, max_row = 1u << 14;

[[noreturn]] void corrupt(const std::string& what) {
  throw Error(Status::program, "Program is corrupt (" + what + "): make it again with 'mebridge inject'");
}

void require(bool good, const char* what) {
  if (!good) corrupt(what);
}

std::uint32_t crc32(std::span<const std::byte> bytes) {
  static const auto table = [] {
    std::array<std::uint32_t, 256> t{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      t[i] = i;
      for (int k = 0; k < 8; ++k) t[i] = (t[i] & 1) ? 0xedb88320u ^ (t[i] >> 1) : t[i] >> 1;
    }
    return t;
  }();
  std::uint32_t crc = ~0u;
  for (std::byte b : bytes) crc = table[(crc ^ static_cast<std::uint8_t>(b)) & 255] ^ (crc >> 8);
  return ~crc;
}

class Reader {
public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <class T>
  T get() {
    require(sizeof(T) <= bytes_.size() - at_, "truncated");
    T value;
    std::memcpy(&value, bytes_.data() + at_, sizeof(T));
    at_ += sizeof(T);
    return value;
  }
  std::uint32_t count(std::size_t element_size) {
    const auto n = get<std::uint32_t>();
    require(n <= (bytes_.size() - at_) / element_size, "truncated");
    return n;
  }
  std::string text() {
    const auto n = count(1);
    std::string s(reinterpret_cast<const char*>(bytes_.data() + at_), n);
    at_ += n;
    return s;
  }
  template <class T>
  std::vector<T> array() {
    const auto n = count(sizeof(T));
    std::vector<T> v(n);
    if (n > 0) std::memcpy(v.data(), bytes_.data() + at_, n * sizeof(T));
    at_ += n * sizeof(T);
    return v;
  }
  std::vector<std::string> texts() {
    const auto n = count(4);
    std::vector<std::string> v;
    for (std::uint32_t i = 0; i < n; ++i) v.push_back(text());
    return v;
  }
  bool at_end() const { return at_ == bytes_.size(); }

private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
};

void read_sizes(Reader& r, Program& p) {
  p.process = r.text();
  p.digest = r.text();
  for (auto* n : {&p.n_leg, &p.n_helicity, &p.n_flow, &p.n_split_order, &p.n_diagram, &p.n_config,
                  &p.n_amplitude_buffer})
    *n = r.get<std::uint32_t>();
  p.averaging_factor = r.get<double>();
  require(p.n_leg >= 3 && p.n_leg <= max_leg, "number of legs");
  require(p.n_helicity >= 1 && p.n_helicity <= max_helicity, "number of helicities");
  require(p.n_flow >= 1 && p.n_split_order >= 1 && p.n_flow <= max_row && p.n_split_order <= 64 &&
              p.n_row() <= max_row,
          "number of colour flows");
  require(p.n_diagram <= 1u << 20 && p.n_config <= 1u << 20, "number of diagrams");
  require(p.n_amplitude_buffer <= 1u << 10, "number of amplitude buffers");
  require(std::isfinite(p.averaging_factor) && p.averaging_factor > 0, "averaging factor");
}

void read_coefficients(Reader& r, Program& p) {
  const std::size_t n_coupling = p.couplings.size() + p.running_couplings.size();
  const auto n = r.count(4);
  for (std::uint32_t i = 0; i < n; ++i) {
    Coefficient c(r.count(20));
    for (auto& t : c) {
      t.coupling = r.get<std::uint32_t>();
      t.re = r.get<double>();
      t.im = r.get<double>();
      require(t.coupling == none || t.coupling < n_coupling, "coupling index");
    }
    p.coefficients.push_back(std::move(c));
  }
}

void read_momenta(Reader& r, Program& p) {
  const auto n = r.count(20);
  for (std::uint32_t i = 0; i < n; ++i) {
    MomentumSum m;
    m.leg = r.get<std::uint32_t>();
    m.sign = r.get<std::int32_t>();
    for (auto& k : m.in) k = r.get<std::uint32_t>();
    if (m.leg != none) {
      require(m.leg < p.n_leg && (m.sign == 1 || m.sign == -1), "momentum of a leg");
    } else {
      require(m.in[0] < i && m.in[1] < i && (m.in[2] == none || m.in[2] < i), "sum of momenta");
    }
    if (i < p.n_leg) require(m.leg == i && m.sign == 1, "the legs' momenta come first");
    p.momenta.push_back(m);
  }
  require(n >= p.n_leg, "the legs' momenta come first");
}

void read_slots(Reader& r, Program& p) {
  const auto n = r.count(12);
  for (std::uint32_t i = 0; i < n; ++i) {
    Slot s;
    s.n_component = r.get<std::uint32_t>();
    s.legs = r.get<std::uint32_t>();
    s.momentum = r.get<std::uint32_t>();
    require(s.n_component == 1 || s.n_component == 4 || s.n_component == 16, "components of a slot");
    require(s.legs != 0 && s.legs < (1u << p.n_leg), "legs of a slot");
    require(s.momentum == none || s.momentum < p.momenta.size(), "momentum of a slot");
    p.slots.push_back(s);
  }
}

void read_instructions(Reader& r, Program& p) {
  const auto n = r.count(11 * 4);
  p.instructions.reserve(n);
  for (std::uint32_t i = 0; i < n; ++i) {
    Instruction x;
    const auto op = r.get<std::uint32_t>();
    require(op <= static_cast<std::uint32_t>(Op::density_vertex), "unknown instruction");
    x.op = static_cast<Op>(op);
    x.flags = r.get<std::uint32_t>();
    x.out = r.get<std::uint32_t>();
    for (auto& k : x.in) k = r.get<std::uint32_t>();
    for (auto& k : x.coefficient) k = r.get<std::uint32_t>();
    x.mass = r.get<std::uint32_t>();
    x.width = r.get<std::uint32_t>();
    p.instructions.push_back(x);
  }
}

std::uint32_t components(char spin) {
  require(spin == 'S' || spin == 'F' || spin == 'V', "spin in a function of the plug-in");
  return spin == 'S' ? 1 : 4;
}

// "ROUTINE SPINS>SPIN N_COUPLING KIND DIGEST"
CustomFunction custom_function(const std::string& name) {
  const char* what = "name of a function of the plug-in";
  std::vector<std::string> fields(1);
  for (char c : name) {
    if (c == ' ') {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  require(fields.size() == 5, what);
  const std::string &spins = fields[1], &n_coupling = fields[2], &kind = fields[3];
  CustomFunction f{name, {}, 0, 0, kind == "wave"};
  require(spins.size() >= 3 && spins.size() <= max_custom_in + 2 && spins[spins.size() - 2] == '>', what);
  for (std::size_t k = 0; k + 2 < spins.size(); ++k) f.in.push_back(components(spins[k]));
  f.out = components(spins.back());
  require(!n_coupling.empty() && n_coupling.size() <= 2, what);
  for (char c : n_coupling) {
    require(c >= '0' && c <= '9', what);
    f.n_coefficient = 10 * f.n_coefficient + static_cast<std::uint32_t>(c - '0');
  }
  require(f.n_coefficient <= max_custom_coefficient, what);
  return f;
}

void read_custom(Reader& r, Program& p) {
  for (const auto& name : r.texts()) p.custom_functions.push_back(custom_function(name));
  if (!p.custom_functions.empty()) p.operands = r.array<std::uint32_t>();
}

void read_color(Reader& r, Program& p) {
  p.color_matrix = r.array<double>();
  p.chosen_orders = r.array<std::uint8_t>();
  p.amp2_diagrams = r.array<std::uint32_t>();
  p.config_diagrams = r.array<std::uint32_t>();
  p.config_flows = r.array<std::uint8_t>();
  p.zero_helicities = r.array<std::uint8_t>();
  const std::size_t n_flow = p.n_flow;
  require(p.color_matrix.size() == n_flow * (n_flow + 1) / 2, "colour matrix");
  for (double x : p.color_matrix) require(std::isfinite(x), "colour matrix");
  require(p.chosen_orders.size() == std::size_t(p.n_split_order) * p.n_split_order, "split orders");
  require(p.config_diagrams.size() == p.n_config, "configs");
  require(p.config_flows.size() == std::size_t(p.n_config) * n_flow, "colour flows of the configs");
  require(p.zero_helicities.size() == p.n_helicity, "vanishing helicities");
  for (auto d : p.amp2_diagrams) require(d >= 1 && d <= p.n_diagram, "diagram number");
  for (auto d : p.config_diagrams) require(d <= p.n_diagram, "diagram of a config");
}

// Components of the inputs and of the result of each vertex.
struct Shape {
  int n_in;
  std::uint32_t in[3], out;
  int n_coefficient;
};

Shape shape(Op op) {
  switch (op) {
    case Op::ffv_1: case Op::ffv_2: case Op::ffv_3: return {2, {4, 4, 0}, 4, 2};
    case Op::ffs_1: return {2, {4, 1, 0}, 4, 2};
    case Op::ffs_3: return {2, {4, 4, 0}, 1, 2};
    case Op::vvv_1: return {2, {4, 4, 0}, 4, 1};
    case Op::vvvv_1: return {3, {4, 4, 4}, 4, 3};
    case Op::vvs_1: return {2, {4, 1, 0}, 4, 1};
    case Op::vvs_3: return {2, {4, 4, 0}, 1, 1};
    case Op::vvss_1: return {3, {4, 1, 1}, 4, 1};
    case Op::vvss_3: return {3, {4, 4, 1}, 1, 1};
    case Op::vss_1: return {2, {1, 1, 0}, 4, 1};
    case Op::vss_2: return {2, {4, 1, 0}, 1, 1};
    case Op::sss_1: return {2, {1, 1, 0}, 1, 1};
    case Op::ssss_1: return {3, {1, 1, 1}, 1, 1};
    default: return {0, {0, 0, 0}, 0, 0};
  }
}

// Walks the instructions in order and checks that each reads only what was written before.
class Checker {
public:
  explicit Checker(const Program& p)
      : p_(p), slot_(p.slots.size()), buffer_(p.n_amplitude_buffer), row_(p.n_row()) {}

  void check(const Instruction& x) {
    switch (x.op) {
      case Op::external: return external(x);
      case Op::dot: return dot(x, buffer_, "amplitude buffer");
      case Op::dot_jamp: return dot(x, row_, "JAMP row");
      case Op::jamp: return jamp(x);
      case Op::square: return square(x);
      case Op::density: return density(x);
      case Op::density_vertex: return density_vertex(x);
      case Op::trace: return trace(x);
      case Op::custom: return custom(x);
      default: return vertex(x);
    }
  }

private:
  const Slot& written(std::uint32_t slot) const {
    require(slot < slot_.size() && slot_[slot], "a slot is read before it is written");
    return p_.slots[slot];
  }
  void write_slot(const Instruction& x) {
    require(x.out < slot_.size(), "slot index");
    const bool accumulate = x.flags & flag::accumulate;
    require(accumulate ? slot_[x.out] == 1 : slot_[x.out] == 0, "a slot is written twice");
    slot_[x.out] = propagator(x) == PropagatorKind::absent ? 1 : 2;
  }
  static PropagatorKind propagator(const Instruction& x) {
    return static_cast<PropagatorKind>((x.flags >> flag::propagator_shift) & flag::propagator_mask);
  }
  void parameter(std::uint32_t index) const {
    require(index == none || index < p_.parameters.size(), "parameter index");
  }
  void constant(const Instruction& x) const {
    require(x.coefficient[0] < p_.constants.size() / 2, "constant index");
  }
  void write(std::vector<char>& written, const Instruction& x, const char* what) {
    require(x.out < written.size(), what);
    require(!(x.flags & flag::accumulate) || written[x.out], what);
    written[x.out] = 1;
  }

  void external(const Instruction& x) {
    const auto kind = (x.flags >> flag::kind_shift) & flag::kind_mask;
    require(x.in[0] < p_.n_leg && x.out < p_.slots.size(), "external wave");
    const Slot& s = p_.slots[x.out];
    require(s.legs == 1u << x.in[0] && s.n_component == (kind == 3 ? 1u : 4u), "external wave");
    require(!(x.flags & flag::accumulate) && propagator(x) == PropagatorKind::absent, "external wave");
    parameter(x.mass);
    write_slot(x);
  }
  void custom(const Instruction& x) {
    const std::size_t index = x.flags >> flag::custom_shift, first = x.in[0];
    require(index < p_.custom_functions.size(), "function of the plug-in");
    const CustomFunction& f = p_.custom_functions[index];
    require(first <= p_.operands.size() && f.in.size() + f.n_coefficient <= p_.operands.size() - first,
            "operands of a function of the plug-in");
    const auto inputs = p_.inputs(x);
    std::uint32_t legs = 0;
    for (std::size_t k = 0; k < f.in.size(); ++k) {
      const Slot& s = written(inputs[k]);
      require(s.n_component == f.in[k] && (legs & s.legs) == 0 && s.momentum != none, "inputs of a vertex");
      legs |= s.legs;
    }
    for (std::size_t k = 0; k < f.n_coefficient; ++k)
      require(p_.operands[first + f.in.size() + k] < p_.coefficients.size(), "coefficient index");
    require(!f.has_propagator || propagator(x) == PropagatorKind::absent, "propagator");
    result(x, legs, f.out);
  }
  void vertex(const Instruction& x) {
    const Shape shape = meb::shape(x.op);
    std::uint32_t legs = 0;
    for (int k = 0; k < shape.n_in; ++k) {
      const Slot& s = written(x.in[k]);
      require(s.n_component == shape.in[k] && (legs & s.legs) == 0, "inputs of a vertex");
      const bool uses_momentum = x.op == Op::vvv_1 || x.op == Op::vss_1 || x.op == Op::vss_2;
      require(!uses_momentum || s.momentum != none, "momentum of an input");
      legs |= s.legs;
    }
    coefficients_and_spin(x, x.op);
    result(x, legs, shape.out);
  }
  void coefficients_and_spin(const Instruction& x, Op op) const {
    for (int k = 0; k < shape(op).n_coefficient; ++k)
      require(x.coefficient[k] < p_.coefficients.size(), "coefficient index");
    const bool fermion = op == Op::ffv_1 || op == Op::ffv_2 || op == Op::ffs_1;
    const auto kind = propagator(x);
    const bool of_fermion = kind == PropagatorKind::fermion_out || kind == PropagatorKind::fermion_in;
    require(kind == PropagatorKind::absent || fermion == of_fermion, "propagator of another spin");
  }
  void result(const Instruction& x, std::uint32_t legs, std::uint32_t n_component) {
    require(x.out < p_.slots.size(), "slot index");
    const Slot& s = p_.slots[x.out];
    require(s.legs == legs && s.n_component == n_component, "result of a vertex");
    const auto kind = propagator(x);
    require(kind <= PropagatorKind::scalar, "propagator");
    require(kind == PropagatorKind::absent || s.momentum != none, "momentum of a propagator");
    require(kind == PropagatorKind::absent || (kind == PropagatorKind::scalar) == (n_component == 1), "propagator");
    parameter(x.mass);
    parameter(x.width);
    write_slot(x);
  }
  void dot(const Instruction& x, std::vector<char>& target, const char* what) {
    const Slot &w = written(x.in[0]), &d = written(x.in[1]);
    require(w.n_component == d.n_component && w.n_component <= 4, "product of a wave and a current");
    require((w.legs & d.legs) == 0 && (w.legs | d.legs) == (1u << p_.n_leg) - 1, "legs of an amplitude");
    constant(x);
    write(target, x, what);
  }
  void jamp(const Instruction& x) {
    require(x.in[0] < buffer_.size() && buffer_[x.in[0]], "amplitude buffer");
    constant(x);
    write(row_, x, "JAMP row");
  }
  void square(const Instruction& x) const {
    require(x.in[0] < buffer_.size() && buffer_[x.in[0]], "amplitude buffer");
    require(x.out < p_.amp2_diagrams.size(), "AMP2 index");
  }
  void density(const Instruction& x) {
    const Slot& w = written(x.in[0]);
    require(x.out < p_.slots.size() && x.flags == 0, "density matrix");
    require(p_.slots[x.out].n_component == 16 && p_.slots[x.out].legs == w.legs && w.n_component == 4,
            "density matrix");
    write_slot(x);
  }
  void density_vertex(const Instruction& x) {
    const auto op = static_cast<Op>(x.flags >> flag::vertex_shift);
    require(op == Op::ffv_1 || op == Op::ffv_2 || op == Op::ffv_3 || op == Op::vvv_1, "density matrix of a vertex");
    const Slot &a = written(x.in[0]), &b = written(x.in[1]), &w = written(x.in[2]);
    require(a.n_component == 16 && b.n_component == 16 && w.n_component == 4, "density matrix of a vertex");
    require((a.legs & b.legs) == 0 && w.legs == (a.legs | b.legs), "density matrix of a vertex");
    require(op != Op::vvv_1 || (a.momentum != none && b.momentum != none), "momentum of an input");
    require(!(x.flags & flag::accumulate), "density matrix of a vertex");
    coefficients_and_spin(x, op);
    require(x.out < p_.slots.size(), "slot index");
    const Slot& s = p_.slots[x.out];
    require(s.legs == w.legs && s.n_component == 16, "density matrix");
    const auto kind = propagator(x);
    require(kind <= PropagatorKind::fermion_in, "propagator");
    require(kind == PropagatorKind::absent || s.momentum != none, "momentum of a propagator");
    parameter(x.mass);
    parameter(x.width);
    write_slot(x);
  }
  void trace(const Instruction& x) const {
    const Slot &a = written(x.in[0]), &b = written(x.in[1]);
    require(a.n_component == 16 && b.n_component == 16, "trace of density matrices");
    require((a.legs & b.legs) == 0 && (a.legs | b.legs) == (1u << p_.n_leg) - 1, "legs of a trace");
    require(x.out < p_.amp2_diagrams.size(), "AMP2 index");
  }

  const Program& p_;
  std::vector<char> slot_, buffer_, row_;
};

// A combination of helicities is a point of the product of the legs' lists, at most once.
void check_helicities(const Program& p) {
  require(p.helicities.size() == std::size_t(p.n_helicity) * p.n_leg, "helicities");
  for (auto h : p.helicities) require(h >= -1 && h <= 1, "helicity value");
}

}  // namespace

std::span<const std::uint32_t> Program::inputs(const Instruction& x) const {
  switch (x.op) {
    case Op::external: case Op::jamp: case Op::square: return {};
    case Op::density: return {x.in, 1};
    case Op::vvvv_1: case Op::vvss_1: case Op::vvss_3: case Op::ssss_1: return {x.in, 3};
    case Op::custom: return {operands.data() + x.in[0], custom_functions[x.flags >> flag::custom_shift].in.size()};
    default: return {x.in, 2};
  }
}

std::shared_ptr<const Program> without_density_vertices(std::shared_ptr<const Program> program) {
  auto result = std::make_shared<Program>(*program);
  for (Instruction& x : result->instructions)
    if (x.op == Op::density_vertex) x = {Op::density, 0, x.out, {x.in[2], none, none}, {none, none, none}, none, none};
  return result;
}

std::shared_ptr<const Program> load_program(std::span<const std::byte> bytes) {
  Reader head(bytes);
  char found[8];
  for (char& c : found) c = head.get<char>();
  if (std::memcmp(found, magic, 8) != 0) throw Error(Status::program, "not a Program file of mebridge");
  const auto version = head.get<std::uint32_t>();
  if (version != program_version)
    throw Error(Status::program, "Program has format " + std::to_string(version) + ", this library reads " +
                                     std::to_string(program_version) + ": run 'mebridge inject' again");
  const auto crc = head.get<std::uint32_t>();
  const auto payload = bytes.subspan(16);
  if (crc != crc32(payload)) corrupt("checksum");

  auto p = std::make_shared<Program>();
  Reader r(payload);
  read_sizes(r, *p);
  p->parameters = r.texts();
  p->couplings = r.texts();
  p->running_couplings = r.texts();
  p->helicities = r.array<std::int8_t>();
  check_helicities(*p);
  read_coefficients(r, *p);
  p->constants = r.array<double>();
  read_momenta(r, *p);
  read_slots(r, *p);
  read_instructions(r, *p);
  read_color(r, *p);
  read_custom(r, *p);
  require(r.at_end(), "bytes left over");
  Checker checker(*p);
  for (const auto& x : p->instructions) checker.check(x);
  return p;
}

}  // namespace meb

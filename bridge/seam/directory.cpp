#include "directory.hpp"

namespace meb::seam {

void Directory::add(const std::string &name, Range range, Role role) {
  if (role == Parameter) {
    parameters_[name] = range;
    return;
  }
  if (!name.empty()) fields_[name] = range;
  switch (role) {
    case Point:
      point.add(range.address, range.size);
      break;
    case Output:
      output.add(range.address, range.size);
      break;
    case Event:
      event.add(range.address, range.size);
      break;
    case Generator:
      random.memory.add(range.address, range.size);
      break;
    default:
      break;
  }
}

template <class T>
void Directory::bind(T &pointer, const char *name, std::string &missing) {
  pointer = reinterpret_cast<T>(find<void>(name));
  if (pointer == nullptr) missing += std::string(missing.empty() ? "" : ", ") + name;
}

bool Directory::finish(std::string &missing) {
  point.sort();
  event.sort();
  output.sort();
  random.memory.sort();
  late = integer("LATE") != 0;
  n_leg = static_cast<std::size_t>(integer("NEXTERNAL"));
  n_coordinate = static_cast<std::size_t>(integer("MAXINVAR"));
  n_momentum = static_cast<std::size_t>(integer("N_MOMENTUM"));
  bind(random.counter, "RANC", missing);
  bind(random.draw_number, "RANMAR", missing);
  bind(point_function, "POINT", missing);
  bind(dsig, "DSIG", missing);
  if (late)
    bind(pass_cuts, "PASSCUTS", missing);
  else
    bind(pass_point, "PASS_POINT", missing);
  bind(events, "EVENTS", missing);
  bind(points, "KN", missing);
  bind(non_zero, "NON_ZERO", missing);
  bind(iteration, "CUR_IT", missing);
  bind(config, "ICONFIG", missing);
  bind(channels, "SUBDIAG", missing);
  bind(config_diagrams, "MAPCONFIG", missing);
  bind(mirror, "IMIRROR", missing);
  bind(cuts_done, "CUTSDONE", missing);
  bind(cuts_passed, "CUTSPASSED", missing);
  xran1 = reinterpret_cast<Xran1>(find<void>("XRAN1"));
  matching = find<fortran_int>("ICKKW");
  graph = find<fortran_int>("GRAPH");
  kept_graph = find<fortran_int>("VEC_IGRAPH");
  return missing.empty() && n_leg > 1;
}

Directory::Range Directory::range(const std::string &name) const {
  const auto entry = fields_.find(name);
  return entry == fields_.end() ? Range{} : entry->second;
}

Directory::Range Directory::parameter(const std::string &name) const {
  const auto entry = parameters_.find(name);
  return entry == parameters_.end() ? Range{} : entry->second;
}

}  // namespace meb::seam

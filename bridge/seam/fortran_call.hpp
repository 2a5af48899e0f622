// The directory's own SMATRIX for an event that waits.
#ifndef MEB_SEAM_FORTRAN_CALL_HPP
#define MEB_SEAM_FORTRAN_CALL_HPP

#include "directory.hpp"
#include "event.hpp"

namespace meb::seam {

// Sets answer, helicity, color and output. Changes the Fortran's memory.
inline void run_fortran(Directory &directory, Event &event) {
  directory.event.restore(event.state.data());
  directory.random.restore(event.random);
  Call call = event.call;
  fortran_int vector_index = 1;
  call.momenta = event.momenta.data();
  call.answer = &event.answer;
  call.random_helicity = &event.random_helicity;
  call.random_color = &event.random_color;
  call.channel = &event.channel;
  call.vector_index = &vector_index;
  call.helicity = &event.helicity;
  call.color = &event.color;
  directory.xran1_stands = true;
  call.run();
  directory.xran1_stands = false;
  event.output.resize(directory.output.size());
  directory.output.save(event.output.data());
}

}  // namespace meb::seam
#endif

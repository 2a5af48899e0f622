// A Plan ready to run on a device for one choice of what is computed.
#pragma once

#include <map>
#include <optional>

#include "backends/cuda/block_data.hpp"
#include "backends/cuda/memory.hpp"
#include "engine/engine.hpp"

namespace meb::cuda {

// Whether AMP2 is better computed by a kernel of its own, which hands it to the other through
// Events::amp2_between.
bool computes_amp2_apart(const Device& device, const Plan& plan, unsigned wanted);

class Launcher {
public:
  // wanted: bits of `need`. Throws Error if the Plan does not fit on the device.
  Launcher(std::shared_ptr<Device> device, std::shared_ptr<const Plan> plan, unsigned wanted, Precision precision);

  // Propagators whose constants Values holds, in its order.
  const std::vector<PropagatorPlace>& propagators() const { return data_->schedule().propagators; }
  void run(const Values& values, const Events& events, Stream stream);
  std::string description() const;

private:
  void choose_shape(unsigned wanted);
  void place_tables(std::size_t n_resident, std::size_t real_size);
  void reserve_blocks();
  bool try_thread_design(unsigned wanted);

  std::shared_ptr<Device> device_;
  std::shared_ptr<const Plan> plan_;
  bool single_;
  std::optional<BlockData> data_;
  std::uint32_t log_events_ = 0;
  Memory memory_{};
  std::shared_ptr<Kernel> kernel_;
  bool thread_design_ = false;
  std::size_t thread_doubles_ = 0;  // of shared memory for each thread of the thread design
  std::size_t n_block_max_ = 1;
  std::vector<std::byte> table_bytes_;
  Buffer tables_;
  std::map<Stream, Buffer> scratch_;  // batches on different streams overlap
  Tables device_tables_{};
};

}  // namespace meb::cuda

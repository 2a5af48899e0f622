// What of the block design is compiled for one Program: its numbers and the sums of JAMP rows.
#pragma once

#include <string>

#include "backends/cuda/block_data.hpp"

namespace meb::cuda {

// The "generated.cuh" of device/block.cu.
std::string block_source(const BlockData& data, const Program& program, const Memory& memory);

}  // namespace meb::cuda

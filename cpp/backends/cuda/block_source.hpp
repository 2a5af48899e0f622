// What of the block design is compiled for one Program: its numbers, and dots in registers.
#pragma once

#include <string>

#include "backends/cuda/block_data.hpp"

namespace meb::cuda {

// The "generated.cuh" of device/block.cu.
std::string block_source(const BlockData& data, const Memory& memory);

}  // namespace meb::cuda

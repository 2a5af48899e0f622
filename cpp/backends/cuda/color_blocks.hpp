// The colour sum of the block design: the blocks of engine/color.hpp as tiles for the tensor cores, and which
// rows a warp holds in registers, so that it has all that their butterflies combine.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "backends/cuda/layout.hpp"
#include "engine/program.hpp"

namespace meb::cuda {

struct ColorBlocks {
  std::vector<std::vector<std::uint32_t>> parts;  // rows of a warp; those of one flow are together
  std::vector<std::pair<std::uint32_t, std::uint32_t>> butterflies;  // rows: (a, b) <- (a + b, a - b), in turn
  std::vector<std::uint16_t> places;                                 // row -> where it lies, block after block
  std::vector<ColorBand> bands;
  std::vector<double> tiles;  // [tile][32]: as the lanes of a warp take them
};

ColorBlocks make_color_blocks(const Program& program);

}  // namespace meb::cuda

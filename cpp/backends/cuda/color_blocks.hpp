// JAMP rows and the colour sum of the block design as tables for the tensor cores. Rows are made in parts of
// eight, whose butterflies (engine/color.hpp) a warp does among its lanes.
#pragma once

#include <cstdint>
#include <vector>

#include "backends/cuda/layout.hpp"
#include "engine/program.hpp"

namespace meb::cuda {

struct ColorBlocks {
  std::vector<std::uint16_t> part_rows;   // [part][8]: rows or no_index
  std::vector<std::uint16_t> places;      // [part][8]: where a row lies, block after block
  std::vector<std::uint8_t> butterflies;  // [part][level][8]
  std::uint32_t n_part = 0, n_level = 0;
  std::vector<ColorBand> bands;
  std::vector<double> tiles;  // [tile][depth / 4][8 rows][4 columns]
};

ColorBlocks make_color_blocks(const Program& program);

}  // namespace meb::cuda

// The tables of one schedule as one piece of memory, and the layout of a block's shared memory.
#pragma once

#include <cstddef>
#include <vector>

#include "backends/cuda/color_blocks.hpp"
#include "backends/cuda/schedule.hpp"

namespace meb::cuda {

class BlockData {
public:
  // wanted: bits of `need`, what of the Plan is computed.
  BlockData(const Plan& plan, unsigned wanted, const BatchLimits& limits);

  const Plan& plan() const { return plan_; }
  const Schedule& schedule() const { return schedule_; }
  unsigned wanted() const { return wanted_; }
  bool in_registers() const { return in_registers_; }
  const Sizes& sizes() const { return sizes_; }
  // As the device follows them, known once `bytes` was called.
  const std::vector<Phase>& phases() const { return phases_; }
  const std::vector<RowPart>& row_parts() const { return row_parts_; }
  const ColorBlocks& color_blocks() const { return color_blocks_; }

  // Bytes of shared memory of one block; real_size is 4 or 8.
  Memory memory(std::uint32_t log_events, std::uint32_t log_lanes, std::size_t real_size, bool overlaid) const;
  // Whether threads can hold all JAMP rows of a sector while amplitudes are read.
  bool rows_fit_in_registers(int n_thread) const;
  // Bytes of device memory of one block (of one event).
  std::size_t scratch_size(std::size_t real_size) const;

  // All tables for lanes that share so many events, and where they are once the bytes lie at `base`.
  std::vector<std::byte> bytes(std::uint32_t log_lanes, std::size_t real_size);
  Tables tables(const std::byte* base) const;

private:
  void make_sizes();
  std::vector<Item> make_items(std::size_t real_size) const;
  std::vector<Term> make_terms(std::size_t real_size) const;
  Chunk make_chunk(const Group& group, std::uint32_t index) const;
  std::uint32_t n_partial() const;
  std::vector<LaneMap> lane_map(const Sides& sides, std::uint32_t sector, const SectorStates& states, std::size_t a0,
                                std::size_t b0, std::size_t real_size) const;
  std::uint16_t factor(const Product& product) const;
  std::vector<Tile> tiles_of(const std::vector<const Product*>& products, const Sides& sides) const;
  std::vector<Tile> make_tiles(std::vector<Phase>& phases, std::vector<LaneMap>& lane_maps,
                               std::size_t real_size) const;
  // Of layout.hpp's Tables; row_factors count `factors`.
  struct RowTables {
    std::vector<RowPart> parts;
    std::vector<std::uint16_t> amplitudes, row_factors;
    std::vector<double> factors;
  };
  RowTables make_rows() const;
  std::vector<std::uint16_t> part_amplitudes(std::size_t part) const;
  std::uint16_t row_factor(std::size_t part, std::size_t i, std::uint16_t amplitude,
                           std::vector<double>& factors) const;
  template <class T>
  void put(std::vector<std::byte>& bytes, std::size_t index, const std::vector<T>& values);

  const Plan& plan_;
  const Program& p_;
  Schedule schedule_;
  unsigned wanted_;
  bool in_registers_;
  ColorBlocks color_blocks_;
  Sizes sizes_{};
  std::vector<Phase> phases_;
  std::vector<RowPart> row_parts_;
  std::vector<std::size_t> offsets_;
};

}  // namespace meb::cuda

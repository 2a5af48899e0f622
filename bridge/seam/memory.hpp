// Parts of the Fortran program's static memory that are kept for each event.
#ifndef MEB_SEAM_MEMORY_HPP
#define MEB_SEAM_MEMORY_HPP

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <vector>

namespace meb::seam {

class Memory {
 public:
  void add(void *address, std::size_t size) {
    if (size == 0) return;
    ranges_.push_back({static_cast<std::byte *>(address), size});
    size_ += size;
  }

  // Joins ranges that touch: fewer, longer copies.
  void sort() {
    std::sort(ranges_.begin(), ranges_.end(),
              [](const Range &a, const Range &b) { return a.address < b.address; });
    std::vector<Range> joined;
    for (const Range &range : ranges_) {
      if (!joined.empty() && joined.back().address + joined.back().size == range.address)
        joined.back().size += range.size;
      else
        joined.push_back(range);
    }
    ranges_ = std::move(joined);
  }

  std::size_t size() const { return size_; }

  void save(std::byte *to) const {
    for (const Range &range : ranges_) {
      std::memcpy(to, range.address, range.size);
      to += range.size;
    }
  }

  void restore(const std::byte *from) const {
    for (const Range &range : ranges_) {
      std::memcpy(range.address, from, range.size);
      from += range.size;
    }
  }

 private:
  struct Range {
    std::byte *address;
    std::size_t size;
  };
  std::vector<Range> ranges_;
  std::size_t size_ = 0;
};

}  // namespace meb::seam
#endif

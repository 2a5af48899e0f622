// What python/bridge/madevent/run/native.py calls, through ctypes, in an injected directory.
#include <cstring>

#include "../guard.hpp"
#include "event_files.hpp"
#include "text/merged_event.hpp"

using meb::abi::guard_value;

struct meb_merge_t {
  std::vector<meb::glue::EventFile> files;
  std::string text;
};

extern "C" {

MEB_API meb_merge_t* meb_merge_new(void) {
  return guard_value<meb_merge_t*>(nullptr, [] { return new meb_merge_t; });
}

MEB_API void meb_merge_delete(meb_merge_t** merge) {
  if (merge == nullptr) return;
  delete *merge;
  *merge = nullptr;
}

// The number of events of the next file, open as `descriptor`, which may be closed afterwards; -1 if
// MadEvent's own parser has to read it.
MEB_API std::int64_t meb_merge_add_file(meb_merge_t* merge, std::int32_t descriptor) {
  return guard_value<std::int64_t>(-1, [&] {
    merge->files.emplace_back(descriptor);
    return static_cast<std::int64_t>(merge->files.back().size());
  });
}

// XWGTUP and IDPRUP of each event of a file; arrays of as many elements as it has events.
MEB_API void meb_merge_get_events(const meb_merge_t* merge, std::int32_t file, double* weights, std::int64_t* numbers) {
  const auto& events = merge->files[static_cast<std::size_t>(file)];
  for (std::size_t i = 0; i < events.size(); ++i) {
    weights[i] = events.weight(i);
    numbers[i] = events.number(i);
  }
}

// The file that each event comes from, and the number that decides about it, in the order in which
// combine_events draws them; state: 625 numbers of random.getstate(). n_event: of each file; their sum
// is the length of `files` and `numbers` and below 2^32. False if memory is short: nothing is drawn then.
MEB_API bool meb_merge_draw(std::int32_t n_file, const std::int64_t* n_event, std::uint32_t* state, std::int32_t* files,
                            double* numbers) {
  return guard_value(false, [&] {
    meb::glue::PythonRandom random(state);
    meb::glue::draw_files({n_event, n_event + n_file}, random, files, numbers);
    return true;
  });
}

// The text of an event as the job wrote it; *size: its length.
MEB_API const char* meb_merge_get_block(const meb_merge_t* merge, std::int32_t file, std::int64_t event,
                                        std::int64_t* size) {
  const std::string_view block = merge->files[static_cast<std::size_t>(file)].block(static_cast<std::size_t>(event));
  *size = static_cast<std::int64_t>(block.size());
  return block.data();
}

// The new text of up to n events, in the given style (EventStyle); stops behind the first piece of more than `size`
// characters and before the first event that only MadEvent's parser can do. Returns how many were done; *text, of *size
// characters, stays until the next call.
MEB_API std::int64_t meb_merge_write(meb_merge_t* merge, std::int32_t style, std::int64_t n, const std::int32_t* files,
                                     const std::int64_t* events, const double* weights, const char** text,
                                     std::int64_t* size) {
  return guard_value<std::int64_t>(-1, [&] {
    merge->text.clear();
    std::int64_t i = 0;
    for (; i < n && static_cast<std::int64_t>(merge->text.size()) < *size; ++i) {
      const auto& file = merge->files[static_cast<std::size_t>(files[i])];
      if (!meb::text::append_merged_event(merge->text, file.block(static_cast<std::size_t>(events[i])), weights[i],
                                          static_cast<meb::text::EventStyle>(style)))
        break;
    }
    *text = merge->text.data();
    *size = static_cast<std::int64_t>(merge->text.size());
    return i;
  });
}

}  // extern "C"

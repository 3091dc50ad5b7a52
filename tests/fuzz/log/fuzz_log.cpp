#include "tests/fuzz/log/fuzz_log.hpp"

#include "mesh/log/dump.hpp"

namespace weft::log {
namespace {

std::vector<std::string> segments_in(const fuzz_machine& machine) {
  std::vector<std::string> found;
  for (const auto& path : machine.disk().files())
    if (path.ends_with(".seg")) found.push_back(path);
  return found;
}

/// A log of one epoch with so many appends: single ones of both topics, and atomic groups.
fuzz_machine written(std::uint64_t appends) {
  fuzz_machine made;
  WEFT_ASSERT(made.open());
  for (std::uint64_t i = 0; i < appends; ++i) {
    const auto turn = i % 3;
    WEFT_ASSERT(turn == 2 ? made.append({orders, stock}) : made.append({turn == 0 ? orders : stock}, i / 3));
  }
  made.close();
  return made;
}

} // namespace

fuzz_log::fuzz_log() {
  std::uint64_t appends = 1;
  while (segments_in(written(appends)).size() < 3)
    ++appends;
  machines_.emplace(behind::segment, written(appends));
  whole_ = written(appends - 1);
  machines_.emplace(behind::nothing, whole_.clone());
  auto empty_epoch = whole_.clone();
  WEFT_ASSERT(empty_epoch.open());
  empty_epoch.close();
  machines_.emplace(behind::empty_epoch, std::move(empty_epoch));
  auto next_epoch = whole_.clone();
  WEFT_ASSERT(next_epoch.open() && next_epoch.append({orders}));
  next_epoch.close();
  machines_.emplace(behind::next_epoch, std::move(next_epoch));
  find_segments();
  clean_first();
}

void fuzz_log::find_segments() {
  const auto paths = segments_in(whole_);
  WEFT_ASSERT(paths.size() == 2);
  first_path_ = paths[0];
  path_ = paths[1];
  const auto head = decode_segment_header(*whole_.disk().content(path_));
  WEFT_ASSERT(head.state == header_state::valid);
  epoch_ = head.header.epoch;
  first_ = head.header.first;
}

void fuzz_log::clean_first() {
  cleaned_.resize(segment_header_bytes);
  const auto keep_orders = [&](std::uint64_t, const wire::stored_entry& entry) {
    const auto bytes = entry.bytes.view();
    if (entry.header.topic == orders) cleaned_.insert(cleaned_.end(), bytes.begin(), bytes.end());
    return true;
  };
  const auto dumped = dump_segment(whole_.disk(), first_path_, keep_orders);
  WEFT_ASSERT(dumped);
  encode({fuzz_machine::options().id, epoch_, dumped->header.first, first_, cleaned_.size(), false},
         std::span(cleaned_).first<segment_header_bytes>());
}

fuzz_machine fuzz_log::without_segment(before first, behind next) const {
  auto made = machines_.at(next).clone();
  auto& disk = made.disk();
  WEFT_ASSERT(disk.remove(path_) && disk.remove(index_path_of(path_)));
  if (first == before::segment) return made;
  WEFT_ASSERT(disk.remove(first_path_) && disk.remove(index_path_of(first_path_)));
  if (first == before::cleaned) disk.restore(first_path_, cleaned_);
  return made;
}

} // namespace weft::log

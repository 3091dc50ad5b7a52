#include "mesh/routing/level_cut.hpp"

#include <algorithm>

namespace weft::routing {
namespace {

using wire::entry_flags;

bool follows_in_group(const wire::stored_entry& entry) {
  return has(entry.header.flags, entry_flags::in_group) && !has(entry.header.flags, entry_flags::group_begin);
}
bool in_open_group(const wire::stored_entry& entry) {
  return has(entry.header.flags, entry_flags::in_group) && !has(entry.header.flags, entry_flags::group_end);
}

} // namespace

std::optional<unreached_entry> cut_unreached(log::read_result& read,
                                             const std::function<bool(topic_id, const log_position&)>& passes) {
  auto& entries = read.entries;
  const auto end_of = [&](const wire::stored_entry& entry) { return log_position{read.epoch, entry.header.end_seq()}; };
  auto cut = std::find_if(entries.begin(), entries.end(),
                          [&](const auto& entry) { return !passes(entry.header.topic, end_of(entry)); });
  if (cut == entries.end()) return std::nullopt;
  const unreached_entry waits_for{cut->header.topic, end_of(*cut)};
  while (cut != entries.begin() && follows_in_group(*cut) && in_open_group(*std::prev(cut)))
    --cut;
  read.until = cut->header.first_seq;
  read.log_time = std::min(read.log_time, hlc{cut->header.appended.value() - 1});
  entries.erase(cut, entries.end());
  return waits_for;
}

} // namespace weft::routing

#include "sdk/src/service/handled_places.hpp"

#include "mesh/log/coding.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>

namespace weft::detail {

/// What it has of these slots.
void handled_places::append(log::byte_writer& bytes, const range& of, std::size_t first, std::size_t until) {
  bytes.put(of.generation);
  std::uint32_t slots = 0, open = 0;
  for (auto at = first; at < until; ++at)
    slots += of.slots[at].until > 0 ? 1 : 0;
  bytes.put(slots);
  for (auto at = first; at < until; ++at) {
    if (of.slots[at].until == 0) continue;
    bytes.put(static_cast<std::uint16_t>(at));
    bytes.put(of.slots[at].from);
    bytes.put(of.slots[at].until);
  }
  const auto begin = of.open.lower_bound(slot{static_cast<std::uint16_t>(first)});
  const auto end =
      until == limits::slots ? of.open.end() : of.open.lower_bound(slot{static_cast<std::uint16_t>(until)});
  for (auto at = begin; at != end; ++at)
    open += static_cast<std::uint32_t>(at->second.size());
  bytes.put(open);
  for (auto at = begin; at != end; ++at)
    for (const auto seq : at->second) {
      bytes.put(at->first.value());
      bytes.put(seq);
    }
}

/// Adds it to what there is. @returns whether it could be read
bool handled_places::take_range(log::byte_reader& bytes, range& into) {
  into.generation = bytes.get<std::uint64_t>();
  const auto slots = bytes.get<std::uint32_t>();
  for (std::uint32_t i = 0; bytes.ok() && i < slots; ++i) {
    const auto of = bytes.get<std::uint16_t>();
    const auto from = bytes.get<std::uint64_t>(), until = bytes.get<std::uint64_t>();
    if (!bytes.ok() || of >= limits::slots || from >= until) return false;
    into.slots[of] = {from, until};
  }
  const auto count = bytes.get<std::uint32_t>();
  for (std::uint32_t i = 0; bytes.ok() && i < count; ++i) {
    const auto of = bytes.get<std::uint16_t>();
    const auto seq = bytes.get<std::uint64_t>();
    if (!bytes.ok() || of >= limits::slots) return false;
    into.open[slot{of}].insert(seq);
  }
  return bytes.ok();
}

bool handled_places::range::has(std::uint64_t seq, slot of) const {
  const auto& ends = slots[of.value()];
  if (seq < ends.from || seq >= ends.until) return false;
  const auto waiting = open.find(of);
  return waiting == open.end() || !waiting->second.contains(seq);
}

bool handled_places::has(const log_id& log, const log_position& at, slot of) const {
  const auto found = known_.find({log, at.epoch});
  return found != known_.end() &&
         std::ranges::any_of(found->second, [&](const range& one) { return one.has(at.seq.value(), of); });
}

void handled_places::add(const place& handled, const std::vector<log_position>& before) {
  const auto seq = handled.at.seq.value();
  const auto of = handled.of;
  std::set<std::uint64_t> waiting;
  for (const auto& one : before)
    if (one.epoch == handled.at.epoch && !has(handled.log, one, of)) waiting.insert(one.seq.value());
  const auto first = waiting.empty() ? seq : std::min(seq, *waiting.begin());

  auto& all = known_[{handled.log, handled.at.epoch}];
  const auto goes_on = [&](const range& last) {
    const auto& ends = last.slots[of.value()];
    return last.generation == handled.generation && (ends.until == 0 || first >= ends.from);
  };
  if (all.empty() || !goes_on(all.back())) add_range({handled.log, handled.at.epoch}, handled.generation);
  auto& last = all.back();
  auto& ends = last.slots[of.value()];
  if (ends.until == 0) ends = {first, first};
  auto& open = last.open[of];
  for (const auto one : waiting)
    if (one >= ends.until && one < seq) open.insert(one);
  ends.until = std::max(ends.until, seq + 1);
  open.erase(seq);
  if (open.empty()) last.open.erase(of);
  changed_.insert({handled.log, handled.at.epoch});
  if (notes_pieces_) changed_pieces_.insert(place_of({handled.log, handled.at.epoch}, of));
}

void handled_places::add_range(const epoch_of_log& at, std::uint64_t generation) {
  auto& all = known_[at];
  if (all.size() >= limits::handled_ranges_max) { // what a seek to so far back brings again is handled again
    all.erase(all.begin());
    if (notes_pieces_) note_all(at, all); // as each has another number now
  }
  all.push_back({generation, {}, {}});
  changed_.insert(at);
  if (notes_pieces_) changed_pieces_.insert({at, std::nullopt});
}

void handled_places::pass_over(const log_id& log, weft::epoch epoch) {
  const auto found = known_.find({log, epoch});
  if (found == known_.end()) return;
  const auto& last = found->second.back();
  if (std::ranges::all_of(last.slots, [](const bounds& one) { return one.until == 0; }))
    return; // nothing since another
  add_range({log, epoch}, last.generation);
}

std::vector<handled_places::part> handled_places::take_changes() {
  std::vector<part> parts;
  for (const auto& at : changed_) {
    log::byte_writer bytes;
    for (const auto& one : known_.at(at))
      append(bytes, one, 0, limits::slots);
    parts.push_back({at.first, at.second, bytes.take()});
  }
  changed_.clear();
  return parts;
}

result<void> handled_places::load(const log_id& log, weft::epoch epoch, byte_view bytes) {
  const auto damaged = [size = bytes.size()] {
    return fail(errc::corrupt, fmt::format("{} bytes are not what was handled of an epoch", size));
  };
  ranges loaded;
  for (log::byte_reader from(bytes); from.left() > 0;)
    if (!take_range(from, loaded.emplace_back())) return damaged();
  known_.insert_or_assign({log, epoch}, std::move(loaded));
  return {};
}

// --- in pieces

handled_places::place_of_piece handled_places::place_of(const epoch_of_log& at, slot of) {
  return {at, slot{static_cast<std::uint16_t>(of.value() / slots_of_piece * slots_of_piece)}};
}

handled_places::piece handled_places::piece_of(const place_of_piece& what) const {
  const auto& [at, first] = what;
  log::byte_writer bytes;
  const auto& all = known_.at(at);
  for (std::uint32_t number = 0; number < all.size(); ++number) {
    const auto& one = all[number];
    if (!first) {
      bytes.put(one.generation);
      continue;
    }
    const auto* const begin = one.slots.data() + first->value();
    if (std::none_of(begin, begin + slots_of_piece, [](const bounds& ends) { return ends.until > 0; })) continue;
    bytes.put(number);
    append(bytes, one, first->value(), first->value() + slots_of_piece);
  }
  return {at.first, at.second, first, bytes.take()};
}

std::vector<handled_places::piece> handled_places::take_pieces() {
  std::vector<piece> pieces;
  for (const auto& what : std::exchange(changed_pieces_, {}))
    pieces.push_back(piece_of(what));
  return pieces;
}

std::vector<handled_places::piece> handled_places::take_all_pieces() {
  changed_pieces_.clear();
  for (const auto& [at, all] : known_)
    note_all(at, all);
  return take_pieces();
}

void handled_places::note_all(const epoch_of_log& at, const ranges& all) {
  changed_pieces_.insert({at, std::nullopt});
  for (const auto& one : all)
    for (std::uint16_t of = 0; of < limits::slots; ++of)
      if (one.slots[of].until > 0) changed_pieces_.insert(place_of(at, slot{of}));
}

result<void> handled_places::load(const piece& one) {
  const auto damaged = [&] {
    return fail(errc::corrupt, fmt::format("{} bytes are not what was handled of a slot", one.bytes.size()));
  };
  const epoch_of_log at{one.log, one.epoch};
  auto& all = known_[at];
  changed_.insert(at);
  log::byte_reader bytes(one.bytes);
  if (!one.first) {
    for (std::size_t number = 0; bytes.left() > 0; ++number) {
      const auto generation = bytes.get<std::uint64_t>();
      if (!bytes.ok() || number >= limits::handled_ranges_max) return damaged();
      if (number == all.size()) all.emplace_back();
      all[number].generation = generation;
    }
    return {};
  }
  for (auto& before : all)
    for (auto of = one.first->value(); of < one.first->value() + slots_of_piece; ++of) {
      before.slots[of] = {};
      before.open.erase(slot{of});
    }
  while (bytes.left() > 0) {
    const auto number = bytes.get<std::uint32_t>();
    if (!bytes.ok() || number >= limits::handled_ranges_max) return damaged();
    if (number >= all.size()) all.resize(number + 1); // their own piece comes yet
    if (!take_range(bytes, all[number])) return damaged();
  }
  return {};
}

} // namespace weft::detail

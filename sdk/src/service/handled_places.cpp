#include "sdk/src/service/handled_places.hpp"

#include "mesh/wire/little_endian.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

namespace weft::detail {
namespace {

template <class Integer>
void append(std::vector<std::byte>& bytes, Integer value) {
  bytes.resize(bytes.size() + sizeof value);
  wire::store_le(bytes.data() + bytes.size() - sizeof value, value);
}

template <class Integer>
std::optional<Integer> take(byte_view& from) {
  if (from.size() < sizeof(Integer)) return std::nullopt;
  const auto value = wire::load_le<Integer>(from.data());
  from = from.subspan(sizeof(Integer));
  return value;
}

} // namespace

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
  if (all.empty() || !goes_on(all.back())) all.push_back({handled.generation, {}, {}});
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
}

void handled_places::pass_over(const log_id& log, weft::epoch epoch) {
  const auto found = known_.find({log, epoch});
  if (found == known_.end()) return;
  const auto& last = found->second.back();
  if (std::ranges::all_of(last.slots, [](const bounds& one) { return one.until == 0; }))
    return; // nothing since another
  found->second.push_back({found->second.back().generation, {}, {}});
  changed_.insert({log, epoch});
}

std::vector<handled_places::part> handled_places::take_changes() {
  std::vector<part> parts;
  for (const auto& at : changed_) {
    auto& bytes = parts.emplace_back(part{at.first, at.second, {}}).bytes;
    for (const auto& [generation, slots, open] : known_.at(at)) {
      append(bytes, generation);
      append(bytes,
             static_cast<std::uint32_t>(std::ranges::count_if(slots, [](const bounds& one) { return one.until > 0; })));
      for (std::size_t of = 0; of < slots.size(); ++of) {
        if (slots[of].until == 0) continue;
        append(bytes, static_cast<std::uint16_t>(of));
        append(bytes, slots[of].from);
        append(bytes, slots[of].until);
      }
      std::uint32_t count = 0;
      for (const auto& [of, seqs] : open)
        count += static_cast<std::uint32_t>(seqs.size());
      append(bytes, count);
      for (const auto& [of, seqs] : open)
        for (const auto seq : seqs) {
          append(bytes, of.value());
          append(bytes, seq);
        }
    }
  }
  changed_.clear();
  return parts;
}

result<void> handled_places::load(const log_id& log, weft::epoch epoch, byte_view bytes) {
  const auto damaged = [size = bytes.size()] {
    return fail(errc::corrupt, fmt::format("{} bytes are not what was handled of an epoch", size));
  };
  ranges loaded;
  while (!bytes.empty()) {
    auto& one = loaded.emplace_back();
    const auto generation = take<std::uint64_t>(bytes);
    const auto slots = take<std::uint32_t>(bytes);
    if (!generation || !slots) return damaged();
    one.generation = *generation;
    for (std::uint32_t i = 0; i < *slots; ++i) {
      const auto of = take<std::uint16_t>(bytes);
      const auto from = take<std::uint64_t>(bytes), until = take<std::uint64_t>(bytes);
      if (!of || !from || !until || *of >= limits::slots || *from >= *until) return damaged();
      one.slots[*of] = {*from, *until};
    }
    const auto count = take<std::uint32_t>(bytes);
    for (std::uint32_t i = 0; count && i < *count; ++i) {
      const auto of = take<std::uint16_t>(bytes);
      const auto seq = take<std::uint64_t>(bytes);
      if (!of || !seq || *of >= limits::slots) return damaged();
      one.open[slot{*of}].insert(*seq);
    }
    if (!count) return damaged();
  }
  known_.insert_or_assign({log, epoch}, std::move(loaded));
  return {};
}

} // namespace weft::detail

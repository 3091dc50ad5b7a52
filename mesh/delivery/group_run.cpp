#include "mesh/delivery/group_run.hpp"

#include "mesh/wire/entry_extract.hpp"

namespace weft::delivery {

group_run group_run::of(log::read_result read, const wire::event_filter& filter, const slot_set& slots,
                        std::optional<topic_id> replay) {
  group_run run(std::move(read));
  for (std::uint32_t number = 0; number < run.read_.entries.size(); ++number) {
    const auto& entry = run.read_.entries[number];
    const auto batch = wire::batch_view::trusted(entry.body());
    auto chosen = wire::select(batch, filter);
    if (chosen && !chosen->empty() && batch.codec() != wire::codec::none)
      if (auto unpacked = batch.unpack(); !unpacked) chosen = fail(unpacked.error());
    if (!chosen) {
      const auto& header = entry.header;
      run.unreadable_.push_back({{header.epoch, header.first_seq, header.first_seq + header.count}, chosen.error()});
      continue;
    }
    for (const auto index : *chosen) {
      const auto at = entry.header.first_seq + batch.place(index);
      const bool keyed = !batch.key(index).empty();
      const auto of = keyed ? wire::slot_of(batch.hash(index)) : spread_slot(at);
      if (!slots[of.value()]) continue;
      run.offers_.push_back({at, of, static_cast<std::uint32_t>(batch.event_bytes(index)),
                             keyed ? std::optional(hashed_key_of(batch.key(index))) : std::nullopt,
                             replay == entry.header.topic});
      run.places_.push_back({number, index});
    }
  }
  return run;
}

result<shared_bytes> group_run::bytes_of(std::span<const std::uint32_t> chosen, const log_id& log) const {
  const auto seed = wire::checksum_seed(log, read_.epoch);
  std::vector<shared_bytes> pieces;
  std::vector<std::uint16_t> events;
  for (std::size_t i = 0; i < chosen.size();) {
    const auto number = places_[chosen[i]].entry;
    events.clear();
    for (; i < chosen.size() && places_[chosen[i]].entry == number; ++i)
      events.push_back(places_[chosen[i]].event);
    const auto& entry = read_.entries[number];
    auto piece = wire::extract_of(entry, wire::batch_view::trusted(entry.body()), events, seed);
    if (!piece) return fail(std::move(piece.error()));
    pieces.push_back(std::move(*piece));
  }
  return wire::join(pieces);
}

} // namespace weft::delivery

// tests/mesh/log/keyed_batch.hpp: batches of events with keys.
#pragma once
#include "tests/mesh/log/log_fixture.hpp"

namespace weft::log::testing {

struct key_value {
  std::string key;   ///< empty: none
  std::string value; ///< empty: a tombstone, with a key
  friend bool operator==(const key_value&, const key_value&) = default;
};

inline wire::batch_view keyed_batch(topic_id topic, const std::vector<key_value>& events, std::uint64_t producer = 0,
                                    std::uint64_t sequence = 0, wire::codec codec = wire::codec::none) {
  wire::batch_builder builder(name_of(topic), producer_id{producer}, codec);
  for (const auto& event : events)
    EXPECT_TRUE(builder.add({wall_time{1}, "", as_bytes(event.key), {}, as_bytes(event.value)}));
  return wire::batch_view::trusted(builder.seal(sequence));
}

/// An event and its place in the log.
struct placed_event {
  topic_id topic;
  log_position at;
  topic_offset offset;
  key_value event;
};

/// Of an entry or an extract.
inline std::vector<placed_event> events_of(const wire::stored_entry& entry) {
  std::vector<placed_event> events;
  const auto batch = wire::batch_view::verify(entry.body());
  EXPECT_TRUE(batch.has_value());
  if (!batch) return events;
  const auto data = batch->unpack();
  EXPECT_TRUE(data.has_value());
  const auto& header = entry.header;
  for (std::size_t i = 0; i < batch->count(); ++i)
    events.push_back(
        {header.topic,
         {header.epoch, header.first_seq + batch->place(i)},
         header.first_offset + batch->place(i),
         {std::string(as_text(batch->key(i))), std::string(as_text(batch->event(i, data->view()).value))}});
  return events;
}

} // namespace weft::log::testing

// tests/mesh/wire/batch_fixture.hpp: small verbs for tests of batches.
#pragma once
#include "mesh/base/random.hpp"
#include "mesh/wire/batch_builder.hpp"
#include "mesh/wire/event_filter.hpp"

#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

namespace weft::wire {

/// An event that owns its bytes, to compare with.
struct plain_event {
  std::int64_t time = 0;
  std::string type{};
  std::string key{};
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string value{};
  std::uint16_t place = 0;
  friend bool operator==(const plain_event&, const plain_event&) = default;
};

inline void PrintTo(const plain_event& event, std::ostream* out) {
  *out << event.place << " type '" << event.type << "' key '" << event.key << "', " << event.headers.size()
       << " headers, value of " << event.value.size();
}

inline result<void> add(batch_builder& builder, const plain_event& event) {
  std::vector<header_view::header> headers;
  headers.reserve(event.headers.size());
  for (const auto& [name, value] : event.headers)
    headers.push_back({name, value});
  return builder.add({.time = {event.time},
                      .type = event.type,
                      .key = as_bytes(event.key),
                      .headers = headers,
                      .value = as_bytes(event.value)});
}

inline shared_bytes batch_of(const std::vector<plain_event>& events, codec how = codec::none) {
  batch_builder builder("retail.orders", producer_id{7}, how);
  for (const auto& event : events)
    if (const auto added = add(builder, event); !added) ADD_FAILURE() << added.error().message();
  return builder.seal(100);
}

inline plain_event plain(const event_view& event) {
  plain_event copy{
      event.time.us, std::string(event.type), std::string(as_text(event.key)), {}, std::string(as_text(event.value)),
      event.place};
  auto headers = event.headers;
  while (const auto header = headers.next())
    copy.headers.emplace_back(header->name, header->value);
  return copy;
}

inline std::vector<plain_event> events_of(const batch_view& batch) {
  const auto data = batch.unpack();
  if (!data) {
    ADD_FAILURE() << data.error().message();
    return {};
  }
  std::vector<plain_event> events;
  for (std::size_t i = 0; i < batch.count(); ++i)
    events.push_back(plain(batch.event(i, data->view())));
  return events;
}

/// Verified, or a failed test and the batch as it is.
inline batch_view verified(const shared_bytes& bytes) {
  auto batch = batch_view::verify(bytes);
  if (batch) return *batch;
  ADD_FAILURE() << batch.error().message();
  return batch_view::trusted(bytes);
}

/// Random events, each kind of field absent, empty, short or long now and then.
inline std::vector<plain_event> random_events(random_source& random, std::size_t most) {
  const auto text = [&](std::size_t bytes_max) {
    std::string bytes(random.below(bytes_max + 1), '\0');
    for (auto& byte : bytes)
      byte = static_cast<char>(random.next());
    return bytes;
  };
  const auto sometimes = [&](std::uint64_t one_in) { return random.below(one_in) == 0; };
  const bool times = !sometimes(3), keys = !sometimes(3), types = sometimes(2), headers = sometimes(2);
  std::vector<plain_event> events(1 + random.below(most));
  for (std::size_t i = 0; i < events.size(); ++i) {
    auto& event = events[i];
    event.place = static_cast<std::uint16_t>(i);
    if (times) event.time = static_cast<std::int64_t>(random.next());
    if (keys) event.key = text(sometimes(20) ? 300 : 8);
    if (types && !sometimes(4)) event.type = "type-" + std::to_string(random.below(6));
    for (std::uint64_t left = headers ? random.below(4) : 0; left > 0; --left)
      event.headers.emplace_back("name-" + std::to_string(random.below(3)), text(20));
    event.value = sometimes(5) ? "" : text(sometimes(30) ? 5000 : 60);
  }
  return events;
}

} // namespace weft::wire

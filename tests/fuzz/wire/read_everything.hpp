// tests/fuzz/wire/read_everything.hpp: looks at all that any reader of a batch looks at.
#pragma once
#include "mesh/base/assert.hpp"
#include "mesh/wire/event_filter.hpp"

#include <algorithm>

namespace weft::wire {

/// Touches every byte, so that the address sanitizer sees each that is outside. @returns a sum, to keep the reads
inline unsigned touch(byte_view bytes) noexcept {
  unsigned sum = 0;
  for (const auto byte : bytes)
    sum += std::to_integer<unsigned>(byte);
  return sum;
}

inline void read_event(event_view event) {
  volatile unsigned sum = touch(event.key) + touch(event.value) + touch(as_bytes(event.type));
  while (const auto header = event.headers.next())
    sum = sum + touch(as_bytes(header->name)) + touch(as_bytes(header->value));
}

/// Reads events, filters by each kind of test, and makes an extract that must be sound. Of very many events, which take
/// no bytes when they are empty, it looks at some, the last included: one input must not take a tenth of a second. @pre
/// verified
inline void read_everything(const batch_view& batch) {
  const auto data = batch.unpack();
  if (!data) return; // packed data that does not hold what it says
  const auto step = 1 + batch.count() / 1000;
  for (std::size_t i = 0; i < batch.count(); i += step)
    read_event(batch.event(i, data->view()));
  read_event(batch.event(batch.count() - 1, data->view()));

  event_filter filter;
  filter.slots.emplace().set();
  filter.headers = {{"h", comparison::not_equal, "1"}};
  WEFT_ASSERT(select(batch, filter));
  std::vector<std::uint16_t> chosen;
  for (std::size_t i = batch.count() > 1 ? 1 : 0; i < batch.count(); i += 2 * step)
    chosen.push_back(static_cast<std::uint16_t>(i));
  const auto extract = make_extract(batch, chosen);
  WEFT_ASSERT(extract);
  const auto again = batch_view::verify(*extract);
  WEFT_ASSERT(again);
  const auto kept = again->unpack();
  WEFT_ASSERT(kept);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const auto from = batch.event(chosen[i], data->view());
    const auto to = again->event(i, kept->view());
    WEFT_ASSERT(to.place == from.place && to.type == from.type && as_text(to.value) == as_text(from.value));
  }
}

} // namespace weft::wire

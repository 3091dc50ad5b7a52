#include "mesh/wire/batch_builder.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/names.hpp"
#include "mesh/wire/batch_encoder.hpp"
#include "mesh/wire/batch_rules.hpp"
#include "mesh/wire/little_endian.hpp"

#include <cstring>
#include <fmt/format.h>

namespace weft::wire {
namespace {

constexpr std::size_t header_frame_bytes = 3; // name length 1, value length 2

// An event at every limit, alone in its batch.
static_assert(limits::event_value_bytes_max + limits::event_key_bytes_max + limits::event_headers_bytes_max +
                  limits::event_type_bytes_max + limits::topic_name_bytes_max + 1024 <=
              limits::batch_bytes_max);

tl::unexpected<error> too_large(std::string_view what, std::size_t size, std::size_t most) {
  return fail(errc::too_large, fmt::format("event: the {} has {} bytes, at most {} are allowed", what, size, most));
}

/// @returns how many bytes the headers take in the batch
result<std::size_t> check_headers(std::span<const header_view::header> headers) {
  if (headers.size() > limits::event_headers_max)
    return fail(errc::too_large,
                fmt::format("event: {} headers, at most {} are allowed", headers.size(), limits::event_headers_max));
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto& [name, value] = headers[i];
    if (name.empty() || name.size() > 255)
      return fail(errc::invalid_argument,
                  fmt::format("event: the name of header {} has {} bytes, 1 to 255 are allowed", i, name.size()));
    bytes += header_frame_bytes + name.size() + value.size();
  }
  if (bytes > limits::event_headers_bytes_max)
    return too_large("list of headers", bytes, limits::event_headers_bytes_max);
  return bytes;
}

/// Whether the batch, or an extract of it, could be larger than a batch may be.
bool would_overflow(const batch_encoder& encoder, const batch_encoder::row& event, std::string_view type) noexcept {
  const auto added = event.key.size() + event.header_bytes + event.value_bytes + type.size() + one_event_frame_bytes;
  if (encoder.bytes() + added + (encoder.count() + 1) * columns_item_bytes <= limits::batch_bytes_max) [[likely]]
    return false; // even if every column were new
  return encoder.bytes_with(event) + one_event_frame_bytes + type.size() > limits::batch_bytes_max;
}

std::byte* put(std::byte* to, std::string_view text) noexcept {
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

std::byte* put_headers(std::byte* to, std::span<const header_view::header> headers) noexcept {
  for (const auto& [name, value] : headers) {
    *to = static_cast<std::byte>(name.size());
    store_le(to + 1, static_cast<std::uint16_t>(value.size()));
    to = put(put(to + header_frame_bytes, name), value);
  }
  return to;
}

/// @returns how many bytes the headers take
result<std::size_t> checked_sizes(const new_event& event) {
  if (event.key.size() > limits::event_key_bytes_max)
    return too_large("key", event.key.size(), limits::event_key_bytes_max);
  if (event.value.size() > limits::event_value_bytes_max)
    return too_large("value", event.value.size(), limits::event_value_bytes_max);
  return event.headers.empty() ? 0 : check_headers(event.headers);
}

} // namespace

struct batch_builder::state {
  state(std::string topic, producer_id by, wire::codec how) : encoder(std::move(topic)), producer(by), codec(how) {}

  batch_encoder encoder;
  producer_id producer;
  wire::codec codec;
};

batch_builder::batch_builder(std::string topic, producer_id producer, wire::codec codec) {
  WEFT_ASSERT(check_topic_name(topic));
  WEFT_ASSERT(is_supported(codec));
  state_ = std::make_unique<state>(std::move(topic), producer, codec);
}
batch_builder::~batch_builder() = default;
batch_builder::batch_builder(batch_builder&&) noexcept = default;
batch_builder& batch_builder::operator=(batch_builder&&) noexcept = default;

result<void> batch_builder::check(const new_event& event) {
  if (const auto sizes = checked_sizes(event); !sizes) return fail(sizes.error());
  return event.type.empty() ? result<void>{} : check_type_name(event.type);
}

result<void> batch_builder::add(const new_event& event) {
  auto& encoder = state_->encoder;
  const auto header_bytes = checked_sizes(event);
  if (!header_bytes) return fail(header_bytes.error());
  auto type = event.type.empty() ? std::uint16_t{0} : encoder.find_type(event.type);
  const bool new_type = type == 0 && !event.type.empty();
  if (new_type)
    if (auto allowed = check_type_name(event.type); !allowed) return allowed;

  batch_encoder::row row{.time = event.time,
                         .hash = hash_of_key(event.key),
                         .type = new_type ? std::uint16_t{1} : type,
                         .place = static_cast<std::uint16_t>(encoder.count()),
                         .key = event.key,
                         .header_bytes = *header_bytes,
                         .value_bytes = event.value.size()};
  if (full() || (encoder.count() > 0 && would_overflow(encoder, row, event.type)) ||
      (new_type && encoder.types() == limits::batch_types_max))
    return fail(errc::would_block, fmt::format("the batch is full with {} events: seal it first", encoder.count()));

  if (new_type) row.type = encoder.add_type(event.type, {});
  auto* to = encoder.add(row);
  to = put_headers(to, event.headers);
  put(to, as_text(event.value));
  return {};
}

std::size_t batch_builder::count() const noexcept { return state_->encoder.count(); }
std::size_t batch_builder::bytes() const noexcept { return state_->encoder.bytes(); }
bool batch_builder::full() const noexcept {
  return count() == limits::batch_events_max || bytes() >= limits::batch_bytes_target;
}

void batch_builder::set_codec(wire::codec codec) noexcept {
  WEFT_ASSERT(is_supported(codec));
  state_->codec = codec;
}

shared_bytes batch_builder::seal(std::uint64_t first_sequence) {
  return state_->encoder.finish(
      {.producer = state_->producer, .sequence = first_sequence, .extract = false, .codec = state_->codec});
}

} // namespace weft::wire

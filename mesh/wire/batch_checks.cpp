#include "mesh/wire/batch_checks.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/names.hpp"
#include "mesh/wire/batch_encoder.hpp"
#include "mesh/wire/batch_rules.hpp"
#include "mesh/wire/event_batch_generated.h"

#include <algorithm>
#include <fmt/format.h>

namespace weft::wire {
namespace {

tl::unexpected<error> corrupt(std::string_view what) {
  return fail(errc::corrupt, fmt::format("event batch: {}", what));
}

tl::unexpected<error> corrupt(std::string_view column, std::size_t index, std::string_view what) {
  return fail(errc::corrupt, fmt::format("event batch: column {}, event {}: {}", column, index, what));
}

tl::unexpected<error> too_large(std::string_view what, std::size_t index, std::size_t bytes, std::size_t most) {
  return fail(errc::too_large,
              fmt::format("event batch: {} of event {}: {} bytes, at most {} are allowed", what, index, bytes, most));
}

std::size_t size_of(const flatbuffers::Vector<std::uint8_t>* bytes) noexcept {
  return bytes == nullptr ? 0 : bytes->size();
}

template <class Column>
bool has_length(const Column* column, std::size_t count) noexcept {
  return column == nullptr || column->size() == count;
}

/// One event's part of a blob, which starts where the part before ends.
result<void> check_step(std::string_view column, std::string_view what, std::size_t index, std::uint32_t begin,
                        std::uint32_t end, std::size_t most) {
  if (end < begin) return corrupt(column, index, fmt::format("ends at {}, before its begin at {}", end, begin));
  if (end - begin > most) return too_large(what, index, end - begin, most);
  return {};
}

/// Headers of one event fill their bytes exactly and keep the limits.
result<void> check_headers(byte_view bytes, std::size_t index) {
  header_view rest(bytes);
  std::size_t count = 0;
  while (const auto header = rest.next()) {
    if (header->name.empty()) return corrupt("header_end", index, fmt::format("header {} has no name", count));
    ++count;
  }
  if (!rest.empty()) return corrupt("header_end", index, fmt::format("header {} is cut off", count));
  if (count > limits::event_headers_max)
    return fail(errc::too_large, fmt::format("event batch: event {} has {} headers, at most {} are allowed", index,
                                             count, limits::event_headers_max));
  return {};
}

} // namespace

result<void> batch_checks::all() const {
  for (const auto check : {&batch_checks::scalars, &batch_checks::lengths, &batch_checks::types, &batch_checks::size,
                           &batch_checks::keys, &batch_checks::extents, &batch_checks::places, &batch_checks::hashes})
    if (auto holds = (this->*check)(); !holds) return holds;
  if (batch_.codec() != codec::none) return {}; // headers are packed: unpack() checks them
  const auto* const data = batch_.root_->data();
  return headers(data == nullptr ? byte_view{}
                                 : byte_view(reinterpret_cast<const std::byte*>(data->data()), data->size()));
}

result<void> batch_checks::scalars() const {
  const auto& root = *batch_.root_;
  if (auto name = check_topic_name(batch_.topic()); !name) return corrupt(name.error().message());
  if (columns_.count == 0) return corrupt("has no events");
  if (root.sequence() > UINT64_MAX - columns_.count) return corrupt("its sequence goes past 64 bits");
  if (!is_supported(batch_.codec()))
    return fail(errc::unsupported,
                fmt::format("event batch: codec {} is not part of this build: publish with none or lz4",
                            static_cast<unsigned>(root.codec())));
  const bool packed = batch_.codec() != codec::none;
  if (packed != (root.unpacked() != 0) || (packed && size_of(root.data()) == 0))
    return corrupt(fmt::format("codec {} with {} bytes of data that unpack to {}", static_cast<unsigned>(root.codec()),
                               size_of(root.data()), root.unpacked()));
  if (columns_.data_bytes > limits::batch_data_unpacked_max)
    return fail(errc::decompression_limit, fmt::format("event batch: unpacks to {} bytes, at most {} are allowed",
                                                       columns_.data_bytes, limits::batch_data_unpacked_max));
  return {};
}

result<void> batch_checks::lengths() const {
  const auto& root = *batch_.root_;
  const auto count = std::size_t{columns_.count};
  const std::pair<std::string_view, bool> columns[] = {{"time", has_length(root.time(), count)},
                                                       {"hash", has_length(root.hash(), count)},
                                                       {"type", has_length(root.type(), count)},
                                                       {"key_end", has_length(root.key_end(), count)},
                                                       {"header_end", has_length(root.header_end(), count)},
                                                       {"value_end", has_length(root.value_end(), count)},
                                                       {"place", has_length(root.place(), count)}};
  for (const auto& [name, equal] : columns)
    if (!equal) return corrupt(fmt::format("column {} has another length than the {} events", name, count));
  // The verifier aligns a vector's length only; the others' items are no larger than that.
  if (reinterpret_cast<std::uintptr_t>(columns_.time) % alignof(std::int64_t) != 0)
    return corrupt("column time is not 8-aligned");
  return {};
}

result<void> batch_checks::types() const {
  const auto types = batch_.types();
  if (types > limits::batch_types_max)
    return fail(errc::too_large,
                fmt::format("event batch: {} types, at most {} are allowed", types, limits::batch_types_max));
  for (std::size_t i = 0; i < types; ++i) {
    if (auto name = check_type_name(batch_.type_name(i)); !name)
      return corrupt(fmt::format("type {}: {}", i, name.error().message()));
    if (const auto contract = batch_.type_contract(i).size(); contract != 0 && contract != 32)
      return corrupt(fmt::format("type {}: a contract's id has 32 bytes, not {}", i, contract));
  }
  if (columns_.type == nullptr) return {};
  const auto* const end = columns_.type + columns_.count;
  const auto* const wrong = std::find_if(columns_.type, end, [types](std::uint16_t type) { return type > types; });
  if (wrong != end)
    return corrupt("type", static_cast<std::size_t>(wrong - columns_.type),
                   fmt::format("type {} of {}", *wrong, types));
  return {};
}

result<void> batch_checks::size() const {
  const auto& root = *batch_.root_;
  batch_size size(batch_.topic().size());
  // As an extract of it would be encoded: vectors that share bytes apart, data unpacked, places.
  const auto add_column = [&size](const void* column, std::size_t bytes) {
    if (column != nullptr) size.add_column(bytes);
  };
  add_column(columns_.time, 8);
  add_column(columns_.hash, 2);
  add_column(columns_.type, 2);
  add_column(columns_.key_end, 4);
  add_column(columns_.header_end, 4);
  add_column(columns_.value_end, 4);
  size.add_column(2);
  for (std::size_t i = 0; i < batch_.types(); ++i)
    size.add_type(batch_.type_name(i).size(), batch_.type_contract(i).size());
  const auto bytes = size.bytes(columns_.count, size_of(root.keys()), columns_.data_bytes);
  if (bytes > limits::batch_bytes_max)
    return fail(errc::too_large, fmt::format("event batch: an extract of it may take {} bytes, at most {} are allowed",
                                             bytes, limits::batch_bytes_max));
  return {};
}

result<void> batch_checks::keys() const {
  const auto blob = size_of(batch_.root_->keys());
  if (columns_.key_end == nullptr) return blob == 0 ? result<void>{} : corrupt("has keys, but no column key_end");
  std::uint32_t begin = 0;
  for (std::size_t i = 0; i < columns_.count; ++i) {
    const auto end = columns_.key_end[i];
    if (end - begin > limits::event_key_bytes_max) [[unlikely]]
      return check_step("key_end", "key", i, begin, end, limits::event_key_bytes_max);
    begin = end;
  }
  if (begin != blob) return corrupt(fmt::format("column key_end ends at {}, the keys have {} bytes", begin, blob));
  return {};
}

result<void> batch_checks::extents() const {
  const auto data = columns_.data_bytes;
  std::uint32_t begin = 0;
  for (std::size_t i = 0; i < columns_.count; ++i) {
    const auto [unused, header_end, end] = batch_.extent_of(i);
    if (header_end - begin > limits::event_headers_bytes_max) [[unlikely]]
      return check_step("header_end", "headers", i, begin, header_end, limits::event_headers_bytes_max);
    if (end - header_end > limits::event_value_bytes_max) [[unlikely]]
      return check_step("value_end", "value", i, header_end, end, limits::event_value_bytes_max);
    if (end > data) [[unlikely]] // ends that wrap around come back to the same place
      return corrupt("value_end", i, fmt::format("ends at {} of {} bytes", end, data));
    begin = end;
  }
  if (begin != data) return corrupt(fmt::format("column value_end ends at {}, the data has {} bytes", begin, data));
  return {};
}

result<void> batch_checks::places() const {
  if (columns_.place == nullptr) return {};
  if (!batch_.is_extract()) return corrupt("has a column place, but is no extract");
  for (std::size_t i = 0; i < columns_.count; ++i) {
    const auto place = columns_.place[i];
    if (place >= limits::batch_events_max || (i > 0 && place <= columns_.place[i - 1])) [[unlikely]]
      return corrupt("place", i, fmt::format("place {} does not ascend below {}", place, limits::batch_events_max));
  }
  return {};
}

result<void> batch_checks::hashes() const {
  for (std::size_t i = 0; i < columns_.count; ++i)
    if (batch_.hash(i) != hash_of_key(batch_.key(i))) [[unlikely]]
      return corrupt("hash", i, "is not its key's hash");
  return {};
}

result<void> batch_checks::headers(byte_view data) const {
  if (columns_.header_end == nullptr) return {};
  for (std::size_t i = 0; i < columns_.count; ++i) {
    const auto [begin, header_end, end] = batch_.extent_of(i);
    if (header_end == begin) continue;
    if (auto sound = check_headers(data.subspan(begin, header_end - begin), i); !sound) return sound;
  }
  return {};
}

result<batch_view> batch_view::verify(shared_bytes bytes) {
  if (bytes.size() > limits::batch_bytes_max)
    return fail(errc::too_large,
                fmt::format("event batch: {} bytes, at most {} are allowed", bytes.size(), limits::batch_bytes_max));
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % 8 != 0)
    return fail(errc::invalid_argument, "event batch: its bytes do not start 8-aligned in memory: copy them first");
  flatbuffers::Verifier::Options options;
  options.max_depth = 2; // the batch and a type
  options.max_tables = static_cast<flatbuffers::uoffset_t>(limits::batch_types_max + 1);
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), options);
  if (!fb::VerifyEventBatchBuffer(verifier)) return corrupt("not a sound FlatBuffer with identifier WEB1");
  auto batch = trusted(std::move(bytes));
  if (auto sound = batch_checks(batch).all(); !sound) return fail(std::move(sound.error()));
  return batch;
}

} // namespace weft::wire

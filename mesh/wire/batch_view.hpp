// mesh/wire/batch_view.hpp: reads a batch of events in place.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/ids.hpp"
#include "mesh/base/result.hpp"
#include "mesh/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace weft::wire {

namespace fb {
struct EventBatch;
} // namespace fb

enum class codec : std::uint8_t { none = 0, lz4 = 1, zstd = 2 };

/// Reads the headers of one event in place: (name, value) pairs in the order they were published.
/// Bytes: per header u8 name length, u16 little-endian value length, name, value.
class header_view {
public:
  explicit header_view(byte_view bytes) noexcept : bytes_(bytes) {}

  struct header {
    std::string_view name;
    std::string_view value;
  };
  /// Takes the next header off; nothing after the last. On verified batches never fails.
  [[nodiscard]] std::optional<header> next() noexcept;
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept;
  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }

private:
  byte_view bytes_;
};

/// One event of a batch; the views live as long as the batch's bytes.
struct event_view {
  wall_time time;
  std::uint16_t hash = 0;  ///< top 16 bits of xxh3_64(key)
  std::uint16_t place = 0; ///< distance from the entry's first seq
  std::string_view type;   ///< empty: none
  byte_view key;           ///< empty: none
  header_view headers{{}};
  byte_view value;
};

/// A verified batch. Cheap to copy; shares the bytes.
/// @thread any: immutable
class batch_view {
public:
  /// Checks bytes from outside once: FlatBuffers verifier with limits, then column lengths equal, ends monotone and
  /// inside their blobs, indexes in range, headers well-formed when data is not compressed, the topic's name allowed.
  /// The bytes must start 8-aligned.
  /// @error errc::corrupt      what does not hold, with the column and the event's index
  /// @error errc::too_large    beyond limits::batch_bytes_max or an event limit
  /// @error errc::unsupported  a codec this build does not know
  [[nodiscard]] static result<batch_view> verify(shared_bytes bytes);
  /// For bytes that this process built or verified before.
  [[nodiscard]] static batch_view trusted(shared_bytes bytes) noexcept;

  [[nodiscard]] const shared_bytes& bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::string_view topic() const noexcept;
  [[nodiscard]] producer_id producer() const noexcept;
  [[nodiscard]] std::uint64_t first_sequence() const noexcept;
  [[nodiscard]] wire::codec codec() const noexcept;
  [[nodiscard]] std::size_t count() const noexcept;
  [[nodiscard]] bool is_extract() const noexcept;

  /// The columns a filter needs, without touching values. @pre index < count()
  [[nodiscard]] std::uint16_t hash(std::size_t index) const noexcept;
  [[nodiscard]] std::uint16_t place(std::size_t index) const noexcept;
  [[nodiscard]] wall_time time(std::size_t index) const noexcept;
  [[nodiscard]] std::string_view type(std::size_t index) const noexcept;
  [[nodiscard]] byte_view key(std::size_t index) const noexcept;

  /// The data blob ready to read: the batch's own bytes, or unpacked into new ones (bounded by
  /// limits::batch_data_unpacked_max and the batch's own `unpacked`), headers checked.
  /// @error errc::corrupt, errc::decompression_limit
  [[nodiscard]] result<shared_bytes> unpack() const;
  /// The event with its headers and value taken from `data` = unpack(). @pre index < count()
  [[nodiscard]] event_view event(std::size_t index, byte_view data) const noexcept;

private:
  batch_view(shared_bytes bytes, const fb::EventBatch* root) noexcept : bytes_(std::move(bytes)), root_(root) {}

  shared_bytes bytes_;
  const fb::EventBatch* root_;
};

/// Top 16 bits of xxh3_64(key); 0 without a key.
[[nodiscard]] std::uint16_t key_hash(byte_view key) noexcept;
/// The key's class: hash >> 6.
[[nodiscard]] constexpr slot slot_of(std::uint16_t hash) noexcept {
  return slot{static_cast<std::uint16_t>(hash >> 6U)};
}

} // namespace weft::wire

// mesh/wire/batch_view.hpp: reads a batch of events in place.
#pragma once
#include "mesh/base/assert.hpp"
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
/// Whether this build packs and unpacks it; zstd is a number kept for later.
[[nodiscard]] constexpr bool is_supported(codec how) noexcept { return how == codec::none || how == codec::lz4; }

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
  [[nodiscard]] byte_view bytes() const noexcept { return bytes_; } ///< as above: of what is not taken off yet

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
  /// covering their blobs, indexes in range, places ascending, each hash its key's, headers well-formed when data is
  /// not compressed, the names of topic and types allowed, and an extract of any of its events within the limits.
  /// @error errc::corrupt              what does not hold, with the column and the event's index
  /// @error errc::too_large            beyond limits::batch_bytes_max or an event limit
  /// @error errc::decompression_limit  says that it unpacks to more than limits::batch_data_unpacked_max
  /// @error errc::unsupported          a codec this build does not know
  /// @error errc::invalid_argument     the bytes do not start 8-aligned in memory
  [[nodiscard]] static result<batch_view> verify(shared_bytes bytes);
  /// For bytes that this process built or verified before.
  [[nodiscard]] static batch_view trusted(shared_bytes bytes) noexcept;

  [[nodiscard]] const shared_bytes& bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::string_view topic() const noexcept;
  [[nodiscard]] producer_id producer() const noexcept;
  [[nodiscard]] std::uint64_t first_sequence() const noexcept;
  [[nodiscard]] wire::codec codec() const noexcept;
  [[nodiscard]] std::size_t count() const noexcept { return columns_.count; }
  [[nodiscard]] bool is_extract() const noexcept;

  /// The columns a filter needs, without touching values. @pre index < count()
  [[nodiscard]] std::uint16_t hash(std::size_t index) const noexcept { return item(columns_.hash, index); }
  [[nodiscard]] std::uint16_t place(std::size_t index) const noexcept {
    return columns_.place == nullptr ? static_cast<std::uint16_t>(index) : item(columns_.place, index);
  }
  [[nodiscard]] wall_time time(std::size_t index) const noexcept { return {item(columns_.time, index)}; }
  [[nodiscard]] std::string_view type(std::size_t index) const noexcept;
  [[nodiscard]] byte_view key(std::size_t index) const noexcept {
    const auto begin = index == 0 ? 0 : item(columns_.key_end, index - 1);
    return {columns_.keys + begin, item(columns_.key_end, index) - begin};
  }

  /// The distinct types of the batch, for filters that look a name up once. type_index: 0 none, else 1 + index.
  [[nodiscard]] std::size_t types() const noexcept;
  [[nodiscard]] std::string_view type_name(std::size_t type) const noexcept;
  [[nodiscard]] byte_view type_contract(std::size_t type) const noexcept; ///< 32 bytes, or empty
  [[nodiscard]] std::uint16_t type_index(std::size_t index) const noexcept { return item(columns_.type, index); }

  /// The data blob ready to read: the batch's own bytes, or unpacked into new ones (bounded by
  /// limits::batch_data_unpacked_max and the batch's own `unpacked`), headers checked.
  /// @error errc::corrupt, errc::decompression_limit
  [[nodiscard]] result<shared_bytes> unpack() const;
  /// The event with its headers and value taken from `data` = unpack(). @pre index < count()
  [[nodiscard]] event_view event(std::size_t index, byte_view data) const noexcept;
  /// The event's headers and value as they lie in `data`. @pre index < count()
  [[nodiscard]] byte_view data_of(std::size_t index, byte_view data) const noexcept {
    const auto [begin, header_end, end] = extent_of(index);
    return data.subspan(begin, end - begin);
  }
  /// Of key, headers and value, unpacked. @pre index < count()
  [[nodiscard]] std::size_t event_bytes(std::size_t index) const noexcept {
    const auto [begin, header_end, end] = extent_of(index);
    return key(index).size() + (end - begin);
  }

private:
  /// Pointers into the bytes; null where a column is absent.
  struct columns {
    std::uint32_t count = 0;
    std::uint32_t data_bytes = 0; ///< as unpacked
    const std::int64_t* time = nullptr;
    const std::uint16_t* hash = nullptr;
    const std::uint16_t* type = nullptr;
    const std::uint32_t* key_end = nullptr;
    const std::uint32_t* header_end = nullptr;
    const std::uint32_t* value_end = nullptr;
    const std::uint16_t* place = nullptr;
    const std::byte* keys = nullptr;
  };
  /// Where an event's headers begin and end in the data; the value goes on to `end`.
  struct extent {
    std::uint32_t begin, header_end, end;
  };
  friend class batch_checks;

  batch_view(shared_bytes bytes, const fb::EventBatch* root) noexcept;
  template <class T>
  [[nodiscard]] T item(const T* column, std::size_t index) const noexcept {
    WEFT_ASSERT(index < columns_.count);
    return column == nullptr ? T{} : column[index];
  }
  [[nodiscard]] extent extent_of(std::size_t index) const noexcept {
    const auto begin = index == 0 ? 0 : item(columns_.value_end, index - 1);
    return {begin, columns_.header_end == nullptr ? begin : item(columns_.header_end, index),
            item(columns_.value_end, index)};
  }

  shared_bytes bytes_;
  const fb::EventBatch* root_;
  columns columns_;
};

/// Top 16 bits of xxh3_64(key); 0 without a key.
[[nodiscard]] std::uint16_t key_hash(byte_view key) noexcept;
/// The key's class: hash >> 6.
[[nodiscard]] constexpr slot slot_of(std::uint16_t hash) noexcept {
  return slot{static_cast<std::uint16_t>(hash >> 6U)};
}

} // namespace weft::wire

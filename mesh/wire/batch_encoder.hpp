// mesh/wire/batch_encoder.hpp: lays out the bytes of one batch. Internal to mesh/wire: see batch_builder and
// make_extract.
#pragma once
#include "mesh/wire/batch_view.hpp"
#include "mesh/wire/buffer_pool.hpp"

#include <map>
#include <string>
#include <vector>

namespace weft::wire {

/// How many bytes a batch takes at most, without compression: alignment may make it a few dozen fewer.
class batch_size {
public:
  explicit batch_size(std::size_t topic_bytes) noexcept;
  void add_column(std::size_t item_bytes) noexcept;
  void add_type(std::size_t name_bytes, std::size_t contract_bytes) noexcept;
  [[nodiscard]] std::size_t bytes(std::size_t events, std::size_t keys, std::size_t data) const noexcept {
    return fixed_ + events * per_event_ + keys + data;
  }

private:
  std::size_t fixed_;
  std::size_t per_event_ = 0;
};

/// Gathers events and lays them out. Columns and keys gather beside; headers and values are written once to where they
/// stay, behind a gap that the finished columns are copied into:
///
///     |<------ gap ------>|
///     |      |    head    | data ........... | free |
///            ^ 8-aligned  ^ 8-aligned
///
/// @thread one at a time
class batch_encoder {
public:
  explicit batch_encoder(std::string topic);

  struct row {
    wall_time time;
    std::uint16_t hash = 0;
    std::uint16_t type = 0;  ///< 0: none, else what add_type() gave
    std::uint16_t place = 0; ///< ascending
    byte_view key;
    std::size_t header_bytes = 0;
    std::size_t value_bytes = 0;
  };
  /// What an extract of the batch would have at most, were this event in it.
  [[nodiscard]] std::size_t bytes_with(const row& event) const noexcept;
  /// Takes an event. @returns where its headers, then its value, are to be written before the next call
  [[nodiscard]] std::byte* add(const row& event);
  /// Makes a type known. @returns its number for rows, from 1
  [[nodiscard]] std::uint16_t add_type(std::string_view name, byte_view contract);
  /// The number of a known type, 0 when it is not known.
  [[nodiscard]] std::uint16_t find_type(std::string_view name) noexcept;
  [[nodiscard]] std::size_t types() const noexcept { return types_.size(); }

  [[nodiscard]] std::size_t count() const noexcept { return rows_.size(); }
  /// Of the finished batch at most, without compression.
  [[nodiscard]] std::size_t bytes() const noexcept { return size_.bytes(rows_.size(), key_bytes_, data_bytes_); }
  /// Memory for a batch like this at once instead of by growing.
  void expect(std::size_t events, std::size_t data_bytes) noexcept;

  struct identity {
    producer_id producer;
    std::uint64_t sequence = 0;
    bool extract = false;
    wire::codec codec = wire::codec::none; ///< none or lz4; data that does not shrink stays as it is
  };
  /// The batch, 8-aligned, its size a multiple of 8. Empty afterwards, with a memory of how much the batch took.
  /// @pre count() > 0
  [[nodiscard]] shared_bytes finish(const identity& who);

private:
  struct known_type {
    std::string name;
    std::vector<std::byte> contract;
  };

  /// An event as it waits for its columns.
  struct waiting {
    std::int64_t time;
    std::uint32_t key_end, header_end, value_end;
    std::uint16_t hash, type, place;
  };

  [[nodiscard]] unsigned columns_of(const row& event) const noexcept;
  void note_columns(unsigned used) noexcept;
  void put_key(byte_view key);
  void make_room(std::size_t head_bytes, std::size_t present);
  /// Everything but the data blob, in this thread's scratch memory until the next call.
  byte_view make_head(const identity& who, std::size_t data_bytes) const;
  shared_bytes join(pooled_buffer buffer, std::size_t gap, const identity& who, std::size_t data_bytes);
  shared_bytes compress_and_join(const identity& who);
  void clear();

  std::string topic_;
  std::vector<known_type> types_;
  std::map<std::string, std::uint16_t, std::less<>> type_numbers_;
  std::uint16_t last_type_ = 0;

  std::vector<waiting> rows_;
  std::vector<std::byte> keys_; // of which key_bytes_ are used
  std::size_t key_bytes_ = 0;
  unsigned used_ = 0; // which columns have an item that is not zero
  batch_size size_;

  pooled_buffer buffer_;
  std::size_t gap_ = 0; // bytes before the data; a multiple of 8
  std::size_t data_bytes_ = 0;
  std::size_t expected_head_ = 0; // of the batch before, to allocate once
  std::size_t expected_data_ = 0;
};

} // namespace weft::wire

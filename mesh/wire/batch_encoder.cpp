#include "mesh/wire/batch_encoder.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/wire/batch_rules.hpp"
#include "mesh/wire/event_batch_generated.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <lz4.h>

namespace weft::wire {
namespace {

// Bits of `used_`, and the bytes of an item of that column.
enum column : unsigned { time_column, hash_column, type_column, key_column, header_column, value_column, place_column };
constexpr std::array<std::size_t, 7> item_bytes{8, 2, 2, 4, 4, 4, 2};

constexpr unsigned bit(column which, bool set) noexcept { return static_cast<unsigned>(set) << which; }
constexpr std::size_t round_up_8(std::size_t bytes) noexcept { return (bytes + 7) & ~std::size_t{7}; }

// FlatBuffers' own bytes: file header 8, vtable 38, table 40 with its scalars, five offsets 20, lengths of keys, data,
// topic and types 16, the topic's end 1, alignment of each at most 7.
constexpr std::size_t frame_bytes = 8 + 38 + 40 + 20 + 16 + 1 + 28;
constexpr std::size_t column_frame_bytes = 4 + 4 + 7; // offset, length, alignment
constexpr std::size_t type_frame_bytes = 4 + 12 + 8;  // offset, table, length and end of the name with alignment
constexpr std::size_t contract_frame_bytes = 4;

/// A column of one member of all rows; absent when it would be all zero.
template <class Row, class T>
flatbuffers::Offset<flatbuffers::Vector<T>> column_of(flatbuffers::FlatBufferBuilder& into,
                                                      const std::vector<Row>& rows, T Row::*member, bool present) {
  if (!present) return {};
  T* items = nullptr;
  const auto column = into.CreateUninitializedVector<T>(rows.size(), &items);
  for (const auto& row : rows)
    *items++ = row.*member;
  return column;
}

flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>> blob_of(flatbuffers::FlatBufferBuilder& into, byte_view bytes) {
  if (bytes.empty()) return {};
  return into.CreateVector(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

} // namespace

batch_size::batch_size(std::size_t topic_bytes) noexcept : fixed_(frame_bytes + topic_bytes) {}

void batch_size::add_column(std::size_t bytes) noexcept {
  fixed_ += column_frame_bytes;
  per_event_ += bytes;
}

void batch_size::add_type(std::size_t name_bytes, std::size_t contract_bytes) noexcept {
  fixed_ += type_frame_bytes + name_bytes + (contract_bytes == 0 ? 0 : contract_frame_bytes + contract_bytes);
}

batch_encoder::batch_encoder(std::string topic) : topic_(std::move(topic)), size_(topic_.size()) {}

void batch_encoder::expect(std::size_t events, std::size_t data_bytes) noexcept {
  expected_head_ = size_.bytes(0, 0, 0) + item_bytes.size() * column_frame_bytes + events * columns_item_bytes;
  expected_data_ = data_bytes;
}

std::uint16_t batch_encoder::find_type(std::string_view name) noexcept {
  if (last_type_ != 0 && types_[last_type_ - 1U].name == name) return last_type_;
  const auto known = type_numbers_.find(name);
  if (known == type_numbers_.end()) return 0;
  return last_type_ = known->second;
}

std::uint16_t batch_encoder::add_type(std::string_view name, byte_view contract) {
  WEFT_ASSERT(types_.size() < limits::batch_types_max);
  types_.push_back({std::string(name), {contract.begin(), contract.end()}});
  last_type_ = static_cast<std::uint16_t>(types_.size());
  type_numbers_.emplace(name, last_type_);
  size_.add_type(name.size(), contract.size());
  return last_type_;
}

inline unsigned batch_encoder::columns_of(const row& event) const noexcept {
  return bit(time_column, event.time.us != 0) | bit(hash_column, event.hash != 0) | bit(type_column, event.type != 0) |
         bit(key_column, !event.key.empty()) | bit(header_column, event.header_bytes != 0) |
         bit(value_column, event.header_bytes + event.value_bytes != 0) | bit(place_column, event.place != count());
}

std::size_t batch_encoder::bytes_with(const row& event) const noexcept {
  auto size = size_;
  const auto used = columns_of(event) | bit(place_column, true);
  for (std::size_t i = 0; i < item_bytes.size(); ++i)
    if (((used & ~used_) >> i & 1U) != 0) size.add_column(item_bytes[i]);
  return size.bytes(count() + 1, key_bytes_ + event.key.size(), data_bytes_ + event.header_bytes + event.value_bytes);
}

void batch_encoder::note_columns(unsigned used) noexcept {
  for (std::size_t i = 0; i < item_bytes.size(); ++i)
    if (((used & ~used_) >> i & 1U) != 0) size_.add_column(item_bytes[i]);
  used_ |= used;
}

void batch_encoder::put_key(byte_view key) {
  if (keys_.size() - key_bytes_ < key.size()) keys_.resize(2 * (key_bytes_ + key.size()));
  std::memcpy(keys_.data() + key_bytes_, key.data(), key.size());
  key_bytes_ += key.size();
}

std::byte* batch_encoder::add(const row& event) {
  WEFT_ASSERT(count() < limits::batch_events_max);
  if (const auto used = columns_of(event); (used & ~used_) != 0) note_columns(used);
  if (!event.key.empty()) put_key(event.key);
  const auto begin = data_bytes_;
  const auto header_end = begin + event.header_bytes;
  data_bytes_ = header_end + event.value_bytes;
  rows_.push_back({event.time.us, static_cast<std::uint32_t>(key_bytes_), static_cast<std::uint32_t>(header_end),
                   static_cast<std::uint32_t>(data_bytes_), event.hash, event.type, event.place});
  const auto head_bytes = size_.bytes(count(), key_bytes_, 0);
  if (head_bytes > gap_ || gap_ + round_up_8(data_bytes_) > buffer_.capacity()) make_room(head_bytes, begin);
  return buffer_.data() + gap_ + begin;
}

/// Growing copies the first `present` bytes of data; a batch like the one before it does not grow.
void batch_encoder::make_room(std::size_t head_bytes, std::size_t present) {
  const auto room = [](std::size_t needed, std::size_t now, std::size_t expected) {
    if (needed <= now) return now;
    return round_up_8(std::max(needed, now == 0 ? expected : 2 * needed));
  };
  const auto gap = room(head_bytes, gap_, expected_head_);
  const auto data = room(data_bytes_, buffer_.capacity() - gap_, expected_data_);
  pooled_buffer larger(gap + data);
  if (present != 0) std::memcpy(larger.data() + gap, buffer_.data() + gap_, present);
  buffer_ = std::move(larger);
  gap_ = gap;
}

byte_view batch_encoder::make_head(const identity& who, std::size_t data_bytes) const {
  // The builder lays out from the end, so the data comes first; its place holder stays untouched.
  thread_local flatbuffers::FlatBufferBuilder builder;
  builder.Clear();
  builder.Align(8);
  flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>> data;
  if (data_bytes != 0) {
    std::uint8_t* place_holder = nullptr;
    builder.ForceVectorAlignment(data_bytes, 1, 8);
    data = builder.CreateUninitializedVector(data_bytes, 1, &place_holder);
  }
  const auto used = [this](column which) { return (used_ >> which & 1U) != 0; };
  const auto keys = blob_of(builder, byte_view(keys_.data(), key_bytes_));
  const auto time = column_of(builder, rows_, &waiting::time, used(time_column));
  const auto hash = column_of(builder, rows_, &waiting::hash, used(hash_column));
  const auto type = column_of(builder, rows_, &waiting::type, used(type_column));
  const auto key_end = column_of(builder, rows_, &waiting::key_end, used(key_column));
  const auto header_end = column_of(builder, rows_, &waiting::header_end, used(header_column));
  const auto value_end = column_of(builder, rows_, &waiting::value_end, used(value_column));
  const auto place = column_of(builder, rows_, &waiting::place, used(place_column));
  flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<fb::EventType>>> types;
  if (!types_.empty()) {
    std::vector<flatbuffers::Offset<fb::EventType>> tables;
    tables.reserve(types_.size());
    for (const auto& item : types_) {
      const auto contract = blob_of(builder, item.contract);
      tables.push_back(fb::CreateEventType(builder, builder.CreateString(item.name), contract));
    }
    types = builder.CreateVector(tables);
  }
  const auto topic = builder.CreateString(topic_);
  const bool packed = who.codec != codec::none;
  builder.Finish(fb::CreateEventBatch(builder, topic, who.producer.value(), who.sequence,
                                      static_cast<fb::Codec>(who.codec), static_cast<std::uint16_t>(count()),
                                      who.extract, packed ? static_cast<std::uint32_t>(data_bytes_) : 0, types, time,
                                      hash, type, key_end, header_end, value_end, place, keys, data),
                 fb::EventBatchIdentifier());
  return {reinterpret_cast<const std::byte*>(builder.GetBufferPointer()), builder.GetSize() - round_up_8(data_bytes)};
}

shared_bytes batch_encoder::join(pooled_buffer buffer, std::size_t gap, const identity& who, std::size_t data_bytes) {
  const auto head = make_head(who, data_bytes);
  WEFT_ASSERT(head.size() <= gap);
  std::memcpy(buffer.data() + gap - head.size(), head.data(), head.size());
  const auto data_end = gap + data_bytes;
  const auto end = gap + round_up_8(data_bytes);
  std::memset(buffer.data() + data_end, 0, end - data_end);
  const auto begin = gap - head.size();
  if ((end - begin) * 4 >= buffer.capacity()) return std::move(buffer).share(begin, end - begin);
  // Holding far more memory than the batch has would escape every budget that counts batches: this one is copied.
  pooled_buffer fitting(end - begin);
  std::memcpy(fitting.data(), buffer.data() + begin, end - begin);
  return std::move(fitting).share(0, end - begin);
}

shared_bytes batch_encoder::compress_and_join(const identity& who) {
  const auto gap = gap_;
  const auto size = static_cast<int>(data_bytes_);
  // Less room than the data has: what does not shrink is not worth unpacking.
  pooled_buffer packed(gap + round_up_8(data_bytes_));
  const int bytes = size < 2 ? 0
                             : LZ4_compress_default(reinterpret_cast<const char*>(buffer_.data() + gap),
                                                    reinterpret_cast<char*>(packed.data() + gap), size, size - 1);
  if (bytes <= 0) {
    auto plain = who;
    plain.codec = codec::none;
    return join(std::move(buffer_), gap, plain, data_bytes_);
  }
  return join(std::move(packed), gap, who, static_cast<std::size_t>(bytes));
}

shared_bytes batch_encoder::finish(const identity& who) {
  WEFT_ASSERT(count() > 0);
  WEFT_ASSERT(who.codec != codec::zstd);
  auto batch = who.codec == codec::lz4 ? compress_and_join(who) : join(std::move(buffer_), gap_, who, data_bytes_);
  expected_head_ = size_.bytes(count(), key_bytes_, 0);
  expected_data_ = data_bytes_;
  clear();
  return batch;
}

void batch_encoder::clear() {
  if (buffer_.data() == nullptr) gap_ = 0;
  types_.clear();
  type_numbers_.clear();
  last_type_ = 0;
  rows_.clear();
  key_bytes_ = 0;
  used_ = 0;
  data_bytes_ = 0;
  size_ = batch_size(topic_.size());
}

} // namespace weft::wire

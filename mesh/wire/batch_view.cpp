#include "mesh/wire/batch_view.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/wire/batch_checks.hpp"
#include "mesh/wire/batch_rules.hpp"
#include "mesh/wire/buffer_pool.hpp"
#include "mesh/wire/event_batch_generated.h"
#include "mesh/wire/little_endian.hpp"

#include <fmt/format.h>
#include <lz4.h>

namespace weft::wire {
namespace {

template <class T>
const T* items(const flatbuffers::Vector<T>* column) noexcept {
  return column == nullptr ? nullptr : reinterpret_cast<const T*>(column->Data());
}

byte_view blob(const flatbuffers::Vector<std::uint8_t>* bytes) noexcept {
  if (bytes == nullptr) return {};
  return {reinterpret_cast<const std::byte*>(bytes->Data()), bytes->size()};
}

} // namespace

std::uint16_t key_hash(byte_view key) noexcept { return hash_of_key(key); }

std::optional<header_view::header> header_view::next() noexcept {
  constexpr std::size_t frame = 3;
  if (bytes_.size() < frame) return std::nullopt;
  const auto name_bytes = std::to_integer<std::size_t>(bytes_[0]);
  const auto value_bytes = std::size_t{load_le<std::uint16_t>(bytes_.data() + 1)};
  if (bytes_.size() - frame < name_bytes + value_bytes) return std::nullopt;
  const header taken{as_text(bytes_.subspan(frame, name_bytes)),
                     as_text(bytes_.subspan(frame + name_bytes, value_bytes))};
  bytes_ = bytes_.subspan(frame + name_bytes + value_bytes);
  return taken;
}

std::optional<std::string_view> header_view::find(std::string_view name) const noexcept {
  auto rest = *this;
  while (const auto taken = rest.next())
    if (taken->name == name) return taken->value;
  return std::nullopt;
}

batch_view::batch_view(shared_bytes bytes, const fb::EventBatch* root) noexcept
    : bytes_(std::move(bytes)), root_(root) {
  const auto data = blob(root->data());
  columns_ = {.count = root->count(),
              .data_bytes = codec() == codec::none ? static_cast<std::uint32_t>(data.size()) : root->unpacked(),
              .time = items(root->time()),
              .hash = items(root->hash()),
              .type = items(root->type()),
              .key_end = items(root->key_end()),
              .header_end = items(root->header_end()),
              .value_end = items(root->value_end()),
              .place = items(root->place()),
              .keys = blob(root->keys()).data()};
}

batch_view batch_view::trusted(shared_bytes bytes) noexcept {
  const auto* const root = fb::GetEventBatch(bytes.data());
  return {std::move(bytes), root};
}

std::string_view batch_view::topic() const noexcept { return {root_->topic()->c_str(), root_->topic()->size()}; }
producer_id batch_view::producer() const noexcept { return producer_id{root_->producer()}; }
std::uint64_t batch_view::first_sequence() const noexcept { return root_->sequence(); }
wire::codec batch_view::codec() const noexcept { return static_cast<wire::codec>(root_->codec()); }
bool batch_view::is_extract() const noexcept { return root_->extract(); }

std::size_t batch_view::types() const noexcept { return root_->types() == nullptr ? 0 : root_->types()->size(); }
std::string_view batch_view::type_name(std::size_t type) const noexcept {
  WEFT_ASSERT(type < types());
  const auto* const name = root_->types()->Get(static_cast<flatbuffers::uoffset_t>(type))->name();
  return {name->c_str(), name->size()};
}
byte_view batch_view::type_contract(std::size_t type) const noexcept {
  WEFT_ASSERT(type < types());
  return blob(root_->types()->Get(static_cast<flatbuffers::uoffset_t>(type))->contract());
}
std::string_view batch_view::type(std::size_t index) const noexcept {
  const auto number = type_index(index);
  return number == 0 ? std::string_view{} : type_name(number - 1U);
}

result<shared_bytes> batch_view::unpack() const {
  const auto data = blob(root_->data());
  if (codec() == codec::none) return shared_bytes(bytes_.owner(), data);
  if (!is_supported(codec())) return fail(errc::unsupported, "event batch: its codec is not part of this build");
  if (columns_.data_bytes > limits::batch_data_unpacked_max)
    return fail(errc::decompression_limit, fmt::format("event batch: unpacks to {} bytes, at most {} are allowed",
                                                       columns_.data_bytes, limits::batch_data_unpacked_max));
  pooled_buffer unpacked(columns_.data_bytes);
  const int bytes =
      LZ4_decompress_safe(reinterpret_cast<const char*>(data.data()), reinterpret_cast<char*>(unpacked.data()),
                          static_cast<int>(data.size()), static_cast<int>(columns_.data_bytes));
  if (bytes < 0 || static_cast<std::uint32_t>(bytes) != columns_.data_bytes)
    return fail(errc::corrupt, fmt::format("event batch: data does not unpack to the {} bytes it says (lz4: {})",
                                           columns_.data_bytes, bytes));
  auto shared = std::move(unpacked).share(0, columns_.data_bytes);
  if (auto sound = batch_checks(*this).headers(shared.view()); !sound) return fail(std::move(sound.error()));
  return shared;
}

event_view batch_view::event(std::size_t index, byte_view data) const noexcept {
  WEFT_ASSERT(data.size() == columns_.data_bytes);
  const auto [begin, header_end, end] = extent_of(index);
  return {.time = time(index),
          .hash = hash(index),
          .place = place(index),
          .type = type(index),
          .key = key(index),
          .headers = header_view(data.subspan(begin, header_end - begin)),
          .value = data.subspan(header_end, end - header_end)};
}

} // namespace weft::wire

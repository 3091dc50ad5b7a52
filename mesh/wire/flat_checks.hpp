// mesh/wire/flat_checks.hpp: what decoders of FlatBuffers from outside have in common. Internal.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/ids.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/names.hpp"

#include <flatbuffers/flatbuffers.h>
#include <fmt/format.h>

namespace weft::wire {

/// The same bytes, copied when they don't start 8-aligned: messages are small.
inline shared_bytes aligned(const shared_bytes& bytes) {
  return reinterpret_cast<std::uintptr_t>(bytes.data()) % 8 == 0 ? bytes : shared_bytes::copy(bytes.view());
}

inline std::string text_of(const flatbuffers::String* value) { return value ? value->str() : std::string{}; }

/// A text that may have so many bytes. Checked before it is copied: many offsets may point to one long text.
inline result<std::string> bounded(const flatbuffers::String* value, std::size_t bytes_max, std::string_view what) {
  if (value && value->size() > bytes_max)
    return fail(errc::too_large,
                fmt::format("{} has {} bytes, at most {} are allowed", what, value->size(), bytes_max));
  return text_of(value);
}

/// A name as nodes have them.
inline result<std::string> node_name_in(const flatbuffers::String* value) {
  auto name = bounded(value, limits::node_name_bytes_max, "a name");
  if (!name) return name;
  if (auto good = check_node_name(*name); !good) return fail(good.error());
  return name;
}

/// Checks that a list, which may be absent, has at most so many items.
template <class Vector>
result<void> check_count(const Vector* items, std::size_t count_max, std::string_view what) {
  if (items && items->size() > count_max)
    return fail(errc::too_large, fmt::format("{}: {}, at most {} are allowed", what, items->size(), count_max));
  return {};
}

/// Checks a list whose items are read in place with 8-byte loads: the verifier aligns a vector's length only.
template <class Vector>
result<void> check_aligned(const Vector* items, std::string_view what) {
  if (items && items->size() != 0 && reinterpret_cast<std::uintptr_t>(items->Data()) % 8 != 0)
    return fail(errc::corrupt, fmt::format("{} are not 8-aligned", what));
  return {};
}

/// The 32 bytes of a struct that holds an id.
template <class Id>
std::array<std::uint8_t, 32> id_in(const Id& from) {
  std::array<std::uint8_t, 32> bytes{};
  std::copy_n(from.bytes()->Data(), bytes.size(), bytes.begin());
  return bytes;
}

/// What a builder has finished, without a copy.
inline shared_bytes released(flatbuffers::FlatBufferBuilder& out) {
  auto owner = std::make_shared<const flatbuffers::DetachedBuffer>(out.Release());
  const byte_view view{reinterpret_cast<const std::byte*>(owner->data()), owner->size()};
  return {std::move(owner), view};
}

} // namespace weft::wire

// weft/flat.hpp: FlatBuffers tables as events. Needs the FlatBuffers headers; weft/weft.hpp does not include it.
#pragma once
#include "weft/codec.hpp"

#include <cstdint>
#include <flatbuffers/flatbuffers.h>
#include <memory>
#include <string>
#include <utility>

namespace weft {

/// A finished FlatBuffers table and its bytes. Copies share the bytes.
///
///     flatbuffers::FlatBufferBuilder builder;
///     builder.Finish(CreateOrder(builder, ...));
///     node->publish(orders, weft::flat<Order>{builder});
///
/// Its type is the table's full name when flatc ran with --gen-name-strings, else none. For a key, give the table's
/// namespace a function `void weft_event_key(const Order& table, std::string& out)` that appends it.
template <class Table>
class flat {
public:
  /// Takes the bytes out of a builder whose root is a finished Table.
  explicit flat(flatbuffers::FlatBufferBuilder& finished) {
    auto owner = std::make_shared<const flatbuffers::DetachedBuffer>(finished.Release());
    const byte_view view{reinterpret_cast<const std::byte*>(owner->data()), owner->size()};
    bytes_ = {std::move(owner), view};
  }

  [[nodiscard]] const Table& operator*() const noexcept { return *flatbuffers::GetRoot<Table>(bytes_.data()); }
  [[nodiscard]] const Table* operator->() const noexcept { return &**this; }
  [[nodiscard]] byte_view bytes() const noexcept { return bytes_.view(); }

  /// A copy of bytes from outside, aligned and verified.
  /// @error errc::undecodable  they are no such table
  [[nodiscard]] static result<flat> verified(byte_view from) {
    auto copy = shared_bytes::copy(from); // tables must lie aligned, values in a batch do not
    flatbuffers::Verifier verifier{reinterpret_cast<const std::uint8_t*>(copy.data()), copy.size()};
    if (!verifier.VerifyBuffer<Table>(nullptr))
      return fail(errc::undecodable, "the value is not the FlatBuffers table that it is read as");
    return flat{std::move(copy)};
  }

private:
  explicit flat(shared_bytes bytes) noexcept : bytes_(std::move(bytes)) {}
  shared_bytes bytes_;
};

template <class Table>
struct codec<flat<Table>> {
  [[nodiscard]] static std::string_view type_name() noexcept {
    if constexpr (requires { Table::GetFullyQualifiedName(); })
      return Table::GetFullyQualifiedName();
    else
      return {};
  }
  [[nodiscard]] static result<byte_view> encode(const flat<Table>& value, std::string&) { return value.bytes(); }
  [[nodiscard]] static result<flat<Table>> decode(byte_view value) { return flat<Table>::verified(value); }
  static void key(const flat<Table>& value, std::string& out) {
    if constexpr (requires { weft_event_key(*value, out); }) weft_event_key(*value, out);
  }
};

} // namespace weft

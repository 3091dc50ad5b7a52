// weft/codec.hpp: how a type becomes the bytes of an event and comes back.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/result.hpp"
#include "weft/json_fields.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace weft {

/// Raw bytes as an event's value.
using raw_bytes = std::vector<std::byte>;

/// The one point where types meet bytes. Specialise it for a type of your own:
///
///     template <> struct weft::codec<Image> {
///       static std::string_view type_name();                              // the event's type; empty: none
///       static result<byte_view> encode(const Image&, std::string& scratch);   // bytes in `scratch`, or inside the
///       value static result<Image> decode(byte_view value); static void key(const Image&, std::string& out); //
///       appends; nothing: no key
///     };
///
/// All are called on the publishing or consuming thread, from several at once. `scratch` is empty at first and
/// reused from event to event. The bytes
/// that decode() gets live only during the call. Provided for structs with WEFT_EVENT (JSON), `weft::raw_bytes`,
/// std::string and, in weft/flat.hpp, FlatBuffers tables.
template <class T>
struct codec;

/// A type that has a codec.
template <class T>
concept encodable = requires(const T& value, std::string& scratch, std::string& key) {
  codec<T>::type_name();
  codec<T>::encode(value, scratch);
  codec<T>::key(value, key);
};

/// Structs with WEFT_EVENT as JSON objects. Reading ignores unknown fields; a missing one is an error that names it,
/// unless it is optional. The key's fields are joined by '/'.
template <described T>
struct codec<T> {
  [[nodiscard]] static std::string_view type_name() noexcept { return weft_event_name(static_cast<const T*>(nullptr)); }

  /// @error errc::invalid_argument  a text is not UTF-8, a number not finite: which field
  [[nodiscard]] static result<byte_view> encode(const T& value, std::string& scratch) {
    json_writer out{scratch};
    detail::write_json(out, value);
    if (const auto done = out.finish(); !done) return fail(done.error());
    return as_bytes(scratch);
  }

  /// @error errc::undecodable  not JSON, or a field is missing or of another kind: which
  [[nodiscard]] static result<T> decode(byte_view value) {
    const auto document = json_document::parse(value);
    if (!document) return fail(document.error());
    T decoded{};
    if (const auto read = detail::read_json(document->root(), decoded); !read) return fail(read.error());
    return decoded;
  }

  static void key(const T& value, std::string& out) {
    bool first = true;
    weft_event_key(value, [&](const auto& field) {
      if (!first) out.push_back('/');
      first = false;
      detail::append_key(out, field);
    });
  }
};

/// Bytes as they are; no type, no key of their own.
template <>
struct codec<raw_bytes> {
  [[nodiscard]] static std::string_view type_name() noexcept { return {}; }
  [[nodiscard]] static result<byte_view> encode(const raw_bytes& value, std::string&) { return byte_view{value}; }
  [[nodiscard]] static result<raw_bytes> decode(byte_view value) { return raw_bytes{value.begin(), value.end()}; }
  static void key(const raw_bytes&, std::string&) {}
};

/// Text as it is; no type, no key of its own.
template <>
struct codec<std::string> {
  [[nodiscard]] static std::string_view type_name() noexcept { return {}; }
  [[nodiscard]] static result<byte_view> encode(const std::string& value, std::string&) { return as_bytes(value); }
  [[nodiscard]] static result<std::string> decode(byte_view value) { return std::string{as_text(value)}; }
  static void key(const std::string&, std::string&) {}
};

} // namespace weft

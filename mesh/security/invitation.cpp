#include "mesh/security/invitation.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/crc32c.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/names.hpp"
#include "mesh/base/text_time.hpp"
#include "mesh/security/certificate.hpp"
#include "mesh/security/layout.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <sodium.h>

namespace weft::security {
namespace {

constexpr std::string_view begin_line = "-----BEGIN WEFT INVITATION-----\n";
constexpr std::string_view end_line = "-----END WEFT INVITATION-----\n";
constexpr std::string_view magic = "weftinvt";
constexpr std::uint16_t version = 1;
constexpr std::size_t header_bytes = 12;
constexpr std::size_t checksum_bytes = 4;
constexpr std::size_t base64_line = 64;

tl::unexpected<error> malformed(std::string_view why) {
  return fail(errc::corrupt,
              fmt::format("this is no whole invitation: {}; copy the file again, or ask for a new one", why));
}

std::vector<std::byte> encode_body(const invitation& item) {
  auto size = std::size_t{153} + item.name.size() + 1 + checksum_bytes;
  for (const auto& address : item.addresses)
    size += 1 + address.size();
  layout_writer writer(size);
  writer.text(magic)
      .integer(version)
      .integer(static_cast<std::uint16_t>(size))
      .array(item.token.bytes)
      .array(item.secret.reveal())
      .array(item.mesh.bytes())
      .array(item.issuer.bytes())
      .array(item.issuer_curve.bytes())
      .integer(item.roles.bits)
      .integer(item.expires.us)
      .integer(static_cast<std::uint8_t>(item.name.size()))
      .text(item.name)
      .integer(static_cast<std::uint8_t>(item.addresses.size()));
  for (const auto& address : item.addresses)
    writer.integer(static_cast<std::uint8_t>(address.size())).text(address);
  writer.integer(crc32c(0, writer.written()));
  WEFT_ASSERT(writer.written().size() == size && size <= limits::invitation_body_bytes_max);
  return std::move(writer).take();
}

std::string base64(byte_view bytes) {
  constexpr auto variant = sodium_base64_VARIANT_ORIGINAL;
  std::string text(sodium_base64_ENCODED_LEN(bytes.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                    variant);
  text.pop_back(); // its terminating zero
  return text;
}

result<std::vector<std::byte>> from_base64(std::string_view text) {
  std::vector<std::byte> bytes(limits::invitation_body_bytes_max);
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(), text.size(), "\n",
                        &size, &end, sodium_base64_VARIANT_ORIGINAL) != 0 ||
      end != text.data() + text.size())
    return malformed("its base64 part can't be read");
  bytes.resize(size);
  return bytes;
}

result<void> check_body(const invitation& item) {
  if (item.expires < wall_time{0} || item.expires > time_max) return malformed("its time is out of range");
  if (!check_node_name(item.name)) return malformed("its name is not allowed");
  if (item.addresses.empty() || item.addresses.size() > limits::invitation_addresses_max)
    return malformed("it has no address or too many");
  for (const auto& address : item.addresses)
    if (!check_address(address)) return malformed("an address in it is none");
  return {};
}

result<invitation> decode_body(byte_view bytes) {
  layout_reader reader(bytes);
  if (as_text(reader.raw_bytes(magic.size())) != magic) return malformed("it does not begin with its mark");
  if (const auto found = reader.integer<std::uint16_t>(); found != version)
    return fail(errc::unsupported, fmt::format("the invitation has version {}, this Weft reads {}: use the same "
                                               "release of Weft on both sides",
                                               found, version));
  if (reader.integer<std::uint16_t>() != bytes.size() || bytes.size() < header_bytes + checksum_bytes)
    return malformed("its length is wrong");
  const auto checked = bytes.first(bytes.size() - checksum_bytes);
  if (layout_reader(bytes.last(checksum_bytes)).integer<std::uint32_t>() != crc32c(0, checked))
    return malformed("its checksum does not fit");
  const token_id token{reader.array<16>()};
  auto secret_bytes = reader.array<16>();
  invitation item{token, token_secret::take(secret_bytes), {}, {}, {}, {}, {}, {}, {}};
  item.mesh = mesh_id(reader.array<32>());
  item.issuer = node_id(reader.array<32>());
  item.issuer_curve = curve_key(reader.array<32>());
  item.roles.bits = reader.integer<std::uint32_t>();
  item.expires.us = reader.integer<std::int64_t>();
  item.name = reader.text(reader.integer<std::uint8_t>());
  const std::size_t count = reader.integer<std::uint8_t>();
  for (std::size_t i = 0; i < std::min(count, limits::invitation_addresses_max + 1); ++i)
    item.addresses.push_back(reader.text(reader.integer<std::uint8_t>()));
  (void)reader.raw_bytes(checksum_bytes);
  if (!reader.whole()) return malformed("its length is wrong");
  if (auto good = check_body(item); !good) return fail(std::move(good.error()));
  return item;
}

/// Unix line ends, nothing around.
std::string normalised(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  text = text.substr(first, text.find_last_not_of(blanks) - first + 1);
  std::string plain;
  plain.reserve(text.size() + 1); // one allocation: the secret is in one place to wipe
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') plain += text[i];
  return plain += '\n';
}

void wipe_text(std::string& text) { wipe(std::as_writable_bytes(std::span(text))); }

result<invitation> decode_normalised(const std::string& plain) {
  const std::string_view view = plain;
  const auto body = view.find("\n\n");
  if (!view.starts_with(begin_line) || !view.ends_with(end_line) || body == std::string_view::npos ||
      view.size() - body < 2 + end_line.size())
    return malformed("its first or last line is missing");
  auto bytes = from_base64(view.substr(body + 2, view.size() - end_line.size() - body - 2));
  if (!bytes) return fail(std::move(bytes.error()));
  auto item = decode_body(*bytes);
  wipe(std::span(*bytes));
  if (!item) return item;
  auto again = encode(*item);
  const bool same = again == plain;
  wipe_text(again);
  if (!same) return malformed("what it says in words is not what it says in base64");
  return item;
}

} // namespace

result<void> check_address(std::string_view address) {
  constexpr std::string_view scheme = "tcp://";
  const auto wrong = [] {
    return fail(errc::invalid_argument, fmt::format("an address is tcp://HOST:PORT, printable, with a port from 1 to "
                                                    "65535 and at most {} bytes",
                                                    limits::address_bytes_max));
  };
  if (address.size() > limits::address_bytes_max || !address.starts_with(scheme)) return wrong();
  if (!std::all_of(address.begin(), address.end(), [](char c) { return c > ' ' && c <= '~'; })) return wrong();
  const auto colon = address.rfind(':');
  if (colon <= scheme.size()) return wrong(); // the scheme's own colon, or no host
  const auto digits = address.substr(colon + 1);
  unsigned port = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size() || port == 0 || port > 65'535) return wrong();
  return {};
}

std::string encode(const invitation& item) {
  auto body = encode_body(item);
  auto coded = base64(body);
  wipe(std::span(body));
  std::string text;
  text.reserve(limits::invitation_bytes_max); // one allocation: no copy of the secret is left behind
  text += begin_line;
  text += fmt::format("Name: {}\nRoles: {}\nMesh: {}\nIssuer: {}\n", item.name, to_string(item.roles),
                      to_string(item.mesh), to_string(item.issuer));
  for (const auto& address : item.addresses)
    text += fmt::format("Address: {}\n", address);
  text += fmt::format("Expires: {}\n\n", rfc3339_text(item.expires));
  for (std::size_t at = 0; at < coded.size(); at += base64_line)
    text.append(coded, at, base64_line) += '\n';
  wipe_text(coded);
  return text += end_line;
}

result<invitation> decode_invitation(std::string_view text) {
  if (text.size() > limits::invitation_bytes_max) return malformed("it is too long");
  auto plain = normalised(text);
  auto item = decode_normalised(plain);
  wipe_text(plain);
  return item;
}

result<void> check_time(const invitation& item, wall_time now) {
  if (now <= item.expires + limits::clock_skew_allowed) return {};
  return fail(errc::expired, fmt::format("the invitation of '{}' expired at {}: ask for a new one", item.name,
                                         rfc3339_text(item.expires)));
}

} // namespace weft::security

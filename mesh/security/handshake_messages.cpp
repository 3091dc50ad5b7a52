#include "mesh/security/handshake_messages.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/security/layout.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::security {
namespace {

using detail::message_kind;

constexpr std::size_t hello_bytes = 78; // without the credential
constexpr std::size_t proof_bytes = 72;
constexpr std::size_t refusal_bytes = 10; // without the text
constexpr std::size_t bare_key_bytes = 32;

tl::unexpected<error> violation(std::string_view why) {
  return fail(errc::protocol_violation, fmt::format("malformed handshake: {}", why));
}

bool is_printable(char c) noexcept { return c >= ' ' && c <= '~'; }

layout_writer begin(message_kind kind, std::size_t size) {
  layout_writer writer(size);
  writer.text(detail::message_magic).integer(static_cast<std::uint8_t>(kind)).integer(detail::message_layout);
  return writer;
}

result<link_purpose> purpose_of(std::uint8_t value) {
  switch (value) {
  case 1: return link_purpose::member;
  case 2: return link_purpose::enrol;
  case 3: return link_purpose::renew;
  default: return violation("a hello without a known purpose");
  }
}

result<hello> decode_hello(byte_view bytes, std::uint8_t layout, version_range ours) {
  layout_reader reader(bytes.subspan(detail::message_header_bytes));
  hello message;
  message.versions.lowest = reader.integer<std::uint16_t>();
  message.versions.highest = reader.integer<std::uint16_t>();
  if (bytes.size() < hello_bytes || message.versions.lowest > message.versions.highest)
    return violation("a hello that is cut short or has no versions");
  if (!ours.common(message.versions) || layout != detail::message_layout)
    return fail(errc::wrong_version, fmt::format("the peer speaks protocol version {}, this node {}: update the older "
                                                 "of the two",
                                                 to_string(message.versions), to_string(ours)));
  const auto purpose = purpose_of(reader.integer<std::uint8_t>());
  if (!purpose) return fail(purpose.error());
  message.purpose = *purpose;
  if (!reader.zeros(1)) return violation("a hello with a spare byte in use");
  message.mesh = mesh_id(reader.array<32>());
  message.nonce = reader.array<32>();
  const std::size_t length = reader.integer<std::uint16_t>();
  const auto credential = reader.raw_bytes(length);
  if (!reader.whole()) return violation("a hello of the wrong length");
  if (length == bare_key_bytes) {
    message.credential = identity_key(layout_reader(credential).array<bare_key_bytes>());
    return message;
  }
  auto chain = decode_chain(credential);
  if (!chain) return fail(std::move(chain.error()));
  message.credential = std::move(*chain);
  return message;
}

result<proof> decode_proof(byte_view bytes) {
  layout_reader reader(bytes.subspan(detail::message_header_bytes));
  proof message;
  message.version = reader.integer<std::uint16_t>();
  message.signature = reader.array<64>();
  if (!reader.whole()) return violation("a proof of the wrong length");
  return message;
}

template <class T>
result<handshake_message> widen(result<T> message) {
  if (!message) return fail(std::move(message.error()));
  return handshake_message(std::move(*message));
}

} // namespace

std::optional<std::uint16_t> version_range::common(version_range other) const noexcept {
  const auto most = std::min(highest, other.highest);
  if (most < std::max(lowest, other.lowest)) return std::nullopt;
  return most;
}

std::string to_string(version_range range) {
  if (range.lowest == range.highest) return std::to_string(range.lowest);
  return fmt::format("{} to {}", range.lowest, range.highest);
}

const identity_key& hello::identity() const {
  if (const auto* chain = std::get_if<certificate_chain>(&credential)) return chain->node.identity;
  return std::get<identity_key>(credential);
}

error error_of(const refusal& message) {
  const bool known = to_string(message.code) != "unknown";
  return {known ? message.code : errc::internal, "the peer refused: " + message.text};
}

std::vector<std::byte> encode(const hello& message) {
  const auto* chain = std::get_if<certificate_chain>(&message.credential);
  const auto credential = chain ? encode(*chain) : std::vector<std::byte>{};
  auto writer = begin(message_kind::hello, hello_bytes + chain_bytes_max);
  writer.integer(message.versions.lowest)
      .integer(message.versions.highest)
      .integer(static_cast<std::uint8_t>(message.purpose))
      .zeros(1)
      .array(message.mesh.bytes())
      .array(message.nonce)
      .integer(static_cast<std::uint16_t>(chain ? credential.size() : bare_key_bytes));
  if (chain)
    writer.raw_bytes(credential);
  else
    writer.array(message.identity().bytes());
  return std::move(writer).take();
}

std::vector<std::byte> encode(const proof& message) {
  auto writer = begin(message_kind::proof, proof_bytes);
  writer.integer(message.version).array(message.signature);
  return std::move(writer).take();
}

std::vector<std::byte> encode(const refusal& message) {
  WEFT_ASSERT(message.code != errc::ok);
  auto text = message.text.substr(0, limits::refusal_text_bytes_max);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return !is_printable(c); }, '?');
  auto writer = begin(message_kind::refusal, refusal_bytes + text.size());
  writer.integer(static_cast<std::uint16_t>(message.code)).integer(static_cast<std::uint16_t>(text.size())).text(text);
  return std::move(writer).take();
}

result<handshake_message> decode_handshake(byte_view bytes, version_range ours) {
  if (bytes.size() > limits::handshake_bytes_max)
    return violation(
        fmt::format("a frame of {} bytes, at most {} are taken", bytes.size(), limits::handshake_bytes_max));
  const auto header = detail::peek_header(bytes);
  if (!header) return violation("this is no message of Weft");
  switch (header->kind) {
  case message_kind::hello: return widen(decode_hello(bytes, header->layout, ours));
  case message_kind::proof:
    if (header->layout != detail::message_layout) return violation("a proof of an unknown layout");
    return widen(decode_proof(bytes));
  case message_kind::refusal: return widen(detail::decode_refusal(bytes));
  case message_kind::enrol_request:
  case message_kind::renew_request:
  case message_kind::issued: return violation("a message for later");
  }
  return violation("a message of an unknown kind");
}

namespace detail {

std::optional<message_header> peek_header(byte_view bytes) {
  layout_reader reader(bytes);
  if (as_text(reader.raw_bytes(message_magic.size())) != message_magic) return std::nullopt;
  const auto kind = reader.integer<std::uint8_t>();
  const auto layout = reader.integer<std::uint8_t>();
  if (bytes.size() < message_header_bytes) return std::nullopt;
  return message_header{static_cast<message_kind>(kind), layout};
}

result<refusal> decode_refusal(byte_view bytes) {
  if (bytes.size() < refusal_bytes || static_cast<std::uint8_t>(bytes[5]) != message_layout)
    return violation("a refusal of an unknown layout");
  layout_reader reader(bytes.subspan(message_header_bytes));
  refusal message;
  message.code = static_cast<errc>(reader.integer<std::uint16_t>());
  const std::size_t length = reader.integer<std::uint16_t>();
  if (length > limits::refusal_text_bytes_max) return violation("a refusal with too long a text");
  message.text = reader.text(length);
  if (!reader.whole()) return violation("a refusal of the wrong length");
  if (message.code == errc::ok) return violation("a refusal without a reason");
  if (!std::all_of(message.text.begin(), message.text.end(), is_printable))
    return violation("a refusal with unprintable text");
  return message;
}

} // namespace detail
} // namespace weft::security

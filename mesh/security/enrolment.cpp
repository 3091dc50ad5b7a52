#include "mesh/security/enrolment.hpp"

#include "mesh/base/names.hpp"
#include "mesh/security/layout.hpp"

#include <fmt/format.h>

namespace weft::security {
namespace {

using detail::message_kind;

tl::unexpected<error> violation(std::string_view why) {
  return fail(errc::protocol_violation, fmt::format("malformed enrolment: {}", why));
}

layout_writer begin(message_kind kind, std::size_t body) {
  layout_writer writer(detail::message_header_bytes + body);
  writer.text(detail::message_magic).integer(static_cast<std::uint8_t>(kind)).integer(detail::message_layout);
  return writer;
}

result<message_kind> kind_of(byte_view bytes) {
  if (bytes.size() > limits::handshake_bytes_max) return violation("too large a message");
  const auto header = detail::peek_header(bytes);
  if (!header || header->layout != detail::message_layout) return violation("no message of a known layout");
  return header->kind;
}

result<enrol_request> decode_enrol_request(byte_view body) {
  layout_reader reader(body);
  const token_id token{reader.array<16>()};
  auto secret = reader.array<16>();
  enrol_request message{token, token_secret::take(secret), {}};
  message.name = reader.text(reader.integer<std::uint8_t>());
  if (!reader.whole()) return violation("a request of the wrong length");
  if (auto named = check_node_name(message.name); !named) return violation(named.error().message());
  return message;
}

} // namespace

std::vector<std::byte> encode(const enrol_request& message) {
  auto writer = begin(message_kind::enrol_request, 33 + message.name.size());
  writer.array(message.token.bytes)
      .array(message.secret.reveal())
      .integer(static_cast<std::uint8_t>(message.name.size()))
      .text(message.name);
  return std::move(writer).take();
}

std::vector<std::byte> encode(const renew_request& /*message*/) { return begin(message_kind::renew_request, 0).take(); }

std::vector<std::byte> encode(const issued& message) {
  auto writer = begin(message_kind::issued, chain_bytes_max);
  writer.raw_bytes(encode(message.chain));
  return std::move(writer).take();
}

result<std::variant<enrol_request, renew_request>> decode_enrolment_request(byte_view bytes) {
  const auto kind = kind_of(bytes);
  if (!kind) return fail(kind.error());
  const auto body = bytes.subspan(detail::message_header_bytes);
  if (*kind == message_kind::renew_request) {
    if (!body.empty()) return violation("a request of the wrong length");
    return renew_request{};
  }
  if (*kind != message_kind::enrol_request) return violation("a message that does not belong here");
  auto request = decode_enrol_request(body);
  if (!request) return fail(std::move(request.error()));
  return std::move(*request);
}

result<std::variant<issued, refusal>> decode_enrolment_reply(byte_view bytes) {
  const auto kind = kind_of(bytes);
  if (!kind) return fail(kind.error());
  if (*kind == message_kind::refusal) {
    auto refused = detail::decode_refusal(bytes);
    if (!refused) return fail(std::move(refused.error()));
    return std::move(*refused);
  }
  if (*kind != message_kind::issued) return violation("a message that does not belong here");
  auto chain = decode_chain(bytes.subspan(detail::message_header_bytes));
  if (!chain) return fail(std::move(chain.error()));
  return issued{std::move(*chain)};
}

result<certificate_chain> accept_reply(byte_view reply, const node_keys& keys, const mesh_id& mesh,
                                       const std::string& name, wall_time now) {
  auto message = decode_enrolment_reply(reply);
  if (!message) return fail(std::move(message.error()));
  if (const auto* refused = std::get_if<refusal>(&*message)) return fail(error_of(*refused));
  auto& chain = std::get<issued>(*message).chain;
  auto fits = check_chain(chain, mesh).and_then([&] { return check_belongs(chain, keys); }).and_then([&] {
    return check_time(chain.node, now);
  });
  if (!fits) return fail(std::move(fits.error()));
  if (chain.node.name != name)
    return fail(errc::bad_certificate,
                fmt::format("the issuer certified another name than '{}': {}", name, describe(chain.node)));
  return std::move(chain);
}

} // namespace weft::security

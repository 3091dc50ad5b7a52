#include "mesh/security/certificate.hpp"

#include "mesh/base/names.hpp"
#include "mesh/base/text_time.hpp"
#include "mesh/security/layout.hpp"

#include <fmt/format.h>

namespace weft::security {
namespace {

constexpr std::string_view magic = "weftcert";
constexpr std::uint16_t version = 1;
constexpr std::size_t name_bytes = limits::node_name_bytes_max;
constexpr std::size_t spare_bytes = 4;
constexpr std::size_t signed_bytes = certificate_bytes - std::tuple_size_v<signature>;

void write_signed_part(layout_writer& to, const certificate& item) {
  to.text(magic)
      .integer(version)
      .integer(static_cast<std::uint16_t>(certificate_bytes))
      .integer(item.number.value())
      .integer(item.roles.bits)
      .integer(item.serial)
      .integer(item.not_before.us)
      .integer(item.not_after.us)
      .array(item.mesh.bytes())
      .array(item.signer.bytes())
      .array(item.identity.bytes())
      .array(item.curve.bytes())
      .integer(static_cast<std::uint8_t>(item.name.size()))
      .text(item.name)
      .zeros(name_bytes - item.name.size() + spare_bytes);
}

std::vector<std::byte> signed_part(const certificate& item) {
  layout_writer writer(signed_bytes);
  write_signed_part(writer, item);
  return std::move(writer).take();
}

tl::unexpected<error> malformed(std::string_view why) {
  return fail(errc::bad_certificate, fmt::format("malformed certificate: {}", why));
}

result<void> check_fields(const certificate& item) {
  if (item.number.value() == 0) return malformed("a node's number is not 0");
  if (item.not_before < wall_time{0} || item.not_after > time_max || item.not_after <= item.not_before)
    return malformed("its times are out of order or range");
  if (auto named = check_node_name(item.name); !named) return malformed(named.error().message());
  return {};
}

} // namespace

std::vector<std::byte> encode(const certificate& item) {
  layout_writer writer(certificate_bytes);
  write_signed_part(writer, item);
  writer.array(item.signature);
  return std::move(writer).take();
}

result<certificate> decode_certificate(byte_view bytes) {
  layout_reader reader(bytes);
  if (as_text(reader.raw_bytes(magic.size())) != magic) return malformed("it does not begin with its mark");
  if (const auto found = reader.integer<std::uint16_t>(); found != version)
    return fail(errc::unsupported, fmt::format("the certificate has version {}, this Weft reads {}: use the same "
                                               "release of Weft on both sides",
                                               found, version));
  if (const auto length = reader.integer<std::uint16_t>(); length != certificate_bytes || bytes.size() != length)
    return malformed(fmt::format("it has {} bytes instead of {}", bytes.size(), certificate_bytes));
  certificate item;
  item.number = node_number(reader.integer<std::uint32_t>());
  item.roles.bits = reader.integer<std::uint32_t>();
  item.serial = reader.integer<std::uint64_t>();
  item.not_before.us = reader.integer<std::int64_t>();
  item.not_after.us = reader.integer<std::int64_t>();
  item.mesh = mesh_id(reader.array<32>());
  item.signer = key_id(reader.array<32>());
  item.identity = identity_key(reader.array<32>());
  item.curve = curve_key(reader.array<32>());
  const std::size_t name_length = reader.integer<std::uint8_t>();
  if (name_length > name_bytes) return malformed("its name is too long");
  item.name = reader.text(name_length);
  if (!reader.zeros(name_bytes - name_length + spare_bytes)) return malformed("there is something behind its name");
  item.signature = reader.array<64>();
  if (!reader.whole()) return malformed("its length is wrong");
  if (auto checked = check_fields(item); !checked) return fail(std::move(checked.error()));
  return item;
}

void sign(certificate& item, const signing_key& by) {
  item.signer = key_id_of(by.public_key());
  item.signature = by.sign(signed_as::certificate, signed_part(item));
}

bool is_signed(const certificate& item, const identity_key& by) {
  return item.signer == key_id_of(by) && verify(item.signature, signed_as::certificate, signed_part(item), by);
}

validity validity_at(const certificate& item, wall_time now) {
  if (now < item.not_before - limits::clock_skew_allowed) return validity::not_yet_valid;
  if (now > item.not_after + limits::clock_skew_allowed) return validity::expired;
  return validity::valid;
}

result<void> check_time(const certificate& item, wall_time now) {
  switch (validity_at(item, now)) {
  case validity::valid: return {};
  case validity::expired:
    return fail(errc::expired, fmt::format("the certificate of {} expired at {}: let that node reach an issuer of "
                                           "its mesh, which renews it",
                                           describe(item), rfc3339_text(item.not_after)));
  case validity::not_yet_valid:
    return fail(errc::not_yet_valid,
                fmt::format("the certificate of {} begins at {}, later than the clock here: set the clocks right",
                            describe(item), rfc3339_text(item.not_before)));
  }
  return {};
}

bool renewal_due(const certificate& item, wall_time now) {
  return now - item.not_before >= (item.not_after - item.not_before) / 2;
}

std::string describe(const certificate& item) {
  return fmt::format("'{}' (number {})", item.name, item.number.value());
}

} // namespace weft::security

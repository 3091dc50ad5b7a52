// tests/mesh/membership/fake_authority.hpp: identities and signatures that cost nothing; whoever has a node's id could
// sign.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/membership/authority.hpp"
#include "mesh/wire/node_record.hpp"

#include <cstring>
#include <optional>
#include <sstream>
#include <string>

namespace weft::membership {

inline constexpr wall_time test_wall{1'700'000'000'000'000};

inline node_id test_id(std::uint32_t number) {
  std::array<std::uint8_t, 32> bytes{};
  auto mixed = (number + 1) * 0x9e3779b97f4a7c15U; // so that ids are not in the order of numbers
  std::memcpy(bytes.data(), &mixed, sizeof mixed);
  std::memcpy(bytes.data() + 8, &number, sizeof number);
  return node_id{bytes};
}

inline identity test_identity(std::uint32_t number) {
  identity made;
  made.id = test_id(number);
  made.number = node_number{number};
  made.name = "node-" + std::to_string(number);
  made.roles = 3;
  made.not_before = test_wall - std::chrono::hours(24);
  made.not_after = test_wall + std::chrono::hours(24 * 365);
  return made;
}

class fake_authority final : public authority {
public:
  explicit fake_authority(const node_id& self) : self_(self) {}

  [[nodiscard]] signature sign(wire::item_kind kind, byte_view bytes) const override {
    return signature_of(kind, bytes, self_);
  }
  [[nodiscard]] bool verify(wire::item_kind kind, byte_view bytes, const signature& by,
                            const identity& author) const override {
    return by == signature_of(kind, bytes, author.id);
  }
  [[nodiscard]] result<identity> read_identity(byte_view chain, wall_time now) const override {
    ++checked;
    auto read = parse(chain);
    if (!read) return fail(errc::bad_certificate, "not one of this mesh");
    if (now > read->not_after + limits::clock_skew_allowed) return fail(errc::expired, "expired");
    if (now < read->not_before - limits::clock_skew_allowed) return fail(errc::not_yet_valid, "not yet valid");
    return *read;
  }

  /// An identity as an item.
  [[nodiscard]] static wire::item item_of(const identity& from) {
    std::ostringstream text;
    text << from.number.value() << ' ' << from.name << ' ' << from.roles << ' ' << from.not_before.us << ' '
         << from.not_after.us << ' ' << as_text(std::as_bytes(std::span(from.id.bytes())));
    return {wire::item_kind::identity, shared_bytes::copy(as_bytes("mesh " + text.str())), {}};
  }

  mutable std::size_t checked = 0; ///< identities

private:
  static std::optional<identity> parse(byte_view chain) {
    std::string text(as_text(chain));
    std::istringstream in(text);
    std::string mesh;
    identity made;
    std::uint32_t number = 0;
    in >> mesh >> number >> made.name >> made.roles >> made.not_before.us >> made.not_after.us;
    in.get();
    std::array<std::uint8_t, 32> id{};
    in.read(reinterpret_cast<char*>(id.data()), id.size());
    if (!in || mesh != "mesh") return std::nullopt;
    made.number = node_number{number};
    made.id = node_id{id};
    return made;
  }
  static signature signature_of(wire::item_kind kind, byte_view bytes, const node_id& author) {
    const auto hash = std::hash<std::string_view>{}(as_text(bytes)) ^ std::hash<node_id>{}(author) ^
                      (static_cast<std::uint64_t>(kind) + 1) * 0x9e3779b97f4a7c15U;
    signature made{};
    made.fill(0x5a);
    std::memcpy(made.data(), &hash, sizeof hash);
    return made;
  }

  node_id self_;
};

template <class Value>
wire::item signed_item(wire::item_kind kind, const Value& value, const node_id& author) {
  const auto bytes = encode(value);
  return {kind, bytes, fake_authority(author).sign(kind, bytes.view())};
}

inline wire::node_record test_record(std::uint32_t number, std::uint64_t incarnation, std::uint64_t revision = 1,
                                     wall_time announced = test_wall) {
  wire::node_record record;
  record.id = test_id(number);
  record.number = node_number{number};
  record.name = "node-" + std::to_string(number);
  record.incarnation = wire::incarnation{incarnation};
  record.revision = revision;
  record.announced = announced;
  record.roles = 3;
  record.addresses = {"10.0.0." + std::to_string(number % 250) + ":7400"};
  record.topics.prefixes = {"retail", "retail.orders", "retail.orders.eu"};
  record.versions_min = record.versions_max = 1;
  return record;
}
inline wire::item record_item(const wire::node_record& record) {
  return signed_item(wire::item_kind::node_record, record, record.id);
}

inline wire::accusation test_accusation(std::uint32_t accused, std::uint32_t accuser, std::uint64_t incarnation = 1,
                                        std::uint64_t count = 1, wall_time at = test_wall) {
  return {
      test_id(accused), test_id(accuser), wire::incarnation{incarnation}, count, wire::accusation_cause::silent, at};
}
inline wire::item accusation_item(const wire::accusation& word) {
  return signed_item(wire::item_kind::accusation, word, word.accuser);
}

} // namespace weft::membership

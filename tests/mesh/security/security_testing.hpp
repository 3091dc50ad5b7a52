// tests/mesh/security/security_testing.hpp: a small mesh with fixed keys, and both ends of a link.
#pragma once
#include "mesh/security/issuer.hpp"
#include "tests/mesh/base/disk_testing.hpp"
#include "tests/mesh/wire/hex.hpp"

#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

namespace weft::security {

inline constexpr std::int64_t day_us = 86'400'000'000;
/// 2030-01-01T00:00:00Z
inline constexpr wall_time new_year{1'893'456'000'000'000};

inline instant at(wall_time wall, std::int64_t mono_us = 0) { return {mono_time{mono_us}, wall}; }

inline signing_key key_of(std::uint8_t fill) {
  std::array<std::uint8_t, 32> seed{};
  seed.fill(fill);
  return signing_key(secret<32>::take(seed));
}
inline node_keys keys_of(std::uint8_t fill) {
  std::array<std::uint8_t, 32> curve{};
  curve.fill(static_cast<std::uint8_t>(fill + 0x40));
  return {key_of(fill), secret<32>::take(curve)};
}

template <class T>
std::string text_of(const result<T>& outcome) {
  return outcome ? "" : outcome.error().message();
}

/// The issuer's durable records, kept in memory; they outlive an issuer as a disk does.
class records_in_memory final : public token_records, public number_source, public certificate_records {
public:
  result<std::optional<token_record>> load(const token_id& id) override {
    const auto found = tokens.find(id);
    return found == tokens.end() ? std::nullopt : std::optional(found->second);
  }
  result<void> save(const token_record& record) override {
    if (fail_token_saves) return fail(errc::disk_full, "no space");
    tokens.insert_or_assign(record.id, record);
    return {};
  }
  result<void> erase_expired(wall_time time) override {
    std::erase_if(tokens, [time](const auto& item) { return item.second.expires < time; });
    return {};
  }
  result<std::uint32_t> next() override { return ++counted; }
  result<void> ready() override { return {}; }
  result<void> used_up_to(std::uint32_t highest) override {
    counted = std::max(counted, highest);
    return {};
  }
  result<std::optional<node_id>> holder(const std::string& name) override {
    const auto found = certificates.find(name);
    return found == certificates.end() ? std::nullopt : std::optional(found->second.id());
  }
  result<void> save(const certificate& item) override {
    if (fail_certificate_saves) return fail(errc::disk_full, "no space");
    certificates.insert_or_assign(item.name, item);
    return {};
  }

  std::map<token_id, token_record> tokens;
  std::map<std::string, certificate> certificates;
  std::uint32_t counted = 0;
  bool fail_token_saves = false;
  bool fail_certificate_saves = false;
};

/// A mesh founded on new year 2030 by 'hub', which is its issuer.
class test_mesh {
public:
  explicit test_mesh(std::uint8_t fill = 1)
      : random(fill), founder(make_founder(fill, random)), door(founder, records, records, records, random) {}

  [[nodiscard]] const mesh_id& id() const { return founder.chain.node.mesh; }

  invitation invite(const std::string& name, role_set roles = default_roles, wall_time now = new_year) {
    auto made = door.invite({name, roles, {"tcp://127.0.0.1:7411"}, limits::invitation_life}, now);
    EXPECT_TRUE(made.has_value()) << text_of(made);
    return std::move(*made);
  }
  static established joiner(const node_keys& keys) {
    return {link_purpose::enrol, 1, keys.identity().public_key(), std::nullopt};
  }
  static enrol_request request_of(const invitation& with) { return request_of(with, with.name); }
  static enrol_request request_of(const invitation& with, const std::string& name) {
    auto secret = with.secret.reveal();
    return {with.token, token_secret::take(secret), name};
  }
  /// A node that was invited and certified.
  credentials member(const std::string& name, std::uint8_t fill, role_set roles = default_roles,
                     wall_time now = new_year) {
    auto keys = keys_of(fill);
    auto chain = door.enrol(request_of(invite(name, roles, now)), joiner(keys), keys.curve(), at(now));
    EXPECT_TRUE(chain.has_value()) << text_of(chain);
    return {std::move(keys), std::move(*chain), std::nullopt};
  }

  seeded_random random;
  records_in_memory records;
  credentials founder;
  issuer door;

private:
  static credentials make_founder(std::uint8_t fill, random_source& random) {
    auto keys = keys_of(fill);
    root_key root(key_of(static_cast<std::uint8_t>(fill + 0x80)));
    auto chain = found_mesh(root, keys, "hub", new_year, random);
    EXPECT_TRUE(chain.has_value()) << text_of(chain);
    return {std::move(keys), std::move(*chain), std::move(root)};
  }
};

using frame_bytes = std::vector<std::byte>;

/// One end of a link, and what became of it.
struct link_end {
  handshake machine;
  std::optional<established> done;
  std::optional<error> closed;

  /// Feeds `effects` back to the test; @returns what is to be sent
  std::vector<frame_bytes> take(handshake_effects effects) {
    if (effects.done) done = std::move(effects.done);
    if (effects.close) closed = std::move(effects.close);
    return std::move(effects.send);
  }
  std::vector<frame_bytes> start(instant now) {
    handshake_effects effects;
    machine.start(now, effects);
    return take(std::move(effects));
  }
  std::vector<frame_bytes> on(byte_view message, instant now) {
    handshake_effects effects;
    machine.on(message, now, effects);
    return take(std::move(effects));
  }
  void tick(instant now) {
    handshake_effects effects;
    machine.tick(now, effects);
    EXPECT_TRUE(take(std::move(effects)).empty());
  }
  [[nodiscard]] errc code() const { return closed ? closed->code() : errc::ok; }
  [[nodiscard]] std::string text() const { return closed ? closed->message() : ""; }
};

inline constexpr version_range versions_1{1, 1};

/// Both ends of one link between two nodes. Change the options before run().
struct test_link {
  test_link(const credentials& from, const credentials& to, std::uint64_t seed = 7)
      : dialler(options(handshake_side::initiator, from, to)),
        dialled(options(handshake_side::responder, to, from)),
        from_key(&from.keys.identity()),
        to_key(&to.keys.identity()),
        random(seed) {}

  static handshake_options options(handshake_side side, const credentials& own, const credentials& peer) {
    handshake_options made;
    made.side = side;
    made.versions = versions_1;
    made.mesh = own.chain.node.mesh;
    made.own_curve = own.keys.curve();
    made.peer_curve = peer.keys.curve();
    made.chain = own.chain;
    return made;
  }
  test_link& asks(link_purpose purpose) {
    dialler.purpose = purpose;
    if (purpose == link_purpose::enrol) dialler.chain.reset();
    return *this;
  }
  void open(instant now) {
    initiator.emplace(link_end{handshake(dialler, *from_key, random), {}, {}});
    responder.emplace(link_end{handshake(dialled, *to_key, random), {}, {}});
    to_responder = initiator->start(now);
    to_initiator = responder->start(now);
  }
  /// Delivers until nobody says anything more, or an end closes.
  test_link& run(instant now) {
    open(now);
    deliver(now);
    return *this;
  }
  void deliver(instant now) {
    while (!to_responder.empty() || !to_initiator.empty()) {
      move_all(to_responder, *responder, to_initiator, now);
      move_all(to_initiator, *initiator, to_responder, now);
    }
  }
  static void move_all(std::vector<frame_bytes>& from, link_end& to, std::vector<frame_bytes>& answers, instant now) {
    const auto messages = std::exchange(from, {});
    for (const auto& message : messages) {
      if (to.closed) return;
      for (auto& answer : to.on(message, now))
        answers.push_back(std::move(answer));
    }
  }
  [[nodiscard]] bool proven() const {
    return initiator->done && responder->done && !initiator->closed && !responder->closed;
  }

  handshake_options dialler, dialled;
  const signing_key* from_key;
  const signing_key* to_key;
  seeded_random random;
  std::optional<link_end> initiator, responder;
  std::vector<frame_bytes> to_responder, to_initiator;
};

/// Every message with one bit changed, every truncation of it, and it with something behind.
inline void for_each_damage(byte_view whole, const std::function<void(byte_view, const std::string&)>& check) {
  std::vector<std::byte> copy(whole.begin(), whole.end());
  for (std::size_t bit = 0; bit < 8 * copy.size(); ++bit) {
    copy[bit / 8] ^= std::byte{1} << (bit % 8);
    check(copy, "bit " + std::to_string(bit % 8) + " of byte " + std::to_string(bit / 8));
    copy[bit / 8] ^= std::byte{1} << (bit % 8);
  }
  for (std::size_t size = 0; size < whole.size(); ++size)
    check(whole.first(size), "the first " + std::to_string(size) + " bytes");
  copy.push_back(std::byte{0});
  check(copy, "a zero behind");
}

} // namespace weft::security

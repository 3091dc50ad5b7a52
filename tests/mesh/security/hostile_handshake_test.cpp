#include "tests/mesh/security/security_testing.hpp"

namespace weft::security {
namespace {

using testing::HasSubstr;

/// A peer that does not keep to the protocol, against honest ones.
class hostile_peer : public testing::Test {
protected:
  test_mesh mesh;
  credentials orders = mesh.member("orders", 3);
  credentials billing = mesh.member("billing", 4);
  credentials mallory = mesh.member("mallory", 5);

  /// What the responder of `link` becomes when it hears these messages.
  static link_end& hears(test_link& link, const std::vector<frame_bytes>& messages) {
    link.open(at(new_year));
    for (const auto& message : messages)
      if (!link.responder->closed) link.responder->on(message, at(new_year));
    return *link.responder;
  }
  frame_bytes hello_of(const credentials& who) const {
    hello made{versions_1, link_purpose::member, mesh.id(), {}, who.chain};
    return encode(made);
  }
};

TEST_F(hostile_peer, who_dials_with_another_curve_key_than_its_certificates_is_refused) { // T42
  test_link link(orders, billing);
  link.dialled.peer_curve = mallory.keys.curve(); // what ZAP saw
  link.run(at(new_year));
  EXPECT_EQ(link.responder->code(), errc::bad_certificate);
  EXPECT_FALSE(link.initiator->done);
}

TEST_F(hostile_peer, who_answers_with_another_curve_key_than_the_dialled_is_refused) { // T42
  test_link link(orders, billing);
  link.dialler.peer_curve = mallory.keys.curve(); // what was dialled
  link.run(at(new_year));
  EXPECT_EQ(link.initiator->code(), errc::bad_certificate);
  EXPECT_FALSE(link.responder->done);
}

TEST_F(hostile_peer, who_shows_a_stolen_certificate_has_no_proof) { // T42
  test_link link(orders, billing);
  link.open(at(new_year));
  const auto answers = link.responder->on(link.to_responder.front(), at(new_year));
  ASSERT_EQ(answers.size(), 2U);
  const auto forged = mallory.keys.identity().sign(signed_as::proof, as_bytes("anything"));
  link.responder->on(encode(proof{1, forged}), at(new_year));
  EXPECT_EQ(link.responder->code(), errc::bad_proof);
  EXPECT_FALSE(link.responder->done);
}

TEST_F(hostile_peer, who_replays_a_whole_handshake_is_refused) { // T42
  test_link recorded(orders, billing, 1);
  recorded.open(at(new_year));
  const auto first = recorded.to_responder.front();
  const auto answers = recorded.responder->on(first, at(new_year));
  (void)recorded.initiator->on(answers[0], at(new_year));
  const auto last = recorded.initiator->on(answers[1], at(new_year));
  ASSERT_EQ(last.size(), 1U);
  recorded.responder->on(last.front(), at(new_year));
  ASSERT_TRUE(recorded.proven());

  test_link again(orders, billing, 2); // the same two nodes and keys; other nonces
  auto& responder = hears(again, {first, last.front()});
  EXPECT_EQ(responder.code(), errc::bad_proof);
  EXPECT_FALSE(responder.done);

  test_link to_initiator(orders, billing, 3); // and towards the dialling side
  to_initiator.open(at(new_year));
  to_initiator.initiator->on(answers[0], at(new_year));
  to_initiator.initiator->on(answers[1], at(new_year));
  EXPECT_EQ(to_initiator.initiator->code(), errc::bad_proof);
}

TEST_F(hostile_peer, who_sends_ones_own_proof_back_is_refused) { // T42
  test_link link(orders, billing);
  link.open(at(new_year));
  const auto answers = link.responder->on(link.to_responder.front(), at(new_year));
  link.responder->on(answers[1], at(new_year));
  EXPECT_EQ(link.responder->code(), errc::bad_proof);
}

TEST_F(hostile_peer, who_relays_a_handshake_between_two_links_is_refused) { // T42
  // Orders dials mallory's address with mallory's CURVE key; mallory passes all on to billing over a link of its own.
  test_link to_mallory(orders, mallory);
  test_link to_billing(mallory, billing);
  to_mallory.open(at(new_year));
  to_billing.open(at(new_year));
  to_billing.responder->on(to_mallory.to_responder.front(), at(new_year));
  EXPECT_EQ(to_billing.responder->code(), errc::bad_certificate); // the link's key is mallory's, not orders'

  test_link honest(orders, billing);
  honest.open(at(new_year));
  const auto answers = honest.responder->on(to_mallory.to_responder.front(), at(new_year));
  to_mallory.initiator->on(answers[0], at(new_year));
  EXPECT_EQ(to_mallory.initiator->code(), errc::bad_certificate); // dialled mallory's key, billing's certificate
}

TEST_F(hostile_peer, who_lowers_the_versions_on_the_way_breaks_the_proof) { // T42
  test_link link(orders, billing);
  link.dialler.versions = link.dialled.versions = {1, 3};
  link.open(at(new_year));
  auto lowered = link.to_responder.front();
  lowered[8] = std::byte{1}; // highest: 1
  const auto answers = link.responder->on(lowered, at(new_year));
  ASSERT_EQ(answers.size(), 2U);
  link.initiator->on(answers[0], at(new_year));
  link.initiator->on(answers[1], at(new_year));
  EXPECT_EQ(link.initiator->code(), errc::wrong_version);
  EXPECT_FALSE(link.initiator->done);

  test_link other(orders, billing); // the same, with a hello of the responder lowered as well
  other.dialler.versions = other.dialled.versions = {1, 3};
  other.open(at(new_year));
  lowered = other.to_responder.front();
  lowered[8] = std::byte{1};
  auto both = other.responder->on(lowered, at(new_year));
  both[0][8] = std::byte{1};
  other.initiator->on(both[0], at(new_year));
  other.initiator->on(both[1], at(new_year));
  EXPECT_EQ(other.initiator->code(), errc::bad_proof);
}

TEST_F(hostile_peer, who_changes_the_purpose_on_the_way_breaks_the_proof) { // T42
  test_link link(orders, mesh.founder);
  link.open(at(new_year));
  auto changed = link.to_responder.front();
  changed[10] = std::byte{3};
  const auto answers = link.responder->on(changed, at(new_year));
  link.initiator->on(answers[0], at(new_year));
  EXPECT_EQ(link.initiator->code(), errc::protocol_violation);
}

TEST_F(hostile_peer, each_flipped_bit_of_each_message_stops_the_handshake) { // T42
  seeded_random random(11);
  for (int message = 0; message < 3; ++message) {
    for (int round = 0; round < 200; ++round) {
      test_link link(orders, billing);
      link.open(at(new_year));
      const auto flip = [&](frame_bytes& in) { in[random.below(in.size())] ^= std::byte{1} << random.below(8); };
      if (message == 0) flip(link.to_responder[0]);
      auto answers = link.responder->on(link.to_responder[0], at(new_year));
      if (message > 0) flip(answers[static_cast<std::size_t>(message - 1)]);
      for (const auto& answer : answers) {
        if (link.initiator->closed) break;
        for (const auto& last : link.initiator->on(answer, at(new_year)))
          if (!link.responder->closed) link.responder->on(last, at(new_year));
      }
      ASSERT_FALSE(link.initiator->done) << message << " " << round;
      ASSERT_FALSE(link.responder->done) << message << " " << round;
    }
  }
}

TEST_F(hostile_peer, who_sends_a_proof_first_is_refused) {
  test_link link(orders, billing);
  EXPECT_EQ(hears(link, {encode(proof{1, {}})}).code(), errc::protocol_violation);
}

TEST_F(hostile_peer, who_sends_two_hellos_is_refused) {
  test_link link(orders, billing);
  EXPECT_EQ(hears(link, {hello_of(orders), hello_of(orders)}).code(), errc::protocol_violation);
}

TEST_F(hostile_peer, who_goes_on_after_the_end_is_refused) {
  test_link link(orders, billing);
  link.run(at(new_year));
  ASSERT_TRUE(link.proven());
  link.responder->on(hello_of(orders), at(new_year));
  EXPECT_EQ(link.responder->code(), errc::protocol_violation);
}

TEST_F(hostile_peer, who_asks_to_enrol_before_it_is_proven_is_refused) {
  test_link link(orders, billing);
  EXPECT_EQ(hears(link, {encode(renew_request{})}).code(), errc::protocol_violation);
  auto invited = mesh.invite("late");
  test_link other(orders, billing);
  EXPECT_EQ(hears(other, {encode(test_mesh::request_of(invited))}).code(), errc::protocol_violation);
}

TEST_F(hostile_peer, who_shows_no_certificate_is_no_member) {
  test_link link(orders, mesh.founder);
  const hello bare{versions_1, link_purpose::member, mesh.id(), {}, orders.keys.identity().public_key()};
  EXPECT_EQ(hears(link, {encode(bare)}).code(), errc::bad_certificate);
  test_link other(orders, mesh.founder);
  const hello dressed{versions_1, link_purpose::enrol, mesh.id(), {}, orders.chain};
  EXPECT_EQ(hears(other, {encode(dressed)}).code(), errc::bad_certificate);
}

TEST_F(hostile_peer, who_sends_too_much_is_refused_unread) { // T41
  test_link link(orders, billing);
  auto large = hello_of(orders);
  large.resize(limits::handshake_bytes_max + 1);
  auto& responder = hears(link, {large});
  EXPECT_EQ(responder.code(), errc::protocol_violation);
  EXPECT_THAT(responder.text(), HasSubstr("4097 bytes"));
}

TEST_F(hostile_peer, who_sends_garbage_is_refused) { // T41
  seeded_random random(12);
  for (std::size_t size = 0; size < 300; ++size) {
    std::vector<std::uint8_t> noise(size);
    fill_random(noise, random);
    test_link link(orders, billing);
    const auto bytes = std::as_bytes(std::span(noise));
    EXPECT_EQ(hears(link, {{bytes.begin(), bytes.end()}}).code(), errc::protocol_violation) << size;
  }
}

TEST_F(hostile_peer, a_truncated_message_of_any_kind_does_not_decode) { // T41
  const std::vector<frame_bytes> whole{hello_of(orders), encode(proof{1, {}}), encode(refusal{errc::denied, "text"})};
  for (const auto& message : whole) {
    EXPECT_TRUE(decode_handshake(message, versions_1));
    for (std::size_t size = 0; size < message.size(); ++size)
      EXPECT_FALSE(decode_handshake(byte_view(message).first(size), versions_1)) << size;
    auto longer = message;
    longer.push_back(std::byte{0});
    EXPECT_FALSE(decode_handshake(longer, versions_1));
  }
}

TEST_F(hostile_peer, what_decodes_encodes_to_the_same_bytes) {
  const std::vector<frame_bytes> whole{hello_of(orders), encode(proof{1, {}}), encode(refusal{errc::denied, "text"})};
  for (const auto& message : whole) {
    for_each_damage(message, [](byte_view damaged, const std::string& how) {
      const auto item = decode_handshake(damaged, {1, 0xffff});
      if (!item) return;
      const auto again = std::visit([](const auto& part) { return encode(part); }, *item);
      EXPECT_EQ(hex(again), hex(damaged)) << how;
    });
  }
}

TEST_F(hostile_peer, can_not_write_control_characters_into_diagnostics) { // T49
  auto message = encode(refusal{errc::denied, "abc"});
  message.back() = std::byte{0x1b};
  test_link link(orders, billing);
  auto& responder = hears(link, {message});
  EXPECT_EQ(responder.code(), errc::protocol_violation);
  EXPECT_EQ(responder.text().find('\x1b'), std::string::npos);
}

TEST_F(hostile_peer, a_refusal_with_a_code_from_the_future_is_still_one) {
  test_link link(orders, billing);
  EXPECT_EQ(hears(link, {encode(refusal{static_cast<errc>(9999), "new rule"})}).code(), errc::internal);
  EXPECT_THAT(link.responder->text(), HasSubstr("new rule"));
}

TEST_F(hostile_peer, an_unknown_purpose_or_a_spare_byte_is_refused) {
  for (const auto& [offset, value] : {std::pair{10, 0}, {10, 4}, {11, 1}}) {
    auto message = hello_of(orders);
    message[static_cast<std::size_t>(offset)] = static_cast<std::byte>(value);
    EXPECT_EQ(code_of(decode_handshake(message, versions_1)), errc::protocol_violation) << offset;
  }
}

} // namespace
} // namespace weft::security

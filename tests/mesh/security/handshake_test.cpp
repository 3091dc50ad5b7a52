#include "tests/mesh/security/security_testing.hpp"

namespace weft::security {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class handshaking : public testing::Test {
protected:
  test_mesh mesh;
  credentials orders = mesh.member("orders", 3);
  credentials billing = mesh.member("billing", 4);
  const wall_time expired_since = orders.chain.node.not_after + microseconds(day_us);
};

TEST_F(handshaking, two_members_prove_who_they_are) {
  test_link link(orders, billing);
  link.run(at(new_year));
  ASSERT_TRUE(link.proven()) << link.initiator->text() << link.responder->text();
  EXPECT_EQ(link.initiator->done->chain, billing.chain);
  EXPECT_EQ(link.responder->done->chain, orders.chain);
  EXPECT_EQ(link.initiator->done->identity, billing.keys.identity().public_key());
  EXPECT_EQ(link.initiator->done->version, 1);
  EXPECT_FALSE(link.initiator->done->renewal_only());
  EXPECT_FALSE(link.responder->done->enrolment_only());
}

TEST_F(handshaking, founder_and_member_prove_who_they_are_in_both_directions) {
  EXPECT_TRUE(test_link(orders, mesh.founder).run(at(new_year)).proven());
  EXPECT_TRUE(test_link(mesh.founder, orders).run(at(new_year)).proven());
}

TEST_F(handshaking, responder_says_nothing_before_it_is_asked) {
  test_link link(orders, billing);
  link.open(at(new_year));
  EXPECT_EQ(link.to_responder.size(), 1U);
  EXPECT_TRUE(link.to_initiator.empty());
}

TEST_F(handshaking, messages_fit_the_limit_for_strangers) {
  test_link link(orders, billing);
  link.open(at(new_year));
  const auto answers = link.responder->on(link.to_responder.front(), at(new_year));
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_LE(link.to_responder.front().size(), limits::handshake_bytes_max);
  EXPECT_LE(answers[0].size(), limits::handshake_bytes_max);
  EXPECT_EQ(answers[1].size(), 72U);
}

TEST_F(handshaking, highest_common_version_is_chosen) {
  test_link link(orders, billing);
  link.dialler.versions = {1, 5};
  link.dialled.versions = {2, 4};
  ASSERT_TRUE(link.run(at(new_year)).proven());
  EXPECT_EQ(link.initiator->done->version, 4);
  EXPECT_EQ(link.responder->done->version, 4);
}

TEST_F(handshaking, without_a_common_version_both_hear_both_ranges) {
  test_link link(orders, billing);
  link.dialler.versions = {1, 2};
  link.dialled.versions = {3, 5};
  link.run(at(new_year));
  for (const auto* end : {&*link.initiator, &*link.responder}) {
    EXPECT_FALSE(end->done);
    EXPECT_EQ(end->code(), errc::wrong_version);
    EXPECT_THAT(end->text(), AllOf(HasSubstr("1 to 2"), HasSubstr("3 to 5")));
  }
}

TEST_F(handshaking, a_hello_of_a_later_layout_is_a_version_too_many) {
  test_link link(orders, billing);
  link.open(at(new_year));
  auto later = link.to_responder.front();
  later[5] = std::byte{2};
  link.responder->on(later, at(new_year));
  EXPECT_EQ(link.responder->code(), errc::wrong_version);
}

TEST_F(handshaking, another_mesh_is_refused_and_both_hear_it) { // T45
  test_mesh other(20);
  test_link link(orders, other.founder);
  link.run(at(new_year));
  EXPECT_EQ(link.responder->code(), errc::wrong_mesh);
  EXPECT_EQ(link.initiator->code(), errc::wrong_mesh);
  EXPECT_THAT(link.initiator->text(),
              AllOf(HasSubstr("the peer refused"), HasSubstr(to_string(mesh.id())), HasSubstr(to_string(other.id()))));
}

TEST_F(handshaking, a_certificate_of_another_mesh_behind_this_meshs_id_is_refused) { // T45
  test_mesh other(20);
  test_link link(other.founder, billing);
  link.dialler.mesh = mesh.id();
  EXPECT_FALSE(link.run(at(new_year)).proven());
  EXPECT_EQ(link.responder->code(), errc::wrong_mesh);
}

TEST_F(handshaking, an_expired_certificate_is_refused_to_a_member) { // T45
  test_link link(orders, mesh.founder);
  link.run(at(expired_since));
  EXPECT_EQ(link.responder->code(), errc::expired);
  EXPECT_EQ(link.initiator->code(), errc::expired);
  EXPECT_THAT(link.initiator->text(), HasSubstr("'orders'"));
}

TEST_F(handshaking, an_expired_responder_is_refused) { // T45
  test_link link(mesh.founder, orders);
  link.run(at(expired_since));
  EXPECT_EQ(link.initiator->code(), errc::expired);
  EXPECT_FALSE(link.responder->done);
}

TEST_F(handshaking, a_certificate_from_the_future_is_refused) { // T45
  test_link link(orders, billing);
  link.run(at(new_year - microseconds(day_us)));
  EXPECT_EQ(link.responder->code(), errc::not_yet_valid);
  EXPECT_THAT(link.responder->text(), HasSubstr("clock"));
}

TEST_F(handshaking, a_clock_within_the_skew_is_accepted) { // T45
  EXPECT_TRUE(test_link(orders, billing).run(at(new_year - limits::clock_skew_allowed)).proven());
}

TEST_F(handshaking, an_expired_node_reaches_an_issuer_for_renewal_only) { // T45
  test_link link(orders, mesh.founder);
  link.asks(link_purpose::renew).run(at(expired_since));
  ASSERT_TRUE(link.proven()) << link.responder->text();
  EXPECT_TRUE(link.initiator->done->renewal_only());
  EXPECT_TRUE(link.responder->done->renewal_only());
  EXPECT_EQ(link.responder->done->chain, orders.chain);
}

TEST_F(handshaking, renewal_is_refused_by_who_is_no_issuer) {
  test_link link(orders, billing);
  link.asks(link_purpose::renew).run(at(expired_since));
  EXPECT_EQ(link.responder->code(), errc::denied);
  EXPECT_EQ(link.initiator->code(), errc::denied);
}

TEST_F(handshaking, renewal_with_a_certificate_from_the_future_is_refused) {
  test_link link(orders, mesh.founder);
  link.asks(link_purpose::renew).run(at(new_year - microseconds(day_us)));
  EXPECT_EQ(link.responder->code(), errc::not_yet_valid);
}

TEST_F(handshaking, a_newcomer_reaches_an_issuer_for_enrolment_only) {
  const credentials newcomer{keys_of(9), orders.chain, std::nullopt}; // the chain is not used
  test_link link(newcomer, mesh.founder);
  link.asks(link_purpose::enrol);
  link.dialler.expected_peer = mesh.founder.keys.id();
  link.run(at(new_year));
  ASSERT_TRUE(link.proven()) << link.responder->text();
  EXPECT_TRUE(link.responder->done->enrolment_only());
  EXPECT_FALSE(link.responder->done->chain);
  EXPECT_EQ(link.responder->done->identity, newcomer.keys.identity().public_key());
  EXPECT_EQ(link.initiator->done->chain, mesh.founder.chain);
}

TEST_F(handshaking, a_newcomer_is_refused_by_who_is_no_issuer) {
  const credentials newcomer{keys_of(9), orders.chain, std::nullopt};
  EXPECT_EQ(test_link(newcomer, billing).asks(link_purpose::enrol).run(at(new_year)).responder->code(), errc::denied);
}

TEST_F(handshaking, another_node_than_the_expected_is_refused) {
  test_link link(orders, billing);
  link.dialler.expected_peer = mesh.founder.keys.id();
  link.run(at(new_year));
  EXPECT_EQ(link.initiator->code(), errc::bad_certificate);
  EXPECT_THAT(link.initiator->text(), AllOf(HasSubstr("'billing'"), HasSubstr(to_string(mesh.founder.keys.id()))));
}

TEST_F(handshaking, a_link_to_oneself_is_said_to_be_one) {
  test_link link(orders, orders);
  link.run(at(new_year));
  EXPECT_EQ(link.responder->code(), errc::invalid_argument);
  EXPECT_THAT(link.initiator->text(), HasSubstr("back to this node"));
}

TEST_F(handshaking, a_silent_peer_is_given_up_in_time) { // T43
  const auto within = microseconds(limits::handshake_within).count();
  test_link link(orders, billing);
  link.open(at(new_year, 1000));
  for (auto* end : {&*link.initiator, &*link.responder}) {
    end->tick(at(new_year, 1000 + within - 1));
    EXPECT_FALSE(end->closed);
    end->tick(at(new_year, 1000 + within));
    EXPECT_EQ(end->code(), errc::timed_out);
  }
}

TEST_F(handshaking, an_answer_that_comes_too_late_is_not_taken) { // T43
  const auto within = microseconds(limits::handshake_within).count();
  test_link link(orders, billing);
  link.open(at(new_year));
  link.deliver(at(new_year, within));
  EXPECT_EQ(link.responder->code(), errc::timed_out);
  EXPECT_FALSE(link.responder->done);
}

TEST_F(handshaking, a_proven_link_does_not_time_out) {
  test_link link(orders, billing);
  link.run(at(new_year));
  link.initiator->tick(at(new_year, day_us));
  link.responder->tick(at(new_year, day_us));
  EXPECT_TRUE(link.proven());
}

TEST_F(handshaking, golden_bytes) {
  hello greeting{{1, 2}, link_purpose::enrol, mesh_id_of(key_of(0x81).public_key()), {}, key_of(1).public_key()};
  greeting.nonce.fill(0x55);
  EXPECT_EQ(hex(encode(greeting)), "77656674"
                                   "01"
                                   "01"
                                   "0100"
                                   "0200"
                                   "02"
                                   "00" +
                                       to_string(greeting.mesh) + std::string(64, '5') + "2000" +
                                       to_string(key_of(1).public_key()));
  proof item{7, {}};
  item.signature.fill(0xaa);
  EXPECT_EQ(hex(encode(item)), "77656674"
                               "02"
                               "01"
                               "0700" +
                                   std::string(128, 'a'));
  EXPECT_EQ(hex(encode(refusal{errc::wrong_mesh, "no\n"})), "77656674"
                                                            "03"
                                                            "01"
                                                            "7900"
                                                            "0300"
                                                            "6e6f3f");
}

TEST_F(handshaking, proof_signs_the_documented_transcript) {
  test_link link(orders, billing);
  link.open(at(new_year));
  const auto first = link.to_responder.front();
  const auto answers = link.responder->on(first, at(new_year));
  std::string transcript = "02" + to_string(mesh.id()) + to_string(orders.keys.curve()) +
                           to_string(billing.keys.curve()) + to_hex(blake2b_256({first})) +
                           to_hex(blake2b_256({answers[0]})) + "0100";
  const auto expected = billing.keys.identity().sign(signed_as::proof, unhex(transcript));
  EXPECT_EQ(hex(answers[1]).substr(16), hex(bytes_of(expected)));
}

} // namespace
} // namespace weft::security

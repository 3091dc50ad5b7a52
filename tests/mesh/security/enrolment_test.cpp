#include "tests/mesh/security/security_testing.hpp"

namespace weft::security {
namespace {

using testing::HasSubstr;

class enrolment : public testing::Test {
protected:
  static constexpr auto half_life = microseconds(limits::certificate_life) / 2;

  result<certificate_chain> enrol(const invitation& with, const node_keys& keys, instant now = at(new_year)) {
    return mesh.door.enrol(test_mesh::request_of(with), test_mesh::joiner(keys), keys.curve(), now);
  }

  test_mesh mesh;
};

TEST_F(enrolment, over_a_link_gives_a_certificate_that_opens_links) {
  const auto invited = decode_invitation(encode(mesh.invite("billing"))).value();
  const auto keys = keys_of(3);
  const auto reply =
      mesh.door.answer(encode(test_mesh::request_of(invited)), test_mesh::joiner(keys), keys.curve(), at(new_year));
  EXPECT_LE(reply.size(), limits::handshake_bytes_max);
  auto chain = accept_reply(reply, keys, invited.mesh, invited.name, new_year);
  ASSERT_TRUE(chain) << text_of(chain);
  EXPECT_EQ(chain->node.number, node_number(2));
  EXPECT_EQ(chain->node.roles, default_roles);
  EXPECT_EQ(chain->node.not_after - chain->node.not_before, microseconds(limits::certificate_life));
  EXPECT_EQ(mesh.records.certificates.at("billing"), chain->node);
  const credentials billing{keys_of(3), *chain, std::nullopt};
  EXPECT_TRUE(test_link(billing, mesh.founder).run(at(new_year)).proven());
}

TEST_F(enrolment, numbers_are_never_given_twice) {
  EXPECT_EQ(mesh.member("a", 3).chain.node.number, node_number(2));
  EXPECT_EQ(mesh.member("b", 4).chain.node.number, node_number(3));
  EXPECT_EQ(mesh.member("c", 5).chain.node.number, node_number(4));
}

TEST_F(enrolment, an_issuer_that_is_not_the_founder_has_numbers_of_its_own) {
  const auto second = mesh.member("second", 4, all_roles);
  EXPECT_EQ(second.chain.node.number, node_number(2));
  EXPECT_FALSE(second.chain.issuer); // signed by the root
  records_in_memory records;
  issuer door(second, records, records, records, mesh.random);
  const auto invited = door.invite({"far", default_roles, {"tcp://h:1"}, limits::invitation_life}, new_year).value();
  const auto keys = keys_of(5);
  const auto chain =
      door.enrol(test_mesh::request_of(invited), test_mesh::joiner(keys), keys.curve(), at(new_year)).value();
  EXPECT_EQ(chain.node.number, node_number(2 * 65'536 + 1));
  EXPECT_TRUE(check_chain(chain, mesh.id()));
  const credentials far{keys_of(5), chain, std::nullopt};
  EXPECT_TRUE(test_link(far, mesh.founder).run(at(new_year)).proven());
}

TEST_F(enrolment, an_issuer_without_numbers_left_says_so) {
  const auto invited = mesh.invite("last");
  mesh.records.counted = 65'534;
  const auto refused = enrol(invited, keys_of(3));
  EXPECT_EQ(code_of(refused), errc::out_of_range);
  EXPECT_FALSE(mesh.records.tokens.at(invited.token).used_by);
}

TEST_F(enrolment, a_token_serves_one_node) { // T46
  const auto invited = mesh.invite("billing");
  ASSERT_TRUE(enrol(invited, keys_of(3)));
  EXPECT_EQ(code_of(enrol(invited, keys_of(4))), errc::bad_token);
}

TEST_F(enrolment, an_answer_lost_by_a_crash_is_given_again_with_the_same_number) { // T46
  const auto invited = mesh.invite("billing");
  const auto first = enrol(invited, keys_of(3)).value();
  issuer restarted(mesh.founder, mesh.records, mesh.records, mesh.records, mesh.random);
  const auto keys = keys_of(3);
  const auto again =
      restarted.enrol(test_mesh::request_of(invited), test_mesh::joiner(keys), keys.curve(), at(new_year));
  ASSERT_TRUE(again) << text_of(again);
  EXPECT_EQ(again->node.number, first.node.number);
  EXPECT_EQ(mesh.records.counted, 1U);
  const auto other = keys_of(4);
  EXPECT_EQ(
      code_of(restarted.enrol(test_mesh::request_of(invited), test_mesh::joiner(other), other.curve(), at(new_year))),
      errc::bad_token);
}

TEST_F(enrolment, a_crash_before_the_token_is_saved_as_used_costs_a_number_only) { // T46
  const auto invited = mesh.invite("billing");
  mesh.records.fail_token_saves = true;
  EXPECT_EQ(code_of(enrol(invited, keys_of(3))), errc::disk_full);
  mesh.records.fail_token_saves = false;
  EXPECT_EQ(enrol(invited, keys_of(3)).value().node.number, node_number(3));
}

TEST_F(enrolment, a_certificate_that_can_not_be_recorded_is_not_given) { // T46
  const auto invited = mesh.invite("billing");
  mesh.records.fail_certificate_saves = true;
  EXPECT_EQ(code_of(enrol(invited, keys_of(3))), errc::disk_full);
  mesh.records.fail_certificate_saves = false;
  EXPECT_EQ(enrol(invited, keys_of(3)).value().node.number, node_number(2));
}

TEST_F(enrolment, an_expired_invitation_is_refused) { // T46
  const auto invited = mesh.invite("billing");
  EXPECT_EQ(code_of(enrol(invited, keys_of(3), at(new_year + microseconds(day_us)))), errc::expired);
}

TEST_F(enrolment, another_name_than_the_invitations_is_refused_with_it) {
  const auto invited = mesh.invite("billing");
  const auto keys = keys_of(3);
  const auto refused =
      mesh.door.enrol(test_mesh::request_of(invited, "orders"), test_mesh::joiner(keys), keys.curve(), at(new_year));
  EXPECT_EQ(code_of(refused), errc::invalid_name);
  EXPECT_THAT(text_of(refused), HasSubstr("'billing'"));
  EXPECT_TRUE(enrol(invited, keys_of(3))); // the token is not lost by it
}

TEST_F(enrolment, a_name_is_given_once) {
  const auto first = mesh.invite("billing");
  const auto second = mesh.invite("billing");
  ASSERT_TRUE(enrol(first, keys_of(3)));
  EXPECT_EQ(code_of(enrol(second, keys_of(4))), errc::already_exists);
  EXPECT_EQ(code_of(mesh.door.invite({"billing", default_roles, {"tcp://h:1"}, limits::invitation_life}, new_year)),
            errc::already_exists);
  EXPECT_EQ(code_of(mesh.door.invite({"hub", default_roles, {"tcp://h:1"}, limits::invitation_life}, new_year)),
            errc::already_exists);
}

TEST_F(enrolment, invitations_that_make_no_sense_are_refused) {
  const auto invited = [this](const invitation_request& request) {
    return code_of(mesh.door.invite(request, new_year));
  };
  EXPECT_EQ(invited({"Big", default_roles, {"tcp://h:1"}, limits::invitation_life}), errc::invalid_name);
  EXPECT_EQ(invited({"a", default_roles, {}, limits::invitation_life}), errc::invalid_argument);
  EXPECT_EQ(invited({"a", default_roles, {"h:1"}, limits::invitation_life}), errc::invalid_argument);
  EXPECT_EQ(invited({"a", default_roles, {9, "tcp://h:1"}, limits::invitation_life}), errc::invalid_argument);
  EXPECT_EQ(invited({"a", default_roles, {"tcp://h:1"}, microseconds(0)}), errc::invalid_argument);
}

TEST_F(enrolment, only_the_root_makes_issuers) {
  const auto second = mesh.member("second", 4, all_roles);
  records_in_memory records;
  issuer door(second, records, records, records, mesh.random);
  const auto refused = door.invite({"third", all_roles, {"tcp://h:1"}, limits::invitation_life}, new_year);
  EXPECT_EQ(code_of(refused), errc::denied);
  EXPECT_THAT(text_of(refused), HasSubstr("root key"));
  EXPECT_EQ(code_of(door.renew(second.chain.node, new_year)), errc::denied);
  EXPECT_TRUE(mesh.door.renew(second.chain.node, new_year));
}

TEST_F(enrolment, renewal_keeps_all_but_the_time_and_serial) { // T45
  const auto billing = mesh.member("billing", 3);
  const auto later = new_year + half_life;
  const established peer{link_purpose::renew, 1, billing.chain.node.identity, billing.chain};
  const auto reply = mesh.door.answer(encode(renew_request{}), peer, billing.keys.curve(), at(later));
  const auto fresh = accept_reply(reply, billing.keys, mesh.id(), "billing", later);
  ASSERT_TRUE(fresh) << text_of(fresh);
  auto expected = billing.chain.node;
  EXPECT_NE(fresh->node.serial, expected.serial);
  expected.serial = fresh->node.serial;
  expected.not_before = later;
  expected.not_after = later + limits::certificate_life;
  expected.signature = fresh->node.signature;
  EXPECT_EQ(fresh->node, expected);
}

void renew_founder(test_mesh& mesh, wall_time now) {
  mesh.founder.chain = mesh.door.renew(mesh.founder.chain.node, now).value();
  mesh.door.renewed(mesh.founder.chain);
}

TEST_F(enrolment, a_mesh_that_renews_in_time_gives_whole_lives_for_ever) { // T45
  auto billing = mesh.member("billing", 3).chain.node;
  for (int i = 1; i <= 12; ++i) { // every half of a life: six years
    const auto now = new_year + half_life * i;
    if (renewal_due(mesh.founder.chain.node, now)) renew_founder(mesh, now);
    ASSERT_TRUE(renewal_due(billing, now));
    const auto fresh = mesh.door.renew(billing, now).value();
    ASSERT_TRUE(check_chain(fresh, mesh.id()));
    billing = fresh.node;
    EXPECT_EQ(billing.not_after - billing.not_before, microseconds(limits::certificate_life)) << i;
  }
}

TEST_F(enrolment, an_issuer_that_let_its_own_certificate_expire_renews_nobody_but_itself) { // T45
  const auto billing = mesh.member("billing", 3);
  const auto late = mesh.founder.chain.node.not_after + microseconds(day_us);
  EXPECT_EQ(code_of(mesh.door.renew(billing.chain.node, late)), errc::expired);
  renew_founder(mesh, late);
  EXPECT_TRUE(mesh.door.renew(billing.chain.node, late));
}

TEST_F(enrolment, a_clock_set_back_since_the_founding_gives_certificates_that_check) { // T45
  const auto invited = mesh.invite("billing", default_roles, new_year - microseconds(60'000'000));
  const auto chain = enrol(invited, keys_of(3), at(new_year - microseconds(60'000'000)));
  ASSERT_TRUE(chain) << text_of(chain);
  EXPECT_TRUE(check_chain(*chain, mesh.id()));
}

TEST_F(enrolment, requests_on_links_for_something_else_are_refused) {
  const auto billing = mesh.member("billing", 3);
  const auto code = [&](const std::vector<std::byte>& request, link_purpose purpose) {
    const established peer{purpose, 1, billing.chain.node.identity, billing.chain};
    const auto reply = mesh.door.answer(request, peer, billing.keys.curve(), at(new_year));
    return code_of(accept_reply(reply, billing.keys, mesh.id(), "billing", new_year));
  };
  const auto enrols = encode(test_mesh::request_of(mesh.invite("other")));
  EXPECT_EQ(code(enrols, link_purpose::member), errc::protocol_violation);
  EXPECT_EQ(code(enrols, link_purpose::renew), errc::protocol_violation);
  EXPECT_EQ(code(encode(renew_request{}), link_purpose::member), errc::protocol_violation);
  EXPECT_EQ(code(encode(renew_request{}), link_purpose::enrol), errc::protocol_violation);
  EXPECT_EQ(code({}, link_purpose::enrol), errc::protocol_violation);
  EXPECT_EQ(code(encode(proof{}), link_purpose::enrol), errc::protocol_violation);
}

TEST_F(enrolment, a_reply_for_other_keys_mesh_name_or_time_is_not_accepted) { // T42
  const auto billing = mesh.member("billing", 3);
  const auto reply = encode(issued{billing.chain});
  EXPECT_TRUE(accept_reply(reply, keys_of(3), mesh.id(), "billing", new_year));
  EXPECT_EQ(code_of(accept_reply(reply, keys_of(4), mesh.id(), "billing", new_year)), errc::bad_certificate);
  EXPECT_EQ(code_of(accept_reply(reply, keys_of(3), mesh.id(), "orders", new_year)), errc::bad_certificate);
  EXPECT_EQ(code_of(accept_reply(reply, keys_of(3), test_mesh(20).id(), "billing", new_year)), errc::wrong_mesh);
  EXPECT_EQ(code_of(accept_reply(reply, keys_of(3), mesh.id(), "billing", new_year - microseconds(day_us))),
            errc::not_yet_valid);
  EXPECT_EQ(code_of(accept_reply(encode(renew_request{}), keys_of(3), mesh.id(), "billing", new_year)),
            errc::protocol_violation);
}

TEST_F(enrolment, decoders_take_whole_messages_only) { // T41
  const auto billing = mesh.member("billing", 3);
  const auto invited = mesh.invite("orders");
  const auto request = encode(test_mesh::request_of(invited));
  const auto reply = encode(issued{billing.chain});
  EXPECT_TRUE(decode_enrolment_request(request));
  EXPECT_TRUE(decode_enrolment_reply(reply));
  for_each_damage(request, [](byte_view damaged, const std::string& how) {
    const auto item = decode_enrolment_request(damaged);
    if (!item) return;
    const auto again = std::visit([](const auto& part) { return encode(part); }, *item);
    EXPECT_EQ(hex(again), hex(damaged)) << how;
  });
  for (std::size_t size = 0; size < reply.size(); ++size)
    EXPECT_FALSE(decode_enrolment_reply(byte_view(reply).first(size))) << size;
  for (std::size_t size = 0; size < request.size(); ++size)
    EXPECT_FALSE(decode_enrolment_request(byte_view(request).first(size))) << size;
  EXPECT_FALSE(decode_enrolment_request(std::vector<std::byte>(limits::handshake_bytes_max + 1)));
}

TEST_F(enrolment, golden_bytes) {
  std::array<std::uint8_t, 16> secret{};
  secret.fill(0xcc);
  token_id token;
  token.bytes.fill(0xbb);
  EXPECT_EQ(hex(encode(enrol_request{token, token_secret::take(secret), "ab"})), "77656674"
                                                                                 "04"
                                                                                 "01" +
                                                                                     std::string(32, 'b') +
                                                                                     std::string(32, 'c') +
                                                                                     "02"
                                                                                     "6162");
  EXPECT_EQ(hex(encode(renew_request{})), "77656674"
                                          "05"
                                          "01");
  EXPECT_EQ(hex(encode(issued{mesh.founder.chain})), "77656674"
                                                     "06"
                                                     "01" +
                                                         hex(encode(mesh.founder.chain)));
}

} // namespace
} // namespace weft::security

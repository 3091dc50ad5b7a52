#include "tests/mesh/security/security_testing.hpp"

namespace weft::security {
namespace {

using testing::HasSubstr;

class chain : public testing::Test {
protected:
  test_mesh mesh;
  credentials billing = mesh.member("billing", 3);

  [[nodiscard]] errc checked(const certificate_chain& item) const { return code_of(check_chain(item, mesh.id())); }
};

TEST_F(chain, of_the_founder_is_signed_by_the_root) {
  const auto& hub = mesh.founder.chain;
  EXPECT_FALSE(hub.issuer);
  EXPECT_EQ(hub.node.number, node_number(1));
  EXPECT_EQ(hub.node.signer.bytes(), mesh.id().bytes());
  EXPECT_TRUE(hub.node.roles.has(role::issuer));
  EXPECT_EQ(checked(hub), errc::ok);
}

TEST_F(chain, of_a_member_is_signed_by_its_issuer) {
  ASSERT_TRUE(billing.chain.issuer);
  EXPECT_EQ(*billing.chain.issuer, mesh.founder.chain.node);
  EXPECT_EQ(billing.chain.node.signer.bytes(), mesh.founder.keys.id().bytes());
  EXPECT_EQ(checked(billing.chain), errc::ok);
  EXPECT_TRUE(check_belongs(billing.chain, billing.keys));
  EXPECT_EQ(code_of(check_belongs(billing.chain, mesh.founder.keys)), errc::bad_certificate);
}

TEST_F(chain, comes_back_from_its_bytes) {
  for (const auto* item : {&billing.chain, &mesh.founder.chain}) {
    const auto bytes = encode(*item);
    EXPECT_LE(bytes.size(), chain_bytes_max);
    EXPECT_EQ(decode_chain(bytes).value(), *item);
  }
}

TEST_F(chain, golden_head) {
  EXPECT_EQ(hex(encode(billing.chain)).substr(0, 88), "77656674"
                                                      "6368616e"
                                                      "0100"
                                                      "0200" +
                                                          to_string(mesh.founder.root->key().public_key()));
}

TEST_F(chain, every_single_bit_flip_truncation_and_addition_is_refused) { // T42
  for_each_damage(encode(billing.chain), [this](byte_view damaged, const std::string& how) {
    const auto item = decode_chain(damaged);
    EXPECT_FALSE(item && check_chain(*item, mesh.id())) << how;
    if (item) {
      EXPECT_EQ(hex(encode(*item)), hex(damaged)) << how;
    }
  });
}

TEST_F(chain, of_another_mesh_is_wrong_mesh) { // T45
  const test_mesh other(20);
  const auto wrong = check_chain(other.founder.chain, mesh.id());
  EXPECT_EQ(code_of(wrong), errc::wrong_mesh);
  EXPECT_THAT(text_of(wrong), testing::AllOf(HasSubstr(to_string(mesh.id())), HasSubstr(to_string(other.id()))));
}

TEST_F(chain, another_root_that_claims_the_mesh_is_refused) { // T42
  const auto forger = key_of(0x99);
  auto forged = mesh.founder.chain;
  sign(forged.node, forger);
  forged.root = forger.public_key();
  EXPECT_EQ(checked(forged), errc::bad_certificate);
  forged.root = mesh.founder.chain.root;
  EXPECT_EQ(checked(forged), errc::bad_certificate);
}

TEST_F(chain, a_member_can_not_issue) { // T42
  auto friend_of_billing = mesh.member("friend", 4).chain;
  sign(friend_of_billing.node, billing.keys.identity());
  friend_of_billing.issuer = billing.chain.node;
  EXPECT_EQ(checked(friend_of_billing), errc::bad_certificate); // billing is not signed by the root

  auto plain = billing.chain.node; // signed by the root, but without the role
  sign(plain, mesh.founder.root->key());
  friend_of_billing.issuer = plain;
  const auto refused = check_chain(friend_of_billing, mesh.id());
  EXPECT_EQ(code_of(refused), errc::bad_certificate);
  EXPECT_THAT(text_of(refused), HasSubstr("no issuer"));
}

TEST_F(chain, a_forged_issuer_is_refused) { // T42
  auto forged = billing.chain;
  forged.issuer->identity = billing.keys.identity().public_key();
  sign(forged.node, billing.keys.identity());
  EXPECT_EQ(checked(forged), errc::bad_certificate);
  sign(*forged.issuer, billing.keys.identity());
  EXPECT_EQ(checked(forged), errc::bad_certificate);
}

TEST_F(chain, an_issuer_can_not_make_an_issuer) {
  auto item = billing.chain;
  item.node.roles = item.node.roles.with(role::issuer);
  sign(item.node, mesh.founder.keys.identity());
  EXPECT_EQ(checked(item), errc::bad_certificate);
}

TEST_F(chain, a_certificate_can_not_outlive_its_issuers) {
  auto item = billing.chain;
  item.node.not_after = item.issuer->not_after + microseconds(1);
  sign(item.node, mesh.founder.keys.identity());
  EXPECT_EQ(checked(item), errc::bad_certificate);
  item.node.not_after = item.issuer->not_after;
  item.node.not_before = item.issuer->not_before - microseconds(1);
  sign(item.node, mesh.founder.keys.identity());
  EXPECT_EQ(checked(item), errc::bad_certificate);
}

TEST_F(chain, an_issuers_certificate_from_another_mesh_is_refused) {
  test_mesh other(20);
  auto item = billing.chain;
  item.issuer = other.founder.chain.node;
  EXPECT_EQ(checked(item), errc::wrong_mesh);
}

TEST_F(chain, an_unknown_version_is_refused_as_such) {
  auto bytes = encode(billing.chain);
  bytes[8] = std::byte{9};
  EXPECT_EQ(code_of(decode_chain(bytes)), errc::unsupported);
}

} // namespace
} // namespace weft::security

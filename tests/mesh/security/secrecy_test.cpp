#include "mesh/base/virtual_disk.hpp"
#include "tests/mesh/security/security_testing.hpp"

namespace weft::security {
namespace {

/// Looks for secrets in what people get to read: as bytes, and in hexadecimal.
class secrecy : public testing::Test { // T50
protected:
  void keep_secret(byte_view bytes) {
    secrets_.emplace_back(as_text(bytes));
    secrets_.push_back(hex(bytes));
  }
  template <std::size_t N>
  void keep_secret(const secret<N>& item) {
    keep_secret(bytes_of(item.reveal()));
  }
  void keep_secrets_of(const credentials& item) {
    keep_secret(item.keys.curve_secret());
    keep_secret(item.keys.identity().seed());
    if (item.root) keep_secret(item.root->key().seed());
  }
  void expect_clean(std::string_view text, std::string_view what) const {
    for (const auto& one : secrets_) {
      EXPECT_EQ(text.find(one), std::string_view::npos) << what;
      EXPECT_EQ(text.find(std::string_view(one).substr(0, one.size() / 2)), std::string_view::npos) << what;
    }
  }

  test_mesh mesh;

private:
  std::vector<std::string> secrets_;
};

TEST_F(secrecy, no_message_of_a_failing_enrolment_has_a_secret) { // T50
  keep_secrets_of(mesh.founder);
  const auto invited = mesh.invite("billing");
  keep_secret(invited.secret);
  const auto keys = keys_of(3);
  const auto request = encode(test_mesh::request_of(invited));
  for (int i = 0; i < 2 * limits::token_tries_per_minute; ++i) {
    const auto wrong = encode(test_mesh::request_of(invited, "other"));
    expect_clean(as_text(mesh.door.answer(wrong, test_mesh::joiner(keys), keys.curve(), at(new_year))), "reply");
  }
  const auto late = at(new_year + microseconds(day_us), day_us);
  expect_clean(as_text(mesh.door.answer(request, test_mesh::joiner(keys), keys.curve(), late)), "late reply");
  for_each_damage(request, [this](byte_view damaged, const std::string& how) {
    expect_clean(text_of(decode_enrolment_request(damaged)), how);
  });
}

TEST_F(secrecy, no_message_of_a_damaged_invitation_has_a_part_of_it) { // T50
  const auto invited = mesh.invite("billing");
  keep_secret(invited.secret);
  const auto text = encode(invited);
  const auto body = text.substr(text.find("\n\n") + 2, 40);
  for_each_damage(as_bytes(text), [&](byte_view damaged, const std::string& how) {
    const auto said = text_of(decode_invitation(as_text(damaged)));
    expect_clean(said, how);
    EXPECT_EQ(said.find(body.substr(0, 8)), std::string::npos) << how;
  });
}

TEST_F(secrecy, no_message_of_a_damaged_key_file_has_a_part_of_it) { // T50
  virtual_disk disk;
  ASSERT_TRUE(disk.make_directories("data"));
  const auto keys = node_keys::load_or_create(disk, "data", mesh.random).value();
  keep_secret(keys.curve_secret());
  keep_secret(keys.identity().seed());
  const auto whole = disk.content(node_keys::path_in("data")).value();
  for_each_damage(whole, [&](byte_view damaged, const std::string& how) {
    disk.restore(node_keys::path_in("data"), damaged);
    expect_clean(text_of(node_keys::load_or_create(disk, "data", mesh.random)), how);
  });
}

TEST_F(secrecy, a_handshake_sends_no_secret) { // T50
  const auto orders = mesh.member("orders", 3);
  keep_secrets_of(mesh.founder);
  keep_secrets_of(orders);
  test_link link(orders, mesh.founder);
  link.open(at(new_year));
  for (const auto& message : link.to_responder)
    expect_clean(as_text(message), "hello");
  for (const auto& message : link.responder->on(link.to_responder.front(), at(new_year))) {
    expect_clean(as_text(message), "answer");
    for (const auto& last : link.initiator->on(message, at(new_year)))
      expect_clean(as_text(last), "proof");
  }
  EXPECT_TRUE(link.initiator->done);
}

TEST_F(secrecy, what_the_issuer_keeps_does_not_open_a_token) { // T50
  const auto invited = mesh.invite("billing");
  keep_secret(invited.secret);
  const auto& kept = mesh.records.tokens.at(invited.token);
  expect_clean(as_text(bytes_of(kept.secret_hash)), "record");
}

} // namespace
} // namespace weft::security

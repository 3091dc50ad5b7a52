#include "tests/mesh/security/security_testing.hpp"

namespace weft::security {
namespace {

using testing::HasSubstr;

invitation sample() {
  std::array<std::uint8_t, 16> secret{};
  secret.fill(0xcc);
  token_id token;
  token.bytes.fill(0xbb);
  return {token,
          token_secret::take(secret),
          mesh_id_of(key_of(0x81).public_key()),
          keys_of(1).id(),
          keys_of(1).curve(),
          default_roles,
          new_year,
          "billing",
          {"tcp://10.0.0.5:7411", "tcp://[::1]:7411"}};
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? text : text.replace(at, what.size(), with);
}

TEST(invitation, comes_back_from_its_text) {
  const auto item = sample();
  const auto again = decode_invitation(encode(item));
  ASSERT_TRUE(again) << text_of(again);
  EXPECT_EQ(again->token, item.token);
  EXPECT_EQ(again->secret.reveal(), item.secret.reveal());
  EXPECT_EQ(again->mesh, item.mesh);
  EXPECT_EQ(again->issuer, item.issuer);
  EXPECT_EQ(again->issuer_curve, item.issuer_curve);
  EXPECT_EQ(again->roles, item.roles);
  EXPECT_EQ(again->expires, item.expires);
  EXPECT_EQ(again->name, item.name);
  EXPECT_EQ(again->addresses, item.addresses);
}

TEST(invitation, a_reader_sees_what_it_is) {
  const auto text = encode(sample());
  for (const auto* line : {"Name: billing\n", "Roles: storage,relay\n", "Address: tcp://10.0.0.5:7411\n",
                           "Address: tcp://[::1]:7411\n", "Expires: 2030-01-01T00:00:00Z\n"})
    EXPECT_THAT(text, HasSubstr(line));
  EXPECT_THAT(text, HasSubstr("Mesh: " + to_string(sample().mesh) + "\n"));
  EXPECT_THAT(text, HasSubstr("Issuer: " + to_string(sample().issuer) + "\n"));
}

TEST(invitation, golden_text) { // made by OpenSSL and Python from the picture in invitation.hpp
  EXPECT_EQ(encode(sample()), "-----BEGIN WEFT INVITATION-----\n"
                              "Name: billing\n"
                              "Roles: storage,relay\n"
                              "Mesh: 8b1ce216b5d929a586f545318b63f1cd751f650233c52797c489669c253d3f61\n"
                              "Issuer: c5e21ab1c9f6022d81c3b25e3436cb7f1df77f9652ae3e1310c28e621dd87b4c\n"
                              "Address: tcp://10.0.0.5:7411\n"
                              "Address: tcp://[::1]:7411\n"
                              "Expires: 2030-01-01T00:00:00Z\n"
                              "\n"
                              "d2VmdGludnQBAMoAu7u7u7u7u7u7u7u7u7u7u8zMzMzMzMzMzMzMzMzMzMyLHOIW\n"
                              "tdkppYb1RTGLY/HNdR9lAjPFJ5fEiWacJT0/YcXiGrHJ9gItgcOyXjQ2y38d93+W\n"
                              "Uq4+ExDCjmId2HtMehpOcJvwhaxJSroEabmx7aCrH3ixaqu3n/7akGI+hSIDAAAA\n"
                              "ACBHlBa6BgAHYmlsbGluZwITdGNwOi8vMTAuMC4wLjU6NzQxMRB0Y3A6Ly9bOjox\n"
                              "XTo3NDExf8gZ+Q==\n"
                              "-----END WEFT INVITATION-----\n");
}

TEST(invitation, line_ends_and_surrounding_blanks_do_not_matter) {
  const auto text = encode(sample());
  std::string windows;
  for (const char c : text)
    windows += c == '\n' ? "\r\n" : std::string(1, c);
  EXPECT_TRUE(decode_invitation(windows));
  EXPECT_TRUE(decode_invitation("\n  " + text + "\n\n"));
  EXPECT_TRUE(decode_invitation(text.substr(0, text.size() - 1)));
}

TEST(invitation, every_single_bit_flip_and_truncation_is_refused) {
  const auto text = encode(sample());
  for_each_damage(as_bytes(text), [&](byte_view damaged, const std::string& how) {
    auto plain = as_text(damaged);
    if (plain.size() + 1 == text.size()) return; // only the last line end is gone
    if (plain.size() == text.size() && plain.substr(0, text.size() - 1) == text.substr(0, text.size() - 1))
      return; // the last line end is another blank, or makes the last line another
    EXPECT_FALSE(decode_invitation(plain)) << how;
  });
}

TEST(invitation, words_that_differ_from_the_bytes_are_refused) {
  const auto text = encode(sample());
  EXPECT_EQ(code_of(decode_invitation(replaced(text, "10.0.0.5", "10.0.0.6"))), errc::corrupt);
  EXPECT_EQ(code_of(decode_invitation(replaced(text, "storage,relay", "storage"))), errc::corrupt);
  EXPECT_EQ(code_of(decode_invitation(replaced(text, "Expires: 2030", "Expires: 2039"))), errc::corrupt);
  EXPECT_EQ(code_of(decode_invitation(replaced(text, "Name: billing\n", ""))), errc::corrupt);
  EXPECT_EQ(code_of(decode_invitation(replaced(text, "Name:", "Name: "))), errc::corrupt);
}

TEST(invitation, other_texts_are_refused) {
  EXPECT_EQ(code_of(decode_invitation("")), errc::corrupt);
  EXPECT_EQ(code_of(decode_invitation("hello")), errc::corrupt);
  EXPECT_EQ(code_of(decode_invitation(std::string(limits::invitation_bytes_max + 1, ' '))), errc::corrupt);
  EXPECT_EQ(code_of(decode_invitation("-----BEGIN WEFT INVITATION-----\n-----END WEFT INVITATION-----\n")),
            errc::corrupt);
  EXPECT_EQ(code_of(decode_invitation("-----BEGIN WEFT INVITATION-----\n\n\n-----END WEFT INVITATION-----\n")),
            errc::corrupt);
  const auto text = encode(sample());
  EXPECT_EQ(code_of(decode_invitation(text + text)), errc::corrupt);
}

TEST(invitation, fits_its_limits_at_its_largest) {
  auto item = sample();
  item.name = std::string(limits::node_name_bytes_max, 'n');
  const std::string scheme = "tcp://";
  const std::string port = ":65535";
  item.addresses.assign(limits::invitation_addresses_max,
                        scheme + std::string(limits::address_bytes_max - scheme.size() - port.size(), 'h') + port);
  const auto text = encode(item);
  EXPECT_LE(text.size(), limits::invitation_bytes_max);
  EXPECT_TRUE(decode_invitation(text));
}

TEST(invitation, expires_with_the_skew_of_the_joiners_clock) {
  const auto item = sample();
  EXPECT_TRUE(check_time(item, item.expires + limits::clock_skew_allowed));
  const auto late = check_time(item, item.expires + limits::clock_skew_allowed + microseconds(1));
  EXPECT_EQ(code_of(late), errc::expired);
  EXPECT_THAT(text_of(late), testing::AllOf(HasSubstr("'billing'"), HasSubstr("2030-01-01T00:00:00Z")));
}

TEST(addresses, are_a_host_and_a_port) {
  for (const auto* good : {"tcp://127.0.0.1:1", "tcp://[::1]:7411", "tcp://node-a.example:65535"})
    EXPECT_TRUE(check_address(good)) << good;
  for (const auto* bad :
       {"", "tcp://", "tcp://host", "tcp://:80", "tcp://host:", "tcp://host:0", "tcp://host:65536", "tcp://host:8x",
        "tcp://host:-1", "udp://host:80", "tcp://ho st:80", "tcp://h\n:80", "tcp://h\x80:80"})
    EXPECT_EQ(code_of(check_address(bad)), errc::invalid_argument) << bad;
  EXPECT_FALSE(check_address("tcp://" + std::string(300, 'h') + ":80"));
}

} // namespace
} // namespace weft::security

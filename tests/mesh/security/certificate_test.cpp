#include "tests/mesh/security/security_testing.hpp"

namespace weft::security {
namespace {

using testing::HasSubstr;

certificate sample() {
  certificate item;
  item.number = node_number(3);
  item.roles = default_roles;
  item.serial = 0x0102030405060708;
  item.not_before = new_year;
  item.not_after = new_year + limits::certificate_life;
  item.mesh = mesh_id_of(key_of(0x81).public_key());
  item.identity = keys_of(3).identity().public_key();
  item.curve = keys_of(3).curve();
  item.name = "billing";
  sign(item, key_of(1));
  return item;
}

/// The certificate's bytes with some of them replaced.
std::vector<std::byte> patched(std::size_t offset, std::vector<std::uint8_t> bytes) {
  auto whole = encode(sample());
  for (std::size_t i = 0; i < bytes.size(); ++i)
    whole[offset + i] = std::byte{bytes[i]};
  return whole;
}

TEST(certificate, comes_back_from_its_bytes) {
  const auto item = sample();
  const auto bytes = encode(item);
  EXPECT_EQ(bytes.size(), certificate_bytes);
  const auto again = decode_certificate(bytes);
  ASSERT_TRUE(again) << text_of(again);
  EXPECT_EQ(*again, item);
  EXPECT_TRUE(is_signed(*again, key_of(1).public_key()));
  EXPECT_FALSE(is_signed(*again, key_of(2).public_key()));
}

TEST(certificate, longest_name_fits) {
  auto item = sample();
  item.name = std::string(limits::node_name_bytes_max, 'n');
  sign(item, key_of(1));
  EXPECT_EQ(decode_certificate(encode(item)).value(), item);
}

TEST(certificate, golden_bytes) { // made by OpenSSL and Python from the picture in certificate.hpp
  EXPECT_EQ(hex(encode(sample())),
            "7765667463657274"                                                 // magic
            "01003001"                                                         // version, length
            "0300000003000000"                                                 // number, roles
            "0807060504030201"                                                 // serial
            "0020479416ba060000005b20c5d60600"                                 // not before, not after
            "8b1ce216b5d929a586f545318b63f1cd751f650233c52797c489669c253d3f61" // mesh
            "c5e21ab1c9f6022d81c3b25e3436cb7f1df77f9652ae3e1310c28e621dd87b4c" // signer
            "ed4928c628d1c2c6eae90338905995612959273a5c63f93636c14614ac8737d1" // Ed25519 key
            "cdefd8783a91b446640e2e1f95599db35e484a0071bd2182b3b60d0812c10c70" // X25519 key
            "0762696c6c696e67"                                                 // name
                + std::string(120, '0') +
                "d89207d3b6bf9e8932f3fa39816eb0191bc182b23aec82bb0057262d5fa1abf9" // signature
                "01baca0e7e4fbb37ad06532fd414e1b9b739abbfdbf4fa31dc51d831659ba00f");
}

TEST(certificate, every_single_bit_flip_truncation_and_addition_is_refused) { // T42
  for_each_damage(encode(sample()), [](byte_view damaged, const std::string& how) {
    const auto item = decode_certificate(damaged);
    EXPECT_FALSE(item && is_signed(*item, key_of(1).public_key())) << how;
  });
}

TEST(certificate, what_decodes_encodes_to_the_same_bytes) {
  for_each_damage(encode(sample()), [](byte_view damaged, const std::string& how) {
    const auto item = decode_certificate(damaged);
    if (item) {
      EXPECT_EQ(hex(encode(*item)), hex(damaged)) << how;
    }
  });
}

TEST(certificate, an_unknown_version_is_refused_as_such) {
  const auto item = decode_certificate(patched(8, {2, 0}));
  EXPECT_EQ(code_of(item), errc::unsupported);
  EXPECT_THAT(text_of(item), testing::AllOf(HasSubstr("version 2"), HasSubstr("reads 1")));
}

TEST(certificate, fields_out_of_their_range_are_refused) {
  EXPECT_EQ(code_of(decode_certificate(patched(12, {0, 0, 0, 0}))), errc::bad_certificate);             // number 0
  EXPECT_EQ(code_of(decode_certificate(patched(35, {0x80}))), errc::bad_certificate);                   // before 1970
  EXPECT_EQ(code_of(decode_certificate(patched(43, {0x70}))), errc::bad_certificate);                   // after 9999
  EXPECT_EQ(code_of(decode_certificate(patched(36, {0, 0, 0, 0, 0, 0, 0, 0}))), errc::bad_certificate); // ends first
  EXPECT_EQ(code_of(decode_certificate(patched(172, {0}))), errc::bad_certificate);                     // no name
  EXPECT_EQ(code_of(decode_certificate(patched(172, {64}))), errc::bad_certificate);                    // too long
  EXPECT_EQ(code_of(decode_certificate(patched(172, {8}))), errc::bad_certificate);                     // a zero in it
  EXPECT_EQ(code_of(decode_certificate(patched(173, {'/'}))), errc::bad_certificate);
  EXPECT_EQ(code_of(decode_certificate(patched(235, {'x'}))), errc::bad_certificate); // behind the name
  EXPECT_EQ(code_of(decode_certificate(patched(239, {1}))), errc::bad_certificate);   // spare
}

TEST(certificate, names_with_control_characters_do_not_reach_a_message) { // T49
  const auto item = decode_certificate(patched(173, {0x1b, '[', 'A'}));
  EXPECT_EQ(text_of(item).find('\x1b'), std::string::npos);
}

TEST(certificate, is_valid_from_begin_to_end_with_skew) {
  const auto item = sample();
  constexpr microseconds skew = limits::clock_skew_allowed;
  constexpr microseconds one{1};
  EXPECT_EQ(validity_at(item, item.not_before - skew - one), validity::not_yet_valid); // T45
  EXPECT_EQ(validity_at(item, item.not_before - skew), validity::valid);
  EXPECT_EQ(validity_at(item, item.not_after + skew), validity::valid);
  EXPECT_EQ(validity_at(item, item.not_after + skew + one), validity::expired);
}

TEST(certificate, time_errors_say_which_and_what_to_do) { // T45
  const auto item = sample();
  const auto late = check_time(item, item.not_after + microseconds(day_us));
  EXPECT_EQ(code_of(late), errc::expired);
  EXPECT_THAT(text_of(late), testing::AllOf(HasSubstr("'billing' (number 3)"), HasSubstr("2031-01-01T00:00:00Z"),
                                            HasSubstr("renews")));
  const auto early = check_time(item, item.not_before - microseconds(day_us));
  EXPECT_EQ(code_of(early), errc::not_yet_valid);
  EXPECT_THAT(text_of(early), testing::AllOf(HasSubstr("2030-01-01T00:00:00Z"), HasSubstr("clock")));
  EXPECT_TRUE(check_time(item, item.not_before));
}

TEST(certificate, renewal_is_due_from_half_of_its_life) {
  const auto item = sample();
  const auto half = item.not_before + microseconds(limits::certificate_life) / 2;
  EXPECT_FALSE(renewal_due(item, half - microseconds(1)));
  EXPECT_TRUE(renewal_due(item, half));
}

TEST(roles, text_and_back) {
  EXPECT_EQ(to_string(default_roles), "storage,relay");
  EXPECT_EQ(to_string(all_roles), "storage,relay,issuer,admin");
  EXPECT_EQ(to_string(role_set{}), "none");
  EXPECT_EQ(to_string(role_set{1U | 0x100U}), "storage,0x100");
  EXPECT_EQ(parse_roles("storage,relay,issuer,admin").value(), all_roles);
  EXPECT_EQ(parse_roles("none").value(), role_set{});
  EXPECT_EQ(to_string(observer_only), "observer");
  EXPECT_EQ(parse_roles("observer").value(), observer_only);
}

TEST(roles, an_observer_has_no_other) {
  for (const auto* text : {"observer,relay", "storage,observer", "admin,observer,issuer"}) {
    const auto roles = parse_roles(text);
    EXPECT_EQ(code_of(roles), errc::invalid_argument) << text;
    EXPECT_THAT(text_of(roles), HasSubstr("goes with no other"));
  }
  EXPECT_FALSE(all_roles.has(role::observer));
}

TEST(roles, unknown_words_are_refused_with_the_known_ones) {
  for (const auto* text : {"", "king", "storage,", ",storage", "storage, relay", "none,relay"}) {
    const auto roles = parse_roles(text);
    EXPECT_EQ(code_of(roles), errc::invalid_argument) << text;
    EXPECT_THAT(text_of(roles), HasSubstr("storage, relay, issuer and admin"));
  }
}

} // namespace
} // namespace weft::security

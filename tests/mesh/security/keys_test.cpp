#include "mesh/base/os_disk.hpp"
#include "mesh/base/virtual_disk.hpp"
#include "mesh/security/z85.hpp"
#include "tests/mesh/security/security_testing.hpp"

#include <filesystem>
#include <type_traits>

namespace weft::security {
namespace {

using testing::HasSubstr;

class key_files : public testing::Test {
protected:
  key_files() { EXPECT_TRUE(disk.make_directories("data")); }

  result<node_keys> load() { return node_keys::load_or_create(disk, "data", random); }

  virtual_disk disk;
  seeded_random random{1};
  const std::string path = node_keys::path_in("data");
};

TEST_F(key_files, first_start_makes_keys_and_the_next_finds_them) {
  const auto made = load();
  ASSERT_TRUE(made) << text_of(made);
  const auto found = load();
  ASSERT_TRUE(found) << text_of(found);
  EXPECT_EQ(found->id(), made->id());
  EXPECT_EQ(found->curve(), made->curve());
  EXPECT_EQ(found->curve_secret().reveal(), made->curve_secret().reveal());
  EXPECT_EQ(found->identity().public_key(), made->identity().public_key());
}

TEST_F(key_files, keys_survive_a_power_failure_once_they_were_given_out) {
  const auto made = load();
  disk.crash_losing_everything_unsynced();
  const auto found = load();
  ASSERT_TRUE(found) << text_of(found);
  EXPECT_EQ(found->id(), made->id());
}

TEST_F(key_files, two_nodes_have_different_keys) {
  const auto one = load();
  ASSERT_TRUE(disk.make_directories("other"));
  const auto two = node_keys::load_or_create(disk, "other", random);
  EXPECT_NE(one->id(), two->id());
  EXPECT_NE(one->curve(), two->curve());
}

TEST_F(key_files, every_flipped_bit_and_every_truncation_is_refused_with_the_path) {
  ASSERT_TRUE(load());
  const auto whole = disk.content(path).value();
  for_each_damage(whole, [&](byte_view damaged, const std::string& how) {
    disk.restore(path, damaged);
    const auto loaded = load();
    ASSERT_FALSE(loaded) << how;
    EXPECT_THAT(code_of(loaded), testing::AnyOf(errc::corrupt, errc::version_newer)) << how;
    EXPECT_THAT(text_of(loaded), HasSubstr(path)) << how;
  });
}

TEST_F(key_files, a_newer_version_is_refused_as_such) {
  ASSERT_TRUE(load());
  auto whole = disk.content(path).value();
  whole[8] = std::byte{2};
  disk.restore(path, whole);
  const auto loaded = load();
  EXPECT_EQ(code_of(loaded), errc::version_newer);
  EXPECT_THAT(text_of(loaded), HasSubstr("version 2"));
}

TEST_F(key_files, a_root_key_is_not_taken_for_node_keys) {
  const root_key root(key_of(9));
  ASSERT_TRUE(root.save(disk, "data"));
  ASSERT_TRUE(disk.rename(root_key::path_in("data"), path));
  EXPECT_EQ(code_of(load()), errc::corrupt);
}

TEST_F(key_files, root_key_comes_back) {
  EXPECT_EQ(code_of(root_key::load(disk, "data")), errc::not_found);
  const root_key root(key_of(9));
  ASSERT_TRUE(root.save(disk, "data"));
  const auto found = root_key::load(disk, "data");
  ASSERT_TRUE(found) << text_of(found);
  EXPECT_EQ(found->mesh(), root.mesh());
}

TEST_F(key_files, golden_bytes) {
  const root_key root(key_of(9));
  ASSERT_TRUE(root.save(disk, "data"));
  EXPECT_EQ(hex(disk.content(root_key::path_in("data")).value()),
            "776566746b657973"
            "0100"
            "0200"
            "0909090909090909090909090909090909090909090909090909090909090909"
            "d2d74faf");
}

TEST_F(key_files, each_failing_call_is_an_error_and_no_keys_are_lost) {
  for (std::uint64_t nth = 1;; ++nth) {
    virtual_disk fresh;
    ASSERT_TRUE(fresh.make_directories("data"));
    fresh.set_faults({.failures = {{.nth = nth}}});
    const auto made = node_keys::load_or_create(fresh, "data", random);
    const bool hit = fresh.faults_hit() > 0;
    fresh.set_faults({});
    if (made) {
      EXPECT_EQ(node_keys::load_or_create(fresh, "data", random)->id(), made->id()) << nth;
    }
    if (!hit) return;
  }
}

TEST(key_files_of_linux, are_for_their_user_only) { // T50
  const temporary_directory place;
  ASSERT_TRUE(node_keys::load_or_create(os_disk(), place.path(), os_random()));
  const auto path = node_keys::path_in(place.path());
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(path).permissions(), perms::owner_read | perms::owner_write);
  for (const auto extra : {perms::group_read, perms::others_read, perms::group_write, perms::others_exec}) {
    std::filesystem::permissions(path, perms::owner_read | perms::owner_write | extra);
    const auto loaded = node_keys::load_or_create(os_disk(), place.path(), os_random());
    EXPECT_EQ(code_of(loaded), errc::denied);
    EXPECT_THAT(text_of(loaded), testing::AllOf(HasSubstr(path), HasSubstr("chmod 600")));
  }
}

TEST(secret, is_wiped_when_moved_from) {
  const std::array<std::uint8_t, 32> zeros{};
  std::array<std::uint8_t, 32> bytes{7, 8, 9};
  auto one = secret<32>::take(bytes);
  EXPECT_EQ(bytes, zeros);
  auto two = std::move(one);
  EXPECT_EQ(two.reveal()[0], 7);
  EXPECT_EQ(one.reveal(), zeros); // NOLINT(bugprone-use-after-move)
  one = std::move(two);
  EXPECT_EQ(one.reveal()[0], 7);
  EXPECT_EQ(two.reveal(), zeros); // NOLINT(bugprone-use-after-move)
}

TEST(secret, can_not_be_copied) {
  static_assert(!std::is_copy_constructible_v<secret<32>> && !std::is_copy_assignable_v<secret<32>>);
  static_assert(!std::is_copy_constructible_v<signing_key> && !std::is_copy_constructible_v<node_keys>);
  static_assert(!std::is_copy_constructible_v<root_key> && !std::is_copy_constructible_v<invitation>);
  static_assert(!std::is_copy_constructible_v<enrol_request>);
}

TEST(ids, are_the_hash_of_the_key) {
  // BLAKE2b-256 of nothing, from an implementation that is not libsodium's.
  EXPECT_EQ(to_hex(blake2b_256({})), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  const auto key = key_of(1).public_key();
  EXPECT_EQ(node_id_of(key).bytes(), blake2b_256({bytes_of(key)}));
  EXPECT_EQ(mesh_id_of(key).bytes(), key_id_of(key).bytes());
}

TEST(ids, parts_hash_as_their_whole) {
  EXPECT_EQ(blake2b_256({as_bytes("ab"), as_bytes("c")}), blake2b_256({as_bytes("abc")}));
}

TEST(signing, rfc_8032_key_of_a_known_seed) {
  std::array<std::uint8_t, 32> seed{};
  const auto bytes = unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  std::memcpy(seed.data(), bytes.data(), seed.size());
  EXPECT_EQ(to_string(signing_key(secret<32>::take(seed)).public_key()),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
}

TEST(signing, a_signature_holds_for_its_purpose_message_and_key_only) {
  const auto key = key_of(1);
  const auto made = key.sign(signed_as::proof, as_bytes("text"));
  EXPECT_TRUE(verify(made, signed_as::proof, as_bytes("text"), key.public_key()));
  EXPECT_FALSE(verify(made, signed_as::certificate, as_bytes("text"), key.public_key()));
  EXPECT_FALSE(verify(made, signed_as::proof, as_bytes("texts"), key.public_key()));
  EXPECT_FALSE(verify(made, signed_as::proof, as_bytes("text"), key_of(2).public_key()));
}

TEST(z85, known_text_of_the_rfc_repeats) {
  // RFC 32: 86 4F D2 6F B5 59 F7 5B is "HelloWorld".
  const auto once = unhex("864fd26fb559f75b");
  std::array<std::uint8_t, 32> bytes{};
  for (std::size_t i = 0; i < 4; ++i)
    std::memcpy(bytes.data() + 8 * i, once.data(), 8);
  EXPECT_EQ(to_z85(curve_key(bytes)), "HelloWorldHelloWorldHelloWorldHelloWorld");
  EXPECT_EQ(from_z85("HelloWorldHelloWorldHelloWorldHelloWorld").value(), curve_key(bytes));
}

TEST(z85, random_keys_come_back) {
  seeded_random random(3);
  for (int i = 0; i < 1000; ++i) {
    std::array<std::uint8_t, 32> bytes{};
    fill_random(bytes, random);
    EXPECT_EQ(from_z85(to_z85(curve_key(bytes))).value(), curve_key(bytes));
  }
}

TEST(z85, other_text_is_refused) {
  const std::string good = to_z85(curve_key{});
  EXPECT_EQ(code_of(from_z85("")), errc::invalid_argument);
  EXPECT_EQ(code_of(from_z85(good.substr(1))), errc::invalid_argument);
  EXPECT_EQ(code_of(from_z85(good + "0")), errc::invalid_argument);
  for (const char c : {' ', '"', '\'', '\\', '_', ',', ';', '|', '~', '`', '\0', '\x80'}) {
    auto bad = good;
    bad[17] = c;
    EXPECT_EQ(code_of(from_z85(bad)), errc::invalid_argument) << static_cast<int>(c);
  }
  EXPECT_EQ(code_of(from_z85("#####" + good.substr(5))), errc::invalid_argument); // 85^5 - 1 needs more than 32 bits
}

} // namespace
} // namespace weft::security

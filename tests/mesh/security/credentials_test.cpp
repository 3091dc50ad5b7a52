#include "mesh/base/virtual_disk.hpp"
#include "tests/mesh/security/security_testing.hpp"

namespace weft::security {
namespace {

using testing::HasSubstr;

class credentials_in : public testing::Test {
protected:
  credentials_in() { EXPECT_TRUE(disk.make_directories("data")); }

  result<std::optional<credentials>> load() { return load_credentials(disk, "data", random); }
  result<credentials> found() { return found_mesh_in(disk, "data", "hub", new_year, random); }

  virtual_disk disk;
  seeded_random random{5};
};

TEST_F(credentials_in, an_empty_directory_are_none) {
  const auto none = load();
  ASSERT_TRUE(none) << text_of(none);
  EXPECT_FALSE(none->has_value());
}

TEST_F(credentials_in, a_directory_survive_a_restart) {
  const auto founded = found();
  ASSERT_TRUE(founded) << text_of(founded);
  disk.crash_losing_everything_unsynced();
  const auto again = load();
  ASSERT_TRUE(again && *again) << text_of(again);
  EXPECT_EQ((*again)->chain, founded->chain);
  EXPECT_EQ((*again)->keys.id(), founded->keys.id());
  ASSERT_TRUE((*again)->root);
  EXPECT_EQ((*again)->root->mesh(), founded->chain.node.mesh);
}

TEST_F(credentials_in, founding_goes_on_where_any_failing_call_stopped_it) {
  for (std::uint64_t nth = 1;; ++nth) {
    virtual_disk fresh;
    ASSERT_TRUE(fresh.make_directories("data"));
    fresh.set_faults({.failures = {{.nth = nth}}});
    const auto tried = found_mesh_in(fresh, "data", "hub", new_year, random);
    const bool hit = fresh.faults_hit() > 0;
    fresh.set_faults({});
    fresh.crash_losing_everything_unsynced();
    const auto left = load_credentials(fresh, "data", random);
    ASSERT_TRUE(left) << nth << ": " << text_of(left);
    if (tried) {
      ASSERT_TRUE(*left) << nth;
      EXPECT_EQ((*left)->chain, tried->chain);
    }
    if (!*left) {
      const auto again = found_mesh_in(fresh, "data", "hub", new_year, random);
      EXPECT_TRUE(again) << nth << ": " << text_of(again);
    }
    if (!hit) return;
  }
}

TEST_F(credentials_in, a_directory_that_lost_its_keys_are_not_replaced_by_new_ones) {
  ASSERT_TRUE(found());
  ASSERT_TRUE(disk.remove(node_keys::path_in("data")));
  const auto lost = load();
  EXPECT_EQ(code_of(lost), errc::not_found);
  EXPECT_THAT(text_of(lost), HasSubstr("restore the keys"));
}

TEST_F(credentials_in, a_directory_of_two_nodes_are_refused) {
  ASSERT_TRUE(found());
  ASSERT_TRUE(disk.make_directories("other"));
  ASSERT_TRUE(node_keys::load_or_create(disk, "other", random));
  disk.restore(node_keys::path_in("data"), *disk.content(node_keys::path_in("other")));
  EXPECT_EQ(code_of(load()), errc::bad_certificate);
}

TEST_F(credentials_in, a_directory_with_another_meshs_root_are_refused) {
  ASSERT_TRUE(found());
  ASSERT_TRUE(root_key(key_of(0x77)).save(disk, "data"));
  EXPECT_EQ(code_of(load()), errc::bad_certificate);
}

TEST_F(credentials_in, a_directory_with_any_damage_to_the_certificate_are_refused) {
  ASSERT_TRUE(found());
  const auto whole = disk.content("data/certificate").value();
  for_each_damage(whole, [this](byte_view damaged, const std::string& how) {
    disk.restore("data/certificate", damaged);
    const auto loaded = load();
    EXPECT_FALSE(loaded) << how;
    EXPECT_THAT(text_of(loaded), HasSubstr("data/certificate")) << how;
    if (code_of(loaded) != errc::version_newer && code_of(loaded) != errc::unsupported) {
      EXPECT_THAT(text_of(loaded), HasSubstr("restore it from a backup")) << how;
    }
  });
}

TEST_F(credentials_in, a_members_directory_have_no_root_key) {
  test_mesh mesh;
  const auto keys = node_keys::load_or_create(disk, "data", random);
  ASSERT_TRUE(keys);
  const auto invited = mesh.invite("billing");
  const auto chain =
      mesh.door.enrol(test_mesh::request_of(invited), test_mesh::joiner(*keys), keys->curve(), at(new_year));
  ASSERT_TRUE(chain) << text_of(chain);
  ASSERT_TRUE(save_chain(disk, "data", *chain));
  const auto loaded = load();
  ASSERT_TRUE(loaded && *loaded) << text_of(loaded);
  EXPECT_FALSE((*loaded)->root);
  EXPECT_EQ((*loaded)->chain, *chain);
}

TEST_F(credentials_in, founding_refuses_a_name_that_breaks_the_rules) {
  EXPECT_EQ(code_of(found_mesh_in(disk, "data", "Hub", new_year, random)), errc::invalid_name);
}

} // namespace
} // namespace weft::security

#include "mesh/catalog/schema.hpp"

#include "mesh/base/os_disk.hpp"
#include "mesh/catalog/files.hpp"
#include "tests/mesh/catalog/catalog_testing.hpp"

#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <sstream>

namespace weft::catalog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::int64_t number(database& of, std::string_view sql) {
  auto asked = of.ask(sql);
  EXPECT_TRUE(asked && asked->next().value_or(false));
  return asked ? asked->integer(0) : -1;
}

std::string all_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

constexpr std::array steps = {migration{"CREATE TABLE t (x)"}, migration{"INSERT INTO t VALUES (7)"},
                              migration{"UPDATE t SET x = x + 1"}};

TEST(schema, each_step_is_carried_out_once_and_in_order) {
  const auto db = must(database::open(":memory:"));
  must(migrate(*db, std::span(steps).first(1)));
  must(migrate(*db, steps));
  must(migrate(*db, steps));
  EXPECT_EQ(number(*db, "SELECT x FROM t"), 8);
  EXPECT_EQ(number(*db, "PRAGMA user_version"), user_version_of(3));
}

TEST(schema, a_step_that_fails_leaves_the_version_before_it) {
  constexpr std::array broken = {steps[0], steps[1], migration{"UPDATE t SET x = 99; INSERT INTO nowhere VALUES (1)"}};
  const auto db = must(database::open(":memory:"));
  const auto done = migrate(*db, broken);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message(), HasSubstr("migration to version 3"));
  EXPECT_EQ(number(*db, "SELECT x FROM t"), 7);
  EXPECT_EQ(number(*db, "PRAGMA user_version"), user_version_of(2));
}

TEST(schema, tables_other_than_declared_are_found) {
  const auto db = must(database::open(":memory:"));
  must(migrate(*db, steps));
  must(check_schema(*db, steps));
  must(db->script("CREATE TABLE extra (y)"));
  EXPECT_EQ(code_of(check_schema(*db, steps)), errc::corrupt);
}

TEST(schema, a_flipped_bit_in_the_version_is_no_version) {
  for (unsigned bit = 0; bit < 32; ++bit)
    EXPECT_FALSE(version_from(user_version_of(1) ^ (std::int64_t{1} << bit))) << bit;
  EXPECT_EQ(version_from(user_version_of(3)).value(), 3U);
}

TEST(catalog_versions, a_newer_catalog_is_refused_untouched_and_named) { // T14
  const memory_directory directory;
  const auto path = main_path(directory.path());
  { must_open(directory.path()); }
  {
    const auto db = must(database::open(path));
    must(db->script(
        fmt::format("CREATE TABLE later (x); PRAGMA user_version={}", user_version_of(migrations().size() + 1))));
  }
  const auto before = all_bytes(path);
  const auto opened = catalog::open(directory.path());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), errc::version_newer);
  EXPECT_THAT(opened.error().message(), HasSubstr(path));
  EXPECT_EQ(all_bytes(path), before);
  EXPECT_THAT(must(os_disk().list(directory.path())), ElementsAre("catalog.db"));
}

TEST(catalog_versions, a_newer_version_known_only_to_the_write_ahead_log_is_refused_untouched) { // T14
  const memory_directory directory;
  const auto path = main_path(directory.path());
  { must_open(directory.path()); }
  {
    const auto db = must(database::open(path));
    must(db->script(fmt::format("PRAGMA user_version={}", user_version_of(migrations().size() + 1))));
    db->leave_files_alone();
  }
  const auto before = all_bytes(path) + all_bytes(path + "-wal");
  const auto opened = catalog::open(directory.path());
  EXPECT_EQ(code_of(opened), errc::version_newer);
  EXPECT_EQ(all_bytes(path) + all_bytes(path + "-wal"), before);
}

/// A catalog that version 1 wrote, as SQL.
void make_version_1(const std::string& directory) {
  std::ifstream in(std::string(std::getenv("WEFT_SOURCE_DIR")) + "/tests/mesh/catalog/version_1.sql");
  std::stringstream sql;
  sql << in.rdbuf();
  std::ofstream(main_path(directory)).close();
  const auto db = must(database::open(main_path(directory)));
  must(db->script(sql.str()));
}

TEST(catalog_versions, a_catalog_of_version_1_is_read) {
  const memory_directory directory;
  make_version_1(directory.path());
  const auto open = must_open(directory.path());
  ASSERT_EQ(open->origin(), catalog_origin::existing) << open->damage();
  const wire::topic_settings settings{
      microseconds(3'600'000'000), 1U << 20U, ack_level::written, 0, wire::codec::lz4, "orders"};
  EXPECT_EQ(must(open->topics().find(topic_id{2})),
            (topic_record{topic_id{2}, "retail.orders", noon, std::nullopt, settings}));
  EXPECT_EQ(must(open->topics().find(topic_id{1})),
            (topic_record{topic_id{1}, "retail.old", noon, noon + microseconds(1), {}}));
  EXPECT_EQ(must(open->starts().find(log_of(0xaa), topic_id{2})),
            (topic_start{topic_offset{40}, {epoch{3, 0x9f2c}, seq{1042}}}));
  EXPECT_EQ(must(open->cursors().find("audit", log_of(0xaa))),
            (cursor_record{"audit", log_of(0xaa), "", {epoch{3, 0x9f2c}, seq{1050}}, 1, noon}));
  EXPECT_EQ(must(open->nodes().find(node_of(0xaa))), (node_record{node_of(0xaa),
                                                                  node_number{1},
                                                                  "shop",
                                                                  {std::byte{0xc0}, std::byte{0xde}},
                                                                  {"tcp://127.0.0.1:7001", "tcp://10.0.0.1:7001"},
                                                                  noon,
                                                                  node_state::dead}));
  security::token_record token;
  token.id.bytes.fill(1);
  token.secret_hash.fill(2);
  token.name = "inventory";
  token.roles = security::default_roles;
  token.expires = noon;
  token.used_by = node_of(0xaa);
  token.number = node_number{1};
  EXPECT_EQ(must(open->tokens().list()), std::vector{token});
  EXPECT_EQ(must(open->settings().get("port")), "7001");
  EXPECT_EQ(create(*open, "next"), topic_id{3});
  EXPECT_EQ(must(open->numbers().next()), 2U);
}

} // namespace
} // namespace weft::catalog

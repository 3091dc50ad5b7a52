#include "mesh/base/os_disk.hpp"
#include "tests/mesh/catalog/catalog_testing.hpp"

#include <filesystem>
#include <gmock/gmock.h>
#include <thread>

namespace weft::catalog {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

// --- starts

TEST(start_table, starts_survive_a_restart_and_belong_to_their_log) {
  const memory_directory directory;
  const topic_start start{topic_offset{~std::uint64_t{5}}, high_position(9)};
  {
    const auto open = must_open(directory.path());
    must(open->starts().move_forward(log_of(1), topic_id{4}, start));
    must(open->starts().move_forward(log_of(1), topic_id{2}, {}));
    must(open->starts().move_forward(log_of(2), topic_id{4}, {}));
  }
  const auto open = must_open(directory.path());
  EXPECT_THAT(must(open->starts().list(log_of(1))),
              ElementsAre(Pair(topic_id{2}, topic_start{}), Pair(topic_id{4}, start)));
  EXPECT_EQ(must(open->starts().find(log_of(1), topic_id{4})), start);
  EXPECT_EQ(must(open->starts().find(log_of(1), topic_id{5})), std::nullopt);
}

TEST(start_table, a_start_never_goes_back) {
  const auto open = in_memory();
  const auto move = [&](std::uint64_t offset, std::uint32_t count, std::uint64_t at) {
    return code_of(
        open->starts().move_forward(log_of(1), topic_id{1}, {topic_offset{offset}, {epoch{count, 0}, seq{at}}}));
  };
  EXPECT_EQ(move(10, 0x80000000U, 100), errc::ok);
  EXPECT_EQ(move(10, 0x80000000U, 100), errc::ok);
  EXPECT_EQ(move(9, 0x80000000U, 100), errc::invalid_argument);
  EXPECT_EQ(move(11, 0x80000000U, 99), errc::invalid_argument);
  EXPECT_EQ(move(11, 0x7fffffffU, 200), errc::invalid_argument); // unsigned: an older epoch
  EXPECT_EQ(must(open->starts().find(log_of(1), topic_id{1}))->offset, topic_offset{10});
  EXPECT_EQ(move(11, 0x80000001U, 0), errc::ok);
}

// --- items

item_table::kept_item item(std::uint64_t key, std::string_view bytes) {
  item_table::kept_item made;
  made.key = key;
  made.content.kind = wire::item_kind::node_record;
  made.content.bytes = shared_bytes::copy(std::as_bytes(std::span(bytes)));
  made.content.signature.fill(static_cast<std::uint8_t>(key));
  return made;
}

TEST(item_table, items_survive_a_restart_newest_only) {
  const memory_directory directory;
  {
    const auto open = must_open(directory.path());
    must(open->items().keep({item(7, "old"), item(~std::uint64_t{0}, "high")}, durability::relaxed));
    must(open->items().keep({item(7, "new"), item(8, "gone")}, durability::synced));
    must(open->items().forget({8, 9}));
  }
  const auto open = must_open(directory.path());
  const auto found = must(open->items().list());
  ASSERT_EQ(found.size(), 2U);
  for (const auto& [key, bytes] : {std::pair{std::uint64_t{7}, "new"}, {~std::uint64_t{0}, "high"}}) {
    const auto one = std::ranges::find(found, key, &item_table::kept_item::key);
    ASSERT_NE(one, found.end());
    EXPECT_EQ(as_text(one->content.bytes.view()), bytes);
    EXPECT_EQ(one->content.kind, wire::item_kind::node_record);
    EXPECT_EQ(one->content.signature, item(key, "").content.signature);
  }
}

// --- cursors

cursor_record cursor(std::string name, std::uint64_t generation, std::uint64_t at, std::string topic = {}) {
  return {std::move(name), log_of(3), std::move(topic), {epoch{4, 5}, seq{at}}, generation, noon};
}

TEST(cursor_table, keeps_the_newest_of_each_whatever_the_order) {
  const auto open = in_memory();
  must(open->cursors().keep(std::vector{cursor("audit", 1, 50), cursor("audit", 0, 90), cursor("audit", 1, 70),
                                        cursor("audit", 1, 60), cursor("audit", 0, 7, "retail.orders")}));
  EXPECT_EQ(must(open->cursors().find("audit", log_of(3))), cursor("audit", 1, 70));
  EXPECT_EQ(must(open->cursors().find("audit", log_of(3), "retail.orders")), cursor("audit", 0, 7, "retail.orders"));
  EXPECT_EQ(must(open->cursors().find("audit", log_of(4))), std::nullopt);
}

TEST(cursor_table, one_that_stands_still_keeps_when_it_was_used_last) {
  const auto open = in_memory();
  auto later = cursor("audit", 1, 50);
  later.updated = noon + std::chrono::hours(1);
  must(open->cursors().keep(std::vector{cursor("audit", 1, 50), later, cursor("audit", 1, 50)}));
  EXPECT_EQ(must(open->cursors().find("audit", log_of(3))), later);
}

TEST(cursor_table, a_seek_back_is_a_new_generation) {
  const auto open = in_memory();
  must(open->cursors().keep(std::vector{cursor("audit", 1, 50)}));
  must(open->cursors().keep(std::vector{cursor("audit", 2, 3)}));
  EXPECT_EQ(must(open->cursors().find("audit", log_of(3)))->until.seq, seq{3});
}

TEST(cursor_table, removing_forgets_all_cursors_of_a_name) {
  const auto open = in_memory();
  must(open->cursors().keep(std::vector{cursor("audit", 1, 50), cursor("audit", 1, 50, "a"), cursor("mail", 0, 1)}));
  EXPECT_EQ(must(open->cursors().remove("audit")), 2U);
  EXPECT_THAT(must(open->cursors().list()), ElementsAre(cursor("mail", 0, 1)));
}

// --- groups

TEST(group_table, keeps_the_record_of_the_highest_version) {
  const auto open = must(catalog::in_memory());
  const auto row = [](std::uint64_t version, std::string_view record) {
    return group_row{"packers", log_of(3), version, {epoch{1, 1}, seq{version}}, shared_bytes::copy(as_bytes(record))};
  };
  must(open->groups().keep(row(2, "b")));
  must(open->groups().keep(row(1, "a")));
  auto all = must(open->groups().list());
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].version, 2U);
  EXPECT_EQ(all[0].reached, (log_position{epoch{1, 1}, seq{2}}));
  EXPECT_EQ(as_text(all[0].record.view()), "b");
  must(open->groups().keep(row(3, "c")));
  EXPECT_EQ(as_text(must(open->groups().list())[0].record.view()), "c");
}

TEST(group_table, is_of_one_log_and_can_be_removed) {
  const auto open = must(catalog::in_memory());
  for (std::uint8_t log = 1; log <= 2; ++log)
    must(open->groups().keep({"packers", log_of(log), 1, {}, shared_bytes::copy(as_bytes("r"))}));
  EXPECT_EQ(must(open->groups().list()).size(), 2U);
  EXPECT_TRUE(must(open->groups().remove("packers", log_of(1))));
  EXPECT_FALSE(must(open->groups().remove("packers", log_of(1))));
  EXPECT_EQ(must(open->groups().list()).size(), 1U);
}

// --- nodes

TEST(node_table, keeps_what_is_known_of_a_node_over_a_restart) {
  const memory_directory directory;
  node_record shop{node_of(200),
                   node_number{4'000'000'000U},
                   "shop",
                   {std::byte{0}, std::byte{255}},
                   {"tcp://127.0.0.1:7001", "tcp://[::1]:7001"},
                   noon,
                   node_state::alive};
  {
    const auto open = must_open(directory.path());
    must(open->nodes().save(shop));
    must(open->nodes().save({node_of(1), node_number{1}, "first", {}, {}, noon, node_state::left}));
    must(open->nodes().seen(shop.id, noon + 5s, node_state::suspect));
  }
  shop.last_seen = noon + 5s;
  shop.state = node_state::suspect;
  const auto open = must_open(directory.path());
  EXPECT_EQ(must(open->nodes().find(shop.id)), shop);
  const auto all = must(open->nodes().list());
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all.front().name, "first");
  EXPECT_TRUE(all.front().addresses.empty());
}

TEST(node_table, unknown_nodes_and_broken_addresses_are_refused) {
  const auto open = in_memory();
  EXPECT_EQ(code_of(open->nodes().seen(node_of(1), noon, node_state::dead)), errc::not_found);
  EXPECT_EQ(code_of(open->nodes().remove(node_of(1))), errc::not_found);
  EXPECT_EQ(code_of(open->nodes().save({node_of(1), node_number{1}, "a", {}, {"tcp://a\ntcp://b"}, noon, {}})),
            errc::invalid_argument);
}

security::certificate certificate_of(std::uint8_t who, std::uint32_t number, std::string name) {
  security::certificate item;
  std::array<std::uint8_t, 32> key{};
  key.fill(who);
  item.identity = security::identity_key{key};
  item.number = node_number{number};
  item.name = std::move(name);
  item.not_before = noon;
  item.not_after = noon + 1h;
  return item;
}

TEST(node_table, a_new_certificate_leaves_what_else_is_known) {
  const auto open = in_memory();
  const auto first = certificate_of(1, 7, "shop");
  must(open->nodes().save(first));
  EXPECT_EQ(must(open->nodes().find(first.id())),
            (node_record{first.id(), node_number{7}, "shop", security::encode(first)}));
  auto known = *must(open->nodes().find(first.id()));
  known.addresses = {"tcp://a:1"};
  known.last_seen = noon;
  must(open->nodes().save(known));
  auto renewed = first;
  renewed.not_after = noon + 2h;
  must(open->nodes().save(renewed));
  known.certificate = security::encode(renewed);
  EXPECT_EQ(must(open->nodes().find(first.id())), known);
}

TEST(node_table, a_name_is_held_by_the_newest_node_that_has_not_left) {
  const auto open = in_memory();
  const auto older = certificate_of(9, 3, "shop");
  const auto newer = certificate_of(1, 8, "shop");
  EXPECT_EQ(must(open->nodes().holder("shop")), std::nullopt);
  must(open->nodes().save(older));
  must(open->nodes().save(newer));
  EXPECT_EQ(must(open->nodes().holder("shop")), newer.id());
  must(open->nodes().seen(newer.id(), noon, node_state::left));
  EXPECT_EQ(must(open->nodes().holder("shop")), older.id());
}

TEST(number_table, numbers_are_never_given_twice) {
  const memory_directory directory;
  {
    const auto open = must_open(directory.path());
    EXPECT_EQ(must(open->numbers().next()), 1U);
    EXPECT_EQ(must(open->numbers().next()), 2U);
  }
  const auto open = must_open(directory.path());
  EXPECT_EQ(must(open->numbers().next()), 3U);
  must(open->numbers().used_up_to(2)); // behind: changes nothing
  EXPECT_EQ(must(open->numbers().next()), 4U);
  must(open->numbers().used_up_to(0xfffffffeU));
  EXPECT_EQ(must(open->numbers().next()), 0xffffffffU);
  EXPECT_EQ(code_of(open->numbers().next()), errc::out_of_range);
}

// --- invitations

security::token_record token(std::uint8_t id, wall_time expires) {
  security::token_record record;
  record.id.bytes.fill(id);
  record.secret_hash.fill(200);
  record.name = "inventory";
  record.roles = security::all_roles;
  record.expires = expires;
  return record;
}

TEST(token_table, keeps_every_field_over_a_restart) {
  const memory_directory directory;
  auto invitation = token(7, noon + 15min);
  {
    const auto open = must_open(directory.path());
    must(open->tokens().save(invitation));
    EXPECT_EQ(must(open->tokens().load(invitation.id)), invitation);
    EXPECT_EQ(must(open->tokens().load(token(8, noon).id)), std::nullopt);
    invitation.used_by = node_of(3);
    invitation.number = node_number{65'537};
    must(open->tokens().save(invitation));
  }
  const auto open = must_open(directory.path());
  EXPECT_EQ(must(open->tokens().load(invitation.id)), invitation);
}

TEST(token_table, expired_ones_can_be_erased) {
  const auto open = in_memory();
  for (std::uint8_t n = 0; n < 3; ++n)
    must(open->tokens().save(token(n, noon + microseconds(n))));
  must(open->tokens().erase_expired(noon + 1us));
  EXPECT_THAT(must(open->tokens().list()), ElementsAre(token(1, noon + 1us), token(2, noon + 2us)));
}

// --- settings, and the connection

TEST(setting_table, set_replaces_and_remove_forgets) {
  const auto open = in_memory();
  EXPECT_EQ(must(open->settings().get("port")), std::nullopt);
  must(open->settings().set("port", "7001"));
  must(open->settings().set("port", "7002"));
  must(open->settings().set("empty", ""));
  EXPECT_EQ(must(open->settings().get("port")), "7002");
  EXPECT_EQ(must(open->settings().get("empty")), "");
  must(open->settings().remove("port"));
  EXPECT_EQ(must(open->settings().get("port")), std::nullopt);
}

TEST(catalog, texts_are_values_not_sql) {
  const auto open = in_memory();
  const std::string hostile("'); DROP TABLE topics; --\0x", 27);
  must(open->settings().set(hostile, hostile));
  EXPECT_EQ(must(open->settings().get(hostile)), hostile);
  create(*open, "a");
}

TEST(catalog, a_second_connection_is_refused) {
  const memory_directory directory;
  const auto open = must_open(directory.path());
  const auto second = catalog::open(directory.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), errc::locked) << second.error().message();
  EXPECT_THAT(second.error().message(), HasSubstr(directory.path()));
  create(*open, "still.works");
}

TEST(catalog, is_for_its_user_alone_and_makes_no_shared_memory_file) {
  const memory_directory directory;
  const auto open = must_open(directory.path());
  create(*open, "a");
  EXPECT_THAT(must(os_disk().list(directory.path())), ElementsAre("catalog.db", "catalog.db-wal"));
  for (const auto& file : std::filesystem::directory_iterator(directory.path()))
    EXPECT_EQ(file.status().permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(catalog, threads_take_turns) {
  const auto open = in_memory();
  const auto work = [&](std::uint8_t who) {
    for (std::uint64_t n = 0; n < 200; ++n) {
      must(open->starts().move_forward(log_of(who), topic_id{1}, {topic_offset{n}, {}}));
      EXPECT_EQ(must(open->starts().find(log_of(who), topic_id{1}))->offset, topic_offset{n});
    }
  };
  std::thread other(work, std::uint8_t{1});
  work(2);
  other.join();
}

} // namespace
} // namespace weft::catalog

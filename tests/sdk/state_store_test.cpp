#include "tests/mesh/base/disk_testing.hpp"

#include "mesh/base/random.hpp"
#include "sdk/src/service/state_store.hpp"

#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <string>

namespace weft::detail {
namespace {

struct storing : ::testing::Test {
  std::unique_ptr<state_store> open(const std::string& service = "stock") {
    auto opened = state_store::open(directory.path() + "/s", service, random);
    EXPECT_TRUE(opened) << opened.error().message();
    return opened ? std::move(*opened) : nullptr;
  }
  static std::string value_of(const state_store& in, const std::string& key) {
    const auto found = in.read({"t", key});
    return found && *found ? **found : std::string("(none)");
  }
  static shared_bytes bytes(const std::string& text) { return shared_bytes::copy(as_bytes(text)); }

  temporary_directory directory;
  seeded_random random{7};
  const log_id log{node_id{{1}}, 0};
};

TEST_F(storing, a_step_is_there_after_a_restart) {
  auto store = open();
  const auto member = store->member();
  store->handled().add({log, {epoch{1}, seq{4}}, slot{9}, 0}, {});
  ASSERT_TRUE(store->commit({{{{"t", "a"}, "1"}, {{"t", "b"}, "2"}},
                             store->handled().take_changes(),
                             {{store->next_batch(), bytes("one")}, {store->next_batch(), bytes("two")}},
                             {{"x", {producer_id{5}, 20, wall_time{30}}}},
                             {}},
                            {}));
  ASSERT_TRUE(store->commit({{{{"t", "b"}, std::nullopt}}, {}, {}, {}, {}}, {1}));
  store.reset();
  store = open();
  EXPECT_EQ(store->member(), member);
  EXPECT_EQ(value_of(*store, "a"), "1");
  EXPECT_EQ(value_of(*store, "b"), "(none)");
  EXPECT_TRUE(store->handled().has(log, {epoch{1}, seq{4}}, slot{9}));
  EXPECT_FALSE(store->handled().has(log, {epoch{1}, seq{5}}, slot{9}));
  const auto left = store->unsent();
  ASSERT_TRUE(left);
  ASSERT_EQ(left->size(), 1U);
  EXPECT_EQ(left->front().id, 2);
  EXPECT_EQ(as_text(left->front().bytes.view()), "two");
  EXPECT_EQ(store->next_batch(), 3);
  ASSERT_TRUE(store->publish_at(node_id{})); // as before: a batch is left
  const auto producer = store->producer_of("x");
  ASSERT_TRUE(producer && *producer);
  EXPECT_EQ((*producer)->id, producer_id{5});
  EXPECT_EQ((*producer)->next, 20U);
  EXPECT_EQ((*producer)->used, wall_time{30});
  EXPECT_FALSE(*store->producer_of("y"));
}

TEST_F(storing, a_state_from_before_there_were_timers_is_taken) {
  auto store = open();
  ASSERT_TRUE(store->commit({{{{"t", "a"}, "1"}}, {}, {}, {}, {}}, {}));
  store.reset();
  {
    auto db = catalog::database::open(directory.path() + "/s/state.db");
    ASSERT_TRUE(db);
    auto change = (*db)->begin(catalog::durability::synced);
    ASSERT_TRUE(change);
    ASSERT_TRUE((*db)->run("DROP TABLE timers"));
    ASSERT_TRUE((*db)->run("DROP TABLE moves"));
    ASSERT_TRUE((*db)->run("PRAGMA user_version = 65537")); // 1, in both halves
    ASSERT_TRUE(change->commit());
  }
  store = open();
  ASSERT_TRUE(store);
  EXPECT_EQ(value_of(*store, "a"), "1");
  ASSERT_TRUE(
      store->commit({{}, {}, {}, {}, {{{"t", "k"}, timer_row{wall_time{5}, 2, "a/1-0/7", "o", bytes("x")}}}}, {}));
  store.reset();
  store = open();
  const auto kept = store->timer({"t", "k"});
  ASSERT_TRUE(kept && *kept);
  EXPECT_EQ((*kept)->due, wall_time{5});
  EXPECT_EQ((*kept)->tries, 2U);
  EXPECT_EQ((*kept)->cause, "a/1-0/7");
  EXPECT_EQ((*kept)->origin, "o");
  EXPECT_EQ(as_text((*kept)->event.view()), "x");
}

TEST_F(storing, a_state_from_before_there_were_errands_is_taken) {
  auto store = open();
  const timer_id id{"t", "k"};
  ASSERT_TRUE(store->commit({{}, {}, {}, {}, {{id, timer_row{wall_time{5}, 2, {}, "o", bytes("x")}}}}, {}));
  store.reset();
  {
    auto db = catalog::database::open(directory.path() + "/s/state.db");
    ASSERT_TRUE(db);
    auto change = (*db)->begin(catalog::durability::synced);
    ASSERT_TRUE(change);
    ASSERT_TRUE((*db)->run("DROP TABLE moves"));
    ASSERT_TRUE((*db)->run("DROP INDEX errands_by_due"));
    ASSERT_TRUE((*db)->run("DROP INDEX timers_by_due"));
    ASSERT_TRUE((*db)->run("CREATE INDEX timers_by_due ON timers (due, name, key)"));
    ASSERT_TRUE((*db)->run("PRAGMA user_version = 131074")); // 2, in both halves
    ASSERT_TRUE(change->commit());
  }
  store = open();
  ASSERT_TRUE(store);
  const auto due = store->due_timers({}, wall_time{5}, 10, {});
  ASSERT_TRUE(due);
  ASSERT_EQ(due->size(), 1U);
  EXPECT_EQ(due->front().first, id);
}

TEST_F(storing, errands_are_found_by_their_name_and_by_nobody_else) {
  auto store = open();
  const auto row = [](std::int64_t due) { return timer_row{wall_time{due}, 0, {}, "o", bytes("x")}; };
  const timer_id own{"charge", "a"}, charge{"errand charge", "a"}, later{"errand charge", "b"},
      mail{"errand mail", "a"};
  ASSERT_TRUE(store->commit({{}, {}, {}, {}, {{own, row(5)}, {charge, row(3)}, {later, row(9)}, {mail, row(1)}}}, {}));
  const auto due = [&](std::string_view errands) {
    const auto found = store->due_timers({}, wall_time{5}, 10, errands);
    EXPECT_TRUE(found && found->size() == 1);
    return found->front().first;
  };
  EXPECT_EQ(due({}), own);
  EXPECT_EQ(due("errand charge"), charge);
  EXPECT_EQ(*store->next_timer(wall_time{0}, {}), wall_time{5});
  EXPECT_EQ(*store->next_timer(wall_time{3}, "errand charge"), wall_time{9});
  EXPECT_EQ(*store->next_timer(wall_time{1}, "errand mail"), std::nullopt);
  EXPECT_EQ(*store->first_key("errand charge", "a", "c"), "a");
  EXPECT_EQ(*store->last_key("errand charge", "a", "b"), "a");
  EXPECT_EQ(*store->last_key("errand charge", "c", "d"), std::nullopt);
  const auto counts = store->errands();
  ASSERT_TRUE(counts);
  EXPECT_EQ(*counts, (std::map<std::string, std::size_t, std::less<>>{{"errand charge", 2}, {"errand mail", 1}}));
}

TEST_F(storing, another_nodes_log_is_told_other_producers_when_nothing_is_left_for_the_first) {
  auto store = open();
  const node_id first{{1}}, second{{2}};
  ASSERT_TRUE(store->publish_at(first));
  ASSERT_TRUE(
      store->commit({{}, {}, {{store->next_batch(), bytes("one")}}, {{"x", {producer_id{5}, 20, {}}}}, {}}, {}));
  ASSERT_TRUE(store->publish_at(first));
  const auto moved = store->publish_at(second);
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().code(), errc::invalid_argument);
  EXPECT_NE(moved.error().message().find(to_string(first)), std::string::npos) << moved.error().message();
  ASSERT_TRUE(store->forget({1}));
  ASSERT_TRUE(store->publish_at(second));
  EXPECT_FALSE(*store->producer_of("x"));
  ASSERT_TRUE(store->commit({{}, {}, {}, {{"x", {producer_id{6}, 20, {}}}}, {}}, {}));
  ASSERT_TRUE(store->publish_at(second));
  EXPECT_FALSE(*store->producer_of("x")) << "each life has its own";
  store.reset();
  store = open();
  ASSERT_TRUE(store->publish_at(second));
}

TEST_F(storing, state_is_of_one_service_and_one_process) {
  auto store = open();
  EXPECT_EQ(state_store::open(directory.path() + "/s", "stock", random).error().code(), errc::locked);
  store.reset();
  EXPECT_EQ(state_store::open(directory.path() + "/s", "other", random).error().code(), errc::invalid_argument);
}

TEST_F(storing, directory_that_cant_be_made_is_named) {
  const auto opened = state_store::open("/proc/nothing/s", "stock", random);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), errc::io_error);
  EXPECT_NE(opened.error().message().find("/proc/nothing/s"), std::string::npos) << opened.error().message();
}

TEST_F(storing, a_state_that_was_taken_over_in_part_is_known_as_that_until_a_step_says_that_it_is_whole) {
  auto store = open();
  ASSERT_TRUE(store->commit({{{{"t", "own"}, "1"}}, {}, {}, {}, {}, state_place{"s.t", {2, 7}, {2, 1}}}, {}));
  ASSERT_TRUE(store->take_over({row_change{{"t", "a"}, "2"}}, true));
  EXPECT_FALSE(store->place());
  store.reset();
  store = open();
  EXPECT_TRUE(store->is_in_part());
  EXPECT_FALSE(store->place());
  EXPECT_EQ(value_of(*store, "own"), "(none)");
  EXPECT_EQ(value_of(*store, "a"), "2");
  ASSERT_TRUE(store->take_over({row_change{{"t", "b"}, "3"}}, false));
  EXPECT_TRUE(store->is_in_part());
  const state_place whole{"s.t", {3, 1}, {2, 1}};
  ASSERT_TRUE(store->commit({{}, {}, {}, {}, {}, whole}, {}));
  EXPECT_FALSE(store->is_in_part());
  store.reset();
  store = open();
  EXPECT_FALSE(store->is_in_part());
  EXPECT_EQ(store->place(), whole);
  EXPECT_EQ(value_of(*store, "a"), "2");
  EXPECT_EQ(value_of(*store, "b"), "3");
  ASSERT_TRUE(store->take_over({}, true));
  ASSERT_TRUE(store->clear());
  store.reset();
  store = open();
  EXPECT_FALSE(store->is_in_part());
  EXPECT_TRUE(store->is_empty().value_or(false));
}

} // namespace
} // namespace weft::detail

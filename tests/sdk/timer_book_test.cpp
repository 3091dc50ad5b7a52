// tests/sdk/timer_book_test.cpp: which timers are due, on a state on disk.
#include "tests/mesh/base/disk_testing.hpp"

#include "mesh/base/random.hpp"
#include "sdk/src/service/timer_book.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <utility>

namespace weft::detail {
namespace {

struct timing : ::testing::Test {
  timing() {
    auto opened = state_store::open(directory.path(), "stock", random);
    EXPECT_TRUE(opened) << opened.error().message();
    store = std::move(*opened);
    book = std::make_unique<timer_book>(*store);
  }
  static timer_row row(std::int64_t due) {
    return {wall_time{due}, 0, {}, "o", sealed_timer("t", {.time = wall_time{due}})};
  }
  /// Sets, or cancels with a negative number.
  void set(const std::string& key, std::int64_t due) {
    book->changed({"t", key});
    step.insert_or_assign({"t", key}, due < 0 ? std::nullopt : std::optional(row(due)));
  }
  void commit() {
    ASSERT_TRUE(store->commit({{}, {}, {}, {}, step}, {}));
    book->written(std::exchange(step, {}));
  }
  /// The key of the next one that is due; empty: none.
  std::string take(std::int64_t now) {
    auto due = book->take(wall_time{now}, step, being_written);
    EXPECT_TRUE(due) << due.error().message();
    return due && *due ? (*due)->id.key : std::string();
  }
  void handle(const std::string& key) {
    EXPECT_FALSE(book->is_changed({"t", key}));
    book->settle({"t", key});
    step.insert_or_assign({"t", key}, std::nullopt);
  }

  temporary_directory directory;
  seeded_random random{7};
  std::unique_ptr<state_store> store;
  std::unique_ptr<timer_book> book;
  timer_changes step, being_written;
};

TEST_F(timing, what_is_being_written_is_not_taken_as_it_was) {
  set("kept", 10);
  set("cancelled", 20);
  commit();
  set("cancelled", -1);
  being_written = std::exchange(step, {});
  EXPECT_EQ(take(100), "kept") << "which reads both from disk";
  ASSERT_TRUE(store->commit({{}, {}, {}, {}, being_written}, {}));
  book->written(std::exchange(being_written, {}));
  EXPECT_EQ(take(100), "");
  set("cancelled", -1);
  set("again", 30);
  being_written = std::exchange(step, {});
  ASSERT_TRUE(store->commit({{}, {}, {}, {}, being_written}, {}));
  EXPECT_EQ(take(100), "") << "it is on disk, and that has not been heard";
  book->written(std::exchange(being_written, {}));
  EXPECT_EQ(take(100), "again");
  set("third", 40);
  commit();
  set("third", -1);
  being_written = std::exchange(step, {});
  EXPECT_EQ(take(100), "") << "the disk has it yet";
}

TEST_F(timing, come_in_the_order_in_which_they_are_due_and_once) {
  set("late", 30);
  set("soon", 10);
  set("next", 20);
  EXPECT_EQ(take(100), "") << "not on disk yet";
  commit();
  EXPECT_EQ(book->next(), wall_time{10});
  EXPECT_EQ(take(9), "");
  EXPECT_EQ(take(20), "soon");
  EXPECT_EQ(take(20), "next");
  EXPECT_EQ(take(20), "");
  EXPECT_EQ(book->next(), wall_time{30});
  handle("soon");
  handle("next");
  EXPECT_EQ(take(20), "") << "the step has them, the disk not yet";
  commit();
  EXPECT_EQ(take(29), "");
  EXPECT_EQ(take(30), "late");
  handle("late");
  commit();
  EXPECT_EQ(take(1000), "");
  EXPECT_FALSE(book->next());
}

TEST_F(timing, what_was_set_anew_while_it_was_at_work_comes_anew) {
  set("a", 10);
  commit();
  EXPECT_EQ(take(10), "a");
  set("a", 5); // by an event
  EXPECT_TRUE(book->is_changed({"t", "a"}));
  commit();
  EXPECT_EQ(take(20), "") << "its handler is at work still";
  book->settle({"t", "a"});
  EXPECT_EQ(take(20), "a");
  handle("a");
  commit();
  EXPECT_EQ(take(20), "");
}

TEST_F(timing, what_was_cancelled_while_it_was_at_work_is_gone) {
  set("a", 10);
  commit();
  EXPECT_EQ(take(10), "a");
  set("a", -1);
  EXPECT_TRUE(book->is_changed({"t", "a"}));
  book->settle({"t", "a"});
  EXPECT_EQ(take(20), "") << "though it is on disk until the step is";
  commit();
  EXPECT_EQ(take(20), "");
}

TEST_F(timing, what_was_moved_before_its_turn_waits_for_its_new_time) {
  set("a", 10);
  set("b", 10);
  commit();
  EXPECT_EQ(take(10), "a");
  set("b", 50); // it is loaded already
  EXPECT_EQ(take(10), "");
  commit();
  EXPECT_EQ(take(49), "");
  EXPECT_EQ(take(50), "b");
}

TEST_F(timing, more_than_fit_into_memory_come_each_once_while_all_are_at_work) {
  constexpr int count = 1000;
  for (int n = 0; n < count; ++n)
    set(fmt::format("k{}", n), n % 3);
  commit();
  std::set<std::string> taken;
  for (auto one = take(10); !one.empty(); one = take(10))
    EXPECT_TRUE(taken.insert(one).second) << one;
  EXPECT_EQ(taken.size(), static_cast<std::size_t>(count));
  EXPECT_FALSE(book->next()) << "there is nothing to look for";
  set("new", 1); // behind those that were read
  commit();
  EXPECT_EQ(take(10), "new");
}

TEST_F(timing, wait_for_a_restart) {
  set("a", 10);
  set("b", 90);
  commit();
  book.reset();
  store.reset();
  store = *state_store::open(directory.path(), "stock", random);
  book = std::make_unique<timer_book>(*store);
  EXPECT_EQ(take(10), "a");
  EXPECT_EQ(take(10), "");
  EXPECT_EQ(book->next(), wall_time{90});
}

} // namespace
} // namespace weft::detail

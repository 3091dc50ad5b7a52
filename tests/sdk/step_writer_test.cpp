// tests/sdk/step_writer_test.cpp: steps go to a state on disk beside who makes them.
#include "tests/mesh/base/disk_testing.hpp"

#include "mesh/base/random.hpp"
#include "sdk/src/service/step_writer.hpp"

#include <atomic>
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

namespace weft::detail {
namespace {

struct writing : ::testing::Test {
  writing() {
    auto opened = state_store::open(directory.path(), "stock", random);
    EXPECT_TRUE(opened) << opened.error().message();
    store = std::move(*opened);
  }
  static std::vector<outgoing_batch> batch(std::int64_t id) {
    return {{id, shared_bytes::copy(as_bytes(std::string_view("sealed")))}};
  }
  static sealed_step step(const state_changes& changes, std::vector<outgoing_batch> batches = {}) {
    return {changes, {}, std::move(batches), {}, std::make_shared<const timer_changes>(), {}};
  }
  std::string value(const std::string& key) const {
    const auto found = store->read({"t", key});
    EXPECT_TRUE(found);
    return found && *found ? **found : std::string();
  }
  std::size_t unsent() const { return store->unsent()->size(); }

  temporary_directory directory;
  seeded_random random{7};
  std::unique_ptr<state_store> store;
};

TEST_F(writing, goes_on_beside_who_gives_steps_and_keeps_their_order) {
  std::vector<std::string> seen;
  std::atomic<int> idle = 0;
  step_writer writer(*store, {[&](sealed_step& one) {
                                seen.push_back(*one.changes.begin()->second);
                                EXPECT_EQ(value("a"), seen.back()) << "it is on disk by then";
                                EXPECT_TRUE(writer.is_busy());
                                EXPECT_TRUE(writer.is_its_thread());
                              },
                              [&] { ++idle; }, [](const error&) { return false; }});
  const state_changes one{{{"t", "a"}, "1"}}, two{{{"t", "a"}, "2"}}, three{{{"t", "a"}, "3"}};
  for (const auto* const changes : {&one, &two, &three})
    EXPECT_TRUE(writer.write(step(*changes)));
  EXPECT_TRUE(writer.wait());
  EXPECT_FALSE(writer.is_its_thread());
  EXPECT_TRUE(writer.close());
  EXPECT_EQ(seen, (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_EQ(idle, 3);
}

TEST_F(writing, what_a_log_has_is_forgotten_with_the_next_step_or_without_one) {
  const state_changes none;
  step_writer writer(*store, {[](sealed_step&) {}, [] {}, [](const error&) { return false; }});
  EXPECT_TRUE(writer.write(step(none, batch(1))));
  EXPECT_TRUE(writer.write(step(none, batch(2))));
  EXPECT_TRUE(writer.wait());
  writer.forget(1);
  EXPECT_TRUE(writer.write(step(none, batch(3))));
  writer.forget(3);
  EXPECT_TRUE(writer.close());
  const auto left = store->unsent();
  ASSERT_EQ(left->size(), 1U);
  EXPECT_EQ(left->front().id, 2);
}

TEST_F(writing, what_the_disk_does_not_take_is_tried_again_and_nothing_overtakes_it) {
  const state_changes before, first{{{"t", "a"}, "1"}}, second{{{"t", "a"}, "2"}};
  ASSERT_TRUE(store->commit({before, {}, batch(1), {}, {}}, {}));
  std::vector<std::string> seen;
  step_writer writer(*store, {[&](sealed_step& one) { seen.push_back(*one.changes.begin()->second); }, [] {},
                              [&](const error&) {
                                seen.emplace_back("failed");
                                EXPECT_EQ(value("a"), "") << "nothing of it is there";
                                EXPECT_TRUE(store->forget({1})); // what was in its way
                                return true;
                              }});
  EXPECT_TRUE(writer.write(step(first, batch(1))));
  EXPECT_TRUE(writer.write(step(second)));
  EXPECT_TRUE(writer.close());
  EXPECT_EQ(seen, (std::vector<std::string>{"failed", "1", "2"}));
  EXPECT_EQ(value("a"), "2");
}

TEST_F(writing, who_closes_it_does_not_wait_for_a_disk_that_takes_nothing) {
  const state_changes before, first{{{"t", "a"}, "1"}};
  ASSERT_TRUE(store->commit({before, {}, batch(1), {}, {}}, {}));
  std::atomic<bool> ends = false;
  step_writer writer(*store, {[](sealed_step&) { FAIL(); }, [] { FAIL(); }, [&](const error&) { return !ends; }});
  EXPECT_TRUE(writer.write(step(first, batch(1))));
  EXPECT_TRUE(writer.is_busy());
  ends = true;
  EXPECT_TRUE(writer.close());
  EXPECT_EQ(value("a"), "");
}

TEST_F(writing, after_a_step_that_was_given_up_nothing_is_written) {
  const state_changes before, first{{{"t", "a"}, "1"}};
  ASSERT_TRUE(store->commit({before, {}, batch(1), {}, {}}, {}));
  step_writer writer(*store, {[](sealed_step&) { FAIL(); }, [] { FAIL(); }, [](const error&) { return false; }});
  EXPECT_TRUE(writer.write(step(first, batch(1))));
  EXPECT_FALSE(writer.wait());
  EXPECT_FALSE(writer.write(step(first, batch(2))));
  writer.forget(1);
  EXPECT_TRUE(writer.close()) << "what is known to be in the log is forgotten all the same";
  EXPECT_EQ(value("a"), "");
  EXPECT_EQ(unsent(), 0U);
}

} // namespace
} // namespace weft::detail

// A program's door when its node's log takes no more.
#include "actors/embedded_door.hpp"

#include "actors/router.hpp"
#include "tests/actors/door_testing.hpp"
#include "tests/actors/services_fixture.hpp"

namespace weft::actors {
namespace {

struct embedded_door_fixture : testing::services_fixture {};

TEST_F(embedded_door_fixture, a_program_that_found_the_queue_full_is_called_when_there_is_room_and_not_before) {
  topics.set("t", topic_id{7}, {});
  log->on_room([this] { room.raise(); });
  const auto router = router_ref::start(services);
  testing::program program;
  const auto door = embedded_door::open(services, router, program, "test");
  ASSERT_TRUE(door->publish(testing::batch_of("t", "first"), {ack_level::synced}, [](const auto&) {}));
  log->commit_pending(); // room came once before
  result<void> taken;
  while (taken)
    taken = door->publish(testing::batch_of("t", std::string(100'000, 'x')), {ack_level::synced}, [](const auto&) {});
  EXPECT_EQ(taken.error().code(), errc::would_block);

  int called = 0;
  door->when_room([&] { ++called; });
  EXPECT_EQ(called, 0);
  log->commit_pending();
  EXPECT_EQ(called, 1);
  EXPECT_TRUE(door->publish(testing::batch_of("t", "room"), {ack_level::synced}, [](const auto&) {}));
  while (log->commit_pending()) {}
  door->close();
}

TEST_F(embedded_door_fixture, what_comes_later_than_it_was_to_is_not_taken) {
  topics.set("t", topic_id{7}, {});
  ASSERT_TRUE(append(log::testing::orders, {"the log has its files"}));
  const auto router = router_ref::start(services);
  testing::program program;
  const auto door = embedded_door::open(services, router, program, "test");
  const auto end = log->state().written_end;
  const auto publish = [&](mono_time until) {
    const auto taken = door->publish(testing::batch_of("t", "x"), {ack_level::synced, until}, [](const auto&) {});
    log->commit_pending();
    return taken;
  };
  const auto late = publish(clock.mono() + microseconds{-1});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), errc::timed_out);
  EXPECT_EQ(log->state().written_end, end);
  EXPECT_TRUE(publish(clock.mono()));
  EXPECT_GT(log->state().written_end, end);
  door->close();
}

TEST_F(embedded_door_fixture, a_level_that_is_not_named_is_the_topics_when_the_log_takes_the_batch) {
  topics.set("t", topic_id{7}, {ack_level::written, wire::codec::lz4});
  ASSERT_TRUE(append(log::testing::orders, {"the log has its files"}));
  const auto router = router_ref::start(services);
  testing::program program;
  const auto door = embedded_door::open(services, router, program, "test");
  std::vector<node::publish_outcome> outcomes;
  const auto publish = [&](std::optional<ack_level> level) {
    ASSERT_TRUE(door->publish(testing::batch_of("t", "x"), level, [&](const auto& outcome) {
      ASSERT_TRUE(outcome);
      outcomes.push_back(*outcome);
    }));
    log->commit_pending();
  };
  const auto last_is_synced = [&] { return log->state().synced_end > outcomes.back().at.first; };

  publish(std::nullopt);
  EXPECT_EQ(outcomes.back().level, ack_level::written);
  EXPECT_EQ(outcomes.back().codec, wire::codec::lz4);
  EXPECT_FALSE(last_is_synced());
  publish(ack_level::synced); // named
  EXPECT_EQ(outcomes.back().level, ack_level::synced);
  EXPECT_TRUE(last_is_synced());
  topics.set("t", topic_id{7}, {ack_level::synced, wire::codec::none});
  publish(std::nullopt);
  EXPECT_EQ(outcomes.back().level, ack_level::synced);
  EXPECT_EQ(outcomes.back().codec, wire::codec::none);
  EXPECT_TRUE(last_is_synced());
  publish(ack_level::written);
  EXPECT_EQ(outcomes.back().level, ack_level::written);
  EXPECT_FALSE(last_is_synced());
  EXPECT_EQ(outcomes.size(), 4U);
  door->close();
}

} // namespace
} // namespace weft::actors

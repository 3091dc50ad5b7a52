// A program's door when its node's log takes no more.
#include "actors/embedded_door.hpp"

#include "actors/router.hpp"
#include "tests/actors/door_testing.hpp"
#include "tests/actors/services_fixture.hpp"

namespace weft::actors {
namespace {

struct embedded_door_fixture : testing::services_fixture {};

TEST_F(embedded_door_fixture, a_program_that_found_the_queue_full_is_called_when_there_is_room_and_not_before) {
  topics.set("t", topic_id{7});
  log->on_room([this] { room.raise(); });
  const auto router = router_ref::start(services);
  testing::program program;
  const auto door = embedded_door::open(services, router, program, "test");
  ASSERT_TRUE(door->publish(testing::batch_of("t", "first"), ack_level::synced, [](const auto&) {}));
  log->commit_pending(); // room came once before
  result<void> taken;
  while (taken)
    taken = door->publish(testing::batch_of("t", std::string(100'000, 'x')), ack_level::synced, [](const auto&) {});
  EXPECT_EQ(taken.error().code(), errc::would_block);

  int called = 0;
  door->when_room([&] { ++called; });
  EXPECT_EQ(called, 0);
  log->commit_pending();
  EXPECT_EQ(called, 1);
  EXPECT_TRUE(door->publish(testing::batch_of("t", "room"), ack_level::synced, [](const auto&) {}));
  while (log->commit_pending()) {}
  door->close();
}

} // namespace
} // namespace weft::actors

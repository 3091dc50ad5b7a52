// A node that has nothing to do and publishes no telemetry does nothing: its own actors have no timers then.
#include "actors/cursor_book.hpp"
#include "tests/actors/services_fixture.hpp"

namespace weft::actors {
namespace {

using namespace std::chrono_literals;

struct node_at_rest : testing::services_fixture {
  node_at_rest() {
    services.settings.telemetry_every = {};
    services.keeper = start_keeper();
    services.telemetry = telemetry_ref::start(services);
    system.run();
    wait(1min); // they see that there is nothing
  }
  void take_reader() {
    services.keeper.take_cursor("reader", "t", {"somebody", 1}, {});
    system.run();
  }
  std::optional<log_position> kept_cursor() {
    const auto all = catalog->cursors().list().value();
    return all.empty() ? std::nullopt : std::optional(all.front().until);
  }
};

TEST_F(node_at_rest, wakes_nobody) { EXPECT_EQ(wait(1min), 0U); }

TEST_F(node_at_rest, cursors_that_moved_are_written_once_and_in_time) {
  take_reader();
  const log_position until{log->state().epoch, seq{7}};
  services.keeper.commit("reader", "t", 1, log_position{until.epoch, seq{6}});
  services.keeper.commit("reader", "t", 1, until);
  system.run();
  EXPECT_FALSE(kept_cursor());
  EXPECT_EQ(wait(limits::cursor_publish_interval), 1U);
  EXPECT_EQ(kept_cursor(), until);
  EXPECT_EQ(wait(1min), 0U);
}

TEST_F(node_at_rest, cursors_that_move_on_are_written_again) {
  take_reader();
  for (std::uint64_t at = 1; at <= 3; ++at) {
    const log_position until{log->state().epoch, seq{at}};
    services.keeper.commit("reader", "t", 1, until);
    system.run();
    wait(limits::cursor_publish_interval);
    EXPECT_EQ(kept_cursor(), until);
  }
}

TEST_F(node_at_rest, rates_are_looked_at_while_there_are_flows) {
  auto flow = std::make_shared<node::flow_facts>();
  flows.add(flow);
  services.telemetry.flow_came();
  system.run();
  flow->events = 50;
  EXPECT_EQ(wait(limits::telemetry_interval), 1U);
  std::string document;
  services.telemetry.flows(reply<std::string>([&](auto answer) { document = answer.value_or(""); }));
  system.run();
  EXPECT_NE(document.find("\"events_per_s\":50.0"), std::string::npos) << document;
  flow.reset();
  wait(limits::telemetry_interval);
  EXPECT_EQ(wait(1min), 0U);
}

} // namespace
} // namespace weft::actors

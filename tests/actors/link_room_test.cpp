// A peer that gives credit without end and reads nothing: its link's runs stay within the cap.
#include "actors/own_flow.hpp"
#include "tests/actors/recorded_output.hpp"
#include "tests/actors/services_fixture.hpp"

#include <deque>

namespace weft::actors {
namespace {

/// A connection that takes nothing until it is told to.
class stuck_output final : public testing::recorded_output {
public:
  void send_run(const wire::run& message, const shared_bytes& payload) override {
    recorded_output::send_run(message, {});
    if (!payload.empty()) lanes.emplace_back(message.flow, room->counted(payload));
    most = std::max(most, held());
  }
  link_room::place take_room(std::uint64_t flow, const std::function<void(link_room::place)>& granted) override {
    return room->take(flow, granted);
  }
  void drop_flow(std::uint64_t flow) override {
    room->leave(flow);
    std::erase_if(lanes, [flow](const auto& each) { return each.first == flow; });
  }
  [[nodiscard]] std::uint64_t held() const {
    std::uint64_t bytes = 0;
    for (const auto& [flow, payload] : lanes)
      bytes += payload.size();
    return bytes;
  }

  std::shared_ptr<link_room> room = std::make_shared<link_room>();
  std::deque<std::pair<std::uint64_t, shared_bytes>> lanes;
  std::uint64_t most = 0;
};

struct link_room_fixture : testing::services_fixture {
  static constexpr std::uint64_t flows_max = 16, entries = 30;

  link_room_fixture() {
    for (std::uint64_t i = 0; i < entries; ++i)
      EXPECT_TRUE(append(log::testing::orders, {std::string(100'000, 'x')}));
    topics.set(log::testing::name_of(log::testing::orders), log::testing::orders, {});
    synced.raise(log->state().synced_end);
  }
  void demand(std::uint64_t number) {
    auto come_back = [this, number](link_room::place granted) { turns.emplace_back(number, std::move(granted)); };
    const flow_topics wanted{topic_pattern::parse("retail.*").value()};
    own_flow::parts parts{1,
                          number,
                          output,
                          own_log_for(services, wanted),
                          {"here"},
                          wanted,
                          false,
                          false,
                          false,
                          {},
                          std::make_shared<node::flow_facts>(),
                          [](const auto&) { FAIL() << "all is in memory"; },
                          [](const auto&) { FAIL() << "nothing is damaged"; },
                          std::move(come_back)};
    flows_open[number] = std::make_unique<own_flow>(services, std::move(parts));
    flows_open[number]->open(log->state().begin, std::uint64_t{1} << 63U, nullptr);
    take_turns();
  }
  void take_turns() {
    while (!turns.empty()) {
      auto [number, granted] = std::move(turns.front());
      turns.pop_front();
      if (const auto found = flows_open.find(number); found != flows_open.end())
        found->second->go_on(std::move(granted));
    }
  }
  /// The peer reads all that there is.
  void drain() {
    while (!output->lanes.empty()) {
      output->lanes.pop_front();
      take_turns();
    }
  }
  [[nodiscard]] std::uint64_t sent_until(std::uint64_t flow) const {
    std::uint64_t until = 0;
    for (const auto& run : output->runs)
      if (run.flow == flow) until = run.until.value();
    return until;
  }

  std::shared_ptr<stuck_output> output = std::make_shared<stuck_output>();
  std::deque<std::pair<std::uint64_t, link_room::place>> turns;
  std::map<std::uint64_t, std::unique_ptr<own_flow>> flows_open;
};

TEST_F(link_room_fixture, flows_of_a_link_that_does_not_read_share_the_cap_whatever_their_credit) {
  for (std::uint64_t flow = 1; flow <= flows_max; ++flow)
    demand(flow);
  EXPECT_LE(output->most, limits::link_credit_bytes_max);
  EXPECT_GT(output->most, limits::link_credit_bytes_max / 2);
  drain();
  EXPECT_LE(output->most, limits::link_credit_bytes_max);
  for (std::uint64_t flow = 1; flow <= flows_max; ++flow)
    EXPECT_EQ(sent_until(flow), log->state().synced_end.value()) << "flow " << flow;
}

TEST_F(link_room_fixture, flow_that_ends_gives_its_room_and_its_turn_to_others) {
  for (std::uint64_t flow = 1; flow <= flows_max; ++flow)
    demand(flow);
  for (std::uint64_t flow = 1; flow < flows_max; ++flow)
    flows_open.erase(flow);
  take_turns();
  drain();
  EXPECT_EQ(sent_until(flows_max), log->state().synced_end.value());
}

TEST_F(link_room_fixture, demands_and_withdrawals_without_end_leave_nothing_behind) {
  for (std::uint64_t round = 0; round < 50; ++round) {
    for (std::uint64_t flow = 1; flow <= flows_max; ++flow)
      demand(flow);
    flows_open.clear();
    take_turns();
  }
  EXPECT_EQ(output->held(), 0U);
  EXPECT_LE(output->most, limits::link_credit_bytes_max);
}

TEST(link_room, grants_places_in_the_order_they_were_asked_for) {
  const auto room = std::make_shared<link_room>();
  std::vector<link_room::place> held;
  while (auto place = room->take(0, [](const auto&) {}))
    held.push_back(std::move(place));
  EXPECT_EQ(held.size(), limits::link_credit_bytes_max / limits::run_bytes_max);
  room->leave(0);
  std::vector<std::uint64_t> order;
  std::vector<link_room::place> granted;
  for (const std::uint64_t flow : {7U, 8U, 9U})
    EXPECT_FALSE(room->take(flow, [&, flow](auto place) {
      order.push_back(flow);
      granted.push_back(std::move(place));
    }));
  room->leave(8);
  held.clear();
  EXPECT_EQ(order, (std::vector<std::uint64_t>{7, 9}));
  granted.clear();
  EXPECT_TRUE(room->take(1, [](const auto&) {}));
}

TEST(link_room, has_as_many_places_as_the_configured_bytes_and_lets_as_much_wait) {
  const auto room = std::make_shared<link_room>(2 * limits::run_bytes_max);
  const auto first = room->take(1, [](const auto&) {});
  auto second = room->take(2, [](const auto&) {});
  EXPECT_TRUE(first && second);
  link_room::place third;
  EXPECT_FALSE(room->take(3, [&third](auto place) { third = std::move(place); }));
  const auto waits = room->keep(2 * limits::run_bytes_max);
  EXPECT_TRUE(waits);
  EXPECT_FALSE(room->keep(1)) << "the flow leaves its relay: the log keeps the rest";
  second.reset();
  EXPECT_TRUE(third) << "its turn has come";
}

} // namespace
} // namespace weft::actors

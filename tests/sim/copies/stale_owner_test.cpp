// A log's node that slept while another process took its place.
#include "mesh/base/limits.hpp"
#include "tests/sim/copies/copies_checkers.hpp"
#include "tests/sim/mesh/mesh_topics.hpp"
#include "tests/sim/world.hpp"

#include <gtest/gtest.h>

namespace weft::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t nodes = 4;
constexpr host_index owner{0};
constexpr std::size_t topic = 0; // with two copies

class sim_stale_owner : public ::testing::Test {
protected:
  sim_stale_owner()
      : world_(options(), [this](environment& around) { return std::make_unique<copies_process>(around, state_); }) {
    for (std::uint32_t host = 0; host < nodes; ++host)
      state_.nodes.push_back(world_.identity(host_index{host}));
    for (std::uint32_t host = 0; host <= nodes; ++host) // one for the twin
      state_.readers.push_back(std::make_unique<consumer>(
          host, consumer::plan{host_index{host}, topic_pattern::parse(">").value(), {}, wire::start_kind::beginning},
          state_.book));
    for (std::uint32_t host = 0; host < nodes; ++host)
      world_.start(host_index{host});
    world_.run_for(5s);
  }

  static world_options options() {
    world_options made;
    made.seed = 1;
    made.hosts = nodes;
    return made;
  }
  copies_process& at(host_index host) { return *copies_node_on(world_, host); }
  [[nodiscard]] log_id log() const { return {world_.identity(owner), 0}; }
  epoch epoch_at(host_index host) { return at(host).log()->log().state().epoch; }

  /// @returns the event's number
  std::uint64_t publish(host_index host) {
    const auto number = state_.book.published({log(), topic, "key", "type", 10});
    while (!world_.visit(host, [&](process& p) { static_cast<copies_process&>(p).publish({number}); }))
      world_.run_for(10us);
    return number;
  }
  /// Where it was acknowledged.
  std::optional<log_position> place_of(std::uint64_t number) {
    return state_.acknowledged.contains(number) ? state_.book.event(number).at : std::nullopt;
  }
  /// How far holders have the epoch, each.
  std::vector<seq> copied(epoch of) {
    std::vector<seq> ends;
    for (std::uint32_t host = 1; host < nodes; ++host) {
      const auto* copy = at(host_index{host}).copy(log());
      if (copy == nullptr || copy->store() == nullptr) continue;
      const auto state = copy->store()->state();
      for (const auto& part : state.parts)
        if (const auto had = part.had.find(of); had != part.had.end())
          ends.push_back(had->second.ranges().back().until);
    }
    return ends;
  }

  copies_state state_;
  world world_;
};

TEST_F(sim_stale_owner, nothing_is_acknowledged_in_its_old_epoch) { // T19
  const auto before = publish(owner);
  world_.run_for(2s);
  ASSERT_TRUE(place_of(before));
  const auto old = epoch_at(owner);

  world_.pause(owner);
  const auto twin = world_.clone(owner);
  world_.start(twin);
  world_.run_for(10min);
  const auto taken_over = publish(twin);
  world_.run_for(2s);
  ASSERT_TRUE(place_of(taken_over));
  ASSERT_GT(place_of(taken_over)->epoch, old);
  const auto had = copied(old);
  ASSERT_GE(had.size(), 2U);

  world_.resume(owner);
  std::vector<std::uint64_t> late;
  while (epoch_at(owner) == old && late.size() < 1000) {
    late.push_back(publish(owner));
    world_.run_for(1ms);
  }
  ASSERT_FALSE(late.empty());
  world_.run_for(10s);
  for (const auto number : late)
    EXPECT_TRUE(!place_of(number) || place_of(number)->epoch > old) << to_string(*place_of(number));
  EXPECT_EQ(copied(old), had);

  world_.stop(twin);
  world_.run_for(2 * microseconds(limits::epoch_opened_every));
  EXPECT_GT(epoch_at(owner), place_of(taken_over)->epoch);
  const auto after = publish(owner);
  world_.run_for(2s);
  ASSERT_TRUE(place_of(after));
  EXPECT_GT(*place_of(after), *place_of(taken_over));
  EXPECT_FALSE(world_.failure()) << world_.failure()->what;
}

} // namespace
} // namespace weft::sim

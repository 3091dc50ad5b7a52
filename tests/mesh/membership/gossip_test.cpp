// tests/mesh/membership/gossip_test.cpp: what one node signs gets everywhere, cheaply, whatever the links do.
#include "mesh/membership/gossip.hpp"

#include "mesh/base/limits.hpp"
#include "tests/mesh/base/test_seed.hpp"
#include "tests/mesh/membership/gossip_testing.hpp"

#include <gtest/gtest.h>

namespace weft::membership {
namespace {

using namespace std::chrono_literals;

/// A mesh in which everybody knows everybody.
std::unique_ptr<gossip_world> settled(std::uint32_t count, std::uint64_t seed, weather how = {}) {
  auto world = std::make_unique<gossip_world>(seed, how);
  world->add_nodes(count);
  world->link_at_random(0, count, 5);
  for (std::uint32_t i = 0; i < count; ++i)
    world->announce(i, 1);
  world->run(60s);
  return world;
}

TEST(gossip, a_record_is_flooded_to_all_within_a_few_hops) {
  auto world = settled(100, 1);
  ASSERT_TRUE(world->converged(100));
  world->announce(17, 2);
  world->run(6 * (limits::gossip_delay + 1ms));
  EXPECT_TRUE(world->converged(100));
  EXPECT_TRUE(world->offences.empty());
}

TEST(gossip, news_do_not_go_back_to_their_sender_and_duplicates_stop) {
  gossip_world world(2);
  world.add_nodes(3);
  world.link(0, 1);
  world.link(1, 2);
  for (std::uint32_t i = 0; i < 3; ++i)
    world.announce(i, 1);
  world.run(5s);
  ASSERT_TRUE(world.converged(3));
  world.messages = 0;
  world.announce(0, 2);
  world.run(100ms);
  EXPECT_EQ(world.messages, 2U) << "one a link";
  world.deliver(1, world.node(0).id, wire::gossip{{record_item(test_record(0, 2, 1, test_wall))}});
  world.run(100ms);
  EXPECT_EQ(world.messages, 2U);
}

TEST(gossip, what_comes_from_two_sides_at_once_goes_to_neither) {
  gossip_world world(2);
  world.add_nodes(3);
  world.link(0, 1);
  world.link(0, 2);
  for (std::uint32_t i = 0; i < 3; ++i)
    world.announce(i, 1);
  world.run(5s);
  const auto item = record_item(test_record(2, 5, 1, world.now.wall));
  world.messages = 0;
  world.deliver(0, world.node(1).id, wire::gossip{{item}});
  world.deliver(0, world.node(2).id, wire::gossip{{item}});
  world.run(100ms);
  EXPECT_EQ(world.messages, 0U);
}

TEST(gossip, news_that_come_together_go_on_together) {
  gossip_world world(1);
  world.add_nodes(2);
  world.link(0, 1);
  world.run(2s);
  world.messages = 0;
  for (std::uint32_t i = 2; i < 12; ++i)
    world.deliver(0, test_id(77),
                  wire::gossip{{fake_authority::item_of(test_identity(i)), record_item(test_record(i, 1))}});
  world.run(100ms);
  EXPECT_EQ(world.messages, 1U);
  EXPECT_EQ(world.node(1).nodes.members().size(), 10U);
}

TEST(gossip, a_newcomer_learns_everything_from_its_first_neighbour_and_is_heard_of_everywhere) {
  auto world = settled(50, 3);
  world->add_nodes(1);
  world->link(50, 7);
  world->announce(50, 1);
  world->run(5s);
  EXPECT_TRUE(world->converged(51));
}

TEST(gossip, more_neighbours_cost_a_newcomer_little) {
  auto world = settled(50, 3);
  world->add_nodes(1);
  world->announce(50, 1);
  world->bytes = 0;
  world->link(50, 7);
  world->run(5s);
  const auto first = world->bytes;
  for (const std::uint32_t neighbour : {3U, 20U, 40U, 45U})
    world->link(50, neighbour);
  world->run(5s);
  EXPECT_TRUE(world->converged(51));
  EXPECT_LT(world->bytes - first, std::uint64_t{4} * 1024);
}

TEST(gossip, lost_floods_are_made_good_by_anti_entropy) {
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  auto world = settled(40, seed, {.lost = 200, .repeated = 100, .delay = 1ms, .jitter = 30ms});
  for (std::uint32_t i = 0; i < 40; i += 3)
    world->announce(i, 2);
  world->run(10min);
  EXPECT_TRUE(world->converged(40));
  EXPECT_TRUE(world->offences.empty());
}

TEST(gossip, repeated_and_reordered_messages_do_no_harm) {
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  auto world = settled(40, seed, {.lost = 0, .repeated = 300, .delay = 1ms, .jitter = 200ms});
  for (std::uint32_t i = 0; i < 40; ++i)
    world->announce(i, 2);
  world->run(60s);
  EXPECT_TRUE(world->converged(40));
  EXPECT_TRUE(world->offences.empty());
}

TEST(gossip, two_halves_that_meet_become_one) {
  gossip_world world(5);
  world.add_nodes(60);
  world.link_at_random(0, 30, 5);
  world.link_at_random(30, 60, 5);
  for (std::uint32_t i = 0; i < 60; ++i)
    world.announce(i, 1);
  world.run(60s);
  EXPECT_EQ(world.node(0).nodes.members().size(), 30U);
  world.node(3).machine.compare_with(world.node(33).id); // a contact beyond the overlay: no neighbours
  world.run(20s);
  EXPECT_TRUE(world.converged(60));
}

TEST(gossip, a_node_that_missed_the_flood_learns_of_a_suspicion) {
  auto world = settled(3, 1);
  world->add_nodes(1);
  world->announce(3, 1);
  world->publish(0, accusation_item(test_accusation(1, 0, 1, 1, world->now.wall)));
  world->run(1s);
  world->link(3, 2);
  world->run(5s);
  EXPECT_TRUE(world->converged(4));
  EXPECT_EQ(world->node(3).nodes.find(test_id(1))->state, member_state::suspect);
}

TEST(gossip, a_record_by_somebody_unknown_has_its_identity_asked_for) {
  gossip_world world(1);
  world.add_nodes(2);
  world.announce(0, 1);
  world.deliver(1, world.node(0).id, wire::gossip{{record_item(test_record(0, 1, 1, test_wall))}});
  world.run(100ms);
  EXPECT_NE(world.node(1).nodes.find(test_id(0)), nullptr);
}

// Half of the mesh knows one half of the members, half of it the other.
TEST(gossip, a_thousand_members_converge_by_anti_entropy) {
  gossip_world world(11);
  world.add_nodes(40);
  world.link_at_random(0, 40, 5);
  for (std::uint32_t i = 0; i < 40; ++i)
    for (std::uint32_t k = i / 20; k < 1000; k += 2) {
      auto& own = world.node(i);
      (void)own.nodes.take(fake_authority::item_of(test_identity(k)), own.id, world.now);
      (void)own.nodes.take(record_item(test_record(k, 1)), own.id, world.now);
    }
  ASSERT_EQ(world.node(0).nodes.members().size(), 500U);
  world.run(15s);
  EXPECT_TRUE(world.converged(1000));
  EXPECT_TRUE(world.offences.empty());
  const std::uint64_t missing =
      std::uint64_t{40} * 500 *
      (world.node(0).nodes.find(key_of(wire::item_kind::node_record, test_id(0)))->bytes.size() + 400);
  EXPECT_LT(world.bytes, 3 * missing) << "what is had is not sent over and over";
}

TEST(gossip, two_hundred_nodes_that_start_at_once_converge_within_seconds) {
  gossip_world world(11);
  world.on_wire = false;
  world.add_nodes(200);
  world.link_at_random(0, 200, 5);
  for (std::uint32_t i = 0; i < 200; ++i)
    world.announce(i, 1);
  world.run(10s);
  EXPECT_TRUE(world.converged(200));
}

// The budget at rest is 2 KiB/s at 200 nodes, of which heartbeats (five each way, 48 bytes) take 960 bytes.
TEST(gossip, at_rest_little_is_sent) {
  auto world = settled(200, 2);
  ASSERT_TRUE(world->converged(200));
  world->bytes = 0;
  for (int minute = 0; minute < 30; ++minute) { // each node's refresh, spread over the half hour
    for (std::uint32_t i = 0; i < 200; ++i)
      if (i % 30 == static_cast<std::uint32_t>(minute)) world->announce(i, 1, 2);
    world->run(1min);
  }
  const auto bytes_per_second = world->bytes / (std::uint64_t{200} * 30 * 60);
  EXPECT_LT(bytes_per_second, 500U);
  RecordProperty("bytes_per_second", static_cast<int>(bytes_per_second));
}

struct hostile_peer : ::testing::Test {
  std::unique_ptr<gossip_world> world = settled(30, 9);
  node_id peer = test_id(7777);

  /// Sends the message a thousand times. @returns bytes of the answers
  std::uint64_t flood_with(const wire::mesh_message& message, int times = 1000) {
    world->bytes = 0;
    for (int i = 0; i < times; ++i)
      world->deliver(0, peer, message);
    return world->bytes;
  }
};

TEST_F(hostile_peer, that_asks_for_everything_again_and_again_costs_a_bounded_amount) {
  wire::sync_entries nothing;
  for (std::uint16_t i = 0; i < limits::sync_buckets; ++i)
    nothing.buckets.push_back(i);
  EXPECT_LE(flood_with(nothing), limits::sync_burst_bytes);
  EXPECT_LE(flood_with(nothing), std::uint64_t{64} * 1024) << "the burst is used up";
  world->run(1s);
  EXPECT_LE(flood_with(nothing), limits::sync_bytes_per_s + std::uint64_t{64} * 1024);
  world->run(60s);
  EXPECT_LE(flood_with(wire::sync_root{1}, 100'000), limits::sync_burst_bytes);
  world->run(60s);
  EXPECT_LE(flood_with(wire::sync_buckets{std::vector<std::uint64_t>(limits::sync_buckets, 1)}, 10'000),
            limits::sync_burst_bytes);
  world->run(60s);
  EXPECT_LE(flood_with(wire::identity_wants{std::vector(limits::gossip_items_max, test_id(1))}),
            limits::sync_burst_bytes);
}

TEST_F(hostile_peer, does_not_keep_others_from_being_answered) {
  wire::sync_entries nothing;
  for (std::uint16_t i = 0; i < limits::sync_buckets; ++i)
    nothing.buckets.push_back(i);
  flood_with(nothing);
  peer = test_id(8888);
  EXPECT_GT(flood_with(nothing, 1), 10'000U);
}

TEST_F(hostile_peer, fills_no_memory_with_records_of_nobody) {
  for (std::uint32_t i = 0; i < 20'000; ++i)
    world->deliver(0, peer, wire::gossip{{record_item(test_record(10'000 + i, 1))}});
  EXPECT_LE(world->node(0).nodes.waiting(), limits::aside_items_sender_max);
  EXPECT_EQ(world->node(0).nodes.members().size(), 30U);
}

TEST_F(hostile_peer, that_forges_is_dropped) {
  auto forged = record_item(test_record(1, 99, 1, world->now.wall));
  forged.signature[0] ^= 1U;
  world->deliver(0, peer, wire::gossip{{forged, forged}});
  ASSERT_EQ(world->offences.size(), 1U) << "what comes after the first is not looked at";
  EXPECT_EQ(world->offences[0].peer, peer);
}

TEST_F(hostile_peer, that_asks_for_what_nobody_has_gets_nothing) {
  EXPECT_EQ(flood_with(wire::sync_wants{{1, 2, 3}}), 0U);
  EXPECT_EQ(flood_with(wire::identity_wants{{test_id(123'456)}}), 0U);
  EXPECT_EQ(flood_with(wire::gossip{}), 0U);
}

/// A store of topic records as the catalog may have one.
class topic_store final : public item_store {
public:
  [[nodiscard]] bool keeps(wire::item_kind kind) const override { return kind == wire::item_kind::topic_record; }
  [[nodiscard]] taken take(const wire::item& item, const node_id&, instant) override {
    const auto key = key_of(wire::item_kind::topic_record, item.bytes.view());
    if (!items_.emplace(key, item).second) return {};
    held_.set(key, {1, 0, 0});
    return {{item}, {}};
  }
  [[nodiscard]] const held_items& held() const override { return held_; }
  [[nodiscard]] std::optional<wire::item> find(std::uint64_t key) const override {
    const auto found = items_.find(key);
    return found == items_.end() ? std::nullopt : std::optional(found->second);
  }

private:
  held_items held_;
  std::map<std::uint64_t, wire::item> items_;
};

TEST(gossip, another_store_joins_in_flooding_and_anti_entropy) {
  seeded_random random(1);
  topic_store ours, theirs;
  gossip a(test_id(1), {&ours}, random), b(test_id(2), {&theirs}, random);
  const instant now{{1'000'000'000}, test_wall};
  gossip_effects fx;
  a.publish({{wire::item_kind::topic_record, shared_bytes::copy(as_bytes("retail.orders")), {}}}, now, fx);
  b.on(test_id(1), wire::sync_root{root_of(ours.held().hashes())}, now, fx);
  for (std::size_t i = 0; i < fx.size(); ++i) { // each effect goes to the other
    const auto sent = std::get<gossip_out::send>(fx[i]);
    auto& to = sent.to == test_id(1) ? a : b;
    const auto from = sent.to == test_id(1) ? test_id(2) : test_id(1);
    std::visit(
        [&](const auto& m) {
          if constexpr (requires { to.on(from, m, now, fx); }) to.on(from, m, now, fx);
        },
        sent.message);
  }
  EXPECT_EQ(theirs.held().size(), 1U);
}

TEST(gossip, large_answers_come_in_messages_within_the_limits) {
  gossip_effects fx;
  std::vector<wire::item> items(200);
  for (auto& item : items)
    item.bytes = shared_bytes::take(std::vector<std::byte>(1000));
  items[7].bytes = shared_bytes::take(std::vector<std::byte>(limits::item_bytes_max));
  send_items(test_id(1), items, true, fx);
  std::size_t count = 0;
  for (const auto& effect : fx) {
    const auto& message = std::get<wire::gossip>(std::get<gossip_out::send>(effect).message);
    EXPECT_TRUE(wire::decode_mesh_message(encode(message)));
    EXPECT_TRUE(message.answer);
    count += message.items.size();
  }
  EXPECT_EQ(count, 200U);
  EXPECT_LE(fx.size(), 5U);
}

} // namespace
} // namespace weft::membership

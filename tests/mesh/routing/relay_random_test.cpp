// tests/mesh/routing/relay_random_test.cpp: a relay under random joins, credits, losses and moves of its hops.
#include "tests/mesh/base/test_seed.hpp"
#include "tests/mesh/routing/log_of_entries.hpp"
#include "tests/mesh/routing/mesh_of_nodes.hpp"

#include <gtest/gtest.h>

namespace weft::routing {
namespace {

using in = relay::in;
using out = relay::out;

/// Messages take their time both ways; each link keeps their order and loses all of them when it breaks.
struct relay_world {
  struct link {
    serving_hop hop;
    std::deque<std::variant<out::demand, out::withdraw, out::leg_credit>> up;
    std::deque<std::variant<in::leg_opened, in::leg_run, in::leg_closed>> down;
  };
  std::mt19937_64& random;
  log_of_entries log;
  std::vector<link> links;
  std::map<std::uint64_t, std::size_t> link_of_leg;
  relay machine{log.id};
  relay_effects fx;
  std::map<std::uint64_t, checking_consumer> consumers;
  std::map<std::uint64_t, std::uint64_t> stopped; // flows whose consumer takes nothing: for so many steps
  std::uint64_t last_flow = 0;
  bool wants_route = true, wants_again = false, calm = false;
  bool heavy = false; // large entries, and consumers that stop for long

  explicit relay_world(std::mt19937_64& source) : random(source), links(3) {
    for (auto& one : links)
      one.hop.log = &log;
  }
  std::uint64_t below(std::uint64_t bound) { return random() % bound; }
  static node_id id(std::size_t index) { return node_of(static_cast<std::uint32_t>(index) + 1); }
  static std::size_t index(const node_id& hop) {
    std::size_t i = 0;
    while (id(i) != hop)
      ++i;
    return i;
  }

  void carry_out() {
    for (auto& effect : std::exchange(fx, {}))
      std::visit([this](auto& one) { done(one); }, effect);
    const auto most =
        limits::relay_buffer_bytes + machine.channels() * (limits::flow_window_bytes + limits::run_bytes_max);
    ASSERT_LE(machine.buffered_bytes(), most);
  }
  void done(out::demand& one) {
    link_of_leg[one.leg] = index(one.hop);
    links[index(one.hop)].up.emplace_back(one);
  }
  void done(out::withdraw& one) {
    ASSERT_FALSE(one.why) << one.why->message();
    links[index(one.hop)].up.emplace_back(one);
  }
  void done(out::leg_credit& one) { links[link_of_leg.at(one.leg)].up.emplace_back(one); }
  void done(out::hop_refused&) { wants_route = true; }
  void done(out::source_refused& one) { FAIL() << one.why.message(); }
  void done(out::try_again&) { wants_again = true; }
  void done(out::opened& one) { consumers.at(one.flow).opened(one.at); }
  void done(out::forward& one) {
    const auto good = consumers.at(one.flow).take(log, one);
    ASSERT_TRUE(good) << "flow " << one.flow << ": " << good.error().message();
  }
  void done(out::close& one) { FAIL() << "flow " << one.flow << " closed: " << one.why.message(); }

  template <class Message>
  void tell(Message message) {
    machine.on(std::move(message), fx);
    carry_out();
  }

  void join() {
    const auto flow = ++last_flow;
    auto& consumer = consumers[flow];
    consumer.window = limits::flow_window_bytes_min + below(3) * (1U << 20U);
    flow_start start{static_cast<wire::start_kind>(below(2)), {}, {}};
    if (below(3) == 0 && !log.entries.empty()) {
      const auto& entry = log.entries[below(log.entries.size())];
      start = {wire::start_kind::position, {}, {entry.opening, entry.first}};
    }
    tell(in::join{flow, start, consumer.window, true});
  }
  void leave() {
    if (consumers.empty()) return;
    auto at = consumers.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(below(consumers.size())));
    check(at->second);
    const auto flow = at->first;
    consumers.erase(at);
    tell(in::leave{flow});
  }
  void consume(std::uint64_t flow, std::uint64_t cost) {
    if (const auto limit = consumers.at(flow).consume(cost)) tell(in::credit{flow, *limit});
  }
  void consume_some() {
    if (consumers.empty()) return;
    auto at = consumers.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(below(consumers.size())));
    if (below(40) == 0) stopped[at->first] = below(heavy ? 4000 : 400);
    if (stopped[at->first] > 0) {
      --stopped[at->first];
      return;
    }
    consume(at->first, below(3) == 0 ? below(1U << 20U) : ~std::uint64_t{0});
  }
  void break_link(std::size_t which) {
    links[which].up.clear();
    links[which].down.clear();
    links[which].hop.legs.clear();
    tell(in::hop_lost{id(which)});
    if (below(2) == 0) tell(in::no_route{});
    wants_route = true;
  }
  void append() {
    const auto fate = below(10);
    const auto body = 1 + (heavy || below(4) == 0 ? below(600'000) : below(5'000));
    log.append(body,
               fate == 0  ? entry_fate::gone
               : fate < 3 ? entry_fate::left_out
                          : entry_fate::passes,
               1 + static_cast<std::uint32_t>(below(3)));
  }
  void move_up(link& one) {
    if (one.up.empty()) return;
    const auto message = std::move(one.up.front());
    one.up.pop_front();
    if (const auto* demand = std::get_if<out::demand>(&message)) {
      if (!calm && below(12) == 0)
        one.down.emplace_back(in::leg_closed{demand->leg, error(errc::busy, "not now")});
      else
        one.down.emplace_back(one.hop.open(*demand));
    } else if (const auto* withdraw = std::get_if<out::withdraw>(&message)) {
      one.hop.legs.erase(withdraw->leg);
    } else if (const auto& credit = std::get<out::leg_credit>(message); one.hop.legs.contains(credit.leg)) {
      one.hop.legs.at(credit.leg).limit = credit.limit;
    }
  }
  void send_run(link& one) {
    if (one.hop.legs.empty()) return;
    auto at = one.hop.legs.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(below(one.hop.legs.size())));
    if (auto run = one.hop.run(at->first, 1 + below(6))) one.down.emplace_back(std::move(*run));
  }
  void move_down(link& one) {
    if (one.down.empty()) return;
    auto message = std::move(one.down.front());
    one.down.pop_front();
    std::visit([this](auto& content) { tell(std::move(content)); }, message);
  }
  void step() {
    auto& one = links[below(links.size())];
    const auto what = below(100);
    if (what < 8)
      append();
    else if (what < 30)
      move_up(one);
    else if (what < 55)
      send_run(one);
    else if (what < 80)
      move_down(one);
    else if (what < 94)
      consume_some();
    else if (what < 95)
      consumers.size() < 6 ? join() : leave();
    else if (what < 96 && below(4) == 0)
      break_link(below(links.size()));
    else if (what < 97 && below(10) == 0)
      log.reopen();
    else if (what < 98 && below(4) == 0)
      tell(in::route{id(below(links.size())), below(4) == 0});
    if (wants_route && below(10) == 0) {
      wants_route = false;
      tell(in::route{id(below(links.size())), false});
    }
    if (wants_again && below(10) == 0) {
      wants_again = false;
      tell(in::again{});
    }
  }
  /// Everything that is under way arrives, and everybody takes what comes.
  void settle() {
    calm = true;
    tell(in::route{id(0), false});
    for (int round = 0; round < 4000; ++round) {
      for (auto& one : links) {
        move_up(one);
        for (std::size_t i = 0; i < one.hop.legs.size(); ++i)
          send_run(one);
        while (!one.down.empty())
          move_down(one);
      }
      for (auto& [flow, consumer] : consumers)
        consume(flow, ~std::uint64_t{0});
      if (std::exchange(wants_again, false)) tell(in::again{});
      if (std::exchange(wants_route, false)) tell(in::route{id(0), false});
      if (all_at_end()) return;
    }
  }
  bool all_at_end() const {
    return std::all_of(consumers.begin(), consumers.end(),
                       [this](const auto& one) { return one.second.sink && one.second.sink->next().seq == log.end(); });
  }
  void check(const checking_consumer& consumer) const {
    if (!consumer.sink) return;
    ASSERT_EQ(consumer.got, log.expected(consumer.start, consumer.sink->next().seq));
  }
};

TEST(relay_random, each_flow_gets_exactly_the_log_from_its_start_in_order_once) {
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 20; ++round) {
    SCOPED_TRACE(round);
    relay_world world(random);
    world.heavy = round % 4 == 3;
    for (int i = 0; i < 3000 && !::testing::Test::HasFatalFailure(); ++i)
      world.step();
    world.settle();
    ASSERT_FALSE(::testing::Test::HasFatalFailure());
    ASSERT_TRUE(world.all_at_end()) << "somebody waits for ever";
    for (const auto& [flow, consumer] : world.consumers)
      world.check(consumer);
    while (!world.consumers.empty())
      world.leave();
    ASSERT_TRUE(world.machine.empty());
    for (auto& one : world.links) {
      while (!one.up.empty())
        world.move_up(one);
      EXPECT_TRUE(one.hop.legs.empty());
    }
  }
}

} // namespace
} // namespace weft::routing

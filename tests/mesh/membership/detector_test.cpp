// One detector with a hand that plays the mesh, then a few with links, floods and directories as simple as can be.
#include "mesh/membership/detector.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/planted_bug.hpp"
#include "mesh/base/random.hpp"
#include "tests/mesh/base/test_seed.hpp"
#include "tests/mesh/membership/membership_testing.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <set>

namespace weft::membership {
namespace {

using namespace std::chrono_literals;
using in = detector::in;
using out = detector::out;
using cause = wire::accusation_cause;
using wire::incarnation;

struct one_detector : ::testing::Test {
  mono_time now{};
  detector::effects fx;
  detector self{node(0), incarnation{5}, now};

  template <class Message>
  void tell(const Message& message) {
    fx.clear();
    if constexpr (requires { self.on(message, now, fx); }) {
      self.on(message, now, fx);
    } else if constexpr (requires { self.on(message, fx); }) {
      self.on(message, fx);
    } else if constexpr (requires { self.on(message, now); }) {
      self.on(message, now);
    } else {
      self.on(message);
    }
  }
  void accused(std::uint32_t n, std::uint32_t by, cause why = cause::silent, std::size_t possible = 5,
               incarnation at = incarnation{1}) {
    tell(in::accusation{node(n), node(by), at, why, possible});
  }
  void befriend(std::uint32_t n) { tell(in::neighbor_up{node(n), incarnation{1}}); }
  /// Ticks whenever it wants; the effects of that time.
  void pass(microseconds time) {
    fx.clear();
    const auto end = now + time;
    for (auto next = self.next_tick(); next && *next <= end; next = self.next_tick()) {
      now = std::max(now, *next);
      self.tick(now, fx);
    }
    now = end;
  }
  /// The same with frames from these neighbours.
  void pass_hearing(microseconds time, const std::vector<std::uint32_t>& from) {
    detector::effects all;
    for (const auto end = now + time; now < end;) {
      pass(250ms);
      all.insert(all.end(), fx.begin(), fx.end());
      for (const auto n : from) {
        tell(in::frame{node(n)});
        all.insert(all.end(), fx.begin(), fx.end());
      }
    }
    fx = all;
  }
  template <class Effect>
  std::vector<Effect> all() const {
    std::vector<Effect> found;
    for (const auto& effect : fx)
      if (const auto* one = std::get_if<Effect>(&effect)) found.push_back(*one);
    return found;
  }
};

TEST_F(one_detector, beats_each_second_and_measures_the_round_trip) {
  befriend(1);
  ASSERT_EQ(all<out::send>().size(), 1U);
  const auto beat = std::get<wire::heartbeat>(all<out::send>()[0].message);
  now = now + 8ms;
  self.on(node(1), wire::heartbeat_reply{beat.number}, now, fx);
  EXPECT_EQ(self.round_trip_to(node(1)), 8ms);
  self.on(node(1), wire::heartbeat_reply{beat.number}, now + 1h, fx);
  self.on(node(1), wire::heartbeat_reply{~0ULL}, now, fx);
  self.on(node(1), wire::heartbeat_reply{0}, now, fx);
  EXPECT_EQ(self.round_trip_to(node(1)), 8ms);
  pass_hearing(10s, {1});
  EXPECT_EQ(all<out::send>().size(), 10U);
  EXPECT_TRUE(all<out::accuse>().empty());
}

TEST_F(one_detector, answers_a_heartbeat_with_its_number) {
  self.on(node(1), wire::heartbeat{77}, now, fx);
  EXPECT_EQ(std::get<wire::heartbeat_reply>(all<out::send>().at(0).message).number, 77U);
}

TEST_F(one_detector, a_silent_neighbour_is_accused_once) {
  befriend(1);
  pass(limits::silent_after - 1us);
  EXPECT_TRUE(all<out::accuse>().empty());
  pass(1us);
  ASSERT_EQ(all<out::accuse>().size(), 1U);
  EXPECT_EQ(all<out::accuse>()[0].cause, cause::silent);
  pass(1h);
  EXPECT_TRUE(all<out::accuse>().empty());
}

TEST_F(one_detector, silence_again_at_the_same_incarnation_is_no_news_but_at_the_next_one_it_is) {
  befriend(1);
  pass(4s);
  tell(in::frame{node(1)});
  pass(4s);
  EXPECT_TRUE(all<out::accuse>().empty());
  tell(in::refuted{node(1), incarnation{2}});
  pass(10s);
  EXPECT_TRUE(all<out::accuse>().empty()) << "who refutes is there, though not for us: not again and again"; // T23
  tell(in::frame{node(1)});
  pass(4s);
  EXPECT_EQ(all<out::accuse>().size(), 1U);
}

TEST_F(one_detector, a_lost_link_has_a_moment_to_come_back) {
  befriend(1);
  tell(in::link_lost{node(1), link_end::broken});
  tell(in::neighbor_down{node(1)});
  pass(limits::redial_within - 1us);
  EXPECT_TRUE(all<out::accuse>().empty());
  tell(in::relinked{node(1)});
  pass(1h);
  EXPECT_TRUE(all<out::accuse>().empty());
}

TEST_F(one_detector, a_redial_that_fails_or_takes_long_accuses_once) {
  befriend(1);
  tell(in::link_lost{node(1), link_end::broken});
  tell(in::neighbor_down{node(1)});
  pass(limits::redial_within);
  ASSERT_EQ(all<out::accuse>().size(), 1U);
  EXPECT_EQ(all<out::accuse>()[0].cause, cause::broken);
  tell(in::redial_failed{node(1)});
  EXPECT_TRUE(all<out::accuse>().empty());
  befriend(2);
  tell(in::link_lost{node(2), link_end::closed});
  tell(in::redial_failed{node(2)});
  EXPECT_EQ(all<out::accuse>().size(), 1U);
}

TEST_F(one_detector, a_link_closed_for_silence_is_not_broken_until_a_redial_fails) {
  befriend(1);
  pass(3s);
  tell(in::link_lost{node(1), link_end::silent});
  pass(9s);
  ASSERT_EQ(all<out::accuse>().size(), 1U);
  EXPECT_EQ(all<out::accuse>()[0].cause, cause::silent);
  tell(in::redial_failed{node(1)});
  EXPECT_EQ(all<out::accuse>().at(0).cause, cause::broken);
}

TEST_F(one_detector, a_neighbour_no_more_is_nobody_to_accuse) {
  befriend(1);
  tell(in::neighbor_down{node(1)});
  pass(1h);
  EXPECT_TRUE(fx.empty());
  EXPECT_FALSE(self.next_tick());
}

TEST_F(one_detector, death_takes_five_seconds_from_the_second_who_found_it_broken) {
  accused(9, 1, cause::broken);
  pass(3s);
  accused(9, 1, cause::broken); // the same again
  pass(3s);
  EXPECT_TRUE(all<out::dead>().empty());
  accused(9, 2, cause::broken);
  pass(limits::dead_after_broken - 1us);
  EXPECT_TRUE(all<out::dead>().empty());
  pass(1us);
  EXPECT_EQ(all<out::dead>().at(0).incarnation, incarnation{1});
}

TEST_F(one_detector, the_only_possible_accuser_is_enough) {
  accused(9, 1, cause::broken, 1);
  pass(limits::dead_after_broken);
  EXPECT_EQ(all<out::dead>().size(), 1U);
}

TEST_F(one_detector, death_takes_twenty_seconds_of_silence_however_many_say_so) {
  for (std::uint32_t by = 1; by < 6; ++by)
    accused(9, by);
  pass(limits::dead_after_silent - 1us);
  EXPECT_TRUE(all<out::dead>().empty());
  pass(1us);
  EXPECT_EQ(all<out::dead>().size(), 1U);
  EXPECT_FALSE(self.next_tick());
}

TEST_F(one_detector, a_new_incarnation_ends_the_suspicion_and_an_old_accusation_is_no_new_one) {
  accused(9, 1, cause::broken, 1);
  tell(in::refuted{node(9), incarnation{2}});
  pass(1h);
  EXPECT_TRUE(fx.empty());
  accused(9, 1, cause::broken, 5, incarnation{3});
  accused(9, 2, cause::broken, 5, incarnation{1});
  pass(limits::dead_after_broken);
  EXPECT_TRUE(all<out::dead>().empty()) << "one of the two is about another life";
}

TEST_F(one_detector, an_own_pause_is_nobodys_silence_and_gives_suspects_more_time) {
  befriend(1);
  accused(9, 1, cause::broken, 1);
  pass(3s);
  now = now + 10s;
  fx.clear();
  self.tick(now, fx);
  EXPECT_TRUE(all<out::accuse>().empty());
  EXPECT_TRUE(all<out::dead>().empty());
  pass(1s);
  EXPECT_TRUE(all<out::dead>().empty());
  pass(1500ms);
  EXPECT_EQ(all<out::dead>().size(), 1U);
}

TEST_F(one_detector, who_is_late_again_and_again_is_patient_and_not_for_ever) { // T26
  befriend(1);
  for (int i = 0; i < 20; ++i) {
    now = std::max(now, *self.next_tick()) + 500ms;
    tell(in::frame{node(1)});
    self.tick(now, fx);
  }
  EXPECT_GE(self.patience(), 4 * limits::silent_after);
  EXPECT_LE(self.patience(), 5 * limits::silent_after);
  pass_hearing(2min, {1});
  EXPECT_EQ(self.patience(), limits::silent_after);
}

TEST_F(one_detector, hearing_itself_accused_refutes) {
  accused(0, 1, cause::silent, 5, incarnation{4});
  EXPECT_TRUE(fx.empty()) << "of an earlier life";
  accused(0, 1, cause::silent, 5, incarnation{5});
  EXPECT_EQ(all<out::refute>().at(0).accused, incarnation{5});
  accused(0, 2, cause::silent, 5, incarnation{5});
  EXPECT_TRUE(fx.empty()) << "it is on its way";
  tell(in::own_incarnation{incarnation{6}});
  accused(0, 2, cause::silent, 5, incarnation{7});
  EXPECT_EQ(all<out::refute>().at(0).accused, incarnation{7});
}

TEST_F(one_detector, a_neighbour_that_is_heard_is_warned_and_never_held_dead) {
  befriend(1);
  accused(1, 2, cause::broken);
  EXPECT_EQ(all<out::warn>().at(0).accuser, node(2));
  accused(1, 3, cause::broken);
  EXPECT_TRUE(all<out::warn>().empty());
  pass_hearing(1min, {1});
  EXPECT_TRUE(all<out::dead>().empty());
  EXPECT_GE(all<out::warn>().size(), 5U);
  pass(10s);
  EXPECT_EQ(all<out::dead>().size(), 1U);
}

TEST_F(one_detector, a_peer_that_is_heard_over_any_link_is_warned_and_never_held_dead) {
  tell(in::relinked{node(1)}); // for a flow: it is no neighbour
  pass(1min);
  tell(in::frame{node(1)});
  accused(1, 2, cause::broken);
  EXPECT_EQ(all<out::warn>().size(), 1U);
  accused(1, 3, cause::broken);
  for (int i = 0; i < 10; ++i) { // as often as traffic is told at least
    pass(limits::traffic_told_every + 1s);
    EXPECT_TRUE(all<out::dead>().empty());
    tell(in::frame{node(1)});
  }
  pass(limits::traffic_told_every + limits::silent_after + limits::dead_after_broken);
  EXPECT_EQ(all<out::dead>().size(), 1U) << "nothing is heard any more";
}

TEST_F(one_detector, a_peer_whose_link_is_gone_is_not_heard) {
  tell(in::relinked{node(1)});
  accused(1, 2, cause::broken);
  accused(1, 3, cause::broken);
  tell(in::link_lost{node(1), link_end::replaced});
  pass(limits::dead_after_broken);
  EXPECT_TRUE(all<out::dead>().empty());
  tell(in::link_lost{node(1), link_end::broken});
  tell(in::frame{node(1)}); // it was under way
  pass(limits::dead_after_broken);
  EXPECT_EQ(all<out::dead>().size(), 1U);
}

TEST_F(one_detector, a_silent_neighbour_that_comes_back_is_told_what_is_said_of_it) {
  befriend(1);
  pass(10s);
  accused(1, 0);
  EXPECT_TRUE(all<out::warn>().empty());
  tell(in::frame{node(1)});
  EXPECT_EQ(all<out::warn>().size(), 1U);
}

/// Nodes in a ring with chords, each the neighbour of four. Links break or fall silent; accusations and records are
/// flooded with delays of up to 200 ms; a paused node hears everything when it is back.
class small_mesh {
public:
  explicit small_mesh(std::uint64_t seed, std::uint32_t count = 8) : random_(seed), nodes_(count) {
    for (std::uint32_t n = 0; n < count; ++n)
      nodes_[n].machine = std::make_unique<detector>(node(n), incarnation{1}, mono_time{});
    for (std::uint32_t n = 0; n < count; ++n)
      for (const auto m : neighbors_of(n))
        at(n, [&](auto& d, auto& fx) { d.on(in::neighbor_up{node(m), incarnation{1}}, clock.now(), fx); });
  }

  agenda clock;

  void run(microseconds time) { clock.run_until(clock.now() + time); }
  void crash(std::uint32_t n) {
    nodes_[n].gone = true;
    for (const auto m : neighbors_of(n)) {
      clock.after(delay(), [=, this] {
        at(m, [&](auto& d, auto&) { d.on(in::link_lost{node(n), link_end::broken}, clock.now()); });
      });
      clock.after(500ms, [=, this] { at(m, [&](auto& d, auto& fx) { d.on(in::redial_failed{node(n)}, fx); }); });
    }
  }
  void fall_silent(std::uint32_t n) { nodes_[n].gone = true; }
  void pause(std::uint32_t n, microseconds time) {
    nodes_[n].paused = true;
    clock.after(time, [=, this] {
      nodes_[n].paused = false;
      for (auto& waiting : std::exchange(nodes_[n].inbox, {}))
        waiting();
      tick(n);
    });
  }
  void accuse_falsely(std::uint32_t accused, std::uint32_t accuser, cause why) {
    flood(in::accusation{node(accused), node(accuser), nodes_[accused].own, why, 4});
  }
  [[nodiscard]] std::set<std::uint32_t> held_dead() const {
    std::set<std::uint32_t> all;
    for (const auto& one : nodes_)
      if (!one.gone) all.insert(one.dead.begin(), one.dead.end());
    return all;
  }
  [[nodiscard]] std::size_t who_hold(std::uint32_t n, bool for_dead) const {
    std::size_t count = 0;
    for (const auto& one : nodes_)
      if (!one.gone) count += (for_dead ? one.dead : one.suspected).contains(n) ? 1 : 0;
    return count;
  }
  seeded_random& random() { return random_; }

private:
  struct one_node {
    std::unique_ptr<detector> machine;
    incarnation own{1};
    bool gone = false, paused = false;
    std::vector<std::function<void()>> inbox;
    std::set<std::uint32_t> suspected, dead;
    std::map<std::uint32_t, incarnation> known;
    std::optional<mono_time> wake;
  };

  std::vector<std::uint32_t> neighbors_of(std::uint32_t n) const {
    const auto count = static_cast<std::uint32_t>(nodes_.size());
    return {(n + 1) % count, (n + 2) % count, (n + count - 1) % count, (n + count - 2) % count};
  }
  microseconds delay() { return microseconds(random_.below(200'000)); }
  template <class Call>
  void at(std::uint32_t n, Call call) {
    auto& one = nodes_[n];
    if (one.gone) return;
    if (one.paused) return one.inbox.push_back([=, this] { at(n, call); });
    detector::effects fx;
    call(*one.machine, fx);
    carry_out(n, fx);
  }
  void tick(std::uint32_t n) {
    at(n, [this](auto& d, auto& fx) { d.tick(clock.now(), fx); });
  }
  void flood(in::accusation word) {
    for (std::uint32_t n = 0; n < nodes_.size(); ++n)
      clock.after(delay(), [=, this] {
        at(n, [=, this](auto& d, auto& fx) {
          auto& one = nodes_[n];
          const auto accused = number_of(word.accused);
          if (accused != n && (one.dead.contains(accused) || word.incarnation < one.known[accused])) return;
          if (accused != n) one.suspected.insert(accused);
          d.on(word, clock.now(), fx);
        });
      });
  }
  void carry_out(std::uint32_t n, const detector::effects& fx) {
    auto& one = nodes_[n];
    for (const auto& effect : fx)
      std::visit(overloaded{[&](const out::send& s) { send(n, number_of(s.to), s.message); },
                            [&](const out::accuse& a) {
                              flood({a.id, node(n), std::max(incarnation{1}, one.known[number_of(a.id)]), a.cause, 4});
                            },
                            [](const out::warn&) {}, [&](const out::dead& d) { one.dead.insert(number_of(d.id)); },
                            [&](const out::refute& r) { refute(n, r.accused); }},
                 effect);
    const auto next = one.machine->next_tick();
    if (!next || (one.wake && *one.wake > clock.now() && *one.wake <= *next)) return;
    one.wake = next;
    clock.at(*next, [=, this] {
      if (nodes_[n].wake != next || nodes_[n].paused) return;
      nodes_[n].wake.reset();
      tick(n);
    });
  }
  void send(std::uint32_t from, std::uint32_t to, const wire::mesh_message& message) {
    clock.after(delay(), [=, this] {
      at(to, [=, this](auto& d, auto& fx) {
        if (const auto* beat = std::get_if<wire::heartbeat>(&message)) d.on(node(from), *beat, clock.now(), fx);
        if (const auto* reply = std::get_if<wire::heartbeat_reply>(&message)) d.on(node(from), *reply, clock.now(), fx);
      });
    });
  }
  void refute(std::uint32_t n, incarnation accused) {
    auto& one = nodes_[n];
    one.own = incarnation{std::max(one.own, accused).value() + 1};
    one.machine->on(in::own_incarnation{one.own});
    for (std::uint32_t m = 0; m < nodes_.size(); ++m)
      clock.after(delay(), [=, this, own = one.own] {
        at(m, [=, this](auto& d, auto&) {
          nodes_[m].known[n] = std::max(own, nodes_[m].known[n]);
          nodes_[m].dead.erase(n);
          nodes_[m].suspected.erase(n);
          d.on(in::refuted{node(n), own});
        });
      });
  }

  seeded_random random_;
  std::vector<one_node> nodes_;
};

struct detector_mesh : ::testing::Test {
  std::uint64_t seed = test_seed();
  testing::ScopedTrace trace{__FILE__, __LINE__, "seed " + std::to_string(seed)};
  small_mesh mesh{seed};
};

TEST_F(detector_mesh, at_rest_nobody_is_accused) {
  mesh.run(1h);
  for (std::uint32_t n = 0; n < 8; ++n)
    EXPECT_EQ(mesh.who_hold(n, false), 0U);
}

TEST_F(detector_mesh, a_crash_is_suspected_within_five_seconds_and_dead_within_ten) {
  mesh.run(10s);
  mesh.crash(3);
  mesh.run(5s);
  EXPECT_EQ(mesh.who_hold(3, false), 7U);
  mesh.run(5s);
  EXPECT_EQ(mesh.who_hold(3, true), 7U);
  EXPECT_EQ(mesh.held_dead(), (std::set<std::uint32_t>{3}));
}

TEST_F(detector_mesh, silence_is_suspected_within_five_seconds_and_dead_within_thirty) { // T24
  mesh.run(10s);
  mesh.fall_silent(3);
  mesh.run(5s);
  EXPECT_EQ(mesh.who_hold(3, false), 7U);
  mesh.run(25s);
  EXPECT_EQ(mesh.who_hold(3, true), 7U);
  EXPECT_EQ(mesh.held_dead(), (std::set<std::uint32_t>{3}));
}

TEST_F(detector_mesh, pauses_of_ten_seconds_never_kill) { // T26
  for (int round = 0; round < 20; ++round) {
    const auto n = static_cast<std::uint32_t>(mesh.random().below(8));
    const auto m = static_cast<std::uint32_t>(mesh.random().below(8));
    mesh.pause(n, 10s);
    if (n != m) mesh.pause(m, 10s);
    std::size_t suspected = 0;
    for (int second = 0; second < 40; ++second) {
      mesh.run(1s);
      ASSERT_TRUE(mesh.held_dead().empty()) << round << " " << second;
      suspected = std::max(suspected, mesh.who_hold(n, false));
    }
    EXPECT_GE(suspected, 5U);
    for (std::uint32_t i = 0; i < 8; ++i)
      ASSERT_EQ(mesh.who_hold(i, false), 0U);
  }
}

TEST_F(detector_mesh, lies_never_kill_a_live_node) { // T42
  for (int round = 0; round < 2000; ++round) {
    const auto n = static_cast<std::uint32_t>(mesh.random().below(8));
    const auto by = static_cast<std::uint32_t>(mesh.random().below(8));
    mesh.accuse_falsely(n, by, mesh.random().below(2) == 0 ? cause::broken : cause::silent);
    mesh.run(microseconds(mesh.random().below(300'000)));
    ASSERT_TRUE(mesh.held_dead().empty());
  }
  mesh.run(5s);
  for (std::uint32_t n = 0; n < 8; ++n)
    EXPECT_EQ(mesh.who_hold(n, false), 0U);
}

TEST_F(detector_mesh, one_that_does_not_defend_itself_would_be_noticed) {
  plant(planted_bug::refutation_dropped);
  mesh.run(1s);
  mesh.accuse_falsely(3, 1, cause::broken);
  mesh.accuse_falsely(3, 2, cause::broken);
  mesh.run(10s);
  plant(planted_bug::none);
  EXPECT_FALSE(mesh.held_dead().empty());
}

} // namespace
} // namespace weft::membership

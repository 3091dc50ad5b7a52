// One book with a hand that plays the network, then two against each other over a network with random delays.
#include "mesh/membership/link_book.hpp"
#include "tests/mesh/base/test_seed.hpp"
#include "tests/mesh/membership/membership_testing.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace weft::membership {
namespace {

using namespace std::chrono_literals;
using in = link_book::in;
using out = link_book::out;

struct book_fixture : ::testing::Test {
  seeded_random random{7};
  mono_time now{};
  link_book::effects fx; // of the last call
  std::optional<link_book> own{std::in_place, node(5), std::vector<contact>{}, random};
  link_book& book = *own;

  template <class Message>
  void tell(const Message& message) {
    fx.clear();
    book.on(message, now, fx);
  }
  void need(std::uint32_t n, link_use use = link_use::flow, std::vector<std::string> addresses = {"a", "b"}) {
    tell(in::need{node(n), {std::move(addresses), {}}, use});
  }
  void opened(std::uint64_t link, std::uint32_t n, std::optional<dial_number> dial = {}) {
    tell(in::opened{peer_link{link}, node(n), dial});
  }
  /// Ticks whenever the book wants it; all effects of that time.
  link_book::effects pass(microseconds time) {
    link_book::effects all;
    const auto end = now + time;
    for (auto next = book.next_tick(); next && *next <= end; next = book.next_tick()) {
      now = std::max(now, *next);
      book.tick(now, all);
    }
    now = end;
    return all;
  }
  template <class Effect>
  static std::vector<Effect> all_of(const link_book::effects& effects) {
    std::vector<Effect> found;
    for (const auto& effect : effects)
      if (const auto* one = std::get_if<Effect>(&effect)) found.push_back(*one);
    return found;
  }
  template <class Effect>
  std::optional<Effect> first() const {
    const auto found = all_of<Effect>(fx);
    return found.empty() ? std::nullopt : std::optional(found.front());
  }
};

TEST_F(book_fixture, a_needed_node_is_dialled_and_up_when_its_link_opens) {
  need(9);
  const auto dial = first<out::dial>();
  ASSERT_TRUE(dial);
  EXPECT_EQ(dial->address, "a");
  opened(1, 9, dial->dial);
  ASSERT_TRUE(first<out::peer_up>());
  EXPECT_EQ(book.link_to(node(9)), peer_link{1});
}

TEST_F(book_fixture, an_address_that_failed_is_tried_after_the_others_and_a_whole_round_is_told) {
  need(9);
  tell(in::dial_failed{first<out::dial>()->dial});
  EXPECT_EQ(first<out::dial>()->address, "b");
  EXPECT_FALSE(first<out::unreachable>());
  tell(in::dial_failed{first<out::dial>()->dial});
  EXPECT_TRUE(first<out::unreachable>());
  EXPECT_FALSE(first<out::dial>()) << "not without a wait";
  EXPECT_EQ(all_of<out::dial>(pass(limits::reconnect_first)).size(), 1U);
}

TEST_F(book_fixture, redials_get_slower_but_never_end) {
  need(9, link_use::overlay, {"a"});
  std::size_t dials = 0;
  for (int second = 0; second < 600; ++second) {
    for (auto dial = first<out::dial>(); dial; dial = first<out::dial>()) {
      ++dials;
      tell(in::dial_failed{dial->dial});
    }
    fx = pass(1s);
  }
  EXPECT_GE(dials, 600U / 6);
  EXPECT_LE(dials, 600U / 2);
}

TEST_F(book_fixture, a_dial_that_hangs_is_stopped_and_the_next_address_tried) {
  need(9);
  const auto hanging = first<out::dial>()->dial;
  const auto effects = pass(limits::dial_within);
  EXPECT_EQ(all_of<out::stop_dialling>(effects).at(0).dial, hanging);
  EXPECT_EQ(all_of<out::dial>(effects).at(0).address, "b");
}

TEST_F(book_fixture, a_node_without_addresses_is_unreachable_until_it_dials) {
  need(9, link_use::overlay, {});
  EXPECT_TRUE(first<out::unreachable>());
  EXPECT_FALSE(book.next_tick());
  opened(1, 9);
  EXPECT_TRUE(first<out::peer_up>());
}

TEST_F(book_fixture, a_link_that_breaks_is_redialled_at_once_with_its_cause_told) {
  need(9);
  opened(1, 9, first<out::dial>()->dial);
  pass(limits::link_settled);
  tell(in::closed{peer_link{1}, link_end::broken});
  EXPECT_EQ(first<out::peer_down>()->how, link_end::broken);
  EXPECT_TRUE(first<out::dial>());
}

TEST_F(book_fixture, a_peer_that_closes_each_link_at_once_is_dialled_slower_and_slower) {
  need(9, link_use::overlay, {"a"});
  std::size_t links = 0;
  for (int second = 0; second < 60; ++second) {
    for (auto dial = first<out::dial>(); dial; dial = first<out::dial>()) {
      opened(++links, 9, dial->dial);
      tell(in::closed{peer_link{links}, link_end::closed});
    }
    fx = pass(1s);
  }
  EXPECT_LE(links, 30U);
}

TEST_F(book_fixture, a_link_that_nobody_needs_or_uses_is_closed) {
  opened(1, 9);
  pass(20s);
  book.on(in::used{node(9)}, now);
  EXPECT_TRUE(all_of<out::close>(pass(29s)).empty());
  const auto effects = pass(1s);
  EXPECT_EQ(all_of<out::close>(effects).at(0).why, link_book::reason::idle);
  EXPECT_EQ(all_of<out::peer_down>(effects).size(), 1U);
  EXPECT_FALSE(book.next_tick());
}

TEST_F(book_fixture, a_needed_link_is_never_idle_and_a_released_one_gets_its_time) {
  need(9);
  need(9, link_use::overlay);
  opened(1, 9);
  EXPECT_TRUE(all_of<out::close>(pass(1h)).empty());
  tell(in::release{node(9), link_use::flow});
  EXPECT_TRUE(all_of<out::close>(pass(1h)).empty());
  tell(in::release{node(9), link_use::overlay});
  EXPECT_TRUE(all_of<out::close>(pass(29s)).empty());
  EXPECT_EQ(all_of<out::close>(pass(1s)).size(), 1U);
}

TEST_F(book_fixture, a_release_stops_the_dial) {
  need(9);
  const auto dial = first<out::dial>()->dial;
  tell(in::release{node(9), link_use::flow});
  EXPECT_EQ(first<out::stop_dialling>()->dial, dial);
  tell(in::dial_failed{dial}); // too late, ignored
  EXPECT_TRUE(fx.empty());
  EXPECT_FALSE(book.next_tick());
}

TEST_F(book_fixture, links_are_bounded_and_those_of_the_overlay_stay) {
  for (std::uint32_t n = 0; n < limits::links_max; ++n) {
    now = now + 1ms;
    if (n < 3) need(100 + n, link_use::overlay, {});
    opened(n, 100 + n);
  }
  opened(1000, 7);
  EXPECT_EQ(first<out::close>()->link, peer_link{3}) << "the one that was not used for longest, not one of the overlay";
  EXPECT_EQ(book.links(), limits::links_max);
  for (std::uint32_t n = 4; n < limits::links_max; ++n)
    need(100 + n, link_use::flow, {});
  now = now + 1ms;
  need(7, link_use::flow, {});
  opened(1001, 8);
  EXPECT_EQ(first<out::close>()->link, peer_link{1001}) << "all others are needed";
  EXPECT_EQ(first<out::close>()->why, link_book::reason::full);
  need(8, link_use::overlay, {});
  opened(1002, 8);
  EXPECT_EQ(first<out::close>()->link, peer_link{4}) << "the overlay comes first";
  EXPECT_TRUE(book.link_to(node(8)));
  EXPECT_EQ(book.links(), limits::links_max);
}

TEST_F(book_fixture, seeds_are_dialled_for_ever_while_contact_is_needed) {
  own.emplace(node(5), std::vector<contact>{{{"s1"}, {}}, {{"s2"}, {}}, {{"s3"}, {}}}, random);
  tell(in::need_contact{true});
  EXPECT_EQ(all_of<out::dial>(fx).size(), limits::seed_dials_max);
  std::map<std::string, int> dials;
  for (int second = 0; second < 600; ++second) {
    for (auto all = all_of<out::dial>(fx); !all.empty(); all = all_of<out::dial>(fx)) {
      link_book::effects more;
      for (const auto& dial : all) {
        ++dials[dial.address];
        book.on(in::dial_failed{dial.dial}, now, more);
      }
      fx = more;
    }
    fx = pass(1s);
  }
  EXPECT_EQ(dials.size(), 3U);
  for (const auto& [address, times] : dials)
    EXPECT_GE(times, 60) << address;
  tell(in::need_contact{false});
  EXPECT_FALSE(book.next_tick());
}

TEST_F(book_fixture, a_seed_that_is_this_node_itself_is_dialled_once) {
  own.emplace(node(5), std::vector<contact>{{{"me"}, {}}}, random);
  tell(in::need_contact{true});
  opened(1, 5, first<out::dial>()->dial);
  EXPECT_EQ(first<out::close>()->why, link_book::reason::own);
  EXPECT_TRUE(all_of<out::dial>(pass(1h)).empty());
}

TEST_F(book_fixture, a_seed_that_dialled_this_node_is_not_dialled_while_it_is_linked) {
  own.emplace(node(5), std::vector<contact>{{{"s1"}, {}}}, random);
  opened(1, 9);
  book.on(in::dialable{node(9), {"other", "s1"}});
  tell(in::need_contact{true});
  EXPECT_TRUE(all_of<out::dial>(pass(10s)).empty());
  tell(in::closed{peer_link{1}, link_end::broken});
  const auto dials = all_of<out::dial>(pass(10s));
  ASSERT_FALSE(dials.empty());
  EXPECT_EQ(dials.front().address, "s1");
}

TEST_F(book_fixture, a_dial_that_reaches_another_node_counts_as_failed) {
  need(9, link_use::flow, {"a"});
  opened(1, 8, first<out::dial>()->dial);
  EXPECT_EQ(first<out::unreachable>()->peer, node(9));
  EXPECT_EQ(first<out::peer_up>()->peer, node(8));
}

TEST_F(book_fixture, of_two_dialled_at_once_the_lower_id_keeps_its_own) {
  need(9);
  const auto dial = first<out::dial>()->dial;
  opened(1, 9, dial);
  now = now + 1s;
  opened(2, 9);
  EXPECT_EQ(first<out::close>()->link, peer_link{2});
  EXPECT_EQ(book.link_to(node(9)), peer_link{1});
}

TEST_F(book_fixture, the_higher_id_closes_neither_and_waits_for_the_word_of_the_lower) {
  need(3);
  opened(1, 3, first<out::dial>()->dial);
  opened(2, 3);
  EXPECT_FALSE(first<out::close>());
  tell(in::closed{peer_link{1}, link_end::closed});
  EXPECT_EQ(first<out::peer_down>()->how, link_end::replaced);
  EXPECT_EQ(book.link_to(node(3)), peer_link{2});
}

TEST_F(book_fixture, a_reconnect_replaces_the_link_that_looks_alive) { // T28
  need(9);
  opened(1, 9, first<out::dial>()->dial);
  pass(1min);
  opened(2, 9);
  EXPECT_EQ(first<out::close>()->link, peer_link{1});
  EXPECT_EQ(first<out::peer_down>()->how, link_end::replaced);
  EXPECT_EQ(first<out::peer_up>()->link, peer_link{2});
}

TEST_F(book_fixture, a_reconnect_soon_after_the_first_link_wins_when_the_peer_insists) { // T28
  need(9);
  opened(1, 9, first<out::dial>()->dial);
  opened(2, 9);
  EXPECT_EQ(first<out::close>()->link, peer_link{2});
  opened(3, 9);
  EXPECT_EQ(first<out::close>()->link, peer_link{1});
  EXPECT_EQ(book.link_to(node(9)), peer_link{3});
}

TEST_F(book_fixture, a_peer_that_never_closes_its_spare_links_has_few) {
  need(3);
  opened(1, 3, first<out::dial>()->dial);
  for (std::uint64_t link = 2; link < 20; ++link)
    opened(link, 3);
  EXPECT_LE(book.links(), 1 + limits::link_spares_max);
  pass(limits::dial_within);
  EXPECT_EQ(book.links(), 1U);
}

/// Two books and a network: whatever it does takes between 0 and 300 ms, now and then three seconds.
class pair_world {
public:
  explicit pair_world(std::uint64_t seed) : random_(seed) {
    begin(0);
    begin(1);
  }

  void need(int side) {
    ends_[side]->on(in::need{node(other(side)), {{"only"}, {}}, link_use::overlay}, clock.now(), fx_);
    carry_out(side);
  }
  /// The link in use is lost at one end, much later at the other.
  void break_link(int side) {
    const auto link = ends_[side]->link_to(node(other(side)));
    if (!link) return;
    hear_closed(side, *link, link_end::broken);
    clock.after(5s, [=, this] { hear_closed(other(side), *link, link_end::silent); });
  }
  /// The process begins anew; its links end at the other side.
  void restart(int side) {
    begin(side);
    ++lives_[side];
    for (auto& [link, c] : connections_) {
      c.closed[side] = true;
      clock.after(delay(), [=, this, l = link] { hear_closed(other(side), l, link_end::broken); });
    }
    need(side);
  }
  [[nodiscard]] bool agreed() const {
    const auto link = ends_[0]->link_to(node(1));
    return link && link == ends_[1]->link_to(node(0)) && ends_[0]->links() == 1 && ends_[1]->links() == 1;
  }
  agenda clock;
  int ups = 0;
  seeded_random& random() { return random_; }

private:
  struct connection {
    std::array<bool, 2> closed{};
    std::array<mono_time, 2> last{}; // what one end hears of it is in order
  };
  void begin(int side) { ends_[side].emplace(node(static_cast<std::uint32_t>(side)), std::vector<contact>{}, random_); }
  static int other(int side) { return 1 - side; }
  microseconds delay() {
    return microseconds(random_.below(10) == 0 ? random_.below(3'000'000) : random_.below(300'000));
  }
  void dial(int side, dial_number dial) {
    clock.after(delay(), [=, this, life = lives_[side]] {
      if (random_.below(10) == 0)
        return at_end(side, [=](auto& book, auto now, auto& fx) { book.on(in::dial_failed{dial}, now, fx); });
      const peer_link link{++last_link_};
      connections_[link];
      for (const int end : {side, other(side)})
        in_order(link, end, [=, this] {
          auto& c = connections_[link];
          if (end == side && (stopped_.contains({side, dial.value()}) || lives_[side] != life))
            return close(side, link);
          if (c.closed[end]) return; // the end that began anew knows nothing of it
          at_end(end, [&](auto& book, auto now, auto& fx) {
            book.on(in::opened{link, node(other(end)), end == side ? std::optional(dial) : std::nullopt}, now, fx);
          });
        });
    });
  }
  void close(int side, peer_link link) {
    connections_[link].closed[side] = true;
    in_order(link, other(side), [=, this] { hear_closed(other(side), link, link_end::closed); });
  }
  void in_order(peer_link link, int end, std::function<void()> what) {
    auto& last = connections_[link].last[end];
    last = std::max(last, clock.now() + delay());
    clock.at(last, std::move(what));
  }
  void hear_closed(int side, peer_link link, link_end how) {
    if (std::exchange(connections_[link].closed[side], true)) return;
    at_end(side, [=](auto& book, auto now, auto& fx) { book.on(in::closed{link, how}, now, fx); });
  }
  template <class Call>
  void at_end(int side, Call call) {
    call(*ends_[side], clock.now(), fx_);
    carry_out(side);
  }
  void carry_out(int side) {
    for (const auto& effect : std::exchange(fx_, {}))
      std::visit(overloaded{[&](const out::dial& d) { dial(side, d.dial); },
                            [&](const out::stop_dialling& s) {
                              stopped_.insert({side, s.dial.value()});
                            },
                            [&](const out::close& c) { close(side, c.link); }, [&](const out::peer_up&) { ++ups; },
                            [](const auto&) {}},
                 effect);
    if (const auto next = ends_[side]->next_tick();
        next && (!wake_[side] || *next < *wake_[side] || *wake_[side] <= clock.now())) {
      wake_[side] = next;
      clock.at(*next, [=, this] {
        wake_[side].reset();
        at_end(side, [](auto& book, auto now, auto& fx) { book.tick(now, fx); });
      });
    }
  }

  seeded_random random_;
  std::array<std::optional<link_book>, 2> ends_;
  std::array<int, 2> lives_{};
  std::array<std::optional<mono_time>, 2> wake_;
  std::map<peer_link, connection> connections_;
  std::set<std::pair<int, std::uint64_t>> stopped_;
  std::uint64_t last_link_ = 0;
  link_book::effects fx_;
};

TEST(two_link_books, dialling_at_once_agree_on_one_link) {
  const auto seed = test_seed();
  for (std::uint64_t round = 0; round < 2000; ++round) {
    SCOPED_TRACE(testing::Message() << "seed " << seed << " round " << round);
    pair_world world(seed + round);
    world.need(0);
    world.clock.after(microseconds(world.random().below(1'000'000)), [&] { world.need(1); });
    world.clock.run_until(mono_time{} + 40s);
    ASSERT_TRUE(world.agreed());
    ASSERT_LE(world.ups, 8);
  }
}

TEST(two_link_books, agree_again_after_broken_links_and_restarts) { // T25, T27, T28
  const auto seed = test_seed();
  for (std::uint64_t round = 0; round < 1000; ++round) {
    SCOPED_TRACE(testing::Message() << "seed " << seed << " round " << round);
    pair_world world(seed + round);
    world.need(0);
    world.need(1);
    for (int i = 0; i < 20; ++i)
      world.clock.after(microseconds(world.random().below(60'000'000)), [&] {
        const int side = static_cast<int>(world.random().below(2));
        if (world.random().below(5) == 0) {
          world.restart(side);
        } else {
          world.break_link(side);
        }
      });
    world.clock.run_until(mono_time{} + 120s);
    ASSERT_TRUE(world.agreed());
    const auto ups = world.ups;
    world.clock.run_until(mono_time{} + 1h);
    ASSERT_EQ(world.ups, ups) << "at rest nothing changes";
  }
}

} // namespace
} // namespace weft::membership

#include "mesh/base/planted_bug.hpp"
#include "tests/mesh/base/test_seed.hpp"
#include "tests/mesh/replication/copying.hpp"

namespace weft::replication::testing {

using namespace std::chrono_literals;

class replica_puller_test : public copying {};

TEST_F(replica_puller_test, it_pulls_what_there_is_and_confirms_what_is_synced) {
  open();
  append_values(20);
  start_puller();
  want({name_of(orders)});
  source_ready();
  EXPECT_TRUE(demands.empty()); // the store is not open yet
  while (!requests.empty())
    store_step();
  ASSERT_EQ(demands.size(), 1U);
  EXPECT_FALSE(demands[0].from);
  source_step(); // opened
  source_step();
  EXPECT_EQ(confirms, 0);
  settle_down();
  EXPECT_EQ(confirmed, (log_position{log->state().epoch, seq{20}}));
  EXPECT_EQ(whole, std::set<std::string>{name_of(orders)});
  EXPECT_EQ(copied(name_of(orders)), written[name_of(orders)]);
}

#ifdef WEFT_PLANTED_BUGS
TEST_F(replica_puller_test, the_deliberate_bug_confirms_before_anything_is_synced) {
  plant(planted_bug::replica_confirms_before_sync);
  open();
  append_values(20);
  start_puller();
  want({name_of(orders)});
  source_ready();
  while (!requests.empty())
    store_step();
  while (source_step()) {}
  plant(planted_bug::none);
  EXPECT_EQ(confirmed.seq, seq{20});
  EXPECT_EQ(copy->state().ranges(), 0U);
}
#endif

TEST_F(replica_puller_test, one_sync_serves_all_that_came_while_one_ran) {
  open();
  append_values(60);
  start_puller();
  want({name_of(orders)});
  source_ready();
  while (!requests.empty())
    store_step();
  while (source_step()) {} // the store is slow
  ASSERT_GT(runs, 5);
  settle_down();
  EXPECT_EQ(syncs, 2);
  EXPECT_EQ(confirmed.seq, seq{60});
}

TEST_F(replica_puller_test, credit_is_given_for_what_is_on_disk_only) {
  window = 12'000;
  open();
  append_values(100);
  start_puller();
  want({name_of(orders)});
  source_ready();
  while (!requests.empty())
    store_step();
  while (source_step()) {}
  EXPECT_EQ(runs, 2);
  while (!std::holds_alternative<out::sync>(requests.front()))
    store_step();
  EXPECT_FALSE(source_step());
  store_step();
  EXPECT_TRUE(source_step());
  settle_down();
  EXPECT_EQ(copied(name_of(orders)), written[name_of(orders)]);
}

TEST_F(replica_puller_test, what_is_not_for_the_copy_is_confirmed_without_a_sync) {
  open();
  append_values(3);
  start_puller();
  want({name_of(orders)});
  source_ready();
  settle_down();
  const auto before = syncs;
  for (int i = 0; i < 10; ++i) {
    append_values(5, stock);
    settle_down();
  }
  EXPECT_EQ(syncs, before);
  EXPECT_EQ(confirmed.seq, seq{53});
  ASSERT_TRUE(puller->next_tick());
  pass(31s);
  settle_down();
  EXPECT_EQ(syncs, before + 1);
  EXPECT_EQ(copy->state().end().seq, seq{53});
  EXPECT_FALSE(puller->next_tick());
}

TEST_F(replica_puller_test, an_owner_that_is_away_is_waited_for) {
  open();
  append_values(10);
  start_puller();
  want({name_of(orders)});
  source_ready();
  settle_down();
  lose_links(true);
  pass(1h);
  EXPECT_EQ(demands.size(), 1U);
  EXPECT_EQ(copied(name_of(orders)), written[name_of(orders)]);
  open(); // the owner is back, in a new epoch
  append_values(10);
  confirmed = {};
  source_ready();
  settle_down();
  ASSERT_EQ(demands.size(), 2U);
  EXPECT_EQ(demands[1].from->seq, seq{10});
  EXPECT_EQ(confirmed, (log_position{log->state().epoch, seq{20}}));
  EXPECT_EQ(copied(name_of(orders)), written[name_of(orders)]);
}

TEST_F(replica_puller_test, an_owner_that_lost_its_end_goes_on_and_the_copy_keeps_both) { // T16 T17
  open();
  append_values(10);
  const auto backup = disk.clone();
  append_values(5);
  start_puller();
  want({name_of(orders)});
  source_ready();
  settle_down();
  lose_links(true);
  log.reset();
  for (const auto& path : disk.files())
    ASSERT_TRUE(disk.remove(path));
  for (const auto& path : backup->files())
    disk.restore(path, *backup->content(path));
  open();
  append_values(3);
  source_ready();
  settle_down();
  EXPECT_EQ(confirmed, (log_position{log->state().epoch, seq{13}}));
  const auto epoch = log->state().epoch;
  ASSERT_GT(copy->state().parts.at(0).had.size(), 1U);
  EXPECT_EQ(copy->state().parts.at(0).had.begin()->second.ranges().back().until, seq{15});
  EXPECT_EQ(copy->state().parts.at(0).had.at(epoch).ranges().front().from, seq{10});
  EXPECT_EQ(copied(name_of(orders)), written[name_of(orders)]);
}

TEST_F(replica_puller_test, a_pull_that_is_refused_is_tried_again_ever_more_slowly) {
  open();
  start_puller();
  want({name_of(orders)});
  source_ready();
  while (!requests.empty())
    store_step();
  std::vector<std::int64_t> waits;
  for (int i = 0; i < 9; ++i) {
    puller->on(in::lost{demands.back().pull, false}, now);
    const auto before = now;
    ASSERT_TRUE(puller->next_tick());
    pass(*puller->next_tick() - now);
    waits.push_back((now - before).count() / 1000);
    EXPECT_EQ(demands.size(), std::size_t(i + 2));
  }
  EXPECT_EQ(waits, (std::vector<std::int64_t>{500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000}));
}

TEST_F(replica_puller_test, topics_added_later_are_filled_in_and_nothing_else_is_pulled_again) {
  open();
  for (int i = 0; i < 20; ++i)
    append_values(1, i % 2 == 0 ? orders : stock);
  start_puller();
  want({name_of(orders)});
  source_ready();
  settle_down();
  want({name_of(orders), name_of(stock)});
  append_values(10, stock);
  settle_down();
  ASSERT_EQ(demands.size(), 3U);
  EXPECT_EQ(demands[1].from->seq, seq{20}); // the main flow goes on
  EXPECT_EQ(demands[2].from->seq, seq{0});
  EXPECT_EQ(*demands[2].topics, strings{name_of(stock)});
  EXPECT_EQ(whole, (std::set<std::string>{name_of(orders), name_of(stock)}));
  EXPECT_EQ(flows.size(), 1U);
  EXPECT_EQ(copied(name_of(stock)), written[name_of(stock)]);
  EXPECT_EQ(copied(name_of(orders)), written[name_of(orders)]);
}

TEST_F(replica_puller_test, a_topic_is_not_said_to_be_whole_before_it_is) {
  open();
  append_values(20, stock);
  start_puller();
  want({name_of(orders)});
  source_ready();
  settle_down();
  want({name_of(orders), name_of(stock)});
  while (!whole.contains(name_of(stock)))
    ASSERT_TRUE(store_step() || source_step());
  EXPECT_EQ(copy->state().parts.size(), 1U);
  EXPECT_EQ(copied(name_of(stock)), written[name_of(stock)]);
}

TEST_F(replica_puller_test, what_its_node_no_longer_has_to_hold_stays_until_the_list_is_settled) {
  const std::vector<node_id> first{node_id{}}, second{};
  open();
  append_values(5);
  append_values(5, stock);
  start_puller();
  want({name_of(orders), name_of(stock)}, first);
  source_ready();
  settle_down();
  want({name_of(orders)}, second);
  append_values(5, stock);
  settle_down();
  EXPECT_EQ(copied(name_of(stock)), written[name_of(stock)]);
  puller->on(in::settled{first}, fx); // late
  carry_out();
  settle_down();
  EXPECT_EQ(whole.size(), 2U);
  puller->on(in::settled{second}, fx);
  carry_out();
  settle_down();
  EXPECT_EQ(whole, std::set<std::string>{name_of(orders)});
  EXPECT_EQ(copy->state().parts.at(0).topics, strings{name_of(orders)});
  append_values(5);
  settle_down();
  EXPECT_EQ(copied(name_of(orders)), written[name_of(orders)]);
}

TEST_F(replica_puller_test, a_copy_that_gave_up_all_begins_anew_at_the_log_s_begin) {
  const std::vector<node_id> first{node_id{}}, second{};
  open();
  append_values(5, stock);
  start_puller();
  want({name_of(stock)}, first);
  source_ready();
  settle_down();
  want({}, second);
  puller->on(in::settled{second}, fx);
  carry_out();
  want({name_of(stock)}, first); // before the store has given it up
  append_values(5, stock);
  settle_down();
  EXPECT_EQ(copied(name_of(stock)), written[name_of(stock)]);
  EXPECT_EQ(whole, std::set<std::string>{name_of(stock)});
}

TEST_F(replica_puller_test, a_damaged_range_of_the_source_is_passed_over_and_stays_known_as_missing) {
  open();
  append_values(60);
  const auto good = log->read({begin(), 1U << 20U, 0, {}});
  ASSERT_TRUE(good);
  open();
  const auto path = files(".seg").front();
  disk.flip_bit(path, 1000, 1);
  start_puller();
  want({name_of(orders)});
  source_ready();
  settle_down();
  const auto state = copy->state();
  const auto& had = state.parts.at(0).had.begin()->second;
  EXPECT_EQ(had.ranges().size(), 2U);
  EXPECT_EQ(had.ranges().back().until, seq{60});
  EXPECT_EQ(confirmed.seq, seq{60});
  EXPECT_EQ(whole, std::set<std::string>{name_of(orders)}) << "nobody can give it";

  ASSERT_TRUE(log->repair(good->epoch, good->from, good->until, good->run(), false));
  pass(limits::repair_again_most);
  settle_down();
  EXPECT_EQ(copied(name_of(orders)), written[name_of(orders)]);
}

TEST_F(replica_puller_test, nothing_behind_a_hole_is_confirmed_before_the_logs_node_knows_of_it) { // T22
  open();
  append_values(10);
  start_puller();
  want({name_of(orders)});
  source_ready();
  settle_down();
  ASSERT_EQ(whole, std::set<std::string>{name_of(orders)});
  const auto main = demands.back().pull;
  const auto epoch = log->state().epoch;
  puller->on(in::gap{main, {epoch, seq{10}, seq{20}}, errc::corrupt}, now, fx);
  puller->on(in::run{main, {epoch, seq{20}, seq{25}}, {}, {}, 0}, now, fx);
  carry_out();
  EXPECT_EQ(confirmed.seq, seq{10});
  pass(limits::copy_idle_sync);
  while (store_step()) {}
  EXPECT_TRUE(whole.empty());
  EXPECT_EQ(confirmed.seq, seq{25});
  EXPECT_EQ(demands.back().from, (log_position{epoch, seq{10}})) << "it is asked for";
}

TEST_F(replica_puller_test, two_writers_of_one_log_end_the_copying_with_an_alarm) { // T18
  open();
  append_values(10);
  start_puller();
  want({name_of(orders)});
  source_ready();
  settle_down();
  puller->on(in::store_failed{error(errc::diverged, "two entries")}, now, fx);
  carry_out();
  EXPECT_EQ(alarms.size(), 1U);
  EXPECT_TRUE(puller->diverged());
  EXPECT_TRUE(flows.empty());
  source_ready();
  pass(1h);
  EXPECT_TRUE(flows.empty());
}

TEST_F(replica_puller_test, starts_and_gaps_of_the_log_are_passed_on) {
  open();
  append_values(10);
  const auto epoch = log->state().epoch;
  start_puller();
  want({name_of(orders)});
  source_ready();
  settle_down();
  const auto pull = demands.back().pull;
  puller->on(
      in::gap{pull, {epoch, seq{10}, seq{10}}, errc::log_start, {{name_of(orders), topic_offset{4}, {epoch, seq{4}}}}},
      now, fx);
  carry_out();
  settle_down();
  EXPECT_EQ(copied(name_of(orders)), strings(written[name_of(orders)].begin() + 4, written[name_of(orders)].end()));
}

TEST_F(replica_puller_test, a_failed_store_is_opened_again_and_goes_on_where_it_is) {
  open();
  append_values(40);
  start_puller();
  want({name_of(orders)});
  source_ready();
  for (int i = 0; i < 12; ++i)
    if (!store_step()) source_step();
  disk_fault_plan plan;
  plan.failures.push_back({1, errc::disk_full, disk_call::write, false});
  copy_disk.set_faults(plan);
  settle_down();
  EXPECT_TRUE(flows.empty());
  ASSERT_TRUE(puller->next_tick());
  pass(*puller->next_tick() - now);
  settle_down();
  EXPECT_EQ(confirmed.seq, seq{40});
  EXPECT_EQ(copied(name_of(orders)), written[name_of(orders)]);
}

/// Links break, topics come, the owner restarts, the copy's machine loses its power; the copy never promises more than
/// it has, and in the end it has all.
TEST_F(replica_puller_test, whatever_happens_the_copy_keeps_what_it_confirmed_and_converges) { // T21
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  seeded_random chance(seed);
  for (int round = 0; round < 40; ++round) {
    written.clear();
    whole.clear();
    confirmed = {};
    copy.reset();
    for (auto* on : {&disk, &copy_disk}) {
      log.reset();
      for (const auto& path : on->files()) {
        ASSERT_TRUE(on->remove(path));
        ASSERT_TRUE(on->sync_directory(parent_directory(path)));
      }
    }
    open();
    append_values(1);
    strings topics{name_of(orders)};
    start_puller();
    want(topics);
    source_ready();
    const auto restart = [&] {
      copy_disk.halt();
      copy.reset();
      copy_disk.crash(chance);
      start_puller();
      want(topics);
      while (store_step()) {}
      ASSERT_TRUE(copy) << "round " << round;
      for (const auto& topic : whole) {
        const auto state = copy->state();
        const auto until = state.covered_until(copy->begin(), [&](std::string_view each) { return each == topic; });
        if (confirmed == log_position{}) continue;
        ASSERT_TRUE(until || state.ends_at(confirmed, {})) << topic;
        ASSERT_LE(confirmed_events(topic), copied(topic).size()) << topic;
      }
      source_ready();
    };
    for (int step = 0; step < 400; ++step) {
      switch (chance.below(24)) {
      case 0: append_values(3, orders); break;
      case 1: append_values(3, stock); break;
      case 2: append_values(2, own); break;
      case 3: pass(microseconds(chance.below(3'000'000))); break;
      case 4: lose_links(chance.below(2) == 0); break;
      case 5: source_ready(); break;
      case 6:
        if (chance.below(6) == 0) restart();
        break;
      case 7:
        if (chance.below(6) == 0) {
          lose_links(true);
          open();
        }
        break;
      case 8:
        if (topics.size() < 3) topics.push_back(name_of(topics.size() == 1 ? stock : own));
        std::sort(topics.begin(), topics.end());
        want(topics);
        break;
      default: static_cast<void>(chance.below(2) == 0 ? store_step() || source_step() : source_step() || store_step());
      }
    }
    for (int i = 0; i < 100; ++i) {
      source_ready();
      settle_down();
      pass(31s);
    }
    for (const auto& topic : topics)
      ASSERT_EQ(copied(topic), written[topic]) << "round " << round << ": " << topic;
    EXPECT_EQ(whole.size(), topics.size());
    EXPECT_EQ(confirmed.seq, log->state().synced_end);
    EXPECT_TRUE(alarms.empty());
  }
}

} // namespace weft::replication::testing

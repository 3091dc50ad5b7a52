// What a log lacks comes from its holders, one after the other, byte by byte as it was.
#include "mesh/replication/repair_plan.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/log/dump.hpp"
#include "mesh/log/replica_log.hpp"
#include "mesh/log/verify.hpp"
#include "tests/mesh/log/log_fixture.hpp"

#include <deque>

namespace weft::replication::testing {

using log::testing::name_of;
using log::testing::orders;
using log::testing::stock;
using log::testing::strings;
using in = repair_plan::in;
using out = repair_plan::out;
using lack = repair_plan::lack;

node_id node(std::uint8_t number) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(number);
  return node_id{bytes};
}

/// An owner, machines with copies of its log, and flows between them that are played.
class repair_plan_test : public log::testing::log_fixture {
protected:
  struct machine {
    std::unique_ptr<virtual_disk> disk = std::make_unique<virtual_disk>();
    std::unique_ptr<log::replica_log> copy;
    bool reachable = true, silent = false;
    std::uint64_t asked = 0;
  };
  struct flow {
    machine* from = nullptr;
    log_position at;
    std::uint64_t credit = 0, owed = 0; // owed: sent, and not consumed yet
    int beats = 0;                      // since time passed
  };

  repair_plan_test() { options.segment_bytes = 8U << 10U; }

  machine& add_holder(std::uint8_t number, const strings& topics) {
    auto& made = machines[node(number)];
    auto opened = log::replica_log::open(*made.disk, {"copy", options.id, 8U << 10U});
    EXPECT_TRUE(opened);
    made.copy = std::move(*opened);
    EXPECT_TRUE(made.copy->set_topics(topics));
    return made;
  }
  /// It has pulled everything of its topics in the owner's log.
  void pull(machine& into, log_position from, std::optional<seq> until = {}) {
    std::vector<std::string> topics;
    for (const auto& part : into.copy->state().parts)
      topics.insert(topics.end(), part.topics.begin(), part.topics.end());
    while (true) {
      const auto read = log->read({from, 4000, 0, [&](topic_id id) {
                                     return std::find(topics.begin(), topics.end(), name_of(id)) != topics.end();
                                   }});
      if (!read || (until && read->from >= *until)) break;
      ASSERT_TRUE(into.copy->take({read->epoch, read->from, read->until, read->log_time, read->run()}));
      from = {read->epoch, read->until};
    }
    ASSERT_TRUE(into.copy->sync());
  }
  void append_all(int count, const std::string& with, topic_id topic = orders) {
    for (int i = 0; i < count; ++i)
      ASSERT_TRUE(append(topic, {with + std::to_string(i) + filler(200)}));
  }
  void wipe() {
    log.reset();
    for (const auto& path : disk.files())
      ASSERT_TRUE(disk.remove(path));
    open();
  }

  // --- the plan

  void tell_holders() {
    std::vector<node_id> ordered;
    for (const auto& [id, each] : machines)
      ordered.push_back(id);
    plan->on(in::holders{ordered}, now, fx);
  }
  void tell_sought() {
    in::sought sought{{}, log->closed_epochs(), log->state().epoch};
    for (const auto& each : log->damaged())
      sought.damaged.push_back({each.epoch, each.from, each.until});
    plan->on(sought, now, fx);
  }
  void start() {
    returned_before.clear();
    restart_plan();
  }
  void restart_plan() {
    flows.clear();
    given_anew = 0;
    plan.emplace(options.id, returned_before);
    tell_sought();
    tell_holders();
    run();
  }
  void run() {
    for (int rounds = 0; rounds < 100'000; ++rounds) {
      if (!fx.empty()) {
        for (auto& effect : std::exchange(fx, {}))
          std::visit([this](auto& one) { carry_out(one); }, effect);
      } else if (!step_flow()) {
        return;
      }
    }
    ADD_FAILURE() << "it does not end";
  }
  void pass(microseconds time) {
    now = now + time;
    for (auto& [pull, of] : flows)
      of.beats = 0;
    plan->tick(now, fx);
    run();
  }
  void carry_out(const out::demand& demand) {
    auto& of = machines.at(demand.holder);
    ++of.asked;
    last_asked = demand;
    if (!of.reachable) return plan->on(in::ended{demand.pull, false}, now, fx);
    if (of.silent) return;
    auto at = demand.from;
    if (at.epoch == weft::epoch{}) at = of.copy->begin();
    at = of.copy->go_on_at(at);
    if (!of.copy->state().covered_until(at, {}) && at != of.copy->state().end()) {
      const auto next = of.copy->next_readable(at);
      if (!next) return plan->on(in::ended{demand.pull, true}, now, fx);
      at = *next;
    }
    flows[demand.pull] = {&of, at, window};
    plan->on(in::opened{demand.pull, at}, now, fx);
  }
  void carry_out(const out::withdraw& withdraw) { flows.erase(withdraw.pull); }
  void carry_out(const out::consumed& consumed) {
    const auto found = flows.find(consumed.pull);
    if (found == flows.end()) return;
    EXPECT_LE(consumed.cost, found->second.owed);
    found->second.owed -= consumed.cost;
    found->second.credit += consumed.cost;
  }
  void carry_out(const out::store& store) {
    ++stores;
    result<std::uint64_t> put =
        fail(diverges ? errc::diverged : errc::io_error, diverges ? "two different entries" : "the disk fails");
    if (!store_fails && !diverges) {
      const auto& range = store.range;
      put = store.is == lack::lost ? log->take_back(range.epoch, range.from, range.until, store.bytes)
                                   : log->repair(range.epoch, range.from, range.until, store.bytes, false);
    }
    tell_sought();
    plan->on(in::stored{put}, now, fx);
  }
  void carry_out(const out::keep& keep) { returned_before = keep.all; }
  void carry_out(const out::report& report) { reports.push_back(report); }
  bool step_flow() {
    if (flows.empty()) return false;
    auto& [pull, of] = *flows.begin();
    if (of.credit < 5000) return false;
    const auto number = pull;
    const auto read = of.from->copy->read({of.at, 4000, 0, {}});
    if (!read) {
      const auto code = read.error().code();
      const auto next = code == errc::end_of_log ? std::nullopt : of.from->copy->next_readable(of.at);
      if (code == errc::end_of_log) {
        if (++of.beats > 10) return false;
        plan->on(in::run{number, {of.at.epoch, of.at.seq, of.at.seq}, {}, 0}, now, fx); // its heartbeat
      } else if (next) {
        const log::epoch_range gone{next->epoch, of.at.seq, next->seq};
        of.at = *next;
        plan->on(in::gap{number, gone}, now, fx);
      } else {
        flows.erase(flows.begin());
        plan->on(in::ended{number, true}, now, fx);
      }
      return true;
    }
    of.at = {read->epoch, read->until};
    const auto bytes = read->run();
    of.credit -= bytes.size();
    of.owed += bytes.size();
    for (const auto& entry : read->entries)
      given_anew += entry.header.count;
    plan->on(in::run{number, {read->epoch, read->from, read->until}, bytes, bytes.size()}, now, fx);
    return true;
  }

  std::size_t reports_of(errc code) const {
    return static_cast<std::size_t>(
        std::count_if(reports.begin(), reports.end(), [&](const auto& each) { return each.why.code() == code; }));
  }
  strings all_values() {
    strings values;
    auto from = begin();
    for (int rounds = 0; rounds < 10'000; ++rounds) {
      const auto read = log->read({from, 4000, 0, {}});
      if (code_of(read) == errc::end_of_log) break;
      const auto next = log->next_readable(from);
      if (code_of(read) == errc::epoch_ended) {
        from = log->go_on_at(from);
      } else if (!read && next) {
        from = *next;
      } else if (!read) {
        ADD_FAILURE() << read.error().message();
        break;
      } else {
        for (const auto& entry : read->entries)
          for (const auto& value : log::testing::values_of(entry))
            values.push_back(value);
        from = {read->epoch, read->until};
      }
    }
    return values;
  }
  void flip(std::uint64_t number) {
    const auto path = files(".seg").front();
    std::uint64_t seen = 0, at = 0;
    ASSERT_TRUE(log::dump_segment(disk, path, [&](std::uint64_t offset, const wire::stored_entry&) {
      if (seen++ == number) at = offset;
      return true;
    }));
    disk.flip_bit(path, at + 100, 2);
    read_all(); // readers meet it
    ASSERT_EQ(log->damaged().size(), 1U);
  }
  void expect_sound() {
    log.reset();
    const auto report = log::verify_directory(disk, options.directory);
    ASSERT_TRUE(report);
    for (const auto& each : report->damage)
      ADD_FAILURE() << each.file << " at " << each.offset << ": " << each.what;
    open();
  }

  std::map<node_id, machine> machines;
  std::optional<repair_plan> plan;
  repair_plan::effects fx;
  out::demand last_asked;
  mono_time now{1'000'000};
  std::uint64_t window = 1U << 20U;
  std::map<repair_plan::pull_number, flow> flows;
  std::vector<out::report> reports;
  std::uint64_t stores = 0, given_anew = 0;
  std::vector<returned> returned_before;
  bool store_fails = false, diverges = false;
};

TEST_F(repair_plan_test, damage_is_repaired_from_the_first_holder_that_has_it) { // T04
  open();
  append_all(40, "a");
  log->maintain(clock.mono());
  pull(add_holder(1, {name_of(stock)}), begin()); // it holds other topics
  pull(add_holder(2, {name_of(orders)}), begin());
  open();
  const auto path = files(".seg").front();
  const auto before = *disk.content(path);
  flip(3);
  start();
  EXPECT_TRUE(log->damaged().empty());
  const auto after = *disk.content(path);
  EXPECT_TRUE(std::equal(after.begin(), after.end(), before.begin())); // behind its entries it had zeros
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].why.code(), errc::ok);
  EXPECT_EQ(reports[0].holder, node(2));
  EXPECT_EQ(reports[0].entries, 1U);
  EXPECT_EQ(reports[0].range, (log::epoch_range{log->closed_epochs().at(0).epoch, seq{3}, seq{4}}));
  EXPECT_FALSE(plan->busy());
  EXPECT_EQ(plan->next_tick(), std::nullopt);
  expect_sound();
}

TEST_F(repair_plan_test, what_nobody_has_is_told_once_and_sought_from_who_comes_later) { // T22
  open();
  append_all(40, "a");
  log->maintain(clock.mono());
  pull(add_holder(9, {name_of(orders)}), begin());
  auto kept = std::move(machines.at(node(9)));
  machines.clear();
  pull(add_holder(1, {name_of(stock)}), begin());
  open();
  flip(3);
  start();
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].why.code(), errc::not_found);
  const log::epoch_range damaged{log->closed_epochs().at(0).epoch, seq{3}, seq{4}};
  EXPECT_FALSE(plan->may_come_back(damaged));
  EXPECT_FALSE(plan->may_come_back({damaged.epoch, seq{0}, seq{40}}));
  EXPECT_FALSE(plan->may_come_back({damaged.epoch, seq{4}, seq{40}})) << "it is not damaged";
  tell_sought();
  run();
  EXPECT_EQ(reports.size(), 1U);
  machines[node(9)] = std::move(kept);
  tell_holders();
  EXPECT_TRUE(plan->may_come_back(damaged));
  run();
  EXPECT_TRUE(log->damaged().empty());
  EXPECT_EQ(reports.back().why.code(), errc::ok);
}

TEST_F(repair_plan_test, a_lost_tail_and_lost_epochs_come_back_from_several_holders) { // T16 T17
  open();
  append_all(10, "a");
  append_all(10, "b", stock);
  auto& first = add_holder(1, {name_of(orders)});
  auto& second = add_holder(2, {name_of(stock)});
  const auto old = disk.clone();
  append_all(5, "c");
  append_all(5, "d", stock);
  open();
  append_all(10, "e", stock);
  open();
  append_all(10, "f");
  const auto from = begin();
  const auto expected = all_values();
  const auto highest = log->state().epoch;
  pull(first, from);
  pull(second, from);
  log.reset(); // an old backup is put back
  for (const auto& path : disk.files())
    ASSERT_TRUE(disk.remove(path));
  for (const auto& path : old->files())
    disk.restore(path, *old->content(path));
  open();
  ASSERT_TRUE(log->open_above(highest.count()));
  start();
  EXPECT_EQ(all_values(), expected);
  EXPECT_GE(reports_of(errc::ok), 4U);
  EXPECT_EQ(reports_of(errc::ok), reports.size());
  expect_sound();
  EXPECT_EQ(all_values(), expected);
}

/// In whatever order holders come, and through restarts: what one had between the other's events comes too.
TEST_F(repair_plan_test, what_lies_between_events_that_came_back_comes_back_from_another_holder) { // T17
  open();
  for (int i = 0; i < 5; ++i) {
    append_all(3, "a" + std::to_string(i), stock);
    append_all(3, "b" + std::to_string(i));
  }
  const auto expected = all_values();
  const auto highest = log->state().epoch;
  auto& first = add_holder(1, {name_of(orders)});
  auto& second = add_holder(2, {name_of(stock)});
  pull(first, begin());
  pull(second, begin());
  wipe();
  ASSERT_TRUE(log->open_above(highest.count()));
  second.reachable = false;
  start();
  EXPECT_EQ(all_values().size(), expected.size() / 2);
  restart_plan();
  second.reachable = true;
  plan->on(in::holder_ready{node(2)}, now, fx);
  run();
  EXPECT_EQ(all_values(), expected);
  EXPECT_EQ(given_anew, expected.size() / 2) << "nothing comes twice";
  expect_sound();
  EXPECT_EQ(all_values(), expected);
}

/// The log has nothing more for it, so it is never filled in.
TEST_F(repair_plan_test, a_copy_that_holds_another_topic_since_gives_back_what_it_has) {
  open();
  append_all(20, "a");
  const auto expected = all_values();
  const auto highest = log->state().epoch;
  auto& holder = add_holder(1, {name_of(orders)});
  pull(holder, begin());
  ASSERT_TRUE(holder.copy->set_topics({name_of(orders), name_of(stock)}));
  wipe();
  ASSERT_TRUE(log->open_above(highest.count()));
  start();
  EXPECT_EQ(all_values(), expected);
}

TEST_F(repair_plan_test, what_was_given_counts_only_while_the_log_still_has_it) {
  open();
  append_all(20, "a");
  const auto expected = all_values();
  const auto highest = log->state().epoch;
  pull(add_holder(1, {name_of(orders)}), begin());
  wipe();
  ASSERT_TRUE(log->open_above(highest.count()));
  start();
  EXPECT_EQ(all_values(), expected);
  wipe();
  ASSERT_TRUE(log->open_above(highest.count()));
  restart_plan();
  EXPECT_EQ(all_values(), expected);
}

TEST_F(repair_plan_test, an_empty_disk_gets_all_that_holders_have) { // T17
  open();
  append_all(10, "a");
  open();
  append_all(10, "b");
  const auto expected = all_values();
  const auto highest = log->state().epoch;
  pull(add_holder(1, {name_of(orders)}), begin());
  wipe();
  ASSERT_TRUE(log->open_above(highest.count()));
  start();
  EXPECT_EQ(all_values(), expected);
  expect_sound();
}

TEST_F(repair_plan_test, a_hole_that_nobody_can_fill_is_told_and_what_lies_behind_comes_back) { // T22
  open();
  append_all(60, "a");
  const auto epoch = log->state().epoch;
  auto& early = add_holder(1, {name_of(orders)});
  auto& late = add_holder(2, {name_of(orders)});
  pull(early, begin(), seq{10});
  pull(late, {epoch, seq{40}});
  wipe();
  ASSERT_TRUE(log->open_above(epoch.count()));
  start();
  const auto end = early.copy->state().end().seq;
  ASSERT_LT(end, seq{40});
  ASSERT_EQ(reports_of(errc::not_found), 1U);
  for (const auto& each : reports)
    if (each.why.code() == errc::not_found) {
      EXPECT_EQ(each.range, (log::epoch_range{epoch, end, seq{40}}));
    }
  EXPECT_EQ(all_values().size(), end.value() + 20);
  expect_sound();
}

TEST_F(repair_plan_test, a_holder_that_is_away_or_silent_is_asked_again_later_and_others_meanwhile) { // T24
  open();
  append_all(40, "a");
  log->maintain(clock.mono());
  for (const auto number : std::initializer_list<std::uint8_t>{1, 2, 3})
    pull(add_holder(number, {name_of(number == 3 ? stock : orders)}), begin());
  machines.at(node(1)).reachable = false;
  machines.at(node(2)).silent = true;
  open();
  flip(3);
  start();
  EXPECT_EQ(machines.at(node(1)).asked, 1U);
  ASSERT_TRUE(plan->next_tick());
  pass(limits::repair_answer_within);
  EXPECT_EQ(machines.at(node(3)).asked, 1U);
  EXPECT_EQ(log->damaged().size(), 1U);
  EXPECT_TRUE(reports.empty());
  machines.at(node(1)).reachable = true;
  for (int rounds = 0; rounds < 20 && !log->damaged().empty() && plan->next_tick(); ++rounds)
    pass(*plan->next_tick() - now);
  EXPECT_TRUE(log->damaged().empty());
  EXPECT_EQ(reports.size(), 1U);
}

TEST_F(repair_plan_test, it_gives_up_when_holders_stay_away) {
  open();
  append_all(40, "a");
  log->maintain(clock.mono());
  pull(add_holder(1, {name_of(orders)}), begin());
  machines.at(node(1)).reachable = false;
  open();
  flip(3);
  start();
  const auto began = now;
  const log::epoch_range damaged{log->closed_epochs().at(0).epoch, seq{3}, seq{4}};
  for (int rounds = 0; rounds < 1000 && plan->next_tick(); ++rounds) {
    EXPECT_TRUE(plan->may_come_back(damaged));
    pass(*plan->next_tick() - now);
  }
  EXPECT_EQ(plan->next_tick(), std::nullopt);
  EXPECT_FALSE(plan->may_come_back(damaged));
  EXPECT_EQ(reports_of(errc::not_found), 1U);
  EXPECT_LE(machines.at(node(1)).asked, std::uint64_t{3} * (limits::repair_rounds_max + 1));
  EXPECT_GT(now - began, std::chrono::minutes(10));
}

TEST_F(repair_plan_test, different_entries_end_the_seeking_with_an_alarm) { // T18
  open();
  append_all(40, "a");
  log->maintain(clock.mono());
  pull(add_holder(1, {name_of(orders)}), begin());
  pull(add_holder(2, {name_of(orders)}), begin());
  open();
  flip(3);
  diverges = true;
  start();
  ASSERT_EQ(reports_of(errc::diverged), 1U);
  EXPECT_EQ(reports[0].holder, node(1));
  EXPECT_FALSE(plan->may_come_back({log->closed_epochs().at(0).epoch, seq{3}, seq{4}}));
  diverges = false;
  const auto asked = machines.at(node(2)).asked;
  tell_sought();
  run();
  pass(std::chrono::hours(1));
  EXPECT_EQ(machines.at(node(2)).asked, asked); // nothing of that range is taken any more
  EXPECT_EQ(log->damaged().size(), 1U);
}

/// Whose credit was held back.
TEST_F(repair_plan_test, what_is_refused_owes_the_next_holder_nothing) {
  open();
  for (int i = 0; i < 60; ++i)
    ASSERT_TRUE(append(orders, {filler(500'000)}));
  const auto highest = log->state().epoch;
  pull(add_holder(1, {name_of(orders)}), begin());
  pull(add_holder(2, {name_of(orders)}), begin());
  wipe();
  ASSERT_TRUE(log->open_above(highest.count()));
  start();
  EXPECT_EQ(stores, 3U) << "then credit is held back";
  store_fails = true;
  for (int i = 0; i < 100; ++i)
    pass(microseconds{1'000'000});
  EXPECT_GT(stores, 3U);
}

TEST_F(repair_plan_test, a_failing_disk_is_tried_again) {
  open();
  append_all(40, "a");
  log->maintain(clock.mono());
  pull(add_holder(1, {name_of(orders)}), begin());
  open();
  flip(3);
  store_fails = true;
  start();
  EXPECT_EQ(reports_of(errc::io_error), 1U);
  store_fails = false;
  ASSERT_TRUE(plan->next_tick());
  pass(*plan->next_tick() - now);
  EXPECT_TRUE(log->damaged().empty());
}

TEST_F(repair_plan_test, what_comes_back_is_slower_than_live_flows_and_bounded) {
  open();
  const auto epoch = log->state().epoch;
  append_all(1, "a");
  pull(add_holder(1, {name_of(orders)}), begin());
  wipe();
  ASSERT_TRUE(log->open_above(epoch.count()));
  machines.at(node(1)).silent = true;
  start();
  const auto pull = machines.at(node(1)).asked;
  plan->on(in::opened{pull, {epoch, seq{0}}}, now, fx); // the first demand was for the beginning of all
  run();
  plan->on(in::opened{pull + 1, {epoch, seq{0}}}, now, fx);
  fx.clear();
  std::uint64_t given = 0;
  for (std::uint64_t i = 0; i < 100; ++i) {
    plan->on(in::run{pull + 1, {epoch, seq{i}, seq{i + 1}}, {}, 1U << 20U}, now, fx);
    for (const auto& effect : std::exchange(fx, {}))
      if (const auto* consumed = std::get_if<out::consumed>(&effect)) given += consumed->cost;
  }
  EXPECT_LE(given, limits::repair_rate + (2U << 20U));
  ASSERT_TRUE(plan->next_tick());
  now = *plan->next_tick();
  plan->tick(now, fx);
  ASSERT_EQ(fx.size(), 1U);
  EXPECT_EQ(std::get<out::consumed>(fx[0]).cost + given, 100U << 20U);
}

TEST_F(repair_plan_test, first_epochs_come_back_though_the_log_has_begun_anew) { // T17
  open();
  append_all(10, "a");
  open();
  append_all(10, "b");
  auto expected = all_values();
  const auto highest = log->state().epoch;
  pull(add_holder(1, {name_of(orders)}), begin());
  wipe();
  ASSERT_TRUE(log->open_above(highest.count()));
  append_all(5, "c");
  const auto fresh = all_values();
  expected.insert(expected.end(), fresh.begin(), fresh.end());
  open();
  start();
  EXPECT_EQ(all_values(), expected);
  expect_sound();
}

TEST_F(repair_plan_test, what_was_above_the_log_is_sought_when_the_log_has_gone_above_it) { // T17
  open();
  append_all(10, "a");
  const auto lost = log->state().epoch;
  pull(add_holder(1, {name_of(orders)}), begin());
  const auto expected = all_values();
  wipe();
  plan.emplace(options.id);
  plan->on(in::sought{{}, {}, weft::epoch(lost.count(), 0)}, now, fx); // below what was lost
  tell_holders();
  run();
  EXPECT_TRUE(all_values().empty());
  ASSERT_TRUE(log->open_above(lost.count()));
  tell_sought();
  run();
  EXPECT_EQ(all_values(), expected);
}

TEST_F(repair_plan_test, a_holder_that_opens_its_copy_is_asked_again) {
  open();
  append_all(40, "a");
  log->maintain(clock.mono());
  auto& holder = add_holder(1, {name_of(orders)});
  const auto from = begin();
  open();
  flip(3);
  start();
  EXPECT_EQ(reports_of(errc::not_found), 1U);
  for (auto at = from; at.seq < seq{40}; at = {at.epoch, seq{at.seq.value() + 1}}) // all but what is damaged here
    if (at.seq != seq{3}) pull(holder, at, seq{at.seq.value() + 1});
  plan->on(in::holder_ready{node(1)}, now, fx);
  run();
  EXPECT_EQ(log->damaged().size(), 1U);
  EXPECT_EQ(reports_of(errc::not_found), 2U);
}

TEST_F(repair_plan_test, a_heartbeat_before_the_first_run_is_not_the_end) {
  open();
  append_all(40, "a");
  log->maintain(clock.mono());
  pull(add_holder(1, {name_of(orders)}), begin());
  open();
  flip(3);
  const auto epoch = log->closed_epochs().at(0).epoch;
  machines.at(node(1)).silent = true;
  start();
  const in::run heartbeat{1, {epoch, seq{3}, seq{3}}, {}, 0};
  plan->on(in::opened{1, {epoch, seq{3}}}, now, fx);
  plan->on(heartbeat, now, fx);
  plan->on(heartbeat, now, fx);
  EXPECT_TRUE(fx.empty());
  plan->on(heartbeat, now, fx);
  ASSERT_FALSE(fx.empty());
  EXPECT_EQ(std::get<out::withdraw>(fx[0]).pull, 1U);
}

TEST_F(repair_plan_test, a_holder_that_goes_on_without_an_end_is_passed_over) {
  open();
  append_all(10, "a");
  const auto lost = log->state().epoch;
  pull(add_holder(2, {name_of(orders)}), begin());
  const auto expected = all_values();
  wipe();
  ASSERT_TRUE(log->open_above(lost.count()));
  add_holder(1, {name_of(orders)});
  machines.at(node(1)).silent = true;
  start();
  EXPECT_EQ(last_asked.holder, node(1));
  plan->on(in::opened{last_asked.pull, {lost, seq{0}}}, now, fx); // an epoch of which the log knew nothing
  run();
  ASSERT_EQ(last_asked.from.epoch, lost);
  EXPECT_EQ(last_asked.holder, node(1));
  plan->on(in::opened{last_asked.pull, {lost, seq{0}}}, now, fx);
  for (std::uint64_t i = 0; fx.empty() && i < 10'000; ++i)
    plan->on(in::run{last_asked.pull, {lost, seq{i}, seq{i + 1}}, {}, 0}, now, fx);
  ASSERT_FALSE(fx.empty());
  EXPECT_EQ(std::get<out::withdraw>(fx[0]).pull, last_asked.pull);
  run();
  EXPECT_EQ(all_values(), expected);
}

TEST_F(repair_plan_test, bytes_that_are_no_entries_are_passed_over) {
  open();
  append_all(40, "a");
  log->maintain(clock.mono());
  pull(add_holder(1, {name_of(orders)}), begin());
  pull(add_holder(2, {name_of(orders)}), begin());
  open();
  flip(3);
  const auto epoch = log->closed_epochs().at(0).epoch;
  machines.at(node(1)).silent = true;
  start();
  const auto damaged_pull = 1U;
  plan->on(in::opened{damaged_pull, {epoch, seq{3}}}, now, fx);
  plan->on(
      in::run{
          damaged_pull, {epoch, seq{3}, seq{9}}, shared_bytes::take(std::vector<std::byte>(500, std::byte{7})), 500},
      now, fx);
  run();
  EXPECT_TRUE(log->damaged().empty());
  EXPECT_EQ(reports.back().holder, node(2));
}

} // namespace weft::replication::testing

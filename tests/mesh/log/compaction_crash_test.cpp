// Compaction among publishes, failing disks, crashes and restarts: seeded histories, and each disk call in turn.
#include "mesh/log/verify.hpp"
#include "tests/mesh/log/compaction_history.hpp"

#include <array>
#include <fmt/format.h>

namespace weft::log::testing {
namespace {

using namespace std::chrono_literals;

/// A log with two compacted topics, and what was asked of it.
class compacting_machine {
public:
  explicit compacting_machine(std::uint64_t seed) : choose_(seed) {
    options_.directory = "data/log";
    options_.id = test_log();
    options_.segment_bytes = 2048U << below(3);
    options_.spare_segments = below(3);
    options_.own_threads = false;
    random_ = seeded_random(choose_.next());
  }

  std::string open() {
    log_.reset();
    auto opened = node_log::open({disk, clock_, random_, starts_}, options_, starts_.all());
    if (!opened) return opened.error().message();
    log_ = std::move(*opened);
    from_disk_ = true;
    for (const auto topic : {orders, stock})
      log_->set_policy(topic, {{}, {}, rules_});
    return {};
  }
  /// @returns whether it was acknowledged
  bool publish(topic_id topic, const std::vector<key_value>& events, wire::codec codec = wire::codec::none) {
    history_.submitted(topic, events);
    const auto answer = log_->append_and_wait(request_of(topic, keyed_batch(topic, events, 0, 0, codec)));
    if (answer) history_.promised(topic, events, answer->front());
    return answer.has_value();
  }
  void publish_some() {
    std::vector<key_value> events;
    for (auto more = 1 + below(6); more > 0; --more)
      events.push_back(some_event());
    publish(below(3) == 0 ? stock : orders, events, below(4) == 0 ? wire::codec::lz4 : wire::codec::none);
  }
  void publish_group() {
    append_request group;
    std::vector<std::pair<topic_id, std::vector<key_value>>> parts;
    for (auto more = 2 + below(3); more > 0; --more) {
      const auto topic = below(2) == 0 ? stock : orders;
      parts.emplace_back(topic, std::vector{some_event()});
      history_.submitted(topic, parts.back().second);
      group.items.push_back({topic, keyed_batch(topic, parts.back().second)});
    }
    const auto answer = log_->append_and_wait(std::move(group));
    for (std::size_t i = 0; answer && i < parts.size(); ++i)
      history_.promised(parts[i].first, parts[i].second, answer->at(i));
  }
  /// A producer whose every batch has one key: all but the last of them are compacted. @returns what is wrong
  std::string publish_numbered() {
    const key_value event{"numbered", fmt::format("n{}", number_++)};
    history_.submitted(orders, {event});
    const auto batch = keyed_batch(orders, {event}, producer_, sequence_);
    const auto answer = log_->append_and_wait(request_of(orders, batch));
    if (!answer && answer.error().code() == errc::sequence_gap)
      return fmt::format("the producer's {} batches are forgotten", sequence_);
    if (!answer) { // in the log or not
      producer_ = choose_.next();
      sequence_ = 0;
      return {};
    }
    if (answer->front().repeated) return "a new batch counts as a repeat";
    history_.promised(orders, {event}, answer->front());
    ++sequence_;
    return {};
  }
  void round(microseconds later = limits::retention_interval) {
    clock_.advance(later);
    log_->maintain(clock_.mono());
  }
  void crash() {
    disk.halt();
    log_.reset();
    if (below(3) == 0)
      disk.crash_losing_nothing();
    else if (below(2) == 0)
      disk.crash_losing_everything_unsynced();
    else
      disk.crash(random_);
  }
  void stop() { log_.reset(); }
  [[nodiscard]] std::string check() {
    auto broken = history_.check(*log_, {clock_.wall(), least_rules_});
    if (std::exchange(from_disk_, false)) least_rules_ = rules_;
    return broken;
  }
  [[nodiscard]] std::string check_files() {
    log_.reset();
    const auto report = verify_directory(disk, options_.directory);
    if (!report) return report.error().message();
    return report->damage.empty() ? std::string() : report->damage.front().file + ": " + report->damage.front().what;
  }
  [[nodiscard]] std::uint64_t saved() const {
    std::uint64_t all = 0;
    for (const auto& each : log_->topics())
      if (each.compaction) all += each.compaction->saved;
    return all;
  }
  void set_rules(const compaction_rules& rules) {
    rules_ = rules;
    least_rules_.after = std::min(least_rules_.after, rules.after);
    least_rules_.tombstones = std::min(least_rules_.tombstones, rules.tombstones);
    for (const auto topic : {orders, stock})
      log_->set_policy(topic, {{}, {}, rules_});
  }
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return choose_.below(bound); }

  virtual_disk disk;

private:
  key_value some_event() {
    const auto key = below(8) == 0 ? std::string() : fmt::format("k{}", below(12));
    if (!key.empty() && below(6) == 0) return {key, ""};
    return {key, fmt::format("{}-{}", number_++, std::string(below(200), 'v'))};
  }

  seeded_random choose_;
  seeded_random random_{1};
  manual_clock clock_;
  kept_starts starts_;
  log_options options_;
  compaction_rules rules_{microseconds{0}, 1h};
  compaction_rules least_rules_ = rules_; // since the last check that found nothing in memory
  bool from_disk_ = true;                 // readers find nothing in memory that went from disk
  compaction_history history_;
  std::uint64_t number_ = 0;
  std::uint64_t producer_ = 77;
  std::uint64_t sequence_ = 0;
  std::unique_ptr<node_log> log_;
};

void arm(compacting_machine& machine) {
  disk_fault_plan plan;
  const auto code = machine.below(2) == 0 ? errc::io_error : errc::disk_full;
  plan.failures.push_back({1 + machine.below(30), code, {}, machine.below(3) == 0});
  machine.disk.set_faults(plan);
}

/// @returns the first broken promise
std::string run(std::uint64_t seed, std::uint64_t& saved) {
  compacting_machine machine(seed);
  if (auto broken = machine.open(); !broken.empty()) return broken;
  for (int step = 0; step < 150; ++step) {
    switch (machine.below(12)) {
    case 0: machine.publish_group(); break;
    case 1:
      if (auto broken = machine.publish_numbered(); !broken.empty()) return broken;
      break;
    case 2: machine.round(); break;
    case 3: machine.round(2h); break;
    case 4:
      if (machine.below(3) == 0) arm(machine);
      break;
    case 5:
      if (machine.below(4) == 0)
        machine.set_rules(
            {microseconds(std::chrono::minutes(machine.below(2) * 30)), std::chrono::hours(machine.below(3))});
      break;
    case 6: {
      if (machine.below(3) != 0) break;
      saved += machine.saved();
      if (machine.below(2) == 0)
        machine.crash();
      else
        machine.stop();
      machine.disk.set_faults({});
      if (auto broken = machine.open(); !broken.empty()) return broken;
      if (auto broken = machine.check(); !broken.empty()) return broken;
      break;
    }
    default: machine.publish_some();
    }
    if (machine.below(8) == 0) {
      machine.disk.set_faults({});
      if (auto broken = machine.check(); !broken.empty()) return broken;
    }
  }
  machine.disk.set_faults({});
  saved += machine.saved();
  if (auto broken = machine.check(); !broken.empty()) return broken;
  return machine.check_files();
}

/// Many events of few keys, closed and ready to be compacted; those before them were. @returns what is wrong
std::string prepare(compacting_machine& machine) {
  if (auto broken = machine.open(); !broken.empty()) return broken;
  for (const bool compacted_before : {true, false}) {
    for (int i = 0; i < 12; ++i) {
      machine.publish_some();
      if (auto broken = machine.publish_numbered(); !broken.empty()) return broken;
    }
    machine.stop();
    if (auto broken = machine.open(); !broken.empty()) return broken;
    if (compacted_before) machine.round();
  }
  return {};
}

std::string after(compacting_machine& machine) {
  if (auto broken = machine.check(); !broken.empty()) return broken;
  machine.stop();
  if (auto broken = machine.open(); !broken.empty()) return broken;
  if (auto broken = machine.publish_numbered(); !broken.empty()) return broken;
  machine.round();
  if (auto broken = machine.check(); !broken.empty()) return broken;
  return machine.check_files();
}

} // namespace

TEST(compaction_crash_test, readers_from_the_beginning_find_the_last_of_each_key_whatever_happens) { // T01 T02 T08
  std::uint64_t saved = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed)
    ASSERT_EQ(run(seed, saved), "") << "seed " << seed;
  EXPECT_GT(saved, 300'000U);
}

TEST(compaction_crash_test, a_failed_disk_call_loses_nothing) { // T08 T09
  for (const auto code : {errc::io_error, errc::disk_full})
    for (std::uint64_t n = 1;; ++n) {
      compacting_machine machine(5);
      ASSERT_EQ(prepare(machine), "");
      disk_fault_plan plan;
      plan.failures.push_back({n, code, {}, false});
      machine.disk.set_faults(plan);
      machine.round();
      const auto hit = machine.disk.faults_hit();
      machine.disk.set_faults({});
      ASSERT_EQ(after(machine), "") << to_string(code) << " at call " << n;
      if (hit == 0) break;
    }
}

TEST(compaction_crash_test, a_crash_before_any_disk_call_loses_nothing) { // T01 T02
  for (std::uint64_t n = 1;; ++n) {
    compacting_machine machine(6);
    ASSERT_EQ(prepare(machine), "");
    std::uint64_t calls = 0;
    machine.disk.set_hook([&](disk_call, const std::string&) {
      if (++calls == n) machine.disk.halt();
    });
    machine.round();
    machine.disk.set_hook({});
    machine.crash();
    ASSERT_EQ(machine.open(), "") << "crash at call " << n;
    ASSERT_EQ(after(machine), "") << "crash at call " << n;
    if (calls < n) break;
  }
}

} // namespace weft::log::testing

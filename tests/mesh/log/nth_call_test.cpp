// Every disk call of the log fails, or is the last one before a crash, in turn; nothing acknowledged may be lost.
#include "tests/mesh/log/log_machine.hpp"

#include <fmt/format.h>

namespace weft::log::testing {
namespace {

enum class ending { clean, kill, power, all_unsynced_lost };

/// Writes, rolls, makes spares and indexes, removes old segments, opens again.
void work(log_machine& on) {
  for (int round = 0; round < 2; ++round) {
    if (!on.open()) return;
    on.log->set_policy(stock, {{}, 1500});
    for (int i = 0; i < 6; ++i)
      on.submit(i % 3 == 0 ? stock : orders, i % 4 == 3 ? ack_level::written : ack_level::synced);
    on.log->maintain(on.clock.mono());
    on.submit_group(3);
    for (int i = 0; i < 6; ++i)
      on.submit(stock, ack_level::synced);
    on.clock.advance(std::chrono::seconds(20));
    on.log->maintain(on.clock.mono());
    on.log->maintain(on.clock.mono());
  }
}

void end(log_machine& on, ending how) {
  switch (how) {
  case ending::clean: on.log.reset(); break;
  case ending::kill: on.kill(); break;
  case ending::power: on.lose_power(); break;
  case ending::all_unsynced_lost: on.lose_all_unsynced(); break;
  }
}

/// @returns what is wrong
std::string after(log_machine& on) {
  for (int round = 0; round < 2; ++round) {
    if (!on.open()) return on.open_problem;
    if (auto broken = on.history.check(*on.log, on.starts.starts); !broken.empty()) return broken;
    if (!on.submit(orders, ack_level::synced)) return "the log takes nothing";
    if (auto broken = on.history.check(*on.log, on.starts.starts); !broken.empty()) return broken;
  }
  return {};
}

} // namespace

class nth_call_test : public ::testing::TestWithParam<ending> {};

TEST_P(nth_call_test, a_failed_call_loses_nothing_acknowledged) { // T01 T08 T09 T10
  std::uint64_t calls = 0;
  for (const auto code : {errc::io_error, errc::disk_full, errc::descriptors_out})
    for (const bool for_ever : {false, true})
      for (std::uint64_t n = 1;; ++n) {
        log_machine machine;
        disk_fault_plan plan;
        const auto kind = code == errc::descriptors_out ? std::optional(disk_call::open) : std::nullopt;
        plan.failures.push_back({n, code, kind, for_ever});
        machine.disk.set_faults(plan);
        work(machine);
        if (machine.disk.faults_hit() == 0) break;
        machine.disk.set_faults({});
        end(machine, GetParam());
        ASSERT_EQ(after(machine), "") << to_string(code) << " at call " << n << (for_ever ? " and all after it" : "");
        ++calls;
      }
  EXPECT_GT(calls, 200U);
}

TEST_P(nth_call_test, a_short_write_loses_nothing_acknowledged) { // T01 T09
  for (std::uint64_t n = 1;; ++n) {
    log_machine machine;
    disk_fault_plan plan;
    plan.short_write = n;
    machine.disk.set_faults(plan);
    work(machine);
    if (machine.disk.faults_hit() == 0) break;
    machine.disk.set_faults({});
    end(machine, GetParam());
    ASSERT_EQ(after(machine), "") << "short write " << n;
  }
}

TEST_P(nth_call_test, a_crash_before_any_call_loses_nothing_acknowledged) { // T01 T02 T10
  if (GetParam() == ending::clean) return;
  for (std::uint64_t n = 1;; ++n) {
    log_machine machine;
    std::uint64_t calls = 0;
    machine.disk.set_hook([&](disk_call, const std::string&) {
      if (++calls == n) machine.disk.halt();
    });
    work(machine);
    machine.disk.set_hook({});
    if (calls < n) break;
    end(machine, GetParam());
    ASSERT_EQ(after(machine), "") << "crash at call " << n;
  }
}

TEST_P(nth_call_test, a_crash_during_recovery_loses_nothing_acknowledged) { // T01 T02 T10
  if (GetParam() == ending::clean) return;
  for (std::uint64_t n = 1;; ++n) {
    log_machine machine;
    work(machine);
    machine.lose_power();
    std::uint64_t calls = 0;
    machine.disk.set_hook([&](disk_call, const std::string&) {
      if (++calls == n) machine.disk.halt();
    });
    const bool opened = machine.open();
    machine.disk.set_hook({});
    if (opened && calls < n) break;
    end(machine, GetParam());
    ASSERT_EQ(after(machine), "") << "crash at call " << n << " of recovery";
  }
}

std::string name_of_ending(const ::testing::TestParamInfo<ending>& each) {
  switch (each.param) {
  case ending::clean: return "clean";
  case ending::kill: return "kill";
  case ending::power: return "power";
  case ending::all_unsynced_lost: return "all_unsynced_lost";
  }
  return "";
}

INSTANTIATE_TEST_SUITE_P(then, nth_call_test,
                         ::testing::Values(ending::clean, ending::kill, ending::power, ending::all_unsynced_lost),
                         name_of_ending);

} // namespace weft::log::testing

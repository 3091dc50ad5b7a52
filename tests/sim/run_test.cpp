// Whole runs: they replay, heal, fail for the right reason, and shrink.
#include "tests/mesh/base/test_seed.hpp"
#include "tests/sim/campaign.hpp"
#include "tests/sim/planting.hpp"
#include "tests/sim/toy/toy_scenario.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <sstream>

namespace weft::sim {
namespace {

run_options toy_options(std::uint64_t seed) {
  auto options = toy_scenario().defaults;
  options.seed = seed;
  options.safety = microseconds{10'000'000};
  return options;
}

/// The seed and report of a run that this bug makes fail.
std::pair<run_options, report> failing_run(const std::string& bug) {
  for (std::uint64_t seed = 1; seed < 100; ++seed) {
    auto options = toy_options(seed);
    options.bug = bug;
    options.safety = microseconds{30'000'000};
    if (auto r = run(toy_scenario(), options); r.failure) return {options, std::move(r)};
  }
  ADD_FAILURE() << bug << " was not caught";
  return {};
}

/// The toy, with a checker that fails at its first look in a run with this fault.
scenario failing_with(fault_kind kind) {
  struct by_fault final : checker {
    by_fault(world& on, fault_kind what) : world_(on), fails_at(what) {}
    std::string_view name() const override { return "by_fault"; }
    void on_host(host_index, host_change change) override {
      if (fails_at == fault_kind::power && change == host_change::power_off) world_.fail(name(), "power is off");
    }
    world& world_;
    fault_kind fails_at;
  };
  auto made = toy_scenario();
  made.make = [kind, toy = made.make](world& on, const run_options& options) {
    auto parts = toy(on, options);
    parts.checkers.push_back(std::make_unique<by_fault>(on, kind));
    return parts;
  };
  return made;
}

TEST(sim_run, same_seed_is_the_same_trace_byte_for_byte) {
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  std::ostringstream first, second, other;
  const auto a = run(toy_scenario(), toy_options(seed), &first);
  const auto b = run(toy_scenario(), toy_options(seed), &second);
  const auto c = run(toy_scenario(), toy_options(seed + 1), &other);
  EXPECT_EQ(a, b);
  EXPECT_EQ(first.str(), second.str());
  EXPECT_GT(first.str().size(), 10'000U);
  EXPECT_NE(a.trace_hash, c.trace_hash);
}

TEST(sim_run, another_process_makes_the_same_report) {
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  const auto toy = toy_scenario();
  EXPECT_EQ(run(toy, toy_options(seed)), run_isolated({&toy, toy_options(seed)}, 60));
}

TEST(sim_run, trace_on_or_off_is_the_same_run) {
  std::ostringstream written;
  EXPECT_EQ(run(toy_scenario(), toy_options(3)), run(toy_scenario(), toy_options(3), &written));
}

TEST(sim_run, leaving_out_a_fault_shifts_no_latency) {
  auto calm = toy_options(5);
  calm.world.network.jitter = microseconds{0};
  calm.only_faults.emplace();
  auto unharmed = calm;
  unharmed.faults = {};
  unharmed.only_faults.reset();
  std::ostringstream a, b;
  static_cast<void>(run(toy_scenario(), calm, &a));
  static_cast<void>(run(toy_scenario(), unharmed, &b));
  EXPECT_EQ(a.str(), b.str());
}

TEST(sim_run, toy_survives_all_its_faults) { // T25, T27
  const auto seed = test_seed() % 1'000'000'000;
  for (auto s = seed; s < seed + 20; ++s) {
    const auto r = run(toy_scenario(), toy_options(s));
    EXPECT_FALSE(r.failure) << "WEFT_SEED=" << s << ": " << r.failure->who << ": " << r.failure->what;
  }
}

TEST(sim_run, run_that_does_not_converge_fails_when_its_time_is_over) {
  auto [options, r] = failing_run("toy_never_redials");
  EXPECT_TRUE(r.healing);
  EXPECT_EQ(r.failure->who, "everybody_knows_all");
  EXPECT_EQ(r.ended, virtual_time{} + (options.safety + options.heal_within));
}

TEST(sim_run, run_in_circles_is_stopped) {
  auto options = toy_options(1);
  options.events_max = 1000;
  const auto r = run(toy_scenario(), options);
  ASSERT_TRUE(r.failure);
  EXPECT_EQ(r.failure->who, "kernel");
}

TEST(sim_run, process_that_fails_an_assertion_is_a_failed_run) {
  auto crashing = toy_scenario();
  crashing.make = [](world&, const run_options&) -> cast { std::abort(); };
  const auto r = run_isolated({&crashing, toy_options(9)}, 60);
  ASSERT_TRUE(r.failure);
  EXPECT_EQ(r.failure->who, "process");
  EXPECT_EQ(r.seed, 9U);
}

TEST(sim_run, report_is_read_back_from_its_text) {
  auto r = failing_run("toy_tells_before_sync").second;
  r.failure->what += "\nsecond line \\n";
  r.marks = {{"a.mark", 3}};
  const auto back = report_from(to_text(r));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, r);
  EXPECT_FALSE(report_from(to_text(r).substr(0, 100)));
}

TEST(sim_shrink, finds_the_one_fault_that_matters) {
  const auto [options, r] = failing_run("toy_tells_before_sync");
  unsigned runs = 0;
  const auto small = shrink(
      options, r, [&](const run_options& o) { return ++runs, run(toy_scenario(), o); }, 200);
  ASSERT_TRUE(small.failing.failure);
  EXPECT_EQ(small.failing.failure->who, "counts_never_go_back");
  ASSERT_EQ(small.failing.faults.size(), 1U);
  EXPECT_NE(small.failing.faults.front().second.find("power"), std::string::npos);
  EXPECT_LT(small.options.world.hosts, options.world.hosts);
  EXPECT_EQ(small.runs, runs);
  EXPECT_EQ(run(toy_scenario(), small.options), small.failing) << "the shortened run replays";
}

TEST(sim_shrink, takes_no_more_runs_than_it_may_and_no_other_failure) {
  const auto [options, r] = failing_run("toy_tells_before_sync");
  EXPECT_LE(shrink(
                options, r, [&](const run_options& o) { return run(toy_scenario(), o); }, 3)
                .runs,
            3U);
  const auto other = [&](const run_options& o) {
    auto fake = run(toy_scenario(), o);
    fake.failure = {"another", "checker"};
    return fake;
  };
  EXPECT_EQ(shrink(options, r, other, 50).failing, r);
}

TEST(sim_campaign, failure_names_version_faults_and_the_command_that_replays_it) {
  command c;
  c.seeds = 20;
  c.shrink_runs = 100;
  std::ostringstream out;
  EXPECT_FALSE(run_seeds(c, std::vector{failing_with(fault_kind::power)}, "v7", out));
  EXPECT_NE(out.str().find("by_fault: power is off"), std::string::npos);
  EXPECT_NE(out.str().find("version v7"), std::string::npos);
  EXPECT_NE(out.str().find("replay: ./run sim --scenario toy --seed "), std::string::npos);
  EXPECT_NE(out.str().find(" power h"), std::string::npos);
}

TEST(sim_campaign, bugs_are_caught_and_no_bug_is_not) {
  std::ostringstream out;
  const std::vector some{toy_scenario()};
  const auto results = run_bugs(
      command{}, {{"toy_tells_before_sync", "toy"}, {"nothing_wrong", "toy"}, {"x", "no_such"}}, some, 20, out);
  ASSERT_EQ(results.size(), 3U);
  EXPECT_TRUE(results[0].caught_by);
  EXPECT_EQ(results[0].who, "counts_never_go_back");
  EXPECT_FALSE(results[1].caught_by);
  EXPECT_FALSE(results[2].caught_by);
}

TEST(sim_campaign, run_that_fails_without_a_bug_too_has_caught_none) {
  std::ostringstream out;
  const std::vector some{failing_with(fault_kind::power)};
  const auto results = run_bugs(command{}, {{"nothing_wrong", "toy"}}, some, 5, out);
  EXPECT_FALSE(results[0].caught_by);
  EXPECT_NE(out.str().find("fails without a bug"), std::string::npos);
}

TEST(sim_campaign, mark_that_no_seed_reached_is_a_failure_when_marks_are_asked_for) {
  auto toy = toy_scenario();
  toy.marks = {"no.such_branch"};
  const std::vector some{toy};
  command c;
  std::ostringstream out;
  EXPECT_TRUE(run_seeds(c, some, "v7", out));
  c.marks = true;
  EXPECT_FALSE(run_seeds(c, some, "v7", out));
  EXPECT_NE(out.str().find(has_planted_bugs ? "not reached by toy: no.such_branch" : "not compiled"),
            std::string::npos);
}

TEST(sim_campaign, scenarios_have_their_shares_of_the_seeds) {
  std::vector<scenario> some(3);
  for (std::size_t i = 0; i < some.size(); ++i)
    some[i].name = std::to_string(i);
  some[0].share = 5;
  some[1].share = 0;
  some[2].share = 2;
  std::map<std::string, int> seen;
  for (std::uint64_t seed = 100; seed < 170; ++seed)
    ++seen[scenario_of_seed(some, seed).name];
  EXPECT_EQ(seen, (std::map<std::string, int>{{"0", 50}, {"2", 20}}));
}

TEST(sim_command_line, what_replays_a_run_is_understood) {
  const auto toy = toy_scenario();
  auto options = toy_options(7);
  options.world.hosts = 3;
  options.only_faults = {{2, 5}};
  options.bug = "x";
  const auto line = replay_options(toy, options);
  EXPECT_EQ(line, "--scenario toy --seed 7 --nodes 3 --safety-us 10000000 --bug x --faults 2,5");
  std::vector<std::string> words;
  std::istringstream split(line);
  for (std::string word; split >> word;)
    words.push_back(word);
  std::vector<const char*> pointers(words.size());
  std::ranges::transform(words, pointers.begin(), &std::string::c_str);
  const auto c = parse(pointers);
  ASSERT_TRUE(c);
  EXPECT_EQ(replay_options(toy, options_of(*c, toy, c->seed)), line);
}

TEST(sim_command_line, nonsense_is_refused) {
  for (const std::vector<const char*>& words : std::vector<std::vector<const char*>>{{"--seeds"},
                                                                                     {"--seeds", "0"},
                                                                                     {"--seeds", "-1"},
                                                                                     {"--seed", "1x"},
                                                                                     {"--faults", "1,"},
                                                                                     {"--nodes", "1e9"},
                                                                                     {"--faults", "a"},
                                                                                     {"--wat", "1"},
                                                                                     {"toy"}})
    EXPECT_FALSE(parse(words)) << words.front();
}

} // namespace
} // namespace weft::sim

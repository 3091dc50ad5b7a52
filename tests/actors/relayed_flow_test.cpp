// A relayed flow over links that come and go: what its consumer says never reaches another flow.
#include "actors/relayed_flow.hpp"

#include "actors/link.hpp"
#include "tests/actors/recorded_output.hpp"
#include "tests/actors/services_fixture.hpp"

namespace weft::actors {
namespace {

constexpr epoch opening{3, 1};

struct relayed_flow_fixture : testing::services_fixture {
  relayed_flow_fixture() {
    wire::demand wanted;
    wanted.subscription = 1;
    wanted.pattern = "t";
    wanted.name = "reader";
    wanted.window = limits::flow_window_bytes_min;
    auto facts = std::make_shared<node::flow_facts>();
    facts->from = "far";
    facts->log = log::testing::test_log();
    flow.emplace(services, relayed_flow::parts{1, 7, wanted, consumer, {}, std::move(facts), [] {}});
  }
  /// A new link to the log's node.
  void link_up() {
    upstream = std::make_shared<testing::recorded_output>();
    auto link = std::make_shared<const link_ref>(port::ref<link_ref::message>(system.reserve()));
    flow->source_up({log::testing::test_log(), "far", std::move(link), upstream});
  }
  void opened(std::uint64_t number, std::uint64_t at) { opened_as(services.last_subscription, number, at); }
  void opened_as(std::uint64_t demand, std::uint64_t number, std::uint64_t at) {
    flow->upstream_opened({demand, number, log::testing::test_log(), "far", at_seq(at)});
  }
  void run_until(std::uint64_t from, std::uint64_t until) {
    wire::run run;
    run.epoch = opening;
    run.from = seq{from};
    run.until = seq{until};
    flow->upstream_run(run, {});
  }
  static log_position at_seq(std::uint64_t at) { return {opening, seq{at}}; }

  std::shared_ptr<testing::recorded_output> consumer = std::make_shared<testing::recorded_output>();
  std::shared_ptr<testing::recorded_output> upstream;
  std::optional<relayed_flow> flow;
};

TEST_F(relayed_flow_fixture, what_is_committed_before_the_flow_begins_again_does_not_go_to_the_old_number) {
  link_up();
  opened(1ULL << 32U, 0);
  run_until(0, 10);
  flow->source_down();
  link_up();
  flow->commit(at_seq(10));
  flow->credit(2 * limits::flow_window_bytes_min);
  EXPECT_TRUE(upstream->said.empty()) << "that number is another subscription's on this link";
  opened(5ULL << 32U, 10);
  for (const auto& commit : upstream->all<wire::commit>())
    EXPECT_EQ(commit.flow, 5ULL << 32U);
  for (const auto& credit : upstream->all<wire::credit>())
    EXPECT_EQ(credit.flow, 5ULL << 32U);
  EXPECT_EQ(upstream->all<wire::credit>().size(), 1U);
}

TEST_F(relayed_flow_fixture, highest_commit_made_while_the_link_is_down_is_sent_when_the_flow_begins_again) {
  link_up();
  opened(1ULL << 32U, 0);
  run_until(0, 10);
  flow->source_down();
  flow->commit(at_seq(7));
  flow->commit(at_seq(10));
  flow->commit(at_seq(8));
  link_up();
  opened(2ULL << 32U, 10);
  const auto commits = upstream->all<wire::commit>();
  ASSERT_EQ(commits.size(), 1U);
  EXPECT_EQ(commits[0].flow, 2ULL << 32U);
  EXPECT_EQ(commits[0].until, at_seq(10));
}

TEST_F(relayed_flow_fixture, what_is_committed_after_the_source_ended_the_flow_waits_for_the_next) {
  link_up();
  opened(1ULL << 32U, 0);
  run_until(0, 10);
  flow->upstream_closed(error(errc::internal, "crashed"));
  flow->commit(at_seq(10));
  EXPECT_TRUE(upstream->all<wire::commit>().empty());
  flow->retry();
  opened(2ULL << 32U, 10);
  ASSERT_EQ(upstream->all<wire::commit>().size(), 1U);
  EXPECT_EQ(upstream->all<wire::commit>()[0].flow, 2ULL << 32U);
}

TEST_F(relayed_flow_fixture, old_link_that_opens_the_flow_late_is_not_taken_for_the_new_one) {
  link_up();
  const auto old_demand = services.last_subscription.load();
  flow->source_down();
  link_up();
  opened_as(old_demand, 1ULL << 32U, 0);
  flow->commit(at_seq(0));
  EXPECT_TRUE(upstream->said.empty());
  EXPECT_TRUE(consumer->said.empty());
  opened(2ULL << 32U, 0);
  EXPECT_EQ(consumer->all<wire::flow_opened>().size(), 1U);
  ASSERT_EQ(upstream->all<wire::commit>().size(), 1U);
  EXPECT_EQ(upstream->all<wire::commit>()[0].flow, 2ULL << 32U);
}

TEST_F(relayed_flow_fixture, what_is_gone_of_a_topic_is_told_to_the_consumer) {
  link_up();
  opened(1ULL << 32U, 5);
  wire::run gap;
  gap.epoch = opening;
  gap.from = gap.until = seq{5};
  gap.gap_code = errc::log_start;
  gap.gap = "removed";
  gap.starts = {{"t", topic_offset{3}, at_seq(9)}};
  flow->upstream_run(gap, {});
  run_until(5, 10);
  ASSERT_EQ(consumer->runs.size(), 2U);
  gap.flow = 7;
  EXPECT_EQ(consumer->runs[0], gap);
  EXPECT_EQ(consumer->runs[1].until, seq{10});
}

TEST_F(relayed_flow_fixture, commits_of_a_flow_that_runs_go_up_at_once) {
  link_up();
  opened(1ULL << 32U, 0);
  run_until(0, 10);
  flow->commit(at_seq(10));
  ASSERT_EQ(upstream->all<wire::commit>().size(), 1U);
  EXPECT_EQ(upstream->all<wire::commit>()[0].until, at_seq(10));
}

} // namespace
} // namespace weft::actors

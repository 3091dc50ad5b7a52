// A subscription to this node's log: its cursor while consumers come and go, and what retention takes from it.
#include "actors/subscription.hpp"

#include "actors/log_reader.hpp"
#include "actors/router.hpp"
#include "tests/actors/recorded_output.hpp"
#include "tests/actors/services_fixture.hpp"

namespace weft::actors {
namespace {

struct subscription_fixture : testing::services_fixture {
  subscription_fixture() {
    services.keeper = start_keeper();
    router = router_ref::start(services);
    system.run();
  }
  [[nodiscard]] wire::demand named() const {
    wire::demand wanted;
    wanted.subscription = 1;
    wanted.log = services.own_log;
    wanted.pattern = "t";
    wanted.name = "reader";
    wanted.window = limits::flow_window_bytes_min;
    return wanted;
  }
  subscription_ref subscribe() {
    return start_subscription(services, router, {named(), "consumer", true, output, 1ULL << 32U},
                              [this](const port::ending&) { ended = true; });
  }
  /// Who has the cursor.
  std::vector<std::string> consumers() {
    std::vector<std::string> found;
    services.keeper.cursors(reply<std::vector<cursor_facts>>([&](auto all) {
      for (const auto& cursor : all.value())
        if (cursor.in_use) found.push_back(cursor.consumer);
    }));
    system.run();
    return found;
  }
  /// Asks for the cursor in another's name. @returns whether it was given
  bool take(std::uint64_t token) {
    bool taken = false;
    services.keeper.take_cursor("reader", "t", {"another", token},
                                reply<std::optional<log_position>>([&](auto at) { taken = at.has_value(); }));
    system.run();
    return taken;
  }

  bool ended = false; // the subscription that was opened last
  router_ref router;
  std::shared_ptr<testing::recorded_output> output = std::make_shared<testing::recorded_output>();
};

TEST_F(subscription_fixture, one_that_ends_before_it_has_its_cursor_leaves_it_free) {
  subscribe().stop(); // before the keeper can answer
  system.run();
  EXPECT_TRUE(consumers().empty());
}

TEST_F(subscription_fixture, one_that_ends_gives_its_cursor_back) {
  const auto first = subscribe();
  system.run();
  EXPECT_EQ(consumers(), std::vector<std::string>{"consumer"});
  first.stop();
  system.run();
  EXPECT_TRUE(consumers().empty());
}

TEST_F(subscription_fixture, one_that_was_refused_its_cursor_does_not_free_it_for_others) {
  ASSERT_TRUE(take(1000));
  subscribe().stop();
  system.run();
  EXPECT_EQ(consumers(), std::vector<std::string>{"another"});
  services.keeper.release_cursor("reader", "t", 1000);
  EXPECT_TRUE(consumers().empty());
}

TEST_F(subscription_fixture, a_name_that_never_committed_is_forgotten_when_it_is_free) {
  const auto names = [&] {
    std::size_t known = 0;
    services.keeper.cursors(reply<std::vector<cursor_facts>>([&](auto all) { known = all.value().size(); }));
    system.run();
    return known;
  };
  for (int i = 0; i < 3; ++i) {
    const auto one = subscribe();
    system.run();
    EXPECT_EQ(names(), 1U);
    one.stop();
    system.run();
    EXPECT_EQ(names(), 0U);
  }
}

TEST_F(subscription_fixture, one_that_commits_what_was_never_sent_ends_and_gives_its_cursor_back) {
  const auto one = subscribe();
  system.run();
  one.commit(1ULL << 32U, {log->state().epoch, seq{1000}});
  system.run();
  ASSERT_EQ(output->all<wire::flow_closed>().size(), 1U);
  EXPECT_EQ(output->all<wire::flow_closed>()[0].code, errc::ack_beyond_end);
  EXPECT_TRUE(ended);
  EXPECT_TRUE(consumers().empty());
}

TEST_F(subscription_fixture, one_of_all_logs_whose_flow_here_ended_gives_its_cursor_back_and_stays) {
  auto wanted = named();
  wanted.log.reset();
  const auto one = start_subscription(services, router, {wanted, "program", false, output, 1ULL << 32U},
                                      [this](const port::ending&) { ended = true; });
  system.run();
  ASSERT_EQ(consumers(), std::vector<std::string>{"program"});
  one.commit(1ULL << 32U, {log->state().epoch, seq{1000}});
  system.run();
  EXPECT_TRUE(consumers().empty());
  EXPECT_FALSE(ended);
}

TEST_F(subscription_fixture, one_whose_name_an_operator_deletes_ends_and_what_it_says_then_counts_for_nothing) {
  topics.set("_weft.cursors", topic_id{9}, {});
  const auto remove = [&](bool force) {
    std::optional<errc> code;
    services.keeper.remove_cursor("reader", force,
                                  reply<void>([&](auto done) { code = done ? errc::ok : done.error().code(); }));
    system.run();
    log->commit_pending();
    return code;
  };
  const auto one = subscribe();
  system.run();
  EXPECT_EQ(remove(false), errc::busy);
  EXPECT_EQ(consumers(), std::vector<std::string>{"consumer"});
  EXPECT_EQ(remove(true), errc::ok);
  one.commit(1ULL << 32U, {log->state().epoch, seq{0}});
  system.run();
  ASSERT_EQ(output->all<wire::flow_closed>().size(), 1U);
  EXPECT_EQ(output->all<wire::flow_closed>()[0].code, errc::cursor_moved);
  EXPECT_TRUE(ended);
  EXPECT_EQ(remove(true), errc::not_found);
}

/// Topics that lose events to retention in segments that other topics keep.
struct removed_events_fixture : subscription_fixture {
  removed_events_fixture() {
    for (const auto topic : {log::testing::orders, log::testing::stock})
      topics.set(log::testing::name_of(topic), topic, {});
    services.readers = log_reader_ref::start(system, services.supervisor, *log, 1);
    wanted.subscription = 1;
    wanted.log = services.own_log;
    wanted.pattern = "retail.*";
    wanted.start = wire::start_kind::beginning;
    wanted.window = 16 * limits::flow_window_bytes_min;
  }
  /// Pairs of one order and one change of stock.
  void publish(int pairs, std::size_t bytes = 900) {
    for (int i = 0; i < pairs; ++i)
      for (const auto topic : {log::testing::orders, log::testing::stock})
        ASSERT_TRUE(append(topic, {filler(bytes)}));
    synced.raise(log->state().synced_end);
  }
  /// Next to nothing of the topic is kept. @returns where it begins then
  log_position forget(topic_id topic) {
    log->set_policy(topic, {{}, 1});
    clock.advance(limits::retention_interval);
    log->maintain(clock.mono());
    EXPECT_EQ(begin().seq, seq{0}) << "the other topic keeps all segments";
    return log->starts()->at(topic).at;
  }
  subscription_ref open_flow() {
    output = std::make_shared<testing::recorded_output>();
    ended = false;
    auto made = start_subscription(services, router, {wanted, "consumer", true, output, flow},
                                   [this](const port::ending&) { ended = true; });
    system.run();
    return made;
  }
  subscription_ref open_flow_at(log_position at) {
    wanted.start = wire::start_kind::position;
    wanted.at = at;
    return open_flow();
  }
  [[nodiscard]] std::vector<wire::run> gaps() const {
    std::vector<wire::run> found;
    for (const auto& run : output->runs)
      if (run.gap_code != errc::ok) found.push_back(run);
    return found;
  }
  /// Topics that the consumer was told to miss something of, and up to where.
  [[nodiscard]] std::vector<std::pair<std::string, log_position>> missing() const {
    std::vector<std::pair<std::string, log_position>> found;
    for (const auto& gap : gaps()) {
      EXPECT_EQ(gap.gap_code, errc::log_start);
      EXPECT_EQ(gap.from, gap.until) << "the other topic's events in the range are sent";
      for (const auto& start : gap.starts)
        found.emplace_back(start.topic, start.at);
    }
    return found;
  }
  using names = std::vector<std::pair<std::string, log_position>>;

  static constexpr std::uint64_t flow = 1ULL << 32U;
  wire::demand wanted;
};

TEST_F(removed_events_fixture, a_position_below_a_topics_start_gets_a_gap_before_the_first_run) { // T12
  publish(40);
  const auto start = forget(log::testing::orders);
  ASSERT_GT(start.seq, seq{20});
  open_flow_at({start.epoch, seq{10}});
  EXPECT_EQ(missing(), (names{{"retail.orders", start}}));
  ASSERT_GT(output->runs.size(), 1U);
  const auto& gap = output->runs.front();
  EXPECT_EQ(gap.from, seq{10});
  EXPECT_NE(gap.gap.find("retail.orders"), std::string::npos) << gap.gap;
  EXPECT_NE(gap.gap.find("seq " + std::to_string(start.seq.value())), std::string::npos) << gap.gap;
  EXPECT_EQ(output->runs[1].from, seq{10}) << "the next run begins where the gap ended";
}

TEST_F(removed_events_fixture, a_consumer_that_has_a_later_epoch_makes_the_log_go_above_it) { // T17
  publish(10);
  const auto before = log->state();
  const log_position had{epoch{before.epoch.count() + 3, 9}, seq{50}};
  open_flow_at(had);
  ASSERT_EQ(output->all<wire::flow_closed>().size(), 1U); // a position that somebody typed says nothing
  EXPECT_EQ(output->all<wire::flow_closed>()[0].code, errc::out_of_range);
  EXPECT_EQ(log->state().epoch, before.epoch);
  wanted.resume = true;
  open_flow_at(had);
  const auto after = log->state();
  EXPECT_EQ(after.epoch.count(), had.epoch.count() + 1);
  const auto opened = output->all<wire::flow_opened>();
  ASSERT_EQ(opened.size(), 1U);
  EXPECT_EQ(opened[0].at, (log_position{after.epoch, before.synced_end}));
  publish(1);
  system.run();
  ASSERT_FALSE(output->runs.empty());
  EXPECT_EQ(output->runs.back().until, after.synced_end + 2);
}

/// As when two machines write one log: the log goes above the other's epoch once in a while only.
TEST_F(removed_events_fixture, a_consumer_whose_epoch_the_log_does_not_reach_is_asked_to_try_again) { // T19
  publish(10);
  wanted.resume = true;
  open_flow_at({epoch{log->state().epoch.count() + 3, 9}, seq{50}});
  open_flow_at({epoch{log->state().epoch.count() + 3, 9}, seq{50}});
  ASSERT_EQ(output->all<wire::flow_closed>().size(), 1U);
  EXPECT_EQ(output->all<wire::flow_closed>()[0].code, errc::busy);
}

TEST_F(removed_events_fixture, a_flow_ends_where_an_epoch_has_grown_and_the_next_goes_on_below) { // T16
  publish(10);
  const auto first = log->state().epoch;
  const auto last = log->read({{first, seq{19}}, 1, 0, {}});
  ASSERT_TRUE(last);
  ASSERT_TRUE(log->open_above(first.count()));
  const auto second = log->state().epoch;
  publish(3);
  auto header = last->entries[0].header; // what another opening lost
  header.first_seq = seq{20};
  header.appended = hlc{header.appended.value() + 1};
  std::vector<std::byte> bytes(last->entries[0].bytes.view().begin(), last->entries[0].bytes.view().end());
  wire::encode(header, wire::checksum_seed(services.own_log, first),
               std::span(bytes).first<limits::entry_header_bytes>());
  ASSERT_EQ(log->take_back(first, seq{20}, seq{21}, shared_bytes::take(bytes)), 1U);
  wanted.resume = true;
  open_flow_at({first, seq{0}});
  ASSERT_FALSE(output->runs.empty());
  EXPECT_EQ((log_position{output->runs.back().epoch, output->runs.back().until}), (log_position{first, seq{21}}));
  const auto closed = output->all<wire::flow_closed>();
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(closed[0].code, errc::epoch_ended);
  EXPECT_TRUE(ended) << "the consumer never withdraws what it was told has ended";
  EXPECT_TRUE(flows.all().empty());
  open_flow_at({first, seq{21}});
  ASSERT_EQ(output->all<wire::flow_opened>().size(), 1U);
  EXPECT_EQ(output->all<wire::flow_opened>()[0].at, (log_position{second, seq{20}}));
  EXPECT_EQ(output->runs.back().until, seq{26});
  EXPECT_TRUE(gaps().empty());
}

TEST_F(removed_events_fixture, the_beginning_is_what_there_is) {
  publish(40);
  forget(log::testing::orders);
  open_flow();
  EXPECT_FALSE(output->runs.empty());
  EXPECT_EQ(missing(), names{});
}

TEST_F(removed_events_fixture, so_is_a_time_unless_the_consumer_comes_again) {
  publish(40);
  const auto start = forget(log::testing::orders);
  wanted.start = wire::start_kind::time;
  open_flow();
  EXPECT_EQ(missing(), names{});
  wanted.resume = true;
  open_flow();
  EXPECT_EQ(missing(), (names{{"retail.orders", start}}));
}

TEST_F(removed_events_fixture, a_topic_that_was_created_later_leaves_no_gap) {
  ASSERT_TRUE(append(log::testing::stock, {"first"}));
  publish(40);
  open_flow_at({begin().epoch, seq{0}});
  EXPECT_EQ(missing(), names{});
}

TEST_F(removed_events_fixture, a_pattern_that_does_not_cover_the_topic_gets_no_gap) {
  publish(40);
  forget(log::testing::orders);
  wanted.pattern = "retail.stock";
  open_flow_at({begin().epoch, seq{0}});
  EXPECT_FALSE(output->runs.empty());
  EXPECT_EQ(missing(), names{});
}

TEST_F(removed_events_fixture, a_pattern_over_several_topics_gets_them_all_in_one_gap) {
  topics.set("retail.kept", topic_id{9}, {});
  ASSERT_TRUE(append(topic_id{9}, {"keeps the first segment"}));
  publish(60);
  const auto of_orders = forget(log::testing::orders);
  log->set_policy(log::testing::stock, {{}, 20'000}); // less goes than of the orders
  clock.advance(limits::retention_interval);
  log->maintain(clock.mono());
  const auto of_stock = log->starts()->at(log::testing::stock).at;
  ASSERT_NE(of_stock, of_orders);
  open_flow_at({begin().epoch, seq{0}});
  EXPECT_EQ(missing(), (names{{"retail.orders", of_orders}, {"retail.stock", of_stock}}));
  EXPECT_EQ(gaps().size(), 1U);
}

TEST_F(removed_events_fixture, a_cursor_below_the_start_gets_the_gap_once) { // T12
  wanted.name = "reader";
  publish(5);
  auto reader = open_flow();
  reader.commit(flow, {begin().epoch, seq{10}});
  system.run();
  reader.stop();
  system.run();
  publish(40);
  const auto start = forget(log::testing::orders);
  reader = open_flow();
  EXPECT_EQ(missing(), (names{{"retail.orders", start}}));
  EXPECT_EQ(gaps().front().from, seq{10});

  reader.stop(); // without a commit: it is told again what it has not got past
  system.run();
  reader = open_flow();
  EXPECT_EQ(missing().size(), 1U);
  reader.commit(flow, {start.epoch, output->runs.back().until});
  system.run();
  reader.stop();
  system.run();
  publish(1);
  open_flow();
  EXPECT_FALSE(output->runs.empty());
  EXPECT_EQ(missing(), names{});
}

TEST_F(removed_events_fixture, a_slow_flow_is_told_when_a_start_passes_it) { // T12
  wanted.window = limits::flow_window_bytes_min;
  publish(1600, 900); // more than its window
  const auto reader = open_flow();
  const auto sent = output->runs.back().until;
  ASSERT_LT(sent, log->state().synced_end);
  const auto start = forget(log::testing::orders);
  ASSERT_GT(start.seq, sent);
  EXPECT_EQ(missing(), names{});
  reader.credit(flow, 3 * limits::flow_window_bytes_min);
  system.run();
  EXPECT_EQ(missing(), (names{{"retail.orders", start}}));
  EXPECT_EQ(gaps().front().from, sent);
}

TEST_F(removed_events_fixture, a_flow_that_follows_misses_nothing_when_starts_move_behind_it) {
  publish(40);
  open_flow();
  forget(log::testing::orders);
  publish(3);
  system.run();
  EXPECT_EQ(output->runs.back().until, log->state().synced_end);
  EXPECT_EQ(missing(), names{});
  ASSERT_TRUE(log->drop_topic(log::testing::orders));
  ASSERT_TRUE(append(log::testing::stock, {"more"}));
  synced.raise(log->state().synced_end);
  system.run();
  EXPECT_EQ(output->runs.back().until, log->state().synced_end);
  EXPECT_EQ(missing(), names{}) << "of the deleted topic everything had been sent";
}

} // namespace
} // namespace weft::actors

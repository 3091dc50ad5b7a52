#include "tests/mesh/base/test_seed.hpp"
#include "tests/sdk/sdk_fixture.hpp"

#include "mesh/wire/batch_builder.hpp"

#include <atomic>
#include <future>
#include <gtest/gtest.h>
#include <latch>
#include <set>
#include <stdexcept>
#include <thread>
#include <unistd.h>

namespace weft::testing {
namespace {

using namespace std::chrono_literals;
using ranges = std::vector<wire::number_range>;
using names = std::vector<std::string>;
using numbers = std::vector<std::int64_t>;

struct Order {
  std::string customer;
  std::int64_t n = 0;
};
WEFT_EVENT(Order, key(customer), customer, n)

inline constexpr topic<Order> orders{"test.orders"};
constexpr microseconds now{0};

class sharing : public sdk_fixture {
public:
  /// An order of each of these customers, numbered from 0 over the whole test.
  void log_orders(const names& customers) {
    wire::batch_builder builder{"test.orders", producer_id{7}, wire::codec::none};
    const auto first = static_cast<std::uint64_t>(made);
    for (const auto& customer : customers) {
      const Order order{customer, made++};
      std::string key, scratch;
      codec<Order>::key(order, key);
      const auto value = codec<Order>::encode(order, scratch);
      ASSERT_TRUE(builder.add({.time = {}, .type = "Order", .key = as_bytes(key), .headers = {}, .value = *value}));
    }
    node.own().add(builder.seal(first), "test.orders", static_cast<std::uint32_t>(customers.size()));
  }

  static subscription_options workers(std::uint32_t threads = 1) {
    return {.group = {.name = "workers", .threads = threads}};
  }
  static subscription_options manual_workers() { return {.commit = commit_mode::manual, .group = {.name = "workers"}}; }
  template <class Handler>
  subscription subscribe(const subscription_options& options, Handler handler) {
    auto made_one = me.subscribe(orders, options, std::move(handler));
    EXPECT_TRUE(made_one) << made_one.error().message();
    return std::move(*made_one);
  }
  subscription subscribe(const subscription_options& options) {
    auto made_one = me.subscribe(orders, options);
    EXPECT_TRUE(made_one) << made_one.error().message();
    return std::move(*made_one);
  }

  /// Lets time pass and the node serve until it has heard what is meant.
  void until(const std::function<bool()>& heard) {
    for (int i = 0; i < 20'000; ++i) {
      if (heard()) return;
      node.serve();
      node.listen(1ms);
      pass(limits::group_report_within);
    }
    FAIL() << "the node has not heard it";
  }
  /// Another thread closes it. @returns whether that waits, or else has ended the flows already
  bool close_waits(const subscription& closing) {
    until([&] { return !node.heard<wire::leaving>().empty(); });
    static_cast<void>(closing.stopped()); // answers when close() waits or is done
    return node.heard<wire::flow_closed>().empty();
  }
  void pass(microseconds time) { clock.now += time.count(); }

  /// The numbers that were told as done, of all flows.
  [[nodiscard]] std::multiset<std::uint64_t> done() const {
    std::multiset<std::uint64_t> all;
    for (const auto& word : node.heard<wire::handled>())
      for (const auto& range : word.done)
        for (auto number = range.from; number < range.until; ++number)
          all.insert(number);
    return all;
  }
  void until_done(const std::multiset<std::uint64_t>& wanted) {
    until([&] { return done() == wanted; });
  }

  static std::int64_t number_of(const event& what) { return what.as<Order>()->n; }
  static numbers numbers_of(const std::vector<event>& batch) {
    numbers all;
    for (const auto& one : batch)
      all.push_back(number_of(one));
    return all;
  }
  /// The next one, which has to be there.
  static event next(subscription& from) {
    auto one = from.poll(now);
    EXPECT_TRUE(one) << one.error().message();
    return one.value().value();
  }

  /// Does it in a process of its own, which is ended when it hangs.
  static void ends(const std::function<void()>& what) {
    const auto in_child = [&what] {
      ::alarm(10);
      what();
      std::_Exit(HasFailure() ? 1 : 0);
    };
    GTEST_FLAG_SET(death_test_style, "threadsafe"); // threads of tests before may be ending
    EXPECT_EXIT(in_child(), ::testing::ExitedWithCode(0), "") << "it hangs";
  }

  std::int64_t made = 0;
};

// --- handlers

TEST_F(sharing, what_a_handler_processed_is_told_as_done) {
  log_orders({"ann", "bob", "ann"});
  numbers got;
  auto running = subscribe(workers(), [&](const Order& order, const event_info& info) {
    EXPECT_EQ(info.key_text(), order.customer);
    EXPECT_EQ(info.node, "home");
    got.push_back(order.n);
  });
  until_done({1, 2, 3});
  running.close();
  EXPECT_EQ(std::set(got.begin(), got.end()), (std::set<std::int64_t>{0, 1, 2}));
  EXPECT_TRUE(node.heard<wire::failed>().empty());
}

TEST_F(sharing, a_handler_that_throws_is_told_with_its_message_and_the_event_comes_again_when_its_time_has_come) {
  log_orders({"ann", "ann"});
  std::atomic<std::int64_t> not_before = 0;
  numbers tried;
  auto running = subscribe(workers(), [&](const Order& order) {
    tried.push_back(order.n);
    if (tried.size() == 1) throw std::runtime_error("no tea");
    EXPECT_GE(clock.now, not_before);
  });
  until([&] { return !node.heard<wire::failed>().empty(); });
  const auto told = node.heard<wire::failed>()[0];
  EXPECT_EQ(told.flow, node.flows().begin()->first);
  EXPECT_EQ(told.number, 1U);
  EXPECT_EQ(told.cause, "the handler threw at home/1-7/0 of test.orders: no tea");
  EXPECT_TRUE(done().empty()) << "its key waits";
  not_before = clock.now + 10'000;
  node.say(wire::verdict{told.flow, told.number, 10ms});
  until_done({1, 2});
  EXPECT_FALSE(running.stopped());
  running.close();
  EXPECT_EQ(tried, (numbers{0, 0, 1}));
}

TEST_F(sharing, a_handler_that_rejects_an_event_is_told_as_that) {
  log_orders({"ann", "ann"});
  numbers tried;
  auto running = subscribe(workers(), [&](const Order& order) {
    tried.push_back(order.n);
    if (order.n == 0) throw rejected("no such item");
  });
  until([&] { return !node.heard<wire::failed>().empty(); });
  const auto told = node.heard<wire::failed>()[0];
  EXPECT_TRUE(told.rejected);
  EXPECT_EQ(told.cause, "the handler rejected home/1-7/0 of test.orders: no such item");
  EXPECT_TRUE(done().empty()) << "its key waits";
  node.say(wire::verdict{told.flow, told.number, std::nullopt});
  until_done({2});
  running.close();
  EXPECT_EQ(tried, (numbers{0, 1}));
}

TEST_F(sharing, what_a_program_does_with_failures_it_does_with_rejected_events_too) {
  log_orders({"ann"});
  auto options = workers();
  std::vector<errc> codes;
  options.on_failure = [&](const event&, const error& why) {
    codes.push_back(why.code());
    return after_failure::skip;
  };
  auto running = subscribe(options, [](const Order&) { throw rejected("no such item"); });
  until_done({1});
  running.close();
  EXPECT_EQ(codes, std::vector{errc::rejected});
  EXPECT_TRUE(node.heard<wire::failed>().empty());
}

TEST_F(sharing, a_value_that_does_not_fit_is_told_as_failed_with_its_position) {
  wire::batch_builder builder{"test.orders", producer_id{7}, wire::codec::none};
  ASSERT_TRUE(builder.add({.time = {}, .type = "Order", .key = {}, .headers = {}, .value = as_bytes("{}")}));
  node.own().add(builder.seal(0), "test.orders", 1);
  auto running = subscribe(workers(), [](const Order&) { FAIL() << "it has no value"; });
  until([&] { return !node.heard<wire::failed>().empty(); });
  const auto cause = node.heard<wire::failed>()[0].cause;
  EXPECT_EQ(cause.find("home/1-7/0 of test.orders (type \"Order\") can't be decoded: "), 0U) << cause;
}

TEST_F(sharing, a_failure_that_is_skipped_is_told_as_done) {
  log_orders({"ann", "ann"});
  auto options = workers();
  std::vector<std::string> causes;
  options.on_failure = [&](const event& what, const error& why) {
    causes.push_back(to_string(what.position()) + " " + why.message());
    return after_failure::skip;
  };
  auto running = subscribe(options, [](const Order& order) {
    if (order.n == 0) throw std::runtime_error("no tea");
  });
  until_done({1, 2});
  running.close();
  EXPECT_TRUE(node.heard<wire::failed>().empty());
  EXPECT_EQ(causes, (names{"home/1-7/0 the handler threw at home/1-7/0 of test.orders: no tea"}));
}

TEST_F(sharing, a_failure_that_stops_is_told_and_the_rest_is_given_back) {
  log_orders({"ann", "ann", "bob"});
  std::promise<error> stopped;
  auto options = workers();
  options.on_failure = [](const event&, const error&) { return after_failure::stop; };
  options.on_stopped = [&](const error& why) { stopped.set_value(why); };
  auto running = subscribe(options, [](const Order&) { throw std::runtime_error("no tea"); });
  node.serve();
  const auto ended = running.wait();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code(), errc::handler_failed);
  EXPECT_EQ(stopped.get_future().get().message(), ended.error().message());
  ASSERT_EQ(node.heard<wire::failed>().size(), 1U);
  EXPECT_EQ(node.heard<wire::failed>()[0].cause, ended.error().message());
  EXPECT_EQ(node.heard_names(),
            (names{"demand", "demand", "failed", "handled", "leaving", "flow_closed", "withdraw", "withdraw"}));
  EXPECT_EQ(node.heard<wire::handled>()[0].returned, (ranges{{1, 4}}));
  EXPECT_TRUE(done().empty());
}

// --- threads

TEST_F(sharing, a_key_that_is_under_way_waits_while_other_threads_go_on) {
  log_orders({"ann", "ann", "bob", "bob", "cyd"});
  std::latch cyd_is_there{1};
  std::mutex mutex;
  std::set<std::string> at_work;
  auto running = subscribe(workers(4), [&](const Order& order) {
    {
      const std::lock_guard held{mutex};
      ASSERT_TRUE(at_work.insert(order.customer).second) << "two of " << order.customer;
    }
    if (order.customer == "cyd") cyd_is_there.count_down();
    cyd_is_there.wait();
    const std::lock_guard held{mutex};
    at_work.erase(order.customer);
  });
  until_done({1, 2, 3, 4, 5});
}

TEST_F(sharing, as_many_handlers_run_at_once_as_there_are_threads) {
  log_orders({"ann", "bob", "cyd", "dan"});
  std::latch all{4};
  auto running = subscribe(workers(4), [&](const Order&) { all.arrive_and_wait(); });
  until_done({1, 2, 3, 4});
}

TEST_F(sharing, threads_never_have_two_events_of_one_key_and_keep_its_order) {
  const auto seed = test_seed();
  SCOPED_TRACE(seed);
  seeded_random chooses(seed);
  std::multiset<std::uint64_t> all;
  for (int batch = 0; batch < 40; ++batch) {
    names customers;
    for (int i = 0; i < 10; ++i) {
      customers.push_back("customer " + std::to_string(chooses.below(12)));
      all.insert(all.size() + 1);
    }
    log_orders(customers);
  }
  std::mutex mutex;
  std::set<std::string> at_work;
  std::map<std::string, std::int64_t> last;
  auto running = subscribe(workers(8), [&](const Order& order) {
    {
      const std::lock_guard held{mutex};
      EXPECT_TRUE(at_work.insert(order.customer).second) << "two of " << order.customer;
      const auto before = last.find(order.customer);
      EXPECT_TRUE(before == last.end() || before->second < order.n) << order.customer << " " << order.n;
      last[order.customer] = order.n;
    }
    std::this_thread::yield();
    const std::lock_guard held{mutex};
    at_work.erase(order.customer);
  });
  until_done(all);
}

// --- polling

TEST_F(sharing, asking_for_the_next_one_says_that_those_before_are_done) {
  log_orders({"ann", "ann", "ann"});
  auto from = subscribe(workers());
  node.serve();
  EXPECT_EQ(number_of(next(from)), 0);
  EXPECT_EQ(number_of(next(from)), 1);
  until_done({1});
  EXPECT_EQ(number_of(next(from)), 2);
  until_done({1, 2});
  EXPECT_FALSE(*from.poll(now));
  until_done({1, 2, 3});
  EXPECT_EQ(from.progress()[0].handled.seq, seq{3});
}

TEST_F(sharing, a_batch_has_one_event_of_a_key_at_most) {
  log_orders({"ann", "ann", "bob", "ann", "cyd"});
  auto from = subscribe(workers());
  node.serve();
  EXPECT_EQ(numbers_of(*from.poll_batch(2, now)), (numbers{0, 2}));
  EXPECT_EQ(numbers_of(*from.poll_batch(10, now)), (numbers{1, 4}));
  EXPECT_EQ(numbers_of(*from.poll_batch(10, now)), (numbers{3}));
  EXPECT_TRUE(from.poll_batch(10, now)->empty());
}

TEST_F(sharing, what_was_polled_last_is_done_only_after_commit) {
  log_orders({"ann", "ann"});
  {
    auto from = subscribe(workers());
    node.serve();
    static_cast<void>(next(from));
    static_cast<void>(next(from));
  }
  EXPECT_EQ(done(), (std::multiset<std::uint64_t>{1}));
  {
    auto from = subscribe(workers());
    node.serve();
    static_cast<void>(next(from));
    static_cast<void>(next(from));
    from.commit();
  }
  EXPECT_EQ(done(), (std::multiset<std::uint64_t>{1, 1, 2}));
}

TEST_F(sharing, with_manual_commits_events_are_under_way_until_they_are_done) {
  log_orders({"ann", "ann", "bob"});
  auto from = subscribe(manual_workers());
  node.serve();
  const auto of_ann = next(from);
  const auto of_bob = next(from);
  EXPECT_EQ(number_of(of_ann), 0);
  EXPECT_EQ(number_of(of_bob), 2);
  EXPECT_FALSE(*from.poll(now)) << "a key waits";
  from.commit(); // says nothing here
  from.done(of_bob);
  until_done({3});
  from.done(of_bob); // once is enough
  from.done(of_ann);
  EXPECT_EQ(number_of(next(from)), 1);
  until_done({1, 3});
}

TEST_F(sharing, with_manual_commits_what_is_rejected_is_told_as_that) {
  log_orders({"ann", "ann"});
  auto from = subscribe(manual_workers());
  node.serve();
  const auto first = next(from);
  from.rejected(first, "no such item");
  from.rejected(first, "said twice");
  until([&] { return !node.heard<wire::failed>().empty(); });
  ASSERT_EQ(node.heard<wire::failed>().size(), 1U);
  const auto told = node.heard<wire::failed>()[0];
  EXPECT_EQ(told, (wire::failed{told.flow, 1, "no such item", true}));
  node.say(wire::verdict{told.flow, told.number, std::nullopt});
  EXPECT_EQ(number_of(next(from)), 1);
}

TEST_F(sharing, with_manual_commits_what_failed_is_told_and_comes_again_when_its_time_has_come) {
  log_orders({"ann", "ann"});
  auto from = subscribe(manual_workers());
  node.serve();
  from.failed(next(from), "no stock");
  EXPECT_FALSE(*from.poll(now));
  until([&] { return !node.heard<wire::failed>().empty(); });
  const auto told = node.heard<wire::failed>()[0];
  EXPECT_EQ(told, (wire::failed{node.flows().begin()->first, 1, "no stock"}));
  node.say(wire::verdict{told.flow, told.number, 1s});
  EXPECT_FALSE(*from.poll(now));
  pass(1s);
  const auto again = next(from);
  EXPECT_EQ(number_of(again), 0);
  from.done(again);
  EXPECT_EQ(number_of(next(from)), 1);
  until_done({1});
}

TEST_F(sharing, what_a_group_drops_lets_its_key_go_on) {
  log_orders({"ann", "ann"});
  auto from = subscribe(manual_workers());
  node.serve();
  from.failed(next(from), "no stock");
  until([&] { return !node.heard<wire::failed>().empty(); });
  node.say(wire::verdict{node.heard<wire::failed>()[0].flow, 1, std::nullopt});
  EXPECT_EQ(number_of(next(from)), 1);
}

TEST_F(sharing, a_poll_waits_for_an_event) {
  auto from = subscribe(workers());
  node.serve();
  auto waits = std::async(std::launch::async, [&] { return from.poll(1min); });
  log_orders({"ann"});
  node.serve();
  const auto came = waits.get();
  ASSERT_TRUE(came && *came);
  EXPECT_EQ(number_of(**came), 0);
}

TEST_F(sharing, with_a_handler_it_can_not_be_polled) {
  auto running = subscribe(workers(), [](const Order&) {});
  EXPECT_EQ(running.poll(now).error().code(), errc::invalid_argument);
}

// --- losses and gaps

TEST_F(sharing, what_is_under_way_over_a_loss_is_told_and_not_given_twice) {
  log_orders({"ann", "bob", "ann"});
  auto from = subscribe(manual_workers());
  node.serve();
  const auto of_ann = next(from);
  const auto of_bob = next(from);
  node.go();
  from.done(of_bob);
  node.come();
  node.serve(); // all of them again
  EXPECT_FALSE(*from.poll(now));
  from.done(of_ann);
  EXPECT_EQ(number_of(next(from)), 2);
  until_done({1, 2});
}

/// [from, until) of the log can't be had.
wire::run gap_in(const fake_log& log, std::uint64_t flow, seq from, seq until) {
  return {.flow = flow,
          .epoch = log.opening(),
          .from = from,
          .until = until,
          .log_time = {},
          .head = until,
          .starts = {},
          .gap_code = errc::log_start,
          .gap = "retention"};
}

TEST_F(sharing, a_gap_is_told) {
  auto options = workers();
  std::vector<gap> gaps;
  options.on_gap = [&](const gap& met) { gaps.push_back(met); };
  auto from = subscribe(options);
  node.serve();
  node.say(gap_in(node.own(), node.flows().begin()->first, seq{0}, seq{5}));
  EXPECT_FALSE(*from.poll(now));
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].node, "home");
  EXPECT_EQ(gaps[0].until, seq{5});
  EXPECT_EQ(gaps[0].why.code(), errc::log_start);
}

TEST_F(sharing, a_gap_that_nobody_takes_ends_the_subscription) {
  auto from = subscribe(workers());
  node.serve();
  node.say(gap_in(node.own(), node.flows().begin()->first, seq{0}, seq{5}));
  const auto next_one = from.poll(now);
  ASSERT_FALSE(next_one);
  EXPECT_EQ(next_one.error().code(), errc::log_start);
  EXPECT_EQ(node.heard<wire::withdraw>().size(), 2U);
}

TEST_F(sharing, what_the_node_refuses_ends_the_subscription) {
  auto from = subscribe(workers());
  node.say(wire::refused{errc::denied, "not for you", node.heard<wire::demand>().at(0).subscription, 0});
  EXPECT_EQ(from.poll(now).error().code(), errc::denied);
  EXPECT_EQ(from.wait().error().code(), errc::denied);
}

// --- closing

TEST_F(sharing, close_waits_for_a_handler_that_runs_and_tells_what_it_did) {
  log_orders({"ann", "ann", "bob"});
  std::promise<void> runs, may_end;
  auto running = subscribe(workers(), [&](const Order&) {
    runs.set_value();
    may_end.get_future().wait();
  });
  node.serve();
  runs.get_future().wait();
  std::thread closer([&] { running.close(); });
  EXPECT_TRUE(close_waits(running));
  may_end.set_value();
  closer.join();
  EXPECT_EQ(node.heard_names(),
            (names{"demand", "demand", "handled", "leaving", "handled", "flow_closed", "withdraw", "withdraw"}));
  EXPECT_EQ(node.heard<wire::handled>()[0].returned, (ranges{{2, 4}}));
  EXPECT_EQ(node.heard<wire::handled>()[1].done, (ranges{{1, 2}}));
  EXPECT_EQ(node.heard<wire::flow_closed>()[0].code, errc::ok);
  EXPECT_TRUE(running.wait());
}

TEST_F(sharing, a_handler_that_fails_while_it_closes_gives_its_event_back) {
  log_orders({"ann"});
  std::promise<void> runs, may_end;
  auto running = subscribe(workers(), [&](const Order&) {
    runs.set_value();
    may_end.get_future().wait();
    throw std::runtime_error("no tea");
  });
  node.serve();
  runs.get_future().wait();
  std::thread closer([&] { running.close(); });
  until([&] { return !node.heard<wire::leaving>().empty(); });
  may_end.set_value();
  closer.join();
  EXPECT_EQ(node.heard<wire::handled>().back().returned, (ranges{{1, 2}}));
  EXPECT_TRUE(done().empty());
  EXPECT_FALSE(running.stopped());
}

TEST_F(sharing, a_subscription_can_end_inside_its_handler) {
  log_orders({"ann", "bob"});
  std::optional<subscription> running;
  std::latch is_known{1}, has_ended{1};
  int handled = 0;
  running.emplace(subscribe(workers(), [&](const Order&) {
    is_known.wait();
    ++handled;
    running.reset();
    has_ended.count_down();
  }));
  is_known.count_down();
  node.serve();
  has_ended.wait();
  until([&] { return node.heard<wire::flow_closed>().size() == 1; }); // said when the handler has returned
  EXPECT_EQ(handled, 1);
}

TEST_F(sharing, two_handlers_can_close_at_once) {
  ends([this] {
    log_orders({"ann", "bob"});
    std::optional<subscription> running;
    std::latch both{2}, is_known{1}, have_closed{2};
    running.emplace(subscribe(workers(2), [&](const Order&) {
      is_known.wait();
      both.arrive_and_wait();
      running->close();
      have_closed.count_down();
    }));
    is_known.count_down();
    node.serve();
    have_closed.wait();
  });
}

TEST_F(sharing, close_waits_until_on_stopped_has_returned) {
  std::latch closes{1};
  std::promise<void> told;
  std::atomic<bool> was_told = false;
  auto options = workers();
  options.on_stopped = [&](const error&) {
    closes.wait();
    was_told = true;
    told.set_value();
  };
  auto running = subscribe(options, [](const Order&) {});
  node.say(wire::refused{errc::denied, "not for you", node.heard<wire::demand>().at(0).subscription, 0});
  closes.count_down();
  running.close();
  EXPECT_TRUE(was_told) << "what it uses may be gone by now";
  told.get_future().wait();
}

TEST_F(sharing, close_waits_until_on_gap_has_returned) {
  std::promise<void> met, may_end;
  std::atomic<bool> over = false;
  auto options = workers();
  options.on_gap = [&](const gap&) {
    met.set_value();
    may_end.get_future().wait();
    over = true;
  };
  auto running = subscribe(options, [](const Order&) {});
  node.serve();
  node.say(gap_in(node.own(), node.flows().begin()->first, seq{0}, seq{5}));
  met.get_future().wait();
  std::thread closer([&] {
    running.close();
    EXPECT_TRUE(over) << "what on_gap uses may be gone by now";
  });
  until([&] { return !node.heard<wire::leaving>().empty(); });
  static_cast<void>(running.stopped()); // answers when close() waits or is done
  may_end.set_value();
  closer.join();
}

TEST_F(sharing, what_is_done_after_the_end_does_not_hold_up_close) {
  ends([this] {
    log_orders({"ann"});
    auto from = subscribe(manual_workers());
    node.serve();
    const auto given = next(from);
    node.say(wire::refused{errc::denied, "not for you", node.heard<wire::demand>().at(0).subscription, 0});
    from.done(given);
    from.close();
  });
}

TEST_F(sharing, what_failed_after_close_does_not_hold_up_the_end) {
  ends([this] {
    log_orders({"ann"});
    auto from = subscribe(manual_workers());
    node.serve();
    const auto given = next(from);
    from.close();
    from.failed(given, "no stock");
    from.close(); // as when it is destroyed
  });
}

TEST_F(sharing, closing_the_participant_ends_its_members) {
  auto polled = subscribe(workers());
  auto handled = subscribe(workers(), [](const Order&) {});
  core->close();
  EXPECT_FALSE(*polled.poll(1min));
  EXPECT_TRUE(handled.wait());
}

// --- options

TEST_F(sharing, options_become_the_membership) {
  auto from = subscribe({.group = {.name = "workers",
                                   .on_failing = failing_event::park,
                                   .deliveries_max = 7,
                                   .backoff_first = 2s,
                                   .backoff_most = 3s,
                                   .events_max = 11}});
  node.serve();
  const auto demands = node.heard<wire::demand>();
  ASSERT_EQ(demands.size(), 2U);
  EXPECT_EQ(demands[0].start, wire::start_kind::beginning);
  EXPECT_FALSE(demands[0].log);
  EXPECT_EQ(demands[1].log, node.own().id());
  for (const auto& wanted : demands) {
    ASSERT_TRUE(wanted.member);
    EXPECT_EQ(wanted.member->group, "workers");
    EXPECT_EQ(wanted.member->events_max, 11U);
    EXPECT_EQ(wanted.member->policy, (wire::failure_policy{wire::after_failing::park, 7, 2s, 3s}));
    EXPECT_EQ(wanted.member->member, demands[0].member->member);
  }
  auto another = subscribe(workers());
  EXPECT_NE(node.heard<wire::demand>().back().member->member, demands[0].member->member);
}

TEST_F(sharing, wrong_options_are_named) {
  const auto refused = [this](group_options group, const std::string& name = {}) {
    if (group.name.empty()) group.name = "workers";
    const auto made_one = me.subscribe(orders, {.name = name, .group = group});
    return made_one ? std::string("it was taken") : made_one.error().message();
  };
  const std::string backoff = "group.backoff_first and backoff_most must rise from 0 to 24 hours at most";
  EXPECT_EQ(refused({.events_max = 0}), "group.events_max is 0: must be from 1 to 8192");
  EXPECT_EQ(refused({.events_max = 8193}), "group.events_max is 8193: must be from 1 to 8192");
  EXPECT_EQ(refused({.deliveries_max = 0}), "group.deliveries_max is 0: must be 1 or more");
  EXPECT_EQ(refused({.threads = 0}), "group.threads is 0: must be from 1 to 256");
  EXPECT_EQ(refused({.threads = 257}), "group.threads is 257: must be from 1 to 256");
  EXPECT_EQ(refused({.backoff_first = -1us}), backoff);
  EXPECT_EQ(refused({.backoff_first = 2s, .backoff_most = 1s}), backoff);
  EXPECT_EQ(refused({.backoff_most = 24h + 1us}), backoff);
  EXPECT_EQ(refused({}, "audit"), "a subscription has a name or is a member of a group, not both");
  EXPECT_EQ(refused({.name = "No Spaces"}).find("the group's name: "), 0U) << refused({.name = "No Spaces"});
  EXPECT_EQ(me.subscribe(orders, {.group = {.name = "No Spaces"}}).error().code(), errc::invalid_name);
  EXPECT_EQ(me.subscribe(orders, {.commit = commit_mode::manual}).error().message(),
            "commit_mode::manual needs a named subscription or a group");
  EXPECT_TRUE(node.heard<wire::demand>().empty());
}

} // namespace
} // namespace weft::testing

// tests/sdk/service_timers_test.cpp: what a service does later, and at intervals.
#include "tests/sdk/service_fixture.hpp"

#include <algorithm>
#include <atomic>
#include <ctime>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

namespace weft::testing {
namespace {

/// Each order sets a reminder of its customer so much later; a negative number takes it back.
service reminding(node& at, std::map<std::string, std::int64_t>& reminded, std::mutex& guard, microseconds after,
                  service_options options = {}) {
  options.backoff_first = options.backoff_most = 1us;
  service made(at, "reminding", std::move(options));
  made.on(orders, [after](const Order& order, context& with) {
    if (order.n < 0)
      with.cancel(reminder, order.customer);
    else
      with.set(reminder, order.customer, after, order);
    with.publish(notes, "seen " + order.customer);
  });
  made.on(reminder, [&](const Order& order, context& with) {
    const std::lock_guard held{guard};
    reminded[order.customer] += order.n;
    with.publish(notes, "remind " + order.customer);
    auto count = with.state().table<std::string, int>("count");
    count.put(order.customer, count.get(order.customer).value_or(0) + 1);
  });
  return made;
}

TEST_F(service_at_a_node, a_timer_is_a_step_of_its_own) {
  std::map<std::string, std::int64_t> reminded;
  auto reminds = reminding(*at, reminded, mutex, 1us);
  ASSERT_TRUE(reminds.start());
  publish("ann", 7);
  const auto said = first_of("shop.notes", 2);
  EXPECT_EQ(texts_of(said), (std::vector<std::string>{"seen ann", "remind ann"}));
  expect_each_origin_once(said);
  EXPECT_EQ(*said[0].headers.find("weft-caused-by"), *said[1].headers.find("weft-caused-by"));
  EXPECT_TRUE(said[1].headers.find("weft-origin")->starts_with("reminding reminder/"))
      << *said[1].headers.find("weft-origin");
  const auto count = reminds.read<std::string, int>("count", "ann");
  ASSERT_TRUE(count && *count);
  EXPECT_EQ(**count, 1);
  EXPECT_EQ(reminds.health().handled, 2U);
}

TEST_F(service_at_a_node, a_timer_waits_through_restarts_and_comes_once) {
  std::map<std::string, std::int64_t> reminded;
  {
    auto reminds = reminding(*at, reminded, mutex, 1h);
    ASSERT_TRUE(reminds.start());
    publish("ann", 1);
    first_of("shop.notes", 1);
  }
  EXPECT_TRUE(reminded.empty()) << "an hour has not passed";
  restart();
  {
    auto reminds = reminding(*at, reminded, mutex, 1us); // ann's is moved, bob's is taken back
    ASSERT_TRUE(reminds.start());
    publish("ann", 2);
    first_of("shop.notes", 3);
  }
  EXPECT_EQ(reminded, (std::map<std::string, std::int64_t>{{"ann", 2}}));
  restart();
  auto reminds = reminding(*at, reminded, mutex, 1h);
  ASSERT_TRUE(reminds.start());
  publish("bob", 1);
  publish("bob", -1);
  EXPECT_EQ(texts_of(first_of("shop.notes", 5)),
            (std::vector<std::string>{"seen ann", "seen ann", "remind ann", "seen bob", "seen bob"}));
  EXPECT_EQ(reminded, (std::map<std::string, std::int64_t>{{"ann", 2}})) << "once";
}

TEST_F(service_at_a_node, what_was_due_while_it_did_not_run_comes_at_its_start) {
  std::map<std::string, std::int64_t> reminded;
  {
    service stopping(*at, "reminding");
    stopping.on(orders, [&](const Order& order, context& with) {
      with.set(reminder, order.customer, 1us, order);
      with.publish(notes, "seen " + order.customer);
      stopping.stop(); // before it looks for what is due
    });
    stopping.on(reminder, [](const Order&) { FAIL(); });
    ASSERT_TRUE(stopping.start());
    publish("ann", 1);
    ASSERT_TRUE(stopping.wait());
  }
  auto reminds = reminding(*at, reminded, mutex, 1h);
  ASSERT_TRUE(reminds.start());
  EXPECT_EQ(texts_of(first_of("shop.notes", 2)), (std::vector<std::string>{"seen ann", "remind ann"}));
  EXPECT_EQ(reminded, (std::map<std::string, std::int64_t>{{"ann", 1}}));
}

TEST_F(service_at_a_node, a_timer_that_throws_is_called_again_and_told) {
  std::atomic<int> calls = 0;
  std::vector<std::string> told;
  service_options options;
  options.backoff_first = options.backoff_most = 1us;
  options.on_hindered = [&](const error& why) {
    const std::lock_guard held{mutex};
    told.push_back(why.message());
  };
  service made(*at, "reminding", options);
  made.on(orders, [](const Order& order, context& with) { with.set(reminder, order.customer, 1us, order); });
  made.on(reminder, [&](const Order& order, context& with) {
    with.publish(notes, order.customer);
    if (++calls < 4) throw std::runtime_error("not yet");
  });
  ASSERT_TRUE(made.start());
  publish("ann", 1);
  first_of("shop.notes", 1);
  made.stop();
  EXPECT_EQ(calls, 4);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_NE(told[0].find("the timer reminder of 'ann'"), std::string::npos) << told[0];
  EXPECT_NE(told[0].find("not yet"), std::string::npos) << told[0];
  EXPECT_EQ(made.health().failed, 3U);
}

TEST_F(service_at_a_node, a_timer_may_set_itself_again) {
  service made(*at, "down");
  made.on(orders, [](const Order& order, context& with) { with.set(reminder, order.customer, 0us, order); });
  made.on(reminder, [](const Order& order, context& with) {
    with.publish(notes, std::to_string(order.n));
    if (order.n > 0) with.set_at(reminder, order.customer, wall_time{0}, {order.customer, order.n - 1});
  });
  ASSERT_TRUE(made.start());
  publish("ann", 3);
  const auto said = first_of("shop.notes", 4);
  EXPECT_EQ(texts_of(said), (std::vector<std::string>{"3", "2", "1", "0"}));
  expect_each_origin_once(said);
}

TEST_F(service_at_a_node, a_timer_without_a_handler_makes_its_event_fail) {
  service_options options;
  options.on_failing = failing_event::dead_letter;
  options.deliveries_max = 1;
  service made(*at, "reminding", options);
  made.on(orders, [](const Order& order, context& with) { with.set(reminder, order.customer, 1us, order); });
  ASSERT_TRUE(made.start());
  publish("ann", 1);
  const auto letters = first_of("_weft.dead-letters.reminding", 1);
  EXPECT_NE(letters[0].headers.find("weft-cause")->find("no handler for the timer reminder"), std::string::npos)
      << *letters[0].headers.find("weft-cause");
}

TEST_F(service_at_a_node, an_interval_comes_at_its_multiples) {
  service made(*at, "ticking");
  std::vector<wall_time> at_times;
  made.on(orders, [](const Order&) {});
  made.every("tick", 1s, [&](context& with) {
    const std::lock_guard held{mutex};
    at_times.push_back(with.what().time);
    with.publish(notes, std::string(with.what().topic));
  });
  ASSERT_TRUE(made.start());
  const auto said = first_of("shop.notes", 2);
  made.stop();
  EXPECT_EQ(said[0].text(), "tick");
  EXPECT_FALSE(said[0].headers.find("weft-caused-by")) << "no event led to it";
  EXPECT_NE(*said[0].headers.find("weft-origin"), *said[1].headers.find("weft-origin"));
  ASSERT_GE(at_times.size(), 2U);
  for (const auto& one : at_times)
    EXPECT_EQ(one.us % 1'000'000, 0);
  EXPECT_LT(at_times[0], at_times[1]);
}

TEST_F(service_at_a_node, timers_of_one_cause_differ_in_their_origins) {
  service made(*at, "twice");
  made.on(orders, [](const Order& order, context& with) {
    for (const auto* key : {"one", "two"})
      with.set_at(reminder, key, wall_time{1}, {order.customer, 1});
  });
  made.on(reminder, [](const Order& order, context& with) {
    with.publish(notes, std::string(with.what().key_text()));
    if (order.n > 0) with.set_at(reminder, with.what().key_text(), wall_time{9}, {order.customer, 0});
  });
  ASSERT_TRUE(made.start());
  publish("ann", 1);
  const auto said = first_of("shop.notes", 4);
  EXPECT_EQ(texts_of(said), (std::vector<std::string>{"one", "two", "one", "two"}));
  expect_each_origin_once(said);
}

TEST_F(service_at_a_node, many_that_are_due_at_once_leave_room_for_a_stop_and_for_events) {
  constexpr int timers = 5000;
  std::atomic<int> called = 0;
  const auto handed_out = [this] {
    const auto group = nlohmann::json::parse(at->query("groups.describe", R"({"name": "many"})").value());
    std::size_t events = 0;
    for (const auto& one : group["member_list"])
      events += one["events"].get<std::size_t>();
    return events;
  };
  std::once_flag has_come;
  const auto wait_for_event = [&] {
    while (handed_out() == 0)
      std::this_thread::yield();
    handed_out(); // whose answer comes behind the event
  };
  const auto make = [&](bool stops) {
    auto made = std::make_unique<service>(*at, "many");
    made->on(orders, [&](const Order& order, context& with) {
      for (int n = 0; n < order.n; ++n)
        with.set(reminder, std::to_string(n), 0us, order);
      with.publish(notes, "event");
    });
    made->on(reminder, [&, stops, self = made.get()](const Order&, context& with) {
      if (!stops) std::call_once(has_come, wait_for_event);
      ++called;
      with.publish(notes, "timer");
      if (stops) self->stop();
    });
    return made;
  };
  auto first = make(true);
  ASSERT_TRUE(first->start());
  publish("ann", timers);
  ASSERT_TRUE(first->wait());
  first.reset();
  EXPECT_LT(called, 10) << "a stop in the first is one";
  publish("bob", 0);
  auto second = make(false);
  ASSERT_TRUE(second->start());
  const auto said = texts_of(first_of("shop.notes", timers + 2));
  EXPECT_EQ(std::ranges::count(said, "timer"), timers);
  EXPECT_EQ(called, timers);
  const auto events = std::ranges::find(said.begin() + 1, said.end(), "event");
  EXPECT_LT(events - said.begin(), timers / 2) << "timers kept the event of bob waiting";
}

TEST_F(service_at_a_node, a_timer_for_never_costs_nothing) {
  service made(*at, "patient");
  made.on(orders, [](const Order& order, context& with) {
    with.set(reminder, "ever", microseconds::max(), order);
    with.set_at(reminder, "never", wall_time{std::numeric_limits<std::int64_t>::max()}, order);
    with.publish(notes, order.customer);
  });
  made.on(reminder, [](const Order&) { FAIL(); });
  ASSERT_TRUE(made.start());
  publish("ann", 1);
  first_of("shop.notes", 1);
  service ticking(*at, "ticking");
  ticking.on(totals, [](const Total&) {});
  ticking.every("tick", 1s, [](context& with) { with.publish(notes, "tick"); });
  ASSERT_TRUE(ticking.start());
  first_of("shop.notes", 2);
  const auto before = std::clock(); // of the processor: a service that looks again and again takes a second of it
  first_of("shop.notes", 3);
  EXPECT_LT(std::clock() - before, CLOCKS_PER_SEC / 2);
  EXPECT_EQ(made.health().handled, 1U);
}

TEST_F(service_at_a_node, timers_of_a_program_that_was_changed_wait_and_its_intervals_end) {
  std::vector<std::string> told;
  {
    service old(*at, "changed");
    old.on(orders, [&](const Order& order, context& with) {
      with.set(reminder, order.customer, 0us, order);
      old.stop();
    });
    old.on(reminder, [](const Order&) {});
    old.every("report", 1s, [](context&) {});
    ASSERT_TRUE(old.start());
    publish("ann", 1);
    ASSERT_TRUE(old.wait());
  }
  {
    service_options options;
    options.on_hindered = [&](const error& why) {
      const std::lock_guard held{mutex};
      told.push_back(why.message());
    };
    service without(*at, "changed", options);
    without.on(orders, [](const Order&) {});
    without.every("tick", 1s, [](context& with) { with.publish(notes, "tick"); });
    ASSERT_TRUE(without.start());
    first_of("shop.notes", 2); // the multiples of the interval that has ended went by, too
    EXPECT_EQ(without.health().failed, 0U);
  }
  ASSERT_EQ(told.size(), 1U) << told.back();
  EXPECT_NE(told[0].find("the timer reminder of 'ann' is due"), std::string::npos) << told[0];
  service with_one(*at, "changed");
  with_one.on(orders, [](const Order&) {});
  with_one.on(reminder, [](const Order& order, context& with) { with.publish(totals, {order.customer}); });
  ASSERT_TRUE(with_one.start());
  EXPECT_EQ(first_of("shop.totals", 1)[0].as<Total>()->customer, "ann");
}

} // namespace
} // namespace weft::testing

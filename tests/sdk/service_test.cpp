// tests/sdk/service_test.cpp: services at an embedded node, through what the SDK shows.
#include "tests/mesh/base/disk_testing.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <limits>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <thread>
#include <weft/weft.hpp>

namespace weft::testing {
namespace {

using namespace std::chrono_literals;

struct Order {
  std::string customer;
  std::int64_t n = 0;
};
WEFT_EVENT(Order, key(customer), customer, n)
struct Total {
  std::string customer;
  std::int64_t count = 0, sum = 0;
};
WEFT_EVENT(Total, key(customer), customer, count, sum)

inline constexpr topic<Order> orders{"shop.orders"};
inline constexpr topic<Total> totals{"shop.totals"};
inline constexpr topic<std::string> notes{"shop.notes"};
inline constexpr timer<Order> reminder{"reminder"};

/// What a hung test waits for; decides nothing.
constexpr auto hang = 60s;

struct service_at_a_node : ::testing::Test {
  service_at_a_node() { open(); }
  void open() {
    auto opened = node::open({.name = "a", .data_dir = directory.path() + "/a"});
    ASSERT_TRUE(opened) << opened.error().message();
    at.emplace(std::move(*opened));
  }
  void restart() {
    at.reset();
    open();
  }
  void publish(const std::string& customer, std::int64_t n) {
    const auto done = at->publish_and_wait(orders, {customer, n});
    ASSERT_TRUE(done) << done.error().message();
  }
  /// Counts and adds up per customer, and publishes both.
  service counting(service_options options = {}) {
    options.on_stopped = [this](const error& why) { told_why(why); };
    options.backoff_first = options.backoff_most = 1us;
    service made(*at, "counting", std::move(options));
    made.on(orders, [this](const Order& order, context& with) {
      auto counts = with.state().table<std::string, Total>("totals");
      auto now = counts.get(order.customer).value_or(Total{order.customer});
      ++now.count;
      now.sum += order.n;
      counts.put(order.customer, now);
      with.publish(totals, now);
      if (before_return) before_return(order);
    });
    return made;
  }
  void told_why(const error& why) {
    const std::lock_guard held{mutex};
    stopped_why = why.message();
    stopped_code = why.code();
  }
  /// The first so many events of the topic from its beginning, or all there are until a later one comes.
  std::vector<event> first_of(std::string_view topic, std::size_t count) {
    auto reading = at->subscribe(topic, {.from = start::beginning});
    EXPECT_TRUE(reading) << reading.error().message();
    std::vector<event> all;
    while (reading && all.size() < count) {
      auto one = reading->poll(hang);
      EXPECT_TRUE(one && *one) << topic << " has " << all.size() << " of " << count;
      if (!one || !*one) break;
      all.push_back(std::move(**one));
    }
    return all;
  }
  static void expect_each_origin_once(const std::vector<event>& outputs) {
    std::set<std::string> origins;
    for (const auto& one : outputs) {
      const auto cause = one.headers.find("weft-caused-by"), origin = one.headers.find("weft-origin");
      ASSERT_TRUE(cause && origin);
      const auto both = std::string(*cause) + " " + std::string(*origin);
      EXPECT_TRUE(origins.emplace(both).second) << both;
    }
  }

  temporary_directory directory;
  std::optional<node> at;
  std::function<void(const Order&)> before_return;
  std::mutex mutex;
  std::string stopped_why;
  errc stopped_code = errc::ok;
};

TEST_F(service_at_a_node, keeps_state_and_publishes_over_restarts) {
  for (int life = 0; life < 3; ++life) {
    auto counts = counting();
    ASSERT_TRUE(counts.start());
    for (int n = 0; n < 100; ++n)
      publish(n % 2 == 0 ? "ann" : "bob", n);
    const auto outputs = first_of("shop.totals", 100 * static_cast<std::size_t>(life + 1));
    expect_each_origin_once(outputs);
    EXPECT_EQ(outputs.back().as<Total>()->count, 50 * (life + 1));
    const auto ann = counts.read<std::string, Total>("totals", "ann");
    ASSERT_TRUE(ann && *ann);
    EXPECT_EQ((*ann)->count, 50 * (life + 1));
    EXPECT_EQ((*ann)->sum, 2450 * (life + 1));
    EXPECT_FALSE((*counts.read<std::string, Total>("totals", "eve")));
    counts.stop();
    restart();
  }
}

TEST_F(service_at_a_node, what_a_handler_did_before_it_threw_is_not_done) {
  int tries = 0;
  before_return = [&](const Order& order) {
    if (order.customer == "ann" && ++tries < 3) throw std::runtime_error("no tea");
  };
  auto counts = counting();
  publish("ann", 1);
  publish("bob", 2);
  ASSERT_TRUE(counts.start());
  std::map<std::string, std::int64_t> seen;
  for (const auto& one : first_of("shop.totals", 2))
    seen[one.as<Total>()->customer] = one.as<Total>()->count;
  EXPECT_EQ(seen, (std::map<std::string, std::int64_t>{{"ann", 1}, {"bob", 1}}));
  EXPECT_EQ(tries, 3);
  EXPECT_EQ((counts.read<std::string, Total>("totals", "ann")->value().sum), 1);
}

TEST_F(service_at_a_node, a_moved_cursor_makes_no_event_count_twice) {
  auto counts = counting();
  ASSERT_TRUE(counts.start());
  for (int n = 0; n < 10; ++n)
    publish("ann", n);
  first_of("shop.totals", 10);
  counts.stop();
  const auto moved = at->query("groups.seek", R"({"name": "counting", "to": {"kind": "beginning"}})");
  ASSERT_TRUE(moved) << moved.error().message();
  ASSERT_TRUE(counts.start());
  publish("ann", 10);
  const auto outputs = first_of("shop.totals", 11);
  expect_each_origin_once(outputs);
  EXPECT_EQ(outputs.back().as<Total>()->count, 11);
}

TEST_F(service_at_a_node, another_state_of_it_is_refused) {
  auto first = counting();
  ASSERT_TRUE(first.start());
  publish("ann", 1);
  first_of("shop.totals", 1);
  auto same = counting();
  const auto locked = same.start();
  ASSERT_FALSE(locked);
  EXPECT_EQ(locked.error().code(), errc::locked) << locked.error().message();
  first.stop();
  auto other = counting({.state_dir = directory.path() + "/elsewhere"});
  ASSERT_TRUE(other.start());
  const auto ended = other.wait();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code(), errc::denied);
  EXPECT_NE(ended.error().message().find("weft groups delete counting"), std::string::npos) << ended.error().message();
}

TEST_F(service_at_a_node, no_member_without_its_state_takes_part) {
  auto counts = counting();
  ASSERT_TRUE(counts.start());
  publish("ann", 1);
  first_of("shop.totals", 1);
  auto plain = at->subscribe(orders, {.group = {.name = "counting"}, .on_stopped = [](const error&) {}});
  ASSERT_TRUE(plain);
  const auto ended = plain->wait();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code(), errc::denied);
}

TEST_F(service_at_a_node, handlers_are_for_topics_and_types) {
  service both(*at, "both", {.pattern = "shop.*"});
  both.on(orders, [](const Order& order, context& with) { with.publish(totals, {order.customer, 1, order.n}); });
  both.on(notes, [](const std::string& text, context& with) {
    with.state().table<std::string, std::int64_t>("letters").put(text, static_cast<std::int64_t>(text.size()));
    with.publish(totals, {text, 2, 0});
  });
  ASSERT_TRUE(both.start());
  publish("ann", 7); // its output is of a topic without handler, and of the pattern
  ASSERT_TRUE(at->publish_and_wait(notes, "tea"));
  std::map<std::string, std::int64_t> seen;
  for (const auto& one : first_of("shop.totals", 2))
    seen[one.as<Total>()->customer] = one.as<Total>()->count;
  EXPECT_EQ(seen, (std::map<std::string, std::int64_t>{{"ann", 1}, {"tea", 2}}));
  const auto letters = both.read<std::string, std::int64_t>("letters", "tea");
  ASSERT_TRUE(letters && *letters);
  EXPECT_EQ(**letters, 3);
}

TEST_F(service_at_a_node, outputs_of_one_event_may_fill_many_batches) {
  service large(*at, "large");
  large.on(orders, [](const Order& order, context& with) {
    for (int i = 0; i < 3; ++i)
      with.publish(notes, std::string(1U << 20U, static_cast<char>('a' + i)), {.key = order.customer});
  });
  ASSERT_TRUE(large.start());
  for (int n = 0; n < 20; ++n)
    publish("ann", n);
  const auto outputs = first_of("shop.notes", 60);
  expect_each_origin_once(outputs);
  for (std::size_t i = 0; i < outputs.size(); ++i)
    EXPECT_EQ(outputs[i].text().front(), static_cast<char>('a' + i % 3));
}

TEST_F(service_at_a_node, what_cant_be_published_makes_its_event_fail) {
  service wrong(*at, "wrong", {.on_failing = failing_event::dead_letter, .deliveries_max = 1});
  wrong.on(orders, [](const Order& order, context& with) {
    with.state().table<std::string, std::int64_t>("seen").put(order.customer, order.n);
    if (order.n == 1) with.publish(notes, std::string((1U << 20U) + 1, 'x'));
    if (order.n == 2) with.publish(topic<std::string>{"_weft.mine"}, "x");
    if (order.n == 3) with.publish(notes, "x", {.level = ack_level::synced});
    with.publish(totals, {order.customer, 1, order.n});
  });
  ASSERT_TRUE(wrong.start());
  for (int n = 0; n < 5; ++n)
    publish("c" + std::to_string(n), n);
  const auto outputs = first_of("shop.totals", 2);
  EXPECT_EQ(outputs[0].as<Total>()->sum, 0);
  EXPECT_EQ(outputs[1].as<Total>()->sum, 4);
  const auto letters = first_of("_weft.dead-letters.wrong", 3);
  EXPECT_EQ(letters.size(), 3U);
  EXPECT_FALSE((*wrong.read<std::string, std::int64_t>("seen", "c1")));
}

TEST_F(service_at_a_node, a_value_of_another_type_in_the_state_makes_its_event_fail) {
  service wrong(*at, "wrong", {.on_failing = failing_event::dead_letter, .deliveries_max = 1});
  wrong.on(orders, [](const Order& order, context& with) {
    if (order.n == 0)
      with.state().table<std::string, std::string>("t").put("k", "tea");
    else
      with.state().table<std::string, std::int64_t>("t").put(
          "k", with.state().table<std::string, std::int64_t>("t").get("k").value_or(0) + 1);
  });
  ASSERT_TRUE(wrong.start());
  publish("ann", 0);
  publish("ann", 1);
  const auto letters = first_of("_weft.dead-letters.wrong", 1);
  EXPECT_EQ((wrong.read<std::string, std::string>("t", "k")->value()), "tea");
}

TEST_F(service_at_a_node, a_handler_may_stop_it_and_another_life_goes_on) {
  auto counts = counting();
  before_return = [&](const Order& order) {
    if (order.n == 1) counts.stop();
  };
  ASSERT_TRUE(counts.start());
  for (int n = 0; n < 4; ++n)
    publish("ann", n);
  EXPECT_TRUE(counts.wait());
  counts.stop(); // until that handler has returned
  before_return = nullptr;
  ASSERT_TRUE(counts.start());
  const auto outputs = first_of("shop.totals", 4);
  expect_each_origin_once(outputs);
  EXPECT_EQ(outputs.back().as<Total>()->count, 4);
}

TEST_F(service_at_a_node, deleted_group_begins_anew_with_what_the_state_has_not_seen) {
  auto counts = counting();
  ASSERT_TRUE(counts.start());
  publish("ann", 1);
  first_of("shop.totals", 1);
  counts.stop();
  const auto ask = [this](const char* what, const char* arguments) {
    const auto done = at->query(what, arguments);
    ASSERT_TRUE(done) << done.error().message();
  };
  publish("ann", 2);
  ask("groups.seek", R"({"name": "counting", "to": {"kind": "end"}})"); // passes over the second
  ASSERT_TRUE(counts.start());
  publish("ann", 3);
  EXPECT_EQ(first_of("shop.totals", 2).back().as<Total>()->sum, 4);
  counts.stop();
  ask("groups.delete", R"({"name": "counting"})");
  ASSERT_TRUE(counts.start()); // from the beginning: the second was never handled
  const auto outputs = first_of("shop.totals", 3);
  expect_each_origin_once(outputs);
  EXPECT_EQ(outputs.back().as<Total>()->sum, 6);
}

TEST_F(service_at_a_node, what_failed_before_a_restart_is_not_taken_for_handled) {
  constexpr std::int64_t others = 6000; // keys: some share the slot of ann
  std::atomic<bool> fails = true;
  before_return = [&](const Order& order) {
    if (order.customer == "ann" && fails) throw std::runtime_error("no tea");
  };
  auto counts = counting();
  for (std::int64_t n = 0; n < others; ++n) {
    static_cast<void>(at->publish(orders, {"other" + std::to_string(n), n}));
    if (n == others / 2) publish("ann", 1); // between some of them
  }
  ASSERT_TRUE(counts.start());
  first_of("shop.totals", others);
  counts.stop();
  fails = false;
  ASSERT_TRUE(counts.start());
  const auto outputs = first_of("shop.totals", others + 1);
  expect_each_origin_once(outputs);
  EXPECT_EQ(outputs.back().as<Total>()->customer, "ann");
}

TEST_F(service_at_a_node, an_event_that_its_handler_rejects_is_tried_once_and_leaves_no_trace_in_the_state) {
  std::atomic<int> tries = 0;
  before_return = [&](const Order& order) {
    if (order.n >= 0) return;
    ++tries;
    throw rejected("n is below 0");
  };
  auto counts = counting({.on_failing = failing_event::dead_letter});
  ASSERT_TRUE(counts.start());
  publish("ann", -1);
  publish("ann", 5);
  const auto outputs = first_of("shop.totals", 1);
  EXPECT_EQ(outputs[0].as<Total>()->sum, 5);
  const auto letters = at->query("letters.list", R"({"group": "counting"})");
  ASSERT_TRUE(letters) << letters.error().message();
  const auto letter = nlohmann::json::parse(*letters)["letters"].at(0);
  EXPECT_EQ(letter["deliveries"], "1");
  EXPECT_EQ(letter["rejected"], true);
  EXPECT_EQ(tries, 1);
}

TEST_F(service_at_a_node, a_trace_goes_on) {
  service passing(*at, "passing");
  passing.on(orders, [](const Order& order, context& with) {
    with.publish(notes, order.customer);
    with.publish(notes, order.customer, {.headers = {{"traceparent", "mine"}}});
  });
  ASSERT_TRUE(passing.start());
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  ASSERT_TRUE(at->publish_and_wait(orders, {"ann", 1}, {.headers = {{"traceparent", trace}, {"tracestate", "a=b"}}}));
  const auto outputs = first_of("shop.notes", 2);
  const auto goes_on = outputs[0].headers.find("traceparent");
  ASSERT_TRUE(goes_on);
  EXPECT_EQ(goes_on->substr(0, 36), trace.substr(0, 36));
  EXPECT_NE(goes_on->substr(36, 16), trace.substr(36, 16));
  EXPECT_EQ(goes_on->substr(52), "-01");
  EXPECT_EQ(outputs[0].headers.find("tracestate"), "a=b");
  EXPECT_EQ(outputs[1].headers.find("traceparent"), "mine");
}

TEST_F(service_at_a_node, what_makes_no_sense_is_refused_at_the_start) {
  const auto code_of = [](service& one) {
    const auto started = one.start();
    return started ? errc::ok : started.error().code();
  };
  service none(*at, "none");
  EXPECT_EQ(code_of(none), errc::invalid_argument);
  service named(*at, "Not A Name");
  named.on(orders, [](const Order&) {});
  EXPECT_EQ(code_of(named), errc::invalid_name);
  service two(*at, "two");
  two.on(orders, [](const Order&) {});
  two.on(notes, [](const std::string&) {});
  EXPECT_EQ(code_of(two), errc::invalid_argument);
  service outside(*at, "outside", {.pattern = "shop.notes"});
  outside.on(orders, [](const Order&) {});
  EXPECT_EQ(code_of(outside), errc::invalid_argument);
  service parking(*at, "parking", {.on_failing = failing_event::park});
  parking.on(orders, [](const Order&) {});
  EXPECT_EQ(code_of(parking), errc::invalid_argument);
  service twice(*at, "twice");
  twice.on(orders, [](const Order&) {});
  twice.on(orders, [](const Order&) {});
  EXPECT_EQ(code_of(twice), errc::invalid_argument);
  for (const int threads : {0, -1, 257}) {
    service many(*at, "many", {.threads = threads});
    many.on(orders, [](const Order&) {});
    EXPECT_EQ(code_of(many), errc::invalid_argument) << threads;
  }
  service two_timers(*at, "two");
  two_timers.on(orders, [](const Order&) {});
  two_timers.on(reminder, [](const Order&) {});
  two_timers.on(reminder, [](const Order&) {});
  EXPECT_EQ(code_of(two_timers), errc::invalid_argument);
  for (const auto* name : {"", "every night", "x."}) {
    service interval(*at, "interval");
    interval.on(orders, [](const Order&) {});
    interval.every(name, 1h, [](context&) {});
    EXPECT_EQ(code_of(interval), errc::invalid_name) << name;
  }
  service too_often(*at, "often");
  too_often.on(orders, [](const Order&) {});
  too_often.every("tick", 0us, [](context&) {});
  EXPECT_EQ(code_of(too_often), errc::invalid_argument);
  auto counts = counting({.state_dir = directory.path() + "/mine"});
  ASSERT_TRUE(counts.start());
  EXPECT_EQ(code_of(counts), errc::invalid_argument) << "it runs";
  counts.stop();
  service stranger(*at, "stranger", {.state_dir = directory.path() + "/mine"});
  stranger.on(orders, [](const Order&) {});
  EXPECT_EQ(code_of(stranger), errc::invalid_argument) << "the state of another service";
  const auto stopped = counts.read<std::string, Total>("totals", "ann");
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code(), errc::invalid_argument);
}

// --- timers

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

std::vector<std::string> texts_of(const std::vector<event>& events) {
  std::vector<std::string> all;
  for (const auto& one : events)
    all.emplace_back(one.text());
  return all;
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
  EXPECT_TRUE(said[1].headers.find("weft-origin")->starts_with("reminding reminder@"))
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
  const auto make = [&](bool stops) {
    auto made = std::make_unique<service>(*at, "many");
    made->on(orders, [&](const Order& order, context& with) {
      for (int n = 0; n < order.n; ++n)
        with.set(reminder, std::to_string(n), 0us, order);
      with.publish(notes, "event");
    });
    made->on(reminder, [&called, stops, self = made.get()](const Order&, context& with) {
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
  const auto before = std::clock();
  publish("bob", 1);
  first_of("shop.notes", 2);
  made.stop();
  EXPECT_LT(std::clock() - before, 5 * CLOCKS_PER_SEC);
  EXPECT_EQ(made.health().handled, 2U);
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
    without.on(orders, [](const Order& order, context& with) { with.publish(notes, order.customer); });
    ASSERT_TRUE(without.start());
    for (bool is_told = false; !is_told; std::this_thread::yield()) {
      const std::lock_guard held{mutex};
      is_told = !told.empty();
    }
    EXPECT_EQ(without.health().failed, 0U);
  }
  EXPECT_EQ(told.size(), 1U);
  EXPECT_NE(told[0].find("the timer reminder of 'ann' is due"), std::string::npos) << told[0];
  service with_one(*at, "changed");
  with_one.on(orders, [](const Order&) {});
  with_one.on(reminder, [](const Order& order, context& with) { with.publish(notes, "remind " + order.customer); });
  ASSERT_TRUE(with_one.start());
  EXPECT_EQ(texts_of(first_of("shop.notes", 1)), std::vector<std::string>{"remind ann"});
}

// --- several handlers at once

TEST_F(service_at_a_node, what_has_no_handler_does_not_pass_over_what_is_at_work) {
  constexpr int events = 600;
  std::atomic<bool> may_return = false;
  service_options options;
  options.pattern = "shop.>";
  options.threads = 2;
  options.on_stopped = [this](const error& why) { told_why(why); };
  service made(*at, "some", options);
  made.on(orders, [&](const Order& order, context& with) {
    if (order.n == 0) may_return.wait(false);
    with.publish(notes, order.customer);
  });
  auto publisher = at->publisher(orders);
  auto others = at->publisher(topic<Total>{"shop.others"});
  ASSERT_TRUE(publisher && others);
  const auto customer = [](int n) { return "customer-" + std::to_string(n); };
  for (int n = 0; n < events; ++n) // one waits, the other thread has the rest
    ASSERT_TRUE(publisher->publish({customer(n), n}).get());
  for (int n = 0; n < 2000; ++n) // in all slots, behind the one that waits
    static_cast<void>(others->publish({customer(n)}));
  ASSERT_TRUE(others->flush(hang));
  ASSERT_TRUE(made.start());
  first_of("shop.notes", events - 1);
  publish("last", 1);
  first_of("shop.notes", events);
  may_return = true;
  may_return.notify_all();
  const auto said = texts_of(first_of("shop.notes", events + 1));
  EXPECT_NE(std::ranges::find(said, customer(0)), said.end());
  EXPECT_EQ(stopped_why, "");
}

TEST_F(service_at_a_node, handlers_of_several_keys_run_at_the_same_time) {
  constexpr int at_once = 4;
  std::atomic<int> inside = 0;
  service_options options;
  options.threads = at_once;
  service made(*at, "waiting", options);
  made.on(orders, [&](const Order& order, context& with) {
    ++inside;
    for (auto now = inside.load(); now < at_once; now = inside.load()) // all of them are here before one goes on
      inside.wait(now);
    inside.notify_all();
    with.publish(notes, order.customer);
  });
  ASSERT_TRUE(made.start());
  for (int n = 0; n < at_once; ++n)
    publish("customer-" + std::to_string(n), n);
  EXPECT_EQ(first_of("shop.notes", at_once).size(), static_cast<std::size_t>(at_once));
}

TEST_F(service_at_a_node, handlers_at_the_same_time_leave_what_one_after_the_other_would) {
  constexpr int events = 2000;
  service_options options;
  options.threads = 8;
  auto made = counting(std::move(options));
  std::map<std::string, std::int64_t> expected;
  // All of them change one row, and each its customer's.
  service adding(*at, "adding", {.threads = 8});
  adding.on(orders, [](const Order& order, context& with) {
    auto sums = with.state().table<std::string, std::int64_t>("sums");
    sums.put("all", sums.get("all").value_or(0) + order.n);
    sums.put(order.customer, sums.get(order.customer).value_or(0) + order.n);
    with.publish(totals, {order.customer, *sums.get("all"), *sums.get(order.customer)});
  });
  auto publisher = at->publisher(orders);
  ASSERT_TRUE(publisher);
  for (int n = 0; n < events; ++n) {
    const auto customer = "customer-" + std::to_string(n % 100);
    static_cast<void>(publisher->publish({customer, n}));
    expected[customer] += n;
    expected["all"] += n;
  }
  ASSERT_TRUE(publisher->flush(hang));
  ASSERT_TRUE(made.start());
  first_of("shop.totals", events);
  made.stop();
  ASSERT_TRUE(adding.start());
  const auto outputs = first_of("shop.totals", 2 * events);
  std::map<std::string, std::int64_t> found;
  ASSERT_TRUE((adding.read_all<std::string, std::int64_t>(
      "sums", [&](const std::string& key, std::int64_t sum) { found[key] = sum; })));
  EXPECT_EQ(found, expected);
  // The outputs are in the order of their effects: the sum over all never goes back.
  std::map<std::string, std::int64_t> last;
  std::int64_t all = 0;
  for (auto one = outputs.begin() + events; one != outputs.end(); ++one) {
    const auto total = one->as<Total>();
    ASSERT_TRUE(total);
    EXPECT_GE(total->count, all);
    all = total->count;
    EXPECT_GE(total->sum, last[total->customer]) << "the order of a key";
    last[total->customer] = total->sum;
  }
  expect_each_origin_once({outputs.begin() + events, outputs.end()});
}

TEST_F(service_at_a_node, what_is_at_work_when_it_stops_is_finished) {
  std::atomic<bool> inside = false;
  std::atomic<bool> may_return = false;
  service made(*at, "slow", {.threads = 2});
  made.on(orders, [&](const Order& order, context& with) {
    inside = true;
    inside.notify_all();
    may_return.wait(false);
    with.publish(notes, order.customer);
  });
  ASSERT_TRUE(made.start());
  publish("ann", 1);
  inside.wait(false);
  std::thread stopping([&] { made.stop(); });
  may_return = true;
  may_return.notify_all();
  stopping.join();
  EXPECT_EQ(texts_of(first_of("shop.notes", 1)), std::vector<std::string>{"ann"});
}

TEST_F(service_at_a_node, what_failed_while_others_of_its_slot_were_handled_comes_again) {
  constexpr int events = 1000; // on 1,024 slots
  std::atomic<bool> fails = true;
  const auto make = [&] {
    service_options options;
    options.threads = 4;
    options.on_stopped = [this](const error& why) { told_why(why); };
    service made(*at, "halting", options);
    made.on(orders, [&](const Order& order, context& with) {
      if (fails && order.n % 2 == 0) {
        for (int i = 0; i < 50; ++i) // others overtake it
          std::this_thread::yield();
        throw std::runtime_error("not yet");
      }
      with.publish(notes, order.customer);
    });
    return made;
  };
  auto publisher = at->publisher(orders);
  ASSERT_TRUE(publisher);
  for (int n = 0; n < events; ++n)
    static_cast<void>(publisher->publish({"customer-" + std::to_string(n), n}));
  ASSERT_TRUE(publisher->flush(hang));
  {
    auto made = make();
    ASSERT_TRUE(made.start());
    first_of("shop.notes", events / 2);
    while (made.health().failed < events / 2)
      std::this_thread::yield();
  }
  fails = false;
  auto made = make();
  ASSERT_TRUE(made.start());
  const auto said = texts_of(first_of("shop.notes", events));
  EXPECT_EQ(std::set<std::string>(said.begin(), said.end()).size(), static_cast<std::size_t>(events));
  EXPECT_EQ(stopped_why, "");
}

TEST_F(service_at_a_node, a_handler_on_a_thread_of_its_own_may_stop_it) {
  service made(*at, "once", {.threads = 2});
  made.on(orders, [&](const Order& order, context& with) {
    with.publish(notes, order.customer);
    made.stop();
  });
  publish("ann", 1);
  ASSERT_TRUE(made.start());
  ASSERT_TRUE(made.wait());
  EXPECT_EQ(texts_of(first_of("shop.notes", 1)), std::vector<std::string>{"ann"});
}

TEST_F(service_at_a_node, a_handler_or_on_stopped_may_destroy_it) {
  for (const int threads : {1, 4})
    for (const auto restart_after : {microseconds{0}, microseconds{1h}}) {
      std::optional<service> made;
      std::atomic<bool> gone = false;
      const auto destroy = [&] {
        made.reset();
        gone = true;
        gone.notify_all();
      };
      service_options options;
      options.threads = threads;
      options.restart_after = restart_after;
      made.emplace(*at, "once-" + std::to_string(threads) + "-" + std::to_string(restart_after.count()), options);
      made->on(orders, [&](const Order&) { destroy(); });
      publish("ann", 1);
      ASSERT_TRUE(made->start());
      gone.wait(false);
    }
  auto first = counting();
  ASSERT_TRUE(first.start());
  first_of("shop.totals", 4);
  first.stop();
  for (const auto restart_after : {microseconds{0}, microseconds{1h}}) {
    std::optional<service> made;
    std::atomic<bool> gone = false;
    service_options options;
    options.state_dir = directory.path() + "/elsewhere-" + std::to_string(restart_after.count());
    options.restart_after = restart_after;
    options.on_stopped = [&](const error&) {
      made.reset();
      gone = true;
      gone.notify_all();
    };
    made.emplace(*at, "counting", options);
    made->on(orders, [](const Order&) {});
    publish("ann", 1);
    ASSERT_TRUE(made->start());
    gone.wait(false);
  }
}

// --- its health, and what begins it again

TEST_F(service_at_a_node, that_its_node_is_closed_is_a_stop) {
  service made(*at, "lasting", {.restart_after = 1us});
  made.on(orders, [](const Order& order, context& with) { with.publish(notes, order.customer); });
  ASSERT_TRUE(made.start());
  publish("ann", 1);
  first_of("shop.notes", 1);
  std::thread waiting([&] { EXPECT_TRUE(made.wait()); });
  at.reset();
  waiting.join();
  EXPECT_EQ(made.health().now, service_health::condition::stopped);
}

TEST_F(service_at_a_node, it_is_started_again_when_its_options_say_so) {
  auto first = counting();
  ASSERT_TRUE(first.start());
  publish("ann", 1);
  first_of("shop.totals", 1);
  first.stop();
  std::atomic<int> ended = 0;
  service_options options;
  options.state_dir = directory.path() + "/elsewhere"; // the group knows another
  options.restart_after = options.backoff_first = options.backoff_most = 1us;
  options.on_stopped = [&](const error&) {
    ++ended;
    ended.notify_all();
  };
  service other(*at, "counting", options);
  other.on(orders, [](const Order& order, context& with) { with.publish(notes, order.customer); });
  ASSERT_TRUE(other.start());
  for (auto now = ended.load(); now < 3; now = ended.load())
    ended.wait(now);
  const auto deleted = at->query("groups.delete", R"({"name": "counting", "force": true})");
  ASSERT_TRUE(deleted) << deleted.error().message();
  EXPECT_EQ(texts_of(first_of("shop.notes", 1)), std::vector<std::string>{"ann"});
  EXPECT_EQ(other.health().now, service_health::condition::running);
  std::thread waiting([&] { EXPECT_TRUE(other.wait()); });
  other.stop();
  waiting.join();
  EXPECT_EQ(other.health().now, service_health::condition::stopped);
  EXPECT_EQ(other.health().handled, 1U);
  ASSERT_TRUE(other.wait());
}

TEST_F(service_at_a_node, that_it_could_not_be_started_again_is_told) {
  auto first = counting();
  ASSERT_TRUE(first.start());
  publish("ann", 1);
  first_of("shop.totals", 1);
  first.stop();
  const auto elsewhere = directory.path() + "/elsewhere";
  std::vector<std::pair<errc, service_health::condition>> told;
  std::atomic<bool> done = false;
  std::optional<service> other;
  service_options options;
  options.state_dir = elsewhere;
  options.restart_after = options.backoff_first = options.backoff_most = 1us;
  options.on_stopped = [&](const error& why) {
    told.emplace_back(why.code(), other->health().now);
    if (told.size() == 1) { // its next start finds a file where its directory was
      std::filesystem::remove_all(elsewhere);
      std::ofstream(elsewhere) << "a file";
      return;
    }
    other->stop();
    done = true;
    done.notify_all();
  };
  other.emplace(*at, "counting", options);
  other->on(orders, [](const Order&) {});
  ASSERT_TRUE(other->start());
  done.wait(false);
  other.reset();
  EXPECT_EQ(told, (std::vector<std::pair<errc, service_health::condition>>{
                      {errc::denied, service_health::condition::restarting},
                      {errc::io_error, service_health::condition::restarting}}));
}

TEST_F(service_at_a_node, its_health_says_why_it_ended) {
  auto first = counting();
  ASSERT_TRUE(first.start());
  publish("ann", 1);
  first_of("shop.totals", 1);
  first.stop();
  service_options elsewhere;
  elsewhere.state_dir = directory.path() + "/elsewhere";
  auto other = counting(std::move(elsewhere));
  EXPECT_EQ(other.health().now, service_health::condition::stopped);
  ASSERT_TRUE(other.start());
  ASSERT_FALSE(other.wait());
  other.stop();
  auto again = counting({.state_dir = directory.path() + "/elsewhere", .restart_after = 1h});
  ASSERT_TRUE(again.start());
  for (auto now = again.health(); now.now != service_health::condition::restarting; now = again.health())
    std::this_thread::yield();
  ASSERT_TRUE(again.health().why);
  EXPECT_EQ(again.health().why->code(), errc::denied) << again.health().why->message();
}

TEST_F(service_at_a_node, damaged_state_is_told) {
  {
    auto counts = counting();
    ASSERT_TRUE(counts.start());
    publish("ann", 1);
    first_of("shop.totals", 1);
  }
  const auto path = directory.path() + "/a/services/counting/state.db";
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 4096);
  auto counts = counting();
  const auto started = counts.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code(), errc::corrupt);
  EXPECT_NE(started.error().message().find("the state of counting"), std::string::npos) << started.error().message();
}

TEST_F(service_at_a_node, a_node_that_is_closed_first_ends_its_services) {
  auto counts = counting();
  ASSERT_TRUE(counts.start());
  publish("ann", 1);
  first_of("shop.totals", 1);
  at.reset();
  counts.stop();
  open();
  auto again = counting();
  ASSERT_TRUE(again.start());
  publish("ann", 1);
  EXPECT_EQ(first_of("shop.totals", 2).back().as<Total>()->count, 2);
}

} // namespace
} // namespace weft::testing

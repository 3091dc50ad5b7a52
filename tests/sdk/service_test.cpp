// tests/sdk/service_test.cpp: a service: state, place and what is published, as one step.
#include "tests/sdk/service_fixture.hpp"

#include <atomic>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

namespace weft::testing {
namespace {

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

TEST_F(service_at_a_node, a_row_that_is_too_large_makes_its_event_fail) {
  service_options options;
  options.on_failing = failing_event::dead_letter;
  options.deliveries_max = 1;
  service made(*at, "keeping", options);
  made.on(orders, [](const Order& order, context& with) {
    const auto size = order.n == 0 ? (std::size_t{64} << 20U) + 1 : std::size_t{1} << 20U;
    with.state().table<std::string, std::string>("kept").put(order.customer, std::string(size, 'x'));
    with.publish(notes, order.customer);
  });
  ASSERT_TRUE(made.start());
  publish("ann", 0);
  publish("bob", 1);
  EXPECT_EQ(texts_of(first_of("shop.notes", 1)), std::vector<std::string>{"bob"});
  const auto letters = first_of("_weft.dead-letters.keeping", 1);
  const auto cause = *letters[0].headers.find("weft-cause");
  EXPECT_NE(cause.find("a row of the table kept would have"), std::string_view::npos) << cause;
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

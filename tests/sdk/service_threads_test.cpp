// tests/sdk/service_threads_test.cpp: handlers of a service that run at the same time.
#include "tests/sdk/service_fixture.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <stdexcept>
#include <thread>

namespace weft::testing {
namespace {

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

} // namespace
} // namespace weft::testing

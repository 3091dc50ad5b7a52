// tests/sdk/service_fixture.hpp: services at an embedded node, through what the SDK shows.
#pragma once
#include "tests/mesh/base/disk_testing.hpp"

#include <chrono>
#include <functional>
#include <gtest/gtest.h>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>
#include <weft/weft.hpp>

namespace weft::testing {

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

/// Looks again and again. That it never comes is the test's own time limit.
template <class Condition>
void wait_until(Condition holds) {
  while (!holds())
    std::this_thread::sleep_for(1ms);
}

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

inline std::vector<std::string> texts_of(const std::vector<event>& events) {
  std::vector<std::string> all;
  all.reserve(events.size());
  for (const auto& one : events)
    all.emplace_back(one.text());
  return all;
}

} // namespace weft::testing

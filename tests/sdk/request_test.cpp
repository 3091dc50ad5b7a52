// tests/sdk/request_test.cpp: requests and replies, at one node and between two.
#include "tests/mesh/base/disk_testing.hpp"

#include <atomic>
#include <fstream>
#include <gtest/gtest.h>
#include <latch>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <weft/weft.hpp>

namespace weft::testing {
namespace {

using namespace std::chrono_literals;

struct Question {
  std::string sku;
  std::int64_t quantity = 0;
};
WEFT_EVENT(Question, key(sku), sku, quantity)
struct Price {
  std::int64_t cents = 0;
};
WEFT_EVENT(Price, key(), cents)

inline constexpr endpoint<Question, Price> prices{"shop.prices"};

struct asking : ::testing::Test {
  node open(const std::string& name, std::optional<std::string> join = {}) {
    node_options options{.name = name, .data_dir = directory.path() + "/" + name, .listen = "tcp://127.0.0.1:0"};
    options.join = std::move(join);
    auto opened = node::open(options);
    EXPECT_TRUE(opened) << opened.error().message();
    return std::move(*opened);
  }
  std::string invitation(node& issuer, const std::string& name) {
    const auto path = directory.path() + "/" + name + ".invitation";
    const auto answer = nlohmann::json::parse(*issuer.query("invite", nlohmann::json{{"name", name}}.dump()));
    std::ofstream(path) << answer.at("invitation").get<std::string>();
    return path;
  }
  temporary_directory directory;
};

TEST_F(asking, a_request_is_answered) {
  auto a = open("a");
  const auto serving = a.serve(prices, {.name = "pricing"}, [](const Question& q) { return Price{q.quantity * 3}; });
  ASSERT_TRUE(serving) << serving.error().message();
  for (int n = 1; n < 20; ++n) {
    const auto price = a.request(prices, {"tea", n});
    ASSERT_TRUE(price) << price.error().message();
    EXPECT_EQ(price->cents, n * 3);
  }
}

TEST_F(asking, an_answer_finds_its_way_from_another_node) {
  auto a = open("a");
  auto b = open("b", invitation(a, "b"));
  auto c = open("c", invitation(a, "c"));
  const auto serving = b.serve(prices, {.name = "pricing"}, [](const Question& q) { return Price{q.quantity * 3}; });
  ASSERT_TRUE(serving);
  const auto price = c.request(prices, {"tea", 4}, {.within = 60s});
  ASSERT_TRUE(price) << price.error().message();
  EXPECT_EQ(price->cents, 12);
}

TEST_F(asking, an_error_of_the_server_is_the_callers) {
  auto a = open("a");
  const auto serving = a.serve(prices, {.name = "pricing"}, [](const Question& q) -> result<Price> {
    if (q.quantity == 0) return fail(errc::out_of_range, "nothing costs nothing");
    if (q.quantity < 0) throw std::runtime_error("no such thing");
    return Price{q.quantity};
  });
  ASSERT_TRUE(serving);
  const auto none = a.request(prices, {"tea", 0});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), errc::out_of_range);
  EXPECT_EQ(none.error().message(), "nothing costs nothing");
  const auto thrown = a.request(prices, {"tea", -1});
  ASSERT_FALSE(thrown);
  EXPECT_EQ(thrown.error().code(), errc::handler_failed);
  EXPECT_NE(thrown.error().message().find("no such thing"), std::string::npos);
  EXPECT_TRUE(a.request(prices, {"tea", 1}));
}

TEST_F(asking, nobody_answers_in_time) {
  auto a = open("a");
  const auto price = a.request(prices, {"tea", 1}, {.within = 50ms});
  ASSERT_FALSE(price);
  EXPECT_EQ(price.error().code(), errc::timed_out);
  EXPECT_NE(price.error().message().find("shop.prices within 50 ms"), std::string::npos) << price.error().message();
}

TEST_F(asking, many_at_once_share_the_servers) {
  auto a = open("a");
  std::atomic<int> first = 0, second = 0;
  const auto one = a.serve(prices, {.name = "pricing"}, [&](const Question& q) { return ++first, Price{q.quantity}; });
  const auto two = a.serve(prices, {.name = "pricing"}, [&](const Question& q) { return ++second, Price{q.quantity}; });
  ASSERT_TRUE(one && two);
  constexpr int count = 500;
  std::latch all{count};
  std::atomic<int> right = 0;
  for (int n = 0; n < count; ++n)
    a.request(prices, {"sku" + std::to_string(n), n}, {.within = 60s}, [&, n](const result<Price>& price) {
      if (price && price->cents == n) ++right;
      all.count_down();
    });
  all.wait();
  EXPECT_EQ(right, count);
  EXPECT_GE(first + second, count);
}

TEST_F(asking, who_closes_is_told_at_once) {
  auto a = open("a");
  std::promise<result<Price>> told;
  a.request(prices, {"tea", 1}, {.within = 1h}, [&](const result<Price>& price) { told.set_value(price); });
  { const auto closing = std::move(a); }
  const auto price = told.get_future().get();
  ASSERT_FALSE(price);
  EXPECT_EQ(price.error().code(), errc::cancelled);
}

TEST_F(asking, what_its_caller_waits_for_no_longer_is_not_served) {
  auto a = open("a");
  const auto old = std::to_string(system_clock().wall().us - 60'000'000);
  ASSERT_TRUE(a.publish_and_wait(prices.requests(), {"old", 1},
                                 {.headers = {{"weft-reply-to", "me"}, {"weft-request", "1"}, {"weft-until", old}}}));
  ASSERT_TRUE(a.publish_and_wait(prices.requests(), {"none", 1})); // no request
  std::mutex mutex;
  std::set<std::string> served;
  const auto serving = a.serve(prices, {.name = "pricing"}, [&](const Question& q) {
    const std::lock_guard held{mutex};
    served.insert(q.sku);
    return Price{1};
  });
  ASSERT_TRUE(serving);
  ASSERT_TRUE(a.request(prices, {"tea", 1}));
  const std::lock_guard held{mutex};
  EXPECT_EQ(served, (std::set<std::string>{"tea"}));
}

TEST_F(asking, what_its_caller_cancels_is_told_at_once_and_nobody_begins_with_it) {
  auto a = open("a");
  auto b = open("b", invitation(a, "b"));
  std::stop_source first, second;
  std::latch begun{1}, left_it{1};
  std::mutex mutex;
  std::set<std::string> served;
  const auto serving = b.serve(prices, {.name = "pricing"}, [&](const Question& q, const request_status& status) {
    {
      const std::lock_guard held{mutex};
      served.insert(q.sku);
    }
    if (q.sku == "long") {
      begun.count_down();
      while (status.is_awaited())
        std::this_thread::yield();
      left_it.count_down();
    }
    return Price{1};
  });
  ASSERT_TRUE(serving) << serving.error().message();
  std::promise<result<Price>> of_first, of_second;
  a.request(prices, {"long", 1}, {.within = 1h, .key = "one", .stop = first.get_token()},
            [&](const result<Price>& price) { of_first.set_value(price); });
  begun.wait();
  a.request(prices, {"behind it", 1}, {.within = 1h, .key = "one", .stop = second.get_token()},
            [&](const result<Price>& price) { of_second.set_value(price); });
  second.request_stop(); // while its server is busy with another of its key
  first.request_stop();
  for (auto* const of : {&of_first, &of_second}) {
    const auto told = of->get_future().get();
    ASSERT_FALSE(told);
    EXPECT_EQ(told.error().code(), errc::cancelled);
  }
  left_it.wait();
  ASSERT_TRUE(a.request(prices, {"last", 1}, {.within = 60s, .key = "one"}));
  const std::lock_guard held{mutex};
  EXPECT_EQ(served, (std::set<std::string>{"long", "last"}));
}

TEST_F(asking, what_is_cancelled_before_it_is_asked_is_not_asked) {
  auto a = open("a");
  std::stop_source stopped;
  stopped.request_stop();
  const auto price = a.request(prices, {"tea", 1}, {.within = 1h, .stop = stopped.get_token()});
  ASSERT_FALSE(price);
  EXPECT_EQ(price.error().code(), errc::cancelled);
  EXPECT_NE(price.error().message().find("shop.prices"), std::string::npos) << price.error().message();
}

TEST_F(asking, a_request_that_was_answered_is_not_cancelled_any_more) {
  auto a = open("a");
  std::stop_source late;
  const auto serving = a.serve(prices, {.name = "pricing"}, [](const Question&) { return Price{1}; });
  ASSERT_TRUE(serving);
  ASSERT_TRUE(a.request(prices, {"tea", 1}, {.stop = late.get_token()}));
  late.request_stop();
  ASSERT_TRUE(a.request(prices, {"tea", 1}));
}

TEST_F(asking, a_service_answers_as_part_of_its_step) {
  auto a = open("a");
  service pricing(a, "pricing");
  pricing.answer(prices, [tries = 0](const Question& q, context& with) mutable {
    auto asked = with.state().table<std::string, std::int64_t>("asked");
    asked.put(q.sku, asked.get(q.sku).value_or(0) + 1);
    if (++tries == 1) throw std::runtime_error("try again");
    return Price{*asked.get(q.sku)};
  });
  ASSERT_TRUE(pricing.start());
  for (int n = 1; n < 4; ++n) {
    const auto price = a.request(prices, {"tea", 1}, {.within = 60s});
    ASSERT_TRUE(price) << price.error().message();
    EXPECT_EQ(price->cents, n);
  }
}

} // namespace
} // namespace weft::testing

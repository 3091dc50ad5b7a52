// Services that ask others and go on with the reply: continuations, through restarts and failures.
#include "mesh/base/limits.hpp"
#include "tests/sdk/service_fixture.hpp"

#include <atomic>
#include <future>
#include <memory>

namespace weft {
namespace {

using namespace weft::testing;

struct Charge {
  std::string customer;
  std::int64_t amount = 0;
};
WEFT_EVENT(Charge, key(customer), customer, amount)
struct Receipt {
  std::string customer;
  std::int64_t balance = 0;
};
WEFT_EVENT(Receipt, key(customer), customer, balance)

inline constexpr endpoint<Charge, Receipt> payments{"shop.payments"};
inline constexpr endpoint<Charge, Receipt> elsewhere{"shop.elsewhere"};
inline constexpr continuation<Order> charged{"charged"};
inline constexpr continuation<std::string> remembered{"remembered"};

struct service_that_asks : service_at_a_node {
  /// Asks for each order, and says in shop.notes what came of it.
  service asking(microseconds within = hang, service_options options = {}) {
    options.on_stopped = [this](const error& why) { told_why(why); };
    options.on_hindered = [](const error&) {};
    options.backoff_first = options.backoff_most = 1us;
    service made(*at, "asking", std::move(options));
    made.on(orders, [within](const Order& order, context& with) {
      with.request(payments, {order.customer, order.n}, {.within = within}).then(charged, order);
    });
    made.then(payments, charged, [this](const Order& order, const result<Receipt>& receipt, context& with) {
      if (before_going_on) before_going_on();
      with.publish(notes, receipt ? order.customer + " " + std::to_string(order.n) + " left " +
                                        std::to_string(receipt->balance)
                                  : order.customer + " " + std::to_string(static_cast<int>(receipt.error().code())));
    });
    return made;
  }
  /// Answers with what is left of 100.
  result<subscription> paying() {
    return at->serve(payments, {.name = "paying"}, [this](const Charge& charge) -> result<Receipt> {
      ++served;
      if (charge.amount > 100) return fail(errc::denied, "too much");
      return Receipt{charge.customer, 100 - charge.amount};
    });
  }
  std::vector<std::string> noted(std::size_t count) {
    std::vector<std::string> texts;
    for (const auto& one : first_of("shop.notes", count))
      texts.emplace_back(one.text());
    return texts;
  }
  std::function<void()> before_going_on;
  std::atomic<int> served = 0;
};

TEST_F(service_that_asks, goes_on_with_the_reply_and_what_it_kept) {
  auto serves = paying();
  ASSERT_TRUE(serves);
  auto made = asking();
  ASSERT_TRUE(made.start());
  publish("ada", 30);
  EXPECT_EQ(noted(1), std::vector<std::string>{"ada 30 left 70"});
  const auto note = first_of("shop.notes", 1)[0];
  const auto order = first_of("shop.orders", 1)[0];
  EXPECT_EQ(note.headers.find("weft-caused-by"), to_string(order.position()));
}

TEST_F(service_that_asks, is_told_the_servers_error) {
  auto serves = paying();
  ASSERT_TRUE(serves);
  auto made = asking();
  ASSERT_TRUE(made.start());
  publish("ada", 101);
  EXPECT_EQ(noted(1), std::vector<std::string>{"ada " + std::to_string(static_cast<int>(errc::denied))});
}

TEST_F(service_that_asks, goes_on_without_a_reply_when_its_time_is_over) {
  auto made = asking(1us);
  const auto began = std::chrono::steady_clock::now();
  ASSERT_TRUE(made.start());
  publish("ada", 30);
  EXPECT_EQ(noted(1), std::vector<std::string>{"ada " + std::to_string(static_cast<int>(errc::timed_out))});
  EXPECT_GE(std::chrono::steady_clock::now() - began, limits::replies_waited_for) << "a reply might have come";
  const auto request = first_of("shop.payments", 1)[0];
  const topic<Receipt> replies{"shop.payments.replies"};
  ASSERT_TRUE(at->publish_and_wait(replies, {"ada", 70}, detail::reply_options(*detail::caller_of(request))));
  publish("bob", 40); // whose reply does not come either
  EXPECT_EQ(noted(2)[1], "bob " + std::to_string(static_cast<int>(errc::timed_out))) << "the late one is left out";
}

TEST_F(service_that_asks, goes_on_in_its_next_life) {
  auto made = asking();
  ASSERT_TRUE(made.start());
  publish("ada", 30);
  ASSERT_EQ(first_of("shop.payments", 1).size(), 1U) << "it has asked";
  made.stop();
  {
    auto serves = paying();
    ASSERT_TRUE(serves);
    ASSERT_EQ(first_of("shop.payments.replies", 1).size(), 1U) << "the reply came while it was away";
  }
  restart();
  auto next = asking();
  ASSERT_TRUE(next.start());
  EXPECT_EQ(noted(1), std::vector<std::string>{"ada 30 left 70"});
}

TEST_F(service_that_asks, a_continuation_that_throws_is_called_again_with_the_same_reply) {
  auto serves = paying();
  ASSERT_TRUE(serves);
  auto made = asking();
  std::atomic<int> calls = 0;
  before_going_on = [&] {
    if (++calls < 3) throw std::runtime_error("not now");
  };
  ASSERT_TRUE(made.start());
  publish("ada", 30);
  EXPECT_EQ(noted(1), std::vector<std::string>{"ada 30 left 70"});
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(served, 1);
}

TEST_F(service_that_asks, a_second_reply_is_left_out) {
  auto made = asking();
  ASSERT_TRUE(made.start());
  publish("ada", 30);
  const auto request = first_of("shop.payments", 1)[0];
  const auto who = detail::caller_of(request);
  ASSERT_TRUE(who);
  const topic<Receipt> replies{"shop.payments.replies"};
  for (const auto balance : {1, 2})
    ASSERT_TRUE(at->publish_and_wait(replies, {"ada", balance}, detail::reply_options(*who)));
  auto serves = paying();
  ASSERT_TRUE(serves);
  publish("bob", 10);
  EXPECT_EQ(noted(2), (std::vector<std::string>{"ada 30 left 1", "bob 10 left 90"}));
}

TEST_F(service_that_asks, a_program_without_the_continuation_leaves_the_reply_to_one_that_has_it) {
  auto serves = paying();
  ASSERT_TRUE(serves);
  auto made = asking();
  std::promise<void> came; // the reply, to the service
  before_going_on = [&came, once = std::make_shared<std::once_flag>()] {
    std::call_once(*once, [&came] { came.set_value(); });
    throw std::runtime_error("not now");
  };
  ASSERT_TRUE(made.start());
  publish("ada", 30);
  came.get_future().get();
  made.stop();
  std::promise<std::string> told;
  service other(*at, "asking", {.on_hindered = [&told, once = std::make_shared<std::once_flag>()](const error& why) {
    std::call_once(*once, [&] { told.set_value(why.message()); });
  }});
  other.on(orders, [](const Order&) {});
  other.then(elsewhere, charged,
             [](const Order&, const result<Receipt>&, context& with) { with.publish(notes, "wrong"); });
  ASSERT_TRUE(other.start());
  EXPECT_NE(told.get_future().get().find("no continuation charged"), std::string::npos);
  other.stop();
  before_going_on = nullptr;
  auto next = asking();
  ASSERT_TRUE(next.start());
  EXPECT_EQ(noted(1), std::vector<std::string>{"ada 30 left 70"});
}

TEST_F(service_that_asks, several_requests_of_one_event_each_have_their_reply) {
  auto serves = paying();
  ASSERT_TRUE(serves);
  service made(*at, "asking", {.on_hindered = [](const error&) {}});
  made.on(orders, [](const Order& order, context& with) {
    auto first = with.request(payments, {order.customer, 1}), second = with.request(payments, {order.customer, 2});
    std::move(first).then(charged, {order.customer, 1});
    std::move(second).then(charged, {order.customer, 2});
    for (std::int64_t i = 3; i <= order.n; ++i)
      with.request(payments, {order.customer, i}).then(charged, {order.customer, i});
  });
  made.then(payments, charged, [](const Order& order, const result<Receipt>& receipt, context& with) {
    auto left = with.state().table<std::string, std::int64_t>("left");
    left.put(order.customer, left.get(order.customer).value_or(0) + receipt->balance + order.n);
    with.publish(notes, std::to_string(receipt->balance + order.n));
  });
  ASSERT_TRUE(made.start());
  publish("ada", 5);
  EXPECT_EQ(noted(5), std::vector<std::string>(5, "100"));
  std::set<std::string> origins;
  for (const auto& one : first_of("shop.notes", 5))
    origins.emplace(one.headers.find("weft-origin").value_or(""));
  EXPECT_EQ(origins.size(), 5U);
  made.stop();
}

TEST_F(service_that_asks, whom_it_has_not_named_it_can_not_ask) {
  service made(*at, "asking", {.on_failing = failing_event::dead_letter, .deliveries_max = 1});
  made.on(orders, [](const Order& order, context& with) {
    with.request(elsewhere, {order.customer, order.n}).then(charged, order);
  });
  made.then(payments, charged, [](const Order&, const result<Receipt>&, context&) {});
  ASSERT_TRUE(made.start());
  publish("ada", 30);
  const auto letters = first_of("_weft.dead-letters.asking", 1);
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_NE(letters[0].headers.find("weft-cause").value_or("").find("no continuation for requests of shop.elsewhere"),
            std::string_view::npos)
      << letters[0].headers.find("weft-cause").value_or("none");
}

TEST_F(service_that_asks, what_is_too_large_to_be_kept_is_refused) {
  service made(*at, "asking", {.on_failing = failing_event::dead_letter, .deliveries_max = 1});
  made.on(orders, [](const Order& order, context& with) {
    with.request(payments, {order.customer, order.n}).then(remembered, std::string(70'000, 'x'));
  });
  made.then(payments, remembered, [](const std::string&, const result<Receipt>&, context&) {});
  ASSERT_TRUE(made.start());
  publish("ada", 30);
  const auto letters = first_of("_weft.dead-letters.asking", 1);
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_NE(letters[0].headers.find("weft-cause").value_or("").find("65536 are possible"), std::string_view::npos);
}

TEST_F(service_that_asks, two_continuations_of_one_name_are_refused) {
  auto made = asking();
  made.then(payments, charged, [](const Order&, const result<Receipt>&, context&) {});
  const auto started = made.start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message().find("'charged'"), std::string::npos) << started.error().message();
}

TEST_F(service_that_asks, handlers_at_the_same_time_ask_too) {
  auto serves = paying();
  ASSERT_TRUE(serves);
  auto made = asking(hang, {.threads = 4});
  ASSERT_TRUE(made.start());
  for (int i = 0; i < 50; ++i)
    publish("c" + std::to_string(i), 30);
  const auto all = noted(50);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 50U);
  for (const auto& one : all)
    EXPECT_TRUE(one.ends_with(" 30 left 70")) << one;
}

} // namespace
} // namespace weft

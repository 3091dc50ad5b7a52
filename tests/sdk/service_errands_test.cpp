// tests/sdk/service_errands_test.cpp: what a service has done outside: after its step, until it is done, in order.
#include "mesh/base/limits.hpp"
#include "tests/sdk/service_fixture.hpp"

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <semaphore>
#include <stdexcept>
#include <thread>

namespace weft::testing {
namespace {

struct Receipt {
  std::string of;
};
WEFT_EVENT(Receipt, no_key, of)

inline constexpr errand<Order, Receipt> charge{"charge"};
inline constexpr errand<Order> mail{"mail"};
inline constexpr errand<std::string, std::string> copy{"copy"};
inline constexpr continuation<Order> charged{"charged"};
inline constexpr continuation<Order> mailed{"mailed"};
inline constexpr continuation<std::string> copied{"copied"};

/// A call as the system outside has seen it.
struct seen_call {
  std::string id;
  std::uint32_t number = 0;
  Order order;
};

struct service_with_errands : service_at_a_node {
  /// Charges for each order, and says in shop.notes what came of it.
  service charging(errand_options how = {}, service_options options = {}) {
    options.on_stopped = [this](const error& why) { told_why(why); };
    if (!options.on_hindered) options.on_hindered = [](const error&) {};
    options.backoff_first = options.backoff_most = 1us;
    service made(*at, "charging", std::move(options));
    made.on(orders, [](const Order& order, context& with) { with.outside(charge, order).then(charged, order); });
    made.outside(charge, how, [this](const Order& order, const errand_call& call) {
      {
        const std::lock_guard held{mutex};
        calls.push_back({call.id, call.number, order});
      }
      if (on_call) on_call(order, call);
      return Receipt{order.customer + std::to_string(order.n)};
    });
    made.then(charge, charged, [](const Order& order, const result<Receipt>& receipt, context& with) {
      with.publish(notes, receipt ? "receipt " + receipt->of : order.customer + ": " + receipt.error().message());
    });
    return made;
  }
  std::vector<std::string> noted(std::size_t count) { return texts_of(first_of("shop.notes", count)); }
  std::vector<seen_call> all_calls() {
    const std::lock_guard held{mutex};
    return calls;
  }
  static errand_health health_of(const service& of) {
    const auto all = of.health().errands;
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? errand_health{} : all[0];
  }
  template <class Done>
  static void wait_until(Done done) {
    const auto until = std::chrono::steady_clock::now() + hang;
    while (!done() && std::chrono::steady_clock::now() < until)
      std::this_thread::yield();
    EXPECT_TRUE(done());
  }

  std::vector<seen_call> calls;
  std::function<void(const Order&, const errand_call&)> on_call;
};

TEST_F(service_with_errands, go_on_with_what_the_function_returned) {
  auto made = charging();
  ASSERT_TRUE(made.start());
  publish("ann", 1);
  publish("ann", 2);
  const auto all = first_of("shop.notes", 2);
  EXPECT_EQ(texts_of(all), (std::vector<std::string>{"receipt ann1", "receipt ann2"}));
  expect_each_origin_once(all);
  EXPECT_EQ(all[0].headers.find("weft-caused-by"), to_string(first_of("shop.orders", 1)[0].position()));
  const auto seen = all_calls();
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_NE(seen[0].id, seen[1].id);
  EXPECT_EQ(seen[0].id.size(), 32U);
  made.stop();
  EXPECT_EQ(health_of(made).waiting, 0U);
}

TEST_F(service_with_errands, have_one_id_and_a_rising_number_in_all_their_calls) {
  on_call = [](const Order& order, const errand_call& call) {
    EXPECT_EQ(call.what.topic, "charge");
    EXPECT_EQ(call.what.key_text(), "ann");
    EXPECT_EQ(to_string(call.what.position()).substr(0, 2), "a/");
    if (order.n == 1 && call.number < 4) throw std::runtime_error("the line is busy");
  };
  std::vector<std::string> hindered;
  auto made = charging({}, {.on_hindered = [&](const error& why) { hindered.push_back(why.message()); }});
  ASSERT_TRUE(made.start());
  publish("ann", 1);
  publish("ann", 2);
  EXPECT_EQ(noted(2), (std::vector<std::string>{"receipt ann1", "receipt ann2"}));
  const auto seen = all_calls();
  ASSERT_EQ(seen.size(), 5U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(seen[i].id, seen[0].id);
    EXPECT_EQ(seen[i].number, i + 1);
  }
  EXPECT_NE(seen[4].id, seen[0].id);
  EXPECT_EQ(seen[4].number, 1U);
  made.stop();
  ASSERT_EQ(hindered.size(), 1U) << "told once until a call returns";
  EXPECT_NE(hindered[0].find("the errand charge of 'ann' (" + seen[0].id), std::string::npos) << hindered[0];
  EXPECT_NE(hindered[0].find("the line is busy"), std::string::npos) << hindered[0];
  EXPECT_EQ(health_of(made).failed, 3U);
  EXPECT_EQ(health_of(made).given_up, 0U);
}

TEST_F(service_with_errands, are_not_done_for_a_handler_that_throws) {
  std::atomic<int> tries = 0;
  service made(*at, "charging", {.backoff_first = 1us, .backoff_most = 1us});
  made.on(orders, [&](const Order& order, context& with) {
    with.outside(mail, order);
    if (++tries < 3) throw std::runtime_error("not now");
    with.publish(notes, "handled");
  });
  std::atomic<int> mails = 0;
  made.outside(mail, [&](const Order&) {
    ++mails;
    mails.notify_all();
  });
  ASSERT_TRUE(made.start());
  publish("ann", 1);
  mails.wait(0);
  noted(1);
  made.stop();
  EXPECT_EQ(tries, 3);
  EXPECT_EQ(mails, 1);
  EXPECT_EQ(health_of(made).waiting, 0U);
}

TEST_F(service_with_errands, end_when_the_function_rejects_them) {
  on_call = [](const Order&, const errand_call&) { throw rejected("no such account"); };
  auto made = charging();
  ASSERT_TRUE(made.start());
  publish("ann", 1);
  const auto told = noted(1);
  made.stop();
  EXPECT_EQ(told[0], "ann: no such account");
  EXPECT_EQ(all_calls().size(), 1U);
  EXPECT_EQ(health_of(made).given_up, 1U);
  EXPECT_FALSE(health_of(made).why) << "the system outside has answered";
}

TEST_F(service_with_errands, are_given_up_after_as_many_calls_as_their_options_say) {
  on_call = [](const Order& order, const errand_call&) {
    if (order.n == 1) throw std::runtime_error("the line is busy");
  };
  auto made = charging({.calls_max = 3});
  ASSERT_TRUE(made.start());
  publish("ann", 1);
  publish("ann", 2); // which waited behind it
  const auto told = noted(2);
  made.stop();
  EXPECT_EQ(told[0], "ann: given up after 3 calls: the line is busy");
  EXPECT_EQ(told[1], "receipt ann2");
  EXPECT_EQ(all_calls().size(), 4U);
  EXPECT_EQ(health_of(made).given_up, 1U);
}

TEST_F(service_with_errands, without_a_continuation_are_told_when_they_are_given_up) {
  std::promise<std::string> told;
  service made(*at, "mailing", {.on_given_up = [&](const error& why) { told.set_value(why.message()); }});
  made.on(orders, [](const Order& order, context& with) { with.outside(mail, order); });
  made.outside(mail, [](const Order&) { throw rejected("no such address"); });
  ASSERT_TRUE(made.start());
  publish("ann", 1);
  const auto text = told.get_future().get();
  EXPECT_NE(text.find("the errand mail of 'ann'"), std::string::npos) << text;
  EXPECT_NE(text.find("no such address"), std::string::npos) << text;
}

TEST_F(service_with_errands, of_one_key_are_done_in_order_and_of_others_at_the_same_time) {
  constexpr int customers = 4, each = 10;
  constexpr std::size_t all = 40, failing = 24;
  std::latch all_at_once{customers};
  std::map<std::string, std::int64_t> last;
  std::set<std::string> at_work;
  on_call = [&](const Order& order, const errand_call& call) {
    if (order.n == 1 && call.number == 1) all_at_once.arrive_and_wait();
    {
      const std::lock_guard held{mutex};
      EXPECT_TRUE(at_work.insert(order.customer).second) << order.customer << " is at work";
    }
    if (order.n % 3 == 0 && call.number < 3) {
      const std::lock_guard held{mutex};
      at_work.erase(order.customer);
      throw std::runtime_error("not now");
    }
    const std::lock_guard held{mutex};
    EXPECT_EQ(last[order.customer] + 1, order.n) << order.customer;
    last[order.customer] = order.n;
    at_work.erase(order.customer);
  };
  auto made = charging({.threads = customers}, {.threads = 4});
  ASSERT_TRUE(made.start());
  for (int n = 1; n <= each; ++n)
    for (int c = 0; c < customers; ++c)
      publish("c" + std::to_string(c), n);
  EXPECT_EQ(noted(all).size(), all);
  made.stop();
  for (const auto& [customer, n] : last)
    EXPECT_EQ(n, each) << customer;
  EXPECT_EQ(all_calls().size(), all + failing);
}

TEST_F(service_with_errands, without_a_key_wait_for_no_other) {
  std::latch all_at_once{3};
  service made(*at, "mailing");
  made.on(orders, [](const Order& order, context& with) {
    for (int i = 0; i < 3; ++i)
      with.outside(mail, order, {.key = ""}).then(mailed, order);
  });
  std::set<std::string> ids;
  made.outside(mail, {.threads = 3}, [&](const Order&, const errand_call& call) {
    all_at_once.arrive_and_wait();
    const std::lock_guard held{mutex};
    ids.insert(call.id);
  });
  made.then(mail, mailed,
            [](const Order&, const result<void>& done, context& with) { with.publish(notes, done ? "done" : "not"); });
  ASSERT_TRUE(made.start());
  publish("ann", 1);
  EXPECT_EQ(noted(3), std::vector<std::string>(3, "done"));
  made.stop();
  EXPECT_EQ(ids.size(), 3U);
}

TEST_F(service_with_errands, wait_for_the_next_life_and_have_the_same_id_there) {
  std::atomic<int> failed = 0;
  on_call = [&](const Order&, const errand_call&) {
    ++failed;
    failed.notify_all();
    throw std::runtime_error("not now");
  };
  auto made = charging();
  ASSERT_TRUE(made.start());
  for (const auto n : {1, 2, 3})
    publish("ann", n);
  failed.wait(0);
  made.stop();
  const auto before = all_calls();
  restart();
  on_call = nullptr;
  auto next = charging();
  ASSERT_TRUE(next.start());
  EXPECT_EQ(noted(3), (std::vector<std::string>{"receipt ann1", "receipt ann2", "receipt ann3"}));
  const auto seen = all_calls();
  ASSERT_EQ(seen.size(), before.size() + 3);
  EXPECT_EQ(seen[before.size()].id, before[0].id);
  EXPECT_EQ(seen[before.size()].number, before.size() + 1) << "the calls of the life before count";
}

TEST_F(service_with_errands, a_program_without_the_function_leaves_them_to_one_that_has_it) {
  on_call = [](const Order&, const errand_call&) { throw std::runtime_error("not now"); };
  auto made = charging();
  ASSERT_TRUE(made.start());
  publish("ann", 1);
  wait_until([&] { return !all_calls().empty(); });
  made.stop();
  std::promise<std::string> told;
  service other(*at, "charging", {.on_hindered = [&](const error& why) { told.set_value(why.message()); }});
  other.on(orders, [](const Order&) {});
  ASSERT_TRUE(other.start());
  EXPECT_NE(told.get_future().get().find("errands charge wait"), std::string::npos);
  other.stop();
  on_call = nullptr;
  auto next = charging();
  ASSERT_TRUE(next.start());
  EXPECT_EQ(noted(1), std::vector<std::string>{"receipt ann1"});
}

TEST_F(service_with_errands, a_stop_waits_for_the_call_that_runs_and_leaves_the_others) {
  std::binary_semaphore begun{0};
  on_call = [&](const Order&, const errand_call& call) {
    begun.release();
    std::binary_semaphore told{0};
    const std::stop_callback tell(call.stop, [&] { told.release(); });
    told.acquire();
  };
  auto made = charging({.stop_within = hang});
  ASSERT_TRUE(made.start());
  for (const auto n : {1, 2})
    publish("c" + std::to_string(n), n);
  begun.acquire();
  wait_until([&] { return health_of(made).waiting == 2; });
  EXPECT_EQ(health_of(made).at_work, 1U);
  made.stop();
  ASSERT_EQ(all_calls().size(), 1U);
  on_call = nullptr;
  ASSERT_TRUE(made.start());
  noted(2);
  made.stop();
  const auto seen = all_calls();
  ASSERT_EQ(seen.size(), 2U) << "the end of the first is on disk";
  EXPECT_NE(seen[0].id, seen[1].id);
}

TEST_F(service_with_errands, a_call_that_a_stop_can_not_wait_for_is_left_alone_and_made_again_when_it_is_over) {
  std::binary_semaphore begun{0}, go_on{0};
  std::atomic<bool> was_held = false;
  on_call = [&](const Order& order, const errand_call&) {
    if (order.customer != "ann" || was_held.exchange(true)) return;
    begun.release();
    go_on.acquire();
  };
  auto made = charging({.stop_within = 1us});
  ASSERT_TRUE(made.start());
  publish("ann", 1);
  begun.acquire();
  made.stop();
  ASSERT_TRUE(made.start());
  publish("bob", 2);
  EXPECT_EQ(noted(1), std::vector<std::string>{"receipt bob2"});
  EXPECT_EQ(all_calls().size(), 2U) << "that of ann runs still";
  go_on.release();
  EXPECT_EQ(noted(2)[1], "receipt ann1");
  made.stop();
  const auto seen = all_calls();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].id, seen[2].id);
}

TEST_F(service_with_errands, what_is_too_large_to_be_kept_is_told_and_not_done_again) {
  service made(*at, "copying");
  made.on(orders, [](const Order& order, context& with) { with.outside(copy, order.customer).then(copied, "of ann"); });
  std::atomic<int> done = 0;
  made.outside(copy, [&](const std::string&) {
    ++done;
    return std::string(limits::event_value_bytes_max + 1, 'x');
  });
  made.then(copy, copied, [](const std::string& kept, const result<std::string>& made_of, context& with) {
    with.publish(notes, made_of ? "done" : kept + " " + std::to_string(static_cast<int>(made_of.error().code())));
  });
  ASSERT_TRUE(made.start());
  publish("ann", 1);
  EXPECT_EQ(noted(1)[0], "of ann " + std::to_string(static_cast<int>(errc::too_large)));
  made.stop();
  EXPECT_EQ(done, 1);
}

TEST_F(service_with_errands, whose_function_or_continuation_is_not_named_are_refused) {
  service made(*at, "charging", {.on_failing = failing_event::dead_letter, .deliveries_max = 1});
  made.on(orders, [](const Order& order, context& with) {
    if (order.n == 1) with.outside(mail, order);
    if (order.n == 2) with.outside(charge, order).then(mailed, order);
    if (order.n == 3) with.outside(copy, "a").then(copied, std::string(70'000, 'x'));
  });
  made.outside(copy, [](const std::string& what) { return what; });
  made.then(copy, copied, [](const std::string&, const result<std::string>&, context&) {});
  made.outside(charge, [](const Order&) { return Receipt{}; });
  made.then(charge, charged, [](const Order&, const result<Receipt>&, context&) {});
  ASSERT_TRUE(made.start());
  for (const auto n : {1, 2, 3})
    publish("ann", n);
  const auto letters = first_of("_weft.dead-letters.charging", 3);
  ASSERT_EQ(letters.size(), 3U);
  const auto cause = [&](std::size_t i) { return std::string(letters[i].headers.find("weft-cause").value_or("none")); };
  EXPECT_NE(cause(0).find("errand mail: the service charging has no function"), std::string::npos) << cause(0);
  EXPECT_NE(cause(1).find("no continuation mailed for the errand charge"), std::string::npos) << cause(1);
  EXPECT_NE(cause(2).find("65536 are possible"), std::string::npos) << cause(2);
  made.stop();
  for (const auto& of : made.health().errands)
    EXPECT_EQ(of.waiting, 0U) << of.name;
}

TEST_F(service_with_errands, are_refused_at_the_start_if_they_make_no_sense) {
  const auto refusal = [&](const std::function<void(service&)>& add) {
    service made(*at, "charging");
    made.on(orders, [](const Order&) {});
    add(made);
    const auto started = made.start();
    EXPECT_FALSE(started);
    return started ? std::string() : started.error().message();
  };
  const auto none = [](const Order&) {};
  EXPECT_NE(refusal([&](service& of) { of.outside(mail, {.threads = 0}, none); }).find("0 threads for the errand mail"),
            std::string::npos);
  EXPECT_NE(refusal([&](service& of) { of.outside(mail, {.stop_within = -1us}, none); }).find("-1 us"),
            std::string::npos);
  EXPECT_NE(refusal([&](service& of) {
              of.outside(mail, none);
              of.outside(mail, none);
            }).find("two handlers for 'mail'"),
            std::string::npos);
}

TEST_F(service_with_errands, of_a_system_that_is_away_do_not_keep_those_of_another) {
  constexpr auto many = limits::timers_loaded_max * 3;
  service made(*at, "both", {.backoff_first = 1h, .backoff_most = 1h, .on_hindered = [](const error&) {}});
  made.on(orders, [](const Order& order, context& with) {
    for (std::size_t i = 0; i < many; ++i)
      with.outside(charge, order, {.key = ""});
    with.outside(mail, order);
  });
  std::binary_semaphore is_back{0};
  std::atomic<bool> is_over = false;
  made.outside(charge, [&](const Order&) -> Receipt {
    if (!is_over) is_back.acquire();
    throw std::runtime_error("the bank is away");
  });
  std::binary_semaphore mailed_it{0};
  made.outside(mail, [&](const Order&) { mailed_it.release(); });
  ASSERT_TRUE(made.start());
  publish("ann", 1);
  EXPECT_TRUE(mailed_it.try_acquire_for(hang));
  is_back.release();
  wait_until([&] { return made.health().errands[0].why.has_value(); });
  const auto all = made.health().errands;
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].name, "charge");
  EXPECT_EQ(all[0].waiting, many);
  EXPECT_EQ(all[0].failed, 1U);
  EXPECT_NE(all[0].why->message().find("the bank is away"), std::string::npos);
  EXPECT_EQ(all[1].name, "mail");
  EXPECT_FALSE(all[1].why);
  is_over = true;
  is_back.release();
  made.stop();
}

TEST_F(service_with_errands, of_timers_and_continuations_are_others_than_those_of_their_event) {
  service made(*at, "charging");
  std::set<std::string> ids;
  made.on(orders, [](const Order& order, context& with) {
    with.outside(mail, order).then(mailed, order);
    with.set(reminder, order.customer, 0us, order);
  });
  made.on(reminder, [](const Order& order, context& with) { with.outside(mail, order).then(mailed, {"again", 0}); });
  made.outside(mail, [&](const Order&, const errand_call& call) {
    const std::lock_guard held{mutex};
    EXPECT_TRUE(ids.insert(call.id).second);
  });
  made.then(mail, mailed, [](const Order& order, const result<void>&, context& with) {
    if (order.customer == "again")
      with.outside(mail, order, {.key = ""}).then(mailed, {"last", 0});
    else
      with.publish(notes, order.customer);
  });
  ASSERT_TRUE(made.start());
  publish("ann", 1);
  const auto all = noted(2);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()), (std::set<std::string>{"ann", "last"}));
  made.stop();
  EXPECT_EQ(ids.size(), 3U);
}

TEST_F(service_with_errands, a_function_may_destroy_its_service) {
  std::optional<service> made;
  std::atomic<bool> gone = false;
  made.emplace(*at, "once");
  made->on(orders, [](const Order& order, context& with) { with.outside(mail, order); });
  made->outside(mail, {.stop_within = hang}, [&](const Order&) {
    made.reset();
    gone = true;
    gone.notify_all();
  });
  publish("ann", 1);
  ASSERT_TRUE(made->start());
  gone.wait(false);
}

} // namespace
} // namespace weft::testing

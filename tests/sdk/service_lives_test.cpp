// tests/sdk/service_lives_test.cpp: how a service ends, begins again, and says how it is.
#include "tests/sdk/service_fixture.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>

namespace weft::testing {
namespace {

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

TEST_F(service_at_a_node, nobody_of_it_waits_for_its_end) {
  for (const int threads : {1, 4})
    for (const auto restart_after : {microseconds{0}, microseconds{1h}}) {
      std::atomic<int> code = -1;
      std::optional<service> made;
      service_options options;
      options.threads = threads;
      options.restart_after = restart_after;
      made.emplace(*at, "waiting-" + std::to_string(threads) + "-" + std::to_string(restart_after.count()), options);
      made->on(orders, [&](const Order&) {
        if (code != -1) return; // of an event for the ones before: it may be ending by now
        const auto waited = made->wait();
        code = static_cast<int>(waited ? errc::ok : waited.error().code());
        code.notify_all();
      });
      publish("ann", 1);
      ASSERT_TRUE(made->start());
      code.wait(-1);
      EXPECT_EQ(code, static_cast<int>(errc::invalid_argument));
    }
  auto first = counting();
  ASSERT_TRUE(first.start());
  first_of("shop.totals", 4);
  first.stop();
  std::atomic<int> code = -1;
  std::optional<service> made;
  service_options options;
  options.state_dir = directory.path() + "/elsewhere"; // the group knows another
  options.restart_after = 1h;
  options.on_stopped = [&](const error&) {
    const auto waited = made->wait();
    code = static_cast<int>(waited ? errc::ok : waited.error().code());
    code.notify_all();
  };
  made.emplace(*at, "counting", options);
  made->on(orders, [](const Order&) {});
  ASSERT_TRUE(made->start());
  code.wait(-1);
  EXPECT_EQ(code, static_cast<int>(errc::denied)) << "it has ended";
}

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

} // namespace
} // namespace weft::testing

#include "actors/supervisor.hpp"

#include "mesh/base/limits.hpp"

#include <future>
#include <gtest/gtest.h>
#include <memory>
#include <thread>
#include <vector>

namespace weft::actors {
namespace {

struct echo {
  int value;
};

struct supervisor_fixture : ::testing::Test {
  std::vector<std::string> lines;
  std::vector<int> heard;
  int started = 0;
  port::system system{port::system::deterministic_t{}};
  diagnostics to{[this](severity, std::string_view line) { lines.emplace_back(line); }};
  supervisor_ref supervisor = supervisor_ref::start(system, to);

  class listener final : public port::role_of<echo> {
  public:
    explicit listener(supervisor_fixture& test) : test_(test) {}

  private:
    void begin() override { ++test_.started; }
    void on(const echo& message) override { test_.heard.push_back(message.value); }
    supervisor_fixture& test_;
  };

  port::ref<echo> adopt(actor_kind kind, std::function<void(const port::ending&)> on_end = {}) {
    const auto at = system.reserve();
    supervisor.adopt(
        {kind, std::string(kind.name), at, [this] { return std::make_unique<listener>(*this); }, std::move(on_end)});
    system.run();
    return port::ref<echo>(at);
  }

  void TearDown() override {
    bool stopped = false;
    supervisor.stop([&] { stopped = true; });
    system.run();
    EXPECT_TRUE(stopped);
  }
};

TEST_F(supervisor_fixture, crashed_actor_is_back_behind_the_same_address_after_a_pause) {
  const auto child = adopt(kinds::router);
  child.tell({1});
  system.run();
  child.address().crash();
  system.run();
  child.tell({2}); // waits
  system.run();
  EXPECT_EQ(started, 1);
  system.advance(limits::restart_backoff_first);
  system.run();
  child.tell({3});
  system.run();
  EXPECT_EQ(started, 2);
  EXPECT_EQ(heard, (std::vector{1, 2, 3}));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0], "router crashed: crashed on request; restarting in 100 ms");
}

TEST_F(supervisor_fixture, crash_loses_no_message_that_waits) {
  const auto child = adopt(kinds::router);
  child.tell({1});
  child.tell({2});
  child.address().crash(); // urgent: overtakes both
  system.run();
  EXPECT_TRUE(heard.empty());
  system.advance(limits::restart_backoff_first);
  system.run();
  EXPECT_EQ(heard, (std::vector{1, 2}));
}

TEST_F(supervisor_fixture, what_was_to_be_heard_later_is_destroyed_at_the_end) {
  struct delaying final : port::role_of<std::shared_ptr<int>> {
    void on(const std::shared_ptr<int>& message) override { tell_self_after(std::chrono::hours(1), message); }
  };
  long uses_at_the_end = 0;
  auto payload = std::make_shared<int>(1);
  const auto at = system.reserve();
  supervisor.adopt({kinds::link, "link", at, [] { return std::make_unique<delaying>(); },
                    [&](const port::ending&) { uses_at_the_end = payload.use_count(); }});
  system.run();
  port::ref<std::shared_ptr<int>>(at).tell(payload);
  system.run();
  EXPECT_EQ(payload.use_count(), 2);
  at.stop();
  system.run();
  EXPECT_EQ(uses_at_the_end, 1) << "what it would answer to may be gone later";
}

TEST_F(supervisor_fixture, messages_to_what_has_ended_are_destroyed) {
  struct watched final : port::role_of<std::shared_ptr<int>> {
    void on(const std::shared_ptr<int>&) override {}
  };
  const auto at = system.reserve();
  supervisor.adopt({kinds::link, "link", at, [] { return std::make_unique<watched>(); }, {}});
  system.run();
  const auto payload = std::make_shared<int>(1);
  const std::weak_ptr<int> alive = payload;
  at.crash();
  port::ref<std::shared_ptr<int>>(at).tell(payload);
  system.run();
  EXPECT_EQ(payload.use_count(), 1);
}

TEST_F(supervisor_fixture, each_crash_in_a_row_doubles_the_pause_up_to_the_most) {
  const auto child = adopt(kinds::router);
  for (int i = 0; i < 12; ++i) {
    child.address().crash();
    system.run();
    system.advance(limits::restart_backoff_most);
    system.run();
  }
  EXPECT_EQ(started, 13);
  EXPECT_NE(lines[1].find("in 200 ms"), std::string::npos) << lines[1];
  EXPECT_NE(lines.back().find("in 10000 ms"), std::string::npos) << lines.back();
}

TEST_F(supervisor_fixture, actor_that_outsiders_ask_for_again_ends_and_is_told) {
  std::string why;
  const auto child = adopt(kinds::link, [&](const port::ending& how) { why = how.why; });
  child.address().crash();
  system.run();
  system.advance(limits::restart_backoff_most);
  system.run();
  EXPECT_EQ(started, 1);
  EXPECT_EQ(why, "crashed on request");
}

TEST_F(supervisor_fixture, actor_that_is_stopped_before_it_began_does_not_stay) {
  bool ended = false;
  const auto at = system.reserve();
  at.stop();
  supervisor.adopt({kinds::subscription, "early", at, [this] { return std::make_unique<listener>(*this); },
                    [&](const port::ending&) { ended = true; }});
  system.run();
  EXPECT_TRUE(ended);
}

TEST_F(supervisor_fixture, normal_end_is_no_crash) {
  const auto child = adopt(kinds::router);
  child.address().stop();
  system.run();
  system.advance(limits::restart_backoff_most);
  system.run();
  EXPECT_EQ(started, 1);
  EXPECT_TRUE(lines.empty());
}

TEST_F(supervisor_fixture, a_kind_that_is_not_registered_is_not_adopted) {
  auto stray = kinds::router;
  stray.name = "stray"; // so it would have no crash case
  EXPECT_DEATH(adopt(stray), "");
}

TEST_F(supervisor_fixture, crash_of_the_supervisor_itself_costs_no_child_its_supervision) {
  const auto child = adopt(kinds::router);
  std::size_t crashed = 0;
  const auto crash = [&](std::string_view kind) {
    supervisor.crash_all(kind, [&](std::size_t count) { crashed = count; });
    system.run();
  };
  crash("supervisor");
  EXPECT_EQ(crashed, 1U);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0], "supervisor crashed: crashed on request; restarting");
  crash("router");
  EXPECT_EQ(crashed, 1U);
  crash("supervisor"); // with a child that is to be restarted
  system.advance(limits::restart_backoff_first);
  system.run();
  child.tell({7});
  system.run();
  EXPECT_EQ(started, 2);
  EXPECT_EQ(heard, (std::vector{7}));
}

TEST_F(supervisor_fixture, crash_all_reaches_every_actor_of_the_kind) {
  adopt(kinds::router);
  adopt(kinds::router);
  adopt(kinds::telemetry);
  std::size_t crashed = 0;
  supervisor.crash_all("router", [&](std::size_t count) { crashed = count; });
  system.run();
  EXPECT_EQ(crashed, 2U);
}

TEST(supervisor, real_threads_stop_cleanly_with_blocked_and_busy_children) {
  diagnostics to{[](severity, std::string_view) {}};
  port::system system{2};
  const auto supervisor = supervisor_ref::start(system, to);
  struct counter final : port::role_of<echo> {
    void on(const echo&) override {}
  };
  std::vector<port::ref<echo>> all;
  for (int i = 0; i < 20; ++i) {
    const auto at = system.reserve();
    supervisor.adopt(
        {i % 2 == 0 ? kinds::log_reader : kinds::router, "child", at, [] { return std::make_unique<counter>(); }, {}});
    all.emplace_back(at);
  }
  for (int i = 0; i < 1000; ++i)
    all[static_cast<std::size_t>(i) % all.size()].tell({i});
  std::promise<void> stopped;
  supervisor.stop([&] { stopped.set_value(); });
  EXPECT_EQ(stopped.get_future().wait_for(std::chrono::seconds(60)), std::future_status::ready);
}

struct deaf final : port::role_of<echo> {
  void on(const echo&) override {}
};

TEST(system, ends_while_threads_that_made_it_and_its_actors_live_on) {
  std::unique_ptr<port::system> system;
  std::promise<void> made, over, ended;
  std::thread program([&] {
    system = std::make_unique<port::system>(1);
    const auto at = system->reserve();
    system->start(
        at, port::placement::shared, [] { return std::make_unique<deaf>(); }, [&](const auto&) { ended.set_value(); });
    at.stop();
    made.set_value();
    over.get_future().wait();
  });
  made.get_future().wait();
  ended.get_future().wait();
  system.reset(); // and not for ever
  over.set_value();
  program.join();
}

} // namespace
} // namespace weft::actors

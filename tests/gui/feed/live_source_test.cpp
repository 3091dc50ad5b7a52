// A monitor's source at a real node, in this process and by its socket.
#include "gui/feed/live_source.hpp"

#include "gui/feed/local_nodes.hpp"
#include "gui/feed/topic_archive.hpp"

#include "tests/mesh/base/disk_testing.hpp"
#include "weft/node.hpp"
#include "weft/service.hpp"

#include <algorithm>
#include <chrono>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

namespace weft::monitor {
namespace {

using namespace std::chrono_literals;

/// Looks again and again. That it never comes is the test's own time limit.
template <class Condition>
void wait_until(Condition holds) {
  while (!holds())
    std::this_thread::sleep_for(1ms);
}

struct monitored_node : ::testing::Test {
  void open() {
    auto opened = node::open({.name = "a", .data_dir = directory.path() + "/a"});
    ASSERT_TRUE(opened) << opened.error().message();
    at.emplace(std::move(*opened));
  }
  void publish(int count) {
    const topic<std::string> orders{"orders"};
    for (int i = 0; i < count; ++i)
      ASSERT_TRUE(at->publish_and_wait(orders, "x"));
  }
  static std::optional<topic_view> topic_of(const snapshot& shown, const std::string& name) {
    const auto found = std::ranges::find(shown.topics, name, &topic_view::name);
    return found == shown.topics.end() ? std::nullopt : std::optional(*found);
  }

  temporary_directory directory;
  std::optional<weft::node> at;
};

TEST_F(monitored_node, is_shown_with_what_is_published_there) {
  open();
  live_source mesh(directory.path() + "/a");
  publish(5);
  wait_until([&] {
    const auto orders = topic_of(*mesh.latest(), "orders");
    return orders && orders->events == 5;
  });
  const auto shown = mesh.latest();
  ASSERT_EQ(shown->nodes.size(), 1U);
  EXPECT_EQ(shown->nodes[0].name, "a");
  EXPECT_EQ(shown->nodes[0].shown, health::ok);
  EXPECT_TRUE(mesh.state().connected);
  EXPECT_EQ(mesh.state().problem, "");
}

TEST_F(monitored_node, has_a_past_from_before_the_monitor_came) {
  open();
  publish(3);
  { // until a frame has said so
    live_source first(directory.path() + "/a");
    wait_until([&] { return topic_of(*first.latest(), "orders").has_value(); });
  }
  live_source mesh(directory.path() + "/a");
  wait_until([&] { return topic_of(*mesh.latest(), "orders").has_value(); });
  const auto then = mesh.oldest();
  EXPECT_LT(then, mesh.latest()->at);
  const auto past = mesh.seek(mesh.latest()->at);
  ASSERT_NE(past, nullptr);
  EXPECT_EQ(past->nodes.size(), 1U);
}

TEST_F(monitored_node, that_is_not_there_is_told_as_a_sentence_and_shown_when_it_comes) {
  live_source mesh(directory.path() + "/a");
  wait_until([&] { return !mesh.state().problem.empty(); });
  EXPECT_FALSE(mesh.state().connected);
  EXPECT_NE(mesh.state().problem.find(directory.path()), std::string::npos) << mesh.state().problem;
  open();
  wait_until([&] { return !mesh.latest()->nodes.empty(); });
  EXPECT_TRUE(mesh.state().connected);
}

TEST_F(monitored_node, is_shown_whole_when_its_rows_need_many_frames) {
  constexpr int count = 3000; // rows of groups and lag beyond an event's 1 MiB
  open();
  publish(1);
  for (int i = 0; i < count; ++i)
    ASSERT_TRUE(at->query("groups.create", R"({"name":"a-group-of-many-)" + std::to_string(i) +
                                               R"(","pattern":"orders","from":{"kind":"beginning"}})"));
  live_source mesh(directory.path() + "/a");
  wait_until([&] { return mesh.latest()->groups.size() == count && mesh.latest()->lag.size() == count; });
  const auto seen = mesh.latest()->at; // and so it stays over the next whole frame
  wait_until([&] { return mesh.latest()->at > seen + 11 * limits::second; });
  EXPECT_EQ(mesh.latest()->groups.size(), count);
  EXPECT_EQ(mesh.latest()->frames_refused, 0U);
}

TEST_F(monitored_node, in_view_is_heard_more_often_and_only_then) {
  open();
  publish(1);
  const auto quick_frames = [&] {
    const auto asked = at->query("topics.describe", R"({"name":"_weft.view.a"})");
    return asked ? nlohmann::json::parse(*asked).value("end", 0) : -1;
  };
  live_source mesh(directory.path() + "/a");
  wait_until([&] { return topic_of(*mesh.latest(), "orders").has_value(); });
  EXPECT_EQ(quick_frames(), 0);
  mesh.set_in_view({"a", "nobody"});
  wait_until([&] { return quick_frames() > 0; });
  for (const auto before = quick_frames(); quick_frames() < before + 3;)
    publish(1); // each is news
  mesh.set_in_view({});
  std::uint64_t published = topic_of(*mesh.latest(), "orders")->events;
  wait_until([&] {
    const auto before = quick_frames();
    publish(1);
    published = std::max(published, topic_of(*mesh.latest(), "orders")->events) + 1;
    wait_until([&] { return topic_of(*mesh.latest(), "orders")->events >= published; });
    return quick_frames() == before;
  });
}

TEST_F(monitored_node, is_shown_with_its_services_and_how_long_they_and_deliveries_take) {
  open();
  const topic<std::string> orders{"orders"};
  service till{*at, "till"};
  till.on(orders, [](const std::string&) {});
  ASSERT_TRUE(till.start());
  live_source mesh(directory.path() + "/a");
  wait_until([&] { return !mesh.latest()->services.empty(); });
  publish(7);
  wait_until([&] { return mesh.latest()->services.at(0).handled == 7; });
  const auto shown = mesh.latest()->services.at(0);
  EXPECT_EQ(shown.node + "/" + shown.name + " " + shown.state, "a/till running");
  EXPECT_EQ(shown.shown, health::ok);
  EXPECT_EQ(shown.failed, 0U);
  wait_until([&] { return mesh.latest()->sums.delivery_p99_s.has_value(); });
  EXPECT_LT(*mesh.latest()->sums.delivery_p99_s, 60);
  wait_until([&] {
    const auto now = mesh.latest();
    return std::ranges::any_of(now->latencies,
                               [](const auto& row) { return row.what == "handler" && row.name == "till"; });
  });
  till.stop();
  wait_until([&] { return mesh.latest()->services.empty(); });
}

TEST_F(monitored_node, that_goes_away_leaves_what_it_said) {
  open();
  live_source mesh(directory.path() + "/a");
  wait_until([&] { return !mesh.latest()->nodes.empty(); });
  at.reset();
  wait_until([&] { return !mesh.state().connected; });
  EXPECT_FALSE(mesh.state().problem.empty());
  EXPECT_EQ(mesh.latest()->nodes.size(), 1U);
  wait_until([&] { return mesh.latest()->nodes[0].shown == health::unknown; });
  open();
  wait_until([&] { return mesh.state().connected && mesh.latest()->nodes[0].shown == health::ok; });
}

TEST_F(monitored_node, is_found_on_this_machine_by_its_socket) {
  open();
  const auto found = find_local_nodes();
  const auto here = std::ranges::find(found, directory.path() + "/a", &local_node::data_dir);
  ASSERT_NE(here, found.end());
  EXPECT_EQ(here->name, "a");
  EXPECT_EQ(here->problem, "");
  EXPECT_EQ(problem_at(directory.path() + "/a"), "");
  EXPECT_NE(problem_at(directory.path() + "/b"), "");
}

TEST_F(monitored_node, is_asked_for_what_memory_does_not_hold) {
  open();
  publish(5);
  live_source mesh(directory.path() + "/a");
  wait_until([&] { return topic_of(*mesh.latest(), "orders").has_value(); });
  const auto then = mesh.latest()->at;
  wait_until([&] { return mesh.latest()->at > then + 2 * limits::second; });
  topic_archive logs(directory.path() + "/a");
  std::vector<heard_frame> found;
  const auto read = logs.read(then - limits::minute, then + 1, archive_part::moment,
                              [&](const heard_frame& frame) { found.push_back(frame); }, {});
  ASSERT_TRUE(read) << read.error().message();
  ASSERT_FALSE(found.empty());
  for (const auto& frame : found) {
    EXPECT_LE(frame.heard_at, then);
    EXPECT_EQ(frame.node, "a");
    ASSERT_NE(frame.place, nullptr);
    EXPECT_FALSE(frame.place->log.node.is_nil());
  }
  logs.look_for_oldest(mesh.latest()->at, {});
  ASSERT_TRUE(logs.oldest());
  EXPECT_LE(*logs.oldest(), found.front().heard_at);
  topic_archive nowhere(directory.path() + "/b");
  EXPECT_FALSE(nowhere.read(0, then, archive_part::moment, [](const heard_frame&) {}, {}));
}

} // namespace
} // namespace weft::monitor

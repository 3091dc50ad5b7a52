#include "gui/core/demo_source.hpp"
#include "gui/core/layout.hpp"

#include <atomic>
#include <gtest/gtest.h>
#include <thread>

namespace weft::monitor {
namespace {

using limits::second;

constexpr time_us start = 1'800'000'000 * second;

/// What a window does while a mesh speaks: reads all there is, from several threads. For the thread sanitizer.
TEST(kept_mesh_threads, pages_read_while_frames_come) {
  demo_source mesh({.nodes = 6, .topics = 5, .groups = 4});
  mesh.make_past(30 * second);
  std::atomic<bool> over{false};
  const auto read = [&](int which) {
    while (!over) {
      const auto now = mesh.latest();
      ASSERT_FALSE(now->nodes.empty());
      if (which == 0) {
        ASSERT_NE(mesh.seek(now->at - 5 * second), nullptr);
      } else {
        ASSERT_LE(mesh.series().points({figure::published_per_s, {}}, start - 30 * second, now->at, 100).size(), 100U);
        ASSERT_FALSE(mesh.series().known(figure::lag_seconds).empty());
        ASSERT_LE(mesh.marks(start - 30 * second, now->at + 1).size(), limits::marks_max);
        ASSERT_LE(mesh.alerts_between(start, now->at).size(), limits::marks_max);
        mesh.set_alert_rules(mesh.alert_rules());
        ASSERT_LE(mesh.oldest(), now->at);
        ASSERT_TRUE(mesh.state().connected);
      }
    }
  };
  std::jthread seeks(read, 0);
  std::jthread pages(read, 1);
  for (time_us at = 1; at <= 100; ++at)
    mesh.advance_to(start + at * second / 10);
  over = true;
}

TEST(kept_mesh_threads, layouts_of_two_threads_wait_for_one_another) {
  layout_task task;
  for (std::size_t at = 0; at < 30; ++at) {
    task.boxes.push_back({std::to_string(at), std::to_string(at % 3), 100, 30, {}});
    task.links.push_back({at, at / 2});
  }
  const auto wanted = lay_out(task);
  std::vector<std::jthread> threads;
  threads.reserve(3);
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&] {
      for (int round = 0; round < 5; ++round)
        EXPECT_EQ(lay_out(task), wanted);
    });
}

} // namespace
} // namespace weft::monitor

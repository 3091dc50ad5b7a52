#include "gui/core/replay.hpp"

#include "gui/core/demo_source.hpp"
#include "gui/core/limits.hpp"
#include "tests/gui/core/frame_maker.hpp"
#include "tests/gui/core/snapshot_text.hpp"

#include <gtest/gtest.h>

namespace weft::monitor {
namespace {

using limits::minute;
using limits::second;

constexpr time_us start = 1'800'000'000 * second;

std::vector<heard_frame> a_minute() {
  demo_source mesh;
  mesh.make_past(minute);
  std::vector<heard_frame> found;
  EXPECT_TRUE(
      mesh.frames(mesh.oldest(), mesh.latest()->at, [&](const heard_frame& frame) { found.push_back(frame); }, {}));
  return found;
}

TEST(replay, gives_the_same_picture_however_many_threads_there_are) {
  const auto frames = a_minute();
  ASSERT_GT(frames.size(), 300U);
  const auto at = frames.back().heard_at;
  const auto alone = replay(frames, "shop", 1).snapshot_at(at);
  EXPECT_EQ(alone.frames_taken, frames.size());
  EXPECT_EQ(alone.nodes.size(), 12U);
  for (const std::size_t threads : {0, 2, 3, 12, 100}) {
    const auto together = replay(frames, "shop", threads).snapshot_at(at);
    EXPECT_EQ(text_of(together), text_of(alone)) << threads;
    EXPECT_EQ(together.frames_taken, alone.frames_taken);
  }
}

TEST(replay, passes_over_what_is_no_frame) {
  auto frames = a_minute();
  const auto at = frames.back().heard_at;
  const auto before = replay(frames, "shop", 2).snapshot_at(at).frames_taken;
  for (std::size_t i = 0; i < 10; ++i)
    frames[i].bytes = std::make_shared<const std::vector<std::byte>>(77, std::byte{0x5a});
  EXPECT_LE(replay(frames, "shop", 2).snapshot_at(at).frames_taken, before - 10);
}

TEST(replay, of_nothing_is_an_empty_picture_and_one_that_is_stopped_ends) {
  EXPECT_TRUE(replay({}, "shop", 4).snapshot_at(start).nodes.empty());
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(replay(a_minute(), "shop", 2, stop.get_token()).snapshot_at(start).frames_taken, 0U);
}

TEST(replay, keeps_to_the_bound_of_nodes) {
  std::vector<heard_frame> frames;
  for (std::size_t i = 0; i < limits::speakers_max + 10; ++i) {
    frame_maker made("n" + std::to_string(i), 1, start, true);
    auto bytes = std::make_shared<const std::vector<std::byte>>(telemetry::encode(made.frame));
    frames.push_back({start, "n" + std::to_string(i), true, std::move(bytes), nullptr});
  }
  const auto shown = replay(frames, "shop", 3).snapshot_at(start);
  EXPECT_EQ(shown.nodes.size(), limits::speakers_max);
  EXPECT_EQ(shown.frames_refused, 10U);
}

} // namespace
} // namespace weft::monitor

#include "gui/core/demo_source.hpp"
#include "gui/core/kept_mesh.hpp"
#include "tests/gui/core/frame_maker.hpp"
#include "tests/gui/core/snapshot_text.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace weft::monitor {
namespace {

using limits::minute;
using limits::second;

constexpr time_us start = 1'800'000'000 * second;

TEST(kept_mesh, shows_the_past_as_it_was_shown_then) {
  demo_source mesh;
  mesh.make_past(5 * minute);
  std::vector<snapshot_ptr> seen;
  for (time_us at = 10; at <= 90; at += 10) {
    mesh.advance_to(start + at * second);
    seen.push_back(mesh.latest());
  }
  for (const auto& then : seen) {
    const auto again = mesh.seek(then->at);
    ASSERT_NE(again, nullptr);
    EXPECT_EQ(text_of(*again), text_of(*then));
  }
}

TEST(kept_mesh, a_moment_is_the_same_each_time_it_is_sought) {
  demo_source mesh;
  mesh.make_past(2 * minute);
  const auto one = mesh.seek(start - minute);
  const auto other = mesh.seek(start - minute);
  EXPECT_EQ(text_of(*one), text_of(*other));
  EXPECT_NE(one->sequence, other->sequence);
}

TEST(kept_mesh, lists_of_the_same_rows_are_of_one_set_and_others_are_not) {
  kept_mesh mesh("shop");
  const auto say = [&](std::uint64_t number, double seconds, bool returns) {
    frame_maker made("cart", number, start + static_cast<time_us>(number) * second, true);
    made.topic("orders", 10);
    made.lag("packers", "orders", number, seconds);
    if (returns) made.lag("returns", "orders", 1, 1);
    mesh.take(made.frame, made.frame.time_us);
    mesh.close(made.frame.time_us);
    return mesh.latest();
  };
  const auto one = say(1, 1, false), same = say(2, 5, false), more = say(3, 5, true), fewer = say(4, 5, false);
  EXPECT_NE(one->sets.lag, 0U);
  EXPECT_EQ(same->sets.lag, one->sets.lag);
  EXPECT_NE(more->sets.lag, same->sets.lag);
  EXPECT_NE(fewer->sets.lag, more->sets.lag);
  EXPECT_EQ(more->sets.topics, one->sets.topics);
  EXPECT_EQ(mesh.seek(fewer->at)->sets.lag, fewer->sets.lag);
  EXPECT_NE(mesh.seek(more->at)->sets.lag, fewer->sets.lag);
  kept_mesh other("shop");
  other.take(frame_maker("cart", 1, start, true).frame, start);
  other.close(start);
  EXPECT_NE(other.latest()->sets.nodes, one->sets.nodes);
}

TEST(kept_mesh, has_nothing_of_before_its_first_frame) {
  demo_source mesh;
  EXPECT_EQ(mesh.seek(start), nullptr);
  mesh.advance_to(start + 10 * second);
  EXPECT_EQ(mesh.seek(start - second), nullptr);
  EXPECT_NE(mesh.seek(mesh.oldest()), nullptr);
}

TEST(kept_mesh, frames_are_bounded_in_bytes_and_the_newest_stay) {
  demo_source mesh({}, 2'000'000);
  mesh.make_past(10 * minute);
  mesh.advance_to(start + 5 * second);
  EXPECT_GT(mesh.oldest(), start - 10 * minute);
  EXPECT_LT(mesh.oldest(), start);
  EXPECT_EQ(mesh.seek(mesh.oldest() - second), nullptr);
  EXPECT_NE(mesh.seek(start), nullptr);
}

TEST(kept_mesh, frames_are_kept_for_an_hour) {
  kept_mesh mesh;
  for (time_us at = 0; at <= 90; ++at) {
    frame_maker made("a", static_cast<std::uint64_t>(at + 1), start + at * minute, true);
    mesh.take(std::move(made.frame), start + at * minute);
  }
  EXPECT_EQ(mesh.oldest(), start + 30 * minute);
}

TEST(kept_mesh, a_moment_without_a_whole_frame_before_it_is_made_of_what_there_is) {
  kept_mesh mesh;
  for (std::uint64_t at = 0; at < 5; ++at) {
    frame_maker made("a", at + 10, start + static_cast<time_us>(at) * second);
    made.topic("orders", at);
    mesh.take(std::move(made.frame), start + static_cast<time_us>(at) * second);
  }
  const auto then = mesh.seek(start + 3 * second);
  ASSERT_NE(then, nullptr);
  EXPECT_FALSE(then->nodes.at(0).whole);
  EXPECT_EQ(then->topics.at(0).events, 3U);
}

TEST(kept_mesh, figures_are_compared_with_the_last_five_minutes) {
  demo_source mesh({.with_story = false});
  mesh.advance_to(start + 30 * second);
  EXPECT_FALSE(mesh.latest()->sums.published_change.has_value());
  mesh.advance_to(start + 3 * minute);
  ASSERT_TRUE(mesh.latest()->sums.published_change.has_value());
  EXPECT_LT(std::abs(*mesh.latest()->sums.published_change), 0.6);
}

TEST(kept_mesh, snapshots_are_numbered_and_time_does_not_go_back) {
  kept_mesh mesh("shop");
  mesh.close(start);
  const auto first = mesh.latest();
  mesh.close(start - second);
  EXPECT_EQ(mesh.latest(), first);
  mesh.close(start + second);
  EXPECT_GT(mesh.latest()->sequence, first->sequence);
  EXPECT_EQ(mesh.latest()->mesh, "shop");
}

TEST(kept_mesh, a_seek_of_a_small_mesh_is_quick) {
  demo_source mesh({.nodes = 20});
  mesh.make_past(2 * minute);
  const auto begun = std::clock();
  constexpr int times = 10;
  for (int i = 0; i < times; ++i)
    ASSERT_NE(mesh.seek(start - i * second), nullptr);
  const auto took = static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC / times;
  RecordProperty("cpu_seconds", std::to_string(took));
  EXPECT_LT(took, 0.2) << "50 ms are promised, of a program without assertions";
}

/// Has frames of one node, and can't reach another's log.
class some_archive : public frame_archive {
public:
  result<frames_read> read(time_us from, time_us until, archive_part /*what*/, const frame_sink& take,
                           const std::stop_token& stop) override {
    stopped = stop.stop_requested();
    demo_source mesh;
    mesh.make_past(2 * minute);
    static_cast<void>(mesh.frames(from, until, take, {}));
    return frames_read{{"far"}};
  }
  std::optional<time_us> oldest() const override { return start - 2 * minute; }
  bool stopped = false;
};

TEST(kept_mesh, a_moment_from_the_archive_names_what_could_not_be_read) {
  kept_mesh mesh;
  const auto archive = std::make_shared<some_archive>();
  mesh.set_archive(archive);
  const auto then = mesh.seek(start - minute);
  ASSERT_NE(then, nullptr);
  EXPECT_FALSE(then->nodes.empty());
  EXPECT_EQ(then->missing, std::vector<std::string>{"far"});
  EXPECT_EQ(mesh.frames(start - minute, start, [](const heard_frame&) {}, {})->missing, then->missing);
}

TEST(kept_mesh, a_seek_that_is_stopped_shows_no_half_of_a_moment) {
  kept_mesh mesh;
  const auto archive = std::make_shared<some_archive>();
  mesh.set_archive(archive);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(mesh.seek(start - minute, stop.get_token()), nullptr);
  EXPECT_TRUE(archive->stopped);
}

heard_frame kept_frame(const std::string& node, std::uint64_t number, time_us at) {
  const auto made = frame_maker(node, number, at, true);
  return {at, node, true, std::make_shared<const std::vector<std::byte>>(telemetry::encode(made.frame)), nullptr};
}

/// Gives what it has in the order it has it; who listens is told before.
class listed_archive : public frame_archive {
public:
  result<frames_read> read(time_us from, time_us until, archive_part what, const frame_sink& take,
                           const std::stop_token& /*stop*/) override {
    if (before) before();
    if (!problem.empty()) return fail(errc::timed_out, problem);
    spans += what == archive_part::span ? 1 : 0;
    for (const auto& frame : frames)
      if (frame.heard_at >= from && frame.heard_at < until) take(frame);
    return frames_read{};
  }
  std::optional<time_us> oldest() const override { return start - limits::hour; }

  std::vector<heard_frame> frames;
  std::function<void()> before;
  std::string problem;
  int spans = 0;
};

TEST(kept_mesh, frames_of_the_archive_come_in_order_whatever_order_its_logs_have) {
  kept_mesh mesh;
  const auto archive = std::make_shared<listed_archive>();
  mesh.set_archive(archive);
  for (const auto* node : {"a", "b"})
    for (time_us at = 0; at < 30 * minute; at += 10 * second)
      archive->frames.push_back(kept_frame(node, 1, start - limits::hour + at));
  std::vector<heard_frame> found;
  const auto until = start - limits::hour / 2;
  ASSERT_TRUE(mesh.frames(start - limits::hour, until, [&](const heard_frame& f) { found.push_back(f); }, {}));
  EXPECT_EQ(found.size(), archive->frames.size());
  EXPECT_TRUE(std::ranges::is_sorted(found, {}, &heard_frame::heard_at));
  EXPECT_GT(archive->spans, 1) << "in slices: memory is limited";
  EXPECT_LT(archive->spans, 10) << "of a small mesh in few: each asks all logs";
}

TEST(kept_mesh, frames_that_memory_drops_while_the_archive_is_read_are_not_lost) {
  kept_mesh mesh({}, 64U << 10U);
  const auto archive = std::make_shared<listed_archive>();
  mesh.set_archive(archive);
  std::uint64_t number = 0;
  const auto hear = [&](int frames) {
    for (int i = 0; i < frames; ++i) {
      ++number;
      archive->frames.push_back(kept_frame("a", number, start + static_cast<time_us>(number) * second));
      mesh.take(frame_maker("a", number, archive->frames.back().heard_at, true).frame, archive->frames.back().heard_at);
    }
  };
  hear(1000);
  const auto wanted = archive->frames.size();
  const auto until = archive->frames.back().heard_at + 1;
  archive->before = [&] { hear(1000); };
  std::vector<time_us> found;
  ASSERT_TRUE(mesh.frames(start, until, [&](const heard_frame& f) { found.push_back(f.heard_at); }, {}));
  EXPECT_GT(archive->spans, 0) << "memory has only some of them";
  EXPECT_TRUE(std::ranges::is_sorted(found));
  EXPECT_EQ(found.size(), wanted);
}

TEST(kept_mesh, why_a_moment_can_not_be_shown_is_told_by_that_moment) {
  kept_mesh mesh;
  const auto archive = std::make_shared<listed_archive>();
  mesh.set_archive(archive);
  archive->frames.push_back(kept_frame("a", 1, start - minute));
  archive->problem = "look at its nodes' links";
  const auto unknown = mesh.seek(start - minute);
  ASSERT_NE(unknown, nullptr);
  EXPECT_EQ(unknown->problem, "look at its nodes' links");
  EXPECT_EQ(unknown->at, start - minute);
  EXPECT_TRUE(unknown->nodes.empty());
  mesh.take(frame_maker("a", 2, start, true).frame, start);
  EXPECT_EQ(mesh.seek(start + second)->problem, archive->problem) << "of what is in memory, which is a part";
  archive->problem.clear();
  EXPECT_EQ(mesh.seek(start - minute + second)->problem, "");
  EXPECT_EQ(unknown->problem, "look at its nodes' links");
}

} // namespace
} // namespace weft::monitor

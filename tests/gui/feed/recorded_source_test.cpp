// Recordings of a made-up mesh, on a disk in memory.
#include "gui/feed/recorded_source.hpp"

#include "gui/core/demo_source.hpp"
#include "gui/feed/frame_event.hpp"
#include "gui/feed/local_nodes.hpp"
#include "gui/feed/recorder.hpp"
#include "mesh/base/virtual_disk.hpp"
#include "mesh/recording/limits.hpp"
#include "tests/gui/core/frame_maker.hpp"

#include <chrono>
#include <gmock/gmock.h>
#include <iostream>
#include <thread>

namespace weft::monitor {
namespace {

using limits::hour;
using limits::minute;
using limits::second;
using ::testing::HasSubstr;

constexpr time_us start = 1'800'000'000 * second;

struct recorded_mesh : ::testing::Test {
  void SetUp() override {
    mesh.make_past(5 * minute);
    mesh.advance_to(start + minute);
  }
  void save(time_us from, time_us until, const std::vector<recording::note>& notes = {}) {
    auto saved = save_span(disk, mesh, "r.weft", from, until, notes, {});
    ASSERT_TRUE(saved) << saved.error().message();
    EXPECT_GT(saved->frames, 0U);
  }
  std::unique_ptr<recorded_source> open(const std::string& path = "r.weft") {
    auto opened = recorded_source::open(disk, path);
    EXPECT_TRUE(opened) << opened.error().message();
    if (!opened) return nullptr;
    (*opened)->wait();
    return std::move(*opened);
  }

  virtual_disk disk;
  demo_source mesh;
};

TEST_F(recorded_mesh, shows_what_the_mesh_showed) {
  save(start - 2 * minute, start + minute);
  const auto recorded = open();
  EXPECT_EQ(recorded->state().problem, "");
  EXPECT_TRUE(recorded->state().recorded);
  for (const time_us at : {start - minute, start, start + 50 * second}) {
    const auto then = mesh.seek(at), again = recorded->seek(at);
    ASSERT_NE(again, nullptr);
    ASSERT_EQ(again->nodes.size(), then->nodes.size());
    for (std::size_t i = 0; i < then->nodes.size(); ++i) {
      EXPECT_EQ(again->nodes[i].name, then->nodes[i].name);
      EXPECT_EQ(again->nodes[i].shown, then->nodes[i].shown);
      EXPECT_EQ(again->nodes[i].head, then->nodes[i].head);
    }
    ASSERT_EQ(again->lag.size(), then->lag.size());
    for (std::size_t i = 0; i < then->lag.size(); ++i)
      EXPECT_EQ(again->lag[i].events, then->lag[i].events);
    EXPECT_NEAR(again->sums.published_per_s, then->sums.published_per_s, then->sums.published_per_s * 0.01);
  }
  EXPECT_FALSE(recorded->series().points({figure::published_per_s, {}}, start - minute, start, 60).empty());
  EXPECT_LE(recorded->latest()->at, start + minute + second);
}

TEST_F(recorded_mesh, frames_are_the_same_bytes_as_were_heard) {
  save(start, start + 10 * second);
  std::vector<heard_frame> heard, again;
  ASSERT_TRUE(mesh.frames(start, start + 10 * second, [&](const heard_frame& f) { heard.push_back(f); }, {}));
  const auto recorded = open();
  ASSERT_TRUE(recorded->frames(0, limits::time_max, [&](const heard_frame& f) { again.push_back(f); }, {}));
  ASSERT_EQ(again.size(), heard.size());
  for (std::size_t i = 0; i < heard.size(); ++i) {
    EXPECT_EQ(*again[i].bytes, *heard[i].bytes);
    EXPECT_EQ(again[i].heard_at, heard[i].heard_at);
    EXPECT_EQ(again[i].node, heard[i].node);
    EXPECT_NE(again[i].place, nullptr);
  }
}

TEST_F(recorded_mesh, a_span_of_a_recording_is_one) {
  save(start - minute, start + minute, {{{start}, "here it began"}, {{start + 50 * second}, "later"}});
  {
    const auto recorded = open();
    EXPECT_EQ(recorded->notes().size(), 2U);
    ASSERT_EQ(recorded->marks(start, start + 1).size(), 1U + mesh.marks(start, start + 1).size());
    auto saved =
        save_span(disk, *recorded, "part.weft", start - 10 * second, start + 20 * second, recorded->notes(), {});
    ASSERT_TRUE(saved) << saved.error().message();
  }
  const auto part = open("part.weft");
  EXPECT_EQ(part->notes().size(), 1U);
  EXPECT_GE(part->oldest(), start - 10 * second);
  EXPECT_LE(part->latest()->at, start + 20 * second + 1);
  EXPECT_EQ(part->latest()->nodes.size(), mesh.latest()->nodes.size());
}

TEST_F(recorded_mesh, cut_off_in_the_middle_shows_what_is_there_and_says_so) {
  save(start - minute, start + minute);
  const auto whole = *disk.content("r.weft");
  disk.restore("cut.weft", byte_view(whole).first(whole.size() / 2));
  const auto recorded = open("cut.weft");
  ASSERT_NE(recorded, nullptr);
  EXPECT_THAT(recorded->state().problem, HasSubstr("what comes before is shown"));
  EXPECT_FALSE(recorded->latest()->nodes.empty());
  EXPECT_LT(recorded->latest()->at, start + minute - second);
}

TEST_F(recorded_mesh, cut_off_at_every_kibibyte_never_ends_it) {
  save(start, start + 4 * second);
  const auto whole = *disk.content("r.weft");
  for (std::size_t length = 1024; length < whole.size(); length += 1024) {
    disk.restore("cut.weft", byte_view(whole).first(length));
    const auto recorded = open("cut.weft");
    ASSERT_NE(recorded, nullptr) << length;
    EXPECT_NE(recorded->state().problem, "") << length;
  }
}

TEST_F(recorded_mesh, values_that_are_no_frames_are_counted) {
  {
    auto to = recording::recording_writer::create(disk, "odd.weft", "demo");
    ASSERT_TRUE(to);
    std::uint64_t number = 0;
    ASSERT_TRUE(mesh.frames(start, start + 2 * second,
                            [&](const heard_frame& frame) {
                              auto event = event_of(frame, ++number);
                              if (number % 3 == 0) event.value.assign(40, std::byte{0x5a});
                              ASSERT_TRUE(to->add(event));
                            },
                            {}));
    ASSERT_TRUE(to->finish());
  }
  const auto recorded = open("odd.weft");
  EXPECT_GT(recorded->latest()->frames_refused, 5U);
  EXPECT_FALSE(recorded->latest()->nodes.empty());
}

TEST_F(recorded_mesh, an_empty_one_opens_and_has_nothing) {
  auto to = recording::recording_writer::create(disk, "none.weft", "demo");
  ASSERT_TRUE(to);
  ASSERT_TRUE(to->finish());
  const auto recorded = open("none.weft");
  EXPECT_TRUE(recorded->latest()->nodes.empty());
  EXPECT_EQ(recorded->seek(start), nullptr);
}

TEST_F(recorded_mesh, goes_on_while_it_is_recorded_and_begins_in_the_past) {
  auto run = recording_run::begin(disk, "live.weft", "demo", start - 30 * second);
  ASSERT_TRUE(run);
  ASSERT_TRUE(run->go_on(mesh, mesh.latest()->at, {}));
  const auto before = run->state();
  EXPECT_GT(before.frames, 0U);
  mesh.advance_to(start + 70 * second);
  ASSERT_TRUE(run->go_on(mesh, mesh.latest()->at, {}));
  EXPECT_GT(run->state().frames, before.frames);
  // Its program is killed here: nothing is finished.
  const auto recorded = open("live.weft");
  EXPECT_THAT(recorded->state().problem, HasSubstr("not finished"));
  EXPECT_GE(recorded->latest()->at, start + 69 * second);
  EXPECT_GE(recorded->oldest(), start - 30 * second);
}

TEST_F(recorded_mesh, a_recorder_that_can_not_write_says_why) {
  disk.set_faults({.capacity = recording::limits::free_space_left + 4096});
  const auto full = save_span(disk, mesh, "full.weft", start - 5 * minute, start + minute, {}, {});
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code(), errc::disk_full);
  disk.set_faults({});
  recorder writes;
  writes.start(disk, mesh, "r.weft", start);
  writes.stop();
  writes.wait();
  EXPECT_EQ(writes.state().problem, "");
  EXPECT_GT(writes.state().frames, 0U);
  EXPECT_TRUE(writes.start(disk, mesh, "r.weft", start)); // it is there
  writes.wait();
  EXPECT_THAT(writes.state().problem, HasSubstr("another name"));
  EXPECT_FALSE(writes.state().running);
}

TEST_F(recorded_mesh, notes_that_are_written_at_once_are_all_there) {
  save(start - minute, start + minute);
  {
    const auto recorded = open();
    const auto write = [&](time_us from) {
      for (int i = 0; i < 20; ++i)
        EXPECT_TRUE(recorded->add({{from + i}, "noted"}));
    };
    const std::jthread one(write, start), other(write, start + second);
  }
  const auto again = open();
  EXPECT_EQ(again->state().problem, "");
  EXPECT_EQ(again->notes().size(), 40U);
}

TEST_F(recorded_mesh, a_span_that_is_stopped_or_fails_leaves_no_file) {
  std::stop_source stop;
  stop.request_stop();
  const auto stopped = save_span(disk, mesh, "part.weft", start, start + minute, {}, stop.get_token());
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code(), errc::cancelled);
  EXPECT_THAT(stopped.error().message(), HasSubstr("part.weft was not saved"));
  disk.set_faults({.capacity = recording::limits::free_space_left + 4096});
  const auto full = save_span(disk, mesh, "full.weft", start - 5 * minute, start + minute, {}, {});
  EXPECT_THAT(full.error().message(), HasSubstr("full.weft was not saved"));
  EXPECT_EQ(disk.list(".")->size(), 0U);
}

TEST_F(recorded_mesh, a_span_does_not_replace_what_is_there) {
  save(start, start + second);
  const auto before = *disk.content("r.weft");
  const auto again = save_span(disk, mesh, "r.weft", start - minute, start, {}, {});
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message(), HasSubstr("another name"));
  EXPECT_EQ(*disk.content("r.weft"), before);
  EXPECT_EQ(disk.list(".")->size(), 1U);
}

/// The logs of two nodes, one after the other.
class two_logs : public frame_archive {
public:
  result<frames_read> read(time_us from, time_us until, archive_part /*what*/, const frame_sink& take,
                           const std::stop_token& /*stop*/) override {
    for (const auto* node : {"a", "b"})
      for (time_us at = start; at < start + 10 * minute; at += 5 * second) {
        const auto made = frame_maker(node, static_cast<std::uint64_t>(at - start) + 1, at, true);
        if (at >= from && at < until)
          take({at, node, true, std::make_shared<const std::vector<std::byte>>(telemetry::encode(made.frame)), {}});
      }
    return frames_read{};
  }
  std::optional<time_us> oldest() const override { return start; }
};

TEST_F(recorded_mesh, of_a_past_that_logs_give_one_after_the_other_has_all_nodes_at_each_moment) {
  kept_mesh past;
  past.set_archive(std::make_shared<two_logs>());
  ASSERT_TRUE(save_span(disk, past, "r.weft", start, start + 10 * minute, {}, {}));
  const auto recorded = open();
  std::size_t frames = 0;
  time_us last = 0;
  ASSERT_TRUE(recorded->frames(0, limits::time_max,
                               [&](const heard_frame& frame) {
                                 EXPECT_EQ(frame.heard_at, start + static_cast<time_us>(frames++ / 2) * 5 * second);
                                 last = frame.heard_at;
                               },
                               {}));
  EXPECT_EQ(frames, 240U);
  for (time_us at = start + minute; at < last; at += minute) {
    const auto then = recorded->seek(at);
    ASSERT_NE(then, nullptr);
    ASSERT_EQ(then->nodes.size(), 2U);
    EXPECT_EQ(then->nodes[0].shown, then->nodes[1].shown);
  }
}

/// What it is asked for of the past it gives when it is let go on, or never.
class slow_mesh : public kept_mesh {
public:
  result<frames_read> frames(time_us, time_us, const frame_sink&, const std::stop_token& stop) override {
    std::unique_lock lock(mutex_);
    asked_ = true;
    changed_.notify_all();
    changed_.wait(lock, stop, [this] { return goes_on_; });
    return frames_read{{"far"}};
  }
  void wait_until_asked() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return asked_; });
  }
  void go_on() {
    const std::lock_guard lock(mutex_);
    goes_on_ = true;
    changed_.notify_all();
  }

private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool asked_ = false, goes_on_ = false;
};

struct slow_recording : ::testing::Test {
  void SetUp() override { mesh.close(start); }
  virtual_disk disk;
  slow_mesh mesh;
};

TEST_F(slow_recording, is_stopped_without_waiting_for_the_mesh_and_says_what_is_missing) {
  recorder writes;
  ASSERT_TRUE(writes.start(disk, mesh, "r.weft", start - minute));
  mesh.wait_until_asked();
  writes.stop(); // returns, though the mesh has not answered
  EXPECT_TRUE(writes.state().running);
  EXPECT_TRUE(writes.state().ending);
  EXPECT_FALSE(writes.start(disk, mesh, "other.weft", start)) << "one at a time";
  mesh.go_on();
  writes.wait();
  EXPECT_FALSE(writes.state().running);
  EXPECT_FALSE(writes.state().ending);
  EXPECT_EQ(writes.state().problem, "");
  EXPECT_EQ(writes.state().missing, std::vector<std::string>{"far"});
}

/// Does not answer.
class silent_mesh : public kept_mesh {
public:
  result<frames_read> frames(time_us, time_us, const frame_sink&, const std::stop_token&) override {
    return fail(errc::timed_out, "the mesh did not answer");
  }
};

TEST_F(recorded_mesh, that_can_not_go_on_is_finished_and_takes_no_more_notes) {
  silent_mesh silent;
  silent.close(start);
  recorder writes;
  ASSERT_TRUE(writes.start(disk, silent, "r.weft", start - minute));
  writes.wait();
  EXPECT_THAT(writes.state().problem, HasSubstr("did not answer"));
  const auto late = writes.add({{start}, "late"});
  ASSERT_FALSE(late);
  EXPECT_THAT(late.error().message(), HasSubstr("has ended"));
  EXPECT_TRUE(writes.notes().empty());
  EXPECT_EQ(open()->state().problem, "");
}

TEST_F(slow_recording, takes_no_note_that_a_recording_can_not_have) {
  {
    recorder writes;
    ASSERT_TRUE(writes.start(disk, mesh, "r.weft", start - minute));
    mesh.wait_until_asked();
    EXPECT_FALSE(writes.add({{start}, std::string(recording::limits::note_bytes_max + 1, 'x')}));
    for (std::size_t i = 0; i < recording::limits::notes_max; ++i)
      ASSERT_TRUE(writes.add({{start}, "again and again"}));
    EXPECT_FALSE(writes.add({{start + 1}, "one too many"}));
    EXPECT_EQ(writes.notes().size(), 1U);
    mesh.go_on();
    writes.stop();
    writes.wait();
    EXPECT_EQ(writes.state().problem, "");
  }
  const auto opened = recorded_source::open(disk, "r.weft");
  ASSERT_TRUE(opened) << opened.error().message();
  EXPECT_EQ((*opened)->notes().size(), 1U);
  (*opened)->wait();
}

TEST_F(slow_recording, that_goes_away_does_not_wait_for_a_mesh_that_never_answers) {
  {
    recorder writes;
    ASSERT_TRUE(writes.start(disk, mesh, "r.weft", start - minute));
    mesh.wait_until_asked();
    EXPECT_TRUE(writes.add({{start}, "kept"}));
  }
  const auto opened = recorded_source::open(disk, "r.weft");
  ASSERT_TRUE(opened) << opened.error().message();
  (*opened)->wait();
  EXPECT_EQ((*opened)->state().problem, "") << "what is there was finished";
  EXPECT_EQ((*opened)->notes().size(), 1U);
}

/// A day of six nodes that speak each half minute, as made up: what memory does not hold is read from the file.
TEST(recorded_day, any_moment_of_it_is_found_in_time) {
  virtual_disk disk;
  auto to = recording::recording_writer::create(disk, "day.weft", "demo");
  ASSERT_TRUE(to);
  demo_settings settings;
  settings.nodes = 6;
  settings.start = start;
  demo_mesh made(settings);
  std::map<std::string, std::uint64_t> numbers;
  made.begin_earlier(24 * hour);
  for (time_us at = start - 24 * hour; at <= start; at += 30 * second)
    made.advance_to(at, 30 * second, [&](const telemetry::FrameT& frame, time_us heard_at) {
      const heard_frame one{heard_at, frame.node, frame.whole,
                            std::make_shared<const std::vector<std::byte>>(telemetry::encode(frame)), nullptr};
      ASSERT_TRUE(to->add(event_of(one, ++numbers[frame.node])));
    });
  ASSERT_TRUE(to->finish());
  auto opened = recorded_source::open(disk, "day.weft");
  ASSERT_TRUE(opened);
  auto& day = **opened;
  using clock = std::chrono::steady_clock;
  const auto began = clock::now();
  day.wait();
  const auto opened_in = std::chrono::duration<double>(clock::now() - began).count();
  std::vector<double> took;
  for (int i = 1; i < 48; ++i) {
    const auto at = start - 24 * hour + i * hour / 2 + 7 * second;
    const auto from = clock::now();
    const auto found = day.seek(at);
    took.push_back(std::chrono::duration<double, std::milli>(clock::now() - from).count());
    ASSERT_NE(found, nullptr) << i;
    EXPECT_EQ(found->at, at);
    EXPECT_EQ(found->nodes.size(), 6U);
  }
  std::ranges::sort(took);
  std::cout << "a day of 6 nodes: " << (to->bytes() >> 20U) << " MiB, seeks " << took.front() << " to " << took.back()
            << " ms, median " << took[took.size() / 2] << " ms, opened in " << opened_in << " s\n";
  EXPECT_LT(took[took.size() / 2], 200);
  EXPECT_FALSE(day.series().points({figure::published_per_s, {}}, start - 24 * hour, start, 1440).empty());
}

TEST(local_nodes, are_found_among_all_sockets) {
  constexpr std::string_view table =
      "Num       RefCount Protocol Flags    Type St Inode Path\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 4711 /data/a/run/node.sock\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 4712 data/b/run/node.sock\n"
      "0000000000000000: 00000003 00000000 00000000 0001 03 4713 /data/c/run/node.sock\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 4714 /with space/run/node.sock\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 4715 @/tmp/.X11-unix/X0\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 4716\n"
      "nonsense\n";
  EXPECT_THAT(node_sockets_in(table), ::testing::ElementsAre(listening_socket{"4711", "/data/a/run/node.sock"},
                                                             listening_socket{"4712", "data/b/run/node.sock"},
                                                             listening_socket{"4714", "/with space/run/node.sock"}));
  EXPECT_TRUE(node_sockets_in("").empty());
}

} // namespace
} // namespace weft::monitor

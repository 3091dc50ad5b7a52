// What the page of recordings asks for is done, on a disk in memory.
#include "gui/app/recording_desk.hpp"

#include "gui/core/demo_source.hpp"
#include "gui/pages/recordings_page.hpp"
#include "mesh/base/virtual_disk.hpp"

#include <QApplication>
#include <gmock/gmock.h>

#include <thread>

namespace weft::monitor {
namespace {

using limits::minute;
using limits::second;

constexpr time_us start = 1'800'000'000 * second;

/// Says nothing of what it keeps.
class silent_mesh : public kept_mesh {
public:
  result<frames_read> frames(time_us, time_us, const frame_sink&, const std::stop_token&) override {
    return fail(errc::timed_out, "the mesh did not answer");
  }
};

class recording_desk : public testing::Test {
protected:
  void SetUp() override {
    mesh.make_past(5 * minute);
    mesh.advance_to(start);
    silent.close(start);
    begin();
  }
  void begin() { desk = std::make_unique<RecordingDesk>(hub, errands, page, disk); }
  std::shared_ptr<recorded_source> open(const std::string& path) {
    auto opened = recorded_source::open(disk, path);
    EXPECT_TRUE(opened) << opened.error().message();
    if (!opened) return nullptr;
    (*opened)->wait();
    return *std::move(opened);
  }
  void waitUntilRecorded() {
    while (desk->state().running)
      std::this_thread::yield();
  }
  void settle() {
    errands.waitForDone();
    QApplication::processEvents();
  }

  virtual_disk disk;
  demo_source mesh;
  silent_mesh silent;
  MeshHub hub{mesh};
  Errands errands{std::make_shared<no_access>()};
  RecordingsPage page;
  std::unique_ptr<RecordingDesk> desk;
};

TEST_F(recording_desk, writes_all_notes_though_the_window_is_closed) {
  ASSERT_TRUE(save_span(disk, mesh, "r.weft", start - minute, start, {}, {}));
  {
    const auto recorded = open("r.weft");
    hub.setSource(*recorded, recorded);
    desk->setRecorded(recorded.get());
    for (int i = 0; i < 20; ++i)
      Q_EMIT page.wantsNote(start - i, QStringLiteral("quick"));
    desk.reset();
    hub.setSource(mesh, nullptr);
  }
  const auto again = open("r.weft");
  EXPECT_EQ(again->state().problem, "");
  EXPECT_EQ(again->notes().size(), 20U);
}

TEST_F(recording_desk, saves_one_span_at_a_time_and_says_so) {
  Q_EMIT page.wantsSpan(QStringLiteral("one.weft"), start - minute, start);
  Q_EMIT page.wantsSpan(QStringLiteral("two.weft"), start - minute, start);
  EXPECT_TRUE(page.toldOfSpan().contains(QStringLiteral("one.weft is still being saved")));
  settle();
  EXPECT_TRUE(page.toldOfSpan().startsWith(QStringLiteral("Saved"))) << page.toldOfSpan().toStdString();
  EXPECT_TRUE(disk.exists("one.weft"));
  EXPECT_FALSE(disk.exists("two.weft"));
  Q_EMIT page.wantsSpan(QStringLiteral("two.weft"), start - minute, start);
  settle();
  EXPECT_TRUE(disk.exists("two.weft"));
}

TEST_F(recording_desk, a_note_that_is_too_long_is_refused_and_the_recording_goes_on) {
  Q_EMIT page.wantsRecording(QStringLiteral("r.weft"), start - minute);
  Q_EMIT page.wantsNote(start - second, QString(5000, QLatin1Char('x')));
  EXPECT_TRUE(page.toldOfNote().contains(QStringLiteral("at most 4096")));
  EXPECT_TRUE(desk->state().running);
  Q_EMIT page.wantsNote(start - second, QStringLiteral("short"));
  EXPECT_EQ(page.toldOfNote(), QString());
  desk->stop();
  waitUntilRecorded();
  EXPECT_EQ(desk->state().problem, "");
  const auto recorded = open("r.weft");
  EXPECT_EQ(recorded->state().problem, "");
  EXPECT_EQ(recorded->notes().size(), 1U);
}

TEST_F(recording_desk, a_note_for_a_recording_that_ended_by_itself_is_told_as_not_written) {
  hub.setSource(silent, nullptr);
  Q_EMIT page.wantsRecording(QStringLiteral("r.weft"), start - minute);
  waitUntilRecorded();
  Q_EMIT page.wantsNote(start, QStringLiteral("late"));
  EXPECT_TRUE(page.toldOfNote().contains(QStringLiteral("has ended"))) << page.toldOfNote().toStdString();
  EXPECT_TRUE(page.toldOfRecording().contains(QStringLiteral("did not answer")));
  EXPECT_EQ(open("r.weft")->state().problem, "") << "what is there was finished";
}

} // namespace
} // namespace weft::monitor

#include "gui/models/event_reading.hpp"

#include "gui/core/limits.hpp"

#include <QCoreApplication>
#include <QSignalSpy>
#include <gmock/gmock.h>

#include <condition_variable>

namespace weft::monitor {
namespace {

/// Gives rows as a test wants them, each in a call of its own.
class ScriptedMesh : public mesh_access {
public:
  result<std::string> ask(std::string_view, std::string_view) override { return fail(errc::unsupported, "none"); }
  result<event_lineage> lineage(std::string_view, time_us, std::size_t, const std::stop_token&) override {
    return fail(errc::unsupported, "none");
  }
  result<void> read(const event_query& what, const event_sink& take, const std::stop_token& stop) override {
    for (std::size_t i = 0; i < count && !stop.stop_requested(); ++i) {
      event_row row;
      row.position = "a/1-b/" + std::to_string(i);
      std::vector<event_row> rows{std::move(row)};
      take(std::move(rows), {1, 0, i + 1, i + 1, {}});
    }
    if (!problem.empty()) return fail(errc::not_connected, problem);
    if (!what.tail) return {};
    std::unique_lock lock(mutex);
    wake.wait(lock, stop, [] { return false; });
    return {};
  }

  std::size_t count = 0;
  std::string problem;
  std::mutex mutex;
  std::condition_variable_any wake;
};

struct event_reading : testing::Test {
  event_reading() {
    QObject::connect(&reading, &EventReading::came, [this](const auto& rows) {
      for (const auto& row : rows)
        came.push_back(*row);
    });
  }
  void waitFor(EventReading::State state) {
    QSignalSpy changed(&reading, &EventReading::changed);
    while (reading.state() != state)
      ASSERT_TRUE(changed.wait(20'000));
  }

  std::shared_ptr<ScriptedMesh> mesh = std::make_shared<ScriptedMesh>();
  Errands errands{mesh};
  EventReading reading{errands};
  std::vector<event_row> came;
};

TEST_F(event_reading, gives_all_in_order_and_says_that_it_is_over) {
  mesh->count = 300;
  reading.start({});
  waitFor(EventReading::State::over);
  ASSERT_EQ(came.size(), 300U);
  EXPECT_EQ(came[299].position, "a/1-b/299");
  EXPECT_EQ(reading.progress().events, 300U);
}

TEST_F(event_reading, waits_after_a_portion_and_goes_on_when_more_is_wanted) {
  mesh->count = limits::events_page + 10;
  reading.start({});
  waitFor(EventReading::State::waiting);
  EXPECT_EQ(came.size(), limits::events_page);
  reading.more();
  waitFor(EventReading::State::over);
  EXPECT_EQ(came.size(), mesh->count);
}

TEST_F(event_reading, that_is_stopped_while_it_waits_keeps_what_came) {
  mesh->count = limits::events_page * 3;
  reading.start({});
  waitFor(EventReading::State::waiting);
  reading.stop();
  EXPECT_EQ(reading.state(), EventReading::State::stopped);
  EXPECT_EQ(came.size(), limits::events_page);
  errands.waitForDone(); // its thread is free again
}

TEST_F(event_reading, of_a_tail_leaves_out_a_burst_and_says_so) {
  mesh->count = limits::tail_waiting_max * 5;
  event_query tail;
  tail.tail = true;
  reading.start(tail);
  QSignalSpy arrived(&reading, &EventReading::came);
  while (came.empty() || came.back().position != "a/1-b/" + std::to_string(mesh->count - 1))
    ASSERT_TRUE(arrived.wait(20'000));
  const auto gaps = std::ranges::count_if(came, &event_row::is_gap);
  EXPECT_EQ(came.size() < mesh->count, gaps > 0); // as fast as this machine is, none is left out unsaid
  EXPECT_EQ(reading.state(), EventReading::State::reading);
  reading.stop();
}

TEST_F(event_reading, that_fails_says_why) {
  mesh->count = 3;
  mesh->problem = "the node at data/a does not answer";
  reading.start({});
  waitFor(EventReading::State::failed);
  EXPECT_EQ(reading.problem(), QStringLiteral("the node at data/a does not answer"));
  EXPECT_EQ(came.size(), 3U);
}

TEST_F(event_reading, that_is_begun_anew_gives_nothing_of_the_one_before) {
  mesh->count = limits::events_page * 2;
  reading.start({});
  waitFor(EventReading::State::waiting);
  came.clear();
  mesh->count = 5;
  reading.start({});
  waitFor(EventReading::State::over);
  EXPECT_EQ(came.size(), 5U);
}

} // namespace
} // namespace weft::monitor

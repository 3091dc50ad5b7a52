// Changes of a real mesh, planned and sent as the window does it, and seen to have happened.
#include "gui/core/replay_question.hpp"
#include "gui/feed/live_access.hpp"
#include "gui/feed/live_source.hpp"
#include "gui/models/letters.hpp"
#include "gui/models/mesh_changes.hpp"
#include "gui/models/operation_run.hpp"
#include "gui/models/replay_plan.hpp"
#include "gui/models/seek_plan.hpp"
#include "tests/mesh/base/disk_testing.hpp"
#include "weft/node.hpp"

#include <QCoreApplication>
#include <QJsonArray>
#include <QTemporaryDir>

#include <algorithm>
#include <gtest/gtest.h>
#include <thread>

namespace weft::monitor {
namespace {

using namespace std::chrono_literals;

/// Looks again and again, and lets the window's thread go on. That it never comes is the test's own time limit.
template <class Condition>
void wait_until(Condition holds) {
  while (!holds()) {
    QCoreApplication::processEvents();
    std::this_thread::sleep_for(1ms);
  }
}

time_us wall_now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

struct operated_node : testing::Test {
  void SetUp() override {
    auto opened = node::open({.name = "a", .data_dir = directory.path() + "/a"});
    ASSERT_TRUE(opened) << opened.error().message();
    at.emplace(std::move(*opened));
    operating.unlock();
  }
  void publish(int count) {
    const topic<std::string> orders{"orders"};
    for (int i = 0; i < count; ++i)
      ASSERT_TRUE(at->publish_and_wait(orders, "x"));
  }
  void create_group() {
    ASSERT_TRUE(at->query("groups.create", R"({"name":"packers","pattern":"orders","from":{"kind":"beginning"}})"));
  }
  static std::optional<lag_view> lag_in(const snapshot& shown) {
    const auto found = std::ranges::find(shown.lag, "packers", &lag_view::group);
    return found == shown.lag.end() ? std::nullopt : std::optional(*found);
  }
  QString carry_out(const Operation& plan) {
    run.setPlan(plan);
    if (auto why = run.begin(plan.of); !why.isEmpty()) return why;
    wait_until([&] { return run.state() == OperationRun::State::over; });
    return run.rows().count(Outcome::done) == run.rows().rowCount() ? QString() : run.rows().rows().first().said;
  }
  Operation plan(const mesh_source& mesh, SeekWish wish) {
    wish.group = "packers";
    return planSeek(gatherFacts(*access, *mesh.latest(), wish, {}), wish);
  }

  temporary_directory directory;
  std::optional<weft::node> at;
  QTemporaryDir folder;
  std::shared_ptr<live_access> access = std::make_shared<live_access>(directory.path() + "/a");
  Errands errands{access};
  Operating operating{folder.filePath(QStringLiteral("audit.jsonl"))};
  OperationRun run{errands, operating};
};

TEST_F(operated_node, moves_a_stalled_group_and_its_lag_follows) {
  publish(20);
  create_group();
  live_source mesh(directory.path() + "/a");
  wait_until([&] { return lag_in(*mesh.latest()) && lag_in(*mesh.latest())->events == 20; });
  auto made = plan(mesh, {.to = SeekWish::To::end});
  ASSERT_EQ(made.refused, QString());
  ASSERT_EQ(made.rows.size(), 1);
  EXPECT_EQ(made.rows[0].cells[6], QStringLiteral("20 are left out"));
  EXPECT_EQ(carry_out(made), QString());
  wait_until([&] { return lag_in(*mesh.latest())->events == 0; });
  made = plan(mesh, {.log = "a", .to = SeekWish::To::beginning});
  EXPECT_EQ(made.rows[0].cells[6], QStringLiteral("20 come again"));
  EXPECT_EQ(carry_out(made), QString());
  wait_until([&] { return lag_in(*mesh.latest())->events == 20; });
}

TEST_F(operated_node, moves_a_group_to_a_time_as_it_was_planned) {
  publish(5);
  create_group();
  const auto between = wall_now() + 2000; // logs tell milliseconds apart
  wait_until([&] { return wall_now() > between + 2000; });
  publish(7);
  live_source mesh(directory.path() + "/a");
  wait_until([&] { return lag_in(*mesh.latest()) && lag_in(*mesh.latest())->events == 12; });
  const auto made = plan(mesh, {.to = SeekWish::To::time, .at = between});
  EXPECT_EQ(made.rows[0].cells[6], QStringLiteral("5 are left out"));
  EXPECT_EQ(carry_out(made), QString());
  wait_until([&] { return lag_in(*mesh.latest())->events == 7; });
}

TEST_F(operated_node, refuses_what_the_plan_said_it_would) {
  publish(3);
  subscription_options options;
  options.group.name = "packers";
  auto member = at->subscribe("orders", options);
  ASSERT_TRUE(member);
  ASSERT_TRUE(*member->poll(10s));
  live_source mesh(directory.path() + "/a");
  wait_until([&] { return lag_in(*mesh.latest()).has_value(); });
  auto made = plan(mesh, {.to = SeekWish::To::end});
  EXPECT_TRUE(made.refused.contains(QStringLiteral("1 member is at work"))) << made.refused.toStdString();
  made.refused.clear(); // as if it had come after the plan
  EXPECT_TRUE(carry_out(made).contains(QStringLiteral("has 1 member")));
}

TEST_F(operated_node, makes_a_cut_and_moves_a_group_to_it) {
  publish(4);
  create_group();
  EXPECT_EQ(carry_out(createCut(QStringLiteral("noon"), QStringLiteral(">"), QStringLiteral("1d"))), QString());
  publish(6);
  live_source mesh(directory.path() + "/a");
  wait_until([&] { return lag_in(*mesh.latest()) && lag_in(*mesh.latest())->events == 10; });
  const auto made = plan(mesh, {.to = SeekWish::To::cut, .cut = "noon"});
  EXPECT_EQ(made.rows[0].cells[6], QStringLiteral("4 are left out"));
  EXPECT_EQ(carry_out(made), QString());
  wait_until([&] { return lag_in(*mesh.latest())->events == 6; });
  EXPECT_EQ(carry_out(deleteCut(QStringLiteral("noon"), QStringLiteral("made"))), QString());
  EXPECT_TRUE(readCuts(*access).isEmpty());
}

TEST_F(operated_node, unparks_a_key_in_the_log_that_is_chosen) {
  const topic<std::string> orders{"orders"};
  ASSERT_TRUE(at->publish_and_wait(orders, "x", {.key = "A1"}));
  subscription_options options;
  options.group.name = "packers";
  options.group.on_failing = failing_event::park;
  options.commit = commit_mode::manual;
  auto member = at->subscribe("orders", options);
  ASSERT_TRUE(member);
  std::optional<event> got;
  const auto poll = [&] {
    auto next = member->poll(10ms);
    if (next && *next) got = **next;
    return got.has_value();
  };
  wait_until(poll);
  member->rejected(*got, "no such item");
  LetterList parked;
  wait_until([&] {
    static_cast<void>(member->poll(1ms));
    parked = readParked(*access, "packers");
    return parked.rows.size() == 1;
  });
  auto elsewhere = parked.rows;
  elsewhere[0].log = "z";
  EXPECT_NE(carry_out(unparkKeys("packers", elsewhere)), QString()); // and nothing is asked of this log
  EXPECT_EQ(readParked(*access, "packers").rows.size(), 1U);
  EXPECT_EQ(carry_out(unparkKeys("packers", parked.rows)), QString());
  got.reset();
  wait_until(poll);
  EXPECT_EQ(got->text(), "x"); // it comes once more
}

TEST_F(operated_node, replays_a_dead_letter) {
  publish(1);
  subscription_options options;
  options.group.name = "packers";
  options.group.on_failing = failing_event::dead_letter;
  options.commit = commit_mode::manual;
  auto member = at->subscribe("orders", options);
  ASSERT_TRUE(member);
  std::optional<event> got;
  wait_until([&] {
    auto next = member->poll(10ms);
    if (next && *next) got = **next;
    return got.has_value();
  });
  member->rejected(*got, "no such item");
  LetterList letters;
  wait_until([&] {
    static_cast<void>(member->poll(1ms));
    letters = readLetters(*access, "packers");
    return letters.rows.size() == 1;
  });
  EXPECT_NE(letters.rows[0].cause.find("no such item"), std::string::npos);
  const auto letter = readLetter(*access, "packers", letters.rows[0].place, {});
  ASSERT_TRUE(letter) << letter.error().message();
  EXPECT_EQ(letter->value, "x");
  EXPECT_EQ(carry_out(settleLetters("packers", letters.rows, LetterFate::replay, 10)), QString());
  EXPECT_TRUE(readLetters(*access, "packers").rows.empty());
  got.reset();
  wait_until([&] {
    auto next = member->poll(10ms);
    if (next && *next) got = **next;
    return got.has_value();
  });
  EXPECT_EQ(got->text(), "x"); // it comes once more
}

struct replaying_node : operated_node {
  /// Ten events of two keys, with all that an event has.
  void SetUp() override {
    operated_node::SetUp();
    auto orders = at->publisher("orders");
    ASSERT_TRUE(orders);
    for (int i = 0; i < 10; ++i) {
      const auto value = "value " + std::to_string(i);
      const auto done = orders->publish_and_wait({.type = "placed",
                                                  .key = as_bytes(std::string_view(i % 2 == 0 ? "A" : "B")),
                                                  .value = as_bytes(value),
                                                  .time = wall_time{1'700'000'000'000'000 + i},
                                                  .headers = {{"region", "eu"}, {replay_of_header, "z/1-1/1"}}});
      ASSERT_TRUE(done) << done.error().message();
    }
  }
  std::vector<event_row> events(const std::string& topic) {
    std::vector<event_row> all;
    event_query query{.pattern = topic};
    const auto take = [&](std::vector<event_row> came, const read_progress&) {
      all.insert(all.end(), came.begin(), came.end());
    };
    EXPECT_TRUE(access->read(query, take, {}));
    return all;
  }
  Operation planned(const QString& filter, const QString& from = {}, const std::string& target = {}) {
    QString problem;
    auto wish = wishOf({filter, from, {}}, problem);
    EXPECT_EQ(problem.toStdString(), "");
    wish.per_s = 8, wish.name = "again", wish.target = target; // two in a question
    return planReplay(gatherReplay(*access, snapshot(), wish, {}), wish);
  }
};

TEST_F(replaying_node, publishes_a_range_once_more_with_all_that_its_events_have) {
  const auto before = events("orders");
  ASSERT_EQ(before.size(), 10U);
  const auto made = planned(QStringLiteral("topic = orders key = A"), QString::fromStdString(before[2].position));
  ASSERT_EQ(made.refused.toStdString(), "");
  ASSERT_EQ(made.rows.size(), 4);
  EXPECT_EQ(carry_out(made).toStdString(), "");
  const auto after = events("orders");
  ASSERT_EQ(after.size(), 14U);
  for (std::size_t i = 0; i < 4; ++i) {
    const auto& from = before[2 + 2 * i];
    const auto& again = after[10 + i];
    EXPECT_EQ(again.value, from.value);
    EXPECT_EQ(again.key, "A");
    EXPECT_EQ(again.type, "placed");
    EXPECT_EQ(again.time, from.time);
    EXPECT_EQ(again.headers,
              (decltype(again.headers){{"region", "eu"}, {"weft-replay-of", from.position}, {"replay", "again"}}));
    EXPECT_EQ(run.rows().rows()[static_cast<qsizetype>(i)].said.toStdString(), again.position);
  }
}

TEST_F(replaying_node, publishes_to_another_topic_only_when_it_is_there) {
  auto made = planned(QStringLiteral("topic = orders"), {}, "orders.again");
  EXPECT_NE(made.refused.toStdString().find("Events can't be published to orders.again"), std::string::npos)
      << made.refused.toStdString();
  ASSERT_TRUE(access->ask("topics.create", R"({"name":"orders.again","settings":{}})"));
  made = planned(QStringLiteral("topic = orders"), {}, "orders.again");
  EXPECT_EQ(made.refused.toStdString(), "");
  EXPECT_EQ(carry_out(made).toStdString(), "");
  EXPECT_EQ(events("orders.again").size(), 10U);
  EXPECT_EQ(events("orders").size(), 10U);
}

TEST_F(replaying_node, says_which_of_the_events_are_not_there) {
  const auto last = parse_position(events("orders").back().position);
  const auto beyond = to_string(named_position{last->node, {last->at.epoch, last->at.seq + 1}});
  const auto answer = access->ask(replay_question, R"({"pattern":"orders","positions":[")" + to_string(*last) +
                                                       R"(",")" + beyond + R"("]})");
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_NE(answer->find("it is not in the log any more"), std::string::npos) << *answer;
  EXPECT_EQ(events("orders").size(), 11U);
  for (const char* bad : {"{}", R"({"positions":[]})", R"({"positions":["x"]})", R"({"positions":[7]})", "[", ""})
    EXPECT_FALSE(access->ask(replay_question, bad)) << bad;
  EXPECT_FALSE(access->ask(replay_question, R"({"pattern":"orders","positions":["nobody/1-1/1"]})"));
  EXPECT_EQ(events("orders").size(), 11U);
}

} // namespace
} // namespace weft::monitor

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const QCoreApplication app(argc, argv);
  return RUN_ALL_TESTS();
}

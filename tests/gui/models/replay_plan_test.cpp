// A range of events that is published once more: what is planned, and how it is carried out against a made-up target.
#include "gui/core/demo_access.hpp"
#include "gui/core/demo_source.hpp"
#include "gui/core/replay_question.hpp"
#include "gui/models/limits.hpp"
#include "gui/models/operation_run.hpp"
#include "gui/models/replay_plan.hpp"
#include "gui/models/zone.hpp"
#include "tests/gui/models/fake_access.hpp"
#include "tests/gui/models/fake_mesh.hpp"

#include <QAbstractItemModelTester>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// Takes what is published once more, and refuses what a test says.
class FakeTarget : public FakeAccess {
public:
  result<std::string> ask(std::string_view question, std::string_view arguments) override {
    if (question != replay_question) return FakeAccess::ask(question, arguments);
    QJsonArray rows;
    const auto asked = QJsonDocument::fromJson(QByteArray(arguments.data(), qsizetype(arguments.size()))).object();
    for (const auto& place : asked[QStringLiteral("positions")].toArray()) {
      const auto of = place.toString();
      QJsonObject row{{QStringLiteral("of"), of}, {QStringLiteral("log"), of.section(QLatin1Char('/'), 0, 0)}};
      const bool taken = !refuses.contains(of.toStdString());
      row[QStringLiteral("done")] = taken;
      if (taken) {
        published.push_back(of.toStdString());
        row[QStringLiteral("position")] = QStringLiteral("cart/1-7/%1").arg(published.size());
      } else {
        row[QStringLiteral("code")] = static_cast<int>(errc::denied);
        row[QStringLiteral("why")] = QStringLiteral("it is an observer");
      }
      rows.append(row);
    }
    const auto answer = QJsonDocument(QJsonObject{{QStringLiteral("results"), rows}}).toJson(QJsonDocument::Compact);
    return answer.toStdString();
  }
  std::vector<std::string> published; // read while nothing is under way
  std::set<std::string> refuses;
};

std::string place(const char* log, int seq) { return std::string(log) + "/1-7/" + std::to_string(seq); }

struct replay_plan : testing::Test {
  void SetUp() override {
    operating.setPlace({QStringLiteral("test"), QStringLiteral("node cart"), true, {}, false});
    operating.unlock();
    mesh->answers["topics.describe"] = {R"({"name":"retail.orders","settings":{}})"};
    mesh->answers["nodes"] = {R"({"nodes":[{"name":"cart","self":true}]})"};
  }
  /// Each a millisecond after the one before, by its log's time.
  void add(const char* log, int first, int count, time_us at = fakeStart) {
    for (int i = 0; i < count; ++i) {
      event_row event;
      event.node = log, event.position = place(log, first + i), event.topic = "retail.orders";
      event.logged_at = at + i * 1000, event.key = "A" + std::to_string(i), event.value = "{}";
      mesh->events.push_back(event);
    }
  }
  Operation plan(const ReplayRange& range, const std::string& target = {}, int per_s = 20) {
    QString problem;
    auto wish = wishOf(range, problem);
    EXPECT_EQ(problem.toStdString(), "");
    wish.target = target, wish.per_s = per_s, wish.name = "again";
    run.setRate(per_s);
    return planReplay(gatherReplay(*mesh, fakeSnapshot(1), wish, {}), wish);
  }
  void begin(const Operation& what) {
    run.setPlan(what);
    ASSERT_EQ(run.begin(what.of).toStdString(), "");
    settle(errands);
  }
  /// Goes on by this much, in steps as the window's timer makes them.
  void wait(time_us span) {
    for (const auto until = now + span; now < until;) {
      now += 20'000;
      run.look();
      settle(errands);
    }
  }
  std::vector<std::string> keys() const {
    std::vector<std::string> all;
    for (const auto& row : run.plan().rows)
      all.push_back(row.key.toStdString());
    return all;
  }
  std::string said(const Operation& of) { return of.sentences.join(QLatin1Char('\n')).toStdString(); }

  QTemporaryDir folder;
  time_us now = 0;
  std::shared_ptr<FakeTarget> mesh = std::make_shared<FakeTarget>();
  Errands errands{mesh};
  Operating operating{folder.filePath(QStringLiteral("audit.jsonl")), [this] { return now; }};
  OperationRun run{errands, operating, [this] { return now; }};
  QAbstractItemModelTester tester{&run.rows(), QAbstractItemModelTester::FailureReportingMode::Fatal};
};

TEST_F(replay_plan, says_how_many_from_where_to_where_how_long_and_who_gets_them_again) {
  add("orders", 100, 40);
  auto snapshot = fakeSnapshot(1);
  snapshot.groups[1].pattern = "retail.>";
  QString problem;
  auto wish = wishOf({QStringLiteral("topic = retail.orders"), {}, {}}, problem);
  wish.per_s = 20;
  const auto made = planReplay(gatherReplay(*mesh, snapshot, wish, {}), wish);
  EXPECT_EQ(made.refused.toStdString(), "");
  EXPECT_EQ(made.of, QStringLiteral("retail.orders"));
  EXPECT_THAT(made.rows, SizeIs(40));
  EXPECT_THAT(said(made), HasSubstr("40 events of one log, from orders/1-7/100"));
  EXPECT_THAT(said(made), HasSubstr("to orders/1-7/139"));
  EXPECT_THAT(said(made), HasSubstr("the log of cart"));
  EXPECT_THAT(said(made), HasSubstr("At 20 a second that takes 2.0 s"));
  EXPECT_THAT(said(made), HasSubstr("Who handles them again: payments."));
  EXPECT_THAT(mesh->published, IsEmpty());
}

TEST_F(replay_plan, has_events_of_several_logs_in_the_order_of_their_times) {
  add("orders", 100, 2, fakeStart + 500);
  add("cart", 700, 2);
  EXPECT_THAT(said(plan({QStringLiteral("topic = retail.orders"), {}, {}})), HasSubstr("4 events of 2 logs"));
  begin(plan({QStringLiteral("topic = retail.orders"), {}, {}}));
  EXPECT_THAT(keys(), ElementsAre(place("cart", 700), place("orders", 100), place("cart", 701), place("orders", 101)));
}

TEST_F(replay_plan, ends_with_the_position_that_is_its_last) {
  add("orders", 100, 10);
  begin(plan(
      {QStringLiteral("topic = retail.orders"), QStringLiteral("orders/1-7/103"), QStringLiteral("orders/1-7/105")}));
  EXPECT_THAT(keys(), ElementsAre(place("orders", 103), place("orders", 104), place("orders", 105)));
}

TEST_F(replay_plan, keeps_the_rate_within_five_percent) {
  add("orders", 1000, 1200);
  begin(plan({QStringLiteral("topic = retail.orders"), {}, {}}, {}, 100));
  for (int second = 1; second <= 10; ++second) {
    wait(limits::second);
    EXPECT_NEAR(static_cast<double>(mesh->published.size()), 100 * second + 25, 5 * second); // a step ahead at most
  }
  const auto before = mesh->published.size();
  wait(limits::second);
  EXPECT_NEAR(static_cast<double>(mesh->published.size() - before), 100, 5);
}

TEST_F(replay_plan, stops_mid_way_and_goes_on_with_nothing_twice_and_nothing_lost) {
  add("orders", 100, 60);
  add("cart", 700, 60, fakeStart + 500);
  const auto made = plan({QStringLiteral("topic = retail.orders"), {}, {}});
  begin(made);
  wait(2 * limits::second);
  run.stop();
  settle(errands);
  ASSERT_EQ(run.state(), OperationRun::State::stopped);
  const auto sent = mesh->published.size();
  EXPECT_GT(sent, 30U);
  EXPECT_LT(sent, 60U);
  const auto& next = made.rows[static_cast<qsizetype>(sent)];
  const auto& other = made.rows[static_cast<qsizetype>(sent) + 1];
  ASSERT_NE(next.log, other.log);
  EXPECT_THAT(run.sentence().toStdString(), HasSubstr("stopped before " + next.key.toStdString() + "."));
  EXPECT_THAT(run.sentence().toStdString(), HasSubstr("goes on with " + other.key.toStdString() + "."));
  wait(5 * limits::second);
  EXPECT_EQ(mesh->published.size(), sent);
  EXPECT_EQ(run.goOn().toStdString(), "");
  wait(10 * limits::second);
  EXPECT_EQ(run.state(), OperationRun::State::over);
  EXPECT_EQ(mesh->published, keys());
}

TEST_F(replay_plan, a_plan_from_where_a_stop_was_has_the_rest) {
  add("orders", 100, 20);
  begin(plan({QStringLiteral("topic = retail.orders"), {}, {}}));
  run.stop();
  settle(errands);
  const auto at = run.sentence().section(QStringLiteral("before "), 1).section(QLatin1Char('.'), 0, 0);
  begin(plan({QStringLiteral("topic = retail.orders"), at, {}}));
  wait(5 * limits::second);
  std::vector<std::string> all;
  for (int i = 0; i < 20; ++i)
    all.push_back(place("orders", 100 + i));
  EXPECT_EQ(mesh->published, all);
}

TEST_F(replay_plan, pauses_and_goes_on) {
  add("orders", 100, 20);
  begin(plan({QStringLiteral("topic = retail.orders"), {}, {}}));
  run.pause();
  const auto sent = mesh->published.size();
  wait(limits::second);
  EXPECT_EQ(mesh->published.size(), sent);
  run.goOn();
  wait(2 * limits::second);
  EXPECT_EQ(mesh->published, keys());
}

TEST_F(replay_plan, stops_by_itself_where_one_is_refused_and_says_why) {
  add("orders", 100, 20);
  mesh->refuses = {place("orders", 107)};
  begin(plan({QStringLiteral("topic = retail.orders"), {}, {}}));
  wait(5 * limits::second);
  EXPECT_EQ(run.state(), OperationRun::State::stopped);
  EXPECT_THAT(run.problem().toStdString(), HasSubstr("stopped by itself"));
  const auto& row = run.rows().rows()[7];
  EXPECT_EQ(row.outcome, Outcome::failed);
  EXPECT_EQ(row.said, QStringLiteral("it is an observer"));
  EXPECT_EQ(run.rows().rows()[0].said, QStringLiteral("cart/1-7/1"));
  run.goOn();
  EXPECT_EQ(run.problem(), QString());
  wait(5 * limits::second);
  EXPECT_THAT(mesh->published, SizeIs(19));
}

TEST_F(replay_plan, writes_down_what_is_sent_and_what_was_not) {
  add("orders", 100, 20);
  begin(plan({QStringLiteral("topic = retail.orders"), {}, {}}));
  run.stop();
  settle(errands);
  QFile file(folder.filePath(QStringLiteral("audit.jsonl")));
  ASSERT_TRUE(file.open(QIODevice::ReadOnly));
  const auto lines = file.readAll().split('\n');
  EXPECT_EQ(QJsonDocument::fromJson(lines[0]).object()[QStringLiteral("operation")].toString(),
            QStringLiteral("events.replay"));
  const auto left = QJsonDocument::fromJson(lines[1]).object()[QStringLiteral("goes_on_with")].toArray();
  EXPECT_EQ(left[0].toObject()[QStringLiteral("arguments")].toObject()[QStringLiteral("positions")].toArray()[0],
            QStringLiteral("orders/1-7/105"));
}

TEST_F(replay_plan, refuses_a_topic_that_is_not_there_or_the_meshs_own) {
  add("orders", 100, 3);
  const ReplayRange range{QStringLiteral("topic = retail.orders"), {}, {}};
  EXPECT_THAT(plan(range, "_weft.telemetry").refused.toStdString(), HasSubstr("the mesh's own"));
  EXPECT_THAT(plan(range, "no such").refused.toStdString(), HasSubstr("name"));
  mesh->answers["topics.describe"] = {fail(errc::not_found, "there is no topic retail.ordres")};
  const auto made = plan(range, "retail.ordres");
  EXPECT_THAT(made.refused.toStdString(), HasSubstr("there is no topic retail.ordres"));
  EXPECT_THAT(made.steps, IsEmpty());
}

TEST_F(replay_plan, refuses_more_than_anybody_looks_over) {
  add("orders", 100'000, static_cast<int>(limits::replay_events_max) + 1);
  const auto made = plan({QStringLiteral("topic = retail.orders"), {}, {}});
  EXPECT_THAT(made.refused.toStdString(), HasSubstr("more than 10,000 events"));
  EXPECT_THAT(made.steps, IsEmpty());
}

TEST_F(replay_plan, says_that_a_log_was_not_read_to_its_end) {
  add("orders", 100, 3);
  mesh->logs_read = 0;
  EXPECT_THAT(said(plan({QStringLiteral("topic = retail.orders"), {}, {}})),
              HasSubstr("Not in it: what 1 logs have behind it"));
}

TEST_F(replay_plan, refuses_an_empty_range) {
  EXPECT_THAT(plan({QStringLiteral("topic = retail.orders"), {}, {}}).refused.toStdString(),
              HasSubstr("No event is in this range"));
}

TEST_F(replay_plan, tells_what_is_wrong_with_a_range) {
  const auto problem = [](const char* filter, const char* from, const char* until) {
    QString text;
    static_cast<void>(wishOf({QString::fromUtf8(filter), QString::fromUtf8(from), QString::fromUtf8(until)}, text));
    return text.toStdString();
  };
  EXPECT_THAT(problem("(topic = a", "", ""), HasSubstr("Filter: "));
  EXPECT_THAT(problem("", "yesterday", ""), HasSubstr("“yesterday” is no position"));
  EXPECT_THAT(problem("", "a/1-7/3", "b/1-7/4"), HasSubstr("begins in the log of a and ends in that of b"));
  EXPECT_THAT(problem("", "a/1-7/3", "a/1-7/2"), HasSubstr("ends before it begins"));
  EXPECT_THAT(problem("", "2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"), HasSubstr("ends before it begins"));
  EXPECT_EQ(problem("topic = a", "a/1-7/3", "2026-01-01T00:00:00Z"), "");
}

TEST_F(replay_plan, a_range_is_the_same_after_it_was_packed) {
  const ReplayRange range{QStringLiteral("key = 'a b'"), QStringLiteral("a/1-7/3"), {}};
  const auto same = ReplayRange::unpacked(range.packed());
  EXPECT_EQ(same.filter, range.filter);
  EXPECT_EQ(same.from, range.from);
  EXPECT_EQ(same.until, range.until);
  EXPECT_EQ(ReplayRange::unpacked({}).filter, QString());
}

TEST(replay_in_a_made_up_mesh, is_planned_and_done_as_in_a_real_one) {
  demo_source source;
  source.make_past(limits::minute);
  source.advance_to(source.now() + limits::second);
  const auto mesh = std::make_shared<demo_access>(source);
  QString problem;
  auto wish = wishOf({QStringLiteral("topic = retail.orders"), {}, {}}, problem);
  wish.query.from = source.latest()->at - limits::second;
  wish.per_s = 1000;
  const auto plan = planReplay(gatherReplay(*mesh, *source.latest(), wish, {}), wish);
  ASSERT_EQ(plan.refused.toStdString(), "");
  ASSERT_FALSE(plan.steps.isEmpty());
  const auto& step = plan.steps.first();
  const auto answer = mesh->ask(step.question.toStdString(),
                                QJsonDocument(step.arguments).toJson(QJsonDocument::Compact).toStdString());
  ASSERT_TRUE(answer) << answer.error().message();
  const auto rows =
      QJsonDocument::fromJson(QByteArray::fromStdString(*answer)).object()[QStringLiteral("results")].toArray();
  ASSERT_EQ(rows.size(), step.rows.size());
  EXPECT_EQ(rows[0].toObject()[QStringLiteral("of")].toString(), step.rows.first());
  EXPECT_TRUE(rows[0].toObject()[QStringLiteral("done")].toBool());
  EXPECT_FALSE(mesh->ask(replay_question, R"({"positions":[]})"));
  EXPECT_FALSE(mesh->ask(replay_question, R"({"positions":["x"]})"));
}

} // namespace
} // namespace weft::monitor

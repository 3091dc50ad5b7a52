// The one way by which the window changes the mesh: what is sent, what is not, and what is written down.
#include "gui/models/limits.hpp"
#include "gui/models/operation_run.hpp"

#include "tests/gui/models/fake_access.hpp"

#include <QAbstractItemModelTester>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct operation_run : testing::Test {
  void SetUp() override {
    operating.setPlace({QStringLiteral("retail"), QStringLiteral("node a"), true, {}, false});
    operating.unlock();
  }
  static Operation seek() {
    Operation plan;
    plan.kind = QStringLiteral("groups.seek");
    plan.of = QStringLiteral("packers");
    plan.columns = {{QStringLiteral("Log"), false, 100}};
    for (const char* log : {"a", "b"})
      plan.rows << PlanRow{QLatin1String(log), QLatin1String(log), {QLatin1String(log)},
                           health::ok,         Outcome::waiting,   {}};
    plan.steps = {{QStringLiteral("mesh.groups.seek"), {{QStringLiteral("name"), plan.of}}, {}, {}}};
    return plan;
  }
  /// Six letters, two at a time.
  static Operation replay() {
    Operation plan = seek();
    plan.kind = QStringLiteral("letters.replay");
    plan.rows.clear();
    plan.steps.clear();
    for (int i = 0; i < 6; ++i) {
      const auto place = QStringLiteral("a/1-7/%1").arg(i);
      plan.rows << PlanRow{place, QStringLiteral("a"), {place}, health::ok, Outcome::waiting, {}};
    }
    for (int i = 0; i < 6; i += 2) {
      const QStringList two{plan.rows[i].key, plan.rows[i + 1].key};
      plan.steps << OperationStep{QStringLiteral("mesh.letters.replay"),
                                  {{QStringLiteral("positions"), QJsonArray::fromStringList(two)}},
                                  two,
                                  QStringLiteral("positions")};
    }
    return plan;
  }
  void answers(const std::string& question, std::vector<result<std::string>> with) {
    mesh->answers[question] = std::move(with);
  }
  std::string begin(const Operation& plan) {
    run.setPlan(plan);
    auto why = run.begin(plan.of).toStdString();
    settle(errands);
    return why;
  }
  std::vector<std::string> outcomes() {
    std::vector<std::string> all;
    for (const auto& row : run.rows().rows())
      all.push_back(word(row.outcome).toStdString());
    return all;
  }
  QList<QJsonObject> written() const {
    QList<QJsonObject> lines;
    QFile file(audit());
    if (!file.open(QIODevice::ReadOnly)) return lines;
    for (const auto& line : file.readAll().split('\n'))
      if (!line.isEmpty()) lines << QJsonDocument::fromJson(line).object();
    return lines;
  }
  QString audit() const { return folder.filePath(QStringLiteral("state/audit.jsonl")); }

  QTemporaryDir folder;
  time_us now = 0;
  std::shared_ptr<FakeAccess> mesh = std::make_shared<FakeAccess>();
  Errands errands{mesh};
  Operating operating{audit(), [this] { return now; }};
  OperationRun run{errands, operating, [this] { return now; }};
  QAbstractItemModelTester tester{&run.rows(), QAbstractItemModelTester::FailureReportingMode::Fatal};
};

const std::string done_in_both =
    R"({"results":[{"log":"a","done":true,"position":"a/1-7/0"},{"log":"b","done":true,"position":"b/1-8/0"}]})";
const std::string two_letters = R"({"results":[{"log":"a","done":true,"letters":2}]})";

TEST_F(operation_run, sends_the_steps_as_they_are) {
  answers("mesh.groups.seek", {done_in_both});
  EXPECT_EQ(begin(seek()), "");
  EXPECT_THAT(mesh->asked(), testing::ElementsAre(FakeAccess::Asked("mesh.groups.seek", R"({"name":"packers"})")));
  EXPECT_THAT(outcomes(), testing::ElementsAre("done", "done"));
  EXPECT_EQ(run.rows().rows()[1].said, QStringLiteral("1-8/0"));
  EXPECT_EQ(run.state(), OperationRun::State::over);
}

TEST_F(operation_run, sends_nothing_while_it_is_locked) {
  operating.lock();
  EXPECT_THAT(begin(seek()), HasSubstr("locked"));
  EXPECT_THAT(mesh->asked(), IsEmpty());
  EXPECT_THAT(written(), IsEmpty());
}

TEST_F(operation_run, sends_nothing_before_the_name_is_typed) {
  run.setPlan(seek());
  EXPECT_THAT(run.begin(QStringLiteral("packer")).toStdString(), HasSubstr("Type packers"));
  settle(errands);
  EXPECT_THAT(mesh->asked(), IsEmpty());
}

TEST_F(operation_run, sends_nothing_while_the_window_is_wound_back_or_shows_a_recording) {
  operating.setPlace({QStringLiteral("retail"), {}, false, QStringLiteral("08:00:00"), false});
  EXPECT_THAT(begin(seek()), HasSubstr("shows 08:00:00, not the mesh as it is now"));
  operating.setPlace({QStringLiteral("retail"), {}, true, {}, true});
  EXPECT_THAT(begin(seek()), HasSubstr("recording"));
  EXPECT_THAT(mesh->asked(), IsEmpty());
}

TEST_F(operation_run, sends_nothing_that_can_not_be_written_down) {
  QFile file(folder.filePath(QStringLiteral("state")));
  ASSERT_TRUE(file.open(QIODevice::WriteOnly)); // a file where its folder is to be
  EXPECT_THAT(begin(seek()), HasSubstr("can't be written"));
  EXPECT_THAT(mesh->asked(), IsEmpty());
}

TEST_F(operation_run, sends_nothing_that_the_mesh_would_refuse) {
  auto plan = seek();
  plan.refused = QStringLiteral("2 members are at work.");
  EXPECT_EQ(begin(plan), "2 members are at work.");
  EXPECT_THAT(mesh->asked(), IsEmpty());
}

TEST_F(operation_run, tells_each_row_what_became_of_it) {
  answers(
      "mesh.groups.seek",
      {R"({"results":[{"log":"a","done":true,"position":"a/1-7/0"},{"log":"b","done":false,"code":13,"why":"b asks for admin"},)"
       R"({"log":"c","done":true,"position":"c/1-1/0"}]})"});
  begin(seek());
  EXPECT_THAT(outcomes(), testing::ElementsAre("done", "refused", "done"));
  EXPECT_EQ(run.rows().rows()[1].said, QStringLiteral("b asks for admin"));
  EXPECT_EQ(run.rows().rows()[2].log, QStringLiteral("c")); // which nobody had foreseen
  EXPECT_THAT(run.sentence().toStdString(), HasSubstr("2 of 3 rows are done, 1 refused"));
}

TEST_F(operation_run, an_answer_that_got_lost_is_not_taken_for_a_refusal) {
  answers("mesh.groups.seek", {R"({"results":[{"log":"a","done":false,"code":41,"why":"its link broke"}]})"});
  begin(seek());
  EXPECT_THAT(outcomes(), testing::ElementsAre("not known", "refused"));
  EXPECT_THAT(run.rows().rows()[1].said.toStdString(), HasSubstr("did not answer"));
  run.setPlan(seek());
  answers("mesh.groups.seek", {fail(errc::timed_out, "no answer within 10 s")});
  EXPECT_EQ(run.begin(QStringLiteral("packers")), QString());
  settle(errands);
  EXPECT_THAT(outcomes(), testing::ElementsAre("not known", "not known"));
  EXPECT_THAT(run.rows().rows()[0].said.toStdString(), HasSubstr("it may be done"));
}

TEST_F(operation_run, writes_down_what_is_begun_and_how_it_ended) {
  answers("mesh.groups.seek",
          {R"({"results":[{"log":"a","done":true},{"log":"b","done":false,"code":4,"why":"it is gone"}]})"});
  begin(seek());
  const auto lines = written();
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_EQ(lines[0][QStringLiteral("stage")], QStringLiteral("begins"));
  EXPECT_EQ(lines[0][QStringLiteral("user")], Operating::user());
  EXPECT_EQ(lines[0][QStringLiteral("mesh")], QStringLiteral("retail"));
  EXPECT_EQ(lines[0][QStringLiteral("steps")].toArray()[0].toObject()[QStringLiteral("question")],
            QStringLiteral("mesh.groups.seek"));
  EXPECT_EQ(lines[1][QStringLiteral("stage")], QStringLiteral("ended"));
  const auto second = lines[1][QStringLiteral("outcomes")].toArray()[1].toObject();
  EXPECT_EQ(second[QStringLiteral("log")], QStringLiteral("b"));
  EXPECT_EQ(second[QStringLiteral("outcome")], QStringLiteral("refused"));
  EXPECT_EQ(second[QStringLiteral("said")], QStringLiteral("it is gone"));
}

TEST_F(operation_run, keeps_to_its_rate) {
  answers("mesh.letters.replay", {two_letters});
  run.setRate(4); // two letters each half second
  run.setPlan(replay());
  run.begin(QStringLiteral("packers"));
  std::vector<time_us> sent;
  for (; run.state() == OperationRun::State::running && now < 10 * limits::second; now += limits::second / 100) {
    const auto before = mesh->asked().size();
    run.look();
    settle(errands);
    if (mesh->asked().size() > before) sent.push_back(now);
  }
  settle(errands);
  EXPECT_EQ(run.state(), OperationRun::State::over);
  ASSERT_THAT(sent, SizeIs(3));
  EXPECT_NEAR(static_cast<double>(sent[2] - sent[0]), limits::second, 0.05 * limits::second);
}

TEST_F(operation_run, stopped_it_knows_where_to_go_on) {
  answers("mesh.letters.replay", {two_letters});
  run.setRate(2);
  begin(replay());
  EXPECT_THAT(mesh->asked(), SizeIs(1));
  run.stop();
  EXPECT_THAT(outcomes(), testing::ElementsAre("done", "done", "left out", "left out", "left out", "left out"));
  EXPECT_THAT(run.sentence().toStdString(), HasSubstr("stopped before a/1-7/2"));
  EXPECT_THAT(written().last()[QStringLiteral("goes_on_with")].toArray(), SizeIs(2));
  now += 10 * limits::second;
  run.look();
  settle(errands);
  EXPECT_THAT(mesh->asked(), SizeIs(1));
  run.setRate(0);
  EXPECT_EQ(run.goOn(), QString());
  for (int i = 0; i < 5; ++i)
    settle(errands);
  ASSERT_THAT(mesh->asked(), SizeIs(3));
  EXPECT_EQ(mesh->asked()[1].second, R"({"positions":["a/1-7/2","a/1-7/3"]})");
  EXPECT_EQ(run.rows().count(Outcome::done), 6);
}

TEST_F(operation_run, paused_it_sends_nothing_and_goes_on) {
  answers("mesh.letters.replay", {two_letters});
  run.setRate(2);
  begin(replay());
  run.pause();
  now += 10 * limits::second;
  run.look();
  settle(errands);
  EXPECT_THAT(mesh->asked(), SizeIs(1));
  EXPECT_EQ(run.goOn(), QString());
  settle(errands);
  EXPECT_THAT(mesh->asked(), SizeIs(2));
}

TEST_F(operation_run, locked_while_it_runs_it_stops) {
  answers("mesh.letters.replay", {two_letters});
  run.setRate(2);
  begin(replay());
  operating.lock();
  now += 10 * limits::second;
  run.look();
  EXPECT_EQ(run.state(), OperationRun::State::stopped);
  EXPECT_FALSE(run.problem().isEmpty());
  EXPECT_NE(run.goOn(), QString());
  EXPECT_THAT(mesh->asked(), SizeIs(1));
}

TEST_F(operation_run, where_one_of_a_list_is_gone_the_others_are_asked_for_alone) {
  answers("mesh.letters.replay",
          {R"({"results":[{"log":"a","done":false,"code":4,"why":"a/1-7/0 is no letter here"}]})",
           R"({"results":[{"log":"a","done":false,"code":4,"why":"a/1-7/0 is no letter here"}]})",
           R"({"results":[{"log":"a","done":true,"letters":1}]})", two_letters});
  begin(replay());
  for (int i = 0; i < 6; ++i)
    settle(errands);
  EXPECT_THAT(outcomes(), testing::ElementsAre("refused", "done", "done", "done", "done", "done"));
  EXPECT_EQ(mesh->asked()[1].second, R"({"positions":["a/1-7/0"]})");
}

TEST_F(operation_run, a_plan_is_sent_to_the_mesh_that_it_was_made_for_or_to_none) {
  answers("mesh.groups.seek", {done_in_both});
  const auto other = std::make_shared<FakeAccess>();
  other->answers = mesh->answers;
  run.setPlan(seek());
  errands.setMesh(other);
  operating.setPlace({QStringLiteral("shop"), QStringLiteral("node z"), true, {}, false});
  EXPECT_THAT(run.whyNot(QStringLiteral("packers")).toStdString(), HasSubstr("another mesh, retail at node a"));
  EXPECT_THAT(run.begin(QStringLiteral("packers")).toStdString(), HasSubstr("another mesh"));
  settle(errands);
  EXPECT_THAT(mesh->asked(), IsEmpty());
  EXPECT_THAT(other->asked(), IsEmpty());
  EXPECT_THAT(written(), IsEmpty());
  EXPECT_EQ(begin(seek()), ""); // which is planned there
  EXPECT_THAT(other->asked(), SizeIs(1));
  EXPECT_EQ(written()[0][QStringLiteral("mesh")], QStringLiteral("shop"));
}

TEST_F(operation_run, does_not_go_on_in_another_mesh) {
  answers("mesh.letters.replay", {two_letters});
  run.setPlan(replay());
  EXPECT_EQ(run.begin(QStringLiteral("packers")), QString());
  run.pause();
  settle(errands);
  const auto other = std::make_shared<FakeAccess>();
  errands.setMesh(other);
  EXPECT_THAT(run.goOn().toStdString(), HasSubstr("another mesh"));
  errands.setMesh(mesh);
  run.setRate(1);
  EXPECT_EQ(run.goOn(), QString());
  settle(errands);
  errands.setMesh(other);
  now += 10 * limits::second;
  run.look();
  EXPECT_EQ(run.state(), OperationRun::State::stopped);
  EXPECT_THAT(run.problem().toStdString(), HasSubstr("another mesh"));
  EXPECT_THAT(other->asked(), IsEmpty());
  EXPECT_EQ(written().last()[QStringLiteral("stage")], QStringLiteral("stopped"));
  EXPECT_EQ(written().last()[QStringLiteral("mesh")], QStringLiteral("retail"));
}

TEST_F(operation_run, what_is_under_way_when_the_window_leaves_is_written_down_as_not_known) {
  answers("mesh.letters.replay", {two_letters});
  run.setPlan(replay());
  EXPECT_EQ(run.begin(QStringLiteral("packers")), QString());
  run.leave();
  EXPECT_FALSE(run.isBusy());
  settle(errands); // what was answered meanwhile comes to nobody
  EXPECT_THAT(outcomes(),
              testing::ElementsAre("not known", "not known", "left out", "left out", "left out", "left out"));
  EXPECT_THAT(run.rows().rows()[0].said.toStdString(), HasSubstr("it may be done"));
  ASSERT_THAT(written(), SizeIs(2));
  EXPECT_EQ(written()[1][QStringLiteral("stage")], QStringLiteral("stopped"));
  EXPECT_THAT(written()[1][QStringLiteral("goes_on_with")].toArray(), SizeIs(2));
  run.setPlan(seek());
  answers("mesh.groups.seek", {done_in_both});
  EXPECT_EQ(run.begin(QStringLiteral("packers")), QString());
  run.leave(); // at its last step
  EXPECT_THAT(run.sentence().toStdString(), HasSubstr("0 of 2 rows are done, 2 not known."));
}

TEST_F(operation_run, that_it_begins_is_written_once_though_it_goes_on_before_it_could_stop) {
  answers("mesh.letters.replay", {two_letters});
  run.setPlan(replay());
  EXPECT_EQ(run.begin(QStringLiteral("packers")), QString());
  run.stop();
  EXPECT_EQ(run.goOn(), QString()); // the answer is due yet
  settle(errands);
  while (run.isBusy())
    settle(errands);
  EXPECT_EQ(run.state(), OperationRun::State::over);
  ASSERT_THAT(written(), SizeIs(2));
  EXPECT_EQ(written()[0][QStringLiteral("stage")], QStringLiteral("begins"));
  EXPECT_EQ(written()[1][QStringLiteral("stage")], QStringLiteral("ended"));
}

TEST_F(operation_run, a_plan_that_was_made_void_begins_when_it_is_planned_anew) {
  answers("mesh.groups.seek", {done_in_both});
  run.setPlan(seek());
  run.makeVoid(QStringLiteral("It is planned anew."));
  EXPECT_EQ(run.begin(QStringLiteral("packers")), QStringLiteral("It is planned anew."));
  EXPECT_THAT(mesh->asked(), IsEmpty());
  EXPECT_EQ(begin(seek()), "");
}

struct operating_lock : testing::Test {
  QTemporaryDir folder;
  time_us now = 0;
  Operating operating{folder.filePath(QStringLiteral("audit.jsonl")), [this] { return now; }};
};

TEST_F(operating_lock, is_closed_at_the_start) {
  EXPECT_FALSE(operating.isUnlocked());
  EXPECT_FALSE(operating.whyNot().isEmpty());
  operating.unlock();
  EXPECT_EQ(operating.whyNot(), QString());
}

TEST_F(operating_lock, closes_itself_when_nobody_uses_it) {
  operating.unlock();
  now += limits::operate_locks_after - 1;
  operating.use();
  now += limits::operate_locks_after - 1;
  operating.look();
  EXPECT_TRUE(operating.isUnlocked());
  now += 1;
  operating.look();
  EXPECT_FALSE(operating.isUnlocked());
  operating.use(); // too late
  EXPECT_FALSE(operating.isUnlocked());
}

} // namespace
} // namespace weft::monitor

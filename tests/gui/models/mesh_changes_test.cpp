// Letters, parked keys, topics, cuts and groups: the plans of their changes.
#include "gui/models/limits.hpp"
#include "gui/models/mesh_changes.hpp"
#include "gui/models/topic_settings.hpp"

#include "gui/models/contract_versions.hpp"
#include "gui/models/letters.hpp"
#include "tests/gui/models/fake_access.hpp"

#include <QAbstractItemModelTester>
#include <QJsonDocument>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

std::vector<std::string> sent(const Operation& plan) {
  std::vector<std::string> all;
  for (const auto& step : plan.steps)
    all.push_back(step.question.toStdString() + " " +
                  QJsonDocument(step.arguments).toJson(QJsonDocument::Compact).toStdString());
  return all;
}

std::vector<LetterRow> letters(int count) {
  std::vector<LetterRow> rows;
  for (int i = 0; i < count; ++i) {
    LetterRow row;
    row.place = "a/1-7/" + std::to_string(i), row.log = "a", row.key = "k" + std::to_string(i);
    rows.push_back(row);
  }
  return rows;
}

TEST(letters, are_listed_with_what_could_not_be_asked) {
  FakeAccess mesh;
  mesh.answers["mesh.letters.list"] = {
      R"({"letters":[{"log":"a","position":"a/1-7/9","topic":"orders","key":"A1","cause":"no such item","deliveries":"5","rejected":true,)"
      R"("first":"f","last":"l","bytes":12,"of":"a/1-7/3","unknown_since_us":null}],"total":201,"nodes":[{"node":"b","state":"unknown","why":"it is dead"}]})"};
  const auto list = readLetters(mesh, "packers");
  EXPECT_EQ(mesh.asked()[0].second, R"({"group":"packers"})");
  ASSERT_THAT(list.rows, SizeIs(1));
  EXPECT_EQ(list.rows[0].cause, "no such item");
  EXPECT_TRUE(list.rows[0].rejected);
  EXPECT_EQ(list.total, 201U);
  EXPECT_THAT(list.silent, ElementsAre("b (it is dead)"));
  LettersModel model;
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
  model.apply(list.rows);
  EXPECT_EQ(model.index(0, LettersModel::At::cause).data().toString(), QStringLiteral("no such item"));
  model.apply({});
  ParkedModel parked;
  QAbstractItemModelTester other(&parked, QAbstractItemModelTester::FailureReportingMode::Fatal);
  parked.apply(letters(3));
}

TEST(letters, are_asked_for_in_questions_of_a_second_each) {
  const auto plan = settleLetters("packers", letters(5), LetterFate::replay, 2);
  EXPECT_THAT(sent(plan), ElementsAre(R"(mesh.letters.replay {"group":"packers","positions":["a/1-7/0","a/1-7/1"]})",
                                      R"(mesh.letters.replay {"group":"packers","positions":["a/1-7/2","a/1-7/3"]})",
                                      R"(mesh.letters.replay {"group":"packers","positions":["a/1-7/4"]})"));
  EXPECT_THAT(settleLetters("packers", letters(200), LetterFate::drop, 1000).steps,
              SizeIs(200 / limits::letters_at_once));
  EXPECT_FALSE(settleLetters("packers", {}, LetterFate::drop, 1).refused.isEmpty());
}

TEST(letters, a_parked_key_goes_on_in_the_logs_that_are_chosen_and_in_no_other) {
  auto rows = letters(2);
  rows[0].key = "A1"; // which may be parked in others, too
  rows[1].log = "b";
  const auto plan = unparkKeys("packers", rows);
  EXPECT_THAT(
      sent(plan),
      ElementsAre(R"(mesh.groups.unpark {"key":"A1","name":"packers","to":{"kind":"position","position":"a/0-0/0"}})",
                  R"(mesh.groups.unpark {"key":"k1","name":"packers","to":{"kind":"position","position":"b/0-0/0"}})"));
  EXPECT_THAT(plan.steps[0].rows, SizeIs(1));
}

TEST(letters, one_is_read_from_its_place) {
  FakeAccess mesh;
  event_row letter;
  letter.node = "a", letter.position = "a/1-7/9", letter.value = "x";
  mesh.events = {letter};
  const auto found = readLetter(mesh, "packers", "a/1-7/9", {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->value, "x");
  EXPECT_EQ(mesh.queries[0].pattern, "_weft.dead-letters.packers");
  EXPECT_EQ(readLetter(mesh, "packers", "a/1-7/8", {}).error().code(), errc::not_found); // the one behind it is another
}

TEST(topics, only_what_differs_is_sent) {
  FakeAccess mesh;
  mesh.answers["topics.describe"] = {
      R"({"settings":{"retention_time":604800.0,"replicas":2,"ack":"synced","compaction":false}})"};
  const auto now = readTopic(mesh, "orders");
  const auto plan = changeTopic(now, {{QStringLiteral("retention_time"), 86400.0}, {QStringLiteral("replicas"), 2}});
  EXPECT_THAT(sent(plan), ElementsAre(R"(topics.alter {"name":"orders","settings":{"retention_time":86400}})"));
  ASSERT_THAT(plan.rows, SizeIs(1));
  EXPECT_EQ(plan.rows[0].cells,
            (QStringList{QStringLiteral("Keep events for"), QStringLiteral("7d"), QStringLiteral("1d")}));
  EXPECT_FALSE(changeTopic(now, {{QStringLiteral("replicas"), 2}}).refused.isEmpty());
}

TEST(topics, a_new_one_is_created_with_what_is_said) {
  TopicSettings none;
  none.name = QStringLiteral("shop.orders");
  EXPECT_THAT(sent(changeTopic(none, {{QStringLiteral("replicas"), 2}})),
              ElementsAre(R"(topics.create {"name":"shop.orders","settings":{"replicas":2}})"));
  none.name.clear();
  EXPECT_FALSE(changeTopic(none, {}).refused.isEmpty());
}

TEST(topics, settings_are_written_as_they_are_read) {
  const QMap<QString, QStringList> good{
      {QStringLiteral("retention_time"), {QStringLiteral("7d"), QStringLiteral("90m"), QStringLiteral("none")}},
      {QStringLiteral("retention_bytes"), {QStringLiteral("10GiB"), QStringLiteral("none")}},
      {QStringLiteral("replicas"), {QStringLiteral("0"), QStringLiteral("7")}},
      {QStringLiteral("compaction"), {QStringLiteral("on"), QStringLiteral("off")}},
      {QStringLiteral("retention_until"), {QStringLiteral("none"), QStringLiteral("consumed")}},
      {QStringLiteral("ack"), {QStringLiteral("replicas=2")}}};
  const QMap<QString, QString> bad{{QStringLiteral("retention_time"), QStringLiteral("soon")},
                                   {QStringLiteral("retention_bytes"), QStringLiteral("-1")},
                                   {QStringLiteral("replicas"), QStringLiteral("8")},
                                   {QStringLiteral("tombstones"), QStringLiteral("none")}};
  for (const auto& kind : settingKinds()) {
    QString why;
    const auto name = QString::fromUtf8(kind.name);
    for (const auto& text : good.value(name)) {
      const auto value = settingValue(kind, text, why);
      ASSERT_TRUE(value) << kind.name << ": " << why.toStdString();
      EXPECT_EQ(settingText(kind, *value), text) << kind.name;
    }
    if (!bad.contains(name)) continue;
    EXPECT_FALSE(settingValue(kind, bad[name], why)) << kind.name;
    EXPECT_THAT(why.toStdString(), HasSubstr(kind.title));
  }
}

TEST(groups, are_deleted_and_moved_with_their_names) {
  group_view group;
  group.name = "packers", group.kind = "group", group.logs = {"a", "b"};
  EXPECT_THAT(sent(deleteGroup(group, false)), ElementsAre(R"(mesh.groups.delete {"name":"packers"})"));
  EXPECT_THAT(deleteGroup(group, false).rows, SizeIs(2));
  group.members = 2;
  EXPECT_THAT(deleteGroup(group, false).refused.toStdString(), HasSubstr("2 members"));
  EXPECT_THAT(sent(deleteGroup(group, true)), ElementsAre(R"(mesh.groups.delete {"force":true,"name":"packers"})"));
  EXPECT_THAT(sent(moveHome(group, QStringLiteral("b"))),
              ElementsAre(R"(mesh.groups.move {"name":"packers","node":"b"})"));
  EXPECT_FALSE(moveHome(group, {}).refused.isEmpty());
  EXPECT_THAT(sent(deleteCut(QStringLiteral("eod"), QStringLiteral("made"))),
              ElementsAre(R"(cuts.delete {"name":"eod"})"));
}

TEST(contracts, are_numbered_by_topic_and_compared_with_the_one_before) {
  FakeAccess mesh;
  mesh.answers["contracts.list"] = {
      R"({"contracts":[{"topic":"orders","id":"11","root":"A","holds":false,"added_us":1},{"topic":"stock","id":"31","root":"B","holds":true,"added_us":1},)"
      R"({"topic":"orders","id":"12","root":"A","holds":true,"added_us":2,"compatibility":"backward","on_broken":"refuse"}]})"};
  const auto list = readContracts(mesh);
  ASSERT_THAT(list.rows, SizeIs(3));
  EXPECT_EQ(list.rows[2].number, 2U);
  EXPECT_EQ(list.rows[0].of, 2U);
  ContractsModel model;
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
  model.apply(list.rows);
  EXPECT_EQ(model.row(1).id, "12"); // beside the first of its topic
  mesh.answers["contracts.show"] = {R"({"schema":"table A { x:int; y:string; } root_type A;","rules":""})",
                                    R"({"schema":"table A { x:int; } root_type A;","rules":""})"};
  const auto text = readContract(mesh, "12", "11");
  EXPECT_EQ(mesh.asked("show")[1].second, R"({"id":"11"})");
  ASSERT_TRUE(text.diff) << text.problem;
  ASSERT_THAT(text.diff->changes, SizeIs(1));
  EXPECT_EQ(text.diff->changes[0].name, "A.y");
  ContractChangesModel changes;
  QAbstractItemModelTester other(&changes, QAbstractItemModelTester::FailureReportingMode::Fatal);
  changes.apply(text.diff->changes);
  EXPECT_EQ(changes.index(0, ContractChangesModel::At::breaks).data().toString(), QStringLiteral("nobody"));
}

TEST(contracts, who_writes_by_which_is_told_by_events) {
  FakeAccess mesh;
  for (const char* contract : {"11", "12", "12"}) {
    event_row one;
    one.node = "a", one.contract = contract, one.logged_at = 10;
    mesh.events.push_back(one);
  }
  const auto use = readUse(mesh, "orders", 5, {});
  EXPECT_EQ(use.read, 3U);
  EXPECT_EQ(use.events.at("12").at("a"), 2U);
}

} // namespace
} // namespace weft::monitor

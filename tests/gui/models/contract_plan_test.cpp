// A topic's next contract as a plan: what a node says of it, what differs, and the very bytes that are sent.
#include "gui/models/contract_plan.hpp"

#include "gui/core/contract_limits.hpp"
#include "tests/gui/models/fake_access.hpp"

#include <QFile>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string schemaText = "table A { x:int; y:string; } root_type A;";

struct contract_plan : testing::Test {
  void SetUp() override {
    mesh.answers["contracts.show"] = {
        R"({"id":"1111111111111111","schema":"table A { x:int; } root_type A;","rules":""})"};
    mesh.answers["contracts.add"] = {
        R"({"id":"2222222222222222","compatibility":"backward","on_broken":"refuse","root":"A"})"};
  }
  std::string file(const char* name, const std::string& text) const {
    QFile out(folder.filePath(QLatin1String(name)));
    EXPECT_TRUE(out.open(QIODevice::WriteOnly));
    out.write(QByteArray::fromStdString(text));
    return out.fileName().toStdString();
  }
  Operation plan(const ContractWish& wish) { return addContract(checkContract(mesh, wish), wish); }
  static std::string sent(const Operation& plan) {
    EXPECT_THAT(plan.steps, SizeIs(1));
    return QJsonDocument(plan.steps[0].arguments).toJson(QJsonDocument::Compact).toStdString();
  }

  QTemporaryDir folder;
  FakeAccess mesh;
};

TEST_F(contract_plan, is_what_a_node_says_in_a_dry_run_and_what_differs) {
  const ContractWish wish{"orders", file("a.fbs", schemaText), file("a.rules", "x > 0\n"), "backward"};
  const auto made = plan(wish);
  EXPECT_EQ(made.refused, QString());
  EXPECT_EQ(made.of, QStringLiteral("orders"));
  ASSERT_THAT(mesh.asked("contracts.add"), SizeIs(1));
  EXPECT_THAT(mesh.asked("contracts.add")[0].second, HasSubstr(R"("dry_run":true)")); // planning changes nothing
  ASSERT_THAT(made.rows, SizeIs(2));
  EXPECT_EQ(made.rows[0].cells[0], QStringLiteral("A.y"));
  EXPECT_EQ(made.rows[1].cells[0], QStringLiteral("rules"));
  EXPECT_THAT(made.sentences.join(QString()).toStdString(), HasSubstr("222222222222"));
  EXPECT_EQ(made.steps[0].question, QStringLiteral("contracts.add"));
  EXPECT_EQ(sent(made),
            R"({"compatibility":"backward","rules":"x > 0\n","schema":")" + schemaText + R"(","topic":"orders"})");
}

TEST_F(contract_plan, that_leaves_out_the_rules_says_that_they_go) {
  mesh.answers["contracts.show"] = {
      R"({"id":"1111111111111111","schema":"table A { x:int; } root_type A;","rules":"x > 0\nx < 9\n"})"};
  const auto made = plan({"orders", file("a.fbs", "table A { x:int; } root_type A;"), {}});
  ASSERT_THAT(made.rows, SizeIs(1));
  EXPECT_EQ(made.rows[0].cells[1], QStringLiteral("removed"));
  EXPECT_EQ(made.rows[0].cells[2], QStringLiteral("x > 0; x < 9"));
  EXPECT_EQ(made.rows[0].tone, health::warn);
}

TEST_F(contract_plan, of_a_first_one_shows_its_fields) {
  mesh.answers["contracts.show"] = {fail(errc::not_found, "topic orders has no contract")};
  const auto made = plan({"orders", file("a.fbs", schemaText), {}});
  EXPECT_EQ(made.refused, QString());
  ASSERT_THAT(made.rows, SizeIs(2));
  EXPECT_EQ(made.rows[1].cells[0], QStringLiteral("A.y"));
  EXPECT_THAT(made.sentences.join(QString()).toStdString(), HasSubstr("has none yet"));
}

TEST_F(contract_plan, that_the_node_would_refuse_says_why_and_shows_what_breaks) {
  mesh.answers["contracts.add"] = {fail(errc::invalid_argument, "A.x is removed: that is not backward compatible")};
  const auto made = plan({"orders", file("a.fbs", "table A { x:string; } root_type A;"), {}});
  EXPECT_EQ(made.refused, QStringLiteral("A.x is removed: that is not backward compatible."));
  ASSERT_THAT(made.rows, SizeIs(1));
  EXPECT_EQ(made.rows[0].tone, health::warn);
}

TEST_F(contract_plan, without_a_file_that_can_be_a_contract_asks_nobody) {
  const auto missing = folder.filePath(QStringLiteral("none.fbs")).toStdString();
  EXPECT_THAT(plan({"orders", missing, {}}).refused.toStdString(), HasSubstr(missing));
  const auto large = file("large.fbs", std::string(limits::contract_file_max + 1, 'x'));
  EXPECT_THAT(plan({"orders", large, {}}).refused.toStdString(), HasSubstr("too large for a contract"));
  EXPECT_THAT(plan({"orders", file("a.fbs", schemaText), missing}).refused.toStdString(), HasSubstr(missing));
  EXPECT_THAT(mesh.asked(), IsEmpty());
}

TEST_F(contract_plan, is_refused_while_it_is_not_known_what_the_topic_has) {
  mesh.answers["contracts.show"] = {fail(errc::timed_out, "no answer within 10 s")};
  EXPECT_THAT(plan({"orders", file("a.fbs", schemaText), {}}).refused.toStdString(), HasSubstr("No answer"));
  EXPECT_THAT(mesh.asked("contracts.add"), IsEmpty());
}

TEST_F(contract_plan, of_its_end_names_the_one_that_the_topic_has) {
  const auto made = removeContract("orders", readHeld(mesh, "orders"));
  EXPECT_EQ(made.steps[0].question, QStringLiteral("contracts.remove"));
  EXPECT_EQ(sent(made), R"({"topic":"orders"})");
  EXPECT_EQ(made.rows[0].cells[0], QStringLiteral("111111111111"));
  mesh.answers["contracts.show"] = {fail(errc::not_found, "topic orders has no contract")};
  const auto none = removeContract("orders", readHeld(mesh, "orders"));
  EXPECT_EQ(none.refused, QStringLiteral("Topic orders has no contract."));
  EXPECT_THAT(none.steps, IsEmpty());
}

} // namespace
} // namespace weft::monitor

#include "gui/models/alert_rules.hpp"

#include "gui/core/alerts.hpp"
#include "gui/models/alerts_model.hpp"

#include <QAbstractItemModelTester>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

using Field = rules::Problem::Field;

TEST(alert_rules, are_kept_as_text_and_come_back_the_same) {
  auto all = usual_alert_rules();
  all[0].muted_until = 1'800'000'000'000'000;
  all[1].only = "ledger";
  all[2].condition = alert_condition::below;
  EXPECT_EQ(rules::fromJson(rules::toJson(all)), all);
  EXPECT_EQ(rules::fromJson(rules::toJson({})), std::vector<alert_rule>());
}

TEST(alert_rules, of_a_spoilt_settings_file_are_not_taken) {
  for (const char* text : {"", "{}", "nonsense", "[[[", "12"})
    EXPECT_EQ(rules::fromJson(text), std::nullopt) << text;
  const auto some =
      rules::fromJson(R"([{"name":"a"},{"name":"a"},{"name":""},7,{"name":"b","what":"no metric","hold-s":-5}])");
  ASSERT_TRUE(some);
  ASSERT_EQ(some->size(), 2U);
  EXPECT_EQ((*some)[1].hold, 0);
}

TEST(alert_rules, read_as_sentences) {
  EXPECT_EQ(rules::sentence(usual_alert_rules()[0]), QStringLiteral("Lag above 30 s for 10 s, of at least 10 events"));
  EXPECT_EQ(rules::sentence(usual_alert_rules()[1]), QStringLiteral("Node has failed for 3 s"));
}

TEST(alert_rules, a_form_that_is_not_right_is_told_with_its_field) {
  rules::Form form;
  rules::Problem wrong;
  const auto field = [&](const QStringList& others = {}) {
    EXPECT_EQ(rules::ruleOf(form, others, wrong), std::nullopt);
    EXPECT_FALSE(wrong.text.isEmpty());
    return wrong.field;
  };
  EXPECT_EQ(field(), Field::name);
  form.name = QStringLiteral("far behind");
  EXPECT_EQ(field(), Field::limit) << "it is empty";
  EXPECT_EQ(field({form.name}), Field::name) << "it is taken";
  for (const char* limit : {"many", "-1", "nan", "inf", "1e300", "1,5"}) {
    form.limit = QString::fromUtf8(limit);
    EXPECT_EQ(field(), Field::limit) << limit;
  }
  form.limit = QStringLiteral("5");
  form.hold = QStringLiteral("90000");
  EXPECT_EQ(field(), Field::hold);
  form.hold = QStringLiteral("2.5");
  form.size = QStringLiteral("x");
  EXPECT_EQ(field(), Field::size);
  form.size = QStringLiteral("100");
  const auto rule = rules::ruleOf(form, {}, wrong);
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->hold, 2'500'000);
  EXPECT_EQ(rule->size_least, 100);
}

TEST(alert_rules, what_a_metric_has_no_use_for_is_not_asked) {
  rules::Form form;
  form.name = QStringLiteral("gone");
  form.what = alert_metric::node_failed;
  form.size = QStringLiteral("12");
  form.condition = alert_condition::below;
  rules::Problem wrong;
  const auto rule = rules::ruleOf(form, {}, wrong);
  ASSERT_TRUE(rule) << wrong.text.toStdString();
  EXPECT_EQ(rule->condition, alert_condition::above);
  EXPECT_EQ(rule->size_least, 0);
}

TEST(alert_rules, the_models_keep_what_item_models_promise) {
  AlertsModel alerts;
  RulesModel model;
  QAbstractItemModelTester first(&alerts, QAbstractItemModelTester::FailureReportingMode::Fatal),
      second(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
  alert one{"r", "payments", 100, {}, 5, health::warn, false, "payments is behind", "groups"};
  alert other{"r", "audit", 50, 300, 5, health::fail, false, "audit is behind", "groups"};
  alerts.apply({one, other}, 400);
  EXPECT_EQ(alerts.rowCount(), 2);
  alerts.apply({other, one}, 200);
  ASSERT_EQ(alerts.rowCount(), 2);
  EXPECT_EQ(alerts.row(0).until, std::nullopt) << "it ended later than the moment that is shown";
  alerts.apply({one, other}, 60);
  EXPECT_EQ(alerts.rowCount(), 1) << "the other began later";
  model.apply(usual_alert_rules(), {}, 1);
  EXPECT_EQ(model.rowCount(), 5);
  model.apply({}, {}, 1);
  EXPECT_EQ(model.rowCount(), 0);
}

} // namespace
} // namespace weft::monitor

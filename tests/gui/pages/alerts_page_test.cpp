#include "gui/pages/alerts_page.hpp"

#include "gui/core/alerts.hpp"
#include "gui/pages/groups_page.hpp"
#include "gui/pages/rule_editor.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/find_field.hpp"
#include "gui/widgets/light_table.hpp"
#include "tests/gui/models/fake_mesh.hpp"

#include <QApplication>
#include <QSignalSpy>
#include <QTest>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

class alerts_page : public testing::Test {
protected:
  void SetUp() override {
    mesh.rules = usual_alert_rules();
    mesh.alerts = {{"A group is far behind",
                    "payments",
                    fakeStart - 5'000'000,
                    {},
                    41,
                    health::warn,
                    false,
                    "payments is 41.2 s behind",
                    "groups"},
                   {"A node has failed", "ledger", fakeStart - 90'000'000, fakeStart - 30'000'000, 1, health::fail,
                    false, "ledger has failed", "node"}};
    QObject::connect(&page, &AlertsPage::rulesChosen,
                     [this](const std::vector<alert_rule>& rules) { mesh.set_alert_rules(rules); });
    page.resize(1280, 640);
    page.QWidget::show();
    page.activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(&page));
    QApplication::processEvents();
    feed();
  }
  void feed() { page.apply({mesh.latest(), &mesh, true}); }
  template <class Widget>
  Widget* find(const char* name) {
    for (auto* widget : page.findChildren<Widget*>())
      if (widget->accessibleName() == QLatin1String(name)) return widget;
    return nullptr;
  }
  void press(const char* button) { QTest::keyClick(find<ChipButton>(button), Qt::Key_Space); }
  void type(const char* field, const char* text) {
    auto* edit = find<FindField>(field);
    edit->setFocus();
    edit->selectAll();
    QTest::keyClicks(edit, QString::fromUtf8(text));
  }
  std::vector<std::string> names() {
    std::vector<std::string> all;
    for (const auto& rule : mesh.rules)
      all.push_back(rule.name);
    return all;
  }

  FakeMesh mesh;
  AlertsPage page;
};

TEST_F(alerts_page, shows_what_fires_and_what_fired_the_newest_first) {
  auto* table = find<LightTable>("Alerts");
  ASSERT_EQ(table->model()->rowCount(), 2);
  EXPECT_EQ(table->model()->index(0, 1).data().toString(), QStringLiteral("payments is 41.2 s behind"));
  EXPECT_EQ(table->model()->index(0, 2).data().toString(), QStringLiteral("fires"));
  EXPECT_EQ(table->model()->index(1, 2).data().toString(), QStringLiteral("over"));
  press("Show only alerts that fire");
  EXPECT_EQ(table->model()->rowCount(), 1);
}

TEST_F(alerts_page, wound_back_shows_what_fired_then) {
  auto past = fakeSnapshot(1);
  past.at = fakeStart - 60'000'000;
  page.apply({std::make_shared<const snapshot>(past), &mesh, false});
  auto* table = find<LightTable>("Alerts");
  ASSERT_EQ(table->model()->rowCount(), 1);
  EXPECT_EQ(table->model()->index(0, 1).data().toString(), QStringLiteral("ledger has failed"));
  EXPECT_EQ(table->model()->index(0, 2).data().toString(), QStringLiteral("fires"));
}

TEST_F(alerts_page, an_alert_opens_its_row) {
  QSignalSpy opened(&page, &Page::openPage);
  auto* table = find<LightTable>("Alerts");
  table->setFocus();
  table->setCurrentIndex(table->model()->index(0, 0));
  QTest::keyClick(table, Qt::Key_Return);
  ASSERT_EQ(opened.count(), 1);
  EXPECT_EQ(opened[0][0].toString(), QStringLiteral("groups"));
  EXPECT_EQ(opened[0][1].toString(), QStringLiteral("payments"));
}

TEST_F(alerts_page, a_new_rule_is_typed_and_saved) {
  press("Begin a new rule");
  type("Name of the rule", "Slow");
  type("Limit", "12");
  QTest::keyClick(find<FindField>("Limit"), Qt::Key_Return);
  ASSERT_EQ(mesh.rules.size(), 6U);
  EXPECT_EQ(mesh.rules.back().name, "Slow");
  EXPECT_EQ(mesh.rules.back().limit, 12);
  EXPECT_EQ(find<LightTable>("Rules")->selectedKey(), QStringLiteral("Slow"));
}

TEST_F(alerts_page, a_wrong_field_is_told_and_nothing_is_saved) {
  press("Begin a new rule");
  type("Name of the rule", "Slow");
  type("Limit", "much");
  press("Save the rule");
  EXPECT_EQ(mesh.rules.size(), 5U);
  EXPECT_TRUE(page.findChild<RuleEditor*>()->problem().contains(QStringLiteral("much")));
  EXPECT_TRUE(find<FindField>("Limit")->hasFocus());
}

TEST_F(alerts_page, a_rule_is_changed_muted_and_deleted) {
  page.open(QStringLiteral("A group is far behind"));
  type("Limit", "99");
  press("Save the rule");
  EXPECT_EQ(mesh.rules[0].limit, 99);
  press("Mute the rule, or let it tell again");
  EXPECT_EQ(mesh.rules[0].muted_until, mesh.latest()->at + 3'600'000'000);
  press("Save the rule");
  EXPECT_GT(mesh.rules[0].muted_until, 0) << "to save it does not unmute it";
  press("Mute the rule, or let it tell again");
  EXPECT_EQ(mesh.rules[0].muted_until, 0);
  press("Delete the rule");
  EXPECT_THAT(names(), testing::Not(testing::Contains("A group is far behind")));
  press("Go back to the built-in rules");
  EXPECT_EQ(mesh.rules, usual_alert_rules());
}

TEST_F(alerts_page, a_name_that_is_taken_is_refused) {
  page.open(QStringLiteral("A group is far behind"));
  type("Name of the rule", "A node has failed");
  press("Save the rule");
  EXPECT_EQ(mesh.rules, usual_alert_rules());
  EXPECT_TRUE(page.findChild<RuleEditor*>()->problem().contains(QStringLiteral("already")));
}

TEST_F(alerts_page, a_row_of_another_page_fills_the_form_in) {
  GroupsPage groups;
  groups.resize(1280, 640);
  groups.QWidget::show();
  groups.apply({mesh.latest(), &mesh, true});
  QObject::connect(&groups, &Page::openPage, [this](const QString& id, const QString& of) {
    EXPECT_EQ(id, QStringLiteral("alerts"));
    page.open(of);
  });
  groups.open(QStringLiteral("payments"));
  for (auto* chip : groups.findChildren<ChipButton*>())
    if (chip->text().startsWith(QStringLiteral("Alert"))) chip->click();
  const auto form = page.findChild<RuleEditor*>()->form();
  EXPECT_EQ(form.only, QStringLiteral("payments"));
  EXPECT_EQ(form.what, alert_metric::lag_seconds);
  type("Limit", "7");
  press("Save the rule");
  EXPECT_EQ(mesh.rules.back().only, "payments");
}

} // namespace
} // namespace weft::monitor

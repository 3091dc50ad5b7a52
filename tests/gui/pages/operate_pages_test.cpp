// What changes the mesh, by keyboard: plans, dialogs, the pages of letters and contracts.
#include "gui/pages/change_dialogs.hpp"
#include "gui/pages/contract_dialogs.hpp"
#include "gui/pages/contracts_page.hpp"
#include "gui/pages/groups_page.hpp"
#include "gui/pages/plan_view.hpp"
#include "gui/pages/replay_dialog.hpp"
#include "gui/pages/replay_page.hpp"
#include "gui/pages/seek_dialog.hpp"
#include "gui/pages/unlock_dialog.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/facts_view.hpp"
#include "gui/widgets/light_table.hpp"
#include "gui/widgets/note.hpp"
#include "tests/gui/models/fake_access.hpp"
#include "tests/gui/models/fake_mesh.hpp"

#include <QCheckBox>
#include <QComboBox>
#include <QFile>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct operate_pages : testing::Test {
  void SetUp() override {
    operating.setPlace({QStringLiteral("test"), QStringLiteral("node cart"), true, {}, false});
    operating.unlock();
    answer("mesh.groups.describe",
           R"({"kind":"group","pattern":"retail.orders","logs":[{"log":"orders","position":"orders/1-7/240"}],)"
           R"("member_list":[],"nodes":[]})");
    answer("nodes", R"({"nodes":[{"name":"orders","self":true,"roles":"admin"}]})");
    answer("cuts.list", R"({"cuts":[{"name":"eod","state":"made","at_us":1700000000000000}]})");
    answer("mesh.groups.seek", R"({"results":[{"log":"orders","done":true,"position":"orders/1-7/0"}]})");
  }
  void answer(const std::string& question, const std::string& document) { mesh->answers[question] = {document}; }
  template <class Widget>
  static Widget* find(QWidget& in, const char* name) {
    for (auto* widget : in.findChildren<Widget*>())
      if (widget->accessibleName().startsWith(QLatin1String(name))) return widget;
    return nullptr;
  }
  void shown(QWidget& widget) {
    widget.QWidget::show();
    widget.activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(&widget));
    settle(errands);
  }
  static std::string text(QWidget& in, const char* name) { return find<Note>(in, name)->text().toStdString(); }
  static void type(QWidget* into, const char* text) {
    into->setFocus();
    QTest::keyClicks(into, QLatin1String(text));
  }

  QTemporaryDir folder;
  FakeMesh source;
  SeekDialog::Latest latest = [this] { return source.latest(); };
  std::shared_ptr<FakeAccess> mesh = std::make_shared<FakeAccess>();
  Errands errands{mesh};
  Operating operating{folder.filePath(QStringLiteral("audit.jsonl"))};
};

TEST_F(operate_pages, a_seek_is_planned_confirmed_and_done_by_keys) {
  SeekDialog dialog(QStringLiteral("payments"), latest, fakeStart, errands, operating, nullptr);
  dialog.setAttribute(Qt::WA_DeleteOnClose, false);
  shown(dialog);
  auto* place = find<ChipButton>(dialog, "Seek to: End");
  place->setFocus();
  QTest::keyClick(place, Qt::Key_Space);
  dialog.planNow();
  settle(errands);
  auto* name = find<QLineEdit>(dialog, "Confirm");
  auto* seek = find<ChipButton>(dialog, "Carry out");
  EXPECT_FALSE(seek->isEnabled());
  EXPECT_THAT(mesh->asked("seek"), IsEmpty());
  type(name, "payment");
  QTest::keyClick(name, Qt::Key_Return);
  settle(errands);
  EXPECT_THAT(mesh->asked("seek"), IsEmpty()); // that is not its name
  type(name, "s");
  EXPECT_TRUE(seek->isEnabled());
  QTest::keyClick(name, Qt::Key_Return);
  settle(errands);
  EXPECT_THAT(mesh->asked("seek"),
              ElementsAre(FakeAccess::Asked("mesh.groups.seek", R"({"name":"payments","to":{"kind":"end"}})")));
  EXPECT_THAT(text(dialog, "How it stands"), HasSubstr("1 of 1 rows are done"));
}

TEST_F(operate_pages, a_time_is_that_of_the_window_and_its_zone_is_chosen) {
  SeekDialog dialog(QStringLiteral("payments"), latest, fakeStart - 60'000'000, errands, operating, nullptr);
  dialog.setAttribute(Qt::WA_DeleteOnClose, false);
  shown(dialog);
  dialog.choose(SeekWish::To::time);
  QString problem;
  EXPECT_EQ(dialog.wish(problem).at, fakeStart - 60'000'000);
  EXPECT_TRUE(problem.isEmpty());
  find<QComboBox>(dialog, "Zone")->setCurrentText(QStringLiteral("Asia/Kathmandu"));
  EXPECT_EQ(dialog.wish(problem).at, fakeStart - 60'000'000 - (5 * 60 + 45) * 60'000'000LL);
  find<QLineEdit>(dialog, "Time")->setText(QStringLiteral("tomorrow"));
  dialog.planNow();
  settle(errands);
  EXPECT_THAT(text(dialog, "Why it can't"), HasSubstr("is no time"));
  find<QLineEdit>(dialog, "Time")->setText(QStringLiteral("2099-01-01T00:00:00Z"));
  dialog.planNow();
  EXPECT_THAT(text(dialog, "Why it can't"), HasSubstr("has not come yet"));
}

TEST_F(operate_pages, a_plan_is_shown_though_it_is_locked_and_says_so) {
  operating.lock();
  SeekDialog dialog(QStringLiteral("payments"), latest, fakeStart, errands, operating, nullptr);
  dialog.setAttribute(Qt::WA_DeleteOnClose, false);
  shown(dialog);
  EXPECT_THAT(dialog.view().run().rows().rows(), SizeIs(1));
  EXPECT_THAT(text(dialog, "Why it can't"), HasSubstr("locked"));
  EXPECT_FALSE(find<QLineEdit>(dialog, "Confirm")->isEnabled());
  operating.unlock();
  EXPECT_TRUE(find<QLineEdit>(dialog, "Confirm")->isEnabled());
  operating.setPlace({QStringLiteral("test"), {}, false, QStringLiteral("08:00"), false});
  EXPECT_THAT(text(dialog, "Why it can't"), HasSubstr("shows 08:00"));
}

TEST_F(operate_pages, unlocking_takes_a_word_of_the_user) {
  operating.lock();
  UnlockDialog dialog(operating, nullptr);
  shown(dialog);
  auto* unlock = find<ChipButton>(dialog, "Unlock");
  EXPECT_FALSE(unlock->isEnabled());
  auto* mean = find<QCheckBox>(dialog, "I mean");
  mean->setFocus();
  QTest::keyClick(mean, Qt::Key_Space);
  ASSERT_TRUE(unlock->isEnabled());
  EXPECT_FALSE(operating.isUnlocked());
  QTest::keyClick(unlock, Qt::Key_Space);
  EXPECT_TRUE(operating.isUnlocked());
}

TEST_F(operate_pages, unlocking_is_refused_where_nothing_can_be_written_down) {
  Operating nowhere(QStringLiteral("/proc/nothing/audit.jsonl"));
  UnlockDialog dialog(nowhere, nullptr);
  shown(dialog);
  EXPECT_FALSE(find<QCheckBox>(dialog, "I mean")->isEnabled());
  EXPECT_THAT(text(dialog, "Why it can't"), HasSubstr("/proc/nothing/audit.jsonl"));
}

TEST_F(operate_pages, settings_of_a_topic_are_changed_one_by_one) {
  answer("topics.describe",
         R"({"settings":{"retention_time":604800.0,"retention_bytes":null,"replicas":2,"ack":"synced","codec":"none",)"
         R"("compaction":false,"compaction_after":0.0,"tombstones":86400.0,"description":"","retention_until":null}})");
  answer("topics.alter", R"({"name":"retail.orders"})");
  TopicDialog dialog(QStringLiteral("retail.orders"), errands, operating, nullptr);
  dialog.setAttribute(Qt::WA_DeleteOnClose, false);
  shown(dialog);
  auto& run = dialog.view().run();
  EXPECT_FALSE(run.plan().refused.isEmpty()); // nothing differs yet
  auto* span = static_cast<QLineEdit*>(dialog.field(QStringLiteral("retention_time")));
  EXPECT_EQ(span->text(), QStringLiteral("7d"));
  span->setText(QStringLiteral("soon"));
  EXPECT_THAT(run.plan().refused.toStdString(), HasSubstr("Keep events for"));
  span->setText(QStringLiteral("1d"));
  type(find<QLineEdit>(dialog, "Confirm"), "retail.orders");
  QTest::keyClick(find<QLineEdit>(dialog, "Confirm"), Qt::Key_Return);
  settle(errands);
  EXPECT_THAT(mesh->asked("alter"),
              ElementsAre(FakeAccess::Asked("topics.alter",
                                            R"({"name":"retail.orders","settings":{"retention_time":86400}})")));
}

TEST_F(operate_pages, a_topic_is_not_created_when_its_settings_are_asked_for) {
  mesh->answers["topics.describe"] = {fail(errc::timed_out, "no answer within 10 s")};
  TopicDialog dialog(QStringLiteral("retail.orders"), errands, operating, nullptr);
  dialog.setAttribute(Qt::WA_DeleteOnClose, false);
  auto* replicas = static_cast<QLineEdit*>(dialog.field(QStringLiteral("replicas")));
  EXPECT_FALSE(replicas->isEnabled());
  replicas->setText(QStringLiteral("2")); // before the answer
  EXPECT_TRUE(dialog.view().run().plan().steps.isEmpty());
  shown(dialog);
  EXPECT_THAT(text(dialog, "What will happen"), HasSubstr("no answer within 10 s"));
  replicas->setText(QStringLiteral("3"));
  EXPECT_TRUE(dialog.view().run().plan().steps.isEmpty());
  EXPECT_FALSE(dialog.view().run().begin(QStringLiteral("retail.orders")).isEmpty());
}

TEST_F(operate_pages, a_seek_is_confirmed_as_it_was_planned_last) {
  SeekDialog dialog(QStringLiteral("payments"), latest, fakeStart, errands, operating, nullptr);
  dialog.setAttribute(Qt::WA_DeleteOnClose, false);
  shown(dialog);
  auto& run = dialog.view().run();
  ASSERT_EQ(run.whyNot(QStringLiteral("payments")), QString());
  find<QCheckBox>(dialog, "Also while")->setChecked(true);
  EXPECT_THAT(run.begin(QStringLiteral("payments")).toStdString(), HasSubstr("planned anew"));
  EXPECT_TRUE(dialog.isPlanning());
  dialog.planNow();
  dialog.choose(SeekWish::To::end); // the answer to what was chosen before comes too late
  settle(errands);
  EXPECT_THAT(run.begin(QStringLiteral("payments")).toStdString(), HasSubstr("planned anew"));
  dialog.planNow();
  settle(errands);
  EXPECT_EQ(run.begin(QStringLiteral("payments")), QString());
  EXPECT_FALSE(find<QCheckBox>(dialog, "Also while")->isEnabled()); // while it is at work
  settle(errands);
  EXPECT_THAT(mesh->asked("seek"), ElementsAre(FakeAccess::Asked(
                                       "mesh.groups.seek", R"({"force":true,"name":"payments","to":{"kind":"end"}})")));
}

TEST_F(operate_pages, a_new_topic_has_what_is_said) {
  answer("topics.create", R"({"name":"shop.orders"})");
  TopicDialog dialog({}, errands, operating, nullptr);
  dialog.setAttribute(Qt::WA_DeleteOnClose, false);
  shown(dialog);
  type(&dialog.name(), "shop.orders");
  static_cast<QLineEdit*>(dialog.field(QStringLiteral("replicas")))->setText(QStringLiteral("2"));
  static_cast<QComboBox*>(dialog.field(QStringLiteral("compaction")))->setCurrentText(QStringLiteral("on"));
  EXPECT_EQ(dialog.view().run().begin(QStringLiteral("shop.orders")), QString());
  settle(errands);
  EXPECT_THAT(mesh->asked("create"),
              ElementsAre(FakeAccess::Asked("topics.create",
                                            R"({"name":"shop.orders","settings":{"compaction":true,"replicas":2}})")));
}

TEST_F(operate_pages, a_dialog_that_is_at_work_stays_open) {
  answer("cuts.delete", "{}");
  CutDeletionDialog dialog(errands, operating, nullptr);
  dialog.setAttribute(Qt::WA_DeleteOnClose, false);
  shown(dialog);
  ASSERT_EQ(dialog.view().run().begin(QStringLiteral("eod")), QString());
  dialog.reject();
  EXPECT_TRUE(dialog.isVisible());
  settle(errands);
  dialog.reject();
  EXPECT_FALSE(dialog.isVisible());
  EXPECT_THAT(mesh->asked("cuts.delete"), ElementsAre(FakeAccess::Asked("cuts.delete", R"({"name":"eod"})")));
}

TEST_F(operate_pages, a_range_of_events_is_planned_confirmed_and_replayed_by_keys) {
  answer("topics.describe", R"({"name":"retail.orders","settings":{}})");
  answer("events.replay", R"({"results":[{"of":"orders/1-7/4","log":"orders","done":true,"position":"cart/1-7/9"},)"
                          R"({"of":"orders/1-7/5","log":"orders","done":true,"position":"cart/1-7/10"}]})");
  for (const char* place : {"orders/1-7/4", "orders/1-7/5"}) {
    event_row event;
    event.node = "orders", event.position = place, event.topic = "retail.orders", event.logged_at = fakeStart;
    mesh->events.push_back(event);
  }
  ReplayDialog dialog({{}, QStringLiteral("orders/1-7/4"), {}}, latest, errands, operating, nullptr);
  dialog.setAttribute(Qt::WA_DeleteOnClose, false);
  shown(dialog);
  EXPECT_THAT(text(dialog, "Why it can't"), HasSubstr("Say which events"));
  type(find<QLineEdit>(dialog, "Which events"), "topic = retail.orders");
  type(find<QLineEdit>(dialog, "Name of the replay"), "again");
  auto* name = find<QLineEdit>(dialog, "Confirm");
  dialog.planNow();
  settle(errands);
  EXPECT_FALSE(dialog.isPlanning());
  EXPECT_THAT(text(dialog, "What will happen"), HasSubstr("2 events of one log, from orders/1-7/4"));
  type(name, "retail.orders");
  EXPECT_THAT(mesh->asked("events.replay"), IsEmpty());
  QTest::keyClick(name, Qt::Key_Return);
  settle(errands);
  EXPECT_THAT(mesh->asked("events.replay"),
              ElementsAre(FakeAccess::Asked("events.replay", R"({"name":"again","pattern":"retail.orders","positions":)"
                                                             R"(["orders/1-7/4","orders/1-7/5"],"topic":""})")));
  EXPECT_THAT(text(dialog, "How it stands"), HasSubstr("2 of 2 rows are done"));
}

TEST_F(operate_pages, a_replay_is_confirmed_as_it_was_planned_last) {
  answer("topics.describe", R"({"name":"retail.orders","settings":{}})");
  event_row event;
  event.node = "orders", event.position = "orders/1-7/4", event.topic = "retail.orders";
  mesh->events = {event};
  ReplayDialog dialog({QStringLiteral("topic = retail.orders"), {}, {}}, latest, errands, operating, nullptr);
  dialog.setAttribute(Qt::WA_DeleteOnClose, false);
  shown(dialog);
  find<QLineEdit>(dialog, "Topic to publish to")->setText(QStringLiteral("other"));
  EXPECT_THAT(dialog.view().run().begin(QStringLiteral("retail.orders")).toStdString(), HasSubstr("planned anew"));
  EXPECT_THAT(mesh->asked("events.replay"), IsEmpty());
  find<QLineEdit>(dialog, "First")->setText(QStringLiteral("last week"));
  dialog.planNow();
  EXPECT_THAT(text(dialog, "Why it can't"), HasSubstr("is no position"));
}

struct replay_page : operate_pages {
  void SetUp() override {
    operate_pages::SetUp();
    answer("mesh.letters.list",
           R"({"letters":[{"log":"orders","position":"orders/1-7/1","key":"A1","cause":"no such item"},)"
           R"({"log":"orders","position":"orders/1-7/2","key":"A2","cause":"closed"}],"total":2})");
    answer("mesh.letters.parked", R"({"parked":[{"log":"orders","key":"B1","events":7}],"total":1})");
    answer("mesh.letters.replay", R"({"results":[{"log":"orders","done":true,"letters":2}]})");
    answer("mesh.groups.unpark", R"({"results":[{"log":"orders","done":true,"keys":1}]})");
    event_row letter;
    letter.node = "orders", letter.position = "orders/1-7/1", letter.value = "{\"id\":1}";
    mesh->events = {letter};
    page.resize(1200, 700);
    page.QWidget::show();
    page.activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(&page));
    page.apply({source.latest(), &source, true});
    settle(errands); // of the group that is chosen at first: else its question may be asked last
    page.open(QStringLiteral("payments"));
    settle(errands);
  }
  ReplayPage page{errands, operating};
};

TEST_F(replay_page, lists_letters_and_parked_keys_of_the_group) {
  EXPECT_EQ(mesh->asked("letters.list").back().second, R"({"group":"payments"})");
  EXPECT_EQ(find<LightTable>(page, "Dead letters")->model()->rowCount(), 2);
  EXPECT_EQ(find<ChipButton>(page, "Show parked keys")->text(), QStringLiteral("Parked keys  1"));
}

TEST_F(replay_page, shows_a_letter_with_its_cause_and_its_value) {
  find<LightTable>(page, "Dead letters")->selectKey(QStringLiteral("orders/1-7/1"));
  settle(errands);
  EXPECT_EQ(find<FactsView>(page, "The chosen letter")->title(), QStringLiteral("orders/1-7/1"));
  EXPECT_EQ(find<QPlainTextEdit>(page, "Value")->toPlainText(), QStringLiteral("{\"id\":1}"));
}

TEST_F(replay_page, replays_what_is_chosen_by_keys_and_reads_the_lists_again) {
  auto* table = find<LightTable>(page, "Dead letters");
  table->setFocus();
  QTest::keyClick(table, Qt::Key_A, Qt::ControlModifier);
  QTest::keyClick(find<ChipButton>(page, "Plan to replay"), Qt::Key_Space);
  EXPECT_THAT(page.plan().run().rows().rows(), SizeIs(2));
  auto* name = find<QLineEdit>(page, "Confirm");
  type(name, "payments");
  const auto lists = mesh->asked("letters.list").size();
  QTest::keyClick(name, Qt::Key_Return);
  settle(errands);
  EXPECT_THAT(mesh->asked("replay"),
              ElementsAre(FakeAccess::Asked("mesh.letters.replay",
                                            R"({"group":"payments","positions":["orders/1-7/1","orders/1-7/2"]})")));
  settle(errands);
  EXPECT_GT(mesh->asked("letters.list").size(), lists);
}

TEST_F(replay_page, unparks_a_key) {
  find<ChipButton>(page, "Show parked keys")->click();
  find<LightTable>(page, "Parked keys")->selectAll();
  find<ChipButton>(page, "Plan to unpark")->click();
  EXPECT_EQ(page.plan().run().begin(QStringLiteral("payments")), QString());
  settle(errands);
  EXPECT_THAT(mesh->asked("unpark"),
              ElementsAre(FakeAccess::Asked(
                  "mesh.groups.unpark",
                  R"({"key":"B1","name":"payments","to":{"kind":"position","position":"orders/0-0/0"}})")));
}

TEST_F(replay_page, forgets_letters_and_plans_of_the_mesh_before) {
  find<LightTable>(page, "Dead letters")->selectAll();
  find<ChipButton>(page, "Plan to drop")->click();
  ASSERT_EQ(page.plan().run().plan().steps.size(), 1);
  const auto other = std::make_shared<FakeAccess>();
  other->answers["mesh.letters.list"] = {R"({"letters":[],"total":0})"};
  other->answers["mesh.letters.parked"] = {R"({"parked":[],"total":0})"};
  errands.setMesh(other);
  page.meshChanged();
  EXPECT_TRUE(page.plan().run().plan().steps.isEmpty());
  EXPECT_EQ(find<LightTable>(page, "Dead letters")->model()->rowCount(), 0);
  page.apply({source.latest(), &source, true}); // of which the other has the same groups
  settle(errands);
  EXPECT_THAT(other->asked("letters.list"), SizeIs(1));
}

TEST_F(operate_pages, contracts_are_shown_with_what_changed) {
  answer(
      "contracts.list",
      R"({"contracts":[{"topic":"retail.orders","id":"11","root":"A","holds":false,"added_us":1},)"
      R"({"topic":"retail.orders","id":"12","root":"A","holds":true,"added_us":2,"compatibility":"backward","on_broken":"refuse"}]})");
  mesh->answers["contracts.show"] = {
      R"({"schema":"table A { x:int; y:string (required); } root_type A;","rules":"x > 0\n"})",
      R"({"schema":"table A { x:int; } root_type A;","rules":""})"};
  ContractsPage page(errands);
  page.resize(1200, 700);
  page.QWidget::show();
  page.apply({source.latest(), &source, true});
  for (int i = 0; i < 3; ++i)
    settle(errands);
  EXPECT_EQ(find<LightTable>(page, "Contracts by topic")->selectedKey().section(QLatin1Char('\x1f'), 1),
            QStringLiteral("000002"));
  EXPECT_THAT(text(page, "Compatibility"), HasSubstr("Forward compatible"));
  auto* changes = find<LightTable>(page, "What changed");
  ASSERT_EQ(changes->model()->rowCount(), 1);
  EXPECT_EQ(changes->model()->index(0, ContractChangesModel::At::name).data().toString(), QStringLiteral("A.y"));
  EXPECT_THAT(find<QPlainTextEdit>(page, "Schema")->toPlainText().toStdString(), HasSubstr("x > 0"));
  const auto& facts = find<FactsView>(page, "Who writes")->facts();
  EXPECT_TRUE(facts.contains(Fact{QStringLiteral("payments"), QStringLiteral("not known"), {}}));
  const auto other = std::make_shared<FakeAccess>();
  other->answers["contracts.list"] = {R"({"contracts":[]})"};
  errands.setMesh(other);
  page.meshChanged();
  EXPECT_EQ(find<LightTable>(page, "Contracts by topic")->model()->rowCount(), 0);
  EXPECT_TRUE(find<QPlainTextEdit>(page, "Schema")->toPlainText().isEmpty());
  page.apply({source.latest(), &source, true});
  settle(errands);
  EXPECT_THAT(other->asked("contracts.list"), SizeIs(1));
}

TEST_F(operate_pages, a_contract_is_chosen_checked_confirmed_and_added_by_keys) {
  QFile file(folder.filePath(QStringLiteral("order.fbs")));
  ASSERT_TRUE(file.open(QIODevice::WriteOnly));
  file.write("table A { x:int; } root_type A;");
  file.close();
  mesh->answers["contracts.show"] = {fail(errc::not_found, "topic shop.orders has no contract")};
  answer("contracts.add", R"({"id":"2222222222222222","compatibility":"full","on_broken":"refuse"})");
  ContractDialog dialog(QStringLiteral("shop.orders"), errands, operating, nullptr);
  dialog.setAttribute(Qt::WA_DeleteOnClose, false);
  dialog.setFileChooser([&](const QString& title) {
    return title == QStringLiteral("File of the schema") ? file.fileName() : QString();
  });
  shown(dialog);
  EXPECT_THAT(text(dialog, "Why it can't"), HasSubstr("Choose the file of the schema"));
  QTest::keyClick(find<ChipButton>(dialog, "Choose: file of the rules"), Qt::Key_Space); // and think better of it
  QTest::keyClick(find<ChipButton>(dialog, "Choose: file of the schema"), Qt::Key_Space);
  find<QComboBox>(dialog, "What versions keep to")->setCurrentText(QStringLiteral("full"));
  EXPECT_THAT(dialog.view().run().begin(QStringLiteral("shop.orders")).toStdString(), HasSubstr("checked anew"));
  dialog.planNow();
  settle(errands);
  ASSERT_THAT(mesh->asked("contracts.add"), SizeIs(1)); // the dry run
  auto* name = find<QLineEdit>(dialog, "Confirm");
  type(name, "shop.orders");
  QTest::keyClick(name, Qt::Key_Return);
  settle(errands);
  ASSERT_THAT(mesh->asked("contracts.add"), SizeIs(2));
  EXPECT_EQ(mesh->asked("contracts.add")[1].second,
            R"({"compatibility":"full","schema":"table A { x:int; } root_type A;","topic":"shop.orders"})");
  EXPECT_THAT(text(dialog, "How it stands"), HasSubstr("1 of 1 rows are done"));
}

TEST_F(operate_pages, a_contract_is_taken_from_its_topic) {
  answer("contracts.show", R"({"id":"1111111111111111","schema":"table A { x:int; } root_type A;","rules":""})");
  answer("contracts.remove", R"({"topic":"shop.orders","removed":true})");
  ContractRemovalDialog dialog(QStringLiteral("shop.orders"), errands, operating, nullptr);
  dialog.setAttribute(Qt::WA_DeleteOnClose, false);
  shown(dialog);
  EXPECT_EQ(dialog.view().run().begin(QStringLiteral("shop.orders")), QString());
  settle(errands);
  EXPECT_THAT(mesh->asked("remove"), ElementsAre(FakeAccess::Asked("contracts.remove", R"({"topic":"shop.orders"})")));
}

TEST_F(operate_pages, contracts_are_changed_from_their_page_and_read_again) {
  answer("contracts.list", R"({"contracts":[{"topic":"a","id":"11","root":"A","holds":false,"added_us":1},)"
                           R"({"topic":"b","id":"12","root":"A","holds":true,"added_us":2}]})");
  ContractsPage page(errands);
  page.resize(1200, 700);
  page.QWidget::show();
  page.apply({source.latest(), &source, true});
  settle(errands);
  QSignalSpy asked(&page, &Page::operationAsked);
  auto* remove = find<ChipButton>(page, "Plan to take the contract");
  auto* table = find<LightTable>(page, "Contracts by topic");
  table->setCurrentIndex(table->model()->index(0, 0));
  EXPECT_FALSE(remove->isEnabled()); // that topic has none any more
  table->setCurrentIndex(table->model()->index(1, 0));
  QTest::keyClick(remove, Qt::Key_Space);
  QTest::keyClick(find<ChipButton>(page, "Plan a topic's next contract"), Qt::Key_Space);
  ASSERT_EQ(asked.count(), 2);
  EXPECT_EQ(asked[0], (QVariantList{QStringLiteral("remove-contract"), QStringLiteral("b")}));
  EXPECT_EQ(asked[1], (QVariantList{QStringLiteral("add-contract"), QStringLiteral("b")}));
  const auto lists = mesh->asked("contracts.list").size();
  page.readAgain();
  settle(errands);
  EXPECT_EQ(mesh->asked("contracts.list").size(), lists + 1);
}

TEST_F(operate_pages, r_on_the_groups_page_shows_what_the_group_set_aside) {
  GroupsPage page;
  page.resize(1200, 700);
  shown(page);
  page.apply({source.latest(), &source, true});
  page.open(QStringLiteral("payments"));
  QSignalSpy opened(&page, &Page::openPage);
  QSignalSpy asked(&page, &Page::operationAsked);
  auto* table = find<LightTable>(page, "Groups");
  table->setFocus();
  QTest::keyClick(table, Qt::Key_R);
  ASSERT_EQ(opened.count(), 1);
  EXPECT_EQ(opened[0], (QVariantList{QStringLiteral("replay"), QStringLiteral("payments")}));
  QTest::keyClick(find<ChipButton>(page, "Move the chosen group"), Qt::Key_Space);
  ASSERT_EQ(asked.count(), 1);
  EXPECT_EQ(asked[0], (QVariantList{QStringLiteral("seek"), QStringLiteral("payments")}));
}

} // namespace
} // namespace weft::monitor

#include "gui/app/operate_shots.hpp"

#include "gui/app/main_window.hpp"
#include "gui/app/operate_desk.hpp"
#include "gui/app/shot_waits.hpp"
#include "gui/models/texts.hpp"
#include "gui/pages/change_dialogs.hpp"
#include "gui/pages/contract_dialogs.hpp"
#include "gui/pages/plan_view.hpp"
#include "gui/pages/replay_dialog.hpp"
#include "gui/pages/seek_dialog.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/light_table.hpp"

#include <QApplication>
#include <QCheckBox>
#include <QFile>
#include <QLineEdit>

namespace weft::monitor {
namespace {

/// The next one of retail.orders in the made-up mesh.
constexpr const char* nextSchema =
    "enum Channel : byte { shop, web, phone, kiosk }\ntable Order {\n  id:string (required);\n  sku:string "
    "(deprecated);\n"
    "  quantity:int;\n  channel:Channel;\n  lines:[Line];\n  customer:ulong;\n  note:string;\n}\ntable Line {\n"
    "  sku:string (required);\n  quantity:int = 1;\n  price:double;\n}\nroot_type Order;\n";

ChipButton* chip(QWidget& in, const char* text) {
  for (auto* one : in.findChildren<ChipButton*>())
    if (one->text().startsWith(QLatin1String(text)) && one->isVisible()) return one;
  return nullptr;
}

void click(QWidget& in, const char* text) {
  if (auto* one = chip(in, text)) one->click();
}

/// The first rows.
void choose(LightTable& table, int rows) {
  auto* model = table.model();
  table.setCurrentIndex(model->index(0, 0));
  for (int row = 0; row < std::min(rows, model->rowCount()); ++row)
    table.selectionModel()->select(model->index(row, 0), QItemSelectionModel::Select | QItemSelectionModel::Rows);
}

/// Until the page and the dialog have what they asked for, and nothing is being changed.
void waitForAnswers(MainWindow& window, const QString& picture) {
  const auto isBusy = [&] {
    const auto* seek = qobject_cast<SeekDialog*>(window.operate().dialog());
    const auto* replay = qobject_cast<ReplayDialog*>(window.operate().dialog());
    const auto* topic = qobject_cast<TopicDialog*>(window.operate().dialog());
    const auto* contract = qobject_cast<ContractDialog*>(window.operate().dialog());
    auto* plan = window.operate().dialog() == nullptr ? window.page()->findChild<PlanView*>()
                                                      : window.operate().dialog()->findChild<PlanView*>();
    return window.page()->isBusy() || (seek != nullptr && seek->isPlanning()) ||
           (replay != nullptr && replay->isPlanning()) || (topic != nullptr && topic->isReading()) ||
           (contract != nullptr && contract->isPlanning()) || (plan != nullptr && plan->run().isBusy());
  };
  QApplication::processEvents();
  waitForShot(
      isBusy,
      QStringLiteral("page %1, picture %2: for answers, or for what is changed").arg(window.page()->id(), picture));
  QApplication::processEvents();
}

} // namespace

int drawOperations(MainWindow& window, const QDir& folder, const QString& suffix) {
  int written = 0;
  auto& desk = window.operate();
  const auto grab = [&](QWidget* widget, const char* name) {
    waitForAnswers(window, QLatin1String(name) + suffix);
    if (widget != nullptr && widget->grab().save(folder.filePath(QLatin1String(name) + suffix))) ++written;
  };
  desk.operating().lock();
  desk.operating().setPlace({QStringLiteral("made-up mesh"), QStringLiteral("node gateway"), true, {}, false});
  static_cast<QAbstractButton*>(desk.lock())->click();
  grab(desk.dialog(), "operate-unlock");
  desk.dialog()->close();
  desk.operating().unlock();
  const auto group = QStringLiteral("packers");
  desk.open(QStringLiteral("seek"), group);
  grab(desk.dialog(), "operate-seek-blocked");
  if (auto* seek = qobject_cast<SeekDialog*>(desk.dialog())) {
    seek->findChild<QCheckBox*>()->setChecked(true);
    seek->choose(SeekWish::To::time);
    seek->planNow();
    grab(seek, "operate-seek");
    auto& run = seek->view().run();
    run.begin(group);
    grab(seek, "operate-seek-done");
    seek->close();
  }
  desk.open(QStringLiteral("settings"), QStringLiteral("retail.orders"));
  waitForAnswers(window, QStringLiteral("operate-settings"));
  if (auto* topic = qobject_cast<TopicDialog*>(desk.dialog()))
    for (const auto& [name, text] : {std::pair("retention_time", "3d"), {"replicas", "3"}})
      static_cast<QLineEdit*>(topic->field(QLatin1String(name)))->setText(QLatin1String(text));
  grab(desk.dialog(), "operate-settings");
  desk.dialog()->close();
  desk.open(QStringLiteral("add-contract"), QStringLiteral("retail.orders"));
  if (auto* contract = qobject_cast<ContractDialog*>(desk.dialog())) {
    const auto file = folder.filePath(QStringLiteral("order.fbs"));
    QFile schema(file);
    if (schema.open(QIODevice::WriteOnly)) schema.write(nextSchema);
    schema.close();
    contract->setFileChooser([file](const QString&) { return file; });
    click(*contract, "Choose");
    contract->planNow();
    grab(contract, "operate-contract");
    contract->close();
    schema.remove();
  }
  const ReplayRange range{
      QStringLiteral("topic = retail.orders"), texts::moment(desk.latest()->at - 2 * limits::second), {}};
  desk.open(QStringLiteral("replay-events"), range.packed());
  grab(desk.dialog(), "operate-range");
  if (auto* replay = qobject_cast<ReplayDialog*>(desk.dialog())) {
    replay->view().setRate(0);
    replay->view().run().begin(QStringLiteral("retail.orders"));
    grab(replay, "operate-range-done");
    replay->close();
  }
  window.showPage(QStringLiteral("replay"), group);
  waitForAnswers(window, QStringLiteral("operate-replay"));
  for (auto* table : window.page()->findChildren<LightTable*>())
    if (table->isVisible() && table->accessibleName() == QStringLiteral("Dead letters")) choose(*table, 4);
  click(*window.page(), "Replay");
  grab(&window, "operate-replay");
  window.page()->findChild<PlanView*>()->setRate(0);
  window.page()->findChild<PlanView*>()->run().begin(group);
  grab(&window, "operate-replay-done");
  desk.operating().lock();
  return written;
}

} // namespace weft::monitor

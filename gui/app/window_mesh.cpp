// gui/app/window_mesh.cpp: which mesh the window shows, and what is saved of it.
#include "gui/app/far_load.hpp"
#include "gui/app/main_window.hpp"
#include "gui/app/operate_desk.hpp"
#include "gui/app/recording_desk.hpp"
#include "gui/app/status_line.hpp"
#include "gui/models/preferences.hpp"
#include "gui/models/texts.hpp"
#include "gui/widgets/find_field.hpp"
#include "gui/widgets/theme.hpp"

#include <QFileDialog>
#include <QMenu>

namespace weft::monitor {

void MainWindow::open(const MeshPlace& place) {
  using Kind = MeshPlace::Kind;
  if (place.kind == Kind::invitation || place.kind == Kind::own) {
    showPage(start_->id());
    start_->tellProgress(place.kind == Kind::own
                             ? QStringLiteral("Starting the node of the %1").arg(place.title())
                             : QStringLiteral("Joining by the %1: its nodes have 10 s to answer").arg(place.title()));
  }
  opening_ = errands_.run(
      this, [place](mesh_access&, const std::stop_token&) { return MeshSession::open(place); },
      [this](result<std::shared_ptr<MeshSession>> opened) {
        start_->tell({});
        if (opened) return showSession(*std::move(opened));
        showPage(start_->id());
        start_->tell(texts::of(opened.error().message()));
      });
}

void MainWindow::showSession(std::shared_ptr<MeshSession> session) {
  const auto rules = hub_.source().alert_rules();
  desk_->stop();
  operate_->leaveMesh();
  const auto before = std::exchange(session_, std::move(session)); // until nothing here asks it
  session_->source().set_alert_rules(rules);
  errands_.setMesh({session_, session_->access().get()});
  for (auto* each : pages_)
    each->meshChanged();
  far_->setSource(session_->source(), session_);
  hub_.setSource(session_->source(), session_);
  desk_->setRecorded(session_->recorded());
  auto known = start_->known();
  known.removeAll(*session_->place());
  known.prepend(*session_->place());
  start_->setKnown(known, session_->place());
  setWindowTitle(QStringLiteral("Weft monitor \u00b7 ") + session_->place()->title());
  if (page() == start_) showPage(QStringLiteral("overview"));
}

QList<exports::Choice> MainWindow::exportChoices() const { return exports::choicesOf(*page(), page()->title()); }

exports::Stamp MainWindow::exportStamp() const {
  exports::Stamp stamp;
  stamp.mesh = texts::of(hub_.source().state().where);
  stamp.at = hub_.moment().now->at;
  for (const auto* field : page()->findChildren<FindField*>())
    if (field->isVisible() && field->accessibleName().startsWith(QStringLiteral("Filter")))
      stamp.filter = field->text();
  return stamp;
}

void MainWindow::showExports() {
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  if (page()->id() == QStringLiteral("events") && Preferences::instance().payloadExport())
    menu->addAction(QStringLiteral("Events with their values (CSV, JSON lines)"), this,
                    [this] { page()->exportRows(); });
  for (const auto& choice : exportChoices())
    menu->addAction(choice.text, this, [this, choice] { exportTo(choice); });
  menu->popup(mapToGlobal(QPoint((width() - menu->sizeHint().width()) / 2, Theme::instance().px(60))));
}

void MainWindow::exportTo(const exports::Choice& choice) {
  const auto stamp = exportStamp();
  const auto file = QFileDialog::getSaveFileName(this, choice.text, choice.fileName);
  if (file.isEmpty()) return;
  const auto problem = exports::save(choice, stamp, file);
  status_->notice(problem.isEmpty() ? QStringLiteral("Saved ") + file : problem,
                  problem.isEmpty() ? health::ok : health::fail);
}

} // namespace weft::monitor

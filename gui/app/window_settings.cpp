// gui/app/window_settings.cpp: what outlasts the window.
#include "gui/app/main_window.hpp"
#include "gui/models/alert_rules.hpp"
#include "gui/models/preferences.hpp"
#include "gui/models/zone.hpp"
#include "gui/pages/settings_page.hpp"
#include "gui/widgets/theme.hpp"

namespace weft::monitor {
namespace {

const QString layoutKey = QStringLiteral("layout/"), choicesKey = QStringLiteral("choices/"),
              themeKey = QStringLiteral("view/theme"), scaleKey = QStringLiteral("view/text-scale"),
              motionKey = QStringLiteral("view/motion"), pageKey = QStringLiteral("view/page"),
              sizeKey = QStringLiteral("view/geometry"), rulesKey = QStringLiteral("alerts/rules"),
              zoneKey = QStringLiteral("view/zone"), payloadsKey = QStringLiteral("export/payloads"),
              tablesKey = QStringLiteral("view/charts-as-tables"), knownKey = QStringLiteral("mesh/known");

} // namespace

QByteArray MainWindow::savedLayout(const Page& page) const {
  return settings_.value(layoutKey + page.id()).toByteArray();
}

void MainWindow::save() {
  const auto& theme = Theme::instance();
  settings_.setValue(themeKey, static_cast<int>(theme.choice()));
  settings_.setValue(scaleKey, theme.textScale());
  settings_.setValue(motionKey, theme.motionAllowed());
  settings_.setValue(rulesKey, rules::toJson(hub_.source().alert_rules()));
  settings_.setValue(zoneKey, Zone::instance().choice());
  settings_.setValue(payloadsKey, Preferences::instance().payloadExport());
  settings_.setValue(tablesKey, Preferences::instance().chartsAsTables());
  QStringList known;
  for (const auto& place : start_->known())
    known << place.toText();
  settings_.setValue(knownKey, known);
  settings_.setValue(pageKey, page()->id());
  settings_.setValue(sizeKey, saveGeometry());
  for (const auto* page : pages_) {
    settings_.setValue(layoutKey + page->id(), page->saveLayout());
    settings_.setValue(choicesKey + page->id(), page->choices());
  }
  settings_.sync();
  tellSettings();
}

void MainWindow::tellSettings() {
  const auto file = settings_.fileName();
  const bool isWell = settings_.status() == QSettings::NoError && settings_.isWritable();
  const auto problem = settings_.status() == QSettings::FormatError
                           ? QStringLiteral("%1 can't be read: what you choose replaces it").arg(file)
                           : QStringLiteral("%1 can't be written: what you choose lasts until you quit. Look at the "
                                            "rights of the file and its folder")
                                 .arg(file);
  settingsPage_->tellFile(file, isWell ? QString() : problem);
}

void MainWindow::restore() {
  auto& theme = Theme::instance();
  if (settings_.contains(themeKey)) {
    const int choice = settings_.value(themeKey).toInt();
    theme.setChoice(choice == 1 ? ThemeChoice::dark : choice == 2 ? ThemeChoice::light : ThemeChoice::system);
    theme.setTextScale(settings_.value(scaleKey, 100).toInt());
    theme.setMotionAllowed(settings_.value(motionKey, true).toBool());
  }
  if (const auto rules = rules::fromJson(settings_.value(rulesKey).toByteArray()))
    hub_.source().set_alert_rules(*rules);
  if (settings_.contains(zoneKey)) Zone::instance().choose(settings_.value(zoneKey).toString());
  if (settings_.contains(payloadsKey)) Preferences::instance().setPayloadExport(settings_.value(payloadsKey).toBool());
  Preferences::instance().setChartsAsTables(settings_.value(tablesKey, false).toBool());
  QList<MeshPlace> known;
  for (const auto& text : settings_.value(knownKey).toStringList())
    if (const auto place = MeshPlace::fromText(text)) known << *place;
  start_->setKnown(known, {});
  tellSettings();
  for (auto* page : pages_)
    page->setChoices(settings_.value(choicesKey + page->id()).toMap());
  restoreGeometry(settings_.value(sizeKey).toByteArray());
  showPage(settings_.value(pageKey).toString());
}

} // namespace weft::monitor

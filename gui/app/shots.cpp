#include "gui/app/shots.hpp"

#include "gui/app/operate_shots.hpp"
#include "gui/app/shot_scene.hpp"
#include "gui/app/state_shots.hpp"

#include <QDir>

namespace weft::monitor {
namespace {

/// What changes the mesh is drawn as most people have it, and with the largest texts in the smallest window.
constexpr std::array<Shot, 2> operateSet{
    {{ThemeChoice::dark, smallWindow, 1, 100}, {ThemeChoice::light, smallWindow, 1, 150}}};

constexpr std::size_t guideNodes = 12;

QString suffixOf(const Shot& shot) {
  return QStringLiteral("-%1-%2x%3-%4x-%5.png")
      .arg(shot.theme == ThemeChoice::dark ? QStringLiteral("dark") : QStringLiteral("light"))
      .arg(shot.size.width())
      .arg(shot.size.height())
      .arg(shot.ratio)
      .arg(shot.scale);
}

} // namespace

int drawShots(const QString& folder, std::size_t nodes, double ratio) {
  const QDir out(folder);
  out.mkpath(QStringLiteral("."));
  ShotScene scene(nodes);
  int written = 0;
  const auto& pages = scene.window().pages();
  for (qsizetype at = 0; at < pages.size(); ++at)
    for (const auto& shot : shotsOf(std::size_t(at))) {
      if (shot.ratio != ratio) continue;
      const auto name = pages[at]->id() + suffixOf(shot);
      scene.dress(shot);
      scene.showPage(*pages[at], name);
      if (scene.window().grab().save(out.filePath(name))) ++written;
    }
  if (ratio != 1) return written;
  for (const auto& shot : operateSet) {
    scene.dress(shot);
    written += drawOperations(scene.window(), out, suffixOf(shot));
  }
  return written + drawStates(scene, out);
}

QStringList drawGuide(const QString& folder) {
  const QDir out(folder);
  ShotScene scene(guideNodes);
  QStringList names;
  for (const auto* page : scene.window().pages()) {
    if (page->id() == QStringLiteral("diagnostics")) continue; // figures of the window itself are never the same
    const auto name = page->id() + QStringLiteral(".png");
    scene.dress({names.size() % 2 == 0 ? ThemeChoice::dark : ThemeChoice::light, smallWindow, 1, 100});
    scene.showPage(*page, name);
    if (scene.window().grab().save(out.filePath(name))) names << name;
  }
  return names;
}

} // namespace weft::monitor

#include "gui/models/mesh_place.hpp"

#include <QDir>
#include <QFileInfo>

namespace weft::monitor {
namespace {

const QString nodeWord = QStringLiteral("node:"), recordingWord = QStringLiteral("recording:"),
              madeUpWord = QStringLiteral("made-up:"), socketEnd = QStringLiteral("/run/node.sock");

} // namespace

QString MeshPlace::title() const {
  switch (kind) {
  case Kind::node: return QStringLiteral("node at ") + where;
  case Kind::recording: return QStringLiteral("recording ") + where;
  case Kind::madeUp: break;
  }
  return QStringLiteral("made-up mesh of %1 nodes").arg(where);
}

QString MeshPlace::toText() const {
  return (kind == Kind::node ? nodeWord : kind == Kind::recording ? recordingWord : madeUpWord) + where;
}

std::optional<MeshPlace> MeshPlace::fromText(const QString& text) {
  for (const auto& [word, kind] : {std::pair(nodeWord, Kind::node), std::pair(recordingWord, Kind::recording),
                                   std::pair(madeUpWord, Kind::madeUp)})
    if (text.startsWith(word) && text.size() > word.size()) return MeshPlace{kind, text.mid(word.size())};
  return std::nullopt;
}

std::optional<MeshPlace> MeshPlace::guess(const QString& typed, QString& problem) {
  QString plain = typed.trimmed();
  if (plain.isEmpty()) {
    problem = QStringLiteral("Name a node's data directory, its socket, or a recording");
    return std::nullopt;
  }
  if (plain == QStringLiteral("~") || plain.startsWith(QStringLiteral("~/"))) plain = QDir::homePath() + plain.mid(1);
  const QFileInfo file(plain);
  if (plain.endsWith(socketEnd)) return MeshPlace{Kind::node, file.absoluteFilePath().chopped(socketEnd.size())};
  if (!file.exists()) {
    problem = QStringLiteral("There is no %1: check the path").arg(plain);
    return std::nullopt;
  }
  if (file.isDir()) return MeshPlace{Kind::node, file.absoluteFilePath()};
  return MeshPlace{Kind::recording, file.absoluteFilePath()};
}

} // namespace weft::monitor

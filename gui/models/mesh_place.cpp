#include "gui/models/mesh_place.hpp"

#include <QDir>
#include <QFileInfo>

namespace weft::monitor {
namespace {

const QString nodeWord = QStringLiteral("node:"), ownWord = QStringLiteral("joined:"),
              invitationWord = QStringLiteral("invitation:"), recordingWord = QStringLiteral("recording:"),
              madeUpWord = QStringLiteral("made-up:"), socketEnd = QStringLiteral("/run/node.sock");

const QString& wordOf(MeshPlace::Kind kind) {
  switch (kind) {
  case MeshPlace::Kind::node: return nodeWord;
  case MeshPlace::Kind::own: return ownWord;
  case MeshPlace::Kind::invitation: return invitationWord;
  case MeshPlace::Kind::recording: return recordingWord;
  case MeshPlace::Kind::madeUp: break;
  }
  return madeUpWord;
}

bool isInvitation(const QFileInfo& file) {
  QFile content(file.filePath());
  return file.isFile() && content.open(QIODevice::ReadOnly) &&
         content.readLine(80).startsWith("-----BEGIN WEFT INVITATION-----");
}

} // namespace

QString MeshPlace::title() const {
  switch (kind) {
  case Kind::node: return QStringLiteral("node at ") + where;
  case Kind::own: return QStringLiteral("mesh joined as ") + QFileInfo(where).fileName();
  case Kind::invitation: return QStringLiteral("invitation ") + where;
  case Kind::recording: return QStringLiteral("recording ") + where;
  case Kind::madeUp: break;
  }
  return QStringLiteral("made-up mesh of %1 nodes").arg(where);
}

QString MeshPlace::toText() const { return wordOf(kind) + where; }

std::optional<MeshPlace> MeshPlace::fromText(const QString& text) {
  for (const auto kind : {Kind::node, Kind::own, Kind::invitation, Kind::recording, Kind::madeUp}) {
    const auto& word = wordOf(kind);
    if (text.startsWith(word) && text.size() > word.size()) return MeshPlace{kind, text.mid(word.size())};
  }
  return std::nullopt;
}

std::optional<MeshPlace> MeshPlace::guess(const QString& typed, QString& problem) {
  QString plain = typed.trimmed();
  if (plain.isEmpty()) {
    problem = QStringLiteral("Name a node's data directory, its socket, a recording or an invitation");
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
  return MeshPlace{isInvitation(file) ? Kind::invitation : Kind::recording, file.absoluteFilePath()};
}

} // namespace weft::monitor

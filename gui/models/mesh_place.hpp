// gui/models/mesh_place.hpp: where a mesh can be looked at. A value.
#pragma once
#include <QString>

#include <optional>

namespace weft::monitor {

struct MeshPlace {
  /// own: a node of the monitor's, by which it joined a mesh; invitation: one that it is to join with.
  enum class Kind { node, own, invitation, recording, madeUp };
  Kind kind = Kind::node;
  QString where; ///< a data directory, a file; of a made-up mesh, how many nodes it has

  [[nodiscard]] QString title() const; ///< as lists show it
  /// As settings keep it, and back; nothing of a text that is none.
  [[nodiscard]] QString toText() const;
  [[nodiscard]] static std::optional<MeshPlace> fromText(const QString& text);
  /// What somebody typed: a data directory, a node's socket, a recording or an invitation.
  /// @param problem  a sentence when it is none of these
  [[nodiscard]] static std::optional<MeshPlace> guess(const QString& typed, QString& problem);

  friend bool operator==(const MeshPlace&, const MeshPlace&) = default;
};

} // namespace weft::monitor

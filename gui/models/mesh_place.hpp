// gui/models/mesh_place.hpp: where a mesh can be looked at. A value.
#pragma once
#include <QString>

#include <optional>

namespace weft::monitor {

struct MeshPlace {
  enum class Kind { node, recording, madeUp };
  Kind kind = Kind::node;
  QString where; ///< a data directory, a file; of a made-up mesh, how many nodes it has

  [[nodiscard]] QString title() const; ///< as lists show it
  /// As settings keep it, and back; nothing of a text that is none.
  [[nodiscard]] QString toText() const;
  [[nodiscard]] static std::optional<MeshPlace> fromText(const QString& text);
  /// What somebody typed: a data directory, a node's socket or a recording.
  /// @param problem  a sentence when it is none of these
  [[nodiscard]] static std::optional<MeshPlace> guess(const QString& typed, QString& problem);

  friend bool operator==(const MeshPlace&, const MeshPlace&) = default;
};

} // namespace weft::monitor

// gui/models/nodes_here_model.hpp: what can be opened: nodes of this machine, and what was opened before.
#pragma once
#include "gui/models/mesh_place.hpp"
#include "gui/models/rows_model.hpp"

namespace weft::monitor {

struct PlaceRow {
  MeshPlace place;
  std::string name; ///< of a node, as it says
  std::string problem;
  bool isShown = false; ///< it is what the window shows
};

class PlacesModel : public RowsModel<PlaceRow> {
public:
  explicit PlacesModel(QObject* parent = nullptr);
};

} // namespace weft::monitor

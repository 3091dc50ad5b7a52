// gui/models/nodes_model.hpp: nodes, links and services as tables.
#pragma once
#include "gui/models/rows_model.hpp"

namespace weft::monitor {

class NodesModel : public RowsModel<node_view> {
public:
  explicit NodesModel(QObject* parent = nullptr);
  void apply(const snapshot_ptr& now);
};

/// Links of the mesh, or those of one node.
class LinksModel : public RowsModel<link_view> {
public:
  explicit LinksModel(QObject* parent = nullptr);
  /// @param node empty: all
  void apply(const snapshot_ptr& now, const std::string& node = {});
};

/// Services, of all nodes or of one.
class ServicesModel : public RowsModel<service_view> {
public:
  explicit ServicesModel(QObject* parent = nullptr);
  void apply(const snapshot_ptr& now, const std::string& node = {});
};

} // namespace weft::monitor

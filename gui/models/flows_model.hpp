// gui/models/flows_model.hpp: flows, one a row: the topology as a table.
#pragma once
#include "gui/models/rows_model.hpp"

namespace weft::monitor {

class FlowsModel : public RowsModel<flow_view> {
public:
  explicit FlowsModel(QObject* parent = nullptr);
  void apply(const snapshot_ptr& now);
};

} // namespace weft::monitor

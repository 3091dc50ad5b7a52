// gui/models/differences_model.hpp: what differs between two events, a row each.
#pragma once
#include "gui/core/event_diff.hpp"
#include "gui/models/rows_model.hpp"

namespace weft::monitor {

class DifferencesModel : public RowsModel<event_difference> {
public:
  explicit DifferencesModel(QObject* parent = nullptr);
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
};

} // namespace weft::monitor

// gui/models/compare_model.hpp: two spans of time, figure by figure.
#pragma once
#include "gui/core/compare.hpp"
#include "gui/models/rows_model.hpp"

namespace weft::monitor {

class CompareModel : public RowsModel<compared_figure> {
public:
  explicit CompareModel(QObject* parent = nullptr);
};

} // namespace weft::monitor

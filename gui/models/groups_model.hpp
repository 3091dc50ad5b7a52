// gui/models/groups_model.hpp: groups and named subscriptions, one a row.
#pragma once
#include "gui/models/rows_model.hpp"

namespace weft::monitor {

class GroupsModel : public RowsModel<group_view> {
public:
  explicit GroupsModel(QObject* parent = nullptr);
  void apply(const snapshot_ptr& now);
};

} // namespace weft::monitor

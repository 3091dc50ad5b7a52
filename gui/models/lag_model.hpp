// gui/models/lag_model.hpp: who is how far behind, a row for each group, log and topic, with the last minute of it.
#pragma once
#include "gui/core/series.hpp"
#include "gui/models/rows_model.hpp"

#include <QHash>

namespace weft::monitor {

class LagModel : public RowsModel<lag_view> {
public:
  struct At {
    enum : int { state, group, topic, log, end, processed, lag, behind, drains, lastMinute };
  };

  explicit LagModel(QObject* parent = nullptr);

  /// @param series outlives the next apply; null: no sparklines
  /// Rows of which lag is shown; empty: of all.
  struct Only {
    std::string group, topic;
  };
  void apply(const snapshot_ptr& now, const series_source* series, const Only& only = {});
  QVariant data(const QModelIndex& index, int role) const override;

private:
  /// Read when it is drawn, so rows that nobody sees cost nothing; kept for a second.
  QList<double> sparkline(const lag_view& row) const;

  const series_source* series_ = nullptr;
  time_us at_ = 0;
  mutable QHash<QString, QList<double>> drawn_;
};

/// GROUP/LOG/TOPIC, as series are named by.
[[nodiscard]] std::string lagKey(const lag_view& row);

} // namespace weft::monitor

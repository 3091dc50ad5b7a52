// gui/models/topics_model.hpp: topics, and below each its part in every log.
#pragma once
#include "gui/models/roles.hpp"

#include <QAbstractItemModel>

#include <memory>

namespace weft::monitor {

class TopicsModel : public QAbstractItemModel {
  Q_OBJECT
public:
  struct At {
    enum : int { state, name, why, logs, published, events, bytes, start, end, copies, columns };
  };

  explicit TopicsModel(QObject* parent = nullptr) : QAbstractItemModel(parent) {}

  /// Topics are merged first, then the logs of each; one dataChanged a level that has rows.
  void apply(const snapshot& now);

  QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
  QModelIndex parent(const QModelIndex& child) const override;
  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& = {}) const override { return At::columns; }
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
  struct Topic {
    topic_view shown; ///< `logs` are the rows below it
    int row = 0;
  };

  void mergeTopics(const std::vector<topic_view>& fresh);
  void mergeLogs(Topic& topic, const std::vector<topic_log_view>& fresh);

  std::vector<std::unique_ptr<Topic>> topics_; ///< their addresses stay: indexes of logs point to them
};

} // namespace weft::monitor

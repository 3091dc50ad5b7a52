// gui/models/value_model.hpp: a JSON value as a tree, whose rows know which bytes they are.
#pragma once
#include "gui/core/json_tree.hpp"
#include "gui/models/roles.hpp"

#include <QAbstractItemModel>

#include <deque>

namespace weft::monitor {

class ValueModel : public QAbstractItemModel {
  Q_OBJECT
public:
  struct At {
    enum : int { name, value, columns };
  };
  /// The bytes of a row, as a QPoint of the first and one past the last.
  static constexpr int BytesRole = Qt::UserRole + 32;

  explicit ValueModel(QObject* parent = nullptr) : QAbstractItemModel(parent) {}

  /// Shows the parts of `root`; of a lone value that alone.
  void setTree(json_item root);
  void clear();
  /// The innermost row that has this byte, or none.
  [[nodiscard]] QModelIndex rowOfByte(std::size_t at) const;

  QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
  QModelIndex parent(const QModelIndex& child) const override;
  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& = {}) const override { return At::columns; }
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
  struct Node {
    const json_item* item = nullptr;
    const Node* parent = nullptr; ///< null: at the top
    int row = 0;
    std::vector<const Node*> below;
  };
  [[nodiscard]] const Node* nodeOf(const QModelIndex& index) const {
    return index.isValid() ? static_cast<const Node*>(index.constInternalPointer()) : &top_;
  }
  const Node* add(const json_item& item, const Node* parent, int row);

  json_item root_;
  Node top_;
  std::deque<Node> nodes_; ///< their addresses stay
};

} // namespace weft::monitor

#include "gui/models/value_model.hpp"

#include "gui/models/texts.hpp"

#include <QPoint>

namespace weft::monitor {

const ValueModel::Node* ValueModel::add(const json_item& item, const Node* parent, int row) {
  auto& made = nodes_.emplace_back(Node{&item, parent, row, {}});
  int below = 0;
  for (const auto& one : item.items)
    made.below.push_back(add(one, &made, below++)); // as deep as limits::json_depth_max
  return &made;
}

void ValueModel::setTree(json_item root) {
  beginResetModel();
  root_ = std::move(root);
  nodes_.clear();
  top_.below.clear();
  if (root_.kind != json_kind::object && root_.kind != json_kind::array)
    top_.below.push_back(add(root_, nullptr, 0));
  else
    for (const auto& item : root_.items)
      top_.below.push_back(add(item, nullptr, static_cast<int>(top_.below.size())));
  endResetModel();
}

void ValueModel::clear() {
  beginResetModel();
  nodes_.clear();
  top_.below.clear();
  root_ = {};
  endResetModel();
}

QModelIndex ValueModel::rowOfByte(std::size_t at) const {
  QModelIndex found;
  for (const auto* in = &top_; in != nullptr;) {
    const Node* next = nullptr;
    for (const auto* one : in->below)
      if (one->item->begin <= at && at < one->item->end) next = one;
    if (next != nullptr) found = createIndex(next->row, 0, next);
    in = next;
  }
  return found;
}

QModelIndex ValueModel::index(int row, int column, const QModelIndex& parent) const {
  if (!hasIndex(row, column, parent)) return {};
  return createIndex(row, column, nodeOf(parent)->below[static_cast<std::size_t>(row)]);
}

QModelIndex ValueModel::parent(const QModelIndex& child) const {
  if (!child.isValid()) return {};
  const auto* above = nodeOf(child)->parent;
  return above == nullptr ? QModelIndex() : createIndex(above->row, 0, above);
}

int ValueModel::rowCount(const QModelIndex& parent) const {
  return parent.column() > 0 ? 0 : static_cast<int>(nodeOf(parent)->below.size());
}

QVariant ValueModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const auto& item = *nodeOf(index)->item;
  const bool folder = item.kind == json_kind::object || item.kind == json_kind::array;
  switch (role) {
  case Qt::DisplayRole:
    if (index.column() == At::name) return item.name.empty() ? QStringLiteral("value") : texts::of(item.name);
    return texts::of(item.text);
  case Qt::ToolTipRole: return texts::of(item.text);
  case KindRole:
    if (index.column() == At::name) return static_cast<int>(folder ? CellKind::strong : CellKind::text);
    return static_cast<int>(folder || item.kind == json_kind::null ? CellKind::quiet : CellKind::text);
  case KeyRole: {
    QString path;
    for (const auto* at = nodeOf(index); at != nullptr; at = at->parent)
      path.prepend(QLatin1Char('/') + texts::of(at->item->name));
    return path;
  }
  case BytesRole: return QPoint(static_cast<int>(item.begin), static_cast<int>(item.end));
  default: return {};
  }
}

QVariant ValueModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation == Qt::Horizontal && role == PayloadRole) return true;
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  return section == At::name ? QStringLiteral("Field") : QStringLiteral("Value");
}

} // namespace weft::monitor

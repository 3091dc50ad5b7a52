#include "gui/app/find_box.hpp"

#include "gui/models/roles.hpp"
#include "gui/models/texts.hpp"
#include "mesh/base/position.hpp"

#include <QAbstractItemView>
#include <QCompleter>

#include <algorithm>

namespace weft::monitor {
namespace {

constexpr int pageRole = Qt::UserRole + 100;

template <class Row>
bool sameNames(const snapshot& a, const snapshot& b, std::vector<Row> snapshot::*rows, std::uint64_t row_sets::*set) {
  if (a.sets.*set != 0 && a.sets.*set == b.sets.*set) return true;
  return std::ranges::equal(a.*rows, b.*rows, {}, &Row::name, &Row::name);
}

} // namespace

/// Names of nodes, topics and groups, in this order. They are read where the snapshot has them.
class FindBox::Names : public QAbstractListModel {
public:
  using QAbstractListModel::QAbstractListModel;

  void apply(const snapshot_ptr& now) {
    const bool same = sameNames(*now, *now_, &snapshot::nodes, &row_sets::nodes) &&
                      sameNames(*now, *now_, &snapshot::topics, &row_sets::topics) &&
                      sameNames(*now, *now_, &snapshot::groups, &row_sets::groups);
    if (!same) beginResetModel();
    now_ = now;
    if (!same) endResetModel();
  }
  int rowCount(const QModelIndex& parent = {}) const override {
    return parent.isValid() ? 0 : static_cast<int>(now_->nodes.size() + now_->topics.size() + now_->groups.size());
  }
  QVariant data(const QModelIndex& index, int role) const override {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    auto row = static_cast<std::size_t>(index.row());
    if (row < now_->nodes.size()) return say("node", "node", now_->nodes[row].name, role);
    row -= now_->nodes.size();
    if (row < now_->topics.size()) return say("topics", "topic", now_->topics[row].name, role);
    return say("groups", "group", now_->groups[row - now_->topics.size()].name, role);
  }

private:
  static QVariant say(const char* page, const char* kind, const std::string& name, int role) {
    switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole: return texts::of(name) + QStringLiteral("   ") + QLatin1String(kind);
    case pageRole: return QString::fromLatin1(page);
    case KeyRole: return texts::of(name);
    default: return {};
    }
  }
  snapshot_ptr now_ = std::make_shared<snapshot>();
};

FindBox::FindBox(QWidget* parent)
    : FindField(QStringLiteral("Find node, topic or group   Ctrl+K"), QStringLiteral("Find anything"), parent),
      names_(new Names(this)) {
  auto* completer = new QCompleter(names_, this);
  completer->setFilterMode(Qt::MatchContains);
  completer->setCaseSensitivity(Qt::CaseInsensitive);
  completer->setMaxVisibleItems(12);
  completer->popup()->setAccessibleName(QStringLiteral("Found"));
  setCompleter(completer);
  connect(completer, qOverload<const QModelIndex&>(&QCompleter::activated), this, [this](const QModelIndex& index) {
    Q_EMIT found(index.data(pageRole).toString(), index.data(KeyRole).toString());
    QMetaObject::invokeMethod(this, &QLineEdit::clear,
                              Qt::QueuedConnection); // the completer writes its text after this
  });
  connect(this, &QLineEdit::returnPressed, this, [this, completer] {
    if (parse_position(text().trimmed().toStdString())) {
      Q_EMIT found(QStringLiteral("events"), text().trimmed());
      return clear();
    }
    completer->setCompletionPrefix(text());
    if (text().isEmpty() || !completer->setCurrentRow(0)) return;
    const auto index = completer->currentIndex();
    Q_EMIT found(index.data(pageRole).toString(), index.data(KeyRole).toString());
    clear();
  });
}

void FindBox::apply(const snapshot_ptr& now) { names_->apply(now); }

} // namespace weft::monitor

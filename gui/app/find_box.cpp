#include "gui/app/find_box.hpp"

#include "gui/models/roles.hpp"
#include "gui/models/texts.hpp"

#include <QAbstractItemView>
#include <QCompleter>
#include <QStandardItemModel>

namespace weft::monitor {
namespace {

constexpr int pageRole = Qt::UserRole + 100;

} // namespace

FindBox::FindBox(QWidget* parent)
    : FindField(QStringLiteral("Find node, topic or group   Ctrl+K"), QStringLiteral("Find anything"), parent),
      names_(new QStandardItemModel(this)) {
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
    completer->setCompletionPrefix(text());
    if (text().isEmpty() || !completer->setCurrentRow(0)) return;
    const auto index = completer->currentIndex();
    Q_EMIT found(index.data(pageRole).toString(), index.data(KeyRole).toString());
    clear();
  });
}

void FindBox::apply(const snapshot& now) {
  std::vector<std::pair<QString, QString>> names;
  names.reserve(now.nodes.size() + now.topics.size() + now.groups.size());
  for (const auto& node : now.nodes)
    names.emplace_back(QStringLiteral("node"), texts::of(node.name));
  for (const auto& topic : now.topics)
    names.emplace_back(QStringLiteral("topics"), texts::of(topic.name));
  for (const auto& group : now.groups)
    names.emplace_back(QStringLiteral("groups"), texts::of(group.name));
  if (names == known_) return;
  known_ = std::move(names);
  names_->clear();
  for (const auto& [page, name] : known_) {
    auto* item =
        new QStandardItem(name + QStringLiteral("   ") + (page == QStringLiteral("node") ? page : page.chopped(1)));
    item->setData(page, pageRole);
    item->setData(name, KeyRole);
    names_->appendRow(item);
  }
}

} // namespace weft::monitor

#include "gui/pages/page.hpp"

#include <QDataStream>
#include <QIODevice>
#include <QSplitter>

namespace weft::monitor {

Page::Page(const QString& id, const QString& title, QWidget* parent) : QWidget(parent), id_(id), title_(title) {}

void Page::apply(const Moment& moment) {
  moment_ = moment;
  old_ = !isVisible();
  if (!old_) show(moment_);
}

void Page::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  QMetaObject::invokeMethod( // when it has its size, and what was kept of it has been restored
      this,
      [this] {
        if (!laidOut_) resetLayout();
        laidOut_ = true;
      },
      Qt::QueuedConnection);
  if (!old_ || moment_.now == nullptr) return;
  old_ = false;
  show(moment_);
  resort();
}

QSplitter* Page::addSplitter(Qt::Orientation orientation, const QList<int>& shares) {
  auto* splitter = new QSplitter(orientation);
  splitter->setChildrenCollapsible(false);
  splitters_ << splitter;
  shares_ << shares;
  return splitter;
}

QByteArray Page::saveLayout() const {
  QByteArray bytes;
  QDataStream out(&bytes, QIODevice::WriteOnly);
  for (const auto* splitter : splitters_)
    out << splitter->saveState();
  return bytes;
}

void Page::restoreLayout(const QByteArray& layout) {
  QDataStream in(layout);
  for (auto* splitter : splitters_) {
    QByteArray state;
    in >> state;
    if (in.status() == QDataStream::Ok && !state.isEmpty() && splitter->restoreState(state)) laidOut_ = true;
  }
}

void Page::resetLayout() {
  for (qsizetype i = 0; i < splitters_.size(); ++i) {
    const bool across = splitters_[i]->orientation() == Qt::Horizontal;
    const int room = across ? splitters_[i]->width() : splitters_[i]->height();
    QList<int> sizes;
    for (const int share : shares_[i])
      sizes << std::max(1, room * share / 100);
    splitters_[i]->setSizes(sizes);
    for (int part = 0; part < splitters_[i]->count(); ++part)
      splitters_[i]->setStretchFactor(part, static_cast<int>(shares_[i].value(part, 50)));
  }
}

} // namespace weft::monitor

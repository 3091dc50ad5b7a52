#include "gui/pages/event_start.hpp"

#include "gui/core/limits.hpp"
#include "gui/models/texts.hpp"

#include <QActionGroup>
#include <QMenu>

#include <array>

namespace weft::monitor {
namespace {

struct Choice {
  const char* text;
  time_us before; ///< what is shown; -1: something else
};
constexpr std::array<Choice, 8> choices{{{"From the shown time", -1},
                                         {"Last minute", limits::minute},
                                         {"Last 5 minutes", 5 * limits::minute},
                                         {"Last 15 minutes", 15 * limits::minute},
                                         {"Last hour", limits::hour},
                                         {"From the beginning", -1},
                                         {"From a position", -1},
                                         {"Live tail", -1}}};

} // namespace

EventStart::EventStart(QWidget* parent)
    : ChipButton({}, QStringLiteral("From where on events are read"), parent),
      menu_(new QMenu(this)),
      group_(new QActionGroup(this)) {
  for (std::size_t i = 0; i < choices.size(); ++i) {
    auto* action = group_->addAction(menu_->addAction(QString::fromUtf8(choices[i].text)));
    action->setCheckable(true);
    connect(action, &QAction::triggered, this, [this, i] {
      choose(static_cast<StartAt>(i));
      Q_EMIT changed();
    });
  }
  connect(this, &QAbstractButton::clicked, this, [this] { menu_->popup(mapToGlobal(QPoint(0, height() + 2))); });
  show(StartAt::minute);
}

void EventStart::setMoment(time_us at, bool live) {
  at_ = at;
  live_ = live;
  group_->actions()[int(StartAt::shown)]->setEnabled(!live);
  if (live && start_ == StartAt::shown) byHand_ = false; // there is no such time any more
  if (!byHand_) show(live ? StartAt::minute : StartAt::shown);
}

void EventStart::choose(StartAt start) {
  byHand_ = true;
  show(start);
}

void EventStart::forget() {
  byHand_ = false;
  show(live_ ? StartAt::minute : StartAt::shown);
}

void EventStart::show(StartAt start) {
  start_ = start;
  group_->actions()[int(start)]->setChecked(true);
  QString said = QString::fromUtf8(choices[std::size_t(start)].text);
  if (start == StartAt::shown) said = QStringLiteral("From ") + texts::clock(at_, false);
  said += QStringLiteral("  \u25be");
  if (said == text()) return;
  setText(said);
  updateGeometry();
}

void EventStart::applyTo(event_query& query) const {
  query.tail = start_ == StartAt::tail;
  if (start_ == StartAt::shown) query.from = at_;
  if (const auto before = choices[std::size_t(start_)].before; before >= 0)
    query.from = std::max<time_us>(0, at_ - before);
}

} // namespace weft::monitor

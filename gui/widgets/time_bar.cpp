#include "gui/widgets/time_bar.hpp"

#include "gui/models/texts.hpp"
#include "gui/models/zone.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/theme.hpp"

#include <QHBoxLayout>
#include <QPainter>

namespace weft::monitor {
namespace {

constexpr double clockWidth = 148;

} // namespace

/// Says LIVE, filled, while the window follows a mesh that is heard; else it is the way back, or says that there is
/// none.
class TimeBar::LiveButton : public QAbstractButton {
public:
  bool hasEnd = false;  ///< it is a recording: there is no live
  bool isHeard = false; ///< there is something to follow
  bool isOpen = false;  ///< a mesh was chosen

  explicit LiveButton(TimeCursor& cursor) : cursor_(cursor) {
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::PointingHandCursor);
    setAttribute(Qt::WA_Hover);
  }

  [[nodiscard]] bool isLive() const { return cursor_.isLive() && isHeard; }
  [[nodiscard]] QString word() const {
    if (hasEnd) return QStringLiteral("To the end");
    if (!cursor_.isLive()) return QStringLiteral("Go live");
    return isHeard ? QStringLiteral("LIVE") : isOpen ? QStringLiteral("Not heard") : QStringLiteral("No mesh");
  }

  QSize sizeHint() const override { return {Theme::instance().px(96), Theme::instance().px(28)}; }
  QSize minimumSizeHint() const override { return sizeHint(); }

protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    const auto& theme = Theme::instance();
    const bool live = isLive();
    const QRectF box = QRectF(rect()).adjusted(2.5, 2.5, -2.5, -2.5);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(hairline(live ? tokens().accent : tokens().faint));
    painter.setBrush(live ? tokens().accent : underMouse() ? tokens().hover : tokens().panel);
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2);
    if (hasFocus()) {
      painter.setPen(hairline(tokens().accent));
      painter.setBrush(Qt::NoBrush);
      const QRectF ring = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
      painter.drawRoundedRect(ring, ring.height() / 2, ring.height() / 2);
    }
    painter.setFont(theme.font(FontRole::text, 12, QFont::DemiBold));
    const QColor ink = live ? tokens().onAccent : tokens().text;
    const QString text = word();
    const double dot = live && !hasEnd ? theme.px(8) : 0, gap = dot > 0 ? theme.px(6) : 0;
    const double width = painter.fontMetrics().horizontalAdvance(text) + dot + gap;
    const double x = box.center().x() - width / 2;
    painter.setPen(Qt::NoPen);
    painter.setBrush(ink);
    if (dot > 0) painter.drawEllipse(QRectF(x, box.center().y() - dot / 2, dot, dot));
    painter.setPen(ink);
    painter.drawText(QRectF(x + dot + gap, box.top(), width, box.height()), Qt::AlignVCenter | Qt::AlignLeft, text);
  }

private:
  TimeCursor& cursor_;
};

TimeBar::TimeBar(TimeCursor& cursor, QWidget* parent)
    : QWidget(parent),
      cursor_(cursor),
      track_(new TimeTrack(cursor)),
      play_(new ChipButton(QStringLiteral("Play"), QStringLiteral("Play the past from here (P)"))),
      speed_(new ChipButton({}, QStringLiteral("How fast the past is played (, and .)"))),
      live_(new LiveButton(cursor)) {
  live_->setAccessibleName(QStringLiteral("Follow the mesh"));
  live_->setToolTip(QStringLiteral("Follow the mesh (End)"));
  auto* row = new QHBoxLayout(this);
  row->addWidget(track_, 1);
  row->addWidget(play_, 0, Qt::AlignTop);
  row->addWidget(speed_, 0, Qt::AlignTop);
  row->addWidget(live_, 0, Qt::AlignTop);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  connect(live_, &QAbstractButton::clicked, &cursor_, &TimeCursor::goLive);
  connect(play_, &QAbstractButton::clicked, &cursor_, &TimeCursor::togglePlay);
  connect(speed_, &QAbstractButton::clicked, this, [this] { // around, for there is one button
    if (cursor_.speed() < TimeCursor::speeds.back()) return cursor_.changeSpeed(1);
    while (cursor_.speed() > TimeCursor::speeds.front())
      cursor_.changeSpeed(-1);
  });
  connect(&cursor_, &TimeCursor::playChanged, this, &TimeBar::showPlay);
  connect(&cursor_, &TimeCursor::changed, this, [this] {
    showPlay();
    live_->update();
    update();
  });
  connect(&Theme::instance(), &Theme::changed, this, &TimeBar::fit);
  connect(&Zone::instance(), &Zone::changed, this, [this] {
    update();
    track_->update();
  });
  showPlay();
  fit();
}

void TimeBar::showPlay() {
  play_->setText(cursor_.isPlaying() ? QStringLiteral("Stop") : QStringLiteral("Play"));
  play_->setEnabled(!cursor_.isLive());
  speed_->setText(QString::number(cursor_.speed()) + QStringLiteral(" \u00d7"));
  play_->updateGeometry();
  speed_->updateGeometry();
}

void TimeBar::fit() {
  const auto& theme = Theme::instance();
  layout()->setContentsMargins(theme.px(clockWidth), theme.px(6), theme.px(12), theme.px(2));
  layout()->setSpacing(theme.px(14));
  updateGeometry();
  update();
}

QSize TimeBar::sizeHint() const { return {600, Theme::instance().px(60)}; }

void TimeBar::refresh(const mesh_source& source, const std::vector<series_point>& far) {
  const auto state = source.state();
  live_->hasEnd = state.recorded;
  live_->isHeard = state.connected && source.latest()->at > 0;
  live_->isOpen = !state.where.empty();
  live_->setAccessibleDescription(live_->word());
  live_->update();
  track_->refresh(source, far);
  update();
}

void TimeBar::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const auto& theme = Theme::instance();
  painter.fillRect(rect(), tokens().window);
  const QRectF box(theme.px(14), theme.px(8), theme.px(clockWidth - 20), theme.px(20));
  painter.setFont(theme.font(FontRole::number, 14, QFont::Bold));
  painter.setPen(tokens().text);
  painter.drawText(box, Qt::AlignLeft | Qt::AlignVCenter, texts::clock(cursor_.moment(), false));
  const int wide = painter.fontMetrics().horizontalAdvance(texts::clock(cursor_.moment(), false));
  painter.setFont(theme.font(FontRole::text, 11));
  painter.setPen(tokens().muted);
  painter.drawText(box.adjusted(wide + theme.px(6), theme.px(1), 0, theme.px(1)), Qt::AlignLeft | Qt::AlignVCenter,
                   Zone::instance().name(cursor_.moment()));
  const auto back = double(cursor_.newest() - cursor_.moment()) / 1e6;
  painter.drawText(box.translated(0, theme.px(19)), Qt::AlignLeft | Qt::AlignVCenter,
                   !cursor_.isLive() ? texts::seconds(back) + QStringLiteral(" back")
                   : live_->hasEnd   ? QStringLiteral("end of the recording")
                   : live_->isHeard  ? QStringLiteral("following the mesh")
                   : live_->isOpen   ? QStringLiteral("the last that was heard")
                                     : QStringLiteral("no mesh is open"));
}

QString TimeBar::liveWord() const { return live_->word(); }

} // namespace weft::monitor

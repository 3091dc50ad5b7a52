#include "gui/pages/trace_page.hpp"

#include "gui/core/limits.hpp"
#include "gui/models/event_texts.hpp"
#include "gui/models/texts.hpp"
#include "gui/pages/trace_facts.hpp"
#include "gui/widgets/card.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/facts_view.hpp"
#include "gui/widgets/filter_line.hpp"
#include "gui/widgets/note_line.hpp"
#include "gui/widgets/trace_view.hpp"
#include "mesh/base/position.hpp"

#include <QHBoxLayout>
#include <QScrollArea>
#include <QSplitter>
#include <QVBoxLayout>

namespace weft::monitor {
namespace {

const QString hint =
    QStringLiteral("Choose an event on the Events page and press T, or type its position above: this page "
                   "shows what led to it and what came of it, over all nodes.");

clock_offsets clocksOf(const snapshot& now) {
  clock_offsets clocks;
  for (const auto& node : now.nodes)
    if (node.clock_offset_s) clocks.emplace(node.name, *node.clock_offset_s);
  return clocks;
}

} // namespace

TracePage::TracePage(Errands& errands, QWidget* parent)
    : Page(QStringLiteral("trace"), QStringLiteral("Trace"), parent),
      errands_(errands),
      view_(new TraceView),
      facts_(new FactsView(QStringLiteral("Facts of the chosen event"))),
      position_(
          new FilterLine(QStringLiteral("Position of an event   /"), QStringLiteral("Position of the event to trace"))),
      note_(new NoteLine(QStringLiteral("How the trace does"))),
      stop_(new ChipButton(QStringLiteral("Stop"), QStringLiteral("Stop reading"))),
      corrected_(new ChipButton(QStringLiteral("Corrected clocks"),
                                QStringLiteral("Take what is known of nodes' clocks from the times"))),
      event_(new ChipButton(QStringLiteral("Event"), QStringLiteral("Open the event (Enter)"))),
      topic_(new ChipButton(QStringLiteral("Topic"), QStringLiteral("Open the event's topic"))),
      node_(new ChipButton(QStringLiteral("Node"), QStringLiteral("Open the event's node"))),
      topology_(new ChipButton(QStringLiteral("Topology"), QStringLiteral("Show the event's node in the topology"))) {
  view_->setHint(hint);
  facts_->setHint(QStringLiteral("Choose a row to see more of it."));
  corrected_->setCheckable(true);
  card_ = new Card(QStringLiteral("Causal trace"), {}, view_);
  for (QWidget* part : {static_cast<QWidget*>(stop_), static_cast<QWidget*>(corrected_)})
    card_->addToHead(part);
  auto* side = new Card(QStringLiteral("Go to"), {}, facts_->scrolled());
  for (auto* chip : {event_, topic_, node_, topology_})
    side->addToHead(chip);
  auto* whole = addSplitter(Qt::Horizontal, {76, 24});
  whole->addWidget(card_);
  whole->addWidget(side);
  auto* head = new QHBoxLayout;
  head->addWidget(position_, 1);
  head->addWidget(note_, 2);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 0, 8, 0);
  column->setSpacing(6);
  column->addLayout(head);
  column->addWidget(whole, 1);
  makeConnections();
  showState();
  showChosen();
  resetLayout();
}

void TracePage::makeConnections() {
  connect(position_, &QLineEdit::returnPressed, this, &TracePage::read);
  connect(position_, &QLineEdit::textEdited, this, [this] { position_->setProblem(0, 0); });
  connect(stop_, &QAbstractButton::clicked, this, &TracePage::stop);
  connect(corrected_, &QAbstractButton::toggled, this, &TracePage::showTrace);
  connect(view_, &TraceView::rowSelected, this, &TracePage::showChosen);
  const auto go = [this](const char* page, const std::string caused_event::*what) {
    if (const auto* row = chosen()) Q_EMIT openPage(QLatin1String(page), texts::of(row->what.*what));
  };
  const auto openEvent = [this, go] {
    if (chosen() != nullptr && chosen()->fate != trace_fate::missing) go("events", &caused_event::position);
  };
  connect(view_, &TraceView::rowActivated, this, openEvent);
  connect(event_, &QAbstractButton::clicked, this, openEvent);
  connect(topic_, &QAbstractButton::clicked, this, [go] { go("topics", &caused_event::topic); });
  connect(node_, &QAbstractButton::clicked, this, [go] { go("node", &caused_event::node); });
  connect(topology_, &QAbstractButton::clicked, this, [go] { go("topology", &caused_event::node); });
}

void TracePage::open(const QString& of) {
  if (of.isEmpty()) return;
  position_->setText(of);
  read();
}

void TracePage::meshChanged() {
  errand_ = {};
  isReading_ = false;
  asked_.clear();
  lineage_ = {};
  moment_ = {};
  position_->clear();
  position_->setProblem(0, 0);
  view_->setHint(hint);
  showTrace();
}

bool TracePage::startFind() {
  position_->setFocus(Qt::ShortcutFocusReason);
  return true;
}

const trace_row* TracePage::chosen() const {
  return view_->selected() < 0 ? nullptr : &view_->trace().rows[std::size_t(view_->selected())];
}

void TracePage::read() {
  const auto position = position_->text().trimmed().toStdString();
  if (const auto at = parse_position(position); !at) {
    position_->setProblem(0, std::max(1, int(position_->text().size())));
    return note_->setNote(health::fail, texts::of(at.error().message()));
  }
  position_->setProblem(0, 0);
  asked_ = position;
  lineage_ = {};
  isReading_ = true;
  errand_ = errands_.run(
      this,
      [position](mesh_access& mesh, const std::stop_token& stop) {
        return mesh.lineage(position, limits::trace_within, limits::trace_events_max, stop);
      },
      [this](const result<event_lineage>& found) { arrived(found); });
  view_->setHint(QStringLiteral("Reading all logs from the first cause on: only events that name a cause are sent."));
  showTrace();
}

void TracePage::stop() {
  errand_ = {};
  isReading_ = false;
  view_->setHint(QStringLiteral("Stopped. Press Enter in the line above to trace it again."));
  showState();
}

void TracePage::arrived(const result<event_lineage>& found) {
  isReading_ = false;
  if (found) {
    lineage_ = *found;
    view_->setHint(hint);
  } else {
    view_->setHint(texts::of(found.error().message()));
  }
  showTrace();
  if (!found) note_->setNote(health::fail, texts::of(found.error().message()));
}

void TracePage::showTrace() {
  const auto clocks = moment_.now == nullptr ? clock_offsets() : clocksOf(*moment_.now);
  view_->setTrace(trace_of(lineage_, asked_, clocks, corrected_->isChecked()));
  showState();
  showChosen();
}

QString TracePage::summary() const {
  const auto& of = view_->trace();
  if (isReading_) return QStringLiteral("reading");
  if (of.rows.empty()) return {};
  const auto counted = [](std::size_t n, const QString& one) {
    return QStringLiteral("%1 %2%3").arg(n).arg(one, n == 1 ? QString() : QStringLiteral("s"));
  };
  if (of.rows.size() == 1) return QStringLiteral("1 event: no cause and no effect of it is in the logs");
  QStringList said{texts::seconds(double(of.end) / 1e6) + QStringLiteral(" end to end"),
                   counted(lineage_.events.size(), QStringLiteral("event")),
                   counted(of.services, QStringLiteral("service")), counted(of.nodes, QStringLiteral("node")),
                   corrected_->isChecked() ? QStringLiteral("clocks corrected") : QStringLiteral("clocks as they are")};
  return said.join(QStringLiteral(" \u00b7 "));
}

void TracePage::showState() {
  const auto& of = view_->trace();
  card_->setTitle(QStringLiteral("Causal trace"), summary());
  stop_->setVisible(isReading_);
  corrected_->setEnabled(!of.rows.empty() && (of.can_correct || corrected_->isChecked()));
  if (!of.whole)
    note_->setNote(health::warn,
                   QStringLiteral("There may be more: a log can't be read now, reading was stopped, or there are "
                                  "too many events."));
  else if (of.backwards > 0)
    note_->setNote(health::warn, QStringLiteral("%1 were logged before their causes: clocks of nodes differ.%2")
                                     .arg(of.backwards)
                                     .arg(of.can_correct ? QStringLiteral(" Try corrected clocks.") : QString()));
  else
    note_->setNote(health::ok,
                   of.rows.empty()
                       ? QString()
                       : QStringLiteral("A bar is from its cause's append to its own; the critical path is outlined."));
}

void TracePage::showChosen() {
  const auto* row = chosen();
  const bool isEvent = row != nullptr && row->fate != trace_fate::missing;
  for (auto* chip : {event_, topic_, node_, topology_})
    chip->setEnabled(isEvent);
  if (row == nullptr) return facts_->setFacts({}, {}, {}, {});
  showFacts(*facts_, *row, view_->trace());
}

void TracePage::show(const Moment& moment) { moment_ = moment; }

} // namespace weft::monitor

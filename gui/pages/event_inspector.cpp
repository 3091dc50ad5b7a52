#include "gui/pages/event_inspector.hpp"

#include "gui/models/event_texts.hpp"
#include "gui/models/texts.hpp"
#include "gui/pages/event_facts.hpp"
#include "gui/widgets/card.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/hex_view.hpp"
#include "gui/widgets/light_table.hpp"
#include "gui/widgets/payload_text.hpp"

#include <QClipboard>
#include <QGuiApplication>
#include <QScrollArea>
#include <QStackedWidget>

namespace weft::monitor {
namespace {

constexpr int contractDigits = 12; // are enough to tell contracts of a mesh apart

QString valueKind(const event_row& of, bool json, bool text) {
  if (!of.decoded.empty())
    return QStringLiteral("as contract %1 reads it").arg(texts::of(of.contract).left(contractDigits));
  const QString kind = json ? QStringLiteral("JSON") : text ? QStringLiteral("text") : QStringLiteral("bytes");
  if (of.contract.empty()) return kind + QStringLiteral(", no contract");
  return json ? kind + QStringLiteral(", contract ") + texts::of(of.contract).left(contractDigits)
              : kind +
                    QStringLiteral("; contract %1 is not known here").arg(texts::of(of.contract).left(contractDigits));
}

} // namespace

EventInspector::EventInspector(QObject* parent)
    : QObject(parent),
      factsView_(new FactsView(QStringLiteral("Facts of the chosen event"))),
      treeView_(new LightTable(QStringLiteral("Value of the chosen event"), ValueModel::At::name)),
      differencesView_(new LightTable(QStringLiteral("Differences from the event that is held"))),
      text_(new PayloadText(QStringLiteral("Value of the chosen event as text"))),
      hint_(new FactsView(QStringLiteral("Value of the chosen event"))),
      stack_(new QStackedWidget),
      hex_(new HexView(QStringLiteral("Bytes of the chosen event"))),
      trace_(new ChipButton(QStringLiteral("Trace"),
                            QStringLiteral("Show what led to this event and what came of it (T)"))),
      copy_(new ChipButton(QStringLiteral("Copy"), QStringLiteral("Copy the event's position"))),
      topic_(new ChipButton(QStringLiteral("Topic"), QStringLiteral("Open the event's topic"))),
      from_(new ChipButton(QStringLiteral("From here"), QStringLiteral("Read its log from this event on"))),
      asText_(new ChipButton(QStringLiteral("Text"), QStringLiteral("Show the value as text"))),
      hold_(new ChipButton(QStringLiteral("Hold"), QStringLiteral("Hold this event, to compare others with it"))) {
  factsView_->setHint(QStringLiteral("Choose an event to see all of it."));
  treeView_->setModel(&tree_);
  treeView_->setSortingEnabled(false);
  treeView_->header()->setSortIndicator(-1, Qt::AscendingOrder);
  treeView_->setWidths({-84, -70});
  text_->document()->setDocumentMargin(8);
  stack_->addWidget(hint_);
  stack_->addWidget(treeView_);
  stack_->addWidget(text_);
  differencesView_->setModel(&differences_);
  differencesView_->setSortingEnabled(false);
  differencesView_->header()->setSortIndicator(-1, Qt::AscendingOrder);
  differencesView_->setWidths({-110, -90, -90});
  stack_->addWidget(differencesView_);
  asText_->setCheckable(true);
  hold_->setCheckable(true);
  factsCard_ = new Card(QStringLiteral("Event"), {}, factsView_->scrolled());
  for (auto* chip : {trace_, topic_, from_, copy_})
    factsCard_->addToHead(chip);
  valueCard_ = new Card(QStringLiteral("Value"), {}, stack_);
  valueCard_->addToHead(hold_);
  valueCard_->addToHead(asText_);
  bytesCard_ = new Card(QStringLiteral("Bytes"), {}, hex_);
  connect(trace_, &QAbstractButton::clicked, this, &EventInspector::traceWanted);
  connect(topic_, &QAbstractButton::clicked, this, &EventInspector::topicWanted);
  connect(from_, &QAbstractButton::clicked, this, &EventInspector::startWanted);
  connect(copy_, &QAbstractButton::clicked, this, &EventInspector::copyPosition);
  connect(asText_, &QAbstractButton::toggled, this, &EventInspector::showValue);
  connect(hold_, &QAbstractButton::toggled, this, &EventInspector::hold);
  connect(treeView_, &LightTable::rowSelected, this, [this] {
    const QPoint bytes = treeView_->currentIndex().data(ValueModel::BytesRole).toPoint();
    if (event_ != nullptr && event_->decoded.empty()) hex_->setMarked(bytes.x(), bytes.y());
  });
  connect(hex_, &HexView::byteClicked, this, [this](qsizetype at) {
    if (event_ == nullptr || !event_->decoded.empty()) return;
    if (const auto row = tree_.rowOfByte(std::size_t(at)); row.isValid()) treeView_->setCurrentIndex(row);
  });
  show(nullptr, {});
}

QWidget* EventInspector::facts() { return factsCard_; }
QWidget* EventInspector::value() { return valueCard_; }
QWidget* EventInspector::bytes() { return bytesCard_; }

void EventInspector::show(std::shared_ptr<const event_row> event, const snapshot& now) {
  event_ = std::move(event);
  const bool isEvent = event_ != nullptr && !event_->is_gap();
  for (auto* chip : {trace_, topic_, asText_})
    chip->setEnabled(isEvent);
  hold_->setEnabled(isEvent || held_ != nullptr);
  for (auto* chip : {copy_, from_})
    chip->setEnabled(event_ != nullptr);
  refresh(now);
  showValue();
  hex_->setHint(isEvent ? QStringLiteral("The event has no value.")
                        : QStringLiteral("Choose an event to see its bytes."));
  hex_->setBytes(isEvent ? QByteArray(event_->value.data(), qsizetype(event_->value.size())) : QByteArray());
  bytesCard_->setTitle(QStringLiteral("Bytes"),
                       isEvent ? texts::bytes(double(event_->value.size())) + QStringLiteral(", as in the log")
                               : QString());
}

void EventInspector::refresh(const snapshot& now) {
  if (event_ == nullptr) return factsView_->setFacts({}, {}, {}, {});
  const auto& of = *event_;
  factsView_->setWord(QStringLiteral("gap in the log"));
  if (of.is_gap())
    return factsView_->setFacts(QStringLiteral("Gap"), health::warn, texts::of(of.note), factsOf(of, now));
  factsView_->setFacts(texts::of(of.type.empty() ? of.topic : of.type), {}, {}, factsOf(of, now));
}

void EventInspector::release() { hold_->setChecked(false); }

void EventInspector::hold(bool on) {
  held_ = on ? event_ : nullptr;
  showValue();
}

void EventInspector::showDifferences() {
  auto found = compare_events(*held_, *event_);
  const auto where = texts::of(held_->position);
  const auto count = qsizetype(found.size());
  differences_.apply(std::move(found));
  valueCard_->setTitle(QStringLiteral("Differences"), QStringLiteral("from ") + where);
  hint_->setHint(QStringLiteral("Nothing differs from %1 but when and where they were logged.").arg(where));
  stack_->setCurrentWidget(count == 0 ? static_cast<QWidget*>(hint_) : differencesView_);
}

void EventInspector::showValue() {
  const bool isEvent = event_ != nullptr && !event_->is_gap();
  if (isEvent && held_ != nullptr && held_ != event_) return showDifferences();
  auto tree = isEvent ? json_tree(event_->shown()) : fail(errc::not_found, "");
  const bool isJson = tree.has_value();
  const QString text = isEvent ? texts::wholeText(*event_) : QString();
  valueCard_->setTitle(QStringLiteral("Value"), isEvent ? valueKind(*event_, isJson, !text.isEmpty()) : QString());
  if (isJson)
    tree_.setTree(std::move(*tree));
  else
    tree_.clear();
  text_->setPlainText(text);
  if (isJson && !asText_->isChecked()) {
    treeView_->expandAll();
    return stack_->setCurrentWidget(treeView_);
  }
  if (!text.isEmpty()) return stack_->setCurrentWidget(text_);
  hint_->setHint(!isEvent                ? QStringLiteral("Choose an event to see its value.")
                 : event_->value.empty() ? QStringLiteral("The event has no value.")
                                         : QStringLiteral("The value is no text: its bytes stand beside this."));
  stack_->setCurrentWidget(hint_);
}

void EventInspector::copyPosition() {
  if (event_ != nullptr) QGuiApplication::clipboard()->setText(texts::of(event_->position));
}

} // namespace weft::monitor

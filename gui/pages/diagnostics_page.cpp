#include "gui/pages/diagnostics_page.hpp"

#include "gui/models/texts.hpp"
#include "gui/models/ui_times.hpp"
#include "gui/widgets/card.hpp"
#include "gui/widgets/chip_button.hpp"

#include <QClipboard>
#include <QFile>
#include <QGuiApplication>
#include <QScrollArea>
#include <QSplitter>
#include <QSysInfo>
#include <QVBoxLayout>

#include <unistd.h>

namespace weft::monitor {
namespace {

constexpr double tickBudget = 8, frameBudget = 16; // ms: more is felt

QString ms(double value) { return QString::number(value, 'f', value < 10 ? 2 : 1) + QStringLiteral(" ms"); }

/// What this process has in memory, as the system sees it.
QString memory() {
  QFile file(QStringLiteral("/proc/self/statm"));
  if (!file.open(QIODevice::ReadOnly)) return texts::dash;
  const auto pages = file.readAll().split(' ').value(1).toULongLong();
  return texts::bytes(double(pages) * double(::sysconf(_SC_PAGESIZE)));
}

QList<Fact> timeFacts(const QString& title, UiTimes::What what, double budget) {
  const auto of = UiTimes::instance().figures(what);
  if (of.count == 0) return {{{}, title, {}}, {QStringLiteral("Measured"), QStringLiteral("none yet"), {}}};
  const auto tone = of.p99 > budget ? std::optional(health::warn) : std::nullopt;
  return {{{}, title, {}},
          {QStringLiteral("Median"), ms(of.p50), {}},
          {QStringLiteral("p99"), ms(of.p99), tone},
          {QStringLiteral("Longest"), ms(of.most), {}},
          {QStringLiteral("Measured"), texts::count(of.count), {}}};
}

} // namespace

DiagnosticsPage::DiagnosticsPage(QWidget* parent)
    : Page(QStringLiteral("diagnostics"), QStringLiteral("Diagnostics"), parent),
      window_(new FactsView(QStringLiteral("The window"))),
      source_(new FactsView(QStringLiteral("The source"))),
      copy_(new ChipButton(QStringLiteral("Copy as text"), QStringLiteral("Copy all figures as text"))) {
  auto* left = new Card(QStringLiteral("The window"), QStringLiteral("last two minutes"), window_->scrolled());
  left->addToHead(copy_);
  auto* whole = addSplitter(Qt::Horizontal, {50, 50});
  whole->addWidget(left);
  whole->addWidget(new Card(QStringLiteral("The source"), QStringLiteral("of what is shown"), source_->scrolled()));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 0, 8, 0);
  column->addWidget(whole);
  connect(copy_, &QAbstractButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(asText()); });
  resetLayout();
}

void DiagnosticsPage::show(const Moment& moment) {
  const bool first = moment_.now == nullptr;
  moment_ = moment;
  if (first) refresh();
}

void DiagnosticsPage::resort() { refresh(); }

QList<Fact> DiagnosticsPage::windowFacts() const {
  auto facts = timeFacts(QStringLiteral("A tick of 100 ms"), UiTimes::What::tick, tickBudget);
  facts += timeFacts(QStringLiteral("A frame"), UiTimes::What::frame, frameBudget);
  facts << Fact{{}, QStringLiteral("This program"), {}} << Fact{QStringLiteral("Memory"), memory(), {}}
        << Fact{QStringLiteral("Weft"), QStringLiteral(WEFT_VERSION), {}}
        << Fact{QStringLiteral("Qt"), QString::fromUtf8(qVersion()), {}}
        << Fact{QStringLiteral("Platform"), QGuiApplication::platformName(), {}}
        << Fact{QStringLiteral("System"), QSysInfo::prettyProductName(), {}};
  return facts;
}

QList<Fact> DiagnosticsPage::sourceFacts() const {
  if (moment_.source == nullptr || moment_.now == nullptr) return {};
  const auto state = moment_.source->state();
  const auto& now = *moment_.source->latest();
  const auto lost = [](std::uint64_t n) { return n > 0 ? std::optional(health::warn) : std::optional<health>(); };
  QList<Fact> facts{{QStringLiteral("State"),
                     state.recorded    ? QStringLiteral("a recording")
                     : state.connected ? QStringLiteral("connected")
                                       : QStringLiteral("not connected"),
                     state.connected ? std::optional<health>() : std::optional(health::warn)}};
  if (!state.problem.empty()) facts << Fact{QStringLiteral("Problem"), texts::of(state.problem), health::warn};
  if (const auto& past = moment_.now->problem; !past.empty())
    facts << Fact{QStringLiteral("The past"), texts::of(past), health::warn};
  facts << Fact{QStringLiteral("Newest moment"), texts::moment(now.at), {}}
        << Fact{QStringLiteral("Oldest moment"), texts::moment(moment_.source->oldest()), {}}
        << Fact{{}, QStringLiteral("Frames"), {}} << Fact{QStringLiteral("Taken"), texts::count(now.frames_taken), {}}
        << Fact{QStringLiteral("Dropped"), texts::count(now.frames_dropped), lost(now.frames_dropped)}
        << Fact{QStringLiteral("Refused"), texts::count(now.frames_refused), lost(now.frames_refused)}
        << Fact{QStringLiteral("Rows refused"), texts::count(now.rows_refused), lost(now.rows_refused)}
        << Fact{{}, QStringLiteral("Rows"), {}} << Fact{QStringLiteral("Nodes"), texts::count(now.nodes.size()), {}}
        << Fact{QStringLiteral("Links"), texts::count(now.links.size()), {}}
        << Fact{QStringLiteral("Flows"), texts::count(now.flows.size()), {}}
        << Fact{QStringLiteral("Topics"), texts::count(now.topics.size()), {}}
        << Fact{QStringLiteral("Groups"), texts::count(now.groups.size()), {}}
        << Fact{QStringLiteral("Lag"), texts::count(now.lag.size()), {}};
  return facts;
}

void DiagnosticsPage::refresh() {
  if (moment_.now == nullptr) return;
  window_->setFacts(QStringLiteral("How quick it is"), std::nullopt, {}, windowFacts());
  const auto state = moment_.source == nullptr ? source_state{} : moment_.source->state();
  source_->setFacts(texts::of(state.where),
                    !state.problem.empty() ? health::warn
                    : state.connected      ? health::ok
                                           : health::unknown,
                    {}, sourceFacts());
}

QString DiagnosticsPage::asText() const {
  QString text;
  for (const auto& fact : windowFacts() + sourceFacts())
    text += fact.name.isEmpty() ? QLatin1Char('\n') + fact.value + QLatin1Char('\n')
                                : fact.name + QStringLiteral(": ") + fact.value + QLatin1Char('\n');
  return text.trimmed() + QLatin1Char('\n');
}

} // namespace weft::monitor

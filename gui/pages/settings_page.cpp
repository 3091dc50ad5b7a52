#include "gui/pages/settings_page.hpp"

#include "gui/core/limits.hpp"
#include "gui/models/preferences.hpp"
#include "gui/models/texts.hpp"
#include "gui/models/zone.hpp"
#include "gui/widgets/card.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/combo_field.hpp"
#include "gui/widgets/facts_view.hpp"
#include "gui/widgets/form.hpp"
#include "gui/widgets/theme.hpp"

#include <QScrollArea>
#include <QSplitter>
#include <QVBoxLayout>

namespace weft::monitor {
namespace {

QString zoneTitle(const QString& name) {
  if (name == QStringLiteral("utc")) return QStringLiteral("UTC");
  if (name == QStringLiteral("local")) return QStringLiteral("This machine's");
  return name;
}

} // namespace

SettingsPage::SettingsPage(QWidget* parent)
    : Page(QStringLiteral("settings"), QStringLiteral("Settings"), parent),
      form_(new Form),
      theme_(new ComboField(QStringLiteral("Theme"))),
      zone_(new ComboField(QStringLiteral("Time zone"))),
      scale_(new ComboField(QStringLiteral("Text size"))),
      motion_(new ChipButton(QStringLiteral("Moving dots"), QStringLiteral("Let dots move along flows"))),
      tables_(new ChipButton(QStringLiteral("Charts as tables"),
                             QStringLiteral("Show the figures of charts in tables (Ctrl+Shift+T)"))),
      payloads_(new ChipButton(QStringLiteral("Values of events may be saved and copied"),
                               QStringLiteral("Let exports hold the values of events"))),
      facts_(new FactsView(QStringLiteral("What is kept"))) {
  theme_->addItem(QStringLiteral("As the system"), int(ThemeChoice::system));
  theme_->addItem(QStringLiteral("Dark"), int(ThemeChoice::dark));
  theme_->addItem(QStringLiteral("Light"), int(ThemeChoice::light));
  for (int percent = Theme::scaleMin; percent <= Theme::scaleMax; percent += 10)
    scale_->addItem(QStringLiteral("%1 %").arg(percent), percent);
  for (const auto& name : Zone::choices())
    zone_->addItem(zoneTitle(name), name);
  motion_->setCheckable(true);
  tables_->setCheckable(true);
  payloads_->setCheckable(true);
  form_->addField(QStringLiteral("Theme"), theme_);
  form_->addField(QStringLiteral("Text size"), scale_);
  form_->addField(QStringLiteral("Time zone"), zone_);
  form_->addField(QStringLiteral("Motion"), motion_);
  form_->addField(QStringLiteral("Charts"), tables_);
  form_->addField(QStringLiteral("Exports"), payloads_);
  auto* whole = addSplitter(Qt::Horizontal, {45, 55});
  whole->addWidget(new Card(QStringLiteral("Settings"), QStringLiteral("take effect at once"), form_));
  whole->addWidget(new Card({}, {}, facts_->scrolled()));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 0, 8, 0);
  column->addWidget(whole);
  const auto choose = [this](auto act) {
    return [this, act] {
      if (loading_) return;
      act();
      Q_EMIT chosen();
    };
  };
  connect(theme_, &QComboBox::currentIndexChanged, this,
          choose([this] { Theme::instance().setChoice(static_cast<ThemeChoice>(theme_->currentData().toInt())); }));
  connect(scale_, &QComboBox::currentIndexChanged, this,
          choose([this] { Theme::instance().setTextScale(scale_->currentData().toInt()); }));
  connect(zone_, &QComboBox::currentIndexChanged, this,
          choose([this] { Zone::instance().choose(zone_->currentData().toString()); }));
  connect(motion_, &QAbstractButton::toggled, this,
          choose([this] { Theme::instance().setMotionAllowed(motion_->isChecked()); }));
  connect(tables_, &QAbstractButton::toggled, this,
          choose([this] { Preferences::instance().setChartsAsTables(tables_->isChecked()); }));
  connect(payloads_, &QAbstractButton::toggled, this,
          choose([this] { Preferences::instance().setPayloadExport(payloads_->isChecked()); }));
  connect(&Theme::instance(), &Theme::changed, this, &SettingsPage::load);
  connect(&Zone::instance(), &Zone::changed, this, &SettingsPage::load);
  connect(&Preferences::instance(), &Preferences::changed, this, &SettingsPage::load);
  load();
  resetLayout();
}

void SettingsPage::load() {
  loading_ = true;
  const auto& theme = Theme::instance();
  theme_->choose(int(theme.choice()));
  scale_->choose(theme.textScale());
  zone_->choose(Zone::instance().choice());
  motion_->setChecked(theme.motionAllowed());
  tables_->setChecked(Preferences::instance().chartsAsTables());
  payloads_->setChecked(Preferences::instance().payloadExport());
  loading_ = false;
  showFacts();
}

void SettingsPage::tellFile(const QString& file, const QString& problem) {
  file_ = file;
  form_->tell(problem);
  showFacts();
}

QString SettingsPage::told() const { return form_->told(); }

void SettingsPage::show(const Moment& moment) {
  moment_ = moment;
  showFacts();
}

void SettingsPage::showFacts() {
  const auto span = [](time_us us) { return texts::seconds(double(us) / 1e6); };
  QList<Fact> facts{
      {{}, QStringLiteral("In memory"), {}},
      {QStringLiteral("Frames"),
       span(limits::frames_kept_for) + QStringLiteral(", up to ") + texts::bytes(double(limits::frames_bytes_max)),
       {}},
      {QStringLiteral("Charts"), span(24 * limits::hour), {}},
      {{}, QStringLiteral("In the logs of the mesh"), {}},
      {QStringLiteral("Telemetry"), QStringLiteral("as long as its topic keeps it"), {}}};
  if (moment_.source != nullptr)
    facts << Fact{QStringLiteral("Oldest moment"), texts::moment(moment_.source->oldest()), {}};
  facts << Fact{{}, QStringLiteral("Settings"), {}} << Fact{QStringLiteral("File"), file_, {}}
        << Fact{QStringLiteral("Now, in this zone"), texts::moment(moment_.now == nullptr ? 0 : moment_.now->at), {}};
  facts_->setFacts(QStringLiteral("What is kept"), std::nullopt, {}, facts);
}

} // namespace weft::monitor

#include "gui/widgets/theme.hpp"

#include <QApplication>
#include <QFontDatabase>
#include <QPalette>

#include <algorithm>
#include <cmath>

// Outside the namespace, as the macro asks for.
static void initFonts() { Q_INIT_RESOURCE(monitor_fonts); }

namespace weft::monitor {
namespace {

Tokens darkTokens() {
  Tokens t;
  t.window = 0x101217, t.panel = 0x171a20, t.raised = 0x1f232b, t.stripe = 0x1c2027;
  t.border = 0x2d323c, t.grid = 0x2a2f38;
  t.text = 0xe9ebef, t.muted = 0xa0a7b4, t.faint = 0x6d7584;
  t.accent = 0x4c9dff, t.onAccent = 0x0b1220, t.selection = 0x22385a, t.hover = 0x242934;
  t.ok = 0x4c9dff, t.warn = 0xffc53d, t.fail = 0xff4f7b, t.unknown = 0x8b93a1;
  t.series = {QColor(0x56b4e9), QColor(0xe69f00), QColor(0x009e73), QColor(0xf0e442),
              QColor(0xcc79a7), QColor(0xd55e00), QColor(0xa0a7b4), QColor(0x6d7584)};
  return t;
}

Tokens lightTokens() {
  Tokens t;
  t.window = 0xedf0f4, t.panel = 0xffffff, t.raised = 0xf4f6f9, t.stripe = 0xf5f7fa;
  t.border = 0xd3d9e2, t.grid = 0xe3e7ed;
  t.text = 0x171b22, t.muted = 0x566070, t.faint = 0x8790a0;
  t.accent = 0x0b76d8, t.onAccent = 0xffffff, t.selection = 0xd6e8fb, t.hover = 0xe8edf4;
  t.ok = 0x0b76d8, t.warn = 0xa87b00, t.fail = 0xd4145a, t.unknown = 0x6f7988;
  t.series = {QColor(0x0099e6), QColor(0x730d0d), QColor(0x998f00), QColor(0x3600cc),
              QColor(0xdb7070), QColor(0x6b2e5f), QColor(0x566070), QColor(0x8790a0)};
  return t;
}

void loadFonts() {
  initFonts();
  for (const char* name : {"text.otf", "text-bold.otf", "number.ttf", "number-bold.ttf", "mono.ttf"})
    QFontDatabase::addApplicationFont(QStringLiteral(":/fonts/") + QLatin1String(name));
}

} // namespace

QColor blend(const QColor& colour, const QColor& ground, double part) {
  const auto mix = [part](int a, int b) { return static_cast<int>(std::lround(a * part + b * (1 - part))); };
  return {mix(colour.red(), ground.red()), mix(colour.green(), ground.green()), mix(colour.blue(), ground.blue())};
}

Theme::Theme() : systemIsDark_(QApplication::palette().color(QPalette::Window).lightnessF() < 0.5F) {
  loadFonts();
  dark_ = systemIsDark_;
  tokens_ = dark_ ? darkTokens() : lightTokens();
  applyToApplication();
}

Theme& Theme::instance() {
  static Theme theme;
  return theme;
}

void Theme::setChoice(ThemeChoice choice) {
  choice_ = choice;
  dark_ = choice == ThemeChoice::dark || (choice == ThemeChoice::system && systemIsDark_);
  tokens_ = dark_ ? darkTokens() : lightTokens();
  applyToApplication();
  Q_EMIT changed();
}

void Theme::setTextScale(int percent) {
  scale_ = std::clamp(percent, scaleMin, scaleMax);
  applyToApplication();
  Q_EMIT changed();
}

void Theme::setMotionAllowed(bool allowed) {
  motion_ = allowed;
  Q_EMIT changed();
}

QFont Theme::font(FontRole role, double pixels, QFont::Weight weight) const {
  QFont font(role == FontRole::text     ? QStringLiteral("Inter")
             : role == FontRole::number ? QStringLiteral("Noto Sans")
                                        : QStringLiteral("JetBrains Mono"));
  font.setPixelSize(std::max(7, px(pixels)));
  font.setWeight(weight);
  font.setHintingPreference(QFont::PreferNoHinting);
  return font;
}

int Theme::px(double pixels) const noexcept { return static_cast<int>(std::lround(pixels * scale_ / 100)); }

QColor Theme::of(health shown) const {
  switch (shown) {
  case health::ok: return tokens_.ok;
  case health::warn: return tokens_.warn;
  case health::fail: return tokens_.fail;
  case health::unknown: break;
  }
  return tokens_.unknown;
}

void Theme::applyToApplication() {
  QPalette palette;
  palette.setColor(QPalette::Window, tokens_.window);
  palette.setColor(QPalette::WindowText, tokens_.text);
  palette.setColor(QPalette::Base, tokens_.panel);
  palette.setColor(QPalette::AlternateBase, tokens_.stripe);
  palette.setColor(QPalette::Text, tokens_.text);
  palette.setColor(QPalette::PlaceholderText, tokens_.faint);
  palette.setColor(QPalette::Button, tokens_.raised);
  palette.setColor(QPalette::ButtonText, tokens_.text);
  palette.setColor(QPalette::BrightText, tokens_.text);
  palette.setColor(QPalette::Light, tokens_.hover);
  palette.setColor(QPalette::Midlight, tokens_.raised);
  palette.setColor(QPalette::Mid, tokens_.border);
  palette.setColor(QPalette::Dark, tokens_.border);
  palette.setColor(QPalette::Shadow, tokens_.window);
  palette.setColor(QPalette::Highlight, tokens_.selection);
  palette.setColor(QPalette::HighlightedText, tokens_.text);
  palette.setColor(QPalette::ToolTipBase, tokens_.raised);
  palette.setColor(QPalette::ToolTipText, tokens_.text);
  palette.setColor(QPalette::Link, tokens_.accent);
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
    palette.setColor(QPalette::Disabled, role, tokens_.faint);
  QApplication::setPalette(palette);
  QApplication::setFont(font(FontRole::text, 13));
}

} // namespace weft::monitor

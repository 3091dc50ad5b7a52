// gui/widgets/theme.hpp: the colours, fonts and sizes that everything in the window is drawn with.
#pragma once
#include "gui/core/snapshot.hpp"

#include <QColor>
#include <QFont>
#include <QObject>
#include <QPen>

#include <array>

namespace weft::monitor {

/// The colours of one theme. Those of states and series were measured: they differ under each kind of colour blindness,
/// and stand out from `panel`.
struct Tokens {
  QColor window, panel, raised, stripe, border, grid;
  QColor text, muted, faint;
  QColor accent, onAccent, selection, hover;
  QColor ok, warn, fail, unknown;
  std::array<QColor, 8> series; ///< the last two are greys: more than six colours are not told apart
};

enum class ThemeChoice { system, dark, light };
enum class FontRole { text, number, mono };

/// What widgets draw with; there is one in the process. Painted widgets repaint on `changed`.
/// @thread that of the window
class Theme : public QObject {
  Q_OBJECT
public:
  static constexpr int scaleMin = 80, scaleMax = 150; ///< per cent of the text's size

  static Theme& instance();

  [[nodiscard]] const Tokens& tokens() const noexcept { return tokens_; }
  [[nodiscard]] ThemeChoice choice() const noexcept { return choice_; }
  [[nodiscard]] bool isDark() const noexcept { return dark_; }
  [[nodiscard]] int textScale() const noexcept { return scale_; }
  [[nodiscard]] bool motionAllowed() const noexcept { return motion_; }

  void setChoice(ThemeChoice choice);
  void setTextScale(int percent); ///< is brought into the limits
  void setMotionAllowed(bool allowed);

  /// A font of `pixels` at 100 %.
  [[nodiscard]] QFont font(FontRole role, double pixels = 13, QFont::Weight weight = QFont::Normal) const;
  /// A length that grows with the text.
  [[nodiscard]] int px(double pixels) const noexcept;
  [[nodiscard]] QColor of(health shown) const;

Q_SIGNALS:
  void changed();

private:
  Theme();
  void applyToApplication();

  Tokens tokens_;
  ThemeChoice choice_ = ThemeChoice::system;
  bool dark_ = true, systemIsDark_ = true, motion_ = true;
  int scale_ = 100;
};

[[nodiscard]] inline const Tokens& tokens() { return Theme::instance().tokens(); }
/// A pen of one device pixel; a wider antialiased one costs 38 times as much.
[[nodiscard]] inline QPen hairline(const QColor& colour) { return QPen(colour, 0); }
/// `colour` over `ground`, `part` of it.
[[nodiscard]] QColor blend(const QColor& colour, const QColor& ground, double part);

} // namespace weft::monitor

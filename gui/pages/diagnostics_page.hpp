// gui/pages/diagnostics_page.hpp: how the monitor itself does.
#pragma once
#include "gui/pages/page.hpp"
#include "gui/widgets/facts_view.hpp"

namespace weft::monitor {

class ChipButton;

class DiagnosticsPage : public Page {
  Q_OBJECT
public:
  explicit DiagnosticsPage(QWidget* parent = nullptr);

  void resort() override; ///< once a second: figures of now, whatever moment is shown
  /// All of it as lines, for a report.
  [[nodiscard]] QString asText() const;

protected:
  void show(const Moment& moment) override;

private:
  [[nodiscard]] QList<Fact> windowFacts() const;
  [[nodiscard]] QList<Fact> sourceFacts() const;
  void refresh();

  FactsView *window_, *source_;
  ChipButton* copy_;
  Moment moment_;
};

} // namespace weft::monitor

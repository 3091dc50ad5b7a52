// gui/pages/trace_page.hpp: what led to an event, and what came of it, over all nodes.
#pragma once
#include "gui/core/trace.hpp"
#include "gui/models/errands.hpp"
#include "gui/pages/page.hpp"

namespace weft::monitor {

class Card;
class ChipButton;
class FactsView;
class FilterLine;
class NoteLine;
class TraceView;

class TracePage : public Page {
  Q_OBJECT
public:
  /// @param errands outlives this
  explicit TracePage(Errands& errands, QWidget* parent = nullptr);

  /// Traces the event at this position.
  void open(const QString& of) override;
  void meshChanged() override;
  bool startFind() override;
  [[nodiscard]] bool isBusy() const override { return isReading_; }
  /// What stands beside the title.
  [[nodiscard]] QString summary() const;

protected:
  void show(const Moment& moment) override;

private:
  void makeConnections();
  void read();
  void stop();
  void arrived(const result<event_lineage>& found);
  void showTrace();
  void showChosen();
  void showState();
  [[nodiscard]] const trace_row* chosen() const;

  Errands& errands_;
  TraceView* view_;
  FactsView* facts_;
  FilterLine* position_;
  NoteLine* note_;
  ChipButton *stop_, *corrected_, *event_, *topic_, *node_, *topology_;
  Card* card_ = nullptr;
  Moment moment_;
  std::string asked_;
  event_lineage lineage_;
  bool isReading_ = false;
  Errand errand_;
};

} // namespace weft::monitor

// gui/pages/events_page.hpp: events of any log: which, from where on, and all of the chosen one.
#pragma once
#include "gui/models/event_reading.hpp"
#include "gui/models/events_model.hpp"
#include "gui/pages/event_words.hpp"
#include "gui/pages/page.hpp"

#include <functional>

class QStackedWidget;

namespace weft::monitor {

class Card;
class ChipButton;
class EventInspector;
class EventStart;
class FactsView;
class FilterLine;
class LightTable;
class NoteLine;

class EventsPage : public Page {
  Q_OBJECT
public:
  /// @param errands outlives this
  explicit EventsPage(Errands& errands, QWidget* parent = nullptr);

  /// Reads: from a position on, or what a filter line finds.
  void open(const QString& of) override;
  /// The filter stays: it may fit there, too.
  void meshChanged() override;
  void resort() override;
  bool startFind() override;
  void traceChosen() override;
  void exportRows() override;
  [[nodiscard]] bool isBusy() const override;

  [[nodiscard]] EventReading& reading() noexcept { return reading_; }
  [[nodiscard]] EventStart& start() noexcept { return *start_; }
  /// Who asks for a file's name; by default a dialog. An empty name: nowhere.
  void setFileChooser(std::function<QString()> chooser) { chooser_ = std::move(chooser); }
  /// What stands beside the list's title.
  [[nodiscard]] QString progressText() const;

protected:
  void show(const Moment& moment) override;

private:
  QWidget* makeHead();
  void makeConnections();
  void read();
  void take(const std::vector<EventsModel::Row>& rows);
  void showState();
  void showChosen();
  void askForReplay();

  Errands& errands_;
  EventReading reading_;
  EventsModel events_;
  EventInspector* inspector_;
  LightTable* list_;
  FilterLine *filter_, *position_;
  EventStart* start_;
  ChipButton *read_, *stop_, *more_, *replay_, *export_;
  NoteLine* note_;
  FactsView* empty_;
  QStackedWidget* stack_;
  Card* card_ = nullptr;
  Moment moment_;
  std::function<QString()> chooser_;
  std::uint64_t gone_ = 0; ///< rows of a tail that left the list
  bool begun_ = false, full_ = false;
  bool unasked_ = false; ///< nobody but the page itself has read, at its first moment
  EventWords words_;
  Errand writing_;
};

} // namespace weft::monitor

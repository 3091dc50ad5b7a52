// gui/pages/event_inspector.hpp: all of one event: facts, its value as a tree and as text, its bytes; or how it differs
// from another.
#pragma once
#include "gui/core/events.hpp"
#include "gui/models/differences_model.hpp"
#include "gui/models/value_model.hpp"

#include <QObject>

#include <memory>

class QStackedWidget;

namespace weft::monitor {

class Card;
class ChipButton;
class FactsView;
class HexView;
class LightTable;
class PayloadText;

/// Three cards that a page puts where it likes. What is chosen in the tree is marked in the bytes, and the other way
/// round, unless the value is shown by its contract: then its bytes are others. While an event is held, each other that
/// is chosen is compared with it.
class EventInspector : public QObject {
  Q_OBJECT
public:
  explicit EventInspector(QObject* parent = nullptr);

  [[nodiscard]] QWidget* facts();
  [[nodiscard]] QWidget* value();
  [[nodiscard]] QWidget* bytes();

  /// @param event null: none is chosen
  void show(std::shared_ptr<const event_row> event, const snapshot& now);
  /// Only what the mesh says of the event, which changes.
  void refresh(const snapshot& now);
  /// No event is held any more.
  void release();
  [[nodiscard]] const event_row* chosen() const noexcept { return event_.get(); }

Q_SIGNALS:
  void traceWanted();
  void topicWanted();
  void startWanted(); ///< reading from this event on

private:
  void showValue();
  void hold(bool on);
  void showDifferences();
  void copyPosition();

  std::shared_ptr<const event_row> event_;
  std::shared_ptr<const event_row> held_; ///< null: none is
  ValueModel tree_;
  DifferencesModel differences_;
  FactsView* factsView_;
  LightTable *treeView_, *differencesView_;
  PayloadText* text_;
  FactsView* hint_; ///< where there is nothing to show
  QStackedWidget* stack_;
  HexView* hex_;
  Card *factsCard_, *valueCard_, *bytesCard_;
  ChipButton *trace_, *copy_, *topic_, *from_, *asText_, *hold_;
};

} // namespace weft::monitor

// gui/pages/topology_page.hpp: who sends to whom, as a picture or as tables, and what is known of the chosen node.
#pragma once
#include "gui/pages/page.hpp"
#include "gui/pages/places.hpp"
#include "gui/widgets/topology_choice.hpp"

class QStackedWidget;

namespace weft::monitor {

class Card;
class ChipButton;
class FactsView;
class TopologyBar;
class TopologyTwin;
class TopologyView;

class TopologyPage : public Page {
  Q_OBJECT
public:
  explicit TopologyPage(QWidget* parent = nullptr);

  /// Shows the node, though its zone is closed or it is hidden.
  void open(const QString& of) override;
  void resort() override;
  bool startFind() override;
  [[nodiscard]] QVariantMap choices() const override;
  void setChoices(const QVariantMap& choices) override;
  [[nodiscard]] std::vector<std::string> nodesInView() const override;

protected:
  void show(const Moment& moment) override;

private:
  QWidget* makeGraph();
  QWidget* makeSide();
  void connectView();
  void connectBar();
  void showGraph(); ///< of the moment, as it is wished for
  void showTable();
  void showBar();
  void showFacts();
  void focusOn(const QString& node, int hops);
  void openOrClose(const QString& box);
  void closeZone(const QString& zone);
  void setOpen(std::set<std::string> zones);
  void pin(const QString& node, QPointF place);
  void unpin(const QString& node);
  [[nodiscard]] const TopologyNode* chosen() const;

  TopologyView* view_;
  TopologyBar* bar_;
  QStackedWidget* shown_; ///< the picture or its twin
  TopologyTwin* twin_;
  FactsView* facts_;
  ChipButton *asTable_, *openNode_;
  QList<ChipButton*> pictureChips_;
  Places places_;
  TopologyGraph whole_;
  snapshot_ptr now_;
  QVariantMap pins_; ///< by mesh: QVariantMap of places by node
};

} // namespace weft::monitor

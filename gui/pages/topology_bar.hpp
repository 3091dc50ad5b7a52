// gui/pages/topology_bar.hpp: what of the mesh is shown: a line to look for names, and a row of chips.
#pragma once
#include "gui/widgets/topology_choice.hpp"

#include <QWidget>

class QLineEdit;

namespace weft::monitor {

class ChipButton;

/// What the chips say of is told by show(); what is pressed is told by signals, or changes wish().
class TopologyBar : public QWidget {
  Q_OBJECT
public:
  explicit TopologyBar(QWidget* parent = nullptr);

  [[nodiscard]] const TopologyWish& wish() const noexcept { return wish_; }
  void setWish(TopologyWish wish);
  void startFind();

  struct Shown {
    QString selected;    ///< a node's or zone's title; empty: none
    bool isZone = false; ///< that is selected
    QString openZone;    ///< that the selected node is in, and that could be closed
    bool pinned = false; ///< that is selected
    int pins = 0;        ///< of all
    bool byZones = true;
    bool collapses = false; ///< there are so many nodes that zones are one box each
  };
  void show(const Shown& shown);

Q_SIGNALS:
  void wishChanged();
  void zoneWished(); ///< open or close that of what is selected
  void allZonesWished(bool open);
  void pinWished(); ///< let go of what is selected
  void unpinAllWished();
  void byZonesWished(bool on);

private:
  void addMarks();
  void addOthers();
  void showMark(NodeMark mark);
  void stepMark(NodeMark mark);
  void change();

  TopologyWish wish_;
  Shown shown_;
  QLineEdit* find_;
  std::map<NodeMark, ChipButton*> marks_;
  ChipButton *focus_, *fewer_, *more_, *zone_, *allZones_, *layout_, *unpin_, *unpinAll_;
};

} // namespace weft::monitor

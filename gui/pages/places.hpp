// gui/pages/places.hpp: where nodes are in the plane; those that stay, stay near where they were.
#pragma once
#include <QMap>
#include <QObject>
#include <QPointF>

#include <map>
#include <stop_token>
#include <string>
#include <vector>

namespace weft::monitor {

struct TopologyGraph;
struct layout_point;

/// Lays nodes out on the pool when some came or went, or when there are many more edges than there were. A layout that
/// is overtaken by the next is stopped and never shown.
/// @thread that of the window
class Places : public QObject {
  Q_OBJECT
public:
  /// Where somebody put nodes, by name.
  using Pins = QMap<QString, QPointF>;

  explicit Places(QObject* parent = nullptr) : QObject(parent) {}
  ~Places() override { stop_.request_stop(); }

  /// What is known now: a place for each node; new ones wait in the middle until they have theirs. Nothing while most
  /// have none.
  std::vector<QPointF> of(const TopologyGraph& graph);

  /// Nodes of a zone stand together, or all nodes stand as their links draw them.
  void setByZones(bool on);
  [[nodiscard]] bool byZones() const noexcept { return byZones_; }
  void setPins(const Pins& pins);
  [[nodiscard]] const Pins& pins() const noexcept { return pins_; }
  [[nodiscard]] bool isLayingOut() const noexcept { return laying_; }

Q_SIGNALS:
  /// There are other places than of() gave last.
  void changed();

private:
  void layOut(const TopologyGraph& graph, bool anew);
  void arrived(int job, const std::vector<std::string>& names, const std::vector<layout_point>& at);

  std::map<std::string, QPointF> known_;
  std::vector<std::string> asked_; ///< nodes of the last layout, sorted
  std::size_t edgesAsked_ = 0;
  bool byZones_ = true, anew_ = false, again_ = false, laying_ = false;
  Pins pins_;
  std::stop_source stop_;
  int job_ = 0;
};

} // namespace weft::monitor

// gui/pages/start_page.hpp: which mesh to look at: nodes of this machine, what was opened before, or a path.
#pragma once
#include "gui/models/errands.hpp"
#include "gui/models/nodes_here_model.hpp"
#include "gui/models/sort_model.hpp"
#include "gui/pages/page.hpp"

class QLineEdit;

namespace weft::monitor {

class Card;
class ChipButton;
class Form;
class LightTable;

/// What somebody chooses is looked at first, on a thread of its own: what can't be opened is told here, and the window
/// keeps what it shows.
class StartPage : public Page {
  Q_OBJECT
public:
  using FindNodes = std::function<std::vector<PlaceRow>()>; ///< called off the window's thread
  using Probe = std::function<QString(const MeshPlace&)>;   ///< why it can't be opened; the same

  StartPage(Errands& errands, FindNodes find, Probe probe, QWidget* parent = nullptr);

  /// What was opened before, the last first.
  void setKnown(const QList<MeshPlace>& known, const std::optional<MeshPlace>& shown);
  [[nodiscard]] const QList<MeshPlace>& known() const noexcept { return known_; }
  void resort() override;
  /// Says what went wrong when it was opened after all.
  void tell(const QString& problem);
  /// Says what is being done.
  void tellProgress(const QString& what);
  [[nodiscard]] QString told() const;
  void lookAgain();
  [[nodiscard]] bool isBusy() const override { return busy_; }

Q_SIGNALS:
  void chosen(const weft::monitor::MeshPlace& place);
  void knownChanged();

protected:
  void show(const Moment& moment) override;
  void showEvent(QShowEvent* event) override;

private:
  void openTyped();
  void choose(const MeshPlace& place);
  void chooseFile(const QString& title, const QString& kinds);
  void forget();
  void showLists();

  Errands& errands_;
  const FindNodes find_;
  const Probe probe_;
  PlacesModel here_, before_;
  SortModel sortedHere_, sortedBefore_;
  LightTable *hereTable_, *beforeTable_;
  Form* form_;
  QLineEdit* path_;
  Card* hereCard_ = nullptr;
  QList<MeshPlace> known_;
  std::optional<MeshPlace> shown_;
  std::vector<PlaceRow> found_;
  Errand looking_, probing_;
  bool busy_ = false; ///< looks for nodes
};

/// The nodes that run on this machine, and whether a place can be opened; both wait.
[[nodiscard]] std::vector<PlaceRow> nodesHere();
[[nodiscard]] QString problemOf(const MeshPlace& place);

} // namespace weft::monitor

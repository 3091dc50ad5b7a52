// gui/app/mesh_hub.hpp: brings the mesh, as it is or as it was, to the window.
#pragma once
#include "gui/models/time_cursor.hpp"
#include "gui/pages/page.hpp"

#include <QThreadPool>
#include <QTimer>

#include <stop_token>

namespace weft::monitor {

/// One timer of 100 ms takes the newest snapshot; moments of the past are read on a worker. Of many wishes made while
/// one is read only the last is read next.
/// @thread that of the window
class MeshHub : public QObject {
  Q_OBJECT
public:
  /// @param source outlives this
  explicit MeshHub(mesh_source& source, QObject* parent = nullptr);
  ~MeshHub() override;

  void start() { timer_.start(); }
  /// Shows another mesh from now on, as it is now. @param keep keeps the source while it is read
  void setSource(mesh_source& source, std::shared_ptr<void> keep);
  /// What the timer does; tests call it themselves.
  void tick();

  [[nodiscard]] TimeCursor& cursor() noexcept { return cursor_; }
  [[nodiscard]] const Moment& moment() const noexcept { return moment_; }
  [[nodiscard]] mesh_source& source() const noexcept { return *source_; }
  [[nodiscard]] const std::shared_ptr<void>& keep() const noexcept { return keep_; }
  /// As mesh_source::set_in_view(): what moments show is looked at closely.
  void setInView(const std::vector<std::string>& nodes) { source_->set_in_view(nodes); }
  [[nodiscard]] bool isSeeking() const noexcept { return seeking_; }

Q_SIGNALS:
  void momentChanged();
  /// Once a second of the mesh's time, a tick after its first moment, and when the cursor moved.
  void secondPassed();
  /// At each tick: how the source does, which may change while nothing new is shown.
  void ticked();

private:
  void wish();
  void arrived(const mesh_source* from, time_us at, snapshot_ptr found);
  void show(snapshot_ptr now);

  mesh_source* source_;
  std::shared_ptr<void> keep_;
  TimeCursor cursor_;
  QTimer timer_;
  Moment moment_;
  bool seeking_ = false, secondDue_ = false;
  time_us second_ = -1;
  std::stop_source seek_; // of what is read
  QThreadPool worker_;    // last: its end waits for a read that is under way, which was asked to stop
};

} // namespace weft::monitor

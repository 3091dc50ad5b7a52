// gui/models/errands.hpp: what waits for the mesh is done on threads of its own; its outcome comes to the window's.
#pragma once
#include "gui/core/mesh_access.hpp"

#include <QObject>
#include <QPointer>
#include <QThreadPool>

#include <functional>
#include <memory>
#include <stop_token>
#include <type_traits>
#include <utility>

namespace weft::monitor {

/// Something that is under way. Destroyed or assigned to, it is asked to stop, and what it would have told is dropped.
class Errand {
public:
  Errand() = default;
  Errand(Errand&& other) noexcept : stop_(std::exchange(other.stop_, std::stop_source(std::nostopstate))) {}
  Errand& operator=(Errand&& other) noexcept {
    if (this != &other) {
      stop_.request_stop();
      stop_ = std::exchange(other.stop_, std::stop_source(std::nostopstate));
    }
    return *this;
  }
  ~Errand() { stop_.request_stop(); }

private:
  friend class Errands;
  explicit Errand(std::stop_source stop) : stop_(std::move(stop)) {}
  std::stop_source stop_{std::nostopstate};
};

/// @thread that of the window
class Errands : public QObject {
  Q_OBJECT
public:
  explicit Errands(std::shared_ptr<mesh_access> mesh, QObject* parent = nullptr);
  /// Asks all to stop and waits for them.
  ~Errands() override;
  /// What is run from now on is of this mesh; what is under way keeps its own.
  void setMesh(std::shared_ptr<mesh_access> mesh) { mesh_ = std::move(mesh); }
  [[nodiscard]] const std::shared_ptr<mesh_access>& mesh() const noexcept { return mesh_; }

  /// Runs work(mesh_access&, const std::stop_token&) on a thread of the pool, then then(its result) on the window's
  /// thread, unless the Errand or `who` is gone by then. Work that waits looks at its token.
  template <class Work, class Then>
  [[nodiscard]] Errand run(QObject* who, Work work, Then then);
  /// From within work: has `tell` called on the window's thread under the same conditions, in order.
  static void tell(const QPointer<QObject>& who, const std::stop_token& stop, std::function<void()> what);
  /// Waits until nothing is under way; for tests and pictures.
  void waitForDone() { pool_.waitForDone(); }

private:
  std::shared_ptr<mesh_access> mesh_;
  std::stop_source over_;
  QThreadPool pool_; // last: its end waits
};

template <class Work, class Then>
Errand Errands::run(QObject* who, Work work, Then then) {
  std::stop_source stop;
  pool_.start([mesh = mesh_, work = std::move(work), then = std::move(then), token = stop.get_token(),
               over = over_.get_token(), stop, who = QPointer<QObject>(who)]() mutable {
    const std::stop_callback end(over, [&stop] { stop.request_stop(); });
    if (token.stop_requested()) return;
    auto made = std::make_shared<std::invoke_result_t<Work&, mesh_access&, const std::stop_token&>>(work(*mesh, token));
    tell(who, token, [then = std::move(then), made]() mutable { then(std::move(*made)); });
  });
  return Errand(std::move(stop));
}

} // namespace weft::monitor

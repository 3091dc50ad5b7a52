// gui/app/far_load.hpp: how much was published in hours that no chart remembers: sampled from the past, for the time
// bar.
#pragma once
#include "gui/core/source.hpp"

#include <QObject>
#include <QThreadPool>

#include <memory>
#include <stop_token>
#include <vector>

namespace weft::monitor {

/// Each sample is a moment that is sought, so it is done only when somebody looks so far back, one after the other, on
/// a thread of its own.
/// @thread that of the window
class FarLoad : public QObject {
  Q_OBJECT
public:
  static constexpr time_us every = 15 * 60'000'000LL; ///< between samples: 96 of a day

  explicit FarLoad(QObject* parent = nullptr);
  ~FarLoad() override;

  /// Looks at another source from now on. @param keep keeps it while it is read
  void setSource(mesh_source& source, std::shared_ptr<void> keep);
  /// Somebody looks back to `from`; it is not asked twice for the same.
  void want(time_us from, time_us until);
  /// What is known by now, oldest first.
  [[nodiscard]] const std::vector<series_point>& points() const noexcept { return points_; }
  void waitForDone() { worker_.waitForDone(); }

Q_SIGNALS:
  void changed();

private:
  void take(const mesh_source* from, const std::vector<series_point>& found);

  mesh_source* source_ = nullptr;
  std::shared_ptr<void> keep_;
  std::vector<series_point> points_;
  time_us asked_ = 0; ///< back to here; 0: nothing was asked
  std::stop_source stop_;
  QThreadPool worker_; // last: its end waits
};

} // namespace weft::monitor

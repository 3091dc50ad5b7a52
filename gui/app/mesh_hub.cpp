#include "gui/app/mesh_hub.hpp"

#include "gui/core/figures.hpp"
#include "gui/models/ui_times.hpp"

#include <fmt/format.h>
#include <malloc.h>

namespace weft::monitor {
namespace {

constexpr int tickEvery = 100'000;     // microseconds: as often as there are snapshots
constexpr time_us givesBackEvery = 60; // seconds

/// A large snapshot is some hundred thousand texts: who lets it go last, which is this thread, would wait for that.
snapshot_ptr freedElsewhere(snapshot_ptr now) {
  const auto* shown = now.get();
  return {shown, [now = std::move(now)](const snapshot*) mutable {
            if (now->lag.size() + now->flows.size() + now->groups.size() > 2000)
              QThreadPool::globalInstance()->start([now = std::move(now)]() mutable { now.reset(); });
          }};
}

/// Snapshots come and go between what stays, and leave holes: without this they add up, in an hour to a tenth of all.
void giveBackMemory() {
  QThreadPool::globalInstance()->start([] { malloc_trim(0); });
}

} // namespace

MeshHub::MeshHub(mesh_source& source, QObject* parent) : QObject(parent), source_(&source) {
  worker_.setMaxThreadCount(1);
  moment_.now = source.latest();
  moment_.source = &source;
  timer_.setInterval(tickEvery / 1000);
  timer_.setTimerType(Qt::PreciseTimer);
  connect(&timer_, &QTimer::timeout, this, &MeshHub::tick);
  connect(&cursor_, &TimeCursor::changed, this, [this] {
    if (cursor_.isLive()) {
      seek_.request_stop();
      tick();
    } else {
      wish();
    }
    Q_EMIT secondPassed();
  });
}

MeshHub::~MeshHub() { seek_.request_stop(); }

void MeshHub::setSource(mesh_source& source, std::shared_ptr<void> keep) {
  seek_.request_stop();
  source_ = &source;
  keep_ = std::move(keep);
  moment_.source = &source;
  second_ = -1;
  cursor_.setBounds(source.oldest(), source.latest()->at);
  cursor_.goLive();
  show(source.latest());
  Q_EMIT secondPassed();
}

void MeshHub::tick() {
  const UiTimes::Scope measured(UiTimes::What::tick);
  cursor_.pass(tickEvery);
  const auto newest = source_->latest();
  cursor_.setBounds(source_->oldest(), newest->at);
  if (cursor_.isLive() && (newest->sequence != moment_.now->sequence || !moment_.live)) show(newest);
  const bool due = std::exchange(secondDue_, false);
  if (const time_us second = newest->at / 1'000'000; second != second_) {
    secondDue_ = second_ >= 0; // pages do their own work of a second in this tick: the next one has time
    if (!secondDue_) Q_EMIT secondPassed();
    const bool passed = second == second_ + 1; // a recording that is read goes by in leaps
    if (passed && second % givesBackEvery == 0) giveBackMemory();
    second_ = second;
  }
  if (due) Q_EMIT secondPassed();
  Q_EMIT ticked();
}

void MeshHub::wish() {
  if (seeking_) return;
  seeking_ = true;
  seek_ = {};
  const time_us at = cursor_.moment();
  worker_.start([this, at, source = source_, keep = keep_, stop = seek_.get_token()] {
    auto found = source->seek(at, stop); // safe: the worker is done before this is gone
    QMetaObject::invokeMethod(
        this, [this, source, at, found = std::move(found)] { arrived(source, at, found); }, Qt::QueuedConnection);
  });
}

void MeshHub::arrived(const mesh_source* from, time_us at, snapshot_ptr found) {
  seeking_ = false;
  if (cursor_.isLive()) return;
  if (from != source_ || seek_.stop_requested()) return wish(); // of the mesh before, or before it was live
  if (found == nullptr) { // nothing is kept of then: nothing is shown, rather than another time
    auto empty = std::make_shared<snapshot>();
    empty->at = at;
    empty->problem = fmt::format("no node told anything of {}: choose another moment", figures::utc(at));
    found = std::move(empty);
  }
  show(std::move(found));
  Q_EMIT secondPassed(); // rows of another time are put in order at once
  if (cursor_.moment() != at) wish();
}

void MeshHub::show(snapshot_ptr now) {
  moment_.now = freedElsewhere(std::move(now));
  moment_.live = cursor_.isLive();
  Q_EMIT momentChanged();
}

} // namespace weft::monitor

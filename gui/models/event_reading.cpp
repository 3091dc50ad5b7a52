#include "gui/models/event_reading.hpp"

#include "gui/core/limits.hpp"
#include "gui/models/texts.hpp"

namespace weft::monitor {
namespace {

constexpr int paceMs = 100; // rows that come more often nobody reads

} // namespace

EventReading::EventReading(Errands& errands, QObject* parent) : QObject(parent), errands_(errands) {
  pace_.setSingleShot(true);
  connect(&pace_, &QTimer::timeout, this, &EventReading::drain);
}

void EventReading::start(const event_query& what) {
  errand_ = {};
  what_ = what;
  progress_ = {};
  problem_.clear();
  state_ = State::reading;
  queue_ = what.tail ? std::make_shared<event_queue>(event_queue::kind::tail, limits::tail_waiting_max)
                     : std::make_shared<event_queue>(event_queue::kind::reading, limits::events_page);
  const auto told = std::make_shared<std::atomic<bool>>(false);
  const auto work = [queue = queue_, what, told, self = QPointer<QObject>(this), this](mesh_access& mesh,
                                                                                       const std::stop_token& stop) {
    const auto tell = [&] { // at most one is on its way
      if (told->exchange(true)) return;
      Errands::tell(self, stop, [this, told, queue] { // not called once this is gone
        *told = false;
        if (queue_ == queue && !pace_.isActive()) pace_.start(what_.tail ? paceMs : 0);
      });
    };
    return mesh.read(
        what,
        [&](std::vector<event_row> rows, const read_progress& so_far) {
          queue->put(std::move(rows), so_far, stop, tell);
        },
        stop);
  };
  errand_ = errands_.run(this, work, [this](const result<void>& done) { finish(done); });
  Q_EMIT changed();
}

void EventReading::more() {
  if (state_ != State::waiting) return;
  queue_->allow(limits::events_page);
  state_ = State::reading;
  drain();
}

void EventReading::stop() {
  if (!isUnderWay()) return;
  errand_ = {};
  drain();
  state_ = State::stopped;
  Q_EMIT changed();
}

void EventReading::reset() {
  errand_ = {};
  pace_.stop();
  queue_.reset();
  what_ = {};
  progress_ = {};
  problem_.clear();
  state_ = State::idle;
  Q_EMIT changed();
}

void EventReading::drain() {
  auto batch = queue_->take();
  progress_ = batch.so_far;
  std::vector<std::shared_ptr<const event_row>> rows;
  for (auto& row : batch.rows)
    rows.push_back(std::make_shared<const event_row>(std::move(row)));
  if (isUnderWay()) state_ = batch.wants_more ? State::waiting : State::reading;
  if (!rows.empty()) Q_EMIT came(rows);
  Q_EMIT changed();
}

void EventReading::finish(const result<void>& done) {
  drain();
  state_ = done ? State::over : State::failed;
  if (!done) problem_ = texts::of(done.error().message());
  Q_EMIT changed();
}

} // namespace weft::monitor

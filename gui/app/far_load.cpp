#include "gui/app/far_load.hpp"

#include <algorithm>

namespace weft::monitor {
namespace {

constexpr time_us minute = 60'000'000;

} // namespace

FarLoad::FarLoad(QObject* parent) : QObject(parent) { worker_.setMaxThreadCount(1); }

FarLoad::~FarLoad() {
  stop_.request_stop();
  worker_.waitForDone();
}

void FarLoad::setSource(mesh_source& source, std::shared_ptr<void> keep) {
  stop_.request_stop();
  stop_ = {};
  source_ = &source;
  keep_ = std::move(keep);
  points_.clear();
  asked_ = 0;
}

/// From the newest to the oldest: who zooms out looks at what is near first.
void FarLoad::want(time_us from, time_us until) {
  if (source_ == nullptr) return;
  from = std::max(from, source_->oldest());
  if (asked_ != 0) until = std::min(until, asked_);
  const time_us first = (from / every + 1) * every;
  if (first >= until) return;
  asked_ = first;
  worker_.start([this, source = source_, keep = keep_, first, until, stop = stop_.get_token()] {
    for (time_us at = (until - 1) / every * every; at >= first && !stop.stop_requested(); at -= every) {
      const auto found = source->seek(at, stop);
      if (found == nullptr || found->nodes.empty()) continue;
      const double value = found->sums.published_per_s;
      QMetaObject::invokeMethod(
          this,
          [this, source, at, value] {
            take(source, {{at, value, value, value, 1}});
          },
          Qt::QueuedConnection);
    }
  });
}

void FarLoad::take(const mesh_source* from, const std::vector<series_point>& found) {
  if (from != source_) return;
  for (const auto& sample : found) // stands for the time until the next one
    for (time_us at = sample.at; at < sample.at + every; at += minute)
      points_.push_back({at, sample.min, sample.max, sample.sum, sample.count});
  std::ranges::sort(points_, {}, &series_point::at);
  Q_EMIT changed();
}

} // namespace weft::monitor

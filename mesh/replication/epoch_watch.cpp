#include "mesh/replication/epoch_watch.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/reached.hpp"

namespace weft::replication {

void epoch_watch::on(const in::heard& heard, mono_time now, effects& fx) {
  if (heard.epoch <= current_) return;
  const auto lead = heard.epoch.count() - current_.count();
  if (heard.from == source::peer && lead > limits::epoch_lead_max) {
    reached("epochs.lead_not_believed");
    return;
  }
  if (highest_ && heard.epoch <= *highest_) return;
  highest_ = heard.epoch;
  if (openings_ > 0) fx.emplace_back(out::alarm{heard.epoch});
  open(now, fx);
}

void epoch_watch::on(const in::opened& opened) noexcept {
  if (opened.epoch != current_) ++openings_;
  current_ = opened.epoch;
  if (highest_ && *highest_ <= current_) highest_.reset();
}

void epoch_watch::tick(mono_time now, effects& fx) { open(now, fx); }

std::optional<mono_time> epoch_watch::next_tick() const noexcept {
  if (!highest_ || !asked_at_) return std::nullopt;
  return *asked_at_ + microseconds(limits::epoch_opened_every);
}

void epoch_watch::open(mono_time now, effects& fx) {
  if (!highest_ || (asked_at_ && now - *asked_at_ < limits::epoch_opened_every)) return;
  asked_at_ = now;
  fx.emplace_back(out::open_above{highest_->count()});
}

} // namespace weft::replication

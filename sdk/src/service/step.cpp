#include "sdk/src/service/step.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"

#include <utility>

namespace weft::detail {

bool step::empty() const noexcept {
  return jobs_.empty() && timers_.empty() && !state_.is_changed() && filling_.empty() && batches_.empty();
}

bool step::is_full() const noexcept {
  const auto as_events = state_.bytes() + timer_bytes_ +
                         (state_.changes() + timers_.size()) * state_batches::event_frame_bytes +
                         store_.handled().changed_pieces() * handled_places::piece_bytes;
  if (feed_ && as_events >= limits::state_step_bytes_max) return true;
  return jobs_.size() + timers_.size() >= limits::step_events_max ||
         state_.bytes() + bytes_ + timer_bytes_ >= limits::step_bytes_max ||
         batches_.size() >= limits::outbox_batches_max / 2;
}

result<void> step::take(one_event& effects) {
  for (const auto& output : effects.outputs())
    if (auto found = find_producer(output.topic); !found) return found;
  for (auto& [at, value] : effects.changes())
    state_.change(at, std::move(value));
  for (auto& [of, row] : effects.timers())
    set_timer(of, std::move(row));
  for (const auto& output : effects.outputs())
    publish(output);
  return {};
}

void step::set_timer(const timer_id& of, std::optional<timer_row> row) {
  if (row) timer_bytes_ += of.key.size() + row->event.size();
  timers_.insert_or_assign(of, std::move(row));
}

result<std::optional<state_store::producer>> step::producer_before(const std::string& topic) const {
  const auto found = before_.find(topic);
  return found == before_.end() ? store_.producer_of(topic) : std::optional(found->second);
}

/// The one of this step; a log that has not heard of it for long is told another one.
result<void> step::find_producer(const std::string& topic) {
  if (producers_.contains(topic)) return {};
  auto known = producer_before(topic);
  if (!known) return fail(known.error());
  const auto now = clock_.wall();
  if (!*known || (now - (*known)->used > limits::producer_renewed_after && all_sent_()))
    *known = state_store::producer{producer_id{random_.next() | 1U}, 0, now};
  producers_.emplace(topic, **known);
  return {};
}

void step::publish(const one_event::output& what) {
  auto at = filling_.find(what.topic);
  if (at == filling_.end())
    at = filling_.emplace(what.topic, wire::batch_builder(what.topic, producers_.at(what.topic).id, wire::codec::none))
             .first;
  const auto made = as_new_event(what, scratch_);
  bytes_ += what.key.size() + what.value.size();
  auto added = at->second.add(made);
  if (!added) { // full
    seal(what.topic, at->second);
    added = at->second.add(made);
  }
  WEFT_ASSERT(added);
}

void step::seal(const std::string& topic, wire::batch_builder& filling) {
  if (filling.count() == 0) return;
  auto& whose = producers_.at(topic);
  const auto count = filling.count();
  batches_.push_back({store_.next_batch(), filling.seal(whose.next)});
  whose.next += count;
  whose.used = clock_.wall();
}

sealed_step step::seal() {
  for (auto& [topic, filling] : filling_)
    seal(topic, filling);
  filling_.clear();
  bytes_ = timer_bytes_ = 0;
  before_ = producers_;
  sealed_step sealed{state_.seal(),
                     store_.handled().take_changes(),
                     std::exchange(batches_, {}),
                     std::exchange(producers_, {}),
                     std::make_shared<const timer_changes>(std::exchange(timers_, {})),
                     std::exchange(jobs_, {})};
  if (feed_) publish_changes(sealed);
  return sealed;
}

/// Behind all that the step publishes: who has it has that, too.
void step::publish_changes(sealed_step& of) {
  const auto now = clock_.wall();
  if (now - feed_->producer().used > limits::producer_renewed_after && all_sent_())
    feed_->renew({producer_id{random_.next() | 1U}, 0, now});
  auto published = feed_->step(of.changes, store_.handled().take_pieces(), *of.timers, now);
  for (auto& bytes : published.batches)
    of.batches.push_back({store_.next_batch(), std::move(bytes), true});
  of.producers.insert_or_assign(feed_->topic(), published.whose);
  of.place = std::move(published.place);
}

} // namespace weft::detail

#include "actors/lease_book.hpp"

#include "mesh/base/text_time.hpp"
#include "mesh/base/text_units.hpp"

#include <fmt/format.h>

namespace weft::actors {

void lease_book::published(const std::vector<published_cursor>& cursors, const log_position& log_end) {
  const auto now = around_.clock.mono();
  const std::lock_guard held(mutex_);
  for (const auto& cursor : cursors) {
    leases_.published(cursor.holder, cursor.needed_from, cursor.used);
    paces_[cursor.holder].moved({now, cursor.needed_from, log_end}, cursor.generation);
  }
}

void lease_book::use(const delivery::lease_holder& holder) {
  const std::lock_guard held(mutex_);
  leases_.use(holder);
}

void lease_book::unused(const delivery::lease_holder& holder, bool moved) {
  const auto now = around_.clock.wall();
  const std::lock_guard held(mutex_);
  leases_.unused(holder, now, moved);
}

void lease_book::hold(const delivery::lease_holder& holder, const log_position& from, wall_time until) {
  const std::lock_guard held(mutex_);
  leases_.hold(holder, from, until);
}

void lease_book::forget(const std::string& name) {
  const std::lock_guard held(mutex_);
  leases_.forget_name(name);
  std::erase_if(paces_, [&](const auto& item) { return item.first.name == name; });
}

std::optional<log::topic_need> lease_book::needed(topic_id topic, wall_time now) {
  const auto name = around_.topics.name_of(topic);
  if (!name) return std::nullopt;
  const std::lock_guard held(mutex_);
  return leases_.needed(*name, now);
}

void lease_book::retained(const std::vector<log::retained_topic>& topics, wall_time now) {
  delivery::leases::effects fx;
  {
    const std::lock_guard held(mutex_);
    const auto name_of = [this](topic_id topic) { return around_.topics.name_of(topic); };
    leases_.on(topics, name_of, now, around_.clock.wall(), fx);
  }
  for (const auto& effect : fx)
    around_.to.warning(std::visit([this](const auto& one) { return this->text_of(one); }, effect));
}

std::string lease_book::text_of(const delivery::lease_out::unused& end) const {
  return fmt::format("the cursor of {} holds nothing back any more: nobody has used it since {}, longer than {} "
                     "(cursors.lease_time)",
                     end.holder.name, rfc3339_text(end.since), duration_text(terms_.unused_max));
}

std::string lease_book::text_of(const delivery::lease_out::over& end) {
  return fmt::format("{} holds nothing back any more: its lease ended at {}", end.holder.name, rfc3339_text(end.since));
}

std::string lease_book::text_of(const delivery::lease_out::passed& end) const {
  const auto why = end.why == delivery::lease_end::unused
                       ? fmt::format("nobody has used it for {} (cursors.lease_time)", duration_text(terms_.unused_max))
                       : fmt::format("more than {} of the topic had expired (cursors.lease_bytes)",
                                     size_text(terms_.topic_bytes_max));
  return fmt::format("the lease of {} on {} ran out: it needs events from {} on, retention took those up to {}: {}",
                     end.holder.name, around_.topics.name_of(end.topic).value_or("a topic that is gone"),
                     place(end.needed_from), place(end.gone_until), why);
}

std::string lease_book::place(const log_position& at) const { return to_string(named_position{around_.node, at}); }

delivery::lease_facts lease_book::of(const delivery::lease_holder& holder, topic_id topic) const {
  const auto now = around_.clock.wall();
  const std::lock_guard held(mutex_);
  return leases_.of(holder, topic, now);
}

std::optional<delivery::pace_mark> lease_book::pace_since(const delivery::lease_holder& holder) const {
  const auto now = around_.clock.mono();
  const std::lock_guard held(mutex_);
  const auto found = paces_.find(holder);
  return found == paces_.end() ? std::nullopt : found->second.since(now);
}

} // namespace weft::actors

#include "mesh/membership/announcer.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/planted_bug.hpp"
#include "mesh/base/reached.hpp"

#include <algorithm>

namespace weft::membership {

namespace {

/// What others must know at once: whether and where the node serves. Without a link no path leads to it.
bool is_urgent(const own_facts& before, const own_facts& after) {
  return before.addresses != after.addresses || before.frozen_since != after.frozen_since ||
         before.frozen_why != after.frozen_why || (before.links.empty() && !after.links.empty());
}

} // namespace

announcer::announcer(const authority& by, const identity& self, wire::incarnation last, own_facts facts,
                     random_source& random, instant now, effects& fx)
    : authority_(by), random_(random), self_(self), facts_(std::move(facts)), raised_(last) {
  raise_above(last, now, fx);
}

void announcer::on(in::facts facts, instant now, effects& fx) {
  facts_ = std::move(facts.are);
  if (!current_ || left_ || facts_ == *announced_) return;
  const bool new_topics = facts_.topics != announced_->topics;
  if (is_urgent(*announced_, facts_) || (new_topics && now.mono >= topics_wait_)) return announce(now, fx);
  due_ = std::min(
      due_, std::max(now.mono, full_ + -(limits::record_changes_at_once - 1) * microseconds(limits::record_interval)));
  tick(now, fx);
}

void announcer::on(const in::persisted& persisted, instant now, effects& fx) {
  if (persisted.incarnation != raised_) return; // raised again meanwhile
  current_ = persisted.incarnation;
  revision_ = 0;
  announce(now, fx);
}

void announcer::on(const in::accused& accused, instant now, effects& fx) {
  if (left_ || accused.incarnation != current_ || raised_ != current_) return;
  reached("announcer.refuted");
  raise_above(raised_, now, fx);
}

void announcer::on(const in::own_record& heard, instant now, effects& fx) {
  const auto made = raised_ == current_ ? revision_ : 0; // none under one that is being persisted
  if (heard.incarnation < raised_ || (heard.incarnation == raised_ && heard.revision <= made)) return;
  if (left_) return;
  reached("announcer.made_elsewhere");
  to_pass_ = std::max(to_pass_.value_or(heard.incarnation), heard.incarnation);
  tick(now, fx);
}

void announcer::on(in::leave, instant now, effects& fx) {
  if (left_) return;
  left_ = true;
  if (current_) announce(now, fx);
}

void announcer::tick(instant now, effects& fx) {
  if (to_pass_ && !left_ && (last_passed_ == mono_time{} || now.mono >= last_passed_ + limits::record_interval)) {
    last_passed_ = now.mono;
    raise_above(*std::exchange(to_pass_, std::nullopt), now, fx);
  }
  if (current_ && !left_ && (now.mono >= due_ || dated_wrong(now))) announce(now, fx);
}

/// The wall clock was set since: others may refuse the record for its date, so it gets another one.
bool announcer::dated_wrong(instant now) const noexcept {
  const auto off = now.wall - (dated_ + (now.mono - last_));
  return off > limits::hlc_lead_max || off < -microseconds{limits::hlc_lead_max};
}

std::optional<mono_time> announcer::next_tick() const noexcept {
  if (left_) return std::nullopt;
  std::optional<mono_time> when;
  if (current_) when = due_;
  if (to_pass_) when = std::min(when.value_or(mono_time{INT64_MAX}), last_passed_ + limits::record_interval);
  return when;
}

void announcer::raise_above(wire::incarnation heard, instant now, effects& fx) {
  raised_ = wire::incarnation{std::max(heard, raised_).value() + 1};
  if (planted(planted_bug::incarnation_not_persisted)) return on(in::persisted{raised_}, now, fx);
  fx.emplace_back(out::persist{raised_});
}

void announcer::announce(instant now, effects& fx) {
  wire::node_record record;
  record.id = self_.id;
  record.number = self_.number;
  record.name = self_.name;
  record.incarnation = *current_;
  record.revision = ++revision_;
  record.announced = now.wall;
  record.left = left_;
  record.epoch = facts_.epoch;
  record.frozen_since = facts_.frozen_since;
  record.frozen_why = facts_.frozen_why;
  record.addresses = facts_.addresses;
  record.zone = facts_.zone;
  record.roles = facts_.roles;
  record.links = facts_.links;
  record.topics = facts_.topics;
  record.versions_min = facts_.versions_min;
  record.versions_max = facts_.versions_max;
  const auto bytes = encode(record);
  fx.emplace_back(out::announce{
      {wire::item_kind::node_record, bytes, authority_.sign(wire::item_kind::node_record, bytes.view())}});
  if (announced_ && facts_.topics != announced_->topics) topics_wait_ = now.mono + limits::record_interval;
  announced_ = facts_;
  last_ = now.mono;
  full_ = std::max(full_, now.mono) + microseconds(limits::record_interval);
  dated_ = now.wall;
  // A tenth of jitter: nodes that started together do not refresh together for ever.
  const auto spread = static_cast<std::uint64_t>(microseconds{limits::record_refresh}.count() / 10);
  due_ = now.mono + (limits::record_refresh - microseconds{static_cast<std::int64_t>(random_.below(spread))});
}

} // namespace weft::membership

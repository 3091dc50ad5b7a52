#include "sdk/src/group_inbox.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/delivery/ended_flow.hpp"
#include "sdk/src/run_reader.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <functional>

namespace weft::detail {
namespace {

using delivery::group_member;

slot slot_of(const event& what) {
  return what.key.empty() ? delivery::spread_slot(what.at.seq) : wire::slot_of(wire::key_hash(what.key));
}

std::optional<std::size_t> key_of(const event& what) {
  if (what.key.empty()) return std::nullopt;
  return std::hash<std::string_view>{}(what.key_text());
}

/// What is replayed for the group goes by the topic that it was published to.
event as_published(event what) {
  constexpr std::string_view replayed = "_weft.replay.";
  if (what.topic.starts_with(replayed))
    if (const auto topic = what.headers.find("weft-topic")) what.topic = *topic;
  return what;
}

/// Moves up to `room` items over.
template <class Item>
std::vector<Item> some_of(std::vector<Item>& from, std::size_t& room) {
  const auto count = static_cast<std::ptrdiff_t>(std::min(from.size(), room));
  std::vector<Item> some(from.end() - count, from.end());
  from.erase(from.end() - count, from.end());
  room -= some.size();
  return some;
}

} // namespace

// --- demands

void group_inbox::on_connected(mono_time now, sends& out) {
  on_lost();
  finder_ = new_id_();
  auto finds = who_;
  finds.term = 0;
  out.emplace_back(wire::demand{.subscription = *finder_,
                                .log = {},
                                .pattern = settings_.pattern,
                                .start = wire::start_kind::beginning, // each log's demand says where
                                .time = {},
                                .at = {},
                                .filter = settings_.filter,
                                .name = {},
                                .window = settings_.window,
                                .synced = settings_.synced,
                                .member = std::move(finds)});
  if (home_ && home_->log) find_home(*home_->log, now, out);
}

void group_inbox::find_home(const log_id& log, mono_time now, sends& out) {
  home_->log = log;
  if (!finder_ || leaves_) return; // when there is a node
  auto& of = shares_[log];
  of.node = std::make_shared<const std::string>(home_->node);
  of.there = true; // whether it has such topics or not
  if (!of.demand) demand(log, of, now, out);
}

void group_inbox::on_lost() {
  finder_.reset();
  for (auto& [log, of] : shares_) {
    of.there = false;
    of.demand_at.reset();
    close(of);
  }
}

/// What came over the flow may be processed until the lease is over, or it comes again.
void group_inbox::close(share& of) {
  if (of.flow) flows_.erase(*of.flow);
  of.flow.reset();
  of.demand.reset();
  of.report_at.reset();
  of.renew_at.reset();
}

void group_inbox::demand(const log_id& log, share& of, mono_time now, sends& out) {
  if (of.demand) out.emplace_back(wire::withdraw{*of.demand});
  close(of);
  of.demand_at.reset();
  of.demand = new_id_();
  auto member = who_;
  if (is_home(log)) member.claim = stage_;
  auto past = of.member.open(now);
  of.queue.clear();
  of.retries.clear();
  member.begun = std::move(past.begun);
  member.processed = std::move(past.processed);
  // What does not fit comes again, and is known then. @pre of begin_of: no more have begun than fit
  const auto room = limits::group_window_events_max - member.begun.size();
  if (member.processed.size() > room) member.processed.resize(room);
  wire::demand wanted{.subscription = *of.demand,
                      .log = log,
                      .pattern = settings_.pattern,
                      .start = settings_.start,
                      .time = settings_.time,
                      .at = settings_.at,
                      .filter = settings_.filter,
                      .name = {},
                      .window = settings_.window,
                      .synced = settings_.synced,
                      .member = std::move(member)};
  if (wanted.start == wire::start_kind::end) { // whenever the log is found
    wanted.start = wire::start_kind::time;
    wanted.time = settings_.subscribed_at;
  }
  out.emplace_back(std::move(wanted));
}

void group_inbox::demand_later(share& of, mono_time now) {
  close(of);
  if (of.there) of.demand_at = now + limits::demand_again_after;
}

// --- from the node

result<void> group_inbox::on(const wire::control& message, const shared_bytes& payload, mono_time now, sends& out) {
  if (const auto* run = std::get_if<wire::run>(&message)) return take(*run, payload, now, out);
  if (const auto* found = std::get_if<wire::log_found>(&message)) return take(*found, now, out);
  if (const auto* gone = std::get_if<wire::log_gone>(&message)) take(*gone, now, out);
  if (const auto* opened = std::get_if<wire::flow_opened>(&message)) return take(*opened, now, out);
  if (const auto* closed = std::get_if<wire::flow_closed>(&message)) return take(*closed, now, out);
  if (const auto* verdict = std::get_if<wire::verdict>(&message)) take(*verdict, now);
  if (const auto* revoke = std::get_if<wire::revoke>(&message)) take(*revoke, now);
  if (const auto* renewal = std::get_if<wire::renewal>(&message)) take(*renewal);
  return {};
}

result<void> group_inbox::take(const wire::log_found& m, mono_time now, sends& out) {
  if (m.subscription != finder_ || leaves_) return {};
  if (settings_.log && settings_.log != m.log) return {};
  auto& of = shares_[m.log];
  of.node = std::make_shared<const std::string>(m.node);
  of.there = true;
  const bool may = !home_ || is_at_work_ || is_home(m.log);
  const bool waits = is_home(m.log) && of.demand_at;
  if (!of.demand && !waits && may) demand(m.log, of, now, out);
  return {};
}

void group_inbox::take(const wire::log_gone& m, mono_time now, sends& out) {
  const auto found = shares_.find(m.log);
  if (m.subscription != finder_ || found == shares_.end()) return;
  auto& of = found->second;
  if (of.demand) out.emplace_back(wire::withdraw{*of.demand});
  if (is_home(m.log)) return demand_later(of, now);
  close(of);
  of.there = false;
  of.demand_at.reset();
}

result<void> group_inbox::take(const wire::flow_opened& m, mono_time now, sends& out) {
  const auto found = shares_.find(m.log);
  if (found == shares_.end() || found->second.demand != m.subscription || found->second.flow) {
    out.emplace_back(wire::flow_closed{m.flow, m.subscription, errc::cancelled, "demanded elsewhere"});
    return {};
  }
  auto& of = found->second;
  of.node = std::make_shared<const std::string>(m.node);
  of.flow = m.flow;
  of.generation = m.generation;
  of.renew_at = now + limits::group_renew_every;
  of.report_at = now; // what was finished since the demand
  flows_.insert_or_assign(m.flow, m.log);
  if (leaves_) out.emplace_back(wire::leaving{m.flow});
  return is_home(m.log) ? take_home(m, now, out) : result<void>();
}

result<void> group_inbox::take_home(const wire::flow_opened& m, mono_time now, sends& out) {
  const bool is_given = stage_ == wire::claim_stage::asks;
  if (!m.home.empty() && m.home != m.node) {
    if (is_given) who_.term = std::max(who_.term, m.given);
    if (m.begun > home_->begun) {
      home_->begun = m.begun;
      home_->begun_by = wire::member_id{m.begun_by};
    }
    return sent_on_to(m.home, out);
  }
  if (is_given ? m.term <= who_.term : m.term != who_.term)
    return weft::fail(errc::protocol_violation,
                      fmt::format("the home of {}, {}, says that its state has term {}, and this member {} {}",
                                  who_.group, home_->node, m.term, is_given ? "knew" : "was given", who_.term));
  put_off_.reset();
  sent_on_by_.clear();
  home_->is_named = !m.home.empty();
  heard_home_ = now;
  hear_home(shares_.at(m.log));
  if (is_given) {
    stage_ = wire::claim_stage::reads;
    who_.term = m.term;
    grant_ = state_grant{m.term, m.begun, wire::member_id{m.begun_by}};
    if (home_->begun > m.begun) { // by a home before
      grant_->begun = home_->begun;
      grant_->begun_by = home_->begun_by;
      grant_->is_hearsay = true;
    }
  }
  if (stage_ != wire::claim_stage::at_work || is_at_work_) return {};
  is_at_work_ = true;
  demand_others(now, out);
  return {};
}

void group_inbox::hear_home(const share& of) {
  const auto until = of.member.lease_until();
  const auto said = until + -microseconds(limits::group_lease);
  state_until_ = std::max(state_until_, until);
  heard_home_ = std::max(heard_home_.value_or(said), said);
}

void group_inbox::demand_others(mono_time now, sends& out) {
  for (auto& [log, of] : shares_)
    if (of.there && !of.demand && !is_home(log)) demand(log, of, now, out);
}

void group_inbox::begin_term(std::uint64_t term, mono_time now, sends& out) {
  WEFT_ASSERT(grant_ && term >= who_.term);
  who_.term = term;
  stage_ = wire::claim_stage::at_work;
  if (auto& of = shares_.at(*home_->log); of.there) demand(*home_->log, of, now, out); // which is to know it first
}

result<void> group_inbox::take(const wire::flow_closed& m, mono_time now, sends& out) {
  const auto why = [&] {
    return weft::fail(m.code, fmt::format("the group {} ended here: {}", who_.group, m.message));
  };
  if (m.subscription == finder_ && m.flow == 0) return why();
  for (auto& [log, of] : shares_) {
    const bool meant = of.demand && (m.flow != 0 ? of.flow == m.flow : of.demand == m.subscription);
    if (!meant) continue;
    if (is_home(log) && m.code == errc::locked) { // else others may say so, and it is away
      heard_home_ = now;
      sent_on_by_.clear();
    }
    out.emplace_back(wire::withdraw{*of.demand});
    demand_later(of, now);
    if (is_home(log)) put_off_ = error(m.code, m.message);
    const bool waits = is_home(log) && home_->waits && m.code == errc::locked && !grant_;
    if (was_taken_over(m.code)) {
      put_off_ = error(m.code, m.message);
      asked_back_ = true;
      return {};
    }
    if (!waits && !delivery::is_worth_another(m.code)) return why();
  }
  return {};
}

/// Then one that waits for its state waits for it again.
bool group_inbox::was_taken_over(errc why) const { return home_ && home_->waits && grant_ && why == errc::locked; }

void group_inbox::go_to_home(const std::string& node, sends& out) {
  sent_on_by_.clear();
  if (home_->log) {
    auto& of = shares_.at(*home_->log);
    if (of.demand) out.emplace_back(wire::withdraw{*of.demand});
    close(of);
    of.demand_at.reset();
  }
  asked_back_ = grant_.has_value();
  if (asked_back_) return;
  heard_home_.reset();
  put_off_.reset();
  if (std::ranges::count(home_->before, home_->node) == 0) home_->before.push_back(home_->node);
  home_->node = node;
  home_->log.reset();
  home_->is_named = false;
}

/// By the home. Two that send on to each other would do so for ever.
result<void> group_inbox::sent_on_to(const std::string& node, sends& out) {
  auto by = sent_on_by_;
  by.push_back(home_->node);
  go_to_home(node, out);
  if (asked_back_) return {};
  sent_on_by_ = std::move(by);
  if (std::ranges::count(sent_on_by_, node) == 0) return {};
  return weft::fail(errc::denied, fmt::format("the nodes {} send who asks for the state of {} from one to the other: "
                                              "`weft groups move {} NODE` at the one that is to be its home",
                                              fmt::join(sent_on_by_, ", "), who_.group, who_.group));
}

group_inbox::share* group_inbox::by_flow(std::uint64_t flow) {
  const auto found = flows_.find(flow);
  return found == flows_.end() ? nullptr : &shares_.at(found->second);
}

result<void> group_inbox::take(const wire::run& m, const shared_bytes& payload, mono_time now, sends& out) {
  auto* const of = by_flow(m.flow);
  if (of == nullptr) return {}; // late: of a flow that is closed
  const auto log = flows_.at(m.flow);
  of->head = m.head;
  of->log_time = std::max(of->log_time, m.log_time);
  if (m.gap_code != errc::ok)
    gaps_.push_back({.flow = m.flow,
                     .log = log,
                     .node = of->node,
                     .range = {m.epoch, m.from, m.until},
                     .deliver_from = {m.epoch, m.from},
                     .gap_code = m.gap_code,
                     .gap = m.gap,
                     .removed = m.starts});
  if (m.number == 0) return {};
  if (const auto taken = take_events(*of, log, m, payload, now); taken) {
    of->reopened = 0;
  } else {
    const bool is_final = taken.error().code() == errc::unsupported || ++of->reopened > limits::flow_reopen_max;
    if (is_final) return weft::fail(taken.error());
    out.emplace_back(wire::flow_closed{m.flow, 0, taken.error().code(), taken.error().message()});
    if (of->demand) out.emplace_back(wire::withdraw{*of->demand});
    demand_later(*of, now);
  }
  return {};
}

/// All of them, or none: what can't be read comes again over another flow.
result<void> group_inbox::take_events(share& from, const log_id& log, const wire::run& m, const shared_bytes& payload,
                                      mono_time now) {
  run_reader reader({.flow = m.flow,
                     .log = log,
                     .node = from.node,
                     .range = {m.epoch, m.from, m.until},
                     .payload = payload,
                     .gap = {}});
  std::vector<waiting_event> came;
  std::vector<delivery::slot_event> places;
  for (;;) {
    const auto more = reader.next();
    if (!more) return weft::fail(more.error());
    if (!*more) break;
    auto what = as_published(reader.current());
    places.push_back({what.at, slot_of(what)});
    if (!who_.shard.has(places.back().of.value()))
      return weft::fail(errc::unsupported,
                        fmt::format("{} hands out events of all shards of {} to each: all nodes have to be of a "
                                    "version that knows shards",
                                    from.node ? *from.node : std::string("a node"), who_.group));
    came.push_back({places.back(), key_of(what), std::move(what)});
  }
  const auto tickets = from.member.arrived(m.number, places, m.tried, now);
  if (!tickets) return weft::fail(tickets.error());
  for (const auto& one : m.tried)
    if (one.after > microseconds{0}) from.retries.insert(now + one.after);
  for (std::size_t i = 0; i < came.size(); ++i)
    if ((*tickets)[i]) from.queue.emplace(*(*tickets)[i], std::move(came[i]));
  from.report_at = now; // what came again, or is given back
  return {};
}

void group_inbox::take(const wire::verdict& m, mono_time now) {
  auto* const of = by_flow(m.flow);
  if (of == nullptr) return;
  of->member.judged(m.number, m.again, now);
  if (m.again) of->retries.insert(now + *m.again);
}

void group_inbox::take(const wire::revoke& m, mono_time now) {
  auto* const of = by_flow(m.flow);
  if (of == nullptr) return;
  if (m.state) {
    asked_back_ = asked_back_ || is_home(flows_.at(m.flow));
    return;
  }
  of->member.revoked(m.slots, m.before);
  std::erase_if(of->queue, [&](const auto& item) { return m.slots[item.second.place.of.value()]; });
  of->report_at = now;
}

void group_inbox::take(const wire::renewal& m) {
  auto* const of = by_flow(m.flow);
  if (of == nullptr) return;
  of->member.renewed(m.number);
  if (is_home(flows_.at(m.flow))) hear_home(*of);
}

// --- from the program

std::optional<group_job> group_inbox::begin(mono_time now) {
  if (leaves_ || shares_.empty() || !has_begun(now)) return std::nullopt;
  const auto first = shares_.upper_bound(last_);
  for (auto at = first; at != shares_.end(); ++at)
    if (auto job = begin_of(*at, now)) return job;
  for (auto at = shares_.begin(); at != first; ++at)
    if (auto job = begin_of(*at, now)) return job;
  return std::nullopt;
}

std::optional<group_job> group_inbox::begin_of(shares::value_type& from, mono_time now) {
  auto& [log, of] = from;
  if (of.member.under_way() >= limits::group_window_events_max) return std::nullopt;
  of.retries.erase(of.retries.begin(), of.retries.upper_bound(now));
  std::set<std::size_t> put_off;                 // keys whose first event has to wait
  std::vector<delivery::slot_event> passed_over; // that have to wait
  for (auto at = of.queue.begin(); at != of.queue.end();) {
    const auto ticket = at->first;
    const auto key = at->second.key;
    if (key && (of.busy.contains(*key) || put_off.contains(*key))) {
      passed_over.push_back(at->second.place);
      ++at;
      continue;
    }
    switch (of.member.may_begin(ticket, now)) {
    case group_member::permit::wait: return std::nullopt;
    case group_member::permit::later:
      if (key) put_off.insert(*key);
      passed_over.push_back(at->second.place);
      ++at;
      break;
    case group_member::permit::skip: at = of.queue.erase(at); break;
    case group_member::permit::begin: {
      group_job job{log, ticket, key, std::move(at->second.what), at->second.place.of, of.generation};
      for (const auto& one : passed_over)
        if (one.of == job.of) job.before.push_back(one.at);
      of.queue.erase(at);
      if (key) of.busy.insert(*key);
      last_ = log;
      return job;
    }
    }
  }
  return std::nullopt;
}

void group_inbox::let_next(group_job& job) {
  if (job.key) shares_.at(job.log).busy.erase(*job.key);
  job.key.reset();
}

bool group_inbox::finish(const group_job& job, mono_time now) {
  auto& of = shares_.at(job.log);
  if (job.key) of.busy.erase(*job.key);
  of.member.finish(job.ticket);
  of.handled = std::max(of.handled, {job.what.at.epoch, job.what.at.seq + 1});
  return report_soon(of, now);
}

bool group_inbox::fail(const group_job& job, std::string cause, mono_time now) {
  auto& of = shares_.at(job.log);
  of.member.fail(job.ticket, std::move(cause));
  return wait_for_verdict(of, job, now);
}

bool group_inbox::reject(const group_job& job, std::string cause, mono_time now) {
  auto& of = shares_.at(job.log);
  of.member.reject(job.ticket, std::move(cause));
  return wait_for_verdict(of, job, now);
}

bool group_inbox::wait_for_verdict(share& of, const group_job& job, mono_time now) {
  if (job.key) of.busy.erase(*job.key);
  of.queue.emplace(job.ticket, waiting_event{{job.what.at, slot_of(job.what)}, job.key, job.what});
  return report_soon(of, now);
}

bool group_inbox::report_soon(share& of, mono_time now) {
  if (!of.flow || of.report_at) return false;
  of.report_at = now + limits::group_report_within;
  return true;
}

std::optional<waiting_run> group_inbox::take_gap() {
  if (gaps_.empty()) return std::nullopt;
  auto gap = std::move(gaps_.front());
  gaps_.pop_front();
  return gap;
}

void group_inbox::leave(sends& out) {
  leaves_ = true;
  for (auto& [log, of] : shares_) {
    of.member.leave();
    of.queue.clear();
    of.retries.clear();
    of.demand_at.reset();
    if (!of.flow) continue;
    report(of, out);
    out.emplace_back(wire::leaving{*of.flow});
  }
}

std::size_t group_inbox::under_way() const {
  std::size_t all = 0;
  for (const auto& [log, of] : shares_)
    all += of.member.under_way();
  return all;
}

void group_inbox::withdraw(sends& out) {
  for (auto& [log, of] : shares_) {
    if (of.flow) {
      report(of, out);
      out.emplace_back(wire::flow_closed{*of.flow, 0, errc::ok, "the member has left"});
    }
    if (of.demand) out.emplace_back(wire::withdraw{*of.demand});
    close(of);
    of.there = false;
    of.demand_at.reset();
  }
  if (finder_) out.emplace_back(wire::withdraw{*finder_});
  finder_.reset();
  state_until_ = {}; // others may have it from now on
}

// --- time

void group_inbox::report(share& of, sends& out) {
  of.report_at.reset();
  auto all = of.member.take_report();
  for (auto& failure : all.failed)
    out.emplace_back(wire::failed{*of.flow, failure.number, std::move(failure.cause), failure.rejected});
  while (!all.done.empty() || !all.returned.empty() || !all.processed.empty() || !all.abandoned.empty()) {
    std::size_t room = limits::group_window_events_max;
    wire::handled some{*of.flow, {}, {}};
    some.done = some_of(all.done, room);
    some.returned = some_of(all.returned, room);
    some.processed = some_of(all.processed, room);
    some.abandoned = some_of(all.abandoned, room);
    out.emplace_back(std::move(some));
  }
}

void group_inbox::tick(mono_time now, sends& out) {
  for (auto& [log, of] : shares_) {
    of.retries.erase(of.retries.begin(), of.retries.upper_bound(now)); // who takes events is woken for these
    if (of.demand_at && *of.demand_at <= now) demand(log, of, now, out);
    if (!of.flow) continue;
    if (of.report_at && *of.report_at <= now) report(of, out);
    if (of.renew_at && *of.renew_at <= now) {
      report(of, out);
      out.emplace_back(wire::renew{*of.flow, of.member.renew(now)});
      of.renew_at = now + limits::group_renew_every;
    }
  }
}

std::optional<mono_time> group_inbox::due() const {
  std::optional<mono_time> first;
  const auto consider = [&first](const std::optional<mono_time>& at) {
    if (at && (!first || *at < *first)) first = at;
  };
  for (const auto& [log, of] : shares_) {
    consider(of.demand_at);
    consider(of.report_at);
    consider(of.renew_at);
    if (!of.retries.empty()) consider(*of.retries.begin());
  }
  return first;
}

std::vector<log_progress> group_inbox::progress() const {
  std::vector<log_progress> all;
  all.reserve(shares_.size());
  for (const auto& [log, of] : shares_)
    all.push_back({*of.node, log, of.handled, of.head, of.log_time.wall(), of.flow.has_value()});
  return all;
}

} // namespace weft::detail

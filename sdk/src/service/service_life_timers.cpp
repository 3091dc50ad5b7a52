#include "mesh/base/limits.hpp"
#include "sdk/src/participant_core.hpp"
#include "sdk/src/requests.hpp"
#include "sdk/src/service/request_row.hpp"
#include "sdk/src/service/service_life.hpp"
#include "weft/report.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <utility>

// What a service does without an event: timers, intervals, continuations of requests, errands.

namespace weft::detail {
namespace {

/// The first multiple of the interval after a time.
wall_time multiple_after(wall_time now, microseconds interval) {
  return {(now.us / interval.count() + 1) * interval.count()};
}

} // namespace

// --- timers

microseconds service_life::backoff(std::uint32_t tries) const {
  auto wait = of_.options.backoff_first;
  for (std::uint32_t i = 1; i < tries && wait < of_.options.backoff_most; ++i)
    wait *= 2;
  return std::min(wait, of_.options.backoff_most);
}

/// @param after  the multiple that was handled: it does not come again when the clock was set back by less than one
void service_life::arm_next(const service_handlers::timed& of, const timer_id& id, wall_time after) {
  const auto now = of_.in->clock().wall();
  const auto due = multiple_after(after > now && after - now <= of.interval ? after : now, of.interval);
  const auto name = std::string_view(id.name).substr(service_handlers::each.size());
  step_.set_timer(id, timer_row{due, 0, {}, fmt::format("{}@{}", name, due.us), sealed_timer(name, {.time = due})});
}

/// What came while the service did not run comes once; an interval that is another one now begins anew.
void service_life::arm_intervals(group_session& session) {
  for (const auto& [name, of] : of_.handlers.timers()) {
    if (!service_handlers::is_interval(name)) continue;
    const timer_id id{name, {}};
    const auto set = store_->timer(id);
    if (!set) return broke(session, set.error());
    const auto now = of_.in->clock().wall();
    const bool is_of_interval = *set && ((*set)->tries > 0 || (*set)->due.us % of.interval.count() == 0);
    if (!is_of_interval || (*set)->due > multiple_after(now, of.interval)) arm_next(of, id, {});
  }
}

/// Calls the handler of one that is due on disk: what the present step sets comes after it.
/// @returns whether there was one
bool service_life::take_timer(group_session& session) {
  if (move_ && !session.has_begun()) return false; // the state may be another's
  auto due = timers_.take(of_.in->clock().wall(), step_.timers(), *being_written_);
  if (!due) {
    broke(session, due.error());
    return false;
  }
  if (!*due) return false;
  auto one = std::make_unique<attempt>();
  one->timer = *std::move(due);
  const auto& id = one->timer->id;
  if (is_request(id)) {
    take_request(session, std::move(one));
  } else if (const auto* const of = of_.handlers.find_timer(id.name)) {
    one->action = &of->what;
    call(session, std::move(one));
  } else if (service_handlers::is_interval(id.name)) { // the program has no such interval any more
    timers_.settle(id);
    step_.set_timer(id, std::nullopt);
  } else {
    tell_hindered( // and it stays at work
        {errc::not_found, fmt::format("the timer {} of '{}' is due, and the service {} has no handler for it "
                                      "any more: it waits for a program that has one",
                                      id.name, id.key, of_.name)});
  }
  return true;
}

/// A request that was answered, or whose time is over.
void service_life::take_request(group_session& session, handler_pool::work one) {
  auto& [id, row, what, reply] = *one->timer;
  const auto* const goes_on = of_.handlers.find_continuation(what.topic, requests_of(id));
  if (goes_on == nullptr) { // and it stays at work
    if (!missing_.insert(std::string(what.topic)).second) return;
    return tell_hindered(
        {errc::not_found, fmt::format("{}{} are answered or over, and the service {} has no continuation {} for "
                                      "them any more: they wait for a program that has one",
                                      requests_of(id).starts_with(errand_row_name) ? "" : "requests of ",
                                      requests_of(id), of_.name, what.topic)});
  }
  const auto wait = std::chrono::duration_cast<microseconds>(replies_until_ - steady::now());
  if (!reply && wait > microseconds{0}) { // a reply from before the start may be on its way
    timers_.settle(id);
    row.due = of_.in->clock().wall() + wait;
    return step_.set_timer(id, row);
  }
  one->reply = outcome_of(*one->timer);
  one->action = &goes_on->what;
  call(session, std::move(one));
}

void service_life::take_replies(group_session& session) {
  if (const auto why = replies_->failed())
    return session.stop(why->within(fmt::format("the replies that {} waits for", of_.name)));
  while (!step_.is_full()) {
    const auto reply = replies_->take();
    if (!reply) return;
    if (const auto noted = note_reply(*reply); !noted) return broke(session, noted.error());
  }
}

/// What nobody waits for was answered before, or its time was over.
result<void> service_life::note_reply(const event& reply) {
  const auto number = replied_number(reply);
  const auto requests = requests_of(reply.topic);
  if (!number || !requests) return {};
  const auto id = request_id(*requests, *number);
  auto waits = timers().find(id);
  if (!waits) return fail(waits.error());
  if (!*waits) return {};
  auto row = answered(**std::move(waits), reply, of_.in->clock().wall());
  if (!row) return fail(row.error());
  if (!*row) return {};
  timers_.changed(id);
  step_.set_timer(id, **std::move(row));
  return {};
}

// --- errands

void service_life::do_errands(group_session& session) {
  settle_errands(session);
  if (session.ends() || (move_ && !session.has_begun())) return; // the state may be another's
  if (const auto begun = desk_->begin(of_.in->clock().wall(), step_.timers(), *being_written_); !begun)
    broke(session, begun.error());
}

void service_life::settle_errands(group_session& session) {
  if (!desk_) return;
  std::ranges::move(desk_->take_done(), std::back_inserter(errands_done_));
  while (!errands_done_.empty() && !step_.is_full()) {
    const auto one = std::move(errands_done_.front());
    errands_done_.pop_front();
    const auto now = of_.in->clock().wall();
    const auto settled = desk_->settle(*one, now, now + backoff(one->of.row.tries + 1), timers());
    if (!settled) return broke(session, settled.error());
    for (const auto& [id, row] : settled->rows) {
      timers_.changed(id);
      step_.set_timer(id, row);
    }
    if (settled->hindered) tell_hindered(*settled->hindered);
    if (settled->given_up) tell_given_up(*settled->given_up);
  }
}

void service_life::tell_given_up(const error& why) const {
  if (!of_.options.on_given_up) {
    report(why.within("the service " + of_.name));
    return;
  }
  try {
    of_.options.on_given_up(why);
  } catch (...) { // it can't be told, and goes on
  }
}

} // namespace weft::detail

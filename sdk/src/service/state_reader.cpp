#include "sdk/src/service/state_reader.hpp"

#include "mesh/base/limits.hpp"
#include "sdk/src/participant_core.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace weft::detail {
namespace {

/// Of one log. Nothing: it was not found.
std::optional<log_progress> progress_of(const consumer& of, const log_id& log) {
  const auto all = of.progress();
  const auto found = std::ranges::find(all, log, &log_progress::log);
  return found == all.end() ? std::nullopt : std::optional(*found);
}

/// Whether all was taken that the log has, as far as is known. Before the first run nobody knows where it ends.
bool is_read(const log_progress& of) { return of.flowing && of.head > seq{0} && of.handled.seq >= of.head; }

} // namespace

void state_reader::close() {
  for (auto* const one : {&marks_of_, &events_of_})
    if (const auto running = std::exchange(*one, nullptr)) running->close();
  marks_.clear();
  log_.reset();
  fold_.reset();
}

result<state_reader::consumer_ref> state_reader::subscribe(subscription_options options) const {
  options.synced = true; // also what its copies do not have: its steps are whole, and behind what they published
  options.on_stopped = [](const error&) {};
  return in_->subscribe(topic_, options, nullptr);
}

result<void> state_reader::follow(const sought_state& what, microseconds within) {
  auto done = read_marks(log_ ? microseconds{0} : within);
  if (done) done = choose_log(what);
  if (done) done = take_events(within);
  if (!done) close();
  return done;
}

result<void> state_reader::read_events_from(start::point where) {
  if (events_of_) events_of_->close();
  subscription_options options;
  options.from = std::move(where);
  if (wants_end_) { // no relay serves it from what it has, which may be older than the grant: no event has this step
    const state_step none{0, in_->random().next()};
    options.headers = {{std::string(state_step_header), header_condition::op::not_equal, to_string(none)}};
  }
  auto reading = subscribe(std::move(options));
  if (!reading) return fail(reading.error());
  events_of_ = *std::move(reading);
  end_.reset();
  return {};
}

result<void> state_reader::read_marks(microseconds within) {
  if (!marks_of_) {
    auto looking = subscribe({.from = start::beginning, .key = std::string(state_mark_key)});
    if (!looking) return fail(looking.error());
    marks_of_ = *std::move(looking);
  }
  const auto some = marks_of_->poll_batch(limits::state_read_events_max, within);
  if (!some) return fail(some.error());
  for (const auto& one : *some) {
    const auto mark = decode_state_mark(one.text());
    if (!mark || one.type != state_event_type) {
      pass_over(one, "is no mark");
      continue;
    }
    marks_.insert_or_assign(one.log, found_mark{*mark, one.position()});
    auto& seen = seen_[one.log];
    if (mark->service == service_) seen = std::max(seen, mark->at);
  }
  return {};
}

const std::pair<const log_id, state_reader::found_mark>* state_reader::best_mark(const sought_state& what) const {
  const std::pair<const log_id, found_mark>* best = nullptr;
  for (const auto& one : marks_)
    if (const auto& mark = one.second.mark;
        mark.service == service_ && what.is_it(mark) && (best == nullptr || best->second.mark.at < mark.at))
      best = &one;
  return best;
}

/// The log whose state is the newest is the one that is read.
result<void> state_reader::choose_log(const sought_state& what) {
  const auto* const best = best_mark(what);
  if (best == nullptr || (log_ == best->first && !was_away_too_long())) return {};
  if (auto begun = read_events_from(start::beginning); !begun) return begun;
  log_ = best->first;
  fold_.emplace(best->second.mark);
  anew_ = true;
  flowed_ = std::chrono::steady_clock::now();
  return {};
}

void state_reader::look_elsewhere() {
  if (!log_) return;
  const auto now = std::chrono::steady_clock::now();
  const auto there = progress_of(*events_of_, *log_);
  if (there && there->flowing) {
    flowed_ = now;
  } else if (now - flowed_ > limits::state_log_missed_for) {
    close();
  }
}

/// Then the log may have forgotten that something was removed.
bool state_reader::was_away_too_long() {
  const auto now = std::chrono::steady_clock::now();
  const auto there = progress_of(*events_of_, *log_);
  if (!there || !there->flowing) return false; // it is still away
  return now - std::exchange(flowed_, now) > limits::tombstones_kept / 2;
}

result<void> state_reader::take_events(microseconds within) {
  if (!log_) return {};
  const auto some = events_of_->poll_batch(limits::state_read_events_max, within);
  if (!some) return fail(some.error());
  for (const auto& one : *some)
    if (one.log == *log_)
      if (auto taken = take_event(one); !taken) return taken;
  if (!fold_->has_missed()) return store_items();
  close();
  return {};
}

result<void> state_reader::take_event(const event& one) {
  const auto step = one.headers.find(state_step_header);
  if (one.type != state_event_type || !step || !parse_state_step(*step)) {
    pass_over(one, "has another type or no step");
    return {};
  }
  const auto value = one.value().empty() ? std::nullopt : std::optional(one.text());
  if (auto taken = fold_->on(one.key_text(), value, *step); !taken)
    return fail(taken.error().within(to_string(one.position())));
  return {};
}

void state_reader::pass_over(const event& one, std::string_view why) {
  foreign_ = error(errc::undecodable, fmt::format("the event {} of {} is not of a service's state, it {}: nobody else "
                                                  "should publish there",
                                                  to_string(one.position()), topic_, why));
}

result<void> state_reader::store_items() {
  anew_ = fold_->takes_all_back() || anew_;
  auto items = fold_->take();
  if (items.empty() && !anew_) return {};
  std::vector<state_change> changes;
  for (auto& item : items) {
    auto change = change_in(std::move(item));
    if (!change) return fail(change.error());
    changes.push_back(*std::move(change));
  }
  return to_.take_over(std::move(changes), std::exchange(anew_, false));
}

void state_reader::look_for_end() {
  wants_end_ = true;
  if (!log_) return;
  const auto there = progress_of(*events_of_, *log_); // what it knows of the end may be old
  start::point where = start::beginning;
  if (there && there->handled.seq > seq{0}) where = named_position{marks_.at(*log_).at.node, there->handled};
  if (!read_events_from(std::move(where))) close();
}

bool state_reader::is_complete(const sought_state& what) {
  if (!log_ || !wants_end_) return false;
  const auto there = progress_of(*events_of_, *log_);
  if (!there || !there->flowing || there->head == seq{0}) return false;
  if (!end_) end_ = there->head;
  return there->handled.seq >= *end_ && fold_->is_whole() && what.is_it(*fold_->mark()) &&
         fold_->mark()->at >= seen_[*log_];
}

result<bool> state_reader::has_marks_of(const log_id& log, microseconds within) {
  if (auto done = read_marks(within); !done) {
    close();
    return fail(done.error());
  }
  const auto there = progress_of(*marks_of_, log);
  return there && is_read(*there);
}

bool state_reader::has_all_marks(const std::vector<std::string>& but) const {
  return marks_of_ && std::ranges::all_of(marks_of_->progress(), [&](const log_progress& of) {
           return is_read(of) || (!of.flowing && std::ranges::count(but, of.node) > 0);
         });
}

result<std::optional<state_mark>> state_reader::newest(microseconds within) {
  if (auto done = read_marks(within); !done) {
    close();
    return fail(done.error());
  }
  const auto* const best = best_mark({});
  return best == nullptr ? std::nullopt : std::optional(best->second.mark);
}

std::optional<state_mark> state_reader::mark_of(const log_id& log) const {
  const auto found = marks_.find(log);
  return found == marks_.end() ? std::nullopt : std::optional(found->second.mark);
}

} // namespace weft::detail

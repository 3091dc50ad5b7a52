#include "sdk/src/service/state_reader.hpp"

#include "mesh/base/limits.hpp"
#include "sdk/src/participant_core.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace weft::detail {
namespace {

constexpr std::size_t events_at_once = 4096;                // of a transaction
constexpr auto without_flow_most = std::chrono::seconds(2); // a route that changes takes less

/// Of one log. Nothing: it was not found.
std::optional<log_progress> progress_of(const consumer& of, const log_id& log) {
  const auto all = of.progress();
  const auto found = std::ranges::find(all, log, &log_progress::log);
  return found == all.end() ? std::nullopt : std::optional(*found);
}

} // namespace

state_reader::~state_reader() { begin_anew(); }

void state_reader::begin_anew() {
  for (auto* const one : {&marks_of_, &events_of_})
    if (const auto running = std::exchange(*one, nullptr)) running->close();
  marks_.clear();
  log_.reset();
  fold_.reset();
}

result<state_reader::consumer_ref> state_reader::subscribe(const std::string& key) const {
  subscription_options options;
  options.from = start::beginning;
  if (!key.empty()) options.key = key;
  options.synced = true; // also what its copies do not have: its steps are whole, and behind what they published
  options.on_stopped = [](const error&) {};
  return in_->subscribe(topic_, options, nullptr);
}

result<void> state_reader::follow(const sought_state& what, microseconds within) {
  auto done = look_at_marks(what, log_ ? microseconds{0} : within);
  if (done) done = take_events(within);
  if (!done) begin_anew();
  return done;
}

/// The log whose state is the newest is the one that is read.
result<void> state_reader::look_at_marks(const sought_state& what, microseconds within) {
  if (!marks_of_) {
    auto looking = subscribe(std::string(state_mark_key));
    if (!looking) return fail(looking.error());
    marks_of_ = *std::move(looking);
  }
  for (;; within = microseconds{0}) {
    const auto one = marks_of_->poll(within);
    if (!one) return fail(one.error());
    if (!*one) break;
    const auto mark = decode_state_mark((*one)->text());
    if (!mark) return fail(mark.error());
    if (mark->service != service_)
      return fail(errc::invalid_argument,
                  fmt::format("the topic {} has the state of the service {}: name another one for {}", topic_,
                              mark->service, service_));
    marks_.insert_or_assign((*one)->log, found_mark{*mark, (*one)->at});
  }
  const std::pair<const log_id, found_mark>* best = nullptr;
  for (const auto& one : marks_)
    if (what.is_it(one.second.mark) && (best == nullptr || best->second.mark.at < one.second.mark.at)) best = &one;
  if (best == nullptr || (log_ == best->first && !was_away_too_long())) return {};
  if (events_of_) events_of_->close();
  auto reading = subscribe({});
  if (!reading) return fail(reading.error());
  events_of_ = *std::move(reading);
  log_ = best->first;
  fold_.emplace(best->second.mark);
  anew_ = true;
  end_.reset();
  flowed_ = std::chrono::steady_clock::now();
  return {};
}

void state_reader::look_elsewhere() {
  if (!log_) return;
  const auto now = std::chrono::steady_clock::now();
  const auto there = progress_of(*events_of_, *log_);
  if (there && there->flowing) {
    flowed_ = now;
  } else if (now - flowed_ > without_flow_most) {
    begin_anew();
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
  for (;;) {
    const auto some = events_of_->poll_batch(events_at_once, within);
    if (!some) return fail(some.error());
    for (const auto& one : *some) {
      if (one.log != *log_) continue;
      const auto value = one.value().empty() ? std::nullopt : std::optional(one.text());
      if (auto taken = fold_->on(one.key_text(), value, one.headers.find(state_step_header).value_or("")); !taken)
        return fail(taken.error().within(to_string(one.position())));
    }
    if (fold_->has_missed()) {
      begin_anew();
      return {};
    }
    if (auto done = store_items(); !done) return done;
    if (some->empty()) return {};
    within = microseconds{0};
  }
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

bool state_reader::is_complete(const sought_state& what) {
  if (!log_) return false;
  const auto there = progress_of(*events_of_, *log_);
  if (!there || !there->flowing || there->handled <= marks_.at(*log_).at) return false;
  if (!end_) end_ = there->head;
  return there->handled.seq >= *end_ && fold_->is_whole() && what.is_it(*fold_->mark());
}

} // namespace weft::detail

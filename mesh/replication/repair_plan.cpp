#include "mesh/replication/repair_plan.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/reached.hpp"
#include "mesh/log/splice.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::replication {
namespace {

constexpr seq no_end{UINT64_MAX};

bool overlap(const log::epoch_range& a, const log::epoch_range& b) {
  return a.epoch == b.epoch && a.from < b.until && b.from < a.until;
}

} // namespace

repair_plan::repair_plan(const log_id& log, const std::vector<returned>& kept) : log_(log) {
  for (const auto& each : kept)
    given_[{each.epoch, each.holder}] = {each.until, each.end};
}

// --- what is sought

/// What was asked stays asked, where the range is a part of what was sought.
void repair_plan::on(const in::sought& sought, mono_time now, effects& fx) {
  const bool other_epoch = std::exchange(current_, sought.current) != sought.current; // what was above may be below now
  known_.clear();
  for (const auto& each : sought.closed)
    known_.insert(each.epoch);
  auto before = std::exchange(seeks_, {});
  const auto add = [&](lack is, const log::epoch_range& range, seq whole_until = {}) {
    const auto same = std::find_if(before.begin(), before.end(), [&](const seek& each) {
      return each.is == is && (is == lack::lost ? each.range.epoch == range.epoch : overlap(each.range, range));
    });
    seek fresh{is, range, whole_until};
    if (same != before.end()) {
      if (is == lack::damaged || !other_epoch) fresh = *same;
      fresh.range = range;
      fresh.whole_until = whole_until;
      fresh.quarantined = same->quarantined;
    } else {
      backoff_ = {};
    }
    seeks_.push_back(std::move(fresh));
  };
  for (const auto& range : sought.damaged)
    if (seeks_.size() < limits::repair_ranges_max) add(lack::damaged, range);
  const auto skip = sought.closed.size() - std::min(sought.closed.size(), limits::epochs_sought);
  for (auto each = sought.closed.begin() + static_cast<std::ptrdiff_t>(skip); each != sought.closed.end(); ++each)
    add(lack::lost, {each->epoch, each->end, no_end}, each->whole_until);
  if (sought.current != weft::epoch{}) add(lack::lost, {{}, {}, no_end}); // the first epochs may be lost as a whole
  for (const auto& each : before) // whole epochs that a holder has, of which nothing came yet
    if (each.is == lack::lost && each.range.epoch != weft::epoch{} && !is_known(each.range.epoch))
      seeks_.push_back(each);
  std::erase_if(given_, [&](const auto& each) { // it was lost again
    const auto& epoch = each.first.first;
    return std::ranges::none_of(seeks_, [&](const seek& s) {
      return s.is == lack::lost && s.range.epoch == epoch && s.range.from >= each.second.end;
    });
  });
  seek_on(now, fx);
}

void repair_plan::on(const in::holders& holders, mono_time now, effects& fx) {
  const bool more = std::any_of(holders.ordered.begin(), holders.ordered.end(), [this](const node_id& id) {
    return std::find(holders_.begin(), holders_.end(), id) == holders_.end();
  });
  holders_ = holders.ordered;
  for (auto& each : seeks_)
    if (more) each.told = false;
  seek_on(now, fx);
}

void repair_plan::on(const in::holder_ready& ready, mono_time now, effects& fx) {
  for (auto& each : seeks_) {
    each.asked.erase(ready.holder);
    each.again.erase(ready.holder);
    each.rounds = 0;
    each.told = false;
  }
  seek_on(now, fx);
}

repair_plan::seek* repair_plan::find(lack is, weft::epoch epoch, seq from) {
  const auto found = std::find_if(seeks_.begin(), seeks_.end(), [&](const seek& each) {
    return each.is == is && each.range.epoch == epoch &&
           (is == lack::lost || (each.range.from <= from && from < each.range.until));
  });
  return found == seeks_.end() ? nullptr : &*found;
}

repair_plan::seek* repair_plan::seek_of(const pull& of) { return find(of.is, of.range.epoch, of.range.from); }

bool repair_plan::may_come_back(const log::epoch_range& range) const {
  bool sought = false;
  if (holders_.empty()) return false;
  for (const auto& each : seeks_) {
    if (each.is != lack::damaged || !overlap(each.range, range)) continue;
    if (each.told || each.quarantined) return false;
    sought = true;
  }
  return sought;
}

bool repair_plan::is_known(weft::epoch epoch) const { return epoch >= current_ || known_.contains(epoch); }

// --- asking

void repair_plan::seek_on(mono_time now, effects& fx) {
  if (busy()) return;
  if (again_at_ && now >= *again_at_) {
    again_at_.reset();
    for (auto& each : seeks_)
      for (const auto& holder : std::exchange(each.again, {}))
        each.asked.erase(holder);
  }
  bool some_again = false;
  for (auto& each : seeks_) {
    if (each.quarantined) continue;
    if (ask_next(each, now, fx)) return;
    some_again = some_again || (!each.again.empty() && each.rounds < limits::repair_rounds_max);
  }
  if (!some_again || again_at_) return;
  backoff_ = backoff_.count() == 0 ? microseconds(limits::repair_again_first)
                                   : std::min<microseconds>(backoff_ * 2, limits::repair_again_most);
  again_at_ = now + backoff_;
  for (auto& each : seeks_)
    if (!each.again.empty()) ++each.rounds;
}

/// @returns whether there was a holder to ask
bool repair_plan::ask_next(seek& what, mono_time now, effects& fx) {
  for (const auto& holder : holders_)
    if (!what.asked.contains(holder)) {
      demand(what, holder, now, fx);
      return true;
    }
  if (holders_.empty() || (!what.again.empty() && what.rounds < limits::repair_rounds_max)) return false;
  if (!what.above.empty()) { // nobody has what lies before the nearest
    const auto nearest = std::min_element(what.above.begin(), what.above.end(),
                                          [](const auto& a, const auto& b) { return a.second < b.second; });
    report_missing(what, nearest->second, fx);
    what.from_above = true;
    const auto holder = nearest->first;
    what.above.erase(nearest);
    demand(what, holder, now, fx);
    return true;
  }
  if (what.is == lack::damaged && !std::exchange(what.told, true)) report_missing(what, what.range.until, fx);
  return false;
}

void repair_plan::demand(seek& what, const node_id& holder, mono_time now, effects& fx) {
  what.asked.insert(holder);
  auto range = what.range;
  if (what.is == lack::lost && !what.from_above) range.from = given_until(what, holder);
  pull_ = pull{++last_pull_, holder, range, what.is, range.from, {}, now, false};
  fx.emplace_back(out::demand{last_pull_, holder, {range.epoch, range.from}});
}

seq repair_plan::given_until(const seek& what, const node_id& holder) const {
  const auto known = given_.find({what.range.epoch, holder});
  const auto until = known == given_.end() ? what.whole_until : std::max(what.whole_until, known->second.until);
  return std::min(until, what.range.from);
}

/// What was gathered is in the log.
void repair_plan::note_given(seq until) {
  const auto* of = pull_->is == lack::lost ? seek_of(*pull_) : nullptr;
  if (of == nullptr || !known_.contains(of->range.epoch)) return;
  const std::pair key{of->range.epoch, pull_->holder};
  if (!given_.contains(key) && given_.size() >= limits::epochs_sought * limits::log_holders_max) return;
  auto& known = given_[key];
  const given now{std::max(known.until, until), of->range.from};
  given_news_ = given_news_ || now.until != known.until;
  known = now;
}

void repair_plan::end_pull(mono_time now, effects& fx) {
  pull_.reset();
  if (std::exchange(given_news_, false)) {
    std::vector<returned> all;
    for (const auto& [of, each] : given_)
      all.push_back({of.first, of.second, each.until, each.end});
    fx.emplace_back(out::keep{std::move(all)});
  }
  seek_on(now, fx);
}

void repair_plan::report_missing(const seek& what, seq until, effects& fx) const {
  reached("repair.nobody_has_it");
  const log::epoch_range range{what.range.epoch, what.range.from, until};
  fx.emplace_back(
      out::report{what.is, range, 0, std::nullopt,
                  error(errc::not_found, fmt::format("log {}: none of {} holders has seqs {} to {} of epoch {}",
                                                     to_string(log_), holders_.size(), range.from.value(),
                                                     range.until.value(), to_string(range.epoch)))});
}

// --- what comes

void repair_plan::on(const in::opened& opened, mono_time now, effects& fx) {
  if (!pull_ || opened.pull != pull_->number || storing_) return;
  pull_->heard = now;
  if (opened.at.epoch != pull_->range.epoch || opened.at.seq >= pull_->range.until)
    return leave_epoch(opened.at, now, fx);
  pass_hole(opened.at.seq, now, fx);
}

/// Begins above the log's end: another holder may have what lies between.
void repair_plan::pass_hole(seq until, mono_time now, effects& fx) {
  const auto* of = pull_->is == lack::lost ? seek_of(*pull_) : nullptr;
  const bool hole = of != nullptr && until > std::max(of->range.from, pull_->covered);
  if (hole && !(of->from_above && pull_->gathered.empty())) {
    note_above(until);
    return finish_range(now, fx);
  }
  pull_->covered = std::max(pull_->covered, until);
  if (of != nullptr && pull_->gathered.empty())
    pull_->range.from = std::max(pull_->range.from, std::min(pull_->covered, of->range.from));
}

void repair_plan::note_above(seq at) {
  if (auto* of = seek_of(*pull_)) of->above[pull_->holder] = at;
}

/// The log's end, which `sought` told, lies where the last entry ends: behind it another holder may have entries of
/// other topics. Who begins at or below it can go on.
void repair_plan::note_progress(seek& of) {
  of.from_above = false;
  std::erase_if(of.above, [&](const auto& each) {
    if (each.second > of.range.from) return false;
    of.asked.erase(each.first);
    return true;
  });
}

void repair_plan::on(const in::run& run, mono_time now, effects& fx) {
  if (!pull_ || run.pull != pull_->number || pull_->done) return;
  pull_->heard = now;
  if (run.range.epoch != pull_->range.epoch) return leave_epoch({run.range.epoch, run.range.from}, now, fx);
  if (run.range.from == run.range.until) {
    if (owed_ == 0 && ++pull_->at_rest >= limits::repair_rest_heartbeats)
      finish_range(now, fx); // it has no more at the moment
    return;
  }
  pull_->at_rest = 0;
  const auto entries = log::checked_entries(log_, run.range.epoch, run.range.from, run.range.until, run.bytes);
  if (!entries) { // it has no better bytes
    reached("repair.bytes_that_are_none");
    return finish_range(now, fx);
  }
  pull_->empty_runs = entries->empty() ? pull_->empty_runs + 1 : 0;
  if (pull_->is == lack::lost && pull_->empty_runs > limits::repair_empty_runs_max) {
    reached("repair.holder_has_no_end");
    return finish_range(now, fx);
  }
  for (const auto& entry : *entries) {
    if (entry.header.first_seq < pull_->range.from || entry.header.end_seq() > pull_->range.until) continue;
    const auto bytes = entry.bytes.view();
    pull_->gathered.insert(pull_->gathered.end(), bytes.begin(), bytes.end());
  }
  pull_->covered = std::max(pull_->covered, std::min(run.range.until, pull_->range.until));
  if (pull_->covered == pull_->range.until) return finish_range(now, fx);
  if (pull_->gathered.size() >= limits::repair_bytes_kept && !storing_) store(fx);
  owed_ += run.cost;
  paced_until_ =
      std::max(paced_until_, now) + microseconds(static_cast<std::int64_t>(run.cost * 1'000'000 / limits::repair_rate));
  give_credit(now, fx);
}

void repair_plan::on(const in::gap& gap, mono_time now, effects& fx) {
  if (!pull_ || gap.pull != pull_->number || pull_->done) return;
  pull_->heard = now;
  if (gap.range.epoch != pull_->range.epoch) return leave_epoch({gap.range.epoch, gap.range.from}, now, fx);
  if (pull_->is == lack::damaged) return finish_range(now, fx);
  pass_hole(gap.range.until, now, fx);
}

void repair_plan::on(const in::ended& ended, mono_time now, effects& fx) {
  if (!pull_ || ended.pull != pull_->number) return;
  if (!ended.asked) ask_again(*pull_);
  pull_->number = 0; // there is nothing to withdraw
  finish_range(now, fx);
}

/// The holder has no more of this epoch, and goes on with a later one: maybe one that the log lost as a whole.
void repair_plan::leave_epoch(const log_position& at, mono_time now, effects& fx) {
  if (pull_->is == lack::lost && at.epoch > pull_->range.epoch && !is_known(at.epoch) &&
      find(lack::lost, at.epoch, at.seq) == nullptr && seeks_.size() < 2 * limits::repair_ranges_max) {
    reached("repair.epoch_unknown_here");
    seeks_.push_back({lack::lost, {at.epoch, at.seq, no_end}});
  }
  finish_range(now, fx);
}

/// Stores what came, and goes on with the next range or holder.
void repair_plan::finish_range(mono_time now, effects& fx) {
  pull_->done = true;
  if (pull_->number != 0) fx.emplace_back(out::withdraw{pull_->number});
  owed_ = 0;
  if (storing_) return; // goes on when that is answered
  if (!pull_->gathered.empty()) return store(fx);
  note_given(pull_->covered);
  end_pull(now, fx);
}

void repair_plan::ask_again(const pull& of) {
  if (auto* sought = seek_of(of)) sought->again.insert(of.holder);
}

// --- storing

void repair_plan::store(effects& fx) {
  storing_ = log::epoch_range{pull_->range.epoch, pull_->range.from, pull_->covered};
  auto bytes = shared_bytes::take(std::exchange(pull_->gathered, {}));
  fx.emplace_back(out::store{pull_->is, *storing_, std::move(bytes)});
}

void repair_plan::on(const in::stored& stored, mono_time now, effects& fx) {
  if (!storing_) return;
  const auto range = *std::exchange(storing_, std::nullopt);
  if (!stored.put) return refused(stored.put.error(), now, fx);
  if (*stored.put > 0) {
    reached("repair.stored");
    backoff_ = {};
    fx.emplace_back(out::report{pull_->is, range, *stored.put, pull_->holder, error(errc::ok, "")});
  }
  if (pull_->is == lack::damaged) pull_->range.from = range.until;
  if (auto* of = pull_->is == lack::lost ? seek_of(*pull_) : nullptr) {
    if (*stored.put > 0) note_progress(*of);
    pull_->range.from = std::min(range.until, of->range.from);
    note_given(range.until);
  }
  if (pull_->done && *stored.put > 0) // its flow ended with this: it may have more
    for (auto& each : seeks_)
      if (each.is == pull_->is && overlap(each.range, pull_->range)) each.asked.erase(pull_->holder);
  if (!pull_->done) return give_credit(now, fx);
  if (!pull_->gathered.empty()) return store(fx);
  end_pull(now, fx);
}

void repair_plan::refused(const error& why, mono_time now, effects& fx) {
  const auto code = why.code();
  const log::epoch_range range{pull_->range.epoch, pull_->range.from, pull_->covered};
  fx.emplace_back(out::report{pull_->is, range, 0, pull_->holder, why});
  const bool other_log = code == errc::diverged || code == errc::already_exists;
  if (auto* of = seek_of(*pull_); of != nullptr && other_log) {
    reached("repair.quarantined");
    of->quarantined = true;
  } else if (code != errc::corrupt && code != errc::out_of_range) {
    ask_again(*pull_); // the disk's fault
  }
  if (!pull_->done && pull_->number != 0) fx.emplace_back(out::withdraw{pull_->number});
  owed_ = 0;
  end_pull(now, fx);
}

// --- time

bool repair_plan::has_room() const {
  return pull_ && !pull_->done && owed_ > 0 && !(storing_ && pull_->gathered.size() >= limits::repair_bytes_kept);
}

void repair_plan::give_credit(mono_time now, effects& fx) {
  if (has_room() && paced_until_ <= now + limits::repair_pace_ahead)
    fx.emplace_back(out::consumed{pull_->number, std::exchange(owed_, 0)});
}

void repair_plan::tick(mono_time now, effects& fx) {
  give_credit(now, fx);
  const bool silent =
      pull_ && !pull_->done && !storing_ && owed_ == 0 && now - pull_->heard >= limits::repair_answer_within;
  if (!silent) return seek_on(now, fx);
  reached("repair.holder_is_silent");
  ask_again(*pull_);
  finish_range(now, fx);
}

std::optional<mono_time> repair_plan::next_tick() const {
  if (has_room()) return paced_until_ + -limits::repair_pace_ahead;
  if (pull_ && !pull_->done && !storing_) return pull_->heard + microseconds(limits::repair_answer_within);
  return busy() ? std::nullopt : again_at_;
}

} // namespace weft::replication

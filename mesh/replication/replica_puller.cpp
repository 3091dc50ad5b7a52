#include "mesh/replication/replica_puller.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/planted_bug.hpp"
#include "mesh/base/reached.hpp"

#include <algorithm>
#include <iterator>

namespace weft::replication {
namespace {

using names = std::vector<std::string>;

names sorted(names some) {
  std::sort(some.begin(), some.end());
  some.erase(std::unique(some.begin(), some.end()), some.end());
  return some;
}
names all_of(const names& a, const names& b) {
  names both;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}
names without(const names& a, const names& b) {
  names left;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(left));
  return left;
}

} // namespace

copy_view view_of(const log::copy_state& state) {
  copy_view view{state.end(), {}};
  for (std::size_t i = 0; i < state.parts.size(); ++i)
    view.parts.push_back({state.parts[i].id, state.parts[i].topics, state.missing_in(i)});
  return view;
}

replica_puller::replica_puller(effects& fx)
    : backoff_(limits::pull_again_first), held_(std::make_shared<const names>()) {
  fx.emplace_back(out::open_store{});
}

// --- what to hold

void replica_puller::on(in::wanted wanted, effects& fx) {
  wanted_ = sorted(std::move(wanted.topics));
  wanted_by_ = std::move(wanted.holders);
  change_topics(all_of(*held_, wanted_), fx); // what is displaced stays until the list is settled
}

void replica_puller::on(const in::settled& settled, effects& fx) {
  if (settled.holders != wanted_by_) return; // by another list than ours
  const auto less = without(*held_, wanted_);
  if (less.empty() || store_ != store_state::ready) return;
  reached("puller.gives_up_topics");
  whole_ = without(whole_, less);
  fx.emplace_back(out::holds{false, {}, less});
  change_topics(wanted_, fx);
}

/// The main flow is demanded anew, and what the store takes from here on counts for the new topics too.
void replica_puller::change_topics(names topics, effects& fx) {
  if (topics == *held_) return;
  held_ = std::make_shared<const names>(std::move(topics));
  if (store_ != store_state::ready) return;
  flush_empty(fx);
  if (held_->empty()) { // what is wanted later begins at the log's begin
    reached("puller.gives_up_all");
    taken_ = syncing_ = synced_ = confirmed_ = {};
  }
  end_pulls(fx);
  sync_on(fx);
  fx.emplace_back(out::set_topics{held_});
  ++topics_due_;
  view_due_ = true;
  pull_on(fx);
}

// --- flows

void replica_puller::on(in::source_ready, mono_time, effects& fx) {
  source_ = true;
  again_at_.reset();
  if (store_ == store_state::down) {
    store_ = store_state::opening;
    fx.emplace_back(out::open_store{});
  }
  pull_on(fx);
}

void replica_puller::pull_on(effects& fx) {
  if (store_ != store_state::ready || !source_ || again_at_ || held_->empty()) return;
  if (main_.is != flow_state::none) return;
  main_ = {flow_state::demanded, ++last_pull_};
  const bool has_some = taken_.epoch != weft::epoch{};
  fx.emplace_back(out::demand{main_.pull, has_some ? std::optional(taken_) : std::nullopt, held_});
}

void replica_puller::fill_on(effects& fx) {
  if (store_ != store_state::ready || main_.is != flow_state::flowing || fill_ || view_due_ || again_at_) return;
  for (const auto& part : view_.parts) {
    const auto range = obtainable(part);
    if (!range) continue;
    fill_ = fill{{flow_state::demanded, ++last_pull_}, part.id, *range};
    fx.emplace_back(out::demand{fill_->of.pull, log_position{range->epoch, range->from},
                                std::make_shared<const names>(part.topics)});
    return;
  }
}

/// The first that the part lacks and the source may have.
std::optional<log::epoch_range> replica_puller::obtainable(const copy_view::part& part) const {
  for (const auto& range : part.missing) {
    const auto none = unavailable_.find(range.epoch);
    if (none == unavailable_.end()) return range;
    const auto holes = none->second.missing(range.from, range.until);
    if (!holes.empty()) return log::epoch_range{range.epoch, holes.front().from, holes.front().until};
  }
  return std::nullopt;
}

void replica_puller::on(const in::opened& opened, mono_time, effects& fx) {
  if (fill_ && opened.pull == fill_->of.pull && fill_->of.is == flow_state::demanded) {
    fill_->of.is = flow_state::flowing;
    if (opened.at != log_position{fill_->left.epoch, fill_->left.from}) pass_fill(opened.at, false, fx);
    return;
  }
  if (opened.pull != main_.pull || main_.is != flow_state::demanded) return;
  main_.is = flow_state::flowing;
  taken_ = std::max(taken_, opened.at);
  unavailable_.clear();
  tell_whole(true, fx);
  if (confirmed_ != log_position{}) fx.emplace_back(out::confirm{confirmed_});
  fill_on(fx);
}

void replica_puller::on(const in::lost& lost, mono_time now) {
  if (lost.source_gone) source_ = false;
  if (fill_ && lost.pull == fill_->of.pull) {
    fill_.reset();
    if (source_) wait(now);
  }
  if (lost.pull != main_.pull || main_.is == flow_state::none) return;
  main_ = {};
  if (source_) wait(now);
}

void replica_puller::wait(mono_time now) {
  again_at_ = now + backoff_;
  backoff_ = std::min<microseconds>(backoff_ * 2, limits::pull_again_most);
}

void replica_puller::end(flow& of, effects& fx) {
  if (of.is != flow_state::none) fx.emplace_back(out::withdraw{of.pull});
  of = {};
}

void replica_puller::end_pulls(effects& fx) {
  end(main_, fx);
  if (fill_) end(fill_->of, fx);
  fill_.reset();
}

// --- what comes

void replica_puller::on(const in::run& run, mono_time now, effects& fx) {
  const bool of_fill = fill_ && run.pull == fill_->of.pull && fill_->of.is == flow_state::flowing;
  const bool of_main = run.pull == main_.pull && main_.is == flow_state::flowing;
  if (!of_fill && !of_main) return; // on its way when the flow ended
  backoff_ = limits::pull_again_first;
  if (!run.starts.empty()) fx.emplace_back(out::move_starts{run.starts});
  if (of_fill)
    take_fill(run, fx);
  else
    take_main(run, now, fx);
}

void replica_puller::take_main(const in::run& run, mono_time now, effects& fx) {
  const auto& range = run.range;
  if (!run.bytes.empty()) {
    flush_empty(fx);
    fx.emplace_back(out::take{{range.epoch, range.from, range.until, run.log_time, run.bytes}});
    dirty_ = true;
    main_.unsynced_cost += run.cost;
  } else if (range.from != range.until) {
    const bool follows = empty_ && empty_->epoch == range.epoch && empty_->until == range.from;
    if (!follows) {
      flush_empty(fx);
      empty_ = log::copy_run{range.epoch, range.from, range.until, run.log_time, {}};
      empty_since_ = now;
    }
    empty_->until = range.until;
    empty_->log_time = std::max(empty_->log_time, run.log_time);
  }
  taken_ = {range.epoch, range.until};
  if (planted(planted_bug::replica_confirms_before_sync)) confirm(taken_, fx);
  if (!dirty_ && !sync_runs_) { // nothing is in it that a crash could take
    synced_ = taken_;
    confirm(synced_, fx);
  }
  sync_on(fx);
}

void replica_puller::take_fill(const in::run& run, effects& fx) {
  const auto& range = run.range;
  if (range.epoch == fill_->left.epoch && range.from != range.until) {
    fx.emplace_back(
        out::take{{range.epoch, range.from, range.until, run.log_time, run.bytes, std::optional(fill_->part)}});
    dirty_ = true;
    fill_->of.unsynced_cost += run.cost;
  }
  pass_fill({range.epoch, range.until}, true, fx);
  sync_on(fx);
}

/// A fill has come to `until`. @param had  the rest of its epoch excepted, it got all below
void replica_puller::pass_fill(const log_position& until, bool had, effects& fx) {
  auto& left = fill_->left;
  const bool epoch_over = until.epoch > left.epoch;
  const auto passed = epoch_over ? left.until : std::min(until.seq, left.until);
  if (epoch_over || !had) {
    reached("puller.not_available");
    auto& none = unavailable_[left.epoch];
    const bool many = none.ranges().size() >= limits::unavailable_ranges_max;
    none.add(left.from, many ? left.until : passed);
  }
  left.from = std::max(left.from, passed);
  if (left.from < left.until) return;
  end(fill_->of, fx);
  fill_.reset();
  view_due_ = view_due_ || dirty_ || sync_runs_; // what was taken shows in the next one
  if (view_due_) return;
  tell_whole(false, fx);
  fill_on(fx);
}

void replica_puller::on(in::gap gap, mono_time now, effects& fx) {
  const bool gone = gap.code == errc::log_start; // removed: nothing is missed that should be here
  if (gone) {
    on(in::run{gap.pull, gap.range, {}, {}, 0, std::move(gap.starts)}, now, fx);
    return;
  }
  if (fill_ && gap.pull == fill_->of.pull && fill_->of.is == flow_state::flowing) {
    if (!holes_again_at_) holes_again_at_ = now + microseconds(limits::repair_again_most);
    pass_fill({gap.range.epoch, gap.range.until}, false, fx);
  } else if (gap.pull == main_.pull && main_.is == flow_state::flowing) {
    reached("puller.hole"); // a fill asks for it later: the source may have it repaired then
    flush_empty(fx);
    if (!hole_) hole_ = hole{taken_, {}};
    hole_->until = taken_ = {gap.range.epoch, gap.range.until};
    view_due_ = true; // one shows the hole when something behind it was taken
  }
}

// --- the store

void replica_puller::flush_empty(effects& fx) {
  if (!empty_) return;
  fx.emplace_back(out::take{std::move(*empty_)});
  empty_.reset();
  dirty_ = true;
}

void replica_puller::sync_on(effects& fx) {
  if (!dirty_ || sync_runs_ || store_ != store_state::ready) return;
  dirty_ = false;
  sync_runs_ = true;
  syncing_ = taken_;
  const auto begin = [](flow& of) { of.syncing_cost += std::exchange(of.unsynced_cost, 0); };
  begin(main_);
  if (fill_) begin(fill_->of);
  fx.emplace_back(out::sync{view_.parts.size() > 1 || view_due_});
}

void replica_puller::give_credit(flow& of, effects& fx) {
  if (of.syncing_cost == 0) return;
  fx.emplace_back(out::consumed{of.pull, std::exchange(of.syncing_cost, 0)});
}

void replica_puller::on(in::synced, mono_time, effects& fx) {
  if (store_ != store_state::ready || !sync_runs_) return;
  sync_runs_ = false;
  synced_ = dirty_ ? syncing_ : taken_; // what came without bytes since needs no sync
  give_credit(main_, fx);
  if (fill_) give_credit(fill_->of, fx);
  const bool seen_all = std::exchange(view_came_, false) && !dirty_ && topics_due_ == 0 && shows_hole();
  if (seen_all) {
    view_due_ = false;
    hole_.reset();
    tell_whole(false, fx);
  }
  confirm(synced_, fx);
  sync_on(fx);
  if (seen_all) fill_on(fx);
}

void replica_puller::on(in::view view, mono_time, effects& fx) {
  if (view.to == in::view::open_store && store_ == store_state::opening) {
    store_ = store_state::ready;
    view_ = std::move(view.now);
    view_due_ = view_came_ = dirty_ = sync_runs_ = false;
    topics_due_ = 0;
    empty_.reset();
    hole_.reset();
    names had;
    for (const auto& part : view_.parts)
      had = all_of(had, part.topics);
    taken_ = synced_ = confirmed_ = had.empty() ? log_position{} : view_.end;
    auto wanted = had; // what it held before stays until the list is settled
    for (const auto& name : without(*held_, had))
      if (wanted.size() < limits::copy_topics_max) wanted.push_back(name);
    held_ = std::make_shared<const names>(had);
    change_topics(sorted(std::move(wanted)), fx);
    pull_on(fx);
    return;
  }
  if (store_ != store_state::ready) return;
  if (view.to == in::view::set_topics && topics_due_ > 0) --topics_due_;
  if (topics_due_ > 0) return;
  view_ = std::move(view.now);
  view_came_ = sync_runs_;
  if (sync_runs_ || dirty_ || !shows_hole()) return;
  view_due_ = false;
  tell_whole(false, fx);
  fill_on(fx);
}

void replica_puller::on(const in::store_failed& failed, mono_time now, effects& fx) {
  if (store_ != store_state::ready && store_ != store_state::opening) return;
  end_pulls(fx);
  const auto code = failed.why.code();
  if (code == errc::diverged || code == errc::corrupt) fx.emplace_back(out::alarm{failed.why});
  store_ = code == errc::diverged ? store_state::diverged : store_state::down;
  if (store_ == store_state::down) wait(now);
}

// --- time, and what the log's node is told

void replica_puller::tick(mono_time now, effects& fx) {
  if (empty_ && now - empty_since_ >= limits::copy_idle_sync) {
    flush_empty(fx);
    sync_on(fx);
  }
  if (holes_again_at_ && now >= *holes_again_at_) {
    holes_again_at_.reset();
    unavailable_.clear();
    fill_on(fx);
  }
  if (!again_at_ || now < *again_at_) return;
  again_at_.reset();
  if (store_ == store_state::down) {
    store_ = store_state::opening;
    fx.emplace_back(out::open_store{});
  }
  pull_on(fx);
  fill_on(fx);
}

std::optional<mono_time> replica_puller::next_tick() const {
  auto next = again_at_;
  if (holes_again_at_) next = std::min(next.value_or(*holes_again_at_), *holes_again_at_);
  if (empty_) {
    const auto due = empty_since_ + microseconds(limits::copy_idle_sync);
    next = std::min(next.value_or(due), due);
  }
  return next;
}

void replica_puller::confirm(log_position until, effects& fx) {
  if (hole_) until = std::min(until, hole_->from);
  if (until <= confirmed_) return;
  confirmed_ = until;
  if (main_.is == flow_state::flowing) fx.emplace_back(out::confirm{until});
}

/// A topic is whole when nothing of it is missing that its source could give.
void replica_puller::tell_whole(bool anew, effects& fx) {
  names whole;
  for (const auto& part : view_.parts)
    if (!obtainable(part)) whole = all_of(whole, part.topics);
  auto more = anew ? whole : without(whole, whole_);
  auto less = anew ? names{} : without(whole_, whole);
  whole_ = std::move(whole);
  if (main_.is == flow_state::flowing && (anew || !more.empty() || !less.empty()))
    fx.emplace_back(out::holds{anew, std::move(more), std::move(less)});
}

} // namespace weft::replication

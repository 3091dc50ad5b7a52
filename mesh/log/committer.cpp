#include "mesh/log/committer.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/planted_bug.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace weft::log {

using wire::entry_flags;

bool committer::commit() {
  with_.queue.take(with_.commit_bytes_max, requests_);
  if (requests_.empty()) return false;
  if (make_room()) {
    plan();
    if (!entries_.empty()) write();
    answer_all(true);
    if (sync_wanted()) sync_written();
    answer_all(false);
  }
  answer_refused();
  requests_.clear(); // the batches go
  return true;
}

/// Before anything has its place: the tables that a closing segment's index gets must not know of this commit.
bool committer::make_room() {
  std::size_t bytes = 0;
  for (const auto& request : requests_)
    bytes += request.bytes;
  const auto room = with_.writer.make_room(bytes, can_thaw());
  if (with_.writer.synced_end() != with_.progress.head().at.seq) report_synced(); // it synced the segment before
  if (room) return true;
  const auto code = room.error().code();
  freeze(room.error().message(), code == errc::disk_full || code == errc::descriptors_out);
  for (auto& request : requests_) // not one byte of them was written
    with_.queue.answer(request, fail(errc::log_frozen, with_.progress.health().why));
  return false;
}

void committer::sync() {
  sync_written();
  answer_refused();
}

// --- planning

/// Gives every batch its place, in the order in which they came.
void committer::plan() {
  outcomes_.clear();
  appended_.clear();
  entries_.clear();
  undo_.clear();
  next_ = with_.writer.written_end();
  const auto now = with_.clock.wall();
  const std::lock_guard lock(with_.tables.mutex);
  for (auto& request : requests_)
    plan_request(request, now);
  with_.tables.planned_end = next_;
}

void committer::plan_request(pending_append& request, wall_time now) {
  outcome becomes{&request, appended_.size(), std::nullopt, false};
  const auto undo_mark = undo_.size();
  const auto entry_mark = entries_.size();
  const auto next_mark = next_;
  for (std::size_t i = 0; i < request.batches() && !becomes.problem; ++i) {
    auto flags = entry_flags::none;
    if (request.batches() > 1) flags = entry_flags::in_group;
    if (request.batches() > 1 && i == 0) flags = flags | entry_flags::group_begin;
    if (request.batches() > 1 && i + 1 == request.batches()) flags = flags | entry_flags::group_end;
    becomes.problem = place_batch(request.batch(i), flags, now, i == 0 || appended_[becomes.first].repeated);
    if (!becomes.problem && appended_.back().repeated != appended_[becomes.first].repeated)
      becomes.problem = error(errc::sequence_gap, "a part of the atomic group is in the log already, a part is not");
  }
  if (becomes.problem) { // all or none
    undo(undo_mark);
    entries_.resize(entry_mark);
    appended_.resize(becomes.first);
    next_ = next_mark;
  }
  outcomes_.push_back(std::move(becomes));
}

/// Appends to the plan, or finds the batch in the log. @returns what is wrong with it
std::optional<error> committer::place_batch(const prepared_batch& batch, entry_flags flags, wall_time now,
                                            bool may_repeat) {
  auto& tables = with_.tables;
  if (batch.producer != producer_id{}) {
    const auto judged = tables.producers.judge(batch.producer, batch.sequence, batch.count);
    const auto& found = judged.found;
    switch (judged.is) {
    case producer_table::verdict::next: break;
    case producer_table::verdict::repeat:
      if (!may_repeat) return error(errc::sequence_gap, "a batch is in its atomic group twice");
      appended_.push_back({found.epoch, found.first, found.count, found.first_offset, found.at, true});
      return std::nullopt;
    case producer_table::verdict::forgotten:
      return error(errc::already_exists,
                   fmt::format("sequences {} to {} of producer {:x} are in the log already, where is no longer known",
                               batch.sequence, batch.sequence + batch.count - 1, batch.producer.value()));
    case producer_table::verdict::gap:
      return error(errc::sequence_gap, fmt::format("producer {:x} sends sequence {}, the log waits for {}",
                                                   batch.producer.value(), batch.sequence, judged.expected));
    }
  }
  new_entry entry{{}, batch.batch.bytes().view(), batch.producer, batch.sequence, batch.batch.topic()};
  auto& header = entry.header;
  header.body_length = static_cast<std::uint32_t>(entry.batch.size());
  const auto seed = with_.writer.seed();
  header.body_checksum = batch.seed == seed ? batch.checksum : wire::body_checksum(seed, entry.batch);
  header.first_seq = next_;
  header.appended = next_after(tables.last, now);
  header.topic = batch.topic;
  header.count = batch.count;
  header.flags = flags;
  const auto stored = header.stored_bytes();
  header.first_offset = tables.topics.append(batch.topic, batch.count, stored, entry.topic_name);
  tables.last = header.appended;
  if (batch.producer != producer_id{})
    tables.producers.append(batch.producer, {batch.sequence, batch.count, batch.topic, with_.epoch, next_,
                                             header.first_offset, header.appended});
  undo_.push_back({batch.topic, header.first_offset, stored, batch.producer, batch.sequence});
  appended_.push_back({with_.epoch, next_, batch.count, header.first_offset, header.appended, false});
  entries_.push_back(entry);
  next_ = header.end_seq();
  return std::nullopt;
}

/// @pre the tables are locked. The last HLC stays: it only has to grow.
void committer::undo(std::size_t down_to) {
  while (undo_.size() > down_to) {
    const auto& step = undo_.back();
    with_.tables.topics.take_back(step.topic, step.first_offset, step.bytes);
    if (step.producer != producer_id{}) with_.tables.producers.take_back(step.producer, step.sequence);
    undo_.pop_back();
  }
}

// --- writing

void committer::write() {
  for (const auto& entry : entries_)
    with_.writer.add(entry);
  if (auto done = with_.writer.write(); !done) {
    drop_plan(done.error());
    freeze(done.error().message(), done.error().code() == errc::disk_full);
    return;
  }
  last_written_ = entries_.back().header.appended;
  with_.progress.set_written(with_.writer.written_end());
  if (planted(planted_bug::serve_before_sync)) with_.progress.set_synced(with_.writer.written_end(), last_written_);
  if (!unsynced_since_) unsynced_since_ = with_.clock.mono();
}

/// Nothing of this commit was written for sure: what it would have become does not count.
void committer::drop_plan(const error& why) {
  {
    const std::lock_guard lock(with_.tables.mutex);
    undo(0);
    with_.tables.planned_end = with_.writer.written_end();
  }
  entries_.clear();
  const auto end = with_.writer.written_end();
  for (auto& each : outcomes_) {
    if (each.problem) continue;
    const auto& place = appended_[each.first];
    if (place.epoch == with_.epoch && place.first >= end) each.problem = error(errc::not_synced, why.message());
  }
}

bool committer::is_synced(const outcome& of) const {
  if (planted(planted_bug::ack_before_sync)) return true;
  const auto& last = appended_[of.first + of.request->batches() - 1];
  return last.epoch != with_.epoch || last.first + last.count <= with_.writer.synced_end();
}

bool committer::sync_wanted() const {
  return std::any_of(outcomes_.begin(), outcomes_.end(),
                     [this](const outcome& each) { return !each.answered && !each.problem && !is_synced(each); });
}

void committer::sync_written() {
  if (broken() || !with_.writer.dirty()) return;
  if (auto done = with_.writer.sync(); !done) {
    freeze(done.error().message(), false);
    return;
  }
  report_synced();
}

void committer::report_synced() {
  unsynced_since_.reset();
  with_.progress.set_synced(with_.writer.synced_end(), last_written_);
  if (with_.on_synced) with_.on_synced(with_.writer.synced_end());
}

// --- answers

void committer::answer_all(bool written_only) {
  for (auto& each : outcomes_) {
    if (each.answered || (written_only && each.request->level != ack_level::written)) continue;
    if (!written_only && !each.problem && !is_synced(each))
      each.problem = error(errc::not_synced, with_.progress.health().why);
    answer(each);
  }
}

void committer::answer(outcome& of) {
  of.answered = true;
  if (of.problem) {
    with_.queue.answer(*of.request, fail(*of.problem));
    return;
  }
  if (!scratch_) scratch_.emplace();
  const auto first = appended_.begin() + static_cast<std::ptrdiff_t>(of.first);
  scratch_->assign(first, first + static_cast<std::ptrdiff_t>(of.request->batches()));
  with_.queue.answer(*of.request, scratch_);
}

// --- freezing

void committer::freeze(const std::string& why, bool space_helps) {
  if (broken()) return;
  const bool news = !frozen() || !space_helps;
  frozen_ = space_helps ? state::out_of_space : state::broken;
  const auto remedy = space_helps ? "; writing goes on when there is space again"
                                  : "; what was not acknowledged may be lost: the log has to be opened again";
  const log_health health{true, with_.clock.wall(), why + remedy};
  if (news) with_.progress.set_health(health);
  auto refused = with_.queue.set_intake(space_helps ? intake::reserved_only : intake::closed, health.why);
  std::move(refused.begin(), refused.end(), std::back_inserter(refused_));
  if (news && with_.on_health) with_.on_health(health);
}

void committer::answer_refused() {
  for (auto& each : refused_)
    with_.queue.answer(each, fail(errc::log_frozen, with_.progress.health().why));
  refused_.clear();
}

void committer::thaw() {
  WEFT_ASSERT(can_thaw());
  frozen_ = state::serving;
  with_.progress.set_health({});
  static_cast<void>(with_.queue.set_intake(intake::open, {})); // an open intake refuses nothing
  if (with_.on_health) with_.on_health({});
}

} // namespace weft::log

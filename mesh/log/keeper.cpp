// The log's threads, and what is done beside reading and writing.
#include "mesh/base/limits.hpp"
#include "mesh/log/cleaner.hpp"
#include "mesh/log/index_file.hpp"
#include "mesh/log/log_impl.hpp"

#include <algorithm>
#include <pthread.h>
#include <utility>

namespace weft::log {

// --- threads

void node_log::impl::start_threads() {
  commit_thread_ = std::thread([this] { run_committer(); });
  keeper_thread_ = std::thread([this] { run_keeper(); });
}

void node_log::impl::run_committer() {
  ::pthread_setname_np(::pthread_self(), "log-commit");
  std::optional<microseconds> sync_due;
  while (true) {
    queue.lead_when_work(sync_due);
    const bool worked = commit();
    sync_due = until_sync_due();
    queue.stop_leading();
    if (!worked && stopping_.load()) return;
  }
}

/// One commit, and the sync when it is due: while callers carry out the commits the commit thread may get no turn.
bool node_log::impl::commit() {
  const bool worked = committer_.commit();
  if (worked && on_room) on_room();
  if (const auto left = until_sync_due(); left && left->count() <= 0) committer_.sync();
  return worked;
}

std::optional<microseconds> node_log::impl::until_sync_due() const {
  const auto since = committer_.unsynced_since();
  if (!since || committer_.broken()) return std::nullopt;
  return (*since + options_.written_sync_within) - environment_.clock.mono();
}

void node_log::impl::run_keeper() {
  ::pthread_setname_np(::pthread_self(), "log-helper");
  while (!stopping_.load()) {
    const auto now = environment_.clock.mono();
    const auto next = maintain(now);
    std::unique_lock lock(keeper_mutex_);
    keeper_wakes_.wait_for(lock, next - now, [this] { return keeper_poked_ || stopping_.load(); });
    keeper_poked_ = false;
  }
}

void node_log::impl::poke_keeper() {
  const std::lock_guard lock(keeper_mutex_);
  keeper_poked_ = true;
  keeper_wakes_.notify_one();
}

void node_log::impl::stop() {
  stopping_.store(true);
  poke_keeper();
  if (keeper_thread_.joinable()) keeper_thread_.join();
  queue.wake_committer(true);
  if (commit_thread_.joinable()) commit_thread_.join();
  queue.lead();
  while (commit()) {}
  committer_.sync();
  if (!committer_.broken() && !writer_.dirty()) writer_.finish();
  queue.stop_leading();
}

node_log::impl::~impl() {
  stop();
  finish_closed();
  write_indexes();
}

// --- one round

mono_time node_log::impl::maintain(mono_time now) {
  const std::lock_guard round(maintain_mutex_);
  sync_what_is_due(now);
  finish_closed();
  write_indexes();
  drop_page_cache();
  recycle_released();
  const bool more_spares = keep_spares();
  thaw_if_possible();
  const bool due = !retained_at_ || now >= *retained_at_ + microseconds(limits::retention_interval);
  if (due || retain_soon_.exchange(false)) {
    retained_at_ = now;
    retain(now);
    recycle_released();
  }
  auto next = *retained_at_ + microseconds(limits::retention_interval);
  if (const auto more = compact()) next = std::min(next, *more);
  if (more_spares) next = std::min(next, now + until_next_piece());
  if (progress.health().frozen || spares_.wanted()) next = std::min(next, now + limits::space_looked_for_every);
  if (!options_.own_threads && progress.written_end() != progress.head().at.seq)
    next = std::min(next, now + options_.written_sync_within);
  return next;
}

void node_log::impl::sync_what_is_due(mono_time now) {
  if (options_.own_threads) return; // the commit thread keeps the time
  queue.lead();
  if (const auto since = committer_.unsynced_since(); since && now >= *since + options_.written_sync_within)
    committer_.sync();
  queue.stop_leading();
}

/// Makes the indexes of segments that were closed since.
void node_log::impl::finish_closed() {
  std::vector<closed_segment> closed;
  {
    const std::lock_guard lock(closed_mutex_);
    closed.swap(closed_);
  }
  if (!closed.empty()) retain_soon_.store(true); // a busy log shall not wait for the next round
  for (auto& each : closed)
    store.seal(each.segment,
               std::make_shared<pinned_index>(pinned_index{each.builder.finish(), std::move(each.tables)}));
}

void node_log::impl::write_indexes() {
  for (const auto& [segment, pinned] : store.unsaved()) {
    const auto bytes = encode_index(pinned->index, pinned->tables);
    // Without it the next opening scans; the next round tries again.
    if (write_file_durably(environment_.disk, index_path_of(segment->path), bytes)) store.index_saved(segment);
  }
}

/// Fresh pages of the page cache are dear on virtual machines; those of cold segments are given back.
void node_log::impl::drop_page_cache() {
  std::vector<segment_ref> closed;
  const auto epoch = progress.head().at.epoch;
  for (const auto& each : store.all())
    if (each.sealed && each.segment->epoch == epoch) closed.push_back(each.segment);
  for (std::size_t i = 0; i + limits::page_cached_segments < closed.size(); ++i) {
    if (uncached_until_ && closed[i]->first <= *uncached_until_) continue;
    if (const auto opened = store.open(closed[i])) (*opened)->drop_cache(0, options_.segment_bytes);
    uncached_until_ = closed[i]->first;
  }
}

void node_log::impl::recycle_released() {
  while (const auto path = store.released()) {
    if (!spares_.recycle(*path)) return; // the next round tries again
    store.forget_released();
  }
}

/// A piece at a time, so that the disk is there for commits. @returns whether there is more to do soon
bool node_log::impl::keep_spares() {
  while (spares_.wanted() && !stopping_.load()) {
    const auto space = environment_.disk.free_space(paths_.log());
    const bool last_space = space && *space < 2 * options_.segment_bytes;
    if (last_space && spares_.count() > 0) spares_.give_up();                                 // others need it more
    if (!space || (last_space && spares_.count() > 0) || !spares_.make_piece()) return false; // again later
    if (options_.own_threads) return true;
  }
  return false;
}

/// While nothing is appended the disk has nothing better to do.
microseconds node_log::impl::until_next_piece() {
  const auto end = progress.written_end();
  const bool idle = std::exchange(written_at_last_piece_, end) == end;
  return idle ? microseconds{0} : microseconds(limits::spare_piece_interval);
}

void node_log::impl::thaw_if_possible() {
  if (!progress.health().frozen) return;
  const auto space = environment_.disk.free_space(paths_.log());
  const bool kept = options_.spare_segments == 0 || spares_.count() > 0;
  if (!space || *space < options_.segment_bytes || !kept) return;
  queue.lead();
  if (committer_.can_thaw()) committer_.thaw();
  queue.stop_leading();
}

// --- retention

void node_log::impl::retain(mono_time now) {
  const auto wanted = policies.all();
  const auto trusted_now = clock_.now(environment_.clock.wall(), now);
  {
    const std::lock_guard lock(tables_.mutex);
    tables_.producers.forget(hlc::at(trusted_now - microseconds(limits::producer_forgotten_after)));
  }
  if (wanted.empty() && starts.all()->empty()) return tell_leases({}, trusted_now);
  std::optional<microseconds> shortest;
  for (const auto& [topic, policy] : wanted)
    if (policy.keep_time) shortest = std::min(shortest.value_or(*policy.keep_time), *policy.keep_time);
  if (shortest) end_old_segment(hlc::at(trusted_now - *shortest));
  end_segment_to_compact(wanted, trusted_now);

  const auto segments = closed_segments();
  std::unordered_map<topic_id, std::uint64_t> bytes;
  for (const auto& topic : topics())
    bytes[topic.topic] = topic.bytes;
  const auto needs = needs_of(wanted, trusted_now);
  auto moves = decide_starts({segments, wanted, *starts.all(), bytes, needs, trusted_now});
  const bool all_moved = move_starts(moves);
  tell_leases(moves, trusted_now);
  std::optional<log_position> compacted_from;
  for (const auto& [topic, need] : needs)
    if (wanted.at(topic).compaction) compacted_from = std::min(compacted_from.value_or(need.from), need.from);
  if (all_moved) remove_dead(compacted_from);
  compactor_.begin_if_due(segments, {wanted, *starts.all(), needs, trusted_now}, now);
}

std::vector<kept_segment> node_log::impl::closed_segments() const {
  std::vector<kept_segment> segments;
  for (const auto& each : store.all()) {
    if (!each.sealed) break;
    const auto core = store.core_of(each.segment);
    if (!core) break; // its index is lost; the next opening rebuilds it
    segments.push_back({each.segment->epoch, *core});
  }
  return segments;
}

std::unordered_map<topic_id, topic_need>
node_log::impl::needs_of(const std::unordered_map<topic_id, topic_policy>& topics, wall_time now) {
  std::unordered_map<topic_id, topic_need> needs;
  if (environment_.leases == nullptr) return needs;
  for (const auto& [topic, policy] : topics)
    if (const auto need = environment_.leases->needed(topic, now)) needs.emplace(topic, *need);
  return needs;
}

void node_log::impl::tell_leases(const std::vector<start_move>& moves, wall_time now) {
  if (environment_.leases == nullptr) return;
  std::vector<retained_topic> topics;
  topics.reserve(moves.size());
  for (const auto& move : moves)
    topics.push_back({move.topic, move.bytes == 0 ? std::nullopt : std::optional(move.to.at), move.held});
  environment_.leases->retained(topics, now);
}

/// A segment that is still written to holds its events however old they are; so it ends when the first is too old.
void node_log::impl::end_old_segment(hlc cutoff) {
  const auto all = store.all();
  if (all.empty() || all.back().sealed || all.back().summary.entries == 0 || all.back().summary.first_at >= cutoff)
    return;
  queue.lead();
  committer_.sync();
  if (!committer_.frozen() && !writer_.dirty()) writer_.finish();
  queue.stop_leading();
  finish_closed();
  write_indexes();
}

// --- compaction

/// A segment that is written to is not compacted: where it has much of a topic and is not young, it ends.
void node_log::impl::end_segment_to_compact(const std::unordered_map<topic_id, topic_policy>& wanted, wall_time now) {
  std::unordered_map<topic_id, std::uint64_t> bytes;
  for (const auto& topic : topics())
    if (const auto policy = wanted.find(topic.topic); policy != wanted.end() && policy->second.compaction)
      bytes[topic.topic] = topic.bytes;
  if (bytes.empty()) return;
  const auto known = starts.all();
  for (const auto& segment : closed_segments())
    for (const auto& extent : segment.core->topics)
      if (const auto of = bytes.find(extent.topic);
          of != bytes.end() && !is_dead(*known, extent.topic, extent.end_offset, {segment.epoch, extent.end}))
        of->second -= std::min(of->second, extent.bytes);
  for (const auto& [topic, active] : bytes)
    if (active >= limits::compaction_active_bytes) {
      const auto young = std::max(microseconds(limits::compaction_active_age), wanted.at(topic).compaction->after);
      end_old_segment(hlc::at(now - young));
    }
}

/// A segment at a time, so that the disk is there for commits; all of a round at once where the owner keeps the time.
/// @returns when to go on
std::optional<mono_time> node_log::impl::compact() {
  while (compactor_.at_work() && !stopping_.load()) {
    const auto now = environment_.clock.mono();
    if (options_.own_threads && now < compact_at_) return compact_at_;
    const auto wanted = policies.all();
    const auto trusted_now = clock_.now(environment_.clock.wall(), now);
    const auto needs = needs_of(wanted, trusted_now);
    const auto step = compactor_.step({wanted, *starts.all(), needs, trusted_now}, now);
    if (!step) return std::nullopt; // the next round of retention tries again
    write_indexes();
    {
      const std::lock_guard lock(tables_.mutex);
      for (const auto& [topic, bytes] : step->saved)
        tables_.topics.subtract_bytes(topic, bytes);
    }
    const auto pause = step->moved * std::uint64_t{std::micro::den} / limits::compaction_bytes_per_s;
    compact_at_ = environment_.clock.mono() + microseconds(static_cast<std::int64_t>(pause));
  }
  return std::nullopt;
}

// --- starts

/// On a full disk neither a start nor a begin has room to be written, and without them nothing expired may go: then a
/// spare file makes room.
result<void> node_log::impl::keep_start(topic_id topic, const topic_start& to) {
  auto done = environment_.starts.move_forward(topic, to);
  if (!done && done.error().code() == errc::disk_full && spares_.release_one())
    done = environment_.starts.move_forward(topic, to);
  return done;
}

result<void> node_log::impl::keep_begin_at(const log_segment& first) {
  const log_begin begin{first.epoch, first.first};
  auto done = keep_log_begin(environment_.disk, paths_, begin);
  if (!done && done.error().code() == errc::disk_full && spares_.release_one())
    done = keep_log_begin(environment_.disk, paths_, begin);
  return done;
}

result<void> node_log::impl::keep_begin() {
  const auto all = store.all();
  if (!all.empty()) return keep_begin_at(*all.front().segment);
  const auto end = progress.head().at;
  return keep_log_begin(environment_.disk, paths_, {end.epoch, end.seq});
}

/// Those that can't be durable now stay: the next round tries again. @returns whether there are none: only then bytes
/// may go
bool node_log::impl::move_starts(std::vector<start_move>& moves) {
  bool all = true;
  for (auto& move : moves) {
    if (move.bytes == 0) continue;
    all = all && keep_start(move.topic, move.to);
    if (!all) {
      move.bytes = 0;
      continue;
    }
    starts.set(move.topic, move.to);
    const std::lock_guard lock(tables_.mutex);
    tables_.topics.subtract_bytes(move.topic, move.bytes);
  }
  return all;
}

/// Whole segments at the front first; then those of which more than half is dead are written anew without it. The last
/// segment with entries stays: it knows where the log ends.
void node_log::impl::remove_dead(const std::optional<log_position>& compacted_from) {
  const auto known = starts.all();
  auto all = store.all();
  while (!all.empty() && (!all.back().sealed || all.back().summary.entries == 0)) {
    if (all.back().summary.entries != 0) break;
    all.pop_back();
  }
  if (all.empty()) return;
  const auto last = all.back().segment;
  all.pop_back();
  const auto gone = dead_at_front(store, *known, all, compacted_from);
  if (gone > 0 && !keep_begin_at(gone < all.size() ? *all[gone].segment : *last))
    return; // tried again, as what follows
  static_cast<void>(drop_dead(environment_.disk, store, *known, all, true, compacted_from));
}

/// Directly behind the topic's last event: who has read so far misses nothing when it goes.
log_position node_log::impl::end_of(topic_id topic) {
  const auto known = starts.all();
  const auto start = known->find(topic);
  auto end = start == known->end() ? log_position{} : start->second.at;
  const auto now = head();
  auto unread = now.at;
  for (const auto& each : store.all()) {
    unread = {each.segment->epoch, each.segment->first};
    if (!each.sealed) break; // no index yet
    const auto core = store.core_of(each.segment);
    if (!core) break;
    if (const auto* extent = (*core)->find(topic)) end = std::max(end, {each.segment->epoch, extent->end});
    unread = {each.segment->epoch, each.summary.end};
  }
  while (unread.seq < now.at.seq) {
    const auto some =
        reader.read({unread, limits::run_bytes_target, 0, [topic](topic_id id) { return id == topic; }}, now, false);
    if (!some) return now.at; // what can't be read may be the topic's
    if (!some->entries.empty()) end = {some->epoch, some->entries.back().header.end_seq()};
    unread = {some->epoch, some->until};
  }
  return end;
}

result<void> node_log::impl::drop_topic(topic_id topic) {
  const std::lock_guard round(maintain_mutex_);
  topic_start start;
  std::uint64_t bytes = 0;
  seq planned_end;
  {
    const std::lock_guard lock(tables_.mutex);
    planned_end = tables_.planned_end;
    for (const auto& known : tables_.topics.all()) {
      if (known.topic != topic) continue;
      start.offset = known.next;
      bytes = known.bytes;
    }
  }
  start.at = end_of(topic);
  if (const auto now = head().at; now.seq < planned_end) start.at = {now.epoch, planned_end}; // that may be the topic's
  if (auto done = keep_start(topic, start); !done) return done;
  starts.set(topic, start);
  policies.set(topic, {});
  {
    const std::lock_guard lock(tables_.mutex);
    tables_.topics.subtract_bytes(topic, bytes);
  }
  retain_soon_.store(true);
  if (options_.own_threads) poke_keeper();
  return {};
}

} // namespace weft::log

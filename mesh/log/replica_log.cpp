#include "mesh/log/replica_log.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/planted_bug.hpp"
#include "mesh/base/reached.hpp"
#include "mesh/log/cleaner.hpp"
#include "mesh/log/copy_file.hpp"
#include "mesh/log/copy_recovery.hpp"
#include "mesh/log/copy_writer.hpp"
#include "mesh/log/log_reader.hpp"
#include "mesh/log/splice.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <unordered_map>

namespace weft::log {

class replica_log::impl {
public:
  using topic_choice = std::function<bool(std::string_view)>;
  impl(disk& on, const replica_options& options, log_paths paths, recovered_copy recovered);

  [[nodiscard]] result<void> begin();
  [[nodiscard]] result<void> set_topics(std::vector<std::string> names);
  [[nodiscard]] result<void> take(const copy_run& run);
  [[nodiscard]] result<void> sync();
  [[nodiscard]] bool dirty() const { return !pending_.empty(); }
  [[nodiscard]] copy_state state() const;
  [[nodiscard]] std::optional<std::string> name_of(topic_id topic) const;
  [[nodiscard]] result<read_result> read(const copy_read& request);
  [[nodiscard]] std::optional<log_position> next_readable(log_position from, const topic_choice& wants) const;
  [[nodiscard]] result<log_position> find_time(hlc at);
  [[nodiscard]] result<std::uint64_t> repair(weft::epoch epoch, seq from, seq until, const shared_bytes& entries);
  [[nodiscard]] result<void> move_starts(const std::vector<wire::named_start>& moved);
  void maintain();

  const recovery_report report;
  segment_store store;

private:
  using name_map = std::unordered_map<topic_id, std::string>;
  struct fill {
    weft::epoch epoch;
    splice_request what;
  };

  [[nodiscard]] result<void> usable() const;
  [[nodiscard]] tl::unexpected<error> freeze(error why);
  [[nodiscard]] bool overlaps_pending(const copy_run& run) const;
  void learn(const std::vector<wire::stored_entry>& entries);
  [[nodiscard]] result<void> put_fills(std::optional<error>& refused);
  [[nodiscard]] result<void> keep(const std::vector<copy_change>& changes, bool whole);
  void note_segments(copy_state& into) const;
  [[nodiscard]] result<read_result> read_in(log_position from, seq limit, hlc time, const copy_read& request);

  disk& disk_;
  const replica_options options_;
  const log_paths paths_;
  copy_file file_;
  copy_writer writer_;
  topic_starts_map starts_;
  log_reader reader_;
  std::optional<error> broken_;

  std::map<weft::epoch, seq> ends_; // behind the last entry of each epoch, synced or not
  std::vector<copy_had> pending_;   // taken, not synced
  std::vector<fill> fills_;         // entries of those that go between others
  std::size_t fill_bytes_ = 0;
  std::size_t ranges_ = 0;

  mutable std::mutex mutex_; // guards the two below
  copy_state state_;
  std::shared_ptr<const name_map> names_;
};

// --- opening

replica_log::impl::impl(disk& on, const replica_options& options, log_paths paths, recovered_copy recovered)
    : report(std::move(recovered.report)),
      store(on, options.id),
      disk_(on),
      options_(options),
      paths_(std::move(paths)),
      file_(on, copy_file_path(paths_.log()), options.id),
      writer_(on, paths_, store, options.segment_bytes),
      reader_(store, nullptr, &starts_),
      ranges_(recovered.state.ranges()),
      state_(std::move(recovered.state)),
      names_(std::make_shared<name_map>(recovered.names.begin(), recovered.names.end())) {
  for (auto& each : recovered.segments) {
    ends_[each.summary.epoch] = std::max(ends_[each.summary.epoch], each.summary.end);
    store.add_sealed(each.path, each.summary, std::move(each.damages), std::move(each.rebuilt));
  }
  for (const auto& [id, name] : *names_)
    if (const auto start = state_.starts.find(name); start != state_.starts.end()) starts_.set(id, start->second);
}

result<void> replica_log::impl::begin() {
  if (auto done = disk_.make_directories(paths_.log()); !done) return done;
  state_.join_parts();
  return file_.write(state_);
}

result<std::unique_ptr<replica_log>> replica_log::open(disk& on, const replica_options& options) {
  WEFT_ASSERT(options.segment_bytes > segment_header_bytes);
  const log_paths paths(options.directory, options.id);
  const auto within = [&](const error& cause) { return fail(cause.within("cannot open the copy " + paths.log())); };
  auto recovered = recover_copy(on, paths, options.id);
  if (!recovered) return within(recovered.error());
  auto body = std::make_unique<impl>(on, options, paths, std::move(*recovered));
  if (auto done = body->begin(); !done) return within(done.error());
  return std::unique_ptr<replica_log>(new replica_log(std::move(body)));
}

result<void> replica_log::impl::usable() const {
  if (broken_) return fail(*broken_);
  return {};
}

/// What is on disk is no longer known for sure.
tl::unexpected<error> replica_log::impl::freeze(error why) {
  broken_ = error(errc::log_frozen, fmt::format("{}; the copy has to be opened again", why.message()));
  return fail(std::move(why));
}

// --- what it is to hold

result<void> replica_log::impl::set_topics(std::vector<std::string> names) {
  if (auto done = sync(); !done) return done; // what waits names parts by their numbers
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  auto next = state_;
  copy_part fresh{0, names, {}};
  for (auto& part : next.parts) {
    std::erase_if(part.topics, [&](const auto& each) { return !std::binary_search(names.begin(), names.end(), each); });
    std::erase_if(fresh.topics,
                  [&](const auto& each) { return std::binary_search(part.topics.begin(), part.topics.end(), each); });
  }
  if (!fresh.topics.empty()) {
    fresh.id = next.next_part++;
    next.parts.push_back(std::move(fresh));
  }
  next.join_parts();
  if (auto done = file_.write(next); !done) return freeze(done.error());
  const std::lock_guard lock(mutex_);
  state_ = std::move(next);
  return {};
}

copy_state replica_log::impl::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

std::optional<std::string> replica_log::impl::name_of(topic_id topic) const {
  const std::lock_guard lock(mutex_);
  const auto known = names_->find(topic);
  return known == names_->end() ? std::nullopt : std::optional(known->second);
}

// --- growing

bool replica_log::impl::overlaps_pending(const copy_run& run) const {
  return std::any_of(pending_.begin(), pending_.end(), [&](const copy_had& each) {
    return each.epoch == run.epoch && each.from < run.until && run.from < each.until;
  });
}

result<void> replica_log::impl::take(const copy_run& run) {
  if (auto done = usable(); !done) return done;
  if (run.until < run.from) return fail(errc::corrupt, "a range that ends before it begins");
  auto entries = checked_entries(options_.id, run.epoch, run.from, run.until, run.bytes);
  if (!entries) return fail(std::move(entries.error()));
  if (ranges_ + pending_.size() >= limits::copy_ranges_max)
    return fail(errc::too_large, fmt::format("a copy keeps {} ranges", limits::copy_ranges_max));
  std::erase_if(*entries, [this](const wire::stored_entry& entry) {
    const auto topic = wire::batch_view::trusted(entry.body()).topic();
    return std::none_of(state_.parts.begin(), state_.parts.end(), [&](const copy_part& part) {
      return std::binary_search(part.topics.begin(), part.topics.end(), topic);
    });
  });
  if (overlaps_pending(run))
    if (auto done = sync(); !done) return done;

  auto& end = ends_[run.epoch];
  const auto outer = std::partition_point(entries->begin(), entries->end(),
                                          [&](const auto& entry) { return entry.header.first_seq < end; });
  fill inner{run.epoch, {run.from, std::min(run.until, end), {entries->begin(), outer}, !run.part, 0}};
  std::size_t bytes = 0;
  for (const auto& entry : inner.what.entries)
    bytes += entry.bytes.size();
  if (bytes != 0 && fill_bytes_ != 0 && fill_bytes_ + bytes > limits::copy_fill_bytes_max)
    return fail(errc::would_block, "too much waits to be put between others");
  learn(*entries);
  entries->erase(entries->begin(), outer);
  if (!entries->empty()) {
    if (auto done = writer_.append(*entries); !done) return freeze(std::move(done.error()));
    end = entries->back().header.end_seq();
  }
  if (bytes != 0) {
    fill_bytes_ += bytes;
    fills_.push_back(std::move(inner));
  }
  pending_.push_back({run.part, run.epoch, run.from, run.until, run.log_time});
  return {};
}

/// Which topic has which number at the owner.
void replica_log::impl::learn(const std::vector<wire::stored_entry>& entries) {
  std::shared_ptr<name_map> changed;
  for (const auto& entry : entries) {
    const auto id = entry.header.topic;
    if ((changed ? *changed : *names_).contains(id)) continue;
    if (!changed) changed = std::make_shared<name_map>(*names_);
    const auto name = std::string(wire::batch_view::trusted(entry.body()).topic());
    changed->emplace(id, name);
    if (const auto start = state_.starts.find(name); start != state_.starts.end()) starts_.set(id, start->second);
  }
  if (!changed) return;
  const std::lock_guard lock(mutex_);
  names_ = std::move(changed);
}

result<void> replica_log::impl::sync() {
  if (auto done = usable(); !done) return done;
  if (pending_.empty()) return {};
  auto grown = writer_.sync();
  if (!grown) return freeze(std::move(grown.error()));
  std::optional<error> refused;
  const bool filled = !fills_.empty();
  if (filled) {
    reached("copy.filled_between");
    if (auto done = writer_.close(); !done) return freeze(std::move(done.error()));
    if (auto more = writer_.sync()) grown->insert(grown->end(), more->begin(), more->end());
    if (auto done = put_fills(refused); !done) return freeze(std::move(done.error()));
  }
  std::vector<copy_change> changes(grown->begin(), grown->end());
  changes.insert(changes.end(), pending_.begin(), pending_.end());
  pending_.clear();
  writer_.show(); // before it counts as had: a reader between them would pass over it
  if (auto done = keep(changes, filled); !done) return freeze(std::move(done.error()));
  if (refused) return fail(std::move(*refused));
  return {};
}

/// @param whole  segments were written anew
result<void> replica_log::impl::keep(const std::vector<copy_change>& changes, bool whole) {
  auto next = state_;
  for (const auto& change : changes)
    next.apply(change);
  if (whole) note_segments(next);
  const auto parts = next.parts.size();
  next.join_parts();
  whole = whole || file_.long_enough() || parts != next.parts.size();
  if (auto done = whole ? file_.write(next) : file_.append(changes); !done) return done;
  ranges_ = next.ranges();
  const std::lock_guard lock(mutex_);
  state_ = std::move(next);
  return {};
}

/// Those that follow each other at once, so that a segment is written anew once a sync.
result<void> replica_log::impl::put_fills(std::optional<error>& refused) {
  std::vector<fill> joined;
  for (auto& each : std::exchange(fills_, {})) {
    const bool follows = !joined.empty() && joined.back().epoch == each.epoch &&
                         joined.back().what.until == each.what.from && joined.back().what.whole == each.what.whole;
    if (!follows) {
      each.what.bytes_max = options_.segment_bytes;
      joined.push_back(std::move(each));
      continue;
    }
    auto& into = joined.back().what;
    into.until = each.what.until;
    into.entries.insert(into.entries.end(), each.what.entries.begin(), each.what.entries.end());
  }
  fill_bytes_ = 0;
  for (auto& each : joined) {
    result<void> done;
    if (auto put = add_between(disk_, paths_, log_kind::copied, store, each.epoch, each.what.from, each.what.entries);
        !put)
      done = fail(std::move(put.error()));
    else if (auto spliced = splice_range(disk_, store, each.epoch, each.what); !spliced)
      done = fail(std::move(spliced.error()));
    if (done) continue;
    if (done.error().code() != errc::diverged && done.error().code() != errc::corrupt) return done;
    refused = std::move(done.error());
    std::erase_if(pending_, [&](const copy_had& had) { // nothing of it counts
      return had.epoch == each.epoch && each.what.from <= had.from && had.from < each.what.until;
    });
  }
  return {};
}

/// Where damage hides how long a file should be, what was known of it stays.
void replica_log::impl::note_segments(copy_state& into) const {
  auto known = std::exchange(into.segments, {});
  for (const auto& each : store.all()) {
    const log_position at{each.segment->epoch, each.segment->first};
    const auto before = known.find(at);
    const bool as_before = before != known.end() && (!each.sealed || !each.damages.empty());
    into.apply(as_before ? before->second : copy_segment{at.epoch, at.seq, each.summary.end, each.summary.used});
  }
}

// --- reading

result<read_result> replica_log::impl::read(const copy_read& request) {
  auto from = request.from;
  std::optional<seq> limit;
  hlc time;
  {
    const std::lock_guard lock(mutex_);
    if (state_.ends_at(from, request.wants)) {
      const auto next = state_.go_on_at(from);
      if (next == from) return fail(errc::end_of_log, fmt::format("nothing at {} yet", to_string(from)));
      if (next.seq != from.seq)
        return fail(errc::epoch_ended,
                    fmt::format("{} lies above {}, where the next epoch begins", to_string(from), to_string(next)));
      from = next;
    }
    limit = state_.covered_until(from, request.wants);
    if (const auto known = state_.times.find(from.epoch); limit && known != state_.times.end()) {
      const bool last = std::all_of(state_.parts.begin(), state_.parts.end(), [&](const copy_part& part) {
        const auto had = part.had.find(from.epoch);
        return had == part.had.end() || had->second.ranges().back().until <= *limit;
      });
      if (last) time = known->second;
    }
  }
  if (!limit) return fail(errc::out_of_range, fmt::format("the copy does not have {}", to_string(from)));
  return read_in(from, *limit, time, request);
}

/// Segments are where entries are; what was had between them has none.
result<read_result> replica_log::impl::read_in(log_position from, seq limit, hlc time, const copy_read& request) {
  std::shared_ptr<const name_map> known;
  {
    const std::lock_guard lock(mutex_);
    known = names_;
  }
  std::unordered_map<topic_id, bool> asked;
  read_request wanted{from, request.bytes_max, request.scanned_max, {}};
  if (request.wants)
    wanted.wants = [&](topic_id id) {
      const auto [place, first] = asked.try_emplace(id, false);
      if (const auto name = known->find(id); first && name != known->end()) place->second = request.wants(name->second);
      return place->second;
    };
  const log_head head{{from.epoch, limit}, time};
  auto found = reader_.read(wanted, head, false);
  if (found && found->epoch == from.epoch) return found;
  if (!found && found.error().code() != errc::out_of_range && found.error().code() != errc::log_start) return found;
  read_result nothing;
  nothing.epoch = from.epoch;
  nothing.from = from.seq;
  nothing.until = limit;
  nothing.adjacent = true;
  nothing.starts = starts_.all();
  for (const auto& each : store.all())
    if (each.segment->epoch == from.epoch && each.segment->first >= from.seq && each.summary.end > each.segment->first)
      nothing.until = std::min(nothing.until, each.segment->first);
  if (nothing.until == from.seq) return read_in(from, limit, time, request); // it came between the two looks
  if (nothing.until == limit) nothing.log_time = time;
  return nothing;
}

std::optional<log_position> replica_log::impl::next_readable(log_position from, const topic_choice& wants) const {
  const std::lock_guard lock(mutex_);
  if (state_.go_on_at(from) != from) return std::nullopt; // nothing is missing: a reader goes on by another flow
  if (const auto limit = state_.covered_until(from, wants))
    return reader_.next_readable(from, {{from.epoch, *limit}, {}});
  std::set<log_position> begins;
  for (const auto& part : state_.parts)
    for (const auto& [epoch, had] : part.had)
      for (const auto& range : had.ranges())
        if (const log_position begin{epoch, range.from}; from < begin) begins.insert(begin);
  const auto next = std::find_if(begins.begin(), begins.end(),
                                 [&](const auto& at) { return state_.covered_until(at, wants).has_value(); });
  return next == begins.end() ? std::nullopt : std::optional(*next);
}

result<log_position> replica_log::impl::find_time(hlc at) { return reader_.find_time(at, {state().end(), {}}); }

// --- keeping

result<std::uint64_t> replica_log::impl::repair(weft::epoch epoch, seq from, seq until, const shared_bytes& entries) {
  auto checked = checked_entries(options_.id, epoch, from, until, entries);
  if (!checked) return fail(std::move(checked.error()));
  if (auto done = sync(); !done) return fail(std::move(done.error()));
  if (auto done = writer_.close(); !done) return freeze(std::move(done.error()));
  auto closed = writer_.sync();
  if (!closed) return freeze(std::move(closed.error()));
  const auto done = splice_range(disk_, store, epoch, {from, until, std::move(*checked), true, options_.segment_bytes});
  if (auto kept = keep({closed->begin(), closed->end()}, true); !kept) return freeze(std::move(kept.error()));
  if (!done) return fail(done.error());
  return done->put.size();
}

result<void> replica_log::impl::move_starts(const std::vector<wire::named_start>& moved) {
  if (auto done = usable(); !done) return done;
  auto next = state_;
  std::vector<std::string> forward;
  for (const auto& start : moved) {
    const auto [known, first] = next.starts.try_emplace(start.topic);
    if (!first && start.offset <= known->second.offset && !planted(planted_bug::start_moved_back)) continue;
    known->second = {start.offset, start.at};
    forward.push_back(start.topic);
  }
  if (forward.empty()) return {};
  if (auto done = file_.write(next); !done) return freeze(std::move(done.error()));
  for (const auto& [id, name] : *names_)
    if (std::find(forward.begin(), forward.end(), name) != forward.end()) starts_.set(id, next.starts.at(name));
  const std::lock_guard lock(mutex_);
  state_ = std::move(next);
  return {};
}

void replica_log::impl::maintain() {
  for (const auto& [segment, pinned] : store.unsaved()) {
    const auto bytes = encode_index(pinned->index, pinned->tables);
    // Without it the next opening scans; the next round tries again.
    if (write_file_durably(disk_, index_path_of(segment->path), bytes)) store.index_saved(segment);
  }
  if (broken_ || starts_.all()->empty()) return;
  auto sealed = store.all();
  std::erase_if(sealed, [](const segment_facts& each) { return !each.sealed; });
  static_cast<void>(drop_dead(disk_, store, *starts_.all(), sealed, false)); // what failed is tried again
  if (!store.released() && store.unsaved().empty()) return;
  if (!keep({}, true)) return; // only what the state no longer names may go
  while (const auto path = store.released()) {
    if (auto done = disk_.remove(*path); !done && done.error().code() != errc::not_found) return;
    if (!disk_.sync_directory(parent_directory(*path))) return;
    store.forget_released();
  }
}

// --- the handle

replica_log::replica_log(std::unique_ptr<impl> body) noexcept : impl_(std::move(body)) {}
replica_log::~replica_log() = default;
const recovery_report& replica_log::recovered() const noexcept { return impl_->report; }
result<void> replica_log::set_topics(const std::vector<std::string>& names) { return impl_->set_topics(names); }
copy_state replica_log::state() const { return impl_->state(); }
result<void> replica_log::take(const copy_run& run) { return impl_->take(run); }
result<void> replica_log::sync() { return impl_->sync(); }
bool replica_log::dirty() const { return impl_->dirty(); }
result<read_result> replica_log::read(const copy_read& request) { return impl_->read(request); }
log_position replica_log::go_on_at(log_position from) const { return impl_->state().go_on_at(from); }
std::optional<log_position> replica_log::next_readable(log_position from,
                                                       const std::function<bool(std::string_view)>& wants) const {
  return impl_->next_readable(from, wants);
}
result<log_position> replica_log::find_time(hlc at) { return impl_->find_time(at); }
std::optional<std::string> replica_log::name_of(topic_id topic) const { return impl_->name_of(topic); }
log_position replica_log::begin() const { return impl_->state().begin(); }
std::uint64_t replica_log::bytes() const { return impl_->store.bytes(); }
std::vector<damage> replica_log::damaged() const { return impl_->store.damaged(); }
result<std::uint64_t> replica_log::repair(weft::epoch epoch, seq from, seq until, const shared_bytes& entries) {
  return impl_->repair(epoch, from, until, entries);
}
result<void> replica_log::move_starts(const std::vector<wire::named_start>& starts) {
  return impl_->move_starts(starts);
}
void replica_log::maintain() { impl_->maintain(); }

} // namespace weft::log

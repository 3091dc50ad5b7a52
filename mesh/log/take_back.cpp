// What the log lost comes back into its closed epochs; and an epoch begins above one that was heard of.
#include "mesh/base/planted_bug.hpp"
#include "mesh/base/reached.hpp"
#include "mesh/log/entry_tables.hpp"
#include "mesh/log/log_impl.hpp"
#include "mesh/log/splice.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <unordered_set>

namespace weft::log {

// --- entries of closed epochs

result<std::uint64_t> node_log::impl::take_back(weft::epoch epoch, seq from, seq until, const shared_bytes& entries) {
  auto checked = checked_entries(options_.id, epoch, from, until, entries);
  if (!checked) return fail(std::move(checked.error()));
  const std::lock_guard round(maintain_mutex_); // sealed segments change one at a time
  finish_closed();
  write_indexes();
  if (auto closed = check_closed(epoch, from); !closed) return fail(std::move(closed.error()));
  if (auto sane = check_bounds(*checked); !sane) return fail(std::move(sane.error()));
  leave_out_dead(*checked);
  if (auto known = check_topics(*checked); !known) return fail(std::move(known.error()));

  const auto segments = store.all();
  const auto lies_inside = [&](const wire::stored_entry& entry) {
    return std::any_of(segments.begin(), segments.end(), [&](const segment_facts& each) {
      return each.segment->epoch == epoch && each.summary.first <= entry.header.first_seq &&
             entry.header.first_seq < each.summary.end;
    });
  };
  auto inside = *checked;
  const auto outer = std::stable_partition(inside.begin(), inside.end(), lies_inside);
  std::vector<wire::stored_entry> outside(outer, inside.end());
  inside.erase(outer, inside.end());
  auto& disk = environment_.disk;
  auto spliced = splice_range(disk, store, epoch,
                              {from, until, std::move(inside), false, options_.segment_bytes, true}); // compares first
  if (!spliced) return fail(std::move(spliced.error()));
  note_taken(*checked, spliced->put);
  const auto added = add_between(disk, paths_, log_kind::own, store, epoch, from, outside);
  if (!added) return fail(added.error());
  note_taken(*checked, *added);
  write_indexes();
  const auto first = store.all();
  if (!first.empty() && (segments.empty() || first.front().segment != segments.front().segment))
    static_cast<void>(keep_begin()); // else what goes missing below the old one is not noticed
  if (!added->empty()) reached("log.taken_back");
  return spliced->put.size() + added->size();
}

std::vector<closed_epoch> node_log::impl::closed_epochs() const {
  const auto current = progress.head().at.epoch;
  std::vector<closed_epoch> all;
  for (const auto& each : store.all()) {
    const auto epoch = each.segment->epoch;
    if (epoch >= current || each.summary.first == each.summary.end) continue;
    const auto first = each.summary.first;
    if (all.empty() || all.back().epoch != epoch) all.push_back({epoch, first, first, first});
    auto& known = all.back();
    if (!each.summary.taken_back && known.whole_until == known.end) known.whole_until = each.summary.end;
    known.end = each.summary.end;
  }
  return all;
}

result<void> node_log::impl::check_closed(weft::epoch epoch, seq from) const {
  const auto current = progress.head().at.epoch;
  if (epoch >= current)
    return fail(errc::out_of_range, fmt::format("epoch {} is not closed: the log writes {}, open one above first",
                                                to_string(epoch), to_string(current)));
  std::optional<seq> end;
  for (const auto& each : store.all())
    if (each.segment->epoch == epoch) end = each.summary.end;
  if (end && *end < from)
    return fail(errc::out_of_range, fmt::format("epoch {} ends at {}: what lies between there and {} comes first",
                                                to_string(epoch), end->value(), from.value()));
  return {};
}

/// What comes back moves the log's time and its topics' next offsets: none of it may leave them no room. The log's time
/// may be far ahead of the clock, which was wrong once.
result<void> node_log::impl::check_bounds(const std::vector<wire::stored_entry>& entries) const {
  const auto latest = environment_.clock.wall() + limits::log_time_ahead_max;
  for (const auto& entry : entries) {
    const auto& header = entry.header;
    const auto refuse = [&](std::string_view what) {
      reached("log.forged");
      return fail(errc::corrupt, fmt::format("seq {} of epoch {} can't have been this log's: {}",
                                             header.first_seq.value(), to_string(header.epoch), what));
    };
    if (header.appended.wall() > latest) return refuse("its time is more than a century ahead");
    if (header.end_seq().value() > limits::log_seqs_max || header.first_offset.value() > limits::log_seqs_max)
      return refuse(fmt::format("no log has more than {} events", limits::log_seqs_max));
  }
  return {};
}

/// Retention has removed it: it is not lost.
void node_log::impl::leave_out_dead(std::vector<wire::stored_entry>& entries) const {
  const auto known = starts.all();
  std::erase_if(entries, [&](const wire::stored_entry& entry) {
    const auto start = known->find(entry.header.topic);
    return start != known->end() && log_position{entry.header.epoch, entry.header.end_seq()} <= start->second.at;
  });
}

/// A log with a lost catalog gives topics other numbers.
result<void> node_log::impl::check_topics(const std::vector<wire::stored_entry>& entries) const {
  std::unordered_map<topic_id, std::string> names;
  std::unordered_map<std::string, topic_id> numbers;
  {
    const std::lock_guard lock(tables_.mutex);
    for (const auto& topic : tables_.topics.all())
      if (!topic.name.empty()) {
        names.emplace(topic.topic, topic.name);
        numbers.emplace(topic.name, topic.topic);
      }
  }
  for (const auto& entry : entries) {
    const auto topic = entry.header.topic;
    const std::string name(wire::batch_view::trusted(entry.body()).topic());
    const auto& here = names.try_emplace(topic, name).first->second;
    const auto number = numbers.try_emplace(name, topic).first->second;
    if (here != name || number != topic)
      return fail(errc::already_exists,
                  fmt::format("topic {} of epoch {} is number {}, which is {} here, where {} is number {}: its copies "
                              "serve it",
                              name, to_string(entry.header.epoch), topic.value(), here, name, number.value()));
  }
  return {};
}

/// No commit is under way meanwhile: one that fails would take back what it was given.
void node_log::impl::note_taken(const std::vector<wire::stored_entry>& entries,
                                const std::vector<wire::entry_header>& put) {
  if (put.empty()) return;
  compactor_.forget_tombstones();
  std::unordered_set<std::uint64_t> fresh;
  for (const auto& header : put)
    fresh.insert(header.first_seq.value());
  entry_tables taken;
  for (const auto& entry : entries)
    if (fresh.contains(entry.header.first_seq.value()))
      taken.add(facts_of(entry.header, 0, wire::batch_view::trusted(entry.body())));
  queue.lead();
  {
    const std::lock_guard lock(tables_.mutex);
    merge(taken.all(), tables_.topics, tables_.producers);
    for (const auto& header : put)
      tables_.topics.add_bytes(header.topic, header.stored_bytes());
  }
  queue.stop_leading();
}

// --- epochs

result<weft::epoch> node_log::impl::open_above(std::uint32_t count) {
  const std::lock_guard round(maintain_mutex_);
  const auto current = progress.head().at.epoch;
  if (current.count() > count || planted(planted_bug::higher_own_epoch_ignored)) return current;
  if (count == std::numeric_limits<std::uint32_t>::max())
    return fail(errc::out_of_range, "no epoch is left above the highest count");
  const weft::epoch fresh(count + 1, static_cast<std::uint32_t>(environment_.random.next()));
  queue.lead();
  const auto begin = [&]() -> result<void> {
    committer_.sync();
    if (committer_.frozen()) return fail(errc::log_frozen, progress.health().why);
    writer_.finish(); // an epoch that is not the newest has no torn tail
    if (auto made = environment_.disk.make_directories(paths_.epoch(fresh)); !made) return made;
    writer_.begin_epoch(fresh);
    committer_.begin_epoch(fresh);
    static_cast<void>(spares_.move_to(paths_.epoch(fresh))); // what stays behind, the next opening finds
    seed_.store(writer_.seed());
    progress.set_epoch(fresh);
    return {};
  };
  auto done = begin();
  queue.stop_leading();
  if (!done) return fail(done.error().within(fmt::format("cannot begin an epoch above {}", count)));
  uncached_until_.reset();
  finish_closed();
  write_indexes();
  reached("log.opened_above");
  return fresh;
}

} // namespace weft::log

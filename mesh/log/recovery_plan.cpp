#include "mesh/log/entry_tables.hpp"
#include "mesh/log/epoch_chain.hpp"
#include "mesh/log/index_file.hpp"
#include "mesh/log/log_begin.hpp"
#include "mesh/log/recovery.hpp"
#include "mesh/log/spare_names.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::log {
namespace {

/// A segment file as the directory shows it, before anything in it is believed.
struct listed_segment {
  weft::epoch epoch;
  seq first;
  std::string path;
  std::uint64_t size = 0;
  read_header head;
  std::optional<seq> lost_until; ///< there is no file: its index, or the log's begin, says where it ended
  bool taken_back = false;
};

class planner {
public:
  planner(disk& from, const log_paths& paths, const log_id& log, const topic_starts_map::starts& starts)
      : disk_(from), paths_(paths), log_(log), starts_(starts) {}

  result<recovery_plan> run() {
    if (auto done = list_epochs(); !done) return fail(std::move(done.error()));
    if (auto done = look_at_begin(); !done) return fail(std::move(done.error()));
    for (const auto& each : listed_)
      places_.push_back({each.epoch, each.first, each.taken_back});
    for (std::size_t i = 0; i < listed_.size(); ++i)
      if (auto done = judge(i); !done) return fail(done.error().within(listed_[i].path));
    if (auto done = load_tables(); !done) return fail(std::move(done.error()));
    if (auto done = merge_taken(); !done) return fail(std::move(done.error()));
    plan_.tables = {topics_.all(), producers_.all()};
    finish_report();
    return std::move(plan_);
  }

private:
  // --- what is there

  result<void> list_epochs() {
    auto names = disk_.list(paths_.log());
    if (!names && names.error().code() == errc::not_found) return {};
    if (!names) return fail(std::move(names.error()));
    std::vector<weft::epoch> epochs;
    for (const auto& name : *names) {
      if (!name.ends_with('/')) continue;
      const auto opening = parse_epoch(std::string_view(name).substr(0, name.size() - 1));
      if (opening && to_string(*opening) + "/" == name) epochs.push_back(*opening);
    }
    std::sort(epochs.begin(), epochs.end());
    for (const auto opening : epochs) {
      plan_.count_max = std::max(plan_.count_max, opening.count());
      plan_.epochs.push_back(paths_.epoch(opening));
      if (auto done = list_epoch(opening); !done) return done;
    }
    plan_.newest = newest_ = epochs.empty() ? weft::epoch{} : epochs.back();
    return {};
  }

  result<void> list_epoch(weft::epoch opening) {
    const auto folder = paths_.epoch(opening);
    const auto names = disk_.list(folder);
    if (!names) return fail(names.error());
    for (const auto& name : *names) {
      const auto path = fmt::format("{}/{}", folder, name);
      if (const auto first = parse_segment_name(name)) {
        if (auto done = list_segment(opening, *first, path); !done) return fail(done.error().within(path));
      } else if (is_spare_name(name)) {
        plan_.spares.push_back(path);
      } else if (is_unfinished_name(name)) {
        plan_.leftover.push_back(path);
      } else if (const auto of = parse_index_name(name)) {
        if (disk_.exists(paths_.segment(opening, *of))) continue;
        if (auto done = list_index_alone(opening, *of, path); !done) return fail(done.error().within(path));
      }
    }
    return {};
  }

  result<void> list_segment(weft::epoch opening, seq first, const std::string& path) {
    auto opened = disk_.open(path, open_mode::read);
    if (!opened) return fail(std::move(opened.error()));
    const auto size = (*opened)->size();
    if (!size) return fail(size.error());
    std::array<std::byte, segment_header_bytes> bytes{};
    const auto got = (*opened)->read_at(0, bytes);
    if (!got) return fail(got.error());
    auto head = decode_segment_header(byte_view(bytes).first(*got));
    if (head.state == header_state::damaged && *size < segment_header_bytes &&
        std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; }))
      head.state = header_state::blank; // made, not yet written to
    if (head.state == header_state::newer)
      return fail(errc::version_newer, "segment of a later format version: use the newer Weft, nothing was changed");
    const bool elsewhere = head.state == header_state::valid &&
                           (head.header.log != log_ || head.header.epoch != opening || head.header.first != first);
    if (!elsewhere) {
      listed_.push_back({opening, first, path, *size, head, {}, head.header.taken_back});
      return {};
    }
    plan_.aside.push_back(path);
    const auto index = index_path_of(path); // of the segment that should be here
    return disk_.exists(index) ? list_index_alone(opening, first, index) : result<void>{};
  }

  /// Retention takes a segment's index first, but a crash may keep it and not the segment; then all its topics begin
  /// above it. Otherwise the segment is lost, which is damage.
  result<void> list_index_alone(weft::epoch opening, seq first, const std::string& path) {
    const auto index = index_file::open(disk_, path, log_, opening, first);
    if (!index && index.error().code() != errc::corrupt) return fail(index.error());
    const auto core = index ? index->core() : result<index_core>(fail(index.error()));
    if (!core && core.error().code() != errc::corrupt) return fail(core.error());
    const auto removed = [&](const topic_extent& topic) {
      return is_dead(starts_, topic.topic, topic.end_offset, {opening, topic.end});
    };
    if (!core || (core->damages.empty() && std::all_of(core->topics.begin(), core->topics.end(), removed))) {
      plan_.leftover.push_back(path);
    } else {
      listed_.push_back(
          {opening, first, paths_.segment(opening, first), 0, {}, core->summary.end, core->summary.taken_back});
    }
    return {};
  }

  /// Files that are missing before all others left no other trace.
  result<void> look_at_begin() {
    auto begin = load_log_begin(disk_, paths_);
    if (!begin && begin.error().code() != errc::corrupt) return fail(std::move(begin.error()));
    if (!begin) plan_.aside.push_back(log_begin_path(paths_));
    const auto known = begin ? *begin : std::nullopt;
    if (listed_.empty()) return {};
    const log_begin first{listed_.front().epoch, listed_.front().first};
    plan_.begin_known = known.has_value();
    const auto until = missing_until(known, first);
    if (!until) return {};
    listed_.insert(listed_.begin(),
                   {known->epoch, known->first, paths_.segment(known->epoch, known->first), 0, {}, *until, false});
    return {};
  }

  // --- what each segment means

  [[nodiscard]] std::optional<seq> known_end(std::size_t i) const { return log::known_end(places_, i); }

  result<void> judge(std::size_t i) {
    const auto& segment = listed_[i];
    auto index = index_file::open(disk_, index_path_of(segment.path), log_, segment.epoch, segment.first);
    if (!index && index.error().code() == errc::version_newer) return fail(std::move(index.error()));
    if (!index && index.error().code() == errc::io_error) return fail(std::move(index.error()));
    if (index) {
      const auto& summary = index->summary();
      const auto& header = segment.head.header;
      const bool header_fits =
          segment.head.state != header_state::valid ||
          (summary.cleaned == header.cleaned_until.has_value() && summary.taken_back == header.taken_back &&
           (!summary.cleaned || summary.used == header.cleaned_bytes)); // else the cleaner was not done
      const bool fits = summary.used <= segment.size && known_end(i).value_or(summary.end) == summary.end;
      auto core = index->core();
      if (header_fits && fits && core && core->damages.empty()) { // what was damaged may be repaired
        plan_.segments.push_back({segment.path, summary, std::move(core->damages), nullptr});
        report_header(segment);
        return {};
      }
    }
    if (segment.lost_until) return count_lost(i, index ? &*index : nullptr);
    if (auto done = load_tables(); !done) return done; // of the segments before
    if (!index) return rebuild(i, std::nullopt, std::nullopt);
    // What was cleaned away can't be found again: its tables are only there.
    const auto end = index->summary().end;
    auto tables = index->tables();
    const bool usable = tables && !segment.taken_back && known_end(i).value_or(end) == end;
    return rebuild(i, end, usable ? std::optional(std::move(*tables)) : std::nullopt);
  }

  [[nodiscard]] scan_request request_for(std::size_t i, std::optional<seq> index_says) const {
    const auto& segment = listed_[i];
    auto request = scan_request_for(log_, segment.epoch, segment.first, segment.head, known_end(i));
    if (!request.until && index_says) request.until = std::max(*index_says, segment.first);
    request.torn_possible = segment.epoch == newest_ && i + 1 == listed_.size() && !request.until;
    return request;
  }

  /// @param behind  the tables behind the segment, as an index has them that does not fit in other ways
  result<void> rebuild(std::size_t i, std::optional<seq> index_says, std::optional<index_tables> behind) {
    const auto& segment = listed_[i];
    const auto request = request_for(i, index_says);
    auto opened = disk_.open(segment.path, open_mode::read);
    if (!opened) return fail(std::move(opened.error()));
    index_builder builder(log_, segment.epoch, segment.first);
    entry_tables alone;
    const auto scanned = scan_segment(**opened, segment.size, request, [&](const entry_facts& entry) {
      builder.add(entry);
      if (segment.taken_back) return alone.add(entry);
      remember(entry);
    });
    if (!scanned) return fail(scanned.error());
    plan_.report.entries_scanned += scanned->entries;
    plan_.report.torn_entries += scanned->torn_entries;
    plan_.report.torn_bytes += scanned->torn_bytes;

    const bool empty = scanned->entries == 0 && scanned->damages.empty() && scanned->end == segment.first;
    if (empty && !request.cleaned) {
      auto& list = segment.head.state == header_state::damaged ? plan_.aside : plan_.empty;
      list.push_back(segment.path);
      return {};
    }
    for (const auto& damage : scanned->damages)
      builder.add(damage);
    if (request.cleaned) builder.set_cleaned(*request.until);
    if (segment.taken_back) builder.set_taken_back();
    if (request.torn_possible) plan_.rewrite = plan_.segments.size();
    if (behind) take(std::move(*behind));
    auto tables = segment.taken_back ? alone.all() : index_tables{topics_.all(), producers_.all()};
    auto rebuilt = std::make_shared<pinned_index>(pinned_index{builder.finish(), std::move(tables)});
    recovered_segment recovered{segment.path, builder.summary(), scanned->damages, std::move(rebuilt)};
    plan_.report.rebuilt_indexes.push_back(index_path_of(segment.path));
    plan_.segments.push_back(std::move(recovered));
    if (!segment.taken_back) tables_of_ = plan_.segments.size();
    report_header(segment);
    return {};
  }

  /// A damaged header is no reason to doubt a whole index, which alone still knows whether the segment was cleaned.
  void report_header(const listed_segment& segment) {
    if (segment.head.state == header_state::valid) return;
    plan_.report.quarantined.push_back(
        {segment.path, 0, segment.epoch, segment.first, segment.first, "segment header"});
  }

  /// A segment that is not there: all it had is damage, and what its index knows besides, if it has one, stays known.
  result<void> count_lost(std::size_t i, const index_file* index) {
    const auto& segment = listed_[i];
    auto tables = index != nullptr ? index->tables() : result<index_tables>(fail(errc::corrupt, "no index"));
    if (!tables && tables.error().code() != errc::corrupt) return fail(std::move(tables.error()));
    if (tables && !segment.taken_back) {
      take(std::move(*tables));
    } else if (auto done = load_tables(); !done) {
      return done;
    }
    const damage_range all{segment.first, known_end(i).value_or(*segment.lost_until), 0, 0, "the file is missing"};
    index_builder builder(log_, segment.epoch, segment.first);
    builder.add(all);
    if (segment.taken_back) { // it had holes
      builder.set_taken_back();
      builder.set_cleaned(all.until);
    }
    auto rebuilt = std::make_shared<pinned_index>(pinned_index{builder.finish(), {topics_.all(), producers_.all()}});
    plan_.segments.push_back({segment.path, builder.summary(), {all}, std::move(rebuilt)});
    if (!segment.taken_back) tables_of_ = plan_.segments.size();
    return {};
  }

  // --- tables

  void take(index_tables tables) {
    topics_ = {};
    producers_ = {};
    for (const auto& topic : tables.topics)
      topics_.raise_next(topic.topic, topic.next, topic.name);
    for (auto& producer : tables.producers)
      producers_.restore(std::move(producer));
  }

  void remember(const entry_facts& entry) {
    const auto& header = entry.header;
    topics_.raise_next(header.topic, header.first_offset + header.count, entry.topic_name);
    if (entry.producer != producer_id{})
      producers_.append(entry.producer, {entry.sequence, header.count, header.topic, header.epoch, header.first_seq,
                                         header.first_offset, header.appended});
  }

  /// One past the last segment planned so far that did not come back from a copy.
  [[nodiscard]] std::size_t own_end() const {
    auto end = plan_.segments.size();
    while (end > 0 && plan_.segments[end - 1].summary.taken_back)
      --end;
    return end;
  }

  /// Brings the tables to the end of the segments planned so far.
  result<void> load_tables() {
    const auto own = own_end();
    if (tables_of_ == own) return {};
    const auto& last = plan_.segments[own - 1]; // its index was read, so it is there
    const auto index = index_file::open(disk_, index_path_of(last.path), log_, last.summary.epoch, last.summary.first);
    if (!index) return fail(index.error());
    auto tables = index->tables();
    if (!tables && tables.error().code() == errc::corrupt) return rebuild_last();
    if (!tables) return fail(std::move(tables.error()));
    take(std::move(*tables));
    tables_of_ = own;
    return {};
  }

  /// What came back adds to the tables, whatever was appended since.
  result<void> merge_taken() {
    for (const auto& segment : plan_.segments) {
      if (!segment.summary.taken_back) continue;
      if (segment.rebuilt) {
        merge(segment.rebuilt->tables, topics_, producers_);
        continue;
      }
      const auto& summary = segment.summary;
      const auto index = index_file::open(disk_, index_path_of(segment.path), log_, summary.epoch, summary.first);
      if (!index) return fail(index.error());
      const auto tables = index->tables();
      if (!tables && tables.error().code() != errc::corrupt) return fail(tables.error());
      if (tables) merge(*tables, topics_, producers_);
    }
    return {};
  }

  /// The last planned segment's index has damaged tables: scans the segment instead, on the tables before it.
  result<void> rebuild_last() {
    const auto own = plan_.segments.begin() + static_cast<std::ptrdiff_t>(own_end());
    std::vector<recovered_segment> behind(own, plan_.segments.end());
    plan_.segments.erase(own, plan_.segments.end());
    const auto bad = plan_.segments.back();
    plan_.segments.pop_back();
    std::erase_if(plan_.report.quarantined, [&](const damage& known) { return known.file == bad.path; });
    if (auto done = load_tables(); !done) return done;
    if (own_end() == 0) {
      topics_ = {};
      producers_ = {};
    }
    const auto place = std::find_if(listed_.begin(), listed_.end(), [&](const auto& s) { return s.path == bad.path; });
    if (auto done = rebuild(static_cast<std::size_t>(place - listed_.begin()), bad.summary.end, std::nullopt); !done)
      return done;
    std::move(behind.begin(), behind.end(), std::back_inserter(plan_.segments));
    return {};
  }

  void finish_report() {
    auto& report = plan_.report;
    report.segments = plan_.segments.size();
    report.clean_stop = !plan_.rewrite && report.rebuilt_indexes.empty();
    std::optional<weft::epoch> own; // the last epoch that was opened here and has something
    for (const auto& segment : plan_.segments)
      if (!segment.summary.taken_back) own = segment.summary.epoch;
    for (const auto& segment : plan_.segments) {
      if (!own || segment.summary.epoch == *own) plan_.end = std::max(plan_.end, segment.summary.end);
      plan_.last = std::max(plan_.last, segment.summary.last_at);
      for (const auto& damage : segment.damages)
        report.quarantined.push_back(
            {segment.path, damage.offset, segment.summary.epoch, damage.from, damage.until, damage.what});
    }
  }

  disk& disk_;
  const log_paths& paths_;
  const log_id& log_;
  const topic_starts_map::starts& starts_;
  weft::epoch newest_;
  std::vector<listed_segment> listed_; // ascending
  std::vector<segment_place> places_;  // of those
  recovery_plan plan_;
  topic_table topics_;
  producer_table producers_;
  std::size_t tables_of_ = 0; // how many planned segments the tables cover
};

} // namespace

result<recovery_plan> plan_recovery(disk& from, const log_paths& paths, const log_id& log,
                                    const topic_starts_map::starts& starts) {
  return planner(from, paths, log, starts).run();
}

} // namespace weft::log

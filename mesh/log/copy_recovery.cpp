#include "mesh/log/copy_recovery.hpp"

#include "mesh/base/reached.hpp"
#include "mesh/log/copy_file.hpp"
#include "mesh/log/index_file.hpp"
#include "mesh/log/segment_scanner.hpp"
#include "mesh/log/spare_names.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

namespace weft::log {
namespace {

class copy_recovery {
public:
  copy_recovery(disk& on, const log_paths& paths, const log_id& log) : disk_(on), paths_(paths), log_(log) {}

  result<recovered_copy> run() {
    auto state = copy_file::load(disk_, copy_file_path(paths_.log()), log_);
    if (state) {
      out_.state = std::move(*state);
    } else if (state.error().code() == errc::corrupt) {
      reached("copy.state_lost");
      state_lost_ = true;
      out_.report.quarantined.push_back({copy_file_path(paths_.log()), 0, {}, {}, {}, state.error().message()});
    } else if (state.error().code() != errc::not_found) {
      return fail(std::move(state.error()));
    }
    if (auto done = list_epochs(); !done) return fail(std::move(done.error()));
    if (auto done = tidy(); !done) return fail(std::move(done.error()));
    for (const auto& [at, segment] : out_.state.segments) // those with a file are listed already
      listed_.try_emplace(at, listed{segment, paths_.segment(segment.epoch, segment.first), true});
    for (auto& [at, each] : listed_)
      if (auto done = judge(at, each); !done) return fail(done.error().within(each.path));
    finish();
    return std::move(out_);
  }

private:
  struct listed {
    copy_segment segment;
    std::string path;
    bool lost = false;
    bool rewritten = false; // its header says where it ends
    bool aside = false;     // what is wrong with it can't be told from a torn tail
    std::uint64_t size = 0;
  };

  // --- what is there

  result<void> list_epochs() {
    const auto names = disk_.list(paths_.log());
    if (!names && names.error().code() == errc::not_found) return {};
    if (!names) return fail(names.error());
    for (const auto& name : *names) {
      if (!name.ends_with('/')) continue;
      const auto epoch = parse_epoch(std::string_view(name).substr(0, name.size() - 1));
      if (!epoch || to_string(*epoch) + "/" != name) continue;
      if (auto done = list_epoch(*epoch); !done) return done;
    }
    return {};
  }

  result<void> list_epoch(weft::epoch epoch) {
    const auto folder = paths_.epoch(epoch);
    const auto names = disk_.list(folder);
    if (!names) return fail(names.error());
    for (const auto& name : *names) {
      const auto path = fmt::format("{}/{}", folder, name);
      if (const auto first = parse_segment_name(name)) {
        if (auto done = list_segment(epoch, *first, path); !done) return fail(done.error().within(path));
        continue;
      }
      const auto of = parse_index_name(name);
      const bool lone = of && !disk_.exists(paths_.segment(epoch, *of));
      if (lone || is_unfinished_name(name)) leftover_.push_back(path);
    }
    return {};
  }

  result<void> list_segment(weft::epoch epoch, seq first, const std::string& path) {
    auto opened = disk_.open(path, open_mode::read);
    if (!opened) return fail(std::move(opened.error()));
    const auto size = (*opened)->size();
    if (!size) return fail(size.error());
    std::array<std::byte, segment_header_bytes> bytes{};
    const auto got = (*opened)->read_at(0, bytes);
    if (!got) return fail(got.error());
    const auto head = decode_segment_header(byte_view(bytes).first(*got));
    if (head.state == header_state::newer)
      return fail(errc::version_newer, "segment of a later format version: use the newer Weft, nothing was changed");
    const auto known = out_.state.segments.find({epoch, first});
    listed each{{epoch, first, first, segment_header_bytes}, path, false, false, false, *size};
    if (known != out_.state.segments.end()) each.segment = known->second;
    if (head.state == header_state::valid) {
      const auto& header = head.header;
      if (header.log != log_ || header.epoch != epoch || header.first != first) {
        aside_.push_back(path);
        return {};
      }
      each.rewritten = header.cleaned_until.has_value();
      if (each.rewritten) each.segment.end = *header.cleaned_until;
      if (each.rewritten) each.segment.used = header.cleaned_bytes;
    } else if (known == out_.state.segments.end()) { // nothing in it was ever synced, as far as is known
      (state_lost_ ? aside_ : leftover_).push_back(path);
      return {};
    } else {
      out_.report.quarantined.push_back({path, 0, epoch, first, first, "segment header"});
    }
    // Begins inside the one before: an unfinished splice, of which nothing was confirmed.
    const auto after = listed_.lower_bound({epoch, first});
    const auto before = after == listed_.begin() ? listed_.end() : std::prev(after);
    if (before != listed_.end() && before->second.segment.epoch == epoch && first < before->second.segment.end &&
        known == out_.state.segments.end()) {
      reached("copy.unfinished_split");
      leftover_.push_back(path);
      return {};
    }
    listed_[{epoch, first}] = std::move(each);
    return {};
  }

  result<void> tidy() {
    std::set<std::string> touched;
    for (const auto& path : leftover_) {
      if (auto done = disk_.remove(path); !done && done.error().code() != errc::not_found) return done;
      touched.insert(parent_directory(path));
    }
    for (const auto& path : aside_)
      if (auto done = set_aside(path); !done) return done;
    for (const auto& directory : touched)
      if (auto done = disk_.sync_directory(directory); !done) return done;
    return {};
  }

  result<void> set_aside(const std::string& path) {
    int number = 1;
    while (disk_.exists(fmt::format("{}.aside-{}", path, number)))
      ++number;
    const auto name = fmt::format("{}.aside-{}", path, number);
    if (auto done = disk_.rename(path, name); !done) return done;
    out_.report.set_aside.push_back(name);
    return disk_.sync_directory(parent_directory(path));
  }

  // --- what each segment means

  result<void> judge(const log_position& at, listed& each) {
    if (each.lost) return count_lost(each);
    if (!each.rewritten && each.size > each.segment.used)
      if (auto done = settle_tail(at, each); !done) return done;
    if (each.aside) return {};
    if (each.segment.end == each.segment.first) return drop(each);
    if (take_index(each)) return {};
    return rebuild(each);
  }

  /// What was written behind the last byte that was confirmed.
  result<void> settle_tail(const log_position& at, listed& each) {
    auto opened = disk_.open(each.path, open_mode::read_write);
    if (!opened) return fail(std::move(opened.error()));
    const auto after = listed_.upper_bound(at);
    const bool bounded = after != listed_.end() && after->second.segment.epoch == each.segment.epoch;
    segment_scanner scanner(**opened, each.segment.used, each.size, wire::checksum_seed(log_, each.segment.epoch));
    auto end = each.segment.end;
    while (true) {
      const auto offset = scanner.offset();
      const auto entry = scanner.next();
      if (!entry && entry.error().code() == errc::io_error) return fail(entry.error());
      const bool fits = entry && entry->header.epoch == each.segment.epoch && entry->header.first_seq >= end &&
                        (!bounded || entry->header.end_seq() <= after->second.segment.first) && sound_batch(*entry);
      if (!fits) {
        each.segment.used = offset;
        break;
      }
      ++out_.report.entries_scanned;
      end = entry->header.end_seq();
    }
    if (state_lost_ && each.segment.used < each.size) {
      each.aside = true;
      opened->reset();
      return set_aside(each.path);
    }
    const bool more = end != each.segment.end;
    each.segment.end = end;
    out_.report.torn_bytes += each.size - each.segment.used;
    if (!more) return (*opened)->truncate(each.segment.used);
    opened->reset();
    reached("copy.tail_kept");
    return rewrite_file(disk_, each.path,
                        each.segment.used); // what a failed sync left in the page cache is durable now
  }

  result<void> drop(const listed& each) {
    static_cast<void>(disk_.remove(index_path_of(each.path)));
    if (auto done = disk_.remove(each.path); !done) return done;
    out_.state.segments.erase({each.segment.epoch, each.segment.first});
    return disk_.sync_directory(parent_directory(each.path));
  }

  result<void> count_lost(const listed& each) {
    index_builder builder(log_, each.segment.epoch, each.segment.first);
    const damage_range all{each.segment.first, each.segment.end, 0, 0, "the file is missing"};
    builder.add(all);
    builder.set_cleaned(each.segment.end);
    keep(each, builder.summary(), {all},
         std::make_shared<pinned_index>(pinned_index{builder.finish(), index_tables{}}));
    return {};
  }

  bool take_index(const listed& each) {
    const auto& segment = each.segment;
    const auto index = index_file::open(disk_, index_path_of(each.path), log_, segment.epoch, segment.first);
    if (!index) return false;
    const auto& summary = index->summary();
    if (!summary.cleaned || summary.end != segment.end || summary.used != segment.used || each.size < segment.used)
      return false;
    const auto core = index->core();
    const auto tables = index->tables();
    if (!core || !tables || !core->damages.empty()) return false; // what was damaged may be repaired
    for (const auto& topic : tables->topics)
      out_.names[topic.topic] = topic.name;
    keep(each, summary, {}, nullptr);
    return true;
  }

  result<void> rebuild(const listed& each) {
    const auto& segment = each.segment;
    auto opened = disk_.open(each.path, open_mode::read);
    if (!opened) return fail(std::move(opened.error()));
    index_builder builder(log_, segment.epoch, segment.first);
    topic_table topics;
    const auto scanned =
        scan_segment(**opened, each.size, scan_request_of(segment, log_), [&](const entry_facts& entry) {
          builder.add(entry);
          topics.raise_next(entry.header.topic, entry.header.first_offset + entry.header.count, entry.topic_name);
        });
    if (!scanned) return fail(scanned.error());
    out_.report.entries_scanned += scanned->entries;
    for (const auto& damage : scanned->damages)
      builder.add(damage);
    builder.set_cleaned(segment.end);
    for (const auto& topic : topics.all())
      out_.names[topic.topic] = topic.name;
    out_.report.rebuilt_indexes.push_back(index_path_of(each.path));
    const auto summary = builder.summary();
    auto pinned = std::make_shared<pinned_index>(pinned_index{builder.finish(), {topics.all(), {}}});
    const auto bytes = encode_index(pinned->index, pinned->tables);
    if (write_file_durably(disk_, index_path_of(each.path), bytes)) pinned.reset();
    keep(each, summary, scanned->damages, std::move(pinned));
    return {};
  }

  void keep(const listed& each, const segment_summary& summary, const std::vector<damage_range>& damages,
            std::shared_ptr<const pinned_index> rebuilt) {
    out_.state.apply(each.segment);
    out_.segments.push_back({each.path, summary, damages, std::move(rebuilt)});
  }

  void finish() {
    auto& report = out_.report;
    report.segments = out_.segments.size();
    report.clean_stop = report.rebuilt_indexes.empty() && report.torn_bytes == 0;
    for (const auto& segment : out_.segments)
      for (const auto& damage : segment.damages)
        report.quarantined.push_back(
            {segment.path, damage.offset, segment.summary.epoch, damage.from, damage.until, damage.what});
  }

  disk& disk_;
  const log_paths& paths_;
  const log_id& log_;
  recovered_copy out_;
  std::map<log_position, listed> listed_;
  std::vector<std::string> leftover_, aside_;
  bool state_lost_ = false;
};

} // namespace

result<recovered_copy> recover_copy(disk& on, const log_paths& paths, const log_id& log) {
  return copy_recovery(on, paths, log).run();
}

} // namespace weft::log

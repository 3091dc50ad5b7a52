#include "mesh/log/verify.hpp"

#include "mesh/log/copy_file.hpp"
#include "mesh/log/epoch_chain.hpp"
#include "mesh/log/index_file.hpp"
#include "mesh/log/log_begin.hpp"
#include "mesh/log/segment_file.hpp"
#include "mesh/log/spare_names.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <unordered_map>

namespace weft::log {
namespace {

std::optional<log_id> parse_log(std::string_view name) {
  const auto dot = name.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto node = from_hex(name.substr(0, dot));
  log_id log;
  const auto digits = name.substr(dot + 1);
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), log.ordinal);
  if (!node || problem != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  log.node = node_id{*node};
  return log;
}

/// A list of names; an empty one when the directory is gone.
result<std::vector<std::string>> names_in(disk& from, const std::string& path) {
  auto names = from.list(path);
  if (!names) return fail(names.error().within("cannot read " + path));
  return names;
}

struct place {
  weft::epoch epoch;
  seq first;
  std::string path;
  std::optional<index_core> lone = {}; ///< there is no segment, only this index of it
  bool taken_back = false;
};

class log_check {
public:
  log_check(disk& from, const std::string& directory, const log_id& log, verify_report& report)
      : disk_(from), paths_(directory, log), log_(log), report_(report) {}

  result<void> run() {
    if (auto done = read_copy_state(); !done) return done;
    if (auto done = list(); !done) return done;
    for (std::size_t i = 0; i < places_.size(); ++i)
      if (places_[i].lone)
        check_lone(i, *places_[i].lone);
      else if (auto done = check_segment(i); !done)
        return fail(done.error().within(places_[i].path));
    return {};
  }

private:
  /// Of another node's log only a copy is here, with holes; its state says how far its segments go.
  result<void> read_copy_state() {
    const auto path = copy_file_path(paths_.log());
    auto state = copy_file::load(disk_, path, log_);
    if (!state && state.error().code() == errc::not_found) return {};
    if (!state && state.error().code() != errc::corrupt) return fail(std::move(state.error()));
    if (!state) damaged(path, 0, state.error().message());
    copy_ = state ? std::move(*state) : copy_state{};
    cleaned_before_ = true;
    return {};
  }

  result<void> list() {
    const auto names = names_in(disk_, paths_.log());
    if (!names) return fail(names.error());
    for (const auto& name : *names) {
      const auto opening = parse_epoch(std::string_view(name).substr(0, name.size() - 1));
      if (!opening || to_string(*opening) + "/" != name) continue;
      newest_ = std::max(newest_, *opening);
      const auto folder = paths_.epoch(*opening);
      const auto files = names_in(disk_, folder);
      if (!files) return fail(files.error());
      for (const auto& file : *files) {
        const auto here = fmt::format("{}/{}", folder, file);
        if (const auto first = parse_segment_name(file)) {
          places_.push_back({*opening, *first, here});
        } else if (const auto of = parse_index_name(file)) {
          const auto path = paths_.segment(*opening, *of);
          if (!disk_.exists(path)) list_lone({*opening, *of, path});
        } else if (file.find(".aside-") != std::string::npos) {
          report_.notes.push_back({here, 0, "set aside: not what its place says"});
        } else if (is_unfinished_name(file)) {
          report_.notes.push_back({here, 0, "not finished when the node stopped"});
        }
      }
    }
    if (copy_)
      for (const auto& [at, segment] : copy_->segments)
        if (const auto path = paths_.segment(at.epoch, at.seq); !disk_.exists(path))
          damaged(path, 0, fmt::format("seqs {} to {}: the file is missing", at.seq.value(), segment.end.value()));
    std::sort(places_.begin(), places_.end(), [](const place& a, const place& b) {
      return log_position{a.epoch, a.first} < log_position{b.epoch, b.first};
    });
    if (auto done = look_at_begin(); !done) return done;
    for (auto& each : places_) {
      if (auto done = look_at_header(each); !done) return fail(done.error().within(each.path));
      chain_.push_back({each.epoch, each.first, each.taken_back});
    }
    return {};
  }

  /// What is missing before the first segment that is there.
  result<void> look_at_begin() {
    if (copy_) return {};
    const auto begin = load_log_begin(disk_, paths_);
    if (!begin && begin.error().code() != errc::corrupt) return fail(begin.error());
    if (!begin) {
      damaged(log_begin_path(paths_), 0, begin.error().message());
      return {};
    }
    begin_ = *begin;
    if (places_.empty()) return {};
    const auto until = missing_until(begin_, {places_.front().epoch, places_.front().first});
    if (!until) return {};
    damaged(paths_.segment(begin_->epoch, begin_->first), 0,
            fmt::format("seqs {} to {}: the files are missing", begin_->first.value(), until->value()));
    return {};
  }

  /// What says where the others end.
  result<void> look_at_header(place& at) {
    if (at.lone) {
      at.taken_back = at.lone->summary.taken_back;
      return {};
    }
    auto opened = disk_.open(at.path, open_mode::read);
    if (!opened) return fail(std::move(opened.error()));
    std::array<std::byte, segment_header_bytes> bytes{};
    const auto got = (*opened)->read_at(0, bytes);
    if (!got) return fail(got.error());
    at.taken_back = decode_segment_header(byte_view(bytes).first(*got)).header.taken_back;
    return {};
  }

  /// One whose index can't be read says nothing.
  void list_lone(place at) {
    if (copy_) {
      report_.notes.push_back({index_path_of(at.path), 0, "an index without its segment"});
      return;
    }
    const auto index = index_file::open(disk_, index_path_of(at.path), log_, at.epoch, at.first);
    auto core = index ? index->core() : result<index_core>(fail(index.error()));
    if (core) {
      at.lone = std::move(*core);
      places_.push_back(std::move(at));
    } else {
      report_.notes.push_back({index_path_of(at.path), 0, "an index without a segment, and not readable"});
    }
  }

  void damaged(const std::string& file, std::uint64_t offset, std::string what) {
    report_.damage.push_back({file, offset, std::move(what)});
  }

  result<void> check_segment(std::size_t i) {
    const auto& at = places_[i];
    ++report_.segments;
    auto opened = disk_.open(at.path, open_mode::read);
    if (!opened) return fail(std::move(opened.error()));
    const auto size = (*opened)->size();
    if (!size) return fail(size.error());
    auto index = read_index(at);
    if (!index) return fail(std::move(index.error()));
    const auto head = check_header(at, **opened);
    if (!head) return fail(head.error());

    auto request = scan_request_for(log_, at.epoch, at.first, *head, known_end(chain_, i));
    if (copy_) {
      if (!is_known(at, *head)) return {};
      request = scan_request_of(
          head->header.cleaned_until ? segment_of(head->header) : copy_->segments.at({at.epoch, at.first}), log_);
    }
    if (!request.until && *index) request.until = std::max(at.first, (*index)->core.summary.end);
    request.torn_possible = at.epoch == newest_ && i + 1 == places_.size() && !request.until;
    return scan(at, **opened, *size, request, *index, head->state);
  }

  /// Of a segment that a copy has begun and not confirmed nothing counts.
  bool is_known(const place& at, const read_header& head) {
    if (head.header.cleaned_until || copy_->segments.contains({at.epoch, at.first})) return true;
    report_.notes.push_back({at.path, 0, "nothing of it was confirmed"});
    return false;
  }
  static copy_segment segment_of(const segment_header& header) {
    return {header.epoch, header.first, *header.cleaned_until, header.cleaned_bytes};
  }

  result<read_header> check_header(const place& at, const file& opened) {
    std::array<std::byte, segment_header_bytes> bytes{};
    const auto got = opened.read_at(0, bytes);
    if (!got) return fail(got.error());
    const auto head = decode_segment_header(byte_view(bytes).first(*got));
    if (head.state == header_state::newer) return fail(errc::version_newer, "segment of a later format version");
    const auto& header = head.header;
    if (head.state == header_state::valid &&
        (header.log != log_ || header.epoch != at.epoch || header.first != at.first))
      damaged(at.path, 0,
              fmt::format("segment header: it is segment {} of epoch {} of log {}", header.first.value(),
                          to_string(header.epoch), to_string(header.log)));
    return head;
  }

  result<void> scan(const place& at, const file& opened, std::uint64_t size, const scan_request& request,
                    const std::optional<segment_index>& index, header_state head) {
    cleaned_before_ = cleaned_before_ || request.cleaned;
    index_builder builder(log_, at.epoch, at.first);
    const auto scanned = scan_segment(opened, size, request, [&](const entry_facts& entry) {
      builder.add(entry);
      check_order(at, entry);
    });
    if (!scanned) return fail(scanned.error());
    report_.entries += scanned->entries;
    report_.bytes += scanned->used;
    const bool untouched = scanned->entries == 0 && scanned->damages.empty() && request.torn_possible;
    if (head != header_state::valid && untouched) {
      report_.notes.push_back({at.path, 0, "nothing was synced in it"});
    } else if (head != header_state::valid) {
      damaged(at.path, 0, "segment header: damaged");
    }
    for (const auto& damage : scanned->damages) {
      builder.add(damage);
      damaged(at.path, damage.offset,
              fmt::format("seqs {} to {}: {}", damage.from.value(), damage.until.value(), damage.what));
    }
    if (scanned->torn_bytes != 0)
      report_.notes.push_back(
          {at.path, scanned->used,
           fmt::format("a torn tail of {} bytes, never acknowledged as synced", scanned->torn_bytes)});
    if (request.cleaned) builder.set_cleaned(*request.until);
    if (!scanned->damages.empty()) offsets_.clear(); // what is missing had offsets
    if (scanned->next_has_the_rest)
      report_.notes.push_back({at.path, scanned->used,
                               "what follows is in the next segment too: the node stopped before "
                               "this one was written anew"});
    else if (index && index->core.summary.cleaned && !fits(index->core.summary, request))
      report_.notes.push_back({index_path_of(at.path), 0,
                               "an index of the segment as it was to be written anew: the node stopped before it was"});
    else if (index && scanned->damages.empty())
      compare(at, *index, builder.finish());
    return {};
  }

  /// Files of one segment that the cleaner wrote have different sizes.
  static bool fits(const segment_summary& index, const scan_request& segment) {
    return segment.cleaned && index.used == segment.cleaned_bytes;
  }

  /// Times only grow, topic offsets are dense; in an epoch, when it or the one before came back or has grown since, or
  /// was another machine's with the node's key: what a copy shows by its times alone.
  void check_order(const place& at, const entry_facts& entry) {
    const auto& header = entry.header;
    report_.events += entry.events;
    const bool other_life =
        at.taken_back || last_taken_back_ || header.first_seq < last_end_ || (copy_ && header.appended <= last_);
    if (header.epoch != last_epoch_ && other_life) {
      last_ = {};
      offsets_.clear();
    }
    last_epoch_ = header.epoch;
    last_end_ = header.end_seq();
    last_taken_back_ = at.taken_back;
    if (header.appended <= last_)
      damaged(at.path, entry.offset,
              fmt::format("seq {}: its time is not above the time before", header.first_seq.value()));
    last_ = header.appended;
    const auto [found, added] = offsets_.try_emplace(header.topic, expected{header.epoch, header.first_offset});
    auto& known = found->second;
    if (!added && header.first_offset != known.offset && !cleaned_before_) {
      const auto what = fmt::format("seq {}: topic offset {} where {} is expected", header.first_seq.value(),
                                    header.first_offset.value(), known.offset.value());
      if (header.epoch != known.epoch && header.first_offset < known.offset)
        report_.notes.push_back(
            {at.path, entry.offset, what + ": what lies before could not be read when this epoch began"});
      else
        damaged(at.path, entry.offset, what);
    }
    known = {header.epoch, header.first_offset + header.count};
  }

  // --- indexes

  /// Retention takes the first segments, each after its index, so that a crash may leave the index of the first. Any
  /// other segment without its file is lost.
  void check_lone(std::size_t i, const index_core& core) {
    const auto& at = places_[i];
    offsets_.clear(); // what is missing had offsets
    const bool kept = begin_ && log_begin{at.epoch, at.first} >= *begin_;
    const bool may_be_removed = i == 0 && places_.size() > 1 && core.damages.empty() && !kept;
    if (may_be_removed)
      report_.notes.push_back({index_path_of(at.path), 0, "an index without its segment, which retention removed"});
    else
      damaged(at.path, 0,
              fmt::format("seqs {} to {}: the file is missing", at.first.value(), core.summary.end.value()));
  }

  /// The index, when it is whole. @error errc::version_newer, errc::io_error
  result<std::optional<segment_index>> read_index(const place& at) {
    const auto path = index_path_of(at.path);
    const auto opened = index_file::open(disk_, path, log_, at.epoch, at.first);
    if (!opened && opened.error().code() == errc::not_found) return std::optional<segment_index>{};
    if (!opened && opened.error().code() != errc::corrupt) return fail(opened.error());
    ++report_.indexes;
    if (!opened) {
      damaged(path, 0, opened.error().message());
      return std::optional<segment_index>{};
    }
    const auto problems = opened->check_sections();
    if (!problems) return fail(problems.error());
    for (const auto& [offset, what] : *problems)
      damaged(path, offset, what);
    if (!problems->empty()) return std::optional<segment_index>{};
    auto core = opened->core();
    auto lists = opened->lists();
    const auto tables = opened->tables();
    if (!core || !lists || !tables) {
      damaged(path, 0, "index: a section can't be read");
      return std::optional<segment_index>{};
    }
    return std::optional(segment_index{std::move(*core), std::move(*lists)});
  }

  void compare(const place& at, const segment_index& index, const segment_index& right) {
    const auto path = index_path_of(at.path);
    const auto& a = index.core.summary;
    const auto& b = right.core.summary;
    const auto extent_key = [](const topic_extent& t) {
      return std::make_tuple(t.topic, t.entries, t.first, t.end, t.first_offset, t.end_offset, t.bytes,
                             t.list_checksum);
    };
    const auto point_key = [](const index_point& p) { return std::make_tuple(p.first, p.offset, p.at); };
    const auto same = [](const auto& x, const auto& y, const auto& key) {
      return std::equal(x.begin(), x.end(), y.begin(), y.end(),
                        [&](const auto& i, const auto& j) { return key(i) == key(j); });
    };
    if (a.end != b.end || a.used != b.used || a.entries != b.entries || a.last_at != b.last_at)
      damaged(path, 0, "index: its header does not fit its segment");
    if (!same(index.core.points, right.core.points, point_key) ||
        !same(index.core.topics, right.core.topics, extent_key) || index.lists != right.lists)
      damaged(path, index_header_bytes, "index: it does not fit its segment");
  }

  disk& disk_;
  const log_paths paths_;
  const log_id log_;
  verify_report& report_;
  std::vector<place> places_;        // ascending
  std::vector<segment_place> chain_; // of those
  weft::epoch newest_;
  std::optional<copy_state> copy_; // it is a copy
  std::optional<log_begin> begin_; // of an own log, where it is known
  hlc last_;
  weft::epoch last_epoch_; // of the entry before
  seq last_end_;
  bool last_taken_back_ = false;
  struct expected {
    weft::epoch epoch;
    topic_offset offset;
  };
  std::unordered_map<topic_id, expected> offsets_; // where each topic goes on
  bool cleaned_before_ = false;                    // entries may be missing before
};

} // namespace

result<verify_report> verify_directory(disk& from, const std::string& path) {
  verify_report report;
  const auto names = names_in(from, path);
  if (!names) return fail(names.error());
  for (const auto& name : *names) {
    if (!name.ends_with('/')) continue;
    const auto log = parse_log(std::string_view(name).substr(0, name.size() - 1));
    if (!log) continue;
    ++report.logs;
    if (auto done = log_check(from, path, *log, report).run(); !done) return fail(std::move(done.error()));
  }
  return report;
}

} // namespace weft::log

#include "mesh/log/log_reader.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/log/collector.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::log {
namespace {

/// By the topics' lists when less than one in so many bytes of a segment is wanted.
constexpr std::uint64_t listed_when_below = 8;

} // namespace

result<read_result> log_reader::read(const read_request& request, const log_head& head, bool memory_only) {
  auto view = store_.view_at(request.from, head.at);
  if (!view) return fail(std::move(view.error()));
  collector found(request, {view->segment->epoch, view->from}, starts_ == nullptr ? nullptr : starts_->all());
  while (true) {
    const auto before = found.until();
    if (view->segment->epoch == head.at.epoch && tail_ != nullptr &&
        read_tail(found, before, head.at.seq, view->segment->seed)) {
      // All that the tail has was looked at, or enough was found.
    } else if (memory_only && !found.progressed()) {
      return fail(errc::would_block, fmt::format("{} is not in memory", to_string(request.from)));
    } else if (memory_only) {
      break;
    } else if (auto done = read_segment(found, *view); !done) {
      if (found.progressed()) break; // the next read meets the error
      return fail(std::move(done.error()));
    }
    if (found.enough() || !found.empty() || found.until() == before) break;
    auto next = store_.view_at({view->segment->epoch, found.until()}, head.at);
    if (!next || next->segment->epoch != view->segment->epoch) break;
    view = std::move(next);
  }
  if (starts_ != nullptr) found.go_by(starts_->all());
  auto out = std::move(found).finish();
  if (log_position{out.epoch, out.until} == head.at) out.log_time = std::max(out.log_time, head.time);
  if (out.epoch != head.at.epoch) out.log_time = store_.time_at({out.epoch, out.until}, out.log_time, head.time);
  return out;
}

/// @returns whether `from` was there
bool log_reader::read_tail(collector& into, seq from, seq end, std::uint32_t seed) {
  auto piece = tail_->find(from);
  if (!piece) return false;
  while (piece) {
    for (auto i = piece->from; i < piece->until; ++i) {
      const auto& entry = piece->piece->entry(i);
      if (entry.first >= end) return true; // synced since the read began
      const auto verdict = into.judge(entry.topic, entry.flags, entry.bytes);
      if (verdict == collector::stop) return true;
      if (verdict == collector::take) {
        const shared_bytes bytes(piece->piece, piece->piece->bytes(entry.offset, entry.bytes));
        const auto header = wire::decode_header(bytes.view(), seed);
        WEFT_ASSERT(header.has_value()); // this process encoded it
        if (!into.below_start(*header)) into.take_entry({*header, bytes});
      }
      into.pass(entry.first + entry.count, entry.at, entry.flags, entry.bytes);
      if (into.enough()) return true;
    }
    if (!into.empty() && !into.in_group()) return true; // entries of one piece go out without a copy
    piece = tail_->find(into.until());
  }
  return true;
}

/// The header at the scanner's place, when it is that of the entry that should be there.
/// @error errc::end_of_log  a cleaned segment has no more that may be read
static result<wire::entry_header> entry_here(const segment_view& view, seq expected, segment_scanner& scanner) {
  auto header = scanner.peek();
  if (!header && header.error().code() == errc::end_of_log && !view.cleaned)
    return fail(errc::corrupt, "the file ends before its entries do");
  if (!header) return header;
  if (view.cleaned && header->first_seq >= view.end) return fail(errc::end_of_log, "only later entries are left");
  const bool begins_right = view.cleaned ? header->first_seq >= expected : header->first_seq == expected;
  if (header->epoch != view.segment->epoch || !begins_right || header->end_seq() > view.end)
    return fail(errc::corrupt, "not the entry that should be here");
  return header;
}

result<void> log_reader::read_segment(collector& into, const segment_view& view) {
  const auto from = view.from;
  auto limit = view.end;
  auto limit_offset = view.used;
  if (view.damage) {
    if (view.damage->from <= from)
      return fail(errc::corrupt, fmt::format("{}: damaged at byte {}, seqs {} to {} can't be read: {}",
                                             view.segment->path, view.damage->offset, view.damage->from.value(),
                                             view.damage->until.value(), view.damage->what));
    limit = std::min(limit, view.damage->from);
    limit_offset = std::min(limit_offset, view.damage->offset);
  }
  auto start = view.near;
  if (view.sealed) {
    if (const auto core = store_.core_of(view.segment)) { // without it: from the segment's begin
      std::uint64_t wanted = 0;
      for (const auto& topic : (*core)->topics)
        if (into.wants(topic)) wanted += topic.bytes;
      if (wanted == 0) {
        into.skip_to(limit, limit == (*core)->summary.end ? (*core)->summary.last_at : hlc{});
        return {};
      }
      if (wanted * listed_when_below < view.used) return read_listed(into, view, **core, limit, limit_offset);
      if (const auto point = (*core)->point_before(from); point.offset > start.offset) start = point;
    }
  }
  return read_all_entries(into, view, start, limit, limit_offset);
}

result<void> log_reader::read_all_entries(collector& into, const segment_view& view, index_point start, seq limit,
                                          std::uint64_t limit_offset) {
  auto opened = store_.open(view.segment);
  if (!opened) return fail(std::move(opened.error()));
  auto ahead = take_ahead(view.segment, view.from);
  if (ahead) start = ahead->next;
  segment_scanner scanner(**opened, start.offset, limit_offset, view.segment->seed);
  if (ahead) scanner.go_on_in(std::move(ahead->window));
  for (auto expected = start.first; expected < limit;) {
    const index_point here{expected, scanner.offset(), {}};
    // Entries of one window go out without a copy, so a read ends where its window does.
    const bool may_end = !into.empty() && !into.in_group();
    if (may_end && !scanner.window_reaches(limits::entry_header_bytes)) return keep_ahead(view, here, scanner);
    const auto header = entry_here(view, expected, scanner);
    if (!header && header.error().code() == errc::end_of_log) {
      into.skip_to(limit, hlc{}); // the rest of its seqs was cleaned away
      return {};
    }
    if (!header) {
      const auto damage = damaged(view, expected, here.offset, header.error());
      if (!damage.is_before(view.from)) return fail(damage.why);
      expected = damage.range.until;
      scanner.move_to(damage.range.end_offset);
      continue;
    }
    const auto stored = header->stored_bytes();
    expected = header->end_seq();
    if (expected <= into.until()) {
      scanner.move_to(here.offset + stored);
      continue;
    }
    auto verdict = into.judge(header->topic, header->flags, stored);
    if (verdict == collector::take && into.below_start(*header)) verdict = collector::skip;
    const bool leaves_window = verdict == collector::take && !scanner.window_reaches(stored);
    if (verdict == collector::stop || (leaves_window && !into.empty() && !into.in_group()))
      return keep_ahead(view, {header->first_seq, here.offset, {}}, scanner);
    if (verdict == collector::take) {
      auto entry = scanner.next();
      if (!entry) {
        into.skip_to(header->first_seq, hlc{}); // so far all was found
        return fail(damaged(view, header->first_seq, here.offset, entry.error()).why);
      }
      into.take_entry(std::move(*entry));
    } else {
      scanner.move_to(here.offset + stored);
    }
    into.pass(expected, header->appended, header->flags, stored);
    if (into.enough()) return keep_ahead(view, {expected, scanner.offset(), {}}, scanner);
  }
  return {};
}

/// Few of the segment's bytes are wanted: goes by the topics' lists, past everything else.
result<void> log_reader::read_listed(collector& into, const segment_view& view, const index_core& core, seq limit,
                                     std::uint64_t limit_offset) {
  std::vector<entry_place> places;
  for (const auto& topic : core.topics) {
    if (topic.end <= view.from || !into.wants(topic)) continue;
    auto of_topic = store_.places_of(view.segment, topic);
    if (!of_topic) return read_all_entries(into, view, core.point_before(view.from), limit, limit_offset);
    auto first = std::upper_bound(of_topic->begin(), of_topic->end(), view.from,
                                  [](seq value, const entry_place& place) { return value < place.first; });
    if (first != of_topic->begin()) --first; // it may reach beyond `from`
    places.insert(places.end(), first, of_topic->end());
  }
  std::sort(places.begin(), places.end(), [](const auto& a, const auto& b) { return a.offset < b.offset; });

  auto opened = store_.open(view.segment);
  if (!opened) return fail(std::move(opened.error()));
  constexpr std::size_t chunk = 32U << 10U; // the entries lie apart
  segment_scanner scanner(**opened, segment_header_bytes, limit_offset, view.segment->seed, chunk);
  for (const auto& place : places) {
    if (place.first >= limit || place.offset >= limit_offset) break;
    scanner.move_to(place.offset);
    const auto header = entry_here(view, place.first, scanner);
    if (!header) {
      const auto damage = damaged(view, place.first, place.offset, header.error());
      if (damage.is_before(view.from)) continue;
      into.skip_to(place.first, hlc{}); // so far all was found
      return fail(damage.why);
    }
    if (header->end_seq() <= view.from || into.below_start(*header)) continue;
    if (into.judge(header->topic, header->flags, header->stored_bytes()) == collector::stop) {
      into.skip_to(place.first, hlc{});
      return {};
    }
    auto entry = scanner.next();
    if (!entry) {
      into.skip_to(place.first, hlc{});
      return fail(damaged(view, place.first, place.offset, entry.error()).why);
    }
    into.take_entry(std::move(*entry));
    into.pass(header->end_seq(), header->appended, header->flags, header->stored_bytes());
    if (into.enough()) return {};
  }
  into.skip_to(limit, limit == core.summary.end ? core.summary.last_at : hlc{});
  return {};
}

/// Finds where the damage ends and remembers it, so that the next reader need not look.
log_reader::found_damage log_reader::damaged(const segment_view& view, seq at, std::uint64_t offset, const error& why) {
  damage_range range{at, view.end, offset, view.used, why.message()};
  if (why.code() != errc::corrupt) { // the disk failed: nothing is known about the bytes
    range.until = at;
    return {range, why.within(view.segment->path)};
  }
  if (const auto opened = store_.open(view.segment)) {
    segment_scanner scanner(**opened, offset, view.used, view.segment->seed);
    if (const auto header = scanner.peek(); header && header->first_seq == at) {
      scanner.move_to(std::min(offset + header->stored_bytes(), view.used)); // nothing inside its body is an entry
    } else {
      scanner.move_to(std::min(offset + 8, view.used));
    }
    if (const auto next = scanner.resync(at); next && *next && (*next)->first_seq < view.end) {
      range.until = (*next)->first_seq;
      range.end_offset = scanner.offset();
    }
  }
  store_.note_damage(view.segment, range);
  return {range, error(errc::corrupt,
                       fmt::format("{}: damaged at byte {}, seqs {} to {} can't be read: {}", view.segment->path,
                                   offset, at.value(), range.until.value(), why.message()))};
}

std::optional<log_reader::read_ahead> log_reader::take_ahead(const segment_ref& segment, seq from) {
  const std::lock_guard lock(mutex_);
  for (auto& kept : ahead_) {
    if (kept.next.first != from || kept.segment.lock() != segment) continue;
    return std::exchange(kept, {});
  }
  return std::nullopt;
}

result<void> log_reader::keep_ahead(const segment_view& view, const index_point& next, const segment_scanner& scanner) {
  read_ahead rest{view.segment, next, {}};
  if (scanner.window() && scanner.window()->reaches(next.offset, limits::entry_header_bytes))
    rest.window = scanner.window();
  const std::lock_guard lock(mutex_);
  std::swap(ahead_[ahead_next_], rest);
  ahead_next_ = (ahead_next_ + 1) % ahead_.size();
  return {};
}

result<log_position> log_reader::find_time(hlc at, const log_head& head) {
  for (const auto& each : store_.all()) {
    if (each.summary.entries == 0 || each.summary.last_at < at) continue;
    const auto& segment = each.segment;
    auto opened = store_.open(segment);
    if (!opened) return fail(std::move(opened.error()));
    const auto start = store_.before_time(segment, at);
    segment_scanner scanner(**opened, start.offset, each.summary.used, segment->seed);
    auto last = start.first;
    while (true) {
      auto header = scanner.peek();
      if (!header && header.error().code() == errc::end_of_log) break;
      if (!header && header.error().code() != errc::corrupt) return fail(header.error().within(segment->path));
      if (!header) { // go on behind the damage
        const auto next = scanner.resync(last);
        if (!next) return fail(next.error().within(segment->path));
        if (!*next) break;
        header = **next;
      }
      if (header->appended >= at) return log_position{segment->epoch, header->first_seq};
      last = header->first_seq;
      scanner.move_to(scanner.offset() + header->stored_bytes());
    }
  }
  return head.at;
}

std::optional<log_position> log_reader::next_readable(log_position from, const log_head& head) const {
  const auto view = store_.view_at(from, head.at);
  if (!view && view.error().code() == errc::log_start) {
    const auto begin = store_.begin(head.at);
    return begin.seq > from.seq ? std::optional(begin) : std::nullopt;
  }
  if (!view && view.error().code() == errc::out_of_range && from.epoch < head.at.epoch) {
    const auto next = store_.next_begin(from, head.at); // what lies between was never here
    return next.seq > from.seq ? std::optional(next) : std::nullopt;
  }
  if (!view || !view->damage || view->damage->from > view->from) return std::nullopt;
  return log_position{view->segment->epoch, view->damage->until};
}

} // namespace weft::log

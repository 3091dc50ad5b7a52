#include "mesh/log/segment_scan.hpp"

#include "mesh/base/reached.hpp"
#include "mesh/log/segment_scanner.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::log {
namespace {

using wire::entry_flags;
using wire::has;

class scan {
public:
  scan(const file& segment, std::uint64_t size, const scan_request& request,
       const std::function<void(const entry_facts&)>& visit)
      : segment_(segment),
        size_(std::max<std::uint64_t>(size, segment_header_bytes)),
        request_(request),
        visit_(visit),
        seed_(wire::checksum_seed(request.log, request.epoch)),
        walk_(segment, segment_header_bytes, size_, seed_) {
    outcome_.end = request.first;
    outcome_.used = segment_header_bytes;
  }

  result<scan_outcome> run() {
    while (!request_.until || expected() < *request_.until) {
      const auto before = walk_.offset();
      if (request_.cleaned && before == request_.cleaned_bytes) {
        end_cleaned();
        break;
      }
      const auto problem = take_next();
      if (!problem) return fail(problem.error());
      if (problem->empty()) continue;
      if (outcome_.next_has_the_rest) {
        reached("log.unfinished_split");
        flush_group();
        outcome_.end = *request_.until;
        break;
      }
      const auto goes_on = handle_invalid(before, *problem);
      if (!goes_on) return fail(goes_on.error());
      if (!*goes_on) break;
    }
    if (!request_.until) cut_open_group();
    flush_group();
    return outcome_;
  }

private:
  struct held {
    wire::stored_entry entry; // keeps the name in the facts alive
    entry_facts facts;
  };

  [[nodiscard]] seq expected() const noexcept {
    return held_.empty() ? outcome_.end : held_.back().facts.header.end_seq();
  }

  /// Takes the entry at the walk's place. @returns why it does not count; empty when it does
  result<std::string> take_next() {
    const auto offset = walk_.offset();
    auto entry = walk_.next();
    if (!entry) {
      const auto code = entry.error().code();
      if (code == errc::corrupt || code == errc::end_of_log) return entry.error().message();
      return fail(std::move(entry.error()));
    }
    const auto& header = entry->header;
    if (header.epoch != request_.epoch) return fmt::format("an entry of epoch {}", to_string(header.epoch));
    const bool begins_right = request_.cleaned ? header.first_seq >= expected() : header.first_seq == expected();
    const bool in_place = begins_right && (!request_.until || header.end_seq() <= *request_.until);
    outcome_.next_has_the_rest = request_.cleaned && request_.until && header.first_seq >= *request_.until;
    if (!in_place)
      return fmt::format("an entry with seqs {} to {} where {} is expected", header.first_seq.value(),
                         header.end_seq().value(), expected().value());
    const auto batch = sound_batch(*entry);
    if (!batch) return batch.error().message();
    accept({*entry, facts_of(header, offset, *batch)});
    return std::string();
  }

  void accept(held item) {
    const auto flags = item.facts.header.flags;
    if (has(flags, entry_flags::group_begin) || !has(flags, entry_flags::in_group)) flush_group();
    held_.push_back(std::move(item));
    if (has(flags, entry_flags::group_end) || !has(flags, entry_flags::in_group)) flush_group();
  }

  void flush_group() {
    for (const auto& item : held_) {
      visit_(item.facts);
      ++outcome_.entries;
      outcome_.end = item.facts.header.end_seq();
      outcome_.used = item.facts.offset + item.facts.header.stored_bytes();
    }
    held_.clear();
  }

  /// The rest was cleaned away, up to where the segment ended then; behind it another one began.
  void end_cleaned() {
    flush_group();
    const auto end = std::max(outcome_.end, request_.cleaned_until);
    outcome_.end = *request_.until;
    if (end < outcome_.end)
      outcome_.damages.push_back({end, outcome_.end, walk_.offset(), walk_.offset(), "the next segment is missing"});
  }

  void cut_open_group() {
    if (held_.empty()) return;
    outcome_.torn_entries += held_.size();
    for (const auto& item : held_)
      outcome_.torn_bytes += item.facts.header.stored_bytes();
    held_.clear();
  }

  /// Decides what the invalid entry at `at` means. @returns whether the walk goes on behind it
  result<bool> handle_invalid(std::uint64_t at, const std::string& why) {
    const auto missing = expected();
    auto damaged = request_.until.has_value();
    if (!damaged && request_.torn_possible) {
      const auto synced = synced_by_later_entries(at, missing);
      if (!synced) return fail(synced.error());
      damaged = *synced > missing;
    } else if (!damaged) {
      const auto rest = only_zeros_from(at);
      if (!rest) return fail(rest.error());
      damaged = !*rest;
    }
    if (!damaged) return false;

    const auto found = go_behind(at, missing);
    if (!found) return fail(found.error());
    flush_group(); // it was synced, so what is left of it counts
    const auto resumes = *found ? (*found)->first_seq : request_.until.value_or(missing);
    outcome_.damages.push_back({missing, resumes, at, walk_.offset(), why});
    outcome_.end = resumes;
    outcome_.used = walk_.offset();
    return found->has_value();
  }

  /// Moves to the next entry above `missing`: from right behind the damaged one when its header can be trusted, so that
  /// nothing inside its body is taken for an entry.
  result<std::optional<wire::entry_header>> go_behind(std::uint64_t at, seq missing) {
    auto from = std::min(at + 8, size_);
    walk_.move_to(at);
    const auto damaged = walk_.peek();
    if (damaged && damaged->epoch == request_.epoch && damaged->first_seq == missing) {
      const auto behind = std::min(at + damaged->stored_bytes(), size_);
      walk_.move_to(behind);
      const auto next = walk_.peek();
      if (next && next->epoch == request_.epoch && next->first_seq == damaged->end_seq()) from = behind;
    }
    return next_above(missing, from);
  }

  /// Moves to the next entry above `missing` that is whole. Without one, to the next that has its header at least: that
  /// says how far the damage goes, but from a damaged one alone nothing that is whole may be hidden.
  result<std::optional<wire::entry_header>> next_above(seq missing, std::uint64_t from) {
    std::optional<std::pair<std::uint64_t, wire::entry_header>> damaged;
    walk_.move_to(from);
    while (true) {
      auto found = walk_.resync(missing);
      if (!found) return found;
      if (!*found) break;
      const auto offset = walk_.offset();
      // Beyond this segment's end it is left from an earlier life of the file.
      const bool in_range = !request_.until || (*found)->end_seq() <= *request_.until;
      if (in_range && (*found)->epoch == request_.epoch) {
        if (none_whole_) return found;
        const auto entry = walk_.next();
        if (!entry && entry.error().code() != errc::corrupt) return fail(entry.error());
        if (entry && sound_batch(*entry)) {
          walk_.move_to(offset);
          return found;
        }
        if (!damaged) damaged = {offset, **found};
      }
      walk_.move_to(std::min(offset + 8, size_));
    }
    none_whole_ = true;
    if (!damaged) return std::optional<wire::entry_header>{};
    walk_.move_to(damaged->first);
    return std::optional(damaged->second);
  }

  /// The highest seq that an entry behind `at` says was synced before it was written. Counts what is torn.
  result<seq> synced_by_later_entries(std::uint64_t at, seq missing) {
    segment_scanner behind(segment_, at, size_, seed_);
    auto torn_until = at;
    std::uint64_t torn = 0;
    const auto first = behind.peek();
    if (first && first->epoch == request_.epoch && first->first_seq == missing) {
      torn = 1;
      torn_until = std::min(at + first->stored_bytes(), size_);
    }
    seq synced{};
    while (true) {
      const auto found = behind.resync(missing);
      if (!found) return fail(found.error());
      if (!*found) break;
      const auto& header = **found;
      synced = std::max(synced, seq{header.first_seq.value() - header.unsynced});
      ++torn;
      torn_until = std::max(torn_until, std::min(behind.offset() + header.stored_bytes(), size_));
      behind.move_to(std::min(behind.offset() + 8, size_));
    }
    if (torn == 0 && !request_.recycled && behind.nonzero_until() > at) {
      torn = 1;
      torn_until = std::min(behind.nonzero_until(), size_);
    }
    if (synced <= missing) {
      outcome_.torn_entries += torn;
      outcome_.torn_bytes += torn_until - at;
    }
    return synced;
  }

  result<bool> only_zeros_from(std::uint64_t at) {
    segment_scanner rest(segment_, at, size_, seed_);
    const auto none = rest.resync(seq{UINT64_MAX});
    if (!none) return fail(none.error());
    return rest.nonzero_until() <= at;
  }

  const file& segment_;
  std::uint64_t size_;
  const scan_request& request_;
  const std::function<void(const entry_facts&)>& visit_;
  std::uint32_t seed_;
  segment_scanner walk_;
  scan_outcome outcome_;
  std::vector<held> held_;  // an atomic group whose end was not seen yet
  bool none_whole_ = false; // nothing behind the walk's place is whole: so it is not looked for again
};

} // namespace

scan_request scan_request_for(const log_id& log, weft::epoch epoch, seq first, const read_header& head,
                              std::optional<seq> until) {
  scan_request request;
  request.log = log;
  request.epoch = epoch;
  request.first = first;
  request.until = until;
  if (head.state != header_state::valid) return request;
  request.recycled = head.header.recycled;
  request.cleaned = head.header.cleaned_until.has_value();
  request.cleaned_bytes = head.header.cleaned_bytes;
  if (!request.cleaned) return request;
  request.cleaned_until = *head.header.cleaned_until;
  if (!until) request.until = std::max(first, request.cleaned_until);
  return request;
}

result<wire::batch_view> sound_batch(const wire::stored_entry& entry) {
  auto batch = wire::batch_view::verify(entry.body());
  if (!batch) return batch;
  const bool extract = has(entry.header.flags, entry_flags::extract);
  if (batch->is_extract() != extract || (!extract && batch->count() != entry.header.count))
    return fail(errc::corrupt, "the header does not fit its batch");
  return batch;
}

entry_facts facts_of(const wire::entry_header& header, std::uint64_t offset, const wire::batch_view& batch) {
  return {header,           offset,
          batch.producer(), batch.first_sequence(),
          batch.topic(),    static_cast<std::uint32_t>(batch.count())};
}

result<scan_outcome> scan_segment(const file& segment, std::uint64_t size, const scan_request& request,
                                  const std::function<void(const entry_facts&)>& visit) {
  return scan(segment, size, request, visit).run();
}

} // namespace weft::log

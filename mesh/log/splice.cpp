#include "mesh/log/splice.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/planted_bug.hpp"
#include "mesh/base/reached.hpp"
#include "mesh/log/entry_tables.hpp"
#include "mesh/log/segment_scanner.hpp"
#include "mesh/log/spare_names.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <ranges>

namespace weft::log {
namespace {

constexpr std::size_t hole_bytes = limits::entry_header_bytes; // zeros that are no entry: here something is missing

/// A stretch of the file to be: bytes of the old one, a given entry, or zeros.
struct piece {
  seq first, end;
  std::uint64_t offset = 0, bytes = 0; ///< of the old file
  const wire::stored_entry* given = nullptr;
  bool damaged = false;
  [[nodiscard]] std::uint64_t size() const { return given != nullptr ? given->bytes.size() : bytes; }
};

/// One file to be: pieces [from, until) of the plan.
struct part {
  seq first, end;
  std::size_t from = 0, until = 0;
  std::string path;
};

class splicing {
public:
  splicing(disk& on, segment_store& store, const segment_facts& facts, const splice_request& request)
      : disk_(on),
        store_(store),
        segment_(facts.segment),
        old_(facts.summary),
        known_(facts.damages),
        request_(request) {}

  result<splice_outcome> run() {
    if (auto done = look(); !done) return fail(std::move(done.error()));
    if (auto done = place_entries(); !done) return fail(std::move(done.error()));
    if (outcome_.put.empty() && !heals()) return std::move(outcome_);
    add_damages();
    std::stable_sort(plan_.begin(), plan_.end(), [](const piece& a, const piece& b) { return a.first < b.first; });
    split();
    // The last first: after a crash in between, what is behind the first one's end is there twice, never missing.
    for (const auto& each : std::ranges::reverse_view(parts_))
      if (auto done = write(each); !done) {
        static_cast<void>(disk_.remove(unfinished(each))); // the next opening removes it too
        return fail(std::move(done.error()));
      }
    return std::move(outcome_);
  }

private:
  // --- what is there

  result<void> look() {
    auto opened = store_.open(segment_);
    if (!opened && opened.error().code() == errc::not_found) { // lost as a whole
      damages_.push_back({old_.first, old_.end, segment_header_bytes, segment_header_bytes, "the file is missing"});
      return {};
    }
    if (!opened) return fail(std::move(opened.error()));
    old_file_ = *opened;
    const auto size = old_file_->size();
    if (!size) return fail(size.error());
    const auto used = std::min(old_.used, *size);
    auto scanned = scan_segment(*old_file_, used, request_for(old_.end, old_.used), [this](const entry_facts& entry) {
      headers_.push_back(entry.header);
      plan_.push_back({entry.header.first_seq, entry.header.end_seq(), entry.offset, entry.header.stored_bytes()});
    });
    if (!scanned) return fail(scanned.error().within(segment_->path));
    damages_ = std::move(scanned->damages);
    for (const auto& each : known_)
      if (!is_there(each)) damages_.push_back(each); // the file is too short to say so
    std::sort(damages_.begin(), damages_.end(), [](const auto& a, const auto& b) { return a.from < b.from; });
    // Where seqs may be missing a scan takes all before the damaged bytes for damaged; readers by topic knew better.
    for (auto& found : damages_)
      for (const auto& each : known_)
        if (each.offset == found.offset && each.until == found.until) found.from = std::max(found.from, each.from);
    return {};
  }

  /// Whether the file has an entry or damage in the range.
  [[nodiscard]] bool is_there(const damage_range& range) const {
    const auto overlaps = [&](seq from, seq until) { return from < range.until && range.from < until; };
    return std::any_of(plan_.begin(), plan_.end(), [&](const piece& e) { return overlaps(e.first, e.end); }) ||
           std::any_of(damages_.begin(), damages_.end(), [&](const auto& d) { return overlaps(d.from, d.until); });
  }

  [[nodiscard]] scan_request request_for(seq end, std::uint64_t used) const {
    scan_request request;
    request.log = store_.log();
    request.epoch = segment_->epoch;
    request.first = segment_->first;
    request.until = end;
    request.cleaned = old_.cleaned;
    request.cleaned_until = end;
    request.cleaned_bytes = used;
    return request;
  }

  // --- what goes in

  result<void> place_entries() {
    const auto known = plan_.size(); // entries of the old file, ascending
    for (const auto& entry : request_.entries) {
      const auto& header = entry.header;
      if (header.first_seq < old_.first || header.end_seq() > old_.end)
        return fail(errc::corrupt, fmt::format("seqs {} to {} lie outside the segment {}", header.first_seq.value(),
                                               header.end_seq().value(), segment_->path));
      const auto end = plan_.begin() + static_cast<std::ptrdiff_t>(known);
      const auto here =
          std::partition_point(plan_.begin(), end, [&](const piece& each) { return each.end <= header.first_seq; });
      if (here == end || here->first >= header.end_seq()) {
        if (may_be_missing(header)) put(entry);
        continue;
      }
      const auto& there = headers_[static_cast<std::size_t>(here - plan_.begin())];
      if (agree(there, header)) continue; // it has it
      if (!planted(planted_bug::repair_overwrites_valid)) return fail(divergence(store_.log(), there, header));
      here->given = &entry;
      outcome_.put.push_back(header);
    }
    return {};
  }

  [[nodiscard]] bool may_be_missing(const wire::entry_header& header) const {
    if (!request_.cleaned_away || !old_.cleaned || old_.taken_back) return true;
    return std::any_of(damages_.begin(), damages_.end(), [&](const damage_range& each) {
      return each.from < header.end_seq() && header.first_seq < each.until;
    });
  }

  void put(const wire::stored_entry& entry) {
    plan_.push_back({entry.header.first_seq, entry.header.end_seq(), 0, 0, &entry});
    outcome_.put.push_back(entry.header);
  }

  /// Whether something counts as whole that did not before.
  [[nodiscard]] bool heals() const {
    return whole() && std::any_of(damages_.begin(), damages_.end(), [&](const damage_range& each) {
             return request_.from <= each.from && each.until <= request_.until;
           });
  }

  [[nodiscard]] bool whole() const { return old_.cleaned && request_.whole; }

  /// What no given entry fills stays: its bytes at its first place, zeros at others.
  void add_damages() {
    for (const auto& damage : damages_) {
      bool bytes_kept = false;
      const auto keep = [&](seq from, seq until) {
        if (from >= until) return;
        piece hole{from, until, damage.offset, bytes_kept ? 0 : damage.end_offset - damage.offset};
        hole.damaged = bytes_kept = true;
        plan_.push_back(hole);
      };
      auto from = damage.from;
      for (const auto& entry : request_.entries) {
        const auto& header = entry.header;
        if (whole() || header.end_seq() <= from || header.first_seq >= damage.until) continue;
        keep(from, header.first_seq);
        from = header.end_seq();
      }
      if (whole()) {
        keep(from, std::min(damage.until, request_.from));
        from = std::max(from, std::min(request_.until, damage.until));
      }
      keep(from, damage.until);
    }
  }

  // --- the files to be

  void split() {
    std::uint64_t size = segment_header_bytes;
    parts_.push_back({segment_->first, old_.end, 0, plan_.size(), segment_->path});
    for (std::size_t i = 0; i < plan_.size(); ++i) {
      const auto next = plan_[i].size() + (plan_[i].damaged ? hole_bytes : 0);
      const bool full = request_.bytes_max != 0 && old_.cleaned && size + next > request_.bytes_max;
      if (full && plan_[i].first > parts_.back().first && !plan_[i].damaged) {
        auto& before = parts_.back();
        before.end = plan_[i].first;
        before.until = i;
        parts_.push_back({plan_[i].first, old_.end, i, plan_.size(), path_of(plan_[i].first)});
        size = segment_header_bytes;
      }
      size += next;
    }
  }

  [[nodiscard]] std::string path_of(seq first) const {
    return fmt::format("{}/{:020}.seg", parent_directory(segment_->path), first.value());
  }
  static std::string unfinished(const part& of) { return of.path + std::string(unfinished_suffix); }

  result<void> write(const part& of) {
    const auto fresh = unfinished(of);
    if (disk_.exists(fresh))
      if (auto removed = disk_.remove(fresh); !removed) return removed;
    auto made = disk_.open(fresh, open_mode::create);
    if (!made) return fail(std::move(made.error()));
    auto& to = **made;
    std::uint64_t offset = segment_header_bytes;
    for (std::size_t i = of.from; i < of.until; ++i)
      if (auto done = append(to, plan_[i], offset); !done) return done;
    std::array<std::byte, segment_header_bytes> head{};
    const auto cleaned = old_.cleaned ? std::optional(of.end) : std::nullopt;
    encode({store_.log(), segment_->epoch, of.first, cleaned, offset, false, old_.taken_back}, head);
    if (auto done = to.write_at(0, byte_view(head)); !done) return done;
    if (auto done = to.sync(); !done) return done;
    auto index = index_of(to, of, offset);
    if (!index) return fail(std::move(index.error()));
    return put_in_place(of, std::move(*index));
  }

  result<void> append(file& to, const piece& what, std::uint64_t& offset) const {
    if (what.given != nullptr) {
      if (auto done = to.write_at(offset, what.given->bytes.view()); !done) return done;
      offset += what.given->bytes.size();
      return {};
    }
    std::vector<std::byte> bytes(what.bytes);
    if (!bytes.empty()) {
      const auto got = old_file_->read_at(what.offset, bytes);
      if (!got) return fail(got.error());
      if (*got < bytes.size() && !what.damaged) return fail(errc::io_error, "the file became shorter");
    }
    if (what.damaged) bytes.resize((bytes.size() + 7) / 8 * 8 + hole_bytes);
    if (auto done = to.write_at(offset, byte_view(bytes)); !done) return done;
    offset += bytes.size();
    return {};
  }

  /// From the file itself: so it says what every later look at the file finds.
  result<std::shared_ptr<const pinned_index>> index_of(const file& written, const part& of, std::uint64_t size) {
    index_builder builder(store_.log(), segment_->epoch, of.first);
    topic_table topics;
    producer_table producers;
    if (auto tables = store_.tables_of(segment_)) {
      for (const auto& topic : tables->topics)
        topics.raise_next(topic.topic, topic.next, topic.name);
      for (auto& producer : tables->producers)
        producers.restore(std::move(producer));
    }
    auto request = request_for(of.end, size);
    request.first = of.first;
    entry_tables alone;
    const auto scanned = scan_segment(written, size, request, [&](const entry_facts& entry) {
      const auto& header = entry.header;
      builder.add(entry);
      if (old_.taken_back) return alone.add(entry);
      topics.raise_next(header.topic, header.first_offset + header.count, entry.topic_name);
      const bool next =
          producers.judge(entry.producer, entry.sequence, header.count).is == producer_table::verdict::next;
      if (entry.producer != producer_id{} && next)
        producers.append(entry.producer, {entry.sequence, header.count, header.topic, header.epoch, header.first_seq,
                                          header.first_offset, header.appended});
    });
    if (!scanned) return fail(scanned.error());
    for (const auto& damage : scanned->damages)
      builder.add(damage);
    if (old_.cleaned) builder.set_cleaned(of.end);
    if (old_.taken_back) builder.set_taken_back();
    summary_ = builder.summary();
    auto tables = old_.taken_back ? alone.all() : index_tables{topics.all(), producers.all()};
    return std::make_shared<const pinned_index>(pinned_index{builder.finish(), std::move(tables)});
  }

  /// The old index goes first: it must never stand beside the new file.
  result<void> put_in_place(const part& of, std::shared_ptr<const pinned_index> index) {
    const auto folder = parent_directory(of.path);
    if (of.first != segment_->first) {
      if (auto done = disk_.rename(unfinished(of), of.path); !done) return done;
      if (auto done = disk_.sync_directory(folder); !done) return done;
      reached("splice.segment_split");
      auto damages = index->index.core.damages;
      store_.add_sealed(of.path, summary_, std::move(damages), std::move(index));
      return {};
    }
    if (auto done = disk_.remove(index_path_of(of.path)); !done && done.error().code() != errc::not_found) return done;
    if (auto done = disk_.sync_directory(folder); !done) return done;
    if (old_file_) store_.will_replace(segment_, old_file_);
    if (auto done = disk_.rename(unfinished(of), of.path); !done) return done;
    if (auto done = disk_.sync_directory(folder); !done) return done;
    store_.replace(segment_, summary_, std::move(index));
    return {};
  }

  disk& disk_;
  segment_store& store_;
  const segment_ref segment_;
  const segment_summary old_;
  const std::vector<damage_range>& known_;
  const splice_request& request_;
  std::shared_ptr<const file> old_file_; // null: lost
  std::vector<wire::entry_header> headers_;
  std::vector<piece> plan_;
  std::vector<damage_range> damages_;
  std::vector<part> parts_;
  segment_summary summary_; // of the part that is being written
  splice_outcome outcome_;
};

} // namespace

result<splice_outcome> splice_segment(disk& on, segment_store& store, const segment_ref& segment,
                                      const splice_request& request) {
  const auto facts = store.facts_of(segment);
  WEFT_ASSERT(facts && facts->sealed);
  return splicing(on, store, *facts, request).run();
}

result<splice_outcome> splice_range(disk& on, segment_store& store, weft::epoch epoch, const splice_request& request) {
  splice_outcome all;
  std::size_t next = 0;
  const auto& entries = request.entries;
  const auto begins_at = [&](std::size_t i) { return entries[i].header.first_seq; };
  for (const auto& each : store.all()) {
    const auto first = std::max(each.summary.first, request.from);
    const auto end = std::min(each.summary.end, request.until);
    if (each.segment->epoch != epoch || first >= end) continue;
    if (next < entries.size() && begins_at(next) < first) break; // of no segment
    splice_request part{first, end, {}, request.whole, request.bytes_max, request.cleaned_away};
    for (; next < entries.size() && begins_at(next) < end; ++next)
      part.entries.push_back(entries[next]);
    if (!each.sealed && part.entries.empty()) continue;
    if (!each.sealed) return fail(errc::busy, each.segment->path + " is still written to: try again when it is closed");
    auto done = splice_segment(on, store, each.segment, part);
    if (!done) return done;
    all.put.insert(all.put.end(), done->put.begin(), done->put.end());
  }
  if (next < entries.size())
    return fail(errc::out_of_range,
                fmt::format("{} lies in no segment", to_string(log_position{epoch, begins_at(next)})));
  return all;
}

namespace {

/// @param begin, end  the seqs that it stands for
result<void> add_segment(disk& on, const log_paths& paths, log_kind kind, segment_store& store, weft::epoch epoch,
                         seq begin, const std::vector<wire::stored_entry>& entries, seq end) {
  const auto path = paths.segment(epoch, begin);
  const bool taken_back = kind == log_kind::own;
  index_builder builder(store.log(), epoch, begin);
  entry_tables tables;
  std::vector<std::byte> content(segment_header_bytes);
  for (const auto& entry : entries) {
    const auto facts = facts_of(entry.header, content.size(), wire::batch_view::trusted(entry.body()));
    builder.add(facts);
    tables.add(facts);
    const auto bytes = entry.bytes.view();
    content.insert(content.end(), bytes.begin(), bytes.end());
  }
  builder.set_cleaned(end);
  if (taken_back) builder.set_taken_back();
  encode({store.log(), epoch, begin, end, content.size(), false, taken_back},
         std::span(content).first<segment_header_bytes>());
  if (auto done = on.make_directories(paths.epoch(epoch)); !done) return done;
  if (auto done = write_file_durably(on, path, content); !done) return done;
  const auto summary = builder.summary();
  store.add_sealed(path, summary, {},
                   std::make_shared<const pinned_index>(pinned_index{builder.finish(), tables.all()}));
  return {};
}

} // namespace

result<std::vector<wire::entry_header>> add_between(disk& on, const log_paths& paths, log_kind kind,
                                                    segment_store& store, weft::epoch epoch, seq from,
                                                    std::vector<wire::stored_entry>& entries) {
  std::vector<wire::stored_entry> inside;
  std::vector<wire::entry_header> put;
  const auto segments = store.all();
  for (std::size_t i = 0; i < entries.size();) {
    const log_position at{epoch, entries[i].header.first_seq};
    const auto after = std::find_if(segments.begin(), segments.end(), [&](const segment_facts& each) {
      return at < log_position{each.segment->epoch, each.segment->first};
    });
    const auto before = after == segments.begin() ? segments.end() : std::prev(after);
    const bool follows = before != segments.end() && before->segment->epoch == epoch;
    if (follows && at.seq < before->summary.end) {
      inside.push_back(std::move(entries[i++]));
      continue;
    }
    const bool bounded = after != segments.end() && after->segment->epoch == epoch;
    const auto limit = bounded ? after->segment->first : seq{UINT64_MAX};
    std::vector<wire::stored_entry> group;
    for (; i < entries.size() && entries[i].header.first_seq < limit; ++i)
      group.push_back(std::move(entries[i]));
    const auto end = group.back().header.end_seq();
    if (end > limit) return fail(errc::corrupt, fmt::format("an entry that ends at {} inside another", end.value()));
    const auto begin = kind == log_kind::copied ? at.seq : follows ? before->summary.end : from;
    if (auto done = add_segment(on, paths, kind, store, epoch, begin, group, bounded ? limit : end); !done)
      return fail(std::move(done.error()));
    for (const auto& entry : group)
      put.push_back(entry.header);
  }
  entries = std::move(inside);
  return put;
}

result<std::vector<wire::stored_entry>> checked_entries(const log_id& log, weft::epoch epoch, seq from, seq until,
                                                        const shared_bytes& bytes) {
  std::vector<wire::stored_entry> entries;
  wire::entry_walker walker(bytes, wire::checksum_seed(log, epoch));
  auto expected = from;
  while (true) {
    auto entry = walker.next();
    if (!entry && entry.error().code() == errc::end_of_log) return entries;
    if (!entry) return fail(std::move(entry.error()));
    const auto& header = entry->header;
    if (header.epoch != epoch || header.first_seq < expected || header.end_seq() > until ||
        header.end_seq() < header.first_seq)
      return fail(errc::corrupt,
                  fmt::format("an entry with seqs {} to {} of epoch {} between {} and {}", header.first_seq.value(),
                              header.end_seq().value(), to_string(header.epoch),
                              to_string(log_position{epoch, expected}), until.value()));
    const auto padding = entry->bytes.view().subspan(limits::entry_header_bytes + header.body_length);
    if (std::any_of(padding.begin(), padding.end(), [](std::byte b) { return b != std::byte{0}; }))
      return fail(errc::corrupt, fmt::format("seq {}: padding is not zero", header.first_seq.value()));
    if (const auto batch = sound_batch(*entry); !batch) return fail(batch.error());
    expected = header.end_seq();
    entries.push_back(std::move(*entry));
  }
}

bool agree(const wire::entry_header& a, const wire::entry_header& b) {
  if (a == b) return true;
  const bool an_extract = has(a.flags, wire::entry_flags::extract) || has(b.flags, wire::entry_flags::extract);
  return an_extract && a.first_seq == b.first_seq && a.count == b.count && a.topic == b.topic &&
         a.first_offset == b.first_offset && a.appended == b.appended;
}

error divergence(const log_id& log, const wire::entry_header& here, const wire::entry_header& there) {
  reached("log.divergence");
  const auto name = [](const wire::entry_header& each) {
    return fmt::format("seqs {} to {} with body checksum {:08x}, appended at {}", each.first_seq.value(),
                       each.end_seq().value(), each.body_checksum, each.appended.value());
  };
  return {errc::diverged, fmt::format("log {}, epoch {}: two different entries for one position: {} here, {} there",
                                      to_string(log), to_string(here.epoch), name(here), name(there))};
}

} // namespace weft::log

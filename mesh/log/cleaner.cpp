#include "mesh/log/cleaner.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/log/retention.hpp"
#include "mesh/log/segment_scanner.hpp"
#include "mesh/log/spare_names.hpp"
#include "mesh/wire/entry_extract.hpp"

#include <array>

namespace weft::log {
namespace {

/// The entry as it is kept, with its facts; nothing when it is not.
result<std::optional<std::pair<shared_bytes, entry_facts>>>
kept_part(const wire::stored_entry& entry, const entry_fate& fate, std::uint32_t seed, std::uint64_t offset) {
  using kept = std::optional<std::pair<shared_bytes, entry_facts>>;
  if (fate.is == entry_fate::nothing) return kept{};
  auto batch = wire::batch_view::verify(entry.body());
  if (!batch) return fail(batch.error());
  if (fate.is == entry_fate::whole) return kept{{entry.bytes, facts_of(entry.header, offset, *batch)}};

  auto bytes = wire::extract_of(entry, *batch, fate.events, seed);
  if (!bytes) return fail(std::move(bytes.error()));
  const auto header = wire::decode_header(bytes->view(), seed);
  if (!header) return fail(header.error());
  return kept{{std::move(*bytes), facts_of(*header, offset, *batch)}};
}

class cleaning {
public:
  cleaning(disk& on, segment_store& store, const segment_ref& segment, const segment_summary& old)
      : disk_(on), store_(store), segment_(segment), old_(old), builder_(store.log(), segment->epoch, segment->first) {}

  result<bool> run(const std::function<entry_fate(const wire::stored_entry&)>& decide) {
    auto old_index = store_.index_of(segment_);
    if (!old_index) return fail(std::move(old_index.error()));
    const auto fresh = segment_->path + std::string(unfinished_suffix);
    const auto give_up = [&](result<bool> answer) {
      static_cast<void>(disk_.remove(fresh)); // the next opening removes it too
      return answer;
    };
    const auto size = write(fresh, decide);
    if (!size) return give_up(fail(size.error()));
    // Files of one segment differ in their sizes: by that it is known which one an index belongs to.
    if (*size >= old_.used) return give_up(false);
    builder_.set_cleaned(old_.end);
    if (old_.taken_back) builder_.set_taken_back();
    if (auto done = put_in_place(fresh, std::move(*old_index)); !done) return give_up(fail(done.error()));
    return true;
  }

private:
  /// @returns the file's size
  result<std::uint64_t> write(const std::string& fresh,
                              const std::function<entry_fate(const wire::stored_entry&)>& decide) {
    auto from = store_.open(segment_);
    if (!from) return fail(std::move(from.error()));
    old_file_ = *from;
    if (disk_.exists(fresh))
      if (auto removed = disk_.remove(fresh); !removed) return fail(removed.error());
    auto to = disk_.open(fresh, open_mode::create);
    if (!to) return fail(std::move(to.error()));
    std::uint64_t offset = segment_header_bytes;
    std::uint64_t synced = 0;
    segment_scanner scanner(**from, segment_header_bytes, old_.used, segment_->seed);
    while (scanner.offset() < old_.used) {
      const auto entry = scanner.next();
      if (!entry) return fail(entry.error().within(segment_->path));
      const auto kept = kept_part(*entry, decide(*entry), segment_->seed, offset);
      if (!kept) return fail(kept.error().within(segment_->path));
      if (!*kept) continue;
      const auto& [bytes, facts] = **kept;
      if (auto done = (*to)->write_at(offset, bytes.view()); !done) return fail(done.error());
      builder_.add(facts);
      offset += bytes.size();
      if (offset - synced < limits::clean_sync_bytes) continue;
      if (auto done = (*to)->sync(); !done) return fail(done.error());
      synced = offset;
    }
    std::array<std::byte, segment_header_bytes> head{};
    encode({store_.log(), segment_->epoch, segment_->first, old_.end, offset, false, old_.taken_back}, head);
    if (auto done = (*to)->write_at(0, byte_view(head)); !done) return fail(done.error());
    if (auto done = (*to)->sync(); !done) return fail(done.error());
    return offset;
  }

  /// The new index goes first. A crash between leaves it beside the old file, and its tables, which a file that lacks
  /// entries can't give any more, are right for both.
  result<void> put_in_place(const std::string& fresh, std::shared_ptr<const pinned_index> old_index) {
    const auto folder = parent_directory(segment_->path);
    auto tables = old_index->tables;
    const auto index = std::make_shared<const pinned_index>(pinned_index{builder_.finish(), std::move(tables)});
    store_.will_replace(segment_, old_file_, std::move(old_index));
    const auto encoded = encode_index(index->index, index->tables);
    if (auto done = write_file_durably(disk_, index_path_of(segment_->path), encoded); !done) return done;
    if (auto done = disk_.rename(fresh, segment_->path); !done) return done;
    if (auto done = disk_.sync_directory(folder); !done) return done;
    store_.replace(segment_, builder_.summary(), index);
    return {};
  }

  disk& disk_;
  segment_store& store_;
  const segment_ref& segment_;
  const segment_summary& old_;
  index_builder builder_;
  std::shared_ptr<const file> old_file_;
};

} // namespace

result<bool> clean_segment(disk& on, segment_store& store, const segment_ref& segment,
                           const std::function<entry_fate(const wire::stored_entry&)>& decide) {
  const auto core = store.core_of(segment);
  if (!core) return fail(core.error());
  return cleaning(on, store, segment, (*core)->summary).run(decide);
}

static bool is_needed_empty(const index_core& core, const std::optional<log_position>& needed_from) {
  return core.topics.empty() && needed_from && log_position{core.summary.epoch, core.summary.end} > *needed_from;
}

std::size_t dead_at_front(segment_store& store, const known_starts& starts,
                          const std::vector<segment_facts>& candidates,
                          const std::optional<log_position>& needed_from) {
  const auto stays = std::find_if(candidates.begin(), candidates.end(), [&](const segment_facts& each) {
    const auto core = store.core_of(each.segment);
    return !core || !(*core)->damages.empty() || !each.damages.empty() || live_bytes(**core, starts) > 0 ||
           is_needed_empty(**core, needed_from);
  });
  return static_cast<std::size_t>(stays - candidates.begin());
}

result<void> drop_dead(disk& on, segment_store& store, const known_starts& starts,
                       const std::vector<segment_facts>& candidates, bool only_at_front,
                       const std::optional<log_position>& needed_from) {
  bool may_go = true;
  for (const auto& each : candidates) {
    const auto core = store.core_of(each.segment);
    if (!core || !(*core)->damages.empty() || !each.damages.empty()) {
      may_go = may_go && !only_at_front;
      continue;
    }
    const auto live = live_bytes(**core, starts);
    if (live == 0 && may_go && !is_needed_empty(**core, needed_from)) {
      const auto index = index_path_of(each.segment->path);
      if (on.exists(index))
        if (auto done = on.remove(index); !done) return done;
      store.retire(each.segment);
      continue;
    }
    may_go = may_go && !only_at_front;
    if (live * 2 >= (*core)->summary.used - segment_header_bytes) continue;
    const auto decide = [&](const wire::stored_entry& entry) {
      return is_dead(starts, entry.header) ? entry_fate::drop() : entry_fate::keep();
    };
    if (const auto done = clean_segment(on, store, each.segment, decide); !done) return fail(done.error());
  }
  return {};
}

} // namespace weft::log

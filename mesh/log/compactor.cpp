#include "mesh/log/compactor.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/reached.hpp"
#include "mesh/log/cleaner.hpp"
#include "mesh/log/segment_scanner.hpp"

#include <algorithm>
#include <ranges>

namespace weft::log {

/// What was found in a segment.
struct compactor::segment_look {
  std::unordered_map<std::uint64_t, entry_fate> fates{};    // by the first seq; of entries that don't stay whole
  std::uint64_t read = 0;                                   // bytes
  std::uint64_t gain = 0;                                   // about so many bytes go
  std::unordered_map<topic_id, std::uint64_t> superseded{}; // the same, of each topic
};

namespace {

/// Entries of so many bytes are in memory together; one at least.
constexpr std::uint64_t block_bytes = limits::read_chunk_bytes;

struct listed_entry {
  entry_place place;
  topic_id topic;
};

/// What an entry's bytes come to when only some of its events stay: their data is not packed any more.
std::uint64_t bytes_of_part(const wire::stored_entry& entry, const wire::batch_view& batch, std::size_t data_bytes,
                            std::size_t staying) {
  const auto columns = batch.codec() == wire::codec::none ? 0 : data_bytes;
  const auto whole = std::max<std::uint64_t>(entry.bytes.size(), columns);
  return whole * staying / batch.count();
}

} // namespace

// --- rounds

bool compactor::is_compacted(topic_id topic, const compaction_view& view) const {
  const auto policy = view.policies.find(topic);
  return policy != view.policies.end() && policy->second.compaction && round_.contains(topic);
}

bool compactor::is_due(const std::vector<kept_segment>& closed, const compaction_view& view, mono_time now) {
  const bool looked_long_ago = !last_end_ || now >= *last_end_ + microseconds(limits::compaction_interval);
  for (const auto& [topic, policy] : view.policies) {
    if (!policy.compaction) continue;
    std::uint64_t fresh = 0;
    std::uint64_t rest = 0;
    const auto known = topics_.find(topic);
    for (const auto& segment : closed)
      if (const auto* extent = segment.core->find(topic)) {
        const log_position begin{segment.epoch, segment.core->summary.first};
        (known == topics_.end() || known->second.until <= begin ? fresh : rest) += extent->bytes;
      }
    if (fresh != 0 && (looked_long_ago || fresh * limits::compaction_dirty >= rest)) return true;
    if (rest != 0 && looked_long_ago && superseded_.waits()) return true;
  }
  return false;
}

void compactor::begin_if_due(const std::vector<kept_segment>& closed, const compaction_view& view, mono_time now) {
  if (at_work_) return;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(topics_, [&](const auto& each) {
      const auto policy = view.policies.find(each.first);
      return policy == view.policies.end() || !policy->second.compaction;
    });
  }
  if (!std::exchange(again_, false) && !is_due(closed, view, now)) return;
  round_.clear();
  left_.clear();
  for (const auto& [topic, policy] : view.policies)
    if (policy.compaction) round_.emplace(topic, looked_at{});
  for (const auto& segment : closed) {
    const auto& core = *segment.core;
    if (std::any_of(core.topics.begin(), core.topics.end(),
                    [&](const topic_extent& extent) { return round_.contains(extent.topic); }))
      left_.push_front({segment.epoch, core.summary.first});
  }
  if (left_.empty()) return;
  for (auto& [topic, found] : round_)
    found.until = {left_.front().epoch, left_.front().seq + 1};
  superseded_.begin_round();
  steps_ = 0;
  at_work_ = true;
}

void compactor::end_round(const compaction_view& view, mono_time now) {
  at_work_ = false;
  again_ = superseded_.end_round();
  last_end_ = now;
  const std::lock_guard lock(mutex_);
  for (auto& [topic, found] : round_) {
    const auto before = topics_.find(topic);
    if (before != topics_.end()) found.told.saved += before->second.told.saved;
    found.told.last_round = view.now;
    topics_[topic] = found;
  }
  round_.clear();
}

std::optional<compaction_facts> compactor::facts(topic_id topic) const {
  const std::lock_guard lock(mutex_);
  const auto known = topics_.find(topic);
  return known == topics_.end() ? std::nullopt : std::optional(known->second.told);
}

// --- a segment

std::optional<segment_facts> compactor::find(log_position at) const {
  for (auto& each : store_.all())
    if (each.sealed && each.segment->epoch == at.epoch && each.segment->first == at.seq) return std::move(each);
  return std::nullopt;
}

result<compaction_step> compactor::step(const compaction_view& view, mono_time now) {
  compaction_step done;
  if (left_.empty()) {
    end_round(view, now);
    return done;
  }
  const auto segment = find(left_.front());
  left_.pop_front();
  ++steps_;
  if (!segment) return done; // retention took it
  const auto core = store_.core_of(segment->segment);
  auto found = core && segment->damages.empty() && (*core)->damages.empty()
                   ? look(*segment, **core, view)
                   : result<segment_look>(fail(errc::corrupt, "it is damaged"));
  if (!found) { // what can't be read stays, and is told to who reads it
    superseded_.segment_unknown();
    return done;
  }
  done.moved = found->read;
  if (auto cleaned = clean(*segment, **core, *found, view, done); !cleaned) {
    at_work_ = false;
    left_.clear();
    return fail(std::move(cleaned.error()));
  }
  return done;
}

/// Entry by entry from the last to the first, in blocks that are read forward.
result<compactor::segment_look> compactor::look(const segment_facts& segment, const index_core& core,
                                                const compaction_view& view) {
  std::vector<listed_entry> entries;
  for (const auto& extent : core.topics) {
    if (!is_compacted(extent.topic, view)) {
      if (round_.contains(extent.topic)) superseded_.segment_unknown(); // it was, as the round began
      continue;
    }
    const auto places = store_.places_of(segment.segment, extent);
    if (!places) return fail(places.error());
    for (const auto& place : *places)
      entries.push_back({place, extent.topic});
  }
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.place.offset < b.place.offset; });
  const auto opened = store_.open(segment.segment);
  if (!opened) return fail(opened.error());
  segment_look found;
  std::vector<wire::stored_entry> block;
  for (auto end = entries.size(); end > 0;) {
    auto begin = end - 1;
    while (begin > 0 && entries[end - 1].place.offset - entries[begin - 1].place.offset < block_bytes)
      --begin;
    segment_scanner scanner(**opened, segment_header_bytes, core.summary.used, segment.segment->seed, 64U << 10U);
    block.clear();
    for (auto i = begin; i < end; ++i) {
      scanner.move_to(entries[i].place.offset);
      auto entry = scanner.next();
      if (!entry) return fail(std::move(entry.error()));
      if (entry->header.first_seq != entries[i].place.first || entry->header.topic != entries[i].topic)
        return fail(errc::corrupt, "the index does not fit its segment");
      found.read += entry->bytes.size();
      block.push_back(std::move(*entry));
    }
    for (const auto& entry : block | std::views::reverse)
      if (auto judged = judge(entry, view, found); !judged) return fail(std::move(judged.error()));
    end = begin;
  }
  if (steps_ > limits::page_cached_segments) (*opened)->drop_cache(0, core.summary.used); // cold ones
  return found;
}

/// Event by event from the last to the first.
result<void> compactor::judge(const wire::stored_entry& entry, const compaction_view& view, segment_look& found) {
  const auto& header = entry.header;
  if (is_dead(view.starts, header)) return {};
  const auto& rules = *view.policies.at(header.topic).compaction;
  const auto need = view.needs.find(header.topic);
  const compaction_ages ages{hlc::at(view.now - rules.after), hlc::at(view.now - rules.tombstones),
                             need == view.needs.end() ? std::nullopt : std::optional(need->second.from)};
  const auto batch = wire::batch_view::trusted(entry.body());
  const auto data = batch.unpack();
  if (!data) return fail(data.error());
  std::vector<std::uint16_t> staying;
  for (auto i = batch.count(); i-- > 0;) {
    const auto key = batch.key(i);
    const bool tombstone = !key.empty() && batch.event(i, data->view()).value.empty();
    const log_position at{header.epoch, header.first_seq + batch.place(i)};
    if (!superseded_.goes({header.topic, key, at, header.appended, tombstone}, ages))
      staying.push_back(static_cast<std::uint16_t>(i));
  }
  if (staying.size() == batch.count()) return {};
  std::reverse(staying.begin(), staying.end());
  const auto rest = staying.empty() ? 0 : bytes_of_part(entry, batch, data->size(), staying.size());
  if (rest >= entry.bytes.size()) { // it is packed so well that fewer events would need more
    superseded_.some_stay();
    return {};
  }
  found.gain += entry.bytes.size() - rest;
  found.superseded[header.topic] += entry.bytes.size() - rest;
  found.fates.emplace(header.first_seq.value(),
                      staying.empty() ? entry_fate::drop() : entry_fate::keep_some(std::move(staying)));
  return {};
}

/// Writes the segment anew when that is worth it.
result<void> compactor::clean(const segment_facts& segment, const index_core& core, segment_look& found,
                              const compaction_view& view, compaction_step& step) {
  const auto payload = core.summary.used - segment_header_bytes;
  const auto gain = found.gain + payload - std::min(payload, live_bytes(core, view.starts));
  const bool worth_it =
      found.gain != 0 && !core.summary.taken_back && gain * limits::compaction_gain * superseded_.parts() >= payload;
  auto cleaned = result<bool>(false);
  if (worth_it)
    cleaned = clean_segment(disk_, store_, segment.segment, [&](const wire::stored_entry& entry) {
      if (is_dead(view.starts, entry.header)) return entry_fate::drop();
      const auto fate = found.fates.find(entry.header.first_seq.value());
      return fate == found.fates.end() ? entry_fate::keep() : fate->second;
    });
  superseded_.segment_done(cleaned && *cleaned);
  if (!cleaned && cleaned.error().code() == errc::corrupt) { // of another topic; whoever reads it is told
    superseded_.segment_unknown();
    cleaned = false;
  }
  if (!cleaned) return fail(std::move(cleaned.error()));
  const auto now = find({segment.segment->epoch, segment.segment->first});
  const auto left = now ? store_.core_of(now->segment) : result<std::shared_ptr<const index_core>>(nullptr);
  if (*cleaned) {
    reached("compaction.segment_written");
    step.moved += core.summary.used + (now ? now->summary.used : 0);
  }
  for (const auto& extent : core.topics) {
    const auto round = round_.find(extent.topic);
    const auto* const rest = left && *left ? (*left)->find(extent.topic) : nullptr;
    const auto stays = *cleaned ? (rest == nullptr ? 0 : rest->bytes) : extent.bytes;
    // What lies below a start was no longer counted.
    const bool counted = !is_dead(view.starts, extent.topic, extent.end_offset, {core.summary.epoch, extent.end});
    if (counted && stays < extent.bytes) step.saved.emplace_back(extent.topic, extent.bytes - stays);
    if (round == round_.end() || !counted) continue;
    round->second.told.looked_at += stays;
    round->second.told.saved += extent.bytes - stays;
    if (!*cleaned) round->second.told.superseded += found.superseded[extent.topic];
  }
  return {};
}

} // namespace weft::log

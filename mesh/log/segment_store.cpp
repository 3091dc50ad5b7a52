#include "mesh/log/segment_store.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::log {
namespace {

std::size_t memory_of(const index_core& core) {
  return core.points.size() * sizeof(index_point) + core.topics.size() * sizeof(topic_extent);
}

} // namespace

// --- the writer's and the keeper's

/// At its place: an epoch that was closed may grow below a later one.
segment_store::items::iterator segment_store::insert(item added) {
  const log_position at{added.segment->epoch, added.segment->first};
  const auto after = std::upper_bound(items_.begin(), items_.end(), at, [](log_position value, const item& i) {
    return value < log_position{i.segment->epoch, i.segment->first};
  });
  return items_.insert(after, std::move(added));
}

segment_store::item& segment_store::active_item(const segment_ref& segment) {
  const auto place = find(segment);
  WEFT_ASSERT(place != items_.end() && place->state == item::active);
  return *place;
}

void segment_store::add_sealed(const std::string& path, const segment_summary& summary,
                               std::vector<damage_range> damages, std::shared_ptr<const pinned_index> pinned) {
  const std::lock_guard lock(mutex_);
  item added;
  added.segment = std::make_shared<const log_segment>(summary.epoch, summary.first, path, log_);
  added.summary = summary;
  added.damages = std::move(damages);
  added.pinned = std::move(pinned);
  insert(std::move(added));
}

segment_ref segment_store::add_active(const std::string& path, weft::epoch epoch, seq first) {
  const std::lock_guard lock(mutex_);
  item added;
  added.segment = std::make_shared<const log_segment>(epoch, first, path, log_);
  added.summary.log = log_;
  added.summary.epoch = epoch;
  added.summary.first = added.summary.end = first;
  added.state = item::active;
  return insert(std::move(added))->segment;
}

void segment_store::extend(const segment_ref& active, const segment_summary& synced,
                           const std::vector<index_point>& points) {
  const std::lock_guard lock(mutex_);
  auto& grown = active_item(active);
  grown.summary = synced;
  grown.points.insert(grown.points.end(), points.begin() + static_cast<std::ptrdiff_t>(grown.points.size()),
                      points.end());
}

void segment_store::close_active(const segment_ref& active) {
  const std::lock_guard lock(mutex_);
  active_item(active).state = item::closed;
}

void segment_store::drop_active(const segment_ref& active) {
  const std::lock_guard lock(mutex_);
  WEFT_ASSERT(active_item(active).summary.entries == 0);
  files_.forget(active);
  items_.erase(find(active));
}

void segment_store::seal(const segment_ref& segment, std::shared_ptr<const pinned_index> index) {
  const std::lock_guard lock(mutex_);
  const auto place = find(segment);
  WEFT_ASSERT(place != items_.end() && place->state == item::closed);
  place->pinned = std::move(index);
  place->points = {};
  place->state = item::sealed;
}

std::vector<std::pair<segment_ref, std::shared_ptr<const pinned_index>>> segment_store::unsaved() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<segment_ref, std::shared_ptr<const pinned_index>>> found;
  for (const auto& candidate : items_)
    if (candidate.pinned) found.emplace_back(candidate.segment, candidate.pinned);
  return found;
}

void segment_store::index_saved(const segment_ref& segment) {
  const std::lock_guard lock(mutex_);
  if (const auto place = find(segment); place != items_.end()) place->pinned.reset();
}

void segment_store::retire(const segment_ref& segment) {
  const std::lock_guard lock(mutex_);
  const auto place = find(segment);
  WEFT_ASSERT(place != items_.end() && place->state == item::sealed);
  std::erase_if(cores_, [&](const loaded& l) {
    if (l.segment == segment) core_bytes_ -= l.bytes;
    return l.segment == segment;
  });
  retired_.push_back(std::move(place->segment));
  items_.erase(place);
  files_.forget(retired_.back());
}

std::optional<std::string> segment_store::released() const {
  const std::lock_guard lock(mutex_);
  if (retired_.empty() || retired_.front().use_count() > 1) return std::nullopt;
  return retired_.front()->path;
}

void segment_store::forget_released() {
  const std::lock_guard lock(mutex_);
  WEFT_ASSERT(!retired_.empty());
  retired_.pop_front();
}

void segment_store::will_replace(const segment_ref& segment, std::shared_ptr<const file> old,
                                 std::shared_ptr<const pinned_index> index) {
  const std::lock_guard lock(mutex_);
  segment->own_file_ = std::move(old);
  if (const auto place = find(segment); index && place != items_.end()) place->pinned = std::move(index);
}

void segment_store::replace(const segment_ref& segment, const segment_summary& summary,
                            std::shared_ptr<const pinned_index> index) {
  const std::lock_guard lock(mutex_);
  const auto place = find(segment);
  WEFT_ASSERT(place != items_.end() && place->state == item::sealed);
  std::erase_if(cores_, [&](const loaded& l) {
    if (l.segment == segment) core_bytes_ -= l.bytes;
    return l.segment == segment;
  });
  item cleaned;
  // Another object: readers of the old one go on with the file that they have open.
  cleaned.segment = std::make_shared<const log_segment>(segment->epoch, segment->first, segment->path, log_);
  cleaned.summary = summary;
  cleaned.damages = index->index.core.damages;
  cleaned.pinned = std::move(index);
  files_.forget(segment);
  *place = std::move(cleaned);
}

// --- readers'

segment_store::items::iterator segment_store::find(const segment_ref& segment) {
  return std::find_if(items_.begin(), items_.end(), [&](const item& i) { return i.segment == segment; });
}
segment_store::items::const_iterator segment_store::find(const segment_ref& segment) const {
  return std::find_if(items_.begin(), items_.end(), [&](const item& i) { return i.segment == segment; });
}

/// The last segment that begins at or before the position.
segment_store::items::const_iterator segment_store::holder_of(log_position at) const {
  const auto after = std::upper_bound(items_.begin(), items_.end(), at, [](log_position value, const item& i) {
    return value < log_position{i.segment->epoch, i.segment->first};
  });
  return after == items_.begin() ? items_.end() : std::prev(after);
}

result<segment_view> segment_store::view_at(log_position from, log_position head) const {
  if (from == head) return fail(errc::end_of_log, fmt::format("nothing at {} yet", to_string(from)));
  const std::lock_guard lock(mutex_);
  const auto found = [&](const item& in) {
    auto view = view_of(in, from.seq);
    if (in.segment->epoch == head.epoch) view.end = std::min(view.end, head.seq); // it may have grown since
    return view;
  };
  const auto holder = holder_of(from);
  const bool same_epoch = holder != items_.end() && holder->segment->epoch == from.epoch;
  if (same_epoch && from.seq < holder->summary.end) return found(*holder);
  if (from.epoch >= head.epoch || (same_epoch && from.seq > holder->summary.end)) return nowhere(from, head);
  // At the end of what the epoch has: it goes on in the next segment, of this epoch or a later one.
  const auto next = filled_from(holder == items_.end() ? items_.begin() : std::next(holder));
  const auto begin = next == items_.end() ? head : log_position{next->segment->epoch, next->segment->first};
  if (begin.seq == from.seq && begin != head) return found(*next);
  if (begin.seq == from.seq) return fail(errc::end_of_log, fmt::format("nothing at {} yet", to_string(from)));
  if (same_epoch && begin.epoch != from.epoch && begin.seq < from.seq)
    return fail(errc::epoch_ended,
                fmt::format("{} is where its epoch ends, the next begins at {}", to_string(from), to_string(begin)));
  return nowhere(from, head);
}

segment_store::items::const_iterator segment_store::filled_from(items::const_iterator place) const {
  return std::find_if(place, items_.end(), [](const item& i) { return i.segment->first < i.summary.end; });
}

log_position segment_store::next_begin(log_position from, log_position head) const {
  const std::lock_guard lock(mutex_);
  const auto holder = holder_of(from);
  const auto next = filled_from(holder == items_.end() ? items_.begin() : std::next(holder));
  return next == items_.end() ? head : log_position{next->segment->epoch, next->segment->first};
}

hlc segment_store::time_at(log_position at, hlc time, hlc head_time) const {
  const std::lock_guard lock(mutex_);
  if (std::none_of(items_.begin(), items_.end(), [](const item& i) { return i.summary.taken_back; })) return time;
  time = std::min(time, head_time);
  for (const auto& each : items_)
    if (at.epoch < each.segment->epoch && each.summary.entries != 0)
      time = std::min(time, hlc{each.summary.first_at.value() - 1});
  return time;
}

tl::unexpected<error> segment_store::nowhere(log_position from, log_position head) const {
  const auto first = begin_locked(head);
  if (from < first)
    return fail(errc::log_start, fmt::format("{} lies below the log's begin {}", to_string(from), to_string(first)));
  return fail(errc::out_of_range, fmt::format("the log has no {}; it goes from {} to {}", to_string(from),
                                              to_string(first), to_string(head)));
}

log_position segment_store::go_on_at(log_position from, log_position head) const {
  if (from.epoch >= head.epoch) return from;
  const std::lock_guard lock(mutex_);
  auto next = head;
  for (const auto& each : items_) {
    const auto epoch = each.segment->epoch;
    if (epoch == from.epoch && from.seq < each.summary.end) return from;
    if (epoch <= from.epoch || each.summary.end == each.segment->first) continue;
    next = {epoch, each.segment->first};
    break;
  }
  return next.seq <= from.seq ? next : from; // else something lies between them
}

segment_view segment_store::view_of(const item& of, seq from) const {
  segment_view view;
  view.segment = of.segment;
  view.from = from;
  view.end = of.summary.end;
  view.used = of.summary.used;
  view.sealed = of.state == item::sealed;
  view.cleaned = of.summary.cleaned;
  view.near = {of.segment->first, segment_header_bytes, of.summary.first_at};
  const auto after = std::upper_bound(of.points.begin(), of.points.end(), from,
                                      [](seq value, const index_point& point) { return value < point.first; });
  if (after != of.points.begin()) view.near = *std::prev(after);
  for (const auto& damage : of.damages) {
    if (damage.until > from) {
      view.damage = damage;
      break;
    }
    if (damage.end_offset > view.near.offset) view.near = {damage.until, damage.end_offset, {}};
  }
  return view;
}

log_position segment_store::begin(log_position head) const {
  const std::lock_guard lock(mutex_);
  return begin_locked(head);
}

log_position segment_store::begin_locked(log_position head) const {
  if (items_.empty()) return head;
  return {items_.front().segment->epoch, items_.front().segment->first};
}

std::vector<segment_facts> segment_store::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<segment_facts> facts;
  facts.reserve(items_.size());
  for (const auto& each : items_)
    facts.push_back({each.segment, each.summary, each.state == item::sealed, each.damages});
  return facts;
}

std::optional<segment_facts> segment_store::facts_of(const segment_ref& segment) const {
  const std::lock_guard lock(mutex_);
  const auto place = find(segment);
  if (place == items_.end()) return std::nullopt;
  return segment_facts{segment, place->summary, place->state == item::sealed, place->damages};
}

std::uint64_t segment_store::bytes() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t sum = 0;
  for (const auto& each : items_)
    sum += each.summary.used;
  return sum;
}

std::shared_ptr<const pinned_index> segment_store::pinned_of(const segment_ref& segment) const {
  const auto place = find(segment);
  return place == items_.end() ? nullptr : place->pinned;
}

namespace {

/// What was read may be another's: nobody may go by it.
tl::unexpected<error> replaced_meanwhile(const segment_ref& segment) {
  return fail(errc::not_found, fmt::format("{}: the segment went while its index was read", segment->path));
}

} // namespace

result<std::shared_ptr<const index_core>> segment_store::core_of(const segment_ref& segment) const {
  {
    const std::lock_guard lock(mutex_);
    if (auto pinned = pinned_of(segment)) return std::shared_ptr<const index_core>(pinned, &pinned->index.core);
    const auto known =
        std::find_if(cores_.begin(), cores_.end(), [&](const loaded& l) { return l.segment == segment; });
    if (known != cores_.end()) {
      std::rotate(known, std::next(known), cores_.end());
      return cores_.back().core;
    }
  }
  const auto index = index_file::open(disk_, index_path_of(segment->path), log_, segment->epoch, segment->first);
  if (!index) return fail(index.error());
  auto core = index->core();
  if (!core) return fail(std::move(core.error()));
  const auto shared = std::make_shared<const index_core>(std::move(*core));
  const std::lock_guard lock(mutex_);
  if (find(segment) == items_.end()) return replaced_meanwhile(segment);
  if (auto pinned = pinned_of(segment)) return std::shared_ptr<const index_core>(pinned, &pinned->index.core);
  cores_.push_back({segment, shared, memory_of(*shared)});
  core_bytes_ += cores_.back().bytes;
  while (core_bytes_ > limits::index_cache_bytes && cores_.size() > 1) {
    core_bytes_ -= cores_.front().bytes;
    cores_.erase(cores_.begin());
  }
  return shared;
}

result<std::shared_ptr<const pinned_index>> segment_store::index_of(const segment_ref& segment) const {
  {
    const std::lock_guard lock(mutex_);
    if (auto pinned = pinned_of(segment)) return pinned;
  }
  const auto index = index_file::open(disk_, index_path_of(segment->path), log_, segment->epoch, segment->first);
  if (!index) return fail(index.error());
  auto core = index->core();
  if (!core) return fail(std::move(core.error()));
  auto lists = index->lists();
  if (!lists) return fail(std::move(lists.error()));
  auto tables = index->tables();
  if (!tables) return fail(std::move(tables.error()));
  return std::make_shared<const pinned_index>(pinned_index{{std::move(*core), std::move(*lists)}, std::move(*tables)});
}

result<index_tables> segment_store::tables_of(const segment_ref& segment) const {
  {
    const std::lock_guard lock(mutex_);
    if (const auto pinned = pinned_of(segment)) return pinned->tables;
  }
  const auto index = index_file::open(disk_, index_path_of(segment->path), log_, segment->epoch, segment->first);
  if (!index) return fail(index.error());
  return index->tables();
}

result<std::vector<entry_place>> segment_store::places_of(const segment_ref& segment, const topic_extent& of) const {
  std::shared_ptr<const pinned_index> pinned;
  {
    const std::lock_guard lock(mutex_);
    pinned = pinned_of(segment);
  }
  if (pinned) return pinned->index.places(of);
  const auto index = index_file::open(disk_, index_path_of(segment->path), log_, segment->epoch, segment->first);
  if (!index) return fail(index.error());
  auto places = index->places(of);
  const std::lock_guard lock(mutex_);
  if (find(segment) == items_.end()) return replaced_meanwhile(segment);
  if (pinned = pinned_of(segment); pinned) return pinned->index.places(of);
  return places;
}

result<std::shared_ptr<const file>> segment_store::open(const segment_ref& segment) const {
  if (auto own = own_file_of(segment)) return own;
  auto opened = files_.open(segment, segment->path);
  if (auto own = own_file_of(segment)) { // what was opened may be the new one
    files_.forget(segment);
    return own;
  }
  return opened;
}

std::shared_ptr<const file> segment_store::own_file_of(const segment_ref& segment) const {
  const std::lock_guard lock(mutex_);
  return segment->own_file_;
}

index_point segment_store::before_time(const segment_ref& segment, hlc at) const {
  const auto nearest = [&](const std::vector<index_point>& points) {
    const auto after = std::lower_bound(points.begin(), points.end(), at,
                                        [](const index_point& point, hlc value) { return point.at < value; });
    return after == points.begin() ? index_point{segment->first, segment_header_bytes, {}} : *std::prev(after);
  };
  {
    const std::lock_guard lock(mutex_);
    if (const auto place = find(segment); place != items_.end() && place->state != item::sealed)
      return nearest(place->points);
  }
  const auto core = core_of(segment);
  return nearest(core ? (*core)->points : std::vector<index_point>{});
}

void segment_store::note_damage(const segment_ref& segment, const damage_range& damage) {
  const std::lock_guard lock(mutex_);
  const auto place = find(segment);
  if (place == items_.end()) return;
  auto& damages = place->damages;
  const auto after = std::find_if(damages.begin(), damages.end(),
                                  [&](const damage_range& known) { return known.from >= damage.from; });
  if (after == damages.end() || after->from != damage.from) {
    damages.insert(after, damage);
  } else if (after->until < damage.until) {
    *after = damage; // it has grown
  }
}

std::vector<damage> segment_store::damaged() const {
  const std::lock_guard lock(mutex_);
  std::vector<damage> found;
  for (const auto& each : items_)
    for (const auto& range : each.damages)
      found.push_back({each.segment->path, range.offset, each.segment->epoch, range.from, range.until, range.what});
  return found;
}

} // namespace weft::log

#include "mesh/log/copy_state.hpp"

#include <algorithm>
#include <set>

namespace weft::log {

void copy_state::apply(const copy_change& change) {
  if (const auto* const segment = std::get_if<copy_segment>(&change)) {
    segments[{segment->epoch, segment->first}] = *segment;
    return;
  }
  const auto& had = std::get<copy_had>(change);
  for (auto& part : parts)
    if (!had.part || *had.part == part.id) part.had[had.epoch].add(had.from, had.until);
  auto& time = times[had.epoch];
  time = std::max(time, had.time);
}

void copy_state::join_parts() {
  std::vector<copy_part> joined;
  for (auto& part : parts) {
    std::erase_if(part.had, [](const auto& each) { return each.second.ranges().empty(); });
    if (part.topics.empty() && parts.size() > 1) continue;
    const auto same = std::find_if(joined.begin(), joined.end(), [&](const auto& p) { return p.had == part.had; });
    if (same == joined.end()) {
      joined.push_back(std::move(part));
      continue;
    }
    same->id = next_part++;
    same->topics.insert(same->topics.end(), part.topics.begin(), part.topics.end());
    std::sort(same->topics.begin(), same->topics.end());
  }
  parts = std::move(joined);
}

std::optional<seq> copy_state::covered_until(log_position at,
                                             const std::function<bool(std::string_view)>& wants) const {
  std::optional<seq> least, most;
  for (const auto& part : parts) {
    if (wants && std::none_of(part.topics.begin(), part.topics.end(), wants)) continue;
    const auto of_epoch = part.had.find(at.epoch);
    const auto until = of_epoch == part.had.end() ? std::nullopt : of_epoch->second.until(at.seq);
    if (!until && wants) return std::nullopt;
    if (!until) continue;
    least = std::min(least.value_or(*until), *until);
    most = std::max(most.value_or(*until), *until);
  }
  return wants ? least : most;
}

bool copy_state::ends_at(log_position at, const std::function<bool(std::string_view)>& wants) const {
  bool some = false;
  for (const auto& part : parts) {
    if (wants && std::none_of(part.topics.begin(), part.topics.end(), wants)) continue;
    const auto had = part.had.find(at.epoch);
    const bool has = had != part.had.end() && !had->second.ranges().empty();
    const auto until = has ? had->second.ranges().back().until : seq{};
    if (wants ? !has || until != at.seq : until > at.seq) return false;
    some = some || (has && until == at.seq);
  }
  return some;
}

log_position copy_state::go_on_at(log_position from) const {
  std::optional<log_position> next;
  for (const auto& part : parts)
    for (const auto& [epoch, had] : part.had) {
      if (epoch < from.epoch || had.ranges().empty()) continue;
      if (epoch == from.epoch && from.seq < had.ranges().back().until) return from;
      const log_position begin{epoch, had.ranges().front().from};
      if (epoch > from.epoch && (!next || begin < *next)) next = begin;
    }
  return next && next->seq <= from.seq ? *next : from;
}

std::vector<epoch_range> copy_state::missing_in(std::size_t part) const {
  std::map<weft::epoch, epoch_range> whole;
  for (const auto& each : parts)
    for (const auto& [epoch, had] : each.had) {
      if (had.ranges().empty()) continue;
      const epoch_range range{epoch, had.ranges().front().from, had.ranges().back().until};
      auto& known = whole.try_emplace(epoch, range).first->second;
      known = {epoch, std::min(known.from, range.from), std::max(known.until, range.until)};
    }
  for (auto each = whole.begin(); each != whole.end() && std::next(each) != whole.end(); ++each)
    each->second.until = std::max(each->second.until, std::next(each)->second.from);
  std::vector<epoch_range> missing;
  for (const auto& [epoch, range] : whole) {
    const auto own = parts[part].had.find(epoch);
    if (own == parts[part].had.end()) {
      missing.push_back(range);
      continue;
    }
    for (const auto& hole : own->second.missing(range.from, range.until))
      missing.push_back({epoch, hole.from, hole.until});
  }
  return missing;
}

log_position copy_state::begin() const {
  std::optional<log_position> begin;
  for (const auto& part : parts)
    for (const auto& [epoch, had] : part.had)
      if (const log_position at{epoch, had.ranges().empty() ? seq{} : had.ranges().front().from};
          !had.ranges().empty() && (!begin || at < *begin))
        begin = at;
  return begin.value_or(log_position{});
}

log_position copy_state::end() const {
  log_position end;
  for (const auto& part : parts)
    for (const auto& [epoch, had] : part.had)
      if (!had.ranges().empty()) end = std::max(end, {epoch, had.ranges().back().until});
  return end;
}

std::size_t copy_state::ranges() const {
  std::size_t count = 0;
  for (const auto& part : parts)
    for (const auto& [epoch, had] : part.had)
      count += had.ranges().size();
  return count;
}

scan_request scan_request_of(const copy_segment& segment, const log_id& log) {
  scan_request request;
  request.log = log;
  request.epoch = segment.epoch;
  request.first = segment.first;
  request.until = request.cleaned_until = segment.end;
  request.cleaned = true;
  request.cleaned_bytes = segment.used;
  return request;
}

} // namespace weft::log

#include "sdk/src/service/state_feed.hpp"

#include "mesh/base/limits.hpp"

#include <utility>

namespace weft::detail {

state_feed::state_feed(publisher who, state_store::producer whose, state_place place)
    : who_(std::move(who)), whose_(whose), place_(std::move(place)) {}

result<void> state_feed::find_slices(const state_store& in) {
  const auto keep = [this](const std::string& name, std::size_t bytes) {
    if (const auto slices = state_batches::slices_of(name, bytes); slices > 1) slices_.insert_or_assign(name, slices);
  };
  return in.large_items(
      limits::state_slice_bytes - limits::state_key_bytes_max,
      [&](const state_key& row, std::size_t bytes) { keep(name_of(row), bytes); },
      [&](const timer_id& timer, std::size_t bytes) { keep(name_of(timer), bytes); });
}

state_batches state_feed::batches(wall_time now) const {
  return {place_.topic, whose_.id, whose_.next, place_.at, now};
}

state_mark state_feed::mark(bool whole, std::uint32_t parts) const {
  return {who_.service, who_.home, who_.member, place_.at, place_.since, whole, parts};
}

std::vector<shared_bytes> state_feed::sealed(state_batches& from, wall_time now) {
  auto all = from.take();
  whose_.next = from.next_sequence();
  whose_.used = now;
  return all;
}

void state_feed::add(state_batches& to, const state_item& item) {
  const auto known = slices_.find(item.name);
  const auto before = known == slices_.end() ? 1 : known->second;
  const auto value = item.value ? std::optional<std::string_view>(*item.value) : std::nullopt;
  const auto now = to.add(item.name, value, before);
  if (now > 1)
    slices_.insert_or_assign(item.name, now);
  else if (before > 1)
    slices_.erase(known);
}

state_feed::published state_feed::step(const state_changes& changes, const std::vector<handled_places::piece>& handled,
                                       const timer_changes& timers, wall_time now) {
  ++place_.at.number;
  std::vector<state_item> items;
  for (const auto& [at, value] : changes)
    items.push_back({name_of(at), value});
  for (const auto& piece : handled)
    items.push_back({name_of(piece), std::string(as_text(piece.bytes))});
  for (const auto& [of, row] : timers)
    items.push_back({name_of(of), row ? std::optional(value_of(*row)) : std::nullopt});

  const auto slices_before = slices_;
  auto one = batches(now);
  for (const auto& item : items)
    if (one.is_one()) add(one, item);
  if (one.is_one()) {
    one.add(mark(true, 0));
    auto all = sealed(one, now);
    return {std::move(all), place_, whose_};
  }
  slices_ = slices_before;
  auto several = batches(now);
  const auto bytes = join_items(items);
  std::uint32_t parts = 0;
  for (std::size_t at = 0; at < bytes.size(); at += limits::state_slice_bytes)
    several.add_part(parts++, std::string_view(bytes).substr(at, limits::state_slice_bytes));
  several.seal();
  several.add(mark(true, parts));
  several.seal();
  for (const auto& item : items)
    add(several, item);
  for (std::uint32_t i = 0; i < parts; ++i)
    several.drop_part(i);
  auto all = sealed(several, now);
  return {std::move(all), place_, whose_};
}

std::vector<shared_bytes> state_feed::begin_all(wall_time now) {
  ++place_.at.number;
  place_.since = place_.at;
  slices_.clear(); // what was there before is not part of it
  auto first = batches(now);
  first.add(mark(false, 0));
  return sealed(first, now);
}

std::vector<shared_bytes> state_feed::some(const std::vector<state_item>& items, wall_time now) {
  auto next = batches(now);
  for (const auto& item : items)
    add(next, item);
  return sealed(next, now);
}

state_feed::published state_feed::end_all(wall_time now) {
  auto last = batches(now);
  last.add(mark(true, 0));
  auto all = sealed(last, now);
  return {std::move(all), place_, whose_};
}

} // namespace weft::detail

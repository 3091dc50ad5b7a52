#include "mesh/membership/passive_view.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/reached.hpp"

#include <algorithm>

namespace weft::membership {

bool passive_view::learn(const node_id& id) {
  const auto at = std::lower_bound(known_.begin(), known_.end(), id);
  if (at != known_.end() && *at == id) return false;
  known_.insert(at, id);
  return true;
}

void passive_view::forget(const node_id& id) {
  const auto at = std::lower_bound(known_.begin(), known_.end(), id);
  if (at != known_.end() && *at == id) known_.erase(at);
  remove(id);
  std::erase(invited_, id);
}

bool passive_view::knows(const node_id& id) const { return std::binary_search(known_.begin(), known_.end(), id); }

void passive_view::put(const node_id& id, const std::optional<node_id>& source, random_source& random) {
  if (!knows(id) || contains(id)) return;
  const auto its =
      source ? std::count_if(view_.begin(), view_.end(), [&](const entry& e) { return e.source == source; }) : 0;
  if (static_cast<std::size_t>(its) >= limits::passive_per_source_max) {
    reached("passive_view.source_is_full");
    auto nth = static_cast<std::ptrdiff_t>(random.below(static_cast<std::uint64_t>(its)));
    for (auto& e : view_)
      if (e.source == source && nth-- == 0) e.id = id;
  } else if (view_.size() < limits::passive_view_max) {
    view_.push_back({id, source});
  } else {
    view_[random.below(view_.size())] = {id, source};
  }
}

void passive_view::remove(const node_id& id) {
  std::erase_if(view_, [&](const entry& e) { return e.id == id; });
}

bool passive_view::contains(const node_id& id) const {
  return std::any_of(view_.begin(), view_.end(), [&](const entry& e) { return e.id == id; });
}

void passive_view::invite(const node_id& id) {
  if (std::find(invited_.begin(), invited_.end(), id) != invited_.end()) return;
  if (invited_.size() == limits::invited_max) invited_.erase(invited_.begin());
  invited_.push_back(id);
}

bool passive_view::take_invited(const node_id& id) { return std::erase(invited_, id) != 0; }

std::optional<node_id> passive_view::pick(const std::function<bool(const node_id&)>& may, random_source& random) const {
  std::vector<node_id> possible;
  for (const auto& e : view_)
    if (may(e.id)) possible.push_back(e.id);
  if (!possible.empty()) return possible[random.below(possible.size())];
  if (known_.size() <= limits::passive_view_max) { // few: none is overlooked
    std::copy_if(known_.begin(), known_.end(), std::back_inserter(possible), may);
    if (possible.empty()) return std::nullopt;
    return possible[random.below(possible.size())];
  }
  for (std::size_t i = 0; i < limits::passive_view_max; ++i)
    if (const auto& id = known_[random.below(known_.size())]; may(id)) return id;
  return std::nullopt;
}

std::vector<node_id> passive_view::sample(std::size_t count, random_source& random) const {
  std::vector<node_id> all;
  all.reserve(view_.size());
  for (const auto& e : view_)
    all.push_back(e.id);
  std::shuffle(all.begin(), all.end(), random);
  all.resize(std::min(count, all.size()));
  return all;
}

} // namespace weft::membership

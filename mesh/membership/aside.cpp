#include "mesh/membership/aside.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/reached.hpp"

#include <algorithm>

namespace weft::membership {

bool aside::keep(const node_id& awaited, const wire::item& item, const node_id& from, mono_time now) {
  if (const auto found = items_.find(awaited);
      found != items_.end() &&
      std::any_of(found->second.begin(), found->second.end(), [&](const waiting& w) { return w.item == item; }))
    return true;
  auto& of_sender = senders_[from];
  if (size_ >= limits::aside_items_max || of_sender >= limits::aside_items_sender_max) {
    reached("aside.full");
    if (of_sender == 0) senders_.erase(from);
    return false;
  }
  items_[awaited].push_back({item, from, now});
  ++of_sender;
  ++size_;
  return true;
}

std::vector<aside::waiting> aside::release(const node_id& awaited) {
  auto node = items_.extract(awaited);
  if (node.empty()) return {};
  for (const auto& one : node.mapped())
    forget(one.from);
  return std::move(node.mapped());
}

void aside::tick(mono_time now) {
  for (auto at = items_.begin(); at != items_.end();) {
    std::erase_if(at->second, [&](const waiting& one) {
      if (now - one.since < limits::aside_kept) return false;
      forget(one.from);
      return true;
    });
    at = at->second.empty() ? items_.erase(at) : std::next(at);
  }
}

void aside::forget(const node_id& from) {
  --size_;
  const auto found = senders_.find(from);
  if (--found->second == 0) senders_.erase(found);
}

} // namespace weft::membership

#include "sdk/src/service/timer_view.hpp"

#include <iterator>
#include <utility>

namespace weft::detail {

result<std::optional<timer_row>> timer_view::find(const timer_id& of) const {
  for (const auto* const changes : changes_)
    if (const auto found = changes->find(of); found != changes->end()) return found->second;
  return on_disk_.timer(of);
}

bool timer_view::is_there(const timer_id& of) const {
  for (const auto* const changes : changes_)
    if (const auto found = changes->find(of); found != changes->end()) return found->second.has_value();
  return true;
}

/// What a step has taken away is passed over, which is what has ended of one line of errands.
result<std::optional<std::string>> timer_view::first_key(std::string_view name, std::string from,
                                                         std::string_view until) const {
  for (;;) {
    auto first = on_disk_.first_key(name, from, until);
    if (!first) return first;
    for (const auto* const changes : changes_) {
      const auto at = changes->lower_bound({std::string(name), from});
      if (at == changes->end() || at->first.name != name || at->first.key >= until) continue;
      if (!*first || at->first.key < **first) *first = at->first.key;
    }
    if (!*first) return first;
    if (is_there({std::string(name), **first})) return first;
    from = **first + '\0';
  }
}

result<std::optional<std::string>> timer_view::last_key(std::string_view name, std::string_view from,
                                                        std::string until) const {
  for (;;) {
    auto last = on_disk_.last_key(name, from, until);
    if (!last) return last;
    for (const auto* const changes : changes_) {
      const auto behind = changes->lower_bound({std::string(name), until});
      if (behind == changes->begin()) continue;
      const auto& id = std::prev(behind)->first;
      if (id.name != name || id.key < from) continue;
      if (!*last || id.key > **last) *last = id.key;
    }
    if (!*last) return last;
    if (is_there({std::string(name), **last})) return last;
    until = **std::move(last);
  }
}

} // namespace weft::detail

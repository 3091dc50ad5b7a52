#include "weft/event.hpp"

#include "mesh/wire/batch_view.hpp"

namespace weft {

std::optional<std::string_view> header_list::find(std::string_view name) const noexcept {
  return wire::header_view{encoded_}.find(name);
}

std::vector<header> header_list::all() const {
  std::vector<header> found;
  wire::header_view left{encoded_};
  while (const auto next = left.next())
    found.push_back({next->name, next->value});
  return found;
}

} // namespace weft

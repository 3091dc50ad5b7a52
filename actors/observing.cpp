#include "actors/observing.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace weft::actors {

result<void> may_change(const node_services& services, std::string_view what) {
  if (!services.roles.has(security::role::observer)) return {};
  return fail(errc::denied, fmt::format("node {} has an observer's certificate: it reads and asks, but can't {}; do it "
                                        "at another node",
                                        services.facts.name, what));
}

bool only_reads(std::string_view question) noexcept {
  constexpr std::string_view of_all = "mesh.";
  if (question.starts_with(of_all)) question.remove_prefix(of_all.size());
  static constexpr std::array<std::string_view, 8> whole{"nodes",  "links", "route",  "flows",
                                                         "copies", "lag",   "status", "leave"};
  static constexpr std::array<std::string_view, 4> verbs{".list", ".describe", ".parked", ".show"};
  return std::ranges::find(whole, question) != whole.end() ||
         std::ranges::any_of(verbs, [&](auto verb) { return question.ends_with(verb); });
}

} // namespace weft::actors

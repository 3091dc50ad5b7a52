#include "mesh/routing/silence_watch.hpp"

#include "mesh/base/reached.hpp"

#include <algorithm>
#include <utility>

namespace weft::routing {
namespace {

std::size_t ticks_of_patience(std::size_t nodes) {
  constexpr std::size_t to_open = limits::leg_opens_within / limits::run_heartbeat;
  constexpr std::size_t first = limits::leg_silent_after / limits::run_heartbeat;
  constexpr std::size_t each = limits::leg_silent_more / limits::run_heartbeat;
  return nodes == 0 ? to_open : first + each * (std::min(nodes, limits::path_nodes_max) - 1);
}

} // namespace

void silence_watch::opened(std::uint64_t leg, std::size_t nodes) {
  if (const auto found = legs_.find(leg); found != legs_.end())
    found->second = {std::max<std::size_t>(nodes, 1), 0, 0, bytes_};
}

void silence_watch::heard(std::uint64_t leg, std::size_t bytes) {
  bytes_ += bytes;
  if (const auto found = legs_.find(leg); found != legs_.end()) found->second = {found->second.nodes, 0, 0, bytes_};
}

std::vector<std::uint64_t> silence_watch::tick() {
  const bool quiet = bytes_ - std::exchange(ticked_at_, bytes_) < limits::leg_busy_bytes;
  std::vector<std::uint64_t> silent;
  for (auto& [leg, one] : legs_) {
    const auto patience = ticks_of_patience(one.nodes);
    ++one.ticks;
    if (quiet) ++one.quiet;
    const bool overtaken = one.ticks > patience && bytes_ - one.heard_at > limits::leg_silent_bytes;
    if (overtaken) reached("routing.silent_though_the_link_is_busy");
    if (overtaken || one.quiet > patience) silent.push_back(leg);
  }
  for (const auto leg : silent)
    legs_.erase(leg);
  return silent;
}

} // namespace weft::routing

// mesh/node/service_board.hpp: the services that run in programs of this node, as those tell of them.
#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace weft::node {

/// How well a service is, from best to worst; words are as in a row of telemetry (mesh/telemetry/telemetry.fbs).
enum class service_state : std::uint8_t { running, waiting, starting, stopping, failed };

struct told_service {
  std::string name;
  service_state state = service_state::running;
  std::string why; ///< it is not running
  std::uint32_t in_flight = 0, restarts = 0;
  std::uint64_t handled = 0, failed = 0;
  friend bool operator==(const told_service&, const told_service&) = default;
};

/// What each program told last. It is known by its link, and what it told goes with that.
/// @thread any
class service_board {
public:
  /// @param by  the program's link; only told apart from others
  void tell(const void* by, std::vector<told_service> services) {
    const std::lock_guard lock(mutex_);
    if (services.empty())
      told_.erase(by);
    else
      told_.insert_or_assign(by, std::move(services));
  }
  void forget(const void* by) { tell(by, {}); }
  /// By name. One that runs in several programs is as the worst of them, and its figures are their sums.
  [[nodiscard]] std::vector<told_service> all() const {
    const std::lock_guard lock(mutex_);
    std::map<std::string, told_service> by_name;
    for (const auto& [program, services] : told_)
      for (const auto& one : services) {
        const auto [at, is_first] = by_name.try_emplace(one.name, one);
        if (!is_first) add(one, at->second);
      }
    std::vector<told_service> sum;
    sum.reserve(by_name.size());
    for (auto& [name, one] : by_name)
      sum.push_back(std::move(one));
    return sum;
  }

private:
  static void add(const told_service& one, told_service& to) {
    if (one.state > to.state) {
      to.state = one.state;
      to.why = one.why;
    }
    to.in_flight += one.in_flight;
    to.restarts += one.restarts;
    to.handled += one.handled;
    to.failed += one.failed;
  }

  mutable std::mutex mutex_;
  std::map<const void*, std::vector<told_service>> told_;
};

} // namespace weft::node

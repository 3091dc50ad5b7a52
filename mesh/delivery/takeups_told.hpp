// mesh/delivery/takeups_told.hpp: at a log's node after a start: whether its groups may go on. Pure.
#pragma once
#include "mesh/base/ids.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/time.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

namespace weft::delivery {

/// Holders of copies may have shared the log out meanwhile. Groups wait until each of them has said how far it got, or
/// for limits::takeup_told_within: what is said later is merged, and what was handed out twice until then is counted.
class takeups_told {
public:
  explicit takeups_told(mono_time now) : until_(now + microseconds(limits::takeup_told_within)) {}

  /// Those that have copies of the log; none: nobody can have shared it out.
  void holders(const std::vector<node_id>& all) { holders_ = {all.begin(), all.end()}; }
  /// One has said all that it took up.
  void told(const node_id& by) { told_.insert(by); }

  /// Once it may, it may: also if more holders become known afterwards.
  [[nodiscard]] bool may_go_on(mono_time now) {
    goes_on_ = goes_on_ || now >= until_ || (holders_ && std::ranges::includes(told_, *holders_));
    return goes_on_;
  }
  /// When it may go on in any case.
  [[nodiscard]] mono_time until() const noexcept { return until_; }

private:
  mono_time until_;
  std::optional<std::set<node_id>> holders_; // not known yet
  std::set<node_id> told_;
  bool goes_on_ = false;
};

} // namespace weft::delivery

// actors/mend_waits.hpp: readers that wait for ranges of this node's log that can't be read, while copies may have
// them.
#pragma once
#include "actors/reply.hpp"
#include "mesh/log/log.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace weft::actors {

struct node_services;
class log_repair;

/// A reader that waits for a range.
struct mend_wait {
  log::epoch_range range;
  std::weak_ptr<const void> caller; ///< gone: nobody waits any more
  reply<void> to;
};

/// After a start all wait limits::holders_come_within; then only while the repair may bring the range back, and
/// limits::replace_after from when its first reader came: who stalls a repair does not stall readers for ever.
class mend_waits {
public:
  explicit mend_waits(node_services& services);

  void add(mend_wait one);
  /// Answers those whose range can be read or comes back no more. @param repair  of the log; null: there is none
  void look(const log_repair* repair);
  /// When one of them may have waited long enough.
  [[nodiscard]] std::optional<mono_time> next_tick() const;

private:
  /// A range that can't be read, and when its first reader came.
  struct lacking {
    log::epoch_range range;
    mono_time since;
  };
  [[nodiscard]] bool is_over(const mend_wait& one, const log_repair* repair, mono_time now) const;
  [[nodiscard]] mono_time since(const log::epoch_range& range) const;

  node_services& services_;
  mono_time begun_;
  std::vector<mend_wait> waits_;
  std::vector<lacking> lacking_; // also of ranges that nobody waits for at the moment
};

} // namespace weft::actors

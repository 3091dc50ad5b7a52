// sdk/src/service/state_feed.hpp: what a service publishes of its state, so that a successor can go on with it. Pure.
#pragma once
#include "sdk/src/service/state_events.hpp"
#include "sdk/src/service/state_store.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace weft::detail {

/// Makes the events of each step. What its step changed is in one batch with the mark that it is whole. A step that is
/// too large for that goes so that compaction never has half of it in the place of what was before:
///
///     part/0 part/1 ...   all that it changed
///     mark                from here on it counts
///     its items           one by one, and the parts are taken back
///
/// All of the state goes as a mark that is not whole, its items, and one that is.
/// @thread the service's
class state_feed {
public:
  /// What its marks say.
  struct publisher {
    std::string service, home;
    wire::member_id member;
  };
  /// @param whose  the producer of the topic
  /// @param place  the last step that was published
  state_feed(publisher who, state_store::producer whose, state_place place);
  /// Items that are in slices, as they were published, from the state on disk. @error that of the disk
  [[nodiscard]] result<void> find_slices(const state_store& in);

  struct published {
    std::vector<shared_bytes> batches;
    state_place place;           ///< when they are
    state_store::producer whose; ///< the same
  };
  /// The next step.
  [[nodiscard]] published step(const state_changes& changes, const std::vector<handled_places::piece>& handled,
                               const timer_changes& timers, wall_time now);

  /// All of the state is published anew, in one step: from here to end_all().
  [[nodiscard]] std::vector<shared_bytes> begin_all(wall_time now);
  [[nodiscard]] std::vector<shared_bytes> some(const std::vector<state_item>& items, wall_time now);
  [[nodiscard]] published end_all(wall_time now);

  [[nodiscard]] const std::string& topic() const noexcept { return place_.topic; }
  [[nodiscard]] const state_store::producer& producer() const noexcept { return whose_; }
  /// Another one, as the log forgets who was silent for long. @pre nothing of the one before is unacknowledged
  void renew(state_store::producer whose) { whose_ = whose; }

private:
  [[nodiscard]] state_batches batches(wall_time now) const;
  void add(state_batches& to, const state_item& item);
  [[nodiscard]] state_mark mark(bool whole, std::uint32_t parts) const;
  [[nodiscard]] std::vector<shared_bytes> sealed(state_batches& from, wall_time now);

  const publisher who_;
  state_store::producer whose_;
  state_place place_;
  std::map<std::string, std::uint32_t, std::less<>> slices_; // of items that have several
};

} // namespace weft::detail

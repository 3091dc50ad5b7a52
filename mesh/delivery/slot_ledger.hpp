// mesh/delivery/slot_ledger.hpp: what of one slot of a log was handed out, and what of it is finished. Pure.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/base/position.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace weft::delivery {

/// Events of the slot are handed out in the log's order, to one holder at a time, and finished in any order.
///
///       finished │ out, finished, out, finished │ not looked at, some known to be finished
///     ───────────┼──────────────────────────────┼─────────────────────────────▶ the log
///              floor                           next
class slot_ledger {
public:
  /// Of a hand-out; dense in its slot.
  using number = std::uint64_t;

  slot_ledger() = default;
  /// @param finished  above `floor`, ascending
  explicit slot_ledger(const log_position& floor, const std::vector<log_position>& finished = {});

  /// Everything of the slot below is finished.
  [[nodiscard]] const log_position& floor() const noexcept {
    const auto& own = out_ == 0 ? next_ : items_[head_].at;
    return own < learned_ ? learned_ : own;
  }
  /// Where handing out goes on.
  [[nodiscard]] const log_position& next() const noexcept { return next_; }
  /// Events that are handed out and not finished.
  [[nodiscard]] std::size_t out() const noexcept { return out_; }
  /// How many events are remembered above the floor.
  [[nodiscard]] std::size_t remembered() const noexcept { return items_.size() - head_ + known_.size(); }
  /// As many as it may while one is out: nothing more is handed out before that one is finished.
  [[nodiscard]] bool full() const noexcept { return out_ > 0 && remembered() >= limits::group_slot_events_max; }
  /// Finished ones above the floor, ascending.
  [[nodiscard]] std::vector<log_position> finished() const;

  /// The slot's next event: whether it is to be handed out. One that is finished is passed over.
  /// @pre at >= next(), and no event of the slot lies between
  [[nodiscard]] bool wants(const log_position& at);
  /// @pre wants(at)
  number hand_out(const log_position& at);
  /// Nothing of the slot is left to hand out below.
  void pass(const log_position& until);

  /// @pre it is out
  [[nodiscard]] const log_position& at(number of) const;
  /// The holder has processed it. @pre it is out
  void finish(number of);
  /// The event at `at` is processed, and is not to be handed out again. Without effect below next(), or when too much
  /// is remembered.
  void know(const log_position& at);
  /// Somebody else has processed all below `floor`, and these above it: as if it had been done here. What of it is out
  /// stays with its holder. What is above it and too much to remember is not learned.
  void learn(const log_position& floor, const std::vector<log_position>& finished);
  /// Nobody has the slot any more: what is not finished will be handed out again, from the floor on.
  void take_back();

private:
  struct item {
    log_position at;
    bool finished = false;
  };
  void add(const log_position& at, bool finished);
  void drop_finished();

  std::vector<item> items_; // from head_ on: handed out, ascending; the first one is not finished
  std::size_t head_ = 0;
  number head_number_ = 0; // of items_[head_]
  std::size_t out_ = 0;
  log_position next_;
  log_position learned_;            // all below is finished, also what is out
  std::vector<log_position> known_; // at or above next_, finished, descending
};

} // namespace weft::delivery

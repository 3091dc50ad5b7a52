// sdk/src/service/state_reader.hpp: brings a state that another published into a store.
#pragma once
#include "mesh/base/time.hpp"
#include "sdk/src/consumer.hpp"
#include "sdk/src/service/state_events.hpp"
#include "sdk/src/service/state_store.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace weft::detail {

class participant_core;

/// Which state is sought: that of the last term that was begun, or of one that was to come after it.
struct sought_state {
  std::uint64_t term = 0; ///< 0: any
  wire::member_id begun_by;
  [[nodiscard]] bool is_it(const state_mark& mark) const {
    return mark.whole && (mark.at.term > term || term == 0 || (mark.at.term == term && mark.member == begun_by));
  }
};

/// Each holder published to its own node's log. The marks of all logs say which one has the newest state; that one is
/// read, from its node or a copy, and followed.
/// @thread one at a time
class state_reader {
public:
  state_reader(std::shared_ptr<participant_core> in, std::string service, std::string topic, state_store& to)
      : in_(std::move(in)), service_(std::move(service)), topic_(std::move(topic)), to_(to) {}
  ~state_reader();
  state_reader(const state_reader&) = delete;
  state_reader& operator=(const state_reader&) = delete;

  /// Takes in what there is, waiting for it at most so long.
  /// @error errc::corrupt  what the topic has is no state   @error errc::invalid_argument  it is another service's
  /// @error that of the disk, or of the subscriptions: the next call begins anew
  [[nodiscard]] result<void> follow(const sought_state& what, microseconds within);
  /// Whether the store has the state that is sought, to the end that its log had when this was asked first.
  [[nodiscard]] bool is_complete(const sought_state& what);
  /// The log comes from nowhere for a while: begins anew, as a copy may end before what its node had sent.
  void look_elsewhere();
  /// Whether some of a state is in the store.
  [[nodiscard]] bool has_some() const noexcept { return log_.has_value(); }
  /// Of the state in the store. @pre is_complete()
  [[nodiscard]] const state_mark& mark() const { return *fold_->mark(); }
  [[nodiscard]] const log_id& log() const { return *log_; }

private:
  using consumer_ref = std::shared_ptr<consumer>;
  [[nodiscard]] result<consumer_ref> subscribe(const std::string& key) const;
  [[nodiscard]] result<void> look_at_marks(const sought_state& what, microseconds within);
  [[nodiscard]] result<void> take_events(microseconds within);
  [[nodiscard]] result<void> store_items();
  [[nodiscard]] bool was_away_too_long();
  void begin_anew();

  const std::shared_ptr<participant_core> in_;
  const std::string service_, topic_;
  state_store& to_;
  struct found_mark {
    state_mark mark;
    log_position at;
  };
  std::map<log_id, found_mark> marks_; // the last of each log
  consumer_ref marks_of_, events_of_;
  std::optional<log_id> log_; // that is read
  std::optional<state_fold> fold_;
  bool anew_ = true; // nothing of it is in the store yet
  std::optional<seq> end_;
  std::chrono::steady_clock::time_point flowed_; // last
};

} // namespace weft::detail

// sdk/src/service/state_reader.hpp: brings a state that another published into a store.
#pragma once
#include "mesh/base/time.hpp"
#include "sdk/src/consumer.hpp"
#include "sdk/src/service/state_events.hpp"
#include "sdk/src/service/state_store.hpp"
#include "weft/event.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weft::detail {

class participant_core;

/// Which state is sought: that of the last term that was gone on with. One of a later term was taken from that, and
/// never gone on with: it is the same.
struct sought_state {
  std::uint64_t begun = 0; ///< 0: any
  wire::member_id begun_by{};
  std::uint64_t last = std::numeric_limits<std::uint64_t>::max(); ///< no later one was ever given
  [[nodiscard]] bool is_it(const state_mark& mark) const {
    return mark.whole && mark.at.term <= last && mark.at.term >= begun &&
           (mark.at.term != begun || begun == 0 || mark.member == begun_by);
  }
};

/// Each holder published to its own node's log. The marks of all logs say which one has the newest state; that one is
/// read, from its node or a copy, and followed. Events that are not of a service's state are passed over.
/// @thread one at a time
class state_reader {
public:
  state_reader(std::shared_ptr<participant_core> in, std::string service, std::string topic, state_store& to)
      : in_(std::move(in)), service_(std::move(service)), topic_(std::move(topic)), to_(to) {}
  ~state_reader() { close(); }
  state_reader(const state_reader&) = delete;
  state_reader& operator=(const state_reader&) = delete;

  /// Takes in what there is, waiting for it at most so long.
  /// @error errc::corrupt  what the topic has of this service's state is damaged
  /// @error that of the disk, or of the subscriptions: the next call begins anew
  [[nodiscard]] result<void> follow(const sought_state& what, microseconds within);
  /// Nobody publishes any more: from now on it is complete at the end that the log has then.
  void look_for_end();
  /// Whether the store has the state that is sought, to its log's end. @pre look_for_end()
  [[nodiscard]] bool is_complete(const sought_state& what);
  /// The log comes from nowhere for a while: begins anew, as a copy may end before what its node had sent.
  void look_elsewhere();
  /// Of the state in the store. @pre is_complete()
  [[nodiscard]] const state_mark& mark() const { return *fold_->mark(); }
  [[nodiscard]] const log_id& log() const { return *log_; }
  /// Whether all marks of the log are read; else call it again. @pre it has such a topic
  /// @param within  waits at most so long
  [[nodiscard]] result<bool> has_marks_of(const log_id& log, microseconds within);
  /// The same of all logs that were found, but of those nodes if they can't be reached.
  [[nodiscard]] bool has_all_marks(const std::vector<std::string>& but) const;
  /// The last one of the log, whosever it is.
  [[nodiscard]] std::optional<state_mark> mark_of(const log_id& log) const;
  /// The mark of the newest state of this service that is known, of any log. @param within  waits at most so long
  [[nodiscard]] result<std::optional<state_mark>> newest(microseconds within);
  /// What lies in the topic and is not of this service's state; nothing: all is.
  [[nodiscard]] const std::optional<error>& foreign() const noexcept { return foreign_; }
  /// Reads nothing any more, until it is told to.
  void close();

private:
  using consumer_ref = std::shared_ptr<consumer>;
  [[nodiscard]] result<consumer_ref> subscribe(subscription_options options) const;
  [[nodiscard]] result<void> read_events_from(start::point where);
  [[nodiscard]] result<void> read_marks(microseconds within);
  [[nodiscard]] result<void> choose_log(const sought_state& what);
  [[nodiscard]] result<void> take_events(microseconds within);
  [[nodiscard]] result<void> store_items();
  [[nodiscard]] bool was_away_too_long();
  [[nodiscard]] result<void> take_event(const event& one);
  void pass_over(const event& one, std::string_view why);

  const std::shared_ptr<participant_core> in_;
  const std::string service_, topic_;
  state_store& to_;
  struct found_mark {
    state_mark mark;
    named_position at;
  };
  [[nodiscard]] const std::pair<const log_id, found_mark>* best_mark(const sought_state& what) const;
  std::map<log_id, found_mark> marks_; // the last of each log
  std::map<log_id, state_step> seen_;  // the highest that ever came of each: a copy may end before
  consumer_ref marks_of_, events_of_;
  std::optional<log_id> log_; // that is read
  std::optional<state_fold> fold_;
  bool anew_ = true; // nothing of it is in the store yet
  bool wants_end_ = false;
  std::optional<seq> end_;
  std::optional<error> foreign_;
  std::chrono::steady_clock::time_point flowed_; // last
};

} // namespace weft::detail

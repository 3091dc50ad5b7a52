// sdk/src/flow_book.hpp: the logs that one subscription follows, how far, and what to demand of the node. Pure.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/routing/flow_sink.hpp"
#include "mesh/wire/control.hpp"
#include "weft/subscription.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace weft::detail {

/// A run, or a gap, that waits to be handled.
struct waiting_run {
  std::uint64_t flow = 0;
  log_id log;
  std::shared_ptr<const std::string> node; ///< the name of the log's node
  routing::run_range range;
  log_position deliver_from{}; ///< events below it were delivered before
  shared_bytes payload{};
  errc gap_code = errc::ok; ///< else the range can't be had
  std::string gap{};
  std::vector<wire::named_start> removed{}; ///< of a gap: only these topics, from `deliver_from` to their start
};

/// What a subscription demands.
struct demand_settings {
  std::string pattern;
  wire::start_kind start = wire::start_kind::end;
  hlc time;                  ///< for start_kind::time
  std::optional<log_id> log; ///< only this one
  log_position at;           ///< for start_kind::position
  wire::event_filter filter;
  std::string name;             ///< a named subscription's, or empty
  bool program_commits = false; ///< and nothing else does
  std::uint64_t window = 0;
  bool synced = false; ///< also what has not reached its topic's level
  hlc subscribed_at;   ///< what `end` means after a loss
};

/// Follows all logs of one subscription over losses of the node, without loss or repeats.
///
/// One general demand asks for all logs. After a loss a log that is known already may be offered at another place than
/// where this subscription is: then it is refused and demanded on its own from the right place. A named subscription is
/// offered its cursor and can't be demanded twice: it takes the offer and passes over what was delivered before.
///
/// What is queued was received under credit, so each log holds at most one window: a flow that opens anew for a log
/// makes what is queued of it forgotten and sent again.
/// @thread one at a time
class flow_book {
public:
  using sends = std::vector<wire::control>;

  /// @param new_id  gives numbers for demands that nobody on this link has used
  flow_book(demand_settings settings, std::function<std::uint64_t()> new_id)
      : settings_(std::move(settings)), new_id_(std::move(new_id)) {}

  void on_connected(sends& out);
  void on_lost();

  /// Each: @error why the subscription can't go on
  [[nodiscard]] result<void> on(const wire::flow_opened& opened, sends& out);
  [[nodiscard]] result<void> on(const wire::flow_closed& closed, sends& out);
  [[nodiscard]] result<void> on(const wire::run& run, const shared_bytes& payload, sends& out);

  /// The next run to handle. The caller handles it to its end, or gives it back by give_back().
  [[nodiscard]] std::optional<waiting_run> take();
  [[nodiscard]] bool has_waiting() const noexcept { return !waiting_.empty(); }
  /// The run was handled: gives credit.
  void handled(const waiting_run& run, sends& out);
  /// Everything below was handled.
  void handled_until(const log_id& log, const log_position& until);
  /// The run can't be read from `from` on: closes its flow and demands it again from there.
  /// @error `why`, after limits::flow_reopen_max times in a row
  [[nodiscard]] result<void> give_back(const waiting_run& run, const log_position& from, const error& why, sends& out);

  /// Whether commit() would send something.
  [[nodiscard]] bool has_uncommitted() const;
  /// Commits what was handled, for a named subscription.
  void commit(sends& out);
  void withdraw(sends& out);
  [[nodiscard]] std::vector<log_progress> progress() const;

private:
  struct followed {
    std::shared_ptr<const std::string> node;
    std::optional<std::uint64_t> flow;       // open at the moment
    std::optional<std::uint64_t> own_demand; // its own, that replaces the general one
    log_position own_demand_from;
    routing::flow_sink sink{{}, 0};
    log_position taken;        // where handling will be when what was taken is handled
    log_position deliver_from; // of the open flow
    log_position handled;
    log_position committed;
    seq head;
    hlc log_time;
    bool epoch_ended = false;  // demand again when all that waits is taken: the log goes on at a lower seq
    int reopened = 0;          // since the last good run
    std::size_t free_runs = 0; // waiting, without a cost
  };

  void accept(const wire::flow_opened& opened, followed& log);
  void demand_all(sends& out);
  [[nodiscard]] static log_position committable(const followed& log);
  void go_over(const log_id& id, sends& out);
  void demand_again(const log_id& id, followed& log, sends& out);
  [[nodiscard]] result<void> reopen(const log_id& id, followed& log, const error& why, sends& out);
  void forget_waiting(const log_id& id, followed& log);
  [[nodiscard]] static waiting_run removed_ahead(waiting_run run, const std::vector<wire::named_start>& starts,
                                                 const followed& log);
  void queue(waiting_run run, followed& log);
  [[nodiscard]] wire::demand general_demand() const;

  const demand_settings settings_;
  const std::function<std::uint64_t()> new_id_;
  std::optional<std::uint64_t> general_; // the number of the general demand
  std::map<log_id, followed> logs_;
  std::unordered_map<std::uint64_t, log_id> flows_; // the open ones
  std::deque<waiting_run> waiting_;
};

} // namespace weft::detail

// mesh/replication/confirm_tracker.hpp: at a log's own node: how many copies there are of what. Pure.
#pragma once
#include "mesh/base/position.hpp"
#include "mesh/base/time.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace weft::replication {

/// Counts, for each topic of one log, the nodes that hold all of it up to where. A node counts for a topic when it has
/// said that it holds it whole, wherever it stands in the list: so a new holder counts when it has caught up, and a
/// displaced one until it gives the topic up, which it may do after `out::settled`.
///
///     wait(topic, position) ─────┐
///     confirmed(holder, until) ──▶ n holders have the topic beyond the position ──▶ reached
///
/// An ack waits as long as its caller does: deadlines are the caller's.
class confirm_tracker {
public:
  using ticket = std::uint64_t;
  struct in {
    /// All candidates of the log in order, as holders_of() makes them.
    struct holders {
      std::vector<node_id> ordered;
    };
    /// A topic that the log has, or its changed setting; 0: without copies.
    struct topic {
      std::string name;
      std::uint32_t replicas = 0;
    };
    /// A holder pulls the log: what it said before no longer counts.
    struct joined {
      node_id holder;
    };
    /// Topics that it holds whole from now on, or no longer.
    struct holds {
      node_id holder;
      std::vector<std::string> more, less;
    };
    /// All of those below is synced there.
    struct confirmed {
      node_id holder;
      log_position until;
    };
    /// It has left, or its copy is lost. A lost link changes nothing: its disk is still there.
    struct gone {
      node_id holder;
    };
    struct synced {
      log_position end;
    };
    /// An ack waits until the topic's copies have everything below `until`.
    struct wait {
      ticket id = 0;
      std::string topic;
      log_position until;
    };
    struct give_up {
      ticket id = 0;
    };
  };
  struct out {
    struct reached {
      ticket id = 0;
    };
    /// Every topic is where the list wants it: who holds more may give it up.
    struct settled {
      std::vector<node_id> holders;
    };
    /// A holder has an epoch of this log that is above ours: a clone or an older disk. The log has to open above it.
    struct higher_epoch {
      weft::epoch epoch;
    };
  };
  using effects = std::vector<std::variant<out::reached, out::settled, out::higher_epoch>>;

  /// A topic that has lacked copies for limits::under_replicated_after.
  struct shortage {
    std::string topic;
    std::uint32_t replicas = 0, copies = 0;
    mono_time since;
    log_position until;       ///< so far as many copies as wanted have it
    std::uint64_t behind = 0; ///< seqs from there to the log's end, at most
  };

  explicit confirm_tracker(log_position synced_end) noexcept : end_(synced_end) {}

  void on(const in::holders& list, mono_time now, effects& fx);
  void on(const in::topic& topic, mono_time now, effects& fx);
  /// @error errc::would_block  limits::log_holders_max hold the log already
  [[nodiscard]] result<void> on(const in::joined& joined);
  void on(const in::holds& holds, effects& fx);
  /// @error errc::ack_beyond_end  it confirms what was never there: close its flow
  [[nodiscard]] result<void> on(const in::confirmed& confirmed, effects& fx);
  void on(const in::gone& gone);
  void on(const in::synced& synced);
  /// @error errc::would_block  limits::acks_waiting_max wait already
  [[nodiscard]] result<void> on(const in::wait& wait, effects& fx);
  void on(const in::give_up& given_up);
  /// Once a second: what lacks copies, and whether the list has been reached.
  void tick(mono_time now, effects& fx);

  /// Everything of the topic below is on as many nodes as it wants; nothing: not one event of this epoch.
  [[nodiscard]] log_position replicated_until(const std::string& topic) const;
  /// By topic.
  [[nodiscard]] std::vector<shortage> shortages() const;

private:
  struct holder {
    std::optional<node_id> id; // none: the place is free
    log_position until;
  };
  struct topic_state {
    std::uint32_t replicas = 0;
    std::uint64_t whole_at = 0; // a bit for each place in holders_
    std::optional<mono_time> short_since;
  };
  struct mark {
    mono_time at;
    log_position end;
  };

  [[nodiscard]] std::optional<std::size_t> place_of(const node_id& id) const;
  [[nodiscard]] std::uint32_t copies_of(const topic_state& topic, const log_position& until) const;
  [[nodiscard]] log_position until_of(const topic_state& topic) const;
  [[nodiscard]] bool is_settled() const;
  void release(effects& fx);
  void unsettle();

  log_position end_; // of the log, synced
  std::vector<node_id> wanted_;
  std::vector<holder> holders_;
  std::map<std::string, topic_state> topics_;
  std::map<std::string, std::map<log_position, std::vector<ticket>>> waiting_;
  std::map<ticket, std::pair<std::string, log_position>> tickets_;
  std::deque<mark> marks_; // where the log ended, oldest first
  log_position settle_at_; // a holder that has this has caught up with the list's last change
  bool settled_ = true;
};

} // namespace weft::replication

// mesh/replication/confirm_tracker.hpp: at a log's own node: how many copies there are of what. Pure.
#pragma once
#include "mesh/base/position.hpp"
#include "mesh/base/time.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace weft::replication {

/// Counts, for each topic of one log, the nodes that hold all of it up to where. A node counts for a topic when it has
/// said that it holds it whole, wherever it stands in the list: so a new holder counts when it has caught up, and a
/// displaced one until it gives the topic up, which it may do after `out::settled`.
///
///     wait(topic, n, position) ──┐
///     confirmed(holder, until) ──▶ n holders have the topic beyond the position ──▶ reached
///
/// An ack waits as long as its caller does: deadlines are the caller's. When the log opens an epoch above one that
/// others have, it leaves its own: whoever has a later one may have passed that over, so what waits there is never
/// reached. Other epochs follow each other at every holder: whoever has a later one has all of them.
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
    /// Topics that it holds whole from now on, or no longer. One that the log does not have yet may follow.
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
    /// Events come back into this closed epoch of the log: whoever has a later one may have passed them over, as if the
    /// log had left it.
    struct regained {
      weft::epoch epoch;
    };
    /// An ack waits until so many nodes have everything of the topic below `until`.
    struct wait {
      ticket id = 0;
      std::string topic;
      std::uint32_t copies = 0;
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
    /// The log has left its epoch: nobody knows who has the events.
    struct never {
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
  using effects = std::vector<std::variant<out::reached, out::never, out::settled, out::higher_epoch>>;

  /// How a topic stands. A copy that lacks what is older than limits::under_replicated_after is none.
  struct standing {
    std::string topic;
    std::uint32_t replicas = 0, copies = 0;
    std::optional<mono_time> short_since; ///< it has lacked copies since then
    log_position until;                   ///< so far as many copies as wanted have it
    std::uint64_t behind = 0;             ///< seqs from there to the log's end, at most
  };

  /// @param synced_end  of the log when this life of it began, in the epoch that it began with
  /// @param left        epochs that the log left in earlier lives
  explicit confirm_tracker(log_position synced_end, std::set<epoch> left = {})
      : first_(synced_end.epoch), end_(synced_end), left_(std::move(left)) {}

  void on(const in::holders& list, mono_time now, effects& fx);
  void on(const in::topic& topic, mono_time now, effects& fx);
  /// @error errc::would_block  limits::log_holders_max hold the log already
  [[nodiscard]] result<void> on(const in::joined& joined);
  void on(const in::holds& holds, effects& fx);
  /// @error errc::ack_beyond_end  it confirms what was never there: close its flow
  [[nodiscard]] result<void> on(const in::confirmed& confirmed, effects& fx);
  void on(const in::gone& gone);
  void on(const in::synced& synced, effects& fx);
  void on(const in::regained& regained, effects& fx);
  /// @error errc::would_block      limits::acks_waiting_max wait already
  /// @error errc::outcome_unknown  the log has left the epoch
  [[nodiscard]] result<void> on(const in::wait& wait, effects& fx);
  void on(const in::give_up& given_up);
  /// Once a second: what lacks copies, and whether the list has been reached.
  void tick(mono_time now, effects& fx);

  /// Of the log, as told.
  [[nodiscard]] const log_position& end() const noexcept { return end_; }
  /// As `out::settled` said, while that is so; null: it isn't.
  [[nodiscard]] const std::vector<node_id>* settled() const noexcept {
    return settled_ && !wanted_.empty() ? &wanted_ : nullptr;
  }
  /// Everything of the topic below is on so many nodes at least; nothing: not one event of this epoch.
  [[nodiscard]] log_position replicated_until(const std::string& topic, std::uint32_t copies) const;
  /// Of topics that want copies, by name.
  [[nodiscard]] std::vector<standing> standings() const;

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
  [[nodiscard]] log_position until_of(const topic_state& topic, std::uint32_t copies) const;
  [[nodiscard]] bool is_settled() const;
  [[nodiscard]] bool is_left(epoch of) const noexcept;
  void release(effects& fx);
  void give_up_left(effects& fx);
  void unsettle();
  void unsettle_for(const node_id& id);

  /// Of a topic, and how many copies it takes.
  using wanted_level = std::pair<std::string, std::uint32_t>;

  epoch first_;          // of this life of the log
  log_position end_;     // of the log, synced
  std::set<epoch> left_; // of earlier lives
  std::vector<node_id> wanted_;
  std::vector<holder> holders_;
  std::map<std::string, topic_state> topics_;
  std::map<wanted_level, std::map<log_position, std::vector<ticket>>> waiting_;
  std::map<ticket, std::pair<wanted_level, log_position>> tickets_;
  std::deque<mark> marks_; // where the log ended, oldest first
  log_position settle_at_; // a holder that has this has caught up with the list's last change
  bool settled_ = true;
};

} // namespace weft::replication

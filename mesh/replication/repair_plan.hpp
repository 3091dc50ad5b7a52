// mesh/replication/repair_plan.hpp: gets what a log here lacks from the nodes that hold it too. Pure.
#pragma once
#include "mesh/base/time.hpp"
#include "mesh/log/log.hpp"
#include "mesh/replication/returned.hpp"

#include <map>
#include <optional>
#include <set>
#include <variant>
#include <vector>

namespace weft::replication {

/// Asks one holder after the other for damaged ranges, of the own log or a copy; and of the own log for what its closed
/// epochs had behind their ends, and for whole epochs, which a lost disk, an old backup or a crash took. One flow at a
/// time, as a copy demands it, slower than live ones. Every holder is asked, from where it has given nothing back yet:
/// each may hold other topics, with events between those that came back from others.
///
///     sought ──▶ demand ──▶ run, run ... ──▶ store ──▶ stored ──▶ report
///                  ▲                                      │
///                  └──── the next range, or holder ◀──────┘
class repair_plan {
public:
  using pull_number = std::uint64_t;
  enum class lack : std::uint8_t {
    damaged, ///< can't be read: node_log::repair or replica_log::repair
    lost,    ///< not there: node_log::take_back
  };
  struct in {
    /// What the log lacks, again after each `out::store`. Replaces what was said before.
    struct sought {
      std::vector<log::epoch_range> damaged;
      std::vector<log::closed_epoch> closed; ///< node_log::closed_epochs(); of a copy none
      weft::epoch current;                   ///< epochs from here on are not sought; of a copy none are
    };
    /// Those that hold the log, in order, without this node. One that is new is asked too.
    struct holders {
      std::vector<node_id> ordered;
    };
    /// It has its copy open now: it is asked for everything again that is still sought.
    struct holder_ready {
      node_id holder;
    };
    /// @param at  where the holder begins: as demanded, or at a later epoch when it has no more of that one
    struct opened {
      pull_number pull = 0;
      log_position at;
    };
    struct run {
      pull_number pull = 0;
      log::epoch_range range;
      shared_bytes bytes;
      std::uint64_t cost = 0;
    };
    /// The holder does not have the range.
    struct gap {
      pull_number pull = 0;
      log::epoch_range range;
    };
    /// The flow is over, or did not begin. @param asked  the holder answered; else it is asked again later
    struct ended {
      pull_number pull = 0;
      bool asked = false;
    };
    /// Answer to `out::store`: how many entries were put.
    struct stored {
      result<std::uint64_t> put;
    };
  };
  struct out {
    struct demand {
      pull_number pull = 0;
      node_id holder;
      log_position from;
    };
    struct withdraw {
      pull_number pull = 0;
    };
    struct consumed {
      pull_number pull = 0;
      std::uint64_t cost = 0;
    };
    /// Put it into the log. Runs one at a time; then say what is sought now, then `stored`.
    struct store {
      lack is = lack::damaged;
      log::epoch_range range;
      shared_bytes bytes;
    };
    /// Keep it for the next life, in place of what was kept before.
    struct keep {
      std::vector<returned> all;
    };
    /// For operators. @param why  errc::ok: entries came back; errc::diverged: an alarm; errc::not_found: nobody has it
    struct report {
      lack is = lack::damaged;
      log::epoch_range range;
      std::uint64_t entries = 0;
      std::optional<node_id> holder;
      error why;
    };
  };
  using effects =
      std::vector<std::variant<out::demand, out::withdraw, out::consumed, out::store, out::keep, out::report>>;

  /// @param kept  of the life before
  explicit repair_plan(const log_id& log, const std::vector<returned>& kept = {});

  void on(const in::sought& sought, mono_time now, effects& fx);
  void on(const in::holders& holders, mono_time now, effects& fx);
  void on(const in::holder_ready& ready, mono_time now, effects& fx);
  void on(const in::opened& opened, mono_time now, effects& fx);
  void on(const in::run& run, mono_time now, effects& fx);
  void on(const in::gap& gap, mono_time now, effects& fx);
  void on(const in::ended& ended, mono_time now, effects& fx);
  void on(const in::stored& stored, mono_time now, effects& fx);
  void tick(mono_time now, effects& fx);
  [[nodiscard]] std::optional<mono_time> next_tick() const;

  /// Something is sought from somebody.
  [[nodiscard]] bool busy() const noexcept { return pull_ || storing_; }
  [[nodiscard]] std::size_t sought() const noexcept { return seeks_.size(); }
  /// Whether something damaged of the range is sought, and all that is may come back: not when nobody holds the log,
  /// nor what no holder has, what holders have otherwise, or what has no place among limits::repair_ranges_max.
  [[nodiscard]] bool may_come_back(const log::epoch_range& range) const;

private:
  /// What is sought; a lost range has no end.
  struct seek {
    lack is = lack::damaged;
    log::epoch_range range; ///< of a lost one from where the log ends
    seq whole_until{};      ///< of a lost one: as log::closed_epoch
    std::set<node_id> asked{};
    std::set<node_id> again{};      ///< of those: could not be asked, or what they gave could not be stored
    int rounds = 0;                 ///< of asking those again
    std::map<node_id, seq> above{}; ///< of a lost one: holders that have nothing before that
    bool from_above = false;        ///< nobody has what lies between
    bool told = false;              ///< that nobody has it
    bool quarantined = false;       ///< what holders have is not what the log had
  };
  struct pull {
    pull_number number = 0;
    node_id holder;
    log::epoch_range range; // of its seek; what was gathered covers [from, covered)
    lack is = lack::damaged;
    seq covered;
    std::vector<std::byte> gathered{};
    mono_time heard{};
    int at_rest = 0;    // heartbeats since the last run with something
    int empty_runs = 0; // that go on without an entry
    bool done = false;  // nothing more of this range comes
  };

  [[nodiscard]] seek* find(lack is, weft::epoch epoch, seq from);
  [[nodiscard]] seek* seek_of(const pull& of);
  [[nodiscard]] bool is_known(weft::epoch epoch) const;
  void seek_on(mono_time now, effects& fx);
  void demand(seek& what, const node_id& holder, mono_time now, effects& fx);
  void leave_epoch(const log_position& at, mono_time now, effects& fx);
  [[nodiscard]] bool ask_next(seek& what, mono_time now, effects& fx);
  void pass_hole(seq until, mono_time now, effects& fx);
  void finish_range(mono_time now, effects& fx);
  void ask_again(const pull& of);
  /// Of a lost range: where to go on asking the holder.
  [[nodiscard]] seq given_until(const seek& what, const node_id& holder) const;
  void note_given(seq until);
  void end_pull(mono_time now, effects& fx);
  void note_above(seq at);
  static void note_progress(seek& of);
  void store(effects& fx);
  void refused(const error& why, mono_time now, effects& fx);
  void give_credit(mono_time now, effects& fx);
  /// Credit may be given once time allows it: there is room for what comes.
  [[nodiscard]] bool has_room() const;
  void report_missing(const seek& what, seq until, effects& fx) const;

  log_id log_;
  std::vector<node_id> holders_;
  std::vector<seek> seeks_;
  std::set<weft::epoch> known_; // closed epochs that the log has something of
  weft::epoch current_;
  struct given {
    seq until, end;
  };
  std::map<std::pair<weft::epoch, node_id>, given> given_; // as in `returned`
  bool given_news_ = false;                                // since `keep`
  pull_number last_pull_ = 0;
  std::optional<pull> pull_;
  std::optional<log::epoch_range> storing_;
  std::optional<mono_time> again_at_; // when those are asked again that could not be asked
  microseconds backoff_{};
  std::uint64_t owed_ = 0; // credit held back to stay within the rate
  mono_time paced_until_{};
};

} // namespace weft::replication

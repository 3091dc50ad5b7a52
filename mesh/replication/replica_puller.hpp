// mesh/replication/replica_puller.hpp: keeps one copy of a log up to date over links that come and go. Pure.
#pragma once
#include "mesh/base/time.hpp"
#include "mesh/log/replica_log.hpp"
#include "mesh/wire/control.hpp"

#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace weft::replication {

using topic_names = std::shared_ptr<const std::vector<std::string>>; ///< ascending, never null

/// What the puller has to know of a copy.
struct copy_view {
  struct part {
    std::uint32_t id = 0;
    std::vector<std::string> topics;
    std::vector<log::epoch_range> missing; ///< as log::copy_state::missing_in
  };
  log_position end; ///< epoch 0: it has nothing
  std::vector<part> parts;
};
[[nodiscard]] copy_view view_of(const log::copy_state& state);

/// Pulls one flow of the log with all topics that the copy has to hold; beside it, one at a time, flows that fill in
/// what topics that were added later lack. The store carries its effects out in the order in which they come, so while
/// it syncs, more is taken, and one sync serves all that came meanwhile.
///
///     source                 puller                      store
///        │ ◀──── demand ────────┤
///        ├───── run ───────────▶├──── take ───────────────▶│
///        ├───── run ───────────▶├──── sync ───────────────▶│
///        ├───── run ───────────▶├──── take ───────────────▶│
///        │                      │◀─── synced ──────────────┤
///        │ ◀─ confirm, consumed ┤──── sync ───────────────▶│
///
/// Runs are checked by the flow's sink before they come here, and `consumed` goes to it: credit is given for what is on
/// disk only. While no source is there the copy stays, and serves.
class replica_puller {
public:
  using pull_number = std::uint64_t;
  struct in {
    /// The topics of the log that this node has to hold, by that list of holders.
    struct wanted {
      std::vector<std::string> topics;
      std::vector<node_id> holders;
    };
    /// The log's node says that by this list every topic is where it belongs: what is not wanted may go.
    struct settled {
      std::vector<node_id> holders;
    };
    /// A way to the log is there. Without one demands end by `lost`.
    struct source_ready {};
    /// The flow begins. @param at  where the source begins: as demanded, or the log's begin
    struct opened {
      pull_number pull = 0;
      log_position at;
    };
    struct lost {
      pull_number pull = 0;
      bool source_gone = false; ///< wait for source_ready; else try again later
    };
    struct run {
      pull_number pull = 0;
      log::epoch_range range;
      hlc log_time;
      shared_bytes bytes;
      std::uint64_t cost = 0;                  ///< of its credit
      std::vector<wire::named_start> starts{}; ///< of topics that begin behind the log's begin
    };
    /// The range can't be had there.
    struct gap {
      pull_number pull = 0;
      log::epoch_range range;
      errc code = errc::ok;
      std::vector<wire::named_start> starts{};
    };
    /// Answer to what is named; to a sync only when it asked for it.
    struct view {
      enum : std::uint8_t { open_store, set_topics, sync } to = sync;
      copy_view now;
    };
    /// Answer to `out::sync`.
    struct synced {};
    /// Something did not work; what was taken since the last sync does not count.
    struct store_failed {
      error why;
    };
  };
  struct out {
    struct open_store {};
    struct set_topics {
      topic_names topics;
    };
    struct take {
      log::copy_run run;
    };
    struct sync {
      bool want_view = false; ///< answer with a view, before `synced`
    };
    struct move_starts {
      std::vector<wire::named_start> starts;
    };
    /// Demand a flow of these topics. @param from  nothing: from the log's begin
    struct demand {
      pull_number pull = 0;
      std::optional<log_position> from;
      topic_names topics;
    };
    struct withdraw {
      pull_number pull = 0;
    };
    struct consumed {
      pull_number pull = 0;
      std::uint64_t cost = 0;
    };
    /// To the log's node: first after each opening of the main flow, with all that the copy holds whole.
    struct holds {
      bool anew = false; ///< what was said before no longer counts
      std::vector<std::string> more, less;
    };
    struct confirm {
      log_position until;
    };
    /// Two different entries for one position, or bytes that are no entries: an operator has to look.
    struct alarm {
      error why;
    };
  };
  using effects =
      std::vector<std::variant<out::open_store, out::set_topics, out::take, out::sync, out::move_starts, out::demand,
                               out::withdraw, out::consumed, out::holds, out::confirm, out::alarm>>;

  explicit replica_puller(effects& fx);

  void on(in::wanted wanted, effects& fx);
  void on(const in::settled& settled, effects& fx);
  void on(in::source_ready, mono_time now, effects& fx);
  void on(const in::opened& opened, mono_time now, effects& fx);
  void on(const in::lost& lost, mono_time now);
  void on(const in::run& run, mono_time now, effects& fx);
  void on(in::gap gap, mono_time now, effects& fx);
  void on(in::view view, mono_time now, effects& fx);
  void on(in::synced, mono_time now, effects& fx);
  void on(const in::store_failed& failed, mono_time now, effects& fx);
  void tick(mono_time now, effects& fx);
  [[nodiscard]] std::optional<mono_time> next_tick() const;

  /// Everything below is synced here, of the topics held whole.
  [[nodiscard]] const log_position& confirmed() const noexcept { return confirmed_; }
  /// Topics that the copy holds or is to hold, ascending.
  [[nodiscard]] const std::vector<std::string>& held() const noexcept { return *held_; }
  /// Two writers of one log were seen: it pulls no more.
  [[nodiscard]] bool diverged() const noexcept { return store_ == store_state::diverged; }

private:
  enum class store_state : std::uint8_t { opening, ready, down, diverged };
  enum class flow_state : std::uint8_t { none, demanded, flowing };
  struct flow {
    flow_state is = flow_state::none;
    pull_number pull = 0;
    std::uint64_t unsynced_cost = 0, syncing_cost = 0; // of runs taken since the last sync began, and before it
  };
  struct fill {
    flow of;
    std::uint32_t part = 0;
    log::epoch_range left;
  };

  void pull_on(effects& fx);
  void fill_on(effects& fx);
  void end(flow& of, effects& fx);
  void end_pulls(effects& fx);
  void wait(mono_time now);
  void change_topics(std::vector<std::string> topics, effects& fx);
  void take_main(const in::run& run, mono_time now, effects& fx);
  void take_fill(const in::run& run, effects& fx);
  void pass_fill(const log_position& until, bool had, effects& fx);
  void flush_empty(effects& fx);
  void sync_on(effects& fx);
  static void give_credit(flow& of, effects& fx);
  void confirm(log_position until, effects& fx);
  void tell_whole(bool anew, effects& fx);
  [[nodiscard]] bool shows_hole() const { return !hole_ || hole_->until < view_.end; }
  [[nodiscard]] std::optional<log::epoch_range> obtainable(const copy_view::part& part) const;

  store_state store_ = store_state::opening;
  bool source_ = false;
  std::optional<mono_time> again_at_; // a pull ended, or the store failed
  microseconds backoff_;

  std::vector<std::string> wanted_;
  std::vector<node_id> wanted_by_; // the list of holders
  topic_names held_;               // as the store is to be told, or was
  copy_view view_;
  std::size_t topics_due_ = 0;               // answers to set_topics that are to come: until then no view counts
  bool view_due_ = true, view_came_ = false; // view_ is about to change
  std::vector<std::string> whole_;           // as the log's node was last told
  std::map<weft::epoch, log::range_set> unavailable_; // what fills asked for and the source does not have
  std::optional<mono_time> holes_again_at_;           // when that is asked for again
  struct hole {
    log_position from, until; // until: of the last one
  };
  std::optional<hole> hole_; // the main flow passed over one that the log's node does not know of: so far is confirmed

  pull_number last_pull_ = 0;
  flow main_;
  std::optional<fill> fill_;
  std::optional<log::copy_run> empty_; // what the main flow passed without bytes, not given to the store yet
  mono_time empty_since_;
  // How far the main flow came: to here, to a sync that is under way, to the disk, to the log's node.
  log_position taken_, syncing_, synced_, confirmed_;
  bool dirty_ = false; // taken since the last sync began
  bool sync_runs_ = false;
};

} // namespace weft::replication

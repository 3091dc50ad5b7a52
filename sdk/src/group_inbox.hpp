// sdk/src/group_inbox.hpp: what a member of a group has of all logs, and what may begin next. Pure.
#pragma once
#include "mesh/delivery/group_member.hpp"
#include "sdk/src/flow_book.hpp"
#include "weft/event.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace weft::detail {

/// An event that is the member's to process.
struct group_job {
  log_id log;
  delivery::group_member::ticket ticket = 0;
  std::optional<std::size_t> key{}; ///< a hash; none: it follows nothing
  event what;
  slot of{};
  std::uint64_t generation = 0;       ///< of the group's cursor as it came
  std::vector<log_position> before{}; ///< events of the slot that came earlier and have to wait
};

/// Who has the state of a group, or a shard of it.
struct state_member {
  wire::member_id id;
  wire::state_shard shard{};
  wire::process_id process{};
};

/// The node whose log says who has the state of a group that moves.
struct state_home {
  std::string node;
  std::optional<log_id> log{};       ///< nothing: the node is not known here yet
  bool waits = false;                ///< until who has it now is gone
  std::uint64_t known_term = 0;      ///< the highest that the member has heard of: the home gives it a higher one
  bool is_named = false;             ///< by an operator, as it says
  std::vector<std::string> before{}; ///< nodes that sent the member on
  std::uint64_t begun = 0;           ///< as those say: the last term that was gone on with; 0: they know of none
  wire::member_id begun_by{};
};
/// What it said when it let this member have the state.
struct state_grant {
  std::uint64_t term = 0;  ///< that it gave
  std::uint64_t begun = 0; ///< the last before that was gone on with; 0: none
  wire::member_id begun_by;
  bool is_hearsay = false; ///< that is of a home before, this one knows of none
};

/// Follows the logs of one member: each is demanded on its own, with what the member has of it, over losses of the
/// node and of flows. Of a key one event is under way at a time, in the log's order.
///
///     log_found ──▶ demand ──▶ flow_opened ──▶ runs ──▶ begin ──▶ finish, fail ──▶ tick: handled, failed, renew
///        ▲                        │
///        └── a while later ── flow_closed
///
/// With a home its log comes first, and gives the member a term. The others are demanded when the home knows that the
/// member is at work under it, and events begin while the home has been heard of within the lease.
/// @thread one at a time
class group_inbox {
public:
  using sends = std::vector<wire::control>;

  /// @param new_id  gives numbers for demands that nobody on this link has used
  group_inbox(demand_settings settings, wire::group_membership who, std::function<std::uint64_t()> new_id,
              std::optional<state_home> home = {})
      : settings_(std::move(settings)), who_(std::move(who)), new_id_(std::move(new_id)), home_(std::move(home)) {
    if (home_) who_.term = home_->known_term;
  }

  // from the node
  void on_connected(mono_time now, sends& out);
  void on_lost();
  /// @error why the subscription can't go on
  [[nodiscard]] result<void> on(const wire::control& message, const shared_bytes& payload, mono_time now, sends& out);

  // from the program
  /// The next event that may begin, if there is one now. It has to be finished or failed.
  [[nodiscard]] std::optional<group_job> begin(mono_time now);
  /// The next of its key may begin, before this one is finished.
  void let_next(group_job& job);
  /// @returns whether tick() has something to do from now on that it had not
  bool finish(const group_job& job, mono_time now);
  /// The event comes again, or not, as the group decides. @returns the same
  bool fail(const group_job& job, std::string cause, mono_time now);
  /// It can never be processed. @returns the same
  bool reject(const group_job& job, std::string cause, mono_time now);
  /// A range that can't be had.
  [[nodiscard]] std::optional<waiting_run> take_gap();
  /// Nothing: the home has not let it have the state yet.
  [[nodiscard]] const std::optional<state_grant>& grant() const noexcept { return grant_; }
  /// The home that was not known. @pre its log is not known
  void find_home(const log_id& log, mono_time now, sends& out);
  /// Its state is whole, and published under this term: the one that was given, or a higher one if the state turned out
  /// to be of a higher one than the home knew. @pre grant()
  void begin_term(std::uint64_t term, mono_time now, sends& out);
  /// Whether the state is its at this time: what it publishes counts. Without a home always.
  [[nodiscard]] bool holds_state(mono_time now) const { return !home_ || (grant_ && now <= state_until_); }
  /// Until when it is, unless the home says more. @pre holds_state(), with a home
  [[nodiscard]] mono_time state_until() const noexcept { return state_until_; }
  /// And the home knows that it is at work: events begin.
  [[nodiscard]] bool has_begun(mono_time now) const { return holds_state(now) && (!home_ || is_at_work_); }
  [[nodiscard]] const std::optional<state_home>& home() const noexcept { return home_; }
  /// When the home said something last, if only that it lets nobody have the state now; nothing: never.
  [[nodiscard]] const std::optional<mono_time>& heard_home() const noexcept { return heard_home_; }
  /// The home is that node by now, as another one says. Who has the state by the one before gives it up.
  void go_to_home(const std::string& node, sends& out);
  /// The home says that another is to have the state: leave, when what has begun is finished.
  [[nodiscard]] bool is_asked_back() const noexcept { return asked_back_; }
  /// Why the home does not let it have the state now.
  [[nodiscard]] const std::optional<error>& put_off() const noexcept { return put_off_; }
  /// No more events; what has begun is to be finished.
  void leave(sends& out);
  [[nodiscard]] std::size_t under_way() const;
  /// Tells what was done, and that the member has left.
  void withdraw(sends& out);

  /// Tells what became of events, gives signs of life, demands again.
  void tick(mono_time now, sends& out);
  /// When tick() or begin() has something to do that nothing else tells.
  [[nodiscard]] std::optional<mono_time> due() const;
  [[nodiscard]] std::vector<log_progress> progress() const;

private:
  struct waiting_event {
    delivery::slot_event place;
    std::optional<std::size_t> key{};
    event what;
  };
  struct share {
    std::shared_ptr<const std::string> node;
    delivery::group_member member;
    bool there = false;                  // its node can be asked
    std::optional<std::uint64_t> demand; // the number of the present one
    std::optional<std::uint64_t> flow;   // open
    std::optional<mono_time> demand_at;  // again
    std::optional<mono_time> report_at, renew_at;
    std::map<delivery::group_member::ticket, waiting_event> queue;
    std::set<mono_time> retries;  // when what failed may begin again
    std::set<std::size_t> busy;   // keys with an event under way
    log_position handled;         // the last that was
    int reopened = 0;             // since the last good run
    std::uint64_t generation = 0; // of the cursor that the flow began with
    seq head;
    hlc log_time;
  };
  using shares = std::map<log_id, share>;

  [[nodiscard]] result<void> take(const wire::log_found& m, mono_time now, sends& out);
  void take(const wire::log_gone& m, mono_time now, sends& out);
  [[nodiscard]] result<void> take(const wire::flow_opened& m, mono_time now, sends& out);
  [[nodiscard]] result<void> take(const wire::flow_closed& m, mono_time now, sends& out);
  [[nodiscard]] result<void> take(const wire::run& m, const shared_bytes& payload, mono_time now, sends& out);
  void take(const wire::verdict& m, mono_time now);
  void take(const wire::revoke& m, mono_time now);
  void take(const wire::renewal& m);
  [[nodiscard]] result<void> take_events(share& from, const log_id& log, const wire::run& m,
                                         const shared_bytes& payload, mono_time now);
  [[nodiscard]] std::optional<group_job> begin_of(shares::value_type& of, mono_time now);
  void demand(const log_id& log, share& of, mono_time now, sends& out);
  void close(share& of);
  void demand_later(share& of, mono_time now);
  void report(share& of, sends& out);
  bool wait_for_verdict(share& of, const group_job& job, mono_time now);
  [[nodiscard]] bool is_home(const log_id& log) const { return home_ && home_->log == log; }
  [[nodiscard]] result<void> take_home(const wire::flow_opened& m, mono_time now, sends& out);
  void hear_home(const share& of);
  [[nodiscard]] bool was_taken_over(errc why) const;
  [[nodiscard]] result<void> sent_on_to(const std::string& node, sends& out);
  void demand_others(mono_time now, sends& out);
  [[nodiscard]] static bool report_soon(share& of, mono_time now);
  [[nodiscard]] share* by_flow(std::uint64_t flow);

  const demand_settings settings_;
  wire::group_membership who_;
  const std::function<std::uint64_t()> new_id_;
  std::optional<state_home> home_;
  wire::claim_stage stage_ = wire::claim_stage::asks; // with a home
  std::optional<state_grant> grant_;
  std::optional<error> put_off_;
  bool is_at_work_ = false; // the home knows it
  bool asked_back_ = false;
  std::optional<mono_time> heard_home_;
  std::vector<std::string> sent_on_by_; // one by the other, since one answered
  mono_time state_until_;               // by the home's last word
  std::optional<std::uint64_t> finder_; // the number of the demand that finds logs
  shares shares_;
  std::map<std::uint64_t, log_id> flows_; // the open ones
  std::deque<waiting_run> gaps_;
  log_id last_; // of the job that began last: the others' turn
  bool leaves_ = false;
};

} // namespace weft::detail

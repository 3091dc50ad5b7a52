// mesh/delivery/group_member.hpp: the receiving end of a group at one log: what a member has and what became of it.
// Pure.
#pragma once
#include "mesh/base/result.hpp"
#include "mesh/base/time.hpp"
#include "mesh/delivery/group_source.hpp"

#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

namespace weft::delivery {

/// Knows what its member may begin, and what it has to tell. An event that comes again over a new flow while the member
/// has it, or after it was processed, is not given out again: the member answers for the one it had.
class group_member {
public:
  /// Of an event that came; never used again.
  using ticket = std::uint64_t;

  /// An event that was tried in vain.
  struct failure {
    std::uint64_t number = 0;
    std::string cause;
    bool rejected = false; ///< it can never be processed
    friend bool operator==(const failure&, const failure&) = default;
  };
  /// What is to be told: which events of the flow were processed, which are given back undone, and which failed.
  struct report {
    std::vector<number_range> done, returned;
    std::vector<slot_event> processed, abandoned; ///< that came over older flows; the latter undone
    std::vector<failure> failed;
    [[nodiscard]] bool empty() const noexcept {
      return done.empty() && returned.empty() && processed.empty() && abandoned.empty() && failed.empty();
    }
  };
  /// What a flow that is opened anew has to begin with.
  struct carried_over {
    std::vector<slot_event> begun;     ///< and not finished
    std::vector<slot_event> processed; ///< and perhaps not heard of
  };
  enum class permit : std::uint8_t {
    begin, ///< it is the member's to process
    skip,  ///< it was given back, or comes again: drop it
    wait,  ///< not before the source has answered: the member may have lost its share
    later, ///< it failed, and is not judged or its time has not come: nothing of its key may begin meanwhile
  };

  /// A flow is demanded, the first or another one: its numbers count from 1, and it sends anew what was not finished.
  /// The lease counts from now. @returns what to tell with the demand
  carried_over open(mono_time now);
  /// @returns a ticket for each of these events, in order; nothing for one that the member has or had
  /// @error errc::protocol_violation  a number is missing: end the flow, and open another one
  [[nodiscard]] result<std::vector<std::optional<ticket>>> arrived(std::uint64_t first_number,
                                                                   const std::vector<slot_event>& events,
                                                                   const std::vector<tried_event>& tried,
                                                                   mono_time now);
  /// What is not begun of these slots is given back. @param before  what comes yet of lower numbers, too
  void revoked(const slot_set& slots, std::uint64_t before = 0);

  /// Asked before an event is processed. @pre it has not begun, or has failed
  [[nodiscard]] permit may_begin(ticket of, mono_time now);
  /// It is processed. @pre it has begun
  void finish(ticket of);
  /// It can't be processed now. Nothing of its key may begin before it is dropped or tried again. @pre it has begun
  void fail(ticket of, std::string cause) { give_up(of, {0, std::move(cause), false}); }
  /// It can never be processed. The rest as fail().
  void reject(ticket of, std::string cause) { give_up(of, {0, std::move(cause), true}); }
  /// The source's word on a failure: tried again after so long, or no longer the member's.
  void judged(std::uint64_t number, const std::optional<microseconds>& again, mono_time now);
  /// Whether it is the member's yet.
  [[nodiscard]] bool has(ticket of) const { return held_.contains(of); }
  /// How often it was tried in vain before.
  [[nodiscard]] std::uint32_t trials(ticket of) const;
  /// The member wants no more: what is not begun is given back, and what comes from now on.
  void leave();
  [[nodiscard]] bool leaves() const noexcept { return leaves_; }
  /// Events that have begun and are not finished.
  [[nodiscard]] std::size_t under_way() const noexcept { return under_way_; }

  /// What became of events since the last report.
  [[nodiscard]] report take_report();
  /// A sign of life to be sent, after what was reported. @returns its number
  [[nodiscard]] std::uint64_t renew(mono_time now);
  /// The source answered it: it has all that was reported before, and the share is the member's for the lease from
  /// then.
  void renewed(std::uint64_t number);
  /// Until when what the source said last lets it begin events. @pre the flow that was demanded last has opened
  [[nodiscard]] mono_time lease_until() const noexcept { return lease_until_; }

private:
  enum class state : std::uint8_t {
    waiting,
    begun,
    failed, ///< until it is judged
    done,
  };
  struct held_event {
    slot_event event;
    state is = state::waiting;
    std::optional<std::uint64_t> number{}; ///< in the present flow; none: it came over an older one
    std::uint32_t trials = 0;              ///< in vain
    mono_time not_before{};
  };
  struct told {
    std::uint64_t before = 0; ///< the first renewal after the report
    ticket of = 0;
  };
  struct renewal {
    std::uint64_t number = 0;
    mono_time sent;
  };

  [[nodiscard]] std::optional<ticket> take_in(const slot_event& event, std::uint64_t number);
  void come_again(ticket of, std::uint64_t number);
  void give_back_waiting(const slot_set& slots);
  [[nodiscard]] bool is_revoked(slot of, std::uint64_t number) const;
  void give_up(ticket of, failure why);
  void drop(ticket of);

  std::unordered_map<ticket, held_event> held_; // dropped when given back, or done and known to be known
  ticket next_ticket_ = 0;
  std::map<log_position, ticket> known_; // begun or done over older flows: they may come again
  std::uint64_t next_number_ = 1;
  std::vector<std::pair<std::uint64_t, slot_set>> revoked_; // events of lower numbers, which have not come
  std::vector<std::uint64_t> done_, returned_;              // numbers, to be told
  std::vector<slot_event> processed_;                       // over older flows, to be told
  std::vector<slot_event> abandoned_;                       // the same, undone
  std::vector<failure> failed_;                             // to be told
  std::unordered_map<std::uint64_t, ticket> unjudged_;
  std::vector<ticket> untold_;   // those of done_ and processed_
  std::deque<told> told_;        // and not confirmed
  std::deque<renewal> renewals_; // sent and not answered
  std::uint64_t last_renewal_ = 0;
  mono_time lease_until_;
  std::size_t under_way_ = 0;
  bool leaves_ = false;
};

} // namespace weft::delivery

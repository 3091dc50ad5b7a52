// actors/group_reader.hpp: reads a log for a group: this node's own, or a copy.
#pragma once
#include "actors/flow_log.hpp"
#include "actors/group_place.hpp"
#include "mesh/delivery/group_run.hpp"
#include "mesh/routing/level_cut.hpp"
#include "mesh/routing/start_watch.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace weft::actors {

/// One read is under way at most. What is damaged is waited for as long as a copy may have it; what has not reached its
/// topic's level is not read yet. Lives in its group's actor.
class group_reader {
public:
  /// Each brings something back to the group's actor, which then calls the method of that name. @thread any
  struct ways_back {
    std::function<void(result<log::read_result>)> take;
    std::function<void(result<void>)> mended;
    std::function<void()> again;
  };
  /// What the group does not get.
  struct missing_range {
    log_position from;
    seq until;
    error why;
    std::vector<wire::named_start> topics{}; ///< of a range that is empty: of these, up to their starts
  };
  struct found {
    delivery::group_run run;
    std::vector<missing_range> missing; ///< that was not told before
  };
  struct nothing {
    log_position at;
  };
  struct failure {
    error why;
    std::optional<log_position> resume; ///< where reading can go on, if anywhere
  };
  using outcome = std::variant<found, nothing, failure>;

  /// @param replay    the topic in which what was set aside is once more
  /// @param accepted  as start_watch has it
  group_reader(node_services& services, group_place& place, const std::string& pattern, std::string replay,
               routing::start_watch::starts accepted, ways_back back);

  /// What the members want. @param synced  as wire::demand has it
  void want(wire::event_filter filter, bool synced);

  /// The outcome, or nothing: it comes by one of the ways back. @pre none is under way
  [[nodiscard]] std::optional<outcome> read(const delivery::group_out::read& wanted);
  /// The same; without effect when none is under way.
  [[nodiscard]] std::optional<outcome> take(result<log::read_result> answer);
  [[nodiscard]] std::optional<outcome> mended(const result<void>& done);
  [[nodiscard]] std::optional<outcome> again();
  /// It is the others' turn: again() is called.
  void put_off(const delivery::group_out::read& wanted);
  [[nodiscard]] bool reading() const noexcept { return wanted_.has_value(); }

  /// Everything below may be read.
  [[nodiscard]] seq end() const { return log_->end(); }
  /// Whether more may be read than before, now that the log says so.
  [[nodiscard]] bool advances();
  /// Below this nobody reads any more.
  void passed(const log_position& floor);

private:
  [[nodiscard]] std::optional<outcome> fail_with(const error& why);
  [[nodiscard]] outcome give_up(const error& why, const std::optional<log_position>& resume);
  [[nodiscard]] bool wait_for_copies(const error& why);
  [[nodiscard]] bool passes(topic_id topic, const log_position& end) const;
  [[nodiscard]] std::optional<topic_id> number_of_replay(const log::read_result& answer);
  [[nodiscard]] std::vector<missing_range> removed_before(const log::read_result& answer);

  node_services& services_;
  const topic_pattern pattern_;
  const std::string replay_;
  const ways_back back_;
  std::unique_ptr<flow_log> log_;
  const bool own_; // this node's log
  routing::start_watch starts_;
  wire::event_filter filter_;
  bool synced_ = false;
  std::optional<delivery::group_out::read> wanted_;   // under way
  std::optional<error> unreadable_;                   // there: copies are asked for it
  std::shared_ptr<const void> mend_wait_;             // while they are
  std::optional<routing::unreached_entry> waits_for_; // its copies
  std::map<topic_id, bool> replays_;                  // whether the topic is that one
  std::set<log_position> told_;                       // entries that can't be unpacked, above what all have passed
};

} // namespace weft::actors

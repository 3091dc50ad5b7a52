// sdk/src/service/state_store.hpp: a service's state on disk: its tables, what it handled, what it has to publish.
#pragma once
#include "mesh/base/random.hpp"
#include "mesh/catalog/database.hpp"
#include "mesh/wire/group_messages.hpp"
#include "sdk/src/service/handled_places.hpp"
#include "sdk/src/service/timer_row.hpp"

#include <compare>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace weft::detail {

/// A value's place in the state.
struct state_key {
  std::string table, key;
  friend bool operator==(const state_key&, const state_key&) = default;
};
struct state_key_hash {
  std::size_t operator()(const state_key& of) const noexcept {
    const std::hash<std::string_view> hash;
    return hash(of.key) * 31 + hash(of.table);
  }
};
/// Nothing: erased.
using state_changes = std::unordered_map<state_key, std::optional<std::string>, state_key_hash>;

struct row_change {
  state_key at;
  std::optional<std::string> value; ///< nothing: erased
};
struct timer_change {
  timer_id of;
  std::optional<timer_row> row;
};
using state_change = std::variant<row_change, timer_change, handled_places::piece>;

/// A sealed batch that has to be in the log of the service's node.
struct outgoing_batch {
  std::int64_t id = 0; ///< rises
  shared_bytes bytes;
  bool of_state = false; ///< it says what a step before it changed: see state_feed.hpp
};

/// A step of a state that moves. Terms are those of its group, steps are counted on over them.
struct state_step {
  std::uint64_t term = 0, number = 0;
  friend auto operator<=>(const state_step&, const state_step&) = default;
};
/// How far a state is published.
struct state_place {
  std::string topic;
  state_step at;    ///< the last step
  state_step since; ///< when all of it was published; of term 0: it is not all there
  friend bool operator==(const state_place&, const state_place&) = default;
};

/// One SQLite database, `state.db` in the service's directory:
///
///     service    name, the member's id under which the group knows this state, the node whose log gets its events
///     state      the tables: (table, key) and value, as weft/state.hpp stores them
///     handled    per epoch of a log, as handled_places has it
///     producers  per topic: whose sequence is next
///     timers     what was set and has not been handled: timers, requests, errands
///     outbox     batches that no log has acknowledged, as they are sent
///     moves      the topic that its changes are published to, and the last step that was; no topic: the rest is a part
///                of what another published
///
/// A step is one transaction, on disk when it returns.
/// @thread handled(), next_batch(), publish_at(), renumber(), clear() and take_over() the service's; place(),
/// is_in_part() and
///         unsent() too, while no step is being written; the rest any
class state_store {
public:
  /// Opens it, or makes it.
  /// @error errc::locked            another process has it
  /// @error errc::invalid_argument  it is the state of another service
  /// @error errc::corrupt, errc::version_newer, errc::io_error, errc::disk_full
  [[nodiscard]] static result<std::unique_ptr<state_store>> open(const std::string& directory,
                                                                 const std::string& service, random_source& random);

  [[nodiscard]] const std::string& path() const noexcept { return db_->path(); }
  [[nodiscard]] wire::member_id member() const noexcept { return member_; }
  [[nodiscard]] handled_places& handled() noexcept { return handled_; }
  [[nodiscard]] result<std::optional<std::string>> read(const state_key& of) const;
  /// All of a table, key and value, by key, as of one step.
  [[nodiscard]] result<std::vector<std::pair<std::string, std::string>>> read_all(std::string_view table) const;
  /// Batches of steps before that are not acknowledged, in order.
  [[nodiscard]] result<std::vector<outgoing_batch>> unsent() const;

  struct producer {
    producer_id id;
    std::uint64_t next = 0; ///< the sequence of its next event
    wall_time used;         ///< last
  };
  /// Nothing: it has none for the topic yet.
  [[nodiscard]] result<std::optional<producer>> producer_of(const std::string& topic) const;
  [[nodiscard]] result<std::optional<timer_row>> timer(const timer_id& of) const;
  struct timer_place {
    wall_time due;
    timer_id id{};
    friend auto operator<=>(const timer_place&, const timer_place&) = default;
  };
  /// Those that are due until then, at most so many, in the order of their places, behind `after`.
  /// @param errands  the name of their rows: these alone; empty: all that are no errands
  [[nodiscard]] result<std::vector<std::pair<timer_id, timer_row>>> due_timers(const std::optional<timer_place>& after,
                                                                               wall_time until, std::size_t most,
                                                                               std::string_view errands) const;
  /// When the first one after that is due.
  [[nodiscard]] result<std::optional<wall_time>> next_timer(wall_time after, std::string_view errands) const;
  /// The key of the first timer of this name. Nothing: there is none.
  [[nodiscard]] result<std::optional<std::string>> first_timer(std::string_view name) const;
  /// Whether it is as new: nothing was ever handled.
  [[nodiscard]] result<bool> is_empty() const;
  /// It is the same member's, and as new. What is unsent is given up.
  [[nodiscard]] result<void> clear();
  /// What another published of its state becomes this one's, in part until a step says that it is published from here;
  /// after a power failure it may be lost. @param anew  first all that there is goes
  [[nodiscard]] result<void> take_over(std::vector<state_change> items, bool anew);
  /// The first or the last key of this name from there until before that.
  [[nodiscard]] result<std::optional<std::string>> first_key(std::string_view name, std::string_view from,
                                                             std::string_view until) const;
  [[nodiscard]] result<std::optional<std::string>> last_key(std::string_view name, std::string_view from,
                                                            std::string_view until) const;
  /// How many rows of errands there are, by their name.
  [[nodiscard]] result<std::map<std::string, std::size_t, std::less<>>> errands() const;
  /// From now on its events go to the log of this node, from producers that it has never heard of: so nothing is taken
  /// for a repeat, though the state was put back from a backup. While batches are unsent all stays as it was, for the
  /// log to know them.
  /// @error errc::invalid_argument  another node's log has or gets some that it has not acknowledged
  [[nodiscard]] result<void> publish_at(const node_id& node);
  /// Nothing: its changes were never published.
  [[nodiscard]] const std::optional<state_place>& place() const noexcept { return place_; }
  /// What it has is a part of what another published, and was never gone on with.
  [[nodiscard]] bool is_in_part() const noexcept { return is_in_part_; }
  using row_visitor = std::function<result<void>(const state_key&, std::string_view)>;
  using timer_visitor = std::function<result<void>(const timer_id&, const timer_row&)>;
  /// All rows and timers behind these, in order, until `visit` has had so many bytes. @returns the last; nothing: no
  /// more
  [[nodiscard]] result<std::optional<state_key>> rows_behind(const std::optional<state_key>& after, std::size_t bytes,
                                                             const row_visitor& visit) const;
  [[nodiscard]] result<std::optional<timer_id>> timers_behind(const std::optional<timer_id>& after, std::size_t bytes,
                                                              const timer_visitor& visit) const;
  /// Rows and timers that have more bytes, and how many.
  [[nodiscard]] result<void> large_items(std::size_t bytes,
                                         const std::function<void(const state_key&, std::size_t)>& row,
                                         const std::function<void(const timer_id&, std::size_t)>& timer) const;

  /// One step.
  struct step {
    const state_changes& changes;
    const std::vector<handled_places::part>& handled;
    const std::vector<outgoing_batch>& batches;
    const std::unordered_map<std::string, producer>& producers; ///< by topic, as they are after it
    const timer_changes& timers;
    std::optional<state_place> place{}; ///< after it, if the state moves
  };
  /// @param acknowledged  batches that a log has: they are forgotten with it
  /// @error that of the disk: nothing of it was done
  [[nodiscard]] result<void> commit(const step& one, const std::vector<std::int64_t>& acknowledged);
  /// A log has these batches. After a power failure they may be there again.
  [[nodiscard]] result<void> forget(const std::vector<std::int64_t>& acknowledged);
  /// Gives what is unsent to new producers, as the log waits for something else of theirs. What it has had of it comes
  /// twice.
  [[nodiscard]] result<void> renumber(random_source& random);
  /// The number of the next batch.
  [[nodiscard]] std::int64_t next_batch() noexcept { return ++last_batch_; }

private:
  explicit state_store(std::unique_ptr<catalog::database> db) noexcept : db_(std::move(db)) {}
  [[nodiscard]] result<void> load(const std::string& service, random_source& random);
  [[nodiscard]] result<void> load_handled();
  [[nodiscard]] result<std::optional<std::string>> key_of(std::string_view query, std::string_view name,
                                                          std::string_view from, std::string_view until) const;
  [[nodiscard]] result<void> write(const step& one);
  [[nodiscard]] result<void> remove(const std::vector<std::int64_t>& batches);
  [[nodiscard]] result<void> forget_since();
  [[nodiscard]] result<void> remove_all();
  [[nodiscard]] result<void> write_row(const state_key& at, const std::optional<std::string>& value);
  [[nodiscard]] result<void> write_timer(const timer_id& of, const std::optional<timer_row>& row);
  [[nodiscard]] result<void> write_handled(const std::vector<handled_places::part>& parts);

  const std::unique_ptr<catalog::database> db_;
  wire::member_id member_;
  node_id node_; // whose log knows the producers
  handled_places handled_;
  std::optional<state_place> place_;
  bool is_in_part_ = false;
  std::int64_t last_batch_ = 0;
};

} // namespace weft::detail

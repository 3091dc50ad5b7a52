// sdk/src/service/state_store.hpp: a service's state on disk: its tables, what it handled, what it has to publish.
#pragma once
#include "mesh/base/random.hpp"
#include "mesh/catalog/database.hpp"
#include "mesh/wire/group_messages.hpp"
#include "sdk/src/service/handled_places.hpp"
#include "sdk/src/service/timer_row.hpp"

#include <compare>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
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

/// A sealed batch that has to be in the log of the service's node.
struct outgoing_batch {
  std::int64_t id = 0; ///< rises
  shared_bytes bytes;
};

/// One SQLite database, `state.db` in the service's directory:
///
///     service    name, the member's id under which the group knows this state, the node whose log gets its events
///     state      the tables: (table, key) and value, as weft/state.hpp stores them
///     handled    per epoch of a log, as handled_places has it
///     producers  per topic: whose sequence is next
///     timers     what was set and has not been handled
///     outbox     batches that no log has acknowledged, as they are sent
///
/// A step is one transaction, on disk when it returns.
/// @thread handled(), next_batch(), publish_at() and renumber() the service's; the rest any
class state_store {
public:
  /// Opens it, or makes it.
  /// @error errc::locked            another process has it
  /// @error errc::invalid_argument  it is the state of another service
  /// @error errc::corrupt, errc::version_newer, errc::io_error, errc::disk_full
  [[nodiscard]] static result<std::unique_ptr<state_store>> open(const std::string& directory,
                                                                 const std::string& service, random_source& random);

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
  [[nodiscard]] result<std::vector<std::pair<timer_id, timer_row>>> due_timers(const std::optional<timer_place>& after,
                                                                               wall_time until, std::size_t most) const;
  /// When the first one after that is due.
  [[nodiscard]] result<std::optional<wall_time>> next_timer(wall_time after) const;
  /// The key of the first timer of this name. Nothing: there is none.
  [[nodiscard]] result<std::optional<std::string>> first_timer(std::string_view name) const;
  /// From now on its events go to the log of this node, from producers that it has never heard of: so nothing is taken
  /// for a repeat, though the state was put back from a backup. While batches are unsent all stays as it was, for the
  /// log to know them.
  /// @error errc::invalid_argument  another node's log has or gets some that it has not acknowledged
  [[nodiscard]] result<void> publish_at(const node_id& node);

  /// One step.
  struct step {
    const state_changes& changes;
    const std::vector<handled_places::part>& handled;
    const std::vector<outgoing_batch>& batches;
    const std::unordered_map<std::string, producer>& producers; ///< by topic, as they are after it
    const timer_changes& timers;
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
  [[nodiscard]] result<void> write(const step& one);
  [[nodiscard]] result<void> remove(const std::vector<std::int64_t>& batches);

  const std::unique_ptr<catalog::database> db_;
  wire::member_id member_;
  node_id node_; // whose log knows the producers
  handled_places handled_;
  std::int64_t last_batch_ = 0;
};

} // namespace weft::detail

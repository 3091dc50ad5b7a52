// actors/cursor_book.hpp: how far the named subscriptions of this node's log have got.
#pragma once
#include "mesh/base/position.hpp"
#include "mesh/base/result.hpp"
#include "mesh/base/time.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace weft::actors {

struct node_services;

/// A named subscription of this log.
struct cursor_facts {
  std::string name, pattern;
  std::optional<log_position> until; ///< everything below was processed; none before the first commit
  bool in_use = false;
  std::string consumer; ///< who, when in use
};

/// Who reads with a name.
struct cursor_consumer {
  std::string who;                               ///< for people
  std::uint64_t token = 0;                       ///< of its take, unique in the process
  std::function<void(const error&)> name_gone{}; ///< an operator deleted the name. @thread the log keeper's
};

/// In memory, published to the topic `_weft.cursors` of the same log while they move; the catalog has a copy.
/// Lives in the log keeper's actor and outlives its crashes.
class cursor_book {
public:
  explicit cursor_book(node_services& services) : services_(services) {}

  /// Reads the cursors from the catalog, and from the log those that the catalog does not have: it is a cache.
  [[nodiscard]] result<void> load(bool catalog_lost);

  /// A name has one cursor here: with another pattern it would begin again, unasked.
  /// @returns where the subscription goes on; nothing: its first time
  /// @error errc::busy  who has it   @error errc::invalid_argument  the name reads another pattern: which
  [[nodiscard]] result<std::optional<log_position>> take(const std::string& name, const std::string& pattern,
                                                         const cursor_consumer& by);
  /// One that is behind the last is late and ignored, and so is what was taken before the name was deleted.
  void commit(const std::string& name, const std::string& pattern, std::uint64_t token, log_position until);
  /// Without effect when the take was refused: the token is another's then.
  void release(const std::string& name, const std::string& pattern, std::uint64_t token);
  /// Forgets the name, and publishes that: who takes it next begins anew.
  /// @param force  a consumer that is there ends with errc::cursor_moved
  /// @param done   called when it is on disk, or with why it can't be
  /// @error errc::not_found   @error errc::busy  somebody has it: who
  void remove(const std::string& name, bool force, const std::function<void(result<void>)>& done);
  /// Appends those that moved to `_weft.cursors` as one batch, and copies them to the catalog.
  void publish();
  /// Those that somebody has are published again, as a sign of their use. @returns whether there are any
  bool note_use();
  /// Publishes all of them as they are: those that rest would go from the log one day.
  void publish_again();
  [[nodiscard]] std::vector<cursor_facts> all() const;
  [[nodiscard]] bool has(const std::string& name) const { return pattern_of(name) != nullptr; }

private:
  struct place {
    std::optional<log_position> until;
    std::optional<std::string> consumer;           // who has it
    std::uint64_t token = 0;                       // of the last take
    std::function<void(const error&)> name_gone{}; // of who has it
    bool moved = false;                            // since it was published, or its use is to be told
    wall_time used{};                              // before this start of the node
    bool to_keep = false;                          // the catalog does not have it; then all or none of these is written
  };
  using cursor_key = std::pair<std::string, std::string>; // name, pattern

  [[nodiscard]] const std::string* pattern_of(const std::string& name) const;
  [[nodiscard]] result<void> load_from_log(log_position since);
  [[nodiscard]] result<void> forget_removed(const std::set<std::string>& in_catalog);
  void tell_leases();
  [[nodiscard]] result<void> copy_to_catalog();
  void append(const std::vector<const std::pair<const cursor_key, place>*>& moved);

  node_services& services_;
  std::map<cursor_key, place> cursors_;
  std::set<std::string> removed_; // since the catalog was written, as the log says
};

} // namespace weft::actors

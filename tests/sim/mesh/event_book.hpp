// tests/sim/mesh/event_book.hpp: the truth about events: what was published, what was promised, where each was seen.
#pragma once
#include "mesh/base/ack_level.hpp"
#include "mesh/base/position.hpp"
#include "mesh/log/log.hpp"
#include "mesh/wire/batch_view.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace weft::sim {

/// An event as a program published it. Its value names its number, so no two are alike.
struct published_event {
  log_id log;
  std::size_t topic = 0; ///< of mesh_topics
  std::string key, type;
  std::size_t padding = 0;
  std::optional<log_position> at{}; ///< as acknowledged or seen
  bool promised = false;            ///< acknowledged as synced
};

/// Knows more than any node. Whoever sees an event shows it here. What it remembers is no node's memory.
class event_book {
public:
  /// @returns the event's number
  std::uint64_t published(published_event event);
  [[nodiscard]] std::string value_of(std::uint64_t number) const;
  void acknowledged(std::uint64_t number, const log_position& at, ack_level level);

  /// The log was opened: all that it has below `begin` is synced.
  void opened(const log_id& log, epoch opening, seq begin);
  void synced(const log_id& log, epoch opening, seq end);
  void start_moved(const log_id& log, topic_id topic, const log::topic_start& to);
  /// Its disk was replaced by an empty or an old one.
  void lost(const log_id& log) {
    lost_.insert(log);
    begins_.erase(log);
  }

  /// Somebody sees an event at a position. @returns its number  @error errc::corrupt  what is wrong with it
  [[nodiscard]] result<std::uint64_t> saw(const log_id& log, const log_position& at, std::string_view topic,
                                          const wire::event_view& event);

  [[nodiscard]] const std::vector<published_event>& events() const noexcept { return events_; }
  [[nodiscard]] const published_event& event(std::uint64_t number) const { return events_.at(number); }
  [[nodiscard]] bool was_lost(const log_id& log) const { return lost_.contains(log); }
  /// Events of a log by position, as far as positions are known.
  [[nodiscard]] const std::map<log_position, std::uint64_t>& positions(const log_id& log) const;
  /// The last start that is durable of each topic of a log that has one.
  [[nodiscard]] const std::map<topic_id, log::topic_start>& starts(const log_id& log) const;
  /// Now, for `removed`.
  [[nodiscard]] std::uint64_t moment() const noexcept { return moment_; }
  /// Whether the topic's start had passed the position by then.
  [[nodiscard]] bool removed(const log_id& log, std::size_t topic, const log_position& at, std::uint64_t by) const;

private:
  struct moved_start {
    std::uint64_t when;
    log::topic_start to;
  };
  [[nodiscard]] result<void> check_synced(const log_id& log, const log_position& at) const;
  [[nodiscard]] result<void> place(std::uint64_t number, const log_id& log, const log_position& at);

  std::vector<published_event> events_;
  std::map<log_id, std::map<log_position, std::uint64_t>> positions_;
  std::map<log_id, std::map<epoch, seq>> synced_; // what may be seen
  std::map<std::pair<log_id, topic_id>, std::vector<moved_start>> starts_;
  std::map<log_id, std::map<topic_id, log::topic_start>> begins_; // the last of each
  std::uint64_t moment_ = 0;                                      // starts moved so far
  std::set<log_id> lost_;
};

} // namespace weft::sim

// actors/lease_book.hpp: what cursors and cuts hold of this node's log: between those who keep them and the log.
#pragma once
#include "actors/diagnostics.hpp"
#include "mesh/delivery/cursor_pace.hpp"
#include "mesh/delivery/leases.hpp"
#include "mesh/node/topic_names.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace weft::actors {

/// A cursor as it is on disk now.
struct published_cursor {
  delivery::lease_holder holder;
  log_position needed_from;
  std::uint64_t generation = 0; ///< another one after a seek
  wall_time used;               ///< when somebody had it last
};

///     cursor book, group book ── published, use, unused ──▶ lease_book ◀── needed?, retained ── log's helper
///                                                               └──▶ diagnostics, `weft lag`
/// @thread any; it calls the log never
class lease_book final : public log::retention_leases {
public:
  /// Keeps references: all outlive it.
  struct surroundings {
    const node::topic_names& topics;
    diagnostics& to;
    weft::clock& clock;
    std::string node; ///< its name
  };
  lease_book(const delivery::lease_terms& terms, surroundings around)
      : terms_(terms), around_(std::move(around)), leases_(terms) {}

  /// @param log_end  of what was published then
  void published(const std::vector<published_cursor>& cursors, const log_position& log_end);
  void use(const delivery::lease_holder& holder);
  /// As delivery::leases::unused.
  void unused(const delivery::lease_holder& holder, bool moved = false);
  /// As delivery::leases::hold, for a cut.
  void hold(const delivery::lease_holder& holder, const log_position& from, wall_time until);
  void forget(const std::string& name);

  [[nodiscard]] std::optional<log::topic_need> needed(topic_id topic, wall_time now) override;
  void retained(const std::vector<log::retained_topic>& topics, wall_time now) override;

  [[nodiscard]] delivery::lease_facts of(const delivery::lease_holder& holder, topic_id topic) const;
  /// As cursor_pace::since.
  [[nodiscard]] std::optional<delivery::pace_mark> pace_since(const delivery::lease_holder& holder) const;

private:
  [[nodiscard]] std::string text_of(const delivery::lease_out::unused& end) const;
  [[nodiscard]] static std::string text_of(const delivery::lease_out::over& end);
  [[nodiscard]] std::string text_of(const delivery::lease_out::passed& end) const;
  [[nodiscard]] std::string place(const log_position& at) const;

  const delivery::lease_terms terms_;
  const surroundings around_;
  mutable std::mutex mutex_;
  delivery::leases leases_;
  std::map<delivery::lease_holder, delivery::cursor_pace> paces_;
};

} // namespace weft::actors

// mesh/delivery/leases.hpp: which cursors hold one log's retention back, and what became of it. Pure.
#pragma once
#include "mesh/base/names.hpp"
#include "mesh/log/log.hpp"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace weft::delivery {

/// How long and how far a cursor holds retention back.
struct lease_terms {
  microseconds unused_max = limits::lease_unused_max;      ///< since somebody had it last
  std::uint64_t topic_bytes_max = limits::lease_bytes_max; ///< of a topic, beyond what its retention keeps
};

/// Whose cursor: a named subscription's or a group's; or a cut, whose name begins with "cut ".
struct lease_holder {
  std::string name, pattern;
  friend auto operator<=>(const lease_holder&, const lease_holder&) = default;
};

enum class lease_state : std::uint8_t {
  none,    ///< there is no published cursor
  ready,   ///< retention would take nothing that the cursor needs
  holds,   ///< it would
  ran_out, ///< it has, or nobody had the cursor for too long: it may
};

/// Why a lease ran out.
enum class lease_end : std::uint8_t {
  unused,
  bytes,
  over, ///< a cut's time
};

/// Of one cursor and one topic.
struct lease_facts {
  lease_state state = lease_state::none;
  std::uint64_t held_bytes = 0; ///< that retention would take
  std::optional<wall_time> held_since{};
  std::optional<wall_time> ran_out_at{};
  lease_end why = lease_end::unused; ///< when it ran out
};

namespace lease_out {
/// Nobody had the cursor for too long: it holds nothing until somebody has it.
struct unused {
  lease_holder holder;
  wall_time since;
};
/// The lease of a cut has ended: it holds nothing any more.
struct over {
  lease_holder holder;
  wall_time since;
};
/// Retention took events that the cursor needs; told once until the cursor is behind them.
struct passed {
  lease_holder holder;
  topic_id topic;
  log_position needed_from, gone_until;
  lease_end why = lease_end::unused;
};
} // namespace lease_out

/// A cursor holds what it needs of its pattern's topics, and by its published position: one in memory may be lost. A
/// cut holds what there was when it was heard of, and what came since; it consumes nothing.
///
///     published ─▶ holds ── published behind it ─▶ ready
///                    ├── unused for too long, or more bytes than allowed ─▶ ran out ── used, behind the gap ─▶ ready
/// Every time is the wall's.
class leases {
public:
  using effects = std::vector<std::variant<lease_out::unused, lease_out::over, lease_out::passed>>;
  /// A topic's name; nothing: it is gone.
  using namer = std::function<std::optional<std::string>(topic_id)>;

  explicit leases(const lease_terms& terms) noexcept : terms_(terms) {}

  /// The cursor is on disk; a seek may have taken it back.
  /// @param used  when somebody had it last
  void published(const lease_holder& holder, const log_position& needed_from, wall_time used);
  /// Somebody has it, until unused().
  void use(const lease_holder& holder);
  /// @param moved  it has a cursor, which is not on disk yet
  void unused(const lease_holder& holder, wall_time now, bool moved = false);
  /// For a cut: everything at or behind `from` stays. Said anew, it holds what it held before.
  void hold(const lease_holder& holder, const log_position& from, wall_time until);
  void forget_name(const std::string& name);

  /// The lowest that any cursor needs of the topic, which is also how far it was consumed: one whose lease ran out does
  /// not count, one that is not on disk yet has consumed nothing.
  [[nodiscard]] std::optional<log::topic_need> needed(std::string_view topic, wall_time now) const;
  /// A round of retention.
  /// @param now   as retention takes it: behind a clock that jumped
  /// @param seen  what people's clocks say
  void on(const std::vector<log::retained_topic>& topics, const namer& name_of, wall_time now, wall_time seen,
          effects& fx);
  /// @param topic  one that the holder's pattern means
  [[nodiscard]] lease_facts of(const lease_holder& holder, topic_id topic, wall_time now) const;

private:
  struct pass {
    log_position gone_until;
    wall_time at;
    lease_end why;
  };
  struct lease {
    std::optional<topic_pattern> means; // none: its pattern can't be read
    std::optional<log_position> needed_from;
    wall_time used;
    bool in_use = false;
    bool unused_told = false;
    std::optional<wall_time> ends{}; // a cut's
    std::map<topic_id, wall_time> held_since{};
    std::map<topic_id, pass> passed{};
  };
  using item = std::pair<const lease_holder, lease>;

  lease& at(const lease_holder& holder);
  /// Nobody has had the cursor for too long, or the cut's time is over.
  [[nodiscard]] bool is_over(const lease& one, wall_time now) const;
  [[nodiscard]] std::uint64_t held_bytes(const lease& one, topic_id topic, wall_time now) const;
  struct round {
    const std::vector<log::retained_topic>& topics;
    const namer& name_of;
    wall_time now, seen;
  };
  void note_held(lease& one, const round& of) const;
  void note_passed(item& one, const round& of, effects& fx) const;

  lease_terms terms_;
  std::map<lease_holder, lease> leases_;
  std::map<topic_id, std::vector<log::retained_topic::part>> held_; // as the last round said
};

} // namespace weft::delivery

// mesh/membership/cut_records.hpp: the cuts that the mesh knows. Pure.
#pragma once
#include "mesh/membership/authority.hpp"
#include "mesh/membership/item_store.hpp"
#include "mesh/wire/cut_record.hpp"

#include <unordered_map>
#include <utility>
#include <variant>

namespace weft::membership {

/// What changed among cuts.
struct cut_event {
  /// A newer record holds, of a cut that may be new.
  struct changed {
    std::string name;
  };
  /// Its lease ended so long ago that nobody asks for it any more.
  struct forgotten {
    std::uint64_t key;
  };
  /// Not taken in; at most one each limits::refusals_told_every, with how many there were since.
  struct refused {
    node_id author;
    error why;
    std::uint64_t count = 0;
  };
};
using cut_events = std::vector<std::variant<cut_event::changed, cut_event::forgotten, cut_event::refused>>;

/// The newest record of each cut, tombstones too, whoever decided it: a store that gossip spreads, as topic_records is.
/// A record is kept for limits::cut_forgotten_after behind its lease's end, and not taken in any more after it.
///
///     decide ──item──▶ keep on disk ──▶ publish (take) ──▶ changed
///     gossip ──item──▶ take ──▶ changed
class cut_records final : public item_store {
public:
  struct entry {
    wire::cut_record record; ///< without the certificate, which is in the item
    std::string author_name; ///< as the certificate has it
    wire::item item;
  };
  using entries_type = std::map<std::string, entry, std::less<>>;

  cut_records(const authority& by, const node_id& self) : authority_(by), self_(self) {}

  [[nodiscard]] bool keeps(wire::item_kind kind) const override { return kind == wire::item_kind::cut_record; }
  /// What this node decided, or held before a restart, comes from itself.
  [[nodiscard]] taken take(const wire::item& item, const node_id& from, instant now) override;
  [[nodiscard]] const held_items& held() const override { return held_; }
  [[nodiscard]] std::optional<wire::item> find(std::uint64_t key) const override;

  /// Signs a record above the one held. Nothing holds before it is taken in.
  /// @param certificate  this node's chain
  /// @error errc::invalid_name, errc::invalid_argument  what can't be decided
  /// @error errc::not_yet_valid  its bound lies too far ahead of this node's clock
  /// @error errc::expired        this node's certificate is
  /// @error errc::too_large      the mesh has as many records as it may
  [[nodiscard]] result<wire::item> decide(const wire::cut& wanted, const shared_bytes& certificate,
                                          wall_time now) const;
  /// Forgets records whose time is over.
  void forget_old(wall_time now);

  /// Deleted or not.
  [[nodiscard]] const entry* find(std::string_view name) const;
  [[nodiscard]] const entries_type& all() const noexcept { return entries_; }
  /// What happened since the last call; to be taken after each call of take() and forget_old().
  [[nodiscard]] cut_events take_events() { return std::exchange(events_, {}); }

private:
  [[nodiscard]] bool has_room(std::string_view name, std::size_t percent) const;
  void hold(entry made);
  void refuse(const node_id& author, error why, mono_time now);

  const authority& authority_;
  node_id self_;
  entries_type entries_;                                 // by name
  std::unordered_map<std::uint64_t, std::string> names_; // by key; never iterated
  held_items held_;
  cut_events events_;
  mono_time told_{-1'000'000'000}; // when a refusal was told last
  std::uint64_t refused_ = 0;      // since then
};

/// The key of a cut's record among all items.
[[nodiscard]] std::uint64_t key_of_cut(std::string_view name);

} // namespace weft::membership

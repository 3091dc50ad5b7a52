// mesh/membership/contacts.hpp: whom a node meets beyond its links, so that no part of the mesh is forgotten. Pure.
#pragma once
#include "mesh/base/ids.hpp"
#include "mesh/base/random.hpp"
#include "mesh/base/time.hpp"

#include <optional>
#include <variant>
#include <vector>

namespace weft::membership {

/// Each limits::contact_interval, with jitter, one random member that this node has no link with is linked, and the
/// directories are compared. Dead members are among them: that is how the halves of a mesh that was parted meet again.
/// It also finds members that vanished together with all their neighbours, of whom nobody would say so.
///
///     due ──▶ begin ──▶ meet ──▶ link ──▶ compare ──▶ limits::contact_within ──▶ part
///
/// Seeds may be nodes that this one has never heard of: they get their turn soon after the start, as whoever was
/// dialled before it reached a seed may be on an island, and then each limits::seed_interval.
class contacts {
public:
  struct out {
    /// Make a link to it.
    struct meet {
      node_id who;
    };
    /// Compare directories with it.
    struct compare {
      node_id who;
    };
    /// The link is not needed any more.
    struct part {
      node_id who;
    };
    /// It can't be reached from here.
    struct missing {
      node_id who;
    };
    /// Dial seeds from now on, or no longer.
    struct seeds {
      bool wanted = false;
    };
  };
  using effects = std::vector<std::variant<out::meet, out::compare, out::part, out::missing, out::seeds>>;

  contacts(random_source& random, mono_time now);

  /// Whether it is time for the next one: then begin() is called with all that may be met.
  [[nodiscard]] bool due(mono_time now) const noexcept { return !under_way_ && now >= next_; }
  /// @param unlinked  members without a link that have an address
  void begin(const std::vector<node_id>& unlinked, mono_time now, effects& fx);
  void linked(const node_id& who, mono_time now, effects& fx);
  void unreachable(const node_id& who, mono_time now, effects& fx);
  void tick(mono_time now, effects& fx);
  [[nodiscard]] mono_time next_tick() const noexcept;

  /// Whether it is being met: what it says now, this node's neighbours should have said.
  [[nodiscard]] bool meets(const node_id& who) const noexcept { return under_way_ && under_way_->who == who; }
  /// Whether a link that opens now may be a seed's.
  [[nodiscard]] bool seeking_seeds() const noexcept { return seeds_until_.has_value(); }

private:
  struct meeting {
    node_id who;
    bool compared = false;
    mono_time until;
  };
  void end(mono_time now, effects& fx);

  random_source& random_;
  std::optional<meeting> under_way_;
  mono_time next_;
  mono_time next_seeds_;
  std::optional<mono_time> seeds_until_;
};

} // namespace weft::membership

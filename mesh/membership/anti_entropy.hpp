// mesh/membership/anti_entropy.hpp: finds what two nodes hold differently, and brings both to the newest. Pure.
#pragma once
#include "mesh/base/random.hpp"
#include "mesh/membership/allowance.hpp"
#include "mesh/membership/gossip_effects.hpp"
#include "mesh/membership/item_stores.hpp"

#include <deque>
#include <set>

namespace weft::membership {

/// The messages are explained at wire::sync_root. A node keeps nothing of a comparison between two messages, so a lost
/// one does no harm; what it answers is bounded per peer, so one that asks for ever costs little.
class anti_entropy {
public:
  anti_entropy(const item_stores& stores, random_source& random) : stores_(stores), random_(random) {}

  /// Compares with the peer as soon as its turn comes; again when it was asked before.
  void want(const node_id& peer);
  /// The link is gone.
  void forget(const node_id& peer);
  /// An answer brought something: what was started before may be enough for now.
  void learned(mono_time now) noexcept { next_start_ = now + limits::sync_spacing; }

  void on(const node_id& from, const wire::sync_root& root, mono_time now, gossip_effects& fx);
  void on(const node_id& from, const wire::sync_buckets& theirs, mono_time now, gossip_effects& fx);
  void on(const node_id& from, const wire::sync_entries& theirs, mono_time now, gossip_effects& fx);
  void on(const node_id& from, const wire::sync_wants& wants, mono_time now, gossip_effects& fx);
  void on(const node_id& from, const wire::identity_wants& wants, mono_time now, gossip_effects& fx);

  /// Starts what is wanted, one each limits::sync_spacing, and one with a random neighbour each limits::sync_interval.
  void tick(const std::set<node_id>& neighbors, mono_time now, gossip_effects& fx);
  [[nodiscard]] mono_time next_tick() const noexcept;

private:
  bool afford(const node_id& peer, std::size_t bytes, mono_time now);
  void give(const node_id& to, const std::vector<std::uint64_t>& keys, mono_time now, gossip_effects& fx);

  const item_stores& stores_;
  random_source& random_;
  std::deque<node_id> wanted_;              // each once
  std::map<node_id, allowance> allowances_; // of peers that have asked lately
  mono_time next_start_{};
  std::optional<mono_time> next_round_; // set by the first tick
};

} // namespace weft::membership

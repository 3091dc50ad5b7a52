// mesh/membership/gossip.hpp: how signed items get everywhere: flooding for news, anti-entropy for what was missed.
// Pure.
#pragma once
#include "mesh/membership/anti_entropy.hpp"
#include "mesh/membership/flood.hpp"

namespace weft::membership {

/// Takes items in, and hands on what was new. An item that is not newer than the one held goes no further, so no other
/// message id is needed.
///
///     peer ──gossip──▶ store ──news──▶ flood ──gossip──▶ neighbours but the sender
///                        │ many, of an answer ──▶ anti-entropy with each neighbour: most have them already
///                        └ by somebody unknown ──identity_wants──▶ peer
class gossip {
public:
  using out = gossip_out;
  using effects = gossip_effects;

  gossip(const node_id& self, std::vector<item_store*> stores, random_source& random)
      : self_(self), stores_(std::move(stores)), anti_entropy_(stores_, random) {}
  gossip(const gossip&) = delete;
  gossip& operator=(const gossip&) = delete;

  /// A neighbour of the overlay: gets what is flooded. Of a new pair the lower node id compares.
  void neighbor_up(const node_id& peer);
  void neighbor_down(const node_id& peer) { neighbors_.erase(peer); }
  /// Compares with somebody who has a link and need not be a neighbour.
  void compare_with(const node_id& peer) { anti_entropy_.want(peer); }
  /// Its link is gone.
  void peer_down(const node_id& peer);

  /// Takes in what this node signed, and floods it.
  void publish(const std::vector<wire::item>& own, instant now, effects& fx);

  void on(const node_id& from, const wire::gossip& message, instant now, effects& fx);
  void on(const node_id& from, const wire::sync_root& m, instant now, effects& fx) {
    anti_entropy_.on(from, m, now.mono, fx);
  }
  void on(const node_id& from, const wire::sync_buckets& m, instant now, effects& fx) {
    anti_entropy_.on(from, m, now.mono, fx);
  }
  void on(const node_id& from, const wire::sync_entries& m, instant now, effects& fx) {
    anti_entropy_.on(from, m, now.mono, fx);
  }
  void on(const node_id& from, const wire::sync_wants& m, instant now, effects& fx) {
    anti_entropy_.on(from, m, now.mono, fx);
  }
  void on(const node_id& from, const wire::identity_wants& m, instant now, effects& fx) {
    anti_entropy_.on(from, m, now.mono, fx);
  }

  void tick(instant now, effects& fx);
  [[nodiscard]] mono_time next_tick() const noexcept;

  [[nodiscard]] const std::set<node_id>& neighbors() const noexcept { return neighbors_; }

private:
  void hand_on(const std::vector<wire::item>& news, bool answer, const node_id& from, instant now);

  node_id self_;
  item_stores stores_;
  std::set<node_id> neighbors_;
  flood flood_;
  anti_entropy anti_entropy_;
};

} // namespace weft::membership

// mesh/membership/overlay.hpp: who this node's neighbours are, so that all nodes hang together. Pure.
#pragma once
#include "mesh/base/backoff.hpp"
#include "mesh/membership/allowance.hpp"
#include "mesh/membership/passive_view.hpp"
#include "mesh/wire/mesh_message.hpp"

#include <map>
#include <set>
#include <variant>

namespace weft::membership {

/// HyParView over node ids. A node has few neighbours (limits::active_view_max), each its neighbour's neighbour too:
///
///     a ── join / neighbor ──▶ b     b has room, or makes some (join, high priority): a is its neighbour
///     a ◀── neighbor_reply ── b      accepted: b is a's neighbour
///     a ── disconnect ──▶ b          on eviction, and for an accepted reply that nobody waits for any more
///
/// A join walks on as forward_join from neighbour to neighbour, and where that ends the new node is asked; when too
/// many came it goes into the passive view. What is missing is filled up from the passive view, then from any known
/// members. A node that has no neighbour also joins whoever is linked with it, seeds among them. At rest there is only
/// the shuffle, and with it one ask of a node that is short of neighbours.
/// @source Leitao, Pereira, Rodrigues, "HyParView" (DSN 2007)
class overlay {
public:
  struct in {
    struct peer_up {
      node_id id;
    };
    /// A link that is replaced is down, then up: the peer may have begun anew.
    struct peer_down {
      node_id id;
    };
    /// The wanted link can't be had.
    struct link_failed {
      node_id id;
    };
    /// The directory knows it to be alive, with a contact when it can be dialled.
    struct known {
      node_id id;
    };
    /// Dead or left.
    struct gone {
      node_id id;
    };
    /// What this node should have heard long ago from its neighbours, this one alone could tell: the overlay may have
    /// come apart.
    struct apart {
      node_id id;
    };
    /// A heartbeat came: only neighbours send them, so its sender holds this node for one.
    struct heartbeat {
      node_id id;
    };
    struct leave {};
  };
  struct out {
    struct send {
      node_id to; ///< linked
      wire::mesh_message message;
    };
    struct want_link {
      node_id id;
    };
    struct release_link {
      node_id id;
    };
    struct neighbor_up {
      node_id id;
    };
    struct neighbor_down {
      node_id id;
    };
    /// Whether there is no neighbour: seeds should be linked.
    struct need_contact {
      bool wanted = false;
    };
  };
  using effects = std::vector<std::variant<out::send, out::want_link, out::release_link, out::neighbor_up,
                                           out::neighbor_down, out::need_contact>>;

  overlay(const node_id& self, random_source& random, mono_time now, effects& fx);

  void on(const in::peer_up& up, mono_time now, effects& fx);
  void on(const in::peer_down& down, mono_time now, effects& fx);
  void on(const in::link_failed& failed, mono_time now, effects& fx);
  void on(const in::known& known, mono_time now, effects& fx);
  void on(const in::gone& gone, mono_time now, effects& fx);
  void on(const in::apart& apart, mono_time now, effects& fx);
  void on(const in::heartbeat& beat, effects& fx) const;
  /// Says goodbye; nothing happens any more.
  void on(in::leave, effects& fx);

  void on(const node_id& from, const wire::join& join, mono_time now, effects& fx);
  void on(const node_id& from, const wire::forward_join& walk, mono_time now, effects& fx);
  void on(const node_id& from, const wire::neighbor& ask, mono_time now, effects& fx);
  void on(const node_id& from, const wire::neighbor_reply& reply, mono_time now, effects& fx);
  void on(const node_id& from, const wire::disconnect& bye, mono_time now, effects& fx);
  void on(const node_id& from, const wire::shuffle& walk, mono_time now, effects& fx);
  void on(const node_id& from, const wire::shuffle_reply& reply, mono_time now, effects& fx);

  void tick(mono_time now, effects& fx);
  [[nodiscard]] mono_time next_tick() const;

  /// In no order.
  [[nodiscard]] const std::vector<node_id>& neighbors() const noexcept { return active_; }
  [[nodiscard]] const passive_view& others() const noexcept { return passive_; }

private:
  enum class manner : std::uint8_t {
    join,   ///< as a new node
    fill,   ///< for a free place here
    walk,   ///< for the new node's sake: a place is made here
    insist, ///< a place is made at both
  };
  struct asked {
    manner how = manner::fill;
    bool sent = false; // else the link is awaited
    mono_time until;
  };

  [[nodiscard]] bool is_neighbor(const node_id& id) const;
  [[nodiscard]] bool full() const noexcept { return active_.size() >= limits::active_view_max; }
  [[nodiscard]] bool linked(const node_id& from) const { return !left_ && up_.contains(from); }
  [[nodiscard]] bool may_walk_to(const node_id& id, mono_time now);
  void ask(const node_id& id, manner how, mono_time now, effects& fx);
  void send_ask(const node_id& id, asked& ask, mono_time now, effects& fx);
  void give_up(const node_id& id, mono_time now, effects& fx);
  void add(const node_id& id, effects& fx);
  void remove(const node_id& id, mono_time now, effects& fx);
  void make_room(mono_time now, effects& fx);
  void release_if_free(const node_id& id, effects& fx);
  void fill(mono_time now, effects& fx);
  [[nodiscard]] bool may_ask(const node_id& id) const;
  [[nodiscard]] std::optional<node_id> next_to_ask(manner& how);
  void fill_later(mono_time now);
  [[nodiscard]] bool filling() const noexcept;
  void shuffle(mono_time now, effects& fx);
  void take_in(const std::vector<node_id>& nodes, const node_id& source);
  [[nodiscard]] std::optional<node_id> random_neighbor(const node_id& not_this, const node_id& nor_this);

  node_id self_;
  random_source& random_;
  std::vector<node_id> active_; // at most limits::active_view_max
  passive_view passive_;
  std::set<node_id> up_;          // linked, for whatever
  std::set<node_id> held_;        // links that are wanted here
  std::map<node_id, asked> asks_; // under way
  std::set<node_id> tried_;       // asked in vain since the last shuffle or loss
  allowance walks_{static_cast<std::int64_t>(limits::active_view_max), 1}; // asks for new nodes' sake
  unsigned tries_left_ = limits::neighbor_tries;
  backoff wait_;
  mono_time fill_at_;
  mono_time shuffle_at_;
  mono_time insist_at_; // not before
  bool left_ = false;
};

} // namespace weft::membership

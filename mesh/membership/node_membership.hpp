// mesh/membership/node_membership.hpp: the machines of this folder as one: a node that is a member of its mesh. Pure.
#pragma once
#include "mesh/membership/announcer.hpp"
#include "mesh/membership/contacts.hpp"
#include "mesh/membership/detector.hpp"
#include "mesh/membership/directory.hpp"
#include "mesh/membership/gossip.hpp"
#include "mesh/membership/link_book.hpp"
#include "mesh/membership/overlay.hpp"

#include <map>
#include <set>
#include <variant>

namespace weft::membership {

/// What a membership is made with.
struct membership_options {
  membership::identity self;
  wire::item identity;    ///< its certificate chain
  wire::incarnation last; ///< persisted last, 0 for none
  own_facts facts;
  std::vector<contact> seeds;
  std::vector<item_store*> stores; ///< of further kinds of items; they outlive it
  directory::use of_use;           ///< what nodes that are gone are kept for
};

/// What the machines say to each other stays inside; what is left is what a shell can do: dial, send, persist.
///
///     links ──▶ link_book ──peers──▶ overlay ──neighbours──▶ detector, gossip
///                   ▲ links wanted ─────┘                        │ accusations, items
///                   │                          directory ◀───────┘
///                   └── contacts: random members ◀── │ ── records, states ──▶ whoever asks
class node_membership {
public:
  struct in {
    /// A link is proven. `dial`: which of ours; nothing: the peer dialled.
    struct link_opened {
      peer_link link;
      node_id peer;
      std::optional<dial_number> dial;
    };
    struct link_closed {
      peer_link link;
      link_end how = link_end::closed;
    };
    struct dial_failed {
      dial_number dial;
    };
    struct message {
      peer_link link;
      wire::mesh_message content;
    };
    /// Something else passed on the link: it lives, and is used.
    struct traffic {
      peer_link link;
    };
    /// `links` is filled in here.
    struct facts {
      own_facts are;
    };
    /// What a link costs now, as wire::announced_link has it.
    struct cost {
      node_id peer;
      std::uint8_t cost = 0;
    };
    struct persisted {
      wire::incarnation incarnation;
    };
    /// Flows need a link to this member, or need it no longer.
    struct need_link {
      node_id peer;
    };
    struct release_link {
      node_id peer;
    };
    /// A renewed certificate.
    struct identity {
      membership::identity self;
      wire::item item;
    };
    /// Items of a kind that another store keeps, signed here.
    struct publish {
      std::vector<wire::item> items;
    };
    struct leave {};
  };
  struct out {
    using dial = link_book::out::dial;
    using stop_dialling = link_book::out::stop_dialling;
    struct close {
      peer_link link;
      error why;
    };
    struct send {
      peer_link link;
      wire::mesh_message message;
    };
    /// Make it outlive a crash, then answer with `persisted`.
    struct persist {
      wire::incarnation incarnation;
    };
    /// Keep these over restarts, for restore(); what is kept of the same member before is replaced.
    struct keep {
      node_id member;
      wire::item identity, record;
    };
    /// Nothing of this member needs to be kept.
    struct forget {
      node_id member;
    };
    /// What is for the member goes over this link.
    struct peer_up {
      node_id peer;
      peer_link link;
    };
    struct peer_down {
      node_id peer;
    };
    /// A link that flows need can't be had for now.
    struct unreachable {
      node_id peer;
    };
    /// Of members; of this node itself too.
    struct happened {
      std::variant<directory_event::member_added, directory_event::record_changed, directory_event::state_changed,
                   directory_event::member_removed, directory_event::name_shared, directory_event::refused>
          what;
    };
  };
  using effects =
      std::vector<std::variant<out::dial, out::stop_dialling, out::close, out::send, out::persist, out::keep,
                               out::forget, out::peer_up, out::peer_down, out::unreachable, out::happened>>;

  /// @param by, random  outlive it
  node_membership(const authority& by, membership_options options, random_source& random, instant now, effects& fx);
  node_membership(const node_membership&) = delete;
  node_membership& operator=(const node_membership&) = delete;

  /// What this node knew before it started, as it kept it: checked as if a peer had said it.
  void restore(const std::vector<wire::item>& kept, instant now, effects& fx);

  void on(const in::link_opened& opened, instant now, effects& fx);
  void on(const in::link_closed& closed, instant now, effects& fx);
  void on(const in::dial_failed& failed, instant now, effects& fx);
  void on(const in::message& message, instant now, effects& fx);
  void on(const in::traffic& traffic, instant now, effects& fx);
  void on(in::facts facts, instant now, effects& fx);
  void on(const in::cost& cost, instant now, effects& fx);
  void on(const in::persisted& persisted, instant now, effects& fx);
  void on(const in::need_link& need, instant now, effects& fx);
  void on(const in::release_link& release, instant now, effects& fx);
  void on(const in::identity& renewed, instant now, effects& fx);
  void on(const in::publish& own, instant now, effects& fx);
  void on(in::leave, instant now, effects& fx);
  void tick(instant now, effects& fx);
  [[nodiscard]] mono_time next_tick() const;

  [[nodiscard]] const directory& members() const noexcept { return directory_; }
  [[nodiscard]] const std::vector<node_id>& neighbors() const noexcept { return overlay_.neighbors(); }
  /// Smoothed, of a peer whose heartbeat was answered.
  [[nodiscard]] std::optional<microseconds> round_trip_to(const node_id& peer) const {
    return detector_.round_trip_to(peer);
  }
  [[nodiscard]] std::optional<wire::incarnation> incarnation() const noexcept { return announcer_.incarnation(); }
  [[nodiscard]] std::size_t links() const noexcept { return links_.links(); }

private:
  // Carrying out what each machine wants, where another machine can do it.
  void carry_out(const link_book::effects& wanted, instant now, effects& fx);
  void carry_out(const overlay::effects& wanted, instant now, effects& fx);
  void carry_out(const detector::effects& wanted, instant now, effects& fx);
  void carry_out(const gossip::effects& wanted, instant now, effects& fx);
  void carry_out(const announcer::effects& wanted, instant now, effects& fx);
  void carry_out(const contacts::effects& wanted, instant now, effects& fx);

  void do_it(const link_book::out::peer_up& up, instant now, effects& fx);
  void do_it(const link_book::out::peer_down& down, instant now, effects& fx);
  void do_it(const link_book::out::unreachable& node, instant now, effects& fx);
  void do_it(const overlay::out::neighbor_up& up, instant now, effects& fx);
  void do_it(const overlay::out::neighbor_down& down, instant now, effects& fx);
  void accuse(const node_id& who, wire::accusation_cause cause, instant now, effects& fx);
  void warn(const node_id& accused, const node_id& accuser, effects& fx) const;
  void seek_seeds(instant now, effects& fx);

  void tell_events(instant now, effects& fx);
  void heard(const directory_event::member_added& added, instant now, effects& fx);
  void heard(const directory_event::record_changed& changed, instant now, effects& fx);
  void heard(const directory_event::state_changed& changed, instant now, effects& fx);
  void heard(const directory_event::member_removed& removed, instant now, effects& fx);
  void heard(const directory_event::accused& accused, instant now, effects& fx);
  void heard_of_self(const member& held, instant now, effects& fx);
  void heard(const directory_event::name_shared&, instant, effects&) {}
  void heard(const directory_event::refused&, instant, effects&) {}

  template <class Message>
  void dispatch(const node_id& from, const Message& message, instant now, effects& fx);
  void send(const node_id& to, const wire::mesh_message& message, effects& fx) const;
  void need(const node_id& peer, link_use use, instant now, effects& fx);
  void release(const node_id& peer, link_use use, instant now, effects& fx);
  [[nodiscard]] std::optional<contact> contact_of(const node_id& peer) const;
  [[nodiscard]] std::vector<node_id> unlinked() const;
  void tell_state(const member& of, instant now, effects& fx);
  void keep(const node_id& id, effects& fx) const;
  void announce_links(instant now, effects& fx);
  void look_at_age(const wire::node_record& record, instant now, effects& fx);

  /// What machines want done as they are made.
  struct beginnings {
    overlay::effects of_overlay;
    announcer::effects of_announcer;
  };
  const authority& authority_;
  node_id self_;
  beginnings started_;
  link_book links_;
  directory directory_;
  gossip gossip_;
  detector detector_;
  contacts contacts_;
  overlay overlay_;
  announcer announcer_;
  own_facts facts_;
  std::map<peer_link, node_id> peer_of_;
  std::map<node_id, std::uint8_t> costs_;        // of links to members, as last measured
  std::set<std::pair<node_id, link_use>> needs_; // what was asked of link_book
  std::set<node_id> redials_;                    // neighbours whose link broke
  std::optional<node_id> told_by_;               // a contact, while what it said is dealt with
  bool alone_ = false;                           // the overlay has no neighbour
};

} // namespace weft::membership

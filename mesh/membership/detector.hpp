// mesh/membership/detector.hpp: notices that a neighbour is gone, weighs what others say of anybody, defends this node.
// Pure.
#pragma once
#include "mesh/membership/peer_link.hpp"
#include "mesh/membership/round_trip.hpp"
#include "mesh/wire/node_record.hpp"

#include <map>
#include <variant>

namespace weft::membership {

/// What one node knows of a neighbour by itself becomes an accusation; what all nodes hear of accusations, each one
/// weighs by its own clock:
///
///     neighbour silent or broken ──▶ accuse        accusation of another ──▶ suspect ─ time, accusers ─▶ dead
///     accusation of this node ──▶ refute           its new incarnation ──▶ all is forgotten
///
/// A member that this node hears itself, over whatever link, is not held dead, whatever others say: it is told instead.
/// A pause of this node is nobody else's silence; while this node is slow it gives the others more time.
class detector {
public:
  struct in {
    /// With the incarnation of the record that is held.
    struct neighbor_up {
      node_id id;
      wire::incarnation incarnation;
    };
    /// By the overlay's decision or for a lost link: of the latter this machine is told before.
    struct neighbor_down {
      node_id id;
    };
    /// Anything came from it.
    struct frame {
      node_id id;
    };
    /// link_book's peer_down. `replaced`: nothing happened.
    struct link_lost {
      node_id id;
      link_end how = link_end::broken;
    };
    /// link_book's peer_up.
    struct relinked {
      node_id id;
    };
    /// link_book's unreachable.
    struct redial_failed {
      node_id id;
    };
    /// Verified, of a member that is alive or suspect at that incarnation, or of this node; own ones come back here
    /// too.
    struct accusation {
      node_id accused, accuser;
      wire::incarnation incarnation;
      wire::accusation_cause cause = wire::accusation_cause::silent;
      /// How many nodes could have had a link with it: those that it announced, this node when it is one.
      std::size_t possible_accusers = 0;
    };
    /// A record with this incarnation came, higher than the one before.
    struct refuted {
      node_id id;
      wire::incarnation incarnation;
    };
    /// It left, or was forgotten.
    struct gone {
      node_id id;
    };
    /// This node's own record has it now.
    struct own_incarnation {
      wire::incarnation incarnation;
    };
  };
  struct out {
    struct send {
      node_id to; ///< linked
      wire::mesh_message message;
    };
    /// Sign and spread: at the accused's incarnation that is held.
    struct accuse {
      node_id id;
      wire::accusation_cause cause = wire::accusation_cause::silent;
    };
    /// Send this accusation to the accused, which is linked: it lives and may not have heard.
    struct warn {
      node_id accused, accuser;
    };
    struct dead {
      node_id id;
      wire::incarnation incarnation;
    };
    /// Persist and announce an own incarnation above this one.
    struct refute {
      wire::incarnation accused;
    };
  };
  using effects = std::vector<std::variant<out::send, out::accuse, out::warn, out::dead, out::refute>>;

  detector(const node_id& self, wire::incarnation own, mono_time now) noexcept
      : self_(self), own_(own), last_tick_(now) {}

  void on(const in::neighbor_up& up, mono_time now, effects& fx);
  void on(const in::neighbor_down& down);
  void on(const in::frame& frame, mono_time now, effects& fx);
  void on(const in::link_lost& lost, mono_time now);
  void on(const in::relinked& again, mono_time now, effects& fx);
  void on(const in::redial_failed& failed, effects& fx);
  void on(const in::accusation& word, mono_time now, effects& fx);
  void on(const in::refuted& refuted);
  void on(const in::gone& gone);
  void on(const in::own_incarnation& own) noexcept;
  void on(const node_id& from, const wire::heartbeat& beat, mono_time now, effects& fx);
  void on(const node_id& from, const wire::heartbeat_reply& reply, mono_time now, effects& fx);
  void tick(mono_time now, effects& fx);
  [[nodiscard]] std::optional<mono_time> next_tick() const;

  /// Smoothed, of a neighbour whose heartbeat was answered.
  [[nodiscard]] std::optional<microseconds> round_trip_to(const node_id& id) const;
  /// How long a neighbour may be silent now.
  [[nodiscard]] microseconds patience() const noexcept;

private:
  struct watched {
    wire::incarnation incarnation;
    bool neighbor = true;                           // else only until its lost link is dialled again or not
    std::optional<mono_time> lost;                  // its link
    bool redial_timed = false;                      // a redial that takes long is held against it
    bool redial_told = false, silence_told = false; // accused of it, since it was linked or heard
    mono_time heard;
    mono_time next_beat;
    round_trip trips;
  };
  struct suspicion {
    wire::incarnation incarnation;
    mono_time since;
    std::optional<node_id> broken_by;   // the first accuser with this cause
    std::optional<mono_time> confirmed; // by a second one, or there can't be one
    node_id accuser;                    // the latest
    bool warned = false;                // the accused, by us
    mono_time not_before;               // it was heard: dead later, if at all
  };
  struct own_word {
    wire::incarnation incarnation;
    bool silent = false, broken = false;
  };

  void accuse(const node_id& id, wire::accusation_cause cause, effects& fx);
  void weigh(suspicion& against, const in::accusation& word, mono_time now);
  void defend(const in::accusation& word, mono_time now, effects& fx);
  void heard(const node_id& id, mono_time now, effects& fx);
  void warn_once(const node_id& id, effects& fx);
  [[nodiscard]] bool lives(const node_id& id, mono_time now) const;
  [[nodiscard]] static mono_time due(const suspicion& against) noexcept;
  [[nodiscard]] std::optional<mono_time> accusable_at(const watched& one) const noexcept;
  void begin_to_watch(mono_time now) noexcept;
  void notice_own_pause(mono_time now);
  void beat(const node_id& id, watched& one, mono_time now, effects& fx);
  void look_at_neighbors(mono_time now, effects& fx);
  void conclude(mono_time now, effects& fx);

  node_id self_;
  wire::incarnation own_;
  std::optional<mono_time> refuted_; // told to refute, no new incarnation since
  std::map<node_id, watched> watched_;
  std::map<node_id, mono_time> heard_;      // of all linked nodes, when each was heard last
  std::map<node_id, suspicion> suspicions_; // of members, the directory bounds them
  std::map<node_id, own_word> own_words_;   // until refuted or dead
  mono_time last_tick_;
  std::optional<mono_time> expected_; // the next tick
  unsigned slowness_ = 0;
  mono_time slow_since_; // the last change of it
};

} // namespace weft::membership

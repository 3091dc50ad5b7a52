// mesh/membership/link_book.hpp: which link joins this node to each peer: dials, one a pair, none that is idle. Pure.
#pragma once
#include "mesh/base/ids.hpp"
#include "mesh/membership/dial_plan.hpp"

#include <array>
#include <map>
#include <set>
#include <variant>
#include <vector>

namespace weft::membership {

/// Keeps a link to each node that somebody here needs, and at most one to each node in the end.
///
/// Of two links of a pair the **lower node id decides**, and only it closes one: of two dialled at once (by both sides,
/// the second opened within limits::dial_within of the first) it keeps its own, otherwise the newest. The other side
/// goes on with what it has until it hears; so both never close a different one. That a second dial comes after one
/// was closed as superfluous says that the peer has lost the link that was kept: then the newest stays.
class link_book {
public:
  struct in {
    /// Somebody here needs a link to this node. Told again: its addresses may be others now.
    struct need {
      node_id peer;
      contact to;
      link_use use = link_use::flow;
    };
    struct release {
      node_id peer;
      link_use use = link_use::flow;
    };
    /// Whether this node needs somebody, anybody, of its mesh: seeds are dialled.
    struct need_contact {
      bool wanted = false;
    };
    /// Where a node can be dialled by its own word: while it is linked, seeds at these addresses are not dialled.
    struct dialable {
      node_id peer;
      std::vector<std::string> addresses;
    };
    /// A link is proven. `dial`: it is ours; none: the peer dialled.
    struct opened {
      peer_link link;
      node_id peer;
      std::optional<dial_number> dial;
    };
    /// Answer to `out::close` too; then it changes nothing.
    struct closed {
      peer_link link;
      link_end how = link_end::closed;
    };
    /// Nobody there, or not the node with that key.
    struct dial_failed {
      dial_number dial;
    };
    /// Something other than a heartbeat passed.
    struct used {
      node_id peer;
    };
  };
  /// Why this node closes a link.
  enum class reason : std::uint8_t {
    superfluous, ///< another link to the same node stays
    idle,        ///< nobody needs it
    full,        ///< limits::links_max
    own,         ///< it leads back to this node
  };
  struct out {
    /// Try once; `opened` or `dial_failed` follows, or `stop_dialling` comes before.
    struct dial {
      dial_number dial;
      std::string address;
      link_key key{};
    };
    struct stop_dialling {
      dial_number dial;
    };
    struct close {
      peer_link link;
      reason why = reason::superfluous;
    };
    /// The node is linked; what is for it goes over this link.
    struct peer_up {
      node_id peer;
      peer_link link;
    };
    /// What was sent and not answered may be lost. After `replaced` the next peer_up follows at once.
    struct peer_down {
      node_id peer;
      link_end how = link_end::closed;
    };
    /// A needed node has no address, or none of them answered; dials go on while it is needed.
    struct unreachable {
      node_id peer;
    };
  };
  using effects = std::vector<
      std::variant<out::dial, out::stop_dialling, out::close, out::peer_up, out::peer_down, out::unreachable>>;

  /// @param seeds  dialled, in any order and for ever, while contact is needed
  link_book(const node_id& self, const std::vector<contact>& seeds, random_source& random);

  void on(const in::need& need, mono_time now, effects& fx);
  void on(const in::release& release, mono_time now, effects& fx);
  void on(const in::need_contact& contact, mono_time now, effects& fx);
  void on(const in::dialable& peer);
  void on(const in::opened& opened, mono_time now, effects& fx);
  void on(const in::closed& closed, mono_time now, effects& fx);
  void on(const in::dial_failed& failed, mono_time now, effects& fx);
  void on(const in::used& used, mono_time now);
  void tick(mono_time now, effects& fx);
  /// When tick() has something to do, if ever.
  [[nodiscard]] std::optional<mono_time> next_tick() const;

  /// The link to use.
  [[nodiscard]] std::optional<peer_link> link_to(const node_id& peer) const;
  /// All open ones, those included that wait for the other side's word.
  [[nodiscard]] std::size_t links() const noexcept { return peer_of_.size(); }

private:
  struct open_link {
    peer_link link;
    bool ours = false; // dialled here
    mono_time opened;
  };
  struct peer_entry {
    std::array<bool, 3> uses{}; // by link_use
    dial_plan plan;
    std::optional<open_link> current;
    std::vector<open_link> spares; // the peer will close one; oldest first
    bool spare_closed = false;     // of the current link's rivals, by us: the next one is no rival
    mono_time used;

    [[nodiscard]] bool needed() const noexcept { return uses[0] || uses[1] || uses[2]; }
    [[nodiscard]] bool needed(link_use use) const noexcept { return uses[static_cast<std::size_t>(use)]; }
  };
  struct seed_entry {
    dial_plan plan;
    std::optional<node_id> who; // who answered there last, else who says to be there
  };
  using peers = std::map<node_id, peer_entry>;

  void use_link(peers::value_type& at, const open_link& link, mono_time now, effects& fx);
  void decide(peers::value_type& at, const open_link& link, mono_time now, effects& fx);
  void replace(peers::value_type& at, const open_link& link, reason why, mono_time now, effects& fx);
  void close(peer_link link, reason why, effects& fx);
  void drop(peers::iterator at, reason why, mono_time now, effects& fx);
  [[nodiscard]] bool make_room(bool for_overlay, mono_time now, effects& fx);
  void begin(dial_plan& plan, std::variant<node_id, std::size_t> target, mono_time now, effects& fx);
  void dial_when_due(peers::value_type& at, mono_time now, effects& fx);
  void stop_dial(dial_plan& plan, effects& fx);
  void fail_dial(dial_number dial, mono_time now, effects& fx);
  void dial_seeds(mono_time now, effects& fx);
  [[nodiscard]] bool may_dial(const seed_entry& at) const;
  void look_after(peers::value_type& at, mono_time now, effects& fx);
  void forget_if_unused(peers::iterator at);

  node_id self_;
  random_source& random_;
  std::vector<seed_entry> seeds_; // shuffled
  bool contact_needed_ = false;
  peers peers_;                                                     // linked or needed
  std::map<peer_link, node_id> peer_of_;                            // every open link
  std::map<dial_number, std::variant<node_id, std::size_t>> dials_; // under way: to a node, or to the n-th seed
  dial_number last_dial_;
};

} // namespace weft::membership

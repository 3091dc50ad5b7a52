// mesh/delivery/state_desk.hpp: who may take part in a group with state at one log. Pure.
#pragma once
#include "mesh/delivery/claim_keeper.hpp"
#include "mesh/delivery/shard_desk.hpp"
#include "mesh/wire/control.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace weft::delivery {

/// By terms (state_claim.hpp) and leases (claim_keeper.hpp); and at the state's home, unless an operator has made
/// another node that, by shares (shard_desk.hpp).
///
///     admit ──▶ refused
///        │  └─▶ sent_on: to the home that an operator named
///        ├────▶ waits: until saved()
///        └────▶ takes_part
///
/// @see ADRs 20, 23
/// @thread one at a time
class state_desk {
public:
  enum class verdict : std::uint8_t { takes_part, waits, refused, sent_on };
  struct answer {
    verdict is = verdict::takes_part;
    std::optional<error> why{}; ///< of one that is refused or sent on
    bool replaces = false;      ///< who had its shard here has lost it
  };

  /// @param node     whose log it is
  /// @param is_copy  that node is away
  state_desk(std::string group, std::string node, bool is_copy)
      : group_(std::move(group)), node_(std::move(node)), is_copy_(is_copy) {}

  /// As the disk has it.
  /// @param home  the node that an operator made the home; empty: as the members say
  void begin(const state_claims& claims, const std::string& home, mono_time now);

  /// @param has_others  are members, or may be at work yet
  [[nodiscard]] answer admit(const wire::group_membership& member, bool has_others, mono_time now);
  /// What a flow says that answers a member, besides where it is.
  void describe(const wire::group_membership& member, wire::flow_opened& to) const;
  /// The same of one that is sent on: no grant, but all that its next home's first holder has to know.
  void describe_sent_on(const wire::group_membership& member, wire::flow_opened& to) const;
  void heard(const wire::group_membership& who, mono_time now);
  /// It handles nothing any more.
  void left(const wire::group_membership& who, mono_time now);
  /// @param gives_up  those that were silent for their lease; else they wait for the disk
  void tick(mono_time now, bool gives_up);
  /// A member has another flow: whether it is to give its shard back, and may not have heard it.
  [[nodiscard]] bool is_wanted_back(const wire::group_membership& member) const;
  /// Who is to be asked to give its shard back.
  [[nodiscard]] std::vector<member_id> take_asked_back() { return std::exchange(to_ask_back_, {}); }

  /// What was so at a copy while this log's node was away. @returns the shards that others have by now
  [[nodiscard]] std::vector<std::size_t> merge(const state_claims& at_copy, mono_time now);
  /// An operator made that node the home.
  void move(const std::string& home, mono_time now);

  [[nodiscard]] const state_claims& claims() const noexcept { return claims_.is(); }
  [[nodiscard]] const std::string& home() const noexcept { return home_; }

  // the disk
  void saving();
  void saved();
  [[nodiscard]] bool is_on_its_way() const noexcept { return claims_.is_on_its_way() && home_ == home_saving_; }
  [[nodiscard]] bool is_on_disk() const noexcept { return claims_.is_on_disk(); }
  /// Somebody has it, or may: the record does not say it all.
  [[nodiscard]] bool is_any_held() const { return claims_.is_any_held(); }

private:
  [[nodiscard]] std::optional<answer> turned_away(const wire::group_membership& member, const claim_place& at,
                                                  mono_time now);
  [[nodiscard]] state_claim known_claim(const wire::group_membership& member) const;
  [[nodiscard]] bool has_it_yet(const wire::group_membership& member) const;
  [[nodiscard]] bool is_moved_away() const { return !home_.empty() && home_ != node_; }
  void share_out(const std::function<void(shard_desk&)>& change);

  const std::string group_, node_;
  const bool is_copy_;
  claim_keeper claims_;
  std::string home_, home_saving_, home_on_disk_;
  std::optional<shard_desk> shares_; // at the home of a state in several shards
  std::set<std::size_t> wanted_;     // shards that others are to have than those that have them
  std::vector<member_id> to_ask_back_;
};

} // namespace weft::delivery

// mesh/membership/directory.hpp: every node of the mesh that this one knows, from what they signed. Pure.
#pragma once
#include "mesh/membership/aside.hpp"
#include "mesh/membership/claims.hpp"
#include "mesh/membership/item_store.hpp"
#include "mesh/membership/member.hpp"

#include <functional>
#include <set>
#include <unordered_map>
#include <variant>

namespace weft::membership {

/// What changed in a directory, in the order in which it did.
struct directory_event {
  struct member_added {
    node_id node;
  };
  /// A newer record. Of others only one that says something else; of this node itself each one.
  struct record_changed {
    node_id node;
    record_changes what;
  };
  struct state_changed {
    node_id node;
    member_state before, after;
  };
  /// It is forgotten.
  struct member_removed {
    node_id node;
  };
  /// An accusation of the node's present incarnation was heard; the node may be this one.
  struct accused {
    wire::accusation word;
  };
  /// Two nodes have the same name or number; the newer certificate holds both.
  struct name_shared {
    node_id holder, other;
    bool number = false; ///< the number, not the name
  };
  /// Something was not taken in; at most one each limits::refusals_told_every, with how many there were since.
  struct refused {
    node_id node;
    error why;
    std::uint64_t count = 0;
  };
};
using directory_events =
    std::vector<std::variant<directory_event::member_added, directory_event::record_changed,
                             directory_event::state_changed, directory_event::member_removed, directory_event::accused,
                             directory_event::name_shared, directory_event::refused>>;

/// Members by node id, with their newest records, states and the accusations against them. A node is a member when both
/// its identity and a record are known; before, what came is kept aside or with the strangers, for a while.
///
///     identity ──▶ stranger ──record──▶ member: alive ◀──▶ suspect ──conclude_dead──▶ dead ──24 h──▶ forgotten
///     record, accusation ──▶ aside until the identity, the record or the accuser is known
///
/// A node whose events others have copies of is not forgotten before them, while there are fewer members than
/// limits::members_kept_max.
class directory final : public item_store {
public:
  /// For how long after its end a node is of use to others; what is below limits::member_expiry changes nothing.
  using use = std::function<microseconds(const wire::node_record&)>;

  explicit directory(const authority& by, node_id self, use of_use = {})
      : authority_(by), self_(self), of_use_(std::move(of_use)) {}

  [[nodiscard]] bool keeps(wire::item_kind kind) const override { return kind <= wire::item_kind::accusation; }
  [[nodiscard]] taken take(const wire::item& item, const node_id& from, instant now) override;
  [[nodiscard]] const held_items& held() const override { return held_; }
  [[nodiscard]] std::optional<wire::item> find(std::uint64_t key) const override;

  /// The detector's conclusion; one about an incarnation that is over is late and ignored.
  void conclude_dead(const node_id& node, wire::incarnation incarnation, mono_time now);
  /// Forgets what is past its time.
  void tick(instant now);
  [[nodiscard]] mono_time next_tick() const noexcept { return next_look_; }
  /// What happened since the last call; to be taken after each call of another function.
  [[nodiscard]] directory_events take_events() { return std::exchange(events_, {}); }

  [[nodiscard]] const member* find(const node_id& node) const;
  /// The member that holds the name. It may be dead.
  [[nodiscard]] const member* find_name(const std::string& name) const;
  [[nodiscard]] const member* find_number(node_number number) const;
  [[nodiscard]] const std::map<node_id, member>& members() const noexcept { return members_; }
  [[nodiscard]] std::size_t waiting() const noexcept { return aside_.size() + strangers_.size(); }

private:
  /// A node whose identity is known and whose record is not.
  struct stranger {
    membership::identity identity;
    wire::item item;
    mono_time since;
  };

  void take_identity(const wire::item& item, const node_id& from, instant now, taken& result);
  void take_record(const wire::item& item, const node_id& from, instant now, taken& result);
  void take_accusation(const wire::item& item, const node_id& from, instant now, taken& result);
  void release(const node_id& node, instant now, taken& result);
  void keep_aside(const node_id& awaited, const wire::item& item, const node_id& from, instant now, taken& result);

  [[nodiscard]] bool is_held(const wire::item& item) const;
  bool signed_by(const identity& author, const wire::item& item, const node_id& from, taken& result) const;
  bool dated_well(const node_id& author, wall_time at, instant now);
  bool refuse(const node_id& node, error why, mono_time now);

  void add_member(wire::node_record record, const wire::item& item, instant now);
  void change_record(member& of, wire::node_record record, const wire::item& item, instant now);
  void change_identity(member& of, identity newer, const wire::item& item, instant now);
  void set_state(member& of, member_state state, mono_time now);
  [[nodiscard]] static member_state state_of(const member& of);
  bool hold_accusation(member& of, const wire::accusation& word, const wire::item& item, mono_time now);
  void drop_accusations(member& of);
  void remove(std::map<node_id, member>::iterator at);
  void look_at_expiry(member& of, instant now);
  /// @param members  how many there are with it
  [[nodiscard]] microseconds kept_for(const wire::node_record& record, std::size_t members) const;

  void claim(const identity& by);
  void unclaim(const identity& by);
  void hold(std::uint64_t key, const wire::item_version& version, const wire::item& item);
  void drop(std::uint64_t key);

  const authority& authority_;
  node_id self_;
  use of_use_;
  std::map<node_id, member> members_;
  std::map<node_id, stranger> strangers_;
  aside aside_;
  claims<std::string> names_;
  claims<node_number> numbers_;
  held_items held_;
  std::unordered_map<std::uint64_t, wire::item> items_;         // what is held, by key; never iterated
  std::unordered_map<std::uint64_t, std::uint64_t> by_content_; // hash of a held item's bytes -> its key
  directory_events events_;
  mono_time next_look_{};
  mono_time told_{-1'000'000'000}; // when a refusal was told last
  std::uint64_t refused_ = 0;      // since then
};

} // namespace weft::membership

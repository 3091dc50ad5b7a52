// mesh/membership/topic_records.hpp: what the mesh has agreed on about its topics. Pure.
#pragma once
#include "mesh/membership/allowance.hpp"
#include "mesh/membership/authority.hpp"
#include "mesh/membership/item_store.hpp"
#include "mesh/wire/topic_record.hpp"

#include <unordered_map>
#include <utility>
#include <variant>

namespace weft::membership {

/// What a node wants of a topic.
struct topic_decision {
  std::string topic;
  wire::topic_settings settings{};
  bool by_publish = false;
  bool deleted = false; ///< then without settings
};

/// What changed among topic records.
struct topic_event {
  /// A newer record holds, of a topic that may be new.
  struct changed {
    std::string topic;
    std::uint8_t replicas = 0;
    bool deleted = false;
  };
  /// Not taken in; at most one each limits::refusals_told_every, with how many there were since.
  struct refused {
    node_id author;
    error why;
    std::uint64_t count = 0;
  };
};
using topic_events = std::vector<std::variant<topic_event::changed, topic_event::refused>>;

/// The newest record of each topic, tombstones too, whoever decided it: a store that gossip spreads. Each record brings
/// its author's certificate, valid when it was made, so it outlives what is known of its author.
///
///     decide ──item──▶ keep on disk ──▶ publish (take) ──▶ changed
///     gossip ──item──▶ take ──▶ changed
class topic_records final : public item_store {
public:
  struct entry {
    wire::topic_record record; ///< without the certificate, which is in the item
    std::string author_name;   ///< as the certificate has it
    wire::item item;
  };
  using entries_type = std::map<std::string, entry, std::less<>>;

  topic_records(const authority& by, const node_id& self) : authority_(by), self_(self) {}

  [[nodiscard]] bool keeps(wire::item_kind kind) const override { return kind == wire::item_kind::topic_record; }
  /// What this node decided, or held before a restart, comes from itself.
  [[nodiscard]] taken take(const wire::item& item, const node_id& from, instant now) override;
  [[nodiscard]] const held_items& held() const override { return held_; }
  [[nodiscard]] std::optional<wire::item> find(std::uint64_t key) const override;

  /// Signs a record above the one held. Nothing holds before it is taken in.
  /// @param certificate  this node's chain
  /// @error errc::invalid_name, errc::invalid_argument, errc::unsupported, errc::denied  what can't be decided
  /// @error errc::not_yet_valid  the record would be dated too far ahead of this node's clock
  /// @error errc::expired        this node's certificate is
  /// @error errc::too_large      the mesh has as many records as it may, or a text is too long
  [[nodiscard]] result<wire::item> decide(const topic_decision& wanted, const shared_bytes& certificate,
                                          wall_time now) const;
  /// What this node decided when its clock was ahead, which others don't take: to be decided again, now that it is
  /// right.
  [[nodiscard]] std::vector<topic_decision> dated_ahead(wall_time now) const;

  /// Deleted or not.
  [[nodiscard]] const entry* find(std::string_view topic) const;
  [[nodiscard]] const entries_type& all() const noexcept { return entries_; }
  /// What happened since the last call; to be taken after each call of take().
  [[nodiscard]] topic_events take_events() { return std::exchange(events_, {}); }

private:
  [[nodiscard]] bool has_room(std::string_view topic, std::size_t bytes, std::size_t percent) const;
  [[nodiscard]] result<identity> checked_author(const wire::topic_record& record, const wire::item& item) const;
  void hold(entry made);
  bool may_spread(const node_id& author, mono_time now);
  void refuse(const node_id& author, error why, mono_time now);

  const authority& authority_;
  node_id self_;
  entries_type entries_;                                  // by topic
  std::unordered_map<std::uint64_t, std::string> topics_; // by key; never iterated
  held_items held_;
  std::size_t bytes_ = 0;             // of all items
  std::map<node_id, allowance> news_; // of authors that decided something lately
  topic_events events_;
  mono_time told_{-1'000'000'000}; // when a refusal was told last
  std::uint64_t refused_ = 0;      // since then
};

/// The key of a topic's record among all items.
[[nodiscard]] std::uint64_t key_of_topic(std::string_view topic);

} // namespace weft::membership

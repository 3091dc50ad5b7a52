// mesh/membership/announcer.hpp: what a node says of itself, how often, and how it refutes. Pure.
#pragma once
#include "mesh/base/instant.hpp"
#include "mesh/base/random.hpp"
#include "mesh/membership/authority.hpp"
#include "mesh/wire/node_record.hpp"

#include <variant>

namespace weft::membership {

/// What the node tells its announcer of itself.
struct own_facts {
  weft::epoch epoch;
  std::optional<wall_time> frozen_since;
  std::string frozen_why;
  std::vector<std::string> addresses;
  std::string zone;
  std::uint32_t roles = 0;
  std::vector<wire::announced_link> links;
  wire::topic_summary topics;
  std::uint16_t versions_min = 0, versions_max = 0;
  friend bool operator==(const own_facts&, const own_facts&) = default;
};

/// Makes the node's own record. Nothing is announced under an incarnation before that is persisted.
///
///     raise ──▶ persist ──▶ persisted ──▶ announce ── facts ──▶ announce ...
///       ▲ start, accused, a record of this node that it did not make
class announcer {
public:
  struct in {
    struct facts {
      own_facts are;
    };
    /// Answer to `out::persist`: it is on disk.
    struct persisted {
      wire::incarnation incarnation;
    };
    /// Somebody thinks that this node is gone, or concluded it. Above the node's own incarnation it is a lie or about
    /// an older life of the node: then the record of that life decides, which comes as `own_record`.
    struct accused {
      wire::incarnation incarnation;
    };
    /// A record of this node, as the directory holds it. When it isn't the last one made here, the data directory is a
    /// copy or older than the node: its incarnation is passed.
    struct own_record {
      wire::incarnation incarnation;
      std::uint64_t revision = 0;
    };
    struct leave {};
  };
  struct out {
    /// Make it outlive a crash, then answer. A node that can't must end.
    struct persist {
      wire::incarnation incarnation;
    };
    /// Publish it.
    struct announce {
      wire::item item;
    };
  };
  using effects = std::vector<std::variant<out::persist, out::announce>>;

  /// @param last  the incarnation persisted last, 0 for none
  announcer(const authority& by, const identity& self, wire::incarnation last, own_facts facts, random_source& random,
            instant now, effects& fx);

  void on(in::facts facts, instant now, effects& fx);
  void on(const in::persisted& persisted, instant now, effects& fx);
  void on(const in::accused& accused, instant now, effects& fx);
  void on(const in::own_record& heard, instant now, effects& fx);
  /// The last record: says that the node has left.
  void on(in::leave, instant now, effects& fx);
  /// To be called now and then before next_tick() too: it notices a wall clock that was set.
  void tick(instant now, effects& fx);
  [[nodiscard]] std::optional<mono_time> next_tick() const noexcept;

  /// A renewed certificate.
  void set_identity(const identity& self) { self_ = self; }
  /// Of the last record announced; nothing before the first.
  [[nodiscard]] std::optional<wire::incarnation> incarnation() const noexcept { return current_; }

private:
  void raise_above(wire::incarnation heard, instant now, effects& fx);
  void announce(instant now, effects& fx);
  [[nodiscard]] bool dated_wrong(instant now) const noexcept;

  const authority& authority_;
  random_source& random_;
  identity self_;
  own_facts facts_;
  std::optional<own_facts> announced_;
  std::optional<wire::incarnation> current_;
  wire::incarnation raised_;   // being persisted, or persisted
  std::uint64_t revision_ = 0; // of the last record announced, under current_
  bool left_ = false;
  mono_time last_{};        // when a record was announced last
  mono_time full_{};        // when as many changes may come at once as ever
  mono_time topics_wait_{}; // until when other topics wait: somebody may want to hold the first at once
  wall_time dated_{};       // what it was dated
  mono_time due_{};         // when the next one is
  mono_time last_passed_{}; // when a record made elsewhere was passed last
  std::optional<wire::incarnation> to_pass_; // of a record made elsewhere, waiting for its turn
};

} // namespace weft::membership

// tests/mesh/membership/gossip_testing.hpp: many directories with gossip, over links that lose, repeat and reorder.
#pragma once
#include "mesh/base/assert.hpp"
#include "mesh/membership/directory.hpp"
#include "mesh/membership/gossip.hpp"
#include "mesh/membership/topic_records.hpp"
#include "tests/mesh/membership/fake_authority.hpp"

#include <algorithm>
#include <memory>
#include <queue>

namespace weft::membership {

/// How links treat what is sent, in parts of a thousand.
struct weather {
  unsigned lost = 0, repeated = 0;
  microseconds delay{1000}, jitter{0}; ///< with jitter messages overtake each other
};

struct gossip_node {
  gossip_node(std::uint32_t own_number, std::uint64_t seed)
      : number(own_number),
        id(test_id(own_number)),
        by(id),
        nodes(by, id),
        topics(by, id),
        random(seed),
        machine(id, {&nodes, &topics}, random) {}

  std::uint32_t number;
  node_id id;
  fake_authority by;
  directory nodes;
  topic_records topics;
  seeded_random random;
  gossip machine;
};

class gossip_world {
public:
  explicit gossip_world(std::uint64_t seed, weather how = {}) : random_(seed), weather_(how) {}

  instant now{{1'000'000'000}, test_wall};
  std::uint64_t messages = 0, bytes = 0;
  std::vector<offence> offences;
  bool on_wire = true; ///< messages are encoded and decoded, and their bytes counted

  void add_nodes(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto number = static_cast<std::uint32_t>(nodes_.size());
      nodes_.push_back(std::make_unique<gossip_node>(number, random_.next()));
      by_id_[nodes_.back()->id] = number;
    }
  }
  gossip_node& node(std::uint32_t number) { return *nodes_.at(number); }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }

  void link(std::uint32_t a, std::uint32_t b) {
    if (a == b) return;
    node(a).machine.neighbor_up(node(b).id);
    node(b).machine.neighbor_up(node(a).id);
  }
  void cut(std::uint32_t a, std::uint32_t b) {
    node(a).machine.peer_down(node(b).id);
    node(b).machine.peer_down(node(a).id);
  }
  /// A ring, so that all are connected, and links at random.
  void link_at_random(std::uint32_t first, std::uint32_t end, unsigned each) {
    for (auto i = first; i < end; ++i)
      link(i, i + 1 == end ? first : i + 1);
    for (unsigned k = 0; k < (end - first) * (each - 2) / 2; ++k)
      link(first + static_cast<std::uint32_t>(random_.below(end - first)),
           first + static_cast<std::uint32_t>(random_.below(end - first)));
  }
  void announce(std::uint32_t number, std::uint64_t incarnation, std::uint64_t revision = 1) {
    gossip_effects fx;
    auto& own = node(number);
    own.machine.publish({fake_authority::item_of(test_identity(number)),
                         record_item(test_record(number, incarnation, revision, now.wall))},
                        now, fx);
    carry_out(number, fx);
  }
  void publish(std::uint32_t number, const wire::item& item) {
    gossip_effects fx;
    node(number).machine.publish({item}, now, fx);
    carry_out(number, fx);
  }
  void deliver(std::uint32_t to, const node_id& from, const wire::mesh_message& message) {
    gossip_effects fx;
    auto& machine = node(to).machine;
    std::visit(
        [&](const auto& m) {
          if constexpr (requires { machine.on(from, m, now, fx); }) machine.on(from, m, now, fx);
        },
        message);
    carry_out(to, fx);
    (void)node(to).nodes.take_events();
    (void)node(to).topics.take_events();
  }
  /// Runs for so long.
  void run(microseconds time) {
    const auto end = now.mono + time;
    while (now.mono < end) {
      auto next = end;
      for (auto& one : nodes_)
        next = std::min(next, one->machine.next_tick());
      if (!flying_.empty()) next = std::min(next, flying_.top().at);
      advance(std::max(next, now.mono));
      while (!flying_.empty() && flying_.top().at <= now.mono) {
        const auto arrived = flying_.top();
        flying_.pop();
        deliver(arrived.to, arrived.from, *arrived.message);
      }
      for (std::uint32_t i = 0; i < nodes_.size(); ++i)
        tick(i);
    }
  }
  /// Whether all know so many members and hold the same.
  [[nodiscard]] bool converged(std::size_t members) const {
    const auto root = root_of(nodes_.front()->nodes.held().hashes());
    return std::all_of(nodes_.begin(), nodes_.end(), [&](const auto& one) {
      return one->nodes.members().size() == members && root_of(one->nodes.held().hashes()) == root;
    });
  }

private:
  struct flying {
    mono_time at;
    std::uint64_t number;
    std::uint32_t to;
    node_id from;
    std::shared_ptr<const wire::mesh_message> message;
    bool operator<(const flying& other) const { return std::pair(at, number) > std::pair(other.at, other.number); }
  };

  void advance(mono_time to) {
    now.wall = now.wall + (to - now.mono);
    now.mono = to;
  }
  void tick(std::uint32_t number) {
    auto& one = node(number);
    if (one.machine.next_tick() > now.mono) return;
    gossip_effects fx;
    one.machine.tick(now, fx);
    carry_out(number, fx);
  }
  void carry_out(std::uint32_t from, gossip_effects& fx) {
    for (auto& effect : fx) {
      if (auto* sent = std::get_if<gossip_out::send>(&effect)) {
        send(from, *sent);
      } else {
        offences.push_back(std::get<gossip_out::drop_peer>(effect));
      }
    }
  }
  void send(std::uint32_t from, const gossip_out::send& sent) {
    ++messages;
    auto message = sent.message;
    if (on_wire) {
      const auto encoded = encode(message);
      bytes += encoded.size();
      const auto decoded = wire::decode_mesh_message(encoded);
      WEFT_ASSERT(decoded);
      message = *decoded;
    }
    const auto found = by_id_.find(sent.to);
    if (found == by_id_.end() || random_.below(1000) < weather_.lost) return;
    const auto shared = std::make_shared<const wire::mesh_message>(std::move(message));
    const unsigned copies = random_.below(1000) < weather_.repeated ? 2 : 1;
    for (unsigned i = 0; i < copies; ++i) {
      const auto jitter =
          weather_.jitter.count() == 0
              ? 0
              : static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(weather_.jitter.count())));
      flying_.push({now.mono + weather_.delay + microseconds{jitter}, ++sent_, found->second, node(from).id, shared});
    }
  }

  seeded_random random_;
  weather weather_;
  std::vector<std::unique_ptr<gossip_node>> nodes_;
  std::map<node_id, std::uint32_t> by_id_;
  std::priority_queue<flying> flying_;
  std::uint64_t sent_ = 0;
};

} // namespace weft::membership

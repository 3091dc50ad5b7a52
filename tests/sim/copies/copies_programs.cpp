#include "tests/sim/copies/copies_programs.hpp"

#include "mesh/wire/batch_builder.hpp"
#include "tests/sim/copies/copies_checkers.hpp"
#include "tests/sim/mesh/mesh_topics.hpp"
#include "tests/sim/seeds.hpp"

#include <fmt/format.h>

namespace weft::sim {
namespace {

class programs final : public workload {
public:
  programs(copies_state& state, microseconds every) : state_(state), every_(every) {}

  std::optional<microseconds> act(world& on, random_source& random) override {
    const host_index host{static_cast<std::uint32_t>(random.below(on.hosts()))};
    if (random.below(40) == 0)
      repair_wrongly(on, host, random);
    else
      publish(on, host, random);
    return microseconds{between(random, 1, 2 * every_.count())};
  }

private:
  void publish(world& on, host_index host, random_source& random) {
    const auto topic = random.below(mesh_topics.size());
    std::vector<std::uint64_t> events;
    for (auto left = 1 + random.below(4); left > 0; --left)
      events.push_back(new_event(on.identity(host), topic, random));
    on.visit(host, [&](process& p) { static_cast<copies_process&>(p).publish(events); });
  }

  std::uint64_t new_event(const node_id& at, std::size_t topic, random_source& random) {
    return state_.book.published({{at, 0},
                                  topic,
                                  fmt::format("key{}", random.below(6)),
                                  fmt::format("type{}", random.below(3)),
                                  static_cast<std::size_t>(random.below(600))});
  }

  void repair_wrongly(world& on, host_index host, random_source& random) {
    on.visit(host, [&](process& p) {
      for (const auto& [log, copy] : static_cast<copies_process&>(p).copies()) {
        if (copy->store() == nullptr) continue;
        const auto found = copy->store()->read({copy->store()->begin(), 1, 0, {}});
        if (!found || found->entries.empty()) continue;
        const auto& header = found->entries.front().header;
        static_cast<void>(copy->store()->repair(header.epoch, header.first_seq, header.end_seq(),
                                                forged(log, found->entries.front(), random)));
        return;
      }
    });
  }

  /// What a clone of the log's node could have written at the same place.
  shared_bytes forged(const log_id& log, const wire::stored_entry& like, random_source& random) {
    const std::size_t topic = like.header.topic.value() - 1;
    wire::batch_builder builder(std::string(mesh_topics.at(topic)), producer_id{0}, wire::codec::none);
    for (std::uint32_t i = 0; i < like.header.count; ++i) {
      const auto number = new_event(log.node, topic, random);
      const auto& event = state_.book.event(number);
      const auto value = state_.book.value_of(number);
      static_cast<void>(builder.add({{}, event.type, as_bytes(event.key), {}, as_bytes(value)}));
    }
    const auto body = builder.seal(0);
    auto header = like.header;
    const auto seed = wire::checksum_seed(log, header.epoch);
    header.body_length = static_cast<std::uint32_t>(body.size());
    header.body_checksum = wire::body_checksum(seed, body.view());
    std::vector<std::byte> bytes(header.stored_bytes());
    wire::encode(header, seed,
                 std::span<std::byte, limits::entry_header_bytes>(bytes.data(), limits::entry_header_bytes));
    std::ranges::copy(body.view(), bytes.begin() + limits::entry_header_bytes);
    return shared_bytes::take(std::move(bytes));
  }

  copies_state& state_;
  microseconds every_;
};

} // namespace

std::unique_ptr<workload> copies_programs(copies_state& state, microseconds every) {
  return std::make_unique<programs>(state, every);
}

} // namespace weft::sim

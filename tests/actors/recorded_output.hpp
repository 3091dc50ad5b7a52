// tests/actors/recorded_output.hpp: a link's output that remembers what was sent.
#pragma once
#include "actors/link_output.hpp"

#include <utility>
#include <vector>

namespace weft::actors::testing {

class recorded_output : public link_output {
public:
  void send(const wire::control& message) override { said.push_back(message); }
  void send_run(const wire::run& message, const shared_bytes& payload) override {
    runs.push_back(message);
    payload_bytes += payload.size();
  }
  void send_bytes(shared_bytes) override {}
  void mark_proven() override {}
  void drop_flow(std::uint64_t) override {}
  void close(const error&) override {}

  /// What was sent of this kind.
  template <class Message>
  [[nodiscard]] std::vector<Message> all() const {
    std::vector<Message> found;
    for (const auto& each : said)
      if (const auto* message = std::get_if<Message>(&each)) found.push_back(*message);
    return found;
  }

  std::vector<wire::control> said;
  std::vector<wire::run> runs;
  std::uint64_t payload_bytes = 0;
};

} // namespace weft::actors::testing

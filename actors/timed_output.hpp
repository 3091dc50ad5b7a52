// actors/timed_output.hpp: notes how long events took from their log's append to a program.
#pragma once
#include "actors/link_output.hpp"
#include "actors/node_services.hpp"

#include <map>
#include <mutex>
#include <unordered_map>

namespace weft::actors {

/// The way of a program's subscription, with what goes there counted as node::latency::delivery by its topic. What was
/// in the log before its flow began is the past, and no delivery; the mesh's own topics are not counted. A log's time
/// is in milliseconds, so all is up to 1 ms too long; that of another node's log is by that node's clock.
/// @thread any
class timed_output final : public link_output {
public:
  timed_output(node_services& services, link_output_ptr to) : services_(services), to_(std::move(to)) {}

  void send(const wire::control& message) override;
  void send_run(const wire::run& message, const shared_bytes& payload) override;
  void send_bytes(shared_bytes bytes) override { to_->send_bytes(std::move(bytes)); }
  void mark_proven() override { to_->mark_proven(); }
  [[nodiscard]] link_room::place take_room(std::uint64_t flow,
                                           const std::function<void(link_room::place)>& granted) override {
    return to_->take_room(flow, granted);
  }
  [[nodiscard]] link_room::place keep(std::uint64_t bytes) override { return to_->keep(bytes); }
  void drop_flow(std::uint64_t flow) override { to_->drop_flow(flow); }
  void close(const error& why) override { to_->close(why); }

private:
  struct timed_flow {
    log_id log;
    hlc since;
    epoch opening{};
    std::uint32_t seed = 0;                                       ///< of its entries
    std::unordered_map<topic_id, node::latency_counts*> topics{}; ///< that came; null: it is not counted
  };

  void count(timed_flow& of, epoch opening, const shared_bytes& payload);
  [[nodiscard]] node::latency_counts* counts_of(timed_flow& of, topic_id topic, const shared_bytes& batch);
  [[nodiscard]] node::latency_counts* find_counts(const timed_flow& of, topic_id topic,
                                                  const shared_bytes& batch) const;

  node_services& services_;
  const link_output_ptr to_;
  std::mutex mutex_;
  std::map<std::uint64_t, timed_flow> flows_; // by number
};

} // namespace weft::actors

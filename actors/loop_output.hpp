// actors/loop_output.hpp: a flow of a copy that this node has, to a relay of this node.
#pragma once
#include "actors/link_output.hpp"
#include "actors/relay.hpp"
#include "actors/subscription.hpp"

#include <mutex>

namespace weft::actors {

/// Stands between a subscription that reads the copy and the relay whose hop the node itself is, as a link stands
/// between those of two nodes: so the relay moves to and from its own node's copy as it does between hops.
///
///     subscription ── opened, run, closed ──▶ loop_output ──▶ relay
///         ◀──── credit, commit, words of groups ─┘ ◀── as the leg's output
///
/// @thread any
class loop_output final : public link_output, public std::enable_shared_from_this<loop_output> {
public:
  /// @param demand  the relay's number of it
  loop_output(relay_ref to, std::uint64_t demand) : to_(std::move(to)), demand_(demand) {}

  /// Starts what reads the copy. What the relay says meanwhile waits.
  template <class Start>
  subscription_ref serve(Start start) {
    const std::lock_guard lock(mutex_);
    return reader_ = start();
  }

  void send(const wire::control& message) override;
  void send_run(const wire::run& message, const shared_bytes& payload) override { to_.run(demand_, message, payload); }
  void send_bytes(shared_bytes) override {}
  void mark_proven() override {}
  void drop_flow(std::uint64_t) override {}
  void close(const error& why) override { to_.closed(demand_, why); }

private:
  /// Of a group's flow.
  template <class Word>
  void pass_on(const Word& word);
  [[nodiscard]] subscription_ref reader() {
    const std::lock_guard lock(mutex_);
    return reader_;
  }

  relay_ref to_;
  std::uint64_t demand_;
  std::mutex mutex_;
  subscription_ref reader_; // once served
};

} // namespace weft::actors

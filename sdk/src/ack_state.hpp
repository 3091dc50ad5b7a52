// sdk/src/ack_state.hpp: the outcome of one batch, shared by the pendings of its events.
#pragma once
#include "mesh/log/log.hpp"
#include "weft/ack.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weft::detail {

/// Where errors go that nobody waits for. Outlives every ack_state.
/// @thread any
class publish_errors {
public:
  void set(publish_error_handler handler);
  /// Calls the handler, or prints when there is none.
  void tell(const publish_failure& failure) const;

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const publish_error_handler> handler_;
};

/// What the pendings of all batches of one publisher share.
struct ack_context {
  std::string topic;
  std::shared_ptr<publish_errors> errors;
};

/// What became of a batch that was taken.
struct batch_outcome {
  log::appended at;
  ack_level level = ack_level::synced;
  std::string node;
};

/// @thread any
class ack_state : public std::enable_shared_from_this<ack_state> {
public:
  explicit ack_state(std::shared_ptr<const ack_context> context) noexcept : context_(std::move(context)) {}

  [[nodiscard]] pending<ack> pending_of(std::uint32_t index) { return {shared_from_this(), index}; }

  /// Sets the outcome once, wakes those who wait, calls back, and tells the errors of dropped pendings.
  /// Call it under no lock.
  void complete(result<batch_outcome> outcome);

  [[nodiscard]] bool done() const noexcept { return done_.load(); }
  [[nodiscard]] result<ack> wait(std::uint32_t index);
  [[nodiscard]] result<ack> wait(std::uint32_t index, microseconds within);
  void then(std::uint32_t index, std::function<void(const result<ack>&)> call);
  /// One pending goes without anybody having looked at it.
  void drop() noexcept;

private:
  using callback = std::pair<std::uint32_t, std::function<void(const result<ack>&)>>;

  [[nodiscard]] result<ack> ack_of(std::uint32_t index) const; // needs done_
  void tell_dropped() noexcept;

  std::shared_ptr<const ack_context> context_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<callback> callbacks_;
  std::optional<result<batch_outcome>> outcome_; // set before done_, then never changed
  std::atomic<bool> done_ = false;
  std::atomic<std::uint32_t> dropped_ = 0;
};

} // namespace weft::detail

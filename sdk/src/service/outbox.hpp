// sdk/src/service/outbox.hpp: brings a service's batches into the log of its node, in order, each once.
#pragma once
#include "mesh/base/ack_level.hpp"
#include "mesh/base/bytes.hpp"
#include "mesh/base/result.hpp"
#include "mesh/base/time.hpp"
#include "mesh/node/door.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace weft::detail {

/// Batches keep their producer and sequence, so that the log drops what it has. What the node loses on the way, or has
/// no room for, is sent again, and what lies behind it with it. A batch that has to be behind all lets later ones pass;
/// those that have to be behind all are of one producer.
/// @thread any; the callbacks come on threads of the node, or of who calls, under no lock
class outbox : public std::enable_shared_from_this<outbox> {
public:
  struct callbacks {
    std::function<void(std::int64_t)> acknowledged; ///< this batch is in the log at its level
    std::function<void(const error&)> failed;       ///< the log will never take a batch; nothing is sent any more
    std::function<void(const error&)> hindered;     ///< the first time since a batch was taken: it is tried again
  };
  /// @param door  outlives close()
  outbox(node::door& door, std::optional<ack_level> level, callbacks tell)
      : door_(door), level_(level), tell_(std::move(tell)) {}

  /// The log takes nothing later than this says, and while it says nothing, nothing is sent. To be said before anything
  /// is added. @param until  called under a lock of this
  void only_until(std::function<std::optional<mono_time>()> until) { until_ = std::move(until); }
  /// @param bytes       a sealed batch, behind those added before of its topic
  /// @param behind_all  it is sent when all that were added before and are not behind all are acknowledged, and at its
  ///                    topic's level
  void add(std::int64_t id, const shared_bytes& bytes, bool behind_all = false);
  /// Tries again what could not be sent, or was not taken, for a reason that passes. To be called each
  /// limits::outbox_try_again_after while there is something.
  void resume();
  /// How many are not acknowledged.
  [[nodiscard]] std::size_t size() const;
  /// Waits at most so long until nothing is left, or nothing can be sent and all that was is answered. Never calls the
  /// door or a callback again.
  void close(microseconds within);

private:
  enum class batch_state : std::uint8_t { waiting, in_flight };
  struct batch {
    std::int64_t id = 0;
    shared_bytes bytes;
    bool behind_all = false;
    batch_state state = batch_state::waiting;
  };
  using batch_ref = std::shared_ptr<batch>;
  using lock = std::unique_lock<std::mutex>;

  void pump(lock& held);
  [[nodiscard]] batch_ref next_to_send();
  void send(lock& held, const batch_ref& next);
  void on_answer(const batch_ref& sent, const result<node::publish_outcome>& answer);
  void on_room();
  /// What became of it when it was not taken. @returns what to tell under no lock
  [[nodiscard]] std::function<void()> refused(const batch_ref& sent, const error& why);
  [[nodiscard]] bool has_in_flight() const;
  [[nodiscard]] bool may_send() const { return !until_ || until_(); }

  node::door& door_;
  const std::optional<ack_level> level_;
  const callbacks tell_;
  std::function<std::optional<mono_time>()> until_; // none: whenever

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<batch_ref> batches_;
  int calling_ = 0;            // callbacks that run
  bool sending_ = false;       // a thread is calling the door
  bool draining_ = false;      // what is in flight must be answered before anything is sent again
  bool full_ = false;          // the door said so, and will call when there is room
  bool paused_ = false;        // the node is away, or its log takes nothing at the moment
  bool told_hindered_ = false; // since a batch was taken
  bool failed_ = false;        // a batch can't be taken: nothing more is sent
  bool closed_ = false;
};

} // namespace weft::detail

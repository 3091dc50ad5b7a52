// sdk/src/publisher_core.hpp: makes batches of one topic's events and sees each of them through, once and in order.
#pragma once
#include "mesh/base/random.hpp"
#include "mesh/node/door.hpp"
#include "mesh/wire/batch_builder.hpp"
#include "sdk/src/ack_state.hpp"
#include "weft/publisher.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weft::detail {

/// What a publisher stands on; all outlive its last call to the door, see publisher_core::close().
struct publisher_environment {
  node::door& door;
  weft::clock& clock;
  random_source& random;
  std::shared_ptr<publish_errors> errors;
  std::function<std::string()> node_name; ///< of the log that acknowledges
};

/// Batches are numbered densely under one random producer id, so that the log takes each once. Of the sealed batches
/// some are on their way, in order, and after a loss some wait to be sent again:
///
///     add ──▶ open batch ──seal──▶ waiting ──door.publish──▶ in flight ──answer──▶ done
///                                     ▲  node away, full, or outcome unknown │
///                                     └──────────────────────────────────────┘
///
/// An open batch is sealed when nothing is unanswered, or when it is full and there is room. The first one also waits
/// for the node to say how the topic's batches are packed, unless the options do; later ones go by the newest answer.
/// After a definite failure all behind it fail too and a new producer id is taken, as the old one's next sequence would
/// be a gap.
/// @thread every method from any thread; the door is called by one thread at a time and under no lock
class publisher_core : public std::enable_shared_from_this<publisher_core> {
public:
  publisher_core(const publisher_environment& environment, std::string topic, const publisher_options& options);

  /// Asks the node what it has to know of the topic; once, before anything else.
  void open();
  [[nodiscard]] result<pending<ack>> try_publish(const encoded_event& event);
  [[nodiscard]] pending<ack> publish(const encoded_event& event);
  [[nodiscard]] result<ack> publish_and_wait(const encoded_event& event);
  [[nodiscard]] result<void> flush(microseconds within);
  /// A pending that holds this error.
  [[nodiscard]] pending<ack> failed(error why);

  /// The node is there again: what waits goes out.
  void on_connected();
  /// Gives up what waits for a node that has been away for limits::publish_outcome_within.
  /// @returns when to call again; nothing while the node is there
  std::optional<mono_time> expire(mono_time now);
  /// Lets what is under way come to an end, at most so long, fails the rest, and never calls the door again.
  void close(microseconds within);
  /// Whether nothing is unanswered or open.
  [[nodiscard]] bool idle() const;

private:
  enum class batch_state : std::uint8_t { waiting, in_flight };
  struct batch {
    wire::batch_view bytes;
    std::optional<ack_level> level; // nothing: the topic's
    std::shared_ptr<ack_state> acks;
    std::uint64_t generation; // of the producer id
    batch_state state = batch_state::waiting;
    bool uncertain = false; // was sent before and the outcome is not known
    int tries = 0;
  };
  using batch_ref = std::shared_ptr<batch>;
  using lock = std::unique_lock<std::mutex>;
  /// What to tell once the lock is released.
  struct telling {
    std::shared_ptr<ack_state> acks;
    result<batch_outcome> outcome;
  };
  using tellings = std::vector<telling>;

  [[nodiscard]] result<std::uint32_t> add(const encoded_event& event);
  [[nodiscard]] result<void> make_room();
  batch_ref seal_open();
  void renew_producer();
  [[nodiscard]] batch_ref next_to_send();
  void pump(lock& held, tellings& tell);
  void send(lock& held, const batch_ref& next, tellings& tell);
  void ask_for_room(lock& held);
  void ask_codec(lock& held);
  void on_codec(const result<wire::codec>& told);
  void on_answer(const batch_ref& sent, const result<node::publish_outcome>& answer);
  void take_answer(const batch_ref& sent, const result<node::publish_outcome>& answer, tellings& tell);
  void settle(const batch_ref& sent, result<batch_outcome> outcome, tellings& tell);
  void fail_batch(const batch_ref& sent, const error& why, tellings& tell);
  void fail_behind(const error& why, tellings& tell);
  void send_again(const batch_ref& sent, bool uncertain);
  [[nodiscard]] bool has_in_flight() const;
  [[nodiscard]] bool may_seal() const;
  static void carry_out(tellings& tell);

  const publisher_environment at_;
  const publisher_options options_;
  const std::shared_ptr<const ack_context> context_;

  mutable std::mutex mutex_;
  std::condition_variable changed_; // room, idle, or no longer sending
  wire::batch_builder builder_;     // the open batch
  std::shared_ptr<ack_state> open_acks_;
  std::optional<ack_level> open_level_; // the strongest that one of its events asks for; nothing: the topic's
  std::optional<wire::codec> codec_;    // of the next batch; nothing until the node has said it
  std::deque<batch_ref> unanswered_;    // in order of sequence
  std::uint64_t next_sequence_ = 0;
  std::uint64_t generation_ = 0;
  std::optional<error> last_failure_; // why the generation before ended
  mono_time last_sealed_;
  std::uint64_t connections_ = 0; // how often on_connected() came
  mono_time away_since_;
  bool sending_ = false;    // a thread is calling the door
  bool draining_ = false;   // what is in flight must be answered before anything is sent again
  bool full_ = false;       // the door said so
  bool room_asked_ = false; // and will call when there is room
  bool codec_asked_ = false;
  bool away_ = false;     // the node is
  bool given_up_ = false; // away for too long
  bool closed_ = false;
};

} // namespace weft::detail

// weft/publisher.hpp: publishes events of one topic.
#pragma once
#include "mesh/base/ack_level.hpp"
#include "mesh/base/bytes.hpp"
#include "mesh/base/result.hpp"
#include "mesh/base/time.hpp"
#include "weft/ack.hpp"
#include "weft/api.hpp"
#include "weft/codec.hpp"
#include "weft/event.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft {

/// What may be said of one event besides its value.
struct event_options {
  std::optional<std::string> key{};                           ///< instead of the type's own; at most 4 KiB
  std::vector<std::pair<std::string, std::string>> headers{}; ///< at most 64, 16 KiB in all
  std::optional<wall_time> time{};                            ///< the event's own; not set: now
  std::optional<ack_level> level{};                           ///< when to acknowledge; not set: the publisher's
};

enum class compression : std::uint8_t { none = 0, lz4 = 1 };

/// What is not set goes by the topic's settings (`weft topics alter`), or while there is no such topic by what the
/// node's configuration gives to a new one.
struct publisher_options {
  std::optional<ack_level> level{};    ///< when to acknowledge; not set: the topic's
  std::optional<compression> values{}; ///< of a batch's values and headers, never of keys; not set: the topic's
  microseconds wait_max = std::chrono::seconds(10); ///< how long publish() waits for room
};

/// An event that is encoded already. The views are copied before the call returns.
struct encoded_event {
  std::string_view type{}; ///< empty: none; at most 255 bytes
  byte_view key{};         ///< empty: none
  byte_view value{};       ///< at most 1 MiB
  std::optional<wall_time> time{};
  std::vector<header> headers{};
  std::optional<ack_level> level{}; ///< not set: the publisher's
};

namespace detail {
class publisher_core;

/// The type-independent half of a publisher.
class WEFT_API publisher_base {
public:
  [[nodiscard]] pending<ack> publish(const encoded_event& event) const;
  [[nodiscard]] result<pending<ack>> try_publish(const encoded_event& event) const;
  [[nodiscard]] result<ack> publish_and_wait(const encoded_event& event) const;
  [[nodiscard]] result<void> flush(microseconds within) const;
  [[nodiscard]] pending<ack> failed(error why) const;

private:
  friend class participant_core;
  explicit publisher_base(std::shared_ptr<publisher_core> core) noexcept : core_(std::move(core)) {}
  std::shared_ptr<publisher_core> core_;
};

/// Encodes a value with its options and hands it to `use`; memory is reused per thread.
template <class T, class Use>
auto with_encoded(const T& value, const event_options& options, Use&& use) -> result<decltype(use(encoded_event{}))> {
  thread_local std::string value_scratch, key_scratch;
  value_scratch.clear();
  key_scratch.clear();
  encoded_event event{.type = codec<T>::type_name(), .time = options.time, .level = options.level};
  const auto encoded = codec<T>::encode(value, value_scratch);
  if (!encoded) return fail(encoded.error());
  event.value = *encoded;
  if (options.key)
    event.key = as_bytes(*options.key);
  else {
    codec<T>::key(value, key_scratch);
    event.key = as_bytes(key_scratch);
  }
  for (const auto& [name, text] : options.headers)
    event.headers.push_back({name, text});
  return use(event);
}

} // namespace detail

/// Publishes events of type T to one topic. Copies share everything, order and back-pressure included.
///
/// Batches form by themselves: when nothing of this publisher is on its way an event leaves at once; while a batch is
/// on its way the next one fills. Memory is bounded: a few batches of 256 KiB (1.25 MiB with large events), then
/// try_publish() says errc::would_block and publish() waits. Events of one publisher are in the log in the order of the
/// calls, each once: what is sent again after a lost answer is recognised by its sequence. When a batch fails, events
/// that wait behind it fail too, so that nothing overtakes it; those published afterwards are tried anew.
///
/// Levels and compression that are named hold. Where none is, the topic's settings do. A changed level is that of every
/// batch which the node takes after the change; a batch with events of several levels has the strongest, and an event's
/// ack says which that was. A changed codec is used behind the first acknowledgement of what is published after it.
///
/// @thread every method from any thread
template <encodable T>
class publisher {
public:
  /// Publishes an event; waits for room at most publisher_options::wait_max. Whatever goes wrong is in the pending.
  pending<ack> publish(const T& value, const event_options& options = {}) {
    auto sent = detail::with_encoded(value, options, [this](const encoded_event& e) { return base_.publish(e); });
    return sent ? std::move(*sent) : base_.failed(sent.error());
  }

  /// Publishes an event without waiting.
  /// @error errc::would_block       no room: try again after some acknowledgements
  /// @error errc::too_large         over a limit: which
  /// @error errc::invalid_argument  the value or a header can't be encoded: why
  /// @error errc::not_connected     the node has been away for long
  /// @error errc::cancelled         the node or client was closed
  [[nodiscard]] result<pending<ack>> try_publish(const T& value, const event_options& options = {}) {
    auto sent = detail::with_encoded(value, options, [this](const encoded_event& e) { return base_.try_publish(e); });
    if (!sent) return fail(sent.error());
    return std::move(*sent);
  }

  /// Publishes an event and waits for its acknowledgement. The quickest way for one event: when nothing else is on its
  /// way, this thread writes and syncs the log itself. Errors as in `pending<ack>`. Never in a callback of Weft.
  [[nodiscard]] result<ack> publish_and_wait(const T& value, const event_options& options = {}) {
    auto sent =
        detail::with_encoded(value, options, [this](const encoded_event& e) { return base_.publish_and_wait(e); });
    if (!sent) return fail(sent.error());
    return std::move(*sent);
  }

  /// Waits until everything published before is acknowledged or has failed.
  /// @error errc::timed_out  some is still on its way
  [[nodiscard]] result<void> flush(microseconds within = std::chrono::seconds(10)) { return base_.flush(within); }

private:
  friend class participant;
  explicit publisher(detail::publisher_base base) noexcept : base_(std::move(base)) {}
  detail::publisher_base base_;
};

/// Publishes events that are encoded already, to a topic whose name is known at run time. As publisher<T> otherwise.
/// @thread every method from any thread
class raw_publisher {
public:
  pending<ack> publish(const encoded_event& event) { return base_.publish(event); }
  [[nodiscard]] result<pending<ack>> try_publish(const encoded_event& event) { return base_.try_publish(event); }
  [[nodiscard]] result<ack> publish_and_wait(const encoded_event& event) { return base_.publish_and_wait(event); }
  [[nodiscard]] result<void> flush(microseconds within = std::chrono::seconds(10)) { return base_.flush(within); }

private:
  friend class participant;
  explicit raw_publisher(detail::publisher_base base) noexcept : base_(std::move(base)) {}
  detail::publisher_base base_;
};

} // namespace weft

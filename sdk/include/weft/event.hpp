// weft/event.hpp: an event as a consumer sees it.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/ids.hpp"
#include "mesh/base/position.hpp"
#include "mesh/base/result.hpp"
#include "mesh/base/time.hpp"
#include "weft/api.hpp"
#include "weft/codec.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace weft {

/// One header: a name and a text.
struct header {
  std::string_view name;
  std::string_view value;
};

/// The headers of one event, in the order they were published; a name may come twice.
class WEFT_API header_list {
public:
  header_list() noexcept = default;
  explicit header_list(byte_view encoded) noexcept : encoded_(encoded) {}

  [[nodiscard]] bool empty() const noexcept { return encoded_.empty(); }
  /// The first with this name.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept;
  [[nodiscard]] std::vector<header> all() const;

private:
  byte_view encoded_; // as in a batch
};

/// What Weft knows of an event besides its value. The views live as long as the event: in a handler until it returns,
/// else as long as the `event` or a copy of it.
struct event_info {
  std::string_view topic;
  std::string_view type; ///< empty: none
  contract_id contract;  ///< the one it met when it was published; nil: none
  byte_view key;         ///< empty: none
  header_list headers;
  wall_time time;        ///< the event's own, given by its publisher
  wall_time logged_at;   ///< when its log took the batch it came in, in milliseconds; rises along a log
  std::string_view node; ///< the name of the node whose log has it
  log_id log;
  log_position at;      ///< its place in that log
  topic_offset offset;  ///< its place among its topic's events in that log
  producer_id producer; ///< with `sequence`: who published it as which of its events; the same when it is repeated
  std::uint64_t sequence = 0;

  /// The position as people write it: node/epoch/seq.
  [[nodiscard]] named_position position() const { return {std::string(node), at}; }
  [[nodiscard]] std::string_view key_text() const noexcept { return as_text(key); }
};

namespace detail {
class run_reader;
class timer_reader;
} // namespace detail

/// An event with its value. Copies share the bytes, and keep the batch that they came in (at most 1.25 MiB, unpacked).
/// @thread any: immutable
class event : public event_info {
public:
  [[nodiscard]] byte_view value() const noexcept { return value_; }
  [[nodiscard]] std::string_view text() const noexcept { return as_text(value_); }

  /// The value as a T. @error errc::undecodable  what does not fit
  template <class T>
  [[nodiscard]] result<T> as() const {
    return codec<T>::decode(value_);
  }

private:
  friend class detail::run_reader;
  friend class detail::timer_reader;
  byte_view value_;
  std::shared_ptr<const void> keep_;
};

/// A range of a log that the subscription can't get: removed by retention before it was read, or damaged. With a topic
/// it is only that topic's events: what the range has of others comes.
struct gap {
  std::string node; ///< the name of the node whose log it is
  log_id log;
  log_position from;
  seq until;           ///< one past the last; some or none of these may have matched
  error why;           ///< errc::log_start: retention removed it; errc::corrupt: damaged
  std::string topic{}; ///< empty: whatever there was
};

} // namespace weft

// mesh/wire/batch_builder.hpp: encodes events once, into the bytes that every disk and wire will hold.
#pragma once
#include "mesh/wire/batch_view.hpp"

#include <memory>
#include <span>
#include <string>

namespace weft::wire {

/// What a publisher gives for one event; copied before add() returns.
struct new_event {
  wall_time time{};
  std::string_view type{}; ///< empty: none
  byte_view key{};         ///< empty: none
  std::span<const header_view::header> headers{};
  byte_view value{};
};

/// Fills one batch after another for one topic and producer. Values are copied once, to where they stay: the blob grows
/// behind a gap that the columns are put into at the end.
/// @thread one at a time
class batch_builder {
public:
  /// @pre `topic` is an allowed name, `codec` is supported
  /// @param codec  of batches sealed until set_codec()
  batch_builder(std::string topic, producer_id producer, wire::codec codec);
  ~batch_builder();
  batch_builder(batch_builder&&) noexcept;
  batch_builder& operator=(batch_builder&&) noexcept;

  /// Whether an empty batch would take the event. @error as of add(), but not errc::would_block
  [[nodiscard]] static result<void> check(const new_event& event);
  /// @error errc::too_large         the event breaks a limit: which, its size and the limit
  /// @error errc::invalid_argument  a header name is empty or over 255 bytes, a type has control characters
  /// @error errc::would_block       the batch is full: seal it first
  [[nodiscard]] result<void> add(const new_event& event);

  [[nodiscard]] std::size_t count() const noexcept;
  /// Bytes that the sealed batch would have without compression, within a few dozen.
  [[nodiscard]] std::size_t bytes() const noexcept;
  [[nodiscard]] bool full() const noexcept; ///< at limits::batch_bytes_target or batch_events_max

  /// @pre `codec` is supported
  void set_codec(wire::codec codec) noexcept;
  /// The finished batch, 8-aligned; the builder is empty afterwards and keeps its memory.
  /// @pre count() > 0
  [[nodiscard]] shared_bytes seal(std::uint64_t first_sequence);

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace weft::wire

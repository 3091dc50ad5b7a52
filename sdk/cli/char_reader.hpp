// sdk/cli/char_reader.hpp: one byte after another of an input, with the line's number.
#pragma once
#include "mesh/base/result.hpp"
#include "sdk/cli/input.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace weft::cli {

/// @thread one at a time
class char_reader {
public:
  static constexpr int end = -1;

  /// Begins behind a UTF-8 byte order mark, if there is one.
  explicit char_reader(byte_source& from) : from_(from) {}

  /// Takes the next byte; `end` at the end of the input, or after an error.
  [[nodiscard]] int get() {
    const int c = peek();
    if (c == end) return end;
    ++at_;
    if (c == '\n') ++line_;
    return c;
  }
  [[nodiscard]] int peek() {
    if (at_ == piece_.size() && !fill()) return end;
    return static_cast<unsigned char>(piece_[at_]);
  }
  /// Takes the bytes that lie ready, up to and without a line's end; may be fewer than the line has.
  [[nodiscard]] std::string_view get_some_of_line();

  /// The line that the next byte is on, from 1.
  [[nodiscard]] std::uint64_t line() const noexcept { return line_; }
  /// Why the input ended early, if it did.
  [[nodiscard]] const std::optional<error>& failure() const noexcept { return failure_; }
  [[nodiscard]] const std::string& name() const noexcept { return from_.name(); }

private:
  bool fill();
  void pass_mark();
  bool read_piece();

  byte_source& from_;
  std::string_view piece_;
  std::string first_; // the beginning, when it came in smaller pieces than a mark
  std::size_t at_ = 0;
  std::uint64_t line_ = 1;
  bool begun_ = false;
  std::optional<error> failure_;
};

} // namespace weft::cli

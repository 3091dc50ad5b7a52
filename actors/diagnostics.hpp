// actors/diagnostics.hpp: text for operators, on stderr.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace weft::actors {

enum class severity : std::uint8_t { debug, info, warning, error };

/// Writes one line a message: time, severity, node, text. Bytes that are not printable are escaped, so that nothing
/// from outside can forge a line. Payloads, keys, tokens and secrets never come here.
/// @thread any
class diagnostics {
public:
  using sink = std::function<void(severity, std::string_view)>;

  /// To stderr. @param node  the node's name, part of each line
  explicit diagnostics(const std::string& node, severity least);
  /// To a function, for tests and for programs with a log of their own.
  explicit diagnostics(sink to);

  void debug(std::string_view text) { write(severity::debug, text); }
  void info(std::string_view text) { write(severity::info, text); }
  void warning(std::string_view text) { write(severity::warning, text); }
  void error(std::string_view text) { write(severity::error, text); }
  /// How many lines of this severity were written.
  [[nodiscard]] std::uint64_t count(severity of) const noexcept;

private:
  void write(severity level, std::string_view text);

  sink to_;
  std::atomic<std::uint64_t> counts_[4]{};
};

} // namespace weft::actors

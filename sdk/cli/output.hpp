// sdk/cli/output.hpp: standard output: data only, written in big pieces. What is said besides goes to stderr.
#pragma once
#include "mesh/base/result.hpp"

#include <fmt/format.h>
#include <string>
#include <string_view>
#include <utility>

namespace weft::cli {

/// Collects text and writes it when it is told to or has 64 KiB.
/// @thread one at a time
class output {
public:
  /// Where to append; call wrote() afterwards.
  [[nodiscard]] std::string& buffer() noexcept { return buffer_; }
  /// Writes when there is much.
  /// @error errc::cancelled  the reader has gone (a closed pipe): end, with success
  /// @error errc::io_error   anything else
  [[nodiscard]] result<void> wrote() { return buffer_.size() < flush_bytes ? result<void>{} : flush(); }
  [[nodiscard]] result<void> flush();

private:
  static constexpr std::size_t flush_bytes = 64U << 10U;
  std::string buffer_;
};

/// Writes text that is complete. @returns the exit code: success also when the reader has gone
int print(std::string_view text);
/// Prints on stderr. One that takes nothing (closed, full, its reader gone) must not end what the command does.
void tell_text(std::string_view text) noexcept;
template <typename... Args>
void tell(fmt::format_string<Args...> text, Args&&... args) {
  tell_text(fmt::format(text, std::forward<Args>(args)...));
}
/// Prints `weft COMMAND: message` on stderr. @returns exit_failure
int report(std::string_view command, const error& why);
[[nodiscard]] bool stdout_is_terminal() noexcept;
[[nodiscard]] bool stderr_is_terminal() noexcept;

} // namespace weft::cli

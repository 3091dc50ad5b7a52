#include "sdk/cli/output.hpp"

#include "sdk/cli/command_line.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

namespace weft::cli {

result<void> output::flush() {
  std::string_view left = buffer_;
  while (!left.empty()) {
    const auto written = ::write(STDOUT_FILENO, left.data(), left.size());
    if (written >= 0) {
      left.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN) { // somebody made our standard output non-blocking
      pollfd room{STDOUT_FILENO, POLLOUT, 0};
      ::poll(&room, 1, -1);
      continue;
    }
    buffer_.clear();
    if (errno == EPIPE) return fail(errc::cancelled, "the reader of standard output has gone");
    return fail(errc::io_error, fmt::format("cannot write to standard output: {}", std::strerror(errno)));
  }
  buffer_.clear();
  return {};
}

int print(std::string_view text) {
  output out;
  out.buffer() = text;
  const auto done = out.flush();
  if (done || done.error().code() == errc::cancelled) return exit_success;
  return report("output", done.error());
}

void tell_text(std::string_view text) noexcept { (void)std::fwrite(text.data(), 1, text.size(), stderr); }

int report(std::string_view command, const error& why) {
  tell("weft {}: {}\n", command, why.message());
  return exit_failure;
}

bool stdout_is_terminal() noexcept { return ::isatty(STDOUT_FILENO) == 1; }
bool stderr_is_terminal() noexcept { return ::isatty(STDERR_FILENO) == 1; }

} // namespace weft::cli

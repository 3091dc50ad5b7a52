#include "sdk/cli/progress.hpp"

#include "sdk/cli/output.hpp"
#include "sdk/cli/table.hpp"

#include <fmt/format.h>

namespace weft::cli {
namespace {

constexpr auto renew_every = std::chrono::milliseconds(200);
constexpr std::size_t bar_width = 30;

} // namespace

progress::progress(std::string verb, std::uint64_t all)
    : verb_(std::move(verb)), all_(all), shows_(stderr_is_terminal()) {}

void progress::at(std::uint64_t done) {
  if (!shows_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + renew_every;
  const auto rate = static_cast<double>(done) / std::chrono::duration<double>(now - began_).count();
  std::string bar;
  if (all_ > 0) {
    const auto filled = std::min<std::uint64_t>(bar_width, done * bar_width / all_);
    bar = fmt::format("[{}{}] ", std::string(filled, '#'), std::string(bar_width - filled, ' '));
  }
  tell("\r\x1b[K{}{} {}, {}/s", bar, verb_, grouped(static_cast<double>(done)), grouped(rate));
  std::fflush(stderr);
  on_screen_ = true;
}

void progress::clear() {
  if (!on_screen_) return;
  tell("\r\x1b[K");
  std::fflush(stderr);
  on_screen_ = false;
}

} // namespace weft::cli

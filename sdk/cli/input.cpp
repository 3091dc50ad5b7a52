#include "sdk/cli/input.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weft::cli {
namespace {

constexpr std::size_t piece_bytes = 256U << 10U;
constexpr int look_every_ms = 100;

} // namespace

file_source::file_source(descriptor own, int number, std::string name, std::function<bool()> stop)
    : own_(std::move(own)), number_(number), name_(std::move(name)), stop_(std::move(stop)), buffer_(piece_bytes) {
  struct stat facts {};
  if (::fstat(number_, &facts) == 0 && S_ISREG(facts.st_mode)) size_ = static_cast<std::uint64_t>(facts.st_size);
}

result<file_source> file_source::open(const std::string& path, std::function<bool()> stop) {
  if (path == "-") return file_source{descriptor{}, STDIN_FILENO, "standard input", std::move(stop)};
  descriptor opened{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!opened)
    return fail(errno == ENOENT ? errc::not_found : errc::io_error,
                fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  const auto number = opened.get();
  return file_source{std::move(opened), number, path, std::move(stop)};
}

result<std::string_view> file_source::read() {
  for (;;) {
    if (stop_()) return std::string_view{};
    pollfd one{number_, POLLIN, 0};
    if (::poll(&one, 1, look_every_ms) <= 0) continue;
    const auto got = ::read(number_, buffer_.data(), buffer_.size());
    if (got >= 0) return std::string_view{buffer_.data(), static_cast<std::size_t>(got)};
    if (errno != EINTR && errno != EAGAIN)
      return fail(errc::io_error, fmt::format("cannot read {}: {}", name_, std::strerror(errno)));
  }
}

} // namespace weft::cli

#include "sdk/cli/child_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace weft::cli {
namespace {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// Signals as a fresh program expects them: ours ignores SIGPIPE.
void set_signals(posix_spawnattr_t& attributes) {
  sigset_t all;
  sigemptyset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &all);
  sigaddset(&all, SIGPIPE);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  // A group of its own: Ctrl-C comes to us, and we stop it in its turn.
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
}

} // namespace

result<child_process> child_process::start(const std::vector<std::string>& words, const std::string& errors) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return fail(errc::io_error, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  descriptor read_end{ends[0]}, write_end{ends[1]};

  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&files, write_end.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, errors.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  set_signals(attributes);

  std::vector<char*> arguments;
  for (const auto& word : words)
    arguments.push_back(const_cast<char*>(word.c_str())); // posix_spawn does not change them
  arguments.push_back(nullptr);
  pid_t id = -1;
  const auto problem = ::posix_spawn(&id, words[0].c_str(), &files, &attributes, arguments.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  if (problem != 0) return fail(errc::io_error, fmt::format("cannot start {}: {}", words[0], std::strerror(problem)));
  return child_process{id, std::move(read_end)};
}

child_process::child_process(child_process&& other) noexcept
    : id_(std::exchange(other.id_, -1)), output_(std::move(other.output_)), read_(std::move(other.read_)) {}

child_process::~child_process() {
  if (id_ > 0) wait(0ms);
}

std::optional<std::string> child_process::line(std::chrono::milliseconds within) {
  const auto until = clock::now() + within;
  for (;;) {
    if (const auto end = read_.find('\n'); end != std::string::npos) {
      auto found = read_.substr(0, end);
      read_.erase(0, end + 1);
      return found;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
    if (!output_ || !read_more(std::max(left, 0ms))) return std::nullopt;
  }
}

bool child_process::read_more(std::chrono::milliseconds within) {
  pollfd one{output_.get(), POLLIN, 0};
  if (::poll(&one, 1, static_cast<int>(within.count())) <= 0) return false;
  std::array<char, 4096> piece{};
  const auto got = ::read(output_.get(), piece.data(), piece.size());
  if (got > 0) {
    read_.append(piece.data(), static_cast<std::size_t>(got));
    return true;
  }
  output_.reset();
  return false;
}

void child_process::ask_to_stop() noexcept {
  if (id_ > 0) ::kill(id_, SIGTERM);
}

int child_process::wait(std::chrono::milliseconds within) {
  const auto until = clock::now() + within;
  int status = 0;
  bool killed = false;
  while (id_ > 0) {
    const auto found = ::waitpid(id_, &status, killed ? 0 : WNOHANG);
    if (found == id_ || (found < 0 && errno != EINTR)) {
      id_ = -1;
    } else if (!killed && clock::now() >= until) {
      ::kill(id_, SIGKILL);
      killed = true;
    } else if (!killed) {
      std::this_thread::sleep_for(10ms); // the system has no wait with a limit
    }
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace weft::cli

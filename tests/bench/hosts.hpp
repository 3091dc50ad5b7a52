// tests/bench/hosts.hpp: hosts in one process, so that nodes reach only those that a cable joins them with.
#pragma once
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace weft::bench {

struct no_right_to_make_hosts : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A thread in a network namespace of its own. Threads that are started there stay there, and so do their sockets.
class host {
public:
  /// @throws no_right_to_make_hosts  it takes root
  host();
  host(const host&) = delete;
  host& operator=(const host&) = delete;

  /// Does the work there and waits for its end. @throws what it throws
  void run(const std::function<void()>& work);
  /// Runs `ip` there. @throws std::runtime_error
  void ip(const std::string& words);
  /// What names its namespace to `ip`.
  [[nodiscard]] const std::string& space() const noexcept { return space_; }

private:
  void serve(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  const std::function<void()>* work_ = nullptr;
  std::string space_;
  std::jthread thread_;
};

/// Hosts of which each has a cable to the next one, and reaches nobody else.
///
///     0 ── cable0 ── 1 ── cable1 ── 2 ── cable2 ── 3
class chain_of_hosts {
public:
  explicit chain_of_hosts(std::size_t count);
  [[nodiscard]] std::size_t size() const noexcept { return hosts_.size(); }
  [[nodiscard]] host& at(std::size_t number) { return *hosts_.at(number); }
  /// The host has it on its cables.
  [[nodiscard]] static std::string address(std::size_t number);

private:
  std::vector<std::unique_ptr<host>> hosts_;
};

} // namespace weft::bench

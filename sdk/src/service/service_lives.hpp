// sdk/src/service/service_lives.hpp: a service, or one shard of it: its lives, one after the other.
#pragma once
#include "sdk/src/service/service_life.hpp"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace weft::detail {

/// Starts it, stops it, and starts it again when it ended by itself and its options say so, or when its shard was
/// wanted elsewhere: the next life waits until it is this one's again.
///
///     stopped ──start()──▶ running ──by itself──▶ ended ──restart_after──▶ running ...
///        ▲                    │                     │
///        └──────stop()────────┴─────────────────────┘
///
/// @thread start() and stop() from one at a time; the rest any
class service_lives : public std::enable_shared_from_this<service_lives> {
public:
  /// @param ended  called when it ended by itself for good, on a thread of it
  explicit service_lives(std::shared_ptr<service_definition> of, std::function<void()> ended = nullptr);
  ~service_lives();

  [[nodiscard]] result<void> start();
  /// What stop() begins, without waiting. @thread any
  void begin_stop();
  void stop();
  [[nodiscard]] result<void> wait();
  /// How it is, but for what is counted over all lives and shards.
  [[nodiscard]] service_health health() const;
  [[nodiscard]] bool is_there() const { return life() != nullptr; } ///< it has a life, which may have ended
  [[nodiscard]] bool is_running() const;                            ///< and it has not, or begins another
  [[nodiscard]] bool is_on_its_thread() const;
  /// Whether it has its state, as far as it knows. Always, if that does not move.
  [[nodiscard]] bool has_state() const;
  [[nodiscard]] result<std::optional<std::string>> read(const state_key& of) const;
  [[nodiscard]] result<std::vector<std::pair<std::string, std::string>>> read_all(std::string_view table) const;

private:
  [[nodiscard]] result<void> begin_life();
  [[nodiscard]] std::shared_ptr<service_life> life() const;
  [[nodiscard]] bool is_supervisor() const;
  [[nodiscard]] result<std::shared_ptr<const state_store>> state() const;
  [[nodiscard]] bool is_restarted() const noexcept { return definition_->options.restart_after > microseconds{0}; }
  [[nodiscard]] bool is_supervised() const noexcept {
    return is_restarted() || !definition_->options.state_topic.empty();
  }
  void supervise();

  const std::shared_ptr<service_definition> definition_;
  service_definition& of_;
  const std::function<void()> ended_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<service_life> life_; // the last one; nothing between two
  bool stops_ = true;                  // stop() was called since the last start(), or it ended for good
  bool for_good_ = false;              // by itself
  std::optional<error> ended_by_;      // the last life, or why the next could not begin
  std::thread supervisor_;
  std::thread::id supervises_; // it, while it does
};

} // namespace weft::detail

// sdk/src/service/service_core.hpp: one service: its lives, one after the other.
#pragma once
#include "sdk/src/service/service_life.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace weft::detail {

/// Starts it, stops it, and starts it again when it ended by itself and its options say so:
///
///     stopped ──start()──▶ running ──by itself──▶ ended ──restart_after──▶ running ...
///        ▲                    │                     │
///        └──────stop()────────┴─────────────────────┘
///
/// @thread start(), stop() and add...() from one at a time; the rest any
class service_core : public std::enable_shared_from_this<service_core> {
public:
  service_core(std::shared_ptr<participant_core> in, std::string name, service_options options);
  ~service_core();

  void handle(std::string_view topic, std::string_view type, event_action what);
  void handle_timer(std::string_view name, service_handlers::timed what);
  void handle_reply(std::string_view requests, std::string_view continuation, event_action what);
  void handle_end(std::string_view errand, std::string_view continuation, event_action what);
  void do_errands(std::string_view name, const errand_options& options, errand_action what);
  [[nodiscard]] result<void> start();
  void stop();
  [[nodiscard]] result<void> wait();
  [[nodiscard]] service_health health() const;
  [[nodiscard]] result<std::optional<std::string>> read(const state_key& of) const;
  [[nodiscard]] result<std::vector<std::pair<std::string, std::string>>> read_all(std::string_view table) const;

private:
  [[nodiscard]] result<void> check() const;
  [[nodiscard]] result<void> check_state_topic() const;
  [[nodiscard]] result<void> begin_life();
  [[nodiscard]] std::shared_ptr<service_life> life() const;
  [[nodiscard]] bool is_supervisor() const;
  [[nodiscard]] result<std::shared_ptr<const state_store>> state() const;
  [[nodiscard]] bool is_supervised() const noexcept { return definition_->options.restart_after > microseconds{0}; }
  void supervise();

  const std::shared_ptr<service_definition> definition_;
  service_definition& of_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<service_life> life_; // the last one; nothing between two
  bool stops_ = true;                  // stop() was called since the last start()
  std::optional<error> ended_by_;      // the last life, or why the next could not begin
  std::thread supervisor_;
  std::thread::id supervises_; // it, while it does
};

} // namespace weft::detail

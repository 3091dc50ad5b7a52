// sdk/src/session.hpp: one running subscription that is no member of a group.
#pragma once
#include "sdk/src/callbacks.hpp"
#include "sdk/src/consumer.hpp"
#include "sdk/src/flow_book.hpp"
#include "sdk/src/run_reader.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace weft::detail {

/// The node's thread puts runs into the book; one thread takes them out again, event by event: the session's own when
/// there is a handler, else the caller of poll().
class session final : public consumer, public std::enable_shared_from_this<session> {
public:
  session(const session_environment& environment, demand_settings demand, const subscription_options& options,
          event_handler handler);
  ~session() override;

  void start(bool connected) override;
  void on_connected() override;
  void on_lost() override;
  void on_message(const wire::control& message, const shared_bytes& payload) override;
  void on_refused(const error& why) override;

  [[nodiscard]] result<std::optional<event>> poll(microseconds within) override;
  [[nodiscard]] result<std::vector<event>> poll_batch(std::size_t most, microseconds within) override;
  void commit() override;
  void done(const event&) override {} // only a member of a group says so of each
  void failed(const event&, std::string_view) override {}
  void rejected(const event&, std::string_view) override {}
  void close() override;
  [[nodiscard]] result<void> wait() override;
  [[nodiscard]] std::optional<error> stopped() const override;
  [[nodiscard]] std::vector<log_progress> progress() const override;

private:
  using deadline = std::optional<std::chrono::steady_clock::time_point>;

  [[nodiscard]] result<void> take_in(const wire::control& message, const shared_bytes& payload, flow_book::sends& out);
  void send(flow_book::sends& messages);
  void fail_with(const error& why);
  void tell_stopped();

  [[nodiscard]] result<std::optional<event>> poll_until(std::chrono::steady_clock::time_point until);
  [[nodiscard]] const event* next_event(const deadline& until);
  [[nodiscard]] std::optional<waiting_run> wait_for_run(const deadline& until);
  void advance(bool& has_event);
  void finish_run();
  void give_back(const error& why);
  void meet_gap(const waiting_run& run);
  void given_is_handled();
  void commit_if_due();
  void dispatch();
  [[nodiscard]] bool handle(const event& next);
  [[nodiscard]] bool named() const noexcept { return !options_.name.empty(); }

  const session_environment at_;
  const subscription_options options_;
  const callbacks program_;
  std::thread thread_;
  std::atomic<bool> ending_ = false; // closing_ or failure_, readable without the lock

  mutable std::mutex mutex_; // held over door.send(), so that messages leave in the order of the book's decisions
  std::condition_variable changed_;
  flow_book book_;
  std::optional<error> failure_; // why it ended by itself
  bool told_ = false;            // on_stopped was called
  bool closing_ = false;
  bool closed_ = false;
  bool thread_ended_ = false;
  mono_time last_commit_;
  std::optional<std::pair<log_id, log_position>> given_; // named: the event that is being handled ends here

  std::optional<run_reader> reader_; // only the taking thread
};

} // namespace weft::detail

// sdk/src/service/one_event.hpp: what a handler does with one event, until it is known whether that counts.
#pragma once
#include "mesh/wire/batch_builder.hpp"
#include "sdk/src/service/service_handlers.hpp"
#include "sdk/src/service/state_store.hpp"
#include "sdk/src/service/timer_row.hpp"
#include "weft/service.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::detail {

/// Where what a timer's handler publishes and sets comes from. Empty: the handler has an event, which is the cause.
struct timer_source {
  std::string_view cause{};
  std::string_view origin{};
  const result<event>* reply = nullptr; ///< of a continuation
};

/// What handlers of one life of a service share. @thread its functions: any
struct handling_environment {
  std::string service;
  random_source& random; ///< for spans
  /// The value before the event. @error that of the disk
  std::function<result<std::optional<std::string>>(const state_key&)> before;
  const service_handlers& handlers;
  std::string token;                            ///< the key of the replies to what it asks
  bool keeps_reads = false;                     ///< handlers run at the same time
  std::string state_topic{};                    ///< of the service: nothing else is published there
  mutable std::atomic<std::uint32_t> asked = 0; ///< how many requests were made
};

/// @thread the handler's, then the service's
class one_event final : public handling {
public:
  /// Published when the event is handled.
  struct output {
    std::string topic, type, key, value;
    std::vector<std::pair<std::string, std::string>> headers;
    wall_time time;
  };
  /// Done outside when the event is handled and that is on disk.
  struct errand {
    output value;                 ///< its topic is the errand's name, its time when it was given out
    std::optional<output> kept{}; ///< for the continuation, whose name its topic is
    std::string cause{}, origin{};
  };
  one_event(const event& what, const timer_source& from, wall_time now, const handling_environment& in)
      : what_(what), from_(from), now_(now), in_(in) {}

  std::optional<std::string> read(const std::string& table, const std::string& key) override;
  void write(const std::string& table, const std::string& key, std::optional<std::string> value) override;
  void publish(std::string_view topic, const encoded_event& what) override;
  void set_timer(std::string_view name, const encoded_event& what) override;
  void cancel_timer(std::string_view name, std::string_view key) override;
  [[nodiscard]] std::optional<std::uint64_t> request(std::string_view topic, const encoded_event& what,
                                                     microseconds within) override;
  void keep(std::string_view requests, std::uint64_t number, std::string_view continuation,
            const encoded_event& what) override;
  [[nodiscard]] std::optional<std::size_t> give_out(std::string_view errand, const encoded_event& what) override;
  void keep_for(std::size_t errand, std::string_view continuation, const encoded_event& what) override;
  [[nodiscard]] const result<event>& reply() const override { return *from_.reply; }
  [[nodiscard]] wall_time now() const noexcept override { return now_; }
  void refuse(error why) override;

  /// Why it can't be handled, though its handler returned.
  [[nodiscard]] const std::optional<error>& refused() const noexcept { return refused_; }
  /// The state could not be read: that is no failure of the event.
  [[nodiscard]] const std::optional<error>& broken() const noexcept { return broken_; }
  /// What was read of the state as it was before, if it is kept.
  [[nodiscard]] const state_changes& reads() const noexcept { return reads_; }
  [[nodiscard]] state_changes& changes() noexcept { return changes_; }
  [[nodiscard]] timer_changes& timers() noexcept { return timers_; }
  [[nodiscard]] const std::vector<output>& outputs() const noexcept { return outputs_; }
  [[nodiscard]] const std::vector<errand>& errands() const noexcept { return errands_; }

private:
  using header_texts = std::vector<std::pair<std::string, std::string>>;
  void continue_trace(header_texts& into) const;
  [[nodiscard]] std::string cause() const;
  [[nodiscard]] std::string origin_of_timer(std::string_view name, std::string_view key) const;
  /// @error why such an event can't be kept
  [[nodiscard]] result<shared_bytes> kept_event(std::string_view name, wall_time due, const encoded_event& what) const;
  [[nodiscard]] output kept_output(std::string_view name, const encoded_event& what) const;

  const event& what_;
  const timer_source from_;
  const wall_time now_;
  const handling_environment& in_;
  state_changes reads_, changes_;
  timer_changes timers_;
  std::vector<output> outputs_;
  std::vector<errand> errands_;
  std::map<std::uint64_t, std::size_t> requests_; // by number: which output it is
  std::optional<error> refused_, broken_;         // the first reason
};

/// As a batch takes it; the views live as long as the output and the scratch.
[[nodiscard]] wire::new_event as_new_event(const one_event::output& from,
                                           std::vector<wire::header_view::header>& scratch);

} // namespace weft::detail

// sdk/src/service/one_event.hpp: what a handler does with one event, until it is known whether that counts.
#pragma once
#include "mesh/wire/batch_builder.hpp"
#include "sdk/src/service/state_store.hpp"
#include "weft/service.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::detail {

/// @thread the service's
class one_event final : public handling {
public:
  /// Published when the event is handled.
  struct output {
    std::string topic, type, key, value;
    std::vector<std::pair<std::string, std::string>> headers;
    wall_time time;
  };
  /// The value before this event. @error that of the disk
  using lookup = std::function<result<std::optional<std::string>>(const state_key&)>;

  /// @param service  for the origin
  /// @param random   for spans
  one_event(const event& what, std::string_view service, wall_time now, random_source& random, lookup before)
      : what_(what), service_(service), now_(now), random_(random), before_(std::move(before)) {}

  std::optional<std::string> read(const std::string& table, const std::string& key) override;
  void write(const std::string& table, const std::string& key, std::optional<std::string> value) override;
  void publish(std::string_view topic, const encoded_event& what) override;
  void refuse(error why) override;

  /// Why it can't be handled, though its handler returned.
  [[nodiscard]] const std::optional<error>& refused() const noexcept { return refused_; }
  /// The state could not be read: that is no failure of the event.
  [[nodiscard]] const std::optional<error>& broken() const noexcept { return broken_; }
  [[nodiscard]] state_changes& changes() noexcept { return changes_; }
  [[nodiscard]] const std::vector<output>& outputs() const noexcept { return outputs_; }

private:
  void continue_trace(output& into) const;

  const event& what_;
  const std::string_view service_;
  const wall_time now_;
  random_source& random_;
  const lookup before_;
  state_changes changes_;
  std::vector<output> outputs_;
  std::optional<error> refused_, broken_; // the first reason
};

/// As a batch takes it; the views live as long as the output and the scratch.
[[nodiscard]] wire::new_event as_new_event(const one_event::output& from,
                                           std::vector<wire::header_view::header>& scratch);

} // namespace weft::detail

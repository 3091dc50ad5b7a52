// sdk/src/service/service_core.hpp: one service: what it does, and the shards of its state.
#pragma once
#include "sdk/src/service/service_lives.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::detail {

/// Of a service whose state is in several shards each has lives of its own, in this process or in another: to the rest
/// of the mesh it is one group.
/// @thread start(), stop() and add...() from one at a time; the rest any
class service_core : public std::enable_shared_from_this<service_core> {
public:
  service_core(std::shared_ptr<participant_core> in, std::string name, service_options options);
  ~service_core();
  service_core(const service_core&) = delete;
  service_core& operator=(const service_core&) = delete;

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
  using all_lives = std::vector<std::shared_ptr<service_lives>>;

  [[nodiscard]] result<void> check() const;
  [[nodiscard]] result<void> check_moving() const;
  [[nodiscard]] result<void> check_state_topic() const;
  [[nodiscard]] std::string topic_of(std::size_t shard) const;
  [[nodiscard]] result<std::string> directory() const;
  [[nodiscard]] result<all_lives> divide();
  [[nodiscard]] all_lives lives() const;
  void end();
  [[nodiscard]] result<all_lives> at_work() const;

  const std::shared_ptr<service_definition> definition_; // of the whole
  service_definition& of_;
  mutable std::mutex mutex_;
  all_lives lives_;        // by shard, since the last start()
  bool has_ended_ = false; // one of them, by itself for good
};

} // namespace weft::detail

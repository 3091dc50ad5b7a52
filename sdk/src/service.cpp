#include "weft/service.hpp"

#include "sdk/src/service/service_core.hpp"

namespace weft {

service::service(participant& in, std::string name, service_options options)
    : core_(std::make_shared<detail::service_core>(in.core_, std::move(name), std::move(options))) {}
service::service(service&&) noexcept = default;
service& service::operator=(service&& other) noexcept {
  if (this != &other) {
    stop();
    core_ = std::move(other.core_);
  }
  return *this;
}
service::~service() { stop(); }

result<void> service::start() { return core_->start(); }
void service::stop() {
  if (core_) core_->stop();
}
result<void> service::wait() { return core_->wait(); }

void service::handle(std::string_view topic, std::string_view type, action what) {
  core_->handle(topic, type, std::move(what));
}

void service::handle_timer(std::string_view name, action what) {
  core_->handle_timer(name, {std::move(what), microseconds{0}});
}

void service::handle_each(std::string_view name, microseconds interval, action what) {
  core_->handle_timer(std::string(detail::service_handlers::each) + std::string(name), {std::move(what), interval});
}

void service::handle_reply(std::string_view requests, std::string_view continuation, action what) {
  core_->handle_reply(requests, continuation, std::move(what));
}

void service::handle_end(std::string_view errand, std::string_view continuation, action what) {
  core_->handle_end(errand, continuation, std::move(what));
}

void service::do_errands(std::string_view name, const errand_options& options, errand_action what) {
  core_->do_errands(name, options, std::move(what));
}

std::string_view to_string(service_health::condition how) noexcept {
  switch (how) {
  case service_health::condition::stopped: return "stopped";
  case service_health::condition::running: return "running";
  case service_health::condition::hindered: return "hindered";
  case service_health::condition::restarting: return "restarting";
  case service_health::condition::standby: return "standby";
  }
  return "";
}

service_health service::health() const { return core_->health(); }

result<std::optional<std::string>> service::stored(std::string_view table, const std::string& key) const {
  return core_->read({std::string(table), key});
}

result<void> service::all_stored(std::string_view table, const row_visitor& visit) const {
  const auto all = core_->read_all(table);
  if (!all) return fail(all.error());
  for (const auto& [key, value] : *all)
    if (auto done = visit(key, value); !done) return done;
  return {};
}

} // namespace weft

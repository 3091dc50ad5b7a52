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

result<std::optional<std::string>> service::stored(std::string_view table, const std::string& key) const {
  return core_->read({std::string(table), key});
}

} // namespace weft

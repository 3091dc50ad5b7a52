#include "weft/participant.hpp"

#include "sdk/src/participant_core.hpp"

namespace weft {

participant::participant(std::shared_ptr<detail::participant_core> core) noexcept : core_(std::move(core)) {}
participant::participant(participant&&) noexcept = default;
participant& participant::operator=(participant&& other) noexcept {
  if (this != &other) {
    if (core_) core_->close();
    core_ = std::move(other.core_);
  }
  return *this;
}
participant::~participant() {
  if (core_) core_->close();
}

std::string participant::node_name() const { return core_->node_name(); }
bool participant::connected() const noexcept { return core_->connected(); }

result<raw_publisher> participant::publisher(std::string_view topic, const publisher_options& options) {
  auto made = core_->new_publisher(topic, options);
  if (!made) return fail(made.error());
  return raw_publisher{std::move(*made)};
}

void participant::on_publish_error(publish_error_handler handler) { core_->on_publish_error(std::move(handler)); }

result<std::string> participant::query(std::string_view what, std::string_view arguments) {
  return core_->query(what, arguments);
}

result<event_contract> participant::contract_of(const event_info& what) { return core_->contract_of(what); }
result<event_contract> participant::contract_of(std::string_view topic) { return core_->contract_of(topic); }

void participant::send_request(std::string_view topic, const encoded_event& what, const request_options& options,
                               detail::reply_told told) {
  core_->asking()->send(topic, what, options, std::move(told));
}

result<void> participant::hear_cancels(std::string_view requests) { return core_->hear_cancels(requests); }

bool participant::is_cancelled(const std::weak_ptr<detail::participant_core>& core, const detail::caller& of) {
  const auto at = core.lock();
  return at && at->cancels().has(of);
}

void participant::send(const std::weak_ptr<detail::participant_core>& core, const std::string& topic,
                       const encoded_event& what) {
  const auto at = core.lock();
  if (!at) return;
  if (const auto publisher = at->shared_publisher(topic))
    static_cast<void>(publisher->publish(what)); // a lost reply is the caller's time that is over
}

void participant::send_error(const std::weak_ptr<detail::participant_core>& core, const std::string& topic,
                             const detail::caller& to, const error& why) {
  static_cast<void>(detail::with_encoded(std::string(), detail::error_options(to, why),
                                         [&](const encoded_event& e) { return send(core, topic, e), true; }));
}

result<detail::publisher_base> participant::shared_publisher(std::string_view topic) {
  return core_->shared_publisher(topic);
}
result<detail::publisher_base> participant::new_publisher(std::string_view topic, const publisher_options& options) {
  return core_->new_publisher(topic, options);
}
pending<ack> participant::failed(std::string_view topic, error why) { return core_->failed(topic, std::move(why)); }

result<subscription> participant::start(std::string_view pattern, const subscription_options& options,
                                        detail::event_handler handler) {
  auto started = core_->subscribe(pattern, options, std::move(handler));
  if (!started) return fail(started.error());
  return subscription{std::move(*started)};
}

} // namespace weft

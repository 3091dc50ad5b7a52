// mesh/transport/transport.cpp: calls from any thread become commands for the transport thread.
#include "mesh/transport/transport.hpp"

#include "mesh/transport/loop.hpp"

namespace weft::transport {

void observer::on_attempt_failed(dial_attempt, const std::string&, const error&) {} // of interest to who makes attempts

class transport::impl {
public:
  impl(const transport_options& options, observer& to) : thread(options, to) {}
  loop thread;
};

transport::transport(std::unique_ptr<impl> body) noexcept : impl_(std::move(body)) {}
transport::~transport() = default;

result<std::unique_ptr<transport>> transport::start(const transport_options& options, observer& to) {
  auto body = std::make_unique<impl>(options, to);
  if (auto bound = body->thread.bind(); !bound) return fail(bound.error());
  body->thread.start();
  return std::unique_ptr<transport>(new transport(std::move(body)));
}

const std::string& transport::address() const noexcept { return impl_->thread.address(); }

void transport::dial(const std::string& address, const curve_public_key& peer_key, std::vector<std::string> also) {
  impl_->thread.post(commands::dial{{address, link_kind::dialled, peer_key, std::move(also)}});
}
void transport::try_dial(dial_attempt attempt, const std::string& address, const curve_public_key& peer_key) {
  impl_->thread.post(commands::dial{{address, link_kind::dialled, peer_key, {}, attempt}});
}
void transport::stop_attempt(dial_attempt attempt) { impl_->thread.post(commands::stop_attempt{attempt}); }
void transport::undial(const std::string& address) { impl_->thread.post(commands::undial{address}); }
void transport::dial_local(const std::string& socket_path) {
  impl_->thread.post(commands::dial{{socket_path, link_kind::local, {}}});
}
void transport::send(link_id link, shared_bytes control) {
  impl_->thread.post(commands::send_control{link, std::move(control)});
}
void transport::send(link_id link, lane flow, frame message) {
  impl_->thread.post(commands::send_frame{link, flow, std::move(message)});
}
void transport::drop_lane(link_id link, lane flow) { impl_->thread.post(commands::drop_lane{link, flow}); }
void transport::close(link_id link, const error& why) { impl_->thread.post(commands::close{link, why}); }
void transport::mark_proven(link_id link) { impl_->thread.post(commands::prove{link}); }
transport_counters transport::counters() const { return impl_->thread.counters(); }

result<std::unique_ptr<transport>> start_local_client(const std::string& socket_path, observer& to) {
  auto started = transport::start({}, to);
  if (started) (*started)->dial_local(socket_path);
  return started;
}

} // namespace weft::transport

// mesh/transport/dialler.cpp: tries, links, waits.
#include "mesh/transport/dialler.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/transport/socket_options.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::transport {

namespace {

constexpr int never_ms = 3'600'000;

} // namespace

class dialler::dialled_link final : public link {
public:
  dialled_link(link_info info, hub& shared, dialler& owner) : link(std::move(info), shared), owner_(owner) {}
  void prove() override {
    link::prove();
    owner_.backoff_.reset(); // not before: a peer that sends us away is not asked ten times a second
  }

protected:
  send_outcome write(zmq_part& control, zmq_part* payload) override {
    const std::array<zmq_part*, 2> parts{&control, payload};
    return owner_.socket_.send(std::span(parts).first(payload ? 2 : 1));
  }

private:
  dialler& owner_;
};

dialler::dialler(hub& shared, target to) : hub_(shared), target_(std::move(to)) {}
dialler::~dialler() { monitor_.stop(socket_); }

void dialler::add_to(std::vector<zmq_pollitem_t>& items) const {
  if (socket_.get() == nullptr) return;
  items.push_back({monitor_.get(), 0, ZMQ_POLLIN, 0});
  items.push_back({socket_.get(), 0, ZMQ_POLLIN, 0});
}

std::optional<mono_time> dialler::work(mono_time now) {
  if (socket_.get() == nullptr) {
    if (stopped_) return {};
    if (now < retry_at_) return retry_at_;
    try_once(now);
  }
  take_events(now);
  if (link_) {
    socket_.catch_up();
    const bool drained = take_frames();
    if (!drained) return now;
    if (link_lost_) link_->doom(connection_lost(target_.address, hub_.options));
  }
  return socket_.get() == nullptr ? std::optional(retry_at_) : std::nullopt;
}

void dialler::try_once(mono_time now) {
  if (auto connected = connect(); !connected) give_up(connected.error(), now);
}

result<void> dialler::connect() {
  const auto where = endpoint();
  if (!where) return fail(where.error());
  auto socket = zmq_socket::open(hub_.context, ZMQ_DEALER);
  if (!socket) return fail(socket.error());
  socket_ = std::move(*socket);
  set_options();
  auto monitor = zmq_monitor::watch(hub_.context, socket_);
  if (!monitor) return fail(monitor.error());
  monitor_ = std::move(*monitor);
  return socket_.connect(*where);
}

result<std::string> dialler::endpoint() {
  if (target_.kind != link_kind::local) return target_.address;
  auto found = find_local_socket(target_.address);
  if (!found) return fail(found.error());
  local_ = std::move(*found);
  return local_.address;
}

void dialler::set_options() {
  set_common_options(socket_, hub_.options, target_.kind, target_.address);
  socket_.set(ZMQ_RECONNECT_IVL, never_ms);
  socket_.set(ZMQ_CONNECT_TIMEOUT, static_cast<int>(hub_.options.handshake_within.count() / 1000));
  if (target_.kind == link_kind::local) return;
  if (hub_.families.ipv6(target_.address)) socket_.set(ZMQ_IPV6, 1);
  if (!hub_.options.encrypt) {
    const auto id = routing_id_with(hub_.options.public_key);
    socket_.set(ZMQ_ROUTING_ID, id.data(), id.size());
    return;
  }
  socket_.set(ZMQ_CURVE_SERVERKEY, target_.key.data(), target_.key.size());
  socket_.set(ZMQ_CURVE_PUBLICKEY, hub_.options.public_key.data(), hub_.options.public_key.size());
  socket_.set(ZMQ_CURVE_SECRETKEY, hub_.options.secret_key.data(), hub_.options.secret_key.size());
}

void dialler::take_events(mono_time now) {
  while (socket_.get() != nullptr) {
    const auto event = monitor_.next();
    if (!event) return;
    on_event(*event, now);
  }
}

void dialler::on_event(const monitor_event& event, mono_time now) {
  switch (event.what) {
  case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: return open_link();
  case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
  case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
  case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
    return give_up(error(errc::bad_proof, fmt::format("{}: {}; is its key the one that was given?", target_.address,
                                                      describe_failure(event))),
                   now);
  case ZMQ_EVENT_CONNECT_RETRIED: // the try is over
    if (link_)
      link_lost_ = true;
    else
      give_up(error(errc::not_connected, "cannot connect to " + target_.address + ": nobody answers there"), now);
    return;
  default: return;
  }
}

void dialler::open_link() {
  socket_.catch_up(); // else the first send may not find the pipe
  link_lost_ = false;
  last_problems_.clear();
  if (target_.kind == link_kind::local) backoff_.reset();
  link_ = std::make_unique<dialled_link>(
      link_info{hub_.next_link(), target_.kind, target_.key, target_.address, target_.attempt}, hub_, *this);
}

bool dialler::take_frames() {
  for (int i = 0; i < limits::frames_a_turn; ++i) {
    auto got = receive_frame(socket_);
    if (got.parts == 0) return true;
    link_->receive(std::move(got));
  }
  return false;
}

void dialler::give_up(const error& why, mono_time now) {
  const auto address = target_.address;
  hub_.families.failed(address);
  hang_up(now);
  if (once()) {
    end();
    return hub_.to.on_attempt_failed(target_.attempt, address, why);
  }
  take_next_address();
  auto& last = last_problems_[address];
  if (why.message() == last) return;
  last = why.message();
  hub_.to.on_dial_problem(address, why);
}

void dialler::take_next_address() {
  if (target_.also.empty()) return;
  std::rotate(target_.also.begin(), target_.also.begin() + 1, target_.also.end());
  std::swap(target_.address, target_.also.back());
}

void dialler::hang_up(mono_time now) {
  monitor_.stop(socket_);
  socket_.close();
  monitor_ = {};
  retry_at_ = now + backoff_.next(os_random());
}

void dialler::reap(mono_time now) {
  if (!link_ || !link_->doomed()) return;
  if (link_->how_doomed() == link::ending::politely) linger(limits::link_close_grace); // what was sent before may leave
  link_->tell_closed();
  link_.reset();
  hang_up(now);
  if (once()) end();
}

void dialler::end() {
  stopped_ = true;
  hub_.any_doomed = true; // the loop has something to clear away
}

void dialler::stop() {
  stopped_ = true;
  if (link_)
    link_->doom(error(errc::cancelled, target_.address + " is not dialled any more"), link::ending::politely);
  else
    hang_up({});
}

} // namespace weft::transport

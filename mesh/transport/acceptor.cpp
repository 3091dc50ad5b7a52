// mesh/transport/acceptor.cpp: frames of a bound ROUTER become those of links.
#include "mesh/transport/acceptor.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/transport/peer_socket.hpp"
#include "mesh/transport/socket_options.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>

namespace weft::transport {

namespace {

error no_descriptor() {
  return error(errc::descriptors_out, "no file descriptor is left: raise the limit (ulimit -n)");
}

std::optional<serial> speaker_of(const std::string& user_id) {
  std::uint64_t number = 0;
  const auto* end = user_id.data() + user_id.size();
  if (user_id.empty() || std::from_chars(user_id.data(), end, number).ptr != end) return {};
  return serial{number};
}

} // namespace

class acceptor::accepted_link final : public link {
public:
  accepted_link(link_info info, hub& shared, acceptor& owner, connection_number over, std::string routing_id)
      : link(std::move(info), shared), owner_(owner), over_(over), routing_id_(std::move(routing_id)) {}

  [[nodiscard]] connection_number over() const noexcept { return over_; }
  [[nodiscard]] const std::string& routing_id() const noexcept { return routing_id_; }

  void prove() override {
    link::prove();
    auto* c = owner_.table_.find(over_);
    if (c == nullptr) return;
    c->proven = true;
    owner_.watched_.erase(over_);
  }

  /// Whether ZeroMQ has taken in that the peer left; then all that it sent is there to be read.
  [[nodiscard]] bool gone() {
    zmq_part id(routing_id_);
    zmq_part nothing("");
    const std::array<zmq_part*, 2> parts{&id, &nothing};
    return owner_.router_.send(parts) == send_outcome::unreachable;
  }

protected:
  send_outcome write(zmq_part& control, zmq_part* payload) override {
    zmq_part id(routing_id_);
    const std::array<zmq_part*, 3> parts{&id, &control, payload};
    return owner_.router_.send(std::span(parts).first(payload ? 3 : 2));
  }

private:
  acceptor& owner_;
  connection_number over_;
  std::string routing_id_;
};

acceptor::acceptor(hub& shared, link_kind kind)
    : hub_(shared), kind_(kind), reserve_(limits::accept_spare_descriptors), connections_max_(connections_allowed()) {}

acceptor::~acceptor() { monitor_.stop(router_); }

result<std::unique_ptr<acceptor>> acceptor::open(hub& shared, zap_handler& zap, const settings& wanted) {
  auto made = std::unique_ptr<acceptor>(new acceptor(shared, wanted.kind));
  auto router = zmq_socket::open(shared.context, ZMQ_ROUTER);
  if (!router) return fail(router.error());
  made->router_ = std::move(*router);
  made->set_options(wanted.endpoint);
  auto monitor = zmq_monitor::watch(shared.context, made->router_);
  if (!monitor) return fail(monitor.error());
  made->monitor_ = std::move(*monitor);
  const bool curve = wanted.kind == link_kind::accepted && shared.options.encrypt;
  zap.serve(zap_domain(wanted.kind), curve ? "CURVE" : "NULL", [self = made.get()](const curve_public_key& key) {
    self->take_events(system_clock().mono()); // what connection_table::admit asks for
    return self->table_.admit(key);
  });
  if (auto bound = made->router_.bind(wanted.endpoint); !bound) return fail(bound.error());
  made->address_ = made->router_.last_endpoint();
  return made;
}

void acceptor::set_options(const std::string& endpoint) {
  set_common_options(router_, hub_.options, kind_, endpoint);
  router_.set(ZMQ_ROUTER_MANDATORY, 1);
  router_.set(ZMQ_BACKLOG, limits::listen_backlog);
  const auto domain = zap_domain(kind_);
  router_.set(ZMQ_ZAP_DOMAIN, domain.data(), domain.size());
  router_.set(zap_enforce_domain, 1); // without it libzmq lets everybody in while no handler answers
  if (kind_ == link_kind::local || !hub_.options.encrypt) return;
  router_.set(ZMQ_CURVE_SERVER, 1);
  router_.set(ZMQ_CURVE_SECRETKEY, hub_.options.secret_key.data(), hub_.options.secret_key.size());
}

void acceptor::add_to(std::vector<zmq_pollitem_t>& items) const {
  items.push_back({monitor_.get(), 0, ZMQ_POLLIN, 0});
  items.push_back({router_.get(), 0, ZMQ_POLLIN, 0});
}

std::optional<mono_time> acceptor::work(mono_time now) {
  take_events(now);
  router_.catch_up();
  note_gone_peers();
  const bool drained = take_frames(now);
  end_lost(drained, now);
  watch(now);
  return next_look(drained, now);
}

// --- connections ------------------------------------------------------------------------------------------------

void acceptor::take_events(mono_time now) {
  for (int i = 0; i < limits::socket_events_a_turn; ++i) {
    const auto event = monitor_.next();
    if (!event) return;
    on_event(*event, now);
  }
}

void acceptor::on_event(const monitor_event& event, mono_time now) {
  switch (event.what) {
  case ZMQ_EVENT_LISTENING:
    listening_fd_ = static_cast<int>(event.value);
    ::fcntl(listening_fd_, F_SETFL, O_NONBLOCK); // on_no_descriptors() must not wait in it
    return;
  case ZMQ_EVENT_ACCEPTED: return on_accepted(static_cast<int>(event.value), now);
  case ZMQ_EVENT_ACCEPT_FAILED:
    if (event.value == EMFILE || event.value == ENFILE) on_no_descriptors(now);
    return;
  case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
  case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
  case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: handshake_failure_ = describe_failure(event); return;
  case ZMQ_EVENT_DISCONNECTED: {
    // With one I/O thread a handshake's failure and its DISCONNECTED follow each other.
    auto why = std::exchange(handshake_failure_, {});
    auto* c = table_.disconnected(static_cast<int>(event.value), now);
    if (c == nullptr) return;
    watched_.erase(c->number);
    if (!c->why && why.empty()) c->why.emplace(errc::not_connected, "it ended before it said anything");
    if (!c->why) c->why.emplace(errc::bad_proof, std::move(why));
    return;
  }
  default: return;
  }
}

void acceptor::on_accepted(int fd, mono_time now) {
  auto& c = table_.accepted(fd, peer_name(fd), now);
  c.proven = kind_ == link_kind::local;
  if (!c.proven) watched_.insert(c.number);
  if (reserve_.held() < limits::accept_spare_descriptors)
    end(c, no_descriptor(), now);
  else if (table_.size() > connections_max_)
    end(c, error(errc::rate_limited, fmt::format("{} connections are open, more are not allowed", connections_max_)),
        now);
  else if (!c.proven && unproven() > limits::unproven_links_max)
    end(c,
        error(errc::rate_limited,
              fmt::format("{} handshakes are under way, more are not allowed", limits::unproven_links_max)),
        now);
}

/// libzmq's listener tries again at once and for ever: whoever waits in the backlog is taken and sent away instead.
void acceptor::on_no_descriptors(mono_time now) {
  for (int i = 0; i < limits::listen_backlog; ++i) {
    const auto dropped = reserve_.open([this] { return ::accept4(listening_fd_, nullptr, nullptr, SOCK_CLOEXEC); });
    if (!dropped) break;
    ++hub_.count.refused_handshakes;
    hub_.refused.add(peer_name(dropped.get()), no_descriptor(), now);
  }
}

std::size_t acceptor::unproven() {
  return static_cast<std::size_t>(
      std::count_if(watched_.begin(), watched_.end(), [this](auto number) { return !table_.find(number)->ended; }));
}

/// Ends a connection. Nothing is taken from it any more.
void acceptor::end(connection& c, std::optional<error> why, mono_time now) {
  if (c.ended || c.lost) return;
  c.ended = now;
  watched_.insert(c.number);
  if (!c.speaker) c.why = std::move(why);
}

/// A duplicate of the connection's descriptor, certain to be its own; none when it is lost.
descriptor acceptor::own_descriptor(connection_number number, mono_time now) {
  const auto* c = table_.find(number);
  if (c == nullptr || c->lost) return {};
  auto own = reserve_.open([fd = c->fd] { return ::fcntl(fd, F_DUPFD_CLOEXEC, 0); });
  take_events(now);
  c = table_.find(number);
  return c == nullptr || c->lost ? descriptor{} : std::move(own);
}

/// False when no descriptor is free to do it with.
bool acceptor::shut(connection_number number, int how, mono_time now) {
  const auto own = own_descriptor(number, now);
  if (own) ::shutdown(own.get(), how);
  return bool(own);
}

// --- frames -----------------------------------------------------------------------------------------------------

bool acceptor::take_frames(mono_time now) {
  for (int i = 0; i < limits::frames_a_turn; ++i) {
    zmq_part routing_id;
    if (!router_.receive(routing_id)) return true;
    take_frame(routing_id, now);
  }
  return false;
}

void acceptor::take_frame(zmq_part& routing_id, mono_time now) {
  auto got = receive_frame(router_, with_origin::yes);
  const auto speaker = speaker_of(got.user_id);
  if (!speaker) return;
  const auto found = links_.find(*speaker);
  if (found == links_.end()) take_events(now); // its ACCEPTED at least is there
  auto* over = found != links_.end() ? found->second.get() : open_link(*speaker, got.fd, routing_id);
  if (over == nullptr || over->routing_id() != as_text(routing_id.bytes())) return;
  over->receive(std::move(got));
}

acceptor::accepted_link* acceptor::open_link(serial speaker, int fd, zmq_part& routing_id) {
  const auto* admitted = table_.find(speaker);
  if (admitted == nullptr || admitted->bound) return nullptr; // its link was closed before
  const auto key = admitted->key;
  const auto* c = table_.bind(speaker, fd);
  if (c == nullptr || c->ended) return nullptr;
  link_info info{hub_.next_link(), kind_, key, c->address};
  if (kind_ == link_kind::accepted && !hub_.options.encrypt) info.peer_key = claimed_key(routing_id.bytes());
  auto made = std::make_unique<accepted_link>(std::move(info), hub_, *this, c->number,
                                              std::string(as_text(routing_id.bytes())));
  return links_.emplace(speaker, std::move(made)).first->second.get();
}

// --- ends -------------------------------------------------------------------------------------------------------

void acceptor::note_gone_peers() {
  for (const auto number : table_.lost()) {
    auto* c = table_.find(number);
    const auto found = c->speaker ? links_.find(*c->speaker) : links_.end();
    if (found != links_.end() && !c->gone) c->gone = found->second->gone();
  }
}

/// Lost connections: a link ends when its last frames were read; one that never spoke when they would have come.
void acceptor::end_lost(bool drained, mono_time now) {
  for (const auto number : std::vector(table_.lost())) {
    auto* c = table_.find(number);
    const bool late = now - *c->lost >= limits::link_end_grace;
    const auto found = c->speaker ? links_.find(*c->speaker) : links_.end();
    if (found != links_.end()) {
      if (late || (drained && c->gone)) found->second->doom(connection_lost(c->address, hub_.options));
      continue;
    }
    if (!c->speaker && !late) continue;
    if (!c->speaker) {
      ++hub_.count.refused_handshakes;
      hub_.refused.add(c->address, c->why->within(c->address), now);
    }
    table_.forget(number);
  }
}

void acceptor::watch(mono_time now) {
  reserve_.refill();
  for (const auto number : std::vector(watched_.begin(), watched_.end())) {
    auto* c = table_.find(number);
    if (!c->ended) watch_unproven(*c, now);
    if (!c->ended || c->lost) continue;
    const auto since = now - *c->ended;
    const unsigned due = !c->politely || since >= 3 * limits::link_close_grace ? 2
                         : since >= limits::link_close_grace                   ? 1
                                                                               : 0;
    if (due <= c->shut_down) continue;
    if (shut(number, due == 2 ? SHUT_RDWR : SHUT_WR, now)) c->shut_down = due;
  }
}

void acceptor::watch_unproven(connection& c, mono_time now) {
  std::optional<error> why;
  if (now - c.since > hub_.options.handshake_within)
    why.emplace(errc::timed_out, fmt::format("{} did not prove itself within {} ms", c.address,
                                             hub_.options.handshake_within.count() / 1000));
  else if (bytes_received(c.fd) > limits::handshake_wire_bytes_max) {
    const auto own = own_descriptor(c.number, now);
    if (own && bytes_received(own.get()) > limits::handshake_wire_bytes_max)
      why.emplace(errc::protocol_violation, fmt::format("{} sent more than {} bytes before it was proven", c.address,
                                                        limits::handshake_wire_bytes_max));
  }
  if (!why) return;
  const auto found = c.speaker ? links_.find(*c.speaker) : links_.end();
  if (found != links_.end())
    found->second->doom(*why);
  else
    end(c, std::move(why), now);
}

void acceptor::reap(mono_time now) {
  for (auto item = links_.begin(); item != links_.end();) {
    if (!item->second->doomed()) {
      ++item;
      continue;
    }
    const auto number = item->second->over();
    const bool politely = item->second->how_doomed() == link::ending::politely;
    item->second->tell_closed();
    item = links_.erase(item);
    auto* c = table_.find(number);
    c->politely = politely;
    if (c->lost)
      table_.forget(number);
    else
      end(*c, {}, now);
  }
}

std::optional<mono_time> acceptor::next_look(bool drained, mono_time now) const {
  if (!drained) return now;
  if (!table_.lost().empty()) return now + microseconds{1000};
  if (!watched_.empty() || reserve_.held() < limits::accept_spare_descriptors) return now + limits::unproven_watch;
  return {};
}

} // namespace weft::transport

// mesh/transport/zmq_socket.cpp: calls of libzmq's C interface.
#include "mesh/transport/zmq_socket.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>

namespace weft::transport {

namespace {

constexpr int zero_copy_receive = 10; // ZMQ_ZERO_COPY_RECV; its name is in the draft interface, the option is not

} // namespace

error zmq_failure(std::string_view what) {
  const int number = zmq_errno();
  const auto code = number == EMFILE || number == ENFILE ? errc::descriptors_out : errc::io_error;
  return error(code, fmt::format("{}: {}", what, zmq_strerror(number)));
}

zmq_context::zmq_context() : handle_(zmq_ctx_new()) {
  WEFT_ASSERT(handle_ != nullptr);
  zmq_ctx_set(handle_, ZMQ_IO_THREADS, 1); // events of one thread keep their order: connection_table needs it
  zmq_ctx_set(handle_, ZMQ_MAX_SOCKETS, limits::sockets_max);
  zmq_ctx_set(handle_, zero_copy_receive, 0); // else small frames start unaligned
}

zmq_context::~zmq_context() {
  while (zmq_ctx_term(handle_) != 0 && zmq_errno() == EINTR) {}
}

zmq_part::zmq_part(std::string_view bytes) {
  WEFT_ASSERT(zmq_msg_init_size(&part_, bytes.size()) == 0);
  if (!bytes.empty()) std::memcpy(zmq_msg_data(&part_), bytes.data(), bytes.size());
}

zmq_part::zmq_part(byte_view bytes, void (*release)(void*, void*), void* hint) {
  auto* start = const_cast<std::byte*>(bytes.data()); // libzmq only reads it
  WEFT_ASSERT(zmq_msg_init_data(&part_, start, bytes.size(), release, hint) == 0);
}

result<zmq_socket> zmq_socket::open(const zmq_context& context, int type) {
  void* handle = ::zmq_socket(context.get(), type);
  if (handle == nullptr) return fail(zmq_failure("cannot open a ZeroMQ socket"));
  zmq_socket made(handle);
  made.set(ZMQ_LINGER, 0);
  return made;
}

void zmq_socket::set(int option, int value) { set(option, &value, sizeof value); }
void zmq_socket::set(int option, std::int64_t value) { set(option, &value, sizeof value); }
void zmq_socket::set(int option, const void* bytes, std::size_t size) {
  WEFT_ASSERT(zmq_setsockopt(handle_, option, bytes, size) == 0);
}

std::string zmq_socket::last_endpoint() const {
  std::array<char, 1024> text{};
  std::size_t size = text.size();
  if (zmq_getsockopt(handle_, ZMQ_LAST_ENDPOINT, text.data(), &size) != 0) return {};
  return text.data();
}

result<void> zmq_socket::bind(const std::string& endpoint) {
  if (zmq_bind(handle_, endpoint.c_str()) == 0) return {};
  if (zmq_errno() != EAGAIN) return fail(zmq_failure("cannot listen on " + endpoint));
  // What ZeroMQ says of these two is "resource temporarily unavailable".
  return fail(errc::io_error, fmt::format("cannot listen on {}: no address is known for it, or there are no more "
                                          "descriptors (ulimit -n)",
                                          endpoint));
}

result<void> zmq_socket::connect(const std::string& endpoint) {
  if (zmq_connect(handle_, endpoint.c_str()) != 0) return fail(zmq_failure("cannot connect to " + endpoint));
  return {};
}

void zmq_socket::catch_up() noexcept {
  int events = 0;
  std::size_t size = sizeof events;
  zmq_getsockopt(handle_, ZMQ_EVENTS, &events, &size);
}

send_outcome zmq_socket::send(std::span<zmq_part* const> parts) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const int more = i + 1 < parts.size() ? ZMQ_SNDMORE : 0;
    if (zmq_msg_send(parts[i]->raw(), handle_, ZMQ_DONTWAIT | more) >= 0) continue;
    return zmq_errno() == EAGAIN ? send_outcome::full : send_outcome::unreachable;
  }
  return send_outcome::sent;
}

bool zmq_socket::receive(zmq_part& into) noexcept { return zmq_msg_recv(into.raw(), handle_, ZMQ_DONTWAIT) >= 0; }

void zmq_socket::close() noexcept {
  if (handle_ != nullptr) zmq_close(std::exchange(handle_, nullptr));
}

result<zmq_monitor> zmq_monitor::watch(const zmq_context& context, zmq_socket& socket) {
  static std::atomic<std::uint64_t> last{0};
  const auto endpoint = fmt::format("inproc://monitor-{}", ++last);
  if (zmq_socket_monitor(socket.get(), endpoint.c_str(), ZMQ_EVENT_ALL) != 0)
    return fail(zmq_failure("cannot watch a ZeroMQ socket"));
  auto events = zmq_socket::open(context, ZMQ_PAIR);
  if (!events) return fail(events.error());
  events->set(ZMQ_RCVHWM, 0); // libzmq's I/O thread waits for room in here, holding locks: there must be room
  if (auto connected = events->connect(endpoint); !connected) return fail(connected.error());
  zmq_monitor made;
  made.events_ = std::move(*events);
  return made;
}

std::optional<monitor_event> zmq_monitor::next() {
  zmq_part head;
  if (!events_.receive(head)) return {};
  const auto bytes = head.bytes();
  monitor_event event;
  WEFT_ASSERT(bytes.size() == sizeof event.what + sizeof event.value);
  std::memcpy(&event.what, bytes.data(), sizeof event.what);
  std::memcpy(&event.value, bytes.data() + sizeof event.what, sizeof event.value);
  zmq_part address;
  (void)events_.receive(address);
  return event;
}

void zmq_monitor::stop(zmq_socket& socket) {
  if (socket.get() == nullptr || events_.get() == nullptr) return;
  zmq_socket_monitor(socket.get(), nullptr, 0);
  while (next()) {}
}

namespace {

/// The part's bytes, kept alive by whoever holds them. Copied only when they don't start 8-aligned.
shared_bytes keep(std::shared_ptr<zmq_part> part) {
  const auto bytes = part->bytes();
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % 8 != 0) return shared_bytes::copy(bytes);
  return {std::move(part), bytes};
}

} // namespace

received_frame receive_frame(zmq_socket& from, with_origin wanted) {
  received_frame got;
  for (bool more = true; more;) {
    auto part = std::make_shared<zmq_part>();
    if (!from.receive(*part)) return got;
    more = part->more();
    ++got.parts;
    if (got.parts == 1 && wanted == with_origin::yes) {
      // Not from the routing id before it: when a poll has looked ahead, that one has no properties.
      if (const char* user = zmq_msg_gets(part->raw(), "User-Id")) got.user_id = user;
      got.fd = zmq_msg_get(part->raw(), ZMQ_SRCFD);
    }
    if (got.parts == 1)
      got.message.control = keep(std::move(part));
    else if (got.parts == 2)
      got.message.payload = keep(std::move(part));
  }
  return got;
}

} // namespace weft::transport

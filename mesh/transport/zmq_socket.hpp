// mesh/transport/zmq_socket.hpp: ZeroMQ's handles as objects, and its calls as results. Only for mesh/transport.
#pragma once
#include "mesh/transport/transport.hpp"

#include <functional>
#include <string_view>
#include <vector>
#include <zmq.h>

namespace weft::transport {

[[nodiscard]] error zmq_failure(std::string_view what);

/// A ZeroMQ context with one I/O thread. Closing it waits for its sockets' lingers.
class zmq_context {
public:
  zmq_context();
  ~zmq_context();
  zmq_context(const zmq_context&) = delete;
  zmq_context& operator=(const zmq_context&) = delete;
  [[nodiscard]] void* get() const noexcept { return handle_; }

private:
  void* handle_;
};

/// One part of a message.
class zmq_part {
public:
  zmq_part() noexcept { zmq_msg_init(&part_); }
  explicit zmq_part(std::string_view bytes);
  /// Hands the bytes over without copying; `release(hint)` is called on an I/O thread when they are not needed.
  zmq_part(byte_view bytes, void (*release)(void*, void*), void* hint);
  ~zmq_part() { zmq_msg_close(&part_); }
  zmq_part(const zmq_part&) = delete;
  zmq_part& operator=(const zmq_part&) = delete;

  [[nodiscard]] zmq_msg_t* raw() noexcept { return &part_; }
  [[nodiscard]] byte_view bytes() noexcept {
    return {static_cast<const std::byte*>(zmq_msg_data(&part_)), zmq_msg_size(&part_)};
  }
  [[nodiscard]] bool more() noexcept { return zmq_msg_more(&part_) != 0; }

private:
  zmq_msg_t part_{};
};

enum class send_outcome : std::uint8_t {
  sent,
  full,        ///< as many messages as allowed wait for the peer
  unreachable, ///< no such peer any more
};

/// What a monitor tells about a socket's connections.
struct monitor_event {
  std::uint16_t what = 0;
  std::uint32_t value = 0;
};

/// A socket. Never blocks.
/// @thread the transport thread only
class zmq_socket {
public:
  zmq_socket() noexcept = default;
  /// @error errc::descriptors_out, errc::internal
  [[nodiscard]] static result<zmq_socket> open(const zmq_context& context, int type);
  zmq_socket(zmq_socket&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  zmq_socket& operator=(zmq_socket&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~zmq_socket() { close(); }

  [[nodiscard]] void* get() const noexcept { return handle_; }
  void set(int option, int value);
  void set(int option, std::int64_t value);
  void set(int option, const void* bytes, std::size_t size);
  [[nodiscard]] std::string last_endpoint() const;
  [[nodiscard]] result<void> bind(const std::string& endpoint);
  [[nodiscard]] result<void> connect(const std::string& endpoint);
  /// Takes in what I/O threads told: new and ended pipes. Sends and receives may put that off.
  void catch_up() noexcept;

  /// All parts or none.
  [[nodiscard]] send_outcome send(std::span<zmq_part* const> parts);
  /// False: nothing there.
  [[nodiscard]] bool receive(zmq_part& into) noexcept;
  void close() noexcept;

private:
  explicit zmq_socket(void* handle) noexcept : handle_(handle) {}
  void* handle_ = nullptr;
};

/// The events of one socket's connections, in order.
class zmq_monitor {
public:
  /// @pre `socket` is not bound or connected yet
  [[nodiscard]] static result<zmq_monitor> watch(const zmq_context& context, zmq_socket& socket);
  [[nodiscard]] std::optional<monitor_event> next();
  /// Before the socket is closed: libzmq leaks events that nobody takes.
  void stop(zmq_socket& socket);
  [[nodiscard]] void* get() const noexcept { return events_.get(); }

private:
  zmq_socket events_;
};

/// A message's control and payload parts as received; the bytes stay where ZeroMQ put them.
struct received_frame {
  frame message;
  std::size_t parts = 0; ///< more than two break the protocol
  std::string user_id;   ///< what ZAP answered for its connection
  int fd = -1;           ///< its connection's descriptor when it came; may be another's by now
};
enum class with_origin : bool { no, yes };
/// Takes all parts of the message that is next. Nothing there: no parts.
[[nodiscard]] received_frame receive_frame(zmq_socket& from, with_origin wanted = with_origin::no);

} // namespace weft::transport

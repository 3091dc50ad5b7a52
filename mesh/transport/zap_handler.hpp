// mesh/transport/zap_handler.hpp: answers ZeroMQ when it asks who may connect.
#pragma once
#include "mesh/transport/connection_table.hpp"
#include "mesh/transport/zmq_socket.hpp"

#include <functional>

namespace weft::transport {

/// Any key may connect: who it belongs to is proven by a certificate afterwards. Each connection gets a User-Id of its
/// own, which ZeroMQ puts on all of its frames. Requests that are not of the expected kind are answered with 400; 300
/// never: libzmq 4.3.4 then hangs.
/// @source ZeroMQ RFC 27 (ZAP)
class zap_handler {
public:
  /// Gives a connection of this domain its serial.
  using admit = std::function<serial(const curve_public_key&)>;

  [[nodiscard]] static result<zap_handler> open(const zmq_context& context);

  /// Connections to sockets with this ZAP domain come by this mechanism only: "CURVE" or "NULL".
  void serve(std::string domain, std::string mechanism, admit how);
  /// Answers all requests that wait.
  void work();
  [[nodiscard]] void* get() const noexcept { return requests_.get(); }

private:
  struct rule {
    std::string domain, mechanism;
    admit how;
  };
  struct request {
    std::vector<std::string> parts; // at most as many as looked at
    std::size_t count = 0;
  };

  [[nodiscard]] std::optional<request> next();
  [[nodiscard]] std::optional<serial> decide(const request& asked) const;
  void answer(const request& asked, std::optional<serial> admitted);

  zmq_socket requests_;
  std::vector<rule> rules_;
};

} // namespace weft::transport

#include "tests/bench/socket_limit.hpp"

#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>
#include <zmq.hpp>

namespace weft::bench {
namespace {

constexpr std::size_t message_bytes = 256U << 10U;
constexpr int credit_messages = 16; // 4 MiB, a flow's window
constexpr auto measured_for = std::chrono::milliseconds(500);

struct curve_pair {
  curve_pair() { zmq_curve_keypair(public_key.data(), secret_key.data()); }
  std::array<char, 41> public_key{}, secret_key{};
};

/// What a system call returned. @throws std::system_error  it failed
template <class T>
T must(T returned) {
  if (returned < 0) throw std::system_error(errno, std::generic_category());
  return returned;
}

/// A socket that closes itself.
class owned_socket {
public:
  explicit owned_socket(int number) : number_(must(number)) {}
  ~owned_socket() { ::close(number_); }
  owned_socket(const owned_socket&) = delete;
  owned_socket& operator=(const owned_socket&) = delete;
  [[nodiscard]] int get() const noexcept { return number_; }

private:
  int number_;
};

} // namespace

double encrypted_socket_bytes_per_s() {
  const curve_pair server;
  const curve_pair client;
  zmq::context_t context(1);
  zmq::socket_t source(context, zmq::socket_type::router);
  source.set(zmq::sockopt::linger, 0); // what nobody takes any more shall not hold the end up
  source.set(zmq::sockopt::curve_server, true);
  source.set(zmq::sockopt::curve_secretkey, server.secret_key.data());
  source.bind("tcp://127.0.0.1:*");
  zmq::context_t other(1);
  zmq::socket_t sink(other, zmq::socket_type::dealer);
  sink.set(zmq::sockopt::linger, 0);
  sink.set(zmq::sockopt::curve_serverkey, server.public_key.data());
  sink.set(zmq::sockopt::curve_publickey, client.public_key.data());
  sink.set(zmq::sockopt::curve_secretkey, client.secret_key.data());
  sink.connect(source.get(zmq::sockopt::last_endpoint));
  for (int i = 0; i < credit_messages; ++i)
    sink.send(zmq::buffer("c", 1), zmq::send_flags::none);

  std::jthread sender([&](const std::stop_token& stop) {
    static const std::vector<char> payload(message_bytes, 'x');
    source.set(zmq::sockopt::rcvtimeo, 100);
    zmq::message_t id;
    zmq::message_t credit;
    while (!stop.stop_requested()) {
      if (!source.recv(id)) continue;
      if (!source.recv(credit)) continue;
      source.send(id, zmq::send_flags::sndmore);
      source.send(zmq::message_t(const_cast<char*>(payload.data()), payload.size(), [](void*, void*) {}),
                  zmq::send_flags::none);
    }
  });
  sink.set(zmq::sockopt::rcvtimeo, 1000);
  zmq::message_t received;
  std::size_t bytes = 0;
  const auto started = std::chrono::steady_clock::now();
  auto now = started;
  for (; now - started < measured_for; now = std::chrono::steady_clock::now()) {
    if (!sink.recv(received)) break;
    bytes += received.size();
    sink.send(zmq::buffer("c", 1), zmq::send_flags::none);
  }
  sender.request_stop();
  sender.join();
  return static_cast<double>(bytes) / std::chrono::duration<double>(now - started).count();
}

double tcp_bytes_per_s() {
  const owned_socket listener(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  must(::bind(listener.get(), name, length));
  must(::listen(listener.get(), 1));
  must(::getsockname(listener.get(), name, &length));
  const owned_socket source(::socket(AF_INET, SOCK_STREAM, 0));
  must(::connect(source.get(), name, length));
  const owned_socket sink(::accept(listener.get(), nullptr, nullptr));

  std::jthread sender([&source](const std::stop_token& stop) {
    const std::vector<char> payload(message_bytes, 'x');
    while (!stop.stop_requested() && ::send(source.get(), payload.data(), payload.size(), MSG_NOSIGNAL) > 0) {}
    ::shutdown(source.get(), SHUT_WR);
  });
  std::vector<char> into(message_bytes);
  std::size_t bytes = 0;
  const auto started = std::chrono::steady_clock::now();
  auto now = started;
  for (; now - started < measured_for; now = std::chrono::steady_clock::now())
    bytes += static_cast<std::size_t>(must(::recv(sink.get(), into.data(), into.size(), 0)));
  sender.request_stop();
  while (::recv(sink.get(), into.data(), into.size(), 0) > 0) {} // lets it see the stop
  return static_cast<double>(bytes) / std::chrono::duration<double>(now - started).count();
}

} // namespace weft::bench

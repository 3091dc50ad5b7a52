#include "tests/bench/socket_limit.hpp"

#include <array>
#include <chrono>
#include <thread>
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

} // namespace

double encrypted_socket_bytes_per_s() {
  const curve_pair server;
  const curve_pair client;
  zmq::context_t context(1);
  zmq::socket_t source(context, zmq::socket_type::router);
  source.set(zmq::sockopt::curve_server, true);
  source.set(zmq::sockopt::curve_secretkey, server.secret_key.data());
  source.bind("tcp://127.0.0.1:*");
  zmq::context_t other(1);
  zmq::socket_t sink(other, zmq::socket_type::dealer);
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

} // namespace weft::bench

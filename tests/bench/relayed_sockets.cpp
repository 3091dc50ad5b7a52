#include "tests/bench/relayed_sockets.hpp"

#include <array>
#include <chrono>
#include <ctime>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <thread>
#include <vector>
#include <zmq.hpp>

namespace weft::bench {
namespace {

constexpr std::size_t message_bytes = 256U << 10U;
constexpr int messages_waiting = 16;              // 4 MiB, a flow's window
constexpr std::size_t payload_bytes = 64U << 20U; // a segment: no stream of events lies in a processor's cache
constexpr auto measured_for = std::chrono::seconds(1);

struct curve_pair {
  curve_pair() { zmq_curve_keypair(public_key.data(), secret_key.data()); }
  std::array<char, 41> public_key{}, secret_key{};
};

/// One host's sockets: towards the host before it, and towards the next one.
class stage {
public:
  explicit stage(std::size_t number) : number_(number) {}
  ~stage() {
    context_.shutdown();
    if (thread_.joinable()) thread_.join();
  }
  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;

  void listen() {
    out_.emplace(context_, zmq::socket_type::push);
    out_->set(zmq::sockopt::linger, 0);
    out_->set(zmq::sockopt::sndhwm, messages_waiting);
    out_->set(zmq::sockopt::curve_server, true);
    out_->set(zmq::sockopt::curve_secretkey, keys_.secret_key.data());
    out_->bind(fmt::format("tcp://{}:*", chain_of_hosts::address(number_)));
  }
  void dial(const stage& before) {
    in_.emplace(context_, zmq::socket_type::pull);
    in_->set(zmq::sockopt::linger, 0);
    in_->set(zmq::sockopt::rcvhwm, messages_waiting);
    in_->set(zmq::sockopt::curve_serverkey, before.keys_.public_key.data());
    in_->set(zmq::sockopt::curve_publickey, keys_.public_key.data());
    in_->set(zmq::sockopt::curve_secretkey, keys_.secret_key.data());
    in_->connect(before.out_->get(zmq::sockopt::last_endpoint));
  }
  /// Sends, or passes on, until the end.
  void start() {
    thread_ = std::thread([this] {
      try {
        if (in_) return zmq::proxy(*in_, *out_);
        static std::vector<char> payload(payload_bytes, 'x');
        for (std::size_t at = 0;; at = (at + message_bytes) % payload.size())
          out_->send(zmq::message_t(payload.data() + at, message_bytes, [](void*, void*) {}), zmq::send_flags::none);
      } catch (const zmq::error_t&) {} // the context is shut down
      in_.reset();
      out_.reset();
    });
  }
  socket_figures measure() {
    zmq::message_t received;
    static_cast<void>(in_->recv(received)); // the way is open
    std::size_t bytes = 0;
    const auto cpu = std::clock();
    const auto started = std::chrono::steady_clock::now();
    auto now = started;
    for (; now - started < measured_for; now = std::chrono::steady_clock::now())
      if (in_->recv(received)) bytes += received.size();
    const double cpu_s = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
    return {static_cast<double>(bytes) / std::chrono::duration<double>(now - started).count(),
            cpu_s / static_cast<double>(bytes)};
  }

private:
  std::size_t number_;
  curve_pair keys_;
  zmq::context_t context_{1};
  std::optional<zmq::socket_t> in_, out_;
  std::thread thread_;
};

} // namespace

socket_figures measure_relayed_sockets(chain_of_hosts& on) {
  std::vector<std::unique_ptr<stage>> stages;
  for (std::size_t number = 0; number < on.size(); ++number) {
    stages.push_back(std::make_unique<stage>(number));
    auto& one = *stages.back();
    on.at(number).run([&] { // its threads of ZeroMQ are there then
      if (number + 1 < on.size()) one.listen();
      if (number > 0) one.dial(*stages[number - 1]);
      if (number + 1 < on.size()) one.start();
    });
  }
  return stages.back()->measure();
}

} // namespace weft::bench

// tests/support/tcp_tap.hpp: a TCP forwarder between two peers that keeps a copy of all that passes.
#pragma once
#include "mesh/base/descriptor.hpp"

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <cstdint>
#include <fcntl.h>
#include <list>
#include <mutex>
#include <netinet/tcp.h>
#include <poll.h>
#include <string>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace weft {

/// Dial address() instead of the peer's own address. One thread; everything ends with the tap.
class tcp_tap {
public:
  /// @param to  tcp://127.0.0.1:PORT
  explicit tcp_tap(const std::string& to)
      : port_to_(static_cast<std::uint16_t>(std::stoi(to.substr(to.rfind(':') + 1)))),
        listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
        wake_(::eventfd(0, EFD_CLOEXEC)) {
    sockaddr_in here = loopback(0);
    socklen_t size = sizeof here;
    if (::bind(listening_.get(), reinterpret_cast<sockaddr*>(&here), size) != 0 || ::listen(listening_.get(), 64) != 0)
      std::abort();
    ::getsockname(listening_.get(), reinterpret_cast<sockaddr*>(&here), &size);
    address_ = "tcp://127.0.0.1:" + std::to_string(ntohs(here.sin_port));
    thread_ = std::thread([this] { run(); });
  }
  ~tcp_tap() {
    stop_ = true;
    wake();
    thread_.join();
  }
  tcp_tap(const tcp_tap&) = delete;
  tcp_tap& operator=(const tcp_tap&) = delete;

  [[nodiscard]] const std::string& address() const noexcept { return address_; }

  /// What passed so far, both ways.
  [[nodiscard]] std::string seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }
  /// Ends all connections; new ones are taken.
  void cut() {
    cut_ = true;
    wake();
  }
  /// Takes and forwards nothing until resumed, and closes nothing: a peer that vanished.
  void freeze(bool frozen) {
    frozen_ = frozen;
    wake();
  }

private:
  struct pair {
    descriptor near, far;
  };

  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
  }
  void wake() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
  }

  void run() {
    while (!stop_) {
      std::vector<pollfd> items{{wake_.get(), POLLIN, 0}};
      if (!frozen_) {
        items.push_back({listening_.get(), POLLIN, 0});
        for (const auto& item : pairs_) {
          items.push_back({item.near.get(), POLLIN, 0});
          items.push_back({item.far.get(), POLLIN, 0});
        }
      }
      ::poll(items.data(), items.size(), -1);
      std::uint64_t count = 0;
      if ((items[0].revents & POLLIN) != 0) [[maybe_unused]]
        const auto got = ::read(wake_.get(), &count, sizeof count);
      if (cut_.exchange(false)) {
        pairs_.clear();
        continue;
      }
      if (items.size() == 1) continue;
      std::size_t next = 2;
      for (auto item = pairs_.begin(); item != pairs_.end(); next += 2) {
        const bool good = forward(items[next], item->far.get()) && forward(items[next + 1], item->near.get());
        item = good ? std::next(item) : pairs_.erase(item);
      }
      if ((items[1].revents & POLLIN) != 0) take();
    }
  }

  void take() {
    pair made{descriptor(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC)),
              descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))};
    const auto to = loopback(port_to_);
    if (::connect(made.far.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return;
    pairs_.push_back(std::move(made));
  }

  /// False when the connection is over.
  bool forward(const pollfd& from, int to) {
    if (from.revents == 0) return true;
    std::array<char, 65536> buffer{};
    const auto got = ::recv(from.fd, buffer.data(), buffer.size(), 0);
    if (got <= 0) return false;
    {
      const std::lock_guard lock(mutex_);
      seen_.append(buffer.data(), static_cast<std::size_t>(got));
    }
    for (ssize_t sent = 0; sent < got;) {
      const auto once = ::send(to, buffer.data() + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
      if (once <= 0) return false;
      sent += once;
    }
    return true;
  }

  std::uint16_t port_to_;
  descriptor listening_, wake_;
  std::string address_;
  std::list<pair> pairs_; // the thread's
  mutable std::mutex mutex_;
  std::string seen_; // under mutex_
  std::atomic<bool> stop_{false}, cut_{false}, frozen_{false};
  std::thread thread_;
};

} // namespace weft

// tests/mesh/transport/peer.hpp: a transport and a record of what its observer was told, for tests to wait on.
#pragma once
#include "mesh/transport/transport.hpp"

#include <condition_variable>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <mutex>
#include <stdexcept>
#include <zmq.h>

namespace weft::transport {

struct key_pair {
  curve_public_key open{};
  std::array<std::uint8_t, 32> secret{};

  static key_pair make() {
    std::array<char, 41> open{}, secret{};
    zmq_curve_keypair(open.data(), secret.data());
    key_pair pair;
    zmq_z85_decode(pair.open.data(), open.data());
    zmq_z85_decode(pair.secret.data(), secret.data());
    return pair;
  }
};

inline shared_bytes bytes(std::string_view text) { return shared_bytes::copy(as_bytes(text)); }

/// Waits end when their condition holds; a test that hangs fails after this.
inline constexpr auto hang = std::chrono::seconds(20);

class record : public observer {
public:
  struct message {
    link_id link;
    std::string control, payload;
    bool aligned = false;
  };

  void on_opened(const link_info& link) override {
    note([&] { opened_.push_back(link); });
  }
  void on_frame(link_id link, frame got) override {
    const auto start = [](const shared_bytes& part) { return reinterpret_cast<std::uintptr_t>(part.data()) % 8; };
    const bool aligned = start(got.control) == 0 && start(got.payload) == 0;
    note([&] {
      messages_.push_back(
          {link, std::string(as_text(got.control.view())), std::string(as_text(got.payload.view())), aligned});
    });
  }
  void on_closed(link_id link, const error& why) override {
    note([&] { closed_.emplace(link, why); });
  }
  void on_dial_problem(const std::string&, const error& why) override {
    note([&] { problems_.push_back(why); });
  }
  void on_attempt_failed(dial_attempt attempt, const std::string&, const error& why) override {
    note([&] { failed_attempts_.emplace_back(attempt, why); });
  }
  void on_refused(const std::string&, const error& why, std::uint64_t) override {
    note([&] { refused_.push_back(why); });
  }

  /// The n-th link that opened, from 0.
  link_info opened(std::size_t index = 0) {
    return *wait("a link opens", [&] { return opened_.size() > index ? std::optional(opened_[index]) : std::nullopt; });
  }
  message received(std::size_t index = 0) {
    return *wait("a frame comes",
                 [&] { return messages_.size() > index ? std::optional(messages_[index]) : std::nullopt; });
  }
  error closed(link_id link) {
    return *wait("a link closes",
                 [&] { return closed_.contains(link) ? std::optional(closed_.at(link)) : std::nullopt; });
  }
  error problem(std::size_t index = 0) {
    return *wait("a dial fails",
                 [&] { return problems_.size() > index ? std::optional(problems_[index]) : std::nullopt; });
  }
  std::pair<dial_attempt, error> failed_attempt(std::size_t index = 0) {
    return *wait("an attempt fails", [&] {
      return failed_attempts_.size() > index ? std::optional(failed_attempts_[index]) : std::nullopt;
    });
  }
  /// The n-th time that somebody was refused.
  error refused(std::size_t index = 0) {
    return *wait("somebody is refused",
                 [&] { return refused_.size() > index ? std::optional(refused_[index]) : std::nullopt; });
  }
  std::size_t count_opened() {
    const std::lock_guard lock(mutex_);
    return opened_.size();
  }
  std::vector<message> messages() {
    const std::lock_guard lock(mutex_);
    return messages_;
  }

private:
  template <class Change>
  void note(Change change) {
    const std::lock_guard lock(mutex_);
    change();
    changed_.notify_all();
  }
  /// What `find` finds, as soon as it does.
  template <class Find>
  std::invoke_result_t<Find> wait(const char* what, Find find) {
    std::unique_lock lock(mutex_);
    std::invoke_result_t<Find> found;
    const bool held = changed_.wait_for(lock, hang, [&] { return (found = find()).has_value(); });
    if (!held) throw std::runtime_error(std::string("waited in vain until ") + what);
    return found;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<link_info> opened_;
  std::vector<message> messages_;
  std::map<link_id, error> closed_;
  std::vector<error> problems_, refused_;
  std::vector<std::pair<dial_attempt, error>> failed_attempts_;
};

/// A node's end: listens on any port of loopback.
struct peer {
  explicit peer(const std::function<void(transport_options&)>& change = {}) {
    transport_options options;
    options.listen = "tcp://127.0.0.1:0";
    options.public_key = keys.open;
    options.secret_key = keys.secret;
    if (change) change(options);
    auto started = transport::start(options, seen);
    if (!started)
      ADD_FAILURE() << started.error().message();
    else
      links = std::move(*started);
  }
  ~peer() { stop(); }
  void stop() { links.reset(); }

  void dial(const peer& other) const { links->dial(other.links->address(), other.keys.open); }

  key_pair keys = key_pair::make();
  record seen; // outlives the transport
  std::unique_ptr<transport> links;
};

/// Two peers with one proven link between them.
struct joined {
  explicit joined(const std::function<void(transport_options&)>& change = {}) : a(change), b(change) {
    a.dial(b);
    at_a = a.seen.opened().id;
    a.links->send(at_a, bytes("hello"));
    at_b = b.seen.opened().id;
    a.links->mark_proven(at_a);
    b.links->mark_proven(at_b);
    b.links->send(at_b, bytes("welcome")); // whoever has got it may send as a proven peer
    a.seen.received();
  }
  /// A frame passes both ways.
  void expect_alive() {
    const auto before_a = a.seen.messages().size(), before_b = b.seen.messages().size();
    a.links->send(at_a, bytes("to b"));
    EXPECT_EQ(b.seen.received(before_b).control, "to b");
    b.links->send(at_b, bytes("to a"));
    EXPECT_EQ(a.seen.received(before_a).control, "to a");
  }
  peer a, b;
  link_id at_a, at_b;
};

} // namespace weft::transport

// tests/actors/rogue_peer.hpp: a member of the mesh with a good certificate that says what it likes.
#pragma once
#include "mesh/base/os_disk.hpp"
#include "mesh/base/random.hpp"
#include "mesh/security/credentials.hpp"
#include "mesh/security/handshake.hpp"
#include "mesh/transport/transport.hpp"
#include "mesh/wire/control.hpp"
#include "tests/actors/door_testing.hpp"

namespace weft::actors::testing {

/// Dials a node and proves itself with the identity of a data directory whose node is stopped.
class rogue_peer final : private transport::observer {
public:
  rogue_peer(const std::string& keys_directory, const std::string& address, const security::curve_key& key)
      : who_(*security::load_credentials(os_disk(), keys_directory, os_random()).value()), peer_key_(key) {
    transport::transport_options options;
    options.public_key = who_.keys.curve().bytes();
    options.secret_key = who_.keys.curve_secret().reveal();
    {
      const std::lock_guard lock(mutex_);
      transport_ = transport::transport::start(options, *this).value();
      transport_->dial(address, key.bytes());
    }
    wait([&] { return proven_; });
  }
  ~rogue_peer() override { transport_.reset(); }

  void say_bytes(std::vector<std::byte> control) { transport_->send(link_, shared_bytes::take(std::move(control))); }
  void say(const wire::control& message) { transport_->send(link_, wire::encode(message)); }
  void say(const wire::control& message, std::string_view payload) {
    transport_->send(link_, transport::lane{1}, {wire::encode(message), shared_bytes::copy(as_bytes(payload))});
  }

  /// Waits for the next answer of this kind.
  template <class Message>
  Message hear() {
    std::optional<Message> found;
    wait([&] {
      const auto at = std::find_if(heard_.begin(), heard_.end(),
                                   [](const auto& each) { return std::holds_alternative<Message>(each); });
      if (at == heard_.end()) return false;
      found = std::get<Message>(*at);
      heard_.erase(at);
      return true;
    });
    return *found;
  }
  /// Waits until the node has handled all that was said: it answers what comes last.
  void expect_served() {
    say(wire::ping{++pings_});
    while (hear<wire::pong>().number != pings_) {}
  }
  /// Waits until the node serves demands over this link: it does not while it uses an older one, or has not heard of
  /// it.
  void expect_used(const wire::demand& probe) {
    say(probe);
    while (!hear_of<wire::flow_opened>(probe.subscription))
      say(probe);
    say(wire::withdraw{probe.subscription});
    expect_served();
    const std::lock_guard lock(mutex_);
    heard_.clear();
  }
  /// Waits until the node has closed the link.
  void expect_closed() {
    wait([&] { return closed_; });
  }

private:
  /// Waits for an answer about the demand. @returns whether it is of this kind
  template <class Message>
  bool hear_of(std::uint64_t subscription) {
    std::optional<bool> found;
    wait([&] {
      for (const auto& each : heard_) {
        const auto* closed = std::get_if<wire::flow_closed>(&each);
        const auto* kind = std::get_if<Message>(&each);
        if ((closed && closed->subscription == subscription) || (kind && kind->subscription == subscription))
          found = kind != nullptr;
      }
      if (found) heard_.clear();
      return found.has_value();
    });
    return *found;
  }
  template <class Condition>
  void wait(Condition condition) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, hang, condition)) throw std::runtime_error("waited in vain for the node");
  }

  void on_opened(const transport::link_info& link) override {
    const std::lock_guard lock(mutex_);
    if (proven_) return; // dialled again after a close: it has said enough
    link_ = link.id;
    security::handshake_options options;
    options.versions = {limits::protocol_version_min, limits::protocol_version_max};
    options.mesh = who_.chain.node.mesh;
    options.own_curve = who_.keys.curve();
    options.peer_curve = peer_key_;
    options.chain = who_.chain;
    handshake_.emplace(std::move(options), who_.keys.identity(), os_random());
    security::handshake_effects effects;
    handshake_->start(now(), effects);
    carry_out(std::move(effects));
  }
  void on_frame(transport::link_id link, transport::frame message) override {
    const std::lock_guard lock(mutex_);
    if (link != link_) return;
    if (over_ && !proven_) { // its first word: it has taken the proof
      proven_ = true;
    } else if (!proven_) {
      security::handshake_effects effects;
      handshake_->on(message.control.view(), now(), effects);
      carry_out(std::move(effects));
    } else if (auto decoded = wire::decode_control(message.control)) {
      heard_.push_back(std::move(*decoded));
    }
    changed_.notify_all();
  }
  void on_closed(transport::link_id link, const error&) override {
    const std::lock_guard lock(mutex_);
    closed_ = closed_ || link == link_;
    changed_.notify_all();
  }
  void on_dial_problem(const std::string&, const error&) override {}
  void on_refused(const std::string&, const error&, std::uint64_t) override {}

  void carry_out(security::handshake_effects&& effects) {
    if (effects.done) transport_->mark_proven(link_);
    for (auto& bytes : effects.send)
      transport_->send(link_, shared_bytes::take(std::move(bytes)));
    over_ = over_ || effects.done.has_value();
  }
  static security::instant now() { return {system_clock().mono(), system_clock().wall()}; }

  security::credentials who_;
  security::curve_key peer_key_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<security::handshake> handshake_;
  transport::link_id link_{};
  bool over_ = false, proven_ = false, closed_ = false;
  std::vector<wire::control> heard_;
  std::uint64_t pings_ = 0;
  std::unique_ptr<transport::transport> transport_;
};

} // namespace weft::actors::testing

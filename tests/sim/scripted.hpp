// tests/sim/scripted.hpp: a process that tests lead by the hand, and that writes down what comes.
#pragma once
#include "tests/sim/world.hpp"

#include <string>
#include <vector>

namespace weft::sim {

/// Does nothing by itself but what `on` says; records callbacks with their true time.
class scripted final : public process {
public:
  struct got {
    virtual_time at;
    std::string what; ///< "frame hello", "opened h1", "closed broken", "dial_failed no_reply", "timer", "woken 7"
    friend bool operator==(const got&, const got&) noexcept = default;
  };

  scripted(environment& around, world*& of, std::vector<got>& record) : env(around), world_(of), record_(record) {}

  void on_start() override { note("start"); }
  void on_link_opened(link_id opened, const node_id&, const dial_id* dialed) override {
    link = opened;
    note(dialed != nullptr ? "opened" : "accepted");
  }
  void on_frame(link_id from, const shared_bytes& control, const shared_bytes&) override {
    note("frame " + std::string(as_text(control.view())));
    if (on_frame_do) on_frame_do(from);
  }
  void on_link_closed(link_id, close_cause cause) override { note("closed " + std::string(to_string(cause))); }
  void on_dial_failed(dial_id, const std::string&, dial_cause cause) override {
    note("dial_failed " + std::string(to_string(cause)));
  }
  void on_timer() override { note("timer"); }
  void on_woken(std::uint64_t token) override { note("woken " + std::to_string(token)); }
  void on_stop() override { note("stop"); }

  /// Sends text on the newest link.
  sent say(std::string_view text) { return env.send(link, shared_bytes::copy(as_bytes(text)), {}); }

  environment& env;
  link_id link;
  std::function<void(link_id)> on_frame_do;

private:
  void note(std::string what) {
    record_.push_back({world_ != nullptr ? world_->now() : virtual_time{}, std::move(what)});
  }

  world*& world_;
  std::vector<got>& record_;
};

} // namespace weft::sim

// actors/embedded_door.hpp: the door of a program that has its node in the same process.
#pragma once
#include "actors/link.hpp"
#include "actors/node_services.hpp"
#include "mesh/node/door.hpp"

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>

namespace weft::actors {

/// Control messages take the way of a link, without encoding; batches go to the log directly.
/// @thread any
class embedded_door final : public node::door, public std::enable_shared_from_this<embedded_door> {
public:
  /// @param to  outlives the door
  static std::shared_ptr<embedded_door> open(node_services& services, const router_ref& router, node::visitor& to,
                                             const std::string& program);
  /// Nothing comes to the visitor after this.
  void close();

  void send(wire::control message) override;
  result<void> ask_codec(std::string_view topic, node::codec_told told) override;
  result<void> publish(wire::batch_view batch, node::publish_terms terms, node::publish_done done) override;
  result<node::publish_outcome> publish_and_wait(wire::batch_view batch, std::optional<ack_level> level) override;
  void when_room(std::function<void()> then) override;

private:
  class visitor_output;
  struct waiting {
    wire::batch_view batch;
    node::publish_terms terms;
    node::publish_done done;
  };

  embedded_door(node_services& services, router_ref router, std::string program)
      : services_(services), router_(std::move(router)), program_(std::move(program)) {}

  void open_link();
  [[nodiscard]] link_ref link() const;

  result<void> append(const node::known_topic& topic, const wire::batch_view& batch, const node::publish_terms& terms,
                      node::publish_done done);
  [[nodiscard]] result<void> check(const node::known_topic& topic, const wire::batch_view& batch,
                                   const node::publish_terms& terms) const;
  /// `done` for when the level's copies have it.
  [[nodiscard]] node::publish_done copied(const wire::batch_view& batch, node::publish_done done);
  void look_up(const std::string& topic);
  void append_waiting(const std::string& topic, const result<node::known_topic>& made);

  node_services& services_;
  router_ref router_;
  std::string program_;
  std::shared_ptr<visitor_output> output_;
  mutable std::mutex link_mutex_;
  link_ref link_; // another one after a crash
  std::mutex mutex_;
  std::map<std::string, std::deque<waiting>, std::less<>> waiting_; // batches of topics that are looked up
  std::atomic<bool> someone_waits_{false};
  std::atomic<std::uint64_t> full_at_{0}; // round of room before the queue was found full last
};

} // namespace weft::actors

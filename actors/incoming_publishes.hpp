// actors/incoming_publishes.hpp: appends what one link publishes, in the order it came.
#pragma once
#include "actors/link_output.hpp"
#include "actors/node_services.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace weft::actors {

/// Lives in its link's actor. While a topic's number is looked up or the log's queue is full, what follows waits.
class incoming_publishes {
public:
  /// @param come_back  has the actor call go_on(); called from any thread
  incoming_publishes(node_services& services, link_output_ptr output, std::function<void()> come_back)
      : services_(services), output_(std::move(output)), come_back_(std::move(come_back)) {}

  /// @error errc::protocol_violation  the link published more than limits::publishes_unanswered_bytes_max ahead of
  /// answers
  [[nodiscard]] result<void> take(const wire::publish& publish, const shared_bytes& batch);
  void go_on();

private:
  struct waiting {
    std::uint64_t request = 0;
    node::publish_terms terms;
    wire::batch_view batch;
  };

  /// @returns whether it was taken or answered
  bool try_append(const waiting& next);
  void look_up(std::string name);
  result<void> append(const waiting& next, const node::known_topic& topic);

  node_services& services_;
  link_output_ptr output_;
  std::function<void()> come_back_;
  std::deque<waiting> queue_;
  std::size_t queued_bytes_ = 0;
  bool blocked_ = false;
  std::shared_ptr<const char> alive_ = std::make_shared<const char>(); // acks that wait for copies end with it
  std::shared_ptr<std::optional<error>> lookup_failed_; // set when a look-up has ended; written before come_back_
};

} // namespace weft::actors

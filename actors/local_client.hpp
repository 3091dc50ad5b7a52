// actors/local_client.hpp: the door of a light peer: a program beside its node, over the node's Unix socket.
#pragma once
#include "mesh/node/door.hpp"
#include "mesh/transport/transport.hpp"

#include <map>
#include <memory>
#include <mutex>

namespace weft::actors {

/// Keeps a connection to the node of a data directory, again after each loss. Unanswered batches are bounded by
/// limits::client_unanswered_bytes_max; when the node goes away they are answered errc::outcome_unknown.
/// @thread any; the visitor is called on the transport thread
class local_client final : public node::door, private transport::observer {
public:
  /// @param socket_path  see node_paths::socket   @param to  outlives the client
  /// @error errc::not_connected  no node listens there
  [[nodiscard]] static result<std::unique_ptr<local_client>> connect(const std::string& socket_path,
                                                                     const std::string& program, node::visitor& to);
  ~local_client() override;

  void send(wire::control message) override;
  result<void> ask_codec(std::string_view topic, node::codec_told told) override;
  result<void> publish(wire::batch_view batch, node::publish_terms terms, node::publish_done done) override;
  result<node::publish_outcome> publish_and_wait(wire::batch_view batch, std::optional<ack_level> level) override;
  void when_room(std::function<void()> then) override;

private:
  struct unanswered {
    node::publish_done done;
    std::size_t bytes;
  };

  local_client(std::string program, node::visitor& to) : program_(std::move(program)), to_(to) {}

  void on_opened(const transport::link_info& link) override;
  void on_frame(transport::link_id link, transport::frame message) override;
  void on_closed(transport::link_id link, const error& why) override;
  void on_dial_problem(const std::string& address, const error& why) override;
  void on_refused(const std::string& address, const error& why, std::uint64_t times) override;

  void welcomed(const wire::local_welcome& welcome);
  void answered(const wire::published& answer);
  void answered(const wire::topic_codec& answer);
  [[nodiscard]] std::vector<std::function<void()>> take_room();

  std::string program_;
  node::visitor& to_;
  std::mutex mutex_;
  std::optional<transport::link_id> link_; // when welcomed
  std::optional<transport::link_id> greeting_;
  std::map<std::uint64_t, unanswered> unanswered_; // by request
  std::size_t unanswered_bytes_ = 0;
  std::map<std::uint64_t, node::codec_told> questions_; // by request; at most one a publisher
  std::uint64_t last_request_ = 0;
  std::vector<std::function<void()>> wait_for_room_;
  std::unique_ptr<transport::transport> transport_; // last: its thread uses all of the above
};

} // namespace weft::actors

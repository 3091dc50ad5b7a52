// actors/running_node.hpp: a whole node: its data directory, log, links and actors.
#pragma once
#include "actors/diagnostics.hpp"
#include "actors/node_services.hpp"
#include "actors/router.hpp"
#include "mesh/node/door.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace weft::actors {

/// What a node is started with. The defaults are the configuration's.
struct node_options {
  std::string name;
  std::string data_dir;
  std::optional<std::string> listen;     ///< tcp://HOST:PORT; none: no other node can dial it
  std::vector<std::string> advertise;    ///< what others dial, when it differs from where it listens; port 0: the same
  std::string zone;                      ///< empty: that of nodes without one
  std::optional<std::string> invitation; ///< the text of an invitation, to join its mesh
  std::vector<std::string> seeds;        ///< more addresses of the node that invited this one
  node_settings settings;
  std::uint64_t segment_bytes = limits::segment_bytes;
  std::size_t tail_cache_bytes = limits::tail_cache_bytes;
  std::size_t commit_queue_bytes = limits::commit_queue_bytes_max;
  microseconds written_sync_within = limits::written_sync_within;
  microseconds heartbeat_interval = limits::heartbeat_interval;
  microseconds heartbeat_timeout = limits::heartbeat_timeout;
  microseconds handshake_within = limits::handshake_within;
  std::function<void()> on_left{}; ///< the node has left its mesh and is to be stopped; nothing: it can't leave
  int scheduler_threads = 2;
  bool encrypt = true; ///< only tests turn it off
};

/// Where the parts of a data directory are.
struct node_paths {
  explicit node_paths(std::string data_dir) : root(std::move(data_dir)) {}
  std::string root;
  [[nodiscard]] std::string lock() const { return root + "/lock"; }
  [[nodiscard]] std::string keys() const { return root + "/keys"; }
  [[nodiscard]] std::string log() const { return root + "/log"; }
  [[nodiscard]] std::string socket() const { return root + "/run/node.sock"; }
};

/// A node that serves until stopped.
/// @thread every method from any thread, but stop() and the destructor from one
class running_node {
public:
  /// Opens or makes the data directory and starts everything. A node without a mesh founds one, or joins the
  /// invitation's.
  /// @error errc::locked           another process has the directory: which
  /// @error errc::invalid_argument  the name is not the one that the directory's node has, or an address is no address
  /// @error errc::version_newer, errc::io_error, errc::disk_full
  /// @error errc::bad_token, errc::expired, errc::not_connected, errc::timed_out  joining failed
  [[nodiscard]] static result<std::unique_ptr<running_node>> start(const node_options& options, diagnostics& to);
  ~running_node(); ///< stops

  /// Where other nodes dial it; empty without `listen`.
  [[nodiscard]] std::string address() const;
  [[nodiscard]] const node::node_facts& facts() const noexcept;

  /// A door for the program that has this node in its process. @param to  outlives the door
  [[nodiscard]] std::shared_ptr<node::door> open_door(node::visitor& to, const std::string& program);
  /// For whoever tells it of members and links.
  [[nodiscard]] const router_ref& router() const noexcept;
  /// Nothing comes to the visitor any more.
  void close_door(const std::shared_ptr<node::door>& door);

  /// Ends links and actors, commits and syncs the log. Within limits::stop_within.
  void stop();

  /// For tests: crashes all actors of a kind as a bug would. @returns how many
  std::size_t crash_actors(std::string_view kind);
  [[nodiscard]] log::node_log& log() noexcept;

private:
  class parts;
  explicit running_node(std::unique_ptr<parts> with) noexcept;
  std::unique_ptr<parts> parts_;
};

} // namespace weft::actors

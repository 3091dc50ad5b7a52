// weft/node.hpp: a node of the mesh inside this process.
#pragma once
#include "weft/node_options.hpp"
#include "weft/participant.hpp"

#include <memory>
#include <string>

namespace weft {

namespace detail {
class stop_signal;
} // namespace detail

/// A node with its own log, embedded in this process. Publishing is local: it goes on when the network does not.
/// Destroying it stops it: subscriptions and publishers end, what was published is synced. Within 5 s.
///
///     auto node = weft::node::open({.name = "shop", .data_dir = "data/shop"});
///     if (!node) return weft::report(node.error());
class WEFT_API node : public participant {
public:
  /// Opens the log (recovering after a crash), finds its mesh, and serves.
  /// @error errc::locked        another process has the data directory: which
  /// @error errc::invalid_name  the name
  /// @error errc::io_error, errc::disk_full, errc::version_newer  the data directory
  /// @error errc::bad_token, errc::expired, errc::not_connected  joining
  [[nodiscard]] static result<node> open(const node_options& options);
  node(node&&) noexcept;
  node& operator=(node&&) noexcept;
  ~node();

  /// Where other nodes dial it, for example tcp://127.0.0.1:7601; empty without `listen`.
  [[nodiscard]] std::string address() const;

  /// Waits until stop(), SIGINT or SIGTERM. Those signals are handled only while it runs; with several nodes in one
  /// process they reach the last one that began to run.
  void run();
  /// Makes run() return, now or when it is called. Safe in a signal handler.
  void stop() noexcept;

private:
  explicit node(std::shared_ptr<detail::participant_core> core);
  std::unique_ptr<detail::stop_signal> stop_;
};

} // namespace weft

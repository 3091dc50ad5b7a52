// actors/link_gate.hpp: brings what the transport sees to the links' actors.
#pragma once
#include "actors/link.hpp"
#include "mesh/transport/transport.hpp"

#include <functional>
#include <mutex>
#include <unordered_map>

namespace weft::actors {

/// The transport's observer: starts an actor for each link that opens and hands it what comes.
/// @thread its calls come on the transport thread
class link_gate final : public transport::observer {
public:
  /// Says what a new link has to show.
  using admission_maker = std::function<std::function<std::unique_ptr<admission>()>(const transport::link_info&)>;

  link_gate(node_services& services, router_ref router, admission_maker make)
      : services_(services), router_(std::move(router)), make_(std::move(make)) {}

  /// Starts the transport that it observes. @error as transport::start
  [[nodiscard]] result<std::unique_ptr<transport::transport>> start(const transport::transport_options& options);

  void on_opened(const transport::link_info& link) override;
  void on_frame(transport::link_id link, transport::frame message) override;
  void on_closed(transport::link_id link, const error& why) override;
  void on_dial_problem(const std::string& address, const error& why) override;
  void on_attempt_failed(transport::dial_attempt attempt, const std::string& address, const error& why) override;
  void on_refused(const std::string& address, const error& why, std::uint64_t times) override;

private:
  node_services& services_;
  router_ref router_;
  admission_maker make_;
  std::mutex starting_; // what opens while the transport starts waits
  transport::transport* through_ = nullptr;
  std::unordered_map<transport::link_id, link_ref> links_;
};

} // namespace weft::actors

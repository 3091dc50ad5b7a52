#include "actors/link_gate.hpp"

#include "actors/transport_output.hpp"

#include <fmt/format.h>

namespace weft::actors {

result<std::unique_ptr<transport::transport>> link_gate::start(const transport::transport_options& options) {
  const std::lock_guard lock(starting_);
  auto started = transport::transport::start(options, *this);
  if (started) through_ = started->get();
  return started;
}

void link_gate::on_opened(const transport::link_info& link) {
  const std::lock_guard lock(starting_);
  auto output =
      std::make_shared<transport_output>(*through_, link.id, services_.clock, services_.settings.link_bytes_max);
  auto traffic = output->traffic();
  auto description = link.kind == transport::link_kind::local ? std::string("of a local program") : link.address;
  links_.emplace(link.id, start_link(services_, router_,
                                     {std::move(output), std::move(description), make_(link), {}, std::move(traffic)}));
}

void link_gate::on_frame(transport::link_id link, transport::frame message) {
  if (const auto found = links_.find(link); found != links_.end())
    found->second.received(std::move(message.control), std::move(message.payload));
}

void link_gate::on_closed(transport::link_id link, const error& why) {
  const auto found = links_.find(link);
  if (found == links_.end()) return;
  found->second.closed(why);
  links_.erase(found);
}

void link_gate::on_dial_problem(const std::string& address, const error& why) {
  services_.to.warning(fmt::format("no link with {}: {}; trying again", address, why.message()));
}

void link_gate::on_attempt_failed(transport::dial_attempt attempt, const std::string& address, const error& why) {
  services_.to.debug(fmt::format("no link with {}: {}", address, why.message()));
  services_.membership.attempt_failed(attempt);
}

void link_gate::on_refused(const std::string& address, const error& why, std::uint64_t times) {
  const auto line =
      fmt::format("refused a connection from {}: {} ({} in the last second)", address, why.message(), times);
  if (why.code() == errc::not_connected) // as each node that stops while it dials
    services_.to.debug(line);
  else
    services_.to.warning(line);
}

} // namespace weft::actors

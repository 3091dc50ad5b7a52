#include "actors/publishing.hpp"

#include "mesh/contract/admission.hpp"

#include <fmt/format.h>

namespace weft::actors {

node::publish_settings publishing_elsewhere(const wire::topic_settings& settings) {
  return {settings.ack, settings.codec, settings.replicas, nullptr};
}

node::publish_settings publishing_of(const std::string& topic, const wire::topic_settings& settings) {
  auto publishing = publishing_elsewhere(settings);
  if (settings.contract.empty()) return publishing;
  auto by = contract::contract::make(settings.contract);
  if (!by)
    by = fail(errc::unsupported,
              fmt::format("topic {} takes no events: this node can't read its contract: {}; `weft contracts add {}` "
                          "gives it another one",
                          topic, by.error().message(), topic));
  publishing.contract =
      std::make_shared<const contract::topic_rule>(contract::topic_rule{std::move(by), settings.quarantine});
  return publishing;
}

} // namespace weft::actors

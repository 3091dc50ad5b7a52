#include "actors/telemetry_topics.hpp"

#include "actors/node_services.hpp"
#include "mesh/base/assert.hpp"
#include "mesh/telemetry/frame.hpp"
#include "mesh/telemetry/rollup.hpp"
#include "mesh/wire/batch_builder.hpp"
#include "mesh/wire/batch_stamp.hpp"

#include <array>
#include <fmt/format.h>
#include <utility>

namespace weft::actors {
namespace {

contract::contract_ptr made_by(std::string_view schema) {
  auto by = contract::contract::make({std::string(schema), {}});
  WEFT_ASSERT(by);
  return *std::move(by);
}

/// One batch of one event that names the contract.
result<shared_bytes> batch_of(wall_time at, std::string_view topic, std::string_view type, const contract::contract& by,
                              const std::string& node, const std::vector<std::byte>& value) {
  wire::batch_builder builder(std::string(topic), producer_id{}, wire::codec::none);
  if (auto added = builder.add({at, type, as_bytes(node), {}, value}); !added) return fail(std::move(added).error());
  const auto plain = wire::batch_view::trusted(builder.seal(0));
  const auto data = plain.unpack();
  if (!data) return fail(data.error());
  return wire::make_stamped(plain, data->view(), {0, 1}, {by.id(), type});
}

} // namespace

std::span<const std::string_view> telemetry_topics() {
  static constexpr std::array all{telemetry::topic_name, telemetry::rollup_topic_name};
  return all;
}

const contract::contract_ptr& telemetry_contract() {
  static const auto made = made_by(telemetry::schema_text());
  return made;
}

const contract::contract_ptr& rollup_contract() {
  static const auto made = made_by(telemetry::rollup_schema_text());
  return made;
}

contract::contract_ptr own_contract_of(std::string_view topic) {
  if (topic == telemetry::topic_name || topic.starts_with(telemetry::view_topics_prefix)) return telemetry_contract();
  if (topic == telemetry::rollup_topic_name) return rollup_contract();
  return nullptr;
}

result<void> publish_own(node_services& services, std::string_view topic, std::string_view type,
                         const contract::contract_ptr& by, const std::vector<std::byte>& value) {
  const auto known = services.topics.find(topic);
  if (!known) return fail(errc::not_found, fmt::format("there is no topic {}", topic));
  auto batch = batch_of(services.clock.wall(), topic, type, *by, services.facts.name, value);
  if (!batch) return fail(std::move(batch).error());
  return services.log.append(
      {{{known->id, wire::batch_view::trusted(*std::move(batch))}},
       ack_level::synced,
       [&to = services.to, name = std::string(topic)](const auto& appended) {
         if (!appended) to.debug(fmt::format("an event of {} is not published: {}", name, appended.error().message()));
       }});
}

} // namespace weft::actors

#include "actors/state_publisher.hpp"

#include "actors/group_desk.hpp"
#include "actors/lag_desk.hpp"
#include "actors/node_services.hpp"
#include "actors/queries.hpp"
#include "mesh/base/names.hpp"
#include "mesh/wire/batch_builder.hpp"

#include <fmt/format.h>
#include <utility>

namespace weft::actors {

state_publisher::state_publisher(node_services& services, document_came came)
    : services_(services), came_(std::move(came)) {
  for (const auto& topic : state_topics())
    all_.push_back({state_rows(topic)});
}

void state_publisher::look(const std::vector<flow>& flows, mono_time now) {
  for (std::size_t place = 0; place < all_.size(); ++place) {
    const auto& topic = state_topics()[place];
    auto& one = all_[place];
    auto before = std::exchange(one.consumers, {});
    bool came = false;
    for (const auto& consumer : flows) {
      if (consumer->log != services_.own_log) continue;
      const auto pattern = topic_pattern::parse(consumer->pattern);
      if (!pattern || !pattern->matches(topic.name)) continue;
      came |= !before.contains(consumer);
      one.consumers.insert(consumer);
    }
    if (one.consumers.empty()) {
      one = published{state_rows(topic)};
      continue;
    }
    const bool whole = came || !one.whole_at || now - *one.whole_at >= microseconds(limits::telemetry_whole_every);
    const bool due = whole || !one.at || now - *one.at >= microseconds(limits::telemetry_publish_every);
    if (!due || std::exchange(one.asked, true)) continue;
    one.at = now;
    if (whole) one.whole_at = now;
    ask(place, whole);
  }
}

void state_publisher::ask(std::size_t topic, bool whole) {
  const reply<std::string> to([came = came_, topic, whole](result<std::string> document) {
    came(topic, whole, document ? std::move(*document) : std::string());
  });
  switch (state_topics()[topic].kind) {
  case state_kind::nodes: return services_.membership.nodes(to);
  case state_kind::links: return services_.list_links ? services_.list_links(to) : to(std::string("{}"));
  case state_kind::flows: return services_.telemetry.flows(to);
  case state_kind::logs: return to(status_document(services_));
  case state_kind::groups: return answer_group_query(services_, "groups.list", "{}", to);
  case state_kind::lag: return answer_lag(services_, to);
  }
}

void state_publisher::publish(std::size_t topic, bool whole, const std::string& document) {
  auto& one = all_[topic];
  one.asked = false;
  if (one.consumers.empty()) return;
  const auto rows = nlohmann::json::parse(document, nullptr, false);
  if (!rows.is_object()) return; // who was asked could not answer: the next time
  append(state_topics()[topic], one.rows.changes(rows, services_.facts.name, whole));
}

void state_publisher::append(const state_topic& topic, const std::vector<state_rows::event>& events) {
  const auto known = services_.topics.find(topic.name);
  if (!known || events.empty()) return;
  wire::batch_builder builder(std::string(topic.name), producer_id{}, wire::codec::none);
  const auto seal = [&] {
    if (builder.count() == 0) return;
    const auto told = [&to = services_.to, name = topic.name](const error& why) {
      to.debug(fmt::format("{} is not published: {}", name, why.message()));
    };
    const auto taken = services_.log.append(
        {{{known->id, wire::batch_view::trusted(builder.seal(0))}}, ack_level::written, [told](const auto& appended) {
           if (!appended) told(appended.error());
         }});
    if (!taken) told(taken.error());
  };
  for (const auto& event : events) {
    const wire::new_event added{services_.clock.wall(), topic.type, as_bytes(event.key), {}, as_bytes(event.value)};
    auto fits = builder.add(added);
    if (!fits && fits.error().code() == errc::would_block) {
      seal();
      fits = builder.add(added);
    }
    if (!fits) services_.to.debug(fmt::format("a row of {} is not published: {}", topic.name, fits.error().message()));
  }
  seal();
}

} // namespace weft::actors

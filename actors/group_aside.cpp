#include "actors/group_aside.hpp"

#include "actors/letter_desk.hpp"
#include "actors/node_services.hpp"
#include "mesh/base/text_time.hpp"
#include "mesh/wire/batch_builder.hpp"

#include <fmt/format.h>

namespace weft::actors {
namespace {

using delivery::group_out;

/// An event as it is in the log.
struct logged_event {
  wire::batch_view batch;
  shared_bytes data; // unpacked
  wire::event_view event;
  topic_id topic;
  bool replayed = false; // it was set aside before
};

result<logged_event> find(log::node_log& log, const log_position& at) {
  const auto read = log.read({at, 1, limits::run_scanned_bytes_max, [](topic_id) { return true; }});
  if (!read) return fail(read.error());
  for (const auto& entry : read->entries) {
    auto batch = wire::batch_view::trusted(entry.body());
    auto data = batch.unpack();
    if (!data) return fail(data.error());
    for (std::size_t i = 0; i < batch.count(); ++i)
      if (entry.header.first_seq + batch.place(i) == at.seq) {
        const auto event = batch.event(i, data->view());
        return logged_event{std::move(batch), std::move(*data), event, entry.header.topic};
      }
  }
  return fail(errc::not_found, fmt::format("there is no event at {}", to_string(at)));
}

struct addition {
  std::string name, value;
};

/// What was replayed keeps where it was published first.
std::vector<addition> additions(node_services& services, const group_out::set_aside& one, const logged_event& from) {
  const auto wall = [&](mono_time at) { return rfc3339_text(services.clock.wall() - (services.clock.mono() - at)); };
  const auto first = [&](std::string_view name, std::string otherwise) {
    const auto own = from.replayed ? from.event.headers.find(name) : std::nullopt;
    return own ? std::string(*own) : std::move(otherwise);
  };
  std::vector<addition> added{
      {"weft-topic", first("weft-topic", services.topics.name_of(from.topic).value_or(""))},
      {"weft-position", first("weft-position", to_string(named_position{services.facts.name, one.event.at}))},
      {"weft-cause", one.tried.all() == 0 ? "an earlier event of its key is parked" : one.tried.cause},
      {"weft-deliveries", std::to_string(one.tried.all())}};
  if (one.tried.rejected) added.push_back({"weft-rejected", "true"});
  if (one.tried.all() > 0) {
    added.push_back({"weft-first", wall(one.tried.first)});
    added.push_back({"weft-last", wall(one.tried.last)});
  }
  return added;
}

/// The event with what is added; its own headers are left out where there is no room for both.
result<shared_bytes> batch_of(node_services& services, const std::string& topic, const logged_event& from,
                              const group_out::set_aside& one) {
  const auto added = additions(services, one, from);
  std::vector<wire::header_view::header> headers;
  headers.reserve(added.size() + limits::event_headers_max);
  for (const auto& item : added)
    headers.push_back({item.name, item.value});
  const auto own_from = headers.size();
  auto own = from.event.headers;
  while (const auto header = own.next()) {
    const bool is_of_a_letter = header->name == "weft-rejected" || (from.replayed && header->name.starts_with("weft-"));
    if (!is_of_a_letter) headers.push_back(*header);
  }
  wire::batch_builder builder(topic, producer_id{}, wire::codec::none);
  const auto add = [&] {
    return builder.add({from.event.time, from.event.type, from.event.key, headers, from.event.value});
  };
  auto done = add();
  if (!done && headers.size() > own_from) {
    headers.resize(own_from);
    done = add();
  }
  if (!done) return fail(done.error());
  return builder.seal(0);
}

struct aside_place {
  std::string topic;
  topic_id id;
  std::string replay;
};

void append(node_services& services, const aside_place& place, const group_out::set_aside& one, const reply<void>& to) {
  const auto& [topic, id, replay] = place;
  auto found = find(services.log, one.event.at);
  if (!found) return to(fail(found.error()));
  found->replayed = services.topics.name_of(found->topic) == replay;
  auto batch = batch_of(services, topic, *found, one);
  if (!batch) return to(fail(batch.error()));
  auto taken = services.log.append({{{id, wire::batch_view::trusted(std::move(*batch))}},
                                    ack_level::synced,
                                    [to](const auto& done) { to(done ? result<void>() : fail(done.error())); }});
  if (!taken) to(fail(taken.error()));
}

} // namespace

std::string aside_topic(const std::string& group, bool parked) {
  return (parked ? "_weft.parked." : "_weft.dead-letters.") + group;
}

void keep_aside(node_services& services, const std::string& group, const group_out::set_aside& one,
                const reply<void>& to) {
  const auto topic = aside_topic(group, one.parked);
  services.keeper.resolve_topic(
      topic, reply<node::known_topic>([&services, topic, replay = replay_topic(group), one, to](auto known) {
        if (!known) return to(fail(known.error()));
        services.readers.run([&services, place = aside_place{topic, known->id, replay}, one, to](log::node_log&) {
          append(services, place, one, to);
        });
      }));
}

} // namespace weft::actors

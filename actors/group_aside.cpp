#include "actors/group_aside.hpp"

#include "actors/letter_desk.hpp"
#include "actors/node_services.hpp"
#include "mesh/base/text_time.hpp"
#include "mesh/wire/batch_builder.hpp"

#include <algorithm>
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

/// With what is added; its own headers are left out where there is no room for both. @error as of batch_builder::add
result<void> add(wire::batch_builder& builder, node_services& services, const logged_event& from,
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
  const auto what = [&] {
    return wire::new_event{from.event.time, from.event.type, from.event.key, headers, from.event.value};
  };
  if (!wire::batch_builder::check(what())) headers.resize(own_from);
  return builder.add(what());
}

struct aside_place {
  std::string topic;
  topic_id id;
  std::string replay;
};

/// As many as one batch takes, the first of them in any case.
void append(node_services& services, const aside_place& place, const std::vector<group_out::set_aside>& all,
            const reply<std::size_t>& to) {
  wire::batch_builder builder(place.topic, producer_id{}, wire::codec::none);
  for (const auto& one : all) {
    auto found = find(services.log, one.event.at);
    auto done = found ? result<void>() : fail(found.error());
    if (found) {
      found->replayed = services.topics.name_of(found->topic) == place.replay;
      done = add(builder, services, *found, one);
    }
    if (!done && builder.count() == 0) return to(fail(done.error()));
    if (!done || builder.full()) break;
  }
  const auto count = builder.count();
  auto taken = services.log.append(
      {{{place.id, wire::batch_view::trusted(builder.seal(0))}}, ack_level::synced, [to, count](const auto& done) {
         to(done ? result<std::size_t>(count) : fail(done.error()));
       }});
  if (!taken) to(fail(taken.error()));
}

} // namespace

std::string aside_topic(const std::string& group, bool parked) {
  return (parked ? "_weft.parked." : "_weft.dead-letters.") + group;
}

void aside_queue::add(const set_aside& one) {
  waiting_.push_back(one);
  if (waiting_.size() == 1) keep();
}

void aside_queue::keep() {
  if (waiting_.empty()) return;
  const auto& first = waiting_.front();
  const auto end = std::ranges::find_if(waiting_, [&](const auto& one) { return one.parked != first.parked; });
  const auto topic = aside_topic(group_, first.parked);
  services_.keeper.resolve_topic(
      topic, reply<node::known_topic>([&services = services_, topic, replay = replay_topic(group_),
                                       all = std::vector(waiting_.begin(), end), to = bring_()](auto known) {
        if (!known) return to(fail(known.error()));
        services.readers.run([&services, place = aside_place{topic, known->id, replay}, all, to](log::node_log&) {
          append(services, place, all, to);
        });
      }));
}

std::vector<delivery::slot_event> aside_queue::take(const outcome& came) {
  const auto& first = waiting_.front();
  const auto code = came ? errc::ok : came.error().code();
  const bool gone = code == errc::not_found || code == errc::log_start || code == errc::out_of_range;
  if (gone) {
    services_.to.error(fmt::format("an event of group {} at {} is gone before it could be set aside: {}", group_,
                                   to_string(first.event.at), came.error().message()));
  } else if (!came) {
    services_.to.warning(fmt::format("an event of group {} at {} can't be set aside yet: {}", group_,
                                     to_string(first.event.at), came.error().message()));
    return {};
  }
  const auto count = static_cast<std::ptrdiff_t>(came.value_or(1));
  std::vector<delivery::slot_event> kept;
  for (auto one = waiting_.begin(); one != waiting_.begin() + count; ++one)
    kept.push_back(one->event);
  waiting_.erase(waiting_.begin(), waiting_.begin() + count);
  keep();
  return kept;
}

} // namespace weft::actors

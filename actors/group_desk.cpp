#include "actors/group_desk.hpp"

#include "actors/lease_document.hpp"
#include "actors/node_services.hpp"
#include "mesh/base/names.hpp"
#include "mesh/wire/batch_view.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <mutex>
#include <nlohmann/json.hpp>

namespace weft::actors {
namespace {

using nlohmann::json;

/// Gathers the answers of all groups.
struct gathering {
  std::mutex mutex;
  std::vector<known_group> groups;
  std::size_t missing = 0;
  reply<std::vector<known_group>> to;

  void came(std::size_t place, result<std::optional<group_status>> status) {
    const std::lock_guard held{mutex};
    if (status) groups[place].live = std::move(*status);
    if (--missing == 0) to(std::move(groups));
  }
};

json position_text(const node_services& services, const log_position& at) {
  return to_string(named_position{services.facts.name, at});
}

json row_of(const node_services& services, const known_group& group) {
  const auto& cursor = group.cursor();
  return {{"name", group.record.name},
          {"log", services.facts.name},
          {"pattern", group.record.pattern},
          {"members", group.live ? group.live->members.size() : 0},
          {"position", position_text(services, cursor.needed_from())},
          {"generation", cursor.generation},
          {"parked_keys", group.live ? group.live->parked : group.record.parked.size()}};
}

/// One row a topic of this log that the group reads.
json leases_of(const node_services& services, const delivery::group_record& group) {
  auto rows = json::array();
  const auto pattern = topic_pattern::parse(group.pattern);
  for (const auto& topic : services.log.topics()) {
    const auto name = services.topics.name_of(topic.topic);
    if (!pattern || !name || !pattern->matches(*name)) continue;
    rows.push_back(lease_document(services, {group.name, group.pattern}, topic.topic));
    rows.back()["topic"] = *name;
  }
  return rows;
}

json described(const node_services& services, const known_group& group) {
  auto document = row_of(services, group);
  auto members = json::array();
  if (group.live)
    for (const auto& member : group.live->members)
      members.push_back({{"id", fmt::format("{:016x}", member.facts.id.value())},
                         {"consumer", member.consumer},
                         {"state", member.consumer.empty() ? "away" : "here"},
                         {"slots", member.facts.slots},
                         {"events", member.facts.events}});
  if (group.record.only != delivery::member_id{}) document["state"] = fmt::format("{:016x}", group.record.only.value());
  document["draining_slots"] = group.live ? group.live->draining : 0;
  document["member_list"] = std::move(members);
  document["leases"] = leases_of(services, group.record);
  return document;
}

using with_group = std::function<void(const known_group&)>;

/// @error errc::not_found
void find_group(node_services& services, const std::string& name, const reply<std::string>& to, with_group then) {
  find_groups(
      services, reply<std::vector<known_group>>([&services, name, to, then = std::move(then)](auto all) {
        if (!all) return to(fail(all.error()));
        const auto found = std::ranges::find_if(*all, [&](const auto& group) { return group.record.name == name; });
        if (found == all->end())
          return to(fail(errc::not_found, fmt::format("the log of {} knows no group {}: `weft groups` lists them",
                                                      services.facts.name, name)));
        then(*found);
      }));
}

/// Where an operator wants a group to be.
void find_place(node_services& services, const json& where, const reply<log_position>& to) {
  const auto state = services.log.state();
  const auto kind = where.is_object() ? where.value("kind", std::string()) : std::string();
  if (kind == "beginning") return to(state.begin);
  if (kind == "end") return to(log_position{state.epoch, state.synced_end});
  if (kind == "time" && where.value("us", json()).is_number_integer())
    return services.readers.find_time(hlc::at(wall_time{where["us"].get<std::int64_t>()}), to);
  if (kind != "position" || !where.value("position", json()).is_string())
    return to(
        fail(errc::invalid_argument, "where the group is to be is missing: beginning, end, a time or a position"));
  const auto position = parse_position(where["position"].get<std::string>());
  if (!position) return to(fail(position.error()));
  if (position->node != services.facts.name)
    return to(fail(errc::invalid_argument, fmt::format("{} is a place in the log of {}: ask that node, this one is {}",
                                                       to_string(*position), position->node, services.facts.name)));
  if (position->at > log_position{state.epoch, state.synced_end})
    return to(
        fail(errc::out_of_range, fmt::format("the log of {} has no {} yet", position->node, to_string(position->at))));
  // A place in an epoch that the log does not have is where the log goes on from there.
  const auto goes_on = services.log.go_on_at(position->at);
  to(goes_on.epoch != position->at.epoch || goes_on.seq < position->at.seq ? goes_on : position->at);
}

void seek(node_services& services, const json& asked, const std::string& name, const reply<std::string>& to) {
  const bool force = asked.value("force", false);
  find_group(services, name, to, [&services, asked, to, force](const known_group& group) {
    find_place(services, asked.value("to", json()),
               reply<log_position>([&services, record = group.record, to, force](auto at) {
                 if (!at) return to(fail(at.error()));
                 const auto group_at = services.groups.of(services, record.name);
                 if (!group_at) return to(fail(group_at.error()));
                 group_at->seek(record, *at, force,
                                reply<void>([&services, name = record.name, at = *at, to](auto done) {
                                  if (!done) return to(fail(done.error()));
                                  to(json{{"name", name}, {"position", position_text(services, at)}}.dump());
                                }));
               }));
  });
}

void create(node_services& services, const json& asked, const std::string& name, const reply<std::string>& to) {
  if (auto named = check_node_name(name); !named) return to(fail(named.error().within("the group's name")));
  const auto pattern = topic_pattern::parse(asked.value("pattern", std::string()));
  if (!pattern) return to(fail(pattern.error()));
  if (is_reserved_topic(pattern->text()))
    return to(fail(errc::invalid_argument,
                   fmt::format("'{}' is of the mesh's own topics: a group can't read those", pattern->text())));
  services.keeper.take_group(
      name, pattern->text(),
      reply<std::optional<delivery::group_record>>([&services, asked, name, pattern = pattern->text(), to](auto known) {
        if (!known) return to(fail(known.error()));
        if (*known) return to(fail(errc::already_exists, fmt::format("there is a group {} at this log", name)));
        find_place(services, asked.value("from", json{{"kind", "beginning"}}),
                   reply<log_position>([&services, name, pattern, to](auto at) {
                     if (!at) return to(fail(at.error()));
                     const auto made = services.groups.of(services, name);
                     if (!made) return to(fail(made.error()));
                     made->seek({name, pattern, 0, {}, {}, {}}, *at, false,
                                reply<void>([&services, name, at = *at, to](auto done) {
                                  if (!done) return to(fail(done.error()));
                                  to(json{{"name", name}, {"position", position_text(services, at)}}.dump());
                                }));
                   }));
      }));
}

void remove(node_services& services, const json& asked, const std::string& name, const reply<std::string>& to) {
  const bool force = asked.value("force", false);
  find_group(services, name, to, [&services, name, to, force](const known_group&) {
    const auto group = services.groups.of(services, name);
    if (!group) return to(fail(group.error()));
    group->remove(name, force, reply<void>([name, to](auto done) {
                    if (!done) return to(fail(done.error()));
                    to(json{{"name", name}, {"deleted", true}}.dump());
                  }));
  });
}

void unpark(node_services& services, const json& asked, const std::string& name, const reply<std::string>& to) {
  std::optional<std::uint16_t> key;
  if (const auto text = asked.value("key", json()); text.is_string())
    key = wire::key_hash(as_bytes(text.get<std::string>()));
  else if (!text.is_null())
    return to(fail(errc::invalid_argument, "the argument \"key\" is no text"));
  find_group(services, name, to, [&services, name, key, to](const known_group&) {
    const auto group = services.groups.at_work(name);
    if (!group)
      return to(fail(errc::busy,
                     fmt::format("the group {} has no members that could take what is parked: start one first", name)));
    group->unpark(key, reply<std::size_t>([name, to](auto count) {
                    if (!count) return to(fail(count.error()));
                    to(json{{"name", name}, {"keys", *count}}.dump());
                  }));
  });
}

void list(node_services& services, const reply<std::string>& to) {
  find_groups(services, reply<std::vector<known_group>>([&services, to](auto all) {
                if (!all) return to(fail(all.error()));
                auto rows = json::array();
                for (const auto& group : *all)
                  rows.push_back(row_of(services, group));
                to(json{{"groups", std::move(rows)}}.dump());
              }));
}

} // namespace

void find_groups(node_services& services, const reply<std::vector<known_group>>& to) {
  services.keeper.groups(reply<std::vector<delivery::group_record>>([&services, to](auto records) {
    if (!records) return to(fail(records.error()));
    auto all = std::make_shared<gathering>();
    all->to = to;
    all->missing = records->size();
    for (auto& record : *records)
      all->groups.push_back({std::move(record)});
    if (all->missing == 0) return to(std::vector<known_group>{});
    std::vector<std::string> names; // the last answer takes the groups away
    for (const auto& group : all->groups)
      names.push_back(group.record.name);
    for (std::size_t place = 0; place < names.size(); ++place) {
      const reply<std::optional<group_status>> answer(
          [all, place](auto status) { all->came(place, std::move(status)); });
      if (const auto group = services.groups.at_work(names[place]))
        group->status(answer);
      else
        answer(std::nullopt);
    }
  }));
}

void answer_group_query(node_services& services, const std::string& what, const std::string& arguments,
                        const reply<std::string>& to) {
  if (what == "groups.list") return list(services, to);
  const auto asked = json::parse(arguments, nullptr, false);
  if (!asked.is_object() || !asked.value("name", json()).is_string())
    return to(fail(errc::invalid_argument, "the argument \"name\" is missing: which group?"));
  if (const auto force = asked.value("force", json(false)); !force.is_boolean())
    return to(fail(errc::invalid_argument, "the argument \"force\" is neither true nor false"));
  const auto name = asked["name"].get<std::string>();
  if (what == "groups.describe")
    return find_group(services, name, to,
                      [&services, to](const known_group& group) { to(described(services, group).dump()); });
  if (what == "groups.create") return create(services, asked, name, to);
  if (what == "groups.seek") return seek(services, asked, name, to);
  if (what == "groups.unpark") return unpark(services, asked, name, to);
  if (what == "groups.delete") return remove(services, asked, name, to);
  to(fail(errc::unsupported, fmt::format("this node can't answer '{}'", what)));
}

} // namespace weft::actors

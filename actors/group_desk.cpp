#include "actors/group_desk.hpp"

#include "actors/lease_document.hpp"
#include "actors/node_services.hpp"
#include "mesh/base/names.hpp"
#include "mesh/wire/batch_view.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

namespace weft::actors {
namespace {

using nlohmann::json;

constexpr std::size_t names_told_max = 10;
constexpr std::size_t cause_shown_max = 256; // bytes; a whole list fits a message

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

/// Of the own log, or of one here that it goes on at a copy of.
const log_id& log_of(const node_services& services, const delivery::group_record& record) {
  return record.takeup ? record.takeup->log : services.own_log;
}

/// With how they are now.
reply<std::vector<delivery::group_record>> look_at(node_services& services, const reply<std::vector<known_group>>& to) {
  return reply<std::vector<delivery::group_record>>([&services, to](auto records) {
    if (!records) return to(fail(records.error()));
    auto all = std::make_shared<gathering>();
    all->to = to;
    all->missing = records->size();
    for (auto& record : *records)
      all->groups.push_back({std::move(record)});
    if (all->missing == 0) return to(std::vector<known_group>{});
    std::vector<std::pair<log_id, std::string>> names; // the last answer takes the groups away
    for (const auto& group : all->groups)
      names.emplace_back(log_of(services, group.record), group.record.name);
    for (std::size_t place = 0; place < names.size(); ++place) {
      const reply<std::optional<group_status>> answer(
          [all, place](auto status) { all->came(place, std::move(status)); });
      if (const auto group = services.groups.at_work(names[place].first, names[place].second))
        group->status(answer);
      else
        answer(std::nullopt);
    }
  });
}

/// All groups of this node's log, by name.
void find_groups(node_services& services, const reply<std::vector<known_group>>& to) {
  services.keeper.groups(look_at(services, to));
}

json position_text(const node_services& services, const log_position& at) {
  return to_string(named_position{services.facts.name, at});
}

json row_of(const node_services& services, const known_group& group) {
  const auto& cursor = group.cursor();
  return {{"name", group.record.name},
          {"kind", "group"},
          {"log", services.facts.name},
          {"pattern", group.record.pattern},
          {"members", group.live ? group.live->members.size() : 0},
          {"position", position_text(services, cursor.needed_from())},
          {"generation", cursor.generation},
          {"parked_keys", group.live ? group.live->parked : group.record.parked.size()},
          {"repeated", group.record.repeated}};
}

json row_at_copy(const node_services& services, const known_group& group) {
  const auto& takeup = *group.record.takeup;
  const auto copy = services.shelf.find(takeup.log);
  const auto node = copy ? copy->node : to_string(takeup.log.node);
  return {{"name", group.record.name},
          {"log", node},
          {"served_at", services.facts.name},
          {"since_us", takeup.since.us},
          {"pattern", group.record.pattern},
          {"members", group.live ? group.live->members.size() : 0},
          {"position", to_string(named_position{node, group.cursor().needed_from()})},
          {"generation", group.cursor().generation},
          {"parked_keys", group.record.parked.size()}};
}

/// A named subscription as a group of at most one.
json row_of(const node_services& services, const cursor_facts& cursor) {
  return {{"name", cursor.name},
          {"kind", "subscription"},
          {"log", services.facts.name},
          {"pattern", cursor.pattern},
          {"members", cursor.in_use ? 1 : 0},
          {"position", cursor.until ? position_text(services, *cursor.until) : json()},
          {"generation", 0},
          {"parked_keys", nullptr},
          {"repeated", nullptr}};
}

/// With what members say, which may be no UTF-8, or cut inside of a character.
std::string text_of(const json& document) { return document.dump(-1, ' ', false, json::error_handler_t::replace); }

/// One row an event that members tried in vain, and that is not finished.
json failing_of(const node_services& services, const known_group& group) {
  auto rows = json::array();
  if (!group.live) return rows;
  for (const auto& [event, tried] : group.live->failing)
    rows.push_back(
        {{"position", position_text(services, event.at)},
         {"deliveries", tried.all()},
         {"state", tried.rejected ? "rejected" : "failing"},
         {"first_us", (services.clock.wall() - (services.clock.mono() - tried.first)).us},
         {"cause", tried.failures == 0 ? "the member that had it was lost" : tried.cause.substr(0, cause_shown_max)}});
  return rows;
}

/// How many events were handled here and at a copy of this log; none: no row.
json repeats_of(const known_group& group) {
  auto rows = json::array();
  if (group.record.repeated > 0) rows.push_back({{"events", group.record.repeated}});
  return rows;
}

/// Who has the state, by its shards, as far as this log says who may have it; else no row.
json shards_of(const delivery::state_claims& claims) {
  auto rows = json::array();
  for (std::size_t shard = 0; shard < claims.size(); ++shard) {
    const auto& claim = claims[shard];
    const bool stays = claim.term == 0;
    if (claim.only == delivery::member_id{} || !(stays || claim.held || claim.begun > 0)) continue;
    rows.push_back({{"shard", shard},
                    {"of", claims.size()},
                    {"member", fmt::format("{:016x}", claim.only.value())},
                    {"term", stays ? json() : json(claim.term)},
                    {"state", stays        ? "stays"
                              : claim.held ? "at work"
                                           : "free"}});
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
  document["repeats"] = repeats_of(group);
  if (!group.record.home.empty()) document["home"] = group.record.home;
  const auto& home = group.record.home;
  document["shards"] = home.empty() || home == services.facts.name ? shards_of(group.record.state) : json::array();
  const auto state = group.record.state.size() == 1 ? group.record.state[0] : delivery::state_claim{};
  if (state.only != delivery::member_id{}) document["state"] = fmt::format("{:016x}", state.only.value());
  if (state.term > 0) {
    document["term"] = state.term;
    document["held"] = state.held;
  }
  if (state.begun > 0) {
    document["begun"] = state.begun;
    document["begun_by"] = fmt::format("{:016x}", state.begun_by.value());
  }
  document["draining_slots"] = group.live ? group.live->draining : 0;
  document["member_list"] = std::move(members);
  document["failing"] = failing_of(services, group);
  document["leases"] = leases_document(services, {group.record.name, group.record.pattern});
  return document;
}

json described(const node_services& services, const cursor_facts& cursor) {
  auto document = row_of(services, cursor);
  auto members = json::array();
  if (cursor.in_use)
    members.push_back(
        {{"id", nullptr}, {"consumer", cursor.consumer}, {"state", "here"}, {"slots", nullptr}, {"events", nullptr}});
  document["draining_slots"] = 0;
  document["member_list"] = std::move(members);
  document["shards"] = json::array();
  document["failing"] = json::array();
  document["leases"] = leases_document(services, {cursor.name, cursor.pattern});
  return document;
}

/// Of a group that this node's log does not know, and that goes on at copies here.
json described_at_copies(json rows) {
  json document{{"name", rows.front()["name"]}, {"kind", "group"}, {"pattern", rows.front()["pattern"]}};
  for (const auto* list : {"member_list", "shards", "failing", "leases", "repeats"})
    document[list] = json::array();
  document["copies"] = std::move(rows);
  return document;
}

/// "there are audit, packers"
std::string names_there_are(const consumers& all, bool also_cursors) {
  std::set<std::string> names;
  for (const auto& group : all.groups)
    names.insert(group.record.name);
  if (also_cursors)
    for (const auto& cursor : all.cursors)
      names.insert(cursor.name);
  if (names.empty()) return "there are none";
  const auto more = names.size() - std::min(names.size(), names_told_max);
  const auto last = std::prev(names.end(), static_cast<std::ptrdiff_t>(more));
  return fmt::format("there {} {}{}", names.size() == 1 ? "is" : "are", fmt::join(names.begin(), last, ", "),
                     more > 0 ? fmt::format(" and {} more", more) : std::string());
}

error not_known(const node_services& services, const consumers& all, const std::string& name) {
  return {errc::not_found, fmt::format("the log of {} knows no group and no named subscription {}: {}",
                                       services.facts.name, name, names_there_are(all, true))};
}

using with_group = std::function<void(const known_group&)>;
using with_cursor = std::function<void(const cursor_facts&)>;

/// Groups and named subscriptions share their names.
/// @error errc::not_found
void find_name(node_services& services, const std::string& name, const reply<std::string>& to, with_group if_group,
               with_cursor if_cursor) {
  find_consumers(services, reply<consumers>([&services, name, to, if_group = std::move(if_group),
                                             if_cursor = std::move(if_cursor)](auto all) {
                   if (!all) return to(fail(all.error()));
                   for (const auto& group : all->groups)
                     if (group.record.name == name) return if_group(group);
                   for (const auto& cursor : all->cursors)
                     if (cursor.name == name) return if_cursor(cursor);
                   to(fail(not_known(services, *all, name)));
                 }));
}

/// @error errc::not_found, errc::invalid_argument  it is a named subscription, for which something else is to be done
void find_group(node_services& services, const std::string& name, const reply<std::string>& to, with_group then) {
  find_name(services, name, to, std::move(then), [to](const cursor_facts& cursor) {
    to(fail(errc::invalid_argument,
            fmt::format("{} is a named subscription, no group: it is moved by `weft groups delete {}`, then `weft "
                        "subscribe {} --name {} --from PLACE`",
                        cursor.name, cursor.name, cursor.pattern, cursor.name)));
  });
}

/// Where an operator wants a group to be.
void find_place(node_services& services, const json& where, const reply<log_position>& to) {
  const auto state = services.log.state();
  const auto kind = where.is_object() ? where.value("kind", json()) : json();
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

/// Who is dead lets nobody have a state.
result<void> check_new_home(const node_services& services, const std::string& nodes, const std::string& name) {
  const auto document = json::parse(nodes, nullptr, false);
  const auto rows = document.is_object() ? document.value("nodes", json::array()) : json::array();
  const auto row =
      std::ranges::find_if(rows, [&](const auto& one) { return one.value("name", std::string()) == name; });
  if (row == rows.end())
    return fail(errc::invalid_argument,
                fmt::format("no node named {} is known to {}: see weft nodes", name, services.facts.name));
  if (row->value("state", std::string()) != "dead") return {};
  return fail(errc::not_connected, fmt::format("{} is dead, as {} knows it: it can't be a home before it is back", name,
                                               services.facts.name));
}

void move(node_services& services, const json& asked, const std::string& name, const reply<std::string>& to) {
  const auto node = asked.value("node", json());
  if (!node.is_string()) return to(fail(errc::invalid_argument, "the argument \"node\" is missing: which one?"));
  const auto home = node.get<std::string>();
  if (auto named = check_node_name(home); !named) return to(fail(named.error().within("the home")));
  services.membership.nodes(reply<std::string>([&services, name, home, to](auto nodes) {
    if (!nodes) return to(fail(nodes.error()));
    if (auto good = check_new_home(services, *nodes, home); !good) return to(fail(good.error()));
    find_group(services, name, to, [&services, home, to](const known_group& group) {
      const auto& claims = group.record.state;
      if (std::ranges::none_of(claims, [](const auto& claim) { return claim.term > 0; }))
        return to(fail(errc::not_found,
                       fmt::format("the group {} has no state that moves: it needs no home", group.record.name)));
      const auto at = services.groups.of(services, group.record.name);
      if (!at) return to(fail(at.error()));
      at->move(group.record, home, reply<void>([name = group.record.name, home, to](auto done) {
                 if (!done) return to(fail(done.error()));
                 to(json{{"name", name}, {"home", home}}.dump());
               }));
    });
  }));
}

void create(node_services& services, const json& asked, const std::string& name, const reply<std::string>& to) {
  if (auto named = check_node_name(name); !named) return to(fail(named.error().within("the group's name")));
  const auto text = asked.value("pattern", json());
  const auto pattern = topic_pattern::parse(text.is_string() ? text.get<std::string>() : std::string());
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
  const auto answer = [to, name](const char* kind) {
    return reply<void>([to, name, kind](auto done) {
      if (!done) return to(fail(done.error()));
      to(json{{"name", name}, {"kind", kind}, {"deleted", true}}.dump());
    });
  };
  find_name(
      services, name, to,
      [&services, name, to, force, answer](const known_group&) {
        const auto group = services.groups.of(services, name);
        if (!group) return to(fail(group.error()));
        group->remove(name, force, answer("group"));
      },
      [&services, force, answer](const cursor_facts& cursor) {
        services.keeper.remove_cursor(cursor.name, force, answer("subscription"));
      });
}

void unpark(node_services& services, const json& asked, const std::string& name, const reply<std::string>& to) {
  std::optional<delivery::hashed_key> key;
  if (const auto text = asked.value("key", json()); text.is_string())
    key = delivery::hashed_key_of(as_bytes(text.get<std::string>()));
  else if (!text.is_null())
    return to(fail(errc::invalid_argument, "the argument \"key\" is no text"));
  find_group(services, name, to, [&services, name, key, to](const known_group& known) {
    const auto group = services.groups.at_work(services.own_log, name);
    if (!group && known.record.parked.empty()) return to(json{{"name", name}, {"keys", 0}}.dump());
    if (!group)
      return to(fail(errc::busy,
                     fmt::format("the group {} has no members that could take what is parked: start one first", name)));
    group->unpark(key, reply<std::size_t>([name, to](auto count) {
                    if (!count) return to(fail(count.error()));
                    to(json{{"name", name}, {"keys", *count}}.dump());
                  }));
  });
}

/// By name.
void list(node_services& services, const reply<std::string>& to) {
  find_consumers(services, reply<consumers>([&services, to](auto all) {
                   if (!all) return to(fail(all.error()));
                   std::map<std::pair<std::string, std::string>, json> rows; // by name and pattern
                   for (const auto& group : all->groups)
                     rows.emplace(std::pair(group.record.name, group.record.pattern), row_of(services, group));
                   for (const auto& cursor : all->cursors)
                     rows.emplace(std::pair(cursor.name, cursor.pattern), row_of(services, cursor));
                   auto list = json::array();
                   for (auto& [name, row] : rows)
                     list.push_back(std::move(row));
                   to(json{{"groups", std::move(list)}, {"copies", rows_at_copies(services, *all, {})}}.dump());
                 }));
}

void describe(node_services& services, const std::string& name, const reply<std::string>& to) {
  find_consumers(services, reply<consumers>([&services, name, to](auto all) {
                   if (!all) return to(fail(all.error()));
                   auto at_copies = rows_at_copies(services, *all, name);
                   const auto answer = [&](json document) {
                     document["copies"] = std::move(at_copies);
                     to(text_of(document));
                   };
                   for (const auto& group : all->groups)
                     if (group.record.name == name) return answer(described(services, group));
                   for (const auto& cursor : all->cursors)
                     if (cursor.name == name) return answer(described(services, cursor));
                   if (!at_copies.empty()) return to(text_of(described_at_copies(std::move(at_copies))));
                   to(fail(not_known(services, *all, name)));
                 }));
}

using group_command = void (*)(node_services&, const json&, const std::string&, const reply<std::string>&);

/// A group that is just ending does not answer. Then it is asked anew, from what is known of it by then.
void until_answered(node_services& services, group_command command, const json& asked, const std::string& name,
                    const reply<std::string>& to, int tries = 1) {
  command(services, asked, name, reply<std::string>([&services, command, asked, name, to, tries](auto answer) {
            const bool has_ended = !answer && answer.error().code() == errc::cancelled;
            if (has_ended && tries < limits::cursor_tries_max)
              return until_answered(services, command, asked, name, to, tries + 1);
            to(std::move(answer));
          }));
}

} // namespace

void find_consumers(node_services& services, const reply<consumers>& to) {
  services.keeper.cursors(reply<std::vector<cursor_facts>>([&services, to](auto cursors) {
    if (!cursors) return to(fail(cursors.error()));
    find_groups(
        services, reply<std::vector<known_group>>([&services, to, cursors = std::move(*cursors)](auto groups) mutable {
          if (!groups) return to(fail(groups.error()));
          consumers all{std::move(*groups), std::move(cursors), {}};
          services.keeper.takeups(
              look_at(services, reply<std::vector<known_group>>([to, all = std::move(all)](auto others) mutable {
                        if (!others) return to(fail(others.error()));
                        all.at_copies = std::move(*others);
                        to(std::move(all));
                      })));
        }));
  }));
}

json rows_at_copies(const node_services& services, const consumers& all, const std::string& name) {
  auto rows = json::array();
  for (const auto& group : all.at_copies)
    if (name.empty() || group.record.name == name) rows.push_back(row_at_copy(services, group));
  return rows;
}

void need_group(node_services& services, const std::string& name, const reply<void>& to) {
  find_consumers(services, reply<consumers>([&services, name, to](auto all) {
                   if (!all) return to(fail(all.error()));
                   if (std::ranges::any_of(all->groups, [&](const auto& group) { return group.record.name == name; }))
                     return to({});
                   to(fail(errc::not_found, fmt::format("the log of {} knows no group {}: {}", services.facts.name,
                                                        name, names_there_are(*all, false))));
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
  if (what == "groups.describe") return describe(services, name, to);
  if (what == "groups.create") return until_answered(services, create, asked, name, to);
  if (what == "groups.seek") return until_answered(services, seek, asked, name, to);
  if (what == "groups.move") return until_answered(services, move, asked, name, to);
  if (what == "groups.unpark") return unpark(services, asked, name, to);
  if (what == "groups.delete") return until_answered(services, remove, asked, name, to);
  to(fail(errc::unsupported, fmt::format("this node can't answer '{}'", what)));
}

} // namespace weft::actors

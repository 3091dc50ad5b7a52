#include "mesh/base/names.hpp"
#include "sdk/cli/commands.hpp"
#include "sdk/cli/connection.hpp"
#include "sdk/cli/cut_place.hpp"
#include "sdk/cli/listing.hpp"
#include "sdk/cli/mesh_change.hpp"
#include "sdk/cli/output.hpp"
#include "sdk/cli/start_text.hpp"
#include "weft/json.hpp"

#include <fmt/format.h>
#include <memory>

namespace weft::cli {
namespace {

const listing all_groups{.command = "groups",
                         .question = "groups.list",
                         .list = "groups",
                         .fields = {{"NAME", "name"},
                                    {"KIND", "kind"},
                                    {"LOG", "log"},
                                    {"PATTERN", "pattern"},
                                    {"MEMBERS", "members", shown_as::number},
                                    {"PARKED", "parked_keys", shown_as::number},
                                    {"NEEDED FROM", "position"},
                                    unknown_since},
                         .when_empty =
                             "no groups and no named subscriptions: weft subscribe PATTERN --group NAME joins a group",
                         .of_mesh = true,
                         .below = {at_copies}};
const listing all_members{.command = "groups describe",
                          .question = "groups.describe",
                          .list = "member_list",
                          .fields = {{.title = "LOG", .field = "log", .if_any = true},
                                     {"MEMBER", "id"},
                                     {"CONSUMER", "consumer"},
                                     {"STATE", "state"},
                                     {"SLOTS", "slots", shown_as::number},
                                     {"EVENTS", "events", shown_as::number},
                                     unknown_since},
                          .when_empty = "no members",
                          .of_mesh = true,
                          .below = {{.command = {},
                                     .question = "groups.describe",
                                     .list = "shards",
                                     .fields = {{.title = "HOME", .field = "log", .if_any = true},
                                                {"SHARD", "shard", shown_as::number},
                                                {"OF", "of", shown_as::number},
                                                {"MEMBER", "member"},
                                                {"TERM", "term", shown_as::number},
                                                {"STATE", "state"}},
                                     .when_empty = {}},
                                    {.command = {},
                                     .question = "groups.describe",
                                     .list = "failing",
                                     .fields = {{"FAILING", "position"},
                                                {"STATE", "state"},
                                                {"DELIVERIES", "deliveries", shown_as::number},
                                                {"SINCE", "first_us", shown_as::time},
                                                {"CAUSE", "cause"}},
                                     .when_empty = "no events that fail"},
                                    {.command = {},
                                     .question = "groups.describe",
                                     .list = "leases",
                                     .fields = {{.title = "LOG", .field = "log", .if_any = true},
                                                {"TOPIC", "topic"},
                                                {"LEASE", "lease"},
                                                {"HELD", "held_bytes", shown_as::bytes},
                                                {"SINCE", "held_since_us", shown_as::time},
                                                {"RAN OUT", "ran_out_us", shown_as::time},
                                                {"WHY", "ran_out_why"}},
                                     .when_empty = "no topics that it reads"},
                                    {.command = {},
                                     .question = "groups.describe",
                                     .list = "repeats",
                                     .fields = {{.title = "LOG", .field = "log", .if_any = true},
                                                {"HANDLED TWICE", "events", shown_as::number}},
                                     .when_empty = {}},
                                    at_copies}};

const listing all_parked{.command = "groups parked",
                         .question = "letters.parked",
                         .list = "parked",
                         .fields = {{"KEY", "key"},
                                    {"EVENTS", "events", shown_as::number},
                                    {"FIRST", "of"},
                                    {"TOPIC", "topic"},
                                    {"CAUSE", "cause"},
                                    unknown_since},
                         .when_empty = "the group has parked nothing",
                         .of_mesh = true};

struct group_words {
  std::string data{};
  std::string name{};
  std::string pattern{};
  std::string node{};
  std::optional<std::string> key{};
  std::string where = "beginning";
  bool force = false;
  bool all = false; // keys, of unpark
  bool json = false;
  bool local = false; // this node's log alone
};

void write_place(json_writer& json, const std::string& option, const std::string& text) {
  const auto place = parse_start(text, system_clock().wall());
  if (!place) throw usage_error{option + ": " + place.error().message()};
  json.begin_object();
  json.name("kind");
  if (std::holds_alternative<start::from_beginning>(*place)) {
    json.text("beginning");
  } else if (std::holds_alternative<start::from_end>(*place)) {
    json.text("end");
  } else if (const auto* time = std::get_if<wall_time>(&*place)) {
    if (*time > system_clock().wall())
      throw usage_error{option + ": " + text + " has not come yet: `end` is behind all that is there"};
    json.text("time");
    json.name("us");
    json.integer(time->us);
  } else {
    json.text("position");
    json.name("position");
    json.text(to_string(std::get<named_position>(*place)));
  }
  json.end_object();
}

std::string arguments_of(const std::string& verb, const group_words& words) {
  if (const auto named = check_node_name(words.name); !named) throw usage_error{"GROUP: " + named.error().message()};
  if (verb == "unpark" && words.all == words.key.has_value()) throw usage_error{"say which KEY, or --all"};
  std::string out;
  json_writer json{out};
  json.begin_object();
  json.name(verb == "parked" ? "group" : "name");
  json.text(words.name);
  if (verb == "create") {
    if (const auto pattern = topic_pattern::parse(words.pattern); !pattern)
      throw usage_error{"PATTERN: " + pattern.error().message()};
    json.name("pattern");
    json.text(words.pattern);
    json.name("from");
    write_place(json, "--from", words.where);
  }
  if (verb == "seek") {
    json.name("to");
    write_place(json, "PLACE", words.where);
  }
  if (verb == "move") {
    if (const auto named = check_node_name(words.node); !named) throw usage_error{"NODE: " + named.error().message()};
    json.name("node");
    json.text(words.node);
  }
  if (words.key) {
    json.name("key");
    json.text(*words.key);
  }
  if (words.force) {
    json.name("force");
    json.boolean(true);
  }
  json.end_object();
  if (const auto done = json.finish(); !done) throw usage_error{done.error().message()};
  return out;
}

/// With a cut in place of its time, which the node knows.
result<std::string> arguments_at(client& node, const std::string& verb, group_words words) {
  auto place = place_text(node, "PLACE", words.where);
  if (!place) return place;
  words.where = std::move(*place);
  return arguments_of(verb, words);
}

std::string field_of(const json_reader& answer, std::string_view name) {
  const auto value = answer.find(name);
  if (!value) return {};
  const auto text = value->text();
  return text ? std::string(*text) : std::string();
}

/// What was done in one log.
std::string line_of(const std::string& verb, const std::string& group, const json_reader& answer) {
  if (verb == "unpark") {
    const auto keys = answer.find("keys");
    const auto count = keys ? keys->unsigned_integer(~std::uint64_t{0}).value_or(0) : 0;
    return fmt::format("{} {} of {} {} on", count, count == 1 ? "key" : "keys", group, count == 1 ? "goes" : "go");
  }
  if (verb == "delete")
    return fmt::format("deleted the {} {}", field_of(answer, "kind") == "subscription" ? "named subscription" : "group",
                       group);
  if (verb == "move") return fmt::format("the home of the state of {} is {}", group, field_of(answer, "home"));
  return fmt::format("{} is at {}", group, field_of(answer, "position"));
}

/// Before it is deleted at some logs, and refused by others.
result<void> check_idle(client& node, const std::string& group) {
  const auto document = node.query("mesh.groups.describe", arguments_of("describe", {.name = group}));
  if (!document) return {}; // which the change says, too
  const auto described = json_document::parse(as_bytes(*document));
  if (!described) return fail(described.error());
  if (field_of(described->root(), "kind") != "group") return {}; // a named subscription says by whom it is used
  const auto members = described->root().find("member_list");
  for (std::size_t i = 0; members && i < members->size(); ++i)
    if (const auto log = field_of(members->at(i), "log"); field_of(members->at(i), "state") == "here")
      return fail(errc::busy,
                  fmt::format("{} is in use at the log of {}: stop its members first, or say --force; nothing "
                              "was deleted",
                              group, log));
  return {};
}

int ask(const std::string& verb, const group_words& words) {
  const bool at_cut = cut_named_in("PLACE", words.where).has_value();
  if (!at_cut) (void)arguments_of(verb, words); // what is wrong is said whether a node is there or not
  const auto command = "groups " + verb;
  auto node = connect(words.data);
  if (!node) return report(command, node.error());
  const auto arguments = arguments_at(*node, verb, words);
  if (!arguments) return report(command, arguments.error());
  if (verb == "delete" && !words.force && !words.local)
    if (const auto idle = check_idle(*node, words.name); !idle) return report(command, idle.error());
  const change what{command,    "groups." + verb,
                    *arguments, words.local || verb == "create",
                    words.json, [&](const json_reader& answer) { return line_of(verb, words.name, answer); }};
  return carry_out(what, *node);
}

command add_verb(command& groups, const std::string& verb, const std::string& about) {
  auto words = std::make_shared<group_words>();
  auto at = groups.add(verb, about);
  at.operand("GROUP", words->name,
             verb == "delete" ? "The group's name, or the named subscription's" : "The group's name");
  if (verb == "create")
    at.operand("PATTERN", words->pattern, "A topic or a pattern, as subscribe takes it")
        .option("--from", "PLACE", words->where, "Where it begins, as seek takes it; by default beginning");
  if (verb == "seek")
    at.operand("PLACE", words->where, "beginning, end, a time, an age (15m), cut:NAME or a position (NODE/EPOCH/SEQ)");
  if (verb == "move") at.operand("NODE", words->node, "The node that says from now on who has its state");
  if (verb == "unpark") at.operand("KEY", words->key, "Which key").flag("--all", words->all, "All that are parked");
  at.data(words->data).flag("--json", words->json, "One JSON document instead of text");
  if (verb != "create") at.flag("--local", words->local, "In this node's log alone, not in all logs of the mesh");
  if (verb == "seek") at.flag("--force", words->force, "Also while it has members: they end, and have to begin anew");
  if (verb == "delete")
    at.flag("--force", words->force,
            "Also while it is in use: its members or its consumer end, and have to begin anew");
  at.runs([verb, words] { return ask(verb, *words); });
  return at;
}

/// A listing of one group.
command add_view(command& groups, const std::string& verb, const std::string& about, const listing& what) {
  struct view_options {
    listing_options shown;
    std::string name;
  };
  auto options = std::make_shared<view_options>();
  auto at = groups.add(verb, about);
  at.operand("GROUP", options->name,
             verb == "describe" ? "The group's name, or the named subscription's" : "The group's name");
  declare_of_mesh(at, options->shown);
  at.example("weft groups " + verb + " packers --data data/a").runs([options, verb, what] {
    auto asked = what;
    asked.arguments = arguments_of(verb, {.name = options->name});
    return show(asked, options->shown);
  });
  return at;
}

} // namespace

void add_groups(command_line& weft) {
  auto options = std::make_shared<listing_options>();
  auto groups = weft.add(
      "groups", "Lists groups and named subscriptions in all logs of the mesh, and creates, moves and deletes them");
  groups.alias("group").example("weft groups --data data/a").runs([options] { return show(all_groups, *options); });
  declare_of_mesh(groups, *options);
  auto list = groups.add("list", "Lists the groups and named subscriptions of each log of the mesh");
  declare_of_mesh(list, *options);
  list.example("weft groups list --data data/a --json").runs([options] { return show(all_groups, *options); });
  add_view(groups, "describe", "Shows who is in a group, what each has of each log, and what the group holds of it",
           all_members);
  add_view(groups, "parked", "Lists the keys that a group has parked, and why", all_parked);
  add_verb(groups, "unpark", "Hands out what is parked of a key, or of all, in order, before anything newer of it")
      .example("weft groups unpark packers A17 --data data/a");
  add_verb(groups, "create", "Creates a group at this node's log, so that it begins there before it has a member")
      .example("weft groups create packers orders --data data/a --from 15m");
  add_verb(groups, "seek", "Moves a group in all logs, or in that of a position: its next member goes on there")
      .example("weft groups seek packers beginning --data data/a");
  add_verb(groups, "move", "Makes a node the home of a service's state that moves: it says from now on who has it")
      .example("weft groups move stock hub --data data/a");
  add_verb(groups, "delete", "Forgets a group or a named subscription in all logs: who comes next begins anew")
      .example("weft groups delete packers --data data/a");
}

} // namespace weft::cli

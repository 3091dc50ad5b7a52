#include "mesh/base/names.hpp"
#include "sdk/cli/commands.hpp"
#include "sdk/cli/connection.hpp"
#include "sdk/cli/event_printer.hpp"
#include "sdk/cli/listing.hpp"
#include "sdk/cli/mesh_change.hpp"
#include "sdk/cli/output.hpp"
#include "weft/json.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <vector>

namespace weft::cli {
namespace {

constexpr auto show_within = std::chrono::seconds(10);
constexpr auto look_every = std::chrono::milliseconds(100);

const listing all_letters{.command = "dead-letters list",
                          .question = "letters.list",
                          .list = "letters",
                          .fields = {{"POSITION", "position"},
                                     {"TOPIC", "topic"},
                                     {"KEY", "key"},
                                     {"DELIVERIES", "deliveries"},
                                     {"LAST", "last"},
                                     {"CAUSE", "cause"},
                                     unknown_since},
                          .when_empty = "no dead letters of this group",
                          .of_mesh = true};

struct letter_words {
  std::string data{};
  std::string group{};
  std::string position{};               // of show
  std::vector<std::string> positions{}; // of replay and drop
  bool all = false;
  bool json = false;
  bool local = false; // this node's log alone
};

std::string arguments_of(const letter_words& words) {
  if (const auto named = check_node_name(words.group); !named) throw usage_error{"GROUP: " + named.error().message()};
  std::string out;
  json_writer json{out};
  json.begin_object();
  json.name("group");
  json.text(words.group);
  if (words.all) {
    json.name("all");
    json.boolean(true);
  } else if (!words.positions.empty()) {
    json.name("positions");
    json.begin_array();
    for (const auto& position : words.positions)
      json.text(position);
    json.end_array();
  }
  json.end_object();
  if (const auto done = json.finish(); !done) throw usage_error{done.error().message()};
  return out;
}

named_position place_of(const std::string& text) {
  auto position = parse_position(text);
  if (!position) throw usage_error{"POSITION: " + position.error().message()};
  return *std::move(position);
}

int settle(const std::string& verb, const letter_words& words) {
  if (words.all != words.positions.empty()) throw usage_error{"say which letters by their POSITIONs, or --all"};
  for (const auto& position : words.positions)
    (void)place_of(position);
  const change what{"dead-letters " + verb,
                    "letters." + verb,
                    arguments_of(words),
                    words.local,
                    words.json,
                    [&verb](const json_reader& answer) {
                      const auto count = answer.find("letters");
                      const auto number = count ? count->unsigned_integer(~std::uint64_t{0}).value_or(0) : 0;
                      return fmt::format("{} {} {}", verb == "drop" ? "dropped" : "replayed", number,
                                         number == 1 ? "letter" : "letters");
                    }};
  auto node = connect(words.data);
  return node ? carry_out(what, *node) : report(what.command, node.error());
}

/// What a subscription that begins at the letter's position gives.
/// @error errc::not_found  its log is read past it, or has no such place
/// @error errc::timed_out  its log can't be read now
result<event> read_letter(subscription& from, const named_position& at) {
  const auto give_up = std::chrono::steady_clock::now() + show_within;
  const auto none = [&at] { return fail(errc::not_found, fmt::format("there is no letter at {}", to_string(at))); };
  while (std::chrono::steady_clock::now() < give_up) {
    // Looked at first: what is handled by then was not the letter.
    const auto logs = from.progress();
    auto next = from.poll(look_every);
    if (!next) return fail(next.error());
    if (*next && (*next)->position() == at) return **std::move(next);
    const bool is_past = std::ranges::any_of(logs, [&at](const log_progress& log) { return log.handled > at.at; });
    if (*next || is_past) return none();
  }
  return fail(errc::timed_out, fmt::format("{} was not read within {} s: `weft nodes` shows whether its node can "
                                           "be reached",
                                           to_string(at), show_within.count()));
}

/// The letter as an event.
int show_letter(const letter_words& words) {
  (void)arguments_of(words);
  subscription_options asked;
  asked.from = place_of(words.position);
  asked.synced = true;
  auto node = connect(words.data);
  if (!node) return report("dead-letters show", node.error());
  auto from = node->subscribe("_weft.dead-letters." + words.group, asked);
  if (!from) return report("dead-letters show", from.error());
  const auto letter = read_letter(*from, std::get<named_position>(*asked.from));
  if (!letter) return report("dead-letters show", letter.error());
  std::string out;
  event_printer(event_format::json).append(out, *letter);
  return print(out);
}

command add_verb(command& letters, const std::string& verb, const std::string& about) {
  auto words = std::make_shared<letter_words>();
  auto at = letters.add(verb, about);
  at.operand("GROUP", words->group, "The group's name");
  if (verb == "show") {
    at.operand("POSITION", words->position, "The letter's, as list shows it").data(words->data);
    at.runs([words] { return show_letter(*words); });
    return at;
  }
  at.operands("POSITION", words->positions, "Of letters, as list shows them")
      .data(words->data)
      .flag("--all", words->all, "All that are not settled")
      .flag("--local", words->local, "In this node's log alone, not in all logs of the mesh")
      .flag("--json", words->json, "One JSON document instead of text");
  at.runs([verb, words] { return settle(verb, *words); });
  return at;
}

} // namespace

void add_dead_letters(command_line& weft) {
  auto letters = weft.add("dead-letters", "Events that a group gave up on: lists, shows, replays and drops them");
  struct list_options {
    listing_options shown;
    std::string group;
  };
  auto options = std::make_shared<list_options>();
  auto list = letters.add("list", "Lists dead letters of a group, the first 200 of each log");
  list.operand("GROUP", options->group, "The group's name");
  declare_of_mesh(list, options->shown);
  list.example("weft dead-letters list packers --data data/a").runs([options] {
    auto asked = all_letters;
    asked.arguments = arguments_of({.group = options->group});
    return show(asked, options->shown);
  });
  add_verb(letters, "show", "Prints a letter as a JSON object, with its value")
      .example("weft dead-letters show packers a/1-9f2c/42 --data data/a");
  add_verb(letters, "replay", "Hands a letter, or all, to the group once more")
      .example("weft dead-letters replay packers --all --data data/a");
  add_verb(letters, "drop", "Settles a letter, or all, without handing it out again")
      .example("weft dead-letters drop packers a/1-9f2c/42 --data data/a");
}

} // namespace weft::cli

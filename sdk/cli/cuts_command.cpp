#include "mesh/base/limits.hpp"
#include "mesh/base/names.hpp"
#include "mesh/base/text_time.hpp"
#include "mesh/base/text_units.hpp"
#include "sdk/cli/commands.hpp"
#include "sdk/cli/connection.hpp"
#include "sdk/cli/cut_place.hpp"
#include "sdk/cli/listing.hpp"
#include "sdk/cli/output.hpp"
#include "sdk/inspect/cut_creation.hpp"
#include "weft/json.hpp"

#include <fmt/format.h>
#include <memory>

namespace weft::cli {
namespace {

const listing all_cuts{.command = "cuts",
                       .question = "cuts.list",
                       .list = "cuts",
                       .fields = {{"NAME", "name"},
                                  {"STATE", "state"},
                                  {"AT", "at_us", shown_as::time},
                                  {"PATTERN", "pattern"},
                                  {"LEASE UNTIL", "lease_until_us", shown_as::time},
                                  {"MADE AT", "author"}},
                       .when_empty = "no cuts: weft cuts create NAME makes one"};

const listing what_it_holds{.command = "cuts describe",
                            .question = "cuts.describe",
                            .list = "leases",
                            .fields = {{"TOPIC", "topic"},
                                       {"LEASE", "lease"},
                                       {"HELD", "held_bytes", shown_as::bytes},
                                       {"SINCE", "held_since_us", shown_as::time},
                                       {"RAN OUT", "ran_out_us", shown_as::time},
                                       {"WHY", "ran_out_why"}},
                            .when_empty = "no topics in this node's log that it holds"};

struct cut_words {
  std::string data{};
  std::string name{};
  std::optional<std::string> pattern{};
  std::optional<std::string> lease{};
  std::optional<std::string> at{};
  bool json = false;
};

void check_name(const std::string& name) {
  if (const auto named = check_node_name(name); !named) throw usage_error{"NAME: " + named.error().message()};
}

std::string arguments_of(const std::string& name) {
  check_name(name);
  std::string out;
  json_writer json{out};
  json.begin_object();
  json.name("name");
  json.text(name);
  json.end_object();
  return out;
}

inspect::cut_wish wish_of(const cut_words& words) {
  check_name(words.name);
  inspect::cut_wish wish{.name = words.name};
  if (words.pattern) {
    if (const auto pattern = topic_pattern::parse(*words.pattern); !pattern)
      throw usage_error{"PATTERN: " + pattern.error().message()};
    wish.pattern = *words.pattern;
  }
  if (words.lease) {
    const auto lease = parse_duration(*words.lease);
    if (!lease) throw usage_error{"--lease: " + lease.error().message()};
    wish.lease = *lease;
  }
  if (words.at) {
    const auto now = system_clock().wall();
    const auto at = parse_time(*words.at, now);
    if (!at) throw usage_error{"--at: " + at.error().message()};
    if (at->us <= 0) throw usage_error{"--at: " + *words.at + " lies before 1970: no log has events of then"};
    if (*at > now) throw usage_error{"--at: " + *words.at + " has not come yet: a cut lies at a time that has passed"};
    wish.at = *at;
  }
  return wish;
}

int create(const cut_words& words) {
  const auto wish = wish_of(words);
  auto node = connect(words.data);
  if (!node) return report("cuts create", node.error());
  const auto made = inspect::create_cut(*node, wish);
  if (!made) return report("cuts create", made.error());
  const auto cut = find_cut(*node, words.name);
  if (!cut) return report("cuts create", cut.error());
  if (const auto lacks = lacks_text(*cut); !lacks.empty()) tell("weft cuts create: {}\n", lacks);
  if (words.json) return print(*made + "\n");
  return print(fmt::format("cut {} is at {}\n", words.name, rfc3339_text(cut->bound)));
}

int remove(const cut_words& words) {
  const auto arguments = arguments_of(words.name);
  auto node = connect(words.data);
  if (!node) return report("cuts delete", node.error());
  const auto answer = node->query("cuts.delete", arguments);
  if (!answer) return report("cuts delete", answer.error());
  return print(words.json ? *answer + "\n" : fmt::format("deleted cut {}\n", words.name));
}

void add_create(command& cuts) {
  auto words = std::make_shared<cut_words>();
  auto at = cuts.add("create", "Names this moment in all logs, and holds what there is of it");
  at.operand("NAME", words->name, "The cut's name, as nodes are named")
      .operand("PATTERN", words->pattern, "Topics that it holds, as subscribe takes them; all when it is left out")
      .data(words->data)
      .option("--lease", "SPAN", words->lease, "How long it holds them, such as 30d; by default 7d")
      .option("--at", "TIME", words->at, "Not this moment but an earlier one: a time or an age (15m)")
      .flag("--json", words->json, "One JSON document instead of text")
      .notes("What any node acknowledged before is in the cut, what is published after it is not. A log that can't be\n"
             "reached is named.")
      .example("weft cuts create end-of-day --data data/a --lease 30d")
      .runs([words] { return create(*words); });
}

void add_describe(command& cuts) {
  struct view_options {
    listing_options shown;
    std::string name;
  };
  auto options = std::make_shared<view_options>();
  auto at = cuts.add("describe", "Shows what a cut holds of this node's log; with --json all of it");
  at.operand("NAME", options->name, "The cut's name");
  declare(at, options->shown);
  at.example("weft cuts describe end-of-day --data data/a --json").runs([options] {
    auto asked = what_it_holds;
    asked.arguments = arguments_of(options->name);
    return show(asked, options->shown);
  });
}

void add_delete(command& cuts) {
  auto words = std::make_shared<cut_words>();
  auto at = cuts.add("delete", "Forgets a cut in the whole mesh; it holds nothing any more");
  at.operand("NAME", words->name, "The cut's name")
      .data(words->data)
      .flag("--json", words->json, "One JSON document instead of text")
      .example("weft cuts delete end-of-day --data data/a")
      .runs([words] { return remove(*words); });
}

} // namespace

void add_cuts(command_line& weft) {
  auto options = std::make_shared<listing_options>();
  auto cuts =
      weft.add("cuts", "Lists cuts, each a moment in all logs to read up to or from, and makes and deletes them");
  cuts.alias("cut").example("weft cuts --data data/a").runs([options] { return show(all_cuts, *options); });
  declare(cuts, *options);
  auto list = cuts.add("list", "Lists the cuts of the mesh");
  declare(list, *options);
  list.example("weft cuts list --data data/a --json").runs([options] { return show(all_cuts, *options); });
  add_create(cuts);
  add_describe(cuts);
  add_delete(cuts);
}

} // namespace weft::cli

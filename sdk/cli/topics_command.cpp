#include "mesh/base/limits.hpp"
#include "mesh/base/text_units.hpp"
#include "sdk/cli/commands.hpp"
#include "sdk/cli/connection.hpp"
#include "sdk/cli/listing.hpp"
#include "sdk/cli/output.hpp"
#include "weft/json.hpp"

#include <charconv>
#include <fmt/format.h>
#include <memory>

namespace weft::cli {
namespace {

const listing all_topics{.command = "topics",
                         .question = "topics.list",
                         .list = "topics",
                         .fields = {{"NAME", "name"},
                                    {"EVENTS", "events", shown_as::number},
                                    {"BYTES", "bytes", shown_as::bytes},
                                    {"START", "start", shown_as::number},
                                    {"END", "end", shown_as::number},
                                    {"REPLICAS", "settings.replicas", shown_as::number},
                                    {"COPIES", "copies.copies", shown_as::number}},
                         .when_empty = "no topics: publishing to one creates it"};

struct topic_options {
  std::string data;
  std::string name;
  bool json = false;
  std::optional<std::string> retention_time;
  std::optional<std::string> retention_bytes;
  std::string retention_until; // empty: not said
  std::optional<std::string> ack;
  std::optional<std::string> replicas;
  std::optional<std::string> codec;
  std::optional<std::string> description;
  std::optional<std::string> compaction;
  std::optional<std::string> compaction_after;
  std::optional<std::string> tombstones;
};

template <class T>
T checked(const std::string& option, result<T> parsed) {
  if (!parsed) throw usage_error{option + ": " + parsed.error().message() + ", or write 'none'"};
  return *parsed;
}

double seconds_of(microseconds span) { return static_cast<double>(span.count()) / 1e6; }

double retention_seconds(const std::string& text) {
  return seconds_of(checked("--retention-time", parse_duration(text)));
}

bool compaction_in(const std::string& text) {
  if (text != "on" && text != "off") throw usage_error{fmt::format("--compaction: '{}' is neither on nor off", text)};
  return text == "on";
}

double span_in(const std::string& option, const std::string& text) {
  const auto span = parse_duration(text);
  if (!span) throw usage_error{option + ": " + span.error().message()};
  return seconds_of(*span);
}

std::uint64_t replicas_in(const std::string& text) {
  std::uint64_t count = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (problem != std::errc() || end != text.data() + text.size() || count > limits::replicas_max)
    throw usage_error{fmt::format("--replicas: '{}' is not a number from 0 to {}", text, limits::replicas_max)};
  return count;
}

std::string arguments_of(const topic_options& options) {
  std::string out;
  json_writer json{out};
  json.begin_object();
  json.name("name");
  json.text(options.name);
  json.name("settings");
  json.begin_object();
  if (options.retention_time) {
    json.name("retention_time");
    if (*options.retention_time == "none")
      json.null();
    else
      json.number(retention_seconds(*options.retention_time));
  }
  if (options.retention_bytes) {
    json.name("retention_bytes");
    if (*options.retention_bytes == "none")
      json.null();
    else
      json.integer(checked("--retention-bytes", parse_size(*options.retention_bytes)));
  }
  if (!options.retention_until.empty()) {
    json.name("retention_until");
    if (options.retention_until == "none")
      json.null();
    else
      json.text(options.retention_until);
  }
  if (options.replicas) {
    json.name("replicas");
    json.integer(replicas_in(*options.replicas));
  }
  if (options.compaction) {
    json.name("compaction");
    json.boolean(compaction_in(*options.compaction));
  }
  if (options.compaction_after) {
    json.name("compaction_after");
    json.number(span_in("--compaction-after", *options.compaction_after));
  }
  if (options.tombstones) {
    json.name("tombstones");
    json.number(span_in("--tombstones", *options.tombstones));
  }
  for (const auto& [name, value] :
       {std::pair{"ack", &options.ack}, {"codec", &options.codec}, {"description", &options.description}}) {
    if (!*value) continue;
    json.name(name);
    json.text(**value);
  }
  json.end_object();
  json.end_object();
  if (const auto done = json.finish(); !done) throw usage_error{done.error().message()};
  return out;
}

/// The settings of one topic, a line each.
std::string described(const std::string& document) {
  const auto parsed = json_document::parse(as_bytes(document));
  if (!parsed) return document + "\n";
  std::string out;
  const auto add_members = [&](const json_reader& of, const auto& again) -> void {
    of.members([&](std::string_view name, json_reader value) {
      if (value.is_object()) {
        again(value, again);
        return true;
      }
      std::string text = "-";
      if (const auto words = value.text())
        text = *words;
      else if (const auto truth = value.boolean())
        text = *truth ? "yes" : "no";
      else if (const auto whole = value.unsigned_integer(~std::uint64_t{0}))
        text = fmt::format("{}", *whole);
      else if (const auto number = value.number())
        text = fmt::format("{}", *number);
      out += fmt::format("{:<16} {}\n", name, text);
      return true;
    });
  };
  add_members(parsed->root(), add_members);
  return out;
}

int ask(const std::string& verb, const topic_options& options) {
  const auto arguments = arguments_of(options);
  const auto command = "topics " + verb;
  auto node = connect(options.data);
  if (!node) return report(command, node.error());
  const auto answer = node->query("topics." + verb, arguments);
  if (!answer) return report(command, answer.error());
  if (options.json) return print(*answer + "\n");
  if (verb == "delete") return print(fmt::format("deleted {}\n", options.name));
  return print(described(*answer));
}

command add_verb(command& topics, const std::string& verb, const std::string& about) {
  auto options = std::make_shared<topic_options>();
  auto at = topics.add(verb, about);
  at.operand("TOPIC", options->name, "The topic's name")
      .data(options->data)
      .flag("--json", options->json, "One JSON document instead of text");
  if (verb == "create" || verb == "alter")
    at.option("--retention-time", "SPAN", options->retention_time, "Keep events so long, such as 7d; 'none': for ever")
        .option("--retention-bytes", "SIZE", options->retention_bytes, "Keep so much, such as 10GiB; 'none': no bound")
        .choice("--retention-until", options->retention_until, {"consumed", "none"},
                "consumed: what all groups and named subscriptions have behind them goes")
        .option("--ack", "LEVEL", options->ack,
                "synced, written or replicas=N: when a publish that names no level counts")
        .option("--replicas", "N", options->replicas, "How many other nodes keep a copy, 0 to 7")
        .option("--codec", "CODEC", options->codec, "none or lz4: how publishers that name none pack values")
        .option("--compaction", "on|off", options->compaction,
                "Of each key only the last event stays for ever; events without a key all stay")
        .option("--compaction-after", "SPAN", options->compaction_after,
                "With compaction: every event stays at least so long, such as 1h")
        .option("--tombstones", "SPAN", options->tombstones,
                "With compaction: an event with a key and no value stays so long, such as 24h")
        .option("--description", "TEXT", options->description, "What the topic is");
  at.runs([verb, options] { return ask(verb, *options); });
  return at;
}

} // namespace

void add_topics(command_line& weft) {
  auto options = std::make_shared<listing_options>();
  auto topics = weft.add("topics", "Lists topics, and describes, creates, alters and deletes them");
  topics.alias("topic").example("weft topics --data data/a").runs([options] { return show(all_topics, *options); });
  declare(topics, *options);
  auto list = topics.add("list", "Lists the topics in this node's log, and those that were created elsewhere");
  declare(list, *options);
  list.example("weft topics list --data data/a --json").runs([options] { return show(all_topics, *options); });
  add_verb(topics, "describe", "Shows a topic and its settings").example("weft topic describe orders --data data/a");
  add_verb(topics, "create", "Creates a topic in the whole mesh")
      .example("weft topic create orders --data data/a --retention-time 7d --replicas 2");
  add_verb(topics, "alter", "Changes settings of a topic in the whole mesh; those not named stay")
      .example("weft topic alter orders --data data/a --compaction on --compaction-after 1h");
  add_verb(topics, "delete", "Deletes a topic and its events, in the whole mesh")
      .example("weft topic delete orders --data data/a");
}

} // namespace weft::cli

#include "mesh/base/limits.hpp"
#include "mesh/contract/contract.hpp"
#include "sdk/cli/commands.hpp"
#include "sdk/cli/connection.hpp"
#include "sdk/cli/input.hpp"
#include "sdk/cli/listing.hpp"
#include "sdk/cli/output.hpp"
#include "weft/json.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>

namespace weft::cli {
namespace {

const listing all_contracts{.command = "contracts",
                            .question = "contracts.list",
                            .list = "contracts",
                            .fields = {{"TOPIC", "topic"},
                                       {"CONTRACT", "id"},
                                       {"ROOT", "root"},
                                       {"HOLDS", "holds"},
                                       {"COMPATIBILITY", "compatibility"},
                                       {"ON BROKEN", "on_broken"}},
                            .when_empty = "no contracts: `weft contracts add TOPIC FILE.fbs` gives a topic one"};

struct contract_options {
  std::string data;
  std::string topic; // or, to show one, its id
  std::string file;
  std::string rules;
  std::string compatibility; // empty: not said
  std::string on_broken;     // empty: not said
  bool dry_run = false;
  bool json = false;
};

// --- files

/// A text that a contract may have. @error errc::too_large, errc::not_found, errc::io_error
result<std::string> read_text(const std::string& path) {
  auto source = file_source::open(path, [] { return false; });
  if (!source) return fail(source.error());
  std::string text;
  for (;;) {
    const auto piece = source->read();
    if (!piece) return fail(piece.error());
    if (piece->empty()) return text;
    text += *piece;
    if (text.size() > limits::contract_bytes_max)
      return fail(errc::too_large,
                  fmt::format("{} has more than {} bytes: too large for a contract", path, limits::contract_bytes_max));
  }
}

/// Goes over the values of a file: JSON, one a line, or one table.
class value_check {
public:
  value_check(event_contract by, std::string file) : by_(std::move(by)), file_(std::move(file)) {}

  /// @returns how many of them are bad
  [[nodiscard]] result<std::uint64_t> run() {
    auto source = file_source::open(file_, [] { return false; });
    if (!source) return fail(source.error());
    for (;;) {
      const auto piece = source->read();
      if (!piece) return fail(piece.error());
      if (piece->empty()) break;
      waiting_ += *piece;
      if (!contract::is_table(as_bytes(waiting_))) take_lines();
      if (waiting_.size() > limits::event_value_bytes_max)
        return fail(errc::too_large, fmt::format("{} line {}: a value has at most {} bytes", file_, line_ + 1,
                                                 limits::event_value_bytes_max));
    }
    if (!waiting_.empty()) take(waiting_);
    return bad_;
  }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

private:
  void take_lines() {
    std::size_t begin = 0;
    for (auto end = waiting_.find('\n'); end != std::string::npos; end = waiting_.find('\n', begin)) {
      take(std::string_view(waiting_).substr(begin, end - begin));
      begin = end + 1;
    }
    waiting_.erase(0, begin);
  }
  void take(std::string_view value) {
    ++line_;
    if (value.find_first_not_of(" \t\r") == std::string_view::npos) return;
    ++count_;
    const auto good = by_.check(as_bytes(value));
    if (good) return;
    ++bad_;
    tell("{} line {}: {}\n", file_, line_, good.error().message());
  }

  event_contract by_;
  std::string file_;
  std::string waiting_; // not yet a whole line
  std::uint64_t line_ = 0, count_ = 0, bad_ = 0;
};

// --- questions

void add_text(json_writer& json, std::string_view name, const std::string& value) {
  if (value.empty()) return;
  json.name(name);
  json.text(value);
}

std::string about(std::string_view name, const std::string& value) {
  std::string out;
  json_writer json{out};
  json.begin_object();
  add_text(json, name, value);
  json.end_object();
  if (const auto done = json.finish(); !done) throw usage_error{done.error().message()};
  return out;
}

std::string text_in(const std::string& document, std::string_view field) {
  std::string found;
  const auto parsed = json_document::parse(as_bytes(document));
  if (!parsed) return found;
  parsed->root().members([&](std::string_view name, json_reader value) {
    if (name == field) found = value.text().value_or("");
    return true;
  });
  return found;
}

int add(const contract_options& options) {
  constexpr auto command = "contracts add";
  const auto schema = read_text(options.file);
  if (!schema) return report(command, schema.error());
  const auto rules = options.rules.empty() ? result<std::string>("") : read_text(options.rules);
  if (!rules) return report(command, rules.error());
  std::string arguments;
  json_writer json{arguments};
  json.begin_object();
  add_text(json, "topic", options.topic);
  add_text(json, "schema", *schema);
  add_text(json, "rules", *rules);
  add_text(json, "compatibility", options.compatibility);
  add_text(json, "on_broken", options.on_broken);
  json.name("dry_run");
  json.boolean(options.dry_run);
  json.end_object();
  if (const auto done = json.finish(); !done) return report(command, done.error().within(options.file));
  auto node = connect(options.data);
  if (!node) return report(command, node.error());
  const auto answer = node->query("contracts.add", arguments);
  if (!answer) return report(command, answer.error().within(options.file));
  if (options.json) return print(*answer + "\n");
  return print(fmt::format("{} {} for {}: {} compatible, bad events are {}\n",
                           options.dry_run ? "could be added: contract" : "contract",
                           text_in(*answer, "id").substr(0, 12), options.topic, text_in(*answer, "compatibility"),
                           text_in(*answer, "on_broken") == "quarantine" ? "kept aside" : "refused"));
}

/// By a topic's name or, when there is none and it looks like one, by an id.
result<std::string> ask_for(client& node, const std::string& named) {
  auto answer = node.query("contracts.show", about("topic", named));
  constexpr std::size_t digits_min = 8;
  const bool an_id = named.size() >= digits_min && named.find_first_not_of("0123456789abcdef") == std::string::npos;
  return answer || !an_id ? answer : node.query("contracts.show", about("id", named));
}

int show_one(const contract_options& options) {
  constexpr auto command = "contracts show";
  if (options.topic.empty())
    throw usage_error{"TOPIC_OR_ID: it is empty: `weft contracts` lists the topics that have one"};
  auto node = connect(options.data);
  if (!node) return report(command, node.error());
  const auto answer = ask_for(*node, options.topic);
  if (!answer) return report(command, answer.error());
  if (options.json) return print(*answer + "\n");
  auto text = fmt::format("// {} of topic {}\n{}", text_in(*answer, "id"), text_in(*answer, "topic"),
                          text_in(*answer, "schema"));
  if (!text.ends_with('\n')) text += '\n';
  if (const auto rules = text_in(*answer, "rules"); !rules.empty())
    text += fmt::format("\n// rules\n{}{}", rules, rules.ends_with('\n') ? "" : "\n");
  return print(text);
}

int check(const contract_options& options) {
  constexpr auto command = "contracts check";
  auto node = connect(options.data);
  if (!node) return report(command, node.error());
  const auto by = node->contract_of(options.topic);
  if (!by) return report(command, by.error());
  value_check work(*by, options.file);
  const auto bad = work.run();
  if (!bad) return report(command, bad.error());
  const auto printed =
      print(fmt::format("{} of {} values are as the contract says\n", work.count() - *bad, work.count()));
  return *bad == 0 ? printed : exit_failure;
}

int remove(const contract_options& options) {
  constexpr auto command = "contracts remove";
  auto node = connect(options.data);
  if (!node) return report(command, node.error());
  const auto answer = node->query("contracts.remove", about("topic", options.topic));
  if (!answer) return report(command, answer.error());
  return print(fmt::format("topic {} takes any events\n", options.topic));
}

command add_verb(command& contracts, const std::string& verb, const std::string& what,
                 const std::shared_ptr<contract_options>& options) {
  auto at = contracts.add(verb, what);
  at.operand(verb == "show" ? "TOPIC_OR_ID" : "TOPIC", options->topic,
             verb == "show" ? "The topic, or at least 8 digits of a contract's id" : "The topic");
  return at;
}

void add_add(command& contracts) {
  auto options = std::make_shared<contract_options>();
  add_verb(contracts, "add", "Gives a topic a contract, or its next version, in the whole mesh", options)
      .operand("FILE", options->file, "A FlatBuffers schema with a root_type; - is standard input")
      .data(options->data)
      .option("--rules", "FILE", options->rules, "Comparisons of fields, one a line: 'quantity > 0'")
      .choice("--compatibility", options->compatibility, {"backward", "forward", "full", "none"},
              "What this version and later ones keep to; by default as before, at first backward")
      .choice("--on-broken", options->on_broken, {"refuse", "quarantine"},
              "Whether events that are not so are refused or kept aside; by default as before, at first refuse")
      .flag("--dry-run", options->dry_run, "Only says whether it could be added")
      .flag("--json", options->json, "One JSON document instead of text")
      .notes(
          "backward: who reads by the new one can read what was published. forward: who reads by the one before can\n"
          "read what will be. What is kept aside is in _weft.quarantine.TOPIC of the same log.")
      .example("weft contracts add orders order.fbs --rules order.rules --data data/a")
      .runs([options] { return add(*options); });
}

} // namespace

void add_contracts(command_line& weft) {
  auto options = std::make_shared<listing_options>();
  auto contracts =
      weft.add("contracts", "Lists contracts, what a topic's events must be, and adds, shows and removes them");
  contracts.alias("contract").example("weft contracts --data data/a").runs([options] {
    return show(all_contracts, *options);
  });
  declare(contracts, *options);
  auto list = contracts.add("list", "Lists the contracts that this node knows, of each topic the oldest first");
  declare(list, *options);
  list.example("weft contracts list --data data/a --json").runs([options] { return show(all_contracts, *options); });
  add_add(contracts);
  auto shown = std::make_shared<contract_options>();
  add_verb(contracts, "show", "Prints the contract that a topic has, or one by its id", shown)
      .data(shown->data)
      .flag("--json", shown->json, "One JSON document instead of text")
      .example("weft contract show orders --data data/a")
      .runs([shown] { return show_one(*shown); });
  auto checked = std::make_shared<contract_options>();
  add_verb(contracts, "check", "Says which values of a file a topic's contract would refuse", checked)
      .operand("FILE", checked->file, "JSON, one value a line, or one FlatBuffers table; - is standard input")
      .data(checked->data)
      .example("weft contract check orders orders.jsonl --data data/a")
      .runs([checked] { return check(*checked); });
  auto removed = std::make_shared<contract_options>();
  add_verb(contracts, "remove", "Lets a topic take any events again, in the whole mesh", removed)
      .data(removed->data)
      .example("weft contract remove orders --data data/a")
      .runs([removed] { return remove(*removed); });
}

} // namespace weft::cli

#include "mesh/base/names.hpp"
#include "sdk/cli/commands.hpp"
#include "sdk/cli/connection.hpp"
#include "sdk/cli/interrupt.hpp"
#include "sdk/cli/json_text.hpp"
#include "sdk/cli/output.hpp"
#include "sdk/cli/progress.hpp"
#include "sdk/cli/publish_tally.hpp"
#include "sdk/cli/rows.hpp"
#include "sdk/cli/table.hpp"
#include "sdk/cli/time_text.hpp"

#include <cmath>
#include <fmt/format.h>
#include <memory>

namespace weft::cli {
namespace {

using clock = std::chrono::steady_clock;

constexpr auto look_every = std::chrono::milliseconds(50);
constexpr int bad_rows_told_max = 20; // more are only counted

struct publish_options {
  std::string topic;
  std::string data;
  std::optional<std::string> file;
  std::string format;
  std::string key_field;
  std::string type;
  std::string ack;
  std::string codec;
  std::optional<double> rate;
  bool strict = false;
  bool json = false;
};

/// Publishes the rows of one input, each once, and counts.
class publishing {
public:
  publishing(const publish_options& options, client& node, raw_publisher& to)
      : options_(options), node_(node), to_(to), bar_("published", 0) {}

  /// All rows, until the end, a failure, an interruption or the loss of the node; then the answers of what was sent.
  void run(byte_source& from, row_source& rows);
  [[nodiscard]] bool must_stop() const { return stop_.requested() || !node_.connected(); }
  /// Prints the result. @returns the exit code
  int finish();

private:
  bool send(const row& next);
  void bad(const std::string& input, const row& which, const std::string& why);
  bool wait_for_turn();
  void wait_for_answers();
  void tell_problems(const publish_tally::counts& counts) const;

  const publish_options& options_;
  client& node_;
  raw_publisher& to_;
  interrupt stop_;
  std::shared_ptr<publish_tally> tally_ = std::make_shared<publish_tally>();
  progress bar_;
  clock::time_point began_ = clock::now();
  clock::time_point ended_ = began_;
  std::uint64_t sent_ = 0;
  std::uint64_t bad_ = 0;
  std::optional<error> failure_;
  bool complete_ = false; ///< the input was read to its end
};

void publishing::run(byte_source& from, row_source& rows) {
  for (;;) {
    const auto next = rows.next();
    if (must_stop()) break;
    if (!next) {
      failure_ = next.error();
      break;
    }
    if (!*next) {
      complete_ = true;
      break;
    }
    if ((*next)->problem)
      bad(from.name(), **next, *(*next)->problem);
    else if (!send(**next) && !failure_)
      break;
    if (failure_) break;
    if (bad_ > 0 && options_.strict) break;
    bar_.at(tally_->now().acknowledged);
  }
  wait_for_answers();
  ended_ = clock::now();
  bar_.done();
}

/// @returns false when no more can be sent
bool publishing::send(const row& next) {
  if (!wait_for_turn()) return false;
  const encoded_event event{.type = options_.type,
                            .key = as_bytes(next.key),
                            .value = as_bytes(next.value),
                            .time = {},
                            .headers = {},
                            .level = {}};
  for (;;) {
    auto taken = to_.try_publish(event);
    if (taken) {
      ++sent_;
      taken->then([tally = tally_](const result<ack>& outcome) { tally->add(outcome); });
      return !tally_->now().why;
    }
    const auto code = taken.error().code();
    if (code == errc::too_large || code == errc::invalid_argument) {
      bad("", next, taken.error().message());
      return true;
    }
    if (code != errc::would_block) {
      failure_ = taken.error();
      return false;
    }
    tally_->wait_beyond(tally_->now().answered(), look_every);
    if (must_stop() || tally_->now().why) return false;
  }
}

void publishing::bad(const std::string& input, const row& which, const std::string& why) {
  if (++bad_ <= bad_rows_told_max) {
    bar_.clear();
    tell("weft publish: {}line {}: {}\n", input.empty() ? "" : input + " ", which.line, why);
  }
}

/// With a rate: waits until the next event is due.
bool publishing::wait_for_turn() {
  if (!options_.rate) return true;
  const auto due = began_ + std::chrono::duration_cast<clock::duration>(
                                std::chrono::duration<double>(static_cast<double>(sent_) / *options_.rate));
  while (!must_stop()) {
    const auto left = due - clock::now();
    if (left <= clock::duration::zero()) return true;
    stop_.wait_for(std::chrono::duration_cast<std::chrono::microseconds>(std::min<clock::duration>(left, look_every)));
  }
  return false;
}

void publishing::wait_for_answers() {
  // An interruption does not end this wait: what was sent is answered within moments, and then N is exact.
  constexpr auto patience = std::chrono::seconds(1);
  auto last_news = clock::now();
  bool told = false;
  for (auto now = tally_->now(); now.answered() < sent_ && node_.connected(); now = tally_->now()) {
    tally_->wait_beyond(now.answered(), look_every);
    bar_.at(now.acknowledged);
    if (tally_->now().answered() > now.answered()) {
      last_news = clock::now();
    } else if (!told && clock::now() - last_news > patience) {
      bar_.clear();
      tell("weft publish: the node does not say what became of {} events; waits for it (interrupt {} to end at once)\n",
           sent_ - now.answered(), stop_.requested() ? "again" : "twice");
      told = true;
    }
  }
}

void publishing::tell_problems(const publish_tally::counts& counts) const {
  if (failure_) tell("weft publish: {}\n", failure_->message());
  if (counts.why) tell("weft publish: not published: {}\n", counts.why->message());
  if (!node_.connected())
    tell("weft publish: the node on {} has gone: of {} events sent {} were acknowledged\n", options_.data, sent_,
         counts.acknowledged);
  if (bad_ > 0)
    tell("weft publish: {} bad {}{}\n", bad_, bad_ == 1 ? "row" : "rows",
         options_.strict && !complete_ ? ", stopped there (--strict)" : "");
  if (stop_.requested()) tell("weft publish: interrupted\n");
}

int publishing::finish() {
  const auto counts = tally_->now();
  tell_problems(counts);
  const auto seconds = std::chrono::duration<double>(ended_ - began_).count();
  std::string out;
  if (options_.json) {
    const auto position = [](const auto& at) { return at ? "\"" + to_string(*at) + "\"" : std::string("null"); };
    out = fmt::format("{{\"published\":{},\"first\":{},\"last\":{},\"seconds\":{:.6f}}}\n", counts.acknowledged,
                      position(counts.first), position(counts.last), seconds);
  } else {
    out = fmt::format("published {} events in {}", grouped(static_cast<double>(counts.acknowledged)),
                      short_span(seconds));
    if (counts.first) out += fmt::format(", {} to {}", to_string(*counts.first), to_string(*counts.last));
    out += '\n';
  }
  const auto printed = print(out);
  const bool all = complete_ && bad_ == 0 && !failure_ && counts.acknowledged == sent_;
  return all ? printed : exit_failure;
}

row_format format_of(const publish_options& options, const std::string& input) {
  if (options.format == "csv") return row_format::csv;
  if (options.format == "jsonl") return row_format::jsonl;
  if (options.format == "lines") return row_format::lines;
  return format_by_name(input);
}

/// Nothing for what the command line leaves to the topic.
publisher_options publisher_options_of(const publish_options& options) {
  publisher_options chosen;
  if (!options.ack.empty()) {
    const auto level = parse_ack_level(options.ack);
    if (!level) throw usage_error{"--ack: " + level.error().message()};
    chosen.level = *level;
  }
  if (!options.codec.empty()) chosen.values = options.codec == "lz4" ? compression::lz4 : compression::none;
  return chosen;
}

int publish(const publish_options& options) {
  const auto input = options.file.value_or("-");
  if (const auto named = check_topic_name(options.topic); !named)
    throw usage_error{"TOPIC: " + named.error().message()};
  const auto format = format_of(options, input);
  if (format == row_format::lines && !options.key_field.empty())
    throw usage_error{"--key-field: lines have no fields; say --format csv or --format jsonl"};

  auto node = connect(options.data);
  if (!node) return report("publish", node.error());
  auto to = node->publisher(options.topic, publisher_options_of(options));
  if (!to) return report("publish", to.error());
  publishing work{options, *node, *to};
  auto source = file_source::open(input, [&work] { return work.must_stop(); });
  if (!source) return report("publish", source.error());
  const auto rows = open_rows(format, *source, options.key_field);
  work.run(*source, *rows);
  return work.finish();
}

} // namespace

void add_publish(command_line& weft) {
  auto options = std::make_shared<publish_options>();
  weft.add("publish", "Publishes the lines or rows of a file, one event each")
      .operand("TOPIC", options->topic, "The topic to publish to; an unknown one is created")
      .operand("FILE", options->file, "The input; standard input when it is - or left out")
      .data(options->data)
      .choice("--format", options->format, {"csv", "jsonl", "lines"},
              "By default what the file's name says, else lines")
      .option("--key-field", "NAME", options->key_field, "The column or field that is the event's key")
      .option("--type", "NAME", options->type, "The events' type")
      .option("--ack", "LEVEL", options->ack,
              "What an acknowledgement says: synced (on disk here), replicas=N (on disk at N other nodes, too) or\n"
              "written (unsafe: the system has it); by default as the topic is set")
      .choice("--codec", options->codec, {"none", "lz4"}, "How values are packed; by default as the topic is set")
      .option("--rate", "N", options->rate, 0.001, "At most so many events a second")
      .flag("--strict", options->strict, "Stops at the first bad row")
      .flag("--json", options->json, "The result as one JSON document")
      .notes("CSV needs a header line (RFC 4180); each row becomes a JSON object of strings. A bad row is reported "
             "with its\n"
             "line and passed over. The exit code is 1 when not everything was published and acknowledged.")
      .example("weft publish orders --data data/a --key-field id orders.csv")
      .runs([options] { return publish(*options); });
}

} // namespace weft::cli

#include "sdk/cli/retail_demo.hpp"

#include "sdk/cli/command_line.hpp"
#include "sdk/cli/connection.hpp"
#include "sdk/cli/output.hpp"
#include "sdk/cli/table.hpp"
#include "weft/json.hpp"

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <vector>

namespace weft::cli {
namespace {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto start_within = 30s;
constexpr auto catch_up_within = 60s;        // without any progress
constexpr auto stop_part_within = 10s;       // a node promises 5 s
constexpr double default_speed = 2 * 86'400; // two days a second: the two months of the real file take 20 s
constexpr double default_seconds = 10;       // of made-up lines, which have no end

std::string program(const std::string& part) {
  const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return (here / ("retail-" + part)).string();
}

class demo {
public:
  demo(const retail_options& options, std::string root) : options_(options), root_(std::move(root)) {}
  int run();

private:
  result<void> start_all();
  result<void> start(const std::string& name, std::vector<std::string> more);
  result<std::string> invite(const std::string& name) const;
  result<void> watch();
  void stop_all();
  void listen_all();
  void show() const;
  void rate(double seconds);
  [[nodiscard]] bool counted() const;
  [[nodiscard]] std::string data(const std::string& name) const { return root_ + "/" + name; }

  const retail_options& options_;
  std::string root_;
  interrupt stop_;
  std::vector<retail_part> parts_; // storefront, inventory, revenue
  clock::time_point began_ = clock::now();
};

result<void> demo::start(const std::string& name, std::vector<std::string> more) {
  std::vector<std::string> words{program(name), "--data", data(name), "--listen", "tcp://127.0.0.1:0"};
  words.insert(words.end(), more.begin(), more.end());
  auto process = child_process::start(words, data(name) + ".stderr");
  if (!process) return fail(process.error());
  const auto ready = process->line(start_within);
  if (!ready || !ready->starts_with("ready "))
    return fail(errc::timed_out, fmt::format("{} does not serve: {}.stderr says why", name, data(name)));
  tell("{} runs at {}\n", name, ready->substr(6));
  parts_.push_back({.name = name, .process = *std::move(process), .amount = {}});
  return {};
}

result<std::string> demo::invite(const std::string& name) const {
  auto node = connect(data("storefront"));
  if (!node) return fail(node.error());
  const auto answer = node->query("invite", fmt::format(R"({{"name":"{}"}})", name));
  if (!answer) return fail(answer.error());
  const auto document = json_document::parse(as_bytes(*answer));
  const auto text = document ? document->root().find("invitation") : std::nullopt;
  if (!text || !text->text()) return fail(errc::undecodable, "the storefront's answer has no invitation");
  auto path = data(name) + ".invitation";
  std::ofstream file{path};
  file << *text->text();
  if (!file.flush()) return fail(errc::io_error, "cannot write " + path);
  return path;
}

result<void> demo::start_all() {
  std::vector<std::string> words{"--speed", fmt::format("{}", options_.speed.value_or(default_speed))};
  if (options_.csv) words.insert(words.end(), {"--csv", *options_.csv});
  const auto seconds = options_.seconds.value_or(options_.csv ? 0 : default_seconds);
  words.insert(words.end(), {"--seconds", fmt::format("{}", seconds)});
  if (auto started = start("storefront", words); !started) return started;
  for (const std::string name : {"inventory", "revenue"}) {
    const auto invitation = invite(name);
    if (!invitation) return fail(invitation.error());
    if (auto started = start(name, {"--join", *invitation}); !started) return started;
  }
  return {};
}

bool demo::counted() const {
  return parts_[0].done && parts_[1].lines >= parts_[0].lines && parts_[2].lines >= parts_[0].lines;
}

void demo::listen_all() {
  for (auto& part : parts_)
    part.listen();
}

void demo::rate(double seconds) {
  for (auto& part : parts_) {
    part.lines_per_s = static_cast<double>(part.lines - part.lines_before) / seconds;
    part.lines_before = part.lines;
  }
}

void demo::show() const {
  const auto run_for = std::chrono::duration<double>(clock::now() - began_).count();
  if (!stdout_is_terminal()) {
    print(fmt::format("{:5.1f} s  storefront {} ({}/s)  inventory {} (lag {})  revenue {} (lag {})\n", run_for,
                      parts_[0].lines, grouped(parts_[0].lines_per_s), parts_[1].lines, parts_[1].lag, parts_[2].lines,
                      parts_[2].lag));
    return;
  }
  table out{{{"NODE"}, {"LINES", true}, {"EVENTS/S", true}, {"LAG", true}, {"SUM", true}}};
  for (const auto& part : parts_)
    out.add(
        {part.name, grouped(static_cast<double>(part.lines)), grouped(part.lines_per_s),
         &part == &parts_[0] ? "-" : grouped(static_cast<double>(part.lag)),
         part.name == "inventory" ? grouped(static_cast<double>(part.quantity)) + " articles" : "GBP " + part.amount});
  print(fmt::format("\x1b[H\x1b[J{:.0f} s, Ctrl-C ends the shop's day\n\n{}", run_for, out.text()));
}

result<void> demo::watch() {
  auto last_progress = clock::now();
  std::int64_t last_lines = -1;
  auto last_shown = clock::now();
  while (!counted()) {
    stop_.wait_for(stop_.requested() ? 0ms : 100ms);
    listen_all();
    for (const auto& part : parts_)
      if (part.process.ended())
        return fail(errc::internal, fmt::format("{} ended: {}.stderr says why", part.name, data(part.name)));
    if (stop_.requested()) return fail(errc::cancelled, "interrupted");
    const auto now = clock::now();
    if (now - last_shown >= 1s) {
      rate(std::chrono::duration<double>(now - last_shown).count());
      last_shown = now;
      show();
    }
    const auto lines = parts_[0].lines + parts_[1].lines + parts_[2].lines;
    if (lines != last_lines || !parts_[0].done) last_progress = now;
    last_lines = lines;
    if (now - last_progress > catch_up_within)
      return fail(errc::timed_out, "the services count no further: the balance is of what they have");
  }
  return {};
}

void demo::stop_all() {
  // The services first: the storefront's log is theirs to read.
  for (std::size_t i = parts_.size(); i-- > 0;) {
    parts_[i].process.ask_to_stop();
    const auto until = clock::now() + stop_part_within;
    while (!parts_[i].process.ended() && clock::now() < until)
      if (const auto left = parts_[i].process.line(100ms); left) parts_[i].take(*left);
    if (const auto code = parts_[i].process.wait(stop_part_within); code != 0)
      tell("{} ended with exit code {}: {}.stderr says why\n", parts_[i].name, code, data(parts_[i].name));
  }
}

int demo::run() {
  if (const auto started = start_all(); !started) return report("demo", started.error());
  const auto watched = watch();
  listen_all();
  stop_all();
  if (!watched && watched.error().code() != errc::cancelled) report("demo", watched.error());
  const auto balance = balance_of(parts_[0], parts_[1], parts_[2]);
  print(balance.text);
  return balance.right && watched ? exit_success : exit_failure;
}

} // namespace

void retail_part::take(const std::string& line) {
  const auto document = json_document::parse(as_bytes(line));
  if (!document) return;
  const auto number = [&](std::string_view key, std::int64_t& into) {
    if (const auto value = document->root().find(key))
      if (const auto read = value->integer(INT64_MIN, INT64_MAX)) into = *read;
  };
  std::int64_t finished = done ? 1 : 0;
  number("lines", lines);
  number("quantity", quantity);
  number("lag", lag);
  number("failed", failed);
  number("repeated", repeated);
  number("done", finished);
  done = finished != 0;
  if (const auto value = document->root().find("amount"))
    if (const auto text = value->text()) amount = *text;
}

void retail_part::listen() {
  while (const auto next = process.line(0ms))
    take(*next);
}

retail_balance balance_of(const retail_part& storefront, const retail_part& inventory, const retail_part& revenue) {
  table out{{{"NODE"}, {"INVOICE LINES", true}, {"TWICE", true}, {"QUANTITY", true}, {"AMOUNT GBP", true}}};
  const auto number = [](std::int64_t n) { return grouped(static_cast<double>(n)); };
  out.add({"storefront", number(storefront.lines), "-", number(storefront.quantity), storefront.amount});
  out.add({"inventory", number(inventory.lines), number(inventory.repeated), number(inventory.quantity), "-"});
  out.add({"revenue", number(revenue.lines), number(revenue.repeated), "-", revenue.amount});
  const bool right = storefront.failed == 0 && inventory.lines == storefront.lines &&
                     revenue.lines == storefront.lines && inventory.repeated == 0 && revenue.repeated == 0 &&
                     inventory.quantity == storefront.quantity && revenue.amount == storefront.amount;
  auto text = "\n" + out.text();
  if (storefront.failed > 0) text += fmt::format("{} lines were not published\n", storefront.failed);
  text +=
      right ? fmt::format("balance: true, {} invoice lines were published and each was counted once by each service\n",
                          number(storefront.lines))
            : "balance: FALSE\n";
  return {std::move(text), right};
}

int run_retail_demo(const retail_options& options) {
  std::error_code problem;
  auto root = options.keep.value_or("");
  if (root.empty()) {
    root = (std::filesystem::temp_directory_path(problem) / "weft-demo-XXXXXX").string();
    if (::mkdtemp(root.data()) == nullptr) return report("demo", {errc::io_error, "cannot make " + root});
  } else if (std::filesystem::create_directories(root, problem); problem) {
    return report("demo", {errc::io_error, "cannot make " + root + ": " + problem.message()});
  } else if (std::filesystem::exists(root + "/storefront")) {
    throw usage_error{"--keep: " + root + " has the data of an earlier run; name another directory"};
  }
  const auto code = demo{options, root}.run();
  if (options.keep)
    tell("the data is in {}\n", root);
  else
    std::filesystem::remove_all(root, problem);
  return code;
}

} // namespace weft::cli

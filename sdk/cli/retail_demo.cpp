#include "sdk/cli/retail_demo.hpp"

#include "sdk/cli/command_line.hpp"
#include "sdk/cli/connection.hpp"
#include "sdk/cli/interrupt.hpp"
#include "sdk/cli/monitor_program.hpp"
#include "sdk/cli/output.hpp"
#include "sdk/cli/retail_parts.hpp"
#include "sdk/cli/table.hpp"
#include "weft/json.hpp"

#include <algorithm>
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
constexpr auto shown_within = 30s;           // the monitor says so, or ends
constexpr auto found_within = 10s;           // then the demo goes on: they may be found later
constexpr auto catch_up_within = 60s;        // without any progress
constexpr auto stop_part_within = 10s;       // a node promises 5 s
constexpr double default_speed = 2 * 86'400; // two days a second: the two months of the real file take 20 s
constexpr double default_seconds = 10;       // of made-up lines, which have no end
constexpr double watched_seconds = 600;      // the same, when somebody watches

/// The last thing that a program said before it ended.
std::string last_line(const std::string& path) {
  std::ifstream file{path};
  std::string last = "it said nothing";
  for (std::string line; std::getline(file, line);)
    if (!line.empty()) last = line;
  return last;
}

/// A program beside this one.
std::string program(const std::string& name) {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / name).string();
}

///     seed ◀── storefront-north, storefront-south, inventory, revenue: each is told the seed's address and no other
class demo {
public:
  demo(const retail_options& options, std::string root)
      : options_(options),
        root_(std::move(root)),
        is_watched_(options.monitor || (!options.no_monitor && monitor_program().has_value())) {}
  int run();

private:
  result<void> start_all();
  result<void> start(const std::string& name, retail_role role, std::vector<std::string> words);
  result<void> await_ready(retail_part& part);
  result<void> start_member(const std::string& name, retail_role role, std::vector<std::string> words);
  [[nodiscard]] std::vector<std::string> storefront_words(const std::string& name, int share) const;
  result<std::string> invite(const std::string& name) const;
  void await_found();
  [[nodiscard]] bool knows_all(const std::string& name) const;
  result<void> open_monitor();
  result<void> watch();
  void await_monitor();
  void stop_all();
  void listen_all();
  void show() const;
  void show_line(double seconds) const;
  void rate(double seconds);
  [[nodiscard]] std::int64_t counted() const;
  [[nodiscard]] std::string data(const std::string& name) const { return root_ + "/" + name; }

  const retail_options& options_;
  std::string root_;
  interrupt stop_;
  std::vector<retail_part> parts_; // the seed, storefronts, services
  bool is_watched_;                ///< a window is open, or will be
  std::optional<child_process> monitor_;
  clock::time_point began_ = clock::now();
};

result<void> demo::start(const std::string& name, retail_role role, std::vector<std::string> words) {
  words.insert(words.end(), {"--data", data(name), "--listen", "tcp://127.0.0.1:0"});
  auto process = child_process::start(words, data(name) + ".stderr");
  if (!process) return fail(process.error());
  parts_.push_back({.name = name, .role = role, .process = *std::move(process)});
  return {};
}

result<void> demo::await_ready(retail_part& part) {
  const auto ready = part.process.line(start_within);
  if (!ready || !ready->starts_with("ready "))
    return fail(errc::timed_out, fmt::format("{} does not serve: {}.stderr says why", part.name, data(part.name)));
  tell("{} runs at {}\n", part.name, ready->substr(6));
  return {};
}

result<std::string> demo::invite(const std::string& name) const {
  auto node = connect(data("seed"));
  if (!node) return fail(node.error());
  const auto answer = node->query("invite", fmt::format(R"({{"name":"{}"}})", name));
  if (!answer) return fail(answer.error());
  const auto document = json_document::parse(as_bytes(*answer));
  const auto text = document ? document->root().find("invitation") : std::nullopt;
  if (!text || !text->text()) return fail(errc::undecodable, "the seed's answer has no invitation");
  auto path = data(name) + ".invitation";
  std::ofstream file{path};
  file << *text->text();
  if (!file.flush()) return fail(errc::io_error, "cannot write " + path);
  return path;
}

result<void> demo::start_member(const std::string& name, retail_role role, std::vector<std::string> words) {
  const auto invitation = invite(name);
  if (!invitation) return fail(invitation.error());
  words.insert(words.end(), {"--join", *invitation});
  return start(name, role, std::move(words));
}

std::vector<std::string> demo::storefront_words(const std::string& name, int share) const {
  std::vector<std::string> words{program("retail-storefront"),
                                 "--name",
                                 name,
                                 "--share",
                                 fmt::format("{}/2", share),
                                 "--speed",
                                 fmt::format("{}", options_.speed.value_or(default_speed))};
  if (options_.csv) words.insert(words.end(), {"--csv", *options_.csv});
  const auto day = is_watched_ ? watched_seconds : default_seconds;
  const auto seconds = options_.seconds.value_or(options_.csv ? 0 : day);
  words.insert(words.end(), {"--seconds", fmt::format("{}", seconds)});
  return words;
}

result<void> demo::start_all() {
  if (auto started = start("seed", retail_role::seed, {program("weft"), "node", "--name", "seed"}); !started)
    return started;
  if (auto ready = await_ready(parts_.front()); !ready) return ready;
  if (auto opened = open_monitor(); !opened) return opened;
  int share = 0;
  for (const std::string name : {"storefront-north", "storefront-south"})
    if (auto started = start_member(name, retail_role::storefront, storefront_words(name, ++share)); !started)
      return started;
  for (const auto& [name, role] : {std::pair{"inventory", retail_role::inventory}, {"revenue", retail_role::revenue}})
    if (auto started = start_member(name, role, {program(std::string("retail-") + name)}); !started) return started;
  for (auto& part : std::span(parts_).subspan(1))
    if (auto ready = await_ready(part); !ready) return ready;
  await_found();
  return {};
}

bool demo::knows_all(const std::string& name) const {
  auto node = connect(data(name));
  const auto answer = node ? node->query("nodes") : fail(node.error());
  const auto document = answer ? json_document::parse(as_bytes(*answer)) : fail(answer.error());
  const auto nodes = document ? document->root().find("nodes") : std::nullopt;
  return nodes && nodes->size() == parts_.size();
}

void demo::await_found() {
  for (const auto& part : parts_)
    while (!knows_all(part.name)) {
      if (clock::now() - began_ > found_within) return;
      stop_.wait_for(20ms);
      if (stop_.requested()) return;
    }
  tell("{} nodes know each other, {:.1f} s after the start: each was told the seed's address\n", parts_.size(),
       std::chrono::duration<double>(clock::now() - began_).count());
}

void demo::listen_all() {
  for (auto& part : parts_)
    part.listen();
  while (monitor_ && monitor_->line(0ms)) {} // what it says is not waited for
}

void demo::rate(double seconds) {
  for (auto& part : parts_) {
    part.lines_per_s = static_cast<double>(part.lines - part.lines_before) / seconds;
    part.lines_before = part.lines;
  }
}

void demo::show_line(double seconds) const {
  auto line = fmt::format("{:5.1f} s", seconds);
  for (const auto& part : parts_)
    if (part.role == retail_role::storefront)
      line += fmt::format("  {} {} ({}/s)", part.name, part.lines, grouped(part.lines_per_s));
    else if (part.role != retail_role::seed)
      line += fmt::format("  {} {} (lag {})", part.name, part.lines, part.lag);
  print(line + "\n");
}

void demo::show() const {
  const auto run_for = std::chrono::duration<double>(clock::now() - began_).count();
  if (!stdout_is_terminal()) return show_line(run_for);
  table out{{{"NODE"}, {"LINES", true}, {"EVENTS/S", true}, {"LAG", true}, {"SUM", true}}};
  for (const auto& part : parts_)
    if (part.role != retail_role::seed)
      out.add({part.name, grouped(static_cast<double>(part.lines)), grouped(part.lines_per_s),
               part.role == retail_role::storefront ? "-" : grouped(static_cast<double>(part.lag)),
               part.role == retail_role::inventory ? grouped(static_cast<double>(part.quantity)) + " articles"
                                                   : "GBP " + pounds(part.amount_units)});
  print(fmt::format("\x1b[H\x1b[J{:.0f} s, Ctrl-C ends the shop's day\n\n{}", run_for, out.text()));
}

std::int64_t demo::counted() const {
  std::int64_t lines = 0;
  for (const auto& part : parts_)
    lines += part.lines;
  return lines;
}

/// Before the storefronts are started: how long their day is depends on whether somebody watches.
result<void> demo::open_monitor() {
  if (!is_watched_) return {};
  const auto errors = data("monitor") + ".stderr";
  auto window = child_process::start({program("weft-monitor"), "--data", data("seed")}, errors);
  if (window && window->line(shown_within)) {
    monitor_.emplace(*std::move(window));
    tell("the monitor shows it; --no-monitor leaves it out\n");
    return {};
  }
  is_watched_ = false;
  const error why = window ? error{errc::not_found, "the monitor has no window: " + last_line(errors)} : window.error();
  if (options_.monitor) return fail(why);
  tell("{}; it goes on without\n", why.message());
  return {};
}

/// What was seen can be looked at when the day is over, until its window is closed.
void demo::await_monitor() {
  if (!monitor_ || stop_.requested()) return;
  if (!monitor_->ended()) tell("close the monitor's window, or press Ctrl-C\n");
  while (!monitor_->ended() && !stop_.requested()) {
    stop_.wait_for(100ms);
    static_cast<void>(monitor_->line(0ms));
  }
}

result<void> demo::watch() {
  auto last_progress = clock::now();
  std::int64_t last_lines = -1;
  auto last_shown = clock::now();
  while (!all_counted(parts_)) {
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
    const auto lines = counted();
    if (lines != last_lines || !sum_of(parts_).done) last_progress = now;
    last_lines = lines;
    if (now - last_progress > catch_up_within)
      return fail(errc::timed_out, "the services count no further: the balance is of what they have");
  }
  return {};
}

void demo::stop_all() {
  // The services first: the storefronts' logs are theirs to read. The seed last.
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
  if (const auto window = monitor_program(); options_.monitor && !window) return report("demo", window.error());
  if (const auto started = start_all(); !started) return report("demo", started.error());
  const auto watched = watch();
  listen_all();
  stop_all();
  if (!watched && watched.error().code() != errc::cancelled) report("demo", watched.error());
  const auto balance = balance_of(parts_);
  print(balance.text);
  await_monitor();
  return balance.right && watched ? exit_success : exit_failure;
}

} // namespace

int run_retail_demo(const retail_options& options) {
  std::error_code problem;
  auto root = options.keep.value_or("");
  if (root.empty()) {
    root = (std::filesystem::temp_directory_path(problem) / "weft-demo-XXXXXX").string();
    if (::mkdtemp(root.data()) == nullptr) return report("demo", {errc::io_error, "cannot make " + root});
  } else if (std::filesystem::create_directories(root, problem); problem) {
    return report("demo", {errc::io_error, "cannot make " + root + ": " + problem.message()});
  } else if (std::filesystem::exists(root + "/seed")) {
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

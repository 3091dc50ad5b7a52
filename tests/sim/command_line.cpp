#include "tests/sim/command_line.hpp"

#include "mesh/base/assert.hpp"

#include <charconv>
#include <fmt/format.h>
#include <limits>
#include <numeric>

namespace weft::sim {
namespace {

constexpr std::uint32_t nodes_max = 10'000; // more fit no memory

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "3,17,20"; "none" is an empty list.
std::optional<std::vector<std::size_t>> places(std::string_view text) {
  std::vector<std::size_t> found;
  if (text == "none") return found;
  for (auto end = text.find(','); true; end = text.find(',')) {
    const auto place = number(text.substr(0, end));
    if (!place) return std::nullopt;
    found.push_back(*place);
    if (end == std::string_view::npos) return found;
    text.remove_prefix(end + 1);
  }
}

template <class To>
bool set(To& to, std::string_view text, std::uint64_t least, std::uint64_t most) {
  const auto value = number(text);
  if (!value || *value < least || *value > most) return false;
  to = static_cast<To>(*value);
  return true;
}

bool take(command& c, std::string_view word, std::string_view value) {
  constexpr auto any = std::numeric_limits<std::uint64_t>::max();
  constexpr std::uint64_t day_us = 24ULL * 3600 * 1'000'000;
  if (word == "--scenario") return c.scenario = value, true;
  if (word == "--bug") return c.bug = value, true;
  if (word == "--trace") return c.trace_file = value, true;
  if (word == "--faults") return (c.only_faults = places(value)).has_value();
  if (word == "--seed") return set(c.seed, value, 0, any);
  if (word == "--seeds") return set(c.seeds, value, 1, 1'000'000'000);
  if (word == "--nodes") return set(c.nodes.emplace(), value, 1, nodes_max);
  if (word == "--jobs") return set(c.jobs, value, 1, 256);
  if (word == "--seconds-max") return set(c.seconds_max, value, 1, 86'400);
  if (word == "--shrink") return set(c.shrink_runs, value, 0, 100'000);
  std::uint64_t us = 0;
  if (word != "--safety-us" || !set(us, value, 1, day_us)) return false;
  c.safety = microseconds{static_cast<std::int64_t>(us)};
  return true;
}

} // namespace

std::string usage() {
  return R"(Usage: weft_sim [OPTION...]

  --scenario NAME    what to run, instead of all by their shares; --list names them
  --seed S           the first seed (1)
  --seeds N          how many, one after the other (1)
  --nodes N          instead of the scenario's number
  --bug NAME         with a deliberate bug switched on
  --bugs             every bug of the table, until a seed catches it, 200 seeds each
  --marks            says how many seeds reached which coverage mark; one that none did is a failure
  --trace FILE       writes what took place in the first seed's run
  --jobs J           runs at a time (2)
  --shrink RUNS      to make a failing run small (200); 0: not at all
  --safety-us T      virtual microseconds with faults, instead of the scenario's
  --faults A,B,...   only these of the drawn faults; none: without any
  --seconds-max T    a run that takes longer has failed (600)
  --list             scenarios and bugs

Exit status: 0 all is well, 1 a run failed or a bug was not caught, 2 wrong usage.
)";
}

result<command> parse(std::span<const char* const> words) {
  command c;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word == "--bugs")
      c.all_bugs = true;
    else if (word == "--marks")
      c.marks = true;
    else if (word == "--list")
      c.list = true;
    else if (word == "--help" || word == "-h")
      c.help = true;
    else if (i + 1 == words.size())
      return fail(errc::invalid_argument, fmt::format("{} is not known, or needs a value; try --help", word));
    else if (!take(c, word, words[i + 1]))
      return fail(errc::invalid_argument,
                  fmt::format("{} {} is not known, or out of range; try --help", word, words[i + 1]));
    else
      ++i;
  }
  return c;
}

const scenario& scenario_of_seed(std::span<const scenario> all, std::uint64_t seed) {
  std::uint64_t shares = 0;
  for (const auto& one : all)
    shares += one.share;
  WEFT_ASSERT(shares > 0);
  // Steps of this many shares, which has no factor in common with their sum, so that a few seeds are of many scenarios.
  auto step = shares / 2 + 1;
  while (std::gcd(step, shares) != 1)
    ++step;
  auto place = seed % shares * step % shares;
  const auto* one = all.data();
  for (; place >= one->share; ++one)
    place -= one->share;
  return *one;
}

run_options options_of(const command& c, const scenario& of, std::uint64_t seed) {
  auto options = of.defaults;
  options.seed = seed;
  options.bug = c.bug;
  options.only_faults = c.only_faults;
  options.world.hosts = c.nodes.value_or(options.world.hosts);
  options.safety = c.safety.value_or(options.safety);
  return options;
}

std::string replay_options(const scenario& of, const run_options& options) {
  auto words = fmt::format("--scenario {} --seed {} --nodes {}", of.name, options.seed, options.world.hosts);
  if (options.safety != of.defaults.safety) words += fmt::format(" --safety-us {}", options.safety.count());
  if (!options.bug.empty()) words += " --bug " + options.bug;
  if (options.only_faults) {
    words += " --faults ";
    if (options.only_faults->empty()) words += "none";
    for (std::size_t i = 0; i < options.only_faults->size(); ++i)
      words += fmt::format("{}{}", i > 0 ? "," : "", (*options.only_faults)[i]);
  }
  return words;
}

} // namespace weft::sim

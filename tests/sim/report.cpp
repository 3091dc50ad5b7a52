// Reports as text, for the pipe between a run's process and the one that waits for it.
#include "tests/sim/run.hpp"

#include <charconv>
#include <fmt/format.h>

namespace weft::sim {
namespace {

std::string on_one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (c == '\n')
      line += "\\n";
    else if (c == '\\')
      line += "\\\\";
    else
      line += c;
  }
  return line;
}

std::string from_one_line(std::string_view line) {
  std::string text;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size())
      text += line[++i] == 'n' ? '\n' : line[i];
    else
      text += line[i];
  }
  return text;
}

/// Cuts `text` behind its first `at`; all of it when there is none.
std::string_view take_until(std::string_view& text, char at) {
  const auto end = text.find(at);
  const auto taken = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return taken;
}

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

void read_line(report& r, std::string_view line) {
  const auto key = take_until(line, ' ');
  if (key == "seed") r.seed = number(line);
  if (key == "healing") r.healing = number(line) != 0;
  if (key == "ended") r.ended = {static_cast<std::int64_t>(number(line))};
  if (key == "events") r.events = number(line);
  if (key == "hash") r.trace_hash = number(line);
  if (key == "who") r.failure.emplace().who = from_one_line(line);
  if (key == "what" && r.failure) r.failure->what = from_one_line(line);
  if (key == "mark") {
    const auto times = number(take_until(line, ' '));
    r.marks.emplace_back(line, times);
  }
  if (key == "fault") {
    const auto place = static_cast<std::size_t>(number(take_until(line, ' ')));
    r.faults.emplace_back(place, line);
  }
}

constexpr std::string_view last_line = "end of report";

} // namespace

std::string to_text(const report& r) {
  auto text = fmt::format("seed {}\nhealing {}\nended {}\nevents {}\nhash {}\n", r.seed, r.healing ? 1 : 0, r.ended.us,
                          r.events, r.trace_hash);
  if (r.failure) text += fmt::format("who {}\nwhat {}\n", on_one_line(r.failure->who), on_one_line(r.failure->what));
  for (const auto& [name, times] : r.marks)
    text += fmt::format("mark {} {}\n", times, name);
  for (const auto& [place, fault] : r.faults)
    text += fmt::format("fault {} {}\n", place, fault);
  return text + std::string(last_line) + '\n';
}

result<report> report_from(std::string_view text) {
  report r;
  std::string_view line;
  while (!text.empty() && line != last_line) {
    line = take_until(text, '\n');
    read_line(r, line);
  }
  if (line != last_line) return fail(errc::corrupt, "the report has no end");
  return r;
}

} // namespace weft::sim

#include "sdk/cli/cut_place.hpp"

#include "mesh/base/names.hpp"
#include "mesh/base/text_time.hpp"
#include "sdk/cli/command_line.hpp"
#include "sdk/cli/output.hpp"
#include "weft/json.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>

namespace weft::cli {
namespace {

constexpr std::string_view prefix = "cut:";

std::string text_in(const json_reader& of, std::string_view name) {
  const auto found = of.find(name);
  return found ? std::string(found->text().value_or("")) : std::string();
}

wall_time time_in(const json_reader& of, std::string_view name) {
  const auto found = of.find(name);
  return wall_time{found ? found->integer(0, std::numeric_limits<std::int64_t>::max()).value_or(0) : 0};
}

} // namespace

std::optional<std::string> cut_named_in(const std::string& option, std::string_view text) {
  if (!text.starts_with(prefix)) return std::nullopt;
  const auto name = text.substr(prefix.size());
  if (const auto named = check_node_name(name); !named) throw usage_error{option + ": " + named.error().message()};
  return std::string(name);
}

result<known_cut> find_cut(client& node, const std::string& name) {
  std::string arguments;
  json_writer json{arguments};
  json.begin_object();
  json.name("name");
  json.text(name);
  json.end_object();
  const auto answer = node.query("cuts.describe", arguments);
  if (!answer) return fail(answer.error());
  const auto document = json_document::parse(as_bytes(*answer));
  if (!document) return fail(document.error());
  const auto root = document->root();
  const auto state = text_in(root, "state");
  if (state == "expired")
    return fail(errc::expired,
                fmt::format("cut {} has expired at {}: what it held may be gone; say a time to read what is left", name,
                            rfc3339_text(time_in(root, "lease_until_us"))));
  if (state != "made")
    return fail(errc::not_yet_valid, fmt::format("cut {} was asked for and is not made yet: wait, or "
                                                 "`weft cuts delete {}` and create it again",
                                                 name, name));
  known_cut cut{name, time_in(root, "at_us"), {}, 0};
  if (const auto absent = root.find("absent"); absent && absent->is_array())
    for (std::size_t i = 0; i < absent->size(); ++i)
      cut.absent.emplace(absent->at(i).text().value_or(""));
  if (const auto more = root.find("absent_more"))
    cut.absent_more =
        static_cast<std::uint32_t>(more->unsigned_integer(std::numeric_limits<std::uint32_t>::max()).value_or(0));
  return cut;
}

result<std::set<std::string>> nodes_with(client& node, const std::string& pattern) {
  std::string arguments;
  json_writer json{arguments};
  json.begin_object();
  json.name("topic");
  json.text(pattern);
  json.end_object();
  const auto answer = node.query("route", arguments);
  if (!answer) return fail(answer.error());
  const auto document = json_document::parse(as_bytes(*answer));
  if (!document) return fail(document.error());
  const auto rows = document->root().find("routes");
  std::set<std::string> names;
  for (std::size_t i = 0; rows && i < rows->size(); ++i)
    if (text_in(rows->at(i), "state") != "left") names.insert(text_in(rows->at(i), "node"));
  return names;
}

result<std::string> place_text(client& node, const std::string& option, const std::string& text) {
  const auto name = cut_named_in(option, text);
  if (!name) return text;
  const auto cut = find_cut(node, *name);
  if (!cut) return fail(cut.error());
  if (const auto lacks = lacks_text(*cut); !lacks.empty()) tell("weft: {}\n", lacks);
  return rfc3339_text(cut->bound);
}

std::string lacks_text(const known_cut& cut) {
  if (cut.absent.empty() && cut.absent_more == 0) return {};
  return fmt::format("cut {} says nothing of the logs of {}{}: they did not answer when it was made", cut.name,
                     fmt::join(cut.absent, ", "),
                     cut.absent_more == 0 ? std::string() : fmt::format(" and {} more", cut.absent_more));
}

} // namespace weft::cli

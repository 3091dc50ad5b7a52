#include "sdk/cli/listing.hpp"

#include "mesh/base/text_time.hpp"
#include "sdk/cli/connection.hpp"
#include "sdk/cli/interrupt.hpp"
#include "sdk/cli/json_text.hpp"
#include "sdk/cli/output.hpp"
#include "sdk/cli/table.hpp"
#include "sdk/cli/time_text.hpp"
#include "weft/json.hpp"

#include <fmt/format.h>

namespace weft::cli {
namespace {

constexpr auto watch_interval = std::chrono::seconds(1);
constexpr std::string_view clear_screen = "\x1b[H\x1b[J";

std::string number_text(double value, shown_as how) {
  switch (how) {
  case shown_as::bytes: return short_bytes(value);
  case shown_as::byte_rate: return short_bytes(value) + "/s";
  case shown_as::rate: return grouped(value) + "/s";
  case shown_as::span: return short_span(value);
  case shown_as::number: return grouped(value);
  case shown_as::time: return rfc3339_text({static_cast<std::int64_t>(value)});
  case shown_as::text: break;
  }
  return fmt::format("{}", value);
}

std::string shown(const std::optional<json_reader>& value, shown_as how) {
  if (!value || value->is_null()) return "-";
  std::string out;
  if (const auto text = value->text()) {
    append_plain(out, *text);
    return out;
  }
  if (const auto number = value->number()) return number_text(*number, how);
  if (const auto truth = value->boolean()) return *truth ? "yes" : "no";
  for (std::size_t i = 0; i < value->size() && value->is_array(); ++i)
    out += (i == 0 ? "" : " > ") + shown(value->at(i), how);
  return out;
}

/// The value of a field, which may lie in an object.
std::optional<json_reader> found(const json_reader& row, std::string_view field) {
  const auto dot = field.find('.');
  const auto first = row.find(field.substr(0, dot));
  if (dot == std::string_view::npos || !first) return first;
  return found(*first, field.substr(dot + 1));
}

std::string cell(const json_reader& row, const shown_field& field) {
  const auto value = found(row, field.field);
  if ((!value || value->is_null()) && !field.otherwise.empty()) return shown(found(row, field.otherwise), field.how);
  const auto bound = field.at_most.empty() ? std::nullopt : found(row, field.at_most);
  const bool at_most = bound && bound->boolean().value_or(false);
  return (at_most ? "<=" : "") + shown(value, field.how);
}

bool has_any(const json_reader& rows, const std::string& field) {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (const auto value = found(rows.at(i), field); value && !value->is_null()) return true;
  return false;
}

/// The nodes that could not be asked.
std::string unknown_of(const json_reader& answer) {
  const auto nodes = answer.find("nodes");
  table out{{{"NOT ASKED", false}, {"UNKNOWN SINCE", true}, {"WHY", false}}};
  bool any = false;
  for (std::size_t i = 0; nodes && nodes->is_array() && i < nodes->size(); ++i) {
    const auto row = nodes->at(i);
    const auto state = row.find("state");
    if (!state || state->text().value_or("") != "unknown") continue;
    any = true;
    out.add({cell(row, {"", "node"}), cell(row, {"", "unknown_since_us", shown_as::time}), cell(row, {"", "why"})});
  }
  return any ? "\n" + out.text() : std::string();
}

result<std::string> table_of(const listing& what, const json_reader& answer) {
  const auto rows = answer.find(what.list);
  if (!rows || !rows->is_array())
    return fail(errc::undecodable, fmt::format("the node's answer to '{}' has no list '{}'", what.question, what.list));
  if (rows->size() == 0) return what.when_empty + "\n";
  std::vector<table::column> columns;
  std::vector<shown_field> fields;
  for (const auto& field : what.fields)
    if (!field.if_any || has_any(*rows, field.field)) fields.push_back(field);
  columns.reserve(fields.size());
  for (const auto& field : fields)
    columns.push_back({field.title, field.how != shown_as::text});
  table out{std::move(columns)};
  for (std::size_t i = 0; i < rows->size(); ++i) {
    std::vector<std::string> cells;
    cells.reserve(fields.size());
    for (const auto& field : fields)
      cells.push_back(cell(rows->at(i), field));
    out.add(std::move(cells));
  }
  return out.text();
}

result<std::string> asked_once(client& node, const listing& what, const listing_options& options) {
  auto document = node.query(question_to(what.question, options.local || !what.of_mesh), what.arguments);
  if (!document) return fail(document.error());
  if (options.json) return *document + "\n";
  return as_table(what, *document);
}

} // namespace

void declare(command& at, listing_options& options) {
  at.data(options.data)
      .flag("--json", options.json, "One JSON document instead of a table")
      .flag("--watch", options.watch, "Again each second, until Ctrl-C");
}

void declare_of_mesh(command& at, listing_options& options) {
  declare(at, options);
  at.flag("--local", options.local, "Of this node's log alone, not of all logs of the mesh");
}

std::string question_to(const std::string& question, bool local) { return local ? question : "mesh." + question; }

result<std::string> as_table(const listing& what, const std::string& document) {
  const auto parsed = json_document::parse(as_bytes(document));
  if (!parsed) return fail(parsed.error());
  auto text = table_of(what, parsed->root());
  for (const auto& next : what.below) {
    if (!text) return text;
    const auto list = parsed->root().find(next.list);
    if (!list || (list->size() == 0 && next.when_empty.empty())) continue; // an older node does not know it
    const auto more = table_of(next, parsed->root());
    if (!more) return fail(more.error());
    *text += "\n" + *more;
  }
  if (text) *text += unknown_of(parsed->root());
  return text;
}

int show(const listing& what, const listing_options& options) {
  auto node = connect(options.data);
  if (!node) return report(what.command, node.error());
  if (!options.watch) {
    const auto once = asked_once(*node, what, options);
    return once ? print(*once) : report(what.command, once.error());
  }
  const interrupt stop;
  const bool clears = stdout_is_terminal() && !options.json;
  output out;
  while (!stop.requested()) {
    const auto text = asked_once(*node, what, options);
    if (!text) return report(what.command, text.error());
    if (clears) out.buffer() += clear_screen;
    out.buffer() += *text;
    if (const auto written = out.flush(); !written)
      return written.error().code() == errc::cancelled ? exit_success : report(what.command, written.error());
    stop.wait_for(watch_interval);
  }
  return exit_success;
}

} // namespace weft::cli

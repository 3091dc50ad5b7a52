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

result<std::string> table_of(const listing& what, const json_reader& answer) {
  const auto rows = answer.find(what.list);
  if (!rows || !rows->is_array())
    return fail(errc::undecodable, fmt::format("the node's answer to '{}' has no list '{}'", what.question, what.list));
  if (rows->size() == 0) return what.when_empty + "\n";
  std::vector<table::column> columns;
  for (const auto& field : what.fields)
    columns.push_back({field.title, field.how != shown_as::text});
  table out{std::move(columns)};
  for (std::size_t i = 0; i < rows->size(); ++i) {
    std::vector<std::string> cells;
    cells.reserve(what.fields.size());
    for (const auto& field : what.fields)
      cells.push_back(cell(rows->at(i), field));
    out.add(std::move(cells));
  }
  return out.text();
}

result<std::string> asked_once(client& node, const listing& what, const listing_options& options) {
  auto document = node.query(what.question, what.arguments);
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

result<std::string> as_table(const listing& what, const std::string& document) {
  const auto parsed = json_document::parse(as_bytes(document));
  if (!parsed) return fail(parsed.error());
  auto text = table_of(what, parsed->root());
  for (const auto& next : what.below) {
    if (!text) return text;
    if (!parsed->root().find(next.list)) continue; // an older node does not know it
    const auto more = table_of(next, parsed->root());
    if (!more) return fail(more.error());
    *text += "\n" + *more;
  }
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

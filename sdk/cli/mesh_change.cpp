#include "sdk/cli/mesh_change.hpp"

#include "sdk/cli/command_line.hpp"
#include "sdk/cli/listing.hpp"
#include "sdk/cli/output.hpp"

#include <fmt/format.h>

namespace weft::cli {
namespace {

std::string text_in(const json_reader& row, std::string_view field) {
  const auto value = row.find(field);
  const auto text = value ? value->text() : fail(errc::not_found, "");
  return text ? std::string(*text) : std::string();
}

bool is_done(const json_reader& row) {
  const auto done = row.find("done");
  return done && done->boolean().value_or(false);
}

/// @returns the exit code
int tell_results(const change& what, const json_reader& results) {
  std::string lines;
  int code = exit_success;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto row = results.at(i);
    const auto log = text_in(row, "log");
    if (!is_done(row)) {
      code = report(what.command, error(errc::not_connected, fmt::format("log of {}: {}", log, text_in(row, "why"))));
      continue;
    }
    lines += what.done(row);
    if (results.size() > 1) lines += fmt::format(" (log of {})", log);
    lines += "\n";
  }
  if (what.json || lines.empty()) return code;
  const auto printed = print(lines);
  return printed == exit_success ? code : printed;
}

} // namespace

int carry_out(const change& what, client& node) {
  const auto answer = node.query(question_to(what.question, what.local), what.arguments);
  if (!answer) return report(what.command, answer.error());
  if (what.json)
    if (const auto printed = print(*answer + "\n"); printed != exit_success) return printed;
  const auto document = json_document::parse(as_bytes(*answer));
  if (!document) return report(what.command, document.error().within("the node's answer"));
  if (what.local) return what.json ? exit_success : print(what.done(document->root()) + "\n");
  const auto results = document->root().find("results");
  if (!results || !results->is_array())
    return report(what.command, error(errc::undecodable, "the node's answer has no list 'results'"));
  return tell_results(what, *results);
}

} // namespace weft::cli

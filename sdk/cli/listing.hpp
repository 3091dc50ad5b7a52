// sdk/cli/listing.hpp: what a node knows, as one JSON document or as a table for people, once or again and again.
#pragma once
#include "mesh/base/result.hpp"
#include "sdk/cli/command_line.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace weft::cli {

struct listing_options {
  std::string data;
  bool json = false;
  bool watch = false;
  bool local = false; ///< this node alone is asked
};
/// Declares --data, --json and --watch.
void declare(command& at, listing_options& options);
/// And --local, of a listing `of_mesh`.
void declare_of_mesh(command& at, listing_options& options);
/// What a node is asked: of all logs of the mesh, or of its own.
[[nodiscard]] std::string question_to(const std::string& question, bool local);

/// How a field's value is shown to people.
enum class shown_as : std::uint8_t { text, number, bytes, rate, byte_rate, span, time };

struct shown_field {
  std::string title;
  std::string field; ///< "name", or "settings.name" inside an object
  shown_as how = shown_as::text;
  std::string otherwise{}; ///< another field, shown when this one is null
  std::string at_most{};   ///< another field, true when the value is an upper bound
  bool if_any = false;     ///< no column when no row has it
};

/// Of a row that its log's node said some time ago.
inline const shown_field unknown_since{
    .title = "UNKNOWN SINCE", .field = "unknown_since_us", .how = shown_as::time, .if_any = true};

/// One question to a node, and how its answer, an object with one list, looks.
struct listing {
  std::string command;  ///< for messages
  std::string question; ///< what the node is asked
  std::string list;     ///< the answer's field that has the rows
  std::vector<shown_field> fields;
  std::string when_empty;       ///< instead of a table without rows
  std::string arguments = "{}"; ///< of the question
  bool of_mesh = false;         ///< all nodes are asked, and those that can't be are listed below
  /// Other lists of the same answer, shown below it, with `list`, `fields` and `when_empty` alone; without the last
  /// only when it has rows.
  std::vector<listing> below{};
};

/// Groups that go on at copies while their logs' nodes are away.
inline const listing at_copies{.command = {},
                               .question = "groups.list",
                               .list = "copies",
                               .fields = {{"AT A COPY", "name"},
                                          {"LOG", "log"},
                                          {"SERVED AT", "served_at"},
                                          {"SINCE", "since_us", shown_as::time},
                                          {"MEMBERS", "members", shown_as::number},
                                          {"NEEDED FROM", "position"}},
                               .when_empty = {}};

/// Asks and prints. @returns the exit code
int show(const listing& what, const listing_options& options);
/// The table of an answer. @error errc::undecodable  it is not what `what` says
[[nodiscard]] result<std::string> as_table(const listing& what, const std::string& document);

} // namespace weft::cli

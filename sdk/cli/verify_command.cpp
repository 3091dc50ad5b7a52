#include "mesh/base/os_disk.hpp"
#include "mesh/log/verify.hpp"
#include "sdk/cli/commands.hpp"
#include "sdk/cli/json_text.hpp"
#include "sdk/cli/output.hpp"
#include "sdk/cli/table.hpp"

#include <fmt/format.h>
#include <memory>

namespace weft::cli {
namespace {

void append_findings(std::string& out, const std::vector<log::finding>& all) {
  out += '[';
  for (std::size_t i = 0; i < all.size(); ++i) {
    out += i == 0 ? "{\"file\":" : ",{\"file\":";
    append_json_bytes(out, all[i].file);
    out += fmt::format(",\"offset\":{},\"what\":", all[i].offset);
    append_json_bytes(out, all[i].what);
    out += '}';
  }
  out += ']';
}

std::string as_json(const log::verify_report& found) {
  auto out = fmt::format(
      "{{\"logs\":{},\"segments\":{},\"indexes\":{},\"entries\":{},\"events\":{},\"bytes\":{},\"damage\":", found.logs,
      found.segments, found.indexes, found.entries, found.events, found.bytes);
  append_findings(out, found.damage);
  out += ",\"notes\":";
  append_findings(out, found.notes);
  out += "}\n";
  return out;
}

std::string as_text(const log::verify_report& found) {
  std::string out;
  const auto add = [&out](const char* kind, const std::vector<log::finding>& all) {
    for (const auto& one : all)
      out += fmt::format("{}: {} at byte {}: {}\n", kind, one.file, one.offset, one.what);
  };
  add("damage", found.damage);
  add("note", found.notes);
  const auto count = [](std::uint64_t n) { return grouped(static_cast<double>(n)); };
  out += fmt::format("{}: {} events in {} entries, {} segments with {} indexes, {} logs, {}\n",
                     found.damage.empty() ? "no damage" : fmt::format("DAMAGE in {} places", found.damage.size()),
                     count(found.events), count(found.entries), count(found.segments), count(found.indexes),
                     count(found.logs), short_bytes(static_cast<double>(found.bytes)));
  return out;
}

int verify(const std::string& directory, bool json) {
  auto& disk = os_disk();
  const auto inside = directory + "/log";
  const auto found = log::verify_directory(disk, disk.exists(inside) ? inside : directory);
  if (!found) return report("verify", found.error());
  if (found->logs == 0 && found->damage.empty() && found->notes.empty())
    return report("verify", {errc::not_found, directory + " has no log: name a node's data directory"});
  const auto printed = print(json ? as_json(*found) : as_text(*found));
  return found->damage.empty() ? printed : exit_failure;
}

} // namespace

void add_verify(command_line& weft) {
  struct words {
    std::string directory;
    bool json = false;
  };
  auto options = std::make_shared<words>();
  weft.add("verify", "Checks every byte of a node's logs, without changing any")
      .operand("DIR", options->directory, "A data directory")
      .flag("--json", options->json, "One JSON document instead of text")
      .notes(
          "\nThe exit code is 1 when there is damage. Stop the node first: what it writes meanwhile looks unfinished.\n"
          "A running node puts damage right from copies at other nodes when somebody reads there, and says so.")
      .example("weft verify data/a")
      .runs([options] { return verify(options->directory, options->json); });
}

} // namespace weft::cli

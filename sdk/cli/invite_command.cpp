#include "mesh/base/names.hpp"
#include "sdk/cli/commands.hpp"
#include "sdk/cli/connection.hpp"
#include "sdk/cli/output.hpp"
#include "weft/json.hpp"

#include <memory>
#include <optional>

namespace weft::cli {
namespace {

struct invite_options {
  std::string name;
  std::string data;
  std::vector<std::string> roles;
  std::optional<std::uint64_t> used_up_to;
};

std::string arguments_of(const invite_options& options) {
  std::string out;
  json_writer json{out};
  json.begin_object();
  json.name("name");
  json.text(options.name);
  if (!options.roles.empty()) {
    json.name("roles");
    json.begin_array();
    for (const auto& role : options.roles)
      json.text(role);
    json.end_array();
  }
  if (options.used_up_to) {
    json.name("used_up_to");
    json.integer(*options.used_up_to);
  }
  json.end_object();
  return out;
}

int invite(const invite_options& options) {
  if (const auto named = check_node_name(options.name); !named) throw usage_error{"NAME: " + named.error().message()};
  auto node = connect(options.data);
  if (!node) return report("invite", node.error());
  const auto answer = node->query("invite", arguments_of(options));
  if (!answer) return report("invite", answer.error());
  const auto document = json_document::parse(as_bytes(*answer));
  const auto invitation = document ? document->root().find("invitation") : std::nullopt;
  const auto text = invitation ? invitation->text() : fail(errc::undecodable, "the node's answer has no invitation");
  if (!text) return report("invite", text.error());
  return print(std::string(*text) + (text->ends_with('\n') ? "" : "\n"));
}

} // namespace

void add_invite(command_line& weft) {
  auto options = std::make_shared<invite_options>();
  weft.add("invite", "Prints an invitation with which one new node can join this node's mesh")
      .operand("NAME", options->name, "The new node's name")
      .data(options->data)
      .option("--roles", "ROLE", options->roles, "A role of the new node; may be repeated, or a list with commas")
      .option("--used-up-to", "NUMBER", options->used_up_to, std::uint64_t{1},
              "The highest node number in use, for a node that lost its record of them")
      .notes("An invitation works once and for 15 minutes. It has a secret: pass it on as you would a password.")
      .example("weft invite b --data data/a > b.invitation && weft node --name b --data data/b --join b.invitation")
      .runs([options] { return invite(*options); });
}

} // namespace weft::cli

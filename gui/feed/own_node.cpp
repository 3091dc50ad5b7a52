#include "gui/feed/own_node.hpp"

#include "mesh/base/names.hpp"
#include "mesh/base/os_disk.hpp"
#include "weft/node.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <sstream>

namespace weft::monitor {
namespace {

constexpr std::string_view first_line = "-----BEGIN WEFT INVITATION-----";
constexpr std::size_t invitation_bytes_max = 16U << 10U; // it has eight addresses at most
constexpr std::size_t mesh_digits = 64, shown_digits = 8;

/// What stands behind `word` at the beginning of a line.
std::string after(const std::string& text, std::string_view word) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(word)) continue;
    if (line.ends_with('\r')) line.pop_back();
    return line.substr(word.size());
  }
  return {};
}

bool is_mesh(std::string_view text) {
  return text.size() == mesh_digits && std::ranges::all_of(text, [](char letter) {
           return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
         });
}

/// Of a directory's name, NAME-MESH.
std::string name_in(const std::string& data_dir) {
  const auto last = std::filesystem::path(data_dir).filename().string();
  return last.substr(0, last.find_last_of('-'));
}

} // namespace

result<invited> read_invitation(const std::string& file) {
  const auto content = read_file(os_disk(), file, invitation_bytes_max);
  if (!content) return fail(content.error().within("cannot read the invitation"));
  const std::string text(as_text(*content));
  invited made{after(text, "Name: "), after(text, "Mesh: ")};
  if (text.find(first_line) == std::string::npos || !check_node_name(made.name) || !is_mesh(made.mesh))
    return fail(
        errc::invalid_argument,
        fmt::format("{} is no invitation: `weft invite NAME --roles observer` at a node of the mesh prints one", file));
  return made;
}

result<own_node> own_node::join(const std::string& file, const std::string& home) {
  const auto invitation = read_invitation(file);
  if (!invitation) return fail(invitation.error());
  std::error_code failed;
  std::filesystem::create_directories(home, failed);
  if (failed) return fail(errc::io_error, fmt::format("cannot make {}: {}", home, failed.message()));
  own_node made(fmt::format("{}/{}-{}", home, invitation->name, invitation->mesh.substr(0, shown_digits)));
  if (auto opened = made.open({.name = invitation->name, .data_dir = made.data_dir_, .listen = {}, .join = file});
      !opened)
    return fail(std::move(opened).error());
  return made;
}

result<own_node> own_node::start(const std::string& data_dir) {
  if (const auto problem = problem_at(data_dir); !problem.empty()) return fail(errc::not_found, problem);
  own_node made(data_dir);
  if (auto opened = made.open({.name = name_in(data_dir), .data_dir = data_dir, .listen = {}, .join = {}}); !opened)
    return fail(std::move(opened).error());
  return made;
}

/// A node that is opened in an empty directory would found a mesh.
std::string own_node::problem_at(const std::string& data_dir) {
  std::error_code ignored;
  if (std::filesystem::exists(data_dir + "/keys/certificate", ignored)) return {};
  return fmt::format("no node of this monitor is in {}: join the mesh again with a new invitation", data_dir);
}

result<void> own_node::open(const node_options& options) {
  auto opened = node::open(options);
  if (opened)
    runs_ = std::make_shared<node>(*std::move(opened));
  else if (opened.error().code() != errc::locked)
    return fail(std::move(opened).error());
  return {};
}

} // namespace weft::monitor

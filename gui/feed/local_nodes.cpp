#include "gui/feed/local_nodes.hpp"

#include "gui/feed/limits.hpp"
#include "weft/client.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <system_error>

namespace weft::monitor {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view socket_file = "/node.sock", socket_end = "/run/node.sock", through_fd = "/proc/self/fd/";
constexpr unsigned long listens = 0x10000; // __SO_ACCEPTCON, as the kernel writes it
constexpr auto answer_within = 300ms;

/// Processes by the sockets that they have, as far as they are this user's.
std::map<std::string, fs::path> owners_of_sockets() {
  std::map<std::string, fs::path> found;
  std::error_code ignored; // of what goes meanwhile, or is another user's
  for (const auto& process : fs::directory_iterator("/proc", ignored))
    for (const auto& open : fs::directory_iterator(process.path() / "fd", ignored)) {
      const auto target = fs::read_symlink(open.path(), ignored).string();
      if (target.starts_with("socket:[")) found.emplace(target.substr(8, target.size() - 9), process.path());
    }
  return found;
}

/// Paths are relative to where the process is, and long ones go through a descriptor of it.
std::string whole_path(const listening_socket& socket, const std::map<std::string, fs::path>& owners) {
  const bool is_through_fd = socket.path.starts_with(through_fd);
  if (socket.path.starts_with('/') && !is_through_fd) return socket.path;
  const auto owner = owners.find(socket.inode);
  if (owner == owners.end()) return {};
  std::error_code failed;
  const auto rest = is_through_fd ? socket.path.substr(through_fd.size()) : socket.path;
  const auto number = is_through_fd ? rest.substr(0, rest.find('/')) : std::string();
  const auto base = fs::read_symlink(is_through_fd ? owner->second / "fd" / number : owner->second / "cwd", failed);
  if (failed) return {};
  return (base / (is_through_fd ? rest.substr(number.size() + 1) : rest)).lexically_normal().string();
}

local_node look_at(const std::string& data_dir) {
  local_node made{data_dir, {}, {}};
  auto node = client::connect({.data_dir = data_dir, .program = "weft-monitor", .within = answer_within});
  if (node)
    made.name = node->node_name();
  else
    made.problem = node.error().message();
  return made;
}

} // namespace

/// A line is: address: references protocol flags type state inode path
std::vector<listening_socket> node_sockets_in(std::string_view table) {
  std::vector<listening_socket> found;
  std::istringstream lines{std::string(table)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string address, references, protocol, flags, type, state, inode, path;
    if (!(words >> address >> references >> protocol >> flags >> type >> state >> inode)) continue;
    std::getline(words >> std::ws, path);
    char* end = nullptr;
    const auto bits = std::strtoul(flags.c_str(), &end, 16);
    if (*end != '\0' || (bits & listens) == 0 || !path.ends_with(socket_file)) continue;
    found.push_back({inode, path});
  }
  return found;
}

std::vector<local_node> find_local_nodes() {
  std::ifstream in("/proc/net/unix");
  const std::string table{std::istreambuf_iterator<char>(in), {}};
  const auto owners = owners_of_sockets();
  std::set<std::string> directories;
  for (const auto& socket : node_sockets_in(table))
    if (const auto path = whole_path(socket, owners); path.ends_with(socket_end))
      directories.insert(path.substr(0, path.size() - socket_end.size()));
  std::vector<local_node> found;
  for (const auto& directory : directories)
    found.push_back(look_at(directory));
  return found;
}

std::string problem_at(const std::string& data_dir) {
  const auto node = client::connect({.data_dir = data_dir, .program = "weft-monitor", .within = connect_within});
  return node ? std::string() : node.error().message();
}

} // namespace weft::monitor

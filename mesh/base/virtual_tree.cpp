#include "mesh/base/virtual_tree.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

namespace weft {
namespace {

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const auto slash = std::min(path.find('/'), path.size());
    const auto part = path.substr(0, slash);
    if (!part.empty() && part != ".") parts.push_back(part);
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return parts;
}

inode_ptr make_directory() {
  auto made = std::make_shared<virtual_inode>();
  made->is_directory = true;
  return made;
}

inode_ptr walk(inode_ptr at, const std::vector<std::string_view>& parts, std::size_t count) {
  for (std::size_t i = 0; i < count && at; ++i) {
    if (!at->is_directory) return nullptr;
    const auto found = at->entries.find(parts[i]);
    at = found == at->entries.end() ? nullptr : found->second;
  }
  return at;
}

void visit_files(const std::string& prefix, const virtual_inode& directory,
                 const std::function<void(const std::string&, virtual_inode&)>& visit) {
  for (const auto& [name, inode] : directory.entries)
    if (inode->is_directory)
      visit_files(prefix + name + "/", *inode, visit);
    else
      visit(prefix + name, *inode);
}

/// What calls see becomes what is durable, from here down.
void show_durable(virtual_inode& directory) {
  directory.entries = directory.durable;
  for (const auto& [name, inode] : directory.entries)
    if (inode->is_directory) show_durable(*inode);
}

using copies = std::unordered_map<const virtual_inode*, inode_ptr>;

inode_ptr copy_of(const inode_ptr& original, copies& made) {
  if (!original) return nullptr;
  if (const auto known = made.find(original.get()); known != made.end()) return known->second;
  auto copy = std::make_shared<virtual_inode>();
  made.emplace(original.get(), copy);
  copy->is_directory = original->is_directory;
  copy->content = original->content;
  for (const auto& [name, inode] : original->entries)
    copy->entries.emplace(name, copy_of(inode, made));
  for (const auto& [name, inode] : original->durable)
    copy->durable.emplace(name, copy_of(inode, made));
  return copy;
}

} // namespace

virtual_content& virtual_inode::writable() {
  if (content.use_count() > 1) content = std::make_shared<virtual_content>(*content);
  return *content;
}

virtual_tree::virtual_tree() : root_(make_directory()) {}

inode_ptr virtual_tree::find(std::string_view path) const {
  const auto parts = parts_of(path);
  return walk(root_, parts, parts.size());
}

virtual_tree::place virtual_tree::place_of(std::string_view path) const {
  const auto parts = parts_of(path);
  if (parts.empty()) return {root_, {}};
  auto directory = walk(root_, parts, parts.size() - 1);
  if (directory && !directory->is_directory) directory = nullptr;
  return {std::move(directory), std::string(parts.back())};
}

void virtual_tree::link(const place& at, const inode_ptr& inode) {
  at.directory->entries.insert_or_assign(at.name, inode);
  pending_.push_back({inode, {}, at});
}

void virtual_tree::unlink(const place& at) {
  const auto found = at.directory->entries.find(at.name);
  pending_.push_back({found->second, at, {}});
  at.directory->entries.erase(found);
}

void virtual_tree::move(const place& from, const place& to) {
  const auto inode = from.directory->entries.find(from.name)->second;
  from.directory->entries.erase(from.name);
  to.directory->entries.insert_or_assign(to.name, inode);
  pending_.push_back({inode, from, to});
}

void virtual_tree::make_durable(const change& done) {
  if (done.from.directory) done.from.directory->durable.erase(done.from.name);
  if (done.to.directory) done.to.directory->durable.insert_or_assign(done.to.name, done.inode);
}

void virtual_tree::sync(const inode_ptr& directory) {
  // What came before on a name of what is synced becomes durable too, else the order would be lost.
  std::set<std::pair<const virtual_inode*, std::string_view>> names;
  std::vector<bool> synced(pending_.size());
  for (auto i = pending_.size(); i-- > 0;) {
    const auto& [inode, from, to] = pending_[i];
    const bool here = to.directory ? to.directory == directory : from.directory == directory;
    if (!here && !names.contains({from.directory.get(), from.name}) && !names.contains({to.directory.get(), to.name}))
      continue;
    synced[i] = true;
    for (const auto* at : {&from, &to})
      if (at->directory) names.emplace(at->directory.get(), at->name);
  }
  std::vector<change> left;
  for (std::size_t i = 0; i < pending_.size(); ++i)
    if (synced[i])
      make_durable(pending_[i]);
    else
      left.push_back(std::move(pending_[i]));
  pending_ = std::move(left);
}

void virtual_tree::settle(const std::function<bool()>& keep) {
  std::set<const virtual_inode*> dropped;
  for (const auto& done : pending_)
    if (!dropped.contains(done.inode.get()) && keep())
      make_durable(done);
    else
      dropped.insert(done.inode.get());
  pending_.clear();
  show_durable(*root_);
}

void virtual_tree::crash(random_source& random) {
  // As with sectors: sometimes none, sometimes all, sometimes each for itself, sometimes those up to one of them.
  const auto style = random.below(4);
  auto until_cut = random.below(pending_.size() + 1);
  settle([&] {
    switch (style) {
    case 0: return false;
    case 1: return true;
    case 2: return random.below(2) == 0;
    default: return until_cut > 0 && until_cut-- > 0;
    }
  });
}

void virtual_tree::crash_losing_everything_unsynced() {
  settle([] { return false; });
}

void virtual_tree::each_file(const std::function<void(const std::string&, virtual_inode&)>& visit) const {
  visit_files("", *root_, visit);
}

virtual_tree virtual_tree::clone() const {
  virtual_tree other;
  copies made;
  other.root_ = copy_of(root_, made);
  for (const auto& [inode, from, to] : pending_)
    other.pending_.push_back(
        {copy_of(inode, made), {copy_of(from.directory, made), from.name}, {copy_of(to.directory, made), to.name}});
  return other;
}

} // namespace weft

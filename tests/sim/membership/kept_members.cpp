#include "tests/sim/membership/kept_members.hpp"

#include "mesh/base/crc32c.hpp"

#include <cstring>

namespace weft::sim {
namespace {

const std::string file_name = "members";
const std::string new_name = "members.new";

struct item_head {
  std::uint32_t kind = 0, bytes = 0;
  std::array<std::uint8_t, 64> signature{};
};

void append(std::vector<std::byte>& to, byte_view bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

} // namespace

std::vector<wire::item> kept_members::load() const {
  const auto file = disk_.open(file_name, open_mode::read);
  if (!file) return {};
  const auto size = (*file)->size();
  if (!size || *size < sizeof(std::uint32_t)) return {};
  std::vector<std::byte> all(*size);
  if (const auto read = (*file)->read_at(0, all); !read || *read != all.size()) return {};
  std::uint32_t sum = 0;
  std::memcpy(&sum, all.data(), sizeof sum);
  byte_view rest = byte_view(all).subspan(sizeof sum);
  if (crc32c(0, rest) != sum) return {};
  std::vector<wire::item> found;
  while (!rest.empty()) {
    item_head head;
    std::memcpy(&head, rest.data(), sizeof head);
    found.push_back({static_cast<wire::item_kind>(head.kind), shared_bytes::copy(rest.subspan(sizeof head, head.bytes)),
                     head.signature});
    rest = rest.subspan(sizeof head + head.bytes);
  }
  return found;
}

void kept_members::keep(const node_id& member, const wire::item& identity, const wire::item& record) {
  members_[member] = {identity, record};
  save();
}

void kept_members::forget(const node_id& member) {
  if (members_.erase(member) != 0) save();
}

/// Losing it costs a later meeting, so a disk that fails is no failure here.
void kept_members::save() const {
  std::vector<std::byte> all(sizeof(std::uint32_t));
  for (const auto& [id, items] : members_)
    for (const auto& item : items) {
      const item_head head{static_cast<std::uint32_t>(item.kind), static_cast<std::uint32_t>(item.bytes.size()),
                           item.signature};
      append(all, std::as_bytes(std::span(&head, 1)));
      append(all, item.bytes.view());
    }
  const auto sum = crc32c(0, byte_view(all).subspan(sizeof(std::uint32_t)));
  std::memcpy(all.data(), &sum, sizeof sum);
  static_cast<void>(disk_.remove(new_name));
  auto file = disk_.open(new_name, open_mode::create);
  if (!file || !(*file)->write_at(0, byte_view(all)) || !(*file)->sync()) return;
  if (disk_.rename(new_name, file_name)) static_cast<void>(disk_.sync_directory(""));
}

} // namespace weft::sim

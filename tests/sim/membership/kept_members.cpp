#include "tests/sim/membership/kept_members.hpp"

#include "tests/sim/membership/whole_file.hpp"

#include <cstring>

namespace weft::sim {
namespace {

const std::string file_name = "members";

struct item_head {
  std::uint32_t kind = 0, bytes = 0;
  std::array<std::uint8_t, 64> signature{};
};

void append(std::vector<std::byte>& to, byte_view bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

} // namespace

std::vector<wire::item> kept_members::load() const {
  const auto all = load_whole(disk_, file_name);
  if (!all) return {};
  byte_view rest = *all;
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
  std::vector<std::byte> all;
  for (const auto& [id, items] : members_)
    for (const auto& item : items) {
      const item_head head{static_cast<std::uint32_t>(item.kind), static_cast<std::uint32_t>(item.bytes.size()),
                           item.signature};
      append(all, std::as_bytes(std::span(&head, 1)));
      append(all, item.bytes.view());
    }
  static_cast<void>(save_whole(disk_, file_name, all));
}

} // namespace weft::sim

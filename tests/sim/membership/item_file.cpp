#include "tests/sim/membership/item_file.hpp"

#include "tests/sim/membership/whole_file.hpp"

#include <cstring>

namespace weft::sim {
namespace {

struct item_head {
  std::uint32_t kind = 0, bytes = 0;
  std::array<std::uint8_t, 64> signature{};
};

void append(std::vector<std::byte>& to, byte_view bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

} // namespace

std::vector<wire::item> load_items(disk& from, const std::string& name) {
  const auto all = load_whole(from, name);
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

result<void> save_items(disk& to, const std::string& name, const std::vector<wire::item>& items) {
  std::vector<std::byte> all;
  for (const auto& item : items) {
    const item_head head{static_cast<std::uint32_t>(item.kind), static_cast<std::uint32_t>(item.bytes.size()),
                         item.signature};
    append(all, std::as_bytes(std::span(&head, 1)));
    append(all, item.bytes.view());
  }
  return save_whole(to, name, all);
}

} // namespace weft::sim

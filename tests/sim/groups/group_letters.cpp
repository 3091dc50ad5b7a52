#include "tests/sim/groups/group_letters.hpp"

#include <cstring>

namespace weft::sim {

void letter_box::send(environment& by, link_id over, group_letter letter) {
  letters_.push_back(std::move(letter));
  const std::uint64_t number = letters_.size() - 1;
  std::vector<std::byte> frame(sizeof number);
  std::memcpy(frame.data(), &number, sizeof number);
  by.send(over, shared_bytes::take(std::move(frame)), {});
}

const group_letter* letter_box::open(const shared_bytes& frame) const {
  std::uint64_t number = 0;
  if (frame.size() != sizeof number) return nullptr;
  std::memcpy(&number, frame.data(), sizeof number);
  return number < letters_.size() ? &letters_[number] : nullptr;
}

} // namespace weft::sim

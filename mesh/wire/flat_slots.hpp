// mesh/wire/flat_slots.hpp: a set of slots as 16 words of 64 bits. Internal.
#pragma once
#include "mesh/wire/flat_checks.hpp"
#include "mesh/wire/group_messages.hpp"

namespace weft::wire {

inline constexpr std::size_t slot_words = limits::slots / 64;

inline std::vector<std::uint64_t> words_of(const slot_set& slots) {
  std::vector<std::uint64_t> words(slot_words);
  for (std::size_t slot = 0; slot < limits::slots; ++slot)
    if (slots.test(slot)) words[slot / 64] |= std::uint64_t{1} << (slot % 64);
  return words;
}

inline result<slot_set> slots_in(const flatbuffers::Vector<std::uint64_t>& words, std::string_view what) {
  if (words.size() != slot_words)
    return fail(errc::invalid_argument,
                fmt::format("{} has {} words of slots instead of {}", what, words.size(), slot_words));
  if (auto good = check_aligned(&words, fmt::format("the slots of {}", what)); !good)
    return fail(std::move(good.error()));
  slot_set slots;
  for (std::size_t slot = 0; slot < slots.size(); ++slot)
    slots.set(slot, ((words.Get(static_cast<flatbuffers::uoffset_t>(slot / 64)) >> (slot % 64)) & 1U) != 0);
  return slots;
}

} // namespace weft::wire

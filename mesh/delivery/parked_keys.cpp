#include "mesh/delivery/parked_keys.hpp"

#include <xxhash.h>

namespace weft::delivery {

hashed_key hashed_key_of(byte_view key) noexcept {
  const hashed_key hashed{XXH3_64bits(key.data(), key.size())};
  return is_class(hashed) ? hashed_key{hashed.value() | 1U} : hashed;
}

std::optional<hashed_key> parked_as(const parked_keys& parked, hashed_key key) {
  for (const auto as : {key, class_of(hash_of(key))})
    if (parked.contains(as)) return as;
  return std::nullopt;
}

hashed_key to_park_as(const parked_keys& parked, hashed_key key) {
  if (const auto as = parked_as(parked, key)) return *as;
  return parked.size() < keys_parked_each_max ? key : class_of(hash_of(key));
}

} // namespace weft::delivery

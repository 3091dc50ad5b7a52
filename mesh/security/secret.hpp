// mesh/security/secret.hpp: bytes that wipe themselves, are not copied and can't be printed.
#pragma once
#include "mesh/base/random.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace weft::security {

/// Overwrites with zeros; the compiler can't leave it out.
void wipe(std::span<std::byte> bytes) noexcept;
void wipe(std::span<std::uint8_t> bytes) noexcept;

/// Compares in a time that does not depend on where they differ. @pre the sizes are equal
[[nodiscard]] bool equal_in_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) noexcept;

/// Fills with random bytes.
void fill_random(std::span<std::uint8_t> into, random_source& random);

/// N bytes that nobody but their holder may see. A moved-from secret is zero.
template <std::size_t N>
class secret {
public:
  using array = std::array<std::uint8_t, N>;

  /// Takes the bytes over: `from` is wiped.
  [[nodiscard]] static secret take(array& from) noexcept {
    secret taken;
    taken.bytes_ = from;
    wipe(std::span(from));
    return taken;
  }
  [[nodiscard]] static secret make(random_source& random) {
    secret made;
    fill_random(made.bytes_, random);
    return made;
  }

  secret(secret&& other) noexcept : bytes_(other.bytes_) { wipe(std::span(other.bytes_)); }
  secret& operator=(secret&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      wipe(std::span(other.bytes_));
    }
    return *this;
  }
  secret(const secret&) = delete;
  secret& operator=(const secret&) = delete;
  ~secret() { wipe(std::span(bytes_)); }

  /// The bytes, for the call that needs them: don't keep, copy or print them.
  [[nodiscard]] const array& reveal() const noexcept { return bytes_; }

private:
  secret() noexcept = default;

  array bytes_{};
};

} // namespace weft::security

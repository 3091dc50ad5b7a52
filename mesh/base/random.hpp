// mesh/base/random.hpp: where random numbers come from, so that tests can replay them.
#pragma once
#include <cstdint>

namespace weft {

/// 64 random bits at a time. It is a uniform random bit generator, so <random> and std::shuffle take it too.
class random_source {
public:
  using result_type = std::uint64_t;

  virtual ~random_source() = default;
  [[nodiscard]] virtual std::uint64_t next() = 0;

  std::uint64_t operator()() { return next(); }
  [[nodiscard]] static constexpr std::uint64_t min() noexcept { return 0; }
  [[nodiscard]] static constexpr std::uint64_t max() noexcept { return ~std::uint64_t{0}; }

  /// A number below `bound`, each as likely as the others. @pre bound > 0
  [[nodiscard]] std::uint64_t below(std::uint64_t bound);
};

/// The operating system's generator: nobody can guess it. A system call each time.
/// @thread any
[[nodiscard]] random_source& os_random() noexcept;

/// The same numbers for the same seed, on every machine; not for secrets. A copy goes on as the original would.
/// @thread one at a time
/// @source SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014)
class seeded_random final : public random_source {
public:
  explicit seeded_random(std::uint64_t seed) noexcept : state_(seed) {}
  [[nodiscard]] std::uint64_t next() override;

private:
  std::uint64_t state_;
};

} // namespace weft

// mesh/base/descriptor.hpp: a file descriptor that closes itself, and the descriptors held in reserve.
#pragma once
#include <cstddef>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace weft {

/// Owns a file descriptor of the operating system; -1 is none.
class descriptor {
public:
  descriptor() noexcept = default;
  explicit descriptor(int number) noexcept : number_(number) {}
  descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~descriptor() { reset(); }

  [[nodiscard]] int get() const noexcept { return number_; }
  explicit operator bool() const noexcept { return number_ >= 0; }
  void reset() noexcept;
  /// Hands it over to somebody else who closes it.
  [[nodiscard]] int release() noexcept { return std::exchange(number_, -1); }

private:
  int number_ = -1;
};

/// Descriptors held back so that the log's own open succeeds when connections have taken all others.
/// @thread any
class descriptor_reserve {
public:
  explicit descriptor_reserve(std::size_t target);

  /// Calls `open`, which returns a descriptor or -1 with errno; when there is none left, gives up one of the reserve
  /// and calls it again. @returns none with errno of the last try
  [[nodiscard]] descriptor open(const std::function<int()>& open);
  /// Takes back what was given up, as far as there are descriptors; errno stays.
  void refill() noexcept;
  [[nodiscard]] std::size_t held() const;

private:
  bool give_up_one();

  mutable std::mutex mutex_;
  std::size_t target_;
  std::vector<descriptor> spares_;
};

} // namespace weft

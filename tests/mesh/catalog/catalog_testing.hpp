// tests/mesh/catalog/catalog_testing.hpp: what the catalog's tests share.
#pragma once
#include "mesh/catalog/catalog.hpp"
#include "tests/mesh/base/disk_testing.hpp"

namespace weft::catalog {

inline constexpr wall_time noon{1'700'000'000'000'000};

/// A directory whose syncs cost nothing where there is one: these tests make thousands and cut no power.
class memory_directory : public temporary_directory {
public:
  memory_directory() : temporary_directory(parent()) {}

private:
  static std::filesystem::path parent() {
    return std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : std::filesystem::temp_directory_path();
  }
};

inline node_id node_of(std::uint8_t n) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(n);
  return node_id{bytes};
}
inline log_id log_of(std::uint8_t n) { return {node_of(n), 0}; }

/// A position whose numbers need all 64 bits.
inline log_position high_position(std::uint64_t at) { return {epoch{0xffffffffU, 0x12345678U}, seq{~at}}; }

inline std::unique_ptr<catalog> must_open(const std::string& directory) {
  auto opened = catalog::open(directory);
  EXPECT_TRUE(opened.has_value()) << opened.error().message();
  return opened ? std::move(*opened) : nullptr;
}

inline std::unique_ptr<catalog> in_memory() {
  auto opened = catalog::in_memory();
  EXPECT_TRUE(opened.has_value()) << opened.error().message();
  return std::move(*opened);
}

template <class T>
T must(result<T> outcome) {
  EXPECT_TRUE(outcome.has_value()) << outcome.error().message();
  if constexpr (!std::is_void_v<T>) return std::move(*outcome);
}

inline topic_id create(catalog& in, std::string_view name) { return must(in.topics().create(name, {}, noon)).id; }

} // namespace weft::catalog

// tests/mesh/base/disk_testing.hpp: small verbs for tests of disks, and a directory that goes away.
#pragma once
#include "mesh/base/disk.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <string>

namespace weft {

inline std::vector<std::byte> bytes_of(std::string_view text) {
  const auto view = as_bytes(text);
  return {view.begin(), view.end()};
}
inline std::string text_of(const std::vector<std::byte>& bytes) { return std::string(as_text(bytes)); }

inline std::unique_ptr<file> must_open(disk& on, const std::string& path, open_mode mode) {
  auto opened = on.open(path, mode);
  EXPECT_TRUE(opened.has_value()) << opened.error().message();
  return opened ? std::move(*opened) : nullptr;
}

/// Makes the file, not synced.
inline std::unique_ptr<file> make_file(disk& on, const std::string& path, std::string_view content) {
  auto made = must_open(on, path, open_mode::create);
  EXPECT_TRUE(made->write_at(0, as_bytes(content)));
  return made;
}

inline std::string read_text(disk& from, const std::string& path) {
  const auto content = read_file(from, path, 1U << 20U);
  EXPECT_TRUE(content.has_value()) << content.error().message();
  return content ? text_of(*content) : "";
}

inline std::string read_text(const file& from, std::uint64_t offset, std::size_t length) {
  std::vector<std::byte> bytes(length);
  const auto got = from.read_at(offset, bytes);
  EXPECT_TRUE(got.has_value()) << got.error().message();
  bytes.resize(got.value_or(0));
  return text_of(bytes);
}

template <class T>
errc code_of(const result<T>& outcome) {
  return outcome ? errc::ok : outcome.error().code();
}

/// A fresh directory of the operating system, removed at the end.
class temporary_directory {
public:
  explicit temporary_directory(const std::filesystem::path& parent = std::filesystem::temp_directory_path()) {
    std::string name = (parent / "weft-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;
  ~temporary_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

private:
  std::string path_;
};

} // namespace weft

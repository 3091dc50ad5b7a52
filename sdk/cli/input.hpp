// sdk/cli/input.hpp: a file or standard input, read piece by piece, that does not block a program that has to stop.
#pragma once
#include "mesh/base/descriptor.hpp"
#include "mesh/base/result.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::cli {

/// Bytes from somewhere, in order.
class byte_source {
public:
  virtual ~byte_source() = default;
  /// The next piece, valid until the next call; empty: the end, or told to stop.
  [[nodiscard]] virtual result<std::string_view> read() = 0;
  /// What it reads, for messages.
  [[nodiscard]] virtual const std::string& name() const noexcept = 0;
  /// Of the whole, in bytes; 0: not known.
  [[nodiscard]] virtual std::uint64_t size() const noexcept { return 0; }
};

/// Reads a file, or standard input for "-". While it waits it asks `stop` ten times a second.
class file_source final : public byte_source {
public:
  /// @error errc::not_found, errc::io_error  the file can't be opened
  [[nodiscard]] static result<file_source> open(const std::string& path, std::function<bool()> stop);

  [[nodiscard]] result<std::string_view> read() override;
  [[nodiscard]] const std::string& name() const noexcept override { return name_; }
  [[nodiscard]] std::uint64_t size() const noexcept override { return size_; }

private:
  file_source(descriptor own, int number, std::string name, std::function<bool()> stop);

  descriptor own_; // none for standard input
  int number_;
  std::string name_;
  std::function<bool()> stop_;
  std::uint64_t size_ = 0;
  std::vector<char> buffer_;
};

} // namespace weft::cli

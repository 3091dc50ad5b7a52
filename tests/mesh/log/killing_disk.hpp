// tests/mesh/log/killing_disk.hpp: the operating system's disk, under a process that is killed before a call.
#pragma once
#include "mesh/base/os_disk.hpp"

#include <csignal>
#include <cstdint>
#include <memory>

namespace weft::log::testing {

/// Counts calls that change something. @thread one at a time
class killing_disk final : public disk {
public:
  /// @param calls  so many return; the process gets SIGKILL before the next one
  explicit killing_disk(std::uint64_t calls) : left_(calls) {}

  result<std::unique_ptr<file>> open(const std::string& path, open_mode mode) override {
    auto opened = os_disk().open(path, mode);
    if (!opened || mode == open_mode::read) return opened;
    return std::make_unique<counted>(*this, std::move(*opened));
  }
  result<void> rename(const std::string& from, const std::string& to) override {
    count();
    return os_disk().rename(from, to);
  }
  result<void> remove(const std::string& path) override {
    count();
    return os_disk().remove(path);
  }
  result<void> sync_directory(const std::string& path) override {
    count();
    return os_disk().sync_directory(path);
  }
  result<void> make_directories(const std::string& path) override { return os_disk().make_directories(path); }
  result<void> remove_directory(const std::string& path) override { return os_disk().remove_directory(path); }
  result<std::vector<std::string>> list(const std::string& path) override { return os_disk().list(path); }
  bool exists(const std::string& path) override { return os_disk().exists(path); }
  result<std::uint64_t> free_space(const std::string& path) override { return os_disk().free_space(path); }
  result<std::unique_ptr<file_lock>> lock(const std::string& path, const std::string& note) override {
    return os_disk().lock(path, note);
  }

private:
  class counted final : public file {
  public:
    counted(killing_disk& by, std::unique_ptr<file> to) : by_(by), to_(std::move(to)) {}
    result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> into) const override {
      return to_->read_at(offset, into);
    }
    result<void> write_at(std::uint64_t offset, std::span<const byte_view> parts) override {
      by_.count();
      return to_->write_at(offset, parts);
    }
    result<void> sync() override {
      by_.count();
      return to_->sync();
    }
    result<void> truncate(std::uint64_t size) override {
      by_.count();
      return to_->truncate(size);
    }
    result<std::uint64_t> size() const override { return to_->size(); }

  private:
    killing_disk& by_;
    std::unique_ptr<file> to_;
  };

  void count() {
    if (left_ == 0) ::raise(SIGKILL);
    --left_;
  }

  std::uint64_t left_;
};

} // namespace weft::log::testing

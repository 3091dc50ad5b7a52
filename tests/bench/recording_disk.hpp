// tests/bench/recording_disk.hpp: a disk that remembers the sizes of the log's commits, to repeat them raw.
#pragma once
#include "mesh/base/disk.hpp"

#include <mutex>

namespace weft::bench {

/// Passes everything on. @thread any
class recording_disk final : public disk {
public:
  explicit recording_disk(disk& to) : to_(to) {}

  void start_recording() {
    const std::lock_guard lock(mutex_);
    sizes_.clear();
  }
  /// Sizes of writes that begin with an entry, since the last time.
  [[nodiscard]] std::vector<std::size_t> take_recorded() {
    const std::lock_guard lock(mutex_);
    return std::exchange(sizes_, {});
  }

  result<std::unique_ptr<file>> open(const std::string& path, open_mode mode) override {
    auto opened = to_.open(path, mode);
    if (!opened || mode == open_mode::read) return opened;
    return std::make_unique<recorded>(*this, std::move(*opened));
  }
  result<void> rename(const std::string& from, const std::string& to) override { return to_.rename(from, to); }
  result<void> remove(const std::string& path) override { return to_.remove(path); }
  result<void> sync_directory(const std::string& path) override { return to_.sync_directory(path); }
  result<void> make_directories(const std::string& path) override { return to_.make_directories(path); }
  result<void> remove_directory(const std::string& path) override { return to_.remove_directory(path); }
  result<std::vector<std::string>> list(const std::string& path) override { return to_.list(path); }
  bool exists(const std::string& path) override { return to_.exists(path); }
  result<std::uint64_t> free_space(const std::string& path) override { return to_.free_space(path); }
  result<std::unique_ptr<file_lock>> lock(const std::string& path, const std::string& note) override {
    return to_.lock(path, note);
  }

private:
  class recorded final : public file {
  public:
    recorded(recording_disk& by, std::unique_ptr<file> to) : by_(by), to_(std::move(to)) {}
    result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> into) const override {
      return to_->read_at(offset, into);
    }
    result<void> write_at(std::uint64_t offset, std::span<const byte_view> parts) override {
      by_.record(parts);
      return to_->write_at(offset, parts);
    }
    result<void> sync() override { return to_->sync(); }
    result<void> truncate(std::uint64_t size) override { return to_->truncate(size); }
    result<std::uint64_t> size() const override { return to_->size(); }
    void drop_cache(std::uint64_t offset, std::uint64_t length) const override { to_->drop_cache(offset, length); }

  private:
    recording_disk& by_;
    std::unique_ptr<file> to_;
  };

  void record(std::span<const byte_view> parts) {
    std::size_t bytes = 0;
    for (const auto& part : parts)
      if (part.size() >= 2 && part[0] == std::byte{'W'} && part[1] == std::byte{'E'}) bytes += part.size();
    if (bytes == 0 || (parts[0].size() == 128)) return; // zeros, or a header
    const std::lock_guard lock(mutex_);
    sizes_.push_back(bytes);
  }

  disk& to_;
  std::mutex mutex_;
  std::vector<std::size_t> sizes_;
};

} // namespace weft::bench

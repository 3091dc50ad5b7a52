// tests/mesh/log/piece_of_log.hpp: entries as they lie in a segment, and a read of them, without a log.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/log/log.hpp"
#include "mesh/wire/batch_builder.hpp"
#include "mesh/wire/entry.hpp"

#include <vector>

namespace weft::log {

/// Sealed batches become entries one behind the other.
class piece_of_log {
public:
  void append(wire::batch_builder& builder) {
    const auto count = builder.count();
    append(builder.seal(events_), count);
  }
  /// The same of a batch's bytes, whatever they are.
  void append(const shared_bytes& batch, std::size_t count) {
    wire::entry_header header;
    header.count = static_cast<std::uint32_t>(count);
    header.first_seq = seq{events_};
    header.epoch = opening;
    header.topic = topic;
    header.appended = appended;
    header.body_length = static_cast<std::uint32_t>(batch.size());
    header.body_checksum = wire::body_checksum(seed(), batch.view());
    events_ += header.count;
    const auto at = all_.size();
    all_.resize(at + header.stored_bytes());
    wire::encode(header, seed(), std::span(all_).subspan(at).first<limits::entry_header_bytes>());
    std::copy(batch.view().begin(), batch.view().end(),
              all_.begin() + static_cast<std::ptrdiff_t>(at + limits::entry_header_bytes));
    bytes_ = shared_bytes::take(std::vector(all_));
  }
  [[nodiscard]] std::uint64_t events() const noexcept { return events_; }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
  [[nodiscard]] const shared_bytes& bytes() const noexcept { return bytes_; }

  /// All entries, with their checksums looked at.
  [[nodiscard]] read_result read() const {
    read_result found;
    found.epoch = opening;
    found.until = seq{events_};
    wire::entry_walker walker(bytes_, seed());
    for (auto entry = walker.next(); entry; entry = walker.next())
      found.entries.push_back(std::move(*entry));
    return found;
  }

  log_id id{};
  epoch opening{1, 7};
  topic_id topic{}; ///< of what is appended, and when
  hlc appended{};

private:
  [[nodiscard]] std::uint32_t seed() const { return wire::checksum_seed(id, opening); }

  std::vector<std::byte> all_;
  shared_bytes bytes_;
  std::uint64_t events_ = 0;
};

} // namespace weft::log

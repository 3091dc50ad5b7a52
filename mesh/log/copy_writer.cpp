#include "mesh/log/copy_writer.hpp"

#include "mesh/base/assert.hpp"

#include <algorithm>
#include <array>

namespace weft::log {

result<void> copy_writer::append(const std::vector<wire::stored_entry>& entries) {
  for (std::size_t i = 0; i < entries.size();) {
    const auto& first = entries[i].header;
    const bool other_epoch = file_ && segment_->epoch != first.epoch;
    if (other_epoch || (file_ && written_ >= segment_bytes_)) {
      if (auto done = sync_file(); !done) return done;
      if (auto done = close(other_epoch ? builder_->summary().end : first.first_seq); !done) return done;
    }
    if (!file_)
      if (auto done = begin_segment(first); !done) return done;
    std::vector<byte_view> parts;
    auto offset = written_;
    for (; i < entries.size() && (parts.empty() || offset < segment_bytes_); ++i) {
      const auto& entry = entries[i];
      const auto batch = wire::batch_view::trusted(entry.body());
      builder_->add(facts_of(entry.header, offset, batch));
      topics_.raise_next(entry.header.topic, entry.header.first_offset + entry.header.count, batch.topic());
      parts.push_back(entry.bytes.view());
      offset += entry.bytes.size();
    }
    if (auto done = file_->write_at(written_, parts); !done) return done;
    written_ = offset;
  }
  return {};
}

result<void> copy_writer::begin_segment(const wire::entry_header& first) {
  if (auto done = disk_.make_directories(paths_.epoch(first.epoch)); !done) return done;
  const auto path = paths_.segment(first.epoch, first.first_seq);
  auto made = disk_.open(path, open_mode::create);
  if (!made) return fail(std::move(made.error()));
  std::array<std::byte, segment_header_bytes> head{};
  encode({store_.log(), first.epoch, first.first_seq, std::nullopt, 0, false}, head);
  if (auto done = (*made)->write_at(0, byte_view(head)); !done) return done;
  if (auto done = disk_.sync_directory(paths_.epoch(first.epoch)); !done) return done;
  file_ = std::move(*made);
  written_ = segment_header_bytes;
  synced_ = 0;
  segment_ = store_.add_active(path, first.epoch, first.first_seq);
  builder_ = std::make_unique<index_builder>(store_.log(), first.epoch, first.first_seq);
  topics_ = {};
  return {};
}

result<void> copy_writer::sync_file() {
  if (!file_ || !dirty()) return {};
  if (auto done = file_->sync(); !done) return fail(errc::not_synced, done.error().message());
  synced_ = written_;
  return {};
}

copy_segment copy_writer::facts() const {
  return {segment_->epoch, segment_->first, builder_->summary().end, written_};
}

result<std::vector<copy_segment>> copy_writer::sync() {
  const bool grew = file_ && dirty();
  if (auto done = sync_file(); !done) return fail(std::move(done.error()));
  auto all = std::exchange(closed_, {});
  if (grew) all.push_back(facts());
  return all;
}

void copy_writer::show() {
  if (!file_) return;
  WEFT_ASSERT(!dirty());
  auto summary = builder_->summary();
  summary.cleaned = true; // any seq may be missing
  store_.extend(segment_, summary, builder_->points());
}

result<void> copy_writer::close() {
  if (!file_) return {};
  return close(builder_->summary().end);
}

result<void> copy_writer::close(seq end) {
  builder_->set_cleaned(end);
  show();
  closed_.push_back(facts());
  store_.close_active(segment_);
  store_.seal(segment_, std::make_shared<pinned_index>(pinned_index{builder_->finish(), {topics_.all(), {}}}));
  file_.reset();
  segment_.reset();
  builder_.reset();
  written_ = synced_ = 0;
  return {};
}

} // namespace weft::log

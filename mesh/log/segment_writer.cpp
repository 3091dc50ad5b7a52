#include "mesh/log/segment_writer.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/planted_bug.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace weft::log {
namespace {

constexpr std::size_t page_bytes = 4096;

/// Zeros that are written behind the entries.
byte_view zeros_ahead(std::size_t bytes) {
  static const std::vector<std::byte> zeros(limits::segment_grow_bytes);
  return byte_view(zeros).first(bytes);
}

} // namespace

segment_writer::segment_writer(setup with)
    : with_(std::move(with)),
      seed_(wire::checksum_seed(with_.log, with_.epoch)),
      next_(with_.first),
      written_end_(with_.first),
      synced_end_(with_.first) {}

// --- segments

result<void> segment_writer::make_room(std::uint64_t bytes, bool last_spare) {
  if (file_ && !spoiled_ && offset_ + bytes <= capacity_) return {};
  if (auto done = sync(); !done) return done;
  return begin_segment(bytes, last_spare);
}

result<void> segment_writer::begin_segment(std::uint64_t bytes, bool last_spare) {
  const auto path = with_.paths.segment(with_.epoch, written_end_);
  if (segment_ && segment_->first == written_end_) { // nothing of it counts: its place is the new one's
    file_.reset();
    with_.store.drop_active(segment_);
    segment_.reset();
    if (auto done = with_.on.remove(path); !done) return done;
  }
  const auto needed = segment_header_bytes + bytes;
  auto spare = needed <= with_.segment_bytes ? with_.spares.take(last_spare) : std::nullopt;
  const auto prepared = spare ? with_.segment_bytes : segment_header_bytes;
  auto begun = spare ? take_spare(std::move(*spare), path) : create_file(path);
  if (!begun) {
    // The new name may be there, now or after a crash, and recovery goes by it: the old segment takes no more.
    static_cast<void>(with_.on.remove(path));
    spoiled_ = true;
    return fail(std::move(begun.error()));
  }
  if (spoiled_ && file_) // when it fails: recovery stops there by the next segment's first seq
    static_cast<void>(file_->truncate(offset_));
  close();
  file_ = std::move(*begun);
  prepared_ = prepared;
  capacity_ = std::max(with_.segment_bytes, needed);
  offset_ = segment_header_bytes;
  spoiled_ = false;
  segment_ = with_.store.add_active(path, with_.epoch, written_end_);
  builder_ = std::make_unique<index_builder>(with_.log, with_.epoch, written_end_);
  return {};
}

result<std::unique_ptr<file>> segment_writer::take_spare(spare_file spare, const std::string& path) {
  std::array<std::byte, segment_header_bytes> head{};
  encode({with_.log, with_.epoch, written_end_, std::nullopt, 0, spare.recycled}, head);
  if (auto done = spare.opened->write_at(0, byte_view(head)); !done) return fail(std::move(done.error()));
  if (auto done = with_.on.rename(spare.path, path); !done) return fail(std::move(done.error()));
  if (auto done = with_.on.sync_directory(with_.paths.epoch(with_.epoch)); !done) return fail(std::move(done.error()));
  return std::move(spare.opened);
}

result<std::unique_ptr<file>> segment_writer::create_file(const std::string& path) {
  auto made = with_.on.open(path, open_mode::create);
  if (!made && made.error().code() == errc::already_exists) { // an earlier attempt's
    if (auto done = with_.on.remove(path); !done) return fail(std::move(done.error()));
    made = with_.on.open(path, open_mode::create);
  }
  if (!made) return made;
  std::array<std::byte, segment_header_bytes> head{};
  encode({with_.log, with_.epoch, written_end_, std::nullopt, 0, false}, head);
  if (auto done = (*made)->write_at(0, byte_view(head)); !done) return fail(std::move(done.error()));
  if (auto done = with_.on.sync_directory(with_.paths.epoch(with_.epoch)); !done) return fail(std::move(done.error()));
  return made;
}

void segment_writer::finish() {
  if (!segment_) return;
  if (segment_->first == written_end_) { // nothing in it
    const auto path = segment_->path;
    with_.store.drop_active(segment_);
    segment_.reset();
    builder_.reset();
    file_.reset();
    static_cast<void>(with_.on.remove(path)); // left behind it is empty, and recovery removes it
    return;
  }
  if (file_->truncate(offset_)) // to save space only; recovery knows the end from the index
    static_cast<void>(file_->sync());
  close();
  file_.reset();
}

void segment_writer::begin_epoch(weft::epoch opened) {
  finish();
  with_.epoch = opened;
  seed_ = wire::checksum_seed(with_.log, opened);
}

void segment_writer::close() {
  WEFT_ASSERT(!dirty());
  if (!segment_) return;
  with_.store.close_active(segment_);
  with_.closed({std::move(segment_), std::move(*builder_), with_.tables()});
  segment_.reset();
  builder_.reset();
}

// --- commits

void segment_writer::add(const new_entry& entry) {
  auto header = entry.header;
  const auto stored = header.stored_bytes();
  if (staged_.empty()) before_ = {piece_, piece_ ? piece_->entries() : 0, piece_ ? piece_->used() : 0};
  if (!piece_ || !piece_->holds(stored)) {
    piece_ = pool_->take(stored);
    fresh_.push_back(piece_);
  }
  header.epoch = with_.epoch;
  header.unsynced = static_cast<std::uint32_t>(header.first_seq - synced_end_);
  const auto into = piece_->add({header.first_seq, 0, static_cast<std::uint32_t>(stored), header.count, header.topic,
                                 header.flags, header.appended});
  wire::encode(header, seed_, into.first<limits::entry_header_bytes>());
  std::memcpy(into.data() + limits::entry_header_bytes, entry.batch.data(), entry.batch.size());
  const auto padding = into.subspan(limits::entry_header_bytes + entry.batch.size());
  std::fill(padding.begin(), padding.end(), std::byte{0});

  staged_.push_back({header, offset_ + staged_bytes_, entry.producer, entry.sequence, entry.topic_name});
  staged_bytes_ += stored;
  next_ = header.end_seq();
}

std::vector<byte_view> segment_writer::parts_to_write() const {
  std::vector<byte_view> parts;
  if (before_.piece && before_.piece->used() > before_.used)
    parts.push_back(before_.piece->bytes(before_.used, before_.piece->used() - before_.used));
  for (const auto& piece : fresh_)
    parts.push_back(piece->bytes(0, piece->used()));
  // Zeros to the end of the page, so that the kernel need not read what they overwrite; small commits of a growing
  // file go in steps.
  const auto end = offset_ + staged_bytes_;
  const bool grow = end > prepared_ && staged_bytes_ * 4 <= limits::segment_grow_bytes;
  const auto ahead = grow ? limits::segment_grow_bytes : (page_bytes - end % page_bytes) % page_bytes;
  if (const auto room = std::min<std::uint64_t>(ahead, capacity_ - end); room > 0) parts.push_back(zeros_ahead(room));
  return parts;
}

result<void> segment_writer::write() {
  const auto parts = parts_to_write();
  if (auto done = file_->write_at(offset_, parts); !done) {
    spoiled_ = true;
    forget_staged();
    return done;
  }
  std::uint64_t bytes = 0;
  for (const auto& part : parts)
    bytes += part.size();
  prepared_ = std::max(prepared_, offset_ + bytes);
  for (const auto& each : staged_)
    builder_->add(each);
  if (before_.piece && before_.piece->entries() > before_.entries)
    unpublished_.push_back({before_.piece, before_.piece->entries(), 0});
  for (const auto& piece : fresh_)
    unpublished_.push_back({piece, piece->entries(), 0});
  offset_ += staged_bytes_;
  written_end_ = next_;
  staged_.clear();
  fresh_.clear();
  staged_bytes_ = 0;
  if (planted(planted_bug::serve_before_sync)) show();
  return {};
}

void segment_writer::forget_staged() {
  piece_ = before_.piece;
  if (piece_) piece_->shrink(before_.entries, before_.used);
  next_ = written_end_;
  staged_.clear();
  fresh_.clear();
  staged_bytes_ = 0;
}

result<void> segment_writer::sync() {
  if (!dirty()) return {};
  if (auto done = file_->sync(); !done) return fail(errc::not_synced, done.error().message());
  show();
  synced_end_ = written_end_;
  return {};
}

/// Lets readers find what was written.
void segment_writer::show() {
  for (const auto& mark : unpublished_)
    with_.tail.publish(mark.piece, mark.entries);
  unpublished_.clear();
  with_.store.extend(segment_, builder_->summary(), builder_->points());
}

} // namespace weft::log

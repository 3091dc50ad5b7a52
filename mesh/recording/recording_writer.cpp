#include "mesh/recording/recording_writer.hpp"

#include "mesh/recording/entries.hpp"
#include "mesh/recording/limits.hpp"
#include "mesh/recording/recording_reader.hpp"
#include "mesh/wire/little_endian.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::recording {

recording_writer::recording_writer(disk& on, std::string path, std::unique_ptr<file> to)
    : on_(&on), path_(std::move(path)), file_(std::move(to)), point_every_us_(limits::point_every_us) {}

result<recording_writer> recording_writer::create(disk& on, const std::string& path, std::string_view mesh) {
  auto opened = on.open(path, open_mode::create);
  if (!opened) {
    if (opened.error().code() != errc::already_exists) return fail(std::move(opened).error());
    return fail(errc::already_exists, fmt::format("{} is there already: choose another name", path));
  }
  recording_writer made(on, path, std::move(*opened));
  add_head(made.waiting_);
  if (auto put = made.put(block_kind::about, as_bytes(mesh.substr(0, limits::mesh_bytes_max))); !put)
    return fail(std::move(put).error());
  if (auto flushed = made.flush(); !flushed) {
    static_cast<void>(on.remove(path)); // there is nothing in it
    return fail(std::move(flushed).error());
  }
  static_cast<void>(on.sync_directory(parent_directory(path))); // a name that is lost is found again by who looks
  return made;
}

result<recording_writer> recording_writer::go_on(disk& on, const std::string& path) {
  auto read = recording_reader::open(on, path);
  if (!read) return fail(std::move(read).error());
  const auto& about = read->about();
  if (!about.cut.empty())
    return fail(errc::corrupt,
                fmt::format("{} can't be added to: {}: save it under another name first", path, about.cut));
  auto opened = on.open(path, open_mode::read_write);
  if (!opened) return fail(std::move(opened).error());
  recording_writer made(on, path, std::move(*opened));
  made.written_ = about.bytes;
  made.index_ = about.index;
  made.notes_ = about.notes.size();
  for (const auto& [number, log] : about.logs)
    made.logs_.emplace(log.id, number);
  return made;
}

result<std::uint32_t> recording_writer::number_of(const recorded_event& event) {
  if (const auto known = logs_.find(event.log); known != logs_.end()) return known->second;
  if (logs_.size() >= limits::logs_max)
    return fail(errc::too_large, fmt::format("a recording has at most {} logs", limits::logs_max));
  const auto number = static_cast<std::uint32_t>(logs_.size() + 1);
  if (auto put = this->put(block_kind::log, encode_log(number, event.log, event.node)); !put)
    return fail(std::move(put).error());
  logs_.emplace(event.log, number);
  return number;
}

result<void> recording_writer::add(const recorded_event& event) {
  const auto number = number_of(event);
  if (!number) return fail(number.error());
  const auto body = encode_entry(*number, event);
  if (!body) return fail(body.error());
  note_time(event.time);
  if (auto put = this->put(block_kind::entry, *body); !put) return put;
  ++index_.entries;
  return {};
}

/// Points stay as many as fit an index, however long it goes on.
void recording_writer::note_time(wall_time at) {
  if (index_.entries == 0) index_.first = at;
  index_.first = std::min(index_.first, at);
  index_.last = std::max(index_.last, at);
  if (!index_.points.empty() && at.us < index_.points.back().time_us + point_every_us_) return;
  index_.points.push_back({at.us, bytes()});
  if (index_.points.size() < limits::points_max) return;
  for (std::size_t i = 1; 2 * i < index_.points.size(); ++i)
    index_.points[i] = index_.points[2 * i];
  index_.points.resize((index_.points.size() + 1) / 2);
  point_every_us_ *= 2;
}

result<void> recording_writer::add(const note& written) {
  if (written.text.size() > limits::note_bytes_max)
    return fail(errc::too_large, fmt::format("a note has at most {} bytes, this one has {}", limits::note_bytes_max,
                                             written.text.size()));
  if (notes_ >= limits::notes_max)
    return fail(errc::too_large, fmt::format("a recording has at most {} notes", limits::notes_max));
  std::vector<std::byte> body(8);
  wire::store_le(body.data(), written.at.us);
  const auto text = as_bytes(written.text);
  body.insert(body.end(), text.begin(), text.end());
  if (auto put = this->put(block_kind::note, body); !put) return put;
  ++notes_;
  return {};
}

result<void> recording_writer::put(block_kind kind, byte_view body) {
  if (failed_) return fail(*failed_);
  if (kind != block_kind::entry && kind != block_kind::index && kind != block_kind::tail)
    index_.others.push_back(bytes());
  add_block(waiting_, kind, body);
  return waiting_.size() < limits::write_bytes ? result<void>() : write_waiting();
}

result<void> recording_writer::write_waiting() {
  if (failed_) return fail(*failed_);
  if (const auto left = on_->free_space(parent_directory(path_)); left && *left < limits::free_space_left)
    failed_.emplace(errc::disk_full,
                    fmt::format("{} is not written on: its disk has less than {} MiB left: free some space", path_,
                                limits::free_space_left >> 20U));
  else if (auto put = file_->write_at(written_, waiting_); !put)
    failed_ = std::move(put).error();
  if (failed_) return fail(*failed_);
  written_ += waiting_.size();
  waiting_.clear();
  return {};
}

result<void> recording_writer::flush() {
  if (auto put = write_waiting(); !put) return put;
  if (auto synced = file_->sync(); !synced) {
    failed_ = std::move(synced).error();
    return fail(*failed_);
  }
  return {};
}

result<void> recording_writer::finish() {
  std::vector<std::byte> place(8);
  wire::store_le(place.data(), bytes());
  if (auto put = this->put(block_kind::index, encode(index_)); !put) return put;
  if (auto put = this->put(block_kind::tail, place); !put) return put;
  return flush();
}

} // namespace weft::recording

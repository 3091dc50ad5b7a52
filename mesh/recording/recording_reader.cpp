#include "mesh/recording/recording_reader.hpp"

#include "mesh/base/names.hpp"
#include "mesh/recording/limits.hpp"
#include "mesh/wire/little_endian.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace weft::recording {
namespace {

/// Whether the points rise, in time and in the file, up to where its entries end.
bool are_in_order(const std::vector<index_point>& points, std::uint64_t end) {
  std::int64_t time = std::numeric_limits<std::int64_t>::min();
  std::uint64_t from = head_bytes;
  return std::ranges::all_of(points, [&](const index_point& one) {
    const bool rises = one.time_us >= time && one.place >= from && one.place < end;
    time = one.time_us;
    from = one.place + block_head_bytes;
    return rises;
  });
}

} // namespace

recording_reader::recording_reader(std::string path, std::unique_ptr<file> from, std::uint64_t size)
    : path_(std::move(path)), file_(std::move(from)), size_(size) {}

result<recording_reader> recording_reader::open(disk& from, const std::string& path) {
  auto opened = from.open(path, open_mode::read);
  if (!opened) return fail(std::move(opened).error());
  const auto size = (*opened)->size();
  if (!size) return fail(size.error());
  if (*size == 0) return fail(errc::corrupt, fmt::format("{} is empty: nothing was recorded", path));
  recording_reader made(path, std::move(*opened), *size);
  const auto head = made.window(0, head_bytes);
  if (!head) return fail(head.error());
  if (auto checked = check_head(*head); !checked)
    return fail(checked.error().code(), fmt::format("cannot open {}: {}", path, checked.error().message()));
  if (auto read = made.read_about(); !read) return fail(std::move(read).error());
  return made;
}

result<void> recording_reader::read_about() {
  if (read_index()) return {};
  about_ = {};
  return read_through();
}

/// @returns whether all that the file says of itself was found by its index
bool recording_reader::read_index() {
  if (size_ < head_bytes + tail_bytes) return false;
  const auto tail = read_block(size_ - tail_bytes);
  if (!tail || !*tail || (*tail)->head.kind != block_kind::tail || (*tail)->body.size() != 8) return false;
  const auto place = wire::load_le<std::uint64_t>((*tail)->body.data());
  if (place < head_bytes || place >= size_) return false;
  const auto found = read_block(place);
  if (!found || !*found || (*found)->head.kind != block_kind::index) return false;
  auto index = decode_index((*found)->body.view());
  if (!index) return false;
  std::uint64_t from = head_bytes; // blocks are told in the order of the file, so that each is read once
  for (const auto other : index->others) {
    if (other < from || other >= place) return false;
    const auto one = read_block(other);
    if (!one || !*one) return false;
    from = other + (*one)->head.stored_bytes();
    take_other((*one)->head.kind, (*one)->body.view());
  }
  if (!are_in_order(index->points, place)) return false;
  about_.index = *std::move(index);
  about_.bytes = size_;
  return true;
}

result<void> recording_reader::read_through() {
  auto& index = about_.index;
  std::uint64_t place = head_bytes;
  for (;;) {
    const auto one = read_block(place);
    if (!one && one.error().code() != errc::corrupt) return fail(one.error());
    if (!one) cut_at(place, one.error());
    if (!one || !*one) break;
    const auto& [head, body] = **one;
    if (head.kind == block_kind::entry) {
      const auto log = body.size() < 8 ? about_.logs.end() : about_.logs.find(log_of_entry(body.view()));
      const auto event = log == about_.logs.end() ? fail(errc::corrupt, "an entry is of no log that is named")
                                                  : decode_entry(log->second, body);
      if (!event) {
        cut_at(place, event.error());
        break;
      }
      if (index.entries++ == 0) index.first = event->time;
      index.first = std::min(index.first, event->time);
      index.last = std::max(index.last, event->time);
      if ((index.points.empty() || event->time.us >= index.points.back().time_us + limits::point_every_us) &&
          index.points.size() < limits::points_max)
        index.points.push_back({event->time.us, place});
    } else if (head.kind != block_kind::index && head.kind != block_kind::tail) {
      index.others.push_back(place);
      take_other(head.kind, body.view());
    }
    place += head.stored_bytes();
  }
  about_.bytes = place;
  if (about_.cut.empty())
    about_.cut = "it was not finished, for who recorded ended before: all that was written is here";
  place_ = head_bytes;
  return {};
}

void recording_reader::take_other(block_kind kind, byte_view body) {
  if (kind == block_kind::about) {
    about_.mesh = as_text(body.first(std::min(body.size(), limits::mesh_bytes_max)));
  } else if (kind == block_kind::log && about_.logs.size() < limits::logs_max) {
    if (auto log = decode_log(body); log && check_node_name(log->second.node))
      about_.logs.insert_or_assign(log->first, std::move(log->second));
  } else if (kind == block_kind::note && body.size() >= 8 && body.size() <= 8 + limits::note_bytes_max) {
    note one{{wire::load_le<std::int64_t>(body.data())}, std::string(as_text(body.subspan(8)))};
    const auto known = std::ranges::lower_bound(about_.notes, one.at, {}, &note::at);
    const bool is_known = known != about_.notes.end() && known->at == one.at;
    if (is_known && one.text.empty())
      about_.notes.erase(known);
    else if (is_known)
      *known = std::move(one);
    else if (!one.text.empty() && about_.notes.size() < limits::notes_max)
      about_.notes.insert(known, std::move(one));
  }
}

result<std::optional<recorded_event>> recording_reader::next() {
  while (place_ < about_.bytes) {
    const auto one = read_block(place_);
    if (!one && one.error().code() != errc::corrupt) return fail(one.error());
    if (!one) cut_at(place_, one.error());
    if (!one || !*one) break;
    const auto place = place_;
    const auto& [head, body] = **one;
    place_ += head.stored_bytes();
    if (head.kind != block_kind::entry || body.size() < 8) continue;
    const auto log = about_.logs.find(log_of_entry(body.view()));
    if (log == about_.logs.end()) continue;
    auto event = decode_entry(log->second, body);
    if (event) return std::optional(*std::move(event));
    cut_at(place, event.error());
    break;
  }
  place_ = std::max(place_, about_.bytes);
  return std::optional<recorded_event>();
}

void recording_reader::go_to(wall_time at) {
  const auto& points = about_.index.points;
  const auto after = std::ranges::upper_bound(points, at.us, {}, &index_point::time_us);
  place_ = after == points.begin() ? head_bytes : std::prev(after)->place;
}

void recording_reader::cut_at(std::uint64_t place, const error& why) {
  about_.cut = fmt::format("{} at byte {} of {}: what comes before is shown", why.message(), place, size_);
  about_.bytes = place;
}

result<std::optional<recording_reader::block>> recording_reader::read_block(std::uint64_t place) {
  if (place >= size_) return std::optional<block>();
  const auto bytes = window(place, block_head_bytes);
  if (!bytes) return fail(bytes.error());
  const auto head = read_block_head(*bytes);
  if (!head) return fail(head.error());
  const auto body = window(place + block_head_bytes, head->length);
  if (!body) return fail(body.error());
  if (body->size() < head->length) return fail(errc::corrupt, "it ends in the middle of a block");
  if (!is_whole(*head, *body)) return fail(errc::corrupt, "a block is damaged");
  return std::optional(block{*head, shared_bytes::copy(*body)});
}

/// Bytes of the file, fewer at its end; they stay until the next call.
result<byte_view> recording_reader::window(std::uint64_t place, std::size_t length) {
  const bool is_there = place >= window_place_ && place + length <= window_place_ + window_.size();
  if (!is_there) {
    window_.resize(std::max(length, limits::read_bytes));
    window_place_ = place;
    const auto got = file_->read_at(place, window_);
    window_.resize(got ? *got : 0);
    if (!got) return fail(got.error());
  }
  const auto from = static_cast<std::size_t>(place - window_place_);
  return byte_view(window_).subspan(from, std::min(length, window_.size() - from));
}

} // namespace weft::recording

#include "mesh/log/index_file.hpp"

#include "mesh/base/crc32c.hpp"
#include "mesh/log/coding.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::log {
namespace {

constexpr std::string_view magic{"WEFTIDX\0", 8};
constexpr std::uint16_t version_written = 1;
constexpr std::uint32_t flag_cleaned = 1;
constexpr std::uint32_t flag_taken_back = 2;
constexpr std::size_t at_checksum = 252;

enum section_number : std::size_t { points = 0, directory = 1, damages = 2, offsets = 3, producers = 4, lists = 5 };

// --- writing

byte_writer write_points(const std::vector<index_point>& items) {
  byte_writer to;
  for (const auto& point : items) {
    to.put(point.first.value());
    to.put(point.offset);
    to.put(point.at.value());
  }
  return to;
}

byte_writer write_directory(const std::vector<topic_extent>& items) {
  byte_writer to;
  for (const auto& topic : items) {
    to.put(topic.topic.value());
    to.put(topic.entries);
    to.put(topic.first.value());
    to.put(topic.end.value());
    to.put(topic.first_offset.value());
    to.put(topic.end_offset.value());
    to.put(topic.first_at.value());
    to.put(topic.last_at.value());
    to.put(topic.bytes);
    to.put(topic.list_at);
    to.put(topic.list_bytes);
    to.put(topic.list_checksum);
  }
  return to;
}

byte_writer write_damages(const std::vector<damage_range>& items) {
  byte_writer to;
  for (const auto& damage : items) {
    to.put(damage.from.value());
    to.put(damage.until.value());
    to.put(damage.offset);
    to.put(damage.end_offset);
    to.put_varint(damage.what.size());
    to.put_bytes(as_bytes(damage.what));
  }
  return to;
}

byte_writer write_offsets(const std::vector<topic_record>& items) {
  byte_writer to;
  for (const auto& topic : items) {
    to.put(topic.topic.value());
    to.put(topic.next.value());
    to.put_varint(topic.name.size());
    to.put_bytes(as_bytes(topic.name));
  }
  return to;
}

byte_writer write_producers(const std::vector<producer_record>& items) {
  byte_writer to;
  for (const auto& producer : items) {
    to.put(producer.producer.value());
    to.put(producer.next);
    to.put(producer.last_at.value());
    to.put_varint(producer.batches.size());
    for (const auto& batch : producer.batches) {
      to.put(batch.epoch.value());
      to.put(batch.at.value());
      to.put_varint(batch.sequence);
      to.put_varint(batch.count);
      to.put_varint(batch.topic.value());
      to.put_varint(batch.first.value());
      to.put_varint(batch.first_offset.value());
    }
  }
  return to;
}

std::vector<std::byte> write_head(const segment_summary& summary,
                                  const std::array<byte_view, index_file::sections>& parts) {
  byte_writer to;
  to.put_bytes(as_bytes(magic));
  to.put(version_written);
  to.put(static_cast<std::uint16_t>(index_header_bytes));
  to.put((summary.cleaned ? flag_cleaned : 0U) | (summary.taken_back ? flag_taken_back : 0U));
  to.put_bytes(std::as_bytes(std::span(summary.log.node.bytes())));
  to.put(summary.log.ordinal);
  to.put(std::uint32_t{0});
  to.put(summary.epoch.value());
  to.put(summary.first.value());
  to.put(summary.end.value());
  to.put(summary.used);
  to.put(summary.entries);
  to.put(summary.first_at.value());
  to.put(summary.last_at.value());
  for (const auto& part : parts) {
    to.put(std::uint64_t{part.size()});
    to.put(crc32c(0, part));
    to.put(std::uint32_t{0});
  }
  auto head = to.take();
  head.resize(index_header_bytes);
  wire::store_le(head.data() + at_checksum, crc32c(0, byte_view(head).first(at_checksum)));
  return head;
}

// --- reading

tl::unexpected<error> damaged(std::string_view what) {
  return fail(errc::corrupt, fmt::format("index: {} damaged", what));
}

/// Reads items until the section ends; `read_one` takes one from the reader.
template <class Item, class ReadOne>
result<std::vector<Item>> read_all(const result<std::vector<std::byte>>& section, std::string_view what,
                                   ReadOne read_one) {
  if (!section) return fail(section.error());
  byte_reader from(*section);
  std::vector<Item> items;
  while (from.left() != 0 && from.ok())
    items.push_back(read_one(from));
  if (!from.ok()) return damaged(what);
  return items;
}

std::string read_text(byte_reader& from) { return std::string(as_text(from.get_bytes(from.get_varint()))); }

index_point read_point(byte_reader& from) {
  index_point point;
  point.first = seq{from.get<std::uint64_t>()};
  point.offset = from.get<std::uint64_t>();
  point.at = hlc{from.get<std::uint64_t>()};
  return point;
}

topic_extent read_extent(byte_reader& from) {
  topic_extent topic;
  topic.topic = topic_id{from.get<std::uint32_t>()};
  topic.entries = from.get<std::uint32_t>();
  topic.first = seq{from.get<std::uint64_t>()};
  topic.end = seq{from.get<std::uint64_t>()};
  topic.first_offset = topic_offset{from.get<std::uint64_t>()};
  topic.end_offset = topic_offset{from.get<std::uint64_t>()};
  topic.first_at = hlc{from.get<std::uint64_t>()};
  topic.last_at = hlc{from.get<std::uint64_t>()};
  topic.bytes = from.get<std::uint64_t>();
  topic.list_at = from.get<std::uint64_t>();
  topic.list_bytes = from.get<std::uint32_t>();
  topic.list_checksum = from.get<std::uint32_t>();
  return topic;
}

damage_range read_damage(byte_reader& from) {
  damage_range damage;
  damage.from = seq{from.get<std::uint64_t>()};
  damage.until = seq{from.get<std::uint64_t>()};
  damage.offset = from.get<std::uint64_t>();
  damage.end_offset = from.get<std::uint64_t>();
  damage.what = read_text(from);
  return damage;
}

topic_record read_topic(byte_reader& from) {
  topic_record topic;
  topic.topic = topic_id{from.get<std::uint32_t>()};
  topic.next = topic_offset{from.get<std::uint64_t>()};
  topic.name = read_text(from);
  return topic;
}

producer_record read_producer(byte_reader& from) {
  producer_record producer;
  producer.producer = producer_id{from.get<std::uint64_t>()};
  producer.next = from.get<std::uint64_t>();
  producer.last_at = hlc{from.get<std::uint64_t>()};
  const auto batches = from.get_varint();
  for (std::uint64_t i = 0; i < batches && from.ok(); ++i) {
    remembered_batch batch;
    batch.epoch = weft::epoch{from.get<std::uint64_t>()};
    batch.at = hlc{from.get<std::uint64_t>()};
    batch.sequence = from.get_varint();
    batch.count = static_cast<std::uint32_t>(from.get_varint());
    batch.topic = topic_id{static_cast<std::uint32_t>(from.get_varint())};
    batch.first = seq{from.get_varint()};
    batch.first_offset = topic_offset{from.get_varint()};
    producer.batches.push_back(batch);
  }
  return producer;
}

} // namespace

std::vector<std::byte> encode_index(const segment_index& index, const index_tables& tables) {
  const auto point_bytes = write_points(index.core.points);
  const auto directory_bytes = write_directory(index.core.topics);
  const auto damage_bytes = write_damages(index.core.damages);
  const auto offset_bytes = write_offsets(tables.topics);
  const auto producer_bytes = write_producers(tables.producers);
  const std::array<byte_view, index_file::sections> parts{point_bytes.view(),    directory_bytes.view(),
                                                          damage_bytes.view(),   offset_bytes.view(),
                                                          producer_bytes.view(), index.lists};
  auto bytes = write_head(index.core.summary, parts);
  for (const auto& part : parts)
    bytes.insert(bytes.end(), part.begin(), part.end());
  return bytes;
}

result<index_file> index_file::open(disk& from, const std::string& path, const log_id& log, weft::epoch epoch,
                                    seq first) {
  auto opened = from.open(path, open_mode::read);
  if (!opened) return fail(std::move(opened.error()));
  index_file index(std::move(*opened));
  if (auto read = index.read_head(log, epoch, first); !read) return fail(std::move(read.error()));
  return index;
}

result<void> index_file::read_head(const log_id& log, weft::epoch epoch, seq first) {
  std::vector<std::byte> bytes(index_header_bytes);
  const auto got = file_->read_at(0, bytes);
  if (!got) return fail(got.error());
  if (*got < bytes.size() || std::memcmp(bytes.data(), magic.data(), magic.size()) != 0 ||
      crc32c(0, byte_view(bytes).first(at_checksum)) != wire::load_le<std::uint32_t>(bytes.data() + at_checksum))
    return damaged("header");
  byte_reader from(bytes);
  static_cast<void>(from.get_bytes(magic.size()));
  if (const auto version = from.get<std::uint16_t>(); version != version_written)
    return fail(errc::version_newer,
                fmt::format("index: format version {}, this build reads {}", version, version_written));
  static_cast<void>(from.get<std::uint16_t>());
  const auto flags = from.get<std::uint32_t>();
  summary_.cleaned = (flags & flag_cleaned) != 0;
  summary_.taken_back = (flags & flag_taken_back) != 0;
  std::array<std::uint8_t, 32> node{};
  std::memcpy(node.data(), from.get_bytes(node.size()).data(), node.size());
  summary_.log = {node_id{node}, from.get<std::uint32_t>()};
  static_cast<void>(from.get<std::uint32_t>());
  summary_.epoch = weft::epoch{from.get<std::uint64_t>()};
  summary_.first = seq{from.get<std::uint64_t>()};
  summary_.end = seq{from.get<std::uint64_t>()};
  summary_.used = from.get<std::uint64_t>();
  summary_.entries = from.get<std::uint64_t>();
  summary_.first_at = hlc{from.get<std::uint64_t>()};
  summary_.last_at = hlc{from.get<std::uint64_t>()};
  if (summary_.log != log || summary_.epoch != epoch || summary_.first != first)
    return fail(errc::corrupt, "index: of another segment");

  const auto size = file_->size();
  if (!size) return fail(size.error());
  std::uint64_t offset = index_header_bytes;
  for (auto& section : sections_) {
    section = {offset, from.get<std::uint64_t>(), from.get<std::uint32_t>()};
    static_cast<void>(from.get<std::uint32_t>());
    if (section.length > *size - offset) return fail(errc::corrupt, "index: the file is too short");
    offset += section.length;
  }
  if (offset != *size) return fail(errc::corrupt, "index: the file is too long");
  return {};
}

result<std::vector<std::byte>> index_file::read_section(std::size_t number) const {
  const auto& section = sections_[number];
  std::vector<std::byte> bytes(section.length);
  const auto got = file_->read_at(section.offset, bytes);
  if (!got) return fail(got.error());
  if (*got < bytes.size() || crc32c(0, bytes) != section.checksum)
    return damaged(fmt::format("section at byte {}", section.offset));
  return bytes;
}

result<std::vector<std::pair<std::uint64_t, std::string>>> index_file::check_sections() const {
  constexpr std::array<std::string_view, sections> names{"points",       "directory of topics", "damages",
                                                         "next offsets", "producers",           "lists"};
  std::vector<std::pair<std::uint64_t, std::string>> problems;
  for (std::size_t i = 0; i < sections; ++i) {
    const auto bytes = read_section(i);
    if (!bytes && bytes.error().code() != errc::corrupt) return fail(bytes.error());
    if (!bytes) problems.emplace_back(sections_[i].offset, fmt::format("index: {}: checksum does not match", names[i]));
  }
  return problems;
}

result<index_core> index_file::core() const {
  index_core core;
  core.summary = summary_;
  auto all_points = read_all<index_point>(read_section(points), "points", read_point);
  if (!all_points) return fail(std::move(all_points.error()));
  auto all_topics = read_all<topic_extent>(read_section(directory), "directory", read_extent);
  if (!all_topics) return fail(std::move(all_topics.error()));
  auto all_damages = read_all<damage_range>(read_section(damages), "damages", read_damage);
  if (!all_damages) return fail(std::move(all_damages.error()));
  core.points = std::move(*all_points);
  core.topics = std::move(*all_topics);
  core.damages = std::move(*all_damages);
  return core;
}

result<index_tables> index_file::tables() const {
  auto all_topics = read_all<topic_record>(read_section(offsets), "next offsets", read_topic);
  if (!all_topics) return fail(std::move(all_topics.error()));
  auto all_producers = read_all<producer_record>(read_section(producers), "producers", read_producer);
  if (!all_producers) return fail(std::move(all_producers.error()));
  return index_tables{std::move(*all_topics), std::move(*all_producers)};
}

result<std::vector<entry_place>> index_file::places(const topic_extent& of) const {
  const auto& section = sections_[log::lists];
  if (of.list_at > section.length || of.list_bytes > section.length - of.list_at) return damaged("directory");
  std::vector<std::byte> bytes(of.list_bytes);
  const auto got = file_->read_at(section.offset + of.list_at, bytes);
  if (!got) return fail(got.error());
  return decode_places(of, summary_.first, byte_view(bytes).first(*got));
}

result<std::vector<std::byte>> index_file::lists() const { return read_section(log::lists); }

} // namespace weft::log

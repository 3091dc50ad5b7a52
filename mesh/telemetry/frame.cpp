#include "mesh/telemetry/frame.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/telemetry/telemetry_schema.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::telemetry {
namespace {

// Each table of a frame is a row, and of each list there are at most so many; a few levels suffice.
constexpr auto lists = 10U;
constexpr auto tables_max = static_cast<flatbuffers::uoffset_t>(lists * limits::telemetry_rows_max);
constexpr flatbuffers::uoffset_t depth_max = 8;

result<void> check_rows(const Frame& frame) {
  const auto most = limits::telemetry_rows_max;
  const auto size = [](const auto* list) { return list == nullptr ? std::size_t{0} : std::size_t{list->size()}; };
  const auto largest = std::max({size(frame.nodes()), size(frame.links()), size(frame.flows()), size(frame.topics()),
                                 size(frame.groups()), size(frame.lag()), size(frame.latencies()),
                                 size(frame.services()), size(frame.gone()) / lists});
  if (largest > most)
    return fail(errc::too_large,
                fmt::format("a frame of telemetry has {} rows of a kind, at most {} are allowed", largest, most));
  return {};
}

} // namespace

std::string_view schema_text() noexcept { return schema; }

std::vector<std::byte> encode(const FrameT& frame) {
  flatbuffers::FlatBufferBuilder builder;
  FinishFrameBuffer(builder, Frame::Pack(builder, &frame));
  const auto bytes = std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize()));
  return {bytes.begin(), bytes.end()};
}

result<FrameT> decode(byte_view value) {
  const auto whole = shared_bytes::copy(value); // aligned, which a value in a batch need not be
  const auto* data = reinterpret_cast<const std::uint8_t*>(whole.data());
  flatbuffers::Verifier verifier(data, whole.size(), depth_max, tables_max);
  if (!VerifyFrameBuffer(verifier)) return fail(errc::corrupt, "the value is no frame of telemetry");
  const auto* frame = GetFrame(data);
  if (auto good = check_rows(*frame); !good) return fail(std::move(good).error());
  FrameT rows;
  frame->UnPackTo(&rows);
  return rows;
}

std::string key_of(const NodeT& row) { return row.name; }
std::string key_of(const LinkT& row) { return row.name; }
std::string key_of(const FlowT& row) { return fmt::format("{}/{}/{}/{}", row.from, row.to, row.pattern, row.name); }
std::string key_of(const TopicT& row) { return row.name; }
std::string key_of(const GroupT& row) { return row.name; }
std::string key_of(const LagT& row) { return fmt::format("{}/{}", row.name, row.topic); }
std::string key_of(const LatencyT& row) { return fmt::format("{}/{}", row.what, row.name); }
std::string key_of(const ServiceT& row) { return row.name; }

sketch sketch_of(const LatencyT& row) {
  sketch made;
  for (const auto& bucket : row.buckets)
    made.add_at(bucket.index(), bucket.count());
  return made;
}

void set_buckets(LatencyT& row, const sketch& of) {
  row.buckets.clear();
  row.count = of.count();
  for (std::size_t index = 0; index < of.buckets().size(); ++index)
    if (const auto count = of.buckets()[index]; count != 0)
      row.buckets.emplace_back(static_cast<std::uint16_t>(index), count);
}

} // namespace weft::telemetry

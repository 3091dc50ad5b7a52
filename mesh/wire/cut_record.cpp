// mesh/wire/cut_record.cpp: cut records as FlatBuffers. What comes from outside is verified, then checked field by
// field.
#include "mesh/wire/cut_record.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/wire/cut_record_generated.h"
#include "mesh/wire/flat_checks.hpp"

namespace weft::wire {
namespace {

result<std::vector<std::string>> absent_in(const cut_fb::CutRecord& from) {
  std::vector<std::string> names;
  if (from.absent() == nullptr) return names;
  if (auto good = check_count(from.absent(), limits::cut_absent_max, "logs that a cut lacks"); !good)
    return fail(std::move(good).error());
  for (const auto* one : *from.absent()) {
    auto name = node_name_in(one);
    if (!name) return fail(std::move(name).error());
    names.push_back(std::move(*name));
  }
  return names;
}

result<cut> cut_in(const cut_fb::CutRecord& from) {
  auto name = node_name_in(from.name());
  if (!name) return fail(std::move(name).error());
  auto pattern = bounded(from.pattern(), limits::topic_name_bytes_max, "a cut's pattern");
  if (!pattern) return fail(std::move(pattern).error());
  auto absent = absent_in(from);
  if (!absent) return fail(std::move(absent).error());
  cut made{std::move(*name),     from.id(),          std::move(*pattern), hlc{from.bound()},
           {from.lease_until()}, std::move(*absent), from.absent_more(),  from.deleted()};
  if (auto good = check(made); !good) return fail(std::move(good).error());
  return made;
}

} // namespace

item_version version_of(const cut_record& record) noexcept {
  std::uint32_t tie = 0;
  for (std::size_t i = 0; i < sizeof tie; ++i)
    tie = tie << 8U | record.author.bytes().at(i);
  return {record.count, record.at.value(), tie};
}

result<void> check(const cut& what) {
  if (auto named = check_node_name(what.name); !named) return named;
  if (what.lease_until.us <= 0) return fail(errc::invalid_argument, fmt::format("cut {} has no lease", what.name));
  if (what.deleted && (!what.pattern.empty() || what.is_made() || !what.absent.empty() || what.absent_more != 0))
    return fail(errc::invalid_argument, fmt::format("cut {} is deleted and has something all the same", what.name));
  if (what.deleted) return {};
  if (const auto pattern = topic_pattern::parse(what.pattern); !pattern) return fail(pattern.error());
  if (what.bound != hlc::at(what.bound.wall()))
    return fail(errc::invalid_argument, fmt::format("cut {} is not at a whole millisecond", what.name));
  if (what.absent.size() > limits::cut_absent_max)
    return fail(errc::too_large, fmt::format("cut {} names {} logs, at most {} are allowed", what.name,
                                             what.absent.size(), limits::cut_absent_max));
  return {};
}

shared_bytes encode(const cut_record& record) {
  WEFT_ASSERT(record.count > 0);
  const auto& what = record.what;
  flatbuffers::FlatBufferBuilder out(1024);
  const auto name = out.CreateString(what.name);
  const cut_fb::Id author{flatbuffers::span<const std::uint8_t, 32>{record.author.bytes()}};
  const auto chain =
      out.CreateVector(reinterpret_cast<const std::uint8_t*>(record.certificate.data()), record.certificate.size());
  const auto pattern =
      what.pattern.empty() ? flatbuffers::Offset<flatbuffers::String>{} : out.CreateString(what.pattern);
  flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>> absent;
  if (!what.absent.empty()) absent = out.CreateVectorOfStrings(what.absent);
  out.Finish(cut_fb::CreateCutRecord(out, name, &author, chain, record.count, record.at.value(), what.id, what.deleted,
                                     pattern, what.bound.value(), what.lease_until.us, absent, what.absent_more),
             cut_fb::CutRecordIdentifier());
  return released(out);
}

result<cut_record> decode_cut_record(const shared_bytes& bytes) {
  if (bytes.size() > limits::item_bytes_max)
    return fail(errc::too_large,
                fmt::format("cut record of {} bytes, at most {} are allowed", bytes.size(), limits::item_bytes_max));
  const auto kept = aligned(bytes);
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(kept.data()), kept.size(),
                                 limits::control_depth_max, limits::control_tables_max);
  if (!cut_fb::VerifyCutRecordBuffer(verifier))
    return fail(errc::corrupt, fmt::format("{} bytes are no cut record", bytes.size()));
  const auto& from = *cut_fb::GetCutRecord(kept.data());
  if (from.count() == 0) return fail(errc::invalid_argument, "the count of a cut record is 0");
  auto what = cut_in(from);
  if (!what) return fail(std::move(what).error());
  const auto& chain = *from.certificate();
  return cut_record{std::move(*what), node_id{id_in(*from.author())},
                    shared_bytes::copy({reinterpret_cast<const std::byte*>(chain.Data()), chain.size()}), from.count(),
                    hlc{from.at()}};
}

} // namespace weft::wire

// mesh/wire/node_record.cpp: writes node records and accusations as FlatBuffers, small: they are sent to every node.
#include "mesh/wire/node_record.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/wire/flat_checks.hpp"
#include "mesh/wire/node_record_generated.h"

namespace weft::wire {

namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

record_fb::Id id_struct(const node_id& id) {
  return record_fb::Id{flatbuffers::span<const std::uint8_t, 32>{id.bytes()}};
}

/// Empty texts and lists are left out.
Offset<flatbuffers::String> text(FlatBufferBuilder& out, const std::string& value) {
  return value.empty() ? Offset<flatbuffers::String>{} : out.CreateString(value);
}

Offset<flatbuffers::Vector<const record_fb::Link*>> write(FlatBufferBuilder& out,
                                                          const std::vector<announced_link>& links) {
  WEFT_ASSERT(links.size() <= limits::announced_links_max);
  if (links.empty()) return {};
  std::vector<record_fb::Link> items;
  items.reserve(links.size());
  for (const auto& link : links)
    items.emplace_back(link.to.value(), link.cost);
  return out.CreateVectorOfStructs(items);
}

std::string joined(const std::vector<std::string>& prefixes) {
  WEFT_ASSERT(prefixes.size() <= limits::summary_prefixes_max);
  std::string all;
  for (const auto& prefix : prefixes) {
    if (!all.empty()) all += ' ';
    all += prefix;
  }
  return all;
}

} // namespace

shared_bytes encode(const node_record& record) {
  WEFT_ASSERT(record.addresses.size() <= limits::announced_addresses_max);
  FlatBufferBuilder out(512);
  const auto id = id_struct(record.id);
  const auto name = out.CreateString(record.name);
  const auto why = text(out, record.frozen_why);
  Offset<flatbuffers::Vector<Offset<flatbuffers::String>>> addresses;
  if (!record.addresses.empty()) addresses = out.CreateVectorOfStrings(record.addresses);
  const auto zone = text(out, record.zone);
  const auto links = write(out, record.links);
  const auto prefixes = text(out, joined(record.topics.prefixes));
  Offset<flatbuffers::Vector<std::uint8_t>> bloom;
  if (!record.topics.bloom.empty()) bloom = out.CreateVector(record.topics.bloom);
  const auto frozen = record.frozen_since ? record.frozen_since->us : 0;
  out.Finish(record_fb::CreateNodeRecord(out, &id, record.number.value(), name, record.incarnation.value(),
                                         record.revision, record.announced.us, record.left, record.epoch.value(),
                                         frozen, why, addresses, zone, record.roles, links, prefixes, bloom,
                                         record.versions_min, record.versions_max),
             record_identifier);
  return released(out);
}

shared_bytes encode(const accusation& word) {
  FlatBufferBuilder out(160);
  const auto accused = id_struct(word.accused);
  const auto accuser = id_struct(word.accuser);
  out.Finish(record_fb::CreateAccusation(out, &accused, &accuser, word.incarnation.value(), word.count,
                                         static_cast<std::uint8_t>(word.cause), word.at.us),
             accusation_identifier);
  return released(out);
}

} // namespace weft::wire

// mesh/wire/topic_record.cpp: topic records as FlatBuffers. What comes from outside is verified, then checked field by
// field.
#include "mesh/wire/topic_record.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/wire/flat_checks.hpp"
#include "mesh/wire/topic_record_generated.h"

namespace weft::wire {

namespace {

std::optional<microseconds> keep_time_in(const topic_fb::TopicRecord& from) {
  return from.keep_time() == 0 ? std::nullopt : std::optional(microseconds{from.keep_time()});
}
std::optional<std::uint64_t> keep_bytes_in(const topic_fb::TopicRecord& from) {
  return from.keep_bytes() == 0 ? std::nullopt : std::optional(from.keep_bytes());
}

result<topic_settings> settings_in(const topic_fb::TopicRecord& from) {
  if (!ack_level::is_code(from.ack()))
    return fail(errc::unsupported, fmt::format("acknowledgement {} of a topic is unknown", from.ack()));
  auto description = bounded(from.description(), limits::topic_description_bytes_max, "a topic's description");
  if (!description) return fail(description.error());
  auto schema = bounded(from.contract_schema(), limits::contract_bytes_max, "the schema of a topic's contract");
  if (!schema) return fail(std::move(schema).error());
  auto rules = bounded(from.contract_rules(), limits::contract_bytes_max, "the rules of a topic's contract");
  if (!rules) return fail(std::move(rules).error());
  topic_settings settings{keep_time_in(from),
                          keep_bytes_in(from),
                          ack_level::from_code(from.ack()),
                          from.replicas(),
                          static_cast<codec>(from.codec()),
                          std::move(*description),
                          {std::move(*schema), std::move(*rules)},
                          from.compatibility(),
                          from.quarantine(),
                          from.compaction(),
                          microseconds{from.compaction_after()},
                          microseconds{from.tombstones_kept()},
                          from.until_consumed()};
  if (auto good = check(settings); !good) return fail(std::move(good).error());
  if (from.deleted() && settings != topic_settings{})
    return fail(errc::invalid_argument, "a deleted topic has settings");
  return settings;
}

result<std::string> topic_in(const flatbuffers::String& value) {
  const auto name = value.string_view();
  if (auto good = check_topic_name(name); !good) return fail(std::move(good).error());
  if (is_reserved_topic(name)) return fail(errc::denied, fmt::format("topic {} is the mesh's own", name));
  return std::string(name);
}

} // namespace

item_version version_of(const topic_record& record) noexcept {
  std::uint32_t tie = 0;
  for (std::size_t i = 0; i < sizeof tie; ++i)
    tie = tie << 8U | record.author.bytes().at(i);
  return {record.count << 1U | (record.by_publish ? 0U : 1U), record.at.value(), tie};
}

shared_bytes encode(const topic_record& record) {
  WEFT_ASSERT(record.count > 0 && record.count <= topic_count_max);
  const auto& has = record.settings;
  flatbuffers::FlatBufferBuilder out(1024);
  const auto topic = out.CreateString(record.topic);
  const topic_fb::Id author{flatbuffers::span<const std::uint8_t, 32>{record.author.bytes()}};
  const auto chain =
      out.CreateVector(reinterpret_cast<const std::uint8_t*>(record.certificate.data()), record.certificate.size());
  const auto text = [&](const std::string& value) {
    return value.empty() ? flatbuffers::Offset<flatbuffers::String>{} : out.CreateString(value);
  };
  const auto description = text(has.description);
  const auto schema = text(has.contract.schema);
  const auto rules = text(has.contract.rules);
  out.Finish(topic_fb::CreateTopicRecord(
                 out, topic, &author, chain, record.count, record.at.value(), record.by_publish, record.deleted,
                 has.keep_time ? has.keep_time->count() : 0, has.keep_bytes.value_or(0), has.ack.code(), has.replicas,
                 static_cast<std::uint8_t>(has.codec), description, schema, rules, has.compatibility, has.quarantine,
                 has.compaction, has.compaction_after.count(), has.tombstones_kept.count(), has.until_consumed),
             topic_fb::TopicRecordIdentifier());
  return released(out);
}

result<topic_record> decode_topic_record(const shared_bytes& bytes) {
  if (bytes.size() > limits::item_bytes_max)
    return fail(errc::too_large,
                fmt::format("topic record of {} bytes, at most {} are allowed", bytes.size(), limits::item_bytes_max));
  const auto kept = aligned(bytes);
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(kept.data()), kept.size(),
                                 limits::control_depth_max, limits::control_tables_max);
  if (!topic_fb::VerifyTopicRecordBuffer(verifier))
    return fail(errc::corrupt, fmt::format("{} bytes are no topic record", bytes.size()));
  const auto& from = *topic_fb::GetTopicRecord(kept.data());
  if (from.count() == 0 || from.count() > topic_count_max)
    return fail(errc::invalid_argument, fmt::format("count {} of a topic record is out of range", from.count()));
  auto topic = topic_in(*from.topic());
  if (!topic) return fail(std::move(topic).error());
  auto settings = settings_in(from);
  if (!settings) return fail(std::move(settings).error());
  const auto& chain = *from.certificate();
  return topic_record{std::move(*topic),
                      node_id{id_in(*from.author())},
                      shared_bytes::copy({reinterpret_cast<const std::byte*>(chain.Data()), chain.size()}),
                      from.count(),
                      hlc{from.at()},
                      from.by_publish(),
                      from.deleted(),
                      std::move(*settings)};
}

} // namespace weft::wire

// mesh/wire/node_record_decode.cpp: reads node records and accusations from outside: verified, then checked field by
// field.
#include "mesh/base/limits.hpp"
#include "mesh/wire/flat_checks.hpp"
#include "mesh/wire/node_record.hpp"
#include "mesh/wire/node_record_generated.h"

#include <bit>

namespace weft::wire {

namespace {

/// Everything that both kinds have in common. @returns bytes that start aligned and hold a table of this type
template <class Table>
result<shared_bytes> verified(const shared_bytes& bytes, const char* identifier, std::string_view what) {
  if (bytes.size() > limits::item_bytes_max)
    return fail(errc::too_large,
                fmt::format("{} of {} bytes, at most {} are allowed", what, bytes.size(), limits::item_bytes_max));
  auto kept = aligned(bytes);
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(kept.data()), kept.size(),
                                 limits::control_depth_max, limits::control_tables_max);
  if (!verifier.VerifyBuffer<Table>(identifier))
    return fail(errc::corrupt, fmt::format("{} bytes are no {}", bytes.size(), what));
  return kept;
}

result<std::vector<std::string>>
read_addresses(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* from) {
  if (auto good = check_count(from, limits::announced_addresses_max, "addresses"); !good) return fail(good.error());
  std::vector<std::string> addresses;
  if (!from) return addresses;
  for (const auto* one : *from) {
    auto address = bounded(one, limits::address_bytes_max, "an address");
    if (!address) return fail(address.error());
    if (address->empty()) return fail(errc::invalid_argument, "an address is empty");
    addresses.push_back(std::move(*address));
  }
  return addresses;
}

result<std::vector<announced_link>> read_links(const flatbuffers::Vector<const record_fb::Link*>* from) {
  if (auto good = check_count(from, limits::announced_links_max, "announced links"); !good) return fail(good.error());
  std::vector<announced_link> links;
  if (!from) return links;
  for (const auto* link : *from)
    links.push_back({node_number{link->to()}, link->cost()});
  return links;
}

result<std::vector<std::string>> read_prefixes(std::string_view rest) {
  std::vector<std::string> prefixes;
  while (!rest.empty()) {
    if (prefixes.size() == limits::summary_prefixes_max)
      return fail(errc::too_large, fmt::format("topic prefixes: at most {} are allowed", limits::summary_prefixes_max));
    const auto end = std::min(rest.find(' '), rest.size());
    std::string prefix(rest.substr(0, end));
    if (auto good = check_topic_name(prefix); !good) return fail(good.error());
    if (!prefixes.empty() && prefix <= prefixes.back())
      return fail(errc::invalid_argument, fmt::format("topic prefix '{}' is not in order", prefix));
    prefixes.push_back(std::move(prefix));
    if (end + 1 == rest.size()) return fail(errc::invalid_argument, "topic prefixes end with a space");
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return prefixes;
}

result<topic_summary> read_topics(const record_fb::NodeRecord& from) {
  topic_summary topics;
  if (from.prefixes()) {
    auto prefixes = read_prefixes(from.prefixes()->string_view());
    if (!prefixes) return fail(prefixes.error());
    topics.prefixes = std::move(*prefixes);
  }
  const auto* bloom = from.bloom();
  if (!bloom || bloom->size() == 0) return topics;
  if (auto good = check_count(bloom, limits::summary_bloom_bytes_max, "bytes of a topic filter"); !good)
    return fail(good.error());
  if (!std::has_single_bit(bloom->size()))
    return fail(errc::invalid_argument, fmt::format("a topic filter of {} bytes is no power of two", bloom->size()));
  if (!topics.prefixes.empty()) return fail(errc::invalid_argument, "a record has topic prefixes and a filter");
  topics.bloom.assign(bloom->begin(), bloom->end());
  return topics;
}

result<void> check_numbers(const record_fb::NodeRecord& from) {
  if (from.incarnation() == 0) return fail(errc::invalid_argument, "a record without an incarnation");
  if (from.versions_min() > from.versions_max())
    return fail(errc::invalid_argument,
                fmt::format("versions {} to {} are no range", from.versions_min(), from.versions_max()));
  return {};
}

/// All that is no text and no list.
node_record plain_fields(const record_fb::NodeRecord& from) {
  node_record record;
  record.id = node_id{id_in(*from.id())};
  record.number = node_number{from.number()};
  record.incarnation = wire::incarnation{from.incarnation()};
  record.revision = from.revision();
  record.announced = {from.announced()};
  record.left = from.left();
  record.epoch = weft::epoch{from.epoch()};
  if (from.frozen_since() != 0) record.frozen_since = wall_time{from.frozen_since()};
  record.roles = from.roles();
  record.versions_min = from.versions_min();
  record.versions_max = from.versions_max();
  return record;
}

/// Moves a value to where it belongs, or keeps the first error.
template <class Value>
void put(result<Value> from, Value& to, result<void>& all) {
  if (!all) return;
  if (from) {
    to = std::move(*from);
  } else {
    all = fail(std::move(from).error());
  }
}

} // namespace

result<node_record> decode_node_record(const shared_bytes& bytes) {
  const auto kept = verified<record_fb::NodeRecord>(bytes, record_identifier, "node record");
  if (!kept) return fail(kept.error());
  const auto& from = *flatbuffers::GetRoot<record_fb::NodeRecord>(kept->data());
  auto record = plain_fields(from);
  auto all = check_numbers(from);
  put(node_name_in(from.name()), record.name, all);
  if (from.zone() && from.zone()->size() != 0) put(node_name_in(from.zone()), record.zone, all);
  put(bounded(from.frozen_why(), limits::refusal_text_bytes_max, "a reason"), record.frozen_why, all);
  put(read_addresses(from.addresses()), record.addresses, all);
  put(read_links(from.links()), record.links, all);
  put(read_topics(from), record.topics, all);
  if (!all) return fail(all.error());
  return record;
}

result<accusation> decode_accusation(const shared_bytes& bytes) {
  const auto kept = verified<record_fb::Accusation>(bytes, accusation_identifier, "accusation");
  if (!kept) return fail(kept.error());
  const auto& from = *flatbuffers::GetRoot<record_fb::Accusation>(kept->data());
  if (from.cause() > static_cast<std::uint8_t>(accusation_cause::broken))
    return fail(errc::unsupported, fmt::format("cause {} of an accusation is unknown", from.cause()));
  return accusation{node_id{id_in(*from.accused())},
                    node_id{id_in(*from.accuser())},
                    wire::incarnation{from.incarnation()},
                    from.count(),
                    static_cast<accusation_cause>(from.cause()),
                    {from.at()}};
}

} // namespace weft::wire

#include "mesh/recording/entries.hpp"

#include "mesh/base/names.hpp"
#include "mesh/wire/batch_builder.hpp"
#include "mesh/wire/batch_stamp.hpp"
#include "mesh/wire/entry.hpp"
#include "mesh/wire/little_endian.hpp"

#include <algorithm>
#include <cstring>

namespace weft::recording {
namespace {

constexpr std::size_t log_fixed_bytes = 4 + 4 + 32, entry_fixed_bytes = 8;

result<shared_bytes> batch_of(const recorded_event& event) {
  if (auto name = check_topic_name(event.topic); !name) return fail(std::move(name).error());
  wire::batch_builder builder(event.topic, event.producer, wire::codec::none);
  if (auto added = builder.add({event.time, event.type, as_bytes(event.key), {}, event.value}); !added)
    return fail(std::move(added).error());
  auto plain = builder.seal(event.sequence);
  if (event.contract.is_nil()) return plain;
  const auto view = wire::batch_view::trusted(plain);
  const auto data = view.unpack();
  if (!data) return fail(data.error());
  return wire::make_stamped(view, data->view(), {0, 1}, {event.contract, event.type});
}

} // namespace

std::vector<std::byte> encode_log(std::uint32_t number, const log_id& log, std::string_view node) {
  const auto name = as_bytes(node);
  std::vector<std::byte> body(log_fixed_bytes + name.size());
  wire::store_le(body.data(), number);
  wire::store_le(body.data() + 4, log.ordinal);
  std::memcpy(body.data() + 8, log.node.bytes().data(), log.node.bytes().size());
  std::ranges::copy(name, body.begin() + log_fixed_bytes);
  return body;
}

result<std::pair<std::uint32_t, known_log>> decode_log(byte_view body) {
  if (body.size() < log_fixed_bytes) return fail(errc::corrupt, "the name of a log is cut off");
  std::array<std::uint8_t, 32> id{};
  std::memcpy(id.data(), body.data() + 8, id.size());
  known_log made{{node_id(id), wire::load_le<std::uint32_t>(body.data() + 4)},
                 std::string(as_text(body.subspan(log_fixed_bytes)))};
  return std::pair(wire::load_le<std::uint32_t>(body.data()), std::move(made));
}

result<std::vector<std::byte>> encode_entry(std::uint32_t number, const recorded_event& event) {
  const auto batch = batch_of(event);
  if (!batch) return fail(batch.error());
  const auto seed = wire::checksum_seed(event.log, event.at.epoch);
  wire::entry_header header;
  header.body_length = static_cast<std::uint32_t>(batch->size());
  header.body_checksum = wire::body_checksum(seed, batch->view());
  header.epoch = event.at.epoch;
  header.first_seq = event.at.seq;
  header.first_offset = event.offset;
  header.appended = hlc::at(event.logged_at);
  header.count = 1;
  std::vector<std::byte> body(entry_fixed_bytes + header.stored_bytes());
  wire::store_le(body.data(), number);
  wire::encode(header, seed,
               std::span<std::byte, weft::limits::entry_header_bytes>(body.data() + entry_fixed_bytes,
                                                                      weft::limits::entry_header_bytes));
  std::ranges::copy(batch->view(), body.begin() + entry_fixed_bytes + weft::limits::entry_header_bytes);
  return body;
}

std::uint32_t log_of_entry(byte_view body) noexcept { return wire::load_le<std::uint32_t>(body.data()); }

result<recorded_event> decode_entry(const known_log& log, const shared_bytes& body) {
  if (body.size() < entry_fixed_bytes + weft::limits::entry_header_bytes)
    return fail(errc::corrupt, "an entry is cut off");
  const auto bytes = body.slice(entry_fixed_bytes, body.size() - entry_fixed_bytes);
  // The seed has the epoch, which is in the header.
  const epoch opening(wire::load_le<std::uint64_t>(bytes.data() + 16));
  auto entry = wire::entry_walker(bytes, wire::checksum_seed(log.id, opening)).next();
  if (!entry) return fail(std::move(entry).error());
  const auto batch = wire::batch_view::verify(entry->body());
  if (!batch) return fail(batch.error());
  const auto data = batch->unpack();
  if (!data) return fail(data.error());
  if (batch->count() != 1) return fail(errc::corrupt, "an entry of a recording has one event");
  const auto event = batch->event(0, data->view());
  recorded_event made;
  made.node = log.node;
  made.log = log.id;
  made.at = {opening, entry->header.first_seq};
  made.offset = entry->header.first_offset;
  made.logged_at = entry->header.appended.wall();
  made.time = event.time;
  made.producer = batch->producer();
  made.sequence = batch->first_sequence();
  made.topic = batch->topic();
  made.type = event.type;
  if (const auto type = batch->type_index(0); type > 0)
    if (const auto by = batch->type_contract(type - 1U); by.size() == 32) {
      std::array<std::uint8_t, 32> id{};
      std::memcpy(id.data(), by.data(), id.size());
      made.contract = contract_id(id);
    }
  made.key = as_text(event.key);
  made.value.assign(event.value.begin(), event.value.end());
  return made;
}

} // namespace weft::recording

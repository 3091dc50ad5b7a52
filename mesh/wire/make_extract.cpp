#include "mesh/base/assert.hpp"
#include "mesh/base/planted_bug.hpp"
#include "mesh/wire/batch_encoder.hpp"
#include "mesh/wire/event_filter.hpp"

#include <cstring>

namespace weft::wire {
namespace {

/// Gives an extract the types it uses, in the order of their first use.
class type_renumbering {
public:
  type_renumbering(const batch_view& from, batch_encoder& to) : from_(from), to_(to), numbers_(from.types() + 1, 0) {}

  std::uint16_t operator()(std::uint16_t type) {
    auto& number = numbers_[type];
    if (type != 0 && number == 0) number = to_.add_type(from_.type_name(type - 1U), from_.type_contract(type - 1U));
    return number;
  }

private:
  const batch_view& from_;
  batch_encoder& to_;
  std::vector<std::uint16_t> numbers_; // by the old one; 0: not yet used
};

} // namespace

result<shared_bytes> make_extract(const batch_view& batch, std::span<const std::uint16_t> chosen) {
  WEFT_ASSERT(!chosen.empty());
  const auto data = batch.unpack();
  if (!data) return fail(data.error());

  batch_encoder encoder{std::string(batch.topic())};
  std::size_t data_bytes = 0;
  for (const auto index : chosen)
    data_bytes += batch.data_of(index, data->view()).size();
  encoder.expect(chosen.size(), data_bytes);

  type_renumbering renumbered(batch, encoder);
  std::size_t beyond = 0; // the last one chosen, plus 1
  for (const auto index : chosen) {
    WEFT_ASSERT(index >= beyond && index < batch.count());
    beyond = index + std::size_t{1};
    const auto event = batch.event(index, data->view());
    const auto bytes = batch.data_of(index, data->view());
    const bool lost = planted(planted_bug::extract_without_place);
    const auto place = lost ? static_cast<std::uint16_t>(encoder.count()) : event.place;
    auto* const to = encoder.add({.time = event.time,
                                  .hash = event.hash,
                                  .type = renumbered(batch.type_index(index)),
                                  .place = place,
                                  .key = event.key,
                                  .header_bytes = bytes.size() - event.value.size(),
                                  .value_bytes = event.value.size()});
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  }
  return encoder.finish({.producer = batch.producer(), .sequence = batch.first_sequence(), .extract = true});
}

} // namespace weft::wire

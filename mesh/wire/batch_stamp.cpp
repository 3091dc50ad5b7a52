#include "mesh/wire/batch_stamp.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/wire/batch_encoder.hpp"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace weft::wire {
namespace {

/// Gives the types that are used numbers in the order of their first use.
class type_stamper {
public:
  type_stamper(const batch_view& from, batch_encoder& to, const contract_stamp& stamp)
      : from_(from), to_(to), stamp_(stamp), numbers_(from.types() + 1, 0) {}

  /// @returns nothing when there are as many types as a batch may have
  std::optional<std::uint16_t> operator()(std::uint16_t type) {
    auto& number = numbers_[type];
    if (number != 0) return number;
    const auto name = type == 0 ? stamp_.type : from_.type_name(type - 1U);
    number = to_.find_type(name);
    if (number != 0) return number;
    if (to_.types() == limits::batch_types_max) return std::nullopt;
    return number = to_.add_type(name, std::as_bytes(std::span(stamp_.id.bytes())));
  }

private:
  const batch_view& from_;
  batch_encoder& to_;
  const contract_stamp& stamp_;
  std::vector<std::uint16_t> numbers_; // by the old one; 0: not yet used
};

} // namespace

bool is_stamped(const batch_view& batch, const contract_id& by) noexcept {
  for (std::size_t i = 0; i < batch.types(); ++i) {
    const auto named = batch.type_contract(i);
    if (!std::ranges::equal(named, std::as_bytes(std::span(by.bytes())))) return false;
  }
  for (std::size_t i = 0; i < batch.count(); ++i)
    if (batch.type_index(i) == 0) return false;
  return true;
}

result<shared_bytes> make_stamped(const batch_view& batch, byte_view data, event_range which,
                                  const contract_stamp& stamp) {
  WEFT_ASSERT(which.count > 0 && which.first + which.count <= batch.count());
  batch_encoder encoder{std::string(batch.topic())};
  std::size_t data_bytes = 0;
  for (auto i = which.first; i < which.first + which.count; ++i)
    data_bytes += batch.data_of(i, data).size();
  encoder.expect(which.count, data_bytes);
  type_stamper types(batch, encoder, stamp);
  for (auto i = which.first; i < which.first + which.count; ++i) {
    const auto event = batch.event(i, data);
    const auto bytes = batch.data_of(i, data);
    const auto type = types(batch.type_index(i));
    const batch_encoder::row row{.time = event.time,
                                 .hash = event.hash,
                                 .type = type.value_or(0),
                                 .place = static_cast<std::uint16_t>(encoder.count()),
                                 .key = event.key,
                                 .header_bytes = bytes.size() - event.value.size(),
                                 .value_bytes = event.value.size()};
    if (!type || encoder.bytes_with(row) > limits::batch_bytes_max)
      return fail(errc::too_large,
                  fmt::format("a batch of {} events of {} has no room for the contract that they meet: "
                              "publish fewer at once",
                              batch.count(), batch.topic()));
    auto* const to = encoder.add(row);
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  }
  return encoder.finish({.producer = batch.producer(),
                         .sequence = batch.first_sequence() + which.first,
                         .extract = false,
                         .codec = batch.codec()});
}

} // namespace weft::wire

// mesh/contract/table_reader.hpp: reads FlatBuffers tables by a schema that was not known when this was built. Internal
// to mesh/contract.
#pragma once
#include "mesh/contract/json_value.hpp"
#include "mesh/contract/schema.hpp"

namespace weft::contract {

/// Whether bytes are a FlatBuffer and not JSON text: where a FlatBuffer has the upper byte of where its root is, which
/// is zero in whatever fits an event, text has no zero.
[[nodiscard]] bool is_flatbuffer(byte_view value) noexcept;

/// Verifies a value, whatever its bytes are, and shows it as check_json() takes it: absent fields stay absent, but for
/// numbers, which show their default. Parts that a value shares come once for each place.
/// @param value  anywhere in memory
/// @error errc::contract_broken  not such a table; deeper or with more tables than the limits; a text that is not
/// UTF-8; a number that is no value of its enum; more than limits::contract_json_bytes_max as JSON
[[nodiscard]] result<json> read_table(const schema& by, byte_view value);

} // namespace weft::contract

// mesh/wire/contract_text.hpp: a contract as its author wrote it; mesh/contract says what it means.
#pragma once
#include <string>

namespace weft::wire {

struct contract_text {
  std::string schema;     ///< FlatBuffers' schema language, one text without includes, with a root_type
  std::string rules = {}; ///< one a line: FIELD OP VALUE; none: empty

  [[nodiscard]] bool empty() const noexcept { return schema.empty(); }
  friend bool operator==(const contract_text&, const contract_text&) = default;
};

} // namespace weft::wire

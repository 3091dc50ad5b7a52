// mesh/contract/contract.hpp: a schema and rules that an event must meet before it may enter a log.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/ids.hpp"
#include "mesh/base/result.hpp"
#include "mesh/wire/contract_text.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace weft::contract {

class schema;
class rules;

using wire::contract_text;

/// One version of a topic's contract, ready for use. Its id is a hash of what it says: spaces and comments don't count.
/// @thread any: immutable
class contract {
public:
  /// @error errc::too_large         schema and rules beyond limits::contract_bytes_max, or too many rules
  /// @error errc::invalid_argument  no schema, or a rule that does not fit it: the line and what is wrong with it
  [[nodiscard]] static result<std::shared_ptr<const contract>> make(const contract_text& text);
  ~contract();
  contract(const contract&) = delete;
  contract& operator=(const contract&) = delete;

  [[nodiscard]] const contract_id& id() const noexcept { return id_; }
  [[nodiscard]] const contract_text& text() const noexcept { return text_; }
  /// The root table's full name: the type of events that have none of their own.
  [[nodiscard]] std::string_view root_name() const noexcept { return root_name_; }

  /// Whether an event may have this value: JSON, or a FlatBuffers table. Which of both it is its bytes say.
  /// @error errc::contract_broken  which field, what it is and what it must be
  [[nodiscard]] result<void> check(byte_view value) const;
  /// The value as one line of JSON. @error as check(); rules don't count
  [[nodiscard]] result<std::string> decode(byte_view value) const;

  /// For mesh/contract.
  [[nodiscard]] const schema& by() const noexcept { return *schema_; }

private:
  [[nodiscard]] result<void> check_whole(byte_view value) const;
  contract();

  contract_id id_;
  contract_text text_;
  std::string root_name_;
  std::unique_ptr<const schema> schema_;
  std::unique_ptr<const rules> rules_;
};
using contract_ptr = std::shared_ptr<const contract>;

/// Whether a value of a contract is a FlatBuffers table; else it is JSON.
[[nodiscard]] bool is_table(byte_view value) noexcept;

} // namespace weft::contract

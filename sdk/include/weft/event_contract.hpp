// weft/event_contract.hpp: what an event's topic promised of its value.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/ids.hpp"
#include "mesh/base/result.hpp"
#include "weft/api.hpp"
#include "weft/codec.hpp"
#include "weft/event.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace weft {

namespace contract {
class contract;
} // namespace contract

/// One version of a topic's contract, as participant::contract_of() finds it: whoever has an event can read its value
/// without the publisher's types, be it JSON or a FlatBuffers table.
///
///     const auto by = node->contract_of(e);
///     if (by) const auto order = by->as<Order>(e);   // Order has WEFT_EVENT; the value may be a table
///
/// @thread any: immutable, copies are cheap
class WEFT_API event_contract {
public:
  [[nodiscard]] const contract_id& id() const noexcept;
  [[nodiscard]] std::string_view schema() const noexcept; ///< FlatBuffers' language, as its author wrote it
  [[nodiscard]] std::string_view rules() const noexcept;  ///< one a line; empty: none
  /// The root table's full name.
  [[nodiscard]] std::string_view root_name() const noexcept;

  /// The value as one line of JSON. @error errc::contract_broken  which field does not fit the schema; rules don't
  /// count
  [[nodiscard]] result<std::string> json(const event& of) const;
  /// The value as a T whose codec reads JSON. @error errc::contract_broken, errc::undecodable  what does not fit
  template <class T>
  [[nodiscard]] result<T> as(const event& of) const {
    const auto text = json(of);
    if (!text) return fail(text.error());
    return codec<T>::decode(as_bytes(*text));
  }
  /// Whether an event of the topic may have this value. @error errc::contract_broken  which field, what it is and what
  /// it must be
  [[nodiscard]] result<void> check(byte_view value) const;

  /// For Weft.
  explicit event_contract(std::shared_ptr<const contract::contract> by) noexcept;

private:
  std::shared_ptr<const contract::contract> by_;
};

} // namespace weft

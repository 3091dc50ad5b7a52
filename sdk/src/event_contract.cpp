#include "weft/event_contract.hpp"

#include "mesh/contract/contract.hpp"

#include <utility>

namespace weft {

event_contract::event_contract(contract::contract_ptr by) noexcept : by_(std::move(by)) {}

const contract_id& event_contract::id() const noexcept { return by_->id(); }
std::string_view event_contract::schema() const noexcept { return by_->text().schema; }
std::string_view event_contract::rules() const noexcept { return by_->text().rules; }
std::string_view event_contract::root_name() const noexcept { return by_->root_name(); }

result<std::string> event_contract::json(const event& of) const { return by_->decode(of.value()); }
result<void> event_contract::check(byte_view value) const { return by_->check(value); }

} // namespace weft

// sdk/inspect/known_contracts.hpp: shows values by the contracts that their events name.
#pragma once
#include "weft/client.hpp"

#include <functional>
#include <optional>
#include <string>
#include <unordered_set>

namespace weft::inspect {

/// What can't be decoded is told once for each contract, and stays as it is.
/// @thread one at a time
class known_contracts {
public:
  using unknown = std::function<void(const contract_id&, const error&)>;

  explicit known_contracts(unknown tell = {}) : tell_(std::move(tell)) {}
  /// @param node  outlives the last decode()
  void ask(participant& node) noexcept { node_ = &node; }
  /// The event's value as JSON when it is a FlatBuffers table and its contract is known.
  [[nodiscard]] std::optional<std::string> decode(const event& shown);

private:
  participant* node_ = nullptr;
  unknown tell_;
  std::unordered_set<contract_id> told_; // the latest limits::contracts_read_max
};

} // namespace weft::inspect

// sdk/cli/known_contracts.hpp: the contracts that events name, asked of the node when the first one comes.
#pragma once
#include "mesh/contract/contract.hpp"
#include "weft/client.hpp"

#include <optional>
#include <string>
#include <unordered_map>

namespace weft::cli {

/// What a contracts.show answers. @error errc::undecodable  no such document
[[nodiscard]] result<contract::contract_ptr> contract_in(const std::string& document);

/// Keeps limits::contracts_read_max of them. One that the node does not know is asked for once, and its values stay as
/// they are.
/// @thread one at a time
class known_contracts {
public:
  /// @param node  outlives the last decode()
  void ask(client& node) noexcept { node_ = &node; }
  /// The event's value as JSON when it is a FlatBuffers table and its contract is known.
  [[nodiscard]] std::optional<std::string> decode(const event& shown);

private:
  [[nodiscard]] contract::contract_ptr find(const contract_id& id);

  client* node_ = nullptr;
  std::unordered_map<contract_id, contract::contract_ptr> known_; // null: nobody knows it
};

} // namespace weft::cli

// gui/models/contract_plan.hpp: a topic's next contract, and its end, as operations.
#pragma once
#include "gui/core/contract_diff.hpp"
#include "gui/core/mesh_access.hpp"
#include "gui/models/operation.hpp"

#include <optional>

namespace weft::monitor {

/// What a topic is to have.
struct ContractWish {
  std::string topic;
  std::string schema_file;     ///< a FlatBuffers schema with a root_type
  std::string rules_file;      ///< comparisons of fields, one a line; empty: none
  std::string compatibility{}; ///< backward, forward, full or none; empty: as before, at first backward
  std::string on_broken{};     ///< refuse or quarantine; empty: as before, at first refuse
};

/// What the topic has, and what a node says of the wish in a dry run.
struct ContractFacts {
  std::string schema, rules;                ///< as the files had them: these very bytes are sent
  std::string id, compatibility, on_broken; ///< as the node would take it
  std::string held, held_rules;             ///< the id of the one that the topic has, and its rules; empty: none
  std::optional<contract_diff> diff;  ///< against the one that it has; nothing: there is none, or it can't be read
  std::vector<contract_field> fields; ///< of a first one
  std::string
      problem; ///< why it can't be planned, or why the node would refuse it; the differences may be there anyway
};

/// A file's text. @error errc::too_large, errc::not_found, errc::io_error @thread any; waits for the disk
[[nodiscard]] result<std::string> readContractFile(const std::string& path);
/// @thread any; waits
[[nodiscard]] ContractFacts checkContract(mesh_access& mesh, const ContractWish& wish);
/// The contract that a topic has. @error errc::not_found  it has none @thread any; waits
[[nodiscard]] result<QJsonObject> readHeld(mesh_access& mesh, const std::string& topic);

[[nodiscard]] Operation addContract(const ContractFacts& facts, const ContractWish& wish);
/// @param held as readHeld() has it
[[nodiscard]] Operation removeContract(const std::string& topic, const result<QJsonObject>& held);

} // namespace weft::monitor

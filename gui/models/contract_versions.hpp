// gui/models/contract_versions.hpp: the contracts that topics have and had, and what changed from one to the next.
#pragma once
#include "gui/core/contract_diff.hpp"
#include "gui/core/mesh_access.hpp"
#include "gui/models/rows_model.hpp"

#include <map>

namespace weft::monitor {

/// A version of a topic's contract.
struct ContractRow {
  std::string topic, id, root, compatibility, on_broken;
  time_us added = 0;
  bool holds = false;
  std::size_t number = 1, of = 1; ///< the oldest that the node knows is the first
  std::string key;                ///< TOPIC/NUMBER, by which rows are in order
};

struct ContractList {
  std::vector<ContractRow> rows; ///< by topic, the oldest first
  std::string problem;
};

/// One version, with its text and what changed since the one before.
struct ContractText {
  std::string schema, rules, rules_before;
  std::vector<contract_field> fields;
  std::optional<contract_diff> diff; ///< nothing: it is the first, or one of both can't be read
  std::string problem;
};

/// Who wrote by which version, as far as events that were read tell.
struct ContractUse {
  std::map<std::string, std::map<std::string, std::uint64_t>> events; ///< contract, node: how many
  std::uint64_t read = 0;
  std::string problem;
};

/// @thread any; each waits
[[nodiscard]] ContractList readContracts(mesh_access& mesh);
/// @param before the id of the version before; empty: there is none
[[nodiscard]] ContractText readContract(mesh_access& mesh, const std::string& id, const std::string& before);
/// Reads events of the topic since `from`.
[[nodiscard]] ContractUse readUse(mesh_access& mesh, const std::string& topic, time_us from,
                                  const std::stop_token& stop);

class ContractsModel : public RowsModel<ContractRow> {
public:
  struct At {
    enum : int { state, topic, version, root, id, promise, broken, added };
  };
  explicit ContractsModel(QObject* parent = nullptr);
};

struct ChangeRow : contract_change {
  std::string key; ///< its place in the list
};

class ContractChangesModel : public RowsModel<ChangeRow> {
public:
  struct At {
    enum : int { state, name, what, before, after, breaks };
  };
  explicit ContractChangesModel(QObject* parent = nullptr);
  void apply(const std::vector<contract_change>& changes);
};

} // namespace weft::monitor

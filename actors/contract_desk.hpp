// actors/contract_desk.hpp: adds contracts to topics, and shows those that this node knows.
#pragma once
#include "mesh/base/result.hpp"
#include "mesh/catalog/contract_table.hpp"
#include "mesh/wire/topic_settings.hpp"

#include <optional>
#include <string>

namespace weft::actors {

class topic_desk;
struct node_services;

/// Lives in the log keeper's actor, beside the topic desk, which it has decide. Answers are JSON documents.
class contract_desk {
public:
  contract_desk(node_services& services, topic_desk& topics) : services_(services), topics_(topics) {}

  /// `what` and its arguments:
  ///
  ///     contracts.add     {"topic", "schema", "rules", "compatibility", "on_broken", "dry_run"}; what is not said of
  ///                       the last two stays: backward, refuse. A topic that is not there is made.
  ///     contracts.remove  {"topic"}: its events may be anything again
  ///     contracts.list    {"topic"}, or all: the first 500, and how many there are in "total"
  ///     contracts.show    {"topic"}: the one that holds; or {"id"}: at least its first 8 digits
  ///
  /// @error errc::incompatible      the new one breaks what is promised: the field and what to do
  /// @error errc::invalid_argument  what is wrong with the schema, the rules or the arguments
  /// @error errc::not_found         no such topic or contract
  /// @error as topic_desk::decide
  [[nodiscard]] result<std::string> answer(const std::string& what, const std::string& arguments);

private:
  [[nodiscard]] result<std::string> add(const std::string& arguments);
  [[nodiscard]] result<std::string> remove(const std::string& topic);
  [[nodiscard]] result<std::string> list(const std::string& topic);
  [[nodiscard]] result<std::string> show(const std::string& topic, const std::string& id);
  [[nodiscard]] result<std::optional<wire::topic_settings>> settings_of(const std::string& topic);
  [[nodiscard]] result<catalog::contract_row> holding(const std::string& topic);
  [[nodiscard]] result<catalog::contract_row> by_digits(const std::string& digits);

  node_services& services_;
  topic_desk& topics_;
};

} // namespace weft::actors

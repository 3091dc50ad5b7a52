// actors/state_topics.hpp: the topics in which a node publishes what it knows of itself. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weft::actors {

enum class state_kind : std::uint8_t { nodes, links, flows, logs, groups, lag };

/// One of them: an event is a row of a listing, as its --json has it.
struct state_topic {
  state_kind kind;
  std::string_view name;                    ///< of the topic
  std::string_view type;                    ///< of its events
  std::string_view list;                    ///< in the listing's document; empty: the document is the one row
  std::vector<std::string_view> key;        ///< fields that name a row; with "/" between they are the event's key
  std::vector<std::string_view> left_out{}; ///< fields that are not published: they change without anything happening
};
[[nodiscard]] std::span<const state_topic> state_topics();

/// What was published of one topic.
class state_rows {
public:
  struct event {
    std::string key, value;
    friend bool operator==(const event&, const event&) = default;
  };

  explicit state_rows(const state_topic& of) : of_(&of) {}

  /// What is to be published now: rows that came or changed, and {"gone":true} under the keys of those that went.
  /// @param node   this node's name: of its own mesh's nodes it speaks of itself, and of those that are not well
  /// @param whole  all rows
  [[nodiscard]] std::vector<event> changes(const nlohmann::json& document, const std::string& node, bool whole);

private:
  [[nodiscard]] bool is_told(const nlohmann::json& row, const std::string& node) const;

  const state_topic* of_;
  std::map<std::string, std::string> told_; // value by key
};

} // namespace weft::actors

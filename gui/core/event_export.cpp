#include "gui/core/event_export.hpp"

#include "gui/core/csv.hpp"
#include "gui/core/figures.hpp"
#include "mesh/base/utf8.hpp"

#include <array>
#include <nlohmann/json.hpp>

namespace weft::monitor {
namespace {

using nlohmann::ordered_json;

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto left = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j)
      bits = bits << 8U | (j < left ? static_cast<std::uint8_t>(bytes[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j)
      text += j <= left ? digits[bits >> (18U - 6U * j) & 63U] : '=';
  }
  return text;
}

std::string dumped(const ordered_json& document) {
  return document.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

/// A name that comes twice has a list.
ordered_json headers_of(const event_row& row) {
  auto made = ordered_json::object();
  for (const auto& [name, value] : row.headers) {
    auto& there = made[name];
    if (there.is_null())
      there = value;
    else if (there.is_array())
      there.push_back(value);
    else
      there = ordered_json::array({there, value});
  }
  return made;
}

} // namespace

std::string event_csv_head() {
  static const std::array<std::string, 15> titles{
      "logged_at", "time",     "node",    "position", "topic",          "topic_offset", "type", "key",
      "contract",  "producer", "headers", "value",    "value_encoding", "decoded",      "gap"};
  std::string line;
  csv::add_record(line, titles);
  return line;
}

std::string event_csv(const event_row& row) {
  const bool text = is_utf8(row.value), event = !row.is_gap();
  const std::array<std::string, 15> fields{figures::utc(row.logged_at),
                                           event ? figures::utc(row.time) : "",
                                           row.node,
                                           row.position,
                                           row.topic,
                                           event ? std::to_string(row.topic_offset) : "",
                                           row.type,
                                           row.key,
                                           row.contract,
                                           row.producer,
                                           event ? dumped(headers_of(row)) : "",
                                           text ? row.value : base64(row.value),
                                           event ? (text ? "text" : "base64") : "",
                                           row.decoded,
                                           row.note};
  std::string line;
  csv::add_record(line, fields);
  return line;
}

std::string event_json_line(const event_row& row) {
  ordered_json made;
  made["position"] = row.position;
  made["node"] = row.node;
  made["logged_at"] = figures::utc(row.logged_at);
  if (row.is_gap()) {
    made["gap"] = row.note;
    return dumped(made) + "\n";
  }
  made["time"] = figures::utc(row.time);
  made["topic"] = row.topic;
  made["topic_offset"] = row.topic_offset;
  made["type"] = row.type;
  made["key"] = row.key;
  if (!row.contract.empty()) made["contract"] = row.contract;
  made["producer"] = row.producer;
  made["headers"] = headers_of(row);
  const bool text = is_utf8(row.value);
  made[text ? "value" : "value_base64"] = text ? row.value : base64(row.value);
  if (auto decoded = ordered_json::parse(row.shown(), nullptr, false); !decoded.is_discarded())
    made["decoded"] = std::move(decoded);
  return dumped(made) + "\n";
}

} // namespace weft::monitor

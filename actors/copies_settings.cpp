#include "actors/copies_settings.hpp"

#include "mesh/base/limits.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sstream>

namespace weft::actors {
namespace {

/// A line each: topic, epoch, seq.
constexpr std::string_view reached_setting = "copies_reached";
/// Words.
constexpr std::string_view left_setting = "epochs_left";

} // namespace

std::map<topic_id, log_position> kept_reached(catalog::setting_table& in) {
  std::map<topic_id, log_position> reached;
  const auto text = in.get(reached_setting);
  if (!text || !*text) return reached;
  std::istringstream lines(**text);
  std::uint32_t id = 0;
  std::uint64_t opening = 0, until = 0;
  while (lines >> id >> opening >> until)
    reached[topic_id{id}] = {epoch{opening}, seq{until}};
  return reached;
}

result<void> keep_reached(catalog::setting_table& in, const std::map<topic_id, log_position>& reached) {
  std::string text;
  for (const auto& [id, until] : reached)
    text += fmt::format("{} {} {}\n", id.value(), until.epoch.value(), until.seq.value());
  return in.set(reached_setting, text);
}

std::set<epoch> left_epochs(catalog::setting_table& in) {
  std::set<epoch> left;
  const auto text = in.get(left_setting);
  if (!text || !*text) return left;
  std::istringstream words(**text);
  for (std::string word; words >> word;)
    if (const auto one = parse_epoch(word)) left.insert(*one);
  return left;
}

result<void> add_left_epochs(catalog::setting_table& in, const std::set<epoch>& more) {
  auto left = left_epochs(in);
  if (std::ranges::includes(left, more)) return {};
  left.insert(more.begin(), more.end());
  while (left.size() > limits::epochs_left_kept)
    left.erase(left.begin());
  std::string text;
  for (const auto& one : left)
    text += to_string(one) + ' ';
  return in.set(left_setting, text);
}

} // namespace weft::actors

// gui/core/demo_words.hpp: names as a company's that sells and ships things.
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace weft::monitor::demo {

struct node_words {
  std::string_view name, zone;
};
struct topic_words {
  std::string_view name, publisher; ///< a node, if the mesh has it
  double per_s;
};
struct group_words {
  std::string_view name, topic, consumer;
};

[[nodiscard]] std::span<const node_words> nodes();
[[nodiscard]] std::span<const topic_words> topics();
[[nodiscard]] std::span<const group_words> groups();

/// The word of an index, numbered from the second round on: cart, cart-2, ...
template <class Words>
[[nodiscard]] std::string name_of(std::span<const Words> words, std::size_t index) {
  const auto round = index / words.size();
  const std::string name(words[index % words.size()].name);
  return round == 0 ? name : name + "-" + std::to_string(round + 1);
}

} // namespace weft::monitor::demo

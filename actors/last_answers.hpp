// actors/last_answers.hpp: what other nodes answered last, for when they can't be asked.
#pragma once
#include "mesh/base/ids.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/time.hpp"

#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>

namespace weft::actors {

/// In memory, and no more than limits::last_answers_bytes_max: those that were not needed for longest go first.
/// @thread any
class last_answers {
public:
  struct known {
    std::string document;
    wall_time at; ///< when it came
  };

  explicit last_answers(std::size_t bytes_max = limits::last_answers_bytes_max) noexcept : most_(bytes_max) {}

  void keep(const node_id& node, const std::string& what, const std::string& arguments, known answer);
  void forget(const node_id& node, const std::string& what, const std::string& arguments);
  [[nodiscard]] std::optional<known> find(const node_id& node, const std::string& what, const std::string& arguments);

private:
  using key = std::tuple<node_id, std::string, std::string>; // node, question, arguments
  struct item {
    key of;
    known answer;
    [[nodiscard]] std::size_t bytes() const noexcept;
  };
  void drop(std::list<item>::iterator at);

  std::mutex mutex_;
  std::list<item> items_; // the one that was needed last in front
  std::map<key, std::list<item>::iterator> places_;
  std::size_t bytes_ = 0;
  const std::size_t most_;
};

} // namespace weft::actors

// tests/sim/mesh/starts_file.hpp: topics' starts in a file, as the catalog keeps them.
#pragma once
#include "mesh/log/log.hpp"

#include <functional>
#include <map>

namespace weft::sim {

class starts_file final : public log::topic_starts {
public:
  /// @param moved  told of each start that is durable
  starts_file(disk& on, std::function<void(topic_id, const log::topic_start&)> moved)
      : disk_(on), moved_(std::move(moved)) {}

  /// @error errc::io_error, errc::corrupt
  [[nodiscard]] result<void> load();
  [[nodiscard]] result<void> move_forward(topic_id topic, const log::topic_start& start) override;
  [[nodiscard]] std::vector<std::pair<topic_id, log::topic_start>> all() const {
    return {starts_.begin(), starts_.end()};
  }

private:
  disk& disk_;
  std::function<void(topic_id, const log::topic_start&)> moved_;
  std::map<topic_id, log::topic_start> starts_;
};

} // namespace weft::sim

// actors/catalog_starts.hpp: keeps the starts of a log's topics in the catalog.
#pragma once
#include "mesh/catalog/start_table.hpp"
#include "mesh/log/log.hpp"

#include <utility>
#include <vector>

namespace weft::actors {

class catalog_starts final : public log::topic_starts {
public:
  catalog_starts(catalog::start_table& in, log_id log) noexcept : in_(in), log_(log) {}

  result<void> move_forward(topic_id topic, const log::topic_start& start) override {
    return in_.move_forward(log_, topic, {start.offset, start.at});
  }
  [[nodiscard]] result<std::vector<std::pair<topic_id, log::topic_start>>> all() {
    const auto listed = in_.list(log_);
    if (!listed) return fail(listed.error());
    std::vector<std::pair<topic_id, log::topic_start>> starts;
    for (const auto& [topic, start] : *listed)
      starts.push_back({topic, {start.offset, start.at}});
    return starts;
  }

private:
  catalog::start_table& in_;
  log_id log_;
};

} // namespace weft::actors

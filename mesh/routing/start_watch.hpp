// mesh/routing/start_watch.hpp: notices that topics' starts have passed a flow: what lies between is gone. Pure.
#pragma once
#include "mesh/log/log.hpp"
#include "mesh/wire/control.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weft::routing {

/// For one flow. Costs a comparison of pointers a read while no start moves.
class start_watch {
public:
  using starts = std::shared_ptr<const log::known_starts>;
  /// A topic's name when the flow wants the topic.
  using wanted_name = std::function<std::optional<std::string>(topic_id)>;

  /// What the flow is told of: a consumer, of what it misses; a copy, of every start, so that it can free its space.
  enum class told : std::uint8_t { missed, all };

  /// @param accepted  starts that the consumer takes as they are, since it asked for what there is; null when it asked
  ///                  for everything from a position on
  start_watch(starts accepted, wanted_name name_of, told of = told::missed)
      : known_(std::move(accepted)), name_of_(std::move(name_of)), of_(of) {}

  /// Topics that something at or above `from` is gone of, and that this was not said of before. By name.
  /// @param from  where a read began; everything below was read under the starts of the call before
  /// @param now   the starts that it was read under; may be null: all was looked at
  [[nodiscard]] std::vector<wire::named_start> passed(const log_position& from, const starts& now);

private:
  starts known_;
  wanted_name name_of_;
  told of_;
};

/// What is gone, for the consumer: which topic, and up to where.
[[nodiscard]] std::string removed_text(const wire::named_start& start);
/// The same of several topics. @pre at least one
[[nodiscard]] std::string removed_text(const std::vector<wire::named_start>& starts);

} // namespace weft::routing

// gui/core/demo_access.hpp: made-up events, and answers to what pages ask, for a mesh that is not there.
#pragma once
#include "gui/core/demo_answers.hpp"
#include "gui/core/mesh_access.hpp"
#include "gui/core/source.hpp"

namespace weft::monitor {

/// The same seed and the same source give the same events.
/// @thread any
class demo_access final : public mesh_access {
public:
  /// @param mesh outlives this: topics and nodes are those that it shows
  explicit demo_access(const mesh_source& mesh) : mesh_(mesh), answers_(mesh) {}

  [[nodiscard]] result<std::string> ask(std::string_view question, std::string_view arguments) override;
  [[nodiscard]] result<void> read(const event_query& what, const event_sink& take,
                                  const std::stop_token& stop) override;
  [[nodiscard]] result<event_lineage> lineage(std::string_view position, time_us within, std::size_t most,
                                              const std::stop_token& stop) override;

private:
  const mesh_source& mesh_;
  demo_answers answers_;
};

} // namespace weft::monitor

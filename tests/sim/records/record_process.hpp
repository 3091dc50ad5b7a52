// tests/sim/records/record_process.hpp: a member at which topics are created, altered and deleted.
#pragma once
#include "mesh/membership/topic_records.hpp"
#include "tests/sim/membership/member_process.hpp"

namespace weft::sim {

/// Keeps what it decides on disk before anybody hears of it, and what it hears as it can. A deliberate bug,
/// "records_dated_for_good": what was decided with a clock ahead is not decided again.
class record_process final : public member_process {
public:
  explicit record_process(environment& around, std::string_view bug = {});

  void on_start() override;
  void on_frame(link_id link, const shared_bytes& control, const shared_bytes& payload) override;
  void on_timer() override;

  /// @returns the version that was decided and is kept; nothing when that failed, which its operator is told
  std::optional<wire::item_version> decide(const membership::topic_decision& wanted);

  /// Null when the node runs no more.
  [[nodiscard]] const membership::topic_records* topics() const noexcept { return member() ? &topics_ : nullptr; }

private:
  [[nodiscard]] std::vector<membership::item_store*> stores() override { return {&topics_}; }
  [[nodiscard]] result<void> save(const wire::item* decided) const;
  void look_at_news();

  fake_authority authority_;
  membership::topic_records topics_;
  mono_time dates_looked_at_{};
  bool dated_for_good_;
};

} // namespace weft::sim

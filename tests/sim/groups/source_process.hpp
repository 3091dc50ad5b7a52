// tests/sim/groups/source_process.hpp: the node of a log that a group reads.
#pragma once
#include "mesh/delivery/takeups_told.hpp"
#include "tests/sim/groups/group_book.hpp"
#include "tests/sim/process.hpp"

#include <set>

namespace weft::sim {

/// Drives a group_source over the log that the book has for its host. Where that has a holder of a copy, it is told
/// what the log has, and the group waits after a start for what that one took up.
class source_process final : public process {
public:
  source_process(environment& around, group_book& book) : around_(around), book_(book) {}

  void on_start() override;
  void on_link_opened(link_id, const node_id&, const dial_id*) override {}
  void on_frame(link_id link, const shared_bytes& control, const shared_bytes& payload) override;
  void on_link_closed(link_id link, close_cause cause) override;
  void on_dial_failed(dial_id, const std::string&, dial_cause) override {}
  void on_timer() override;
  void on_woken(std::uint64_t token) override;
  void on_stop() override {
    if (source_) publish_cursor();
  }

  /// @param fails    how often it is tried in vain
  /// @param rejects  who does says that it can never be processed
  void publish(slot of, unsigned fails, bool rejects);

private:
  enum : std::uint64_t { read_is_due, save_is_due, aside_is_due, replay_is_due };

  void take(link_id link, const group_letter& letter);
  void take(link_id link, const takeup_told& told);
  void go_on();
  void tell_holder();
  void check_rejected(const group_source::in::failed& failed, const group_source::effects& fx);
  void answer_read();
  void keep_aside();
  void replay();
  void unpark_one();
  void carry_out(const group_source::effects& fx);
  void tell(member_id member, decltype(group_letter::content) content);
  void publish_cursor();
  [[nodiscard]] group_log& log() { return book_.logs[around_.host().value()]; }
  [[nodiscard]] mono_time now() const { return around_.clock().mono(); }

  environment& around_;
  group_book& book_;
  std::optional<group_source> source_;
  std::optional<weft::delivery::takeups_told> told_;      // of a log with a holder
  std::vector<std::pair<link_id, group_letter>> waiting_; // members, for the source
  link_id holder_{};
  std::map<member_id, link_id> links_;
  std::optional<group_source::out::read> asked_;
  std::optional<group_source::out::save> saving_;
  std::vector<group_source::out::set_aside> aside_; // on their way
  std::set<log_position> rejected_;                 // by members, and given up because of it
  std::vector<hashed_key> replays_;                 // keys that are to be replayed
  std::vector<group_source::in::offer> offers_;     // of the last read
  weft::epoch offers_epoch_;
};

} // namespace weft::sim

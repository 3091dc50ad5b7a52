// tests/sim/groups/holder_process.hpp: a holder of a copy of a log that a group reads.
#pragma once
#include "mesh/delivery/owner_watch.hpp"
#include "tests/sim/groups/group_book.hpp"
#include "tests/sim/process.hpp"

namespace weft::sim {

/// Has what the log's node told it of the log. While that one is away it shares the log out from there.
class holder_process final : public process {
public:
  /// @param log  by the host of its node
  holder_process(environment& around, group_book& book, std::uint32_t log) : around_(around), book_(book), log_(log) {}

  void on_start() override;
  void on_link_opened(link_id link, const node_id& peer, const dial_id* dialed) override;
  void on_frame(link_id link, const shared_bytes& control, const shared_bytes& payload) override;
  void on_link_closed(link_id link, close_cause cause) override;
  void on_dial_failed(dial_id dial, const std::string& address, dial_cause cause) override;
  void on_timer() override;
  void on_woken(std::uint64_t token) override;
  void on_stop() override { save_cursor(); }

private:
  enum : std::uint64_t { read_is_due, save_is_due };
  struct asking {
    link_id link;
    group_letter letter;
    mono_time at;
  };

  void take(link_id link, const group_letter& letter);
  void answer_those_who_ask();
  void take_up();
  void hand_back();
  void answer_read();
  void carry_out(const group_source::effects& fx);
  void tell(member_id member, decltype(group_letter::content) content);
  void save_cursor();
  [[nodiscard]] group_copy& copy() { return book_.copies[log_]; }
  [[nodiscard]] mono_time now() const { return around_.clock().mono(); }

  environment& around_;
  group_book& book_;
  std::uint32_t log_;
  weft::delivery::owner_watch watch_{mono_time{}};
  link_id owner_{};
  bool dials_ = false;
  std::vector<asking> waiting_;
  std::optional<group_source> source_;
  std::map<member_id, link_id> links_;
  std::optional<group_source::out::read> asked_;
  std::optional<group_source::out::save> saving_;
  std::vector<group_source::in::offer> offers_; // of the last read
  weft::epoch offers_epoch_;
};

} // namespace weft::sim

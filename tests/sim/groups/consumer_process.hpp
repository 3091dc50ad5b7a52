// tests/sim/groups/consumer_process.hpp: members of a group at one machine.
#pragma once
#include "tests/sim/groups/group_book.hpp"
#include "tests/sim/process.hpp"

#include <set>

namespace weft::sim {

/// Its members process several events at once, but of a slot one after the other. There is always one; others come and
/// go.
class consumer_process final : public process {
public:
  consumer_process(environment& around, group_book& book) : around_(around), book_(book) {}

  void on_start() override;
  void on_link_opened(link_id link, const node_id& peer, const dial_id* dialed) override;
  void on_frame(link_id link, const shared_bytes& control, const shared_bytes& payload) override;
  void on_link_closed(link_id link, close_cause cause) override;
  void on_dial_failed(dial_id dial, const std::string& address, dial_cause cause) override;
  void on_timer() override;
  void on_woken(std::uint64_t token) override;

  void add_member();
  /// One that came last finishes what it has begun, and goes.
  void remove_member();
  /// Its program crashed, and its node sees that.
  void lose_member();

private:
  /// What a member has of one log.
  struct log_share {
    group_member has;
    std::vector<std::pair<group_member::ticket, slot_event>> queue;
    std::map<group_member::ticket, slot_event> at_work;
    mono_time renewed;
  };
  struct worker {
    member_id id;
    std::uint32_t events_max = 1;
    std::size_t at_once = 1;
    std::vector<log_share> of; ///< by log
  };
  struct job {
    member_id member;
    std::uint32_t log = 0;
    group_member::ticket ticket = 0;
  };

  /// Who shares a log out: its node, or while that one is away a holder.
  struct source {
    std::uint32_t log = 0;
    host_index at;
  };
  void dial(const source& to) { dials_[around_.dial(world::first_address(to.at))] = to; }
  void look_for(std::uint32_t log);
  void lose(std::uint32_t log);
  void join(worker& who, std::uint32_t log);
  void take(worker& who, std::uint32_t log, const group_letter& letter);
  void begin_some(worker& who, std::uint32_t log);
  void report(worker& who, std::uint32_t log);
  [[nodiscard]] bool may_go(const worker& who) const;
  void tell(member_id member, std::uint32_t log, decltype(group_letter::content) content);
  [[nodiscard]] microseconds drawn_duration();
  [[nodiscard]] mono_time now() const { return around_.clock().mono(); }

  environment& around_;
  group_book& book_;
  std::map<dial_id, source> dials_;
  std::vector<link_id> links_;    // by log; 0: none
  std::vector<host_index> at_;    // by log: who shares it out, at the other end of the link
  std::vector<bool> look_for_it_; // by log: nobody is dialled
  std::vector<std::unique_ptr<worker>> members_;
  std::map<std::uint64_t, job> jobs_; // by the token of their end
  std::uint64_t last_token_ = 0;
};

} // namespace weft::sim

// mesh/log/commit_queue.hpp: batches that wait for the next commit, and who carries it out.
#pragma once
#include "mesh/log/log.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

namespace weft::log {

/// A batch with what the commit needs of it, read where it was hot: on the publisher's thread.
struct prepared_batch {
  topic_id topic;
  wire::batch_view batch;
  producer_id producer;
  std::uint64_t sequence = 0;
  std::uint32_t count = 0;
  std::uint32_t checksum = 0; ///< of the body, seeded as follows: another epoch may have begun meanwhile
  std::uint32_t seed = 0;
};

/// A caller that waits for its answer and may carry out commits meanwhile.
struct blocked_caller {
  std::condition_variable wake;
  bool leads = false;
  std::optional<result<std::vector<appended>>> answer;
};

struct pending_append {
  prepared_batch first;
  std::vector<prepared_batch> others; ///< with `first` an atomic group
  ack_level level = ack_level::synced;
  std::function<void(const result<std::vector<appended>>&)> done;
  blocked_caller* caller = nullptr; ///< instead of `done`
  std::size_t bytes = 0;            ///< stored
  bool reserved = false;            ///< of the mesh's own topics only

  [[nodiscard]] std::size_t batches() const noexcept { return 1 + others.size(); }
  [[nodiscard]] const prepared_batch& batch(std::size_t i) const { return i == 0 ? first : others[i - 1]; }
};

/// Which appends are taken.
enum class intake : std::uint8_t { open, reserved_only, closed };

/// A commit has one leader at a time: the commit thread, a caller that would wait anyway, or the keeper.
/// @thread any
class commit_queue {
public:
  /// @param committer  whether a thread calls lead_when_work
  commit_queue(std::size_t bytes_max, bool committer) : bytes_max_(bytes_max), committer_(committer) {}

  /// @error errc::would_block, errc::log_frozen
  [[nodiscard]] result<void> push(pending_append&& append);
  /// Queues the append and waits for its answer. @param commit  carries out one commit, when this caller has to lead
  [[nodiscard]] result<std::vector<appended>> push_and_wait(pending_append&& append,
                                                            const std::function<void()>& commit);

  // --- the leader's
  /// Leads when nobody does.
  [[nodiscard]] bool try_lead();
  /// Waits until nobody leads, then leads; goes before the commit thread.
  void lead();
  /// The commit thread: waits for work or until the time is over, then leads as soon as nobody does, work or not.
  void lead_when_work(std::optional<microseconds> at_most);
  void stop_leading();
  /// The oldest that fit into one commit of `bytes_max`, at least one when there is any.
  void take(std::size_t bytes_max, std::vector<pending_append>& into);
  void answer(pending_append& append, const result<std::vector<appended>>& with);

  /// Stops or reopens the intake. @returns what waits and is no longer taken: to be answered by the leader
  [[nodiscard]] std::vector<pending_append> set_intake(intake what, const std::string& why);
  /// The commit thread shall look again, and end after `stop`.
  void wake_committer(bool stop);
  [[nodiscard]] bool has_work() const;

private:
  [[nodiscard]] result<void> push_locked(pending_append&& append);
  void pass_on();

  const std::size_t bytes_max_;
  const bool committer_;
  mutable std::mutex mutex_;
  std::condition_variable work_; // the commit thread waits
  std::condition_variable free_; // the keeper waits to lead
  std::vector<pending_append> waiting_;
  std::size_t taken_ = 0; // from the front of waiting_
  std::size_t bytes_ = 0;
  intake intake_ = intake::open;
  std::string why_;
  bool leading_ = false;
  bool committer_sleeps_ = false;
  bool stopping_ = false;
  bool look_again_ = false;
  int keepers_waiting_ = 0;
};

} // namespace weft::log

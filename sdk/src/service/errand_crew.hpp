// sdk/src/service/errand_crew.hpp: calls the function of one kind of errands, on threads of its own.
#pragma once
#include "sdk/src/service/errand_kind.hpp"
#include "sdk/src/service/timer_book.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace weft::detail {

/// One call, and what came of it.
struct errand_attempt {
  due_timer of;
  std::string id; ///< the errand's

  std::optional<encoded_result> returned{}; ///< either
  std::optional<error> failed{};            ///< or
  bool is_first_failure = false;            ///< since one returned
};

/// A call that does not return in time is left alone, with its thread: nothing here is touched by it any more.
/// @thread one at a time, but for has_thread()
class errand_crew {
public:
  using work = std::unique_ptr<errand_attempt>;
  using time_point = std::chrono::steady_clock::time_point;
  /// @throws std::system_error  no more threads can be had
  /// @param done  called on such a thread when one is done. It has to outlive stop(), and must not call this
  errand_crew(std::shared_ptr<errand_kind> kind, std::function<void()> done);
  ~errand_crew(); ///< stop(), which waits for nothing

  [[nodiscard]] bool has_room() const noexcept { return out_ < threads_.size(); }
  /// @pre has_room()
  void give(work one);
  /// What was done since the last call.
  [[nodiscard]] std::vector<work> take_done();
  /// Those that run are told; none begins any more.
  void begin_stop();
  /// Waits until then for those that run.
  void stop(time_point until);
  /// Whether the calling thread is one of its own. @thread any
  [[nodiscard]] bool has_thread() const;

private:
  struct shared;
  static void serve(const std::shared_ptr<errand_kind>& kind, const std::shared_ptr<shared>& with);

  const std::shared_ptr<errand_kind> kind_;
  const std::shared_ptr<shared> shared_;
  std::size_t out_ = 0; // given and not taken
  std::vector<std::thread> threads_;
};

} // namespace weft::detail

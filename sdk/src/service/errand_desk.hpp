// sdk/src/service/errand_desk.hpp: the errands of one life of a service: which are done now, and how they end.
#pragma once
#include "sdk/src/service/errand_crew.hpp"
#include "sdk/src/service/errand_row.hpp"
#include "sdk/src/service/service_handlers.hpp"

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weft::detail {

/// Takes what is due on disk, of each kind as many as it has threads, so that one which waits for a slow system does
/// not keep others.
/// @thread the service's, but for has_thread()
class errand_desk {
public:
  using work = errand_crew::work;
  /// @param done  called on a thread of a crew when there is something to take
  /// @error that of the disk
  /// @throws std::system_error  no more threads can be had
  [[nodiscard]] static result<std::unique_ptr<errand_desk>> open(const std::string& service, const state_store& store,
                                                                 const service_handlers& handlers,
                                                                 const std::function<void()>& done);

  /// Names of which some wait, and which the program has no function for.
  [[nodiscard]] const std::vector<std::string>& missing() const noexcept { return missing_; }
  /// What a step takes was given out.
  void given_out(const timer_changes& rows);
  /// Begins what is due and has a thread. @error that of the disk
  [[nodiscard]] result<void> begin(wall_time now, const timer_changes& step, const timer_changes& being_written);
  /// When begin() may find something. Nothing: when a step is on disk or one is done, or never.
  [[nodiscard]] std::optional<wall_time> next() const;
  /// This step is on disk.
  void written(const timer_changes& step);
  [[nodiscard]] std::vector<work> take_done();

  /// What a call that was done changes, and what is to be told of it.
  struct settled {
    timer_changes rows;
    std::optional<error> hindered{}, given_up{};
  };
  /// @param again  when it is due if it has to be called again
  /// @error that of the disk
  [[nodiscard]] result<settled> settle(const errand_attempt& one, wall_time now, wall_time again,
                                       const timer_view& known);
  /// Waits for those that run, as the options of their kinds say.
  void stop();
  /// Whether the calling thread is one of a crew. @thread any
  [[nodiscard]] bool has_thread() const;

private:
  struct lane {
    lane(const std::shared_ptr<errand_kind>& of, const state_store& store, const std::function<void()>& done)
        : kind(of), book(store, errand_name(of->name)), crew(of, done) {}
    std::shared_ptr<errand_kind> kind;
    timer_book book;
    errand_crew crew;
    std::vector<due_timer> held_back{}; // their calls of a life before run
  };
  explicit errand_desk(std::string service) : service_(std::move(service)) {}
  [[nodiscard]] static result<std::optional<due_timer>> take(lane& of, wall_time now, const timer_changes& step,
                                                             const timer_changes& being_written);

  const std::string service_;
  std::list<lane> lanes_;
  std::vector<std::string> missing_;
};

} // namespace weft::detail

#include "sdk/src/service/errand_crew.hpp"

#include "mesh/wire/batch_builder.hpp"
#include "weft/rejected.hpp"

#include <condition_variable>
#include <deque>
#include <exception>
#include <fmt/format.h>
#include <mutex>
#include <set>
#include <stop_token>
#include <utility>

namespace weft::detail {
namespace {

/// Nothing more can be done about what was returned and can't be kept.
encoded_result as_kept(encoded_result returned) {
  if (returned.lost) return returned;
  const wire::new_event told{{}, returned.type, {}, {}, as_bytes(returned.value)};
  if (const auto fits = wire::batch_builder::check(told); !fits) return {.lost = fits.error()};
  return returned;
}

/// @error why it has to be called again, or with errc::rejected never
result<encoded_result> outcome_of(const errand_kind& kind, const errand_call& with) {
  try {
    auto returned = kind.action(with);
    if (!returned) return fail(returned.error().within(fmt::format("the value (type \"{}\")", with.what.type)));
    return as_kept(std::move(*returned));
  } catch (const rejected& thrown) {
    return fail(errc::rejected, thrown.what());
  } catch (const std::exception& thrown) {
    return fail(errc::handler_failed, thrown.what());
  } catch (...) {
    return fail(errc::handler_failed, "its function threw");
  }
}

void call(errand_kind& kind, errand_attempt& one, std::stop_token stop) {
  kind.begun();
  auto outcome = outcome_of(kind, {one.id, one.of.row.tries + 1, one.of.what, std::move(stop)});
  if (outcome) {
    one.returned = *std::move(outcome);
    kind.returned();
  } else {
    one.failed = outcome.error();
    one.is_first_failure = kind.threw(*one.failed);
  }
}

thread_local const void* crew_of_thread = nullptr; // the crew that this thread is of

} // namespace

struct errand_crew::shared {
  std::function<void()> done; // under the lock

  std::mutex mutex;
  std::condition_variable given, over;
  std::deque<work> waiting;
  std::vector<work> ready;
  std::set<timer_id> running;
  bool stops = false;
  bool is_left = false; // nobody waits for those that run
  std::stop_source stop{};
};

errand_crew::errand_crew(std::shared_ptr<errand_kind> kind, std::function<void()> done)
    : kind_(std::move(kind)), shared_(std::make_shared<shared>()) {
  shared_->done = std::move(done);
  const auto count = static_cast<std::size_t>(kind_->options.threads);
  threads_.reserve(count);
  try {
    while (threads_.size() < count)
      threads_.emplace_back([of = kind_, with = shared_] { serve(of, with); });
  } catch (...) {
    stop(time_point::min());
    throw;
  }
}

errand_crew::~errand_crew() { stop(time_point::min()); }

void errand_crew::give(work one) {
  ++out_;
  const std::lock_guard held{shared_->mutex};
  shared_->waiting.push_back(std::move(one));
  shared_->given.notify_one();
}

std::vector<errand_crew::work> errand_crew::take_done() {
  std::vector<work> all;
  const std::lock_guard held{shared_->mutex};
  all.swap(shared_->ready);
  out_ -= all.size();
  return all;
}

void errand_crew::begin_stop() {
  const std::lock_guard held{shared_->mutex};
  shared_->stops = true;
  out_ -= shared_->waiting.size();
  shared_->waiting.clear();
  shared_->given.notify_all();
  shared_->stop.request_stop();
}

void errand_crew::stop(time_point until) {
  begin_stop();
  bool all_returned = false;
  {
    std::unique_lock held{shared_->mutex};
    all_returned = shared_->over.wait_until(held, until, [this] { return shared_->running.empty(); });
    shared_->is_left = true;
    for (const auto& id : shared_->running)
      kind_->leave_alone(id);
  }
  for (auto& thread : threads_)
    if (thread.joinable()) all_returned ? thread.join() : thread.detach();
  threads_.clear();
}

bool errand_crew::has_thread() const { return crew_of_thread == shared_.get(); }

void errand_crew::serve(const std::shared_ptr<errand_kind>& kind, const std::shared_ptr<shared>& with) {
  crew_of_thread = with.get();
  std::unique_lock held{with->mutex};
  for (;;) {
    with->given.wait(held, [&] { return with->stops || !with->waiting.empty(); });
    if (with->stops) return;
    auto one = std::move(with->waiting.front());
    with->waiting.pop_front();
    with->running.insert(one->of.id);
    held.unlock();
    call(*kind, *one, with->stop.get_token());
    held.lock();
    with->running.erase(one->of.id);
    if (with->is_left) return kind->is_over(one->of.id);
    with->ready.push_back(std::move(one));
    with->done();
    with->over.notify_all();
  }
}

} // namespace weft::detail

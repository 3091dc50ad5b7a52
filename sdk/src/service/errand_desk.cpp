#include "sdk/src/service/errand_desk.hpp"

#include "mesh/base/assert.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace weft::detail {
namespace {

std::string text_of(const errand_attempt& one) {
  return fmt::format("the errand {} of '{}' ({})", one.of.what.topic, one.of.what.key_text(), one.id);
}

bool is_given_up(const errand_attempt& one, const errand_options& options) {
  return one.failed->code() == errc::rejected || (options.calls_max > 0 && one.of.row.tries + 1 >= options.calls_max);
}

result<encoded_result> end_of(const errand_attempt& one) {
  if (one.failed && one.failed->code() != errc::rejected)
    return fail(one.failed->within(fmt::format("given up after {} calls", one.of.row.tries + 1)));
  if (one.failed) return fail(*one.failed);
  if (one.returned->lost) return fail(one.returned->lost->within("it is done, but what its function returned is lost"));
  return *one.returned;
}

} // namespace

result<std::unique_ptr<errand_desk>> errand_desk::open(const std::string& service, const state_store& store,
                                                       const service_handlers& handlers,
                                                       const std::function<void()>& done) {
  std::unique_ptr<errand_desk> made{new errand_desk(service)};
  auto waiting = store.errands();
  if (!waiting) return fail(waiting.error());
  for (const auto& [name, kind] : handlers.errands()) {
    const auto some = waiting->extract(errand_name(name));
    kind->set_waiting(some ? some.mapped() : 0);
    made->lanes_.emplace_back(kind, store, done);
  }
  for (const auto& [name, count] : *waiting)
    made->missing_.push_back(name.substr(errand_row_name.size()));
  return made;
}

void errand_desk::given_out(const timer_changes& rows) {
  for (auto& of : lanes_)
    of.kind->given_out(static_cast<std::size_t>(
        std::ranges::count(rows, errand_name(of.kind->name), [](const auto& row) { return row.first.name; })));
}

result<std::optional<due_timer>> errand_desk::take(lane& of, wall_time now, const timer_changes& step,
                                                   const timer_changes& being_written) {
  const auto free =
      std::ranges::find_if(of.held_back, [&](const due_timer& one) { return !of.kind->is_left_alone(one.id); });
  if (free != of.held_back.end()) {
    std::optional one(std::move(*free));
    of.held_back.erase(free);
    return one;
  }
  for (;;) {
    auto due = of.book.take(now, step, being_written);
    if (!due || !*due || !of.kind->is_left_alone((*due)->id)) return due;
    of.held_back.push_back(**std::move(due));
  }
}

result<void> errand_desk::begin(wall_time now, const timer_changes& step, const timer_changes& being_written) {
  for (auto& of : lanes_)
    while (of.crew.has_room()) {
      auto due = take(of, now, step, being_written);
      if (!due) return fail(due.error());
      if (!*due) break;
      auto id = errand_id_of(service_, (*due)->row);
      of.crew.give(std::make_unique<errand_attempt>(errand_attempt{**std::move(due), std::move(id)}));
    }
  return {};
}

std::optional<wall_time> errand_desk::next() const {
  std::optional<wall_time> first;
  for (const auto& of : lanes_) {
    if (!of.crew.has_room()) continue;
    const auto due = of.book.next();
    if (due && (!first || *due < *first)) first = due;
    if (!of.held_back.empty() && !first) first = wall_time{std::numeric_limits<std::int64_t>::max()}; // to be looked at
  }
  return first;
}

void errand_desk::written(const timer_changes& step) {
  for (auto& of : lanes_)
    of.book.written(step);
}

std::vector<errand_desk::work> errand_desk::take_done() {
  std::vector<work> all;
  for (auto& of : lanes_)
    std::ranges::move(of.crew.take_done(), std::back_inserter(all));
  return all;
}

result<errand_desk::settled> errand_desk::settle(const errand_attempt& one, wall_time now, wall_time again,
                                                 const timer_view& known) {
  const auto of = std::ranges::find(lanes_, one.of.what.topic, [](const lane& each) { return each.kind->name; });
  WEFT_ASSERT(of != lanes_.end());
  of->book.settle(one.of.id);
  settled made;
  const bool gives_up = one.failed && is_given_up(one, of->kind->options);
  if (one.failed && !gives_up) {
    auto row = one.of.row;
    ++row.tries;
    row.due = again;
    made.rows.emplace(one.of.id, std::move(row));
    if (one.is_first_failure) made.hindered = one.failed->within(text_of(one));
    return made;
  }
  const auto end = end_of(one);
  auto rows = rows_of_end(one.of, end, service_, now, known);
  if (!rows) return fail(rows.error());
  made.rows = std::move(*rows);
  of->kind->ended(!gives_up);
  if (gives_up && !continuation_of(one.of)) made.given_up = end.error().within(text_of(one));
  return made;
}

bool errand_desk::has_thread() const {
  return std::ranges::any_of(lanes_, [](const lane& of) { return of.crew.has_thread(); });
}

void errand_desk::stop() {
  for (auto& of : lanes_)
    of.crew.begin_stop();
  const auto now = std::chrono::steady_clock::now();
  for (auto& of : lanes_)
    of.crew.stop(now + of.kind->options.stop_within);
}

} // namespace weft::detail

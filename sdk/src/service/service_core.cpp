#include "sdk/src/service/service_core.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/names.hpp"
#include "sdk/src/participant_core.hpp"
#include "sdk/src/service/one_event.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>

namespace weft::detail {
namespace {

/// As the group's session has it.
subscription_options as_member(const std::string& name, const service_options& options) {
  subscription_options wanted;
  wanted.from = options.from;
  wanted.group = {.name = name,
                  .on_failing = options.on_failing,
                  .deliveries_max = options.deliveries_max,
                  .backoff_first = options.backoff_first,
                  .backoff_most = options.backoff_most,
                  .events_max = limits::group_window_events_max};
  wanted.on_gap = options.on_gap;
  wanted.on_stopped = options.on_stopped;
  return wanted;
}

} // namespace

service_core::service_core(std::shared_ptr<participant_core> in, std::string name, service_options options)
    : in_(std::move(in)),
      name_(std::move(name)),
      options_(std::move(options)),
      program_({}, [this](const event& what) { return handle_one(what); }) {}

void service_core::handle(std::string_view topic, std::string_view type, event_action what) {
  actions_.emplace(topic, typed_action{std::string(type), std::move(what)});
}

// --- start and stop

result<std::string> service_core::pattern() const {
  if (actions_.empty())
    return fail(errc::invalid_argument, fmt::format("the service {} has no handler: give it one with on()", name_));
  if (options_.pattern.empty()) {
    const auto& topic = actions_.begin()->first;
    if (topic == actions_.rbegin()->first) return topic;
    return fail(errc::invalid_argument,
                fmt::format("the service {} has handlers for {} and {}: name a pattern of all its topics in its "
                            "options, as 'retail.>'",
                            name_, topic, actions_.rbegin()->first));
  }
  const auto read = topic_pattern::parse(options_.pattern);
  if (!read) return fail(read.error());
  for (const auto& [topic, what] : actions_)
    if (!read->matches(topic))
      return fail(errc::invalid_argument, fmt::format("the service {} has a handler for {}, which its pattern '{}' "
                                                      "leaves out",
                                                      name_, topic, options_.pattern));
  return options_.pattern;
}

result<void> service_core::open_state() {
  auto directory = options_.state_dir;
  if (directory.empty()) {
    const auto node = in_->data_dir();
    if (node.empty())
      return fail(errc::invalid_argument,
                  fmt::format("the service {} has no node in its process: name a state_dir for it", name_));
    directory = node + "/services/" + name_;
  }
  const auto node = in_->node();
  if (!node) return fail(errc::not_connected, fmt::format("the service {} has not reached its node yet", name_));
  auto opened = state_store::open(directory, name_, in_->random());
  if (!opened) return fail(opened.error());
  if (const auto there = (*opened)->publish_at(*node); !there) return fail(there.error());
  store_ = std::move(*opened);
  return {};
}

result<void> service_core::start() {
  if (session()) return fail(errc::invalid_argument, fmt::format("the service {} runs already", name_));
  if (const auto named = check_node_name(name_); !named) return fail(named.error());
  const auto reads = pattern();
  if (!reads) return fail(reads.error());
  if (const auto opened = open_state(); !opened) return fail(opened.error());
  const auto left = store_->unsent();
  if (!left) return fail(left.error());
  step_ = {};
  known_.clear();
  outbox_ = std::make_shared<outbox>(in_->door(), options_.level,
                                     outbox::callbacks{[this](std::int64_t batch) { on_acknowledged(batch); },
                                                       [this](const error& why) {
                                                         if (const auto at = session())
                                                           at->stop(why.within("what " + name_ + " publishes"));
                                                       }});
  auto joined = in_->join(*reads, as_member(name_, options_), store_->member(),
                          [self = shared_from_this(), batches = *left](group_session& session) {
                            self->begin(session);
                            for (const auto& batch : batches)
                              self->outbox_->add(batch.id, batch.bytes);
                            self->work(session);
                          });
  const std::lock_guard held{mutex_};
  if (!joined) {
    store_.reset();
    return fail(joined.error());
  }
  session_ = std::move(*joined);
  return {};
}

/// Before start() has returned, perhaps.
void service_core::begin(group_session& session) {
  const std::lock_guard held{mutex_};
  session_ = session.shared_from_this();
}

void service_core::stop() {
  const auto running = session();
  if (!running) return;
  running->close();
  const std::lock_guard held{mutex_};
  session_.reset();
  store_.reset();
}

result<void> service_core::wait() {
  const auto running = session();
  return running ? running->wait() : result<void>{};
}

std::shared_ptr<group_session> service_core::session() const {
  const std::lock_guard held{mutex_};
  return session_;
}

result<std::optional<std::string>> service_core::read(const state_key& of) const {
  std::unique_lock held{mutex_};
  const auto from = store_;
  held.unlock();
  if (!from) return fail(errc::invalid_argument, fmt::format("the service {} is not running", name_));
  return from->read(of);
}

// --- one event

const event_action* service_core::action_for(const event& what) const {
  const auto [first, last] = actions_.equal_range(what.topic);
  if (first == last) return nullptr;
  const auto found = std::find_if(first, last, [&](const auto& item) { return item.second.type == what.type; });
  if (found != last) return &found->second.what;
  return std::next(first) == last ? &first->second.what : nullptr;
}

/// May throw what a handler throws.
result<void> service_core::handle_one(const event& what) {
  const auto* const wanted = action_for(what);
  if (wanted == nullptr) return {};
  one_event now(what, name_, in_->clock().wall(), [this](const state_key& of) { return current(of); });
  context with(what, now);
  if (auto done = (*wanted)(with); !done) return done;
  for (const auto& output : now.outputs())
    if (const auto whose = producer_of(output.topic); !whose) now.refuse(whose.error());
  if (now.refused()) throw std::runtime_error(now.refused()->message());

  for (auto& [at, value] : now.changes()) {
    step_.bytes += at.key.size() + (value ? value->size() : 0);
    step_.changes.insert_or_assign(at, std::move(value));
  }
  std::vector<wire::header_view::header> scratch;
  for (const auto& output : now.outputs()) {
    auto at = step_.filling.find(output.topic);
    if (at == step_.filling.end())
      at = step_.filling
               .emplace(output.topic,
                        wire::batch_builder(output.topic, step_.producers.at(output.topic).id, wire::codec::none))
               .first;
    const auto made = as_new_event(output, scratch);
    step_.bytes += output.key.size() + output.value.size();
    auto added = at->second.add(made);
    if (!added) { // full
      seal(output.topic, at->second);
      added = at->second.add(made);
    }
    WEFT_ASSERT(added);
  }
  return {};
}

result<std::optional<std::string>> service_core::current(const state_key& of) {
  if (const auto found = step_.changes.find(of); found != step_.changes.end()) return found->second;
  if (const auto found = known_.find(of); found != known_.end()) return found->second;
  auto value = store_->read(of);
  if (value) known_.emplace(of, *value);
  return value;
}

/// The one of this step; a log that has not heard of it for long is told another one.
result<state_store::producer> service_core::producer_of(const std::string& topic) {
  if (const auto found = step_.producers.find(topic); found != step_.producers.end()) return found->second;
  auto known = store_->producer_of(topic);
  if (!known) return fail(known.error());
  const auto now = in_->clock().wall();
  if (!*known || (now - (*known)->used > limits::producer_renewed_after && outbox_->size() == 0))
    *known = state_store::producer{producer_id{in_->random().next() | 1U}, 0, now};
  (*known)->used = now;
  step_.producers.emplace(topic, **known);
  return **known;
}

void service_core::seal(const std::string& topic, wire::batch_builder& filling) {
  if (filling.count() == 0) return;
  auto& whose = step_.producers.at(topic);
  const auto count = filling.count();
  step_.batches.push_back({store_->next_batch(), filling.seal(whose.next)});
  whose.next += count;
}

// --- steps

void service_core::work(group_session& session) {
  using clock = std::chrono::steady_clock;
  while (!session.ends()) {
    wait_for_room(session);
    forget_acknowledged();
    const auto until =
        outbox_->size() > 0 ? std::optional(clock::now() + limits::outbox_try_again_after) : std::nullopt;
    auto job = session.take_job(until);
    if (job) {
      const auto began = clock::now();
      do
        take_in(session, std::move(*job));
      while (!is_full() && clock::now() - began < limits::step_time_most && (job = session.take_job(clock::now())));
      if (!commit(session)) break;
      settle(session);
    } else {
      outbox_->resume();
    }
  }
  outbox_->close(limits::service_stop_within);
  forget_acknowledged();
}

void service_core::take_in(group_session& session, group_job job) {
  auto& handled = store_->handled();
  if (!handled.has(job.log, job.what.at, job.of)) {
    if (const auto why = program_.handle(job.what)) return session.fail_job(job, *why);
    handled.add({job.log, job.what.at, job.of, job.generation}, job.before);
  }
  session.let_next(job);
  step_.jobs.push_back(std::move(job));
}

bool service_core::is_full() const {
  return step_.jobs.size() >= limits::step_events_max || step_.bytes >= limits::step_bytes_max ||
         step_.batches.size() >= limits::outbox_batches_max / 2;
}

bool service_core::commit(group_session& session) {
  for (auto& [topic, filling] : step_.filling)
    seal(topic, filling);
  for (;;) {
    const auto done = store_->commit({step_.changes, step_.batches, step_.producers});
    if (done) return true;
    if (done.error().code() == errc::corrupt) {
      session.stop(done.error());
      return false;
    }
    std::unique_lock held{mutex_};
    changed_.wait_for(held, limits::outbox_try_again_after);
    if (session.ends()) return false;
  }
}

/// Its events are finished when what they published is acknowledged.
void service_core::settle(group_session& session) {
  step whole = std::exchange(step_, {});
  if (known_.size() + whole.changes.size() > limits::state_cached_values_max) known_.clear();
  for (auto& [at, value] : whole.changes)
    known_.insert_or_assign(at, std::move(value));
  if (whole.batches.empty()) return session.finish(whole.jobs);
  const auto waiting = std::make_shared<committed>(committed{whole.batches.size(), std::move(whole.jobs)});
  {
    const std::lock_guard held{mutex_};
    for (const auto& batch : whole.batches)
      unacknowledged_.emplace(batch.id, waiting);
  }
  for (const auto& batch : whole.batches)
    outbox_->add(batch.id, batch.bytes);
}

void service_core::wait_for_room(const group_session& session) {
  while (outbox_->size() >= limits::outbox_batches_max && !session.ends()) {
    outbox_->resume();
    std::unique_lock held{mutex_};
    changed_.wait_for(held, limits::outbox_try_again_after,
                      [this] { return outbox_->size() < limits::outbox_batches_max; });
  }
}

void service_core::on_acknowledged(std::int64_t batch) {
  std::vector<group_job> finished;
  {
    const std::lock_guard held{mutex_};
    acknowledged_.push_back(batch);
    if (const auto at = unacknowledged_.extract(batch); !at.empty() && --at.mapped()->batches == 0)
      finished = std::move(at.mapped()->jobs);
    changed_.notify_all();
  }
  if (const auto at = session()) {
    at->finish(finished);
    at->wake();
  }
}

/// The log drops what is sent again: a failure here costs nothing else.
void service_core::forget_acknowledged() {
  std::unique_lock held{mutex_};
  const auto done = std::exchange(acknowledged_, {});
  held.unlock();
  if (!done.empty()) static_cast<void>(store_->forget(done));
}

} // namespace weft::detail

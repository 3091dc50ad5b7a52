#include "sdk/src/service/service_core.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/names.hpp"
#include "sdk/src/participant_core.hpp"
#include "sdk/src/service/one_event.hpp"
#include "weft/report.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
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
  wanted.on_stopped = options.on_stopped ? options.on_stopped : [name](const error& why) {
    report(why.within(fmt::format("the service {} ended", name)));
  };
  return wanted;
}

/// Whether the disk may take a step another time.
bool may_pass(errc code) { return code == errc::disk_full || code == errc::io_error || code == errc::descriptors_out; }

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
  std::set<std::pair<std::string_view, std::string_view>> kinds;
  for (const auto& [topic, what] : actions_)
    if (!kinds.emplace(topic, what.type).second)
      return fail(errc::invalid_argument,
                  fmt::format("the service {} has two handlers for type '{}' of {}: which one is "
                              "meant?",
                              name_, what.type, topic));
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

result<std::string> service_core::directory() const {
  if (!options_.state_dir.empty()) return options_.state_dir;
  const auto node = in_->data_dir();
  if (!node.empty()) return node + "/services/" + name_;
  return fail(errc::invalid_argument,
              fmt::format("the service {} has no node in its process: name a state_dir for it", name_));
}

result<std::shared_ptr<state_store>> service_core::open_state() const {
  const auto at = directory();
  if (!at) return fail(at.error());
  const auto node = in_->node();
  if (!node) return fail(errc::not_connected, fmt::format("the service {} has not reached its node yet", name_));
  auto opened = state_store::open(*at, name_, in_->random());
  if (!opened) return fail(opened.error());
  if (const auto there = (*opened)->publish_at(*node); !there) return fail(there.error());
  return std::shared_ptr<state_store>(std::move(*opened));
}

std::shared_ptr<outbox> service_core::make_outbox() {
  return std::make_shared<outbox>(in_->door(), options_.level,
                                  outbox::callbacks{[this](std::int64_t batch) { on_acknowledged(batch); },
                                                    [this](const error& why) { on_unpublishable(why); },
                                                    [this](const error& why) { tell_hindered(why); }});
}

result<void> service_core::start() {
  if (const auto running = session(); running && (!running->ends() || is_on_its_thread()))
    return fail(errc::invalid_argument, fmt::format("the service {} runs already", name_));
  stop(); // it ended by itself
  if (const auto named = check_node_name(name_); !named) return fail(named.error());
  if (options_.on_failing == failing_event::park)
    return fail(errc::invalid_argument,
                fmt::format("the service {} can't park: its state says what was handled, by the "
                            "order of the log; take block, dead_letter or skip",
                            name_));
  const auto reads = pattern();
  if (!reads) return fail(reads.error());
  const auto opened = open_state();
  if (!opened) return fail(opened.error());
  const auto left = (*opened)->unsent();
  if (!left) return fail(left.error());
  {
    const std::lock_guard held{mutex_};
    store_ = work_store_ = *opened;
    outbox_ = make_outbox();
    unacknowledged_.clear();
    acknowledged_.clear();
    numbers_lost_ = false;
  }
  step_ = {};
  known_.clear();
  known_bytes_ = 0;
  auto options = as_member(name_, options_);
  if (options_.on_gap)
    options.on_gap = [this](const gap& missing) { // on the worker's thread
      work_store_->handled().pass_over(missing.log, missing.from.epoch);
      options_.on_gap(missing);
    };
  auto joined = in_->join(*reads, options, (*opened)->member(),
                          [self = shared_from_this(), batches = *left](group_session& session) {
                            self->begin(session, batches);
                            self->work(session);
                            self->end();
                          });
  const std::lock_guard held{mutex_};
  works_ = joined.has_value();
  if (joined) {
    session_ = std::move(*joined);
  } else {
    store_.reset();
    work_store_.reset();
  }
  changed_.notify_all();
  if (!joined) return fail(joined.error());
  return {};
}

/// Not before start() has said what runs.
void service_core::begin(group_session& session, const std::vector<outgoing_batch>& left) {
  {
    std::unique_lock held{mutex_};
    changed_.wait(held, [&] { return session_.get() == &session; });
    thread_ = std::this_thread::get_id();
  }
  for (const auto& batch : left)
    outbox_->add(batch.id, batch.bytes);
}

void service_core::end() {
  const std::lock_guard held{mutex_};
  works_ = false;
  thread_ = {};
  changed_.notify_all();
}

bool service_core::is_on_its_thread() const {
  const std::lock_guard held{mutex_};
  return thread_ == std::this_thread::get_id();
}

void service_core::stop() {
  const auto running = session();
  if (!running) return;
  running->close();
  if (is_on_its_thread()) return; // it ends when its handler has returned
  std::unique_lock held{mutex_};
  changed_.wait(held, [this] { return !works_; });
  session_.reset();
  store_.reset();
  work_store_.reset();
  thread_ = {};
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
  one_event now(what, name_, in_->clock().wall(), in_->random(), [this](const state_key& of) { return current(of); });
  context with(what, now);
  result<void> done;
  try {
    done = (*wanted)(with);
  } catch (...) { // perhaps for want of what could not be read
    broken_ = now.broken();
    if (!broken_) throw;
  }
  if (now.broken()) broken_ = now.broken();
  if (!done || broken_) return done;
  if (now.refused()) throw std::runtime_error(now.refused()->message());
  for (const auto& output : now.outputs())
    if (const auto whose = producer_of(output.topic); !whose) {
      broken_ = whose.error();
      return {};
    }

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
  auto value = work_store_->read(of);
  if (value) remember(of, *value);
  return value;
}

void service_core::remember(const state_key& of, const std::optional<std::string>& value) {
  const auto bytes = [&of](const std::optional<std::string>& one) {
    return of.table.size() + of.key.size() + (one ? one->size() : 0);
  };
  if (const auto before = known_.find(of); before != known_.end()) {
    known_bytes_ -= bytes(before->second);
    known_.erase(before);
  }
  if (known_bytes_ + bytes(value) > limits::state_cache_bytes) {
    known_.clear();
    known_bytes_ = 0;
  }
  known_bytes_ += bytes(value);
  known_.emplace(of, value);
}

/// The one of this step; a log that has not heard of it for long is told another one.
result<state_store::producer> service_core::producer_of(const std::string& topic) {
  if (const auto found = step_.producers.find(topic); found != step_.producers.end()) return found->second;
  auto known = work_store_->producer_of(topic);
  if (!known) return fail(known.error());
  const auto now = in_->clock().wall();
  if (!*known || (now - (*known)->used > limits::producer_renewed_after && outbox_->size() == 0))
    *known = state_store::producer{producer_id{in_->random().next() | 1U}, 0, now};
  step_.producers.emplace(topic, **known);
  return **known;
}

void service_core::seal(const std::string& topic, wire::batch_builder& filling) {
  if (filling.count() == 0) return;
  auto& whose = step_.producers.at(topic);
  const auto count = filling.count();
  step_.batches.push_back({work_store_->next_batch(), filling.seal(whose.next)});
  whose.next += count;
  whose.used = in_->clock().wall();
}

// --- steps

void service_core::work(group_session& session) {
  using clock = std::chrono::steady_clock;
  while (!session.ends()) {
    wait_for_room(session);
    forget_acknowledged();
    const bool waits = outbox_->size() > 0;
    if (waits && clock::now() - last_resume_ > limits::outbox_try_again_after) {
      outbox_->resume();
      last_resume_ = clock::now();
    }
    auto job = session.take_job(waits ? std::optional(clock::now() + limits::outbox_try_again_after) : std::nullopt);
    if (!job) continue;
    const auto began = clock::now();
    do
      take_in(session, std::move(*job));
    while (!is_full() && clock::now() - began < limits::step_time_most && (job = session.take_job(clock::now())));
    if (!commit(session)) break;
    settle(session);
  }
  outbox_->close(limits::service_stop_within);
  forget_acknowledged();
  const std::lock_guard held{mutex_};
  if (numbers_lost_ && acknowledged_.empty()) // else the next start says it again
    static_cast<void>(work_store_->renumber(in_->random()));
}

void service_core::take_in(group_session& session, group_job job) {
  auto& handled = work_store_->handled();
  if (!handled.has(job.log, job.what.at, job.of)) {
    broken_.reset();
    const auto why = program_.handle(job.what);
    if (broken_) return session.stop(broken_->within("the state of " + name_)); // it comes again at the next start
    if (why) return session.fail_job(job, *why);
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
    const auto done = work_store_->commit({step_.changes, step_.batches, step_.producers});
    if (done) {
      told_hindered_ = false;
      return true;
    }
    const auto why = done.error().within("the state of " + name_);
    if (!may_pass(why.code())) session.stop(why);
    if (session.ends()) return false;
    if (!std::exchange(told_hindered_, true)) tell_hindered(why);
    std::unique_lock held{mutex_};
    changed_.wait_for(held, limits::outbox_try_again_after);
  }
}

/// Its events are finished when what they published is acknowledged.
void service_core::settle(group_session& session) {
  step whole = std::exchange(step_, {});
  for (const auto& [at, value] : whole.changes)
    remember(at, value);
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

void service_core::tell_hindered(const error& why) const {
  if (!options_.on_hindered) {
    report(why.within(fmt::format("the service {} tries again", name_)));
    return;
  }
  try {
    options_.on_hindered(why);
  } catch (...) { // it can't be told, and goes on
  }
}

void service_core::on_unpublishable(const error& why) {
  const auto at = session();
  if (!at) return;
  if (why.code() != errc::sequence_gap) return at->stop(why.within("what " + name_ + " publishes"));
  {
    const std::lock_guard held{mutex_};
    numbers_lost_ = true;
  }
  at->stop(
      {errc::sequence_gap,
       fmt::format("what {} publishes: {}. The log has lost events that it had acknowledged, or has not heard of the "
                   "service for a week. Start it again: what it could not publish gets new numbers, and may be there "
                   "twice (by weft-caused-by and weft-origin it shows)",
                   name_, why.message())});
}

/// What fails is tried again with the next.
void service_core::forget_acknowledged() {
  std::unique_lock held{mutex_};
  const auto done = std::exchange(acknowledged_, {});
  held.unlock();
  if (done.empty() || work_store_->forget(done)) return;
  held.lock();
  acknowledged_.insert(acknowledged_.end(), done.begin(), done.end());
}

} // namespace weft::detail

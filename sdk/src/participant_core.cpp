#include "sdk/src/participant_core.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/names.hpp"
#include "sdk/src/group_session.hpp"
#include "sdk/src/session.hpp"
#include "weft/json.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <ranges>

namespace weft::detail {

namespace {

error closed_error() { return {errc::cancelled, "the node or client is closed"}; }

template <class T>
std::vector<std::shared_ptr<T>> living(std::vector<std::weak_ptr<T>>& all) {
  std::vector<std::shared_ptr<T>> found;
  for (const auto& item : all)
    if (auto alive = item.lock()) found.push_back(std::move(alive));
  all.assign(found.begin(), found.end());
  return found;
}

} // namespace

participant_core::participant_core(weft::clock& clock, random_source& random)
    : clock_(clock), random_(random), contracts_(clock) {}

participant_core::~participant_core() { close(); }

result<void> participant_core::open(const opener& open) {
  auto opened = open(*this);
  if (!opened) return fail(opened.error());
  const std::lock_guard held{mutex_};
  host_ = std::move(*opened);
  data_dir_ = host_->data_dir();
  door_ = &host_->door();
  return {};
}

void participant_core::close() {
  std::shared_ptr<requests> asked;
  {
    const std::lock_guard held{mutex_};
    if (closed_) return;
    closed_ = true;
    changed_.notify_all();
    asked = asking_;
  }
  services_.close();
  if (asked) asked->close(); // a handler may wait for a reply
  const auto all = consumers();
  for (const auto& running : std::ranges::reverse_view(all)) // a service before the replies that it waits for
    running->close();
  for (const auto& core : publishers())
    core->close(limits::stop_within);
  host_.reset();
  decltype(queries_) unanswered;
  {
    const std::lock_guard held{mutex_};
    unanswered.swap(queries_);
    shared_publishers_.clear();
  }
  for (auto& [id, query] : unanswered)
    query.to.set_value(fail(closed_error()));
  if (absence_.joinable()) absence_.join();
}

// --- facts

bool participant_core::connected() const {
  const std::lock_guard held{mutex_};
  return connected_;
}

result<void> participant_core::wait_connected(microseconds within) {
  std::unique_lock held{mutex_};
  changed_.wait_for(held, within, [this] { return connected_ || closed_; });
  if (connected_) return {};
  if (lost_why_) return fail(*lost_why_);
  return fail(errc::not_connected, "no node answers: is it running, and as this user?");
}

std::string participant_core::node_name() const {
  const std::lock_guard held{home_->mutex};
  return home_->name;
}

std::optional<node_id> participant_core::node() const {
  const std::lock_guard held{mutex_};
  return facts_ ? std::optional(facts_->id) : std::nullopt;
}

std::string participant_core::data_dir() const {
  const std::lock_guard held{mutex_};
  return data_dir_;
}

std::string participant_core::address() const {
  const std::lock_guard held{mutex_};
  return host_ ? host_->address() : std::string{};
}

// --- publishers

result<participant_core::core_ref> participant_core::make_publisher(std::string_view topic,
                                                                    const publisher_options& options) {
  if (const auto named = check_topic_name(topic); !named) return fail(named.error());
  std::unique_lock held{mutex_};
  if (closed_ || door_ == nullptr) return fail(closed_error());
  auto name_of_home = [home = home_] {
    const std::lock_guard name_held{home->mutex};
    return home->name;
  };
  auto core = std::make_shared<publisher_core>(
      publisher_environment{*door_, clock_, random_, errors_, std::move(name_of_home)}, std::string(topic), options);
  if (publishers_.size() == publishers_.capacity()) forget_dropped_publishers();
  publishers_.push_back(core);
  held.unlock();
  core->open();
  return core;
}

result<publisher_base> participant_core::shared_publisher(std::string_view topic) {
  {
    const std::lock_guard held{mutex_};
    if (const auto known = shared_publishers_.find(topic); known != shared_publishers_.end())
      return publisher_base{known->second};
  }
  auto made = make_publisher(topic, {});
  if (!made) return fail(made.error());
  const std::lock_guard held{mutex_};
  if (closed_) return fail(closed_error());
  if (shared_publishers_.size() >= limits::publishers_kept_max) forget_idle_publishers();
  return publisher_base{shared_publishers_.try_emplace(std::string(topic), std::move(*made)).first->second};
}

// Needs the lock. One that a caller is using right now is kept alive by that caller, and so are its events' order and
// bounds until it is done.
void participant_core::forget_idle_publishers() {
  std::erase_if(shared_publishers_, [](const auto& known) {
    return known.second.use_count() == 2 && known.second->idle();
  }); // this and publishers_
}

// Needs the lock. One with something unsettled stays until that has found its end, whoever let go of it.
void participant_core::forget_dropped_publishers() {
  std::erase_if(publishers_, [](const core_ref& core) { return core.use_count() == 1 && core->idle(); });
}

result<publisher_base> participant_core::new_publisher(std::string_view topic, const publisher_options& options) {
  auto made = make_publisher(topic, options);
  if (!made) return fail(made.error());
  return publisher_base{std::move(*made)};
}

pending<ack> participant_core::failed(std::string_view topic, error why) {
  const auto acks =
      std::make_shared<ack_state>(std::make_shared<const ack_context>(ack_context{std::string(topic), errors_}));
  auto told = acks->pending_of(0);
  acks->complete(fail(std::move(why)));
  return told;
}

std::vector<participant_core::core_ref> participant_core::publishers() const {
  const std::lock_guard held{mutex_};
  return publishers_;
}

// --- subscriptions

std::uint64_t participant_core::new_demand_id(const std::weak_ptr<consumer>& to) {
  const std::lock_guard held{mutex_};
  std::erase_if(demands_, [](const auto& known) { return known.second.expired(); });
  demands_.emplace(++last_id_, to);
  return last_id_;
}

result<std::shared_ptr<consumer>>
participant_core::subscribe(std::string_view pattern, const subscription_options& options, event_handler handler) {
  auto settings = settings_of(pattern, options);
  if (!settings) return fail(settings.error());
  const auto self = std::make_shared<std::weak_ptr<consumer>>(); // known only when it is made
  const auto at = environment_of(self);
  consumer_ref made;
  if (options.group.name.empty())
    made = std::make_shared<session>(at, std::move(*settings), options, std::move(handler));
  else
    made = std::make_shared<group_session>(at, std::move(*settings), membership_of(options.group), options,
                                           std::move(handler));
  *self = made;
  if (const auto begun = begin(made); !begun) return fail(begun.error());
  return made;
}

bool participant_core::is_closed() const {
  const std::lock_guard held{mutex_};
  return closed_;
}

result<std::shared_ptr<group_session>> participant_core::join(std::string_view pattern,
                                                              const subscription_options& options,
                                                              const state_member& member, group_worker work,
                                                              std::optional<state_home> state_at) {
  auto settings = settings_of(pattern, options);
  if (!settings) return fail(settings.error());
  auto who = membership_of(options.group);
  who.member = member.id;
  who.alone = true;
  who.shard = member.shard;
  who.process = member.process;
  const auto self = std::make_shared<std::weak_ptr<consumer>>();
  auto made = std::make_shared<group_session>(environment_of(self), std::move(*settings), std::move(who), options,
                                              std::move(work), std::move(state_at));
  *self = made;
  if (const auto begun = begin(made); !begun) return fail(begun.error());
  return made;
}

session_environment participant_core::environment_of(const std::shared_ptr<std::weak_ptr<consumer>>& self) {
  return {*door_, clock_, [this, self] { return new_demand_id(*self); }};
}

result<void> participant_core::begin(const consumer_ref& made) {
  bool there = false;
  {
    const std::lock_guard held{mutex_};
    if (closed_) return fail(closed_error());
    living(consumers_);
    consumers_.push_back(made);
    there = connected_;
  }
  made->start(there);
  return {};
}

std::shared_ptr<requests> participant_core::asking() {
  const std::lock_guard held{mutex_};
  if (!asking_)
    asking_ = std::make_shared<requests>(
        requests::environment{clock_,
                              [this](std::string_view topic, const subscription_options& options,
                                     event_handler handler) { return subscribe(topic, options, std::move(handler)); },
                              [weak = weak_from_this()](std::string_view topic, const encoded_event& what,
                                                        const std::function<void(const error&)>& failed) {
                                const auto self = weak.lock();
                                if (!self) return failed(closed_error());
                                const auto publisher = self->shared_publisher(topic);
                                if (!publisher) return failed(publisher.error());
                                publisher->publish(what).then([failed](const result<ack>& done) {
                                  if (!done) failed(done.error());
                                });
                              },
                              [weak = weak_from_this()](std::string_view topic, const encoded_event& what) {
                                const auto self = weak.lock();
                                if (!self) return;
                                if (const auto publisher = self->shared_publisher(topic))
                                  if (auto sent = publisher->try_publish(what)) sent->then([](const result<ack>&) {});
                              }},
        random_);
  return asking_;
}

result<void> participant_core::hear_cancels(std::string_view requests) {
  const std::lock_guard held{hearing_mutex_};
  if (const auto known = cancels_heard_.find(requests); known != cancels_heard_.end() && !known->second->stopped())
    return {};
  subscription_options options{.from = start::end};
  options.on_gap = [](const gap&) {}; // those are served
  auto made = subscribe(cancels_of(requests), options, [this](const event& cancel) -> result<void> {
    if (const auto who = caller_of(cancel)) cancels_.note(*who);
    return {};
  });
  if (!made) return fail(made.error());
  cancels_heard_.insert_or_assign(std::string(requests), std::move(*made));
  return {};
}

std::vector<participant_core::consumer_ref> participant_core::consumers() {
  const std::lock_guard held{mutex_};
  return living(consumers_);
}

participant_core::consumer_ref participant_core::consumer_of_demand(std::uint64_t id) {
  const std::lock_guard held{mutex_};
  const auto found = demands_.find(id);
  return found == demands_.end() ? nullptr : found->second.lock();
}

participant_core::consumer_ref participant_core::consumer_of_flow(std::uint64_t id) {
  const std::lock_guard held{mutex_};
  const auto found = flows_.find(id);
  return found == flows_.end() ? nullptr : found->second.lock();
}

// --- queries

result<std::string> participant_core::query(std::string_view what, std::string_view arguments) {
  std::future<result<std::string>> answer;
  std::uint64_t request = 0;
  {
    const std::lock_guard held{mutex_};
    if (closed_ || door_ == nullptr) return fail(closed_error());
    if (!connected_) return fail(errc::not_connected, "the node is away: it can't be asked now");
    request = ++last_id_;
    answer = queries_[request].to.get_future();
  }
  door_->send(wire::query{request, std::string(what), std::string(arguments), true});
  if (answer.wait_for(limits::request_timeout) == std::future_status::ready) return answer.get();
  const std::lock_guard held{mutex_};
  queries_.erase(request);
  return fail(errc::timed_out, fmt::format("the node did not answer \"{}\" in time", what));
}

/// Nobody waits for the answer.
void participant_core::tell_services(std::string document) {
  std::uint64_t request = 0;
  {
    const std::lock_guard held{mutex_};
    if (closed_ || door_ == nullptr || !connected_) return;
    request = ++last_id_;
  }
  door_->send(wire::query{request, "services.tell", std::move(document), true});
}

result<event_contract> participant_core::contract_of(const event_info& what) {
  if (what.contract.is_nil())
    return fail(errc::not_found, fmt::format("the event at {} of topic {} met no contract: its topic had none",
                                             to_string(what.position()), what.topic));
  return contracts_.find(what.contract, [this](auto question, auto arguments) { return query(question, arguments); });
}

result<event_contract> participant_core::contract_of(std::string_view topic) {
  std::string arguments;
  json_writer out{arguments};
  out.begin_object();
  out.name("topic");
  out.text(topic);
  out.end_object();
  if (const auto written = out.finish(); !written) return fail(written.error());
  const auto answer = query("contracts.show", arguments);
  return answer ? contract_in(*answer) : fail(answer.error());
}

void participant_core::take(const wire::answer& message) {
  if (message.code != errc::ok) return answer_query(message.request, fail(message.code, message.message));
  std::string document;
  {
    const std::lock_guard held{mutex_};
    const auto found = queries_.find(message.request);
    if (found == queries_.end()) return; // too late
    found->second.document += message.document;
    if (message.more) return;
    document = std::move(found->second.document);
  }
  answer_query(message.request, std::move(document));
}

void participant_core::answer_query(std::uint64_t request, result<std::string> answer) {
  const std::lock_guard held{mutex_};
  const auto found = queries_.find(request);
  if (found == queries_.end()) return; // too late
  found->second.to.set_value(std::move(answer));
  queries_.erase(found);
}

// --- from the door

void participant_core::on_connected(const node::node_facts& node) {
  {
    const std::lock_guard held{home_->mutex};
    home_->name = node.name;
  }
  std::vector<consumer_ref> waiting; // those that come later find the node connected and demand by themselves
  {
    const std::lock_guard held{mutex_};
    facts_ = node;
    connected_ = true;
    flows_.clear();
    demands_.clear();
    waiting = living(consumers_);
    changed_.notify_all();
  }
  for (const auto& running : waiting)
    running->on_connected();
  for (const auto& core : publishers())
    core->on_connected();
}

void participant_core::on_lost(const error& why) {
  decltype(queries_) unanswered;
  {
    const std::lock_guard held{mutex_};
    connected_ = false;
    lost_why_ = why;
    flows_.clear();
    unanswered.swap(queries_);
    if (!closed_ && !absence_.joinable()) absence_ = std::thread([this] { watch_absence(); });
    changed_.notify_all();
  }
  for (auto& [id, query] : unanswered)
    query.to.set_value(fail(errc::not_connected, "the node went away before it answered: " + why.message()));
  for (const auto& running : consumers())
    running->on_lost();
}

void participant_core::watch_absence() {
  std::unique_lock held{mutex_};
  while (!closed_) {
    changed_.wait_for(held, limits::absence_looked_at_every, [this] { return closed_; });
    if (connected_) changed_.wait(held, [this] { return !connected_ || closed_; });
    if (closed_) return;
    auto all = publishers_;
    held.unlock();
    for (const auto& core : all)
      core->expire(clock_.mono());
    all.clear();
    held.lock();
  }
}

void participant_core::on_message(const wire::control& message, const shared_bytes& payload) {
  if (const auto* run = std::get_if<wire::run>(&message))
    take(*run, payload);
  else if (const auto* opened = std::get_if<wire::flow_opened>(&message))
    take(*opened);
  else if (const auto* closed = std::get_if<wire::flow_closed>(&message))
    take(*closed);
  else if (const auto* verdict = std::get_if<wire::verdict>(&message))
    pass_on(consumer_of_flow(verdict->flow), message);
  else if (const auto* revoke = std::get_if<wire::revoke>(&message))
    pass_on(consumer_of_flow(revoke->flow), message);
  else if (const auto* renewal = std::get_if<wire::renewal>(&message))
    pass_on(consumer_of_flow(renewal->flow), message);
  else if (const auto* found = std::get_if<wire::log_found>(&message))
    pass_on(consumer_of_demand(found->subscription), message);
  else if (const auto* gone = std::get_if<wire::log_gone>(&message))
    pass_on(consumer_of_demand(gone->subscription), message);
  else if (const auto* answer = std::get_if<wire::answer>(&message))
    take(*answer);
  else if (const auto* refused = std::get_if<wire::refused>(&message))
    take(*refused);
}

void participant_core::pass_on(const consumer_ref& to, const wire::control& message) {
  if (to) to->on_message(message, {});
}

void participant_core::take(const wire::run& message, const shared_bytes& payload) {
  if (const auto running = consumer_of_flow(message.flow)) running->on_message(message, payload);
}

void participant_core::take(const wire::flow_opened& message) {
  const auto running = consumer_of_demand(message.subscription);
  if (!running) return; // withdrawn meanwhile
  {
    const std::lock_guard held{mutex_};
    flows_.insert_or_assign(message.flow, running);
  }
  running->on_message(message, {});
}

void participant_core::take(const wire::flow_closed& message) {
  const auto running = message.flow == 0 ? consumer_of_demand(message.subscription) : consumer_of_flow(message.flow);
  if (!running) return;
  running->on_message(message, {});
  const std::lock_guard held{mutex_};
  flows_.erase(message.flow);
}

void participant_core::take(const wire::refused& message) {
  error why{message.code, "the node refused it: " + message.message};
  if (message.request != 0) answer_query(message.request, fail(why));
  if (const auto running = consumer_of_demand(message.subscription)) running->on_refused(why);
}

} // namespace weft::detail

#include "sdk/src/service/service_core.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/names.hpp"
#include "sdk/src/participant_core.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <iterator>
#include <system_error>
#include <utility>
#include <xxhash.h>

namespace weft::detail {

service_core::service_core(std::shared_ptr<participant_core> in, std::string name, service_options options)
    : definition_(std::make_shared<service_definition>()), of_(*definition_) {
  of_.in = std::move(in);
  of_.group = of_.name = std::move(name);
  of_.options = std::move(options);
}

service_core::~service_core() { of_.in->services().remove(this); }

void service_core::handle(std::string_view topic, std::string_view type, event_action what) {
  of_.handlers.add(topic, type, std::move(what));
}

void service_core::handle_timer(std::string_view name, service_handlers::timed what) {
  of_.handlers.add_timer(name, std::move(what));
}

void service_core::handle_reply(std::string_view requests, std::string_view continuation, event_action what) {
  of_.handlers.add_continuation(continuation, {std::string(requests), std::move(what)});
}

void service_core::handle_end(std::string_view errand, std::string_view continuation, event_action what) {
  of_.handlers.add_continuation(continuation, {errand_name(errand), std::move(what)});
}

void service_core::do_errands(std::string_view name, const errand_options& options, errand_action what) {
  of_.handlers.add_errand(name, options, std::move(what));
}

result<void> service_core::check() const {
  const auto& options = of_.options;
  if (const auto named = check_node_name(of_.name); !named) return fail(named.error());
  if (options.on_failing == failing_event::park)
    return fail(errc::invalid_argument,
                fmt::format("the service {} can't park: its state says what was handled, by the "
                            "order of the log; take block, dead_letter or skip",
                            of_.name));
  if (options.state_copies < 0 || options.state_copies > static_cast<int>(limits::replicas_max))
    return fail(errc::invalid_argument, fmt::format("the service {} wants {} copies of its state: 0 to {} are possible",
                                                    of_.name, options.state_copies, limits::replicas_max));
  if (options.threads < 1 || options.threads > limits::service_threads_max)
    return fail(errc::invalid_argument, fmt::format("the service {} wants {} threads: 1 to {} are possible", of_.name,
                                                    options.threads, limits::service_threads_max));
  if (options.restart_after < microseconds{0} || options.restart_after > limits::group_put_off_max)
    return fail(errc::invalid_argument, fmt::format("the service {} wants to be started again {} us after it ended: 0 "
                                                    "to 24 hours are possible",
                                                    of_.name, options.restart_after.count()));
  if (auto well = check_moving(); !well) return well;
  return check_state_topic();
}

result<void> service_core::check_moving() const {
  const auto& options = of_.options;
  if (options.shards < 1 || options.shards > static_cast<int>(limits::state_shards_max))
    return fail(errc::invalid_argument, fmt::format("the service {} wants {} shards: 1 to {} are possible", of_.name,
                                                    options.shards, limits::state_shards_max));
  if (options.shards > 1 && (options.state_topic.empty() || options.home.empty()))
    return fail(errc::invalid_argument,
                fmt::format("the service {} wants {} shards, and names no {}: they move from "
                            "one of its processes to another by that",
                            of_.name, options.shards, options.home.empty() ? "home" : "state_topic"));
  if (options.state_topic.empty() &&
      (options.state_copies > 0 || options.standby || !options.home.empty() || !options.lost_home.empty()))
    return fail(errc::invalid_argument, fmt::format("the service {} wants {}, and names no state_topic: without one "
                                                    "its state does not move",
                                                    of_.name,
                                                    options.state_copies > 0 ? "copies of its state"
                                                    : options.standby        ? "to stand by"
                                                                             : "a home for its state"));
  if (options.standby && options.home.empty())
    return fail(errc::invalid_argument, fmt::format("the service {} wants to stand by, and names no home: all its "
                                                    "processes name the same one, which says who has the state",
                                                    of_.name));
  return {};
}

result<void> service_core::check_state_topic() const {
  const auto& topic = of_.options.state_topic;
  if (topic.empty()) return {};
  const bool is_one = of_.options.shards == 1;
  if (auto named = check_topic_name(is_one ? topic : topic_of(limits::state_shards_max - 1)); !named)
    return fail(named.error().within("state_topic"));
  if (auto ours = check_not_reserved(topic); !ours) return fail(ours.error().within("state_topic"));
  const auto reads = of_.handlers.pattern(of_.name, of_.options.pattern);
  if (!reads) return fail(reads.error());
  const auto pattern = topic_pattern::parse(*reads);
  if (!pattern) return fail(pattern.error());
  if (!pattern->matches(is_one ? topic : topic_of(0))) return {};
  return fail(errc::invalid_argument, fmt::format("the service {} reads '{}', in which its state's topic {} is: take "
                                                  "another name for that",
                                                  of_.name, *reads, topic));
}

std::string service_core::topic_of(std::size_t shard) const {
  return fmt::format("{}.{}", of_.options.state_topic, shard);
}

/// Where the service keeps what it has; and of several shards each in a directory of its own.
result<std::string> service_core::directory() const {
  if (!of_.options.state_dir.empty()) return of_.options.state_dir;
  const auto node = of_.in->data_dir();
  if (!node.empty()) return node + "/services/" + of_.name;
  return fail(errc::invalid_argument,
              fmt::format("the service {} has no node in its process: name a state_dir for it", of_.name));
}

/// What each shard is, by its number.
result<service_core::all_lives> service_core::divide() {
  const auto at = directory();
  if (!at) return fail(at.error());
  of_.options.state_dir = *at;
  if (of_.options.shards == 1) return all_lives{std::make_shared<service_lives>(definition_)};
  const auto node = of_.in->node();
  if (!node) return fail(errc::not_connected, fmt::format("the service {} has not reached its node yet", of_.name));
  std::error_code unknown;
  const auto place = fmt::format("{} {}", to_string(*node), std::filesystem::absolute(*at, unknown).string());
  all_lives all;
  const auto shards = static_cast<std::uint16_t>(of_.options.shards);
  for (std::uint16_t number = 0; number < shards; ++number) {
    auto part = std::make_shared<service_definition>(of_);
    part->name = fmt::format("{}/{}", of_.name, number);
    part->shard = {number, shards};
    part->process = wire::process_id{XXH3_64bits(place.data(), place.size())};
    part->options.state_dir = fmt::format("{}/{}", *at, number);
    part->options.state_topic = topic_of(number);
    part->handlers = of_.handlers.with_own_errands();
    all.push_back(std::make_shared<service_lives>(part, [core = weak_from_this()] {
      if (const auto self = core.lock()) self->end();
    }));
  }
  return all;
}

result<void> service_core::start() {
  const auto before = lives();
  if (std::ranges::any_of(before, &service_lives::is_running))
    return fail(errc::invalid_argument, fmt::format("the service {} runs already", of_.name));
  if (std::ranges::any_of(before, &service_lives::is_on_its_thread))
    return fail(errc::invalid_argument, fmt::format("a callback of the service {} can't start it again", of_.name));
  stop(); // what ended by itself: from here on nothing of it is told any more
  if (auto well = check(); !well) return well;
  auto divided = divide();
  if (!divided) return fail(divided.error());
  {
    const std::lock_guard held{mutex_};
    lives_ = std::move(*divided);
    has_ended_ = false;
  }
  for (const auto& one : lives())
    if (auto begun = one->start(); !begun) {
      stop();
      return begun;
    }
  of_.in->services().add(this, of_.name, [this] { return health(); });
  const std::unique_lock held{mutex_};
  if (has_ended_) // one that was started before the last ones
    for (const auto& one : lives_)
      one->begin_stop();
  return {};
}

/// What one shard can't do the service can't.
void service_core::end() {
  std::unique_lock held{mutex_};
  has_ended_ = true;
  const auto all = lives_;
  held.unlock();
  for (const auto& one : all)
    one->begin_stop();
}

void service_core::stop() {
  of_.in->services().remove(this);
  const auto all = lives();
  if (all.size() > 1) {
    for (const auto& one : all)
      one->begin_stop();
    if (std::ranges::any_of(all, &service_lives::is_on_its_thread)) return; // two of them might wait for each other
  }
  for (const auto& one : all)
    one->stop();
}

result<void> service_core::wait() {
  const auto all = lives();
  if (const auto inside = std::ranges::find_if(all, &service_lives::is_on_its_thread); inside != all.end())
    return (*inside)->wait(); // which says that it can't
  result<void> why;
  for (const auto& one : all)
    if (auto ended = one->wait(); !ended && why) why = std::move(ended);
  return why;
}

service_core::all_lives service_core::lives() const {
  const std::lock_guard held{mutex_};
  return lives_;
}

namespace {

/// By name, in the same order.
void add(const std::vector<errand_health>& some, std::vector<errand_health>& to) {
  if (to.empty()) {
    to = some;
    return;
  }
  for (std::size_t i = 0; i < some.size(); ++i) {
    to[i].waiting += some[i].waiting;
    to[i].at_work += some[i].at_work;
    to[i].failed += some[i].failed;
    to[i].given_up += some[i].given_up;
    if (!to[i].why) to[i].why = some[i].why;
  }
}

} // namespace

/// As the worst of its shards that are not others'.
service_health service_core::health() const {
  service_health all;
  bool is_first = true;
  const auto rank = [](service_health::condition how) {
    using enum service_health::condition;
    return how == stopped ? 4 : how == restarting ? 3 : how == hindered ? 2 : how == running ? 1 : 0;
  };
  for (const auto& one : lives()) {
    auto of = one->health();
    all.unpublished += of.unpublished;
    all.in_flight += of.in_flight;
    if (one->has_state()) ++all.shards;
    add(of.errands, all.errands);
    if (!is_first && rank(of.now) <= rank(all.now)) continue;
    is_first = false;
    all.now = of.now;
    all.why = std::move(of.why);
  }
  if (is_first)
    for (const auto& [name, kind] : of_.handlers.errands())
      all.errands.push_back(kind->health());
  all.handled = of_.counts->handled;
  all.failed = of_.counts->failed;
  all.restarts = of_.counts->restarts;
  return all;
}

/// Those whose state is here.
result<service_core::all_lives> service_core::at_work() const {
  auto all = lives();
  const bool runs = std::ranges::any_of(all, [](const auto& one) { return one->is_there(); });
  if (!runs) return fail(errc::invalid_argument, fmt::format("the service {} is not running", of_.name));
  if (all.size() > 1) std::erase_if(all, [](const auto& one) { return !one->has_state(); });
  return all;
}

result<std::optional<std::string>> service_core::read(const state_key& of) const {
  const auto all = at_work();
  if (!all) return fail(all.error());
  for (const auto& one : *all)
    if (auto found = one->read(of); !found || *found) return found;
  return std::optional<std::string>{};
}

result<std::vector<std::pair<std::string, std::string>>> service_core::read_all(std::string_view table) const {
  const auto all = at_work();
  if (!all) return fail(all.error());
  std::vector<std::pair<std::string, std::string>> rows;
  for (const auto& one : *all) {
    auto some = one->read_all(table);
    if (!some) return fail(some.error());
    rows.insert(rows.end(), std::make_move_iterator(some->begin()), std::make_move_iterator(some->end()));
  }
  if (all->size() > 1) std::ranges::sort(rows);
  return rows;
}

} // namespace weft::detail

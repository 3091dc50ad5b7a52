#include "sdk/src/service/one_event.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/names.hpp"
#include "sdk/src/requests.hpp"
#include "sdk/src/service/errand_row.hpp"
#include "sdk/src/service/request_row.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <xxhash.h>

namespace weft::detail {
namespace {

error too_much_kept(std::string_view continuation, std::size_t bytes) {
  return {errc::too_large, fmt::format("continuation {}: what is kept for it has {} bytes, {} are possible: keep more "
                                       "in the state",
                                       continuation, bytes, limits::kept_bytes_max)};
}

} // namespace

std::optional<std::string> one_event::read(const std::string& table, const std::string& key) {
  state_key at{table, key};
  if (const auto found = changes_.find(at); found != changes_.end()) return found->second;
  if (const auto found = reads_.find(at); found != reads_.end()) return found->second;
  auto value = in_.before(at);
  if (value && in_.keeps_reads) reads_.emplace(std::move(at), *value);
  if (value) return *std::move(value);
  if (!broken_) broken_ = value.error();
  return std::nullopt;
}

void one_event::write(const std::string& table, const std::string& key, std::optional<std::string> value) {
  const auto size = table.size() + key.size() + (value ? value->size() : 0);
  if (size > limits::state_cache_bytes)
    return refuse({errc::too_large, fmt::format("a row of the table {} would have {} bytes, {} are possible: keep "
                                                "large things elsewhere, and their names here",
                                                table, size, limits::state_cache_bytes)});
  changes_.insert_or_assign({table, key}, std::move(value));
}

void one_event::publish(std::string_view topic, const encoded_event& what) {
  if (const auto named = check_topic_name(topic); !named) return refuse(named.error());
  if (is_reserved_topic(topic))
    return refuse(
        {errc::invalid_name, fmt::format("{} is of the mesh's own topics: a service can't publish there", topic)});
  if (topic == in_.state_topic)
    return refuse({errc::invalid_argument, fmt::format("{} is the topic of the state of {}: nothing else can be "
                                                       "published there",
                                                       topic, in_.service)});
  if (what.level)
    return refuse({errc::invalid_argument, fmt::format("an event for {} asks for an acknowledgement level: a service "
                                                       "has one for all, see service_options::level",
                                                       topic)});
  output one{std::string(topic),
             std::string(what.type),
             std::string(as_text(what.key)),
             std::string(as_text(what.value)),
             {},
             what.time.value_or(now_)};
  for (const auto& [name, value] : what.headers)
    one.headers.emplace_back(name, value);
  if (auto by = cause(); !by.empty()) one.headers.emplace_back("weft-caused-by", std::move(by));
  one.headers.emplace_back("weft-origin", from_.origin.empty()
                                              ? fmt::format("{} {}", in_.service, outputs_.size())
                                              : fmt::format("{} {} {}", in_.service, from_.origin, outputs_.size()));
  continue_trace(one.headers);
  std::vector<wire::header_view::header> scratch;
  if (const auto fits = wire::batch_builder::check(as_new_event(one, scratch)); !fits)
    return refuse(fits.error().within(fmt::format("an event for {}", topic)));
  outputs_.push_back(std::move(one));
}

std::string one_event::cause() const {
  return from_.origin.empty() ? to_string(what_.position()) : std::string(from_.cause);
}

void one_event::set_timer(std::string_view name, const encoded_event& what) {
  if (in_.handlers.find_timer(name) == nullptr)
    return refuse(
        {errc::invalid_argument,
         fmt::format("the service {} has no handler for the timer {}: give it one with on()", in_.service, name)});
  // One that sets itself for no later than now lets others come in between.
  const auto due = from_.origin.empty() ? what.time.value_or(now_) : std::max(*what.time, what_.time + microseconds{1});
  const auto kept = kept_event(name, due, what);
  if (!kept) return refuse(kept.error().within(fmt::format("timer {}", name)));
  timer_row row{due, 0, cause(), origin_of_timer(name, as_text(what.key)), *kept};
  timers_.insert_or_assign({std::string(name), std::string(as_text(what.key))}, std::move(row));
}

result<shared_bytes> one_event::kept_event(std::string_view name, wall_time due, const encoded_event& what) const {
  header_texts texts;
  continue_trace(texts);
  std::vector<wire::header_view::header> headers;
  for (const auto& [header, value] : texts)
    headers.push_back({header, value});
  const wire::new_event kept{due, what.type, what.key, headers, what.value};
  if (const auto fits = wire::batch_builder::check(kept); !fits) return fail(fits.error());
  return sealed_timer(name, kept);
}

std::optional<std::uint64_t> one_event::request(std::string_view topic, const encoded_event& what,
                                                microseconds within) {
  if (!in_.handlers.asks(topic)) {
    refuse({errc::invalid_argument, fmt::format("the service {} has no continuation for requests of {}: say where it "
                                                "goes on with then()",
                                                in_.service, topic)});
    return std::nullopt;
  }
  const auto before = outputs_.size();
  const auto number = request_number(now_, in_.asked.fetch_add(1, std::memory_order_relaxed));
  const auto text_of_number = fmt::format("{}", number);
  const auto headers = request_headers({in_.token, text_of_number}, now_ + within);
  auto asked = what;
  for (const auto& [name, text] : headers)
    asked.headers.push_back({name, text});
  publish(topic, asked);
  if (outputs_.size() == before) return std::nullopt; // refused
  requests_.emplace(number, before);
  return number;
}

void one_event::keep(std::string_view requests, std::uint64_t number, std::string_view continuation,
                     const encoded_event& what) {
  if (in_.handlers.find_continuation(continuation, requests) == nullptr)
    return refuse({errc::invalid_argument,
                   fmt::format("the service {} has no continuation {} for requests of {}: give it one with then()",
                               in_.service, continuation, requests)});
  const auto due = what.time.value_or(now_);
  const auto kept = kept_event(continuation, now_, what);
  if (!kept) return refuse(kept.error().within(fmt::format("continuation {}", continuation)));
  if (kept->size() > limits::kept_bytes_max) return refuse(too_much_kept(continuation, kept->size()));
  const auto which = fmt::format("{} {}", requests, requests_.at(number));
  timer_row row{due, 0, cause(), origin_of_timer(continuation, which), *kept};
  timers_.insert_or_assign(request_id(requests, number), std::move(row));
}

std::optional<std::size_t> one_event::give_out(std::string_view errand_name, const encoded_event& what) {
  const auto refused_as = [&](const error& why) {
    refuse(why.within(fmt::format("errand {}", errand_name)));
    return std::nullopt;
  };
  if (in_.handlers.find_errand(errand_name) == nullptr)
    return refused_as({errc::invalid_argument, fmt::format("the service {} has no function that does it: give it one "
                                                           "with outside()",
                                                           in_.service)});
  errand one{kept_output(errand_name, what)};
  std::vector<wire::header_view::header> scratch;
  if (const auto fits = wire::batch_builder::check(as_new_event(one.value, scratch)); !fits)
    return refused_as(fits.error());
  const auto before = std::ranges::count(errands_, errand_name, [](const errand& of) { return of.value.topic; });
  one.cause = cause();
  one.origin = fmt::format("{}/{}/{:016x}", errand_name, before, XXH3_64bits(from_.origin.data(), from_.origin.size()));
  errands_.push_back(std::move(one));
  return errands_.size() - 1;
}

void one_event::keep_for(std::size_t number, std::string_view continuation, const encoded_event& what) {
  auto& of = errands_.at(number);
  const auto waits_for = errand_name(of.value.topic);
  if (in_.handlers.find_continuation(continuation, waits_for) == nullptr)
    return refuse({errc::invalid_argument,
                   fmt::format("the service {} has no continuation {} for the {}: give it one with then()", in_.service,
                               continuation, waits_for)});
  auto kept = kept_output(continuation, what);
  kept.headers.emplace_back(then_header, continuation);
  std::vector<wire::header_view::header> scratch;
  const auto made = as_new_event(kept, scratch);
  if (const auto fits = wire::batch_builder::check(made); !fits)
    return refuse(fits.error().within(fmt::format("continuation {}", continuation)));
  if (const auto size = sealed_timer(continuation, made).size(); size > limits::kept_bytes_max)
    return refuse(too_much_kept(continuation, size));
  of.kept = std::move(kept);
}

one_event::output one_event::kept_output(std::string_view name, const encoded_event& what) const {
  output one{std::string(name),
             std::string(what.type),
             std::string(as_text(what.key)),
             std::string(as_text(what.value)),
             {},
             now_};
  continue_trace(one.headers);
  return one;
}

/// Tells the timer from all others that its cause led to, by whatever chain of timers, and is the same when the event
/// is handled anew on a state from before.
std::string one_event::origin_of_timer(std::string_view name, std::string_view key) const {
  const auto from = fmt::format("{} {}", from_.origin, key);
  return fmt::format("{}/{:016x}", name, XXH3_64bits(from.data(), from.size()));
}

void one_event::cancel_timer(std::string_view name, std::string_view key) {
  timers_.insert_or_assign({std::string(name), std::string(key)}, std::nullopt);
}

/// The trace that the event is part of goes on with a span of this output's own (W3C Trace Context, section 3.2:
/// version-trace-parent-flags). What the handler says itself holds.
void one_event::continue_trace(header_texts& into) const {
  constexpr std::size_t parent_at = 36, flags_at = 52, size = 55;
  const auto came = what_.headers.find("traceparent");
  const auto is_said = [](const auto& header) { return header.first == "traceparent"; };
  if (!came || came->size() < size || std::ranges::any_of(into, is_said)) return;
  into.emplace_back("traceparent", fmt::format("{}{:016x}{}", came->substr(0, parent_at), in_.random.next(),
                                               came->substr(flags_at, size - flags_at)));
  if (const auto state = what_.headers.find("tracestate")) into.emplace_back("tracestate", *state);
}

void one_event::refuse(error why) {
  if (!refused_) refused_ = std::move(why);
}

wire::new_event as_new_event(const one_event::output& from, std::vector<wire::header_view::header>& scratch) {
  scratch.clear();
  for (const auto& [name, value] : from.headers)
    scratch.push_back({name, value});
  return {from.time, from.type, as_bytes(from.key), scratch, as_bytes(from.value)};
}

} // namespace weft::detail

#include "sdk/src/service/one_event.hpp"

#include "mesh/base/names.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::detail {

std::optional<std::string> one_event::read(const std::string& table, const std::string& key) {
  state_key at{table, key};
  if (const auto found = changes_.find(at); found != changes_.end()) return found->second;
  auto value = before_(at);
  if (value) return std::move(*value);
  if (!broken_) broken_ = value.error();
  return std::nullopt;
}

void one_event::write(const std::string& table, const std::string& key, std::optional<std::string> value) {
  changes_.insert_or_assign({table, key}, std::move(value));
}

void one_event::publish(std::string_view topic, const encoded_event& what) {
  if (const auto named = check_topic_name(topic); !named) return refuse(named.error());
  if (is_reserved_topic(topic))
    return refuse(
        {errc::invalid_name, fmt::format("{} is of the mesh's own topics: a service can't publish there", topic)});
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
  one.headers.emplace_back("weft-caused-by", to_string(what_.position()));
  one.headers.emplace_back("weft-origin", fmt::format("{} {}", service_, outputs_.size()));
  continue_trace(one);
  std::vector<wire::header_view::header> scratch;
  if (const auto fits = wire::batch_builder::check(as_new_event(one, scratch)); !fits)
    return refuse(fits.error().within(fmt::format("an event for {}", topic)));
  outputs_.push_back(std::move(one));
}

/// The trace that the event is part of goes on with a span of this output's own (W3C Trace Context, section 3.2:
/// version-trace-parent-flags). What the handler says itself holds.
void one_event::continue_trace(output& into) const {
  constexpr std::size_t parent_at = 36, flags_at = 52, size = 55;
  const auto came = what_.headers.find("traceparent");
  const auto is_said = [](const auto& header) { return header.first == "traceparent"; };
  if (!came || came->size() < size || std::ranges::any_of(into.headers, is_said)) return;
  into.headers.emplace_back("traceparent", fmt::format("{}{:016x}{}", came->substr(0, parent_at), random_.next(),
                                                       came->substr(flags_at, size - flags_at)));
  if (const auto state = what_.headers.find("tracestate")) into.headers.emplace_back("tracestate", *state);
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

#include "sdk/src/service/timer_row.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/position.hpp"
#include "mesh/wire/batch_view.hpp"
#include "mesh/wire/little_endian.hpp"

#include <initializer_list>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace weft::detail {
namespace {

static_assert(limits::kept_bytes_max + limits::event_value_bytes_max + limits::event_headers_bytes_max +
                      limits::event_key_bytes_max + limits::kept_bytes_max <=
                  limits::batch_bytes_max,
              "what is kept and another event fit into one batch, with what a batch needs beside them");

/// What the views of a timer's event point into.
struct kept {
  wire::batch_view batch;
  shared_bytes data;
  named_position cause;
};

template <class Integer>
void append(std::string& to, Integer value) {
  to.resize(to.size() + sizeof value);
  wire::store_le(reinterpret_cast<std::byte*>(to.data() + to.size() - sizeof value), value);
}
template <class Integer>
std::optional<Integer> take(std::string_view& from) {
  if (from.size() < sizeof(Integer)) return std::nullopt;
  const auto value = wire::load_le<Integer>(reinterpret_cast<const std::byte*>(from.data()));
  from.remove_prefix(sizeof(Integer));
  return value;
}
std::optional<std::string> take_text(std::string_view& from) {
  const auto size = take<std::uint32_t>(from);
  if (!size || *size > from.size()) return std::nullopt;
  std::string text(from.substr(0, *size));
  from.remove_prefix(*size);
  return text;
}

shared_bytes sealed(std::string_view name, std::initializer_list<wire::new_event> events) {
  wire::batch_builder builder(std::string(name), producer_id{}, wire::codec::none);
  for (const auto& one : events) {
    const auto added = builder.add(one);
    WEFT_ASSERT(added);
  }
  return builder.seal(0);
}

} // namespace

std::string value_of(const timer_row& timer) {
  std::string value;
  append(value, timer.due.us);
  append(value, timer.tries);
  for (const auto& text : {timer.cause, timer.origin}) {
    append(value, static_cast<std::uint32_t>(text.size()));
    value += text;
  }
  value += as_text(timer.event.view());
  return value;
}

std::size_t bytes_of(const timer_row& timer) {
  return sizeof timer.due.us + sizeof timer.tries + 2 * sizeof(std::uint32_t) + timer.cause.size() +
         timer.origin.size() + timer.event.size();
}

result<timer_row> timer_from(std::string_view value) {
  const auto due = take<std::int64_t>(value);
  const auto tries = take<std::uint32_t>(value);
  auto cause = take_text(value), origin = take_text(value);
  if (!due || !tries || !cause || !origin) return fail(errc::corrupt, "a timer is cut off");
  return timer_row{wall_time{*due}, *tries, *std::move(cause), *std::move(origin), shared_bytes::copy(as_bytes(value))};
}

shared_bytes sealed_timer(std::string_view name, const wire::new_event& what) { return sealed(name, {what}); }

shared_bytes sealed_timer(std::string_view name, const wire::new_event& what, const wire::new_event& behind) {
  return sealed(name, {what, behind});
}

wire::new_event as_new_event(const event& from, std::vector<wire::header_view::header>& scratch) {
  scratch.clear();
  for (const auto& [name, value] : from.headers.all())
    scratch.push_back({name, value});
  return {from.time, from.type, from.key, scratch, from.value()};
}

result<timer_reader::events> timer_reader::read(const timer_row& from) {
  auto batch = wire::batch_view::verify(from.event);
  if (!batch) return fail(batch.error());
  if (batch->count() < 1 || batch->count() > 2)
    return fail(errc::corrupt, "a timer is one event, and perhaps one behind it");
  auto data = batch->unpack();
  if (!data) return fail(data.error());
  named_position cause;
  if (!from.cause.empty()) {
    auto parsed = parse_position(from.cause);
    if (!parsed) return fail(errc::corrupt, parsed.error().message());
    cause = *std::move(parsed);
  }
  const auto all = std::make_shared<const kept>(kept{*std::move(batch), *std::move(data), std::move(cause)});
  const auto event_at = [&all](std::size_t index) {
    const auto one = all->batch.event(index, all->data.view());
    event made;
    made.topic = all->batch.topic();
    made.type = one.type;
    made.key = one.key;
    made.headers = header_list{one.headers.bytes()};
    made.time = one.time;
    made.node = all->cause.node;
    made.at = all->cause.at;
    made.value_ = one.value;
    made.keep_ = all;
    return made;
  };
  events made{event_at(0)};
  if (all->batch.count() == 2) made.behind = event_at(1);
  return made;
}

} // namespace weft::detail

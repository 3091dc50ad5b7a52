#include "sdk/src/service/timer_row.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/position.hpp"
#include "mesh/log/coding.hpp"
#include "mesh/wire/batch_view.hpp"

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
  log::byte_writer value;
  value.put(timer.due.us);
  value.put(timer.tries);
  value.put_sized(as_bytes(timer.cause));
  value.put_sized(as_bytes(timer.origin));
  value.put_bytes(timer.event.view());
  return std::string(as_text(value.view()));
}

std::size_t bytes_of(const timer_row& timer) {
  return sizeof timer.due.us + sizeof timer.tries + 2 * sizeof(std::uint32_t) + timer.cause.size() +
         timer.origin.size() + timer.event.size();
}

result<timer_row> timer_from(std::string_view value) {
  log::byte_reader bytes(as_bytes(value));
  timer_row row;
  row.due.us = bytes.get<std::int64_t>();
  row.tries = bytes.get<std::uint32_t>();
  row.cause = as_text(bytes.get_sized());
  row.origin = as_text(bytes.get_sized());
  if (!bytes.ok()) return fail(errc::corrupt, "a timer is cut off");
  row.event = shared_bytes::copy(bytes.get_bytes(bytes.left()));
  return row;
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

#include "sdk/src/service/timer_row.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/position.hpp"
#include "mesh/wire/batch_view.hpp"

#include <memory>
#include <utility>

namespace weft::detail {
namespace {

/// What the views of a timer's event point into.
struct kept {
  wire::batch_view batch;
  shared_bytes data;
  named_position cause;
};

} // namespace

shared_bytes sealed_timer(std::string_view name, const wire::new_event& what) {
  wire::batch_builder builder(std::string(name), producer_id{}, wire::codec::none);
  const auto added = builder.add(what);
  WEFT_ASSERT(added);
  return builder.seal(0);
}

result<event> timer_reader::read(const timer_row& from) {
  auto batch = wire::batch_view::verify(from.event);
  if (!batch) return fail(batch.error());
  if (batch->count() != 1) return fail(errc::corrupt, "a timer is one event");
  auto data = batch->unpack();
  if (!data) return fail(data.error());
  named_position cause;
  if (!from.cause.empty()) {
    auto parsed = parse_position(from.cause);
    if (!parsed) return fail(errc::corrupt, parsed.error().message());
    cause = *std::move(parsed);
  }
  const auto all = std::make_shared<const kept>(kept{*std::move(batch), *std::move(data), std::move(cause)});
  const auto one = all->batch.event(0, all->data.view());
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
}

} // namespace weft::detail

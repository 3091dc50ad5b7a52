#include "actors/cursor_topic.hpp"

#include "actors/node_services.hpp"
#include "mesh/wire/batch_builder.hpp"

#include <fmt/format.h>

namespace weft::actors {

result<void> each_cursor_event(node_services& services, log_position since,
                               const std::function<void(const wire::event_view&)>& call) {
  const auto topic = services.topics.find(cursors_topic);
  if (!topic) return {};
  auto& log = services.log;
  auto from = log.go_on_at(std::max(since, log.state().begin));
  for (;;) {
    const auto read = log.read(
        {from, limits::read_chunk_bytes, limits::run_scanned_bytes_max, [&](topic_id id) { return id == topic->id; }});
    const auto code = read ? errc::ok : read.error().code();
    if (code == errc::end_of_log) return {};
    if (!read) {
      const auto resume = code == errc::epoch_ended ? log.go_on_at(from) : log.next_readable(from).value_or(from);
      if (resume <= from && code == errc::out_of_range) return {}; // the log lost what was there
      if (resume <= from) return fail(read.error());
      from = resume;
      continue;
    }
    for (const auto& entry : read->entries) {
      const auto batch = wire::batch_view::trusted(entry.body());
      const auto data = batch.unpack();
      for (std::size_t i = 0; data && i < batch.count(); ++i)
        call(batch.event(i, data->view()));
    }
    from = {read->epoch, read->until};
  }
}

void append_cursor_events(node_services& services, const std::vector<cursor_event>& events,
                          const std::function<void(result<void>)>& done) {
  const auto topic = services.topics.find(cursors_topic);
  if (!topic) return done(fail(errc::not_found, fmt::format("the topic {} is gone", cursors_topic)));
  wire::batch_builder builder(std::string(cursors_topic), producer_id{}, wire::codec::none);
  const auto failed = std::make_shared<std::optional<error>>(); // the first of them; the log answers in order
  const auto append = [&](const std::function<void(result<void>)>& then) {
    auto taken = services.log.append(
        {{{topic->id, wire::batch_view::trusted(builder.seal(0))}}, ack_level::synced, [then](const auto& appended) {
           then(appended ? result<void>() : fail(appended.error()));
         }});
    if (!taken) then(fail(taken.error()));
  };
  const auto told = [&to = services.to, failed](const result<void>& appended) {
    if (appended) return;
    to.warning(fmt::format("cursors are not in the log: {}", appended.error().message()));
    if (!*failed) *failed = appended.error();
  };
  for (const auto& event : events) {
    services.cursor_bytes += event.value.size();
    const wire::new_event added{
        event.time.value_or(services.clock.wall()), event.type, as_bytes(event.key), {}, event.value.view()};
    auto fits = builder.add(added);
    if (!fits && fits.error().code() == errc::would_block) {
      append(told); // the batch is full: the rest goes behind it, in order
      fits = builder.add(added);
    }
    if (!fits) told(fail(fits.error()));
  }
  if (builder.count() == 0) return done(fail(errc::too_large, "none of the cursors fits an event"));
  append([done, failed](result<void> appended) { done(appended && *failed ? fail(**failed) : std::move(appended)); });
}

} // namespace weft::actors

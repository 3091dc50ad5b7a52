#include "actors/copy_ack.hpp"

#include <fmt/format.h>

namespace weft::actors {
namespace {

error not_waited_for(const ack_level& level, const error& why) {
  return {errc::outcome_unknown,
          fmt::format("the events are on this node's disk; whether they have reached {} is not known: {}",
                      to_string(level), why.message())};
}

} // namespace

result<void> check_level(const node_services& services, std::string_view topic, ack_level level,
                         const node::publish_settings& settings) {
  if (level.copies() == 0) return {};
  if (level.copies() > settings.replicas)
    return fail(errc::invalid_argument,
                fmt::format("topic {} keeps {} copies at other nodes, so nothing can be acknowledged at {}: ask for "
                            "less, or `weft topics alter {} --replicas {}`",
                            topic, settings.replicas, to_string(level), topic, level.copies()));
  if (services.acks_waiting >= limits::acks_waiting_max)
    return fail(errc::busy, fmt::format("{} acks wait for copies already: `weft topics describe {}` says how many "
                                        "copies there are",
                                        limits::acks_waiting_max, topic));
  return {};
}

result<void> check_time(const node_services& services, const std::optional<mono_time>& until) {
  if (!until || services.clock.mono() <= *until) return {};
  return fail(errc::timed_out, "the log was to take it earlier: by now it may be another's to publish this");
}

node::publish_done when_copied(node_services& services, std::string topic, std::weak_ptr<const void> caller,
                               node::publish_done then) {
  auto done = [&clock = services.clock, &took = services.latencies.of(node::latency::publish, topic),
               began = services.clock.mono(), then = std::move(then)](const result<node::publish_outcome>& outcome) {
    if (outcome) took.add(clock.mono() - began, outcome->at.count);
    then(outcome);
  };
  return [&services, topic = std::move(topic), caller = std::move(caller),
          done = std::move(done)](const result<node::publish_outcome>& outcome) {
    if (!outcome || outcome->level.copies() == 0) return done(outcome);
    const auto& at = outcome->at;
    services.copies.wait({topic,
                          outcome->level.copies(),
                          {at.epoch, at.first + at.count},
                          caller,
                          reply<void>([done, outcome = *outcome](const result<void>& reached) {
                            if (reached)
                              done(outcome);
                            else
                              done(fail(not_waited_for(outcome.level, reached.error())));
                          })});
  };
}

} // namespace weft::actors

#include "actors/incoming_publishes.hpp"

#include "actors/contract_gate.hpp"
#include "actors/copy_ack.hpp"
#include "actors/observing.hpp"
#include "mesh/base/names.hpp"

#include <fmt/format.h>

namespace weft::actors {
namespace {

void answer(link_output& output, std::uint64_t request, const result<node::publish_outcome>& outcome) {
  wire::published message;
  message.request = request;
  if (outcome) {
    message.epoch = outcome->at.epoch;
    message.first = outcome->at.first;
    message.count = outcome->at.count;
    message.first_offset = outcome->at.first_offset;
    message.appended = outcome->at.at;
    message.repeated = outcome->at.repeated;
    message.level = outcome->level;
    message.codec = outcome->codec;
  } else {
    message.code = outcome.error().code();
    message.message = outcome.error().message();
  }
  output.send(message);
}

} // namespace

result<void> incoming_publishes::take(const wire::publish& publish, const shared_bytes& batch) {
  auto verified = wire::batch_view::verify(batch);
  if (verified && verified->is_extract())
    verified = fail(errc::invalid_argument, "an extract can't be published: only whole batches enter a log");
  if (verified)
    if (auto allowed = check_not_reserved(verified->topic()); !allowed) verified = fail(std::move(allowed.error()));
  if (auto allowed = may_change(services_, "publish"); !allowed) verified = fail(std::move(allowed.error()));
  if (!verified) {
    answer(*output_, publish.request, fail(verified.error()));
    return {};
  }
  if (queued_bytes_ + batch.size() > limits::publishes_unanswered_bytes_max)
    return fail(errc::protocol_violation, fmt::format("more than {} bytes published ahead of their answers",
                                                      limits::publishes_unanswered_bytes_max));
  queued_bytes_ += batch.size();
  queue_.push_back({publish.request, {publish.level, publish.until}, std::move(*verified)});
  if (!blocked_) go_on();
  return {};
}

void incoming_publishes::go_on() {
  blocked_ = false;
  while (!queue_.empty() && try_append(queue_.front())) {
    queued_bytes_ -= queue_.front().batch.bytes().size();
    queue_.pop_front();
  }
}

bool incoming_publishes::try_append(const waiting& next) {
  if (const auto failed = std::exchange(lookup_failed_, nullptr); failed && *failed) {
    answer(*output_, next.request, fail(**failed));
    return true;
  }
  const auto topic = services_.topics.find(next.batch.topic());
  if (!topic) {
    look_up(std::string(next.batch.topic()));
    return false;
  }
  const auto seen = services_.room.round();
  const auto taken = append(next, *topic);
  if (taken) return true;
  if (taken.error().code() == errc::would_block) {
    blocked_ = true;
    services_.room.when_room(seen, come_back_);
    return false;
  }
  answer(*output_, next.request, fail(taken.error()));
  return true;
}

void incoming_publishes::look_up(std::string name) {
  blocked_ = true;
  lookup_failed_ = std::make_shared<std::optional<error>>();
  services_.keeper.resolve_topic(
      std::move(name), reply<node::known_topic>([come_back = come_back_, failed = lookup_failed_](const auto& made) {
        if (!made) *failed = made.error();
        come_back();
      }));
}

result<void> incoming_publishes::append(const waiting& next, const node::known_topic& topic) {
  const std::string name(next.batch.topic());
  if (auto in_time = check_time(services_, next.terms.until); !in_time) return in_time;
  const auto level = next.terms.level.value_or(topic.settings.level);
  if (auto allowed = check_level(services_, name, level, topic.settings); !allowed) return allowed;
  auto items = items_of(services_, topic, next.batch);
  if (!items) return fail(std::move(items).error());
  auto answered = when_copied(services_, name, alive_, [output = output_, number = next.request](const auto& outcome) {
    answer(*output, number, outcome);
  });
  auto done = [answered = std::move(answered), level,
               codec = topic.settings.codec](const result<std::vector<log::appended>>& outcome) {
    if (outcome)
      answered(node::publish_outcome{place_of(*outcome), level, codec});
    else
      answered(fail(outcome.error()));
  };
  return services_.log.append({std::move(*items), level_of_log(level), std::move(done)});
}

} // namespace weft::actors

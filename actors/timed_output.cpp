#include "actors/timed_output.hpp"

#include "mesh/base/names.hpp"
#include "mesh/wire/entry_glance.hpp"

#include <optional>

namespace weft::actors {
namespace {

/// What a part of another node's batch has is for its consumer to check: it counts as one.
std::uint64_t events_of_part(const shared_bytes& batch, bool is_own) {
  return is_own ? wire::batch_view::trusted(batch).count() : 1;
}

/// Entries that lie one behind the other and took as long are one addition.
class additions {
public:
  ~additions() { flush(); }
  void add(node::latency_counts* to, std::size_t bucket, std::uint64_t times) {
    if (to != to_ || bucket != bucket_) flush();
    to_ = to;
    bucket_ = bucket;
    times_ += times;
  }

private:
  void flush() {
    if (to_ != nullptr && times_ > 0) to_->add_at(bucket_, times_);
    times_ = 0;
  }
  node::latency_counts* to_ = nullptr;
  std::size_t bucket_ = 0;
  std::uint64_t times_ = 0;
};

} // namespace

void timed_output::send(const wire::control& message) {
  if (const auto* opened = std::get_if<wire::flow_opened>(&message)) {
    const std::lock_guard lock(mutex_);
    flows_.insert_or_assign(opened->flow, timed_flow{opened->log, hlc::at(services_.clock.wall())});
  } else if (const auto* closed = std::get_if<wire::flow_closed>(&message)) {
    const std::lock_guard lock(mutex_);
    flows_.erase(closed->flow);
  }
  to_->send(message);
}

void timed_output::send_run(const wire::run& message, const shared_bytes& payload) {
  if (!payload.empty()) {
    const std::lock_guard lock(mutex_);
    if (const auto found = flows_.find(message.flow); found != flows_.end())
      count(found->second, message.epoch, payload);
  }
  to_->send_run(message, payload);
}

void timed_output::count(timed_flow& of, epoch opening, const shared_bytes& payload) {
  const auto now = services_.clock.wall();
  const bool is_own = of.log == services_.own_log;
  additions sum;
  std::optional<topic_id> topic; // the last one
  node::latency_counts* counts = nullptr;
  for (std::size_t at = 0; at < payload.size();) {
    const auto header = wire::glance_at(payload.view().subspan(at));
    if (!header || header->epoch != opening) return; // its consumer says what is wrong
    const auto batch = at + limits::entry_header_bytes;
    at += header->stored_bytes();
    if (header->appended < of.since) continue;
    if (topic != header->topic) counts = counts_of(of, header->topic, payload.slice(batch, header->body_length));
    topic = header->topic;
    if (counts == nullptr) continue;
    const bool is_part = wire::has(header->flags, wire::entry_flags::extract);
    const auto events = is_part ? events_of_part(payload.slice(batch, header->body_length), is_own) : header->count;
    sum.add(counts, telemetry::sketch::index_of(now - header->appended.wall()), events);
  }
}

node::latency_counts* timed_output::counts_of(timed_flow& of, topic_id topic, const shared_bytes& batch) {
  if (const auto known = of.topics.find(topic); known != of.topics.end()) return known->second;
  if (of.topics.size() >= limits::delivery_topics_known_max)
    return &services_.latencies.of(node::latency::delivery, {});
  return of.topics[topic] = find_counts(of, topic, batch);
}

node::latency_counts* timed_output::find_counts(const timed_flow& of, topic_id topic, const shared_bytes& batch) const {
  std::string name;
  if (of.log == services_.own_log) {
    name = services_.topics.name_of(topic).value_or("");
  } else if (const auto whole = wire::batch_view::verify(batch)) {
    name = whole->topic();
  }
  if (name.empty() || is_reserved_topic(name)) return nullptr;
  return &services_.latencies.of(node::latency::delivery, name);
}

} // namespace weft::actors

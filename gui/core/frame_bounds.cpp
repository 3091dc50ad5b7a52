#include "gui/core/frame_bounds.hpp"

#include "gui/core/limits.hpp"

#include <algorithm>
#include <cmath>

namespace weft::monitor {
namespace {

using namespace telemetry;

void clip(std::string& text) {
  if (text.size() <= limits::name_bytes_max) return;
  auto end = limits::name_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end; // inside a character
  text.resize(end);
}

template <class... Texts>
void clip_all(Texts&... texts) {
  (clip(texts), ...);
}

bool is_figure(double value) { return std::isfinite(value) && value >= 0; }

void clip(double& value) { value = is_figure(value) ? std::min(value, limits::number_max) : 0; }

template <class Optional>
void clip_optional(Optional& value) {
  if (value && !is_figure(*value)) value = {};
  if (value) value = std::min(*value, limits::number_max);
}

void clip_time(std::int64_t& at) { at = std::clamp<std::int64_t>(at, 0, limits::time_max); }

void bound(NodeT& row) {
  clip_all(row.name, row.id, row.state, row.zone, row.roles, row.address, row.epoch, row.health, row.health_why);
  row.addresses.clear(); // nothing shows them
  clip_time(row.since_us);
}

void bound(LinkT& row) {
  clip_all(row.name, row.id, row.address, row.direction, row.kind, row.since);
  clip_optional(row.round_trip_s);
}

void bound(FlowT& row) {
  clip_all(row.from, row.to, row.pattern, row.name, row.log);
  if (row.path.size() > limits::path_nodes_max) row.path.resize(limits::path_nodes_max);
  for (auto& node : row.path)
    clip(node);
}

void bound(TopicT& row) { clip_all(row.name, row.contract); }

void bound(GroupT& row) { clip_all(row.name, row.kind, row.log, row.pattern, row.position); }

void bound(LagT& row) {
  clip_all(row.name, row.log, row.topic, row.position, row.consumer, row.lease, row.ran_out_why, row.drain);
  clip(row.problem);
  clip(row.seconds);
  clip_optional(row.processed_per_s);
  clip_optional(row.arrived_per_s);
  clip_optional(row.drain_s);
}

void bound(LatencyT& row) {
  clip_all(row.what, row.name);
  if (row.buckets.size() > sketch::buckets_max) row.buckets.resize(sketch::buckets_max);
  std::ranges::sort(row.buckets, {}, [](const Bucket& of) { return of.index(); });
}

void bound(ServiceT& row) { clip_all(row.name, row.state, row.why); }

void bound(GoneT& row) {
  if (row.key.size() > 4 * limits::name_bytes_max + 3) row.key.clear();
}

template <class Rows>
void bound_rows(Rows& rows) {
  std::erase(rows, nullptr);
  for (auto& row : rows)
    bound(*row);
}

} // namespace

void bound(FrameT& frame) {
  clip_all(frame.node, frame.node_id);
  clip_time(frame.time_us);
  clip_time(frame.started_us);
  if (frame.log) {
    clip_all(frame.log->epoch, frame.log->begin, frame.log->why, frame.log->version);
    clip_time(frame.log->started_us);
  }
  bound_rows(frame.nodes);
  bound_rows(frame.links);
  bound_rows(frame.flows);
  bound_rows(frame.topics);
  bound_rows(frame.groups);
  bound_rows(frame.lag);
  bound_rows(frame.latencies);
  bound_rows(frame.services);
  bound_rows(frame.gone);
}

} // namespace weft::monitor

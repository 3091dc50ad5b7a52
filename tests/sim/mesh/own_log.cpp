#include "tests/sim/mesh/own_log.hpp"

#include "mesh/wire/batch_builder.hpp"
#include "tests/sim/mesh/mesh_topics.hpp"
#include "tests/sim/world.hpp"

#include <algorithm>

namespace weft::sim {
namespace {

constexpr microseconds gathers{200}; // batches for one commit
constexpr std::uint64_t keeps_bytes = 12U << 10U;

} // namespace

own_log::own_log(node_turns& turns, std::function<void(seq)> advanced)
    : turns_(turns),
      advanced_(std::move(advanced)),
      id_{turns.around().identity(), 0},
      starts_(turns.around().disk(),
              [this](topic_id topic, const log::topic_start& to) { turns_.book().start_moved(id_, topic, to); }) {}

result<void> own_log::open(std::uint64_t segment_bytes) {
  if (auto done = starts_.load(); !done) return done;
  log::log_options options;
  options.directory = "log";
  options.id = id_;
  options.segment_bytes = segment_bytes;
  options.tail_cache_bytes = 2 * segment_bytes;
  options.spare_segments = 1;
  options.own_threads = false;
  auto& around = turns_.around();
  auto opened =
      log::node_log::open({around.disk(), around.clock(), around.random(), starts_, &leases_}, options, starts_.all());
  if (!opened) return fail(opened.error());
  log_ = std::move(*opened);
  const auto state = log_->state();
  served_end_ = state.synced_end;
  maintain_at_ = turns_.now();
  turns_.book().opened(id_, state.epoch, state.synced_end);
  opening_ = state.epoch;
  log_->on_synced([this](seq end) { turns_.book().synced(id_, opening_, end); });
  log_->set_policy(topic_number(short_lived_topic), {{}, keeps_bytes});
  return {};
}

void own_log::keep_little_of_all() {
  for (std::size_t topic = 0; topic < mesh_topics.size(); ++topic)
    log_->set_policy(topic_number(topic), {{}, keeps_bytes});
}

void own_log::hold(bool held) {
  leases_.from.reset();
  if (held) leases_.from.emplace(log_->state().epoch, log_->state().synced_end);
}

result<epoch> own_log::open_above(std::uint32_t count) {
  const auto opened = log_->open_above(count);
  if (!opened || *opened == opening_) return opened;
  opening_ = *opened;
  turns_.book().opened(id_, opening_, log_->state().synced_end);
  return opened;
}

result<void> own_log::publish(const std::vector<std::uint64_t>& events, ack_level level) {
  const auto& book = turns_.book();
  const auto topic = book.event(events.front()).topic;
  const auto codec = events.front() % 4 == 0 ? wire::codec::lz4 : wire::codec::none;
  wire::batch_builder builder(std::string(mesh_topics.at(topic)), producer_id{0}, codec);
  for (const auto number : events) {
    const auto& event = book.event(number);
    const auto value = book.value_of(number);
    if (auto added =
            builder.add({turns_.around().clock().wall(), event.type, as_bytes(event.key), {}, as_bytes(value)});
        !added)
      return added;
  }
  log::append_request request;
  request.items.push_back({topic_number(topic), wire::batch_view::trusted(builder.seal(0))});
  request.level = level;
  request.done = [this, events, level](const result<std::vector<log::appended>>& with) {
    answers_.push_back({events, level, with ? result<log::appended>(with->front()) : fail(with.error())});
  };
  if (auto taken = log_->append(std::move(request)); !taken) return taken;
  ask_for_commit();
  return {};
}

// --- commits

void own_log::ask_for_commit() {
  if (committing_ || std::exchange(commit_asked_, true)) return;
  turns_.after(gathers, [this] { commit(); });
}

/// Other work goes on while the disk is slow.
void own_log::commit() {
  commit_asked_ = false;
  committing_ = true;
  const bool worked = log_->commit_pending();
  maintain_at_ = std::min(maintain_at_, turns_.now() + limits::written_sync_within); // it may not be synced
  turns_.after(turns_.around().take_disk_delay(), [this, worked] {
    committing_ = false;
    finished();
    if (worked) ask_for_commit(); // more may have come
  });
}

void own_log::finished() {
  for (const auto& to : std::exchange(answers_, {})) {
    if (!to.became) continue; // its program knows nothing of it
    if (appended_)
      appended_(to);
    else
      acknowledge(to);
  }
  serve_what_is_synced();
}

void own_log::acknowledge(const answer& to) {
  for (std::size_t i = 0; i < to.events.size(); ++i)
    turns_.book().acknowledged(to.events[i], {to.became->epoch, to.became->first + i}, to.level);
}

void own_log::serve_what_is_synced() {
  const auto end = log_->state().synced_end;
  if (end == served_end_) return;
  served_end_ = end;
  advanced_(end);
}

void own_log::maintain_when_due() {
  if (!log_ || turns_.now() < maintain_at_) return;
  maintain_at_ = log_->maintain(turns_.now());
  static_cast<void>(turns_.around().take_disk_delay()); // a helper's
  if (!committing_) serve_what_is_synced();
}

void own_log::stop() {
  log_.reset();
  for (const auto& to : std::exchange(answers_, {}))
    if (to.became && !appended_) acknowledge(to);
}

std::pair<result<log::read_result>, microseconds> own_log::read(const log::read_request& request) {
  auto found = log_->read(request);
  return {std::move(found), turns_.around().take_disk_delay()};
}

} // namespace weft::sim

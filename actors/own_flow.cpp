#include "actors/own_flow.hpp"

#include "actors/mend_waits.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/routing/run_filter.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::actors {
namespace {

/// A topic's name when the flow means it; for what is rare.
routing::start_watch::wanted_name names_of(const flow_log& log, const flow_topics& wanted) {
  return [&log, wanted](topic_id topic) {
    auto name = log.name_of(topic);
    if (name && !wanted.has(*name)) name.reset();
    return name;
  };
}

} // namespace

own_flow::own_flow(node_services& services, parts with) : services_(services), with_(std::move(with)) {}

own_flow::~own_flow() { with_.output->drop_flow(with_.flow); }

void own_flow::open(log_position from, std::uint64_t window, routing::start_watch::starts accepted) {
  using told = routing::start_watch::told;
  starts_.emplace(std::move(accepted), names_of(*with_.log, with_.topics), with_.copy ? told::all : told::missed);
  tell_scope();
  with_.output->send(
      wire::flow_opened{with_.subscription, with_.flow, with_.log->id(), with_.log->node(), from, with_.path});
  source_.emplace(from, window, with_.log->end(), services_.clock.mono(), fx_);
  carry_out();
}

void own_flow::credit(std::uint64_t limit) {
  source_->on(source::in::credit{limit}, fx_);
  carry_out();
}

result<void> own_flow::committed(const log_position& until) const {
  if (source_->covers(until)) return {};
  return fail(errc::ack_beyond_end, fmt::format("{} was committed, the flow was sent to {}", to_string(until),
                                                to_string(source_->sent_until())));
}

void own_flow::close(const error& why) { send(source::out::close{why}); }

void own_flow::advanced() {
  if (waits_for_ && !passes(waits_for_->topic, waits_for_->end)) return; // the gate wakes this flow again
  waits_for_.reset();
  source_->on(source::in::advanced{with_.log->end()}, fx_);
  carry_out();
}

void own_flow::tick() {
  source_->tick(services_.clock.mono(), fx_);
  carry_out();
}

void own_flow::go_on(link_room::place granted) {
  if (!due_) return;
  if (granted) place_ = std::move(granted);
  fx_.emplace_back(*std::exchange(due_, std::nullopt));
  carry_out();
}

void own_flow::read_done(result<log::read_result> answer) {
  take_read(std::move(answer));
  carry_out();
}

void own_flow::take_read(result<log::read_result> answer) {
  const auto now = services_.clock.mono();
  if (!answer) {
    const auto code = answer.error().code();
    if (code == errc::end_of_log) {
      source_->on(source::in::read_done{{reading_from_.epoch, reading_from_.seq, reading_from_.seq}, {}, {}}, now, fx_);
    } else if (code == errc::cancelled) {
      fx_.emplace_back(source::out::read{reading_from_, source_->credit_left()}); // the reader went away: ask again
    } else if (code != errc::corrupt || !wait_for_copies(answer.error())) {
      source_->on(source::in::read_failed{answer.error(), with_.log->next_readable(reading_from_)}, now, fx_);
    }
    return;
  }
  if (with_.gated && services_.topics.any_level_with_copies())
    waits_for_ = routing::cut_unreached(*answer, [this](auto topic, const auto& end) { return passes(topic, end); });
  auto content = routing::make_run(*answer, with_.filter, with_.log->id());
  if (!content) {
    source_->on(source::in::read_failed{content.error(), log_position{answer->epoch, answer->until}}, now, fx_);
    return;
  }
  with_.facts->events += content->events;
  source_->on(source::in::read_done{{answer->epoch, answer->from, answer->until},
                                    answer->log_time,
                                    std::move(content->bytes),
                                    starts_->passed({answer->epoch, answer->from}, answer->starts)},
              now, fx_);
}

/// The link's room is the others' meanwhile.
/// @returns whether it may come back
bool own_flow::wait_for_copies(const error& why) {
  services_.copies.look_at_log(with_.log->id());
  const auto beyond = with_.log->next_readable(reading_from_);
  if (!with_.waits || !beyond || beyond->epoch != reading_from_.epoch) return false;
  place_.reset();
  unreadable_ = why;
  waiting_ = std::make_shared<const int>(0);
  services_.copies.when_mended(
      {{beyond->epoch, reading_from_.seq, beyond->seq}, waiting_, reply<void>(with_.bring_mended)});
  return true;
}

void own_flow::mended(const result<void>& done) {
  if (!unreadable_) return;
  waiting_.reset();
  const auto why = *std::exchange(unreadable_, std::nullopt);
  if (done || done.error().code() == errc::cancelled)
    fx_.emplace_back(source::out::read{reading_from_, source_->credit_left()});
  else
    source_->on(source::in::read_failed{why, with_.log->next_readable(reading_from_)}, services_.clock.mono(), fx_);
  carry_out();
}

bool own_flow::passes(topic_id topic, const log_position& end) const {
  return services_.topics.copies_before_read(topic) == 0 || services_.gate.passes(topic, end);
}

/// Which topics a copy does not get, before any run that passes over their events.
void own_flow::tell_scope() {
  const auto version = services_.topics.version();
  if (!with_.copy || scope_told_ == version || with_.log->id() != services_.own_log) return;
  const bool first = !scope_told_;
  scope_told_ = version;
  wire::copy_scope scope{with_.subscription, {}};
  for (auto& name : services_.topics.names()) {
    if (with_.topics.has(name) || !others_told_.insert(name).second) continue;
    scope.others.push_back(std::move(name));
    if (scope.others.size() < limits::copy_topics_max) continue;
    with_.output->send(scope);
    scope.others.clear();
  }
  if (!scope.others.empty() || first) with_.output->send(scope);
}

void own_flow::carry_out() {
  int reads = 0;
  std::size_t next = 0;
  while (next < fx_.size()) { // carrying one out may add others
    const auto effect = std::move(fx_[next++]);
    if (const auto* wanted = std::get_if<source::out::read>(&effect)) {
      if (++reads <= limits::own_reads_in_a_row_max) {
        read(*wanted);
      } else {
        due_ = *wanted;
        with_.come_back({});
      }
    } else if (const auto* run = std::get_if<source::out::run>(&effect)) {
      send(*run);
    } else if (const auto* gap = std::get_if<source::out::gap>(&effect)) {
      send(*gap);
    } else {
      send(std::get<source::out::close>(effect));
    }
  }
  fx_.clear();
  if (!source_->reading()) place_.reset();
  note();
}

void own_flow::read(const source::out::read& wanted) {
  if (!place_) place_ = with_.output->take_room(with_.flow, with_.come_back);
  if (!place_) {
    due_ = wanted;
    return;
  }
  reading_from_ = wanted.from;
  const auto bytes = std::min<std::size_t>(wanted.cost_max, limits::run_bytes_target);
  if (auto now = with_.log->read(wanted.from, bytes, with_.bring_read)) take_read(std::move(*now));
}

void own_flow::send(const source::out::run& run) {
  tell_scope();
  wire::run message;
  message.flow = with_.flow;
  message.epoch = run.range.epoch;
  message.from = run.range.from;
  message.until = run.range.until;
  message.log_time = run.log_time;
  message.head = with_.log->end();
  with_.facts->bytes += run.bytes.size();
  ++with_.facts->runs;
  with_.output->send_run(message, run.bytes);
  if (!run.bytes.empty()) place_.reset(); // the run's bytes take the room now
}

void own_flow::send(const source::out::gap& gap) {
  wire::run message;
  message.flow = with_.flow;
  message.epoch = gap.range.epoch;
  message.from = gap.range.from;
  message.until = gap.range.until;
  message.head = with_.log->end();
  message.gap_code = gap.why.code();
  message.gap = gap.why.message();
  message.starts = gap.topics;
  with_.output->send_run(message, {});
}

void own_flow::send(const source::out::close& close) {
  with_.output->send(wire::flow_closed{with_.flow, with_.subscription, close.why.code(), close.why.message()});
}

void own_flow::note() {
  with_.facts->credit = source_->credit_left();
  with_.facts->sent_until = source_->sent_until().seq.value();
  with_.facts->head = with_.log->end().value();
}

} // namespace weft::actors

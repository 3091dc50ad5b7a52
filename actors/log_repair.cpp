#include "actors/log_repair.hpp"

#include "actors/link.hpp"
#include "actors/node_services.hpp"

#include <fmt/format.h>

namespace weft::actors {
namespace {

/// Whether the holder may do what was asked another time.
bool passes_by_itself(errc code) {
  switch (code) {
  case errc::busy:
  case errc::cancelled:
  case errc::internal:
  case errc::would_block:
  case errc::timed_out:
  case errc::not_connected: return true;
  default: return false;
  }
}

std::string text_of(const log::epoch_range& range) {
  return fmt::format("seq {} to {} of epoch {}", range.from.value(), range.until.value(), to_string(range.epoch));
}

} // namespace

log_repair::log_repair(surroundings with) : with_(std::move(with)), machine_(with_.log, with_.kept) {}

log_repair::~log_repair() {
  if (!flow_) return;
  if (const auto peer = peers_.find(flow_->from); peer != peers_.end()) peer->second.link->withdraw(flow_->demand);
}

mono_time log_repair::now() const { return with_.services.clock.mono(); }

std::string log_repair::name_of(const node_id& id) const {
  const auto peer = peers_.find(id);
  return peer == peers_.end() ? to_string(id) : peer->second.name;
}

// --- who may have it

void log_repair::holders(std::vector<node_id> ordered) {
  machine_.on(in::holders{std::move(ordered)}, now(), fx_);
  carry_out();
}

void log_repair::holder_ready(const node_id& id) {
  look();
  machine_.on(in::holder_ready{id}, now(), fx_);
  carry_out();
}

void log_repair::peer_up(const linked_peer& peer) {
  if (const auto known = peers_.find(peer.id); known != peers_.end()) peer_down(peer.id, known->second.output);
  peers_.insert_or_assign(peer.id, peer);
}

void log_repair::peer_down(const node_id& id, const link_output_ptr& output) {
  const auto known = peers_.find(id);
  if (known == peers_.end() || known->second.output != output) return;
  peers_.erase(known);
  if (flow_ && flow_->from == id) end(false);
}

// --- flows

void log_repair::opened(const wire::flow_opened& opened, const link_output_ptr& output) {
  if (!demanded(opened.subscription)) return;
  const auto peer = peers_.find(flow_->from);
  if (peer == peers_.end() || peer->second.output != output) return;
  flow_->number = opened.flow;
  flow_->sink.emplace(opened.at, limits::flow_window_bytes);
  machine_.on(in::opened{flow_->pull, opened.at}, now(), fx_);
  carry_out();
}

void log_repair::run(std::uint64_t demand, const wire::run& run, const shared_bytes& payload) {
  if (!demanded(demand) || !flow_->sink) return;
  if (const auto follows = flow_->sink->on_run({run.epoch, run.from, run.until}, payload.size()); !follows) {
    with_.services.to.warning(fmt::format("what {} gave back of {} is not taken: {}", name_of(flow_->from), name_,
                                          follows.error().message()));
    peers_.at(flow_->from).link->withdraw(demand);
    return end(true);
  }
  const log::epoch_range range{run.epoch, run.from, run.until};
  if (run.gap_code != errc::ok)
    machine_.on(in::gap{flow_->pull, range}, now(), fx_);
  else
    machine_.on(in::run{flow_->pull, range, payload, routing::run_cost(payload.size())}, now(), fx_);
  carry_out();
}

void log_repair::closed(std::uint64_t demand, const error& why) {
  if (!demanded(demand)) return;
  with_.services.to.debug(
      fmt::format("{} gives nothing more back of {} for now: {}", name_of(flow_->from), name_, why.message()));
  end(!passes_by_itself(why.code()));
}

void log_repair::stored(result<std::uint64_t> put) {
  look();
  machine_.on(in::stored{std::move(put)}, now(), fx_);
  carry_out();
}

void log_repair::end(bool asked) {
  const auto pull = flow_->pull;
  flow_.reset();
  machine_.on(in::ended{pull, asked}, now(), fx_);
  carry_out();
}

// --- what the plan wants

/// Carrying out one effect may lead to others: they come behind it.
void log_repair::carry_out() {
  if (std::exchange(carrying_out_, true)) return;
  while (!fx_.empty()) {
    auto effects = std::exchange(fx_, {});
    for (auto& effect : effects)
      std::visit([this](const auto& one) { do_it(one); }, effect);
  }
  carrying_out_ = false;
}

void log_repair::do_it(const out::demand& ask) {
  const auto peer = peers_.find(ask.holder);
  if (peer == peers_.end()) return machine_.on(in::ended{ask.pull, false}, now(), fx_);
  wire::demand wanted;
  wanted.subscription = ++with_.services.last_subscription;
  wanted.log = with_.log;
  wanted.pattern = ">";
  wanted.start = wire::start_kind::position;
  wanted.at = ask.from;
  wanted.window = limits::flow_window_bytes;
  if (with_.topics) wanted.topics = with_.topics();
  wanted.copy = true;
  flow_ = flow{ask.pull, wanted.subscription, 0, ask.holder};
  with_.demand(peer->second, std::move(wanted));
}

void log_repair::do_it(const out::withdraw& gone) {
  if (!flow_ || flow_->pull != gone.pull) return;
  if (const auto peer = peers_.find(flow_->from); peer != peers_.end()) peer->second.link->withdraw(flow_->demand);
  flow_.reset();
}

void log_repair::do_it(const out::consumed& consumed) {
  if (!flow_ || flow_->pull != consumed.pull || !flow_->sink) return;
  const auto peer = peers_.find(flow_->from);
  if (peer == peers_.end()) return;
  if (const auto limit = flow_->sink->consumed(consumed.cost))
    peer->second.output->send(wire::credit{flow_->number, *limit});
}

void log_repair::do_it(const out::store& wish) { with_.store(wish); }

void log_repair::do_it(const out::keep& keep) {
  if (with_.keep) with_.keep(keep.all);
}

void log_repair::do_it(const out::report& report) {
  auto& to = with_.services.to;
  const auto holder = report.holder ? name_of(*report.holder) : std::string();
  switch (report.why.code()) {
  case errc::ok:
    to.info(fmt::format("{} entries of {} came back from the copy at {}: {}", report.entries, name_, holder,
                        text_of(report.range)));
    break;
  case errc::not_found:
    to.warning(fmt::format("{} lacks {}, and no node that holds a copy has it", name_, text_of(report.range)));
    break;
  case errc::already_exists:
    to.warning(fmt::format("{} does not take {} back from {}: {}", name_, text_of(report.range), holder,
                           report.why.message()));
    break;
  default:
    to.error(
        fmt::format("{}: {} from {} is not taken: {}", name_, text_of(report.range), holder, report.why.message()));
  }
}

// --- time

void log_repair::look() {
  auto sought = with_.sought();
  if (!machine_.busy() && sought.damaged == damaged_ && sought.current == current_) return;
  damaged_ = sought.damaged;
  current_ = sought.current;
  machine_.on(sought, now(), fx_);
  carry_out();
}

void log_repair::tick() {
  const auto at = now();
  if (const auto due = machine_.next_tick(); due && *due <= at) machine_.tick(at, fx_);
  carry_out();
}

std::optional<mono_time> log_repair::next_tick() const { return machine_.next_tick(); }

} // namespace weft::actors

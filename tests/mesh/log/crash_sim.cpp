#include "tests/mesh/log/crash_sim.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/log/dump.hpp"
#include "mesh/log/segment_file.hpp"

#include <fmt/format.h>

namespace weft::log::testing {

crash_sim::crash_sim(std::uint64_t seed, bool disk_ignores_sync, tally& counts)
    : choose_(seed), disk_ignores_sync_(disk_ignores_sync), counts_(counts) {
  machine_.random = seeded_random(choose_.next());
  configure();
}

void crash_sim::configure() {
  auto& options = machine_.options;
  options.segment_bytes = 1024U << below(4);
  options.spare_segments = below(4);
  options.tail_cache_bytes = one_in(2) ? 0 : 4U << 20U;
  if (one_in(3)) machine_.starts.starts.clear();
}

std::string crash_sim::run() {
  disarm();
  if (auto broken = reopen(); !broken.empty()) return broken;
  const auto lives = 2 + below(4);
  for (std::uint64_t life = 0; life < lives; ++life) {
    const auto steps = 5 + below(40);
    for (const auto topic : {orders, stock})
      if (one_in(3)) machine_.log->set_policy(topic, {{}, below(6000)});
    for (std::uint64_t step = 0; step < steps; ++step) {
      work();
      if (one_in(10))
        if (auto broken = check(); !broken.empty()) return broken;
    }
    stop_somehow();
    disarm();
    if (one_in(6)) damage_closed_segment();
    if (one_in(4)) { // recovery is interrupted, too
      arm_fault();
      if (!machine_.open()) count("openings failed");
      stop_somehow();
      disarm();
    }
    if (auto broken = reopen(); !broken.empty()) return broken;
    if (auto broken = check(); !broken.empty()) return broken;
  }
  count("entries read", machine_.history.read_entries());
  count("mark: damage met while reading", machine_.history.damage_met());
  return {};
}

// --- workload

void crash_sim::work() {
  if (!fault_armed_ && one_in(60)) arm_fault();
  if (fault_armed_ && one_in(8)) disarm();
  switch (below(11)) {
  case 0:
  case 1: append_one(one_in(4) ? ack_level::written : ack_level::synced); break;
  case 2:
  case 3: queue_some(); break;
  case 4: append_group(); break;
  case 5: append_numbered(); break;
  case 6: append_reserved(); break;
  case 7:
  case 9: maintain(); break;
  case 8: machine_.clock.advance(microseconds(static_cast<std::int64_t>(below(3'000'000)))); break;
  default:
    if (one_in(10)) machine_.log->set_policy(stock, {{}, below(6000)});
    if (one_in(40) && machine_.log->drop_topic(stock)) count("topics dropped");
  }
  const bool frozen = machine_.log->state().health.frozen;
  if (frozen && !was_frozen_) count("mark: froze");
  if (!frozen && was_frozen_) count("mark: thawed");
  was_frozen_ = frozen;
}

void crash_sim::note(const result<appended>& answer, const std::string& value, ack_level level) {
  count("appends");
  if (!answer) {
    count(fmt::format("answer: {}", to_string(answer.error().code())));
    return;
  }
  if (level == ack_level::synced) machine_.history.promised(value, *answer);
  count("answer: ok");
}

void crash_sim::append_one(ack_level level) {
  const auto value = machine_.fresh_value(below(one_in(8) ? 6000 : 700)); // over pages that go to disk one by one, too
  const auto topic = one_in(3) ? stock : orders;
  machine_.history.submitted(value, topic, 1);
  const auto answer = machine_.log->append_and_wait(request_of(topic, make_batch(topic, {value}), level));
  note(answer ? result<appended>(answer->front()) : fail(answer.error()), value, level);
}

void crash_sim::queue_some() {
  for (auto more = 1 + below(6); more > 0; --more) {
    const auto value = machine_.fresh_value(below(500));
    const auto level = one_in(4) ? ack_level::written : ack_level::synced;
    const auto events = 1 + below(3);
    machine_.history.submitted(value, orders, static_cast<std::uint32_t>(events));
    strings values(events, "more");
    values[0] = value;
    auto request = request_of(orders, make_batch(orders, values), level);
    request.done = [this, value, level](const result<std::vector<appended>>& answer) {
      note(answer ? result<appended>(answer->front()) : fail(answer.error()), value, level);
    };
    static_cast<void>(machine_.log->append(std::move(request)));
  }
  if (!one_in(5)) machine_.log->commit_pending();
}

void crash_sim::append_group() { count(machine_.submit_group(2 + below(4), below(200)) ? "groups" : "groups refused"); }

/// A producer that sometimes sends again what it has an answer for.
void crash_sim::append_numbered() {
  auto& producer = producers_[below(3)];
  if (producer.id == 0) producer = {choose_.next(), 0, {}};
  const bool again = producer.next > 0 && one_in(3);
  if (!again) {
    producer.value = machine_.fresh_value(below(200));
    machine_.history.submitted(producer.value, orders, 1);
  }
  const auto sequence = again ? producer.next - 1 : producer.next;
  const auto batch = make_batch(orders, {producer.value}, producer.id, sequence);
  const auto answer = machine_.log->append_and_wait(request_of(orders, batch));
  note(answer ? result<appended>(answer->front()) : fail(answer.error()), producer.value, ack_level::synced);
  if (!answer) {
    producer = {}; // it may be in the log or not; the next one begins anew
    return;
  }
  if (answer->front().repeated) count("mark: repeats answered");
  producer.next = sequence + 1;
}

void crash_sim::append_reserved() {
  const bool frozen = machine_.log->state().health.frozen;
  const auto value = machine_.fresh_value(below(100));
  machine_.history.submitted(value, own, 1);
  const auto answer = machine_.log->append_and_wait(request_of(own, make_batch(own, {value})));
  note(answer ? result<appended>(answer->front()) : fail(answer.error()), value, ack_level::synced);
  if (answer && frozen) count("mark: own topics while the disk was full");
}

void crash_sim::maintain() {
  machine_.clock.advance(limits::retention_interval);
  const auto before = machine_.log->state().begin;
  machine_.log->maintain(machine_.clock.mono());
  count("rounds");
  if (before < machine_.log->state().begin) count("mark: segments removed");
}

// --- faults

void crash_sim::arm_fault() {
  disk_fault_plan plan;
  plan.ignores_syncs = disk_ignores_sync_;
  switch (below(5)) {
  case 0: plan.failures.push_back({1 + below(4), errc::io_error, disk_call::sync, one_in(2)}); break;
  case 1: plan.failures.push_back({1 + below(20), one_in(2) ? errc::io_error : errc::disk_full, {}, one_in(2)}); break;
  case 2: plan.short_write = 1 + below(5); break;
  case 3: plan.capacity = 0; break; // nothing grows any more
  default: plan.failures.push_back({1 + below(3), errc::descriptors_out, disk_call::open, one_in(2)});
  }
  machine_.disk.set_faults(plan);
  fault_armed_ = true;
  count("faults armed");
}

void crash_sim::disarm() {
  count("faults hit", machine_.disk.faults_hit());
  disk_fault_plan plan;
  plan.ignores_syncs = disk_ignores_sync_;
  machine_.disk.set_faults(plan);
  fault_armed_ = false;
}

void crash_sim::stop_somehow() {
  switch (below(4)) {
  case 0:
    machine_.log.reset();
    count("stops");
    break;
  case 1:
    machine_.kill();
    count("kills");
    break;
  case 2:
    if (machine_.log && one_in(2)) append_one(ack_level::written); // the crash may tear it
    machine_.lose_power();
    count("power failures");
    break;
  default: machine_.lose_all_unsynced(); count("power failures that lost everything unsynced");
  }
  was_frozen_ = false;
}

/// Flips a bit in an entry of a segment that another one follows. The history is told which entry may be missing.
void crash_sim::damage_closed_segment() {
  std::map<log_position, std::string> segments;
  for (const auto& path : machine_.disk.files()) {
    const auto name = path.substr(path.rfind('/') + 1);
    const auto folder = parent_directory(path);
    if (const auto first = parse_segment_name(name))
      segments[{*parse_epoch(folder.substr(folder.rfind('/') + 1)), *first}] = path;
  }
  if (segments.size() < 2) return;
  const auto& path = std::next(segments.begin(), static_cast<std::ptrdiff_t>(below(segments.size() - 1)))->second;
  std::vector<std::pair<std::uint64_t, wire::entry_header>> entries;
  const auto dumped = dump_segment(machine_.disk, path, [&](std::uint64_t offset, const wire::stored_entry& entry) {
    entries.emplace_back(offset, entry.header);
    return true;
  });
  if (!dumped || entries.empty()) return;
  const auto& [offset, header] = entries[below(entries.size())];
  const auto within = below(limits::entry_header_bytes + header.body_length);
  machine_.disk.flip_bit(path, offset + within, static_cast<unsigned>(below(8)));
  machine_.history.damage(header.epoch, header.first_seq, header.end_seq());
  count("bits flipped");
}

// --- after

std::string crash_sim::reopen() {
  if (!machine_.open()) return "can't open: " + machine_.open_problem;
  count("epochs");
  count_recovery();
  return {};
}

void crash_sim::count_recovery() {
  const auto& report = machine_.log->recovered();
  count("entries scanned", report.entries_scanned);
  count("torn entries", report.torn_entries);
  if (report.torn_entries > 0) count("mark: torn tails");
  if (report.clean_stop && report.segments > 0) count("mark: clean stops");
  if (!report.quarantined.empty()) count("mark: damage quarantined");
  if (!report.rebuilt_indexes.empty()) count("mark: indexes rebuilt");
  if (!report.set_aside.empty()) count("segments set aside");
  std::uint64_t used = 0;
  std::uint64_t cleaned = 0;
  for (const auto& path : machine_.disk.files()) {
    used += path.ends_with(".used") ? 1 : 0;
    if (!path.ends_with(".seg")) continue;
    const auto content = *machine_.disk.content(path);
    const auto head = decode_segment_header(content);
    used += head.header.recycled ? 1 : 0;
    cleaned += head.header.cleaned_until ? 1 : 0;
  }
  if (used > 0) count("mark: recycled files");
  if (cleaned > 0) count("mark: cleaned segments");
  if (report.segments > 8) count("mark: many segments");
}

std::string crash_sim::check() {
  if (fault_armed_) disarm(); // a read that fails is no broken promise
  count("checks");
  return machine_.history.check(*machine_.log, machine_.starts.starts);
}

std::vector<std::string> missed_marks(const tally& counts, std::uint64_t seeds) {
  // At least once in so many seeds.
  const std::map<std::string, std::uint64_t> wanted{{"mark: froze", 5},
                                                    {"mark: thawed", 20},
                                                    {"mark: torn tails", 20},
                                                    {"mark: clean stops", 5},
                                                    {"mark: indexes rebuilt", 5},
                                                    {"mark: damage quarantined", 50},
                                                    {"mark: recycled files", 50},
                                                    {"mark: cleaned segments", 50},
                                                    {"mark: segments removed", 20},
                                                    {"mark: repeats answered", 5},
                                                    {"mark: many segments", 10},
                                                    {"mark: own topics while the disk was full", 50},
                                                    {"mark: damage met while reading", 50}};
  std::vector<std::string> missed;
  for (const auto& [mark, once_in] : wanted) {
    const auto reached = counts.find(mark);
    if ((reached == counts.end() ? 0 : reached->second) * once_in < seeds)
      missed.push_back(fmt::format("{}: less than once in {} seeds", mark, once_in));
  }
  return missed;
}

} // namespace weft::log::testing

#include "mesh/log/log.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/names.hpp"
#include "mesh/base/planted_bug.hpp"
#include "mesh/log/backlog.hpp"
#include "mesh/log/log_impl.hpp"
#include "mesh/log/splice.hpp"
#include "mesh/wire/buffer_pool.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::log {

// --- opening and closing

node_log::impl::impl(const log_environment& environment, const log_options& options, recovery_plan recovered,
                     weft::epoch epoch)
    : report(std::move(recovered.report)),
      progress({epoch, recovered.end}, recovered.last),
      queue(options.commit_queue_bytes, options.own_threads),
      store(environment.disk, options.id),
      tail(options.tail_cache_bytes),
      reader(store, &tail, &starts),
      environment_(environment),
      options_(options),
      paths_(options.directory, options.id),
      seed_(wire::checksum_seed(options.id, epoch)),
      spares_(environment.disk, paths_.epoch(epoch), options.segment_bytes, options.spare_segments),
      writer_({environment.disk, paths_, options.id, epoch, recovered.end, options.segment_bytes, store, tail, spares_,
               [this] {
                 const std::lock_guard lock(tables_.mutex);
                 return index_tables{tables_.topics.all(), tables_.producers.all()};
               },
               [this](closed_segment closed) {
                 {
                   const std::lock_guard lock(closed_mutex_);
                   closed_.push_back(std::move(closed));
                 }
                 poke_keeper();
               }}),
      committer_({queue, writer_, tables_, progress, environment.clock, epoch,
                  std::min<std::size_t>(limits::commit_bytes_max, options.segment_bytes - segment_header_bytes),
                  [this](seq end) {
                    if (on_synced) on_synced(end);
                  },
                  [this](const log_health& health) {
                    if (on_health) on_health(health);
                    poke_keeper();
                  }}),
      clock_(recovered.last == hlc{} ? std::nullopt : std::optional(recovered.last.wall())),
      compactor_(environment.disk, store, environment.random) {
  tables_.last = recovered.last;
  tables_.planned_end = recovered.end;
  for (const auto& topic : recovered.tables.topics)
    tables_.topics.raise_next(topic.topic, topic.next, topic.name);
  for (auto& producer : recovered.tables.producers)
    tables_.producers.restore(std::move(producer));
  for (auto& segment : recovered.segments)
    store.add_sealed(segment.path, segment.summary, std::move(segment.damages), std::move(segment.rebuilt));
}

result<void> node_log::impl::begin_epoch(const std::vector<std::string>& spares, const std::vector<std::string>& epochs,
                                         const std::vector<std::pair<topic_id, topic_start>>& from_catalog) {
  auto& disk = environment_.disk;
  if (auto done = disk.make_directories(paths_.epoch(progress.head().at.epoch)); !done) return done;
  if (auto done = spares_.adopt(spares); !done) return done;
  for (const auto& folder : epochs) // those with nothing in them; the newest keeps the count
    if (const auto names = disk.list(folder); names && names->empty()) static_cast<void>(disk.remove_directory(folder));
  for (const auto& [topic, start] : from_catalog) {
    if (!planted(planted_bug::start_moved_back)) starts.set(topic, start);
    tables_.topics.raise_next(topic, start.offset, {});
  }
  const auto known = starts.all();
  for (const auto& each : store.all()) {
    const auto core = store.core_of(each.segment);
    if (!core) return fail(core.error().within(each.segment->path));
    for (const auto& topic : (*core)->topics)
      if (!is_dead(*known, topic.topic, topic.end_offset, {each.segment->epoch, topic.end}))
        tables_.topics.add_bytes(topic.topic, topic.bytes);
  }
  return {};
}

result<std::unique_ptr<node_log>> node_log::open(const log_environment& environment, const log_options& options,
                                                 const std::vector<std::pair<topic_id, topic_start>>& starts) {
  WEFT_ASSERT(options.segment_bytes > 2 * segment_header_bytes && options.segment_bytes % 8 == 0);
  const log_paths paths(options.directory, options.id);
  const auto within = [&](const error& cause) { return fail(cause.within("cannot open the log " + paths.log())); };
  if (auto made = environment.disk.make_directories(paths.log()); !made) return within(made.error());
  auto plan = plan_recovery(environment.disk, paths, options.id, {starts.begin(), starts.end()});
  if (!plan) return within(plan.error());
  if (auto done = carry_out(environment.disk, *plan); !done) return within(done.error());

  const auto count = std::max(plan->count_max, options.epoch_above) + (planted(planted_bug::epoch_not_bumped) ? 0 : 1);
  weft::epoch epoch(count, static_cast<std::uint32_t>(environment.random.next()));
  if (planted(planted_bug::tail_reused) && plan->newest != weft::epoch{}) epoch = plan->newest;
  const auto spares = plan->spares;
  const auto epochs = plan->epochs;
  const bool begin_known = plan->begin_known;
  auto body = std::make_unique<impl>(environment, options, std::move(*plan), epoch);
  if (auto begun = body->begin_epoch(spares, epochs, starts); !begun) return within(begun.error());
  if (!begin_known) static_cast<void>(body->keep_begin()); // on a full disk the next opening does it
  if (options.own_threads) body->start_threads();
  return std::unique_ptr<node_log>(new node_log(std::move(body)));
}

node_log::node_log(std::unique_ptr<impl> body) noexcept : impl_(std::move(body)) {}
node_log::~node_log() = default;

const recovery_report& node_log::recovered() const noexcept { return impl_->report; }

// --- writing

result<pending_append> node_log::impl::prepare(append_request request) const {
  if (request.items.empty()) return fail(errc::invalid_argument, "an append without a batch");
  if (request.level.copies() > 0)
    return fail(errc::unsupported, fmt::format("a log alone can't acknowledge {}: it knows of no copies at other nodes",
                                               to_string(request.level)));
  const auto prepare_one = [seed = seed_.load()](append_request::item& item) {
    const auto producer = item.batch.producer();
    const auto sequence = item.batch.first_sequence();
    const auto count = static_cast<std::uint32_t>(item.batch.count());
    const auto checksum = wire::body_checksum(seed, item.batch.bytes().view());
    return prepared_batch{item.topic, std::move(item.batch), producer, sequence, count, checksum, seed};
  };
  pending_append append{prepare_one(request.items.front()), {}, request.level, std::move(request.done)};
  append.reserved = true;
  for (std::size_t i = 0; i < request.items.size(); ++i) {
    if (i > 0) append.others.push_back(prepare_one(request.items[i]));
    const auto& batch = append.batch(i).batch;
    if (batch.is_extract()) return fail(errc::invalid_argument, "an extract can't be appended");
    if (batch.bytes().size() > limits::batch_bytes_max)
      return fail(errc::too_large, fmt::format("a batch of {} bytes, at most {} are allowed", batch.bytes().size(),
                                               limits::batch_bytes_max));
    append.bytes += limits::entry_header_bytes + ((batch.bytes().size() + 7) & ~std::size_t{7});
    append.reserved = append.reserved && is_reserved_topic(batch.topic());
  }
  if (request.items.size() > 1 && append.bytes > limits::atomic_group_bytes_max)
    return fail(errc::too_large, fmt::format("an atomic group of {} bytes, at most {} are allowed", append.bytes,
                                             limits::atomic_group_bytes_max));
  return append;
}

result<void> node_log::append(append_request request) {
  auto append = impl_->prepare(std::move(request));
  if (!append) return fail(std::move(append.error()));
  WEFT_ASSERT(append->done != nullptr);
  return impl_->queue.push(std::move(*append));
}

result<std::vector<appended>> node_log::impl::append_and_wait(append_request request) {
  auto append = prepare(std::move(request));
  if (!append) return fail(std::move(append.error()));
  append->done = nullptr;
  return queue.push_and_wait(std::move(*append), [this] {
    commit();
    if (until_sync_due() && options_.own_threads) queue.wake_committer(false); // it keeps the time
  });
}

result<std::vector<appended>> node_log::append_and_wait(append_request request) {
  return impl_->append_and_wait(std::move(request));
}

bool node_log::impl::commit_pending() {
  if (!queue.try_lead()) return false;
  const bool something = commit();
  queue.stop_leading();
  return something;
}

bool node_log::commit_pending() { return impl_->commit_pending(); }

void node_log::on_synced(std::function<void(seq)> observer) { impl_->on_synced = std::move(observer); }
void node_log::on_room(std::function<void()> observer) { impl_->on_room = std::move(observer); }
void node_log::on_health(std::function<void(const log_health&)> observer) { impl_->on_health = std::move(observer); }

// --- reading

/// What has its place already is behind nothing that comes, so it is synced before that is.
void node_log::impl::go_above(hlc at) {
  const std::lock_guard lock(tables_.mutex);
  tables_.last = std::max(tables_.last, at);
}

/// An idle log's time goes on with the clock, so that those who wait for a time need no events.
log_head node_log::impl::head() const {
  auto head = progress.head();
  const auto idle_until = hlc::at(environment_.clock.wall());
  if (idle_until.value() <= head.time.value() + 1) return head;
  const std::lock_guard lock(tables_.mutex);
  if (tables_.planned_end != head.at.seq) return head;
  tables_.last = std::max(tables_.last, hlc{idle_until.value() - 1}); // every later append is above it
  head.time = tables_.last;
  return head;
}

result<read_result> node_log::read(const read_request& request) {
  return impl_->reader.read(request, impl_->head(), false);
}
result<read_result> node_log::read_cached(const read_request& request) {
  return impl_->reader.read(request, impl_->head(), true);
}
result<log_position> node_log::find_time(hlc at) { return impl_->reader.find_time(at, impl_->head()); }
std::optional<log_position> node_log::next_readable(log_position from) {
  return impl_->reader.next_readable(from, impl_->head());
}

log_position node_log::go_on_at(log_position from) const {
  return impl_->store.go_on_at(from, impl_->progress.head().at);
}

shared_bytes read_result::run() const {
  if (entries.empty()) return {};
  std::size_t size = 0;
  for (const auto& entry : entries)
    size += entry.bytes.size();
  const auto& first = entries.front().bytes;
  if (adjacent) return {first.owner(), byte_view(first.data(), size)};
  wire::pooled_buffer gathered(size);
  std::size_t at = 0;
  for (const auto& entry : entries) {
    std::copy_n(entry.bytes.data(), entry.bytes.size(), gathered.data() + at);
    at += entry.bytes.size();
  }
  return std::move(gathered).share(0, size);
}

log_state node_log::impl::state() const {
  log_state state;
  const auto now = head();
  state.epoch = now.at.epoch;
  state.begin = store.begin(now.at);
  state.written_end = std::max(progress.written_end(), now.at.seq);
  state.synced_end = now.at.seq;
  state.time = now.time;
  state.bytes = store.bytes();
  state.health = progress.health();
  return state;
}

log_state node_log::state() const { return impl_->state(); }

/// Of a topic with compaction, before its first round too.
std::optional<compaction_facts>
node_log::impl::compaction_of(topic_id topic, const std::unordered_map<topic_id, topic_policy>& wanted) const {
  const auto policy = wanted.find(topic);
  if (policy == wanted.end() || !policy->second.compaction) return std::nullopt;
  return compactor_.facts(topic).value_or(compaction_facts{});
}

std::vector<topic_facts> node_log::impl::topics() const {
  const auto known = starts.all();
  const auto wanted = policies.all();
  std::vector<topic_facts> all;
  const std::lock_guard lock(tables_.mutex);
  for (const auto& topic : tables_.topics.all()) {
    const auto start = known->find(topic.topic);
    const auto begin = start == known->end() ? topic_offset{} : start->second.offset;
    all.push_back(
        {topic.topic, topic.name, begin, std::max(begin, topic.next), topic.bytes, compaction_of(topic.topic, wanted)});
  }
  return all;
}

std::vector<topic_facts> node_log::topics() const { return impl_->topics(); }
std::shared_ptr<const known_starts> node_log::starts() const { return impl_->starts.all(); }

namespace {

/// Reads until the topic has an entry.
result<std::optional<wire::entry_header>> first_entry_of(node_log& log, log_position from, topic_id topic) {
  for (;;) {
    const auto read = log.read({from, 1, 0, [topic](topic_id id) { return id == topic; }});
    if (!read) {
      const auto code = read.error().code();
      if (code == errc::end_of_log) return std::nullopt;
      auto resume = code == errc::log_start || code == errc::corrupt || code == errc::out_of_range
                        ? log.next_readable(from)
                        : std::nullopt;
      if (code == errc::epoch_ended) resume = log.go_on_at(from);
      if (!resume || *resume <= from) return fail(read.error());
      from = *resume;
      continue;
    }
    if (!read->entries.empty()) return read->entries.front().header;
    from = {read->epoch, read->until};
  }
}

} // namespace

result<std::vector<topic_backlog>> node_log::backlog(log_position from, const std::function<bool(topic_id)>& wants) {
  from = std::max(from, state().begin);
  const auto known = topics();
  return count_backlog(
      {impl_->store, known, [this](log_position at, topic_id topic) { return first_entry_of(*this, at, topic); }}, from,
      wants);
}

// --- repairing

std::size_t node_log::tail_memory() const { return impl_->tail_memory(); }
std::vector<damage> node_log::damaged() const { return impl_->store.damaged(); }

result<std::uint64_t> node_log::impl::repair(weft::epoch epoch, seq from, seq until, const shared_bytes& entries,
                                             bool whole) {
  auto checked = checked_entries(options_.id, epoch, from, until, entries);
  if (!checked) return fail(std::move(checked.error()));
  if (auto sane = check_bounds(*checked); !sane) return fail(std::move(sane.error()));
  const std::lock_guard round(maintain_mutex_); // sealed segments change one at a time
  const auto done = splice_range(environment_.disk, store, epoch, {from, until, *checked, whole, 0, true});
  if (!done) return fail(done.error());
  note_taken(*checked, done->put);
  write_indexes();
  return done->put.size();
}

result<std::uint64_t> node_log::repair(weft::epoch epoch, seq from, seq until, const shared_bytes& entries,
                                       bool whole) {
  return impl_->repair(epoch, from, until, entries, whole);
}

std::vector<closed_epoch> node_log::closed_epochs() const { return impl_->closed_epochs(); }

result<std::uint64_t> node_log::take_back(weft::epoch epoch, seq from, seq until, const shared_bytes& entries) {
  return impl_->take_back(epoch, from, until, entries);
}

void node_log::go_above(hlc at) { impl_->go_above(at); }
result<weft::epoch> node_log::open_above(std::uint32_t count) { return impl_->open_above(count); }

// --- keeping

void node_log::set_policy(topic_id topic, const topic_policy& policy) { impl_->policies.set(topic, policy); }
result<void> node_log::drop_topic(topic_id topic) { return impl_->drop_topic(topic); }
mono_time node_log::maintain(mono_time now) { return impl_->maintain(now); }

} // namespace weft::log

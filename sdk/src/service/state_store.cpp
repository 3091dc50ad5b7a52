#include "sdk/src/service/state_store.hpp"

#include "mesh/base/os_disk.hpp"
#include "mesh/catalog/columns.hpp"
#include "mesh/catalog/schema.hpp"
#include "mesh/wire/batch_builder.hpp"
#include "mesh/wire/batch_view.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <limits>
#include <map>

namespace weft::detail {
namespace {

using catalog::database;
using catalog::durability;

constexpr auto version_1 = R"(
CREATE TABLE service (
  name TEXT NOT NULL PRIMARY KEY,
  member INTEGER NOT NULL,
  node BLOB NOT NULL,
  sum INTEGER NOT NULL CHECK (sum = weft_sum(name, member, node))
) STRICT, WITHOUT ROWID;

CREATE TABLE state (
  tab TEXT NOT NULL,
  key BLOB NOT NULL,
  value BLOB NOT NULL,
  sum INTEGER NOT NULL CHECK (sum = weft_sum(tab, key, value)),
  PRIMARY KEY (tab, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE handled (
  node BLOB NOT NULL,
  ordinal INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  places BLOB NOT NULL,
  sum INTEGER NOT NULL CHECK (sum = weft_sum(node, ordinal, epoch, places)),
  PRIMARY KEY (node, ordinal, epoch)
) STRICT, WITHOUT ROWID;

CREATE TABLE producers (
  topic TEXT NOT NULL PRIMARY KEY,
  producer INTEGER NOT NULL,
  next INTEGER NOT NULL,
  used INTEGER NOT NULL, -- microseconds since 1970
  sum INTEGER NOT NULL CHECK (sum = weft_sum(topic, producer, next, used))
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
  id INTEGER NOT NULL PRIMARY KEY,
  batch BLOB NOT NULL,
  sum INTEGER NOT NULL CHECK (sum = weft_sum(id, batch))
) STRICT;
)";

constexpr auto version_2 = R"(
CREATE TABLE timers (
  name TEXT NOT NULL,
  key BLOB NOT NULL,
  due INTEGER NOT NULL, -- microseconds since 1970
  tries INTEGER NOT NULL,
  cause TEXT NOT NULL,
  origin TEXT NOT NULL,
  event BLOB NOT NULL,
  sum INTEGER NOT NULL CHECK (sum = weft_sum(name, key, due, tries, cause, origin, event)),
  PRIMARY KEY (name, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX timers_by_due ON timers (due, name, key);
)";

// Errands are looked for by their name, so that those which wait for a slow system do not stand before others.
constexpr auto version_3 = R"(
DROP INDEX timers_by_due;
CREATE INDEX timers_by_due ON timers (due, name, key) WHERE substr(name, 1, 7) <> 'errand ';
CREATE INDEX errands_by_due ON timers (name, due, key) WHERE substr(name, 1, 7) = 'errand ';
)";
static_assert(errand_row_name == "errand ");

constexpr auto version_4 = R"(
CREATE TABLE moves (
  topic TEXT NOT NULL PRIMARY KEY,
  term INTEGER NOT NULL,
  step INTEGER NOT NULL,
  since_term INTEGER NOT NULL,
  since_step INTEGER NOT NULL,
  sum INTEGER NOT NULL CHECK (sum = weft_sum(topic, term, step, since_term, since_step))
) STRICT, WITHOUT ROWID;
)";

constexpr std::array<catalog::migration, 4> steps{{{version_1}, {version_2}, {version_3}, {version_4}}};

/// Of a row: name and key, its first two columns.
timer_id timer_named_in(const catalog::rows& at) {
  return {std::string(at.text(0)), std::string(as_text(at.bytes(1)))};
}
/// Of a row: due, tries, cause, origin, event, from that column on.
timer_row timer_in(const catalog::rows& at, int first) {
  return {wall_time{at.integer(first)}, static_cast<std::uint32_t>(at.integer(first + 1)),
          std::string(at.text(first + 2)), std::string(at.text(first + 3)), shared_bytes::copy(at.bytes(first + 4))};
}

/// An empty file that SQLite makes a database of, there for good.
result<void> make_file(const std::string& directory, const std::string& path) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) return fail(errc::io_error, fmt::format("{}: can't make the directory: {}", directory, failed.message()));
  auto& on = os_disk();
  if (on.exists(path)) return {};
  if (const auto file = on.open(path, open_mode::create); !file) return fail(file.error());
  if (auto synced = on.sync_directory(directory); !synced) return synced;
  const auto above = std::filesystem::path(directory).parent_path().string();
  return on.sync_directory(above.empty() ? "." : above);
}

error as_told(const error& why, const std::string& service, const std::string& path) {
  if (why.code() != errc::corrupt) return why.within("the state of " + service);
  return {
      errc::corrupt,
      fmt::format("the state of {}: {} is damaged, or no state: put a backup in its place, or remove its directory and "
                  "`weft groups delete {}`, so that the service begins anew",
                  service, path, service)};
}

} // namespace

result<std::unique_ptr<state_store>> state_store::open(const std::string& directory, const std::string& service,
                                                       random_source& random) {
  const auto path = directory + "/state.db";
  if (const auto made = make_file(directory, path); !made) return fail(made.error().within("the state of " + service));
  auto db = database::open(path);
  if (!db) return fail(as_told(db.error(), service, path));
  std::unique_ptr<state_store> opened{new state_store(std::move(*db))};
  if (const auto loaded = opened->load(service, random); !loaded) {
    opened->db_->leave_files_alone();
    return fail(as_told(loaded.error(), service, path));
  }
  return opened;
}

result<void> state_store::load(const std::string& service, random_source& random) {
  if (auto done = catalog::migrate(*db_, steps); !done) return done;
  if (auto same = catalog::check_schema(*db_, steps); !same) return same;
  {
    const auto held = db_->hold();
    if (auto whole = db_->check(); !whole) return whole;
    auto found = db_->ask("SELECT name, member, node FROM service");
    if (!found) return fail(found.error());
    const auto is_there = found->next();
    if (!is_there) return fail(is_there.error());
    if (*is_there) {
      if (found->text(0) != service)
        return fail(errc::invalid_argument, fmt::format("{} is the state of the service {}: give this one a directory "
                                                        "of its own",
                                                        db_->path(), found->text(0)));
      member_ = wire::member_id{catalog::from_column(found->integer(1))};
      node_ = catalog::node_from_column(found->bytes(2));
    }
  }
  if (member_ == wire::member_id{}) {
    member_ = wire::member_id{random.next() | 1U};
    auto change = db_->begin(durability::synced);
    if (!change) return fail(change.error());
    const auto member = catalog::to_column(member_.value());
    if (auto done = db_->run("INSERT INTO service VALUES (?1, ?2, ?3, weft_sum(?1, ?2, ?3))",
                             {service, member, catalog::to_column(node_.bytes())});
        !done)
      return done;
    if (auto done = change->commit(); !done) return done;
  }
  return load_handled();
}

result<void> state_store::load_handled() {
  const auto held = db_->hold();
  auto found = db_->ask("SELECT node, ordinal, epoch, places FROM handled");
  if (!found) return fail(found.error());
  for (;;) {
    const auto more = found->next();
    if (!more) return fail(more.error());
    if (!*more) break;
    const log_id log{catalog::node_from_column(found->bytes(0)), static_cast<std::uint32_t>(found->integer(1))};
    if (auto loaded = handled_.load(log, epoch{catalog::from_column(found->integer(2))}, found->bytes(3)); !loaded)
      return loaded;
  }
  auto last = db_->ask("SELECT max(id) FROM outbox");
  if (!last) return fail(last.error());
  const auto is_there = last->next();
  if (!is_there) return fail(is_there.error());
  last_batch_ = last->optional_integer(0).value_or(0);
  auto moves = db_->ask("SELECT topic, term, step, since_term, since_step FROM moves");
  if (!moves) return fail(moves.error());
  const auto does = moves->next();
  if (!does) return fail(does.error());
  const auto number = [&](int column) { return catalog::from_column(moves->integer(column)); };
  if (!*does) return {};
  state_place moved{std::string(moves->text(0)), {number(1), number(2)}, {number(3), number(4)}};
  if (moved.topic.empty())
    is_in_part_ = true;
  else
    place_ = std::move(moved);
  return {};
}

result<std::optional<std::string>> state_store::read(const state_key& of) const {
  const auto held = db_->hold();
  auto found =
      db_->ask("SELECT value FROM state WHERE tab = ?1 AND key = ?2", {std::string_view(of.table), as_bytes(of.key)});
  if (!found) return fail(found.error());
  const auto is_there = found->next();
  if (!is_there) return fail(is_there.error());
  if (!*is_there) return std::optional<std::string>{};
  return std::string(as_text(found->bytes(0)));
}

result<std::vector<std::pair<std::string, std::string>>> state_store::read_all(std::string_view table) const {
  const auto held = db_->hold();
  auto found = db_->ask("SELECT key, value FROM state WHERE tab = ?1 ORDER BY key", {table});
  if (!found) return fail(found.error());
  std::vector<std::pair<std::string, std::string>> all;
  for (;;) {
    const auto more = found->next();
    if (!more) return fail(more.error());
    if (!*more) return all;
    all.emplace_back(as_text(found->bytes(0)), as_text(found->bytes(1)));
  }
}

result<std::vector<outgoing_batch>> state_store::unsent() const {
  const auto held = db_->hold();
  auto found = db_->ask("SELECT id, batch FROM outbox ORDER BY id");
  if (!found) return fail(found.error());
  std::vector<outgoing_batch> all;
  for (;;) {
    const auto more = found->next();
    if (!more) return fail(more.error());
    if (!*more) return all;
    auto& one = all.emplace_back(outgoing_batch{found->integer(0), shared_bytes::copy(found->bytes(1))});
    if (!place_) continue;
    const auto batch = wire::batch_view::verify(one.bytes);
    if (!batch) return fail(batch.error());
    one.of_state = batch->topic() == place_->topic;
  }
}

result<void> state_store::publish_at(const node_id& node) {
  const auto left = unsent();
  if (!left) return fail(left.error());
  if (!left->empty() && node == node_) return {};
  if (!left->empty())
    return fail(
        errc::invalid_argument,
        fmt::format("{} has {} batches that only the log of node {} can tell from new ones: start the service there "
                    "once; if that log is gone, `sqlite3 {} 'DELETE FROM outbox'` gives them up",
                    db_->path(), left->size(), to_string(node_), db_->path()));
  auto change = db_->begin(durability::synced);
  if (!change) return fail(change.error());
  if (auto done = db_->run("DELETE FROM producers"); !done) return done;
  if (auto done = db_->run("UPDATE service SET node = ?1, sum = weft_sum(name, member, ?1)",
                           {catalog::to_column(node.bytes())});
      !done)
    return done;
  if (node != node_) // another log, which has nothing of the state
    if (auto done = forget_since(); !done) return done;
  if (auto done = change->commit(); !done) return done;
  if (node != node_ && place_) place_->since = {};
  node_ = node;
  return {};
}

result<void> state_store::large_items(std::size_t bytes, const std::function<void(const state_key&, std::size_t)>& row,
                                      const std::function<void(const timer_id&, std::size_t)>& timer) const {
  const auto held = db_->hold();
  const auto least = static_cast<std::int64_t>(bytes);
  auto rows = db_->ask("SELECT tab, key, length(value) FROM state WHERE length(value) + length(key) > ?1", {least});
  if (!rows) return fail(rows.error());
  for (;;) {
    const auto more = rows->next();
    if (!more) return fail(more.error());
    if (!*more) break;
    row({std::string(rows->text(0)), std::string(as_text(rows->bytes(1)))}, static_cast<std::size_t>(rows->integer(2)));
  }
  auto timers =
      db_->ask("SELECT name, key, due, tries, cause, origin, event FROM timers WHERE length(event) > ?1", {least});
  if (!timers) return fail(timers.error());
  for (;;) {
    const auto more = timers->next();
    if (!more) return fail(more.error());
    if (!*more) return {};
    timer(timer_named_in(*timers), bytes_of(timer_in(*timers, 2)));
  }
}

result<void> state_store::forget_since() {
  return db_->run("UPDATE moves SET since_term = 0, since_step = 0, sum = weft_sum(topic, term, step, 0, 0)");
}

result<std::optional<state_key>> state_store::rows_behind(const std::optional<state_key>& after, std::size_t bytes,
                                                          const row_visitor& visit) const {
  const auto held = db_->hold();
  auto found = after ? db_->ask("SELECT tab, key, value FROM state WHERE (tab, key) > (?1, ?2) ORDER BY tab, key",
                                {std::string_view(after->table), as_bytes(after->key)})
                     : db_->ask("SELECT tab, key, value FROM state ORDER BY tab, key");
  if (!found) return fail(found.error());
  for (std::size_t had = 0;;) {
    const auto more = found->next();
    if (!more) return fail(more.error());
    if (!*more) return std::optional<state_key>{};
    state_key at{std::string(found->text(0)), std::string(as_text(found->bytes(1)))};
    const auto value = as_text(found->bytes(2));
    if (auto done = visit(at, value); !done) return fail(done.error());
    had += at.table.size() + at.key.size() + value.size();
    if (had >= bytes) return std::optional(std::move(at));
  }
}

result<std::optional<timer_id>> state_store::timers_behind(const std::optional<timer_id>& after, std::size_t bytes,
                                                           const timer_visitor& visit) const {
  const auto held = db_->hold();
  auto found =
      after ? db_->ask("SELECT name, key, due, tries, cause, origin, event FROM timers WHERE (name, key) > (?1, ?2) "
                       "ORDER BY name, key",
                       {std::string_view(after->name), as_bytes(after->key)})
            : db_->ask("SELECT name, key, due, tries, cause, origin, event FROM timers ORDER BY name, key");
  if (!found) return fail(found.error());
  for (std::size_t had = 0;;) {
    const auto more = found->next();
    if (!more) return fail(more.error());
    if (!*more) return std::optional<timer_id>{};
    auto of = timer_named_in(*found);
    const auto row = timer_in(*found, 2);
    if (auto done = visit(of, row); !done) return fail(done.error());
    had += of.name.size() + of.key.size() + row.event.size();
    if (had >= bytes) return std::optional(std::move(of));
  }
}

result<std::optional<state_store::producer>> state_store::producer_of(const std::string& topic) const {
  const auto held = db_->hold();
  auto found = db_->ask("SELECT producer, next, used FROM producers WHERE topic = ?1", {std::string_view(topic)});
  if (!found) return fail(found.error());
  const auto is_there = found->next();
  if (!is_there) return fail(is_there.error());
  if (!*is_there) return std::optional<producer>{};
  return producer{producer_id{catalog::from_column(found->integer(0))}, catalog::from_column(found->integer(1)),
                  wall_time{found->integer(2)}};
}

result<std::optional<timer_row>> state_store::timer(const timer_id& of) const {
  const auto held = db_->hold();
  auto found = db_->ask("SELECT due, tries, cause, origin, event FROM timers WHERE name = ?1 AND key = ?2",
                        {std::string_view(of.name), as_bytes(of.key)});
  if (!found) return fail(found.error());
  const auto is_there = found->next();
  if (!is_there) return fail(is_there.error());
  if (!*is_there) return std::optional<timer_row>{};
  return timer_in(*found, 0);
}

result<std::vector<std::pair<timer_id, timer_row>>> state_store::due_timers(const std::optional<timer_place>& after,
                                                                            wall_time until, std::size_t most,
                                                                            std::string_view errands) const {
  const auto held = db_->hold();
  const auto from = after.value_or(timer_place{wall_time{std::numeric_limits<std::int64_t>::min()}});
  const auto limit = static_cast<std::int64_t>(most);
  auto found =
      errands.empty()
          ? db_->ask("SELECT name, key, due, tries, cause, origin, event FROM timers WHERE substr(name, 1, 7) <> "
                     "'errand ' AND (due, name, key) > (?1, ?2, ?3) AND due <= ?4 ORDER BY due, name, key LIMIT ?5",
                     {from.due.us, std::string_view(from.id.name), as_bytes(from.id.key), until.us, limit})
          : db_->ask("SELECT name, key, due, tries, cause, origin, event FROM timers WHERE substr(name, 1, 7) = "
                     "'errand ' AND name = ?2 AND (due, key) > (?1, ?3) AND due <= ?4 ORDER BY due, key LIMIT ?5",
                     {from.due.us, errands, as_bytes(from.id.key), until.us, limit});
  if (!found) return fail(found.error());
  std::vector<std::pair<timer_id, timer_row>> all;
  for (;;) {
    const auto more = found->next();
    if (!more) return fail(more.error());
    if (!*more) return all;
    all.emplace_back(timer_named_in(*found), timer_in(*found, 2));
  }
}

result<std::optional<wall_time>> state_store::next_timer(wall_time after, std::string_view errands) const {
  const auto held = db_->hold();
  auto found =
      errands.empty()
          ? db_->ask("SELECT min(due) FROM timers WHERE substr(name, 1, 7) <> 'errand ' AND due > ?1", {after.us})
          : db_->ask("SELECT min(due) FROM timers WHERE substr(name, 1, 7) = 'errand ' AND name = ?2 AND due > ?1",
                     {after.us, errands});
  if (!found) return fail(found.error());
  const auto is_there = found->next();
  if (!is_there) return fail(is_there.error());
  const auto due = found->optional_integer(0);
  return due ? std::optional(wall_time{*due}) : std::nullopt;
}

result<std::optional<std::string>> state_store::first_timer(std::string_view name) const {
  const auto held = db_->hold();
  auto found = db_->ask("SELECT key FROM timers WHERE name = ?1 ORDER BY key LIMIT 1", {name});
  if (!found) return fail(found.error());
  const auto is_there = found->next();
  if (!is_there) return fail(is_there.error());
  return *is_there ? std::optional(std::string(as_text(found->bytes(0)))) : std::nullopt;
}

result<std::optional<std::string>> state_store::key_of(std::string_view query, std::string_view name,
                                                       std::string_view from, std::string_view until) const {
  const auto held = db_->hold();
  auto found = db_->ask(query, {name, as_bytes(from), as_bytes(until)});
  if (!found) return fail(found.error());
  const auto is_there = found->next();
  if (!is_there) return fail(is_there.error());
  return *is_there ? std::optional(std::string(as_text(found->bytes(0)))) : std::nullopt;
}

result<std::optional<std::string>> state_store::first_key(std::string_view name, std::string_view from,
                                                          std::string_view until) const {
  return key_of("SELECT key FROM timers WHERE name = ?1 AND key >= ?2 AND key < ?3 ORDER BY key LIMIT 1", name, from,
                until);
}

result<std::optional<std::string>> state_store::last_key(std::string_view name, std::string_view from,
                                                         std::string_view until) const {
  return key_of("SELECT key FROM timers WHERE name = ?1 AND key >= ?2 AND key < ?3 ORDER BY key DESC LIMIT 1", name,
                from, until);
}

result<std::map<std::string, std::size_t, std::less<>>> state_store::errands() const {
  const auto held = db_->hold();
  auto found = db_->ask("SELECT name, count(*) FROM timers WHERE substr(name, 1, 7) = 'errand ' GROUP BY name");
  if (!found) return fail(found.error());
  std::map<std::string, std::size_t, std::less<>> all;
  for (;;) {
    const auto more = found->next();
    if (!more) return fail(more.error());
    if (!*more) return all;
    all.emplace(found->text(0), static_cast<std::size_t>(found->integer(1)));
  }
}

result<void> state_store::commit(const step& one, const std::vector<std::int64_t>& acknowledged) {
  auto change = db_->begin(durability::synced);
  if (!change) return fail(change.error());
  if (auto written = write(one); !written) return written;
  if (auto removed = remove(acknowledged); !removed) return removed;
  if (auto done = change->commit(); !done) return done;
  if (!one.place) return {};
  place_ = one.place;
  is_in_part_ = false;
  return {};
}

result<void> state_store::write(const step& one) {
  for (const auto& [at, value] : one.changes)
    if (auto done = write_row(at, value); !done) return done;
  if (auto done = write_handled(one.handled); !done) return done;
  for (const auto& [topic, whose] : one.producers)
    if (auto done = db_->run("INSERT OR REPLACE INTO producers VALUES (?1, ?2, ?3, ?4, weft_sum(?1, ?2, ?3, ?4))",
                             {std::string_view(topic), catalog::to_column(whose.id.value()),
                              catalog::to_column(whose.next), whose.used.us});
        !done)
      return done;
  for (const auto& [of, row] : one.timers)
    if (auto done = write_timer(of, row); !done) return done;
  if (one.place) {
    const auto& [topic, at, since] = *one.place;
    if (auto done = db_->run("DELETE FROM moves WHERE topic <> ?1", {std::string_view(topic)}); !done) return done;
    if (auto done = db_->run("INSERT OR REPLACE INTO moves VALUES (?1, ?2, ?3, ?4, ?5, weft_sum(?1, ?2, ?3, ?4, ?5))",
                             {std::string_view(topic), catalog::to_column(at.term), catalog::to_column(at.number),
                              catalog::to_column(since.term), catalog::to_column(since.number)});
        !done)
      return done;
  }
  for (const auto& batch : one.batches)
    if (auto done = db_->run("INSERT INTO outbox VALUES (?1, ?2, weft_sum(?1, ?2))", {batch.id, batch.bytes.view()});
        !done)
      return done;
  return {};
}

result<void> state_store::write_row(const state_key& at, const std::optional<std::string>& value) {
  const std::string_view table = at.table;
  const auto key = as_bytes(at.key);
  return value ? db_->run("INSERT OR REPLACE INTO state VALUES (?1, ?2, ?3, weft_sum(?1, ?2, ?3))",
                          {table, key, as_bytes(*value)})
               : db_->run("DELETE FROM state WHERE tab = ?1 AND key = ?2", {table, key});
}

result<void> state_store::write_timer(const timer_id& of, const std::optional<timer_row>& row) {
  const std::string_view name = of.name;
  const auto key = as_bytes(of.key);
  return row ? db_->run("INSERT OR REPLACE INTO timers VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, "
                        "weft_sum(?1, ?2, ?3, ?4, ?5, ?6, ?7))",
                        {name, key, row->due.us, static_cast<std::int64_t>(row->tries), std::string_view(row->cause),
                         std::string_view(row->origin), row->event.view()})
             : db_->run("DELETE FROM timers WHERE name = ?1 AND key = ?2", {name, key});
}

result<void> state_store::write_handled(const std::vector<handled_places::part>& parts) {
  for (const auto& part : parts)
    if (auto done = db_->run("INSERT OR REPLACE INTO handled VALUES (?1, ?2, ?3, ?4, weft_sum(?1, ?2, ?3, ?4))",
                             {catalog::to_column(part.log.node.bytes()), static_cast<std::int64_t>(part.log.ordinal),
                              catalog::to_column(part.epoch.value()), byte_view(part.bytes)});
        !done)
      return done;
  return {};
}

// --- a state of others

result<bool> state_store::is_empty() const {
  const auto held = db_->hold();
  auto found = db_->ask("SELECT EXISTS (SELECT 1 FROM state) OR EXISTS (SELECT 1 FROM handled) OR "
                        "EXISTS (SELECT 1 FROM timers)");
  if (!found) return fail(found.error());
  const auto is_there = found->next();
  if (!is_there) return fail(is_there.error());
  return found->integer(0) == 0;
}

result<void> state_store::remove_all() {
  for (const auto* sql : {"DELETE FROM state", "DELETE FROM handled", "DELETE FROM timers", "DELETE FROM outbox",
                          "DELETE FROM producers", "DELETE FROM moves"})
    if (auto done = db_->run(sql); !done) return done;
  return {};
}

result<void> state_store::clear() {
  auto change = db_->begin(durability::synced);
  if (!change) return fail(change.error());
  if (auto done = remove_all(); !done) return done;
  if (auto done = change->commit(); !done) return done;
  handled_ = {};
  place_.reset();
  is_in_part_ = false;
  return {};
}

result<void> state_store::take_over(std::vector<state_change> items, bool anew) {
  auto change = db_->begin(durability::relaxed);
  if (!change) return fail(change.error());
  if (anew) {
    if (auto done = remove_all(); !done) return done;
    if (auto done = db_->run("INSERT INTO moves VALUES ('', 0, 0, 0, 0, weft_sum('', 0, 0, 0, 0))"); !done) return done;
    handled_ = {};
    place_.reset();
    is_in_part_ = true;
  }
  for (auto& item : items) {
    auto done = result<void>();
    if (const auto* row = std::get_if<row_change>(&item))
      done = write_row(row->at, row->value);
    else if (const auto* timer = std::get_if<timer_change>(&item))
      done = write_timer(timer->of, timer->row);
    else
      done = handled_.load(std::get<handled_places::piece>(item));
    if (!done) return done;
  }
  if (auto done = write_handled(handled_.take_changes()); !done) return done;
  return change->commit();
}

result<void> state_store::forget(const std::vector<std::int64_t>& acknowledged) {
  auto change = db_->begin(durability::relaxed);
  if (!change) return fail(change.error());
  if (auto removed = remove(acknowledged); !removed) return removed;
  return change->commit();
}

result<void> state_store::remove(const std::vector<std::int64_t>& batches) {
  for (const auto id : batches)
    if (auto done = db_->run("DELETE FROM outbox WHERE id = ?1", {id}); !done) return done;
  return {};
}

result<void> state_store::renumber(random_source& random) {
  const auto left = unsent();
  if (!left) return fail(left.error());
  std::map<std::string, wire::batch_builder, std::less<>> builders;
  std::map<std::string, std::uint64_t, std::less<>> next;
  auto change = db_->begin(durability::synced);
  if (!change) return fail(change.error());
  if (auto done = db_->run("DELETE FROM producers"); !done) return done;
  for (const auto& one : *left) {
    const auto batch = wire::batch_view::verify(one.bytes);
    if (!batch) return fail(batch.error());
    const auto data = batch->unpack();
    if (!data) return fail(data.error());
    const std::string topic(batch->topic());
    auto& builder =
        builders.try_emplace(topic, topic, producer_id{random.next() | 1U}, wire::codec::none).first->second;
    for (std::size_t i = 0; i < batch->count(); ++i) {
      auto event = batch->event(i, data->view());
      std::vector<wire::header_view::header> headers;
      while (auto header = event.headers.next())
        headers.push_back(*header);
      if (auto added = builder.add({event.time, event.type, event.key, headers, event.value}); !added) return added;
    }
    const auto bytes = builder.seal(next[topic]);
    next[topic] += batch->count();
    if (auto done =
            db_->run("UPDATE outbox SET batch = ?2, sum = weft_sum(?1, ?2) WHERE id = ?1", {one.id, bytes.view()});
        !done)
      return done;
  }
  return change->commit();
}

} // namespace weft::detail

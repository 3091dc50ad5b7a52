#include "mesh/catalog/schema.hpp"

#include <array>
#include <fmt/format.h>

namespace weft::catalog {
namespace {

// Unsigned 64-bit numbers are kept as the signed ones of the same bits; times are microseconds since 1970.
constexpr auto version_1 = R"(
CREATE TABLE numbers (   -- the next number to give; NULL: the catalog that knew was lost
  name TEXT NOT NULL PRIMARY KEY,
  next INTEGER,
  sum INTEGER NOT NULL CHECK (sum = weft_sum(name, next))
) STRICT, WITHOUT ROWID;

CREATE TABLE topics (
  id INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  created INTEGER NOT NULL,
  deleted INTEGER,       -- NULL while it lives
  keep_time INTEGER,     -- microseconds; NULL: for ever
  keep_bytes INTEGER,
  ack INTEGER NOT NULL,
  codec INTEGER NOT NULL,
  description TEXT NOT NULL,
  sum INTEGER NOT NULL CHECK (sum = weft_sum(id, name, created, deleted, keep_time, keep_bytes, ack, codec, description))
) STRICT;
CREATE UNIQUE INDEX topics_living ON topics (name) WHERE deleted IS NULL;

CREATE TABLE starts (
  node BLOB NOT NULL,
  ordinal INTEGER NOT NULL,
  topic INTEGER NOT NULL,
  topic_offset INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  sum INTEGER NOT NULL CHECK (sum = weft_sum(node, ordinal, topic, topic_offset, epoch, seq)),
  PRIMARY KEY (node, ordinal, topic)
) STRICT, WITHOUT ROWID;

CREATE TABLE cursors (
  name TEXT NOT NULL,
  node BLOB NOT NULL,
  ordinal INTEGER NOT NULL,
  topic TEXT NOT NULL,   -- empty: of the whole log
  generation INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  sum INTEGER NOT NULL CHECK (sum = weft_sum(name, node, ordinal, topic, generation, epoch, seq, updated)),
  PRIMARY KEY (name, node, ordinal, topic)
) STRICT, WITHOUT ROWID;

CREATE TABLE nodes (
  id BLOB NOT NULL PRIMARY KEY,
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  certificate BLOB NOT NULL,
  addresses TEXT NOT NULL,  -- one a line
  last_seen INTEGER NOT NULL,
  state INTEGER NOT NULL,
  sum INTEGER NOT NULL CHECK (sum = weft_sum(id, number, name, certificate, addresses, last_seen, state))
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
  id BLOB NOT NULL PRIMARY KEY,
  hash BLOB NOT NULL,
  name TEXT NOT NULL,
  roles INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  used_by BLOB,          -- NULL: not yet
  number INTEGER NOT NULL,
  sum INTEGER NOT NULL CHECK (sum = weft_sum(id, hash, name, roles, expires, used_by, number))
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL,
  sum INTEGER NOT NULL CHECK (sum = weft_sum(name, value))
) STRICT, WITHOUT ROWID;

INSERT INTO numbers VALUES ('node', 1, weft_sum('node', 1)), ('topic', 1, weft_sum('topic', 1));
)";

// Topics have replicas; what spreads in the mesh is kept over restarts.
constexpr auto version_2 = R"(
CREATE TABLE topics_2 (
  id INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  created INTEGER NOT NULL,
  deleted INTEGER,       -- NULL while it lives
  keep_time INTEGER,     -- microseconds; NULL: for ever
  keep_bytes INTEGER,
  ack INTEGER NOT NULL,  -- 0 synced, 1 written, 1 + n: n other nodes
  replicas INTEGER NOT NULL,
  codec INTEGER NOT NULL,
  description TEXT NOT NULL,
  sum INTEGER NOT NULL
    CHECK (sum = weft_sum(id, name, created, deleted, keep_time, keep_bytes, ack, replicas, codec, description))
) STRICT;
INSERT INTO topics_2 SELECT id, name, created, deleted, keep_time, keep_bytes, ack, 0, codec, description,
  weft_sum(id, name, created, deleted, keep_time, keep_bytes, ack, 0, codec, description) FROM topics;
DROP TABLE topics;
ALTER TABLE topics_2 RENAME TO topics;
CREATE UNIQUE INDEX topics_living ON topics (name) WHERE deleted IS NULL;

CREATE TABLE items (
  key INTEGER NOT NULL PRIMARY KEY,  -- a hash of kind and key, as gossip names it
  kind INTEGER NOT NULL,
  bytes BLOB NOT NULL,               -- as its author signed them
  signature BLOB NOT NULL,
  sum INTEGER NOT NULL CHECK (sum = weft_sum(key, kind, bytes, signature))
) STRICT;
)";

// Groups share a log.
constexpr auto version_3 = R"(
CREATE TABLE groups (
  name TEXT NOT NULL,
  node BLOB NOT NULL,
  ordinal INTEGER NOT NULL,
  version INTEGER NOT NULL,  -- of the record
  epoch INTEGER NOT NULL,    -- with seq: the last position that it knows of
  seq INTEGER NOT NULL,
  record BLOB NOT NULL,      -- group_record.fbs
  sum INTEGER NOT NULL CHECK (sum = weft_sum(name, node, ordinal, version, epoch, seq, record)),
  PRIMARY KEY (name, node, ordinal)
) STRICT, WITHOUT ROWID;
)";

// Topics have contracts.
constexpr auto version_4 = R"(
CREATE TABLE topics_4 (
  id INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  created INTEGER NOT NULL,
  deleted INTEGER,       -- NULL while it lives
  keep_time INTEGER,     -- microseconds; NULL: for ever
  keep_bytes INTEGER,
  ack INTEGER NOT NULL,  -- 0 synced, 1 written, 1 + n: n other nodes
  replicas INTEGER NOT NULL,
  codec INTEGER NOT NULL,
  description TEXT NOT NULL,
  schema TEXT NOT NULL,  -- of the contract; empty: it has none
  rules TEXT NOT NULL,
  compatibility INTEGER NOT NULL,
  quarantine INTEGER NOT NULL,
  sum INTEGER NOT NULL
    CHECK (sum = weft_sum(id, name, created, deleted, keep_time, keep_bytes, ack, replicas, codec, description, schema, rules,
      compatibility, quarantine))
) STRICT;
INSERT INTO topics_4 SELECT id, name, created, deleted, keep_time, keep_bytes, ack, replicas, codec, description, '', '', 0, 0,
  weft_sum(id, name, created, deleted, keep_time, keep_bytes, ack, replicas, codec, description, '', '', 0, 0) FROM topics;
DROP TABLE topics;
ALTER TABLE topics_4 RENAME TO topics;
CREATE UNIQUE INDEX topics_living ON topics (name) WHERE deleted IS NULL;

CREATE TABLE contracts (   -- all that this node has heard of: events name them
  topic TEXT NOT NULL,
  id BLOB NOT NULL,
  added INTEGER NOT NULL,
  schema TEXT NOT NULL,
  rules TEXT NOT NULL,
  sum INTEGER NOT NULL CHECK (sum = weft_sum(topic, id, added, schema, rules)),
  PRIMARY KEY (topic, id)
) STRICT, WITHOUT ROWID;
)";

// Topics may be compacted, or keep events until they are consumed.
constexpr auto version_5 = R"(
CREATE TABLE topics_5 (
  id INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  created INTEGER NOT NULL,
  deleted INTEGER,       -- NULL while it lives
  keep_time INTEGER,     -- microseconds; NULL: for ever
  keep_bytes INTEGER,
  ack INTEGER NOT NULL,  -- 0 synced, 1 written, 1 + n: n other nodes
  replicas INTEGER NOT NULL,
  codec INTEGER NOT NULL,
  description TEXT NOT NULL,
  schema TEXT NOT NULL,  -- of the contract; empty: it has none
  rules TEXT NOT NULL,
  compatibility INTEGER NOT NULL,
  quarantine INTEGER NOT NULL,
  compaction INTEGER NOT NULL,
  compaction_after INTEGER NOT NULL,  -- microseconds
  tombstones_kept INTEGER NOT NULL,   -- microseconds
  until_consumed INTEGER NOT NULL,
  sum INTEGER NOT NULL
    CHECK (sum = weft_sum(id, name, created, deleted, keep_time, keep_bytes, ack, replicas, codec, description, schema, rules,
      compatibility, quarantine, compaction, compaction_after, tombstones_kept, until_consumed))
) STRICT;
INSERT INTO topics_5 SELECT id, name, created, deleted, keep_time, keep_bytes, ack, replicas, codec, description, schema, rules,
  compatibility, quarantine, 0, 0, 86400000000, 0,
  weft_sum(id, name, created, deleted, keep_time, keep_bytes, ack, replicas, codec, description, schema, rules,
    compatibility, quarantine, 0, 0, 86400000000, 0) FROM topics;
DROP TABLE topics;
ALTER TABLE topics_5 RENAME TO topics;
CREATE UNIQUE INDEX topics_living ON topics (name) WHERE deleted IS NULL;
)";

constexpr std::array all = {migration{version_1}, migration{version_2}, migration{version_3}, migration{version_4},
                            migration{version_5}};

result<std::size_t> version_of(database& source) {
  auto found = source.ask("PRAGMA user_version");
  if (!found) return fail(found.error());
  if (const auto row = found->next(); !row) return fail(row.error());
  return version_from(found->integer(0)).map_error([&](const error& why) { return why.within(source.path()); });
}

result<void> carry_out(database& target, const migration& step, std::size_t version) {
  auto change = target.begin(durability::synced);
  if (!change) return fail(change.error());
  auto done = target.script(fmt::format("{}; PRAGMA user_version={}; PRAGMA application_id={}", step.sql,
                                        user_version_of(version), application_id));
  if (!done) return done;
  return change->commit();
}

/// Every table and index as it was declared, in a fixed order.
result<std::string> declarations(database& source) {
  const auto held = source.hold();
  auto found = source.ask("SELECT type, name, tbl_name, ifnull(sql, '') FROM sqlite_schema ORDER BY type, name");
  if (!found) return fail(found.error());
  std::string all_of_them;
  for (;;) {
    const auto row = found->next();
    if (!row) return fail(row.error());
    if (!*row) return all_of_them;
    for (int column = 0; column < 4; ++column)
      all_of_them.append(found->text(column)).push_back('\n');
  }
}

} // namespace

std::span<const migration> migrations() noexcept { return all; }

result<std::size_t> version_from(std::int64_t user_version) {
  const auto low = static_cast<std::size_t>(user_version) & 0xffffU;
  if (user_version_of(low) != user_version)
    return fail(errc::corrupt, fmt::format("damaged: {:#x} is no version", user_version));
  return low;
}

result<void> migrate(database& target, std::span<const migration> steps) {
  const auto version = [&] {
    const auto held = target.hold();
    return version_of(target);
  }();
  if (!version) return fail(version.error());
  if (*version > steps.size())
    return fail(errc::version_newer,
                fmt::format("{} has version {}, this Weft knows versions up to {}: use a newer Weft", target.path(),
                            *version, steps.size()));
  for (auto next = *version; next < steps.size(); ++next)
    if (const auto done = carry_out(target, steps[next], next + 1); !done)
      return fail(done.error().within(fmt::format("migration to version {}", next + 1)));
  return {};
}

result<void> check_schema(database& looked_at, std::span<const migration> steps) {
  const auto model = database::open(":memory:");
  if (!model) return fail(model.error());
  if (auto made = migrate(**model, steps); !made) return made;
  const auto wanted = declarations(**model);
  if (!wanted) return fail(wanted.error());
  const auto found = declarations(looked_at);
  if (!found) return fail(found.error());
  if (*found != *wanted)
    return fail(errc::corrupt, fmt::format("{} is damaged: its tables are not those of its version", looked_at.path()));
  return {};
}

} // namespace weft::catalog

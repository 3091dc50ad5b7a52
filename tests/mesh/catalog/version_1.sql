-- A catalog as version 1 left it. Row checksums are numbers here, so that a change of weft_sum is noticed.
BEGIN;
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

INSERT INTO numbers VALUES ('node', 2, 1165434618);
INSERT INTO numbers VALUES ('topic', 3, 2619093008);
INSERT INTO topics VALUES (1, 'retail.old', 1700000000000000, 1700000000000001, NULL, NULL, 0, 0, '', 3045107496);
INSERT INTO topics VALUES (2, 'retail.orders', 1700000000000000, NULL, 3600000000, 1048576, 1, 1, 'orders', 3076689516);
INSERT INTO starts VALUES (x'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 0, 2, 40, 12884942636, 1042, 1442912185);
INSERT INTO cursors VALUES ('audit', x'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 0, '', 1, 12884942636, 1050, 1700000000000000, 3654989228);
INSERT INTO nodes VALUES (x'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 1, 'shop', x'c0de', 'tcp://127.0.0.1:7001' || char(10) || 'tcp://10.0.0.1:7001', 1700000000000000, 2, 2717195931);
INSERT INTO tokens VALUES (x'01010101010101010101010101010101', x'0202020202020202020202020202020202020202020202020202020202020202', 'inventory', 3, 1700000000000000, x'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 1, 3131560019);
INSERT INTO settings VALUES ('port', '7001', 102732021);
PRAGMA user_version=65537;
PRAGMA application_id=0x57656674;
COMMIT;

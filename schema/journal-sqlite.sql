-- An event log on SQLite, format 1. One file per namespace, written by one thread of one process.
--
-- application_id and user_version are set with this schema, in one transaction: a file has all of it or is empty.
-- Positions are 1, 2, 3 …; revisions are 0, 1, 2 … within their stream. Any reader may rely on both.

CREATE TABLE log_identity (
  one       INTEGER PRIMARY KEY CHECK (one = 1),
  namespace TEXT NOT NULL,
  log_id    BLOB NOT NULL CHECK (length(log_id) = 16),
  epoch     BLOB NOT NULL CHECK (length(epoch) = 16)   -- made anew by each restore
) STRICT;

CREATE TABLE event (
  position  INTEGER PRIMARY KEY,
  event_id  BLOB    NOT NULL UNIQUE CHECK (length(event_id) = 16),
  stream    TEXT    NOT NULL CHECK (
              length(stream) BETWEEN 3 AND 200
              AND instr(stream, '-') BETWEEN 2 AND length(stream) - 1
              AND stream NOT GLOB '*[^a-z0-9_-]*'
              AND substr(stream, 1, instr(stream, '-') - 1) NOT GLOB '*[^a-z_]*'),
  revision  INTEGER NOT NULL CHECK (revision >= 0),
  event_type TEXT    NOT NULL CHECK (
              length(event_type) BETWEEN 3 AND 100
              AND event_type GLOB '[a-z_]*.*[a-z_]'
              AND event_type NOT GLOB '*[^a-z_.]*' AND event_type NOT GLOB '*..*'),
  data      BLOB    NOT NULL,
  meta      BLOB    NOT NULL,
  stored_at INTEGER NOT NULL,                          -- microseconds since 1970, never going back
  digest    BLOB    NOT NULL CHECK (length(digest) = 32),   -- SHA-256 over stream, revision, id, event_type, data, meta
  row_check BLOB    NOT NULL CHECK (length(row_check) = 8), -- SHA-256 over digest, position, stored_at; first 8 bytes
  UNIQUE (stream, revision)
) STRICT;

CREATE TRIGGER event_no_update BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;

CREATE TRIGGER event_no_delete BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;

CREATE TRIGGER event_next BEFORE INSERT ON event
WHEN NEW.position <> (SELECT coalesce(max(position), 0) + 1 FROM event)
BEGIN SELECT RAISE(ABORT, 'position is not the next one'); END;

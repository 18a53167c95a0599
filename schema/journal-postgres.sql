-- An event log on PostgreSQL 14 or later, format 1. One schema per namespace: carefold_care, carefold_access.
--
-- `carefold journal init` runs this in one transaction, with {schema} replaced by the schema's name, and then adds the
-- row of log_head. The name is written out everywhere, since append() runs with its owner's rights and must not be led
-- to other tables by anybody's search_path. journal-postgres-roles.sql says who may do what.
--
-- Every append holds the one row of log_head until it is committed. So the order of positions is the order of commits
-- and the order in which readers come to see events: whoever has seen position n never finds a lower one later.
-- Positions are 1, 2, 3 …; revisions are 0, 1, 2 … within their stream. Any reader may rely on both.

CREATE SCHEMA {schema};

CREATE TABLE {schema}.log_head (
  one       boolean  PRIMARY KEY DEFAULT true CHECK (one),
  format    integer  NOT NULL,
  namespace text     NOT NULL,
  log_id    uuid     NOT NULL,
  epoch     uuid     NOT NULL,                  -- made anew after a restore, and after a fail-over that may have lost the end
  position  bigint   NOT NULL DEFAULT 0,        -- of the last event; 0 before the first
  stored_at bigint   NOT NULL DEFAULT 0         -- of that event
) WITH (fillfactor = 10);                       -- one row, changed by every append: room for its versions in its page

CREATE TABLE {schema}.event (
  position  bigint   PRIMARY KEY CHECK (position > 0),
  event_id  uuid     NOT NULL UNIQUE,
  stream    text     COLLATE "C" NOT NULL CHECK (octet_length(stream) <= 200 AND stream ~ '^[a-z_]+-[a-z0-9_-]+$'),
  revision  bigint   NOT NULL CHECK (revision >= 0),
  event_type text     COLLATE "C" NOT NULL CHECK (octet_length(event_type) <= 100 AND event_type ~ '^[a-z_]+([.][a-z_]+)+$'),
  data      bytea    NOT NULL,                  -- not jsonb, which reorders what the digest was computed over
  meta      bytea    NOT NULL,
  stored_at bigint   NOT NULL,                  -- microseconds since 1970, never going back
  digest    bytea    NOT NULL CHECK (octet_length(digest) = 32),    -- SHA-256 over stream, revision, id, event_type, data, meta
  row_check bytea    NOT NULL CHECK (octet_length(row_check) = 8),  -- SHA-256 over digest, position, stored_at; first 8 bytes
  UNIQUE (stream, revision)
);

-- What is sealed does not get smaller, and trying would be done while the log is held.
ALTER TABLE {schema}.event ALTER COLUMN data SET STORAGE EXTERNAL;

-- Takes appends in their order, each on its own: events of appends that fit are written, the others are answered why not.
--
-- An append belongs to a group; after the first of a group that does not fit, the rest of that group is left out and
-- gets no answer. The events of all appends stand one after the other in the last five arrays; counts says how many are
-- whose. firsts is the revision that the first event of an append is to have: what is expected, and one more.
--
-- The answer to an append, counted from 1, is one of
--   held      it is in the log, since now or since before; answer_position is that of its last event
--   conflict  its stream is elsewhere: at answer_revision, or nowhere if that is null
--   used      the id answer_id is taken by another event
CREATE FUNCTION {schema}.append(
  known_epoch uuid, clock_us bigint,
  groups integer[], streams text[], firsts bigint[], counts integer[],
  ids uuid[], event_types text[], datas bytea[], metas bytea[], digests bytea[]
)
RETURNS TABLE (answer_to integer, answer text, answer_revision bigint, answer_position bigint, answer_id uuid)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '5s'
-- Plans are kept; one made while the table was small must not read a large one from end to end. What is then forced to
-- read the one row of log_head counts as dear, and would be compiled each time.
SET jit = off
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $append$
DECLARE
  head     {schema}.log_head%ROWTYPE;
  last_at  bigint;
  now_us   bigint;
  stopped  integer;
  start    integer;
  stop     integer := 0;
  last     bigint;
  odd      record;
BEGIN
  -- Lists that do not belong together would leave the head beside the events.
  IF (SELECT coalesce(bool_or(c < 1 OR c IS NULL) OR sum(c) <> cardinality(ids), true) FROM unnest(counts) AS c)
     OR cardinality(counts) <> cardinality(streams)
  THEN
    RAISE EXCEPTION 'the lists of an append do not fit each other' USING ERRCODE = '22023';
  END IF;
  -- Held first: every statement after this one sees all that was committed before.
  SELECT h.* INTO STRICT head FROM {schema}.log_head h FOR UPDATE;
  IF head.epoch IS DISTINCT FROM known_epoch THEN
    RAISE EXCEPTION 'the log was restored since it was opened' USING ERRCODE = 'CF001';
  END IF;
  -- Whoever inserts without this is refused; it is taken back below, before anything else can be done with it.
  PERFORM set_config('carefold.appending', '{schema}', true);
  last_at := head.position;
  now_us := greatest(clock_us, head.stored_at);
  FOR i IN 1 .. cardinality(streams) LOOP
    start := stop + 1;
    stop := stop + counts[i];
    CONTINUE WHEN groups[i] = stopped;
    answer_to := i;
    answer := 'conflict';
    answer_position := NULL;
    answer_id := NULL;
    last := (SELECT e.revision FROM {schema}.event e WHERE e.stream = streams[i] ORDER BY e.revision DESC LIMIT 1);
    answer_revision := last;
    IF coalesce(last, -1) + 1 = firsts[i] THEN
      answer_id := (
        SELECT given.id FROM unnest(ids[start:stop]) WITH ORDINALITY AS given (id, n)
        JOIN {schema}.event e ON e.event_id = given.id ORDER BY given.n LIMIT 1);
      IF answer_id IS NOT NULL THEN
        answer := 'used';
      ELSE
        INSERT INTO {schema}.event (position, event_id, stream, revision, event_type, data, meta, stored_at, digest, row_check)
        SELECT last_at + given.n, given.id, streams[i], firsts[i] + given.n - 1, given.event_type, given.data, given.meta,
               now_us, given.digest,
               substr(sha256(given.digest || int8send(last_at + given.n) || int8send(now_us)), 1, 8)
        FROM unnest(ids[start:stop], event_types[start:stop], datas[start:stop], metas[start:stop], digests[start:stop])
             WITH ORDINALITY AS given (id, event_type, data, meta, digest, n);
        last_at := last_at + counts[i];
        answer := 'held';
        answer_position := last_at;
      END IF;
    ELSIF coalesce(last, -1) >= firsts[i] THEN
      -- The stream is past it: this very append was written before, or something else was.
      SELECT given.id, e.stream INTO odd
      FROM unnest(ids[start:stop]) WITH ORDINALITY AS given (id, n)
      LEFT JOIN {schema}.event e ON e.event_id = given.id
      WHERE (e.stream, e.revision) IS DISTINCT FROM (streams[i], firsts[i] + given.n - 1)
      ORDER BY given.n LIMIT 1;
      IF NOT FOUND THEN
        answer := 'held';
        answer_position := (SELECT e.position FROM {schema}.event e WHERE e.event_id = ids[stop]);
      ELSIF odd.stream <> streams[i] THEN
        answer := 'used';
        answer_id := odd.id;
      END IF;
    END IF;
    IF answer <> 'held' THEN
      stopped := groups[i];
    END IF;
    RETURN NEXT;
  END LOOP;
  IF last_at > head.position THEN
    UPDATE {schema}.log_head SET position = last_at, stored_at = now_us;
  END IF;
  PERFORM set_config('carefold.appending', '', true);
END
$append$;

-- Events are never changed and never removed, and come in by append() only: also for the owner, who can take these
-- triggers away and then knows that he does. They fire whatever session_replication_role says.
CREATE FUNCTION {schema}.refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $refuse$
BEGIN
  RAISE EXCEPTION 'the event log is append-only' USING ERRCODE = '55000';
END
$refuse$;

CREATE FUNCTION {schema}.only_appended() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $only_appended$
BEGIN
  IF current_setting('carefold.appending', true) IS DISTINCT FROM '{schema}' THEN
    RAISE EXCEPTION 'events come into the log by append() only' USING ERRCODE = '55000';
  END IF;
  RETURN NULL;
END
$only_appended$;

CREATE FUNCTION {schema}.only_forward() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $only_forward$
BEGIN
  IF NEW.position < OLD.position OR NEW.stored_at < OLD.stored_at OR NEW.log_id <> OLD.log_id
     OR NEW.namespace <> OLD.namespace OR NEW.format < OLD.format
  THEN
    RAISE EXCEPTION 'the head of the log only moves forward' USING ERRCODE = '55000';
  END IF;
  RETURN NEW;
END
$only_forward$;

CREATE TRIGGER event_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.event
  FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse();
CREATE TRIGGER event_only_appended BEFORE INSERT ON {schema}.event
  FOR EACH STATEMENT EXECUTE FUNCTION {schema}.only_appended();
CREATE TRIGGER log_head_stays BEFORE DELETE OR TRUNCATE ON {schema}.log_head
  FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse();
CREATE TRIGGER log_head_only_forward BEFORE UPDATE ON {schema}.log_head
  FOR EACH ROW EXECUTE FUNCTION {schema}.only_forward();

ALTER TABLE {schema}.event ENABLE ALWAYS TRIGGER event_never_changes;
ALTER TABLE {schema}.event ENABLE ALWAYS TRIGGER event_only_appended;
ALTER TABLE {schema}.log_head ENABLE ALWAYS TRIGGER log_head_stays;
ALTER TABLE {schema}.log_head ENABLE ALWAYS TRIGGER log_head_only_forward;

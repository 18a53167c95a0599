-- The read models of one node: what is read, folded from the care log. This file can be thrown away
-- at any time and is built again from the log. It holds facts, never permissions: which of them
-- a viewer may see is the policy's to say, asked with each query. Texts are sealed cells.
-- What somebody ended has `until` = `since`, and so holds at no instant, whatever a request's clock says.
-- Ids are 16 bytes, instants are microseconds since 1970, words are those of the events.

CREATE TABLE checkpoint (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  fingerprint BLOB NOT NULL,           -- of this file and of the fold; another one means: build again
  log BLOB NOT NULL, epoch BLOB NOT NULL,
  position INTEGER, event BLOB         -- null before the first event
) STRICT;
CREATE TABLE parked (stream TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE key_named (key TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TABLE policy (one INTEGER PRIMARY KEY CHECK (one = 1), version TEXT NOT NULL) STRICT;
CREATE TABLE organization (organization BLOB PRIMARY KEY, name TEXT NOT NULL, calendar_version INTEGER, calendar TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE pool (pool BLOB PRIMARY KEY, organization BLOB NOT NULL, name TEXT NOT NULL, specialty TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE pool_member (pool BLOB, person BLOB, since INTEGER NOT NULL, until INTEGER, PRIMARY KEY (pool, person)) STRICT, WITHOUT ROWID;
CREATE INDEX pool_of_member ON pool_member (person);
CREATE TABLE person (person BLOB PRIMARY KEY, organization BLOB NOT NULL, name BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE role (person BLOB, organization BLOB, role TEXT, since INTEGER NOT NULL, until INTEGER, PRIMARY KEY (person, organization, role)) STRICT, WITHOUT ROWID;

CREATE TABLE patient (patient BLOB PRIMARY KEY, organization BLOB NOT NULL, person BLOB, name BLOB NOT NULL, birth_date BLOB NOT NULL, event BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX patient_of_person ON patient (person) WHERE person IS NOT NULL;
CREATE TABLE care_team (patient BLOB, person BLOB, role TEXT NOT NULL, organization BLOB NOT NULL, since INTEGER NOT NULL, until INTEGER, PRIMARY KEY (patient, person)) STRICT, WITHOUT ROWID;
CREATE INDEX care_team_of_member ON care_team (person);

CREATE TABLE thread (
  thread BLOB PRIMARY KEY, kind TEXT NOT NULL,
  patient BLOB NOT NULL, requester BLOB NOT NULL, requesting BLOB NOT NULL, receiving BLOB NOT NULL,
  pool BLOB NOT NULL, assignee BLOB, assigned_to BLOB,
  confidentiality TEXT NOT NULL, codes INTEGER NOT NULL, released INTEGER NOT NULL,
  state TEXT NOT NULL, topic TEXT NOT NULL, urgency TEXT NOT NULL, may_convert INTEGER NOT NULL,
  due INTEGER NOT NULL, due_zone TEXT NOT NULL,
  subject BLOB NOT NULL, question BLOB NOT NULL,
  opened_at INTEGER NOT NULL, transitioned_at INTEGER NOT NULL,   -- of the first and the newest transition
  state_version INTEGER NOT NULL, transition_event BLOB NOT NULL,
  posted_everyone INTEGER NOT NULL, posted_any INTEGER NOT NULL, -- newest activity by what a viewer may read
  outcome TEXT, helpful INTEGER, educational INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX thread_of_patient ON thread (patient);
-- The worklists: who is to act next, by due date.
CREATE INDEX thread_unclaimed ON thread (pool, due, thread) WHERE state IN ('submitted', 'assigned');
CREATE INDEX thread_mine_to_answer ON thread (assignee, due, thread) WHERE state = 'in_review';
CREATE INDEX thread_mine_to_finish ON thread (requester, due, thread) WHERE state IN ('answered', 'plan_recorded', 'patient_informed');
CREATE INDEX thread_asked ON thread (requester, due, thread) WHERE state IN ('submitted', 'assigned', 'in_review');
CREATE INDEX thread_answered ON thread (assignee, due, thread) WHERE state IN ('answered', 'plan_recorded', 'patient_informed');
CREATE INDEX thread_asked_by_organization ON thread (requesting, due, thread) WHERE state IN ('submitted', 'assigned', 'in_review');

CREATE TABLE participant (thread BLOB, person BLOB, role TEXT NOT NULL, organization BLOB NOT NULL, PRIMARY KEY (thread, person)) STRICT, WITHOUT ROWID;
-- One inbox entry per person and thread, whatever the standings of the person.
-- `direct` says that the person asked, holds it, takes part or is its patient; else they are on the patient's care team.
CREATE TABLE inbox_entry (person BLOB, thread BLOB, direct INTEGER NOT NULL, posted_everyone INTEGER NOT NULL, posted_any INTEGER NOT NULL, PRIMARY KEY (person, thread)) STRICT, WITHOUT ROWID;
CREATE INDEX inbox_entry_of_thread ON inbox_entry (thread);
CREATE INDEX inbox_everyone ON inbox_entry (person, posted_everyone DESC, thread);
CREATE INDEX inbox_any ON inbox_entry (person, posted_any DESC, thread);

CREATE TABLE message (
  thread BLOB, audience TEXT, number INTEGER, message BLOB NOT NULL, event BLOB NOT NULL,
  author BLOB NOT NULL, capacity TEXT NOT NULL, body BLOB NOT NULL, posted_at INTEGER NOT NULL,
  PRIMARY KEY (thread, audience, number)
) STRICT, WITHOUT ROWID;
-- A message is met by its id when its author has posted it: without this, a long thread is read whole for it.
-- Unique, since the planner takes it only then.
CREATE UNIQUE INDEX message_of_thread ON message (thread, message);
-- The newest mark at a message of each audience: that somebody read what a viewer may not see must not show.
CREATE TABLE read_mark (thread BLOB, person BLOB, audience TEXT, number INTEGER NOT NULL, capacity TEXT NOT NULL, read_at INTEGER NOT NULL, PRIMARY KEY (thread, person, audience)) STRICT, WITHOUT ROWID;

CREATE TABLE advice (thread BLOB PRIMARY KEY, adviser BLOB NOT NULL, advised_at INTEGER NOT NULL, come_back_when BLOB, minutes_spent INTEGER NOT NULL, event BLOB NOT NULL,
  planned_by BLOB, planned_at INTEGER, plan_note BLOB, informed_by BLOB, inform_method TEXT, told_at INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE recommendation (thread BLOB, ordinal INTEGER, recommendation BLOB NOT NULL, kind TEXT NOT NULL, certainty TEXT NOT NULL, text BLOB NOT NULL, disposition TEXT, reason BLOB, PRIMARY KEY (thread, ordinal)) STRICT, WITHOUT ROWID;

//! Messages, how far each person has read, and how many messages are unread.
//!
//! Every message has an ordinal in its audience, or for each person whom it concerns, and one among its
//! author's own, so that how many are unread is a difference of two ordinals found by index, however
//! long the thread is. A read receipt and a history window are both numbers in the same order.

use std::collections::BTreeSet;

use care::conversation::{Addressed, ConversationEvent, MessagePosted, ReadMarked};
use care::envelope::Actor;
use care::ids::{DelegationId, Id, MessageId, PersonId, ThreadId};
use care::thread::ThreadEvent;
use care::words::{Audience, Capacity};
use chrono::{DateTime, Utc};
use policy::decide::Permit;
use policy::visible::{Opens, Redact};
use policy::words::{Action, Read};
use rusqlite::params;
use uuid::Uuid;

use crate::fault::Fault;
use crate::read_models::cells::{Cells, id, limit};
use crate::read_models::counter::Counter;
use crate::read_models::fold::{Fold, FoldError, Folded};
use crate::read_models::{ReadModel, Shape, Snapshot};
use crate::sealing::TextCell;

const SCHEMA: &str = "
CREATE TABLE message (
  thread BLOB, audience TEXT, number INTEGER, ordinal INTEGER NOT NULL, message BLOB NOT NULL, author TEXT NOT NULL,
  -- With whom the clinical team shares it, if with one person.
  one_person BLOB,
  -- The delegation under which a delegate wrote it.
  delegation BLOB,
  author_person BLOB, capacity TEXT NOT NULL, posted_at INTEGER NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (thread, audience, number)
) STRICT, WITHOUT ROWID;
-- Unique, since the planner takes it only then.
CREATE UNIQUE INDEX message_of_thread ON message (thread, message);
CREATE INDEX message_by_id ON message (message);
-- To whom a message is addressed by name.
CREATE TABLE message_reader (thread BLOB, number INTEGER, person BLOB, PRIMARY KEY (thread, number, person)) STRICT, WITHOUT ROWID;
-- The messages by name that a person may read: those that name them, and those that they wrote.
CREATE TABLE named_ordinal (thread BLOB, person BLOB, number INTEGER, ordinal INTEGER NOT NULL, PRIMARY KEY (thread, person, number)) STRICT, WITHOUT ROWID;
-- The messages that the clinical team shares with one person.
CREATE TABLE team_and_ordinal (thread BLOB, person BLOB, number INTEGER, ordinal INTEGER NOT NULL, PRIMARY KEY (thread, person, number)) STRICT, WITHOUT ROWID;
CREATE TABLE own_message_ordinal (thread BLOB, counter TEXT, author BLOB, number INTEGER, ordinal INTEGER NOT NULL, PRIMARY KEY (thread, counter, author, number)) STRICT, WITHOUT ROWID;
-- The newest receipt at a message of each counter: that somebody read what a viewer may not see must not show.
CREATE TABLE read_receipt (thread BLOB, person BLOB, counter TEXT, number INTEGER NOT NULL, capacity TEXT NOT NULL, read_at INTEGER NOT NULL, PRIMARY KEY (thread, person, counter)) STRICT, WITHOUT ROWID;
-- The delegates who have read or written in a thread.
CREATE TABLE known_to_delegate (thread BLOB, person BLOB, PRIMARY KEY (thread, person)) STRICT, WITHOUT ROWID;
";

/// Messages and read receipts.
pub(super) struct Messages;

impl ReadModel for Messages {
    const SHAPES: &'static [Shape] = &[Shape { schema: SCHEMA, fold_version: 4 }];

    fn fold(fold: &Fold<'_>) -> Folded {
        let Some((thread, ThreadEvent::Conversation(event))) = fold.thread() else { return Ok(()) };
        match event {
            ConversationEvent::MessagePosted(posted) => message_posted(fold, thread, posted),
            ConversationEvent::ReadMarked(marked) => read_marked(fold, thread, marked),
            ConversationEvent::Opened(_)
            | ConversationEvent::ThreadPutAway(_)
            | ConversationEvent::HiddenFromDelegates(_)
            | ConversationEvent::PatientDied(_)
            | ConversationEvent::ShownToDelegates(_)
            | ConversationEvent::ParticipantAdded(_)
            | ConversationEvent::ParticipantInvited(_)
            | ConversationEvent::ParticipantDeclined(_)
            | ConversationEvent::InvitationExpired(_)
            | ConversationEvent::WindowChanged(_)
            | ConversationEvent::ParticipantRemoved(_)
            | ConversationEvent::OwnerChanged(_)
            | ConversationEvent::RequesterChanged(_)
            | ConversationEvent::TurnPassed(_)
            | ConversationEvent::Labelled(_)
            | ConversationEvent::Released(_)
            | ConversationEvent::Closed(_)
            | ConversationEvent::Reopened(_) => Ok(()),
        }
    }
}

fn message_posted(fold: &Fold<'_>, thread: ThreadId, posted: &MessagePosted) -> Folded {
    let MessagePosted { by, capacity, delegation, message, number, at: _, addressed, body } = posted;
    let author = by.person();
    known_to(fold, thread, author, *capacity)?;
    fold.run(
        "INSERT INTO message (thread, audience, number, ordinal, message, author, author_person, capacity, posted_at, body,
             one_person, delegation)
         VALUES (?1, ?2, ?3, 1 + coalesce(
             (SELECT ordinal FROM message WHERE thread = ?1 AND audience = ?2 ORDER BY number DESC LIMIT 1), 0),
             ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            id(thread),
            addressed.audience().word(),
            number,
            id(*message),
            by.to_string(),
            author.map(id),
            capacity.word(),
            fold.at,
            fold.cell(body)?,
            addressed.one_person().map(id),
            delegation.map(id)
        ],
    )?;
    match addressed {
        Addressed::Everyone | Addressed::ClinicalTeam => {}
        Addressed::Named(named) => {
            for person in named {
                fold.run(
                    "INSERT INTO message_reader (thread, number, person) VALUES (?1, ?2, ?3)",
                    params![id(thread), number, id(*person)],
                )?;
            }
            for person in named.iter().copied().chain(author).collect::<BTreeSet<_>>() {
                fold.run(
                    "INSERT INTO named_ordinal (thread, person, number, ordinal) VALUES (?1, ?2, ?3, 1 + coalesce(
                         (SELECT ordinal FROM named_ordinal WHERE thread = ?1 AND person = ?2 ORDER BY number DESC LIMIT 1), 0))",
                    params![id(thread), id(person), number],
                )?;
            }
        }
        Addressed::TeamAnd(person) => fold.run(
            "INSERT INTO team_and_ordinal (thread, person, number, ordinal) VALUES (?1, ?2, ?3, 1 + coalesce(
                 (SELECT ordinal FROM team_and_ordinal WHERE thread = ?1 AND person = ?2 ORDER BY number DESC LIMIT 1), 0))",
            params![id(thread), id(*person), number],
        )?,
    }
    let Some(author) = author else { return Ok(()) };
    for counter in Counter::all_of(addressed, Some(author)) {
        // Where a person is named, the author counts it as their own, and the others find its author by the names.
        if matches!(counter, Counter::Named(person) if person != author) {
            continue;
        }
        fold.run(
            "INSERT INTO own_message_ordinal (thread, counter, author, number, ordinal) VALUES (?1, ?2, ?3, ?4, 1 + coalesce(
                 (SELECT ordinal FROM own_message_ordinal WHERE thread = ?1 AND counter = ?2 AND author = ?3
                  ORDER BY number DESC LIMIT 1), 0))",
            params![id(thread), counter.text(), id(author), number],
        )?;
    }
    Ok(())
}

fn read_marked(fold: &Fold<'_>, thread: ThreadId, marked: &ReadMarked) -> Folded {
    let ReadMarked { person, capacity, message, number } = marked;
    known_to(fold, thread, Some(*person), *capacity)?;
    for counter in counters_of(fold, thread, *message)? {
        // What the team shares with one person may be read after later ones with another.
        fold.run(
            "INSERT INTO read_receipt (thread, person, counter, number, capacity, read_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (thread, person, counter) DO UPDATE
             SET number = excluded.number, capacity = excluded.capacity, read_at = excluded.read_at
             WHERE excluded.number > read_receipt.number",
            params![id(thread), id(*person), counter.text(), number, capacity.word(), fold.at],
        )?;
    }
    Ok(())
}

/// Notes that a person who acts as a delegate knows of the thread.
fn known_to(fold: &Fold<'_>, thread: ThreadId, person: Option<PersonId>, capacity: Capacity) -> Folded {
    let Some(person) = person.filter(|_| capacity == Capacity::Delegate) else { return Ok(()) };
    let sql = "INSERT OR IGNORE INTO known_to_delegate (thread, person) VALUES (?1, ?2)";
    fold.run(sql, params![id(thread), id(person)])
}

/// The counters that a message is in; none when there is no such message.
fn counters_of(fold: &Fold<'_>, thread: ThreadId, message: MessageId) -> Result<BTreeSet<Counter>, FoldError> {
    let person = |bytes: [u8; 16]| PersonId::from_uuid(Uuid::from_bytes(bytes));
    let sql = "SELECT audience, author_person, number, one_person FROM message WHERE thread = ?1 AND message = ?2";
    let found = fold.one(sql, params![id(thread), id(message)], |row| {
        let (author, one) = (row.get::<_, Option<[u8; 16]>>(1)?, row.get::<_, Option<[u8; 16]>>(3)?);
        Ok((row.get::<_, String>(0)?, author.map(person), row.get::<_, i64>(2)?, one.map(person)))
    })?;
    let Some((audience, author, number, one)) = found else { return Ok(BTreeSet::new()) };
    let addressed = match (Audience::parse(&audience).ok(), one) {
        (None, _) | (Some(Audience::TeamAndMe), None) => return Ok(BTreeSet::new()),
        (Some(Audience::Everyone), _) => Addressed::Everyone,
        (Some(Audience::ClinicalTeam), _) => Addressed::ClinicalTeam,
        (Some(Audience::TeamAndMe), Some(one)) => Addressed::TeamAnd(one),
        (Some(Audience::Named), _) => {
            let mut named = BTreeSet::new();
            let sql = "SELECT person FROM message_reader WHERE thread = ?1 AND number = ?2";
            fold.each(sql, params![id(thread), number], |row| {
                named.insert(person(row.get(0)?));
                Ok(())
            })?;
            Addressed::Named(named)
        }
    };
    Ok(Counter::all_of(&addressed, author))
}

/// The messages of a thread that a viewer may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Readable {
    /// Who reads.
    pub viewer: PersonId,
    /// What they may read.
    pub counters: Vec<ReadableCounter>,
}

/// The messages of a counter that may be read, from one on and up to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReadableCounter {
    /// Of which counter, as the viewer reads its audience.
    pub counter: Counter,
    /// The number of the first message; 0: all of them.
    pub from: u32,
    /// The number of the last message; none: all that come.
    pub to: Option<u32>,
}

/// The messages of a counter, with the last number that is out of sight before them, and the last that is in sight.
struct Range {
    counter: Counter,
    before: i64,
    last: i64,
}

impl Range {
    fn has(&self, number: i64) -> bool {
        self.before < number && number <= self.last
    }
}

/// Where the ordinals of a counter's messages lie: with the messages `m` themselves, or in a table `o` beside them.
struct Ordinals {
    /// The table beside the messages; none if they lie with the messages.
    beside: Option<&'static str>,
    /// What picks the counter's.
    picked: rusqlite::types::Value,
}

impl Ordinals {
    fn of(counter: Counter) -> Self {
        match counter {
            // No message has the word of changes as its audience.
            Counter::Changes | Counter::Everyone | Counter::ClinicalTeam | Counter::TeamAndAnybody => {
                Self { beside: None, picked: counter.order().to_owned().into() }
            }
            Counter::Named(person) => Self { beside: Some("named_ordinal o"), picked: id(person).to_vec().into() },
            Counter::TeamAnd(person) => Self { beside: Some("team_and_ordinal o"), picked: id(person).to_vec().into() },
        }
    }

    fn table(&self) -> &'static str {
        self.beside.unwrap_or("message m")
    }

    /// The column that picks the counter's.
    fn column(&self) -> &'static str {
        if self.beside.is_some() { "o.person" } else { "m.audience" }
    }
}

impl Readable {
    /// Whether what comes in the counter may be read. What is new there is nothing to who reads up to an end, and neither
    /// is its time.
    pub fn includes(&self, counter: Counter) -> bool {
        self.counters.iter().any(|each| each.counter == counter && each.to.is_none())
    }

    /// The audiences of which messages may be read.
    pub fn audiences(&self) -> impl Iterator<Item = Audience> {
        self.counters.iter().filter_map(|each| each.counter.audience())
    }

    fn ranges(&self) -> impl Iterator<Item = Range> {
        self.counters.iter().map(|ReadableCounter { counter, from, to }| Range {
            counter: *counter,
            before: i64::from(*from).saturating_sub(1),
            last: to.map_or(i64::MAX, i64::from),
        })
    }

    /// Whether a message may be read.
    fn shows(&self, message: &MessageRow) -> bool {
        let counters = Counter::all_of(&message.addressed, message.author.person());
        self.ranges().any(|range| range.has(message.number) && counters.contains(&range.counter))
    }

    /// Whether a receipt at a message of a counter is one that the viewer may know of.
    fn shows_receipt(&self, counter: &str, number: i64) -> bool {
        self.ranges().any(|range| range.has(number) && range.counter.text() == counter)
    }
}

/// A message.
#[derive(Debug)]
pub struct MessageRow {
    /// The message.
    pub message: MessageId,
    /// Who wrote it.
    pub author: Actor,
    /// In which capacity.
    pub capacity: Capacity,
    /// The delegation under which a delegate wrote it; none for everybody else.
    pub delegation: Option<DelegationId>,
    /// Who may read it.
    pub addressed: Addressed,
    /// What it says.
    pub body: TextCell,
    /// When it was posted.
    pub posted_at: DateTime<Utc>,
    pub(crate) number: i64,
}

impl Redact for MessageRow {
    fn redact(self, permit: &Permit) -> Self {
        let Self { message, author, capacity, delegation, addressed, body, posted_at, number } = self;
        let body = if permit.action() == Action::Read(Read::ThreadReadMessage) { body } else { TextCell::Withheld };
        Self { message, author, capacity, delegation, addressed, body, posted_at, number }
    }
}

impl Opens for MessageRow {
    type Text = TextCell;
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
        let Self { message: _, author: _, capacity: _, delegation: _, addressed: _, body, posted_at: _, number: _ } =
            self;
        open(body);
    }
}

const MESSAGE_COLUMNS: &str =
    "m.number, m.message, m.author, m.capacity, m.delegation, m.audience, m.one_person, m.posted_at, m.body";

fn message_row(cells: &mut Cells<'_>) -> Result<MessageRow, Fault> {
    Ok(MessageRow {
        number: cells.number()?,
        message: cells.id()?,
        author: cells.actor()?,
        capacity: cells.word(Capacity::parse)?,
        delegation: cells.id_or_none()?,
        addressed: match (cells.word(Audience::parse)?, cells.id_or_none()?) {
            (Audience::Everyone, _) => Addressed::Everyone,
            (Audience::ClinicalTeam, _) => Addressed::ClinicalTeam,
            (Audience::Named, _) => Addressed::Named(BTreeSet::new()),
            (Audience::TeamAndMe, Some(person)) => Addressed::TeamAnd(person),
            (Audience::TeamAndMe, None) => return Err(Fault::Row("the person of a message is missing")),
        },
        posted_at: cells.time()?,
        body: cells.cell()?,
    })
}

/// Adds the names to a message that is addressed by name.
fn with_readers(snapshot: &Snapshot, thread: ThreadId, row: &mut MessageRow) -> Result<(), Fault> {
    let Addressed::Named(named) = &mut row.addressed else { return Ok(()) };
    let sql = "SELECT person FROM message_reader WHERE thread = ?1 AND number = ?2";
    snapshot.each(sql, params![id(thread), row.number], |cells| {
        named.insert(cells.id()?);
        Ok(())
    })
}

/// One message of a thread, looked for among those that may be read: one that may not be read is as
/// missing.
pub(crate) fn message(
    snapshot: &Snapshot,
    thread: ThreadId,
    message: MessageId,
    readable: &Readable,
) -> Result<Option<MessageRow>, Fault> {
    for Range { counter, before, last } in readable.ranges() {
        let ordinals = Ordinals::of(counter);
        let column = ordinals.column();
        let from = match ordinals.beside {
            None => "message m".to_owned(),
            Some(beside) => format!("message m CROSS JOIN {beside} ON o.thread = m.thread AND o.number = m.number"),
        };
        let sql = format!(
            "SELECT {MESSAGE_COLUMNS} FROM {from}
             WHERE m.thread = ?1 AND m.message = ?2 AND {column} = ?3 AND m.number > ?4 AND m.number <= ?5"
        );
        let found = snapshot.one(&sql, params![id(thread), id(message), ordinals.picked, before, last], message_row)?;
        if let Some(mut row) = found {
            with_readers(snapshot, thread, &mut row)?;
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// The number of the last message before the first that was posted after an instant; none if no message was. A
/// clock that went back takes some away and gives none.
pub(crate) fn last_until(snapshot: &Snapshot, thread: ThreadId, until: DateTime<Utc>) -> Result<Option<u32>, Fault> {
    let sql = "SELECT number FROM message WHERE thread = ?1 AND posted_at > ?2 ORDER BY number LIMIT 1";
    let first_after = snapshot.one(sql, params![id(thread), until.timestamp_micros()], |cells| cells.number())?;
    Ok(first_after.map(|first| u32::try_from(first.saturating_sub(1)).unwrap_or(0)))
}

/// The thread of a message. One row is read, whether there is one or not.
pub(crate) fn thread_of(snapshot: &Snapshot, message: MessageId) -> Result<Option<ThreadId>, Fault> {
    let sql = "SELECT (SELECT thread FROM message WHERE message = ?1)";
    Ok(snapshot.one(sql, [id(message)], |cells| cells.id_or_none())?.flatten())
}

/// Whose receipts a viewer may see beside their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReceiptsOf {
    /// Nobody's.
    Nobody,
    /// Those of everybody who does not read as a delegate.
    AllButDelegates,
    /// Everybody's.
    All,
}

impl ReceiptsOf {
    /// Whether a receipt of another person, who read in this capacity, may be seen.
    pub fn shows(self, capacity: Capacity) -> bool {
        match self {
            Self::Nobody => false,
            Self::AllButDelegates => capacity != Capacity::Delegate,
            Self::All => true,
        }
    }
}

/// The delegates who have read or written in a thread, in the order of their ids.
pub(crate) fn known_to_delegates(snapshot: &Snapshot, thread: ThreadId) -> Result<Vec<PersonId>, Fault> {
    let mut persons = Vec::new();
    snapshot.each("SELECT person FROM known_to_delegate WHERE thread = ?1 ORDER BY person", [id(thread)], |cells| {
        persons.push(cells.id()?);
        Ok(())
    })?;
    Ok(persons)
}

/// Whether the messages that may be read show a person: as an author, as one to whom they are addressed by name, or, by
/// the receipts that the viewer may see, as one who has read them. As many rows are read for each person.
pub(crate) fn show_person(
    snapshot: &Snapshot,
    thread: ThreadId,
    person: PersonId,
    readable: &Readable,
    receipts: ReceiptsOf,
) -> Result<bool, Fault> {
    let mut is_shown = false;
    for Range { counter, before, last } in readable.ranges() {
        let sql = match counter {
            // What the team shares with the viewer is theirs, or by one of the team.
            Counter::Changes | Counter::Everyone | Counter::ClinicalTeam | Counter::TeamAnd(_) => {
                "SELECT EXISTS (SELECT 1 FROM own_message_ordinal
                 WHERE thread = ?1 AND author = ?2 AND number > ?3 AND number <= ?5 AND counter = ?4)"
            }
            Counter::Named(_) => {
                "SELECT EXISTS (SELECT 1 FROM named_ordinal o CROSS JOIN named_ordinal other
                    ON other.thread = o.thread AND other.number = o.number
                 WHERE o.thread = ?1 AND other.person = ?2 AND o.number > ?3 AND o.number <= ?5 AND o.person = ?4)"
            }
            // The author, and the person with whom the team shares it.
            Counter::TeamAndAnybody => {
                "SELECT EXISTS (SELECT 1 FROM own_message_ordinal
                    WHERE thread = ?1 AND author = ?2 AND number > ?3 AND number <= ?5 AND counter = ?4)
                 + EXISTS (SELECT 1 FROM team_and_ordinal
                    WHERE thread = ?1 AND person = ?2 AND number > ?3 AND number <= ?5)"
            }
        };
        let of: rusqlite::types::Value = match counter {
            Counter::Changes
            | Counter::Everyone
            | Counter::ClinicalTeam
            | Counter::TeamAndAnybody
            | Counter::TeamAnd(_) => counter.text().into(),
            Counter::Named(person) => id(person).to_vec().into(),
        };
        let found = snapshot.one(sql, params![id(thread), id(person), before, of, last], |cells| cells.flag())?;
        let sql = "SELECT (SELECT capacity FROM read_receipt
                   WHERE thread = ?1 AND person = ?2 AND counter = ?4 AND number > ?3 AND number <= ?5)";
        let read = params![id(thread), id(person), before, counter.text(), last];
        let read_as = snapshot.one(sql, read, |cells| cells.word_or_none(Capacity::parse))?.flatten();
        is_shown |= found == Some(true) || read_as.is_some_and(|capacity| receipts.shows(capacity));
    }
    Ok(is_shown)
}

/// Which messages of a thread: those with numbers strictly between two, from one end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MessagePage {
    pub after: i64,
    pub before: i64,
    pub from_end: bool,
    pub rows_max: usize,
}

/// Messages that may be read, in the order of their numbers. Each counter is a range of its own in an
/// index, so a message that may not be read costs nothing and counts for nothing.
pub(crate) fn messages(
    snapshot: &Snapshot,
    thread: ThreadId,
    readable: &Readable,
    page: MessagePage,
) -> Result<Vec<MessageRow>, Fault> {
    let order = if page.from_end { "DESC" } else { "ASC" };
    let mut rows = Vec::new();
    for Range { counter, before, last } in readable.ranges() {
        let ordinals = Ordinals::of(counter);
        let (table, column) = (ordinals.table(), ordinals.column());
        let (join, place) = match ordinals.beside.and(counter.audience()) {
            Some(audience) => {
                let join = "CROSS JOIN message m ON m.thread = o.thread AND m.number = o.number AND m.audience";
                (format!("{join} = '{}'", audience.word()), "o")
            }
            None => (String::new(), "m"),
        };
        let sql = format!(
            "SELECT {MESSAGE_COLUMNS} FROM {table} {join} WHERE {place}.thread = ?1 AND {column} = ?2
             AND {place}.number > ?3 AND {place}.number < ?4 ORDER BY {place}.number {order} LIMIT ?5"
        );
        let (after, before) = (page.after.max(before), page.before.min(last.saturating_add(1)));
        let params = params![id(thread), ordinals.picked, after, before, limit(page.rows_max)];
        snapshot.each(&sql, params, |cells| {
            rows.push(message_row(cells)?);
            Ok(())
        })?;
    }
    rows.sort_unstable_by_key(|row| if page.from_end { -row.number } else { row.number });
    rows.truncate(page.rows_max);
    for row in &mut rows {
        with_readers(snapshot, thread, row)?;
    }
    Ok(rows)
}

/// How many messages that the viewer may read are newer than their receipt and by others.
pub(crate) fn unread(snapshot: &Snapshot, thread: ThreadId, readable: &Readable) -> Result<i64, Fault> {
    let mut receipt = 0;
    let sql = "SELECT counter, number FROM read_receipt WHERE thread = ?1 AND person = ?2";
    snapshot.each(sql, params![id(thread), id(readable.viewer)], |cells| {
        let (counter, number) = (cells.text()?, cells.number()?);
        if readable.shows_receipt(&counter, number) {
            receipt = receipt.max(number);
        }
        Ok(())
    })?;
    let mut unread = 0;
    for Range { counter, before, last } in readable.ranges() {
        let ordinals = Ordinals::of(counter);
        let (table, column) = (ordinals.table(), ordinals.column());
        let sql = format!(
            "SELECT coalesce((SELECT ordinal FROM {table} WHERE thread = ?1 AND {column} = ?5 AND number <= ?6
                    ORDER BY number DESC LIMIT 1), 0)
                - coalesce((SELECT ordinal FROM {table} WHERE thread = ?1 AND {column} = ?5 AND number <= ?4
                    ORDER BY number DESC LIMIT 1), 0)
                - coalesce((SELECT ordinal FROM own_message_ordinal WHERE thread = ?1 AND counter = ?2 AND author = ?3
                    AND number <= ?6 ORDER BY number DESC LIMIT 1), 0)
                + coalesce((SELECT ordinal FROM own_message_ordinal WHERE thread = ?1 AND counter = ?2 AND author = ?3
                    AND number <= ?4 ORDER BY number DESC LIMIT 1), 0)"
        );
        let seen = receipt.max(before).min(last);
        let params = params![id(thread), counter.text(), id(readable.viewer), seen, ordinals.picked, last];
        unread += snapshot.one(&sql, params, |cells| cells.number())?.unwrap_or(0);
    }
    Ok(unread)
}

/// How far somebody has read.
#[derive(Debug, Clone)]
pub struct ReadReceiptRow {
    /// Who.
    pub person: PersonId,
    /// In which capacity.
    pub capacity: Capacity,
    /// When they said so.
    pub read_at: DateTime<Utc>,
    pub(crate) number: i64,
    /// What the person may read.
    pub(crate) readable: Readable,
}

impl Redact for ReadReceiptRow {
    fn redact(self, _: &Permit) -> Self {
        let Self { person, capacity, read_at, number, readable } = self;
        Self { person, capacity, read_at, number, readable }
    }
}

impl ReadReceiptRow {
    /// Whether the receipt covers a message: the person may read it, and has read up to it.
    #[must_use]
    pub fn covers(&self, message: &MessageRow) -> bool {
        self.number >= message.number && self.readable.shows(message)
    }
}

/// Everybody's newest receipt at a message that the viewer may read. One at a message that they may
/// not, and its time, would tell them that there is such a message.
pub(crate) fn read_receipts(
    snapshot: &Snapshot,
    thread: ThreadId,
    readable: &Readable,
) -> Result<Vec<ReadReceiptRow>, Fault> {
    let mut receipts: Vec<ReadReceiptRow> = Vec::new();
    let sql =
        "SELECT counter, person, capacity, read_at, number FROM read_receipt WHERE thread = ?1 ORDER BY number DESC";
    snapshot.each(sql, [id(thread)], |cells| {
        let counter = cells.text()?;
        let receipt = ReadReceiptRow {
            person: cells.id()?,
            capacity: cells.word(Capacity::parse)?,
            read_at: cells.time()?,
            number: cells.number()?,
            readable: readable.clone(),
        };
        if readable.shows_receipt(&counter, receipt.number)
            && receipts.iter().all(|newer| newer.person != receipt.person)
        {
            receipts.push(receipt);
        }
        Ok(())
    })?;
    Ok(receipts)
}

#[cfg(test)]
mod tests;

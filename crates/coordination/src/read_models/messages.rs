//! Messages, how far each person has read, and how many messages are unread.
//!
//! Every message has an ordinal in its audience, or for each person whom it names, and one among its
//! author's own, so that how many are unread is a difference of two ordinals found by index, however
//! long the thread is. A read receipt and a history window are both numbers in the same order.

use std::collections::BTreeSet;

use care::conversation::{Addressed, ConversationEvent, MessagePosted, ReadMarked};
use care::envelope::Actor;
use care::ids::{Id, MessageId, PersonId, ThreadId};
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
CREATE TABLE own_message_ordinal (thread BLOB, counter TEXT, author BLOB, number INTEGER, ordinal INTEGER NOT NULL, PRIMARY KEY (thread, counter, author, number)) STRICT, WITHOUT ROWID;
-- The newest receipt at a message of each counter: that somebody read what a viewer may not see must not show.
CREATE TABLE read_receipt (thread BLOB, person BLOB, counter TEXT, number INTEGER NOT NULL, capacity TEXT NOT NULL, read_at INTEGER NOT NULL, PRIMARY KEY (thread, person, counter)) STRICT, WITHOUT ROWID;
";

/// Messages and read receipts.
pub(super) struct Messages;

impl ReadModel for Messages {
    const SHAPES: &'static [Shape] = &[Shape { schema: SCHEMA, fold_version: 2 }];

    fn fold(fold: &Fold<'_>) -> Folded {
        let Some((thread, ThreadEvent::Conversation(event))) = fold.thread() else { return Ok(()) };
        match event {
            ConversationEvent::MessagePosted(posted) => message_posted(fold, thread, posted),
            ConversationEvent::ReadMarked(marked) => read_marked(fold, thread, marked),
            ConversationEvent::Opened(_)
            | ConversationEvent::ThreadPutAway(_)
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
    let MessagePosted { by, capacity, message, number, at: _, addressed, body } = posted;
    let author = by.person();
    fold.run(
        "INSERT INTO message (thread, audience, number, ordinal, message, author, author_person, capacity, posted_at, body)
         VALUES (?1, ?2, ?3, 1 + coalesce(
             (SELECT ordinal FROM message WHERE thread = ?1 AND audience = ?2 ORDER BY number DESC LIMIT 1), 0),
             ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            id(thread),
            addressed.audience().word(),
            number,
            id(*message),
            by.to_string(),
            author.map(id),
            capacity.word(),
            fold.at,
            fold.cell(body)?
        ],
    )?;
    if let Addressed::Named(named) = addressed {
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
    if let Some(author) = author {
        fold.run(
            "INSERT INTO own_message_ordinal (thread, counter, author, number, ordinal) VALUES (?1, ?2, ?3, ?4, 1 + coalesce(
                 (SELECT ordinal FROM own_message_ordinal WHERE thread = ?1 AND counter = ?2 AND author = ?3
                  ORDER BY number DESC LIMIT 1), 0))",
            params![id(thread), Counter::of(addressed.audience(), author).text(), id(author), number],
        )?;
    }
    Ok(())
}

fn read_marked(fold: &Fold<'_>, thread: ThreadId, marked: &ReadMarked) -> Folded {
    let ReadMarked { person, capacity, message, number } = marked;
    for counter in counters_of(fold, thread, *message)? {
        fold.run(
            "INSERT OR REPLACE INTO read_receipt (thread, person, counter, number, capacity, read_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![id(thread), id(*person), counter.text(), number, capacity.word(), fold.at],
        )?;
    }
    Ok(())
}

/// The counters that a message is in; none when there is no such message.
fn counters_of(fold: &Fold<'_>, thread: ThreadId, message: MessageId) -> Result<BTreeSet<Counter>, FoldError> {
    let person = |bytes: [u8; 16]| PersonId::from_uuid(Uuid::from_bytes(bytes));
    let sql = "SELECT audience, author_person, number FROM message WHERE thread = ?1 AND message = ?2";
    let found = fold.one(sql, params![id(thread), id(message)], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, Option<[u8; 16]>>(1)?.map(person), row.get::<_, i64>(2)?))
    })?;
    let Some((audience, author, number)) = found else { return Ok(BTreeSet::new()) };
    let addressed = match Audience::parse(&audience).ok() {
        None => return Ok(BTreeSet::new()),
        Some(Audience::Everyone) => Addressed::Everyone,
        Some(Audience::ClinicalTeam) => Addressed::ClinicalTeam,
        Some(Audience::Named) => {
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
    /// The audiences that they may read.
    pub audiences: Vec<ReadableAudience>,
}

/// An audience that may be read, from a message on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReadableAudience {
    /// Which.
    pub audience: Audience,
    /// The number of the first message; 0: all of them.
    pub from: u32,
}

/// The messages of an audience that concern the viewer, with the last number that is out of sight.
struct Range {
    audience: Audience,
    before: i64,
}

/// Where the ordinals of an audience's messages lie for a viewer: with the messages `m` themselves, or in a table `o`
/// beside them.
struct Ordinals {
    table: &'static str,
    /// The column that picks the viewer's, and what it holds.
    column: &'static str,
    picked: rusqlite::types::Value,
}

impl Ordinals {
    fn of(audience: Audience, viewer: PersonId) -> Self {
        match audience {
            Audience::Everyone | Audience::ClinicalTeam => {
                Self { table: "message m", column: "m.audience", picked: audience.word().to_owned().into() }
            }
            Audience::Named => {
                Self { table: "named_ordinal o", column: "o.person", picked: id(viewer).to_vec().into() }
            }
        }
    }
}

impl Readable {
    /// Whether any message of the audience may be read.
    pub fn includes(&self, audience: Audience) -> bool {
        self.audiences.iter().any(|each| each.audience == audience)
    }

    fn ranges(&self) -> impl Iterator<Item = Range> {
        self.audiences.iter().map(|ReadableAudience { audience, from }| Range {
            audience: *audience,
            before: i64::from(*from).saturating_sub(1),
        })
    }

    /// Whether a message may be read.
    fn shows(&self, message: &MessageRow) -> bool {
        let is_addressed = match &message.addressed {
            Addressed::Everyone | Addressed::ClinicalTeam => true,
            Addressed::Named(named) => named.contains(&self.viewer) || message.author.person() == Some(self.viewer),
        };
        let audience = message.addressed.audience();
        is_addressed && self.ranges().any(|range| range.audience == audience && range.before < message.number)
    }

    /// Whether a receipt at a message of a counter is one that the viewer may know of.
    fn shows_receipt(&self, counter: &str, number: i64) -> bool {
        self.ranges()
            .any(|Range { audience, before }| before < number && Counter::of(audience, self.viewer).text() == counter)
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
        let Self { message, author, capacity, addressed, body, posted_at, number } = self;
        let body = if permit.action() == Action::Read(Read::ThreadReadMessage) { body } else { TextCell::Withheld };
        Self { message, author, capacity, addressed, body, posted_at, number }
    }
}

impl Opens for MessageRow {
    type Text = TextCell;
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
        let Self { message: _, author: _, capacity: _, addressed: _, body, posted_at: _, number: _ } = self;
        open(body);
    }
}

const MESSAGE_COLUMNS: &str = "m.number, m.message, m.author, m.capacity, m.audience, m.posted_at, m.body";

fn message_row(cells: &mut Cells<'_>) -> Result<MessageRow, Fault> {
    Ok(MessageRow {
        number: cells.number()?,
        message: cells.id()?,
        author: cells.actor()?,
        capacity: cells.word(Capacity::parse)?,
        addressed: match cells.word(Audience::parse)? {
            Audience::Everyone => Addressed::Everyone,
            Audience::ClinicalTeam => Addressed::ClinicalTeam,
            Audience::Named => Addressed::Named(BTreeSet::new()),
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
    for Range { audience, before } in readable.ranges() {
        let Ordinals { table: _, column, picked } = Ordinals::of(audience, readable.viewer);
        let from = match audience {
            Audience::Everyone | Audience::ClinicalTeam => "message m",
            Audience::Named => "message m CROSS JOIN named_ordinal o ON o.thread = m.thread AND o.number = m.number",
        };
        let sql = format!(
            "SELECT {MESSAGE_COLUMNS} FROM {from}
             WHERE m.thread = ?1 AND m.message = ?2 AND {column} = ?3 AND m.number > ?4"
        );
        let found = snapshot.one(&sql, params![id(thread), id(message), picked, before], message_row)?;
        if let Some(mut row) = found {
            with_readers(snapshot, thread, &mut row)?;
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// The thread of a message. One row is read, whether there is one or not.
pub(crate) fn thread_of(snapshot: &Snapshot, message: MessageId) -> Result<Option<ThreadId>, Fault> {
    let sql = "SELECT (SELECT thread FROM message WHERE message = ?1)";
    Ok(snapshot.one(sql, [id(message)], |cells| cells.id_or_none())?.flatten())
}

/// Whether the messages that may be read show a person: as an author, as one to whom they are addressed by name, or, with
/// `receipts`, as one who has read them. As many rows are read for each person.
pub(crate) fn show_person(
    snapshot: &Snapshot,
    thread: ThreadId,
    person: PersonId,
    readable: &Readable,
    receipts: bool,
) -> Result<bool, Fault> {
    let mut is_shown = false;
    for Range { audience, before } in readable.ranges() {
        let sql = match audience {
            Audience::Everyone | Audience::ClinicalTeam => {
                "SELECT EXISTS (SELECT 1 FROM own_message_ordinal
                 WHERE thread = ?1 AND author = ?2 AND number > ?3 AND counter = ?4)"
            }
            Audience::Named => {
                "SELECT EXISTS (SELECT 1 FROM named_ordinal o CROSS JOIN named_ordinal other
                    ON other.thread = o.thread AND other.number = o.number
                 WHERE o.thread = ?1 AND other.person = ?2 AND o.number > ?3 AND o.person = ?4)"
            }
        };
        let counter = Counter::of(audience, readable.viewer).text();
        let of: rusqlite::types::Value = match audience {
            Audience::Everyone | Audience::ClinicalTeam => counter.clone().into(),
            Audience::Named => id(readable.viewer).to_vec().into(),
        };
        let found = snapshot.one(sql, params![id(thread), id(person), before, of], |cells| cells.flag())?;
        let sql = "SELECT EXISTS (SELECT 1 FROM read_receipt
                   WHERE thread = ?1 AND person = ?2 AND counter = ?4 AND number > ?3)";
        let has_read = snapshot.one(sql, params![id(thread), id(person), before, counter], |cells| cells.flag())?;
        is_shown |= found == Some(true) || (receipts && has_read == Some(true));
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
    for Range { audience, before } in readable.ranges() {
        let Ordinals { table, column, picked } = Ordinals::of(audience, readable.viewer);
        let (join, place) = match audience {
            Audience::Everyone | Audience::ClinicalTeam => (String::new(), "m"),
            Audience::Named => {
                let join = "CROSS JOIN message m ON m.thread = o.thread AND m.number = o.number AND m.audience";
                (format!("{join} = '{}'", audience.word()), "o")
            }
        };
        let sql = format!(
            "SELECT {MESSAGE_COLUMNS} FROM {table} {join} WHERE {place}.thread = ?1 AND {column} = ?2
             AND {place}.number > ?3 AND {place}.number < ?4 ORDER BY {place}.number {order} LIMIT ?5"
        );
        let params = params![id(thread), picked, page.after.max(before), page.before, limit(page.rows_max)];
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
    for Range { audience, before } in readable.ranges() {
        let Ordinals { table, column, picked } = Ordinals::of(audience, readable.viewer);
        let sql = format!(
            "SELECT coalesce((SELECT ordinal FROM {table} WHERE thread = ?1 AND {column} = ?5
                    ORDER BY number DESC LIMIT 1), 0)
                - coalesce((SELECT ordinal FROM {table} WHERE thread = ?1 AND {column} = ?5 AND number <= ?4
                    ORDER BY number DESC LIMIT 1), 0)
                - coalesce((SELECT ordinal FROM own_message_ordinal WHERE thread = ?1 AND counter = ?2 AND author = ?3
                    ORDER BY number DESC LIMIT 1), 0)
                + coalesce((SELECT ordinal FROM own_message_ordinal WHERE thread = ?1 AND counter = ?2 AND author = ?3
                    AND number <= ?4 ORDER BY number DESC LIMIT 1), 0)"
        );
        let counter = Counter::of(audience, readable.viewer).text();
        let params = params![id(thread), counter, id(readable.viewer), receipt.max(before), picked];
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
mod tests {
    use super::*;
    use crate::read_models::testing::{Log, message_id, permit, person_id, thread_id};
    use proptest::prelude::*;

    fn readable(viewer: u128, audiences: &[(Audience, u32)]) -> Readable {
        let audiences =
            audiences.iter().map(|(audience, from)| ReadableAudience { audience: *audience, from: *from }).collect();
        Readable { viewer: person_id(viewer), audiences }
    }

    fn named(persons: &[u128]) -> Addressed {
        Addressed::Named(persons.iter().copied().map(person_id).collect())
    }

    const ALL: MessagePage = MessagePage { after: i64::MIN, before: i64::MAX, from_end: false, rows_max: 1_000 };

    fn numbers(log: &Log, readable: &Readable, page: MessagePage) -> Vec<i64> {
        messages(&log.snapshot(), thread_id(1), readable, page).unwrap().into_iter().map(|row| row.number).collect()
    }

    /// Two to everyone, two to the clinical team, one from 2 to 3 and 4, each by 2.
    fn thread() -> Log {
        let mut log = Log::new();
        log.open(1, None);
        log.post(1, 2, 1, Addressed::Everyone);
        log.post(1, 2, 2, Addressed::ClinicalTeam);
        log.post(1, 2, 3, named(&[3, 4]));
        log.post(1, 2, 4, Addressed::Everyone);
        log.post(1, 2, 5, Addressed::ClinicalTeam);
        log
    }

    const EACH: [(Audience, u32); 3] = [(Audience::Everyone, 0), (Audience::ClinicalTeam, 0), (Audience::Named, 0)];

    #[test]
    fn a_page_is_the_merge_of_what_may_be_read() {
        let log = thread();
        assert_eq!(numbers(&log, &readable(3, &EACH), ALL), [1, 2, 3, 4, 5]);
        assert_eq!(numbers(&log, &readable(2, &EACH), ALL), [1, 2, 3, 4, 5], "who wrote it may read it");
        assert_eq!(numbers(&log, &readable(9, &EACH), ALL), [1, 2, 4, 5], "named messages are for those named");
        assert_eq!(numbers(&log, &readable(3, &[(Audience::Everyone, 0)]), ALL), [1, 4]);
        assert_eq!(numbers(&log, &readable(3, &[]), ALL), [0; 0]);
        let page = MessagePage { after: 1, before: 5, from_end: true, rows_max: 2 };
        assert_eq!(numbers(&log, &readable(3, &EACH), page), [4, 3]);
    }

    #[test]
    fn a_window_cuts_what_is_before_it() {
        let log = thread();
        assert_eq!(numbers(&log, &readable(3, &[(Audience::Everyone, 2), (Audience::ClinicalTeam, 5)]), ALL), [4, 5]);
        assert_eq!(unread(&log.snapshot(), thread_id(1), &readable(3, &[(Audience::Everyone, 4)])).unwrap(), 1);
        let from_five = readable(3, &[(Audience::Everyone, 5), (Audience::ClinicalTeam, 5), (Audience::Named, 5)]);
        assert_eq!(unread(&log.snapshot(), thread_id(1), &from_five).unwrap(), 1);
    }

    #[test]
    fn a_message_that_may_not_be_read_is_as_missing_and_costs_as_much() {
        let log = thread();
        let found = |readable: &Readable, number: u128| {
            let snapshot = log.snapshot();
            let found = message(&snapshot, thread_id(1), message_id(1 << 32 | number), readable).unwrap();
            (found.map(|row| row.number), snapshot.rows_read())
        };
        assert_eq!(found(&readable(3, &EACH), 3), (Some(3), 3), "with its two names");
        let everyone = readable(3, &[(Audience::Everyone, 0)]);
        assert_eq!(found(&everyone, 2), found(&everyone, 99));
        assert_eq!(found(&readable(9, &EACH), 3), found(&readable(9, &EACH), 99));
        assert_eq!(found(&readable(3, &[(Audience::Everyone, 2)]), 1), (None, 0));
    }

    #[test]
    fn a_person_is_shown_by_the_messages_and_receipts_that_may_be_read() {
        let mut log = thread();
        log.read(1, 8, 4);
        let shown = |person: u128, readable: &Readable, receipts: bool| {
            let snapshot = log.snapshot();
            let shown = show_person(&snapshot, thread_id(1), person_id(person), readable, receipts).unwrap();
            (shown, snapshot.rows_read())
        };
        let all = readable(3, &EACH);
        assert_eq!(shown(2, &all, false), (true, 6), "the author");
        assert_eq!(shown(4, &all, false), (true, 6), "named with the reader");
        assert_eq!(shown(9, &all, true), (false, 6), "as many rows for a stranger");
        assert_eq!((shown(8, &all, true).0, shown(8, &all, false).0), (true, false), "who has read");
        assert!(!shown(4, &readable(9, &EACH), true).0, "named in a message that is not for the reader");
        let late = readable(3, &[(Audience::Everyone, 5), (Audience::ClinicalTeam, 6), (Audience::Named, 4)]);
        assert!(![2, 4, 8].into_iter().any(|person| shown(person, &late, true).0), "before the window");
        assert!(shown(2, &readable(3, &[(Audience::ClinicalTeam, 5)]), true).0);
    }

    #[test]
    fn the_thread_of_a_message_is_found_and_a_missing_one_costs_as_much() {
        let log = thread();
        let found = |message: MessageId| {
            let snapshot = log.snapshot();
            (thread_of(&snapshot, message).unwrap(), snapshot.rows_read())
        };
        assert_eq!(found(message_id(1 << 32 | 3)), (Some(thread_id(1)), 1));
        assert_eq!(found(message_id(7)), (None, 1));
    }

    #[test]
    fn a_message_names_those_to_whom_it_is_addressed() {
        let log = thread();
        let rows = messages(&log.snapshot(), thread_id(1), &readable(3, &EACH), ALL).unwrap();
        let addressed: Vec<_> = rows.into_iter().map(|row| row.addressed).collect();
        let expected = [
            Addressed::Everyone,
            Addressed::ClinicalTeam,
            named(&[3, 4]),
            Addressed::Everyone,
            Addressed::ClinicalTeam,
        ];
        assert_eq!(addressed, expected);
    }

    #[test]
    fn a_body_is_shown_by_the_permit_to_read_messages_alone() {
        let log = thread();
        let is_shown = |read| {
            let rows = messages(&log.snapshot(), thread_id(1), &readable(3, &EACH), ALL).unwrap();
            rows.into_iter().map(|row| permit(read).show(row)).all(|row| matches!(row.body, TextCell::Sealed(_)))
        };
        assert!(is_shown(Read::ThreadReadMessage));
        assert!(!is_shown(Read::ThreadFind) && !is_shown(Read::ThreadRead));
    }

    #[test]
    fn a_receipt_at_a_message_that_may_not_be_read_does_not_show() {
        let mut log = thread();
        log.read(1, 7, 1);
        log.read(1, 7, 2);
        log.read(1, 8, 3);
        let receipts = |readable: &Readable| -> Vec<_> {
            let rows = read_receipts(&log.snapshot(), thread_id(1), readable).unwrap();
            rows.into_iter().map(|row| (row.person, row.number)).collect()
        };
        assert_eq!(receipts(&readable(3, &EACH)), [(person_id(8), 3), (person_id(7), 2)]);
        assert_eq!(receipts(&readable(9, &EACH)), [(person_id(7), 2)]);
        assert_eq!(receipts(&readable(3, &[(Audience::Everyone, 0)])), [(person_id(7), 1)]);
        assert_eq!(receipts(&readable(3, &[(Audience::Everyone, 2), (Audience::Named, 4)])), []);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Post(u128, Addressed),
        Read(u128, usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        let person = 1_u128..5;
        let addressed = prop_oneof![
            Just(Addressed::Everyone),
            Just(Addressed::ClinicalTeam),
            proptest::collection::btree_set(1_u128..5, 1..3)
                .prop_map(|persons| Addressed::Named(persons.into_iter().map(person_id).collect())),
        ];
        prop_oneof![
            3 => (person.clone(), addressed).prop_map(|(author, addressed)| Step::Post(author, addressed)),
            1 => (person, any::<usize>()).prop_map(|(person, message)| Step::Read(person, message)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn unread_is_what_a_count_says(
            steps in proptest::collection::vec(step(), 1..40),
            windows in proptest::collection::vec(proptest::option::of(0_u32..20), 3),
        ) {
            let mut log = Log::new();
            log.open(1, None);
            let mut posted: Vec<(u128, Addressed)> = Vec::new();
            let mut receipts: Vec<(u128, usize)> = Vec::new();
            for step in steps {
                match step {
                    Step::Post(author, addressed) => {
                        posted.push((author, addressed.clone()));
                        log.post(1, author, u32::try_from(posted.len()).unwrap(), addressed);
                    }
                    Step::Read(person, message) if !posted.is_empty() => {
                        let number = 1 + message % posted.len();
                        // A receipt never goes back.
                        if receipts.iter().all(|(whose, read)| *whose != person || *read < number) {
                            receipts.push((person, number));
                            log.read(1, person, u32::try_from(number).unwrap());
                        }
                    }
                    Step::Read(..) => {}
                }
            }
            let audiences: Vec<_> =
                Audience::ALL.iter().zip(&windows).filter_map(|(audience, from)| Some((*audience, (*from)?))).collect();
            for viewer in 1..5 {
                let readable = readable(viewer, &audiences);
                let may_read = |number: usize| {
                    let (author, addressed) = &posted[number - 1];
                    let addressee = match addressed {
                        Addressed::Everyone | Addressed::ClinicalTeam => true,
                        Addressed::Named(named) => *author == viewer || named.contains(&person_id(viewer)),
                    };
                    let window = audiences.iter().find(|(audience, _)| *audience == addressed.audience());
                    addressee && window.is_some_and(|(_, from)| number >= *from as usize)
                };
                let seen: Vec<i64> = (1..=posted.len()).filter(|number| may_read(*number)).map(|number| number as i64).collect();
                prop_assert_eq!(numbers(&log, &readable, ALL), seen);
                let receipt = receipts.iter().filter(|(whose, number)| *whose == viewer && may_read(*number));
                let receipt = receipt.map(|(_, number)| *number).max().unwrap_or(0);
                let count = (receipt + 1..=posted.len())
                    .filter(|number| may_read(*number) && posted[*number - 1].0 != viewer)
                    .count();
                prop_assert_eq!(unread(&log.snapshot(), thread_id(1), &readable).unwrap(), count as i64);
            }
        }
    }

    #[test]
    fn counting_reads_as_much_of_a_long_thread_as_of_a_short_one() {
        let cost = |posts: u32| {
            let mut log = Log::new();
            log.open(1, None);
            for number in 1..=posts {
                log.post(1, 2, number, if number % 3 == 0 { Addressed::ClinicalTeam } else { Addressed::Everyone });
            }
            log.read(1, 3, 4);
            let snapshot = log.snapshot();
            let unread = unread(&snapshot, thread_id(1), &readable(3, &EACH)).unwrap();
            (unread, snapshot.rows_read())
        };
        let ((few, rows), (many, rows_of_many)) = (cost(10), cost(100));
        assert_eq!((few, many), (6, 96));
        assert_eq!(rows, rows_of_many);
    }

    #[test]
    fn every_query_searches_an_index_and_sorts_nothing() {
        let log = thread();
        for sql in [
            "SELECT ordinal FROM message m WHERE thread = ?1 AND m.audience = ?2 AND number <= ?4 ORDER BY number DESC LIMIT 1",
            "SELECT ordinal FROM named_ordinal o WHERE thread = ?1 AND o.person = ?2 AND number <= ?4 ORDER BY number DESC LIMIT 1",
            "SELECT ordinal FROM own_message_ordinal WHERE thread = ?1 AND counter = ?2 AND author = ?3 ORDER BY number DESC LIMIT 1",
            "SELECT m.body FROM message m WHERE m.thread = ?1 AND m.audience = ?2
             AND m.number > ?3 AND m.number < ?4 ORDER BY m.number DESC LIMIT ?5",
            "SELECT m.body FROM named_ordinal o CROSS JOIN message m ON m.thread = o.thread AND m.number = o.number AND m.audience = 'NAMED'
             WHERE o.thread = ?1 AND o.person = ?2 AND o.number > ?3 AND o.number < ?4 ORDER BY o.number DESC LIMIT ?5",
            "SELECT m.body FROM message m WHERE m.thread = ?1 AND m.message = ?2 AND m.audience = ?3 AND m.number > ?4",
            "SELECT m.body FROM message m CROSS JOIN named_ordinal o ON o.thread = m.thread AND o.number = m.number
             WHERE m.thread = ?1 AND m.message = ?2 AND o.person = ?3 AND m.number > ?4",
            "SELECT thread FROM message WHERE message = ?1",
            "SELECT 1 FROM own_message_ordinal WHERE thread = ?1 AND author = ?2 AND number > ?3 AND counter = ?4",
            "SELECT 1 FROM named_ordinal o CROSS JOIN named_ordinal other ON other.thread = o.thread AND other.number = o.number
             WHERE o.thread = ?1 AND other.person = ?2 AND o.number > ?3 AND o.person = ?4",
        ] {
            log.assert_searched(sql);
        }
    }
}

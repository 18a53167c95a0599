//! Verifying a log in a file: every event, the order of the events, and the structure that holds them.
//!
//! First all events are read, so that damage is reported with the first damaged event. Then SQLite checks its trees and
//! indexes, including that event ids are unique. Then the one byte of a row that SQLite itself never reads is checked.
//! Verification works beside a running writer, on what was committed when it began.
//!
//! Every changed byte in the row of an event is detected. Bytes that belong to no row may change undetected: the free
//! space in a page, the tail of the last page of a large event, and the change counters of the file header. They change
//! no event. What seems damaged is believed at a second look (`second_look.rs`): a file that the system does not read proves
//! nothing. A lost end is not detected here, because a damaged write-ahead log looks like an earlier end of the log; a
//! caller that knows a position can use [`crate::Journal::holds`].

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use rusqlite::Connection;

use super::file::{SCHEMA, Store, shows_damage};
use super::readers::head;
use super::row::recorded;
use super::store_troubles::StoreTroubles;
use crate::row::COLUMNS;
use crate::sequence::{Damage, OrderGuarantees, PROGRESS_EVENTS, Sequence, Verified, damaged};
use crate::{Fatal, Position};

/// Verifies a log; `progress` is called with the current and the last position, and again from the first on where damage
/// is looked at a second time. Blocks.
pub(crate) fn verify(store: &Store, progress: &mut dyn FnMut(u64, u64)) -> Result<Verified, Damage> {
    looking_twice(&StoreTroubles::of(store.path()), store, progress)
}

fn looking_twice(
    troubles: &StoreTroubles,
    store: &Store,
    mut progress: &mut dyn FnMut(u64, u64),
) -> Result<Verified, Damage> {
    troubles.asked_twice(&mut progress, |progress| once(store, progress), |_| Ok(()))
}

fn once(store: &Store, progress: &mut dyn FnMut(u64, u64)) -> Result<Verified, Damage> {
    let connection = store.reading()?;
    // One transaction, so that all checks see the same state of the log.
    connection.execute_batch("BEGIN").map_err(|error| unreadable(&connection, &error))?;
    let verified = events(&connection, progress)?;
    structure(&connection)?;
    published_schema(&connection)?;
    leaves(&connection, store)?;
    Ok(verified)
}

/// Reads all events in order and compares each with the one before it in the log and in its stream.
fn events(connection: &Connection, progress: &mut dyn FnMut(u64, u64)) -> Result<Verified, Damage> {
    let unread = |error: rusqlite::Error| unreadable(connection, &error);
    let total = head(connection).map_err(unread)?.map_or(0, |head| head.0);
    let sql = format!("SELECT {COLUMNS} FROM event ORDER BY position");
    let mut statement = connection.prepare(&sql).map_err(unread)?;
    let mut rows = statement.query([]).map_err(unread)?;
    let mut sequence = Sequence::new(OrderGuarantees { dense: true, timed: true });
    while let Some(row) = rows.next().map_err(|error| blamed(&sequence, connection, &error))? {
        match recorded(row) {
            Ok(event) => sequence.step(event)?,
            Err(fatal) => return Err(broken(&sequence, fatal)),
        }
        if sequence.events.is_multiple_of(PROGRESS_EVENTS) {
            progress(sequence.events, total);
        }
    }
    progress(sequence.events, total);
    Ok(sequence.proved())
}

/// An error of SQLite that names no page means that the row after the last event cannot be parsed.
fn blamed(sequence: &Sequence, connection: &Connection, error: &rusqlite::Error) -> Damage {
    match unreadable(connection, error) {
        Damage::Structure { page: None, detail } => damaged(sequence.next(), &detail),
        // A damaged page loses all its rows; the error names the first event of them.
        Damage::Structure { page, detail } => Damage::Structure {
            page,
            detail: format!("{detail}; the first event that cannot be read is at position {}", sequence.next()),
        },
        placed @ (Damage::Event { .. } | Damage::Unreadable { .. } | Damage::NotOpened(_)) => placed,
    }
}

/// A row at the wrong place in the tree would be reported instead of the hole before it.
fn broken(sequence: &Sequence, fatal: Fatal) -> Damage {
    let expected = sequence.next();
    match fatal {
        Fatal::Corrupt { position: Some(position), detail } if position == expected => damaged(expected, &detail),
        Fatal::Corrupt { .. } => damaged(expected, "it is not there"),
        Fatal::LostTail { .. } | Fatal::Denied { .. } | Fatal::ReadOnly | Fatal::Ended { .. } => {
            Damage::Unreadable { reason: fatal.to_string() }
        }
    }
}

/// The meaning of an error of SQLite: damage, located by SQLite's own check if possible, or a failure of the system.
fn unreadable(connection: &Connection, error: &rusqlite::Error) -> Damage {
    if shows_damage(error) {
        return match structure(connection) {
            Err(placed) => placed,
            Ok(()) => Damage::Structure { page: None, detail: error.to_string() },
        };
    }
    Damage::Unreadable { reason: error.to_string() }
}

/// SQLite's own check: pages, free space, and that each index has each row once.
fn structure(connection: &Connection) -> Result<(), Damage> {
    let said: rusqlite::Result<String> = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0));
    match said {
        Ok(said) if said == "ok" => Ok(()),
        Ok(said) => Err(match number_after(&said, "row ") {
            Some(position) if said.contains("missing from index") => {
                Damage::Event { position: Position(position), detail: said }
            }
            _ => Damage::Structure { page: number_after(&said, "page "), detail: said },
        }),
        Err(error) if shows_damage(&error) => Err(Damage::Structure { page: None, detail: error.to_string() }),
        Err(error) => Err(Damage::Unreadable { reason: error.to_string() }),
    }
}

fn number_after(text: &str, word: &str) -> Option<u64> {
    let (_, rest) = text.split_once(word)?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// The schema must be the published one: without its triggers a log is no longer append-only.
fn published_schema(connection: &Connection) -> Result<(), Damage> {
    let listed = |connection: &Connection| -> rusqlite::Result<Vec<(String, Option<String>)>> {
        let mut asked = connection.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name")?;
        asked.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    };
    let unread = |error: rusqlite::Error| unreadable(connection, &error);
    let published = Connection::open_in_memory().map_err(unread)?;
    published.execute_batch(SCHEMA).map_err(unread)?;
    if listed(connection).map_err(unread)? != listed(&published).map_err(unread)? {
        return Err(Damage::Structure { page: None, detail: "the schema is not the published one".into() });
    }
    Ok(())
}

/// Looks at the one byte of a row that no query shows: the type of its first column.
///
/// That column is the position, which SQLite keeps as the key of the tree and leaves empty in the record; whatever
/// else the record says there is never read.
///
/// The pages are read past SQLite, which has no way to show them. A page that is in the write-ahead log and not yet in
/// the file is older here, which is no matter: rows are only ever added. A page that is being written at this moment
/// is read again before it is called damaged.
fn leaves(connection: &Connection, store: &Store) -> Result<(), Damage> {
    let unread = |error: rusqlite::Error| unreadable(connection, &error);
    let io = |error: std::io::Error| Damage::Unreadable { reason: error.to_string() };
    let page_bytes: u32 = connection.pragma_query_value(None, "page_size", |row| row.get(0)).map_err(unread)?;
    let mut asked = connection
        .prepare("SELECT pageno FROM dbstat WHERE name = 'event' AND pagetype = 'leaf' ORDER BY pageno")
        .map_err(unread)?;
    let mut numbers = asked.query([]).map_err(unread)?;
    let mut file = File::open(store.path()).map_err(io)?;
    while let Some(row) = numbers.next().map_err(unread)? {
        let number: u32 = row.get(0).map_err(unread)?;
        let mut find = || Ok(full_first_column(&page(&mut file, number, page_bytes)?));
        if find().map_err(io)?.is_some()
            && let Some(position) = find().map_err(io)?
        {
            return Err(damaged(position, "its record has a value where its position is left empty"));
        }
    }
    Ok(())
}

/// A page of the file, from 1; empty or short when the file does not have it yet.
fn page(file: &mut File, number: u32, page_bytes: u32) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    file.seek(SeekFrom::Start(u64::from(number.saturating_sub(1)) * u64::from(page_bytes)))?;
    file.take(u64::from(page_bytes)).read_to_end(&mut page)?;
    Ok(page)
}

/// The position of the first row on a leaf of the table whose record does not begin with an empty column.
///
/// A leaf begins with 13; at 3 it has the number of its cells, from 8 on where each is. A cell has the length of the
/// record, the position, the record: the length of its header, the type of each column (0 is empty), the columns.
fn full_first_column(page: &[u8]) -> Option<Position> {
    if page.first() != Some(&13) {
        return None;
    }
    let two = |at: usize| Some(usize::from(*page.get(at)?) << 8 | usize::from(*page.get(at + 1)?));
    (0..two(3)?).find_map(|cell| {
        let (_, rest) = varint(page.get(two(8 + 2 * cell)?..)?)?;
        let (position, rest) = varint(rest)?;
        let (_, rest) = varint(rest)?;
        (rest.first() != Some(&0)).then_some(Position(position))
    })
}

/// SQLite's numbers: seven bits a byte, the highest first, a ninth byte whole.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0;
    for (index, byte) in bytes.iter().take(9).enumerate() {
        if index == 8 {
            return Some((number << 8 | u64::from(*byte), bytes.get(9..)?));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((number, bytes.get(index + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::num::NonZeroU32;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use bytes::Bytes;
    use chrono::DateTime;
    use tempfile::TempDir;
    use uuid::Uuid;

    use super::*;
    use crate::{
        Access, Append, Clock, EventType, Expected, Namespace, NewEvent, OpenError, Recorded, Revision, StreamName,
        open, verify,
    };

    const EVENTS: u64 = 40;

    fn care() -> Namespace {
        Namespace::parse("care").expect("a namespace")
    }

    fn clock() -> Clock {
        Arc::new(|| DateTime::from_timestamp_micros(1_700_000_000_123_456).expect("a time"))
    }

    fn check(directory: &Path) -> Result<Verified, Damage> {
        super::verify(&Store { directory: directory.into(), namespace: care() }, &mut |_, _| {})
    }

    async fn events(directory: &Path) -> Vec<Recorded> {
        let url = format!("sqlite:{}", directory.display());
        let journal = open(&url, care(), Access::ReadOnly, clock()).await.expect("the log opens");
        journal.read_log(None, NonZeroU32::MAX).await.expect("a page").events
    }

    /// A log of forty events over five streams, closed and with an empty write-ahead log; one event is larger than a page.
    async fn log() -> (TempDir, PathBuf) {
        let directory = TempDir::new().expect("a directory");
        let url = format!("sqlite:{}", directory.path().display());
        let journal = open(&url, care(), Access::Write, clock()).await.expect("the log opens");
        for number in 0..EVENTS {
            let size = if number == 30 { 10_000 } else { 60 };
            let event = NewEvent {
                id: Uuid::from_u128(u128::from(number) << 64 | 0xabcd_ef01_2345),
                event_type: EventType::parse("note.taken").expect("an event type"),
                data: Bytes::from(vec![b'a' + (number % 26) as u8; size]),
                meta: Bytes::from_static(b"{\"v\":\"1\"}"),
            };
            let stream = StreamName::parse(&format!("note-{}", number % 5)).expect("a name");
            let expected =
                (number / 5).checked_sub(1).map_or(Expected::NoStream, |last| Expected::Exact(Revision(last)));
            journal.append(Append { stream, expected, events: vec![event] }).await.expect("appended");
        }
        drop(journal);
        let path = directory.path().join("care.journal");
        let beside = fs::metadata(directory.path().join("care.journal-wal"));
        assert!(beside.map_or(true, |file| file.len() == 0), "a clean close empties the write-ahead log");
        (directory, path)
    }

    /// Where in the file the cell of a position lies, and the page that holds it.
    fn cell(file: &[u8], position: u64) -> (std::ops::Range<usize>, u64) {
        for (index, page) in file.chunks(4096).enumerate().skip(1).filter(|(_, page)| page[0] == 13) {
            let two = |at: usize| usize::from(page[at]) << 8 | usize::from(page[at + 1]);
            for number in 0..two(3) {
                let start = two(8 + 2 * number);
                let (length, rest) = varint(&page[start..]).expect("a length");
                let (found, rest) = varint(rest).expect("a position");
                // The tables of the log: an event's record has ten columns and is not as short as that of the identity.
                if found == position && length > 100 {
                    let head = page.len() - start - rest.len();
                    let base = index * 4096 + start;
                    return (base..base + head + usize::try_from(length).expect("small"), index as u64 + 1);
                }
            }
        }
        panic!("position {position} is nowhere");
    }

    #[tokio::test]
    async fn an_undamaged_log_is_verified_and_its_progress_reported() {
        let (directory, _) = log().await;
        let mut told = Vec::new();
        let url = format!("sqlite:{}", directory.path().display());
        let verified = verify(&url, care(), &mut |done, total| told.push((done, total))).await;
        assert_eq!(verified, Ok(Verified { events: EVENTS, head: Some(Position(EVENTS)) }));
        assert_eq!(told.last(), Some(&(EVENTS, EVENTS)));
    }

    #[tokio::test]
    async fn a_log_beside_its_writer_is_proved() {
        let (directory, _) = log().await;
        let url = format!("sqlite:{}", directory.path().display());
        let journal = open(&url, care(), Access::Write, clock()).await.expect("the log opens");
        let event = NewEvent {
            id: Uuid::from_u128(1),
            event_type: EventType::parse("note.taken").expect("an event type"),
            data: Bytes::new(),
            meta: Bytes::new(),
        };
        let stream = StreamName::parse("other-1").expect("a name");
        journal.append(Append { stream, expected: Expected::NoStream, events: vec![event] }).await.expect("appended");
        assert_eq!(check(directory.path()).map(|verified| verified.events), Ok(EVENTS + 1));
    }

    /// Each byte of one event's cell, each of its bits, and its whole complement.
    #[tokio::test]
    async fn any_changed_byte_of_an_event_is_named_with_its_event() {
        let (directory, path) = log().await;
        let whole = fs::read(&path).expect("the file");
        let (bytes, page) = cell(&whole, 20);
        assert!(bytes.len() > 150, "a cell has all columns");
        for at in bytes.clone() {
            for flip in [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff] {
                // All bits of the header, where the shape of the row is; two flips of what follows.
                if at > bytes.start + 20 && !matches!(flip, 0x01 | 0xff) {
                    continue;
                }
                let mut file = whole.clone();
                file[at] ^= flip;
                fs::write(&path, &file).expect("the file");
                match check(directory.path()) {
                    Err(Damage::Event { position: Position(20), .. }) => {}
                    // The length and the position before the row say where it ends; one that is laid out wrongly spoils the page.
                    Err(Damage::Structure { page: named, detail }) if at < bytes.start + 3 => {
                        assert_eq!(named, Some(page), "byte {} flipped by {flip:#x}", at - bytes.start);
                        let first = number_after(&detail, "at position ").expect("the first event that it takes along");
                        assert!(first <= 20, "byte {} flipped by {flip:#x}: {detail}", at - bytes.start);
                    }
                    other => panic!("byte {} flipped by {flip:#x}: {other:?}", at - bytes.start),
                }
            }
        }
    }

    /// Anywhere else: damage is found, or it is in bytes that belong to no event, and every event reads as before.
    #[tokio::test]
    async fn a_changed_byte_anywhere_is_found_or_changes_no_event() {
        let (directory, path) = log().await;
        let whole = fs::read(&path).expect("the file");
        let before = events(directory.path()).await;
        let (mut found, mut harmless) = (0, 0);
        for at in (4096..whole.len()).step_by(97) {
            let mut file = whole.clone();
            file[at] ^= 0xff;
            fs::write(&path, &file).expect("the file");
            if check(directory.path()).is_err() {
                found += 1;
            } else {
                harmless += 1;
                assert_eq!(events(directory.path()).await, before, "byte {at}");
            }
        }
        assert!(found > 50 && harmless > 0, "{found} found, {harmless} harmless");
    }

    #[tokio::test]
    async fn damage_is_believed_only_of_a_file_that_the_system_reads() {
        let (directory, path) = log().await;
        let mut file = fs::read(&path).expect("the file");
        let (bytes, _) = cell(&file, 20);
        file[bytes.start + 40] ^= 0xff;
        fs::write(&path, &file).expect("the file");
        let store = Store { directory: directory.path().into(), namespace: care() };
        let looked = |at: PathBuf| looking_twice(&StoreTroubles::of(at), &store, &mut |_, _| {});
        // A directory in its place cannot be read as a file, also not by root.
        let unread = looked(directory.path().into());
        assert!(matches!(unread, Err(Damage::Unreadable { .. })), "{unread:?}");
        let damaged = looked(path);
        assert!(matches!(damaged, Err(Damage::Event { position: Position(20), .. })), "{damaged:?}");
    }

    #[tokio::test]
    async fn a_missing_trigger_is_damage() {
        let (directory, path) = log().await;
        let connection = Connection::open(&path).expect("the file");
        connection.execute_batch("DROP TRIGGER event_no_delete").expect("dropped");
        assert!(matches!(check(directory.path()), Err(Damage::Structure { page: None, .. })));
        connection.execute_batch("DELETE FROM event WHERE position = 7").expect("deleted");
        assert!(matches!(check(directory.path()), Err(Damage::Event { position: Position(7), .. })));
    }

    #[tokio::test]
    async fn a_missing_log_and_a_log_in_memory_are_not_verified() {
        let directory = TempDir::new().expect("a directory");
        assert!(matches!(check(directory.path()), Err(Damage::NotOpened(OpenError::Missing { .. }))));
        let of_memory = verify("memory:", care(), &mut |_, _| {}).await;
        assert!(matches!(of_memory, Err(Damage::NotOpened(OpenError::Url { .. }))));
    }

    #[test]
    fn numbers_are_read_as_sqlite_writes_them() {
        assert_eq!(varint(&[0x7f, 1]), Some((0x7f, &[1][..])));
        assert_eq!(varint(&[0x81, 0x00]), Some((0x80, &[][..])));
        assert_eq!(varint(&[0xff; 10]), Some((u64::MAX, &[0xff][..])));
        assert_eq!(varint(&[0x81]), None);
    }
}

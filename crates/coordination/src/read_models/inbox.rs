//! The inbox: the threads in which a person has a place, by the newest activity that they may know of.
//!
//! A place is stored once for each reason, so that the loss of one reason does not affect the others. There is a separate
//! order for each audience; a page merges the orders of the audiences that its reader may read, so a message to another
//! audience does not change it.
//!
//! To add a reason: 1. a variant of [`PlaceReason`]; 2. its beginning and its end, in the fold.

use std::borrow::Cow;
use std::collections::BTreeSet;

use care::care_team::{CareTeamEvent, MemberAdded, MemberRemoved};
use care::conversation::{
    ConversationEvent, InvitationExpired, Opened, Owner, OwnerChanged, ParticipantAdded, ParticipantDeclined,
    ParticipantInvited, ParticipantRemoved, ThreadPutAway,
};
use care::event::{Event, Stream};
use care::ids::{Id, PatientId, PersonId, PoolId, ThreadId};
use care::lifecycle::ThreadKind;
use care::organization::{OrganizationEvent, PoolMemberAdded, PoolMemberRemoved};
use care::patient::{LinkAccepted, LinkEnded, PatientEvent};
use care::thread::ThreadEvent;
use care::words::Audience;
use chrono::{DateTime, Utc};
use rusqlite::params;
use uuid::Uuid;

use crate::fault::Fault;
use crate::read_models::activity::noticed_by;
use crate::read_models::cells::{id, limit};
use crate::read_models::counter::Counter;
use crate::read_models::fold::{Fold, FoldError, Folded};
use crate::read_models::messages::Readable;
use crate::read_models::{ReadModel, Shape, Snapshot};
use crate::tokens::Key;

const SCHEMA: &str = "
CREATE TABLE inbox_place (thread BLOB, person BLOB, reason TEXT, PRIMARY KEY (thread, person, reason)) STRICT, WITHOUT ROWID;
-- The pools that take part in a thread independently of its owner, and their members.
CREATE TABLE inbox_pool (pool BLOB, thread BLOB, PRIMARY KEY (pool, thread)) STRICT, WITHOUT ROWID;
CREATE TABLE inbox_pool_member (pool BLOB, person BLOB, PRIMARY KEY (pool, person)) STRICT, WITHOUT ROWID;
-- One row for each audience in which something happened, one for what changed, and one for the invitation, while the
-- person has a place in the thread.
CREATE TABLE inbox (person BLOB, thread BLOB, audience TEXT, at INTEGER NOT NULL, PRIMARY KEY (person, thread, audience)) STRICT, WITHOUT ROWID;
CREATE INDEX inbox_by_activity ON inbox (person, audience, at DESC, thread);
-- What a person put away, with a row for each counter in which nothing new has arrived for them since.
CREATE TABLE inbox_put_away (thread BLOB, person BLOB, counter TEXT, PRIMARY KEY (thread, person, counter)) STRICT, WITHOUT ROWID;
-- The newest message of each person in each thread.
CREATE TABLE inbox_sent (person BLOB, thread BLOB, at INTEGER NOT NULL, PRIMARY KEY (person, thread)) STRICT, WITHOUT ROWID;
CREATE INDEX inbox_sent_by_time ON inbox_sent (person, at DESC, thread);
";

/// Why a person has a place in a thread. For a participant who takes part because they are on the patient's care team,
/// the care team is the only reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PlaceReason {
    Opener,
    Owner,
    Participant,
    Invited,
    Pool(PoolId),
    Patient,
    CareTeam,
}

impl PlaceReason {
    fn text(self) -> Cow<'static, str> {
        match self {
            Self::Opener => "opener".into(),
            Self::Owner => "owner".into(),
            Self::Participant => "participant".into(),
            Self::Invited => "invited".into(),
            // A person may be in several pools that take part.
            Self::Pool(pool) => pool.to_string().into(),
            Self::Patient => "patient".into(),
            Self::CareTeam => "care_team".into(),
        }
    }
}

/// The order of the threads that a person is invited into.
const INVITED: &str = "invited";

/// Inboxes.
pub(super) struct Inbox;

impl ReadModel for Inbox {
    const SHAPES: &'static [Shape] = &[Shape { schema: SCHEMA, fold_version: 6 }];

    fn fold(fold: &Fold<'_>) -> Folded {
        match fold.event() {
            Event::CareTeam(event) => return care_team(fold, event),
            Event::Organization(event) => return pool_members(fold, event),
            Event::Patient(event) => return patient(fold, event),
            Event::Thread(_)
            | Event::Person(_)
            | Event::Drafts(_)
            | Event::Policy(_)
            | Event::Accepted(_)
            | Event::Key(_) => {}
        }
        let Some((thread, event)) = fold.thread() else { return Ok(()) };
        for counter in noticed_by(fold) {
            noticed(fold, thread, counter)?;
            arrived(fold, thread, counter)?;
        }
        match event {
            ThreadEvent::Conversation(event) => conversation(fold, thread, event),
            ThreadEvent::Lifecycle(_) => Ok(()),
        }
    }
}

fn conversation(fold: &Fold<'_>, thread: ThreadId, event: &ConversationEvent) -> Folded {
    match event {
        ConversationEvent::Opened(opened) => {
            let Opened { by, kind, patient, owner, pools, .. } = opened;
            if let Some(person) = by.person() {
                add_place(fold, thread, person, PlaceReason::Opener)?;
            }
            owned(fold, thread, *owner)?;
            for pool in pools {
                pool_takes_part(fold, thread, *pool)?;
            }
            let Some(patient) = patient.filter(|_| !kind.is_participants_only()) else { return Ok(()) };
            let mut around = Vec::new();
            fold.each(
                "SELECT person, 'patient' FROM patient WHERE patient = ?1 AND person IS NOT NULL
                 UNION ALL SELECT person, 'care_team' FROM care_team WHERE patient = ?1 AND ended_at IS NULL",
                params![id(patient)],
                |row| {
                    let person = PersonId::from_uuid(Uuid::from_bytes(row.get(0)?));
                    let is_patient = row.get::<_, String>(1)? == PlaceReason::Patient.text();
                    around.push((person, if is_patient { PlaceReason::Patient } else { PlaceReason::CareTeam }));
                    Ok(())
                },
            )?;
            around.into_iter().try_for_each(|(person, reason)| add_place(fold, thread, person, reason))
        }
        ConversationEvent::OwnerChanged(OwnerChanged { owner, .. }) => {
            let mut before = Vec::new();
            let sql = "SELECT person FROM inbox_place WHERE thread = ?1 AND reason = 'owner'";
            fold.each(sql, params![id(thread)], |row| {
                before.push(PersonId::from_uuid(Uuid::from_bytes(row.get(0)?)));
                Ok(())
            })?;
            for person in before {
                remove_place(fold, thread, person, PlaceReason::Owner)?;
            }
            owned(fold, thread, *owner)
        }
        ConversationEvent::ParticipantAdded(ParticipantAdded { person, by_care_team, .. }) => {
            if !by_care_team || is_participants_only(fold, thread)? {
                add_place(fold, thread, *person, PlaceReason::Participant)?;
            }
            remove_place(fold, thread, *person, PlaceReason::Invited)
        }
        ConversationEvent::ParticipantInvited(ParticipantInvited { person, .. }) => {
            add_place(fold, thread, *person, PlaceReason::Invited)?;
            invited(fold, thread, *person)
        }
        ConversationEvent::ParticipantDeclined(ParticipantDeclined { by }) => {
            by.person().map_or(Ok(()), |person| remove_place(fold, thread, person, PlaceReason::Invited))
        }
        ConversationEvent::InvitationExpired(InvitationExpired { by: _, person }) => {
            remove_place(fold, thread, *person, PlaceReason::Invited)
        }
        ConversationEvent::ParticipantRemoved(ParticipantRemoved { person, .. }) => {
            remove_place(fold, thread, *person, PlaceReason::Participant)?;
            remove_place(fold, thread, *person, PlaceReason::Invited)?;
            // A person who opened the thread and was removed from it has no place as its opener.
            remove_place(fold, thread, *person, PlaceReason::Opener)
        }
        ConversationEvent::ThreadPutAway(ThreadPutAway { person, away }) => put_away(fold, thread, *person, *away),
        ConversationEvent::MessagePosted(posted) => posted.by.person().map_or(Ok(()), |author| {
            fold.run(
                "INSERT INTO inbox_sent (person, thread, at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (person, thread) DO UPDATE SET at = max(at, excluded.at)",
                params![id(author), id(thread), fold.at],
            )
        }),
        ConversationEvent::WindowChanged(_)
        | ConversationEvent::TurnPassed(_)
        | ConversationEvent::Labelled(_)
        | ConversationEvent::Released(_)
        | ConversationEvent::ReadMarked(_)
        | ConversationEvent::Closed(_)
        | ConversationEvent::Reopened(_) => Ok(()),
    }
}

/// Whether membership of the care team gives no access to the thread, and so no place in it.
fn is_participants_only(fold: &Fold<'_>, thread: ThreadId) -> Result<bool, FoldError> {
    let kind =
        fold.one("SELECT kind FROM thread WHERE thread = ?1", params![id(thread)], |row| row.get::<_, String>(0))?;
    Ok(kind.is_some_and(|kind| ThreadKind::parse(&kind).is_ok_and(ThreadKind::is_participants_only)))
}

fn owned(fold: &Fold<'_>, thread: ThreadId, owner: Owner) -> Folded {
    owner.person().map_or(Ok(()), |person| add_place(fold, thread, person, PlaceReason::Owner))
}

/// A pool takes part for as long as the thread exists, so its members have a place.
fn pool_takes_part(fold: &Fold<'_>, thread: ThreadId, pool: PoolId) -> Folded {
    fold.run("INSERT INTO inbox_pool (pool, thread) VALUES (?1, ?2)", params![id(pool), id(thread)])?;
    let mut members = Vec::new();
    fold.each("SELECT person FROM inbox_pool_member WHERE pool = ?1", params![id(pool)], |row| {
        members.push(PersonId::from_uuid(Uuid::from_bytes(row.get(0)?)));
        Ok(())
    })?;
    members.into_iter().try_for_each(|person| add_place(fold, thread, person, PlaceReason::Pool(pool)))
}

/// Adds or removes a place in every thread in which the pool takes part.
fn pool_members(fold: &Fold<'_>, event: &OrganizationEvent) -> Folded {
    let (pool, person, is_added) = match event {
        OrganizationEvent::PoolMemberAdded(PoolMemberAdded { pool, person }) => (*pool, *person, true),
        OrganizationEvent::PoolMemberRemoved(PoolMemberRemoved { pool, person }) => (*pool, *person, false),
        OrganizationEvent::Created(_)
        | OrganizationEvent::PoolOpened(_)
        | OrganizationEvent::PoolRenamed(_)
        | OrganizationEvent::PhoneSet(_)
        | OrganizationEvent::CalendarSet(_) => return Ok(()),
    };
    let sql = if is_added {
        "INSERT OR IGNORE INTO inbox_pool_member (pool, person) VALUES (?1, ?2)"
    } else {
        "DELETE FROM inbox_pool_member WHERE pool = ?1 AND person = ?2"
    };
    fold.run(sql, params![id(pool), id(person)])?;
    let mut threads = Vec::new();
    fold.each("SELECT thread FROM inbox_pool WHERE pool = ?1", params![id(pool)], |row| {
        threads.push(ThreadId::from_uuid(Uuid::from_bytes(row.get(0)?)));
        Ok(())
    })?;
    let reason = PlaceReason::Pool(pool);
    threads.into_iter().try_for_each(|thread| {
        if is_added { add_place(fold, thread, person, reason) } else { remove_place(fold, thread, person, reason) }
    })
}

/// A member of the care team has a place in the threads about the patient.
fn care_team(fold: &Fold<'_>, event: &CareTeamEvent) -> Folded {
    match event {
        CareTeamEvent::MemberAdded(MemberAdded { patient, person, .. }) => {
            around(fold, *patient, |thread| add_place(fold, thread, *person, PlaceReason::CareTeam))
        }
        CareTeamEvent::MemberRemoved(MemberRemoved { patient, person }) => {
            around(fold, *patient, |thread| remove_place(fold, thread, *person, PlaceReason::CareTeam))
        }
    }
}

/// The person whose own record it is has a place in the threads about it.
fn patient(fold: &Fold<'_>, event: &PatientEvent) -> Folded {
    let Stream::Patient(patient) = fold.stream() else { return Ok(()) };
    match event {
        PatientEvent::LinkAccepted(LinkAccepted { person }) => {
            around(fold, patient, |thread| add_place(fold, thread, *person, PlaceReason::Patient))
        }
        PatientEvent::LinkEnded(LinkEnded { person, .. }) => {
            around(fold, patient, |thread| remove_place(fold, thread, *person, PlaceReason::Patient))
        }
        PatientEvent::PatientRegistered(_)
        | PatientEvent::DetailsCorrected(_)
        | PatientEvent::LinkProposed(_)
        | PatientEvent::LinkWithdrawn(_)
        | PatientEvent::LinkDeclined(_) => Ok(()),
    }
}

/// Changes something in every thread about the patient that the patient and the care team may know.
fn around(fold: &Fold<'_>, patient: PatientId, change: impl FnMut(ThreadId) -> Folded) -> Folded {
    let mut threads = Vec::new();
    fold.each("SELECT thread, kind FROM thread WHERE patient = ?1", params![id(patient)], |row| {
        threads.push((ThreadId::from_uuid(Uuid::from_bytes(row.get(0)?)), row.get::<_, String>(1)?));
        Ok(())
    })?;
    let is_open = |kind: &str| ThreadKind::parse(kind).is_ok_and(|kind| !kind.is_participants_only());
    let mut threads = threads.into_iter().filter(|(_, kind)| is_open(kind)).map(|(thread, _)| thread);
    threads.try_for_each(change)
}

/// Adds a person's place in a thread, with the thread's newest activity in each audience.
fn add_place(fold: &Fold<'_>, thread: ThreadId, person: PersonId, reason: PlaceReason) -> Folded {
    fold.run(
        "INSERT OR IGNORE INTO inbox_place (thread, person, reason) VALUES (?1, ?2, ?3)",
        params![id(thread), id(person), reason.text()],
    )?;
    for counter in Counter::all_for(person) {
        fold.run(
            "INSERT OR IGNORE INTO inbox (person, thread, audience, at)
             SELECT ?2, thread, ?3, at FROM activity WHERE thread = ?1 AND counter = ?4",
            params![id(thread), id(person), counter.order(), counter.text()],
        )?;
    }
    Ok(())
}

/// Places the thread by the invitation: the one activity that an invited person knows of.
fn invited(fold: &Fold<'_>, thread: ThreadId, person: PersonId) -> Folded {
    fold.run(
        "INSERT INTO inbox (person, thread, audience, at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (person, thread, audience) DO UPDATE SET at = excluded.at",
        params![id(person), id(thread), INVITED, fold.at],
    )
}

/// Removes one reason of a place, and the place with the last reason.
fn remove_place(fold: &Fold<'_>, thread: ThreadId, person: PersonId, reason: PlaceReason) -> Folded {
    if reason == PlaceReason::Invited {
        let sql = "DELETE FROM inbox WHERE person = ?1 AND thread = ?2 AND audience = ?3";
        fold.run(sql, params![id(person), id(thread), INVITED])?;
    }
    fold.run(
        "DELETE FROM inbox_place WHERE thread = ?1 AND person = ?2 AND reason = ?3",
        params![id(thread), id(person), reason.text()],
    )?;
    fold.run(
        "DELETE FROM inbox WHERE person = ?2 AND thread = ?1
         AND NOT EXISTS (SELECT 1 FROM inbox_place WHERE thread = ?1 AND person = ?2)",
        params![id(thread), id(person)],
    )?;
    // Who has a place again is shown the thread again.
    fold.run(
        "DELETE FROM inbox_put_away WHERE person = ?2 AND thread = ?1
         AND NOT EXISTS (SELECT 1 FROM inbox_place WHERE thread = ?1 AND person = ?2)",
        params![id(thread), id(person)],
    )
}

/// Puts a thread away for a person, or takes it back.
fn put_away(fold: &Fold<'_>, thread: ThreadId, person: PersonId, away: bool) -> Folded {
    fold.run("DELETE FROM inbox_put_away WHERE thread = ?1 AND person = ?2", params![id(thread), id(person)])?;
    if !away {
        return Ok(());
    }
    Counter::all_for(person).try_for_each(|counter| {
        let sql = "INSERT INTO inbox_put_away (thread, person, counter) VALUES (?1, ?2, ?3)";
        fold.run(sql, params![id(thread), id(person), counter.text()])
    })
}

/// Notes that something new has arrived in a counter, for everybody but the person who did it.
fn arrived(fold: &Fold<'_>, thread: ThreadId, counter: Counter) -> Folded {
    let by = fold.recorded().metadata.actor.person();
    let sql = "DELETE FROM inbox_put_away WHERE thread = ?1 AND counter = ?2 AND person IS NOT ?3";
    fold.run(sql, params![id(thread), counter.text(), by.map(id)])
}

/// Whether a person has put a thread away and nothing has arrived since that they may know of: in the audiences that they
/// may read, and in what everybody who finds the thread may notice.
pub(crate) fn is_put_away(snapshot: &Snapshot, thread: ThreadId, readable: &Readable) -> Result<bool, Fault> {
    let mut quiet = BTreeSet::new();
    let sql = "SELECT counter FROM inbox_put_away WHERE thread = ?1 AND person = ?2";
    snapshot.each(sql, params![id(thread), id(readable.viewer)], |cells| {
        quiet.insert(cells.text()?);
        Ok(())
    })?;
    let counters = Counter::all_for(readable.viewer)
        .filter(|counter| counter.audience().is_none_or(|audience| readable.includes(audience)));
    // Without a row nothing is put away.
    Ok(!quiet.is_empty() && counters.map(Counter::text).all(|counter| quiet.contains(&counter)))
}

/// Threads in which a person has written, by their newest message.
pub(crate) fn sent(
    snapshot: &Snapshot,
    person: PersonId,
    after: Option<Key>,
    rows_max: usize,
) -> Result<Vec<Key>, Fault> {
    let after = after.unwrap_or(Key { number: i64::MAX, id: Uuid::nil() });
    let sql = "SELECT at, thread FROM inbox_sent WHERE person = ?1 AND at <= ?2 AND (at < ?2 OR thread > ?3)
               ORDER BY at DESC, thread LIMIT ?4";
    let mut keys = Vec::new();
    snapshot.each(sql, params![id(person), after.number, after.id.into_bytes(), limit(rows_max)], |cells| {
        keys.push(Key { number: cells.number()?, id: cells.id::<ThreadId>()?.uuid() });
        Ok(())
    })?;
    Ok(keys)
}

/// Updates the inboxes of the persons with a place in the thread whom the new activity concerns.
fn noticed(fold: &Fold<'_>, thread: ThreadId, counter: Counter) -> Folded {
    let audience = counter.order();
    match counter.person() {
        None => fold.run(
            "INSERT INTO inbox (person, thread, audience, at)
             SELECT DISTINCT p.person, p.thread, ?2, a.at FROM activity a CROSS JOIN inbox_place p ON p.thread = a.thread
             WHERE a.thread = ?1 AND a.counter = ?3
             ON CONFLICT (person, thread, audience) DO UPDATE SET at = excluded.at WHERE at <> excluded.at",
            params![id(thread), audience, counter.text()],
        ),
        Some(person) => fold.run(
            "INSERT INTO inbox (person, thread, audience, at)
             SELECT DISTINCT p.person, p.thread, ?2, a.at FROM activity a CROSS JOIN inbox_place p ON p.thread = a.thread
             WHERE a.thread = ?1 AND a.counter = ?3 AND p.person = ?4
             ON CONFLICT (person, thread, audience) DO UPDATE SET at = excluded.at WHERE at <> excluded.at",
            params![id(thread), audience, counter.text(), id(person)],
        ),
    }
}

/// Threads in which a person has a place, by their activity in one audience, newest first.
pub(crate) fn by_activity(
    snapshot: &Snapshot,
    person: PersonId,
    order: &str,
    after: Option<Key>,
    rows_max: usize,
) -> Result<Vec<Key>, Fault> {
    let after = after.unwrap_or(Key { number: i64::MAX, id: Uuid::nil() });
    // The range of the index ends at the key's instant; rows of this instant after the key are skipped.
    let sql =
        "SELECT at, thread FROM inbox WHERE person = ?1 AND audience = ?2 AND at <= ?3 AND (at < ?3 OR thread > ?4)
               ORDER BY at DESC, thread LIMIT ?5";
    let mut keys = Vec::new();
    let params = params![id(person), order, after.number, after.id.into_bytes(), limit(rows_max)];
    snapshot.each(sql, params, |cells| {
        keys.push(Key { number: cells.number()?, id: cells.id::<ThreadId>()?.uuid() });
        Ok(())
    })?;
    Ok(keys)
}

/// Entries of an inbox, newest first. A reader sees a thread's entry only at the newest activity that they may know of.
#[derive(Debug)]
pub(crate) struct InboxEntries {
    pub keys: Vec<Key>,
    /// The key to continue after; `None` at the end of the inbox.
    pub next: Option<Key>,
}

/// The merge of the orders of some audiences after a key.
pub(crate) fn entries(
    snapshot: &Snapshot,
    person: PersonId,
    audiences: &[Audience],
    after: Option<Key>,
    rows_max: usize,
) -> Result<InboxEntries, Fault> {
    let (mut keys, mut next) = (Vec::new(), None);
    // Invitations and changes that belong to no audience have their own orders, for a person who may read no audience of a thread.
    let orders = audiences.iter().map(|audience| Counter::of(*audience, person).order());
    for order in [INVITED, Counter::Changes.order()].into_iter().chain(orders) {
        let found = by_activity(snapshot, person, order, after, rows_max)?;
        if found.len() == rows_max {
            // The rest of this order was not read.
            next = next.into_iter().chain(found.last().copied()).min_by_key(place);
        }
        keys.extend(found);
    }
    keys.sort_unstable_by_key(place);
    // One thread may have the same instant in two audiences.
    keys.dedup();
    if let Some(next) = &next {
        keys.retain(|key| place(key) <= place(next));
    }
    Ok(InboxEntries { keys, next })
}

/// The key of a thread with this newest activity.
pub(crate) fn key(thread: ThreadId, newest: DateTime<Utc>) -> Key {
    Key { number: newest.timestamp_micros(), id: thread.uuid() }
}

/// The sort order of keys: newest first, then by id.
fn place(key: &Key) -> (std::cmp::Reverse<i64>, Uuid) {
    (std::cmp::Reverse(key.number), key.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_models::messages::ReadableAudience;
    use crate::read_models::testing::{
        Log, at, by, organization_id, patient_id, person_id, pool_id, sealed, thread_id,
    };
    use crate::read_models::threads;
    use care::conversation::{Addressed, Closed, HistoryWindow};
    use care::event::Stream;
    use care::words::{RemovalReason, Role};
    use proptest::prelude::*;

    fn threads_of(log: &Log, person: u128) -> Vec<ThreadId> {
        page(log, person, &[Audience::Everyone])
    }

    /// The inbox of a reader who may read these audiences in every thread, assembled as by the reader: small pages, with
    /// only the entries at the newest activity that they may know of.
    fn page(log: &Log, person: u128, audiences: &[Audience]) -> Vec<ThreadId> {
        let snapshot = log.snapshot();
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let entries = entries(&snapshot, person_id(person), audiences, after, 2).unwrap();
            for entry in &entries.keys {
                let thread = ThreadId::from_uuid(entry.id);
                let row = threads::thread(&snapshot, thread, person_id(person)).unwrap().unwrap();
                if key(thread, row.activity.newest(|audience| audiences.contains(&audience))) == *entry {
                    found.push(thread);
                }
            }
            after = entries.next;
            if after.is_none() {
                return found;
            }
        }
    }

    fn own(log: &mut Log, thread: u128, owner: Owner) {
        let changed = OwnerChanged { by: by(1), owner, organization: organization_id(2), claim_by: None, reason: None };
        log.thread(thread, 1, ConversationEvent::OwnerChanged(changed));
    }

    fn remove(log: &mut Log, thread: u128, person: u128) {
        let removed =
            ParticipantRemoved { by: by(1), person: person_id(person), reason: RemovalReason::Removed, note: None };
        log.thread(thread, 1, ConversationEvent::ParticipantRemoved(removed));
    }

    #[test]
    fn a_place_is_lost_ground_by_ground() {
        let mut log = Log::new();
        log.patient(7, Some(9));
        log.join(7, 2, Role::Nurse);
        log.open(1, Some(7));
        let one = [thread_id(1)];
        assert_eq!(threads_of(&log, 1), one, "the opener");
        assert_eq!(threads_of(&log, 9), one, "the patient");
        assert_eq!(threads_of(&log, 2), one, "the care team");
        assert_eq!(threads_of(&log, 3), []);

        own(&mut log, 1, Owner::Person { person: person_id(2), pool: Some(pool_id(1)) });
        log.add(1, 2, None, false);
        log.leave(7, 2);
        assert_eq!(threads_of(&log, 2), one, "the owner, who takes part");
        own(&mut log, 1, Owner::Pool(pool_id(1)));
        assert_eq!(threads_of(&log, 2), one, "who takes part");
        remove(&mut log, 1, 2);
        assert_eq!(threads_of(&log, 2), []);
        log.join(7, 2, Role::Nurse);
        assert_eq!(threads_of(&log, 2), one, "the care team again");
        assert_eq!(threads_of(&log, 1), one);
    }

    #[test]
    fn a_participant_through_the_care_team_leaves_with_it() {
        let mut log = Log::new();
        log.patient(7, None);
        log.join(7, 2, Role::Nurse);
        log.open(1, Some(7));
        log.add(1, 2, None, true);
        log.leave(7, 2);
        assert_eq!(threads_of(&log, 2), []);
    }

    #[test]
    fn an_invitation_is_a_place_until_it_is_answered_or_ends() {
        let mut log = Log::new();
        log.open(1, None);
        let invited = |person| ParticipantInvited {
            by: by(1),
            person: person_id(person),
            place: crate::read_models::testing::place(Role::Nurse),
            history: HistoryWindow::Full,
            expires_at: at(900),
            reason: None,
        };
        for person in 2..6 {
            log.thread(1, 1, ConversationEvent::ParticipantInvited(invited(person)));
            assert_eq!(threads_of(&log, person), [thread_id(1)]);
        }
        log.thread(1, 2, ConversationEvent::ParticipantDeclined(ParticipantDeclined { by: by(2) }));
        log.thread(1, 1, ConversationEvent::InvitationExpired(InvitationExpired { by: by(1), person: person_id(3) }));
        remove(&mut log, 1, 4);
        log.add(1, 5, None, false);
        assert_eq!([2, 3, 4].map(|person| threads_of(&log, person)), [vec![], vec![], vec![]]);
        assert_eq!(threads_of(&log, 5), [thread_id(1)]);
        remove(&mut log, 1, 5);
        assert_eq!(threads_of(&log, 5), []);
    }

    #[test]
    fn what_is_put_away_comes_back_with_what_others_do_in_an_audience_that_the_person_may_read() {
        let mut log = Log::new();
        log.open(1, None);
        log.add(1, 2, None, false);
        let put = |log: &mut Log, person: u128, away| {
            let put = ThreadPutAway { person: person_id(person), away };
            log.thread(1, person, ConversationEvent::ThreadPutAway(put));
        };
        let is_away = |log: &Log, person: u128, audiences: &[Audience]| {
            let audiences = audiences.iter().map(|audience| ReadableAudience { audience: *audience, from: 0 });
            let readable = Readable { viewer: person_id(person), audiences: audiences.collect() };
            is_put_away(&log.snapshot(), thread_id(1), &readable).unwrap()
        };
        let (everyone, all) = (&[Audience::Everyone][..], Audience::ALL);
        put(&mut log, 2, true);
        assert!(is_away(&log, 2, all) && !is_away(&log, 1, all), "for nobody else");
        put(&mut log, 2, false);
        assert!(!is_away(&log, 2, all));
        put(&mut log, 2, true);
        // Their own message, and one that only others may read.
        log.post(1, 2, 1, Addressed::Everyone);
        log.post(1, 1, 2, Addressed::ClinicalTeam);
        log.post(1, 1, 3, Addressed::Named([person_id(3)].into()));
        assert!(is_away(&log, 2, everyone) && !is_away(&log, 2, all));
        log.post(1, 1, 4, Addressed::Everyone);
        assert!(!is_away(&log, 2, everyone));
        put(&mut log, 2, true);
        log.post(1, 1, 5, Addressed::Named([person_id(2)].into()));
        assert!(!is_away(&log, 2, all) && is_away(&log, 2, everyone));
        // Whose turn it is everybody may notice.
        put(&mut log, 2, true);
        own(&mut log, 1, Owner::Pool(pool_id(2)));
        assert!(!is_away(&log, 2, everyone));
        // A place that begins anew begins with the thread in the inbox.
        put(&mut log, 2, true);
        remove(&mut log, 1, 2);
        log.add(1, 2, None, false);
        assert!(!is_away(&log, 2, all));
    }

    #[test]
    fn threads_in_which_a_person_wrote_are_listed_by_their_own_newest_message() {
        let mut log = Log::new();
        for thread in 1..4 {
            log.open(thread, None);
        }
        for (number, (thread, author)) in (1..).zip([(1, 2), (2, 2), (3, 1), (1, 2), (2, 1)]) {
            log.post(thread, author, number, Addressed::Everyone);
        }
        let sent = |after, rows_max| sent(&log.snapshot(), person_id(2), after, rows_max).unwrap();
        let threads = |keys: &[Key]| keys.iter().map(|key| ThreadId::from_uuid(key.id)).collect::<Vec<_>>();
        assert_eq!(threads(&sent(None, 9)), [thread_id(1), thread_id(2)]);
        assert_eq!(threads(&sent(sent(None, 1).pop(), 9)), [thread_id(2)]);
    }

    #[test]
    fn an_opener_who_was_removed_has_no_place_in_the_thread() {
        let mut log = Log::new();
        log.open(1, None);
        log.add(1, 1, None, false);
        remove(&mut log, 1, 1);
        assert_eq!(threads_of(&log, 1), []);
    }

    #[test]
    fn members_of_a_pool_that_takes_part_have_a_place_while_they_are_members() {
        let mut log = Log::new();
        let of_pool = Stream::Organization(organization_id(1));
        let added = |person| {
            let member = PoolMemberAdded { pool: pool_id(3), person: person_id(person) };
            OrganizationEvent::PoolMemberAdded(member)
        };
        log.append(of_pool, added(2));
        let opened = Opened { pools: [pool_id(3), pool_id(4)].into(), ..crate::read_models::testing::opened(None) };
        log.thread(1, 1, ConversationEvent::Opened(opened));
        log.open(2, None);
        log.append(of_pool, added(3));
        assert_eq!((threads_of(&log, 2), threads_of(&log, 3)), (vec![thread_id(1)], vec![thread_id(1)]));
        let removed = PoolMemberRemoved { pool: pool_id(3), person: person_id(2) };
        log.append(of_pool, OrganizationEvent::PoolMemberRemoved(removed));
        assert_eq!((threads_of(&log, 2), threads_of(&log, 3)), (vec![], vec![thread_id(1)]));
    }

    #[test]
    fn a_new_member_of_the_care_team_finds_the_patients_threads_as_active_as_they_are() {
        let mut log = Log::new();
        log.patient(7, None);
        log.open(1, Some(7));
        log.open(2, Some(7));
        log.open(3, None);
        log.post(1, 1, 1, Addressed::Everyone);
        log.join(7, 2, Role::Nurse);
        assert_eq!(threads_of(&log, 2), [thread_id(1), thread_id(2)]);
    }

    #[test]
    fn a_message_to_others_does_not_change_an_inbox() {
        let mut log = Log::new();
        log.patient(7, Some(9));
        log.open(1, Some(7));
        log.open(2, Some(7));
        log.add(1, 2, None, false);
        log.add(2, 2, None, false);
        let updated = |log: &Log, person, audiences: &[Audience]| {
            let row = threads::thread(&log.snapshot(), thread_id(1), person_id(person)).unwrap().unwrap();
            row.activity.newest(|audience| audiences.contains(&audience))
        };
        let (lay, staff) = ([Audience::Everyone, Audience::Named], Audience::ALL);
        let [one, two] = [1, 2].map(thread_id);
        assert_eq!((page(&log, 9, &lay), page(&log, 2, staff)), (vec![two, one], vec![two, one]));
        log.post(1, 1, 1, Addressed::ClinicalTeam);
        assert_eq!((page(&log, 9, &lay), page(&log, 2, staff)), (vec![two, one], vec![one, two]));
        // The registration and the link come before the opening.
        assert_eq!(updated(&log, 9, &lay), at(3));
        assert_eq!(updated(&log, 2, staff), at(7));
        // A message to the patient by name changes only the inboxes of the patient and of the author.
        log.post(2, 1, 1, Addressed::Everyone);
        log.post(1, 1, 2, Addressed::Named([person_id(9)].into()));
        assert_eq!((page(&log, 9, &lay), page(&log, 2, staff)), (vec![one, two], vec![two, one]));
        assert_eq!(page(&log, 1, staff), [one, two]);
    }

    #[test]
    fn the_threads_of_a_record_are_in_the_inbox_of_the_person_whose_own_it_is_while_it_is() {
        let mut log = Log::new();
        log.patient(7, None);
        log.open(1, Some(7));
        assert_eq!(threads_of(&log, 9), []);
        let stream = Stream::Patient(patient_id(7));
        log.append(stream, PatientEvent::from(LinkAccepted { person: person_id(9) }));
        log.open(2, Some(7));
        assert_eq!(threads_of(&log, 9), [thread_id(2), thread_id(1)]);
        let reason = sealed("patient.link_ended_reason");
        log.append(stream, PatientEvent::from(LinkEnded { by: by(1), person: person_id(9), reason }));
        assert_eq!(threads_of(&log, 9), []);
    }

    #[test]
    fn being_added_gives_a_place_and_moves_the_thread_for_nobody() {
        let mut log = Log::new();
        log.open(1, None);
        log.open(2, None);
        log.add(1, 2, None, false);
        assert_eq!(threads_of(&log, 1), [thread_id(2), thread_id(1)]);
        assert_eq!(threads_of(&log, 2), [thread_id(1)]);
        log.thread(1, 1, ConversationEvent::Closed(Closed { by: by(1), at: at(4), outcome: None }));
        assert_eq!(threads_of(&log, 1), [thread_id(1), thread_id(2)]);
    }

    #[derive(Debug, Clone)]
    struct Post {
        thread: u128,
        author: u128,
        addressed: Addressed,
    }

    fn post() -> impl Strategy<Value = Post> {
        let addressed = prop_oneof![
            Just(Addressed::Everyone),
            Just(Addressed::ClinicalTeam),
            (2_u128..5).prop_map(|person| Addressed::Named([person_id(person)].into())),
        ];
        (1_u128..6, 2_u128..5, addressed).prop_map(|(thread, author, addressed)| Post { thread, author, addressed })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn an_inbox_is_the_same_without_what_its_reader_may_not_read(posts in proptest::collection::vec(post(), 0..25)) {
            // `None` posts all messages; otherwise only those that the viewer may read, at the same instants.
            let history = |only: Option<(u128, &[Audience])>| {
                let mut log = Log::new();
                for thread in 1..6 {
                    log.open(thread, None);
                    for person in 2..5 {
                        log.add(thread, person, None, false);
                    }
                }
                let mut numbers = [0; 6];
                for Post { thread, author, addressed } in &posts {
                    let seen = only.is_none_or(|(viewer, audiences)| {
                        let addressee = match addressed {
                            Addressed::Everyone | Addressed::ClinicalTeam => true,
                            Addressed::Named(named) => *author == viewer || named.contains(&person_id(viewer)),
                        };
                        addressee && audiences.contains(&addressed.audience())
                    });
                    if seen {
                        numbers[usize::try_from(*thread).unwrap()] += 1;
                        log.post(*thread, *author, numbers[usize::try_from(*thread).unwrap()], addressed.clone());
                    } else {
                        log.pass();
                    }
                }
                log
            };
            let whole = history(None);
            for viewer in 2..5 {
                for audiences in [&[Audience::Everyone][..], &[Audience::Everyone, Audience::Named], Audience::ALL] {
                    let seen = history(Some((viewer, audiences)));
                    prop_assert_eq!(page(&whole, viewer, audiences), page(&seen, viewer, audiences));
                    prop_assert_eq!(page(&whole, viewer, audiences).len(), 5);
                }
            }
        }
    }

    #[test]
    fn a_page_searches_an_index_and_sorts_nothing() {
        Log::new().assert_searched(
            "SELECT at, thread FROM inbox WHERE person = ?1 AND audience = ?2 AND at <= ?3 AND (at < ?3 OR thread > ?4)
             ORDER BY at DESC, thread LIMIT ?5",
        );
    }
}

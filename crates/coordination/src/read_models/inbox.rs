//! The inbox: the threads in which a person has a place, by the newest activity that they may know of.
//!
//! A place is stored once for each reason, so that the loss of one reason does not affect the others. There is a separate
//! order for each audience; a page merges the orders of the audiences that its reader may read, so a message to another
//! audience does not change it.
//!
//! To add a reason: 1. a variant of [`PlaceReason`]; 2. its beginning and its end, in the fold.

use std::borrow::Cow;
use std::collections::BTreeSet;

use care::care_team::{CareTeamEvent, MemberAdded, MemberJoined, MemberRemoved};
use care::conversation::{
    ConversationEvent, InvitationExpired, Opened, Owner, OwnerChanged, ParticipantAdded, ParticipantDeclined,
    ParticipantInvited, ParticipantRemoved, ThreadPutAway,
};
use care::delegation::DelegationEvent;
use care::event::{Event, Stream};
use care::ids::{DelegationId, Id, PatientId, PersonId, PoolId, ThreadId};
use care::lifecycle::ThreadKind;
use care::organization::{OrganizationEvent, PoolMemberAdded, PoolMemberRemoved};
use care::patient::{LinkAccepted, LinkEnded, PatientEvent};
use care::thread::ThreadEvent;
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
-- Who helps a patient, under each delegation that gives access; `active` is 0 before it does.
CREATE TABLE inbox_delegation (delegation BLOB PRIMARY KEY, patient BLOB NOT NULL, person BLOB, active INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX inbox_delegation_of_patient ON inbox_delegation (patient) WHERE active = 1;
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
    Delegation(DelegationId),
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
            // A person may help under several. The scope is cut by the policy when the inbox is read.
            Self::Delegation(delegation) => delegation.to_string().into(),
        }
    }
}

/// The order of the threads that a person is invited into.
const INVITED: &str = "invited";

/// Inboxes.
pub(super) struct Inbox;

impl ReadModel for Inbox {
    const SHAPES: &'static [Shape] = &[Shape { schema: SCHEMA, fold_version: 9 }];

    fn fold(fold: &Fold<'_>) -> Folded {
        match fold.event() {
            Event::CareTeam(event) => return care_team(fold, event),
            Event::Organization(event) => return pool_members(fold, event),
            Event::Patient(event) => return patient(fold, event),
            Event::Delegation(event) => return delegation(fold, event),
            Event::Thread(_)
            | Event::Person(_)
            | Event::Directives(_)
            | Event::LegalAuthority(_)
            | Event::OutsideMessage(_)
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
            fold.each(
                "SELECT person, delegation FROM inbox_delegation WHERE patient = ?1 AND active = 1 AND person IS NOT NULL",
                params![id(patient)],
                |row| {
                    let person = PersonId::from_uuid(Uuid::from_bytes(row.get(0)?));
                    let delegation = DelegationId::from_uuid(Uuid::from_bytes(row.get(1)?));
                    around.push((person, PlaceReason::Delegation(delegation)));
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
        ConversationEvent::RequesterChanged(changed) => {
            let mut before = Vec::new();
            let sql = "SELECT person FROM inbox_place WHERE thread = ?1 AND reason = 'opener'";
            fold.each(sql, params![id(thread)], |row| {
                before.push(PersonId::from_uuid(Uuid::from_bytes(row.get(0)?)));
                Ok(())
            })?;
            for person in before {
                remove_place(fold, thread, person, PlaceReason::Opener)?;
            }
            add_place(fold, thread, changed.requester, PlaceReason::Opener)
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
        | ConversationEvent::HiddenFromDelegates(_)
        | ConversationEvent::PatientDied(_)
        | ConversationEvent::ShownToDelegates(_)
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
        | OrganizationEvent::AgeGatesSet(_)
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
        CareTeamEvent::MemberAdded(MemberAdded { patient, person, .. })
        | CareTeamEvent::MemberJoined(MemberJoined { patient, person, .. }) => {
            around(fold, *patient, |thread| add_place(fold, thread, *person, PlaceReason::CareTeam))
        }
        CareTeamEvent::MemberRemoved(MemberRemoved { patient, person }) => {
            around(fold, *patient, |thread| remove_place(fold, thread, *person, PlaceReason::CareTeam))
        }
        // Who is asked has no place before they accept.
        CareTeamEvent::MemberAsked(_) | CareTeamEvent::MemberDeclined(_) | CareTeamEvent::ConflictRecorded(_) => Ok(()),
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
        | PatientEvent::LinkDeclined(_)
        | PatientEvent::DeathRecorded(_)
        | PatientEvent::DeathVoided(_)
        | PatientEvent::ProtectionNoteRecorded(_)
        | PatientEvent::ProtectionNoteLifted(_) => Ok(()),
    }
}

/// Who helps a patient has a place in the threads about them, from the beginning of the access to its end.
fn delegation(fold: &Fold<'_>, event: &DelegationEvent) -> Folded {
    let Stream::Delegation(delegation) = fold.stream() else { return Ok(()) };
    let begun = |patient: PatientId, person: Option<PersonId>| {
        fold.run(
            "INSERT INTO inbox_delegation (delegation, patient, person, active) VALUES (?1, ?2, ?3, 0)
             ON CONFLICT (delegation) DO UPDATE SET person = coalesce(person, excluded.person)",
            params![id(delegation), id(patient), person.map(id)],
        )
    };
    match event {
        DelegationEvent::Offered(offered) => begun(offered.patient, Some(offered.person)),
        DelegationEvent::Invited(invited) => begun(invited.patient, invited.person),
        DelegationEvent::Accepted(accepted) => fold.run(
            "UPDATE inbox_delegation SET person = ?2 WHERE delegation = ?1",
            params![id(delegation), id(accepted.person)],
        ),
        DelegationEvent::Activated(_) => {
            fold.run("UPDATE inbox_delegation SET active = 1 WHERE delegation = ?1", params![id(delegation)])?;
            let Some(Helps { patient, person }) = helps(fold, delegation)? else { return Ok(()) };
            around(fold, patient, |thread| add_place(fold, thread, person, PlaceReason::Delegation(delegation)))
        }
        DelegationEvent::Ended(_) => {
            let before = helps(fold, delegation)?;
            fold.run("DELETE FROM inbox_delegation WHERE delegation = ?1", params![id(delegation)])?;
            let Some(Helps { patient, person }) = before else { return Ok(()) };
            around(fold, patient, |thread| remove_place(fold, thread, person, PlaceReason::Delegation(delegation)))
        }
        DelegationEvent::IdentityVerified(_)
        | DelegationEvent::SafeguardingPassed(_)
        | DelegationEvent::WideningChecked(_)
        | DelegationEvent::Consented(_)
        | DelegationEvent::Narrowed(_)
        | DelegationEvent::Widened(_)
        | DelegationEvent::Renewed(_)
        | DelegationEvent::Suspended(_)
        | DelegationEvent::Resumed(_)
        | DelegationEvent::Reminded(_) => Ok(()),
    }
}

/// Who helps whom.
struct Helps {
    patient: PatientId,
    person: PersonId,
}

fn helps(fold: &Fold<'_>, delegation: DelegationId) -> Result<Option<Helps>, FoldError> {
    let sql =
        "SELECT patient, person FROM inbox_delegation WHERE delegation = ?1 AND person IS NOT NULL AND active = 1";
    fold.one(sql, params![id(delegation)], |row| {
        let patient = PatientId::from_uuid(Uuid::from_bytes(row.get(0)?));
        Ok(Helps { patient, person: PersonId::from_uuid(Uuid::from_bytes(row.get(1)?)) })
    })
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
    Counter::all_for(person).into_iter().try_for_each(|counter| {
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
/// may read, and in what everybody who finds the thread may notice. One row is read, however many counters are quiet.
pub(crate) fn is_put_away(snapshot: &Snapshot, thread: ThreadId, readable: &Readable) -> Result<bool, Fault> {
    let sql = "SELECT json_group_array(counter) FROM inbox_put_away WHERE thread = ?1 AND person = ?2";
    let quiet = snapshot.one(sql, params![id(thread), id(readable.viewer)], |cells| cells.json())?;
    let quiet: BTreeSet<String> = quiet.unwrap_or_default();
    let counters = Counter::all_for(readable.viewer).into_iter();
    let mut counters = counters.filter(|counter| *counter == Counter::Changes || readable.includes(*counter));
    // Without a row nothing is put away.
    Ok(!quiet.is_empty() && counters.all(|counter| quiet.contains(&counter.text())))
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

/// The merge of the orders of some counters after a key.
pub(crate) fn entries(
    snapshot: &Snapshot,
    person: PersonId,
    counters: &[Counter],
    after: Option<Key>,
    rows_max: usize,
) -> Result<InboxEntries, Fault> {
    let (mut keys, mut next) = (Vec::new(), None);
    // An invitation has an order of its own, for a person who may read no audience of a thread.
    for order in std::iter::once(INVITED).chain(counters.iter().map(|counter| counter.order())) {
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
mod tests;

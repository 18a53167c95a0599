//! Worklists: which open threads wait for whom, by due date. They know whose turn it is and who owns
//! a thread, and no state of any kind.
//!
//! A list is the merge of a few indexed ranges, one for each criterion by which a thread is in it.
//! To add a criterion: 1. a variant of [`WorklistCriterion`]; 2. its condition, with an index.

use care::conversation::{ConversationEvent, Opened, Owner, OwnerChanged, Party, TurnPassed, WaitingOn};
use care::ids::{Id, OrganizationId, PersonId, PoolId, ThreadId};
use care::lifecycle::ThreadKind;
use care::thread::ThreadEvent;
use care::words::Role;
use chrono::{DateTime, Utc};
use policy::decide::Viewer;
use policy::question::ThingFacts;
use policy::words::{Action, Read, Standing};
use rusqlite::types::Value;
use rusqlite::{params, params_from_iter};
use uuid::Uuid;

use crate::authorization::person::PersonFacts;
use crate::authorization::thread::{ThreadFacts, Waiting};
use crate::authorization::{AuthorizationState, Subject};
use crate::fault::Fault;
use crate::read_models::cells::{id, limit, party_text};
use crate::read_models::fold::{Fold, Folded};
use crate::read_models::{ReadModel, Shape, Snapshot};
use crate::tokens::Key;

const SCHEMA: &str = "
-- The party is null only between the opening of a thread and its first turn, which are appended at once.
CREATE TABLE open_thread (
  thread BLOB PRIMARY KEY, party TEXT, due INTEGER NOT NULL,
  owner TEXT NOT NULL, opener TEXT NOT NULL,
  organization BLOB                                       -- null: its coordinators do not follow threads of this kind
) STRICT, WITHOUT ROWID;
CREATE INDEX open_thread_of_party ON open_thread (party, due, thread);
CREATE INDEX open_thread_of_owner ON open_thread (owner, due, thread, party);
CREATE INDEX open_thread_of_opener ON open_thread (opener, due, thread, party);
CREATE INDEX open_thread_of_organization ON open_thread (organization, due, thread, party, opener);
";

/// The due instant of a thread without one: after all others.
const NO_DUE: i64 = i64::MAX;

/// Open threads.
pub(super) struct Worklists;

impl ReadModel for Worklists {
    const SHAPES: &'static [Shape] = &[Shape { schema: SCHEMA, fold_version: 3 }];

    fn fold(fold: &Fold<'_>) -> Folded {
        let Some((thread, ThreadEvent::Conversation(event))) = fold.thread() else { return Ok(()) };
        match event {
            ConversationEvent::Opened(Opened { by, kind, organization, owner, .. }) => {
                let followed = (!kind.is_participants_only()).then(|| id(*organization));
                fold.run(
                    "INSERT INTO open_thread (thread, due, owner, opener, organization) VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![id(thread), NO_DUE, party_text(owner.party()), by.to_string(), followed],
                )
            }
            ConversationEvent::TurnPassed(TurnPassed { by: _, to, note: _, promised: _ }) => fold.run(
                "UPDATE open_thread SET party = ?2, due = ?3 WHERE thread = ?1",
                params![id(thread), party_text(to.party), to.due.map_or(NO_DUE, |due| due.timestamp_micros())],
            ),
            ConversationEvent::OwnerChanged(OwnerChanged { owner, .. }) => fold.run(
                "UPDATE open_thread SET owner = ?2 WHERE thread = ?1",
                params![id(thread), party_text(owner.party())],
            ),
            ConversationEvent::RequesterChanged(changed) => fold.run(
                "UPDATE open_thread SET opener = ?2 WHERE thread = ?1",
                params![id(thread), party_text(Party::Person(changed.requester))],
            ),
            ConversationEvent::Closed(_) => fold.run("DELETE FROM open_thread WHERE thread = ?1", params![id(thread)]),
            ConversationEvent::Reopened(_) => reopened(fold, thread),
            ConversationEvent::ParticipantAdded(_)
            | ConversationEvent::ParticipantInvited(_)
            | ConversationEvent::ParticipantDeclined(_)
            | ConversationEvent::InvitationExpired(_)
            | ConversationEvent::WindowChanged(_)
            | ConversationEvent::ParticipantRemoved(_)
            | ConversationEvent::Labelled(_)
            | ConversationEvent::Released(_)
            | ConversationEvent::MessagePosted(_)
            | ConversationEvent::ReadMarked(_)
            | ConversationEvent::ThreadPutAway(_)
            | ConversationEvent::HiddenFromDelegates(_)
            | ConversationEvent::PatientDied(_)
            | ConversationEvent::ShownToDelegates(_) => Ok(()),
        }
    }
}

fn reopened(fold: &Fold<'_>, thread: ThreadId) -> Folded {
    let mut is_followed = false;
    fold.each("SELECT kind FROM thread WHERE thread = ?1", params![id(thread)], |row| {
        is_followed = ThreadKind::parse(&row.get::<_, String>(0)?).is_ok_and(|kind| !kind.is_participants_only());
        Ok(())
    })?;
    fold.run(
        "INSERT INTO open_thread (thread, due, owner, opener, organization)
         SELECT thread, ?2, CASE WHEN owner_person IS NULL THEN 'pool-' || lower(hex(owner_pool))
             ELSE 'person-' || lower(hex(owner_person)) END, requester, CASE WHEN ?3 THEN organization END
         FROM thread WHERE thread = ?1",
        params![id(thread), NO_DUE, is_followed],
    )
}

/// Why a thread stands in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WorklistCriterion {
    /// It waits for this party.
    WaitsFor(Party),
    /// This pool owns it.
    OwnedByPool(PoolId),
    /// This person opened it, and it waits for another party.
    OpenedBy(PersonId),
    /// This person owns it, and it waits for another party.
    OwnedBy(PersonId),
    /// It was opened for this organization, and waits for another party than who opened it.
    OpenedFor(OrganizationId),
}

impl WorklistCriterion {
    /// Whether a thread with these facts is in the list: the same as [`Self::condition`], for the state in memory.
    pub fn lists(self, facts: &ThreadFacts) -> bool {
        let Some(Waiting { on: WaitingOn { party, .. }, since: _ }) = facts.waiting else { return false };
        match self {
            Self::WaitsFor(awaited) => party == awaited,
            Self::OwnedByPool(pool) => facts.owner == Owner::Pool(pool),
            Self::OpenedBy(opener) => facts.requester.person() == Some(opener) && party != Party::Person(opener),
            Self::OwnedBy(owner) => facts.owner.person() == Some(owner) && party != Party::Person(owner),
            Self::OpenedFor(organization) => {
                facts.organization == organization
                    && !facts.kind.is_participants_only()
                    && facts.requester.person().map(Party::Person) != Some(party)
            }
        }
    }

    /// The condition, and its parameter.
    pub(super) fn condition(self) -> (&'static str, Value) {
        let person = |person| Value::Text(party_text(Party::Person(person)));
        match self {
            Self::WaitsFor(party) => ("party = ?1", Value::Text(party_text(party))),
            Self::OwnedByPool(pool) => ("owner = ?1", Value::Text(party_text(Party::Pool(pool)))),
            Self::OpenedBy(opener) => ("opener = ?1 AND party <> opener", person(opener)),
            Self::OwnedBy(owner) => ("owner = ?1 AND party <> owner", person(owner)),
            Self::OpenedFor(organization) => {
                ("organization = ?1 AND party <> opener", Value::Blob(id(organization).to_vec()))
            }
        }
    }
}

/// The worklists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worklist {
    /// What I have to act on next.
    Mine,
    /// What lies unclaimed in my pools.
    MyPools,
    /// What I or those whom I coordinate for wait for.
    Waiting,
}

impl Worklist {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Mine, Self::MyPools, Self::Waiting];

    /// Its number, to which a cursor is bound.
    pub(crate) fn index(self) -> u8 {
        match self {
            Self::Mine => 0,
            Self::MyPools => 1,
            Self::Waiting => 2,
        }
    }
}

/// The criteria of a person's worklist; none if they may not see worklists.
pub(crate) fn criteria(
    state: &AuthorizationState,
    viewer: &Viewer,
    list: Worklist,
    now: DateTime<Utc>,
) -> Vec<WorklistCriterion> {
    let Some(me) = viewer.identity().person() else { return Vec::new() };
    // The person's roles, each as a standing at the organization where it is held.
    let mut held = state.standings(&Subject::Installation, viewer.identity().actor(), now);
    for each in &mut held {
        each.standing = Standing::Organization;
    }
    let reads = ThingFacts::unlabelled(&held).asking(Action::Read(Read::WorklistRead), None);
    if viewer.decide(&reads).is_none() {
        return Vec::new();
    }
    let places = || state.entity::<PersonFacts>(me.uuid()).into_iter().flat_map(|facts| facts.places(now));
    match list {
        Worklist::Mine => {
            let mut parties = vec![Party::Person(me)];
            parties.extend(places().map(Party::Role));
            for pool in state.pools_of(me, now) {
                if state.people(Party::PoolCoordinator(pool), now).contains(&me) {
                    parties.push(Party::PoolCoordinator(pool));
                }
            }
            parties.into_iter().map(WorklistCriterion::WaitsFor).collect()
        }
        Worklist::MyPools => {
            // A thread can wait for a pool that takes part in it and does not own it.
            let of_pool = |pool| [WorklistCriterion::OwnedByPool(pool), WorklistCriterion::WaitsFor(Party::Pool(pool))];
            state.pools_of(me, now).into_iter().flat_map(of_pool).collect()
        }
        Worklist::Waiting => {
            let mut criteria = vec![WorklistCriterion::OpenedBy(me), WorklistCriterion::OwnedBy(me)];
            let coordinated = places().filter(|place| place.role == Role::Coordinator);
            criteria.extend(coordinated.map(|place| WorklistCriterion::OpenedFor(place.organization)));
            criteria
        }
    }
}

/// A page of the list that these criteria make, after a key, most urgent first: by due instant, those
/// without one last, then by id.
pub(crate) fn worklist(
    snapshot: &Snapshot,
    criteria: &[WorklistCriterion],
    after: Option<Key>,
    rows_max: usize,
) -> Result<Vec<Key>, Fault> {
    let after = after.unwrap_or(Key { number: i64::MIN, id: Uuid::nil() });
    let mut keys: Vec<Key> = Vec::new();
    for criterion in criteria {
        let (condition, of) = criterion.condition();
        let sql = format!(
            "SELECT due, thread FROM open_thread WHERE {condition} AND (due, thread) > (?2, ?3) ORDER BY due, thread LIMIT ?4"
        );
        let params: [Value; 4] =
            [of, after.number.into(), after.id.into_bytes().to_vec().into(), limit(rows_max).into()];
        snapshot.each(&sql, params_from_iter(params), |cells| {
            keys.push(Key { number: cells.number()?, id: cells.id::<ThreadId>()?.uuid() });
            Ok(())
        })?;
    }
    keys.sort_unstable_by_key(|key| (key.number, key.id));
    keys.dedup();
    keys.truncate(rows_max);
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_models::testing::{Log, at, by, organization_id, person_id, place, pool_id, sealed, thread_id};
    use care::conversation::{Closed, Owner, Reopened};
    use care::words::Role;

    fn list(log: &Log, criteria: &[WorklistCriterion]) -> Vec<ThreadId> {
        let keys = worklist(&log.snapshot(), criteria, None, 100).unwrap();
        keys.into_iter().map(|key| ThreadId::from_uuid(key.id)).collect()
    }

    fn own(log: &mut Log, thread: u128, owner: Owner) {
        let changed = OwnerChanged { by: by(1), owner, organization: organization_id(2), claim_by: None, reason: None };
        log.thread(thread, 1, ConversationEvent::OwnerChanged(changed));
    }

    #[test]
    fn each_party_is_found_by_itself_alone() {
        let mut log = Log::new();
        let parties = [
            Party::Person(person_id(2)),
            Party::Pool(pool_id(2)),
            Party::PoolCoordinator(pool_id(2)),
            Party::Role(place(Role::Coordinator)),
            Party::Role(place(Role::Administrator)),
            Party::Patient(care::ids::PatientId::from_uuid(Uuid::from_u128(2))),
            Party::Nobody,
        ];
        for (number, party) in (1..).zip(parties) {
            log.open(number, None);
            log.wait_for(number, party, None);
        }
        for (number, party) in (1..).zip(parties) {
            assert_eq!(list(&log, &[WorklistCriterion::WaitsFor(party)]), [thread_id(number)]);
        }
    }

    #[test]
    fn the_most_urgent_comes_first_and_what_has_no_due_instant_last() {
        let mut log = Log::new();
        let me = Party::Person(person_id(2));
        for (number, due) in [(1, None), (2, Some(at(900))), (3, Some(at(800))), (4, Some(at(900)))] {
            log.open(number, None);
            log.wait_for(number, me, due);
        }
        let criteria = [WorklistCriterion::WaitsFor(me), WorklistCriterion::OwnedByPool(pool_id(1))];
        assert_eq!(list(&log, &criteria), [3, 2, 4, 1].map(thread_id), "each once");
        // Page by page it is the same list.
        let (mut found, mut after) = (Vec::new(), None);
        while let Some(key) = worklist(&log.snapshot(), &criteria, after, 1).unwrap().first().copied() {
            found.push(ThreadId::from_uuid(key.id));
            after = Some(key);
        }
        assert_eq!(found, [3, 2, 4, 1].map(thread_id));
    }

    #[test]
    fn a_closed_thread_waits_for_nobody_and_comes_back_when_it_is_opened_again() {
        let mut log = Log::new();
        log.open(1, None);
        log.wait_for(1, Party::Person(person_id(2)), None);
        own(&mut log, 1, Owner::Person { person: person_id(2), pool: Some(pool_id(1)) });
        log.thread(1, 1, ConversationEvent::Closed(Closed { by: by(1), at: at(3), outcome: None }));
        let every = [
            WorklistCriterion::WaitsFor(Party::Person(person_id(2))),
            WorklistCriterion::OwnedBy(person_id(2)),
            WorklistCriterion::OpenedBy(person_id(1)),
            WorklistCriterion::OwnedByPool(pool_id(1)),
            WorklistCriterion::OpenedFor(organization_id(1)),
        ];
        assert_eq!(list(&log, &every), []);
        log.thread(1, 1, ConversationEvent::Reopened(Reopened { by: by(1), reason: sealed("thread.reopened_reason") }));
        log.wait_for(1, Party::Person(person_id(4)), None);
        assert_eq!(list(&log, &[WorklistCriterion::OwnedBy(person_id(2))]), [thread_id(1)]);
        own(&mut log, 1, Owner::Pool(pool_id(1)));
        assert_eq!(list(&log, &[WorklistCriterion::OwnedBy(person_id(2))]), []);
        assert_eq!(list(&log, &[WorklistCriterion::OwnedByPool(pool_id(1))]), [thread_id(1)]);
    }

    #[test]
    fn threads_that_wait_for_another_party_are_distinguished_from_those_that_wait_for_me() {
        let mut log = Log::new();
        log.open(1, None);
        let waiting = [
            WorklistCriterion::OpenedBy(person_id(1)),
            WorklistCriterion::OpenedFor(organization_id(1)),
            WorklistCriterion::OwnedBy(person_id(2)),
        ];
        log.wait_for(1, Party::Person(person_id(1)), None);
        assert_eq!(list(&log, &waiting), []);
        log.wait_for(1, Party::Pool(pool_id(1)), None);
        for criterion in &waiting[..2] {
            assert_eq!(list(&log, &[*criterion]), [thread_id(1)]);
        }
        own(&mut log, 1, Owner::Person { person: person_id(2), pool: None });
        assert_eq!(list(&log, &waiting[2..]), [thread_id(1)]);
        log.wait_for(1, Party::Person(person_id(2)), None);
        assert_eq!(list(&log, &waiting[2..]), []);
        assert_eq!(list(&log, &[WorklistCriterion::OpenedFor(organization_id(3))]), []);
    }

    #[test]
    fn each_criterion_searches_an_index_and_sorts_nothing() {
        let log = Log::new();
        for criterion in [
            WorklistCriterion::WaitsFor(Party::Nobody),
            WorklistCriterion::OwnedByPool(pool_id(1)),
            WorklistCriterion::OpenedBy(person_id(1)),
            WorklistCriterion::OwnedBy(person_id(1)),
            WorklistCriterion::OpenedFor(organization_id(1)),
        ] {
            let (condition, _) = criterion.condition();
            log.assert_searched(&format!(
                "SELECT due, thread FROM open_thread WHERE {condition} AND (due, thread) > (?2, ?3) ORDER BY due, thread LIMIT ?4"
            ));
        }
    }
}

//! Lists of threads, open and closed, beside the inboxes and worklists: the threads about a patient, and those of an
//! organization. What a reader may find of them, the policy says row by row.
//!
//! The list of an organization is the merge of a few indexed ranges, one for each [`Concern`] of its reader, so that few of
//! the rows that are read are not the reader's to find. Its order is that of the newest transition, which everybody who finds
//! a thread may know: a message changes no place. To add a concern: 1. a variant; 2. its condition; 3. its index in `threads.rs`.

use std::cmp::Reverse;

use care::envelope::Actor;
use care::ids::{Id, OrganizationId, PatientId, PersonId, PoolId, ThreadId};
use rusqlite::types::Value;
use rusqlite::{params, params_from_iter};
use uuid::Uuid;

use crate::fault::Fault;
use crate::read_models::Snapshot;
use crate::read_models::cells::{id, limit};
use crate::tokens::Key;

/// The key before the first row of a list whose newest row comes first.
const BEGINNING: Key = Key { number: i64::MAX, id: Uuid::nil() };

/// The threads about a patient, the newest first.
pub(crate) fn about(
    snapshot: &Snapshot,
    patient: PatientId,
    after: Option<Key>,
    rows_max: usize,
) -> Result<Vec<Key>, Fault> {
    let after = after.unwrap_or(BEGINNING);
    let parameters = params![id(patient), after.number, after.id.into_bytes(), limit(rows_max)];
    let mut keys = Vec::new();
    snapshot.each(ABOUT, parameters, |cells| {
        keys.push(Key { number: cells.number()?, id: cells.id::<ThreadId>()?.uuid() });
        Ok(())
    })?;
    Ok(keys)
}

const ABOUT: &str =
    "SELECT opened_at, thread FROM thread WHERE patient = ?1 AND opened_at <= ?2 AND (opened_at < ?2 OR thread > ?3)
     ORDER BY opened_at DESC, thread LIMIT ?4";

/// Why a thread is in the list of an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Concern {
    /// It was opened for this organization.
    AskedBy(OrganizationId),
    /// This is the organization of its owner.
    AnsweredBy(OrganizationId),
    /// This pool owns it, or its owner has it from this pool.
    OfPool(PoolId),
    /// This person asks in it, for this organization.
    RequestedBy {
        /// The person.
        person: PersonId,
        /// The organization.
        at: OrganizationId,
    },
    /// This person owns it, at this organization.
    OwnedBy {
        /// The person.
        person: PersonId,
        /// The organization.
        at: OrganizationId,
    },
}

impl Concern {
    /// The condition, and its parameters from ?4 on.
    fn condition(self) -> (&'static str, Vec<Value>) {
        let blob = |bytes: [u8; 16]| Value::Blob(bytes.to_vec());
        match self {
            Self::AskedBy(organization) => ("organization = ?4", vec![blob(id(organization))]),
            Self::AnsweredBy(organization) => ("owning_organization = ?4", vec![blob(id(organization))]),
            Self::OfPool(pool) => ("owner_pool = ?4", vec![blob(id(pool))]),
            Self::RequestedBy { person, at } => {
                let requester = Value::Text(Actor::Person(person).to_string());
                ("requester = ?4 AND organization = ?5", vec![requester, blob(id(at))])
            }
            Self::OwnedBy { person, at } => {
                ("owner_person = ?4 AND owning_organization = ?5", vec![blob(id(person)), blob(id(at))])
            }
        }
    }
}

fn concerned(condition: &str) -> String {
    format!(
        "SELECT transitioned_at, thread FROM thread
         WHERE {condition} AND transitioned_at <= ?1 AND (transitioned_at < ?1 OR thread > ?2)
         ORDER BY transitioned_at DESC, thread LIMIT ?3"
    )
}

/// A page of the list that these concerns make, after a key: the thread with the newest transition first.
pub(crate) fn concerning(
    snapshot: &Snapshot,
    concerns: &[Concern],
    after: Option<Key>,
    rows_max: usize,
) -> Result<Vec<Key>, Fault> {
    let after = after.unwrap_or(BEGINNING);
    let mut keys: Vec<Key> = Vec::new();
    for concern in concerns {
        let (condition, of) = concern.condition();
        let place: [Value; 3] = [after.number.into(), after.id.into_bytes().to_vec().into(), limit(rows_max).into()];
        snapshot.each(&concerned(condition), params_from_iter(place.into_iter().chain(of)), |cells| {
            keys.push(Key { number: cells.number()?, id: cells.id::<ThreadId>()?.uuid() });
            Ok(())
        })?;
    }
    keys.sort_unstable_by_key(|key| (Reverse(key.number), key.id));
    keys.dedup();
    keys.truncate(rows_max);
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_models::testing::{Log, by, organization_id, person_id, pool_id, sealed, thread_id};
    use care::conversation::{Addressed, Closed, ConversationEvent, Owner, OwnerChanged, Party, RequesterChanged};

    fn list(log: &Log, concerns: &[Concern]) -> Vec<ThreadId> {
        let keys = concerning(&log.snapshot(), concerns, None, 100).unwrap();
        keys.into_iter().map(|key| ThreadId::from_uuid(key.id)).collect()
    }

    fn own(log: &mut Log, thread: u128, owner: Owner, organization: u128) {
        let (by, organization) = (by(1), organization_id(organization));
        let changed = OwnerChanged { by, owner, organization, claim_by: None, reason: None };
        log.thread(thread, 1, ConversationEvent::OwnerChanged(changed));
    }

    #[test]
    fn a_thread_is_in_the_lists_of_who_asks_and_who_answers_and_of_its_pool() {
        let mut log = Log::new();
        log.open(1, None);
        let (asking, answering, other) = (organization_id(1), organization_id(2), organization_id(3));
        let person = person_id(2);
        let all = [
            Concern::AskedBy(asking),
            Concern::AnsweredBy(answering),
            Concern::OfPool(pool_id(1)),
            Concern::RequestedBy { person: person_id(1), at: asking },
        ];
        for concern in &all {
            assert_eq!(list(&log, &[*concern]), [thread_id(1)], "{concern:?}");
        }
        let none = [
            Concern::AskedBy(answering),
            Concern::AnsweredBy(asking),
            Concern::OfPool(pool_id(2)),
            Concern::RequestedBy { person, at: asking },
            Concern::RequestedBy { person: person_id(1), at: answering },
            Concern::OwnedBy { person, at: answering },
        ];
        for concern in &none {
            assert_eq!(list(&log, &[*concern]), [], "{concern:?}");
        }
        // In one list, what has several reasons stands once.
        assert_eq!(list(&log, &all), [thread_id(1)]);

        // After a claim it is still the pool's, and after it is closed as well.
        own(&mut log, 1, Owner::Person { person, pool: Some(pool_id(1)) }, 2);
        log.thread(1, 1, ConversationEvent::Closed(Closed { by: by(1), at: log.now(), outcome: None }));
        for concern in [Concern::OfPool(pool_id(1)), Concern::OwnedBy { person, at: answering }] {
            assert_eq!(list(&log, &[concern]), [thread_id(1)], "{concern:?}");
        }
        own(&mut log, 1, Owner::Pool(pool_id(5)), 3);
        assert_eq!(list(&log, &[Concern::AnsweredBy(other)]), [thread_id(1)]);
        for concern in [Concern::AnsweredBy(answering), Concern::OwnedBy { person, at: answering }] {
            assert_eq!(list(&log, &[concern]), [], "{concern:?}");
        }
    }

    #[test]
    fn what_changed_last_comes_first_and_a_message_changes_no_place() {
        let mut log = Log::new();
        for thread in 1..=4 {
            log.open(thread, None);
        }
        log.wait_for(2, Party::Pool(pool_id(1)), None);
        log.post(1, 3, 1, Addressed::ClinicalTeam);
        let concerns = [Concern::AskedBy(organization_id(1)), Concern::OfPool(pool_id(1))];
        let expected = [2, 4, 3, 1].map(thread_id);
        assert_eq!(list(&log, &concerns), expected);
        // Page by page it is the same list.
        let (mut found, mut after) = (Vec::new(), None);
        while let Some(key) = concerning(&log.snapshot(), &concerns, after, 1).unwrap().first().copied() {
            found.push(ThreadId::from_uuid(key.id));
            after = Some(key);
        }
        assert_eq!(found, expected);
    }

    #[test]
    fn who_handed_the_request_over_does_not_list_it_any_more() {
        let mut log = Log::new();
        log.open(1, None);
        let (at, reason) = (organization_id(1), sealed("thread.requester_reason"));
        let changed =
            RequesterChanged { by: by(1), requester: person_id(6), role: care::words::Role::Physician, reason };
        log.thread(1, 1, ConversationEvent::RequesterChanged(changed));
        assert_eq!(list(&log, &[Concern::RequestedBy { person: person_id(1), at }]), []);
        assert_eq!(list(&log, &[Concern::RequestedBy { person: person_id(6), at }]), [thread_id(1)]);
    }

    #[test]
    fn each_list_searches_an_index_and_sorts_nothing() {
        let (log, person, at) = (Log::new(), person_id(1), organization_id(1));
        for concern in [
            Concern::AskedBy(at),
            Concern::AnsweredBy(at),
            Concern::OfPool(pool_id(1)),
            Concern::RequestedBy { person, at },
            Concern::OwnedBy { person, at },
        ] {
            log.assert_searched(&concerned(concern.condition().0));
        }
        log.assert_searched(ABOUT);
    }
}

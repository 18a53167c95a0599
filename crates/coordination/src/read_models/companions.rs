//! Which persons a thread names, or have acted in it: where a reader can have met a person.
//!
//! It only says where to look. What the thread shows to a reader, its rows and the policy say.

use care::conversation::{
    Addressed, ConversationEvent, MessagePosted, Opened, OwnerChanged, ParticipantAdded, ParticipantInvited, Party,
    TurnPassed,
};
use care::ids::{PersonId, ThreadId};
use care::thread::ThreadEvent;
use rusqlite::types::Value;
use rusqlite::{params, params_from_iter};

use crate::fault::Fault;
use crate::read_models::cells::{id, limit};
use crate::read_models::fold::{Fold, Folded};
use crate::read_models::lifecycle::named_by;
use crate::read_models::worklist::WorklistCriterion;
use crate::read_models::{ReadModel, Shape, Snapshot};

const SCHEMA: &str = "
CREATE TABLE companion (person BLOB, thread BLOB, PRIMARY KEY (person, thread)) STRICT, WITHOUT ROWID;
";

/// The persons of each thread.
pub(super) struct Companions;

impl ReadModel for Companions {
    const SHAPES: &'static [Shape] = &[Shape { schema: SCHEMA, fold_version: 2 }];

    fn fold(fold: &Fold<'_>) -> Folded {
        let Some((thread, event)) = fold.thread() else { return Ok(()) };
        let named: Option<PersonId> = match event {
            ThreadEvent::Conversation(event) => match event {
                ConversationEvent::Opened(Opened { owner, .. })
                | ConversationEvent::OwnerChanged(OwnerChanged { owner, .. }) => owner.person(),
                ConversationEvent::RequesterChanged(changed) => Some(changed.requester),
                ConversationEvent::ParticipantAdded(ParticipantAdded { person, .. })
                | ConversationEvent::ParticipantInvited(ParticipantInvited { person, .. }) => Some(*person),
                ConversationEvent::MessagePosted(MessagePosted { addressed, .. }) => match addressed {
                    Addressed::Everyone | Addressed::ClinicalTeam => None,
                    Addressed::Named(named) => {
                        named.iter().try_for_each(|person| add(fold, *person, thread))?;
                        None
                    }
                    Addressed::TeamAnd(person) => Some(*person),
                },
                ConversationEvent::TurnPassed(TurnPassed { to, .. }) => match to.party {
                    Party::Person(person) => Some(person),
                    Party::Pool(_) | Party::PoolCoordinator(_) | Party::Role(_) | Party::Patient(_) | Party::Nobody => {
                        None
                    }
                },
                // These name nobody who was not named before.
                ConversationEvent::ParticipantDeclined(_)
                | ConversationEvent::InvitationExpired(_)
                | ConversationEvent::WindowChanged(_)
                | ConversationEvent::ParticipantRemoved(_)
                | ConversationEvent::Labelled(_)
                | ConversationEvent::Released(_)
                | ConversationEvent::ReadMarked(_)
                | ConversationEvent::ThreadPutAway(_)
                | ConversationEvent::HiddenFromDelegates(_)
                | ConversationEvent::PatientDied(_)
                | ConversationEvent::ShownToDelegates(_)
                | ConversationEvent::Closed(_)
                | ConversationEvent::Reopened(_) => None,
            },
            ThreadEvent::Lifecycle(event) => named_by(event),
        };
        let acting = fold.recorded().metadata.actor.person();
        named.into_iter().chain(acting).try_for_each(|person| add(fold, person, thread))
    }
}

fn add(fold: &Fold<'_>, person: PersonId, thread: ThreadId) -> Folded {
    fold.run("INSERT OR IGNORE INTO companion (person, thread) VALUES (?1, ?2)", params![id(person), id(thread)])
}

/// Threads of a reader, those with another person first.
pub(crate) struct ThreadsTogether<'a> {
    pub reader: PersonId,
    pub with: PersonId,
    /// By what a thread that is not in the reader's inbox is in one of their worklists.
    pub criteria: &'a [WorklistCriterion],
    pub threads_max: usize,
}

/// The threads of the reader's lists, those with the other person first. Threads without that person fill the number,
/// so the number of rows depends on the reader alone.
pub(crate) fn threads_together(snapshot: &Snapshot, asked: &ThreadsTogether<'_>) -> Result<Vec<ThreadId>, Fault> {
    let ThreadsTogether { reader, with, criteria, threads_max } = asked;
    let reader = Value::Blob(id(*reader).to_vec());
    let lists = criteria.iter().map(|criterion| criterion.condition());
    let lists = lists.map(|(condition, of)| (format!("open_thread WHERE {condition}"), of));
    let mut found: Vec<(bool, ThreadId)> = Vec::new();
    for (list, of) in lists.chain([("inbox WHERE person = ?1".to_owned(), reader)]) {
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM companion WHERE person = ?2 AND thread = listed.thread) AS together, thread
             FROM (SELECT DISTINCT thread FROM {list}) AS listed ORDER BY together DESC, thread LIMIT ?3"
        );
        let params = [of, Value::Blob(id(*with).to_vec()), limit(*threads_max).into()];
        snapshot.each(&sql, params_from_iter(params), |cells| {
            found.push((cells.flag()?, cells.id()?));
            Ok(())
        })?;
    }
    found.sort_unstable_by_key(|(together, thread)| (!together, *thread));
    found.dedup();
    found.truncate(*threads_max);
    Ok(found.into_iter().map(|(_, thread)| thread).collect())
}

#[cfg(test)]
mod tests {
    use care::conversation::Addressed;
    use care::ids::PoolId;

    use super::*;
    use crate::read_models::testing::{Log, person_id, pool_id, thread_id};

    fn together(log: &Log, reader: u128, with: u128, criteria: &[WorklistCriterion]) -> (Vec<ThreadId>, u64) {
        let snapshot = log.snapshot();
        let asked = ThreadsTogether { reader: person_id(reader), with: person_id(with), criteria, threads_max: 2 };
        let found = threads_together(&snapshot, &asked).unwrap();
        (found, snapshot.rows_read())
    }

    /// Three threads of person 1; in the last, 4 has written and 5 was asked to act.
    fn log() -> Log {
        let mut log = Log::new();
        for thread in 1..4 {
            log.open(thread, None);
        }
        log.post(3, 4, 1, Addressed::Everyone);
        log.wait_for(3, Party::Person(person_id(5)), None);
        log
    }

    #[test]
    fn a_thread_with_the_person_comes_first_and_others_fill_the_number() {
        let log = log();
        assert_eq!(together(&log, 1, 4, &[]), (vec![thread_id(3), thread_id(1)], 2));
        assert_eq!(together(&log, 1, 5, &[]).0, [thread_id(3), thread_id(1)]);
        assert_eq!(together(&log, 1, 9, &[]), (vec![thread_id(1), thread_id(2)], 2), "as many rows for a stranger");
        assert_eq!(together(&log, 9, 4, &[]), (vec![], 0), "the threads are those of the reader");
    }

    #[test]
    fn a_worklist_counts_as_well() {
        let log = log();
        let pool: PoolId = pool_id(1);
        let of_pool = [WorklistCriterion::OwnedByPool(pool)];
        assert_eq!(together(&log, 9, 4, &of_pool).0, [thread_id(3), thread_id(1)]);
    }
}

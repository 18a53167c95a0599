//! Who takes part in a thread, now and before: who opened it, and everybody who was added.

use care::conversation::{ConversationEvent, Opened, ParticipantAdded, ParticipantRemoved, Since, WindowChanged};
use care::envelope::Actor;
use care::ids::{OrganizationId, PersonId, ThreadId};
use care::thread::ThreadEvent;
use care::words::{RemovalReason, Role};
use chrono::{DateTime, Utc};
use policy::decide::Permit;
use policy::visible::Redact;
use rusqlite::params;

use crate::fault::Fault;
use crate::read_models::cells::id;
use crate::read_models::fold::{Fold, Folded};
use crate::read_models::{ReadModel, Shape, Snapshot};

const SCHEMA: &str = "
CREATE TABLE participant (
  thread BLOB, person BLOB, revision INTEGER,             -- of the event by which they came in
  role TEXT NOT NULL, organization BLOB NOT NULL,
  is_opener INTEGER NOT NULL, by_care_team INTEGER NOT NULL, added_by TEXT NOT NULL, since INTEGER NOT NULL,
  from_number INTEGER, from_at INTEGER,                   -- the window; null: all of the history
  ended_at INTEGER, removal TEXT,
  PRIMARY KEY (thread, person, revision)
) STRICT, WITHOUT ROWID;
";

/// Participants.
pub(super) struct Participants;

impl ReadModel for Participants {
    const SHAPES: &'static [Shape] = &[Shape { schema: SCHEMA, fold_version: 1 }];

    fn fold(fold: &Fold<'_>) -> Folded {
        let Some((thread, ThreadEvent::Conversation(event))) = fold.thread() else { return Ok(()) };
        match event {
            ConversationEvent::Opened(Opened { by: Actor::Person(person), role, organization, .. }) => insert(
                fold,
                thread,
                &Joined {
                    person: *person,
                    role: *role,
                    organization: *organization,
                    is_opener: true,
                    by_care_team: false,
                    added_by: Actor::Person(*person),
                    since: None,
                },
            ),
            ConversationEvent::ParticipantAdded(added) => {
                let ParticipantAdded { by, person, place, since, by_care_team, reason: _ } = added;
                // A kind may make the opener a participant, in a role of their own.
                fold.run(
                    "DELETE FROM participant WHERE thread = ?1 AND person = ?2 AND is_opener = 1",
                    params![id(thread), id(*person)],
                )?;
                insert(
                    fold,
                    thread,
                    &Joined {
                        person: *person,
                        role: place.role,
                        organization: place.organization,
                        is_opener: false,
                        by_care_team: *by_care_team,
                        added_by: *by,
                        since: *since,
                    },
                )
            }
            ConversationEvent::ParticipantRemoved(ParticipantRemoved { by: _, person, reason, note: _ }) => fold.run(
                "UPDATE participant SET ended_at = ?3, removal = ?4
                 WHERE thread = ?1 AND person = ?2 AND ended_at IS NULL AND is_opener = 0",
                params![id(thread), id(*person), fold.at, reason.word()],
            ),
            ConversationEvent::WindowChanged(WindowChanged { by: _, person, since, reason: _ }) => fold.run(
                "UPDATE participant SET from_number = ?3, from_at = ?4 WHERE thread = ?1 AND person = ?2 AND ended_at IS NULL",
                params![
                    id(thread),
                    id(*person),
                    since.map(|since| since.number),
                    since.map(|since| since.at.timestamp_micros())
                ],
            ),
            ConversationEvent::Opened(_)
            | ConversationEvent::ParticipantInvited(_)
            | ConversationEvent::ParticipantDeclined(_)
            | ConversationEvent::InvitationExpired(_)
            | ConversationEvent::OwnerChanged(_)
            | ConversationEvent::TurnPassed(_)
            | ConversationEvent::Labelled(_)
            | ConversationEvent::Released(_)
            | ConversationEvent::MessagePosted(_)
            | ConversationEvent::ReadMarked(_)
            | ConversationEvent::Closed(_)
            | ConversationEvent::Reopened(_) => Ok(()),
        }
    }
}

struct Joined {
    person: PersonId,
    role: Role,
    organization: OrganizationId,
    is_opener: bool,
    by_care_team: bool,
    added_by: Actor,
    since: Option<Since>,
}

fn insert(fold: &Fold<'_>, thread: ThreadId, joined: &Joined) -> Folded {
    let Joined { person, role, organization, is_opener, by_care_team, added_by, since } = joined;
    fold.run(
        "INSERT INTO participant (thread, person, revision, role, organization, is_opener, by_care_team, added_by, since,
            from_number, from_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            id(thread),
            id(*person),
            fold.revision(),
            role.word(),
            id(*organization),
            is_opener,
            by_care_team,
            added_by.to_string(),
            fold.at,
            since.map(|since| since.number),
            since.map(|since| since.at.timestamp_micros())
        ],
    )
}

/// Somebody who takes part in a thread, or took part.
#[derive(Debug, Clone)]
pub struct ParticipantRow {
    /// Who.
    pub person: PersonId,
    /// In which role.
    pub role: Role,
    /// Of which organization.
    pub organization: OrganizationId,
    /// Whether they are listed because they opened the thread, and were not added to it.
    pub is_opener: bool,
    /// By whom they were added; themself, if they opened it or accepted an invitation.
    pub added_by: Actor,
    /// Since when.
    pub since: DateTime<Utc>,
    /// From which instant on they see the thread; none: all of it.
    pub sees_from: Option<DateTime<Utc>>,
    /// When it ended; none while they take part.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it ended; none also when their place on the care team ended, on which it rested.
    pub removal: Option<RemovalReason>,
    pub(crate) revision: i64,
}

impl Redact for ParticipantRow {
    fn redact(self, _: &Permit) -> Self {
        // Who may list the participants may know all of this; names are rows of their own.
        let Self { person, role, organization, is_opener, added_by, since, sees_from, ended_at, removal, revision } =
            self;
        Self { person, role, organization, is_opener, added_by, since, sees_from, ended_at, removal, revision }
    }
}

/// Everybody who takes part in a thread or took part, in the order in which they came in.
pub(crate) fn participants(snapshot: &Snapshot, thread: ThreadId) -> Result<Vec<ParticipantRow>, Fault> {
    let mut participants = Vec::new();
    // A place that rests on the care team ends with the place there.
    let sql = "SELECT p.person, p.role, p.organization, p.is_opener, p.added_by, p.since, p.from_at,
                   coalesce(p.ended_at, CASE WHEN p.by_care_team THEN (SELECT c.ended_at FROM thread t
                       JOIN care_team c ON c.patient = t.patient WHERE t.thread = p.thread AND c.person = p.person) END),
                   p.removal, p.revision
               FROM participant p WHERE p.thread = ?1 ORDER BY p.revision";
    snapshot.each(sql, [id(thread)], |cells| {
        participants.push(ParticipantRow {
            person: cells.id()?,
            role: cells.word(Role::parse)?,
            organization: cells.id()?,
            is_opener: cells.flag()?,
            added_by: cells.actor()?,
            since: cells.time()?,
            sees_from: cells.time_or_none()?,
            ended_at: cells.time_or_none()?,
            removal: cells.word_or_none(RemovalReason::parse)?,
            revision: cells.number()?,
        });
        Ok(())
    })?;
    Ok(participants)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_models::testing::{Log, at, by, organization_id, person_id, sealed, thread_id};

    fn rows(log: &Log) -> Vec<ParticipantRow> {
        participants(&log.snapshot(), thread_id(1)).unwrap()
    }

    fn now(log: &Log) -> Vec<PersonId> {
        rows(log).into_iter().filter(|row| row.ended_at.is_none()).map(|row| row.person).collect()
    }

    fn remove(log: &mut Log, person: u128, reason: RemovalReason) {
        let removed = ParticipantRemoved { by: by(1), person: person_id(person), reason, note: None };
        log.thread(1, 1, ConversationEvent::ParticipantRemoved(removed));
    }

    #[test]
    fn the_opener_is_listed_with_the_role_in_which_they_opened_it() {
        let mut log = Log::new();
        log.open(1, None);
        let [opener] = <[ParticipantRow; 1]>::try_from(rows(&log)).unwrap();
        assert_eq!(
            (opener.person, opener.role, opener.organization),
            (person_id(1), Role::Physician, organization_id(1))
        );
        assert!(opener.is_opener && opener.sees_from.is_none());
        // A kind that makes the opener a participant lists them once, in that place.
        log.add(1, 1, None, false);
        let [opener] = <[ParticipantRow; 1]>::try_from(rows(&log)).unwrap();
        assert!(!opener.is_opener && opener.role == Role::Nurse);
    }

    #[test]
    fn who_left_is_listed_with_when_and_why_also_after_coming_back() {
        let mut log = Log::new();
        log.open(1, None);
        log.add(1, 2, Some(Since { number: 4, at: at(2) }), false);
        remove(&mut log, 2, RemovalReason::Left);
        log.add(1, 2, None, false);
        let of_two: Vec<_> = rows(&log).into_iter().filter(|row| row.person == person_id(2)).collect();
        let shown: Vec<_> =
            of_two.iter().map(|row| (row.since, row.sees_from, row.ended_at, row.removal, row.added_by)).collect();
        let left = Some(RemovalReason::Left);
        assert_eq!(shown, [(at(2), Some(at(2)), Some(at(3)), left, by(1)), (at(4), None, None, None, by(1))]);
        assert_eq!(now(&log), [person_id(1), person_id(2)]);
    }

    #[test]
    fn a_changed_window_is_that_of_the_place_held_now() {
        let mut log = Log::new();
        log.open(1, None);
        log.add(1, 2, Some(Since { number: 4, at: at(2) }), false);
        let changed = WindowChanged { by: by(1), person: person_id(2), since: None, reason: sealed("r") };
        log.thread(1, 1, ConversationEvent::WindowChanged(changed));
        assert_eq!(rows(&log).last().unwrap().sees_from, None);
    }

    #[test]
    fn a_place_that_rests_on_the_care_team_ends_and_comes_back_with_it() {
        let mut log = Log::new();
        log.patient(7, None);
        log.join(7, 2, Role::Nurse);
        log.open(1, Some(7));
        log.add(1, 2, None, true);
        assert_eq!(now(&log), [person_id(1), person_id(2)]);
        log.leave(7, 2);
        assert_eq!(now(&log), [person_id(1)]);
        assert_eq!(rows(&log).last().unwrap().ended_at, Some(at(5)));
        log.join(7, 2, Role::Nurse);
        assert_eq!(now(&log), [person_id(1), person_id(2)]);
    }
}

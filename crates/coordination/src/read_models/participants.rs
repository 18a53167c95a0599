//! Who takes part in a thread, now and before: who opened it, and everybody who was added; and who is
//! invited and has not answered.

use care::conversation::{
    ConversationEvent, HistoryWindow, InvitationExpired, Opened, ParticipantAdded, ParticipantDeclined,
    ParticipantInvited, ParticipantRemoved, RequesterChanged, Since, WindowChanged,
};
use care::envelope::Actor;
use care::ids::{OrganizationId, PersonId, ThreadId};
use care::thread::ThreadEvent;
use care::words::{RemovalReason, Role};
use chrono::{DateTime, Utc};
use policy::decide::Permit;
use policy::visible::{Opens, Redact};
use policy::words::{Action, Read};
use rusqlite::params;

use crate::fault::Fault;
use crate::read_models::cells::{Cells, id};
use crate::read_models::fold::{Fold, FoldError, Folded};
use crate::read_models::{ReadModel, Shape, Snapshot};
use crate::sealing::TextCell;

const SCHEMA: &str = "
CREATE TABLE participant (
  thread BLOB, person BLOB, revision INTEGER,             -- of the event by which they came in
  role TEXT NOT NULL, organization BLOB NOT NULL,
  is_opener INTEGER NOT NULL, by_care_team INTEGER NOT NULL, added_by TEXT NOT NULL, since INTEGER NOT NULL,
  from_number INTEGER, from_at INTEGER,                   -- the window; null: all of the history
  ended_at INTEGER, removal TEXT,
  PRIMARY KEY (thread, person, revision)
) STRICT, WITHOUT ROWID;
-- Those who were not answered and have not ended.
CREATE TABLE invitation (
  thread BLOB, person BLOB, revision INTEGER NOT NULL,    -- of the event by which they were invited
  role TEXT NOT NULL, organization BLOB NOT NULL,
  invited_by TEXT NOT NULL, invited_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  history TEXT NOT NULL, reason BLOB,
  PRIMARY KEY (thread, person)
) STRICT, WITHOUT ROWID;
";

/// Participants and invitations.
pub(super) struct Participants;

impl ReadModel for Participants {
    const SHAPES: &'static [Shape] = &[Shape { schema: SCHEMA, fold_version: 3 }];

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
                invitation_ended(fold, thread, *person)?;
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
            ConversationEvent::ParticipantRemoved(ParticipantRemoved { by: _, person, reason, note: _ }) => {
                invitation_ended(fold, thread, *person)?;
                fold.run(
                    "UPDATE participant SET ended_at = ?3, removal = ?4
                     WHERE thread = ?1 AND person = ?2 AND ended_at IS NULL AND is_opener = 0",
                    params![id(thread), id(*person), fold.at, reason.word()],
                )
            }
            ConversationEvent::RequesterChanged(changed) => handed_over(fold, thread, changed),
            ConversationEvent::ParticipantInvited(invited) => invite(fold, thread, invited),
            ConversationEvent::ParticipantDeclined(ParticipantDeclined { by: Actor::Person(person) })
            | ConversationEvent::InvitationExpired(InvitationExpired { by: _, person }) => {
                invitation_ended(fold, thread, *person)
            }
            ConversationEvent::WindowChanged(WindowChanged { by: _, person, since, reason: _ }) => fold.run(
                "UPDATE participant SET from_number = ?3, from_at = ?4 WHERE thread = ?1 AND person = ?2 AND ended_at IS NULL",
                params![
                    id(thread),
                    id(*person),
                    since.map(|since| since.number),
                    since.map(|since| since.at.timestamp_micros())
                ],
            ),
            // Opened by no person, and answered by nobody.
            ConversationEvent::Opened(_)
            | ConversationEvent::ParticipantDeclined(_)
            | ConversationEvent::OwnerChanged(_)
            | ConversationEvent::TurnPassed(_)
            | ConversationEvent::Labelled(_)
            | ConversationEvent::Released(_)
            | ConversationEvent::MessagePosted(_)
            | ConversationEvent::ReadMarked(_)
            | ConversationEvent::ThreadPutAway(_)
            | ConversationEvent::HiddenFromDelegates(_)
            | ConversationEvent::PatientDied(_)
            | ConversationEvent::ShownToDelegates(_)
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

/// Another person asks. Who asked before has left, or was removed if another person handed over.
fn handed_over(fold: &Fold<'_>, thread: ThreadId, changed: &RequesterChanged) -> Folded {
    let RequesterChanged { by, requester, role, reason: _ } = changed;
    fold.run(
        "UPDATE participant SET ended_at = ?3, removal = CASE WHEN ?2 = 'person-' || lower(hex(person)) THEN ?4 ELSE ?5 END
         WHERE thread = ?1 AND ended_at IS NULL AND is_opener = 1",
        params![id(thread), by.to_string(), fold.at, RemovalReason::Left.word(), RemovalReason::Removed.word()],
    )?;
    // They have a place already if they took part before, and keep that too.
    fold.run(
        "INSERT INTO participant (thread, person, revision, role, organization, is_opener, by_care_team, added_by, since)
         SELECT thread, ?2, ?3, ?4, organization, 1, 0, ?5, ?6 FROM thread WHERE thread = ?1
         AND NOT EXISTS (SELECT 1 FROM participant WHERE thread = ?1 AND person = ?2 AND ended_at IS NULL)",
        params![id(thread), id(*requester), fold.revision(), role.word(), by.to_string(), fold.at],
    )
}

fn invite(fold: &Fold<'_>, thread: ThreadId, invited: &ParticipantInvited) -> Folded {
    let ParticipantInvited { by, person, place, history, expires_at, reason } = invited;
    fold.run(
        "INSERT OR REPLACE INTO invitation (thread, person, revision, role, organization, invited_by, invited_at,
            expires_at, history, reason)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            id(thread),
            id(*person),
            fold.revision(),
            place.role.word(),
            id(place.organization),
            by.to_string(),
            fold.at,
            expires_at.timestamp_micros(),
            serde_json::to_string(history).map_err(FoldError::from)?,
            fold.cell_or_none(reason.as_ref())?
        ],
    )
}

fn invitation_ended(fold: &Fold<'_>, thread: ThreadId, person: PersonId) -> Folded {
    fold.run("DELETE FROM invitation WHERE thread = ?1 AND person = ?2", params![id(thread), id(person)])
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
        // A person who may list the participants may know all of this; names are separate rows.
        let Self { person, role, organization, is_opener, added_by, since, sees_from, ended_at, removal, revision } =
            self;
        Self { person, role, organization, is_opener, added_by, since, sees_from, ended_at, removal, revision }
    }
}

/// Everybody who takes part in a thread or took part, in the order in which they came in.
pub(crate) fn participants(snapshot: &Snapshot, thread: ThreadId) -> Result<Vec<ParticipantRow>, Fault> {
    let mut participants = Vec::new();
    // A place that rests on the care team ends with the place there, and the person may have had several there.
    let sql = "SELECT p.person, p.role, p.organization, p.is_opener, p.added_by, p.since, p.from_at,
                   coalesce(p.ended_at, CASE WHEN p.by_care_team THEN (SELECT c.ended_at FROM thread t
                       JOIN care_team c ON c.patient = t.patient WHERE t.thread = p.thread AND c.person = p.person
                       ORDER BY c.ended_at IS NOT NULL, c.ended_at DESC LIMIT 1) END),
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

/// Somebody who is invited into a thread and has not answered.
#[derive(Debug)]
pub struct InvitationRow {
    /// Who.
    pub person: PersonId,
    /// The role in which they would take part.
    pub role: Role,
    /// Of which organization.
    pub organization: OrganizationId,
    /// By whom.
    pub invited_by: Actor,
    /// When.
    pub invited_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
    /// How much of the history they would see.
    pub history: HistoryWindow,
    /// Why; none if no reason was given.
    pub reason: Option<TextCell>,
}

impl Redact for InvitationRow {
    fn redact(self, permit: &Permit) -> Self {
        let Self { person, role, organization, invited_by, invited_at, expires_at, history, reason } = self;
        // The reason is content, and lies within the window of its reader or is not shown.
        let reads = permit.action() == Action::Read(Read::ThreadRead) && permit.reach().covers_at(invited_at);
        let reason = reason.map(|reason| if reads { reason } else { TextCell::Withheld });
        Self { person, role, organization, invited_by, invited_at, expires_at, history, reason }
    }
}

impl Opens for InvitationRow {
    type Text = TextCell;
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
        let Self {
            person: _,
            role: _,
            organization: _,
            invited_by: _,
            invited_at: _,
            expires_at: _,
            history: _,
            reason,
        } = self;
        reason.iter_mut().for_each(open);
    }
}

const INVITATION: &str =
    "SELECT person, role, organization, invited_by, invited_at, expires_at, history, reason FROM invitation";

fn invitation_row(cells: &mut Cells<'_>) -> Result<InvitationRow, Fault> {
    Ok(InvitationRow {
        person: cells.id()?,
        role: cells.word(Role::parse)?,
        organization: cells.id()?,
        invited_by: cells.actor()?,
        invited_at: cells.time()?,
        expires_at: cells.time()?,
        history: cells.json()?,
        reason: cells.cell_or_none()?,
    })
}

/// Everybody who is invited into a thread, in the order in which they were invited.
pub(crate) fn invitations(snapshot: &Snapshot, thread: ThreadId) -> Result<Vec<InvitationRow>, Fault> {
    let mut invitations = Vec::new();
    snapshot.each(&format!("{INVITATION} WHERE thread = ?1 ORDER BY revision"), [id(thread)], |cells| {
        invitations.push(invitation_row(cells)?);
        Ok(())
    })?;
    Ok(invitations)
}

/// The invitation of one person into a thread.
pub(crate) fn invitation(
    snapshot: &Snapshot,
    thread: ThreadId,
    person: PersonId,
) -> Result<Option<InvitationRow>, Fault> {
    let sql = format!("{INVITATION} WHERE thread = ?1 AND person = ?2");
    snapshot.one(&sql, [id(thread), id(person)], invitation_row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_models::testing::thread_id;
    use crate::read_models::testing::{Log, at, by, message_id, organization_id, permit, person_id, place, sealed};

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
    fn a_former_participant_is_listed_with_time_and_reason_even_after_returning() {
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

    fn invited(person: u128, history: HistoryWindow) -> ConversationEvent {
        ConversationEvent::ParticipantInvited(ParticipantInvited {
            by: by(1),
            person: person_id(person),
            place: place(Role::Pharmacist),
            history,
            expires_at: at(900),
            reason: Some(sealed("thread.invited_reason")),
        })
    }

    fn open_invitations(log: &Log) -> Vec<PersonId> {
        invitations(&log.snapshot(), thread_id(1)).unwrap().into_iter().map(|row| row.person).collect()
    }

    #[test]
    fn an_invitation_is_there_until_it_is_answered_expires_or_is_taken_back() {
        let mut log = Log::new();
        log.open(1, None);
        for person in [6, 5, 4, 3] {
            log.thread(1, 1, invited(person, HistoryWindow::Full));
        }
        assert_eq!(open_invitations(&log), [6, 5, 4, 3].map(person_id));
        log.add(1, 3, None, false);
        assert_eq!(open_invitations(&log), [6, 5, 4].map(person_id));
        log.thread(1, 4, ConversationEvent::ParticipantDeclined(ParticipantDeclined { by: by(4) }));
        assert_eq!(open_invitations(&log), [6, 5].map(person_id));
        let expired = InvitationExpired { by: Actor::Installation, person: person_id(5) };
        log.thread(1, 1, ConversationEvent::InvitationExpired(expired));
        assert_eq!(open_invitations(&log), [6].map(person_id));
        remove(&mut log, 6, RemovalReason::Removed);
        assert_eq!(open_invitations(&log), []);
        // Who declined can be invited again, and of another thread nothing is listed here.
        log.thread(1, 1, invited(4, HistoryWindow::FromJoin));
        log.open(2, None);
        log.thread(2, 1, invited(7, HistoryWindow::Full));
        assert_eq!(open_invitations(&log), [4].map(person_id));
        assert!(invitation(&log.snapshot(), thread_id(1), person_id(7)).unwrap().is_none());
    }

    #[test]
    fn an_invitation_names_the_inviter_the_place_and_the_end() {
        let mut log = Log::new();
        log.open(1, None);
        let windows =
            [HistoryWindow::Full, HistoryWindow::FromJoin, HistoryWindow::FromMessage(message_id(1 << 32 | 1))];
        for (person, history) in (2..).zip(windows) {
            log.thread(1, 1, invited(person, history));
            let row = invitation(&log.snapshot(), thread_id(1), person_id(person)).unwrap().unwrap();
            assert_eq!((row.person, row.invited_by, row.history), (person_id(person), by(1), history));
            assert_eq!((row.role, row.organization), (Role::Pharmacist, organization_id(1)));
            assert_eq!((row.invited_at, row.expires_at), (at(u64::try_from(person).unwrap()), at(900)));
        }
    }

    #[test]
    fn why_somebody_is_invited_is_shown_by_the_permit_to_read_the_thread_alone() {
        let mut log = Log::new();
        log.open(1, Some(7));
        log.thread(1, 1, invited(3, HistoryWindow::Full));
        let shown = |read| {
            let row = invitation(&log.snapshot(), thread_id(1), person_id(3)).unwrap().unwrap();
            let mut row = permit(read).show(row);
            let (mut sealed, mut texts) = (0, 0);
            row.open_texts(&mut |cell| {
                texts += 1;
                sealed += usize::from(matches!(cell, TextCell::Sealed(_)));
            });
            assert_eq!((row.person, row.role, texts), (person_id(3), Role::Pharmacist, 1));
            sealed
        };
        assert_eq!(shown(Read::ThreadRead), 1);
        assert_eq!((shown(Read::ThreadFind), shown(Read::ThreadListParticipants)), (0, 0));
    }
}

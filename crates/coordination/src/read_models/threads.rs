//! Threads of every kind as they are read: what everybody who finds a thread may know of it, and
//! the folded thread, by which the reader says what can be done in it.

use std::sync::LazyLock;

use care::aggregate::Aggregate;
use care::command_name::CommandName;
use care::conversation::{Closed, ConversationEvent, Opened, Owner, OwnerChanged, Party, TurnPassed};
use care::envelope::Actor;
use care::ids::{EventId, OrganizationId, PatientId, PersonId, PoolId, ThreadId};
use care::lifecycle::ThreadKind;
use care::thread::{Thread, ThreadEvent};
use care::words::{Confidentiality, Role, Sensitivity, Topic};
use chrono::{DateTime, Utc};
use journal::Revision;
use policy::decide::Permit;
use policy::visible::{Opens, Redact};
use policy::words::{Action, Read, Standing};
use rusqlite::{params, params_from_iter};

use crate::fault::Fault;
use crate::read_models::activity::{self, Activity};
use crate::read_models::cells::{Cells, id, party_text};
use crate::read_models::fold::{Fold, FoldError, Folded};
use crate::read_models::{ReadModel, Shape, Snapshot};
use crate::sealing::TextCell;

const SCHEMA: &str = "
CREATE TABLE thread (
  thread BLOB PRIMARY KEY, kind TEXT NOT NULL, patient BLOB,
  opened_by TEXT NOT NULL, opener_role TEXT NOT NULL, requester TEXT NOT NULL, organization BLOB NOT NULL,
  owning_organization BLOB NOT NULL, owner_pool BLOB, owner_person BLOB,
  waiting_party TEXT, waiting_action TEXT, waiting_since INTEGER, waiting_due INTEGER, waiting_note BLOB,
  topic TEXT NOT NULL, confidentiality TEXT NOT NULL, codes TEXT NOT NULL, released INTEGER NOT NULL, hidden INTEGER NOT NULL, state TEXT NOT NULL,
  opened_at INTEGER NOT NULL, closed_at INTEGER, outcome BLOB,
  transitioned_at INTEGER NOT NULL, state_version INTEGER NOT NULL, transition_event BLOB NOT NULL,
  subject BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX thread_of_patient ON thread (patient, opened_at DESC, thread) WHERE patient IS NOT NULL;
-- One for each concern of an organization's list, see thread_lists.rs.
CREATE INDEX thread_asked_by ON thread (organization, transitioned_at DESC, thread);
CREATE INDEX thread_answered_by ON thread (owning_organization, transitioned_at DESC, thread);
CREATE INDEX thread_of_pool ON thread (owner_pool, transitioned_at DESC, thread) WHERE owner_pool IS NOT NULL;
CREATE INDEX thread_of_requester ON thread (requester, organization, transitioned_at DESC, thread);
CREATE INDEX thread_of_owner ON thread (owner_person, owning_organization, transitioned_at DESC, thread) WHERE owner_person IS NOT NULL;
-- The thread as its commands find it, without its messages: folded by the same function.
CREATE TABLE thread_state (thread BLOB PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
";

/// Threads.
pub(super) struct Threads;

impl ReadModel for Threads {
    const SHAPES: &'static [Shape] = &[Shape { schema: SCHEMA, fold_version: 4 }];

    fn fold(fold: &Fold<'_>) -> Folded {
        let Some((thread, event)) = fold.thread() else { return Ok(()) };
        match event {
            ThreadEvent::Conversation(event) => match event {
                // Nothing that the row or the folded thread shows rests on these.
                ConversationEvent::MessagePosted(_)
                | ConversationEvent::ReadMarked(_)
                | ConversationEvent::ThreadPutAway(_) => return Ok(()),
                ConversationEvent::Opened(opened) => opened_thread(fold, thread, opened)?,
                ConversationEvent::OwnerChanged(changed) => {
                    let OwnerChanged { by: _, owner, organization, claim_by: _, reason: _ } = changed;
                    let Owned { pool, person } = Owned::by(*owner);
                    fold.run(
                        "UPDATE thread SET owner_pool = ?2, owner_person = ?3, owning_organization = ?4 WHERE thread = ?1",
                        params![id(thread), pool, person, id(*organization)],
                    )?;
                }
                ConversationEvent::RequesterChanged(changed) => fold.run(
                    "UPDATE thread SET requester = ?2 WHERE thread = ?1",
                    params![id(thread), Actor::Person(changed.requester).to_string()],
                )?,
                ConversationEvent::TurnPassed(TurnPassed { by: _, to, note, promised: _ }) => fold.run(
                    "UPDATE thread SET waiting_party = ?2, waiting_action = ?3, waiting_since = ?4, waiting_due = ?5, waiting_note = ?6
                     WHERE thread = ?1",
                    params![
                        id(thread),
                        party_text(to.party),
                        to.action.word(),
                        fold.at,
                        to.due.map(|due| due.timestamp_micros()),
                        fold.cell_or_none(note.as_ref())?
                    ],
                )?,
                ConversationEvent::Labelled(labelled) => fold.run(
                    "UPDATE thread SET confidentiality = ?2, codes = ?3 WHERE thread = ?1",
                    params![id(thread), labelled.confidentiality.word(), codes(&labelled.sensitivities)],
                )?,
                ConversationEvent::Released(_) => {
                    fold.run("UPDATE thread SET released = 1 WHERE thread = ?1", params![id(thread)])?;
                }
                ConversationEvent::HiddenFromDelegates(_) => {
                    fold.run("UPDATE thread SET hidden = 1 WHERE thread = ?1", params![id(thread)])?;
                }
                ConversationEvent::ShownToDelegates(_) => {
                    fold.run("UPDATE thread SET hidden = 0 WHERE thread = ?1", params![id(thread)])?;
                }
                ConversationEvent::Closed(Closed { by: _, at: _, outcome }) => fold.run(
                    "UPDATE thread SET closed_at = ?2, outcome = ?3, waiting_party = NULL, waiting_action = NULL, waiting_since = NULL,
                        waiting_due = NULL, waiting_note = NULL WHERE thread = ?1",
                    params![id(thread), fold.at, fold.cell_or_none(outcome.as_ref())?],
                )?,
                ConversationEvent::Reopened(_) => {
                    fold.run("UPDATE thread SET closed_at = NULL, outcome = NULL WHERE thread = ?1", params![id(thread)])?;
                }
                ConversationEvent::ParticipantAdded(_)
                | ConversationEvent::ParticipantInvited(_)
                | ConversationEvent::ParticipantDeclined(_)
                | ConversationEvent::InvitationExpired(_)
                | ConversationEvent::WindowChanged(_)
                | ConversationEvent::ParticipantRemoved(_)
                | ConversationEvent::PatientDied(_) => {}
            },
            ThreadEvent::Lifecycle(_) => {}
        }
        evolved(fold, thread, event)?;
        if event.is_transition() {
            fold.run(
                "UPDATE thread SET transitioned_at = ?2, state_version = ?3, transition_event = ?4 WHERE thread = ?1",
                params![id(thread), fold.at, fold.revision(), id(fold.id())],
            )?;
        }
        Ok(())
    }
}

fn opened_thread(fold: &Fold<'_>, thread: ThreadId, opened: &Opened) -> Folded {
    let Opened {
        by,
        role,
        kind,
        patient,
        organization,
        owning_organization,
        owner,
        claim_by: _,
        pools: _,
        topic,
        subject,
        confidentiality,
        sensitivities,
        hidden_from_delegates,
        minor_asked_by: _,
    } = opened;
    let Owned { pool, person } = Owned::by(*owner);
    fold.run(
        "INSERT INTO thread (thread, kind, patient, opened_by, opener_role, requester, organization, owning_organization, owner_pool,
            owner_person, topic, confidentiality, codes, released, state, opened_at, transitioned_at, state_version,
            transition_event, subject, hidden)
         VALUES (?1, ?2, ?3, ?4, ?5, ?4, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0, '', ?13, ?13, ?14, ?15, ?16, ?17)",
        params![
            id(thread),
            kind.word(),
            patient.map(id),
            by.to_string(),
            role.word(),
            id(*organization),
            id(*owning_organization),
            pool,
            person,
            topic.word(),
            confidentiality.word(),
            codes(sensitivities),
            fold.at,
            fold.revision(),
            id(fold.id()),
            fold.cell(subject)?,
            hidden_from_delegates
        ],
    )
}

/// The owner in two columns: the pool that owns a thread or from which a person has it, and the person.
struct Owned {
    pool: Option<[u8; 16]>,
    person: Option<[u8; 16]>,
}

impl Owned {
    fn by(owner: Owner) -> Self {
        Self { pool: owner.pool().map(id), person: owner.person().map(id) }
    }
}

/// Sensitivity codes in one column: sorted words, each once.
fn codes(sensitivities: &[Sensitivity]) -> String {
    let mut words: Vec<&str> = sensitivities.iter().map(|code| code.word()).collect();
    words.sort_unstable();
    words.dedup();
    words.join(" ")
}

/// Folds the event onto the thread as its commands find it.
fn evolved(fold: &Fold<'_>, thread: ThreadId, event: &ThreadEvent) -> Folded {
    let sql = "SELECT state FROM thread_state WHERE thread = ?1";
    let before = match fold.one(sql, params![id(thread)], |row| row.get::<_, String>(0))? {
        Some(text) => serde_json::from_str(&text)?,
        None => Thread::initial(),
    };
    let after = before.evolve(event);
    fold.run(
        "INSERT OR REPLACE INTO thread_state (thread, state) VALUES (?1, ?2)",
        params![id(thread), serde_json::to_string(&after).map_err(FoldError::from)?],
    )?;
    let Thread::Opened { conversation, lifecycle } = &after else { return Ok(()) };
    fold.run("UPDATE thread SET state = ?2 WHERE thread = ?1", params![id(thread), lifecycle.state(conversation)])
}

/// What everybody who finds a thread may know of it. Its topic, its subject, its labels and what is
/// expected of the party are content, and shown only to persons who may read the thread. Who is outside of it
/// ([`is_outside`]) sees its kind, its state and its turn, and an invited person not even the turn. What was written before
/// the window of its reader is withheld: the outcome, what is expected, and from a delegate the subject. A participant reads
/// the subject in any case: colleagues ask them into this thread by its name, and who works in several tells them apart by
/// it.
#[derive(Debug)]
pub struct ThreadRow {
    /// The thread.
    pub thread: ThreadId,
    /// Its kind.
    pub kind: ThreadKind,
    /// The patient that it is about; none if it is about none.
    pub patient: Option<PatientId>,
    /// Who opened it; none for who is outside of it.
    pub opened_by: Option<Actor>,
    /// In which role; none for who is outside of it.
    pub opener_role: Option<Role>,
    /// Who asks: who opened it, or to whom that was handed over; none for who is outside of it.
    pub requester: Option<Actor>,
    /// For which organization it was opened; none for who is outside of it.
    pub organization: Option<OrganizationId>,
    /// The organization of the owner; none for who is outside of it.
    pub owning_organization: Option<OrganizationId>,
    /// The pool that owns it, or that the owner has it from; none for who is outside of it.
    pub owner_pool: Option<PoolId>,
    /// The person who owns it; none for who is outside of it.
    pub owner_person: Option<PersonId>,
    /// Whom it waits for; none while it is closed, and for who is invited.
    pub waiting_on: Option<WaitingRow>,
    /// Its topic; `None` if the reader may not read the thread.
    pub topic: Option<Topic>,
    /// What it is about.
    pub subject: TextCell,
    /// How it is labelled; `None` if the reader may not read the thread.
    pub labels: Option<Labels>,
    /// Whether the patient may read the answer.
    pub released: bool,
    /// Whether delegates of the patient do not notice it; none for who is outside of it, and for a delegate.
    pub hidden_from_delegates: Option<bool>,
    /// The word of the state that its lifecycle is in.
    pub state: String,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// When it was closed; none while it is open.
    pub closed_at: Option<DateTime<Utc>>,
    /// The outcome in words, as said when it was closed; none while it is open, and if none was said.
    pub outcome: Option<TextCell>,
    /// The newest activity that this viewer may know of.
    pub updated_at: DateTime<Utc>,
    /// When the newest transition was recorded.
    pub transitioned_at: DateTime<Utc>,
    pub(crate) state_version: Revision,
    pub(crate) transition_event: EventId,
    pub(crate) activity: Activity,
}

/// Whom a thread waits for.
#[derive(Debug)]
pub struct WaitingRow {
    /// Whose turn it is.
    pub party: Party,
    /// The command that is awaited of them.
    pub action: CommandName,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Until when; none if there is no target.
    pub due: Option<DateTime<Utc>>,
    /// What is expected of them, in words.
    pub note: Option<TextCell>,
}

/// The labels of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// How confidential it is.
    pub confidentiality: Confidentiality,
    /// What it is about that is sensitive, sorted by word.
    pub sensitivities: Vec<Sensitivity>,
}

/// Whether a permit is that of somebody who has no place in the thread: who is invited into it and has
/// not answered, or whose turn it is only because nobody else can act.
pub(crate) fn is_outside(permit: &Permit) -> bool {
    matches!(permit.standing(), Standing::Invited | Standing::LastResort)
}

impl Redact for ThreadRow {
    fn redact(self, permit: &Permit) -> Self {
        let Self {
            thread,
            kind,
            patient,
            opened_by,
            opener_role,
            requester,
            organization,
            owning_organization,
            owner_pool,
            owner_person,
            waiting_on,
            topic,
            subject,
            labels,
            released,
            hidden_from_delegates,
            state,
            opened_at,
            closed_at,
            outcome,
            updated_at,
            transitioned_at,
            state_version,
            transition_event,
            activity,
        } = self;
        // Finding is not reading: these may say what it is about.
        let reads = permit.action() == Action::Read(Read::ThreadRead);
        let reach = permit.reach();
        let reads_at = |at: DateTime<Utc>| reads && reach.covers_at(at);
        let reads_subject = reads && (permit.standing() == Standing::Participant || reach.covers_opening(opened_at));
        let is_inside = !is_outside(permit);
        let is_delegate = permit.standing() == Standing::Delegate;
        // Whose turn it is and until when, an invited person does not know.
        let waiting_on = waiting_on.filter(|_| permit.standing() != Standing::Invited);
        Self {
            thread,
            kind,
            patient: patient.filter(|_| is_inside),
            opened_by: opened_by.filter(|_| is_inside),
            opener_role: opener_role.filter(|_| is_inside),
            requester: requester.filter(|_| is_inside),
            organization: organization.filter(|_| is_inside),
            owning_organization: owning_organization.filter(|_| is_inside),
            owner_pool: owner_pool.filter(|_| is_inside),
            owner_person: owner_person.filter(|_| is_inside),
            waiting_on: waiting_on.map(|waiting| {
                let WaitingRow { party, action, since, due, note } = waiting;
                WaitingRow {
                    party,
                    action,
                    since,
                    due,
                    note: note.map(|note| if reads_at(since) { note } else { TextCell::Withheld }),
                }
            }),
            topic: topic.filter(|_| reads),
            subject: if reads_subject { subject } else { TextCell::Withheld },
            labels: labels.filter(|_| reads),
            released,
            hidden_from_delegates: hidden_from_delegates.filter(|_| is_inside && !is_delegate),
            state,
            opened_at,
            closed_at,
            outcome: outcome.map(|outcome| if closed_at.is_some_and(reads_at) { outcome } else { TextCell::Withheld }),
            updated_at,
            transitioned_at,
            state_version,
            transition_event,
            activity,
        }
    }
}

impl Opens for ThreadRow {
    type Text = TextCell;
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
        let Self {
            thread: _,
            kind: _,
            patient: _,
            opened_by: _,
            opener_role: _,
            requester: _,
            organization: _,
            owning_organization: _,
            owner_pool: _,
            owner_person: _,
            waiting_on,
            topic: _,
            subject,
            labels: _,
            released: _,
            hidden_from_delegates: _,
            state: _,
            opened_at: _,
            closed_at: _,
            outcome,
            updated_at: _,
            transitioned_at: _,
            state_version: _,
            transition_event: _,
            activity: _,
        } = self;
        open(subject);
        outcome.iter_mut().for_each(&mut *open);
        if let Some(WaitingRow { party: _, action: _, since: _, due: _, note: Some(note) }) = waiting_on {
            open(note);
        }
    }
}

static ONE_THREAD: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT t.thread, t.kind, t.patient, t.opened_by, t.opener_role, t.requester, t.organization, t.owning_organization, t.owner_pool,
            t.owner_person, t.waiting_party, t.waiting_action, t.waiting_since, t.waiting_due, t.waiting_note, t.topic,
            t.subject, t.confidentiality, t.codes, t.released, t.hidden, t.state, t.opened_at, t.closed_at, t.outcome, t.transitioned_at,
            t.state_version, t.transition_event, {activity}
         FROM thread t WHERE t.thread = ?1",
        activity = activity::columns()
    )
});

fn thread_row(cells: &mut Cells<'_>, viewer: PersonId) -> Result<ThreadRow, Fault> {
    let (thread, kind, patient) = (cells.id()?, cells.word(ThreadKind::parse)?, cells.id_or_none()?);
    let (opened_by, opener_role) = (cells.actor()?, cells.word(Role::parse)?);
    let (requester, organization) = (cells.actor()?, cells.id()?);
    let (owning_organization, owner_pool, owner_person) = (cells.id()?, cells.id_or_none()?, cells.id_or_none()?);
    let (party, action) = (cells.party_or_none()?, cells.word_or_none(CommandName::parse)?);
    let (since, due, note) = (cells.time_or_none()?, cells.time_or_none()?, cells.cell_or_none()?);
    let waiting_on =
        party.zip(action).zip(since).map(|((party, action), since)| WaitingRow { party, action, since, due, note });
    let (topic, subject) = (cells.word(Topic::parse)?, cells.cell()?);
    let labels = Labels {
        confidentiality: cells.word(Confidentiality::parse)?,
        sensitivities: cells.words(Sensitivity::parse)?,
    };
    let (released, hidden, state) = (cells.flag()?, cells.flag()?, cells.text()?);
    let (opened_at, closed_at) = (cells.time()?, cells.time_or_none()?);
    let (outcome, transitioned_at) = (cells.cell_or_none()?, cells.time()?);
    let (state_version, transition_event) = (Revision(cells.number()?.cast_unsigned()), cells.id()?);
    let activity = activity::read(cells, viewer)?;
    Ok(ThreadRow {
        thread,
        kind,
        patient,
        opened_by: Some(opened_by),
        opener_role: Some(opener_role),
        requester: Some(requester),
        organization: Some(organization),
        owning_organization: Some(owning_organization),
        owner_pool,
        owner_person,
        waiting_on,
        topic: Some(topic),
        subject,
        labels: Some(labels),
        released,
        hidden_from_delegates: Some(hidden),
        state,
        opened_at,
        closed_at,
        outcome,
        // The minimum for every reader; extended if the reader may read more.
        updated_at: activity.newest(|_| false),
        transitioned_at,
        state_version,
        transition_event,
        activity,
    })
}

/// One thread, as one viewer finds it.
pub(crate) fn thread(snapshot: &Snapshot, thread: ThreadId, viewer: PersonId) -> Result<Option<ThreadRow>, Fault> {
    let mut parameters: Vec<rusqlite::types::Value> = vec![id(thread).to_vec().into()];
    parameters.extend(activity::parameters(viewer).map(Into::into));
    snapshot.one(&ONE_THREAD, params_from_iter(parameters), |cells| thread_row(cells, viewer))
}

/// A thread as its commands find it, without its messages and receipts; unopened if there is none.
pub(crate) fn thread_state(snapshot: &Snapshot, thread: ThreadId) -> Result<Thread, Fault> {
    let sql = "SELECT state FROM thread_state WHERE thread = ?1";
    Ok(snapshot.one(sql, [id(thread)], |cells| cells.json())?.unwrap_or_else(Thread::initial))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_models::testing::{Log, at, by, organization_id, patient_id, person_id, place, pool_id, sealed};
    use crate::read_models::testing::{opened, permit, permit_reaching, thread_id};
    use care::aggregate::folded;
    use care::calendar::Due;
    use care::conversation::{Addressed, Closed, Labelled, Released, Reopened, Since, WaitingOn};
    use care::ids::{DelegationId, Id};
    use care::lifecycle::consultation::Consent;
    use care::lifecycle::consultation::{Assigned, ConsultationEvent, ReviewStarted, Submitted};
    use care::words::{ConsentException, Urgency};
    use policy::reach::Reach;
    use uuid::Uuid;

    fn row(log: &Log, number: u128) -> ThreadRow {
        thread(&log.snapshot(), thread_id(number), person_id(1)).unwrap().unwrap()
    }

    fn submitted() -> ConsultationEvent {
        let due = Due { at: at(9_000), calendar_version: 1, zone: "UTC".into(), zone_rules: "2026f".into() };
        ConsultationEvent::Submitted(Submitted {
            question: sealed("consultation.question"),
            urgency: Urgency::Routine,
            consent: Consent::Exception { reason: ConsentException::Emergency },
            may_convert: false,
            due,
        })
    }

    #[test]
    fn a_thread_shows_who_opened_it_who_owns_it_and_whom_it_waits_for() {
        let mut log = Log::new();
        log.open(1, Some(7));
        let opened = row(&log, 1);
        assert_eq!(opened.kind, ThreadKind::Consultation);
        assert_eq!(
            (opened.patient, opened.opened_by, opened.opener_role),
            (Some(patient_id(7)), Some(by(1)), Some(Role::Physician))
        );
        let organizations = (Some(organization_id(1)), Some(organization_id(2)));
        assert_eq!((opened.organization, opened.owning_organization), organizations);
        assert_eq!((opened.owner_pool, opened.owner_person), (Some(pool_id(1)), None));
        assert!(opened.waiting_on.is_none() && opened.closed_at.is_none() && !opened.released);
        assert_eq!(opened.labels.unwrap().sensitivities, [Sensitivity::Hiv, Sensitivity::Psychiatry]);

        log.wait_for(1, Party::Role(place(Role::Coordinator)), Some(at(500)));
        let waiting = row(&log, 1).waiting_on.unwrap();
        assert_eq!((waiting.party, waiting.due), (Party::Role(place(Role::Coordinator)), Some(at(500))));
        assert_eq!((waiting.since, waiting.action.word()), (at(2), "thread.claim"));
        assert!(matches!(waiting.note, Some(TextCell::Sealed(_))));

        let owner = Owner::Person { person: person_id(5), pool: Some(pool_id(1)) };
        let (by, organization) = (by(5), organization_id(2));
        let changed = OwnerChanged { by, owner, organization, claim_by: None, reason: None };
        log.thread(1, 5, ConversationEvent::OwnerChanged(changed));
        let owned = row(&log, 1);
        assert_eq!((owned.owner_pool, owned.owner_person), (Some(pool_id(1)), Some(person_id(5))));

        log.thread(1, 1, ConversationEvent::Released(Released { by }));
        let labelled = Labelled { by, confidentiality: Confidentiality::Normal, sensitivities: vec![] };
        log.thread(1, 1, ConversationEvent::Labelled(labelled));
        log.thread(1, 1, ConversationEvent::Closed(Closed { by, at: at(6), outcome: None }));
        let closed = row(&log, 1);
        assert!(closed.waiting_on.is_none() && closed.released);
        assert_eq!(closed.closed_at, Some(at(6)));
        assert_eq!(closed.labels.unwrap().sensitivities, []);
        log.thread(1, 1, ConversationEvent::Reopened(Reopened { by, reason: sealed("thread.reopened_reason") }));
        assert_eq!(row(&log, 1).closed_at, None);
    }

    #[test]
    fn a_person_who_finds_a_thread_but_may_not_read_it_sees_neither_topic_nor_subject_nor_note_nor_labels() {
        let mut log = Log::new();
        log.open(1, Some(7));
        log.wait_for(1, Party::Pool(pool_id(1)), None);
        let shown = |read| {
            let row = permit(read).show(row(&log, 1));
            let waiting = row.waiting_on.as_ref().unwrap();
            let note_is_there = matches!(waiting.note, Some(TextCell::Sealed(_)));
            assert_eq!((row.patient, waiting.party), (Some(patient_id(7)), Party::Pool(pool_id(1))));
            (row.topic, matches!(row.subject, TextCell::Sealed(_)), note_is_there, row.labels.is_some())
        };
        assert_eq!(shown(Read::ThreadFind), (None, false, false, false));
        assert_eq!(shown(Read::ThreadRead), (Some(Topic::Results), true, true, true));
    }

    #[test]
    fn the_outcome_is_shown_to_who_may_read_a_closed_thread() {
        let mut log = Log::new();
        log.open(1, None);
        let closed = Closed { by: by(1), at: at(2), outcome: Some(sealed("thread.outcome")) };
        log.thread(1, 1, ConversationEvent::Closed(closed));
        let shown = |log: &Log, read| match &permit(read).show(row(log, 1)).outcome {
            None => "none",
            Some(TextCell::Sealed(_)) => "there",
            Some(_) => "withheld",
        };
        assert_eq!((shown(&log, Read::ThreadFind), shown(&log, Read::ThreadRead)), ("withheld", "there"));
        log.thread(1, 1, ConversationEvent::Reopened(Reopened { by: by(1), reason: sealed("thread.reopened_reason") }));
        assert_eq!(shown(&log, Read::ThreadRead), "none");
    }

    #[test]
    fn of_before_the_window_nothing_is_shown_but_the_subject_to_who_takes_part() {
        let mut open = Log::new();
        open.open(1, Some(7));
        open.wait_for(1, Party::Pool(pool_id(1)), None);
        let mut closed = Log::new();
        closed.open(1, Some(7));
        closed.wait_for(1, Party::Pool(pool_id(1)), None);
        let outcome = Some(sealed("thread.outcome"));
        closed.thread(1, 1, ConversationEvent::Closed(Closed { by: by(1), at: at(3), outcome }));
        let is_there = |text: &TextCell| matches!(text, TextCell::Sealed(_));
        let shown = |standing, role, reach| {
            let permit = permit_reaching(standing, role, reach);
            let (waiting, ended) = (permit.show(row(&open, 1)), permit.show(row(&closed, 1)));
            let note = waiting.waiting_on.as_ref().and_then(|waiting| waiting.note.as_ref()).is_some_and(is_there);
            (is_there(&waiting.subject), note, ended.outcome.as_ref().is_some_and(is_there))
        };
        let from = |number| Reach { since: Some(Since { number: 1, at: at(number) }), ..Reach::FULL };
        let taking_part = |number| shown(Standing::Participant, Role::Nurse, from(number));
        assert_eq!(taking_part(1), (true, true, true));
        assert_eq!([3, 4].map(taking_part), [(true, false, true), (true, false, false)]);
        let grant = Some(DelegationId::from_uuid(Uuid::from_u128(9)));
        let helping = |number| shown(Standing::Delegate, Role::Person, Reach { grant, ..from(number) });
        assert_eq!([1, 2, 3].map(helping), [(false, true, true), (false, false, true), (false, false, false)]);
        let whole = shown(Standing::Delegate, Role::Person, Reach { grant, ..Reach::FULL });
        assert_eq!(whole, (true, true, true));
        let at_death = Reach { grant, until: Some(at(2)), ..Reach::FULL };
        assert_eq!(shown(Standing::Delegate, Role::Person, at_death), (true, true, false));
    }

    #[test]
    fn a_thread_about_no_patient_is_one_like_any_other() {
        let mut log = Log::new();
        log.open(1, None);
        assert_eq!(row(&log, 1).patient, None);
        assert!(thread(&log.snapshot(), thread_id(2), person_id(1)).unwrap().is_none());
    }

    #[test]
    fn the_version_is_that_of_the_newest_transition() {
        let mut log = Log::new();
        log.open(1, None);
        log.wait_for(1, Party::Pool(pool_id(1)), None);
        let version = |log: &Log| {
            let row = row(log, 1);
            (row.state_version, row.transitioned_at, row.transition_event)
        };
        let before = version(&log);
        assert_eq!((before.0, before.1), (Revision(2), at(2)));
        log.post(1, 2, 1, Addressed::Everyone);
        log.read(1, 3, 1);
        log.add(1, 3, None, false);
        assert_eq!(version(&log), before);
        log.thread(1, 1, ConversationEvent::Released(Released { by: by(1) }));
        assert_eq!((version(&log).0, version(&log).1), (Revision(6), at(6)));
    }

    #[test]
    fn the_folded_thread_is_kept_and_its_state_is_shown() {
        let mut log = Log::new();
        let by = by(1);
        let to = WaitingOn {
            party: Party::Pool(pool_id(1)),
            action: CommandName::parse("thread.claim").unwrap(),
            due: None,
        };
        let events: Vec<ThreadEvent> = vec![
            ConversationEvent::Opened(opened(Some(7))).into(),
            submitted().into(),
            ConversationEvent::TurnPassed(TurnPassed { by, to, note: None, promised: None }).into(),
            ConsultationEvent::Assigned(Assigned { by, to: None, reason: None }).into(),
            ConsultationEvent::ReviewStarted(ReviewStarted { by }).into(),
        ];
        let states = ["submitted", "submitted", "submitted", "assigned", "in_review"];
        for (event, state) in events.iter().zip(states) {
            log.thread(1, 1, event.clone());
            assert_eq!(row(&log, 1).state, state);
        }
        log.post(1, 2, 1, Addressed::Everyone);
        let kept = thread_state(&log.snapshot(), thread_id(1)).unwrap();
        assert_eq!(kept, folded(&events));
        assert_eq!(thread_state(&log.snapshot(), thread_id(2)).unwrap(), Thread::Unopened);
    }
}

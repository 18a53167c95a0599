//! Threads as they are read: what everybody who finds a thread may know of it, the content of a
//! consultation, the messages, and how far each has read.

use care::ids::{EventId, Id, MessageId, OrganizationId, PatientId, PersonId, PoolId, RecommendationId, ThreadId};
use care::words::{
    Audience, Capacity, Certainty, ClosingOutcome, Confidentiality, ConsultationState, Disposition, InformMethod,
    RecommendationKind, Role, Topic, Urgency,
};
use chrono::{DateTime, Utc};
use journal::Revision;
use policy::decide::Permit;
use policy::question::Classes;
use policy::visible::{Opens, Redact};
use policy::words::Action;

use crate::fault::Fault;
use crate::read_models::Snapshot;
use crate::read_models::cells::{Cells, id};
use crate::sealing::TextCell;

/// What everybody who finds a thread may know of it. Its subject is content, and shown only to
/// who may read the thread.
#[derive(Debug)]
pub struct ThreadRow {
    /// The thread.
    pub thread: ThreadId,
    /// Whom it is about.
    pub patient: PatientId,
    /// Who asked.
    pub requester: PersonId,
    /// For which organization.
    pub requesting: OrganizationId,
    /// Which organization answers.
    pub receiving: OrganizationId,
    /// The pool that owns it.
    pub pool: PoolId,
    /// Who claimed it.
    pub assignee: Option<PersonId>,
    /// Whom the pool meant it for.
    pub assigned_to: Option<PersonId>,
    /// Where it stands.
    pub state: ConsultationState,
    /// Its topic.
    pub topic: Topic,
    /// How quickly an answer is needed.
    pub urgency: Urgency,
    /// By when it is promised.
    pub due_at: DateTime<Utc>,
    /// When it was asked.
    pub opened_at: DateTime<Utc>,
    /// The newest activity that this viewer may know of.
    pub updated_at: DateTime<Utc>,
    /// What it is about.
    pub subject: TextCell,
    pub(crate) state_version: Revision,
    pub(crate) transition_event: EventId,
    pub(crate) activity: Activity,
}

/// The newest activity by the audience that may know of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Activity {
    pub everyone: DateTime<Utc>,
    pub any: DateTime<Utc>,
}

impl Activity {
    /// The newest activity for a viewer who may read messages of these classes.
    pub fn for_classes(self, clinical: bool) -> DateTime<Utc> {
        if clinical { self.any } else { self.everyone }
    }
}

impl Redact for ThreadRow {
    fn redact(self, permit: &Permit) -> Self {
        let Self {
            thread,
            patient,
            requester,
            requesting,
            receiving,
            pool,
            assignee,
            assigned_to,
            state,
            topic,
            urgency,
            due_at,
            opened_at,
            updated_at,
            subject,
            state_version,
            transition_event,
            activity,
        } = self;
        Self {
            thread,
            patient,
            requester,
            requesting,
            receiving,
            pool,
            assignee,
            assigned_to,
            state,
            topic,
            urgency,
            due_at,
            opened_at,
            updated_at,
            // Finding is not reading: the subject may say what it is about.
            subject: if permit.action() == Action::ThreadRead { subject } else { TextCell::Withheld },
            state_version,
            transition_event,
            activity,
        }
    }
}

impl Opens for ThreadRow {
    type Text = TextCell;
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
        open(&mut self.subject);
    }
}

pub(super) const THREAD_COLUMNS: &str = "t.thread, t.patient, t.requester, t.requesting, t.receiving, t.pool, t.assignee, t.assigned_to, \
     t.state, t.topic, t.urgency, t.due, t.opened_at, t.posted_everyone, t.posted_any, t.subject, t.state_version, t.transition_event";

pub(super) fn thread_row(cells: &mut Cells<'_>) -> Result<ThreadRow, Fault> {
    let thread = cells.id()?;
    let patient = cells.id()?;
    let requester = cells.id()?;
    let requesting = cells.id()?;
    let receiving = cells.id()?;
    let pool = cells.id()?;
    let assignee = cells.id_or_none()?;
    let assigned_to = cells.id_or_none()?;
    let state = cells.word(ConsultationState::parse)?;
    let topic = cells.word(Topic::parse)?;
    let urgency = cells.word(Urgency::parse)?;
    let due_at = cells.time()?;
    let opened_at = cells.time()?;
    let activity = Activity { everyone: cells.time()?, any: cells.time()? };
    Ok(ThreadRow {
        thread,
        patient,
        requester,
        requesting,
        receiving,
        pool,
        assignee,
        assigned_to,
        state,
        topic,
        urgency,
        due_at,
        opened_at,
        // The least that anybody may know; widened for who may read more.
        updated_at: activity.everyone,
        subject: cells.cell()?,
        state_version: Revision(cells.number()?.cast_unsigned()),
        transition_event: cells.id()?,
        activity,
    })
}

/// One thread.
pub(crate) fn thread(snapshot: &Snapshot, thread: ThreadId) -> Result<Option<ThreadRow>, Fault> {
    snapshot.one(&format!("SELECT {THREAD_COLUMNS} FROM thread t WHERE t.thread = ?1"), [id(thread)], thread_row)
}

/// The content of a consultation: for who may read the thread.
#[derive(Debug)]
pub struct ConsultationRow {
    /// How confidential.
    pub confidentiality: Confidentiality,
    /// Whether it may become a referral.
    pub may_convert: bool,
    /// The question.
    pub question: TextCell,
    /// The answer, once there is one.
    pub advice: Option<AdviceRow>,
    /// What came of it, once it is closed.
    pub outcome: Option<ClosingOutcome>,
}

/// An answer, and what was decided about it.
#[derive(Debug)]
pub struct AdviceRow {
    /// Who answered.
    pub adviser: PersonId,
    /// When.
    pub advised_at: DateTime<Utc>,
    /// When the patient should come back.
    pub come_back_when: Option<TextCell>,
    /// What is recommended.
    pub recommendations: Vec<RecommendationRow>,
    /// What the requester made of it.
    pub plan: Option<PlanRow>,
    /// How and when the patient was told.
    pub informed: Option<(InformMethod, DateTime<Utc>)>,
}

/// One recommendation, and what was decided about it.
#[derive(Debug)]
pub struct RecommendationRow {
    /// Its id.
    pub recommendation: RecommendationId,
    /// What it asks for.
    pub kind: RecommendationKind,
    /// How sure the adviser is.
    pub certainty: Certainty,
    /// In words.
    pub text: TextCell,
    /// What the requester decided about it; none before the plan is recorded.
    pub disposition: Option<Disposition>,
    /// Why.
    pub reason: Option<TextCell>,
}

/// What the requester made of an answer.
#[derive(Debug)]
pub struct PlanRow {
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: DateTime<Utc>,
    /// In words.
    pub note: Option<TextCell>,
}

impl Redact for ConsultationRow {
    fn redact(self, permit: &Permit) -> Self {
        let Self { confidentiality, may_convert, question, advice, outcome } = self;
        // The whole of it rests on one permit; under another, nothing of it is shown.
        if permit.action() == Action::ThreadRead {
            Self { confidentiality, may_convert, question, advice, outcome }
        } else {
            Self { confidentiality, may_convert, question: TextCell::Withheld, advice: None, outcome: None }
        }
    }
}

impl Opens for ConsultationRow {
    type Text = TextCell;
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
        let Self { confidentiality: _, may_convert: _, question, advice, outcome: _ } = self;
        open(question);
        let Some(AdviceRow { adviser: _, advised_at: _, come_back_when, recommendations, plan, informed: _ }) = advice
        else {
            return;
        };
        come_back_when.iter_mut().for_each(&mut *open);
        for each in recommendations {
            let RecommendationRow { recommendation: _, kind: _, certainty: _, text, disposition: _, reason } = each;
            open(text);
            reason.iter_mut().for_each(&mut *open);
        }
        if let Some(PlanRow { by: _, at: _, note }) = plan {
            note.iter_mut().for_each(open);
        }
    }
}

/// The content of one consultation.
pub(crate) fn consultation(snapshot: &Snapshot, thread: ThreadId) -> Result<Option<ConsultationRow>, Fault> {
    let mut recommendations = Vec::new();
    snapshot.each(
        "SELECT recommendation, kind, certainty, text, disposition, reason FROM recommendation WHERE thread = ?1 ORDER BY ordinal",
        [id(thread)],
        |cells| {
            recommendations.push(RecommendationRow {
                recommendation: cells.id()?,
                kind: cells.word(RecommendationKind::parse)?,
                certainty: cells.word(Certainty::parse)?,
                text: cells.cell()?,
                disposition: cells.word_or_none(Disposition::parse)?,
                reason: cells.cell_or_none()?,
            });
            Ok(())
        },
    )?;
    let advice = snapshot.one(
        "SELECT adviser, advised_at, come_back_when, planned_by, planned_at, plan_note, inform_method, told_at FROM advice WHERE thread = ?1",
        [id(thread)],
        |cells| {
            let (adviser, advised_at, come_back_when) = (cells.id()?, cells.time()?, cells.cell_or_none()?);
            let (by, at, note) = (cells.id_or_none()?, cells.time_or_none()?, cells.cell_or_none()?);
            let (method, told_at) = (cells.word_or_none(InformMethod::parse)?, cells.time_or_none()?);
            Ok(AdviceRow {
                adviser,
                advised_at,
                come_back_when,
                recommendations: std::mem::take(&mut recommendations),
                plan: by.zip(at).map(|(by, at)| PlanRow { by, at, note }),
                informed: method.zip(told_at),
            })
        },
    )?;
    let mut advice = advice;
    snapshot.one(
        "SELECT confidentiality, may_convert, question, outcome FROM thread WHERE thread = ?1",
        [id(thread)],
        |cells| {
            Ok(ConsultationRow {
                confidentiality: cells.word(Confidentiality::parse)?,
                may_convert: cells.number()? != 0,
                question: cells.cell()?,
                outcome: cells.word_or_none(ClosingOutcome::parse)?,
                advice: advice.take(),
            })
        },
    )
}

/// A message.
#[derive(Debug)]
pub struct MessageRow {
    /// The message.
    pub message: MessageId,
    /// Who wrote it.
    pub author: PersonId,
    /// In which capacity.
    pub capacity: Capacity,
    /// Who may read it.
    pub audience: Audience,
    /// What it says.
    pub body: TextCell,
    /// When it was posted.
    pub posted_at: DateTime<Utc>,
    pub(crate) number: i64,
    pub(crate) event: EventId,
}

impl Redact for MessageRow {
    fn redact(self, permit: &Permit) -> Self {
        let Self { message, author, capacity, audience, body, posted_at, number, event } = self;
        let body = if permit.action() == Action::ThreadReadMessage { body } else { TextCell::Withheld };
        Self { message, author, capacity, audience, body, posted_at, number, event }
    }
}

impl Opens for MessageRow {
    type Text = TextCell;
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
        let Self { message: _, author: _, capacity: _, audience: _, body, posted_at: _, number: _, event: _ } = self;
        open(body);
    }
}

const MESSAGE_COLUMNS: &str = "message, author, capacity, audience, body, posted_at, number, event";

fn message_row(cells: &mut Cells<'_>) -> Result<MessageRow, Fault> {
    Ok(MessageRow {
        message: cells.id()?,
        author: cells.id()?,
        capacity: cells.word(Capacity::parse)?,
        audience: cells.word(Audience::parse)?,
        body: cells.cell()?,
        posted_at: cells.time()?,
        number: cells.number()?,
        event: cells.id()?,
    })
}

/// One message of a thread, looked for among the audiences that may be read: one that may not be
/// read is as missing.
pub(crate) fn message(
    snapshot: &Snapshot,
    (thread, message): (ThreadId, MessageId),
    classes: Classes,
) -> Result<Option<MessageRow>, Fault> {
    let sql = format!("SELECT {MESSAGE_COLUMNS} FROM message WHERE thread = ?1 AND audience = ?2 AND message = ?3");
    for audience in readable(classes) {
        let params = rusqlite::params![id(thread), audience.word(), id(message)];
        let found = snapshot.one(&sql, params, message_row)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Which messages of a thread: those with numbers strictly between two, from one end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub after: i64,
    pub before: i64,
    pub from_end: bool,
    pub rows_max: usize,
}

/// Messages of the audiences that may be read, in the order of their numbers; one more than
/// asked for says that there are more. Each audience is a range of its own in the table, so a
/// message that may not be read costs nothing and counts for nothing.
pub(crate) fn messages(
    snapshot: &Snapshot,
    thread: ThreadId,
    classes: Classes,
    window: Window,
) -> Result<Vec<MessageRow>, Fault> {
    let order = if window.from_end { "DESC" } else { "ASC" };
    let sql = format!(
        "SELECT {MESSAGE_COLUMNS} FROM message WHERE thread = ?1 AND audience = ?2 AND number > ?3 AND number < ?4 ORDER BY number {order} LIMIT ?5"
    );
    let limit = i64::try_from(window.rows_max).unwrap_or(i64::MAX);
    let mut rows = Vec::new();
    for audience in readable(classes) {
        let params = rusqlite::params![id(thread), audience.word(), window.after, window.before, limit];
        snapshot.each(&sql, params, |cells| {
            rows.push(message_row(cells)?);
            Ok(())
        })?;
    }
    rows.sort_unstable_by_key(|row| if window.from_end { -row.number } else { row.number });
    rows.truncate(window.rows_max);
    Ok(rows)
}

/// The audiences of which a viewer may read at least the released messages.
pub(crate) fn readable(classes: Classes) -> impl Iterator<Item = Audience> {
    // A message is not an answer that waits for its release, so both halves are the same here.
    Audience::ALL.iter().copied().filter(move |audience| classes.contains(*audience, false))
}

/// How many messages that may be read are newer than the viewer's mark and by others.
pub(crate) fn unread(
    snapshot: &Snapshot,
    (thread, viewer): (ThreadId, PersonId),
    classes: Classes,
    mark: i64,
) -> Result<i64, Fault> {
    let mut unread = 0;
    for audience in readable(classes) {
        let sql = "SELECT count(*) FROM message WHERE thread = ?1 AND audience = ?2 AND number > ?3 AND author <> ?4";
        let params = rusqlite::params![id(thread), audience.word(), mark, id(viewer)];
        unread += snapshot.one(sql, params, |cells| cells.number())?.unwrap_or(0);
    }
    Ok(unread)
}

/// How far somebody has read.
#[derive(Debug, Clone, Copy)]
pub struct ReadMarkRow {
    /// Who.
    pub person: PersonId,
    /// In which capacity.
    pub capacity: Capacity,
    /// When the mark was set.
    pub read_at: DateTime<Utc>,
    pub(crate) number: i64,
}

/// Everybody's newest mark at a message that the viewer may read. One at a message that they may
/// not, and its time, would tell them that there is such a message.
pub(crate) fn read_marks(snapshot: &Snapshot, thread: ThreadId, classes: Classes) -> Result<Vec<ReadMarkRow>, Fault> {
    let mut marks: Vec<ReadMarkRow> = Vec::new();
    snapshot.each(
        "SELECT audience, person, capacity, read_at, number FROM read_mark WHERE thread = ?1 ORDER BY number DESC",
        [id(thread)],
        |cells| {
            let audience = cells.word(Audience::parse)?;
            let mark = ReadMarkRow {
                person: cells.id()?,
                capacity: cells.word(Capacity::parse)?,
                read_at: cells.time()?,
                number: cells.number()?,
            };
            if classes.contains(audience, false) && marks.iter().all(|newer| newer.person != mark.person) {
                marks.push(mark);
            }
            Ok(())
        },
    )?;
    Ok(marks)
}

/// Somebody taken into a thread.
#[derive(Debug, Clone, Copy)]
pub struct ParticipantRow {
    /// Who.
    pub person: PersonId,
    /// In which role.
    pub role: Role,
    /// Of which organization.
    pub organization: OrganizationId,
}

/// Everybody who was taken into a thread, the requester first.
pub(crate) fn participants(snapshot: &Snapshot, thread: ThreadId) -> Result<Vec<ParticipantRow>, Fault> {
    let mut participants = Vec::new();
    let sql = "SELECT requester, 'physician', requesting FROM thread WHERE thread = ?1
               UNION ALL SELECT person, role, organization FROM participant WHERE thread = ?1";
    snapshot.each(sql, [id(thread)], |cells| {
        participants.push(ParticipantRow {
            person: cells.id()?,
            role: cells.word(Role::parse)?,
            organization: cells.id()?,
        });
        Ok(())
    })?;
    Ok(participants)
}

impl ReadMarkRow {
    /// Whether the mark covers a message.
    #[must_use]
    pub fn covers(&self, message: &MessageRow) -> bool {
        self.number >= message.number
    }
}

impl ThreadRow {
    /// The thread's id, as lists break ties by.
    pub(crate) fn sort_id(&self) -> uuid::Uuid {
        self.thread.uuid()
    }
}

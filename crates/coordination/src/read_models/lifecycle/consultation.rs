//! What a consultation adds to its thread: urgency and promise, the question, the answer, what is
//! done with it.

use care::envelope::Actor;
use care::ids::{PersonId, RecommendationId, ThreadId};
use care::lifecycle::consultation::{
    Advised, Assigned, AssignmentRequested, ConsultationEvent, Disposed, PatientInformed, PlanRecorded, Recommendation,
    Submitted, Survey, Surveyed,
};
use care::words::{
    Certainty, ClosingOutcome, ConsultationState, Disposition, InformMethod, RecommendationKind, Urgency,
};
use chrono::{DateTime, Utc};
use policy::decide::Permit;
use policy::reach::Reach;
use policy::visible::{Opens, Redact};
use policy::words::{Action, Read};
use rusqlite::params;

use super::row::{Depth, LifecycleRow};
use crate::fault::Fault;
use crate::read_models::cells::{Cells, id};
use crate::read_models::fold::{Fold, Folded};
use crate::read_models::threads::is_outside;
use crate::read_models::{Shape, Snapshot};
use crate::sealing::TextCell;

const SCHEMA: &str = "
CREATE TABLE consultation (
  thread BLOB PRIMARY KEY, urgency TEXT NOT NULL, due INTEGER NOT NULL, due_zone_rules TEXT NOT NULL, may_convert INTEGER NOT NULL,
  assigned_to BLOB, assignment_asked_at INTEGER, assignment_reason BLOB,
  advised_by TEXT, advised_at INTEGER, minutes_spent INTEGER,
  planned_by TEXT, planned_at INTEGER,
  informed_by TEXT, inform_method TEXT, told_at INTEGER, informed_at INTEGER,
  outcome TEXT, surveyed_at INTEGER, helpful INTEGER, educational INTEGER,
  question BLOB NOT NULL, come_back_when BLOB, plan_note BLOB
) STRICT, WITHOUT ROWID;
CREATE TABLE recommendation (
  thread BLOB, ordinal INTEGER, recommendation BLOB NOT NULL, kind TEXT NOT NULL, certainty TEXT NOT NULL, text BLOB NOT NULL,
  disposition TEXT, reason BLOB,
  PRIMARY KEY (thread, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX recommendation_by_id ON recommendation (recommendation);
";

/// The facts of a consultation for everyone who may find it, and its content for persons who may read it.
#[derive(Debug)]
pub struct ConsultationRow {
    /// The state that it is in.
    pub state: ConsultationState,
    /// How quickly an answer is needed.
    pub urgency: Urgency,
    /// By when an answer is promised.
    pub due_at: DateTime<Utc>,
    /// The version of the time zone rules by which that was computed.
    pub due_zone_rules: String,
    /// The member of the pool that it is meant for; none for who is outside of the thread.
    pub assigned_to: Option<PersonId>,
    /// When the asking side last asked for an assignment; none if it has not, and for who is outside of the thread.
    pub assignment_asked_at: Option<DateTime<Utc>>,
    /// The content; `None` if the reader may not read the thread.
    pub content: Option<ConsultationContent>,
}

/// The content of a consultation.
#[derive(Debug)]
pub struct ConsultationContent {
    /// Whether it may become a referral.
    pub may_convert: bool,
    /// The question.
    pub question: TextCell,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// The answer, once there is one.
    pub advice: Option<AdviceRow>,
    /// What is done with the answer.
    pub plan: Option<PlanRow>,
    /// How and when the patient was told.
    pub informed: Option<InformedRow>,
    /// What came of it, once it is closed.
    pub outcome: Option<ClosingOutcome>,
    /// When that was said.
    pub surveyed_at: Option<DateTime<Utc>>,
}

/// An answer.
#[derive(Debug)]
pub struct AdviceRow {
    /// Who answered.
    pub by: Actor,
    /// When.
    pub at: DateTime<Utc>,
    /// When the patient should come back.
    pub come_back_when: Option<TextCell>,
    /// What is recommended.
    pub recommendations: Vec<RecommendationRow>,
}

/// One recommendation, and what is done with it.
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
    /// What is done with it.
    pub disposition: Option<Disposition>,
    /// Why.
    pub reason: Option<TextCell>,
}

/// What is done with an answer.
#[derive(Debug)]
pub struct PlanRow {
    /// Who recorded it.
    pub by: Actor,
    /// When.
    pub at: DateTime<Utc>,
    /// In words.
    pub note: Option<TextCell>,
}

/// How the patient was told.
#[derive(Debug)]
pub struct InformedRow {
    /// Who noted it.
    pub by: Actor,
    /// How.
    pub method: InformMethod,
    /// When.
    pub told_at: DateTime<Utc>,
    /// When it was noted.
    pub noted_at: DateTime<Utc>,
}

/// Why the asking side last asked for an assignment, for who may assign.
#[derive(Debug)]
pub struct AssignmentReasonRow {
    /// When it asked.
    pub asked_at: DateTime<Utc>,
    /// In words.
    pub reason: TextCell,
}

impl Redact for AssignmentReasonRow {
    fn redact(self, permit: &Permit) -> Self {
        let Self { asked_at, reason } = self;
        // The reason is content, and lies within the window of its reader or is not shown.
        let reads = permit.action() == Action::Read(Read::ThreadRead) && permit.reach().covers_at(asked_at);
        Self { asked_at, reason: if reads { reason } else { TextCell::Withheld } }
    }
}

impl Opens for AssignmentReasonRow {
    type Text = TextCell;
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
        let Self { asked_at: _, reason } = self;
        open(reason);
    }
}

impl Redact for ConsultationRow {
    fn redact(self, permit: &Permit) -> Self {
        let Self { state, urgency, due_at, due_zone_rules, assigned_to, assignment_asked_at, content } = self;
        let assignment_asked_at = assignment_asked_at.filter(|_| !is_outside(permit));
        // The whole of the content rests on one permit; under another, nothing of it is shown.
        let content = content.filter(|_| permit.action() == Action::Read(Read::ThreadRead));
        let assigned_to = assigned_to.filter(|_| !is_outside(permit));
        Self { state, urgency, due_at, due_zone_rules, assigned_to, assignment_asked_at, content }
    }
}

impl Opens for ConsultationRow {
    type Text = TextCell;
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
        let Self {
            state: _,
            urgency: _,
            due_at: _,
            due_zone_rules: _,
            assigned_to: _,
            assignment_asked_at: _,
            content,
        } = self;
        let Some(content) = content else { return };
        let ConsultationContent {
            may_convert: _,
            question,
            asked_at: _,
            advice,
            plan,
            informed: _,
            outcome: _,
            surveyed_at: _,
        } = content;
        open(question);
        if let Some(AdviceRow { by: _, at: _, come_back_when, recommendations }) = advice {
            come_back_when.iter_mut().for_each(&mut *open);
            for each in recommendations {
                let RecommendationRow { recommendation: _, kind: _, certainty: _, text, disposition: _, reason } = each;
                open(text);
                reason.iter_mut().for_each(&mut *open);
            }
        }
        if let Some(PlanRow { by: _, at: _, note }) = plan {
            note.iter_mut().for_each(open);
        }
    }
}

impl LifecycleRow for ConsultationRow {
    type Event = ConsultationEvent;
    const SHAPE: Shape = Shape { schema: SCHEMA, fold_version: 4 };

    fn fold(fold: &Fold<'_>, thread: ThreadId, event: &ConsultationEvent) -> Folded {
        match event {
            ConsultationEvent::Submitted(Submitted { question, urgency, consent: _, may_convert, due }) => fold.run(
                "INSERT INTO consultation (thread, urgency, due, due_zone_rules, may_convert, question) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    id(thread),
                    urgency.word(),
                    due.at.timestamp_micros(),
                    due.zone_rules,
                    may_convert,
                    fold.cell(question)?
                ],
            ),
            ConsultationEvent::Assigned(Assigned { by: _, to, reason: _ }) => fold.run(
                "UPDATE consultation SET assigned_to = ?2 WHERE thread = ?1",
                params![id(thread), to.map(id)],
            ),
            ConsultationEvent::AssignmentRequested(AssignmentRequested { by: _, reason, at, again_from: _ }) => fold.run(
                "UPDATE consultation SET assignment_asked_at = ?2, assignment_reason = ?3 WHERE thread = ?1",
                params![id(thread), at.timestamp_micros(), fold.cell(reason)?],
            ),
            ConsultationEvent::ReviewStarted(_) => Ok(()),
            ConsultationEvent::Advised(advised) => advice_given(fold, thread, advised),
            ConsultationEvent::PlanRecorded(PlanRecorded { by, dispositions, note }) => {
                fold.run(
                    "UPDATE consultation SET planned_by = ?2, planned_at = ?3, plan_note = ?4 WHERE thread = ?1",
                    params![id(thread), by.to_string(), fold.at, fold.cell_or_none(note.as_ref())?],
                )?;
                for Disposed { recommendation, disposition, reason } in dispositions {
                    fold.run(
                        "UPDATE recommendation SET disposition = ?3, reason = ?4 WHERE thread = ?1 AND recommendation = ?2",
                        params![
                            id(thread),
                            id(*recommendation),
                            disposition.word(),
                            fold.cell_or_none(reason.as_ref())?
                        ],
                    )?;
                }
                Ok(())
            }
            ConsultationEvent::PatientInformed(PatientInformed { by, method, told_at }) => fold.run(
                "UPDATE consultation SET informed_by = ?2, inform_method = ?3, told_at = ?4, informed_at = ?5 WHERE thread = ?1",
                params![id(thread), by.to_string(), method.word(), told_at.timestamp_micros(), fold.at],
            ),
            ConsultationEvent::Surveyed(Surveyed { by: _, survey: Survey { outcome, helpful, educational } }) => fold
                .run(
                    "UPDATE consultation SET outcome = ?2, helpful = ?3, educational = ?4, surveyed_at = ?5 WHERE thread = ?1",
                    params![id(thread), outcome.word(), helpful, educational, fold.at],
                ),
        }
    }

    fn named_by(event: &ConsultationEvent) -> Option<PersonId> {
        match event {
            ConsultationEvent::Assigned(Assigned { by: _, to, reason: _ }) => *to,
            ConsultationEvent::Submitted(_)
            | ConsultationEvent::AssignmentRequested(_)
            | ConsultationEvent::ReviewStarted(_)
            | ConsultationEvent::Advised(_)
            | ConsultationEvent::PlanRecorded(_)
            | ConsultationEvent::PatientInformed(_)
            | ConsultationEvent::Surveyed(_) => None,
        }
    }

    fn persons(&self) -> Vec<PersonId> {
        let advice = self.content.as_ref().and_then(|content| content.advice.as_ref());
        // The plan is shown with the advice.
        let plan = advice.and_then(|_| self.content.as_ref()?.plan.as_ref());
        let actors = advice.map(|advice| advice.by).into_iter().chain(plan.map(|plan| plan.by));
        self.assigned_to.into_iter().chain(actors.filter_map(|by| by.person())).collect()
    }

    fn read(snapshot: &Snapshot, thread: ThreadId, depth: Depth) -> Result<Option<Self>, Fault> {
        let sql =
            "SELECT t.state, c.urgency, c.due, c.due_zone_rules, c.assigned_to, c.assignment_asked_at FROM consultation c JOIN thread t ON t.thread = c.thread
                   WHERE c.thread = ?1";
        let row = snapshot.one(sql, [id(thread)], |cells| {
            Ok(Self {
                state: cells.word(ConsultationState::parse)?,
                urgency: cells.word(Urgency::parse)?,
                due_at: cells.time()?,
                due_zone_rules: cells.text()?,
                assigned_to: cells.id_or_none()?,
                assignment_asked_at: cells.time_or_none()?,
                content: None,
            })
        })?;
        let Some(row) = row else { return Ok(None) };
        let content = match depth {
            Depth::Header => None,
            Depth::Content(reach) => content(snapshot, thread, reach)?,
        };
        Ok(Some(Self { content, ..row }))
    }
}

/// The content, still without recommendations, and without what lies outside of the window of its reader. The question is
/// what was said first, so who sees the thread from later on does not read it, a participant as little as a delegate: who
/// adds a colleague from now on shows them nothing that was written before.
fn content_within(content: ConsultationContent, reach: Reach) -> ConsultationContent {
    let ConsultationContent { may_convert, question, asked_at, advice, plan, informed, outcome, surveyed_at } = content;
    ConsultationContent {
        may_convert,
        question: if reach.covers_opening(asked_at) { question } else { TextCell::Withheld },
        asked_at,
        advice: advice.filter(|advice| reach.covers_at(advice.at)),
        plan: plan.filter(|plan| reach.covers_at(plan.at)),
        informed: informed.filter(|informed| reach.covers_at(informed.noted_at)),
        outcome: outcome.filter(|_| surveyed_at.is_some_and(|at| reach.covers_at(at))),
        surveyed_at: surveyed_at.filter(|at| reach.covers_at(*at)),
    }
}

fn advice_given(fold: &Fold<'_>, thread: ThreadId, advised: &Advised) -> Folded {
    let Advised { by, recommendations, come_back_when, minutes_spent, at: _ } = advised;
    fold.run(
        "UPDATE consultation SET advised_by = ?2, advised_at = ?3, come_back_when = ?4, minutes_spent = ?5 WHERE thread = ?1",
        params![id(thread), by.to_string(), fold.at, fold.cell_or_none(come_back_when.as_ref())?, minutes_spent],
    )?;
    for (ordinal, each) in (0_i64..).zip(recommendations) {
        let Recommendation { recommendation, kind, certainty, text } = each;
        fold.run(
            "INSERT INTO recommendation (thread, ordinal, recommendation, kind, certainty, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![id(thread), ordinal, id(*recommendation), kind.word(), certainty.word(), fold.cell(text)?],
        )?;
    }
    Ok(())
}

/// Why the asking side last asked for an assignment; none if it has not.
pub(crate) fn assignment_reason(snapshot: &Snapshot, thread: ThreadId) -> Result<Option<AssignmentReasonRow>, Fault> {
    let sql = "SELECT assignment_asked_at, assignment_reason FROM consultation WHERE thread = ?1";
    let row = snapshot.one(sql, [id(thread)], |cells| Ok((cells.time_or_none()?, cells.cell_or_none()?)))?;
    Ok(row.and_then(|(asked_at, reason)| Some(AssignmentReasonRow { asked_at: asked_at?, reason: reason? })))
}

/// The thread of a recommendation, and when it was given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RecommendationPlace {
    pub thread: ThreadId,
    pub at: DateTime<Utc>,
}

/// Where a recommendation is. One row is read, whether there is one or not.
pub(crate) fn place_of_recommendation(
    snapshot: &Snapshot,
    recommendation: RecommendationId,
) -> Result<Option<RecommendationPlace>, Fault> {
    let sql = "SELECT found.thread, c.advised_at
               FROM (SELECT (SELECT thread FROM recommendation WHERE recommendation = ?1) AS thread) AS found
               LEFT JOIN consultation c ON c.thread = found.thread";
    let place = snapshot.one(sql, [id(recommendation)], |cells| Ok((cells.id_or_none()?, cells.time_or_none()?)))?;
    Ok(place.and_then(|(thread, at)| Some(RecommendationPlace { thread: thread?, at: at? })))
}

/// The content as far as a window reaches; the recommendations are read only if the answer lies in it.
fn content(snapshot: &Snapshot, thread: ThreadId, reach: Reach) -> Result<Option<ConsultationContent>, Fault> {
    let sql = "SELECT c.may_convert, c.question, t.opened_at, c.advised_by, c.advised_at, c.come_back_when, c.planned_by, c.planned_at,
                   c.plan_note, c.informed_by, c.inform_method, c.told_at, c.informed_at, c.outcome, c.surveyed_at
               FROM consultation c JOIN thread t ON t.thread = c.thread WHERE c.thread = ?1";
    let Some(content) = snapshot.one(sql, [id(thread)], content_row)? else { return Ok(None) };
    let mut content = content_within(content, reach);
    // The plan says what was done with the answer.
    let is_planned = content.plan.is_some();
    let Some(advice) = &mut content.advice else { return Ok(Some(content)) };
    let sql = "SELECT recommendation, kind, certainty, text, disposition, reason FROM recommendation WHERE thread = ?1 ORDER BY ordinal";
    snapshot.each(sql, [id(thread)], |cells| {
        advice.recommendations.push(RecommendationRow {
            recommendation: cells.id()?,
            kind: cells.word(RecommendationKind::parse)?,
            certainty: cells.word(Certainty::parse)?,
            text: cells.cell()?,
            disposition: cells.word_or_none(Disposition::parse)?.filter(|_| is_planned),
            reason: cells.cell_or_none()?.filter(|_| is_planned),
        });
        Ok(())
    })?;
    Ok(Some(content))
}

fn content_row(cells: &mut Cells<'_>) -> Result<ConsultationContent, Fault> {
    let (may_convert, question, asked_at) = (cells.flag()?, cells.cell()?, cells.time()?);
    let (advised_by, advised_at, come_back_when) =
        (cells.actor_or_none()?, cells.time_or_none()?, cells.cell_or_none()?);
    let (planned_by, planned_at, note) = (cells.actor_or_none()?, cells.time_or_none()?, cells.cell_or_none()?);
    let (informed_by, method, told_at) =
        (cells.actor_or_none()?, cells.word_or_none(InformMethod::parse)?, cells.time_or_none()?);
    let noted_at = cells.time_or_none()?;
    Ok(ConsultationContent {
        may_convert,
        question,
        asked_at,
        advice: advised_by.zip(advised_at).map(|(by, at)| AdviceRow {
            by,
            at,
            come_back_when,
            recommendations: Vec::new(),
        }),
        plan: planned_by.zip(planned_at).map(|(by, at)| PlanRow { by, at, note }),
        informed: informed_by
            .zip(method)
            .zip(told_at.zip(noted_at))
            .map(|((by, method), (told_at, noted_at))| InformedRow { by, method, told_at, noted_at }),
        outcome: cells.word_or_none(ClosingOutcome::parse)?,
        surveyed_at: cells.time_or_none()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_models::lifecycle::LifecycleView;
    use crate::read_models::testing::{Log, at, by, permit, person_id, sealed, thread_id};
    use care::calendar::Due;
    use care::conversation::Since;
    use care::ids::Id;
    use care::lifecycle::ThreadKind;
    use care::lifecycle::consultation::Consent;
    use care::words::{ConsentException, ReassignReason};
    use uuid::Uuid;

    fn recommendation(number: u128) -> RecommendationId {
        RecommendationId::from_uuid(Uuid::from_u128(number))
    }

    /// Submitted at 2, assigned at 3, answered at 4, planned at 5, told at 6.
    fn history() -> Log {
        let mut log = Log::new();
        log.open(1, Some(7));
        let by = by(2);
        let due = Due { at: at(900), calendar_version: 1, zone: "America/Bogota".into(), zone_rules: "2026f".into() };
        let recommended = |number, kind| Recommendation {
            recommendation: recommendation(number),
            kind,
            certainty: Certainty::High,
            text: sealed("consultation.recommendation"),
        };
        let disposed =
            |number, disposition, reason| Disposed { recommendation: recommendation(number), disposition, reason };
        let events = [
            ConsultationEvent::Submitted(Submitted {
                question: sealed("consultation.question"),
                urgency: Urgency::Urgent,
                consent: Consent::Exception { reason: ConsentException::Emergency },
                may_convert: true,
                due,
            }),
            ConsultationEvent::Assigned(Assigned {
                by,
                to: Some(person_id(2)),
                reason: Some(ReassignReason::Workload),
            }),
            ConsultationEvent::Advised(Advised {
                by,
                recommendations: vec![
                    recommended(2, RecommendationKind::Treat),
                    recommended(1, RecommendationKind::Test),
                ],
                come_back_when: Some(sealed("consultation.come_back_when")),
                minutes_spent: 5,
                at: None,
            }),
            ConsultationEvent::PlanRecorded(PlanRecorded {
                by,
                dispositions: vec![
                    disposed(1, Disposition::Accepted, None),
                    disposed(2, Disposition::Rejected, Some(sealed("consultation.disposition_reason"))),
                ],
                note: None,
            }),
            ConsultationEvent::PatientInformed(PatientInformed { by, method: InformMethod::Letter, told_at: at(5) }),
        ];
        for event in events {
            log.thread(1, 2, event);
        }
        log
    }

    fn read(log: &Log, thread: ThreadId, depth: Depth) -> Option<LifecycleView> {
        LifecycleView::read(&log.snapshot(), thread, ThreadKind::Consultation, depth).unwrap()
    }

    fn row(log: &Log, depth: Depth) -> ConsultationRow {
        let view = read(log, thread_id(1), depth).unwrap();
        let LifecycleView::Consultation(row) = view else { panic!("a consultation") };
        row
    }

    #[test]
    fn the_header_holds_no_content() {
        let mut row = row(&history(), Depth::Header);
        assert_eq!((row.urgency, row.due_at, row.assigned_to), (Urgency::Urgent, at(900), Some(person_id(2))));
        assert_eq!(row.due_zone_rules, "2026f");
        assert!(row.content.is_none());
        let mut opened = 0;
        row.each_sealed(&mut |_| opened += 1);
        assert_eq!(opened, 0);
    }

    #[test]
    fn the_content_is_the_question_the_answer_and_what_is_done_with_it() {
        let mut row = row(&history(), Depth::Content(Reach::FULL));
        assert_eq!(row.state, ConsultationState::PatientInformed);
        let content = row.content.as_ref().unwrap();
        assert!(content.may_convert && content.outcome.is_none());
        let advice = content.advice.as_ref().unwrap();
        assert_eq!((advice.by, advice.at), (by(2), at(4)));
        let recommended: Vec<_> =
            advice.recommendations.iter().map(|each| (each.recommendation, each.kind, each.disposition)).collect();
        let expected = [
            (recommendation(2), RecommendationKind::Treat, Some(Disposition::Rejected)),
            (recommendation(1), RecommendationKind::Test, Some(Disposition::Accepted)),
        ];
        assert_eq!(recommended, expected);
        assert_eq!(content.plan.as_ref().map(|plan| (plan.by, plan.at)), Some((by(2), at(5))));
        let informed = content.informed.as_ref().map(|informed| (informed.by, informed.method, informed.told_at));
        assert_eq!(informed, Some((by(2), InformMethod::Letter, at(5))));
        // Question, come back, two recommendations, one reason.
        let mut opened = 0;
        row.each_sealed(&mut |_| opened += 1);
        assert_eq!(opened, 5);
    }

    #[test]
    fn the_content_is_shown_by_the_permit_to_read_the_thread_alone() {
        let log = history();
        let shown = |read| permit(read).show(row(&log, Depth::Content(Reach::FULL)));
        assert!(shown(Read::ThreadRead).content.is_some());
        let found = shown(Read::ThreadFind);
        assert!(found.content.is_none());
        assert_eq!((found.urgency, found.assigned_to), (Urgency::Urgent, Some(person_id(2))));
    }

    #[test]
    fn the_reason_of_a_request_for_an_assignment_is_the_last_one_and_is_content() {
        let mut log = history();
        let row = |log: &Log| assignment_reason(&log.snapshot(), thread_id(1)).unwrap();
        assert!(row(&log).is_none(), "nobody has asked");
        for number in [10, 20] {
            let reason = sealed("consultation.assignment_reason");
            let asked = AssignmentRequested { by: by(2), reason, at: at(number), again_from: at(900) };
            log.thread(1, 2, ConsultationEvent::AssignmentRequested(asked));
        }
        let shown = |read| permit(read).show(row(&log).unwrap());
        assert_eq!(shown(Read::ThreadRead).asked_at, at(20));
        assert!(matches!(shown(Read::ThreadRead).reason, TextCell::Sealed(_)));
        assert_eq!(shown(Read::ThreadFind).reason, TextCell::Withheld);
        let mut opened = 0;
        row(&log).unwrap().each_sealed(&mut |_| opened += 1);
        assert_eq!(opened, 1);
    }

    /// What is shown of the question, the answer, what is done with it, how the patient was told, and the outcome.
    fn seen(log: &Log, reach: Reach) -> [bool; 5] {
        let content = row(log, Depth::Content(reach)).content.unwrap();
        let question = content.question != TextCell::Withheld;
        let (advice, plan) = (content.advice.is_some(), content.plan.is_some());
        [question, advice, plan, content.informed.is_some(), content.outcome.is_some()]
    }

    /// As before, and closed with an outcome at 7.
    fn closed() -> Log {
        let mut log = history();
        let survey = Survey { outcome: ClosingOutcome::PlanConfirmed, helpful: 5, educational: 4 };
        log.thread(1, 2, ConsultationEvent::Surveyed(Surveyed { by: by(2), survey }));
        log
    }

    #[test]
    fn what_was_said_before_the_readers_window_is_not_shown() {
        let log = closed();
        let from = |number, at| seen(&log, Reach { since: Some(Since { number, at }), ..Reach::FULL });
        assert_eq!(seen(&log, Reach::FULL), [true; 5]);
        assert_eq!(from(1, at(1)), [true; 5]);
        assert_eq!(from(2, at(1)), [false, true, true, true, true], "a message was before");
        assert_eq!(from(1, at(4)), [false, true, true, true, true]);
        assert_eq!(from(1, at(5)), [false, false, true, true, true]);
        assert_eq!(from(1, at(6)), [false, false, false, true, true], "when it was noted, not when they were told");
        assert_eq!(from(1, at(7)), [false, false, false, false, true]);
        assert_eq!(from(1, at(8)), [false; 5]);
        assert!(read(&log, thread_id(2), Depth::Content(Reach::FULL)).is_none());
    }

    #[test]
    fn what_was_recommended_outside_of_the_readers_window_is_not_read() {
        let log = closed();
        let rows_read = |reach: Reach| {
            let snapshot = log.snapshot();
            let depth = Depth::Content(reach);
            LifecycleView::read(&snapshot, thread_id(1), ThreadKind::Consultation, depth).unwrap().unwrap();
            snapshot.rows_read()
        };
        let from = |at| Reach { since: Some(Since { number: 1, at }), ..Reach::FULL };
        let all = rows_read(Reach::FULL);
        assert_eq!(rows_read(from(at(4))), all, "the answer lies in it");
        assert_eq!(rows_read(from(at(5))) + 2, all, "a limit of rows does not tell how many there are");
    }

    #[test]
    fn what_was_said_after_the_end_of_what_a_reader_sees_is_not_shown() {
        let log = closed();
        let until = |at| Reach { until: Some(at), ..Reach::FULL };
        assert_eq!(seen(&log, until(at(7))), [true; 5]);
        assert_eq!(seen(&log, until(at(4))), [true, true, false, false, false]);
        assert_eq!(seen(&log, until(at(1))), [true, false, false, false, false]);
        let advice = row(&log, Depth::Content(until(at(4)))).content.unwrap().advice.unwrap();
        assert!(advice.recommendations.iter().all(|each| each.disposition.is_none() && each.reason.is_none()));
    }
}

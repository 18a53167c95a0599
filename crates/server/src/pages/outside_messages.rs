//! Messages from outside, for staff who find out whom each is about: the list at `/outside-messages`, one of them at
//! `/outside-messages/{id}`, and what is done with it at `/outside-messages/{id}/{step}`.
//!
//! The person who claimed a message looks for the patient, chooses one, and then matches the offer, or chooses the thread to
//! which it is attached. The form for that is bound to the patient who was chosen. A search or a list that failed or goes on
//! is not shown as one that found nothing, since a message is closed when its patient is not found.

use askama::Template;
use chrono::{DateTime, Utc};
use coordination::answer::Recorded;
use poem::http::StatusCode;

use super::controls::{Choice, Control, ErrorLine, all_choices, chosen, place};
use super::forms::{Fields, FormSubject, Hidden};
use super::frame::{Frame, Place};
use super::lists::ListState;
use super::outcome::{Outcome, Problem};
use super::patients::Found;
use super::queries::{
    AttachOutsideMessage, ClaimOutsideMessage, CloseOutsideMessage, MatchOutsideMessage, OrganizationPatients,
    OutsideMessage as OneQuery, OutsideMessages as ListQuery, ThreadsToAttachTo, attach_outside_message,
    claim_outside_message, close_outside_message, home, match_outside_message, organization_patients, outside_message,
    outside_messages, threads_to_attach_to,
};
use super::rows::{Subject, Who, Wording};
use super::site::{Failed, Screen, Visit, rendered, see_other};
use super::texts::Texts;
use super::time::{Due, Moment, PageTime};
use crate::graphql::delegation_words::{DelegationKind, Relationship};
use crate::graphql::outside_message_words::{OutsideClosing, OutsideState, OutsideWish};
use crate::graphql::problem::ProblemCode;
use crate::graphql::words::ThreadStatus;
use crate::response::Response;

/// The screen `/outside-messages`.
pub(crate) struct OutsideMessages;

/// The screen `/outside-messages/{id}`.
pub(crate) struct OneOutsideMessage;

/// The screen `/outside-messages/{id}/{step}`.
pub(crate) struct OutsideMessageStep;

/// How many patients a search shows.
const PATIENTS: i64 = 10;

/// A message from outside in a list.
#[derive(Debug)]
pub(crate) struct Outside {
    pub id: String,
    pub wish: OutsideWish,
    pub relationship: Relationship,
    pub sender: Option<Who>,
    pub claimed_by: Option<Who>,
    pub patient_name: Wording,
    pub birth_date: Option<Wording>,
    sent: DateTime<Utc>,
    due: Option<DateTime<Utc>>,
}

impl Outside {
    /// What is to be done, beginning with the verb.
    pub fn what(&self, l: &Texts) -> String {
        let name = self.sender.as_ref().and_then(|sender| sender.name.text());
        let name = name.map_or_else(|| l.withheld().into_owned(), str::to_owned);
        match self.wish {
            OutsideWish::Help => l.outside_match_offer(name),
            OutsideWish::Tell => l.outside_find_patient(name),
        }
    }

    /// When it is due, in words.
    pub fn due(&self, time: &PageTime<'_>) -> Option<Due> {
        self.due.map(|due| time.due(due))
    }

    /// When it was sent.
    pub fn sent(&self, time: &PageTime<'_>) -> Moment {
        time.full(self.sent)
    }
}

macro_rules! outside { ($($module:ident)+) => {$(
    impl From<&$module::Outside> for Outside {
        fn from(found: &$module::Outside) -> Self {
            Self {
                id: found.id.clone(),
                wish: found.wish,
                relationship: found.relationship,
                sender: found.sender.as_ref().map(Who::from),
                claimed_by: found.claimed_by.as_ref().map(Who::from),
                patient_name: Wording::from(&found.patient_name),
                birth_date: found.patient_birth_date.as_ref().map(Wording::from),
                sent: found.sent_at,
                due: found.due_at,
            }
        }
    }
)+} }
outside! { home outside_message outside_messages }

#[derive(Template)]
#[template(path = "outside_messages.html")]
struct ListPage<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    /// None if they could not be read.
    messages: Option<Vec<Outside>>,
    done: Option<String>,
}

/// What is done with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Claim,
    Match,
    Attach,
    Close,
}

impl Step {
    fn of(word: &str) -> Option<Self> {
        [Self::Claim, Self::Match, Self::Attach, Self::Close].into_iter().find(|step| step.word() == word)
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Match => "match",
            Self::Attach => "attach",
            Self::Close => "close",
        }
    }

    /// What the list says once it is done; none where the message itself is shown again.
    fn done(self, l: &Texts) -> Option<String> {
        match self {
            Self::Claim => None,
            Self::Match => Some(l.outside_done_match().into_owned()),
            Self::Attach => Some(l.outside_done_attach().into_owned()),
            Self::Close => Some(l.outside_done_close().into_owned()),
        }
    }
}

/// One message, as the reader can go on with it.
struct One {
    message: Outside,
    /// The organization among whose patients the reader can search. None if they cannot search there.
    searched: Option<String>,
    kind: Option<DelegationKind>,
    text: Option<Wording>,
    has_ended: bool,
    is_mine: bool,
    can_claim: bool,
    can_go_on: bool,
}

impl One {
    fn of(found: &outside_message::OutsideMessageFound) -> Self {
        let searched = found.organization.as_ref().filter(|at| at.viewer_lists_patients || at.viewer_looks_up_patients);
        let can_go_on =
            found.viewer_can_match.allowed && found.viewer_can_attach.allowed && found.viewer_can_close.allowed;
        Self {
            message: Outside::from(&found.outside),
            searched: searched.map(|at| at.id.clone()),
            kind: found.kind,
            text: found.text.as_ref().map(Wording::from),
            has_ended: matches!(found.state, OutsideState::Ended | OutsideState::Erased),
            is_mine: found.is_claimed_by_viewer,
            can_claim: found.viewer_can_claim.allowed && !found.is_claimed_by_viewer,
            can_go_on: can_go_on && found.is_claimed_by_viewer,
        }
    }
}

/// The patient who was chosen, with the threads about them to whose clinical team the reader can write.
struct Chosen {
    patient: Subject,
    /// None if they could not be read.
    threads: Option<Vec<Choice>>,
    /// Whether there are more threads about the patient than were looked at.
    more: bool,
}

#[derive(Template)]
#[template(path = "outside_message.html")]
struct OnePage<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    one: One,
    claim: Hidden,
    search: Control,
    /// The patients whom the search found; none before a search.
    found: Option<Found>,
    chosen: Option<Chosen>,
    /// The form by which the message goes to the chosen patient.
    to_patient: Option<Hidden>,
    threads: Option<Control>,
    close: Hidden,
    closing: Vec<Control>,
    errors: Vec<ErrorLine>,
}

impl OnePage<'_> {
    /// Whether it is an offer to help.
    fn is_offer(&self) -> bool {
        self.one.message.wish == OutsideWish::Help
    }
}

fn subject<'v>(visit: &'v Visit<'_>, step: Step, patient: &'v str) -> FormSubject<'v> {
    FormSubject { form: step.word(), thread: &visit.id, patient }
}

impl Screen for OutsideMessages {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let answer = visit.ask::<ListQuery>(outside_messages::Variables {}).await?;
        let page = answer.map(|answer| {
            let messages = answer.data.viewer.outside_messages.as_ref();
            let messages = messages.map(|all| all.iter().map(Outside::from).collect());
            let done = visit.told("done").and_then(Step::of).and_then(|step| step.done(visit.time().l));
            rendered(&ListPage { frame: visit.arrival.frame(Place::Home), visit, messages, done })
        });
        visit.page(StatusCode::OK, page)
    }
}

/// The message of the page.
async fn read_one(visit: &Visit<'_>) -> Result<Recorded<One>, Failed> {
    let answer = visit.ask::<OneQuery>(outside_message::Variables { id: visit.id.clone() }).await?;
    answer.map(|answer| answer.data.found.as_ref().map(One::of).ok_or(Failed::NotAvailable)).transpose()
}

/// The patients of the organization whom a search finds.
async fn search(visit: &Visit<'_>, organization: String, words: &str) -> Result<Recorded<Found>, Failed> {
    let variables = organization_patients::Variables {
        id: organization,
        first: Some(PATIENTS),
        after: None,
        search: Some(words.to_owned()),
    };
    let answer = visit.ask::<OrganizationPatients>(variables).await?;
    Ok(answer.map(|answer| {
        let mut found = Found::records(&answer);
        // Nobody is chosen of whom it is not certain who they are.
        found.rows.retain(|row| row.patient.identity().is_some());
        found
    }))
}

/// The patient who was chosen.
async fn read_chosen(visit: &Visit<'_>, patient: &str) -> Result<Recorded<Option<Chosen>>, Failed> {
    let answer = visit.ask::<ThreadsToAttachTo>(threads_to_attach_to::Variables { id: patient.to_owned() }).await?;
    let time = visit.time();
    Ok(answer.map(|answer| {
        let patient = Subject::from(answer.data.patient.as_ref()?);
        patient.identity()?;
        let found = answer.data.threads.as_ref();
        let threads = found.map(|list| {
            let nodes = list.nodes.iter();
            let nodes = nodes.filter(|thread| thread.viewer_can_post.allowed && thread.status == ThreadStatus::Open);
            let choices = nodes.filter_map(|thread| {
                let subject = Wording::from(&thread.subject).text()?.to_owned();
                let hint = Some(time.moment(thread.updated_at).words);
                Some(Choice { hint, ..Choice::new(thread.id.clone(), subject) })
            });
            choices.collect::<Vec<Choice>>()
        });
        // Where a part is missing, an empty list does not say that there is none.
        let threads = threads.filter(|threads| answer.is_whole || !threads.is_empty());
        Some(Chosen { patient, threads, more: found.is_some_and(|list| list.page_info.has_next_page) })
    }))
}

async fn page(
    visit: &Visit<'_>,
    fields: &Fields,
    problems: &[Problem],
) -> Result<Recorded<askama::Result<String>>, Failed> {
    let one = read_one(visit).await?;
    let (searched, can_go_on) = one.read(|one| (one.searched.clone(), one.can_go_on));
    // Nothing of patients is looked up before the message was taken.
    let words = visit.query.filled("q").filter(|_| can_go_on);
    let found = match (searched, words) {
        (Some(organization), Some(words)) => Some(search(visit, organization, words).await?),
        (Some(_) | None, _) => None,
    };
    let given = fields.filled("patient").or(visit.query.filled("patient")).filter(|_| can_go_on);
    let chosen = match given {
        Some(patient) => Some(read_chosen(visit, patient).await?),
        None => None,
    };
    let page = match found {
        Some(found) => one.with(found, |one, found| (one, Some(found))),
        None => one.map(|one| (one, None)),
    };
    let page = match chosen {
        Some(chosen) => page.with(chosen, |(one, found), chosen| (one, found, chosen)),
        None => page.map(|(one, found)| (one, found, None)),
    };
    Ok(page.map(|(one, found, chosen)| one_page(visit, one, found, chosen, Sent { fields, problems })))
}

/// A form that was refused, or an empty one.
#[derive(Clone, Copy)]
struct Sent<'s> {
    fields: &'s Fields,
    problems: &'s [Problem],
}

fn one_page(
    visit: &Visit<'_>,
    one: One,
    found: Option<Found>,
    chosen: Option<Chosen>,
    sent: Sent<'_>,
) -> askama::Result<String> {
    let (l, Sent { fields, problems }) = (visit.time().l, sent);
    let grounds = all_choices(|ground| l.outside_closing(ground));
    let closing = [
        Control::one("ground", l.outside_close_ground(), fields, grounds),
        Control::short_text("reason", l.reason_why(), fields).hint(l.outside_close_hint()),
    ];
    let is_told = one.message.wish == OutsideWish::Tell;
    let offered = chosen.as_ref().and_then(|chosen| chosen.threads.as_ref());
    let offered = offered.filter(|threads| is_told && !threads.is_empty());
    let threads = offered.map(|threads| Control::one("threadId", l.outside_thread(), fields, threads.clone()));
    let step = if is_told { Step::Attach } else { Step::Match };
    let reachable = chosen.as_ref().filter(|_| !is_told || threads.is_some());
    let to_patient = reachable.map(|chosen| visit.hidden(subject(visit, step, &chosen.patient.id), ""));
    // What the sender wrote is where the search begins.
    let written = one.message.patient_name.text().unwrap_or_default();
    let begins = Fields::default().with("q", visit.query.filled("q").unwrap_or(written));
    // The problems of both forms stand in one summary.
    let is_choice = threads.is_some();
    let mut closing: Vec<Control> = threads.into_iter().chain(closing).collect();
    let errors = place(problems, &mut closing, l);
    let threads = is_choice.then(|| closing.remove(0));
    rendered(&OnePage {
        frame: visit.arrival.frame(Place::Home),
        visit,
        claim: visit.hidden(subject(visit, Step::Claim, ""), ""),
        search: Control::line("q", l.outside_search(), &begins).hint(l.outside_search_hint()),
        found,
        to_patient,
        threads,
        chosen,
        close: visit.hidden(subject(visit, Step::Close, ""), ""),
        closing,
        one,
        errors,
    })
}

impl Screen for OneOutsideMessage {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let page = page(visit, &Fields::default(), &[]).await?;
        visit.page(StatusCode::OK, page)
    }
}

async fn give(visit: &Visit<'_>, step: Step, fields: &Fields) -> Result<Outcome, Failed> {
    let (id, key) = (visit.id.clone(), fields.get("key").to_owned());
    match step {
        Step::Claim => {
            let input = claim_outside_message::ClaimOutsideMessageInput { client_mutation_id: key };
            visit.act::<ClaimOutsideMessage>(claim_outside_message::Variables { id, input }).await
        }
        Step::Match => {
            let patient_id = fields.get("patient").to_owned();
            let input = match_outside_message::MatchOutsideMessageInput { client_mutation_id: key, patient_id };
            visit.act::<MatchOutsideMessage>(match_outside_message::Variables { id, input }).await
        }
        Step::Attach => {
            let Some(thread_id) = fields.filled("threadId").map(str::to_owned) else {
                return Ok(Outcome::refused(Problem::of_field(ProblemCode::Empty, "threadId")));
            };
            let input = attach_outside_message::AttachOutsideMessageInput { client_mutation_id: key, thread_id };
            visit.act::<AttachOutsideMessage>(attach_outside_message::Variables { id, input }).await
        }
        Step::Close => {
            let ground = chosen::<OutsideClosing>(fields, "ground");
            let absent = [("ground", ground.is_none()), ("reason", fields.filled("reason").is_none())];
            let absent = absent.into_iter().filter(|(_, is_absent)| *is_absent);
            let problems: Vec<Problem> = absent.map(|(name, _)| Problem::of_field(ProblemCode::Empty, name)).collect();
            let Some(ground) = ground.filter(|_| problems.is_empty()) else { return Ok(Outcome::of(problems)) };
            let reason = fields.get("reason").to_owned();
            let input = close_outside_message::CloseOutsideMessageInput { client_mutation_id: key, ground, reason };
            visit.act::<CloseOutsideMessage>(close_outside_message::Variables { id, input }).await
        }
    }
}

impl Screen for OutsideMessageStep {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        see_other(&format!("/outside-messages/{}", visit.id))
    }

    async fn submit(&self, visit: &Visit<'_>, fields: &Fields) -> Result<Response, Failed> {
        let step = Step::of(&visit.step).ok_or(Failed::NotAvailable)?;
        Hidden::check(&visit.session, step.word(), &visit.id, fields)?;
        let outcome = give(visit, step, fields).await?;
        if outcome.problems.is_empty() {
            return match step {
                Step::Claim => visit.see_done(&format!("/outside-messages/{}", visit.id)),
                Step::Match | Step::Attach | Step::Close => {
                    visit.see_done(&format!("/outside-messages?done={}", step.word()))
                }
            };
        }
        if outcome.problems.iter().any(|problem| problem.code == ProblemCode::NotFound) {
            return Err(Failed::NotAvailable);
        }
        let page = page(visit, fields, &outcome.problems).await?;
        visit.page(StatusCode::UNPROCESSABLE_ENTITY, page)
    }
}

//! The screens of drafts, which are what a person has typed into a form and not sent: saving and discarding the draft of a
//! form of a thread, and the list `/drafts`.
//!
//! To keep the draft of a further form: 1. a [`DraftedForm`](super::draft::DraftedForm), for a step its command in
//! [`Step::drafted`]; 2. its page with the draft that is kept; 3. the draft in the input of its command; 4. for a page of
//! its own, a screen that calls [`change`]; the compiler asks for the one that opens a new kind of thread in [`Row`].

use askama::Template;
use care::command_name::CommandName;
use care::draft::opened_kind;
use care::lifecycle::ThreadKind;
use poem::http::StatusCode;

use super::draft::About;
use super::draft_saving::{Changed, change, discard};
use super::forms::{Fields, FormSubject, Hidden, Reference};
use super::frame::{Frame, Place};
use super::queries::{Drafts as Query, drafts as query};
use super::rows::{Subject, Wording, preview};
use super::site::{Failed, Screen, Visit, rendered, see_other};
use super::steps::Step;
use super::time::Moment;
use super::{new_consultation, new_thread, thread_step};
use crate::graphql::problem::ProblemCode;
use crate::response::Response;

/// The screen `/t/{id}/{step}/draft`: saves or discards the draft of a form.
pub(crate) struct DraftOfForm;

/// The screen `/drafts`: the drafts of the reader.
pub(crate) struct Drafts;

impl Screen for DraftOfForm {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        // The id becomes a part of an address, so it has to be one.
        let is_id = visit.id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        let step = Step::of(&visit.step).filter(|_| is_id);
        let form = step.and_then(|step| step.drafted(&visit.id, true)).ok_or(Failed::NotAvailable)?;
        see_other(&form.path(None))
    }

    async fn submit(&self, visit: &Visit<'_>, fields: &Fields) -> Result<Response, Failed> {
        let step = Step::of(&visit.step).ok_or(Failed::NotAvailable)?;
        let form = thread_step::drafted(visit, step, fields).ok_or(Failed::NotAvailable)?;
        Hidden::check(&visit.session, step.word(), &visit.id, fields)?;
        match change(visit, &form, fields).await? {
            Changed::Answered(response) => Ok(response),
            Changed::Again(typed) => {
                thread_step::form_again(visit, step, *typed, StatusCode::UNPROCESSABLE_ENTITY).await
            }
            Changed::Beside(typed) => thread_step::form_beside(visit, step, *typed).await,
        }
    }
}

#[derive(Template)]
#[template(path = "drafts.html")]
struct Page<'a> {
    frame: Frame<'a>,
    drafts: Vec<Row>,
    is_whole: bool,
    was_discarded: bool,
}

impl From<&query::Wording> for Wording {
    fn from(text: &query::Wording) -> Self {
        Self::of(text.text.as_ref(), text.withheld)
    }
}

/// A draft in the list.
struct Row {
    id: String,
    /// What its form does.
    form: String,
    /// What it is about; none while the reader may not send the form.
    subject: Option<Wording>,
    patient: Option<Subject>,
    /// The thread's or the organization's name where it is about no patient.
    place: Option<String>,
    saved: Moment,
    preview: Option<String>,
    /// Where its form is.
    form_at: Option<String>,
    /// Whether its author may not send the form now.
    is_withheld: bool,
    hidden: Hidden,
}

/// The form that discards a draft of the list.
const DISCARD: &str = "discard-draft";

impl Row {
    fn of(draft: query::DraftsViewerDraftsNodes, visit: &Visit<'_>) -> Self {
        let l = visit.time().l;
        let typed = draft.fields.map(|fields| Fields::of(fields.into_iter().map(|field| (field.name, field.text))));
        let step = Step::of_draft(&draft.command, typed.as_ref());
        let opens = CommandName::parse(&draft.command).ok().and_then(opened_kind);
        let form = match (step, opens) {
            (Some(Step::Reply), _) => l.draft_of_message().into_owned(),
            (Some(step), _) => step.title(l),
            (None, Some(ThreadKind::Consultation)) => l.new_consultation().into_owned(),
            (None, Some(ThreadKind::TeamThread)) => l.new_thread().into_owned(),
            (None, None) => l.draft_of_other_form().into_owned(),
        };
        let subject = FormSubject { form: DISCARD, thread: &draft.id, patient: "" };
        let patient = draft.thread.as_ref().and_then(|thread| thread.patient.as_ref()).map(Into::into);
        let of_thread = step.zip(draft.thread.as_ref()).and_then(|(step, thread)| step.drafted(&thread.id, true));
        let about = draft.patient.as_ref().map(|patient| About::Patient(patient.id.clone()));
        let about = about.or_else(|| draft.organization.as_ref().map(|at| About::Organization(at.id.clone())));
        let of_new = opens.zip(about).and_then(|(kind, about)| match (kind, about) {
            (ThreadKind::Consultation, About::Patient(patient)) => {
                let pool = typed.as_ref()?.filled(new_consultation::POOL)?;
                Some(new_consultation::drafted(&patient, pool))
            }
            (ThreadKind::Consultation, About::Organization(_) | About::Thread(_)) => None,
            (ThreadKind::TeamThread, about) => Some(new_thread::drafted(about)),
        });
        let draft_form = of_thread.or(of_new);
        Self {
            form,
            patient: patient.or_else(|| draft.patient.as_ref().map(Into::into)),
            place: draft.organization.map(|organization| organization.name),
            saved: visit.time().moment(draft.saved_at),
            preview: typed.as_ref().and_then(|typed| typed.typed().first().copied()).map(preview),
            form_at: draft_form.map(|form| form.path(None)),
            subject: draft.thread.as_ref().map(|thread| (&thread.subject).into()),
            is_withheld: typed.is_none(),
            hidden: visit.hidden(subject, ""),
            id: draft.id,
        }
    }
}

impl Screen for Drafts {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let answer = visit.ask::<Query>(query::Variables { first: Some(100) }).await?;
        let page = answer.map(|answer| {
            let is_whole = answer.is_whole && answer.data.viewer.drafts.is_some();
            let found = answer.data.viewer.drafts.into_iter().flat_map(|list| list.nodes);
            rendered(&Page {
                frame: visit.arrival.frame(Place::Drafts),
                drafts: found.map(|draft| Row::of(draft, visit)).collect(),
                is_whole,
                was_discarded: visit.told("draft") == Some("discarded"),
            })
        });
        visit.page(StatusCode::OK, page)
    }

    async fn submit(&self, visit: &Visit<'_>, fields: &Fields) -> Result<Response, Failed> {
        let draft = fields.get("thread");
        Hidden::check(&visit.session, DISCARD, draft, fields)?;
        let outcome = discard(visit, Reference::Id(draft.to_owned())).await?;
        if outcome.problems.iter().any(|problem| problem.code == ProblemCode::NotFound) {
            return Err(Failed::NotAvailable);
        }
        visit.see_done("/drafts?draft=discarded")
    }
}

//! The screens of drafts, which are what a person has typed into a form and not sent: saving and discarding the draft of a
//! form of a thread, and the list `/drafts`. The same save is made by a button, and by the script.
//!
//! To keep the draft of a further form: 1. a [`DraftedForm`], for a step its command in [`Step::drafted`]; 2. its page
//! with [`kept`] and [`Typed`]; 3. the draft's field in the input of its command; 4. for a page of its own, a screen that
//! calls [`change`], and where it is in [`Row`].

use askama::Template;
use coordination::answer::Recorded;
use poem::http::{HeaderName, HeaderValue, StatusCode};

use super::draft::{About, DraftedForm, Typed, kept, saved_words};
use super::forms::{ErrorLine, Fields, FormSubject, Hidden, Reference};
use super::frame::{Frame, Place};
use super::outcome::Outcome;
use super::queries::{
    DiscardDraft, Drafts as Query, SaveDraft, discard_draft, drafts as query, open_team_thread, request_consultation,
    save_draft,
};
use super::rows::{Subject, Wording, preview};
use super::site::{Failed, Screen, Visit, rendered, see_other};
use super::steps::Step;
use super::time::Moment;
use super::{new_consultation, new_thread, thread};
use crate::graphql::problem::ProblemCode;
use crate::graphql::scalars::Version;
use crate::response::Response;

/// The screen `/t/{id}/{step}/draft`: saves or discards the draft of a form.
pub(crate) struct DraftOfForm;

/// The screen `/drafts`: the drafts of the reader.
pub(crate) struct Drafts;

/// The reference to a draft in the inputs of mutations: each has its own generated type.
macro_rules! references {
    ($($module:ident)*) => {
        $(impl From<Reference> for $module::DraftReferenceInput {
            fn from(draft: Reference) -> Self {
                match draft {
                    Reference::Key(key) => Self::Key(key),
                    Reference::Id(id) => Self::Id(id),
                }
            }
        })*
    };
}

references! { save_draft discard_draft request_consultation open_team_thread }

const STATE: HeaderName = HeaderName::from_static("x-draft-state");
const VERSION: HeaderName = HeaderName::from_static("x-draft-version");
const WORDS: HeaderName = HeaderName::from_static("x-draft-words");

/// The answer to the script: how the draft is, in headers, because the script makes no markup from text.
fn to_script(state: &'static str, version: &str, words: &str) -> Result<Response, Failed> {
    let words: String = form_urlencoded::byte_serialize(words.as_bytes()).collect();
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| Failed::Address);
    Ok(Response::status(StatusCode::NO_CONTENT)
        .with_header(STATE, HeaderValue::from_static(state))
        .with_header(VERSION, value(version)?)
        .with_header(WORDS, value(&words)?))
}

/// What a form came to that was sent to save or discard its draft.
pub(crate) enum Changed {
    /// The answer.
    Answered(Response),
    /// The form is shown again with what is wrong with it.
    Again(Box<Typed>),
    /// The draft was saved elsewhere meanwhile, and the form is shown with both texts.
    Beside(Box<Recorded<Typed>>),
}

async fn save(visit: &Visit<'_>, form: &DraftedForm, fields: &Fields) -> Result<Option<Outcome>, Failed> {
    let mut kept = fields.kept();
    let is_empty = kept.is_empty() || (form.needs_text && fields.typed().is_empty());
    let Some(reference) = Reference::of(fields).filter(|_| !is_empty) else { return Ok(None) };
    kept.extend(form.also.iter().map(|(name, value)| ((*name).to_owned(), value.as_str())));
    let input = save_draft::SaveDraftInput {
        client_mutation_id: format!("{}-save", visit.arrival.trace),
        expected_version: fields.filled("draftVersion").map(Version::of_form),
        draft: reference.into(),
        command: form.command.to_owned(),
        about: match form.about.clone() {
            About::Thread(id) => save_draft::FormSubjectInput::ThreadId(id),
            About::Patient(id) => save_draft::FormSubjectInput::PatientId(id),
            About::Organization(id) => save_draft::FormSubjectInput::OrganizationId(id),
        },
        fields: kept.into_iter().map(|(name, text)| save_draft::DraftFieldInput { name, text: text.into() }).collect(),
        // A press of the button leaves the page.
        leaving: visit.fragment.is_none() || fields.given("leaving").is_some(),
    };
    visit.act::<SaveDraft>(save_draft::Variables { input }).await.map(Some)
}

async fn discard(visit: &Visit<'_>, reference: Reference) -> Result<Outcome, Failed> {
    let input = discard_draft::DiscardDraftInput {
        client_mutation_id: format!("{}-discard", visit.arrival.trace),
        draft: reference.into(),
    };
    visit.act::<DiscardDraft>(discard_draft::Variables { input }).await
}

/// Saves or discards the draft of a form, as its button or the script asks for.
///
/// # Errors
/// If a command was refused as a whole, or what the form is about cannot be found.
pub(crate) async fn change(visit: &Visit<'_>, form: &DraftedForm, fields: &Fields) -> Result<Changed, Failed> {
    let (is_script, l) = (visit.fragment.as_deref() == Some("draft"), visit.time().l);
    if fields.given("discard").is_some() {
        // One that has ended already is gone as well.
        if let Some(reference) = Reference::of(fields) {
            discard(visit, reference).await?;
        }
        return see_other(&form.path(Some("discarded"))).map(Changed::Answered);
    }
    let Some(outcome) = save(visit, form, fields).await? else {
        if is_script {
            return to_script("empty", "", "").map(Changed::Answered);
        }
        let line = ErrorLine { words: l.draft_empty().into_owned(), control: None };
        let typed = Typed { lines: vec![line], ..Typed::again(visit, Some(form), fields, &[]) };
        return Ok(Changed::Again(Box::new(typed)));
    };
    if let Some(draft) = outcome.draft.as_ref().filter(|_| outcome.problems.is_empty()) {
        return if is_script {
            to_script("saved", draft.version.as_str(), &saved_words(draft.saved_at, &visit.time()))
        } else {
            see_other(&form.path(Some("saved")))
        }
        .map(Changed::Answered);
    }
    let has = |code| outcome.problems.iter().any(|problem| problem.code == code);
    let is_elsewhere = has(ProblemCode::VersionConflict) || has(ProblemCode::DraftExists);
    if has(ProblemCode::NotFound) {
        return Err(Failed::NotAvailable);
    }
    if is_script {
        return match outcome.problems.first() {
            _ if has(ProblemCode::DraftSavedRecently) => to_script("later", "", ""),
            _ if is_elsewhere => to_script("elsewhere", "", &l.draft_elsewhere_script()),
            Some(problem) => to_script("refused", "", &l.problem(&problem.code)),
            None => to_script("refused", "", &l.draft_not_saved()),
        }
        .map(Changed::Answered);
    }
    if is_elsewhere {
        let typed = kept(visit, form).await?.map(|kept| match kept {
            Some(kept) => Typed::beside(visit, form, fields, &kept),
            None => Typed::again(visit, Some(form), fields, &outcome.problems),
        });
        return Ok(Changed::Beside(Box::new(typed)));
    }
    Ok(Changed::Again(Box::new(Typed::again(visit, Some(form), fields, &outcome.problems))))
}

impl Screen for DraftOfForm {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let form = Step::of(&visit.step).and_then(|step| step.drafted(&visit.id, true)).ok_or(Failed::NotAvailable)?;
        see_other(&form.path(None))
    }

    async fn submit(&self, visit: &Visit<'_>, fields: &Fields) -> Result<Response, Failed> {
        let step = Step::of(&visit.step).ok_or(Failed::NotAvailable)?;
        let form = thread::drafted(visit, step, fields).ok_or(Failed::NotAvailable)?;
        Hidden::check(&visit.session, step.word(), &visit.id, fields)?;
        match change(visit, &form, fields).await? {
            Changed::Answered(response) => Ok(response),
            Changed::Again(typed) => thread::form_again(visit, step, *typed, StatusCode::UNPROCESSABLE_ENTITY).await,
            Changed::Beside(typed) => thread::form_beside(visit, step, *typed).await,
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

impl From<&query::Subject> for Subject {
    fn from(patient: &query::Subject) -> Self {
        let id = patient.id.clone();
        Self { id, name: (&patient.name).into(), birth_date: (&patient.birth_date).into() }
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
        let step = Step::of_draft(&draft.command);
        let form = match (step, draft.command.as_str()) {
            (Some(Step::Reply), _) => l.draft_of_message().into_owned(),
            (Some(step), _) => step.title(l),
            (None, "consultation.request") => l.draft_of_consultation().into_owned(),
            (None, "team_thread.open") => l.draft_of_team_thread().into_owned(),
            (None, _) => l.draft_of_other_form().into_owned(),
        };
        let subject = FormSubject { form: DISCARD, thread: &draft.id, patient: "" };
        let typed = draft.fields.map(|fields| Fields::of(fields.into_iter().map(|field| (field.name, field.text))));
        let patient = draft.thread.as_ref().and_then(|thread| thread.patient.as_ref()).map(Into::into);
        let of_thread = step.zip(draft.thread.as_ref()).and_then(|(step, thread)| step.drafted(&thread.id, true));
        let about = draft.patient.as_ref().map(|patient| About::Patient(patient.id.clone()));
        let about = about.or_else(|| draft.organization.as_ref().map(|at| About::Organization(at.id.clone())));
        let of_new = about.and_then(|about| match (draft.command.as_str(), about) {
            ("consultation.request", About::Patient(patient)) => {
                let pool = typed.as_ref()?.filled(new_consultation::POOL)?;
                Some(new_consultation::drafted(&patient, pool))
            }
            ("team_thread.open", about) => Some(new_thread::drafted(about)),
            (_, About::Patient(_) | About::Organization(_) | About::Thread(_)) => None,
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
                was_discarded: visit.query.get("draft") == "discarded",
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
        see_other("/drafts?draft=discarded")
    }
}

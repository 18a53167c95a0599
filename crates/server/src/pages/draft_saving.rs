//! Saving and discarding the draft of a form. The same save is made by a button, and by the script.

use coordination::answer::Recorded;
use poem::http::{HeaderName, HeaderValue, StatusCode};

use super::controls::ErrorLine;
use super::draft::{About, DraftedForm, Typed, kept, saved_words};
use super::forms::{Fields, Reference};
use super::outcome::Outcome;
use super::queries::{self, DiscardDraft, SaveDraft, discard_draft, save_draft};
use super::site::{Failed, Visit};
use crate::graphql::problem::ProblemCode;
use crate::graphql::scalars::Version;
use crate::response::Response;

/// The reference to a draft in the inputs of mutations: each has its own generated type.
macro_rules! references {
    ($($module:ident)*) => {
        $(impl From<Reference> for queries::$module::DraftReferenceInput {
            fn from(draft: Reference) -> Self {
                match draft {
                    Reference::Key(key) => Self::Key(key),
                    Reference::Id(id) => Self::Id(id),
                }
            }
        })*
    };
}

references! {
    save_draft discard_draft request_consultation open_team_thread
    post_message advise_consultation record_plan inform_patient close_consultation close_thread set_waiting_on
    pass_turn park_team_thread reopen_thread add_participant invite_participant change_history_window
    remove_participant release_thread transfer_thread take_over_thread
}

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

/// Discards a draft.
///
/// # Errors
/// If the command was refused as a whole.
pub(crate) async fn discard(visit: &Visit<'_>, reference: Reference) -> Result<Outcome, Failed> {
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
        return visit.see_done(&form.path(Some("discarded"))).map(Changed::Answered);
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
            visit.see_done(&form.path(Some("saved")))
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

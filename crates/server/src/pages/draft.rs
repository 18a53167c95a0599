//! The draft of a form, as the form shows it and names it.
//!
//! A form names its draft in two hidden fields: a key that was chosen when the form was made, or the id of the draft that
//! it was opened with; and the version that it has changed.

use chrono::{DateTime, Utc};
use coordination::answer::Recorded;

use super::controls::ErrorLine;
use super::forms::{Fields, Reference};
use super::outcome::Problem;
use super::queries::{DraftOf, draft_of};
use super::site::{Failed, Visit};
use super::texts::Texts;
use super::time::PageTime;
use crate::graphql::problem::ProblemCode;

/// A form of which a draft is kept.
#[derive(Debug, Clone)]
pub(crate) struct DraftedForm {
    /// The word of the form.
    pub word: &'static str,
    /// The command that sends it.
    pub command: &'static str,
    /// What it is about.
    pub about: About,
    /// The path of its page.
    pub page: String,
    /// The place of the form on its page.
    pub place: &'static str,
    /// Where the buttons of its draft send it to.
    pub action: String,
    /// Whether it is kept only with a text, because its choices are there already.
    pub needs_text: bool,
    /// A field that the page itself knows, and that leads back to it.
    pub also: Option<(&'static str, String)>,
}

/// What a form is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum About {
    Thread(String),
    Patient(String),
    Organization(String),
}

/// A draft as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    id: String,
    version: String,
    saved_at: DateTime<Utc>,
    /// None while its author may not send the form.
    fields: Option<Fields>,
}

impl Kept {
    /// Whether it was typed in this form, and not in another one of the same command.
    pub fn is_of(&self, form: &DraftedForm) -> bool {
        let has = |name: &str| self.fields.as_ref().is_some_and(|fields| fields.given(name).is_some());
        form.also.as_ref().is_some_and(|(name, _)| has(name))
    }
}

/// What a form shows of its draft, and the fields with which it names it.
#[derive(Debug, Clone)]
pub(crate) struct FormDraft {
    /// The word of the form.
    pub form: &'static str,
    reference: Reference,
    pub version: String,
    /// Where its buttons send the form to.
    pub action: String,
    /// When it was saved, in words.
    pub saved: Option<String>,
    /// Whether the fields of the form are not saved.
    pub is_unsaved: bool,
    /// Whether the page was asked for by saving or discarding it, so that this is said first.
    pub is_news: bool,
    /// The draft that was saved elsewhere meanwhile.
    pub elsewhere: Option<Elsewhere>,
}

/// A draft of the same form that was saved from another window or device.
#[derive(Debug, Clone)]
pub(crate) struct Elsewhere {
    pub saved: String,
    pub texts: Vec<String>,
}

/// A form to be shown: what stands in its fields, and its draft if it keeps one.
#[derive(Debug, Clone)]
pub(crate) struct Typed {
    pub fields: Fields,
    pub draft: Option<FormDraft>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// What else the error summary says.
    pub lines: Vec<ErrorLine>,
}

/// When a draft was saved, in words.
pub(crate) fn saved_words(at: DateTime<Utc>, time: &PageTime<'_>) -> String {
    if time.local_day(at) == time.today() {
        time.l.draft_saved_at(time.local(at).format("%H:%M").to_string())
    } else {
        time.l.draft_saved_on(time.moment(at).words)
    }
}

impl FormDraft {
    /// The value of the field that names the draft.
    pub fn name(&self) -> String {
        self.reference.word()
    }

    /// What the page says of it.
    pub fn words(&self, l: &Texts) -> String {
        match &self.saved {
            Some(saved) => saved.clone(),
            None if self.is_news => l.draft_discarded().into_owned(),
            None => String::new(),
        }
    }

    fn of(form: &DraftedForm, reference: Reference) -> Self {
        Self {
            form: form.word,
            reference,
            version: String::new(),
            action: form.action.clone(),
            saved: None,
            is_unsaved: false,
            is_news: false,
            elsewhere: None,
        }
    }

    /// A draft that is not saved yet.
    pub fn new(visit: &Visit<'_>, form: &DraftedForm) -> Self {
        Self::of(form, Reference::Key(format!("{}-{}-draft", visit.arrival.trace, form.word)))
    }

    fn of_kept(visit: &Visit<'_>, form: &DraftedForm, kept: &Kept) -> Self {
        Self {
            version: kept.version.clone(),
            saved: Some(saved_words(kept.saved_at, &visit.time())),
            ..Self::of(form, Reference::Id(kept.id.clone()))
        }
    }
}

impl DraftedForm {
    /// The address of its page, after its draft was saved or discarded if this is named.
    pub fn path(&self, draft: Option<&str>) -> String {
        let Self { page, place, .. } = self;
        let joint = if page.contains('?') { '&' } else { '?' };
        draft.map_or_else(|| format!("{page}{place}"), |word| format!("{page}{joint}draft={word}{place}"))
    }
}

impl Typed {
    fn of(fields: Fields, draft: Option<FormDraft>) -> Self {
        Self { fields, draft, problems: Vec::new(), lines: Vec::new() }
    }

    /// Nothing is typed, and no draft is kept.
    pub fn nothing() -> Self {
        Self::of(Fields::default(), None)
    }

    /// A form that is opened: with the fields of its draft, if there is one.
    pub fn opened(visit: &Visit<'_>, form: &DraftedForm, kept: Option<Kept>) -> Self {
        let draft =
            kept.as_ref().map_or_else(|| FormDraft::new(visit, form), |kept| FormDraft::of_kept(visit, form, kept));
        let is_news = match visit.told("draft") {
            Some("saved") => draft.saved.is_some(),
            Some("discarded") => draft.saved.is_none(),
            Some(_) | None => false,
        };
        let fields = kept.and_then(|kept| kept.fields).unwrap_or_default();
        Self::of(fields, Some(FormDraft { is_news, ..draft }))
    }

    /// A form that is shown again with what was sent. After its draft has ended it begins another.
    pub fn again(visit: &Visit<'_>, form: Option<&DraftedForm>, fields: &Fields, problems: &[Problem]) -> Self {
        let has_ended = problems.iter().any(|problem| problem.code == ProblemCode::DraftEnded);
        let draft = form.map(|form| match Reference::of(fields).filter(|_| !has_ended) {
            Some(reference) => {
                FormDraft { version: fields.get("draftVersion").to_owned(), ..FormDraft::of(form, reference) }
            }
            None => FormDraft::new(visit, form),
        });
        let draft = draft.map(|draft| FormDraft { is_unsaved: true, ..draft });
        Self { problems: problems.to_vec(), ..Self::of(fields.clone(), draft) }
    }

    /// A form whose draft was saved elsewhere meanwhile: both texts, and the next save replaces the other one.
    pub fn beside(visit: &Visit<'_>, form: &DraftedForm, fields: &Fields, kept: &Kept) -> Self {
        let draft = FormDraft::of_kept(visit, form, kept);
        let texts = kept.fields.as_ref().map(|fields| fields.typed().into_iter().map(str::to_owned).collect());
        let elsewhere = draft.saved.clone().map(|saved| Elsewhere { saved, texts: texts.unwrap_or_default() });
        Self::of(fields.clone(), Some(FormDraft { is_unsaved: true, elsewhere, ..draft }))
    }
}

/// The draft that is kept of a form.
///
/// # Errors
/// If the query was refused as a whole.
pub(crate) async fn kept(visit: &Visit<'_>, form: &DraftedForm) -> Result<Recorded<Option<Kept>>, Failed> {
    let about = match form.about.clone() {
        About::Thread(id) => draft_of::FormSubjectInput::ThreadId(id),
        About::Patient(id) => draft_of::FormSubjectInput::PatientId(id),
        About::Organization(id) => draft_of::FormSubjectInput::OrganizationId(id),
    };
    let answer = visit.ask::<DraftOf>(draft_of::Variables { command: form.command.to_owned(), about }).await?;
    Ok(answer.map(|answer| {
        let draft = answer.data.viewer.draft_of?;
        let fields = draft.fields.map(|fields| Fields::of(fields.into_iter().map(|field| (field.name, field.text))));
        let version = draft.version.as_str().to_owned();
        Some(Kept { id: draft.id, version, saved_at: draft.saved_at, fields })
    }))
}

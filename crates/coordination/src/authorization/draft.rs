//! The drafts of a person, as far as they decide: which form each belongs to, and which were sent and have not ended yet.
//! No text, and nothing of a draft that has ended.

use std::collections::BTreeMap;

use care::command_name::Command;
use care::draft::{DraftEvent, Form, opened_kind};
use care::event::Stream;
use care::ids::{DraftId, EventId, Id, PersonId, ThreadId};
use care::party::FormSubject;
use care::words::{Audience, Confidentiality, Role};
use chrono::{DateTime, Utc};
use policy::decide::Viewer;
use policy::question::CodeSet;
use policy::reach::HeldStanding;
use policy::words::{Action, Standing};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entity::{Entities, Entity};
use super::index::Mark;
use super::person::{Gathered, PersonFacts};
use super::{AuthorizationState, Subject};

/// The drafts of a person that have not ended.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct DraftsOf {
    pub drafts: BTreeMap<DraftId, DraftFacts>,
}

/// A draft that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct DraftFacts {
    /// Its form; none if it was sent before it was saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Form>,
    /// The event by which it was sent; none if it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<EventId>,
}

impl Entity for DraftsOf {
    const TABLE: &'static str = "drafts_of";
    const SHAPE: u32 = 1;

    fn marks(&self) -> Vec<Mark> {
        let is_sent = self.drafts.values().any(|draft| draft.sent.is_some());
        is_sent.then_some(Mark::SentDrafts).into_iter().collect()
    }
}

impl DraftsOf {
    pub fn fold(this: Option<Self>, event: &DraftEvent) -> Option<Self> {
        let mut this = this.unwrap_or_default();
        match event {
            DraftEvent::Saved(saved) => {
                this.drafts.entry(saved.draft).or_default().form = Some(saved.form);
            }
            DraftEvent::Ended(ended) => {
                this.drafts.remove(&ended.draft);
            }
        }
        (!this.drafts.is_empty()).then_some(this)
    }

    /// With a draft that an event sent.
    pub fn with_sent(this: Option<Self>, draft: DraftId, event: EventId) -> Option<Self> {
        let mut this = this.unwrap_or_default();
        this.drafts.entry(draft).or_default().sent.get_or_insert(event);
        Some(this)
    }
}

/// What a person is to the drafts of an author: the author, in each role that they hold now and as a person; to the
/// drafts of anybody else, nothing.
pub(crate) fn standings<S: Entities>(
    store: &S,
    author: PersonId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<HeldStanding>, S::Fault> {
    if author != person || store.get::<PersonFacts>(person.uuid())?.is_none() {
        return Ok(Vec::new());
    }
    let mut gathered = Gathered::new(store, person, now)?;
    gathered.with_every_role(Standing::Author);
    gathered.push(HeldStanding::full(Standing::Author, Role::Person));
    Ok(gathered.done())
}

/// What the command of a form is given to.
pub(crate) fn subject_of(form: Form) -> Subject {
    let opening = |kind, patient, organization| Subject::Opening {
        kind,
        patient,
        organization,
        confidentiality: Confidentiality::Normal,
        codes: CodeSet::NONE,
    };
    match (form.subject, opened_kind(form.command)) {
        (FormSubject::Thread(thread), _) => Subject::Thread(thread),
        (FormSubject::Patient(patient), Some(kind)) => opening(kind, Some(patient), None),
        (FormSubject::Organization(organization), Some(kind)) => opening(kind, None, Some(organization)),
        // The form of a command that opens nothing is about a thread, so this is none, and is missing.
        (FormSubject::Patient(_) | FormSubject::Organization(_), None) => {
            Subject::Thread(ThreadId::from_uuid(Uuid::nil()))
        }
    }
}

/// Whether a command sends the form of a draft.
pub(crate) fn is_sent_by<C: Command>(form: Form, stream: Stream, command: &C) -> bool {
    let subject_fits = match (form.subject, command.opens()) {
        (FormSubject::Thread(thread), None) => stream == Stream::Thread(thread),
        (FormSubject::Patient(patient), Some((_, opening))) => opening.patient == Some(patient),
        (FormSubject::Organization(organization), Some((_, opening))) => {
            opening.patient.is_none() && opening.organization.is_none_or(|named| named == organization)
        }
        (FormSubject::Thread(_), Some(_)) | (FormSubject::Patient(_) | FormSubject::Organization(_), None) => false,
    };
    form.command == command.name() && subject_fits
}

impl AuthorizationState {
    /// Whether the viewer, by what they are to the subject of a form, may send the form to some audience.
    pub fn may_send(&self, viewer: &Viewer, form: Form, held: &[HeldStanding]) -> bool {
        let subject = subject_of(form);
        let facts = self.facts(&subject, held);
        let audiences = Audience::ALL.iter().copied().map(Some).chain([None]);
        let mut may = audiences.map(|audience| viewer.may(Action::Command(form.command), audience, &facts));
        self.finds(viewer, &subject, facts) && may.any(|may| may)
    }
}

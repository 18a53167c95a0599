//! The drafts of a person, as far as they decide: which form each belongs to, and which were sent and have not ended yet.
//! No text, and nothing of a draft that has ended.

use std::collections::BTreeMap;

use care::command_name::{Command, Named};
use care::conversation::PostMessage;
use care::draft::{DraftEvent, Form};
use care::event::Stream;
use care::ids::{DraftId, EventId, Id, PersonId};
use care::party::FormSubject;
use care::words::Role;
use chrono::{DateTime, Utc};
use policy::reach::HeldStanding;
use policy::words::Standing;
use serde::{Deserialize, Serialize};

use super::entity::{Entities, Entity};
use super::index::Mark;
use super::person::{Gathered, PersonFacts};

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
    // A message can be sent together with a step, as one command.
    let is_message = form.command == PostMessage::NAME && command.also_posts().is_some();
    (form.command == command.name() || is_message) && subject_fits
}

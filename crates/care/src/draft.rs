//! The drafts of a person: what they have typed into forms and not sent yet.
//!
//! A person has one stream of drafts. Each draft belongs to one form, which is a command to a thread or one that opens a
//! thread, and is sealed under a key of its own. The event that ends a draft, because it was sent or discarded, also
//! decides that its key is destroyed. A draft changes nothing in the thread that its form is about.
//!
//! There is at most one draft for each form of a person, so that a second device finds the draft of the first instead of
//! beginning another. The person's program chooses the key from which the draft's id follows, so a save that arrives
//! after the draft was sent cannot bring it back.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::aggregate::{Acting, Aggregate, ThreadAbout};
use crate::command_name::{Command as _, CommandName, commands};
use crate::event_set::{events, no_text, texts};
use crate::ids::{CommandId, DraftId, OrganizationId, PatientId};
use crate::lifecycle::ThreadKind;
use crate::party::FormSubject;
use crate::text::{PersonalText, Text, TextProblem};
use crate::thread::ThreadCommand;
use crate::words::DraftEnd;

/// The most drafts that a person has at once.
pub const DRAFTS_MAX: usize = 100;
/// How long after a save the next one is refused, unless the form is being left.
pub const SAVE_EVERY: Duration = Duration::seconds(10);

commands! {
    /// What can be asked of a person's drafts.
    DraftCommand, DraftAct {
        "draft.save" => SaveDraft,
        "draft.discard" => DiscardDraft,
        "draft.end" => EndDraft,
    }
    where
    fn draft(&self) -> Option<DraftId> {
        Some(match self {
            Self::SaveDraft(save) => save.draft,
            Self::DiscardDraft(discard) => discard.draft,
            Self::EndDraft(end) => end.draft,
        })
    }

    fn form(&self) -> Option<(CommandName, FormSubject)> {
        match self {
            Self::SaveDraft(save) => Some((save.form.command, save.form.subject)),
            Self::DiscardDraft(_) | Self::EndDraft(_) => None,
        }
    }

    fn is_recorded_without_effect(&self) -> bool {
        // A repeat can have no other effect later: a draft that has ended stays so.
        false
    }
}

/// Saves the text of a form. The first save begins the draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaveDraft {
    /// The draft.
    pub draft: DraftId,
    /// Whether the draft may begin with this save: it is named by a key of the sender, from which its id follows. An id
    /// that somebody else's draft could have begins none, because both would have one key to seal their text.
    pub may_begin: bool,
    /// Its form, which never changes.
    pub form: Form,
    /// All fields with text.
    pub content: PersonalText,
    /// The number of the save that the sender relied on; none for the first.
    pub expected: Option<u32>,
    /// The number of the save that holds the same text; none if it is not known to be the same. The application compares
    /// the texts, because a decision reads none.
    pub same_as: Option<u32>,
    /// Whether the form is being left, so that the text would be lost if it had to wait.
    pub leaving: bool,
}

/// Discards a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiscardDraft {
    /// The draft.
    pub draft: DraftId,
}

/// Ends a draft whose form was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndDraft {
    /// The draft.
    pub draft: DraftId,
}

/// A form: a command that can be typed before it is given, and what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// The command that sends it.
    pub command: CommandName,
    /// The thread that the command is given to; for a command that opens a thread, whom the new thread is about.
    pub subject: FormSubject,
}

/// The command is not one of a form with that subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a form is a command to a thread, or one that opens a thread about a patient or, about no patient, for an organization"
)]
pub struct NotAForm;

impl Form {
    /// The form of a command with a subject.
    ///
    /// # Errors
    /// [`NotAForm`] if there is no such form.
    pub fn of(command: CommandName, subject: FormSubject) -> Result<Self, NotAForm> {
        let fits = match subject {
            FormSubject::Thread(_) => opened_kind(command).is_none() && ThreadCommand::names().contains(&command),
            FormSubject::Patient(_) | FormSubject::Organization(_) => opened_kind(command).is_some(),
        };
        if fits { Ok(Self { command, subject }) } else { Err(NotAForm) }
    }
}

/// The kind of thread that a command opens; none if it opens none.
#[must_use]
pub fn opened_kind(command: CommandName) -> Option<ThreadKind> {
    ThreadKind::ALL.iter().copied().find(|kind| kind.command_names().first() == Some(&command))
}

/// The fields of a form that have text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormFields(BTreeMap<String, Text>);

/// Why the fields of a form are not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FieldsProblem {
    /// No field has text.
    #[error("no field has text; discard the draft instead")]
    Empty,
    /// There are too many fields.
    #[error("a draft has at most {} fields", FormFields::COUNT_MAX)]
    TooMany,
    /// All texts together are too long.
    #[error("the texts of a draft have at most {} bytes together", FormFields::BYTES_MAX)]
    TooLong,
    /// A field's name is not one.
    #[error("a field's name is 1 to {} letters, digits, dots and underscores", FormFields::NAME_MAX)]
    Name,
    /// Two fields have one name.
    #[error("each field is given once")]
    Twice,
    /// A text is not accepted.
    #[error(transparent)]
    Text(TextProblem),
}

/// Why the fields of a form are not accepted, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnfitFields {
    /// The place of the field that has the problem; none where all fields together have it.
    pub place: Option<usize>,
    /// The problem.
    pub problem: FieldsProblem,
}

impl FormFields {
    /// The most fields of a form.
    pub const COUNT_MAX: usize = 100;
    /// The most bytes of all its texts.
    pub const BYTES_MAX: usize = 192 * 1024;
    /// The longest name of a field.
    pub const NAME_MAX: usize = 80;

    /// Checks fields as they were typed. A field without a visible character is left out.
    ///
    /// # Errors
    /// [`UnfitFields`] with the first problem.
    pub fn of<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Self, UnfitFields> {
        let (mut kept, mut names, mut bytes) = (BTreeMap::new(), BTreeSet::new(), 0_usize);
        for (place, (name, text)) in fields.enumerate() {
            let at = |problem| UnfitFields { place: Some(place), problem };
            if place >= Self::COUNT_MAX {
                return Err(UnfitFields { place: None, problem: FieldsProblem::TooMany });
            }
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
            if name.is_empty() || name.len() > Self::NAME_MAX || !name.chars().all(is_name) {
                return Err(at(FieldsProblem::Name));
            }
            if !names.insert(name) {
                return Err(at(FieldsProblem::Twice));
            }
            match Text::body(text) {
                Ok(text) => {
                    bytes = bytes.saturating_add(text.as_str().len());
                    kept.insert(name.to_owned(), text);
                }
                Err(TextProblem::Empty) => {}
                Err(problem) => return Err(at(FieldsProblem::Text(problem))),
            }
        }
        let together = |problem| UnfitFields { place: None, problem };
        if bytes > Self::BYTES_MAX {
            return Err(together(FieldsProblem::TooLong));
        }
        if kept.is_empty() { Err(together(FieldsProblem::Empty)) } else { Ok(Self(kept)) }
    }

    /// The fields as one text, so that names and lengths are sealed with the texts. Equal fields give equal text.
    ///
    /// # Errors
    /// If the fields have no JSON form; texts always have one.
    pub fn to_text(&self) -> Result<Text, serde_json::Error> {
        let fields: BTreeMap<&str, &str> = self.iter().collect();
        // Escaping makes a text twice as long at most; the capacity is enough, so that no unwiped copy stays behind.
        let length: usize = fields.iter().map(|(name, text)| name.len() + text.len() * 2 + 8).sum();
        let mut json = Vec::with_capacity(length + 2);
        serde_json::to_writer(&mut json, &fields)?;
        let json = String::from_utf8(json).map_err(serde::ser::Error::custom)?;
        Ok(Text::unsealed(Zeroizing::new(json)))
    }

    /// Reads what [`Self::to_text`] wrote; none if it is something else.
    #[must_use]
    pub fn read(text: &Text) -> Option<Self> {
        let fields: BTreeMap<String, String> = serde_json::from_str(text.as_str()).ok()?;
        Some(Self(fields.into_iter().map(|(name, text)| (name, Text::unsealed(Zeroizing::new(text)))).collect()))
    }

    /// The fields, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }
}

/// We refuse because …
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DraftRefusal {
    /// … the person has no such draft.
    #[error("there is no such draft")]
    Missing,
    /// … it was sent or discarded.
    #[error("the draft was sent or discarded")]
    Ended,
    /// … the person has another draft of that form.
    #[error("there is another draft of this form")]
    Exists(DraftId),
    /// … the draft is that of another form.
    #[error("the draft belongs to another form")]
    OtherForm,
    /// … it was saved since the version that the sender relied on.
    #[error("the draft was saved from elsewhere since that version")]
    Changed,
    /// … it was saved less than ten seconds ago.
    #[error("the draft was saved less than ten seconds ago")]
    TooSoon {
        /// When it can be saved next.
        next: DateTime<Utc>,
    },
    /// … the person has as many drafts as a person can have.
    #[error("a person has at most {DRAFTS_MAX} drafts")]
    TooMany,
}

events! {
    /// What can have happened to a person's drafts.
    DraftEvent {
        "draft.saved" v 1 => Saved,
        "draft.ended" v 1 => Ended,
    }
}

/// The text of a form was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// The draft.
    pub draft: DraftId,
    /// Its form.
    pub form: Form,
    /// The patient whom it is about; none if it is about none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient: Option<PatientId>,
    /// The organization of a draft about no patient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationId>,
    /// The number of the save, from 1.
    pub number: u32,
    /// When.
    #[serde(with = "crate::instant")]
    pub at: DateTime<Utc>,
    /// All fields with text, under the draft's own key.
    pub content: PersonalText,
}

/// A draft ended, and its key is destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// The draft.
    pub draft: DraftId,
    /// How.
    pub how: DraftEnd,
}

texts! {
    Saved { content: "draft.content"; draft, form, patient, organization, number, at }
}

no_text! {
    Ended { draft, how }
}

impl DraftEvent {
    /// The draft that it happened to.
    #[must_use]
    pub fn draft(&self) -> DraftId {
        match self {
            Self::Saved(saved) => saved.draft,
            Self::Ended(ended) => ended.draft,
        }
    }
}

/// The drafts of a person, folded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Drafts {
    open: BTreeMap<DraftId, Open>,
    ended: BTreeSet<DraftId>,
}

/// A draft that has not ended, without its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Open {
    form: Form,
    patient: Option<PatientId>,
    organization: Option<OrganizationId>,
    number: u32,
    at: DateTime<Utc>,
}

impl Drafts {
    fn save(&self, save: &SaveDraft, acting: &Acting<'_>) -> Result<Vec<DraftEvent>, DraftRefusal> {
        let SaveDraft { draft, may_begin, form, content, expected, same_as, leaving } = save;
        if self.is_gone(*draft, acting) {
            return Err(DraftRefusal::Ended);
        }
        let (patient, organization, number) = match self.open.get(draft) {
            None if !may_begin => return Err(DraftRefusal::Missing),
            None => {
                if let Some((other, _)) = self.open.iter().find(|(_, open)| open.form == *form) {
                    return Err(DraftRefusal::Exists(*other));
                }
                if expected.is_some() {
                    return Err(DraftRefusal::Missing);
                }
                if self.open.len() >= DRAFTS_MAX {
                    return Err(DraftRefusal::TooMany);
                }
                let (patient, organization) = about(form.subject, acting).ok_or(DraftRefusal::Missing)?;
                (patient, organization, 1)
            }
            Some(open) => {
                if open.form != *form {
                    return Err(DraftRefusal::OtherForm);
                }
                if *same_as == Some(open.number) {
                    return Ok(vec![]);
                }
                if *expected != Some(open.number) {
                    return Err(DraftRefusal::Changed);
                }
                let next = open.at + SAVE_EVERY;
                if !leaving && acting.now < next {
                    return Err(DraftRefusal::TooSoon { next });
                }
                (open.patient, open.organization, open.number.saturating_add(1))
            }
        };
        Ok(vec![DraftEvent::Saved(Saved {
            draft: *draft,
            form: *form,
            patient,
            organization,
            number,
            at: acting.now,
            content: content.clone(),
        })])
    }

    /// Whether a draft was discarded, or was sent and has ended.
    #[must_use]
    pub fn has_ended(&self, draft: DraftId) -> bool {
        self.ended.contains(&draft)
    }

    /// Whether it has ended here, or was sent and ends in a moment.
    fn is_gone(&self, draft: DraftId, acting: &Acting<'_>) -> bool {
        let is_sent = |author| acting.lookups.is_draft_sent(author, draft);
        self.has_ended(draft) || acting.by.person().is_some_and(is_sent)
    }
}

/// The patient whom a form is about, or its organization if it is about no patient.
fn about(subject: FormSubject, acting: &Acting<'_>) -> Option<(Option<PatientId>, Option<OrganizationId>)> {
    Some(match subject {
        FormSubject::Thread(thread) => match acting.lookups.thread(thread)? {
            ThreadAbout { patient: Some(patient), organization: _ } => (Some(patient), None),
            ThreadAbout { patient: None, organization } => (None, Some(organization)),
        },
        FormSubject::Patient(patient) => (Some(patient), None),
        FormSubject::Organization(organization) => (None, Some(organization)),
    })
}

impl Aggregate for Drafts {
    type Command = DraftCommand;
    type Event = DraftEvent;
    type Refusal = DraftRefusal;

    fn initial() -> Self {
        Self::default()
    }

    fn decide(&self, command: &DraftCommand, acting: &Acting<'_>) -> Result<Vec<DraftEvent>, DraftRefusal> {
        let ended = |draft, how| Ok(vec![DraftEvent::Ended(Ended { draft, how })]);
        match command {
            DraftCommand::SaveDraft(save) => self.save(save, acting),
            DraftCommand::DiscardDraft(DiscardDraft { draft }) => {
                if self.is_gone(*draft, acting) {
                    return Ok(vec![]);
                }
                if !self.open.contains_key(draft) {
                    return Err(DraftRefusal::Missing);
                }
                ended(*draft, DraftEnd::Discarded)
            }
            // Also a draft that was sent before its first save was taken: then that save is refused.
            DraftCommand::EndDraft(EndDraft { draft }) if !self.has_ended(*draft) => ended(*draft, DraftEnd::Sent),
            DraftCommand::EndDraft(_) => Ok(vec![]),
        }
    }

    fn evolve(mut self, event: &DraftEvent) -> Self {
        match event {
            DraftEvent::Saved(saved) => {
                let Saved { draft, form, patient, organization, number, at, content: _ } = saved;
                let (form, patient, organization) = (*form, *patient, *organization);
                self.open.insert(*draft, Open { form, patient, organization, number: *number, at: *at });
            }
            DraftEvent::Ended(ended) => {
                self.open.remove(&ended.draft);
                self.ended.insert(ended.draft);
            }
        }
        self
    }

    fn created_by(_: &DraftCommand, _: CommandId) -> Option<Uuid> {
        None
    }

    fn is_transition(_: &DraftEvent) -> bool {
        false
    }
}

#[cfg(test)]
mod scenarios;

//! Messages from outside: to which organizations one can be sent, what waits for staff who find out whom it is about, and
//! what stands in a thread. The sender has no query for what they sent.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use care::command_name::Named as _;
use care::ids::PersonId;
use care::outside_message::{
    AttachOutsideMessage, ClaimOutsideMessage, CloseOutsideMessage, MatchOutsideMessage, OutsideMessageRefusal,
};
use coordination::reader::{OutsideMessageView, OutsideNotes, Reader};

use super::delegation_words::{DelegationKind, Relationship};
use super::id::{decode_id, encode_id};
use super::organization::Organization;
use super::outside_message_words::{OutsideEnd, OutsideState, OutsideWish};
use super::permission::Permission;
use super::person::Person;
use super::problem::{AsProblem, Problem, ProblemCode, not_found_at, not_in_state, offer, rule};
use super::scalars::{Instant, PersonalText};

/// A message from outside, as those see it who find out whom it is about.
pub struct OutsideMessage {
    reader: Arc<Reader>,
    view: OutsideMessageView,
}

/// An organization to which a message from outside can be sent.
#[derive(SimpleObject)]
pub struct PlaceToWriteTo {
    /// The id of the organization.
    organization_id: ID,
    /// Its public name.
    name: String,
    /// The telephone number under which people reach it. Null if it has none.
    phone: Option<String>,
}

/// What somebody without access told the team of a thread.
#[derive(SimpleObject)]
pub struct NoteFromOutside {
    /// The id of the message.
    message_id: ID,
    /// Who told it. Null if they are not registered.
    sender: Option<Person>,
    /// Their relationship to the patient, as they state it. Nobody has verified it.
    relationship: Relationship,
    /// When they sent it.
    sent_at: Instant,
    /// Who attached it. Null if they are not registered.
    attached_by: Option<Person>,
    /// When it was attached.
    attached_at: Instant,
    /// What they told.
    text: PersonalText,
}

impl OutsideMessage {
    pub(super) fn of(reader: &Arc<Reader>, view: OutsideMessageView) -> Self {
        Self { reader: Arc::clone(reader), view }
    }

    fn named(&self, person: PersonId) -> Result<Option<Person>> {
        Ok(self.reader.person_in_outside_message(&self.view, person)?.map(Person))
    }
}

/// A message from outside: what a person without access sends to an organization about a patient whom they
/// name. They do not learn what becomes of it.
#[Object]
impl OutsideMessage {
    /// Its id.
    fn id(&self) -> ID {
        encode_id(self.view.message)
    }

    /// The organization to which it was sent.
    fn organization(&self) -> Option<Result<Organization>> {
        let found = self.reader.organization_of_outside_message(&self.view).map_err(Into::into);
        found.map(|row| row.map(|row| Organization::of(&self.reader, row))).transpose()
    }

    /// Who sent it. Null if they are not registered.
    fn sender(&self) -> Option<Result<Person>> {
        self.named(self.view.person).transpose()
    }

    /// What they want.
    fn wish(&self) -> OutsideWish {
        self.view.wish.into()
    }

    /// The kind of help that they offer. Null where something is told.
    fn kind(&self) -> Option<DelegationKind> {
        self.view.kind.map(Into::into)
    }

    /// Their relationship to the patient, as they state it. Nobody has verified it.
    fn relationship(&self) -> Relationship {
        self.view.relationship.into()
    }

    /// The name of the patient as the sender wrote it.
    fn patient_name(&self) -> PersonalText {
        PersonalText::from(&self.view.patient_name)
    }

    /// The patient's date of birth as the sender wrote it. Null if they wrote none.
    fn patient_birth_date(&self) -> Option<PersonalText> {
        self.view.birth_date.as_ref().map(PersonalText::from)
    }

    /// What they say. Null for an offer without words.
    fn text(&self) -> Option<PersonalText> {
        self.view.text.as_ref().map(PersonalText::from)
    }

    /// When it was sent.
    fn sent_at(&self) -> Instant {
        self.view.sent_at.into()
    }

    /// By when somebody has to act on it. Null once it has ended, and where the organization has no calendar.
    fn due_at(&self) -> Option<Instant> {
        self.view.due.map(Into::into)
    }

    /// The state.
    fn state(&self) -> OutsideState {
        self.view.state.into()
    }

    /// Who has claimed it. Null while nobody has.
    fn claimed_by(&self) -> Option<Result<Person>> {
        self.view.claimed_by.and_then(|person| self.named(person).transpose())
    }

    /// Whether you have claimed it: then you can go on with it.
    fn is_claimed_by_viewer(&self) -> bool {
        self.reader.has_claimed(&self.view)
    }

    /// How it ended. Null before.
    fn end(&self) -> Option<OutsideEnd> {
        self.view.end.map(Into::into)
    }

    /// Why it was closed. Null if it was not.
    fn reason(&self) -> Option<PersonalText> {
        self.view.reason.as_ref().map(PersonalText::from)
    }

    /// Whether you can claim it, also from another person.
    fn viewer_can_claim(&self) -> Permission {
        self.reader.can_handle(&self.view, ClaimOutsideMessage::NAME).into()
    }

    /// Whether you can say to which patient an offer belongs, once you have claimed it.
    fn viewer_can_match(&self) -> Permission {
        self.reader.can_handle(&self.view, MatchOutsideMessage::NAME).into()
    }

    /// Whether you can attach what was told to a thread, once you have claimed it.
    fn viewer_can_attach(&self) -> Permission {
        self.reader.can_handle(&self.view, AttachOutsideMessage::NAME).into()
    }

    /// Whether you can close it, once you have claimed it.
    fn viewer_can_close(&self) -> Permission {
        self.reader.can_handle(&self.view, CloseOutsideMessage::NAME).into()
    }
}

/// The queries of this file.
#[derive(Default)]
pub struct OutsideMessageQueries;

#[Object]
impl OutsideMessageQueries {
    /// The organizations to which a message from outside can be sent (`askToHelp`, `tellTeam`), by name. Null while you are not
    /// registered.
    async fn places_to_write_to(&self, context: &Context<'_>) -> Option<Result<Vec<PlaceToWriteTo>>> {
        let found = || {
            let places = context.data::<Arc<Reader>>()?.places_to_write_to()?;
            let place = |row: &coordination::OrganizationRow| PlaceToWriteTo {
                organization_id: encode_id(row.organization),
                name: row.name.clone(),
                phone: row.phone.clone(),
            };
            Ok(places.map(|rows| rows.iter().map(|row| place(row)).collect()))
        };
        found().transpose()
    }

    /// A message from outside, for those who find out whom it is about. Null if there is none, or you may not know of it.
    async fn outside_message(&self, context: &Context<'_>, id: ID) -> Option<Result<OutsideMessage>> {
        let found = || {
            let reader = context.data::<Arc<Reader>>()?;
            Ok(reader.outside_message(decode_id(&id))?.map(|view| OutsideMessage::of(reader, view)))
        };
        found().transpose()
    }

    /// The messages from outside that were attached to a thread, the first attached first. Null if there is none,
    /// and if you do not read messages to the clinical team in it.
    async fn notes_from_outside(&self, context: &Context<'_>, thread_id: ID) -> Option<Result<Vec<NoteFromOutside>>> {
        let found = || {
            let reader = context.data::<Arc<Reader>>()?;
            let Some(notes) = reader.notes_from_outside(decode_id(&thread_id))? else { return Ok(None) };
            notes.rows.iter().map(|row| note(reader, &notes, row)).collect::<Result<_>>().map(Some)
        };
        found().transpose()
    }
}

fn note(reader: &Arc<Reader>, notes: &OutsideNotes, row: &coordination::OutsideNoteRow) -> Result<NoteFromOutside> {
    let by = match row.by {
        Some(person) => reader.person_in_notes(notes, person)?.map(Person),
        None => None,
    };
    Ok(NoteFromOutside {
        message_id: encode_id(row.message),
        sender: reader.person_in_notes(notes, row.person)?.map(Person),
        relationship: row.relationship.into(),
        sent_at: row.sent_at.into(),
        attached_by: by,
        attached_at: row.at.into(),
        text: PersonalText::from(&row.text),
    })
}

impl AsProblem for OutsideMessageRefusal {
    fn problem(&self) -> Problem {
        let (code, names): (_, &[&str]) = match self {
            Self::Missing => return not_found_at(&["outsideMessageId"]),
            Self::NoSuchOrganization => return not_found_at(&["input", "organizationId"]),
            Self::NotInState { state } => return not_in_state(state.word(), self.to_string()),
            Self::NotAPerson => (ProblemCode::NotAPerson, &[]),
            Self::TooManyTries => (ProblemCode::TooManyTries, &[]),
            Self::NotYours => (ProblemCode::NotOwner, &[]),
            Self::OtherWish => (ProblemCode::NotAdmitted, &[]),
            Self::OtherOrganization => (ProblemCode::OtherOrganization, &[]),
            Self::NotAboutPatient => (ProblemCode::NoPatient, &["input", "threadId"]),
            Self::TextErased => (ProblemCode::Erased, &[]),
            Self::Offer(refusal) => return offer(refusal),
            Self::NotDue => (ProblemCode::NotDue, &[]),
        };
        rule(code, names, self.to_string())
    }
}

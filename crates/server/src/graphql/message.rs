//! Messages, and how far each reader of a thread has read. A message is met in its thread, and by its id only as its thread shows it.

use std::sync::Arc;

use async_graphql::{ID, Object, SimpleObject};
use care::conversation::Addressed;
use care::ids::{MessageId, PersonId};
use coordination::fault::Fault;
use coordination::reader::{MessageInThread, Reader, ThreadView, UnderDelegation};
use coordination::{MessageRow, ReadReceiptRow};
use policy::visible::Visible;

use super::delegation_words::{AuthorityKind, DelegationKind, Relationship};
use super::id::encode_id;
use super::person::Person;
use super::scalars::{Instant, PersonalText};
use super::words::{Audience, Capacity};

/// A message that the viewer may read.
pub struct Message {
    row: Visible<MessageRow>,
    author: Option<Person>,
    delegate: Option<MessageDelegate>,
    addressed_to: Vec<Person>,
    is_read: bool,
    receipts: Arc<Receipts>,
}

/// How far each has read in a thread, looked up once for all messages of an answer.
pub(super) struct Receipts(Vec<(Visible<ReadReceiptRow>, Option<Person>)>);

impl Receipts {
    pub fn of(reader: &Reader, view: &ThreadView) -> Result<Arc<Self>, Fault> {
        let receipts = reader.read_receipts(view)?.into_iter();
        let named = receipts.map(|receipt| {
            let person = reader.person_in(view, receipt.person)?.map(Person);
            Ok((receipt, person))
        });
        Ok(Arc::new(Self(named.collect::<Result<_, Fault>>()?)))
    }
}

impl Message {
    /// The message of an id, if its thread shows it to the viewer.
    pub(super) fn found(reader: &Reader, id: MessageId) -> Result<Option<Self>, Fault> {
        let Some(MessageInThread { thread, message }) = reader.message_by_id(id)? else { return Ok(None) };
        let receipts = Receipts::of(reader, &thread)?;
        Self::of(reader, &thread, &receipts, message).map(Some)
    }

    pub(super) fn of(
        reader: &Reader,
        view: &ThreadView,
        receipts: &Arc<Receipts>,
        row: Visible<MessageRow>,
    ) -> Result<Self, Fault> {
        let me = reader.person();
        let mine = |(receipt, _): &(Visible<ReadReceiptRow>, _)| receipt.person == me && receipt.covers(&row);
        let author = row.author.person();
        let persons: Vec<PersonId> = match &row.addressed {
            Addressed::Everyone | Addressed::ClinicalTeam => Vec::new(),
            Addressed::Named(persons) => persons.iter().copied().collect(),
            Addressed::TeamAnd(person) => vec![*person],
        };
        let mut addressed_to = Vec::new();
        for person in persons {
            addressed_to.extend(reader.person_in(view, person)?.map(Person));
        }
        Ok(Self {
            author: match author {
                Some(author) => reader.person_in(view, author)?.map(Person),
                None => None,
            },
            delegate: reader.helper(&row).map(Into::into),
            addressed_to,
            is_read: author == Some(me) || receipts.0.iter().any(mine),
            receipts: Arc::clone(receipts),
            row,
        })
    }
}

/// A message of a thread.
#[Object]
impl Message {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        encode_id(self.row.message)
    }

    /// The author.
    fn author(&self) -> Option<&Person> {
        self.author.as_ref()
    }

    /// The capacity in which the author wrote it, as it was then.
    fn capacity(&self) -> Capacity {
        self.row.capacity.into()
    }

    /// How the author helps the patient. Null if they did not write it as a delegate.
    fn delegate(&self) -> Option<&MessageDelegate> {
        self.delegate.as_ref()
    }

    /// Who may read it, among the persons who see the thread.
    fn audience(&self) -> Audience {
        self.row.addressed.audience().into()
    }

    /// The persons who may read it in addition to its author, with the audience `NAMED`; with `TEAM_AND_ME`, the one
    /// person who may read it beside the clinical team. Empty for other audiences.
    fn addressed_to(&self) -> &Vec<Person> {
        &self.addressed_to
    }

    /// The text.
    fn body(&self) -> PersonalText {
        PersonalText::from(&self.row.body)
    }

    /// When it was posted.
    fn posted_at(&self) -> Instant {
        self.row.posted_at.into()
    }

    /// Whether you wrote it, or have read the thread up to it.
    fn is_read(&self) -> bool {
        self.is_read
    }

    /// The read receipts that include it, as far as you may see them: of persons who may read it now, without its author.
    fn read_receipts(&self) -> Vec<ReadReceipt> {
        let author = self.row.author.person();
        let of_others = self.receipts.0.iter().filter(|(receipt, _)| Some(receipt.person) != author);
        let covering = of_others.filter(|(receipt, _)| receipt.covers(&self.row));
        covering.map(|(receipt, person)| ReadReceipt { person: person.clone(), at: receipt.read_at.into() }).collect()
    }
}

/// How the author of a message, or who took a step, helps the patient.
#[derive(SimpleObject)]
pub struct MessageDelegate {
    /// Why they help the patient.
    kind: DelegationKind,
    /// What they are to the patient.
    relationship: Relationship,
    /// The kind of the legal authority that it rests on. Null if it rests on none.
    authority: Option<AuthorityKind>,
}

impl From<UnderDelegation> for MessageDelegate {
    fn from(under: UnderDelegation) -> Self {
        let UnderDelegation { delegation: _, kind, relationship, authority } = under;
        Self { kind: kind.into(), relationship: relationship.into(), authority: authority.map(Into::into) }
    }
}

/// The record that a person has read a message.
#[derive(SimpleObject)]
pub struct ReadReceipt {
    /// The person.
    person: Option<Person>,
    /// When they reported it.
    at: Instant,
}

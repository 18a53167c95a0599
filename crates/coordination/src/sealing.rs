//! Sealing and opening, in place, of the texts of events and rows.
//!
//! Which key seals a text follows from the stream it is written to, and never from the text: a
//! thread's own content key, a person's key, a patient's key. What is attached from outside to a thread is the exception: its
//! event is in the stream of the message, and its text is sealed under the thread's key. A seal is bound to its event's id,
//! the kind as recorded and the field's tag, so a sealed text moved elsewhere does not open.

use std::sync::Arc;

use care::conversation::{self, ConversationEvent};
use care::delegation::{self, DelegationEvent};
use care::draft::{DraftEvent, Saved};
use care::event::{Event, EventSet, Stream};
use care::ids::{DraftId, EventId, Id};
use care::legal_authority::{self, LegalAuthorityEvent};
use care::outside_message::OutsideMessageEvent;
use care::text::{EachText, FieldTag, PersonalText, SealedText, Text};
use care::thread::ThreadEvent;
use vault::{KeyId, Node, Opened, Sealed, Vault};
use zeroize::Zeroizing;

/// Why text could not be sealed or opened. Never says which text or whose.
#[derive(Debug, thiserror::Error)]
pub enum SealingFault {
    /// The key was destroyed, so nothing new is sealed under it.
    #[error("the key that would seal this was destroyed")]
    Destroyed,
    /// The stream's texts have no key: such a stream holds none.
    #[error("a stream without a key holds no personal text")]
    NoKey,
    /// The vault failed.
    #[error("the vault failed")]
    Vault(#[source] vault::Error),
    /// The bytes of a sealed value cannot be parsed.
    #[error("a sealed text is malformed")]
    Malformed,
}

impl From<vault::Error> for SealingFault {
    fn from(error: vault::Error) -> Self {
        if matches!(error, vault::Error::Destroyed) { Self::Destroyed } else { Self::Vault(error) }
    }
}

/// The node of the key tree that is a stream's own; `None` for streams that have none. Each draft of a person has a
/// node of its own.
pub(crate) fn node_of(stream: &Stream, draft: Option<DraftId>) -> Option<Node> {
    match stream {
        Stream::Drafts(_) => draft.map(|draft| Node::Draft(draft.uuid())),
        Stream::Thread(thread) => Some(Node::Thread(thread.uuid())),
        Stream::Person(person) => Some(Node::Person(person.uuid())),
        Stream::Patient(patient) => Some(Node::Patient(patient.uuid())),
        Stream::Delegation(delegation) => Some(Node::Delegation(delegation.uuid())),
        Stream::LegalAuthority(authority) => Some(Node::LegalAuthority(authority.uuid())),
        Stream::OutsideMessage(message) => Some(Node::OutsideMessage(message.uuid())),
        Stream::Organization(_) | Stream::CareTeam(_) | Stream::Directives(_) | Stream::Policy(_) => None,
    }
}

/// The node that seals a stream's texts where it has none of its own: what is said about a patient's care team and
/// directives is about the patient.
pub(crate) fn text_node_of(stream: &Stream, draft: Option<DraftId>) -> Option<Node> {
    match stream {
        Stream::CareTeam(patient) | Stream::Directives(patient) => Some(Node::Patient(patient.uuid())),
        Stream::Drafts(_)
        | Stream::Thread(_)
        | Stream::Person(_)
        | Stream::Patient(_)
        | Stream::Delegation(_)
        | Stream::LegalAuthority(_)
        | Stream::OutsideMessage(_)
        | Stream::Organization(_)
        | Stream::Policy(_) => node_of(stream, draft),
    }
}

/// The draft whose text an event holds.
fn draft_of(event: &Event) -> Option<DraftId> {
    match event {
        Event::Drafts(event) => Some(event.draft()),
        Event::Thread(_)
        | Event::Person(_)
        | Event::Patient(_)
        | Event::Organization(_)
        | Event::CareTeam(_)
        | Event::Directives(_)
        | Event::Delegation(_)
        | Event::LegalAuthority(_)
        | Event::OutsideMessage(_)
        | Event::Policy(_)
        | Event::Accepted(_)
        | Event::Key(_) => None,
    }
}

/// The draft whose key an event destroys.
pub(crate) fn ended_by(event: &Event) -> Option<DraftId> {
    match event {
        Event::Drafts(DraftEvent::Ended(ended)) => Some(ended.draft),
        Event::Drafts(DraftEvent::Saved(_))
        | Event::Thread(_)
        | Event::Person(_)
        | Event::Patient(_)
        | Event::Organization(_)
        | Event::CareTeam(_)
        | Event::Directives(_)
        | Event::Delegation(_)
        | Event::LegalAuthority(_)
        | Event::OutsideMessage(_)
        | Event::Policy(_)
        | Event::Accepted(_)
        | Event::Key(_) => None,
    }
}

/// A key that is made before the first event under it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewKey {
    node: Node,
    parent: Option<Node>,
}

impl NewKey {
    /// The key that must be there before `first` is appended; `begins` says that it is the first event of its stream.
    pub fn of(stream: &Stream, first: &Event, begins: bool) -> Option<Self> {
        let is_first_save = |event: &DraftEvent| match event {
            DraftEvent::Saved(saved) => saved.number == 1,
            DraftEvent::Ended(_) => false,
        };
        let is_new = match first {
            Event::Drafts(event) => is_first_save(event),
            Event::Thread(_)
            | Event::Person(_)
            | Event::Patient(_)
            | Event::Organization(_)
            | Event::Delegation(_)
            | Event::LegalAuthority(_)
            | Event::OutsideMessage(_)
            | Event::Policy(_)
            | Event::Accepted(_)
            | Event::Key(_) => begins,
            // The patient has their key since their record was registered.
            Event::CareTeam(_) | Event::Directives(_) => false,
        };
        let node = node_of(stream, draft_of(first)).filter(|_| is_new)?;
        Some(Self { node, parent: parent_of(first) })
    }

    /// Makes sure that the key exists and is durable.
    pub fn ensure(self, vault: &Vault) -> Result<(), SealingFault> {
        let Self { node, parent } = self;
        if let Some(parent @ Node::Organization(_)) = parent {
            // An organization has no text of its own, so its key is created with the first text below it.
            vault.get_or_create(parent, None)?;
        }
        vault.get_or_create(node, parent)?;
        Ok(())
    }
}

/// The parent node of the key of a stream whose first event is `first`, or of a draft: the patient of the thread or draft,
/// or the organization if it is about no patient.
fn parent_of(first: &Event) -> Option<Node> {
    match first {
        Event::Drafts(DraftEvent::Saved(Saved { patient, organization, .. })) => {
            let patient = patient.map(|patient| Node::Patient(patient.uuid()));
            patient.or(organization.map(|organization| Node::Organization(organization.uuid())))
        }
        Event::Thread(ThreadEvent::Conversation(ConversationEvent::Opened(conversation::Opened {
            patient,
            organization,
            ..
        }))) => Some(patient.map_or(Node::Organization(organization.uuid()), |patient| Node::Patient(patient.uuid()))),
        Event::Delegation(DelegationEvent::Offered(delegation::Offered { patient, .. }))
        | Event::Delegation(DelegationEvent::Invited(delegation::Invited { patient, .. }))
        | Event::LegalAuthority(LegalAuthorityEvent::Recorded(legal_authority::Recorded { patient, .. })) => {
            Some(Node::Patient(patient.uuid()))
        }
        Event::OutsideMessage(OutsideMessageEvent::Sent(sent)) => Some(Node::Organization(sent.organization.uuid())),
        Event::Thread(_)
        | Event::Person(_)
        | Event::Patient(_)
        | Event::Organization(_)
        | Event::CareTeam(_)
        | Event::Directives(_)
        | Event::Delegation(_)
        | Event::LegalAuthority(_)
        | Event::OutsideMessage(_)
        | Event::Drafts(DraftEvent::Ended(_))
        | Event::Policy(_)
        | Event::Accepted(_)
        | Event::Key(_) => None,
    }
}

/// Whether the key of a node was destroyed, by itself or with a node above it.
pub(crate) fn is_destroyed(vault: &Vault, node: Node) -> Result<bool, SealingFault> {
    Ok(vault.is_destroyed(node)?)
}

fn associated(event: EventId, kind: &str, tag: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(16 + 4 + kind.len() + tag.len());
    bytes.extend_from_slice(event.uuid().as_bytes());
    bytes.extend_from_slice(&u32::try_from(kind.len()).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend_from_slice(kind.as_bytes());
    bytes.extend_from_slice(tag.as_bytes());
    bytes
}

/// Seals every open text of an event that is about to be appended to `stream` under `id`.
pub(crate) fn seal(vault: &Vault, event: &mut Event, id: EventId, stream: &Stream) -> Result<(), SealingFault> {
    let kind = event.kind();
    // What is attached to a thread is erased with it.
    let thread = if let Event::OutsideMessage(OutsideMessageEvent::Attached(attached)) = &*event {
        Some(attached.thread)
    } else {
        None
    };
    let node = match thread {
        Some(thread) => Some(Node::Thread(thread.uuid())),
        None => text_node_of(stream, draft_of(event)),
    };
    let mut fault = None;
    event.each_text(&mut |FieldTag(tag), text| {
        if fault.is_some() {
            return;
        }
        if let PersonalText::Open(open) = text {
            let sealed = node
                .ok_or(SealingFault::NoKey)
                .and_then(|node| Ok(vault.seal(node, &associated(id, kind, tag), open.as_str().as_bytes())?));
            match sealed {
                Ok(Sealed { key, nonce, ciphertext }) => {
                    let sealed = SealedText { tag: tag.into(), key: key.to_string().into(), nonce, ciphertext };
                    *text = PersonalText::Sealed(sealed);
                }
                Err(error) => fault = Some(error),
            }
        }
    });
    fault.map_or(Ok(()), Err)
}

/// The key ids that an event's texts name.
pub(crate) fn keys_named(event: &mut Event) -> Vec<Box<str>> {
    let mut keys: Vec<Box<str>> = Vec::new();
    event.each_text(&mut |_, text| {
        if let PersonalText::Sealed(sealed) = text
            && !keys.contains(&sealed.key)
        {
            keys.push(sealed.key.clone());
        }
    });
    keys
}

/// A text in a row, with what its seal is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextCell {
    /// The sealed text from the read models.
    Sealed(Box<SealedCell>),
    /// Opened for this answer.
    Open(Text),
    /// There is text, but this viewer may not read it.
    Withheld,
    /// There was text; its key was destroyed.
    Erased,
}

/// A sealed text and the event that it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedCell {
    event: EventId,
    kind: Box<str>,
    text: SealedText,
}

impl SealedCell {
    /// The event that the text came in, as named in access records.
    #[must_use]
    pub fn event(&self) -> EventId {
        self.event
    }
}

/// The form's version, first byte of every stored cell.
const CELL_FORMAT: u8 = 1;

impl TextCell {
    /// The cell of a text that came in an event; open text never becomes one.
    pub(crate) fn of(text: &PersonalText, event: EventId, kind: &str) -> Result<Self, SealingFault> {
        match text {
            PersonalText::Sealed(text) => {
                Ok(Self::Sealed(Box::new(SealedCell { event, kind: kind.into(), text: text.clone() })))
            }
            PersonalText::Open(_) | PersonalText::Destroyed => Err(SealingFault::Malformed),
        }
    }

    /// The bytes that are stored: shorter and quicker to read than JSON, since read models are rebuilt at will.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, SealingFault> {
        let Self::Sealed(cell) = self else { return Err(SealingFault::Malformed) };
        let SealedCell { event, kind, text: SealedText { tag, key, nonce, ciphertext } } = &**cell;
        let mut bytes = Vec::with_capacity(40 + kind.len() + tag.len() + key.len() + ciphertext.len());
        bytes.push(CELL_FORMAT);
        bytes.extend_from_slice(event.uuid().as_bytes());
        for part in [kind, tag, key] {
            bytes.push(u8::try_from(part.len()).map_err(|_| SealingFault::Malformed)?);
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes.extend_from_slice(nonce);
        bytes.extend_from_slice(ciphertext);
        Ok(bytes)
    }

    /// The length of the text, if it is open.
    pub(crate) fn text_bytes(&self) -> usize {
        match self {
            Self::Open(text) => text.as_str().len(),
            Self::Sealed(_) | Self::Withheld | Self::Erased => 0,
        }
    }

    /// Reads what [`Self::bytes`] wrote.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, SealingFault> {
        fn parse(bytes: &[u8]) -> Option<SealedCell> {
            fn part(rest: &[u8]) -> Option<(Box<str>, &[u8])> {
                let (length, rest) = rest.split_first()?;
                let (text, rest) = rest.split_at_checked(usize::from(*length))?;
                Some((std::str::from_utf8(text).ok()?.into(), rest))
            }
            let (CELL_FORMAT, rest) = bytes.split_first().map(|(first, rest)| (*first, rest))? else { return None };
            let (event, rest) = rest.split_first_chunk::<16>()?;
            let (kind, rest) = part(rest)?;
            let (tag, rest) = part(rest)?;
            let (key, rest) = part(rest)?;
            let (nonce, ciphertext) = rest.split_first_chunk::<12>()?;
            let event = EventId::from_uuid(uuid::Uuid::from_bytes(*event));
            Some(SealedCell {
                event,
                kind,
                text: SealedText { tag, key, nonce: *nonce, ciphertext: ciphertext.to_vec() },
            })
        }
        parse(bytes).map(|cell| Self::Sealed(Box::new(cell))).ok_or(SealingFault::Malformed)
    }

    /// The key that opens the text, if it is sealed.
    pub(crate) fn key(&self) -> Result<Option<KeyId>, SealingFault> {
        let Self::Sealed(cell) = self else { return Ok(None) };
        cell.text.key.parse().map(Some).map_err(|_| SealingFault::Malformed)
    }

    /// Opens the text in place if it is sealed; it becomes erased if its key was destroyed.
    pub(crate) fn open(&mut self, vault: &Arc<Vault>) -> Result<(), SealingFault> {
        let Self::Sealed(cell) = self else { return Ok(()) };
        let SealedCell { event, kind, text } = &mut **cell;
        let key: KeyId = text.key.parse().map_err(|_| SealingFault::Malformed)?;
        let sealed = Sealed { key, nonce: text.nonce, ciphertext: std::mem::take(&mut text.ciphertext) };
        *self = match vault.open(&sealed, &associated(*event, kind, &text.tag))? {
            Opened::Destroyed => Self::Erased,
            Opened::Text(plain) => {
                let text = plain.as_str().map_err(|_| SealingFault::Malformed)?;
                Self::Open(Text::unsealed(Zeroizing::new(text.to_owned())))
            }
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    proptest! {
        #[test]
        fn a_cell_reads_back(event: u128, kind in "[a-z.]{0,40}", tag in "[a-z.]{0,40}", key in "[a-z:0-9]{0,40}", nonce: [u8; 12], ciphertext: Vec<u8>) {
            let text = SealedText { tag: tag.into(), key: key.into(), nonce, ciphertext };
            let cell = TextCell::Sealed(Box::new(SealedCell { event: EventId::from_uuid(Uuid::from_u128(event)), kind: kind.into(), text }));
            prop_assert_eq!(TextCell::read(&cell.bytes().expect("sealed")).expect("reads"), cell);
        }

        #[test]
        fn reading_any_bytes_does_not_panic(bytes: Vec<u8>) {
            if let Ok(cell) = TextCell::read(&bytes) {
                prop_assert_eq!(cell.bytes().expect("sealed"), bytes);
            }
        }
    }

    #[test]
    fn unsealed_text_has_no_stored_form() {
        let open = TextCell::Open(Text::body("chest pain").expect("a text"));
        assert!(open.bytes().is_err());
        assert!(
            TextCell::of(
                &PersonalText::from(Text::body("chest pain").expect("a text")),
                EventId::from_uuid(Uuid::nil()),
                "k"
            )
            .is_err()
        );
    }

    #[test]
    fn a_text_opens_only_with_the_event_the_kind_and_the_field_that_it_was_sealed_with() {
        let kek = vault::KeyEncryptionKey::generate().expect("a key");
        let vault = Vault::open_at(&vault::KeyStoreUrl::Memory, &kek, vault::Access::Writer).expect("a vault");
        let node = Node::Person(Uuid::from_u128(1));
        vault.get_or_create(node, None).expect("made");
        let (event, other) = (EventId::from_uuid(Uuid::from_u128(2)), EventId::from_uuid(Uuid::from_u128(3)));
        let Sealed { key, nonce, ciphertext } =
            vault.seal(node, &associated(event, "kind", "tag"), b"chest pain").expect("sealed");
        let vault = Arc::new(vault);
        let opens = |event, kind: &str, tag: &str| {
            let text =
                SealedText { tag: tag.into(), key: key.to_string().into(), nonce, ciphertext: ciphertext.clone() };
            TextCell::Sealed(Box::new(SealedCell { event, kind: kind.into(), text })).open(&vault).is_ok()
        };
        assert!(opens(event, "kind", "tag"));
        assert!(!opens(other, "kind", "tag") && !opens(event, "mind", "tag") && !opens(event, "kind", "tug"));
        // Kind and tag are separated in the associated data.
        assert!(!opens(event, "kin", "dtag"));
    }
}

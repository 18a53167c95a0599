//! Global ids: opaque, typed, without time or order in them.
//!
//! An id is the base64url of one byte that says the type and the 128 bits of the thing. Text that
//! is no id, or that of another type, reads as the nil id, which no thing has: it then goes the
//! very way of an unknown one, so that nobody learns which ids exist from how an answer differs.
//!
//! To add a type: give it a tag below that no other has, and never change a tag.

use async_graphql::ID;
use care::event::Stream;
use care::ids::{
    AuthorityId, DelegationId, DirectiveId, DraftId, Id, MessageId, OrganizationId, OutsideMessageId, PatientId,
    PersonId, PoolId, RecommendationId, ThreadId,
};
use data_encoding::BASE64URL_NOPAD;
use uuid::Uuid;

/// An id that clients see.
pub(super) trait TypedId: Id {
    /// The byte that says the type.
    const TAG: u8;
}

macro_rules! tags {
    ($($name:ident = $tag:literal,)+) => {$(
        impl TypedId for $name {
            const TAG: u8 = $tag;
        }
    )+};
}

tags! {
    PersonId = 1,
    PatientId = 2,
    OrganizationId = 3,
    PoolId = 4,
    ThreadId = 5,
    MessageId = 6,
    RecommendationId = 7,
    DraftId = 9,
    DirectiveId = 10,
    DelegationId = 11,
    AuthorityId = 12,
    OutsideMessageId = 13,
}

/// The id as clients see it.
pub(super) fn encode_id<I: TypedId>(id: I) -> ID {
    tagged(I::TAG, id.uuid())
}

fn tagged(tag: u8, uuid: Uuid) -> ID {
    let mut bytes = [tag; 17];
    let (_, rest) = bytes.split_at_mut(1);
    rest.copy_from_slice(uuid.as_bytes());
    ID(BASE64URL_NOPAD.encode(&bytes))
}

/// The byte of the viewer's id. The viewer is the person as they see their own lists; a client's cache must not take it
/// for the person whom others see, so the id is that of no other type, and none can be asked for by it.
const VIEWER_TAG: u8 = 8;

/// The id of the viewer as clients see it.
pub(super) fn encode_viewer(person: PersonId) -> ID {
    tagged(VIEWER_TAG, person.uuid())
}

/// The id that a client names; the nil id when it names none of this type.
pub(super) fn decode_id<I: TypedId>(id: &ID) -> I {
    let uuid = parts(id).filter(|(tag, _)| *tag == I::TAG).map_or(Uuid::nil(), |(_, uuid)| uuid);
    I::from_uuid(uuid)
}

/// What an id of unknown type names. What can be asked for by id alone is listed here.
pub(super) enum NodeId {
    Thread(ThreadId),
    Patient(PatientId),
    Organization(OrganizationId),
    Pool(PoolId),
    Person(PersonId),
    Message(MessageId),
    Recommendation(RecommendationId),
    Draft(DraftId),
}

impl NodeId {
    /// What a client names; a thread that is not there when it names nothing of these.
    pub fn read(id: &ID) -> Self {
        match parts(id).map(|(tag, _)| tag) {
            Some(PatientId::TAG) => Self::Patient(decode_id(id)),
            Some(OrganizationId::TAG) => Self::Organization(decode_id(id)),
            Some(PoolId::TAG) => Self::Pool(decode_id(id)),
            Some(PersonId::TAG) => Self::Person(decode_id(id)),
            Some(MessageId::TAG) => Self::Message(decode_id(id)),
            Some(RecommendationId::TAG) => Self::Recommendation(decode_id(id)),
            Some(DraftId::TAG) => Self::Draft(decode_id(id)),
            Some(_) | None => Self::Thread(decode_id(id)),
        }
    }
}

/// The stream with the texts of what an id of the API names: a thread, a person or a patient.
#[must_use]
pub fn stream_of(id: &str) -> Option<Stream> {
    let (tag, uuid) = parts(id)?;
    match tag {
        ThreadId::TAG => Some(Stream::Thread(ThreadId::from_uuid(uuid))),
        PersonId::TAG => Some(Stream::Person(PersonId::from_uuid(uuid))),
        PatientId::TAG => Some(Stream::Patient(PatientId::from_uuid(uuid))),
        _ => None,
    }
}

/// The organization that an id of the API names.
#[must_use]
pub fn organization_of(id: &str) -> Option<OrganizationId> {
    parts(id).filter(|(tag, _)| *tag == OrganizationId::TAG).map(|(_, uuid)| OrganizationId::from_uuid(uuid))
}

/// The person whom an id of the API names.
#[must_use]
pub fn person_of(id: &str) -> Option<PersonId> {
    parts(id).filter(|(tag, _)| *tag == PersonId::TAG).map(|(_, uuid)| PersonId::from_uuid(uuid))
}

fn parts(id: &str) -> Option<(u8, Uuid)> {
    let bytes = BASE64URL_NOPAD.decode(id.as_bytes()).ok()?;
    let (tag, rest) = bytes.split_first()?;
    Some((*tag, Uuid::from_slice(rest).ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_fuzz::{Target, corpus};

    use super::*;

    proptest! {
        #[test]
        fn an_id_reads_back_as_its_own_type_only(bits: u128) {
            let thread = ThreadId::from_uuid(Uuid::from_u128(bits));
            let id = encode_id(thread);
            prop_assert_eq!(id.len(), 23);
            prop_assert_eq!(decode_id::<ThreadId>(&id), thread);
            prop_assert_eq!(decode_id::<PatientId>(&id).uuid(), Uuid::nil());
        }

        #[test]
        fn any_text_reads_as_some_id(text: String) {
            let _: ThreadId = decode_id(&ID(text));
        }
    }

    #[test]
    fn a_changed_id_names_nothing_or_has_one_text_and_one_type() {
        let inputs = corpus(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/ids"));
        let words = &["A", "_", "-", "=", "+", "0", "f", "F"];
        let target = Target { name: "ids", inputs, words, bytes_max: 100, tries: 20_000 };
        let seen = target.run(|input| {
            let Ok(text) = std::str::from_utf8(input) else { return "NoText".to_owned() };
            // As it is stored.
            if let Ok(thread) = ThreadId::parse(text) {
                assert_eq!(thread.to_string(), text);
                return "stored".to_owned();
            }
            let id = ID(text.to_owned());
            let read = [
                decode_id::<PersonId>(&id).uuid(),
                decode_id::<PatientId>(&id).uuid(),
                decode_id::<OrganizationId>(&id).uuid(),
                decode_id::<PoolId>(&id).uuid(),
                decode_id::<ThreadId>(&id).uuid(),
                decode_id::<MessageId>(&id).uuid(),
                decode_id::<RecommendationId>(&id).uuid(),
                decode_id::<DraftId>(&id).uuid(),
                decode_id::<DirectiveId>(&id).uuid(),
            ];
            let named: Vec<Uuid> = read.into_iter().filter(|uuid| !uuid.is_nil()).collect();
            let Some((tag, uuid)) = parts(text) else {
                assert!(named.is_empty(), "no id names {named:?}");
                return "nothing".to_owned();
            };
            assert_eq!(tagged(tag, uuid).as_str(), text, "it has one text");
            match named.as_slice() {
                [] => "of no type".to_owned(),
                [only] => {
                    assert_eq!(*only, uuid);
                    "of a type".to_owned()
                }
                several => panic!("it is of {} types", several.len()),
            }
        });
        for word in ["stored", "nothing", "of no type", "of a type"] {
            assert!(seen.contains_key(word), "{word}: {seen:?}");
        }
    }

    #[test]
    fn an_id_names_the_stream_of_its_texts() {
        let uuid = Uuid::from_u128(7);
        for stream in [
            Stream::Thread(ThreadId::from_uuid(uuid)),
            Stream::Person(PersonId::from_uuid(uuid)),
            Stream::Patient(PatientId::from_uuid(uuid)),
        ] {
            let id = match stream {
                Stream::Thread(id) => encode_id(id),
                Stream::Person(id) => encode_id(id),
                Stream::Patient(id) => encode_id(id),
                Stream::Organization(_)
                | Stream::CareTeam(_)
                | Stream::Directives(_)
                | Stream::Delegation(_)
                | Stream::LegalAuthority(_)
                | Stream::OutsideMessage(_)
                | Stream::Drafts(_)
                | Stream::Policy(_) => unreachable!(),
            };
            assert_eq!(stream_of(&id), Some(stream));
        }
        for none in [encode_id(OrganizationId::from_uuid(uuid)), encode_id(PoolId::from_uuid(uuid)), ID("x".into())] {
            assert_eq!(stream_of(&none), None);
        }
    }

    #[test]
    fn the_id_of_the_viewer_is_no_other_id() {
        let person = PersonId::from_uuid(Uuid::from_u128(7));
        let viewer = encode_viewer(person);
        assert_ne!(viewer, encode_id(person));
        assert_eq!(decode_id::<PersonId>(&viewer).uuid(), Uuid::nil());
    }

    #[test]
    fn an_invalid_id_belongs_to_no_object() {
        let good = encode_id(ThreadId::from_uuid(Uuid::from_u128(7)));
        let longer = format!("{}AA", good.as_str());
        let padded = format!("{}=", good.as_str());
        for text in ["", "x", "thread-7", &longer, &padded, &good.as_str()[1..]] {
            assert_eq!(decode_id::<ThreadId>(&ID(text.to_owned())).uuid(), Uuid::nil(), "{text}");
        }
    }
}

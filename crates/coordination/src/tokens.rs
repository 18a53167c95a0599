//! Positions, versions and cursors leave the server only as encrypted tokens of one length.
//!
//! A token does not show how many events there are. A version names the newest state transition of the thread,
//! which everybody who can find the thread may know, so a message that a viewer may not read does not change it.
//! A cursor is bound to its list, its filter and its reader.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use care::ids::{DelegationId, Id, OrganizationId, PatientId, PersonId, ThreadId};
use journal::{Position, Revision};
use uuid::Uuid;
use vault::{TokenPurpose, Vault};

use crate::fault::Fault;
use crate::sha256::{bytes_of, first};

/// A position of the read models; a client may send it in `x-read-after`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PositionToken(pub String);

/// The version of a thread, of a patient's record or of a draft; a client sends it in `expectedVersion`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionToken(pub String);

/// A place in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CursorToken(pub String);

/// The list that a cursor belongs to: its order and filter. A cursor of another list is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum List {
    Messages(ThreadId),
    Participants(ThreadId),
    Inbox,
    /// A worklist, by its index.
    Worklist(u8),
    /// Patients, by the digest of what is searched for.
    Patients([u8; 16]),
    /// The records of an organization, by the digest of the organization and of what is searched for.
    Records([u8; 16]),
    /// The threads about a patient.
    ThreadsAbout(PatientId),
    /// The threads of an organization.
    ThreadsOf(OrganizationId),
    /// What the reader put away, and where they have written.
    PutAway,
    Sent,
    /// Pools found, by a digest of what was searched for.
    Pools(Uuid),
    /// Readers of a message, by a digest of thread and audience.
    Readers(Uuid),
    Drafts,
    /// Access records, by a digest of whose they are and which.
    AccessRecords(Uuid),
    /// Who could see something of a patient.
    Timeline(PatientId),
    /// The threads that a helper sees, as the patient is shown them.
    Preview(DelegationId),
}

impl List {
    fn bytes(self) -> [u8; 17] {
        let (tag, id) = match self {
            Self::Messages(thread) => (0, thread.uuid()),
            Self::Inbox => (1, Uuid::nil()),
            Self::Worklist(index) => (2, Uuid::from_u128(u128::from(index))),
            Self::Participants(thread) => (3, thread.uuid()),
            Self::Patients(search) => (8, Uuid::from_bytes(search)),
            Self::Pools(search) => (4, search),
            Self::Records(search) => (9, Uuid::from_bytes(search)),
            Self::ThreadsAbout(patient) => (10, patient.uuid()),
            Self::PutAway => (6, Uuid::nil()),
            Self::Sent => (7, Uuid::nil()),
            Self::Readers(readership) => (5, readership),
            Self::Drafts => (11, Uuid::nil()),
            Self::ThreadsOf(organization) => (12, organization.uuid()),
            Self::AccessRecords(of) => (13, of),
            Self::Timeline(patient) => (14, patient.uuid()),
            Self::Preview(delegation) => (15, delegation.uuid()),
        };
        let mut bytes = [0; 17];
        let (first, rest) = bytes.split_at_mut(1);
        first.fill(tag);
        rest.copy_from_slice(id.as_bytes());
        bytes
    }
}

/// The key of the last row of a page: a number or an instant, and an id where two rows can have the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    pub number: i64,
    pub id: Uuid,
}

/// Issues and reads tokens.
#[derive(Clone)]
pub(crate) struct Tokens {
    pub vault: Arc<Vault>,
    /// The log's epoch, which every token carries: after a restore of the log, a token names another history.
    pub epoch: Uuid,
}

fn three(one: [u8; 8], two: [u8; 8], three: [u8; 16]) -> [u8; 32] {
    let mut plain = [0; 32];
    let (first, rest) = plain.split_at_mut(8);
    let (second, third) = rest.split_at_mut(8);
    first.copy_from_slice(&one);
    second.copy_from_slice(&two);
    third.copy_from_slice(&three);
    plain
}

fn parts(plain: [u8; 32]) -> Option<([u8; 8], [u8; 8], [u8; 16])> {
    let (one, rest) = plain.split_first_chunk::<8>()?;
    let (two, rest) = rest.split_first_chunk::<8>()?;
    Some((*one, *two, rest.try_into().ok()?))
}

impl Tokens {
    /// Two tokens of one position differ, so that comparing them does not show whether there was a new event.
    pub fn position(&self, position: Position, salt: Uuid) -> Result<PositionToken, Fault> {
        let (_, salt) = salt.as_u64_pair();
        let mut tail = [0; 16];
        tail.split_at_mut(8).0.copy_from_slice(&salt.to_be_bytes());
        let plain = three(self.epoch_bytes(), position.0.to_be_bytes(), tail);
        Ok(PositionToken(self.vault.mint(TokenPurpose::Position, &plain)?))
    }

    pub fn read_position(&self, token: &str) -> GivenPosition {
        match self.vault.read(TokenPurpose::Position, token).and_then(parts) {
            Some((epoch, position, _)) if epoch == self.epoch_bytes() => {
                GivenPosition::Known(Position(u64::from_be_bytes(position)))
            }
            Some(_) => GivenPosition::OtherEpoch,
            None => GivenPosition::Unknown,
        }
    }

    /// Eight bytes of the epoch are enough to detect another one, because a token cannot be forged.
    const fn epoch_bytes(&self) -> [u8; 8] {
        self.epoch.as_u64_pair().0.to_be_bytes()
    }

    /// Eight bytes of a digest over the epoch, the list and its reader. They are enough to detect a cursor of another
    /// list, because a cursor is authenticated and cannot be forged.
    fn bound_to(&self, list: List, viewer: PersonId) -> [u8; 8] {
        let bytes = [self.epoch.as_bytes(), list.bytes().as_slice(), viewer.uuid().as_bytes()].concat();
        first(bytes_of(&digest(&SHA256, &bytes)))
    }

    /// The version of the thing with an id, whose newest state transition has this revision.
    pub fn version(&self, of: impl Id, revision: Revision) -> Result<VersionToken, Fault> {
        let plain = three(revision.0.to_be_bytes(), self.epoch_bytes(), *of.uuid().as_bytes());
        Ok(VersionToken(self.vault.mint(TokenPurpose::Version, &plain)?))
    }

    /// The revision that a version names, if it belongs to this thing in this epoch.
    pub fn read_version(&self, of: Uuid, token: &str) -> Option<Revision> {
        let (revision, epoch, id) = parts(self.vault.read(TokenPurpose::Version, token)?)?;
        (Uuid::from_bytes(id) == of && epoch == self.epoch_bytes()).then_some(Revision(u64::from_be_bytes(revision)))
    }

    /// The cursors of a list for its viewer.
    pub fn cursors(&self, list: List, viewer: PersonId) -> Cursors {
        Cursors { vault: Arc::clone(&self.vault), bound: self.bound_to(list, viewer) }
    }

    pub fn read_cursor(&self, list: List, viewer: PersonId, token: &str) -> Option<Key> {
        let (bound, number, id) = parts(self.vault.read(TokenPurpose::Cursor, token)?)?;
        (bound == self.bound_to(list, viewer))
            .then(|| Key { number: i64::from_be_bytes(number), id: Uuid::from_bytes(id) })
    }
}

/// A position that a client sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenPosition {
    /// A position of this log.
    Known(Position),
    /// A position of another epoch: the log was restored since.
    OtherEpoch,
    /// Not a position of this installation.
    Unknown,
}

/// The cursors of one list for one viewer.
#[derive(Clone)]
pub(crate) struct Cursors {
    vault: Arc<Vault>,
    bound: [u8; 8],
}

impl Cursors {
    /// The cursor of a row.
    pub fn at(&self, key: Key) -> Cursor {
        Cursor { cursors: self.clone(), key }
    }
}

/// The place of a row in a list. Its token is made when it is asked for: a client asks for few of them.
#[derive(Clone)]
pub struct Cursor {
    cursors: Cursors,
    key: Key,
}

impl std::fmt::Debug for Cursor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Cursor").field(&self.key).finish()
    }
}

impl Cursor {
    /// The token by which the viewer names the place.
    ///
    /// # Errors
    /// [`Fault`] when the vault fails.
    pub fn token(&self) -> Result<CursorToken, Fault> {
        let Self { cursors: Cursors { vault, bound }, key } = self;
        let plain = three(*bound, key.number.to_be_bytes(), *key.id.as_bytes());
        Ok(CursorToken(vault.mint(TokenPurpose::Cursor, &plain)?))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;
    use test_fuzz::{Target, corpus};
    use vault::{Access, KeyEncryptionKey, KeyStoreUrl};

    pub(crate) fn tokens() -> Tokens {
        let kek = KeyEncryptionKey::generate().expect("a key");
        let vault = Vault::open_at(&KeyStoreUrl::Memory, &kek, Access::Writer).expect("a vault");
        Tokens { vault: Arc::new(vault), epoch: Uuid::from_u128(1 << 100) }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn tokens_read_back_and_have_one_length(position: u64, revision: u64, number: i64, id: u128) {
            let tokens = tokens();
            let (thread, person) = (ThreadId::from_uuid(Uuid::from_u128(id)), PersonId::from_uuid(Uuid::from_u128(id)));
            let key = Key { number, id: Uuid::from_u128(id) };
            let place = tokens.position(Position(position), Uuid::from_u128(id)).expect("minted");
            prop_assert_eq!(tokens.read_position(&place.0), GivenPosition::Known(Position(position)));
            let version = tokens.version(thread, Revision(revision)).expect("minted");
            prop_assert_eq!(tokens.read_version(thread.uuid(), &version.0), Some(Revision(revision)));
            let cursor = tokens.cursors(List::Inbox, person).at(key).token().expect("minted");
            prop_assert_eq!(tokens.read_cursor(List::Inbox, person, &cursor.0), Some(key));
            prop_assert_eq!((place.0.len(), version.0.len()), (cursor.0.len(), cursor.0.len()));
        }
    }

    #[test]
    fn a_token_of_another_thread_list_or_reader_is_refused() {
        let tokens = tokens();
        let [one, other] = [1, 2].map(|bits| ThreadId::from_uuid(Uuid::from_u128(bits)));
        let [me, you] = [1, 2].map(|bits| PersonId::from_uuid(Uuid::from_u128(bits)));
        let version = tokens.version(one, Revision(3)).expect("minted");
        assert_eq!(tokens.read_version(other.uuid(), &version.0), None);
        assert_eq!(tokens.read_position(&version.0), GivenPosition::Unknown);
        let key = Key { number: 5, id: Uuid::nil() };
        let cursor = tokens.cursors(List::Messages(one), me).at(key).token().expect("minted");
        assert_eq!(tokens.read_cursor(List::Messages(other), me, &cursor.0), None);
        assert_eq!(tokens.read_cursor(List::Messages(one), you, &cursor.0), None);
        assert_eq!(tokens.read_cursor(List::Inbox, me, &cursor.0), None);
    }

    /// The keys are made for the run, so a seed alone does not make the same inputs again.
    #[test]
    fn a_changed_token_names_nothing_and_a_cursor_belongs_to_one_list_and_reader() {
        let tokens = tokens();
        let threads = [1, 2].map(|bits| ThreadId::from_uuid(Uuid::from_u128(bits)));
        let readers = [1, 2].map(|bits| PersonId::from_uuid(Uuid::from_u128(bits)));
        let nil = Uuid::nil();
        let lists = [
            List::Messages(threads[0]),
            List::Messages(threads[1]),
            List::Participants(threads[0]),
            List::Inbox,
            List::Worklist(0),
            List::Patients([0; 16]),
            List::Records([0; 16]),
            List::ThreadsAbout(PatientId::from_uuid(nil)),
            List::ThreadsOf(OrganizationId::from_uuid(nil)),
            List::PutAway,
            List::Sent,
            List::Pools(nil),
            List::Readers(nil),
            List::Drafts,
            List::AccessRecords(nil),
        ];
        let key = Key { number: -5, id: Uuid::from_u128(1) };
        let mut minted = Vec::new();
        for reader in readers {
            let cursor = |list| tokens.cursors(list, reader).at(key).token().expect("minted").0;
            minted.extend(lists.map(cursor));
        }
        minted.extend(threads.map(|thread| tokens.version(thread, Revision(3)).expect("minted").0));
        minted.push(tokens.position(Position(9), Uuid::from_u128(7)).expect("minted").0);

        let mut inputs = corpus(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/cursors"));
        inputs.extend(minted.iter().map(|token| token.as_bytes().to_vec()));
        let target =
            Target { name: "cursors", inputs, words: &["A", "_", "-", "=", "+", " "], bytes_max: 200, tries: 1_000 };
        let seen = target.run(|input| {
            let Ok(text) = std::str::from_utf8(input) else { return "NoText".to_owned() };
            let mut read = Vec::new();
            for (list, reader) in lists.into_iter().flat_map(|list| readers.map(|reader| (list, reader))) {
                if let Some(key) = tokens.read_cursor(list, reader, text) {
                    read.push(("cursor", tokens.cursors(list, reader).at(key).token().expect("minted").0));
                }
            }
            for thread in threads {
                if let Some(revision) = tokens.read_version(thread.uuid(), text) {
                    read.push(("version", tokens.version(thread, revision).expect("minted").0));
                }
            }
            match tokens.read_position(text) {
                // Its salt is not told, so it cannot be minted again.
                GivenPosition::Known(Position(9)) => read.push(("position", text.to_owned())),
                GivenPosition::Known(other) => panic!("{other:?} was never minted"),
                GivenPosition::OtherEpoch => panic!("there is one epoch"),
                GivenPosition::Unknown => {}
            }
            let Some((word, again)) = read.first() else { return "nothing".to_owned() };
            assert_eq!(read.len(), 1, "it is read as one thing: {read:?}");
            assert_eq!(again, text, "it has one text");
            assert!(minted.contains(again), "it was minted");
            (*word).to_owned()
        });
        assert_eq!(seen.keys().map(String::as_str).filter(|word| *word != "NoText").count(), 4, "{seen:?}");
    }

    #[test]
    fn every_token_of_another_epoch_is_refused() {
        let tokens = tokens();
        let (thread, person) = (ThreadId::from_uuid(Uuid::from_u128(1)), PersonId::from_uuid(Uuid::from_u128(1)));
        let place = tokens.position(Position(9), Uuid::nil()).expect("minted");
        let version = tokens.version(thread, Revision(3)).expect("minted");
        let key = Key { number: 5, id: Uuid::nil() };
        let cursor = tokens.cursors(List::Inbox, person).at(key).token().expect("minted");
        let restored = Tokens { epoch: Uuid::from_u128(7 << 100), ..tokens };
        assert_eq!(restored.read_position(&place.0), GivenPosition::OtherEpoch);
        assert_eq!(restored.read_version(thread.uuid(), &version.0), None);
        assert_eq!(restored.read_cursor(List::Inbox, person, &cursor.0), None);
    }

    #[test]
    fn two_tokens_of_one_position_differ() {
        let tokens = tokens();
        let [one, other] = [1, 2].map(|salt| tokens.position(Position(9), Uuid::from_u128(salt)).expect("minted"));
        assert_ne!(one, other);
    }
}

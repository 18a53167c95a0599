//! Names of keys: a `Node` of the key tree, and a `KeyId`, which is one version of a node's key. Their text and byte
//! forms lie in sealed values, view columns and associated data, so they never change.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A place in the key tree. Every node has a one-letter tag, which never changes:
/// `i` installation, `p` patient, `u` person, `o` organization, `t` thread, `a` attachment, `d` draft,
/// `g` delegation, `l` legal authority, `m` message from outside.
///
/// To add one: 1. give it a letter in `tag` and `from_tag` that was never used; 2. say in `may_hang_under` who its
/// parent is; 3. draw it in the crate's picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Node {
    /// The one key of the installation.
    Installation,
    /// A patient: identity fields, and the parent of what concerns the patient.
    Patient(Uuid),
    /// A person who signs in: identity fields.
    Person(Uuid),
    /// An organization: the parent of what concerns no patient.
    Organization(Uuid),
    /// The texts of one thread.
    Thread(Uuid),
    /// The bytes of one attachment.
    Attachment(Uuid),
    /// The text of one draft of a form. Nothing hangs below it.
    Draft(Uuid),
    /// The texts of one delegation.
    Delegation(Uuid),
    /// The texts of one legal authority.
    LegalAuthority(Uuid),
    /// The texts of one message from outside. Nothing hangs below it.
    OutsideMessage(Uuid),
}

impl Node {
    /// Whether `parent` may wrap this node's key; `None` is the key-encryption key.
    pub(crate) fn may_hang_under(self, parent: Option<Node>) -> bool {
        match self {
            Node::Installation | Node::Patient(_) | Node::Person(_) | Node::Organization(_) => parent.is_none(),
            Node::Thread(_) | Node::Attachment(_) | Node::Draft(_) => {
                matches!(parent, Some(Node::Patient(_) | Node::Organization(_)))
            }
            Node::Delegation(_) | Node::LegalAuthority(_) => matches!(parent, Some(Node::Patient(_))),
            Node::OutsideMessage(_) => matches!(parent, Some(Node::Organization(_))),
        }
    }

    fn tag(self) -> char {
        match self {
            Node::Installation => 'i',
            Node::Patient(_) => 'p',
            Node::Person(_) => 'u',
            Node::Organization(_) => 'o',
            Node::Thread(_) => 't',
            Node::Attachment(_) => 'a',
            Node::Draft(_) => 'd',
            Node::Delegation(_) => 'g',
            Node::LegalAuthority(_) => 'l',
            Node::OutsideMessage(_) => 'm',
        }
    }

    /// The installation has no id of its own; its place in text is empty and in bytes all zero.
    fn id(self) -> Option<Uuid> {
        match self {
            Node::Installation => None,
            Node::Patient(id)
            | Node::Person(id)
            | Node::Organization(id)
            | Node::Thread(id)
            | Node::Attachment(id)
            | Node::Draft(id)
            | Node::Delegation(id)
            | Node::LegalAuthority(id)
            | Node::OutsideMessage(id) => Some(id),
        }
    }

    fn from_tag(tag: &str, id: &str) -> Option<Self> {
        if tag == "i" {
            return id.is_empty().then_some(Node::Installation);
        }
        let of: fn(Uuid) -> Node = match tag {
            "p" => Node::Patient,
            "u" => Node::Person,
            "o" => Node::Organization,
            "t" => Node::Thread,
            "a" => Node::Attachment,
            "d" => Node::Draft,
            "g" => Node::Delegation,
            "l" => Node::LegalAuthority,
            "m" => Node::OutsideMessage,
            _ => return None,
        };
        // Other spellings of a UUID would make two texts of one node, and a column could then miss an equal key.
        let is_canonical = id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        Uuid::try_parse(id).ok().filter(|_| is_canonical).map(of)
    }
}

/// `t:<32 hex>`; the installation is `i:`.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id() {
            Some(id) => write!(f, "{}:{}", self.tag(), id.simple()),
            None => write!(f, "{}:", self.tag()),
        }
    }
}

impl FromStr for Node {
    type Err = MalformedKeyId;

    fn from_str(text: &str) -> Result<Self, MalformedKeyId> {
        text.split_once(':').and_then(|(tag, id)| Node::from_tag(tag, id)).ok_or(MalformedKeyId)
    }
}

/// One version of a node's key. Text form `<tag>:<32 lower-case hex>:<version>`, as in
/// `t:0195f1c07d3b7c5e8a4f2b6d9e1c3a57:1`; the installation's is `i::1`. Each key id has exactly one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct KeyId {
    node: Node,
    version: u32,
}

impl KeyId {
    /// Length of `to_bytes`.
    pub(crate) const BYTES: usize = 21;

    /// Made with the store.
    pub(crate) const FIRST_OF_INSTALLATION: Self = Self { node: Node::Installation, version: 1 };

    pub(crate) fn new(node: Node, version: u32) -> Self {
        Self { node, version }
    }

    /// The node whose key this is.
    pub fn node(&self) -> Node {
        self.node
    }

    /// The version, counted from 1.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Tag, id, version (big-endian): of one length, so what is joined after it in associated data is unambiguous.
    pub(crate) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let tag = [self.node.tag() as u8];
        let id = self.node.id().unwrap_or(Uuid::nil()).into_bytes();
        let version = self.version.to_be_bytes();
        for (place, byte) in bytes.iter_mut().zip(tag.into_iter().chain(id).chain(version)) {
            *place = byte;
        }
        bytes
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.node, self.version)
    }
}

impl FromStr for KeyId {
    type Err = MalformedKeyId;

    fn from_str(text: &str) -> Result<Self, MalformedKeyId> {
        let (node, version) = text.rsplit_once(':').ok_or(MalformedKeyId)?;
        // "+1" and "01" parse as numbers; only the canonical text is a key id.
        if !version.starts_with(|first: char| matches!(first, '1'..='9')) {
            return Err(MalformedKeyId);
        }
        Ok(Self { node: node.parse()?, version: version.parse().map_err(|_| MalformedKeyId)? })
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for KeyId {
    type Error = MalformedKeyId;

    fn try_from(text: String) -> Result<Self, MalformedKeyId> {
        text.parse()
    }
}

/// The text is not the canonical form of a key id or node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a key id")]
pub struct MalformedKeyId;

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn any_node() -> impl Strategy<Value = Node> {
        (0..10, any::<u128>()).prop_map(|(kind, id)| {
            let id = Uuid::from_u128(id);
            match kind {
                0 => Node::Installation,
                1 => Node::Patient(id),
                2 => Node::Person(id),
                3 => Node::Organization(id),
                4 => Node::Thread(id),
                5 => Node::Attachment(id),
                6 => Node::Draft(id),
                7 => Node::Delegation(id),
                8 => Node::LegalAuthority(id),
                _ => Node::OutsideMessage(id),
            }
        })
    }

    proptest! {
        #[test]
        fn text_form_round_trips(node in any_node(), version in 1u32..) {
            let id = KeyId::new(node, version);
            prop_assert_eq!(id.to_string().parse(), Ok(id));
            prop_assert_eq!(node.to_string().parse(), Ok(node));
            let json = serde_json::to_string(&id).unwrap();
            prop_assert_eq!(serde_json::from_str::<KeyId>(&json).unwrap(), id);
        }

        #[test]
        fn the_byte_form_is_unique(a in any_node(), b in any_node(), v in 1u32..3, w in 1u32..3) {
            let (a, b) = (KeyId::new(a, v), KeyId::new(b, w));
            prop_assert_eq!(a == b, a.to_bytes() == b.to_bytes());
        }
    }

    #[test]
    fn text_forms_follow_the_specification() {
        let id = Uuid::from_u128(0xab);
        let hex = "000000000000000000000000000000ab";
        let written = [
            (Node::Installation, "i::7".to_owned()),
            (Node::Patient(id), format!("p:{hex}:7")),
            (Node::Person(id), format!("u:{hex}:7")),
            (Node::Organization(id), format!("o:{hex}:7")),
            (Node::Thread(id), format!("t:{hex}:7")),
            (Node::Attachment(id), format!("a:{hex}:7")),
            (Node::Draft(id), format!("d:{hex}:7")),
            (Node::Delegation(id), format!("g:{hex}:7")),
            (Node::LegalAuthority(id), format!("l:{hex}:7")),
            (Node::OutsideMessage(id), format!("m:{hex}:7")),
        ];
        for (node, text) in written {
            assert_eq!(KeyId::new(node, 7).to_string(), text);
        }
        let bytes = KeyId::new(Node::Thread(id), 0x0102).to_bytes();
        assert_eq!(bytes, *b"t\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xab\0\0\x01\x02");
    }

    #[test]
    fn only_the_canonical_text_is_a_key_id() {
        let hex = "000000000000000000000000000000ab";
        let upper = hex.to_uppercase();
        for text in [
            String::new(),
            "i:1".to_owned(),
            format!("i:{hex}:1"),
            format!("t:{hex}"),
            format!("t:{hex}:"),
            format!("t:{hex}:0"),
            format!("t:{hex}:01"),
            format!("t:{hex}:+1"),
            format!("t:{hex}:4294967296"),
            format!("t:{upper}:1"),
            format!("t:{{{hex}}}:1"),
            format!("x:{hex}:1"),
            format!(" t:{hex}:1"),
            "t::1".to_owned(),
        ] {
            assert_eq!(text.parse::<KeyId>(), Err(MalformedKeyId), "{text}");
            assert!(serde_json::from_value::<KeyId>(text.into()).is_err());
        }
        for text in [format!("t:{upper}"), "t:00000000-0000-0000-0000-0000000000ab".to_owned(), "i".to_owned()] {
            assert_eq!(text.parse::<Node>(), Err(MalformedKeyId), "{text}");
        }
    }
}

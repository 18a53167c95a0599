//! Sealed values: the encrypted form of a person's text in events and read models. `Vault::seal` makes one, `Vault::open`
//! returns its text or reports that its key was destroyed.
//!
//! The scheme, which data at rest depends on: AES-256-GCM under the subkey `seal` of the node's key, a fresh random
//! nonce, and as associated data the 21 bytes of the key id followed by the caller's bytes.

use std::fmt;
use std::str::Utf8Error;

use aws_lc_rs::aead::{Aad, Nonce};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use zeroize::Zeroizing;

use crate::material::{NONCE_BYTES, TAG_BYTES, fresh_nonce};
use crate::node::{KeyId, Node};
use crate::{Error, Vault};

/// A sealed value. As JSON `{"k":"t:<32 hex>:1","n":"<16 characters>","c":"…"}`, nonce and ciphertext in base64url
/// without padding; nothing else is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// The key that opens it.
    #[serde(rename = "k")]
    pub key: KeyId,
    /// The nonce, random for each value.
    #[serde(rename = "n", serialize_with = "to_text", deserialize_with = "nonce_from_text")]
    pub nonce: [u8; NONCE_BYTES],
    /// Ciphertext and the 16 bytes of its tag.
    #[serde(rename = "c", serialize_with = "to_text", deserialize_with = "from_text")]
    pub ciphertext: Vec<u8>,
}

/// What opening a sealed value yields.
#[derive(Debug)]
pub enum Opened {
    /// The text, as it was sealed.
    Text(Plain),
    /// The key was destroyed: the text is permanently unreadable.
    Destroyed,
}

/// Opened bytes: wiped when dropped, and never shown by `Debug`.
pub struct Plain(Zeroizing<Vec<u8>>);

impl Plain {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as text.
    ///
    /// # Errors
    /// If what was sealed was no UTF-8.
    pub fn as_str(&self) -> Result<&str, Utf8Error> {
        std::str::from_utf8(&self.0)
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plain(..)")
    }
}

impl Vault {
    /// Seals `plain` under the newest key of `node`, which `get_or_create` made. `associated` names the value's place
    /// (event, kind, field) and must be given again to open it. No padding: the length of the text shows.
    ///
    /// # Errors
    /// `Destroyed`, `UnknownKey`, `ReadOnly`, `Primitive`; from time to time it has to reserve further uses of the key
    /// in the store, which may fail with `WrongKeyEncryptionKey`, `Damaged` or `Store`.
    pub fn seal(&self, node: Node, associated: &[u8], plain: &[u8]) -> Result<Sealed, Error> {
        self.use_newest(node, |key, objects| {
            let nonce = fresh_nonce()?;
            // Room for the tag at once: growing would leave a copy of the text in freed memory.
            let mut ciphertext = Vec::with_capacity(plain.len().saturating_add(TAG_BYTES));
            ciphertext.extend_from_slice(plain);
            let bound = associated_data(key, associated);
            objects.seal.seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(bound),
                &mut ciphertext,
            )?;
            Ok(Sealed { key, nonce, ciphertext })
        })
    }

    /// Opens a sealed value that was sealed with the same `associated` bytes.
    ///
    /// # Errors
    /// `Tampered` if key, nonce, ciphertext or `associated` differ from what was sealed; `UnknownKey` if the store
    /// neither has the key nor a tombstone for it; `WrongKeyEncryptionKey`, `Damaged`, `Store`.
    pub fn open(&self, sealed: &Sealed, associated: &[u8]) -> Result<Opened, Error> {
        let Some(keys) = self.keys_of(&sealed.key)? else {
            return Ok(Opened::Destroyed);
        };
        let objects = keys.version(sealed.key.version()).ok_or(Error::UnknownKey)?;
        let (ciphertext, tag) = sealed.ciphertext.split_last_chunk::<TAG_BYTES>().ok_or(Error::Tampered)?;
        let mut plain = Zeroizing::new(vec![0; ciphertext.len()]);
        objects
            .seal
            .open_separate_gather(
                Nonce::assume_unique_for_key(sealed.nonce),
                Aad::from(associated_data(sealed.key, associated)),
                ciphertext,
                tag,
                &mut plain,
            )
            .map_err(|_| Error::Tampered)?;
        Ok(Opened::Text(Plain(plain)))
    }
}

/// The key id's bytes are of one length, so no other split of the joined bytes is possible.
fn associated_data(key: KeyId, associated: &[u8]) -> Vec<u8> {
    [&key.to_bytes(), associated].concat()
}

fn to_text<S: Serializer>(bytes: &impl AsRef<[u8]>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&BASE64URL_NOPAD.encode_display(bytes.as_ref()))
}

fn from_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| de::Error::custom("not base64url"))
}

fn nonce_from_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; NONCE_BYTES], D::Error> {
    from_text(deserializer)?.try_into().map_err(|_| de::Error::custom("a nonce has 12 bytes"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_fuzz::{Target, corpus};
    use uuid::Uuid;

    use super::*;
    use crate::vault::tests::in_memory;

    const PATIENT: Node = Node::Patient(Uuid::from_u128(1));

    fn vault() -> Vault {
        let vault = in_memory();
        vault.get_or_create(PATIENT, None).unwrap();
        vault
    }

    fn text(opened: Result<Opened, Error>) -> String {
        match opened.unwrap() {
            Opened::Text(plain) => plain.as_str().unwrap().to_owned(),
            Opened::Destroyed => panic!("destroyed"),
        }
    }

    #[test]
    fn sealed_text_opens_after_json_with_the_same_associated_data() {
        let vault = vault();
        proptest!(|(plain in any::<Vec<u8>>(), associated in any::<Vec<u8>>())| {
            let sealed = vault.seal(PATIENT, &associated, &plain).unwrap();
            let json = serde_json::to_string(&sealed).unwrap();
            let sealed: Sealed = serde_json::from_str(&json).unwrap();
            let Opened::Text(opened) = vault.open(&sealed, &associated).unwrap() else { panic!("destroyed") };
            prop_assert_eq!(opened.as_bytes(), &plain);
        });
    }

    #[test]
    fn a_value_altered_or_moved_is_tampered() {
        let vault = vault();
        let other = vault.get_or_create(Node::Person(Uuid::from_u128(1)), None).unwrap();
        let sealed = vault.seal(PATIENT, b"event 1", b"a text").unwrap();
        assert_eq!(text(vault.open(&sealed, b"event 1")), "a text");

        let tampered = |sealed: &Sealed, associated: &[u8]| {
            assert!(matches!(vault.open(sealed, associated), Err(Error::Tampered)), "{sealed:?}");
        };
        tampered(&sealed, b"event 2");
        tampered(&sealed, b"");
        tampered(&Sealed { key: other, ..sealed.clone() }, b"event 1");
        for at in 0..sealed.nonce.len() {
            let mut altered = sealed.clone();
            altered.nonce[at] ^= 1;
            tampered(&altered, b"event 1");
        }
        for at in 0..sealed.ciphertext.len() {
            let mut altered = sealed.clone();
            altered.ciphertext[at] ^= 1;
            tampered(&altered, b"event 1");
            altered.ciphertext.truncate(at);
            tampered(&altered, b"event 1");
        }
    }

    /// The keys are made for the run, so a seed alone does not make the same inputs again.
    #[test]
    fn a_changed_value_opens_nothing() {
        let vault = vault();
        let nodes = [PATIENT, Node::Patient(Uuid::from_u128(2)), Node::Person(Uuid::from_u128(1))];
        let gone = Node::Patient(Uuid::from_u128(3));
        for node in nodes.into_iter().chain([gone]) {
            vault.get_or_create(node, None).unwrap();
        }
        let places: [&[u8]; 3] = [b"event 1", b"event 2", b""];
        let sealed = |node: Node, place: &[u8]| vault.seal(node, place, node.to_string().as_bytes()).unwrap();
        let whole: Vec<(Sealed, &[u8])> =
            nodes.iter().flat_map(|node| places.map(|place| (sealed(*node, place), place))).collect();
        let lost = sealed(gone, places[0]);
        vault.destroy(gone, Uuid::from_u128(9)).unwrap();

        let mut inputs = corpus(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/sealed_values"));
        let made = whole.iter().map(|(sealed, _)| sealed).chain([&lost]);
        inputs.extend(made.map(|sealed| serde_json::to_vec(sealed).unwrap()));
        let words = &["\"k\":", "\"n\":", "\"c\":", "p:", "u:", "t:", "i::", ":1", ":2", "0", "A", "_", "=", " "];
        let target = Target { name: "sealed_values", inputs, words, bytes_max: 1_000, tries: 4_000 };
        let seen = target.run(|input| {
            let text = String::from_utf8_lossy(input);
            if let Ok(key) = text.parse::<KeyId>() {
                assert_eq!(key.to_string(), text, "a key id has one text");
                return "KeyId".to_owned();
            }
            let Ok(read) = serde_json::from_slice::<Sealed>(input) else { return "unread".to_owned() };
            let again = serde_json::to_vec(&read).unwrap();
            assert_eq!(serde_json::from_slice::<Sealed>(&again).unwrap(), read);
            let opened = places.map(|place| match vault.open(&read, place) {
                Ok(Opened::Text(plain)) => {
                    assert!(whole.contains(&(read.clone(), place)), "a changed value was opened");
                    assert_eq!(plain.as_str().unwrap(), read.key.node().to_string());
                    "opened"
                }
                Ok(Opened::Destroyed) => {
                    assert_eq!(read.key.node(), gone, "only its key was destroyed");
                    "Destroyed"
                }
                Err(Error::Tampered) => "Tampered",
                Err(Error::UnknownKey) => "UnknownKey",
                Err(other) => panic!("the key store is whole: {other}"),
            });
            // In another place it is tampered with, and a key is known everywhere or nowhere.
            let one = opened.into_iter().find(|word| *word != "Tampered").unwrap_or("Tampered");
            let others = opened.iter().filter(|word| **word != one).count();
            assert_eq!(others, if one == "opened" { 2 } else { 0 }, "{opened:?}");
            one.to_owned()
        });
        for word in ["opened", "Destroyed", "Tampered", "UnknownKey", "KeyId", "unread"] {
            assert!(seen.contains_key(word), "{word}: {seen:?}");
        }
    }

    #[test]
    fn sealing_the_same_text_twice_gives_different_values() {
        let vault = vault();
        let (one, two) = (vault.seal(PATIENT, b"", b"x").unwrap(), vault.seal(PATIENT, b"", b"x").unwrap());
        assert_ne!(one.nonce, two.nonce);
        assert_ne!(one.ciphertext, two.ciphertext);
    }

    #[test]
    fn only_the_specified_json_form_is_accepted() {
        let key = format!("t:{}:3", Uuid::from_u128(0xab).simple());
        let sealed = Sealed { key: key.parse().unwrap(), nonce: [0xfb; NONCE_BYTES], ciphertext: vec![0xff; 17] };
        let json = format!(r#"{{"k":"{key}","n":"-_v7-_v7-_v7-_v7","c":"______________________8"}}"#);
        assert_eq!(serde_json::to_string(&sealed).unwrap(), json);
        assert_eq!(serde_json::from_str::<Sealed>(&json).unwrap(), sealed);
        for other in [
            json.replace("-_v7\"", "-_v7-_v7\""),
            json.replace("-_v7\"", "\""),
            json.replace("-_v7\"", "+/v7\""),
            json.replace("8\"", "9\""),
            json.replace("8\"", "8=\""),
            json.replace(":3", ":0"),
            json.replace("\"c\"", "\"z\":1,\"c\""),
        ] {
            assert!(serde_json::from_str::<Sealed>(&other).is_err(), "{other}");
        }
    }

    #[test]
    fn debug_shows_no_text() {
        let vault = vault();
        let sealed = vault.seal(PATIENT, b"", b"marker").unwrap();
        let opened = vault.open(&sealed, b"").unwrap();
        assert_eq!(format!("{opened:?} {vault:?}"), "Text(Plain(..)) Vault(..)");
    }
}

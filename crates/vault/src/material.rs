//! Raw keys, the subkeys derived from them for each purpose, and the wrapping of one key by another. A raw key exists only
//! while it is wrapped, unwrapped or derived from; aws-lc-rs key objects stay in memory.
//!
//! The scheme, which data at rest depends on:
//! - subkey = HKDF-SHA-256(salt `carefold.vault.1`, key, info = the purpose's name), 32 bytes;
//! - wrapped key = nonce (12) ‖ AES-256-GCM(subkey `wrap` of the parent, nonce, key) (32 + 16);
//! - its associated data = bytes of the key's id ‖ bytes of the parent's id (21 zero bytes for the key-encryption key).

use aws_lc_rs::aead::{AES_256_GCM, Aad, Algorithm, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, hmac, rand};
use zeroize::Zeroizing;

use crate::Error;
use crate::node::KeyId;

pub(crate) const KEY_BYTES: usize = 32;
pub(crate) const NONCE_BYTES: usize = 12;
pub(crate) const TAG_BYTES: usize = 16;
const SALT: &[u8] = b"carefold.vault.1";

/// A raw key. No `Debug`, and wiped when dropped.
#[derive(Clone)]
pub(crate) struct Secret(Zeroizing<[u8; KEY_BYTES]>);

impl Secret {
    pub(crate) fn generate() -> Result<Self, Error> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        rand::fill(bytes.as_mut_slice())?;
        Ok(Self(bytes))
    }

    pub(crate) fn expose(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    pub(crate) fn aead(&self, algorithm: &'static Algorithm, purpose: &str) -> Result<LessSafeKey, Error> {
        let prk = self.prk();
        let key: UnboundKey = prk.expand(&[purpose.as_bytes()], algorithm)?.into();
        Ok(LessSafeKey::new(key))
    }

    pub(crate) fn hmac(&self, purpose: &str) -> Result<hmac::Key, Error> {
        let prk = self.prk();
        Ok(prk.expand(&[purpose.as_bytes()], hmac::HMAC_SHA256)?.into())
    }

    fn prk(&self) -> hkdf::Prk {
        hkdf::Salt::new(hkdf::HKDF_SHA256, SALT).extract(self.expose())
    }

    /// Tells two key-encryption keys apart and tells nothing else of them.
    pub(crate) fn fingerprint(&self) -> Result<[u8; 16], Error> {
        hmac::sign(&self.hmac("fingerprint")?, b"").as_ref().first_chunk().copied().ok_or(Error::Primitive)
    }

    /// This key, wrapped by `parent`; `place` is the id of this key and of its parent.
    pub(crate) fn wrapped_by(&self, parent: &Secret, place: Place) -> Result<Vec<u8>, Error> {
        let nonce = fresh_nonce()?;
        // Room for everything at once: growing would leave a copy of the raw key in freed memory.
        let mut bytes = Vec::with_capacity(NONCE_BYTES + KEY_BYTES + TAG_BYTES);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(self.expose());
        let (_, key) = bytes.split_at_mut_checked(NONCE_BYTES).ok_or(Error::Primitive)?;
        let tag = wrapper(parent)?.seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(place.to_bytes()),
            key,
        )?;
        bytes.extend_from_slice(tag.as_ref());
        Ok(bytes)
    }

    /// The key that `parent` wrapped.
    ///
    /// # Errors
    /// `Damaged` if the bytes, the parent or the place are not those of the wrapping.
    pub(crate) fn unwrapped_by(parent: &Secret, place: Place, wrapped: &[u8]) -> Result<Self, Error> {
        let (nonce, sealed) = wrapped.split_first_chunk::<NONCE_BYTES>().ok_or(Error::Damaged)?;
        let (key, tag) = sealed.split_last_chunk::<TAG_BYTES>().ok_or(Error::Damaged)?;
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        if key.len() != KEY_BYTES {
            return Err(Error::Damaged);
        }
        let nonce = Nonce::assume_unique_for_key(*nonce);
        wrapper(parent)?
            .open_separate_gather(nonce, Aad::from(place.to_bytes()), key, tag, bytes.as_mut_slice())
            .map_err(|_| Error::Damaged)?;
        Ok(Self(bytes))
    }
}

impl From<Zeroizing<[u8; KEY_BYTES]>> for Secret {
    fn from(bytes: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        Self(bytes)
    }
}

/// The place of a wrapped key in the tree: its id and its parent's (`None`: the key-encryption key).
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) key: KeyId,
    pub(crate) parent: Option<KeyId>,
}

impl Place {
    fn to_bytes(self) -> Vec<u8> {
        let parent = self.parent.map_or([0; KeyId::BYTES], KeyId::to_bytes);
        [self.key.to_bytes(), parent].concat()
    }
}

/// What a key does while it is cached: it seals and opens, and hashes. Holds no raw bytes that Rust could print.
pub(crate) struct KeyObjects {
    pub(crate) seal: LessSafeKey,
    pub(crate) mac: hmac::Key,
}

impl KeyObjects {
    pub(crate) fn of(secret: &Secret) -> Result<Self, Error> {
        Ok(Self { seal: secret.aead(&AES_256_GCM, "seal")?, mac: secret.hmac("mac")? })
    }
}

pub(crate) fn fresh_nonce() -> Result<[u8; NONCE_BYTES], Error> {
    let mut nonce = [0; NONCE_BYTES];
    rand::fill(&mut nonce)?;
    Ok(nonce)
}

fn wrapper(parent: &Secret) -> Result<LessSafeKey, Error> {
    parent.aead(&AES_256_GCM, "wrap")
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::node::Node;

    fn place(node: u128, version: u32, parent: u128) -> Place {
        Place {
            key: KeyId::new(Node::Thread(Uuid::from_u128(node)), version),
            parent: Some(KeyId::new(Node::Patient(Uuid::from_u128(parent)), 1)),
        }
    }

    #[test]
    fn a_wrapped_key_opens_only_in_its_own_place() {
        let (parent, key) = (Secret::generate().unwrap(), Secret::generate().unwrap());
        let here = place(1, 1, 9);
        let wrapped = key.wrapped_by(&parent, here).unwrap();
        assert_eq!(Secret::unwrapped_by(&parent, here, &wrapped).unwrap().expose(), key.expose());

        let under_root = Place { parent: None, ..here };
        for elsewhere in [place(2, 1, 9), place(1, 2, 9), place(1, 1, 8), under_root] {
            assert!(matches!(Secret::unwrapped_by(&parent, elsewhere, &wrapped), Err(Error::Damaged)));
        }
        let stranger = Secret::generate().unwrap();
        assert!(matches!(Secret::unwrapped_by(&stranger, here, &wrapped), Err(Error::Damaged)));
        for at in 0..wrapped.len() {
            let mut altered = wrapped.clone();
            altered[at] ^= 1;
            assert!(matches!(Secret::unwrapped_by(&parent, here, &altered), Err(Error::Damaged)), "byte {at}");
        }
        assert!(matches!(Secret::unwrapped_by(&parent, here, &wrapped[..59]), Err(Error::Damaged)));
    }

    /// Data at rest depends on the derivation: computed apart from this code (HKDF-SHA-256, then HMAC-SHA-256).
    #[test]
    fn the_derivation_follows_the_specification() {
        let secret = Secret::from(Zeroizing::new([1; KEY_BYTES]));
        let tag = hmac::sign(&secret.hmac("mac").unwrap(), b"abc");
        assert_eq!(
            data_encoding::HEXLOWER.encode(tag.as_ref()),
            "b5c1502496d5ff14204d91a7aef5dca75c85b1b7d05f16c82bf8bcb3d8789c69"
        );
    }
}

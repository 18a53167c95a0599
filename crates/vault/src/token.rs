//! External tokens: positions, versions and cursors leave the server only as these texts. All have 80 characters of
//! base64url for any content, and show only whether two tokens of one purpose have the same content.
//!
//! The scheme: AES-256-GCM-SIV under the installation key's subkey `token`, the purpose as associated data, and as
//! nonce the first 12 bytes of HMAC-SHA-256 (subkey `token nonce`) over purpose and content. Why this is sound though
//! the nonce is not random: equal nonces come from equal purpose and content, which give equal tokens and so only the
//! equality that is wanted (a repeated answer must be byte for byte the same); unequal contents meet in a nonce with
//! chance 2^-96 for each pair, and even then GCM-SIV, unlike GCM, gives neither content nor key away. To anyone without
//! the key the nonce is random, so neither content nor order shows.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce};
use aws_lc_rs::hmac;
use data_encoding::BASE64URL_NOPAD;

use crate::Error;
use crate::material::{NONCE_BYTES, Secret, TAG_BYTES};

/// What a token is for; one of another purpose is not read.
///
/// To add one: 1. add it here; 2. give it a letter in `tag` that was never used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenPurpose {
    /// A place in a log, as in `x-read-after`.
    Position,
    /// The version of a thing that a command expects.
    Version,
    /// A place in a list.
    Cursor,
}

impl TokenPurpose {
    fn tag(self) -> [u8; 1] {
        match self {
            TokenPurpose::Position => *b"p",
            TokenPurpose::Version => *b"v",
            TokenPurpose::Cursor => *b"c",
        }
    }
}

/// The installation key's two subkeys for tokens.
pub(crate) struct TokenKeys {
    seal: LessSafeKey,
    nonce: hmac::Key,
}

impl TokenKeys {
    pub(crate) fn of(installation: &Secret) -> Result<Self, Error> {
        Ok(Self { seal: installation.aead(&AES_256_GCM_SIV, "token")?, nonce: installation.hmac("token nonce")? })
    }

    pub(crate) fn mint(&self, purpose: TokenPurpose, plain: &[u8; 32]) -> Result<String, Error> {
        let mut synthetic = hmac::Context::with_key(&self.nonce);
        synthetic.update(&purpose.tag());
        synthetic.update(plain);
        let nonce: [u8; NONCE_BYTES] = synthetic.sign().as_ref().first_chunk().copied().ok_or(Error::Primitive)?;
        let mut body = plain.to_vec();
        self.seal.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(purpose.tag()), &mut body)?;
        Ok(BASE64URL_NOPAD.encode(&[&nonce, body.as_slice()].concat()))
    }

    pub(crate) fn read(&self, purpose: TokenPurpose, token: &str) -> Option<[u8; 32]> {
        let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).ok()?;
        let (nonce, body) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        let (ciphertext, tag) = body.split_last_chunk::<TAG_BYTES>()?;
        let mut plain = [0; 32];
        if ciphertext.len() != plain.len() {
            return None;
        }
        let nonce = Nonce::assume_unique_for_key(*nonce);
        self.seal.open_separate_gather(nonce, Aad::from(purpose.tag()), ciphertext, tag, &mut plain).ok()?;
        Some(plain)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    use super::*;

    const ALL: [TokenPurpose; 3] = [TokenPurpose::Position, TokenPurpose::Version, TokenPurpose::Cursor];

    fn keys() -> TokenKeys {
        TokenKeys::of(&Secret::from(Zeroizing::new([3; 32]))).unwrap()
    }

    #[test]
    fn a_token_is_read_for_its_purpose_alone_and_always_looks_alike() {
        let keys = keys();
        proptest!(|(plain: [u8; 32])| {
            let tokens = ALL.map(|purpose| keys.mint(purpose, &plain).unwrap());
            for (minted_for, token) in ALL.iter().zip(&tokens) {
                prop_assert_eq!(token.len(), 80);
                prop_assert_eq!(&keys.mint(*minted_for, &plain).unwrap(), token);
                for purpose in ALL {
                    let expected = (purpose == *minted_for).then_some(plain);
                    prop_assert_eq!(keys.read(purpose, token), expected);
                }
            }
            // Even the nonces differ by purpose, so tokens of different purposes cannot be matched.
            prop_assert_ne!(&tokens[0][..16], &tokens[1][..16]);
            prop_assert_ne!(&tokens[1][..16], &tokens[2][..16]);
        });
    }

    #[test]
    fn any_altered_character_or_bit_makes_it_unreadable() {
        let keys = keys();
        let token = keys.mint(TokenPurpose::Cursor, &[7; 32]).unwrap();
        let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut altered = bytes.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(keys.read(TokenPurpose::Cursor, &BASE64URL_NOPAD.encode(&altered)), None, "bit {bit}");
        }
        for other in [String::new(), token[..76].to_owned(), format!("{token}AAAA"), format!("{token}="), token + " "] {
            assert_eq!(keys.read(TokenPurpose::Cursor, &other), None, "{other}");
        }
    }

    /// Clients may keep tokens for a long time, so the scheme may not change.
    /// This one was computed apart from this code.
    #[test]
    fn the_token_scheme_does_not_change() {
        let golden = "HZEzDjxU8fTkhrZlvTULI-EjcHhVH3b6UNHMn7RhRdWt58Ct1h9p5W8pBOsISR0p1uPTi1ZEaUtpwd2D";
        assert_eq!(keys().mint(TokenPurpose::Version, &[7; 32]).unwrap(), golden);
    }

    #[test]
    fn tokens_of_similar_contents_are_not_similar() {
        let keys = keys();
        let mut next = [0; 32];
        next[31] = 1;
        let one = keys.mint(TokenPurpose::Position, &[0; 32]).unwrap();
        let two = keys.mint(TokenPurpose::Position, &next).unwrap();
        let same = one.bytes().zip(two.bytes()).filter(|(a, b)| a == b).count();
        assert!(same < 16, "{same} of 80 characters are the same");
    }

    proptest! {
        #[test]
        fn no_other_text_is_read(text in ".{0,100}|[A-Za-z0-9_-]{80}") {
            prop_assert_eq!(keys().read(TokenPurpose::Version, &text), None);
        }
    }

    /// Another installation's token is a foreign text.
    #[test]
    fn a_foreign_token_is_not_read() {
        let foreign = TokenKeys::of(&Secret::generate().unwrap()).unwrap();
        let token = foreign.mint(TokenPurpose::Version, &[1; 32]).unwrap();
        assert_eq!(keys().read(TokenPurpose::Version, &token), None);
    }
}

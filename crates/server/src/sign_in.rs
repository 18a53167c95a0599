//! Bearer tokens of the demonstration server: issuing and verifying.
//!
//! The key of the issuer `urn:carefold:dev` is a file in the data directory, which is created at the first
//! start. A person who can read that file can sign in as anyone, so only a demonstration server has one.
//! Issuing and verifying use the same key, so a keyed hash (HS256) is enough; it costs a fiftieth of a
//! signature.
//!
//! A token is accepted only if its header equals the header of issued tokens, so that the bearer cannot
//! choose an algorithm, a key reference or a critical extension. Time is an argument: the verifier has no
//! clock.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use care::ids::{Id, PersonId, SessionId};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use poem::http::{HeaderMap, header};
use policy::identity::Identity;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The claims of a verified token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The person.
    pub subject: Uuid,
    /// The token's own id, by which it can be revoked.
    pub jti: Uuid,
    /// The first instant at which the token is no longer valid (without the leeway).
    pub expires: DateTime<Utc>,
}

impl Claims {
    /// The identity of the signed-in person. Only [`Verifier::verify`] makes claims, so every identity of a
    /// request comes from a verified token.
    #[must_use]
    pub fn identity(&self) -> Identity {
        Identity::signed_in(PersonId::from_uuid(self.subject), SessionId::from_uuid(self.jti))
    }
}

/// Issues tokens.
pub struct Signer {
    key: [u8; KEY_BYTES],
}

/// Verifies tokens.
#[derive(Clone)]
pub struct Verifier {
    key: DecodingKey,
    header: Header,
    signature_only: Validation,
}

/// Why a token is refused. The reason is logged and not sent to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenProblem {
    /// No `authorization` header.
    #[error("no credential was given")]
    Missing,
    /// Not one `Bearer` header of at most 8 KiB.
    #[error("the credential is not one bearer token")]
    NotBearer,
    /// Not a token, or the header is not that of an issued token.
    #[error("the token was not issued here")]
    Foreign,
    /// The signature does not match the key.
    #[error("the signature is wrong")]
    Signature,
    /// A claim is missing, has the wrong type, or names another issuer or audience.
    #[error("the claims are not those of an issued token")]
    Claims,
    /// The token has expired.
    #[error("the token has expired")]
    Expired,
    /// The time of its `nbf` claim is in the future.
    #[error("the token is not valid yet")]
    NotYet,
}

/// Why the issuer has no key or could not sign.
#[derive(Debug, thiserror::Error)]
pub enum KeyProblem {
    /// The file cannot be read or created.
    #[error("the key of the token issuer cannot be read or created")]
    Io(#[from] io::Error),
    /// Users other than its owner may read the file.
    #[error("the key of the token issuer is readable by others; make it mode 0600, or delete it")]
    Exposed,
    /// The file does not contain a key, for example after a crash while it was created.
    #[error("the key of the token issuer does not have {KEY_BYTES} bytes; delete the file, then a new key is created")]
    Malformed,
    /// The system has no randomness, or the token could not be signed.
    #[error("the cryptography of this system failed")]
    Crypto,
}

const ISSUER: &str = "urn:carefold:dev";
const AUDIENCE: &str = "carefold";
const KEY_BYTES: usize = 32;
/// The tolerated difference between the clocks of two machines.
const LEEWAY: TimeDelta = TimeDelta::seconds(30);
/// The longest `authorization` header that is parsed.
const CREDENTIAL_BYTES_MAX: usize = 8 * 1024;

impl Signer {
    /// Reads the key at `path`, or creates one there (mode 0600) if there is none.
    ///
    /// # Errors
    /// If the file is unreadable, readable by others, or not a key.
    pub fn open_or_create(path: &Path) -> Result<Self, KeyProblem> {
        let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        match created {
            Ok(mut file) => {
                let mut key = [0; KEY_BYTES];
                aws_lc_rs::rand::fill(&mut key).map_err(|_| KeyProblem::Crypto)?;
                file.write_all(&key)?;
                file.sync_all()?;
                Ok(Self { key })
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
                    return Err(KeyProblem::Exposed);
                }
                let key = fs::read(path)?.try_into().map_err(|_| KeyProblem::Malformed)?;
                Ok(Self { key })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A token for `subject`, valid from `now` for `ttl`.
    ///
    /// # Errors
    /// If it cannot be signed.
    pub fn mint(&self, subject: Uuid, now: DateTime<Utc>, jti: Uuid, ttl: TimeDelta) -> Result<String, KeyProblem> {
        let claims = SerializedClaims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: subject,
            jti,
            exp: (now + ttl).timestamp(),
            nbf: Some(now.timestamp()),
        };
        jsonwebtoken::encode(&issued_header(), &claims, &EncodingKey::from_secret(&self.key))
            .map_err(|_| KeyProblem::Crypto)
    }

    /// The verifier of the tokens of this signer.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        let mut signature_only = Validation::new(Algorithm::HS256);
        // The library would read the wall clock; `verify` checks these claims instead.
        signature_only.validate_exp = false;
        signature_only.validate_nbf = false;
        signature_only.validate_aud = false;
        signature_only.required_spec_claims.clear();
        Verifier { key: DecodingKey::from_secret(&self.key), header: issued_header(), signature_only }
    }
}

impl Verifier {
    /// The claims of `token`, if it was issued by the signer and is valid at `now`.
    ///
    /// # Errors
    /// With the first problem that is found. The claims are checked only after the signature.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, TokenProblem> {
        if token.len() > CREDENTIAL_BYTES_MAX {
            return Err(TokenProblem::NotBearer);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenProblem::Foreign)?;
        if header != self.header {
            return Err(TokenProblem::Foreign);
        }
        let written = jsonwebtoken::decode::<SerializedClaims>(token, &self.key, &self.signature_only)
            .map_err(|error| {
                // The library parses the claims only after it has verified the signature.
                if matches!(error.kind(), ErrorKind::Json(_)) { TokenProblem::Claims } else { TokenProblem::Signature }
            })?
            .claims;
        if written.iss != ISSUER || written.aud != AUDIENCE {
            return Err(TokenProblem::Claims);
        }
        let instant = |seconds| DateTime::from_timestamp(seconds, 0).ok_or(TokenProblem::Claims);
        let expires = instant(written.exp)?;
        if now >= expires + LEEWAY {
            return Err(TokenProblem::Expired);
        }
        if let Some(begins) = written.nbf
            && now + LEEWAY < instant(begins)?
        {
            return Err(TokenProblem::NotYet);
        }
        Ok(Claims { subject: written.sub, jti: written.jti, expires })
    }
}

/// The token of a request: exactly one `authorization: Bearer …`.
///
/// # Errors
/// If there is none or more than one, or if it is not a bearer token.
pub fn bearer(headers: &HeaderMap) -> Result<&str, TokenProblem> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let value = given.next().ok_or(TokenProblem::Missing)?;
    if given.next().is_some() || value.len() > CREDENTIAL_BYTES_MAX {
        return Err(TokenProblem::NotBearer);
    }
    let text = value.to_str().map_err(|_| TokenProblem::NotBearer)?;
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        Some(_) | None => Err(TokenProblem::NotBearer),
    }
}

/// The serialized claims. A token does not parse if a claim is missing or has the wrong type, so required
/// claims need no further check.
#[derive(Serialize, Deserialize)]
struct SerializedClaims {
    iss: String,
    aud: String,
    sub: Uuid,
    jti: Uuid,
    /// Seconds since 1970.
    exp: i64,
    /// Seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
}

fn issued_header() -> Header {
    Header::new(Algorithm::HS256)
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64URL_NOPAD;
    use serde_json::{Value, json};
    use test_fuzz::{Target, corpus, variant};

    use super::*;

    const SUBJECT: Uuid = Uuid::from_u128(1);
    const JTI: Uuid = Uuid::from_u128(2);

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn signer() -> Signer {
        Signer { key: [9; KEY_BYTES] }
    }

    fn part(value: &Value) -> String {
        BASE64URL_NOPAD.encode(value.to_string().as_bytes())
    }

    /// A token with this header and these claims, correctly signed with `key`.
    fn forged(header: &Value, claims: &Value, key: &[u8]) -> String {
        let message = format!("{}.{}", part(header), part(claims));
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key);
        let signature = aws_lc_rs::hmac::sign(&key, message.as_bytes());
        format!("{message}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
    }

    fn good_header() -> Value {
        json!({ "typ": "JWT", "alg": "HS256" })
    }

    fn good_claims() -> Value {
        json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": SUBJECT, "jti": JTI,
            "exp": now().timestamp() + 60, "nbf": now().timestamp(),
        })
    }

    fn with(mut base: Value, name: &str, value: Value) -> Value {
        base[name] = value;
        base
    }

    fn without(mut base: Value, name: &str) -> Value {
        base.as_object_mut().unwrap().remove(name);
        base
    }

    #[test]
    fn an_issued_token_is_accepted_until_it_expires() {
        let (signer, ttl) = (signer(), TimeDelta::hours(12));
        let token = signer.mint(SUBJECT, now(), JTI, ttl).unwrap();
        let verifier = signer.verifier();
        let claims = Claims { subject: SUBJECT, jti: JTI, expires: now() + ttl };
        let second = TimeDelta::seconds(1);
        assert_eq!(verifier.verify(&token, now()), Ok(claims));
        assert_eq!(verifier.verify(&token, now() + ttl + LEEWAY - second), Ok(claims));
        assert_eq!(verifier.verify(&token, now() + ttl + LEEWAY), Err(TokenProblem::Expired));
        assert_eq!(verifier.verify(&token, now() - LEEWAY), Ok(claims));
        assert_eq!(verifier.verify(&token, now() - LEEWAY - second), Err(TokenProblem::NotYet));
        // `forged` also makes valid tokens, so each hostile token below is refused only for the change that
        // the test made.
        assert!(verifier.verify(&forged(&good_header(), &good_claims(), &signer.key), now()).is_ok());
    }

    #[test]
    fn hostile_headers_are_refused() {
        let (signer, verifier) = (signer(), signer().verifier());
        for (name, value) in [
            ("alg", json!("none")),
            ("alg", json!("None")),
            ("alg", json!("EdDSA")),
            ("alg", json!("RS256")),
            ("alg", json!("HS512")),
            ("alg", json!(["HS256"])),
            ("typ", json!("JWE")),
            ("typ", Value::Null),
            ("crit", json!(["b64"])),
            ("b64", json!(false)),
            ("jku", json!("http://127.0.0.1/keys")),
            ("x5u", json!("http://127.0.0.1/cert")),
            ("jwk", json!({ "kty": "oct", "k": BASE64URL_NOPAD.encode(&signer.key) })),
            ("kid", json!("../../../../dev/null")),
            ("kid", json!("' UNION SELECT 'key")),
            ("zip", json!("DEF")),
        ] {
            let token = forged(&with(good_header(), name, value.clone()), &good_claims(), &signer.key);
            assert_eq!(verifier.verify(&token, now()), Err(TokenProblem::Foreign), "{name}: {value}");
        }
    }

    #[test]
    fn hostile_claims_are_refused() {
        let (signer, verifier) = (signer(), signer().verifier());
        let late = now().timestamp() - 31;
        for (claims, problem) in [
            (without(good_claims(), "exp"), TokenProblem::Claims),
            (without(good_claims(), "jti"), TokenProblem::Claims),
            (without(good_claims(), "sub"), TokenProblem::Claims),
            (without(good_claims(), "iss"), TokenProblem::Claims),
            (without(good_claims(), "aud"), TokenProblem::Claims),
            (with(good_claims(), "exp", json!("tomorrow")), TokenProblem::Claims),
            (with(good_claims(), "exp", json!(i64::MAX)), TokenProblem::Claims),
            (with(good_claims(), "exp", json!(1e30)), TokenProblem::Claims),
            (with(good_claims(), "exp", json!(late)), TokenProblem::Expired),
            (with(good_claims(), "exp", json!(-1)), TokenProblem::Expired),
            (with(good_claims(), "nbf", json!(now().timestamp() + 31)), TokenProblem::NotYet),
            (with(good_claims(), "iss", json!("urn:carefold:dev/")), TokenProblem::Claims),
            (with(good_claims(), "iss", json!([ISSUER])), TokenProblem::Claims),
            (with(good_claims(), "aud", json!("other")), TokenProblem::Claims),
            (with(good_claims(), "aud", json!(["other", AUDIENCE])), TokenProblem::Claims),
            (with(good_claims(), "sub", json!("root")), TokenProblem::Claims),
            (with(good_claims(), "jti", json!(7)), TokenProblem::Claims),
            (json!([]), TokenProblem::Claims),
        ] {
            let token = forged(&good_header(), &claims, &signer.key);
            assert_eq!(verifier.verify(&token, now()), Err(problem), "{claims}");
        }
    }

    #[test]
    fn tokens_signed_with_another_key_are_refused() {
        let (signer, verifier) = (signer(), signer().verifier());
        let good = signer.mint(SUBJECT, now(), JTI, TimeDelta::hours(1)).unwrap();
        let (message, signature) = good.rsplit_once('.').unwrap();
        let other = with(good_claims(), "sub", json!(Uuid::from_u128(3)));
        let refused = |token: &str| verifier.verify(token, now()).unwrap_err();

        assert_eq!(refused(&forged(&good_header(), &good_claims(), b"another key")), TokenProblem::Signature);
        assert_eq!(refused(&forged(&good_header(), &good_claims(), b"")), TokenProblem::Signature);
        for token in [
            format!("{message}."),
            format!("{message}.{}", &signature[..signature.len() - 4]),
            format!("{message}.{signature}AAAA"),
            format!("{}.{}.{signature}", part(&good_header()), part(&other)),
        ] {
            assert!(verifier.verify(&token, now()).is_err(), "{token}");
        }
        for token in ["", ".", "..", "...", "a.b.c", "garbage", message, "\u{1F3E5}.\u{1F3E5}.\u{1F3E5}"] {
            assert_eq!(refused(token), TokenProblem::Foreign, "{token}");
        }
        assert_eq!(refused(&format!("{good}{}", "A".repeat(CREDENTIAL_BYTES_MAX))), TokenProblem::NotBearer);
    }

    #[test]
    fn a_changed_token_signs_nobody_in() {
        let verifier = signer().verifier();
        let mint = |subject| signer().mint(Uuid::from_u128(subject), now(), JTI, TimeDelta::hours(1)).unwrap();
        let issued = [mint(1), mint(2)];
        let mut inputs = corpus(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/bearer_tokens"));
        inputs.extend(issued.iter().map(|token| token.as_bytes().to_vec()));
        let words = &[".", "=", "A", "_", "-", "+", "e30", " "];
        let target =
            Target { name: "bearer_tokens", inputs, words, bytes_max: CREDENTIAL_BYTES_MAX + 100, tries: 5_000 };
        let seen = target.run(|input| {
            let Ok(text) = std::str::from_utf8(input) else { return "NoText".to_owned() };
            match verifier.verify(text, now()) {
                Ok(claims) => {
                    let whose =
                        issued.iter().position(|token| token == text).expect("only what was issued is accepted");
                    assert_eq!((claims.subject.as_u128(), claims.jti), (whose as u128 + 1, JTI));
                    "accepted".to_owned()
                }
                Err(problem) => variant(&problem),
            }
        });
        for word in ["accepted", "Foreign", "Signature", "Claims", "Expired", "NotYet"] {
            assert!(seen.contains_key(word), "{word}: {seen:?}");
        }
    }

    #[test]
    fn a_request_carries_one_bearer_token() {
        let headers = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::AUTHORIZATION, value.parse().unwrap());
            }
            headers
        };
        assert_eq!(bearer(&headers(&["Bearer abc"])), Ok("abc"));
        assert_eq!(bearer(&headers(&["bearer  abc "])), Ok("abc"));
        assert_eq!(bearer(&headers(&[])), Err(TokenProblem::Missing));
        let huge = format!("Bearer {}", "A".repeat(CREDENTIAL_BYTES_MAX));
        for wrong in [&["Basic abc"][..], &["Bearer"], &["Bearer a", "Bearer b"], &[&huge]] {
            assert_eq!(bearer(&headers(wrong)), Err(TokenProblem::NotBearer));
        }
    }

    #[test]
    fn the_key_is_kept_and_must_be_private() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token.key");
        let first = Signer::open_or_create(&path).unwrap();
        let token = first.mint(SUBJECT, now(), JTI, TimeDelta::hours(1)).unwrap();
        let again = Signer::open_or_create(&path).unwrap();
        assert!(again.verifier().verify(&token, now()).is_ok());
        assert_ne!(first.key, [0; KEY_BYTES]);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Signer::open_or_create(&path), Err(KeyProblem::Exposed)));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, b"short").unwrap();
        assert!(matches!(Signer::open_or_create(&path), Err(KeyProblem::Malformed)));
    }
}

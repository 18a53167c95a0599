//! The URL of a KurrentDB: what its client makes of it, and the credentials in it.
//!
//! The client reads everything but the credentials. It would send them as they stand in the URL, with every `%40` in
//! them, and it repeats the whole URL in its errors; so they are taken out here, decoded, and said with each call.

use eventstore::{ClientSettings, Credentials};

use crate::OpenError;

/// Where a KurrentDB is, and who we are there.
pub(super) struct Address {
    pub settings: ClientSettings,
    pub credentials: Option<Credentials>,
}

impl Address {
    /// Parses a URL. A parameter that the client does not know is ignored, and the client warns of it.
    pub(super) fn parse(url: &str) -> Result<Self, OpenError> {
        let (scheme, rest) = url.split_once("://").ok_or_else(|| wrong("it has no host"))?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let Some((user, hosts)) = authority.rsplit_once('@') else {
            // An `@` further on may be the end of a password with a slash in it, which must not come out in an error.
            let settings = url.parse().map_err(|error| problem(&error, !rest.contains('@')))?;
            return Ok(Self { settings: checked(settings)?, credentials: None });
        };
        let after = rest.get(authority.len()..).unwrap_or_default();
        let bare = format!("{scheme}://{hosts}{after}");
        let (login, password) = user.split_once(':').unwrap_or((user, ""));
        if user.contains(',') {
            // The client would take what follows for another host.
            return Err(wrong("a comma in its user or password is written as %2C"));
        }
        let credentials = Credentials::new(decode(login)?, decode(password)?);
        // Gossip is asked with what the client itself makes of the URL: with the credentials where it reads them as we do.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte);
        let asked = if user.bytes().all(plain) { url } else { &bare };
        let settings = asked.parse().map_err(|_| match bare.parse::<ClientSettings>() {
            Err(error) => problem(&error, !bare.contains('@')),
            Ok(_) => wrong("its user or password is not understood"),
        })?;
        Ok(Self { settings: checked(settings)?, credentials: Some(credentials) })
    }

    /// The hosts, to be shown.
    pub(super) fn hosts(&self) -> String {
        let hosts: Vec<_> = self.settings.hosts().iter().map(|at| format!("{}:{}", at.host, at.port)).collect();
        hosts.join(",")
    }
}

/// Hosts that the client can call without a panic.
fn checked(settings: ClientSettings) -> Result<ClientSettings, OpenError> {
    let callable = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    let hosts = settings.hosts();
    if hosts.is_empty() || hosts.iter().any(|at| at.host.is_empty() || !at.host.bytes().all(callable)) {
        return Err(wrong("it has an invalid host; in a password, other characters than letters are written as %2F"));
    }
    Ok(settings)
}

fn problem(error: &eventstore::ClientSettingsParseError, may_be_shown: bool) -> OpenError {
    match error.error() {
        // With this, the client's message is the whole URL.
        Some(error) => wrong(&error.to_string()),
        None if may_be_shown => wrong(error.message()),
        None => wrong("its client does not understand it"),
    }
}

fn wrong(reason: &str) -> OpenError {
    OpenError::Url { reason: reason.into() }
}

fn decode(text: &str) -> Result<String, OpenError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = match (first, after) {
            (b'%', [high, low, after @ ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| (high << 4 | low, after)),
            _ => None,
        };
        let (byte, after) = escaped.unwrap_or((*first, after));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8(bytes).map_err(|_| wrong("its user or password is no text"))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_decoded_and_hosts_shown_without_them() {
        let cases = [
            ("kurrentdb://ann:secret@a:2113?tls=false", "a:2113", Some(("ann", "secret"))),
            ("esdb://ann:s%40e%2Fc%25@a:1,b:2?tls=false", "a:1,b:2", Some(("ann", "s@e/c%"))),
            ("kdb+discover://ann@a?tls=false", "a:2113", Some(("ann", ""))),
            ("kurrent://a:9?tls=false&connectionName=x@y", "a:9", None),
        ];
        for (url, hosts, credentials) in cases {
            let address = Address::parse(url).expect(url);
            assert_eq!(address.hosts(), hosts);
            let expected = credentials.map(|(login, password)| Credentials::new(login, password));
            assert_eq!(address.credentials, expected, "{url}");
        }
    }

    #[test]
    fn problems_are_reported_without_the_password() {
        for url in [
            "esdb://ann:s3cret@a:99999",
            "esdb://ann:s3cret@a:1,b:c",
            "esdb://ann:12,s3cret@a:1,b:2",
            "esdb://ann:12/s3cret@a:1",
            "esdb://ann:s3cret@",
            "esdb://ann:s3cret@a/path",
            "esdb://ann:s3cret@a?tls=perhaps",
            "esdb://ann:s3cret@a?nodePreference=s",
            "esdb://ann:%ff%fe@a",
            "esdb://a?userCertFile=x",
            "esdb://ann:s3cret@a b",
        ] {
            match Address::parse(url).map(|address| address.hosts()) {
                Err(OpenError::Url { reason }) => assert!(!reason.contains("s3cret"), "{reason}"),
                other => panic!("{url}: {other:?}"),
            }
        }
        let told = Address::parse("esdb://ann:s3cret@a?nodePreference=nearest").map(|address| address.hosts());
        assert!(matches!(told, Err(OpenError::Url { reason }) if reason.contains("nearest")));
    }
}

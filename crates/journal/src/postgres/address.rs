//! The address of a log on PostgreSQL, parsed from its URL: the driver's settings, TLS, and a form without the password.
//!
//! A connection is without TLS only if the URL says `sslmode=disable`, or if every host is this machine. Otherwise the
//! server's certificate and its name are verified against `sslrootcert=<file>`, or else against the authorities that the
//! machine trusts. Modes that encrypt without verification are refused or treated as verification.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{Access, OpenError};

/// How long the driver waits for one host to accept a connection.
const HOST_TIME_MAX: Duration = Duration::from_secs(3);
/// The kernel closes a connection on which nothing was acknowledged for this long.
const SILENCE_MAX: Duration = Duration::from_secs(10);
const KEEPALIVE_IDLE: Duration = Duration::from_secs(5);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(2);

/// The address of a database. It may contain a password, which `Display` omits.
#[derive(Clone)]
pub(crate) struct Address {
    pub config: Config,
    /// `None` for a connection without TLS.
    pub tls: Option<MakeRustlsConnect>,
    database: String,
}

impl Address {
    /// Parses a URL. `access` says whether a standby is sufficient.
    pub(crate) fn parse(url: &str, access: Access) -> Result<Self, OpenError> {
        let ours = Ours::out_of(url)?;
        // The driver's message may repeat its input, including the password.
        let mut config: Config = ours
            .rest
            .parse()
            .map_err(|_| wrong("it is not postgres://<role>@<host>/<database>, or has a setting that is not known"))?;
        let Some(database) = config.get_dbname().filter(|name| !name.is_empty()).map(str::to_owned) else {
            return Err(wrong("it names no database"));
        };
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(wrong("it names no host"));
        }
        // The driver ends the credentials at the first `@`: the rest of a password with an `@` would be a host, and be shown.
        let is_host =
            |host: &Host| !matches!(host, Host::Tcp(name) if name.is_empty() || name.contains(['@', '/', ' ']));
        if !config.get_hosts().iter().all(is_host) {
            return Err(wrong("it has an invalid host; in a password, @ is written as %40"));
        }
        let tls = match (ours.mode, &ours.authority) {
            (Mode::Plain, None) => None,
            (Mode::Plain, Some(_)) => return Err(wrong("sslmode=disable and sslrootcert contradict each other")),
            (Mode::Unsaid, None) if all_here(&config) => None,
            (Mode::Unsaid | Mode::Verified, authority) => Some(verifying(authority.as_deref())?),
        };
        config.ssl_mode(if tls.is_some() { SslMode::Require } else { SslMode::Disable });
        config.connect_timeout(HOST_TIME_MAX).tcp_user_timeout(SILENCE_MAX);
        config.keepalives(true).keepalives_idle(KEEPALIVE_IDLE).keepalives_interval(KEEPALIVE_INTERVAL);
        config.keepalives_retries(2);
        if access == Access::Write {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        if config.get_application_name().is_none() {
            config.application_name("carefold");
        }
        Ok(Self { config, tls, database })
    }
}

/// The form without the password: `database care at db.example`.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "database {} at ", self.database)?;
        for (index, host) in self.config.get_hosts().iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            match host {
                Host::Tcp(name) => write!(f, "{comma}{name}")?,
                Host::Unix(path) => write!(f, "{comma}{}", path.display())?,
            }
        }
        if self.config.get_hosts().is_empty() {
            for (index, address) in self.config.get_hostaddrs().iter().enumerate() {
                write!(f, "{}{address}", if index == 0 { "" } else { ", " })?;
            }
        }
        Ok(())
    }
}

/// The TLS settings of the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Unsaid,
    Plain,
    Verified,
}

/// The settings that this program interprets, and the rest of the URL, which the driver interprets.
struct Ours {
    rest: String,
    mode: Mode,
    authority: Option<String>,
}

impl Ours {
    fn out_of(url: &str) -> Result<Self, OpenError> {
        // A password may contain a question mark that is not encoded; settings come after the hosts.
        let hosts_at = url.find('@').unwrap_or(0);
        let (place, settings) = match url.get(hosts_at..).and_then(|hosts| hosts.find('?')) {
            Some(mark) => url.split_at(hosts_at + mark),
            None => (url, ""),
        };
        let mut ours = Self { rest: place.to_owned(), mode: Mode::Unsaid, authority: None };
        for setting in settings.trim_start_matches('?').split('&').filter(|setting| !setting.is_empty()) {
            match setting.split_once('=') {
                Some(("sslmode", "disable")) => ours.mode = Mode::Plain,
                Some(("sslmode", "require" | "verify-ca" | "verify-full")) => ours.mode = Mode::Verified,
                Some(("sslmode", _)) => return Err(wrong("sslmode is disable or verify-full")),
                Some(("sslrootcert", file)) => {
                    ours.authority = Some(decoded(file).ok_or_else(|| wrong("sslrootcert is not a file's name"))?);
                }
                Some(_) | None => {
                    ours.rest.push(if ours.rest.len() == place.len() { '?' } else { '&' });
                    ours.rest.push_str(setting);
                }
            }
        }
        Ok(ours)
    }
}

/// A percent-decoded part of a URL.
fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend_from_slice(part.get(2..)?.as_bytes());
    }
    String::from_utf8(bytes).ok().filter(|text| !text.is_empty())
}

fn all_here(config: &Config) -> bool {
    let here = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback()),
    };
    config.get_hosts().iter().all(here) && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

fn verifying(authority: Option<&str>) -> Result<MakeRustlsConnect, OpenError> {
    let mut roots = RootCertStore::empty();
    match authority {
        Some(file) => {
            let unread = |problem: String| OpenError::Url { reason: format!("sslrootcert: {problem}") };
            let certificates = CertificateDer::pem_file_iter(file).map_err(|error| unread(error.to_string()))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|error| unread(error.to_string()))?;
                roots.add(certificate).map_err(|error| unread(error.to_string()))?;
            }
            if roots.is_empty() {
                return Err(unread("there is no certificate in it".into()));
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                return Err(wrong(
                    "this machine trusts no authority; name the authority's certificate with sslrootcert=<file>",
                ));
            }
        }
    }
    // Named explicitly, since more than one is linked and none is the default.
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| OpenError::Io { reason: error.to_string() })?;
    Ok(MakeRustlsConnect::new(config.with_root_certificates(roots).with_no_client_auth()))
}

fn wrong(reason: &str) -> OpenError {
    OpenError::Url { reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> Result<Address, OpenError> {
        Address::parse(url, Access::Write)
    }

    fn reason(url: &str) -> String {
        match parsed(url).map(|address| address.to_string()) {
            Err(OpenError::Url { reason }) => reason,
            other => panic!("{url}: {other:?}"),
        }
    }

    #[test]
    fn a_url_is_shown_without_its_credentials() {
        let address =
            parsed("postgres://role:secret@db.example,other.example:6000/care?sslmode=disable").expect("an address");
        assert_eq!(address.to_string(), "database care at db.example, other.example");
        for nonsense in [
            "postgres://role:secret@db.example/",
            "postgres://role:secret@/care",
            "postgres://role:not@secret@db.example/care",
            "postgres://role:secret@db.example:port/care",
            "postgres://role:secret@db.example/care?secret=secret",
            "postgres://role:secret@db.example/care?connect_timeout=secret",
            "postgres://role:secret@db.example/care?sslmode=prefer",
            "postgres://role:secret@db.example/care?sslmode=secret",
            "postgres://role:secret@db.example/care?sslrootcert=%zz",
            "postgres://role:secret@db.example/care?sslrootcert=",
            "postgres://role:secret@db.example/care?sslmode=disable&sslrootcert=/nowhere",
            "postgres://role:secret@db.example/care?sslrootcert=/nowhere",
            "postgres://role:secret",
        ] {
            assert!(!reason(nonsense).contains("secret"), "{nonsense}");
        }
    }

    #[test]
    fn a_connection_is_plain_only_where_that_was_said_or_nobody_is_between() {
        let is_plain = |url: &str| parsed(url).map(|address| address.tls.is_none()).unwrap_or(false);
        for plain in [
            "postgres://db.example/care?sslmode=disable",
            "postgres://localhost/care",
            "postgres://r@127.0.0.1:5433,[::1]/care?application_name=x",
            "postgres://r@%2Fvar%2Frun%2Fpostgresql/care",
            "postgres://a?b:p@10.0.0.1/care?sslmode=disable",
        ] {
            assert!(is_plain(plain), "{plain}");
        }
        for sealed in [
            "postgres://db.example/care",
            "postgres://localhost,db.example/care",
            "postgres://localhost/care?sslmode=verify-full",
            "postgres://db.example/care?sslmode=require",
            "postgres://localhost/care?hostaddr=10.0.0.1",
        ] {
            assert!(!is_plain(sealed), "{sealed}");
        }
    }
}

//! The program's log: to stderr, for people on a terminal and as JSON elsewhere. It holds ids and
//! reasons, never personal data, which is why no text of anybody is ever given to it.

use std::io::{IsTerminal, Write};

use anyhow::Context;
use care::instant;
use chrono::{DateTime, Utc};
use serde_json::json;
use tracing_subscriber::EnvFilter;

/// Info level for this project's crates, warnings for all others.
const DEFAULT: &str = "warn,carefold=info,care=info,journal=info,vault=info,policy=info,coordination=info,server=info";

/// The client of KurrentDB logs its URL and its messages, so it is silenced; the journal logs its failures.
const SILENT: &str = "kurrentdb=off";

/// Begins logging, at the level that `CAREFOLD_LOG`, else `RUST_LOG`, asks for.
///
/// # Errors
/// When that is no level.
pub(crate) fn begin() -> anyhow::Result<()> {
    let asked = ["CAREFOLD_LOG", "RUST_LOG"].iter().find_map(|name| std::env::var(name).ok());
    let filter = asked.as_deref().filter(|asked| !asked.is_empty()).unwrap_or(DEFAULT);
    let filter = EnvFilter::try_new(filter).with_context(|| format!("{filter:?} is no level to log at"))?;
    let filter = filter.add_directive(SILENT.parse().context("a level of the program's own")?);
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let begun = if is_json() { log.json().try_init() } else { log.try_init() };
    begun.map_err(|error| anyhow::anyhow!("the log cannot begin: {error}"))
}

/// Whether each line of the log is JSON.
fn is_json() -> bool {
    !std::io::stderr().is_terminal()
}

/// What is said on stderr at every level of the log.
pub(crate) struct Said<'a> {
    level: &'static str,
    message: &'a str,
    /// The exit code of the program, which ends with this line.
    exit_code: Option<u8>,
}

impl<'a> Said<'a> {
    /// The last line of a program that fails.
    pub(crate) const fn fatal(message: &'a str, exit_code: u8) -> Self {
        Self { level: "ERROR", message, exit_code: Some(exit_code) }
    }

    /// Something that may not be what the operator expects.
    pub(crate) const fn warning(message: &'a str) -> Self {
        Self { level: "WARN", message, exit_code: None }
    }

    /// What a command did, where the standard output has something else.
    pub(crate) const fn info(message: &'a str) -> Self {
        Self { level: "INFO", message, exit_code: None }
    }

    /// Writes it like the lines of the log. Where stderr is gone, the exit code still tells.
    pub(crate) fn write(&self, now: DateTime<Utc>) {
        let line = if is_json() { self.json(now) } else { format!("carefold: {}", self.message) };
        drop(writeln!(std::io::stderr(), "{line}"));
    }

    fn json(&self, now: DateTime<Utc>) -> String {
        let Self { level, message, exit_code } = self;
        let mut fields = json!({ "message": message });
        if let (Some(code), Some(fields)) = (exit_code, fields.as_object_mut()) {
            fields.insert("exit_code".to_owned(), json!(code));
        }
        let timestamp = instant::write(now);
        json!({ "timestamp": timestamp, "level": level, "fields": fields, "target": "carefold" }).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_at_every_level_is_one_line_of_json() {
        let read = |said: Said<'_>| -> serde_json::Value {
            let line = said.json(DateTime::UNIX_EPOCH);
            assert_eq!(line.lines().count(), 1);
            serde_json::from_str(&line).unwrap()
        };
        let message = "cannot listen:\n\"8080\"";
        let fatal = read(Said::fatal(message, 1));
        assert_eq!((&fatal["level"], &fatal["timestamp"]), (&json!("ERROR"), &json!("1970-01-01T00:00:00.000000Z")));
        assert_eq!(fatal["fields"], json!({ "message": message, "exit_code": 1 }));
        let warning = read(Said::warning(message));
        assert_eq!((&warning["level"], &warning["fields"]), (&json!("WARN"), &json!({ "message": message })));
    }
}

//! The program's log: to stderr, for people on a terminal and as JSON elsewhere. It holds ids and
//! reasons, never personal data, which is why no text of anybody is ever given to it.

use std::io::IsTerminal;

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
pub(crate) fn is_json() -> bool {
    !std::io::stderr().is_terminal()
}

/// The last line of the log of a server that ends with an error. It is written at every level of the log.
pub(crate) fn fatal(now: DateTime<Utc>, reason: &str, code: u8) -> String {
    let fields = json!({ "message": reason, "exit_code": code });
    let timestamp = instant::write(now);
    json!({ "timestamp": timestamp, "level": "ERROR", "fields": fields, "target": "carefold" }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fatal_line_is_json() {
        let line = fatal(DateTime::UNIX_EPOCH, "cannot listen:\n\"8080\"", 1);
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["fields"], json!({ "message": "cannot listen:\n\"8080\"", "exit_code": 1 }));
        assert_eq!(line.lines().count(), 1);
    }
}

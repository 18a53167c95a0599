//! The program's log: to stderr, for people on a terminal and as JSON elsewhere. It holds ids and
//! reasons, never personal data, which is why no text of anybody is ever given to it.

use std::io::IsTerminal;

use anyhow::Context;
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
    let begun = if std::io::stderr().is_terminal() { log.try_init() } else { log.json().try_init() };
    begun.map_err(|error| anyhow::anyhow!("the log cannot begin: {error}"))
}

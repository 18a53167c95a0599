//! `carefold schema`: print the GraphQL schema, or compare it with its reviewed file.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, ensure};

use crate::cli;

/// Answers one of the commands of `carefold schema`, on `out`.
///
/// # Errors
/// When the reviewed file cannot be read, or is not the schema of this program.
pub(crate) fn run(command: &cli::Schema, out: &mut impl Write) -> anyhow::Result<()> {
    match command {
        cli::Schema::Print => Ok(write!(out, "{}", server::graphql::sdl())?),
        cli::Schema::Check { file } => check(file),
    }
}

fn check(file: &Path) -> anyhow::Result<()> {
    let reviewed = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    ensure!(
        reviewed == server::graphql::sdl(),
        "{} is not the schema of this program; `carefold schema print` prints that",
        file.display()
    );
    Ok(())
}

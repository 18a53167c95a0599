//! `carefold schema`: print the GraphQL schema, or compare it with its reviewed file and the released one.

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
        cli::Schema::Check { file, released } => check(file).and_then(|()| compare(released)),
    }
}

fn check(file: &Path) -> anyhow::Result<()> {
    let reviewed = read(file)?;
    ensure!(
        reviewed == server::graphql::sdl(),
        "{} is not the schema of this program; `carefold schema print` prints that",
        file.display()
    );
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<String> {
    let context =
        || format!("cannot read {}; run it in the repository, or use `--file` and `--released`", file.display());
    std::fs::read_to_string(file).with_context(context)
}

/// Refuses a schema that breaks the clients of the released one.
fn compare(released: &Path) -> anyhow::Result<()> {
    let text = read(released)?;
    let breaking = server::schema_changes::breaking(&text, &server::graphql::sdl())
        .with_context(|| format!("{} is no schema", released.display()))?;
    ensure!(breaking.is_empty(), "the schema breaks clients of {}:\n{}", released.display(), breaking.join("\n"));
    Ok(())
}

//! The composition root: it alone names every crate, opens the stores and holds the command line.
//!
//! `cli.rs` says what can be asked; each command has its file: `demo.rs` (with the seeding in
//! `seed*.rs` and its content in `clinic_*.rs`), `offline.rs`, `moving.rs`, `review.rs`. `directory.rs` and
//! `stores.rs` know where things lie, `edge.rs` draws time and randomness, `exit.rs` gives the
//! exit codes.

mod banner;
mod cli;
mod clinic_cases;
mod clinic_cases_cardiology;
mod clinic_cases_dermatology;
mod clinic_cases_endocrinology;
mod clinic_cases_general_medicine;
mod clinic_cast;
mod demo;
mod directory;
mod edge;
mod exit;
mod logs;
mod moving;
mod offline;
mod progress;
mod review;
mod seed;
mod seed_case;
mod seed_times;
mod stores;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::Parser;
use policy::identity::Identity;

use crate::cli::{Command, CommandLine, Data, Journal, Schema, Views};
use crate::directory::Directory;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let asked = CommandLine::parse();
    match run(asked.command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line, from the outermost reason to the first cause. Where stderr is gone, the
            // exit code still tells.
            drop(writeln!(std::io::stderr(), "carefold: {error:#}"));
            ExitCode::from(exit::code(&error))
        }
    }
}

async fn run(command: Command) -> anyhow::Result<()> {
    logs::begin()?;
    let mut out = std::io::stdout();
    match command {
        Command::Demo(asked) => demo::run(&asked, Identity::installation(), &mut out).await,
        Command::Token(asked) => Ok(writeln!(out, "{}", demo::token(&asked)?)?),
        Command::Journal(Journal::Verify(data)) => offline::verify(&logs_of(&data)?, &mut out).await,
        Command::Journal(Journal::Init(place)) => moving::init(&place, &mut out).await,
        Command::Journal(Journal::Export(asked)) => moving::export(&logs_of(&asked.data)?, &asked.to, &mut out).await,
        Command::Journal(Journal::Import(asked)) => moving::import(&asked, &mut out).await,
        Command::Journal(Journal::RenewEpoch(place)) => moving::renew_epoch(&place, &mut out).await,
        Command::Views(Views::Status(data)) => {
            offline::status((&Directory::open(&data.directory)?, &data.journal_url()), &mut out).await
        }
        Command::Views(Views::Rebuild(data)) => {
            offline::rebuild((&mut Directory::open(&data.directory)?, &data.journal_url()), &mut out).await
        }
        Command::Policy(asked) => review::run(&asked, &mut out),
        Command::Schema(Schema::Print) => Ok(write!(out, "{}", server::graphql::sdl())?),
        Command::Schema(Schema::Check { file }) => check_schema(&file),
    }
}

/// Where the logs are that are meant. Without a log named, those of a clinic are meant, so there must be one.
fn logs_of(data: &Data) -> anyhow::Result<String> {
    if data.journal.is_none() {
        Directory::open(&data.directory)?;
    }
    Ok(data.journal_url())
}

/// Holds the reviewed schema equal to that of this program.
fn check_schema(file: &Path) -> anyhow::Result<()> {
    let reviewed = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    ensure!(
        reviewed == server::graphql::sdl(),
        "{} is not the schema of this program; `carefold schema print` prints that",
        file.display()
    );
    Ok(())
}

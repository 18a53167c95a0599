//! The composition root: it alone names every crate, opens the stores and holds the command line.
//!
//! `cli.rs` declares the command line; each subcommand has its file in `commands/`. `seed.rs` fills the demo clinic from
//! the data in `seed/`. `directory.rs` and `stores.rs` know where the files and logs are, `clock.rs` reads time and
//! randomness, `time_zones.rs` the rules of time zones, `exit.rs` gives the exit codes.

mod banner;
mod cli;
mod clock;
mod commands;
mod directory;
mod exit;
mod logs;
mod progress;
mod seed;
mod stores;
mod time_zones;

use std::io::Write;
use std::process::ExitCode;

use policy::identity::Identity;

use crate::cli::{Command, CommandLine, Data, Journal, Keys, ReadModels, WrongUsage};
use crate::directory::Directory;
use crate::logs::Said;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match CommandLine::of_process() {
        Ok(asked) => match run(asked.command).await {
            Ok(()) => ExitCode::SUCCESS,
            // From the outermost reason to the first cause.
            Err(error) => failed(&format!("{error:#}"), exit::code(&error)),
        },
        Err(WrongUsage(reason)) => failed(&reason, exit::USAGE),
    }
}

/// Ends the program with its last line, which is like every line of the log. Every failure of every command ends here.
fn failed(reason: &str, code: u8) -> ExitCode {
    Said::fatal(reason, code).write(clock::now());
    ExitCode::from(code)
}

async fn run(command: Command) -> anyhow::Result<()> {
    logs::begin()?;
    let mut out = std::io::stdout();
    match command {
        Command::Demo(asked) => commands::demo::run(&asked, Identity::installation(), &mut out).await,
        Command::Token(asked) => Ok(writeln!(out, "{}", commands::demo::token(&asked)?)?),
        Command::Journal(Journal::Verify(data)) => commands::journal::verify(&logs_of(&data).await?, &mut out).await,
        Command::Journal(Journal::Init(place)) => commands::journal::init(&place, &mut out).await,
        Command::Journal(Journal::Export(asked)) => {
            commands::journal::export(&logs_of(&asked.data).await?, &asked.to, &mut out).await
        }
        Command::Journal(Journal::Import(asked)) => commands::journal::import(&asked, &mut out).await,
        Command::Journal(Journal::RenewEpoch(place)) => commands::journal::renew_epoch(&place, &mut out).await,
        Command::Keys(Keys::Destroy(asked)) => commands::keys::destroy(&asked, &mut out).await,
        Command::ReadModels(ReadModels::Status(data)) => {
            commands::read_models::status(&Directory::open(&data.directory)?, &data.journal_url(), &mut out).await
        }
        Command::ReadModels(ReadModels::Rebuild(data)) => {
            commands::read_models::rebuild(&mut Directory::open(&data.directory)?, &data.journal_url(), &mut out).await
        }
        Command::Policy(asked) => commands::policy::run(&asked, &mut out),
        Command::Schema(asked) => commands::schema::run(&asked, &mut out),
    }
}

/// The URL of the logs. If none is given, it is that of the clinic in the directory, which must exist. Logs that the
/// clinic has left are still verified and exported, and it is said that it left them.
async fn logs_of(data: &Data) -> anyhow::Result<String> {
    let url = data.journal_url();
    if data.journal.is_none() {
        let directory = Directory::open(&data.directory)?;
        // What cannot be opened is reported by the command itself.
        let found = stores::log_ids(&url).await.ok();
        if found.is_some_and(|found| stores::prove(&directory, &url, found).is_err()) {
            let left = format!(
                "the clinic in {} has left these logs and uses others; name those with --journal",
                data.directory.display()
            );
            Said::warning(&left).write(clock::now());
        }
    }
    Ok(url)
}

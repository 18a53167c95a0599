//! The composition root: it alone names every crate, opens the stores and holds the command line.
//!
//! `cli.rs` declares the command line; each subcommand has its file in `commands/`. `seed.rs` fills the demo clinic from
//! the data in `seed/`. `directory.rs` and `stores.rs` know where the files and logs are, `clock.rs` reads time and
//! randomness, `time_zones.rs` the rules of time zones, `exit.rs` gives the exit codes. `allocator.rs` says when memory is
//! given back.

mod allocator;
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
use std::num::NonZeroUsize;
use std::process::ExitCode;

use policy::identity::Identity;

use crate::cli::{Administrators, Command, CommandLine, Data, Journal, Keys, ReadModels};
use crate::directory::Directory;
use crate::logs::Said;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    allocator::set_options();
    // One more thread than processors: operations that are executed in place leave one to others.
    let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(processors + 1).enable_all().build();
    ended(runtime.map_err(anyhow::Error::from).and_then(|runtime| runtime.block_on(run())))
}

/// The exit code of the command.
fn ended(result: anyhow::Result<()>) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    // The last line of every command that fails: from the outermost reason to the first cause.
    let code = exit::code(&error);
    Said::fatal(&format!("{error:#}"), code).write(clock::now());
    ExitCode::from(code)
}

async fn run() -> anyhow::Result<()> {
    let CommandLine { command } = CommandLine::of_process()?;
    logs::begin()?;
    let mut out = std::io::stdout();
    match command {
        Command::Demo(asked) => commands::demo::run(&asked, Identity::installation(), &mut out).await,
        Command::Token(asked) => Ok(writeln!(out, "{}", commands::demo::token(&asked)?)?),
        Command::Journal(Journal::Verify(data)) => {
            commands::journal::verify(&logs_of(&data).await?, &data.directory, &mut out).await
        }
        Command::Journal(Journal::Init(place)) => commands::journal::init(&place, &mut out).await,
        Command::Journal(Journal::Export(asked)) => {
            commands::journal::export(&logs_of(&asked.data).await?, &asked.to, &mut out).await
        }
        Command::Journal(Journal::Import(asked)) => commands::journal::import(&asked, &mut out).await,
        Command::Journal(Journal::RenewEpoch(place)) => commands::journal::renew_epoch(&place, &mut out).await,
        Command::Keys(Keys::Verify(asked)) => commands::keys::verify(&Directory::open(&asked.directory)?, &mut out),
        Command::Administrators(Administrators::Restore(asked)) => {
            commands::administrators::restore(&asked, &mut out).await
        }
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

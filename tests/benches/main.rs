//! Benchmarks of reading and posting, each compared with a limit of the machine.
//!
//! A time alone means nothing on another machine, so each figure is compared with a limit that is measured in the same
//! run, in alternating turns: a bare handler that returns the same bytes, and a disk that is flushed after each page. The
//! result is the median of the rounds, beside the least and the greatest of them. The processor time of the server comes from `/proc`, because it varies least.
//!
//! Slowness is not a failure: the table only reports the figures. `CAREFOLD_BENCH_SECONDS` is the length of a turn; the
//! default is two seconds. `CAREFOLD_BENCH_AGAINST` is the program of another build: then only reads and posts are
//! measured, of both in short alternating turns, since two runs on a machine that others use differ by more than a change.
//!
//! To add a figure: 1. a file that measures it in turns beside its limit; 2. its lines in
//! [`table`], with the goal; 3. a call in [`measured`].

mod against;
mod bare;
mod clinic;
mod flush;
mod forbidden;
mod http;
mod live;
mod load;
mod posting;
mod process;
mod reading;
mod table;

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;

use crate::clinic::Clinic;
use crate::process::Machine;
use crate::table::{Line, Measured};

/// The same allocator as the server's, so that it does not contribute to the difference to the bare handler.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The number of rounds. Each round measures a figure and its limit.
const ROUNDS: usize = 5;
/// How long a turn takes, in seconds.
const SECONDS: &str = "CAREFOLD_BENCH_SECONDS";
/// The program of another build, to compare with.
const AGAINST: &str = "CAREFOLD_BENCH_AGAINST";

fn main() -> anyhow::Result<()> {
    if let Some(answer) = bare::answer_file() {
        return bare::serve(&answer);
    }
    let turn = turn()?;
    // One thread sends the requests of all clients, so that the other cores are free for the server.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let place = tempfile::Builder::new().prefix("figures-").tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let machine = Machine::with(place.path())?;
    let other = std::env::var_os(AGAINST).map(PathBuf::from);
    let (clinic, lines) = runtime.block_on(async {
        let clinic = Clinic::open(&place.path().join("clinic")).await?;
        let lines = match other {
            None => measured(&clinic, turn).await?,
            Some(program) => {
                let other = Clinic::of_program(&program, &place.path().join("other")).await?;
                table::against_lines(&against::measured(&clinic, &other, turn).await?)
            }
        };
        anyhow::Ok((clinic, lines))
    })?;
    let about = format!("{machine}\n{clinic}\n{} s a turn, medians of the rounds\n", turn.as_secs_f64());
    Ok(std::io::stdout().write_all(format!("{about}\n{}", table::drawn(&lines)).as_bytes())?)
}

async fn measured(clinic: &Clinic, turn: Duration) -> anyhow::Result<Vec<Line>> {
    let reading = reading::measured(clinic, turn).await?;
    let posting = posting::measured(clinic, turn).await?;
    let forbidden = forbidden::measured(clinic).await?;
    let live = live::measured(clinic).await?;
    Ok(table::lines(&Measured { reading, posting, forbidden, live }))
}

fn turn() -> anyhow::Result<Duration> {
    let told = std::env::var(SECONDS).unwrap_or_else(|_| "2".to_owned());
    let seconds: f64 = told.parse().with_context(|| format!("{SECONDS} is no number"))?;
    Duration::try_from_secs_f64(seconds).with_context(|| format!("{SECONDS} is no duration"))
}

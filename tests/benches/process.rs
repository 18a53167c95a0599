//! The processor time of processes, and a line that describes the machine.
//!
//! Both are read from Linux's `/proc`; there are no figures on other systems.

use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Child;

use anyhow::Context;

/// Clock ticks per second in `/proc/<pid>/stat`: fixed to 100 for all programs on Linux.
const TICKS_A_SECOND: f64 = 100.0;

/// A process that is killed when this value is dropped.
pub struct Process {
    child: Child,
}

impl Process {
    /// Takes the ownership of a child process.
    pub const fn of(child: Child) -> Self {
        Self { child }
    }

    /// The processor time that it has used, in seconds.
    ///
    /// # Errors
    /// If it has ended, or there is no `/proc`.
    pub fn cpu_seconds(&self) -> anyhow::Result<f64> {
        cpu_seconds(&self.child.id().to_string())
    }

    /// The memory that it holds, in KiB.
    ///
    /// # Errors
    /// If it has ended, or there is no `/proc`.
    pub fn resident_kib(&self) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).context("no status in /proc")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no resident memory")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }

    /// The number of files and sockets that it has open.
    ///
    /// # Errors
    /// If it has ended, or there is no `/proc`.
    pub fn descriptors(&self) -> anyhow::Result<usize> {
        Ok(fs::read_dir(format!("/proc/{}/fd", self.child.id())).context("no descriptors in /proc")?.count())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The processor time that this process has used, in seconds.
///
/// # Errors
/// If there is no `/proc`.
pub fn own_cpu_seconds() -> anyhow::Result<f64> {
    cpu_seconds("self")
}

fn cpu_seconds(process: &str) -> anyhow::Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).context("the process has no accounts in /proc")?;
    // The name, in parentheses, may contain spaces; user and system time are the 12th and 13th after it.
    let (_, after) = stat.rsplit_once(')').context("a strange stat")?;
    let ticks = after.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<Result<f64, _>>()? / TICKS_A_SECOND)
}

/// The machine of a run.
pub struct Machine {
    cores: usize,
    processor: String,
    filesystem: String,
}

impl Machine {
    /// This machine, and the file system of a directory.
    ///
    /// # Errors
    /// If there is no `/proc`.
    pub fn with(directory: &Path) -> anyhow::Result<Self> {
        let about = fs::read_to_string("/proc/cpuinfo").context("no /proc: the figures need Linux")?;
        let named = about.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
        let mounts = fs::read_to_string("/proc/self/mounts")?;
        let directory = directory.canonicalize()?;
        // The nearest mount point above the directory. If two are mounted at one place, the later one hides the earlier.
        let above = mounts.lines().filter_map(|line| {
            let mut parts = line.split(' ').skip(1);
            let (at, kind) = (parts.next()?, parts.next()?);
            directory.starts_with(at).then_some((at.len(), kind))
        });
        let kind = above.max_by_key(|(length, _)| *length).map(|(_, kind)| kind);
        Ok(Self {
            cores: std::thread::available_parallelism()?.get(),
            processor: named.map_or("unnamed processor", |(_, name)| name.trim()).to_owned(),
            filesystem: kind.unwrap_or("unknown file system").to_owned(),
        })
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cores, {}, {}", self.cores, self.processor, self.filesystem)
    }
}

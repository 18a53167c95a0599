//! The exit codes of errors, and the refusals for safety.
//!
//! Supervisors and scripts rely on the codes: 0 success, 1 failure, 2 wrong usage, 3 refused for safety, 4 the data is
//! damaged or incomplete, 5 the data was made by newer software, 6 the data was made by older software in a format that
//! this program does not read.
//!
//! To add a refusal: 1. add it to [`Refused`]; 2. return it where it is noticed. Errors of the
//! crates are sorted in [`code`].

use std::net::SocketAddr;
use std::path::PathBuf;

use coordination::Unreadable;
use coordination::fault::Fault;
use coordination::opening::OpenApplicationError;
use journal::{AppendError, Damage, ExportProblem, Fatal, Flaw, ImportProblem, OpenError, ReadError};
use server::listen::ListenError;

/// The exit code of an error without a code of its own.
pub(crate) const FAILED: u8 = 1;
const USAGE: u8 = 2;
const REFUSED: u8 = 3;
const NOT_WHOLE: u8 = 4;
const NEWER: u8 = 5;
const OLDER: u8 = 6;

/// Why the arguments are not understood.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct WrongUsage(pub String);

/// A refusal for safety.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// Something else lies there.
    #[error("{} holds something that is no demo clinic; name an empty or a new directory", .0.display())]
    Foreign(PathBuf),
    /// There is nothing there.
    #[error("there is no complete demo clinic in {}; `carefold demo` makes one", .0.display())]
    NoClinic(PathBuf),
    /// Real data may lie there.
    #[error("{} is not marked as a demo; it is left alone", .0.display())]
    NotDemo(PathBuf),
    /// The times of a clinic follow from its seed and cannot be changed afterwards.
    #[error("the clinic in {} was made with --seed {made}, not {asked}; name another directory for another seed", .directory.display())]
    OtherSeed {
        /// Where it lies.
        directory: PathBuf,
        /// The seed that it was made with.
        made: u64,
        /// The seed that was asked for.
        asked: u64,
    },
    /// An existing file is not overwritten.
    #[error("{} is there already; name another file", .0.display())]
    FileThere(PathBuf),
    /// Two that serve one clinic would write the same read models.
    #[error("another process serves the clinic in {}, or folds its read models; stop it, or name another directory with `--data`", .0.display())]
    InUse(PathBuf),
    /// Each of two servers of one log would make keys that the other does not have.
    #[error("another server serves the log at {place}; stop it, or name another log with `--journal`")]
    Served {
        /// Where the log is; never with a password.
        place: String,
    },
    /// This one did not answer a server that was started, and that took over.
    #[error("another server serves the log at {place} since this one did not answer it; this one ends")]
    Superseded {
        /// Where the log is; never with a password.
        place: String,
    },
    /// A log of another clinic is not written.
    #[error("the log at {place} holds events that are not of the clinic in {}; name another database, or the directory that belongs to it", .directory.display())]
    LogInUse {
        /// Where the log is; never with a password.
        place: String,
        /// Where the clinic lies.
        directory: PathBuf,
    },
    /// The demo signs anybody in, so it is for this machine only.
    #[error("{0} is not a loopback address; the demo signs anybody in, so it listens on this machine only")]
    NotLoopback(SocketAddr),
}

/// Damaged or incomplete data.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotWhole {
    /// Keys without the key above them open nothing.
    #[error("the key store has lost its key-encryption key {}", .0.display())]
    KeyFileMissing(PathBuf),
    /// Keys do not unwrap, so the texts under them cannot be read.
    #[error("{0} keys are damaged; restore the key store from a copy in which they are sound")]
    Keys(usize),
    /// A file of the directory cannot be what was written.
    #[error("{} is damaged", .0.display())]
    File(PathBuf),
    /// It is not the log that the clinic was made in, nor one that it was moved to.
    #[error("the {log} log at {place} is the log of another identity than that of the clinic in {}; where it was moved, `carefold read-models rebuild` takes it over", .directory.display())]
    AnotherLog {
        /// Which of the two.
        log: &'static str,
        /// Where it is; never with a password.
        place: String,
        /// Where the clinic lies.
        directory: PathBuf,
    },
    /// A log is damaged.
    #[error("the {log} log is damaged: {damage}")]
    Log {
        /// Which of the two.
        log: &'static str,
        /// Where, and how.
        damage: Damage,
    },
}

/// A file of another format than this program reads. It is not damaged.
#[derive(Debug, thiserror::Error)]
#[error("{} was made by {} software: it has format {found}, and this program reads format {known}", path.display(), if found > known { "newer" } else { "older" })]
pub(crate) struct OtherFormat {
    /// The file.
    pub path: PathBuf,
    /// Its format.
    pub found: u32,
    /// The format that is read.
    pub known: u32,
}

/// The exit code for an error: that of the first cause that has one.
pub(crate) fn code(error: &anyhow::Error) -> u8 {
    error.chain().find_map(code_of).unwrap_or(FAILED)
}

fn code_of(error: &(dyn std::error::Error + 'static)) -> Option<u8> {
    if error.is::<WrongUsage>() {
        return Some(USAGE);
    }
    if error.is::<Refused>() {
        return Some(REFUSED);
    }
    if let Some(OtherFormat { found, known, .. }) = error.downcast_ref() {
        return Some(of_format(found, known));
    }
    if error.is::<NotWhole>() {
        return Some(NOT_WHOLE);
    }
    if let Some(error) = error.downcast_ref::<ListenError>() {
        return match error {
            ListenError::NotLoopback(_) => Some(REFUSED),
            ListenError::Io { .. } => None,
        };
    }
    if let Some(error) = error.downcast_ref::<OpenError>() {
        return of_opening(error);
    }
    if let Some(error) = error.downcast_ref::<OpenApplicationError>() {
        return of_application(error);
    }
    if let Some(error) = error.downcast_ref::<ReadError>() {
        return of_reading(error);
    }
    if let Some(error) = error.downcast_ref::<ExportProblem>() {
        return match error {
            ExportProblem::Log(error) => of_reading(error),
            ExportProblem::Out(_) => None,
        };
    }
    if let Some(error) = error.downcast_ref::<ImportProblem>() {
        return of_import(error);
    }
    error.downcast_ref::<vault::Error>().and_then(of_keys)
}

/// The exit code for data of another format.
fn of_format<F: PartialOrd>(found: F, known: F) -> u8 {
    if found > known { NEWER } else { OLDER }
}

fn of_import(error: &ImportProblem) -> Option<u8> {
    match error {
        ImportProblem::Source(error) | ImportProblem::Target(error) => of_reading(error),
        ImportProblem::Line { flaw: Flaw::Format { found, known }, .. } => Some(of_format(found, known)),
        ImportProblem::Cut { .. } | ImportProblem::Line { .. } | ImportProblem::Differs { .. } => Some(NOT_WHOLE),
        ImportProblem::OtherLog { .. } | ImportProblem::Foreign { .. } | ImportProblem::Longer { .. } => Some(REFUSED),
        ImportProblem::Refused {
            error: AppendError::Fatal(Fatal::Corrupt { .. } | Fatal::LostTail { .. }), ..
        } => Some(NOT_WHOLE),
        ImportProblem::Refused { .. } | ImportProblem::File(_) => None,
    }
}

fn of_opening(error: &OpenError) -> Option<u8> {
    match error {
        OpenError::Locked { .. } | OpenError::NetworkFileSystem { .. } | OpenError::SqliteTooOld { .. } => {
            Some(REFUSED)
        }
        OpenError::Foreign { .. } | OpenError::Damaged { .. } => Some(NOT_WHOLE),
        OpenError::Url { .. } | OpenError::NotBuilt { .. } => Some(USAGE),
        OpenError::Missing { .. }
        | OpenError::Unavailable { .. }
        | OpenError::Denied { .. }
        | OpenError::NotWritable { .. }
        | OpenError::Io { .. } => None,
        OpenError::Format { found, known } => Some(of_format(found, known)),
    }
}

fn of_application(error: &OpenApplicationError) -> Option<u8> {
    match error {
        OpenApplicationError::LostTail { .. }
        | OpenApplicationError::OtherAccessLog { .. }
        | OpenApplicationError::ForeignReadModels
        | OpenApplicationError::MissingKey { .. }
        | OpenApplicationError::ForeignTexts
        | OpenApplicationError::NotMoved => Some(NOT_WHOLE),
        OpenApplicationError::Fault(Fault::Unreadable(
            Unreadable::Unknown { .. } | Unreadable::NewerMetadata { .. },
        )) => Some(NEWER),
        OpenApplicationError::Clock(_) => Some(REFUSED),
        OpenApplicationError::ReadModels(_)
        | OpenApplicationError::AccessIndex(_)
        | OpenApplicationError::Policy
        | OpenApplicationError::Fault(_)
        | OpenApplicationError::Begin(_) => None,
    }
}

fn of_reading(error: &ReadError) -> Option<u8> {
    match error {
        ReadError::EpochChanged { .. } | ReadError::Fatal(Fatal::Corrupt { .. } | Fatal::LostTail { .. }) => {
            Some(NOT_WHOLE)
        }
        ReadError::Unavailable { .. }
        | ReadError::Fatal(Fatal::ReadOnly | Fatal::Denied { .. } | Fatal::Ended { .. }) => None,
    }
}

fn of_keys(error: &vault::Error) -> Option<u8> {
    match error {
        vault::Error::WrongKeyEncryptionKey
        | vault::Error::NotAKeyStore
        | vault::Error::Damaged
        | vault::Error::Tampered
        | vault::Error::UnknownKey => Some(NOT_WHOLE),
        vault::Error::Format { found, known } => Some(of_format(found, known)),
        vault::Error::Destroyed
        | vault::Error::WrongParent
        | vault::Error::NotDestructible
        | vault::Error::ReadOnly
        | vault::Error::NotScrubbed(_)
        | vault::Error::File(_)
        | vault::Error::Primitive
        | vault::Error::Store(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn the_first_cause_with_a_code_decides_it() {
        let locked = OpenError::Locked { path: "care.lock".into() };
        assert_eq!(code(&anyhow::Error::new(locked).context("the care log")), REFUSED);
        let lost = OpenApplicationError::LostTail { log: "care", checkpoint: 7, head: Some(3) };
        let error = Err::<(), _>(lost).context("the clinic does not open").unwrap_err();
        assert_eq!(code(&error), NOT_WHOLE);
        assert_eq!(code(&anyhow::anyhow!("anything")), FAILED);
        assert_eq!(code(&Refused::Foreign("there".into()).into()), REFUSED);
    }

    #[test]
    fn what_newer_software_made_has_one_exit_code_and_what_older_software_made_another() {
        for (found, expected) in [(2_i32, NEWER), (0, OLDER)] {
            let errors = [
                OtherFormat { path: "there".into(), found: found.unsigned_abs(), known: 1 }.into(),
                anyhow::Error::new(vault::Error::Format { found, known: 1 }),
                OpenError::Format { found: found.into(), known: 1 }.into(),
                ImportProblem::Line { line: 1, flaw: Flaw::Format { found: found.unsigned_abs(), known: 1 } }.into(),
            ];
            for error in errors {
                let word = if expected == NEWER { "newer" } else { "older" };
                assert!(error.to_string().contains(&format!("made by {word} software")), "{error}");
                assert_eq!(code(&error), expected, "{error}");
            }
        }
        let event = Unreadable::Unknown { position: 7, kind: "a.b".into(), version: 2 };
        assert_eq!(code(&OpenApplicationError::from(Fault::from(event)).into()), NEWER);
    }

    #[test]
    fn each_reason_why_a_log_does_not_open_has_its_exit_code() {
        let (path, place) = (std::path::PathBuf::from("there"), String::from("there"));
        for (error, expected) in [
            (OpenError::Url { reason: String::new() }, USAGE),
            (OpenError::NotBuilt { store: "PostgreSQL", feature: "postgres" }, USAGE),
            (OpenError::Locked { path: path.clone() }, REFUSED),
            (OpenError::NetworkFileSystem { path, kind: "NFS" }, REFUSED),
            (OpenError::SqliteTooOld { found: "3.51.2".into() }, REFUSED),
            (OpenError::Foreign { place: place.clone(), found: String::new() }, NOT_WHOLE),
            (OpenError::Damaged { detail: String::new() }, NOT_WHOLE),
            (OpenError::Missing { place }, FAILED),
            (OpenError::Unavailable { reason: String::new() }, FAILED),
            (OpenError::Denied { reason: String::new() }, FAILED),
            (OpenError::Format { found: 2, known: 1 }, NEWER),
            (OpenError::Format { found: 0, known: 1 }, OLDER),
            (OpenError::NotWritable { path: "care.journal".into(), reason: String::new() }, FAILED),
            (OpenError::Io { reason: String::new() }, FAILED),
        ] {
            let text = format!("{error:?}");
            assert_eq!(code(&anyhow::Error::new(error).context("the care log")), expected, "{text}");
        }
    }
}

//! The command line: the subcommands and their arguments, with an example for each.
//!
//! To add a command: 1. add it here, with an example in its help; 2. add its file in `commands/` and its arm in `main.rs`;
//! 3. describe it in the README.

use std::convert::Infallible;
use std::ffi::OsStr;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use care::event::Stream;
use care::ids::{OrganizationId, PersonId};
use care::lifecycle::ThreadKind;
use care::words::{Audience, Confidentiality, Role, Sensitivity};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use policy::words::{Action, Standing};
use server::http::{HostName, Origin};
use server::live::LiveLimits;
use server::quotas::COMMANDS_A_MINUTE_MAX;

use crate::exit::WrongUsage;
use crate::stores;

/// A care-team collaboration server: secure conversations of a care team, about one patient or none.
#[derive(Debug, Parser)]
#[command(name = "carefold", version, after_help = EXAMPLES)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "Examples:
  carefold demo                       serve a seeded clinic on http://127.0.0.1:8080
  carefold token --as pcp             print a token with which to ask as the family physician
  carefold journal verify             verify that no event of the demo was changed
  carefold policy explain --kind consultation --role nurse --standing care_team --action thread.read

Exit codes: 0 success, 1 failure, 2 wrong usage, 3 refused for safety, 4 the data is damaged or incomplete, 5 the data was
made by newer software, 6 the data was made by older software in a format that is not read any more.
Logs go to stderr; CAREFOLD_LOG or RUST_LOG sets their level, such as CAREFOLD_LOG=debug.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve a clinic with invented people and patients, on this machine only
    ///
    /// The first start creates the clinic; later starts continue with the same data.
    #[command(after_help = "Example:\n  carefold demo --listen 127.0.0.1:9000 --data ./clinic")]
    Demo(Demo),
    /// Print one token for a person of the demo clinic, valid for twelve hours
    #[command(after_help = "Example:\n  curl -H \"authorization: Bearer $(carefold token --as nurse)\" ...")]
    Token(Token),
    /// Create, verify, export, import and renew the logs
    #[command(subcommand)]
    Journal(Journal),
    /// Destroy a key, or verify all
    #[command(subcommand)]
    Keys(Keys),
    /// Give an organization an administrator again
    #[command(subcommand)]
    Administrators(Administrators),
    /// Show how far the read models have folded the log, or fold them again
    #[command(subcommand)]
    ReadModels(ReadModels),
    /// Check the policy, or ask why it decides as it does
    #[command(subcommand)]
    Policy(Policy),
    /// The GraphQL schema
    #[command(subcommand)]
    Schema(Schema),
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// A further name of this machine in the Host header, such as 10.0.2.2 for an emulator; it still listens on
    /// loopback only; may be given several times
    #[arg(long = "host", value_name = "NAME")]
    pub hosts: Vec<HostName>,
    /// An origin whose pages may read answers, such as http://localhost:5173; may be given several times
    #[arg(long = "origin", value_name = "ORIGIN")]
    pub origins: Vec<Origin>,
    #[command(flatten)]
    pub data: Data,
    /// Shifts the minutes of the clinic's past; used only at the first start
    #[arg(long)]
    pub seed: Option<u64>,
    /// What the access log does not store about callers: address or client; may be given several times
    #[arg(long, value_name = "FIELD")]
    pub omit: Vec<CallerField>,
    /// The directory with the rules of time zones; that of the system without it, or the program's own rules if there is none
    #[arg(long, value_name = "DIRECTORY", env = "CAREFOLD_TIME_ZONES", value_parser = directory)]
    pub time_zones: Option<PathBuf>,
    /// How long to wait for a log that cannot be reached
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub wait: u64,
    /// How many sockets and event streams may be open at once; each takes a file descriptor
    #[arg(long, value_name = "COUNT", default_value_t = LiveLimits::default().streams_max)]
    pub streams: usize,
    /// How many of them one person may have open
    #[arg(long, value_name = "COUNT", default_value_t = LiveLimits::default().streams_of_person_max)]
    pub streams_of_person: usize,
    /// How many commands one person may give in a minute
    #[arg(long, value_name = "COUNT", default_value_t = COMMANDS_A_MINUTE_MAX)]
    pub commands_a_minute: u64,
    /// Take the clock as it is, however far it is from the last event of the log
    #[arg(long)]
    pub accept_clock: bool,
}

/// What the access log stores about a caller, unless `--omit` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum CallerField {
    /// The address that the request came from
    Address,
    /// The name that the client program gave
    Client,
}

#[derive(Debug, Args)]
pub(crate) struct Token {
    /// pcp, specialist, nurse, pharmacist, coordinator, social_worker, patient, privacy_officer,
    /// admin, auditor, or another word that the demo printed at its start
    #[arg(long = "as", value_name = "HANDLE")]
    pub handle: String,
    /// The directory of the clinic
    #[arg(long = "data", value_name = "DIRECTORY", default_value = "./demo", value_parser = directory)]
    pub directory: PathBuf,
}

impl CommandLine {
    /// The command line of this process. A variable that is set to nothing counts as unset. Prints the help and ends, if
    /// that is asked for.
    ///
    /// # Errors
    /// [`WrongUsage`]
    pub fn of_process() -> Result<Self, WrongUsage> {
        let is_empty = |name: &OsStr| std::env::var_os(name).is_some_and(|value| value.is_empty());
        let mut empty = Vec::new();
        let command = without_empty_variables(Self::command(), &is_empty, &mut empty);
        let read = command.try_get_matches().and_then(|matches| Self::from_arg_matches(&matches));
        read.map_err(|error| {
            if !error.use_stderr() {
                error.exit();
            }
            let said = error.render().to_string();
            let said = said.strip_prefix("error: ").unwrap_or(&said).trim_end();
            match empty.is_empty() {
                true => WrongUsage(said.to_owned()),
                false => WrongUsage(format!("{said}\n\nnote: {} is set to nothing, as if unset", empty.join(", "))),
            }
        })
    }
}

/// The same command without the variables that are set to nothing; their names are added to `empty`.
fn without_empty_variables(
    mut command: clap::Command,
    is_empty: &dyn Fn(&OsStr) -> bool,
    empty: &mut Vec<String>,
) -> clap::Command {
    let of_arguments = |command: &clap::Command| -> Vec<(clap::Id, String)> {
        let named = command.get_arguments().filter_map(|argument| Some((argument.get_id(), argument.get_env()?)));
        let unset = named.filter(|(_, name)| is_empty(name));
        unset.map(|(id, name)| (id.clone(), name.to_string_lossy().into_owned())).collect()
    };
    for (id, name) in of_arguments(&command) {
        command = command.mut_arg(id, |argument| argument.env(clap::builder::Resettable::Reset));
        if !empty.contains(&name) {
            empty.push(name);
        }
    }
    let below: Vec<String> = command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    for name in below {
        command = command.mut_subcommand(name, |below| without_empty_variables(below, is_empty, empty));
    }
    command
}

/// A directory. Its name also stands in a URL, so it is text: another file name would be changed on its way.
fn directory(name: &str) -> Result<PathBuf, Infallible> {
    Ok(name.into())
}

/// Reads a word of a vocabulary; the help and the refusal list the words.
fn word_of<T>(all: &'static [T], word: fn(T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    let words = PossibleValuesParser::new(all.iter().map(|each| word(*each)));
    words.try_map(move |given| all.iter().copied().find(|each| word(*each) == given).ok_or("no such word"))
}

/// The place of the clinic.
#[derive(Args)]
pub(crate) struct Data {
    /// The directory of the clinic
    #[arg(long = "data", value_name = "DIRECTORY", default_value = "./demo", value_parser = directory)]
    pub directory: PathBuf,
    /// Where both logs are kept: sqlite:DIRECTORY, postgres://… or kurrentdb://…; in the directory without it
    ///
    /// Others on this machine see the arguments of a program: give a URL with a password in the environment.
    #[arg(long, value_name = "URL", env = "CAREFOLD_JOURNAL", hide_env_values = true)]
    pub journal: Option<String>,
}

impl Data {
    /// The URL of both logs. It may contain a password, so it is never shown.
    pub fn journal_url(&self) -> String {
        self.journal.clone().unwrap_or_else(|| stores::sqlite_in(&self.directory))
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Data").field("directory", &self.directory).finish_non_exhaustive()
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Journal {
    /// Verify every event of both logs, also while a server runs; exit 4 names the first that is damaged
    #[command(after_help = "Example:\n  carefold journal verify --data ./demo")]
    Verify(Data),
    /// Create both logs; in a database, run it as the owner of the schema
    #[command(after_help = "Example:\n  CAREFOLD_JOURNAL=postgres://owner@db.example/carefold carefold journal init")]
    Init(Place),
    /// Export both logs to one file, as lines of JSON that any store can import; also while a server runs
    ///
    /// Sealed texts stay sealed. Events that are appended after it begins are not in it.
    #[command(after_help = "Example:\n  carefold journal export --data ./demo --to clinic.ndjson")]
    Export(Export),
    /// Import both logs from a file or from another store, and verify every event in the new store
    ///
    /// The target is empty, or holds the beginning of the same logs: an import that was interrupted continues when it is
    /// repeated. No server may write to the target. Stop the server that writes to the source before the last repeat.
    /// Keys and attachments stay where they are; the read models are folded again afterwards.
    #[command(after_help = "Examples:
  carefold journal import --journal sqlite:./clinic --from clinic.ndjson
  carefold journal export --data ./demo | ssh other carefold journal import --journal sqlite:./clinic --from -
  CAREFOLD_JOURNAL=postgres://owner@db.example/carefold carefold journal import --from-journal sqlite:./demo")]
    Import(Import),
    /// Begin a new epoch of both logs after they were restored from a backup; no server may run
    ///
    /// A restored log may have lost its end. What was read from the lost end is detected and folded again.
    #[command(after_help = "Example:\n  carefold journal renew-epoch --journal sqlite:./demo")]
    RenewEpoch(Place),
}

/// A place of logs, which is a required argument.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// Where both logs are kept: sqlite:DIRECTORY, postgres://… or kurrentdb://…
    ///
    /// Others on this machine see the arguments of a program: give a URL with a password in the environment.
    #[arg(long, value_name = "URL", env = "CAREFOLD_JOURNAL", hide_env_values = true)]
    pub journal: LogUrl,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub data: Data,
    /// The file to write, which must not exist; - is the standard output
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub to: PathBuf,
}

#[derive(Debug, Args)]
#[group(id = "source", required = true, multiple = false, args = ["from", "from_journal"])]
pub(crate) struct Import {
    #[command(flatten)]
    pub target: Place,
    /// The file that an export wrote; - is the standard input
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Where both logs are kept now; its URL may be given in the environment, like that of the target
    #[arg(long, value_name = "URL", env = "CAREFOLD_FROM_JOURNAL", hide_env_values = true)]
    pub from_journal: Option<LogUrl>,
}

/// The URL of logs. It may contain a password, so it is never shown.
#[derive(Clone)]
pub(crate) struct LogUrl(String);

impl LogUrl {
    /// The whole URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for LogUrl {
    fn from(url: String) -> Self {
        Self(url)
    }
}

impl fmt::Debug for LogUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogUrl")
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Destroy the key of a stream and all keys below it, for ever; not while a server runs
    #[command(after_help = "Example:\n  carefold keys destroy --data ./demo --stream BRgVOg6ukVAFsvI9hPJeUWQ")]
    Destroy(Destroy),
    /// Unwrap every key, and name those that are damaged; also while a server runs
    #[command(after_help = "Example:\n  carefold keys verify --data ./demo")]
    Verify(VerifyKeys),
}

#[derive(Debug, Args)]
pub(crate) struct VerifyKeys {
    /// The directory of the clinic
    #[arg(long = "data", value_name = "DIRECTORY", default_value = "./demo", value_parser = directory)]
    pub directory: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Destroy {
    #[command(flatten)]
    pub data: Data,
    /// Whose texts become unreadable: a thread, a person, or a patient with all their threads; the id in the API, or the
    /// name of the stream, such as `thread-` and 32 hexadecimal digits
    #[arg(long, value_name = "STREAM", value_parser = stream)]
    pub stream: Stream,
    /// Take the clock as it is, however far it is from the last event of the log
    #[arg(long)]
    pub accept_clock: bool,
}

/// A number of seconds.
fn seconds(text: &str) -> Result<u64, &'static str> {
    text.parse().map_err(|_| "it is a whole number of seconds")
}

/// A stream that was named neither by its own name nor by the id of the API.
#[derive(Debug, thiserror::Error)]
#[error(
    "is neither the id of a thread, a person or a patient in the API, nor such as `thread-` and 32 lower-case hexadecimal digits"
)]
pub(crate) struct NotAStream;

fn stream(name: &str) -> Result<Stream, NotAStream> {
    Stream::parse(name).ok().or_else(|| server::graphql::id::stream_of(name)).ok_or(NotAStream)
}

#[derive(Debug, Subcommand)]
pub(crate) enum Administrators {
    /// Make a person the administrator of an organization that has none any more; not while a server runs
    ///
    /// The log says that the operator did it. An administrator grants the role in any other case.
    #[command(after_help = "Example:\n  carefold administrators restore --organization AyM… --person AYi…")]
    Restore(Restore),
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    #[command(flatten)]
    pub data: Data,
    /// The organization: its id in the API
    #[arg(long, value_name = "ID", value_parser = organization)]
    pub organization: OrganizationId,
    /// The person, who is known there: their id in the API
    #[arg(long, value_name = "ID", value_parser = person)]
    pub person: PersonId,
    /// Take the clock as it is, however far it is from the last event of the log
    #[arg(long)]
    pub accept_clock: bool,
}

fn organization(id: &str) -> Result<OrganizationId, &'static str> {
    server::graphql::id::organization_of(id).ok_or("it is the id of an organization in the API")
}

fn person(id: &str) -> Result<PersonId, &'static str> {
    server::graphql::id::person_of(id).ok_or("it is the id of a person in the API")
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReadModels {
    /// Show how far the read models have folded the log, also while a server runs
    #[command(after_help = "Example:\n  carefold read-models status --data ./demo")]
    Status(Data),
    /// Fold the read models again from the log; not while a server runs
    #[command(after_help = "Example:\n  carefold read-models rebuild --data ./demo")]
    Rebuild(Data),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// List everything that is wrong with the text of a policy
    #[command(after_help = "Example:\n  carefold policy lint --folder policies")]
    Lint(PolicyFolder),
    /// Compare what a policy decides with the answers that its cases expect
    #[command(after_help = "Example:\n  carefold policy test --folder policies")]
    Test(PolicyFolder),
    /// Show whether the shipped policy allows something, and by which rules
    #[command(after_help = "Example:
  carefold policy explain --kind consultation --role social_worker --standing care_team \\
    --action thread.read_message --audience clinical_team")]
    Explain(Explain),
}

#[derive(Debug, Args)]
pub(crate) struct PolicyFolder {
    /// A folder with model.conf, policy.csv, cases/ and expected/; the shipped policy without it
    #[arg(long, value_name = "DIRECTORY")]
    pub folder: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The role held, such as nurse
    #[arg(long, value_parser = word_of(Role::ALL, Role::word))]
    pub role: Role,
    /// What the person is to the thing, such as care_team
    #[arg(long, value_parser = word_of(Standing::ALL, Standing::word))]
    pub standing: Standing,
    /// What is to be done, such as thread.post
    #[arg(long, value_parser = word_of(Action::all(), Action::word))]
    pub action: Action,
    /// The kind of thread; needed for an action that several kinds have
    #[arg(long, value_parser = word_of(ThreadKind::ALL, ThreadKind::word))]
    pub kind: Option<ThreadKind>,
    /// Whom a message is for; needed for an answer about one message
    #[arg(long, value_parser = word_of(Audience::ALL, Audience::word))]
    pub audience: Option<Audience>,
    /// How confidential the thing is: N normal, R restricted, V very restricted
    #[arg(long, value_parser = word_of(Confidentiality::ALL, Confidentiality::word), default_value = "N")]
    pub confidentiality: Confidentiality,
    /// A sensitivity code of the thing; may be given several times
    #[arg(long = "code", value_parser = word_of(Sensitivity::ALL, Sensitivity::word))]
    pub codes: Vec<Sensitivity>,
    /// The patient was informed of the answer
    #[arg(long)]
    pub released: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Schema {
    /// Print the schema
    #[command(after_help = "Example:\n  carefold schema print > schema/schema.graphql")]
    Print,
    /// Compare the schema with a reviewed file; exit 1 when they differ, or when it breaks clients of the released one
    #[command(after_help = "Example:\n  carefold schema check --file schema/schema.graphql")]
    Check {
        /// The reviewed file
        #[arg(long, default_value = "schema/schema.graphql")]
        file: PathBuf,
        /// The schema of the last release
        #[arg(long, default_value = "schema/released.graphql")]
        released: PathBuf,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStringExt;

    #[test]
    fn the_command_line_is_sound() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn a_variable_that_is_set_to_nothing_counts_as_unset() {
        let mut empty = Vec::new();
        let command = without_empty_variables(CommandLine::command(), &|_| true, &mut empty);
        empty.sort_unstable();
        assert_eq!(empty, ["CAREFOLD_FROM_JOURNAL", "CAREFOLD_JOURNAL", "CAREFOLD_TIME_ZONES"]);
        let verify = command.find_subcommand("journal").and_then(|journal| journal.find_subcommand("verify")).unwrap();
        assert!(verify.get_arguments().all(|argument| argument.get_env().is_none()));
    }

    #[test]
    fn a_directory_whose_name_is_no_text_is_refused() {
        let named = |name: &[u8]| {
            let line = ["carefold", "demo", "--data"].map(std::ffi::OsString::from);
            CommandLine::try_parse_from(line.into_iter().chain([std::ffi::OsString::from_vec(name.to_vec())]))
                .map(drop)
                .map_err(|error| error.exit_code())
        };
        assert_eq!(named("café".as_bytes()), Ok(()));
        assert_eq!(named(b"caf\xe9"), Err(2));
    }

    #[test]
    fn words_of_the_policy_are_parsed_by_the_command_line() {
        let asked = |role: &str| {
            let line =
                ["carefold", "policy", "explain", "--role", role, "--standing", "self", "--action", "thread.read"];
            CommandLine::try_parse_from(line).map(drop).map_err(|error| (error.exit_code(), error.to_string()))
        };
        assert_eq!(asked("nurse"), Ok(()));
        let (code, said) = asked("king").unwrap_err();
        assert_eq!(code, 2);
        assert!(said.contains("physician, nurse"), "{said}");
    }
}

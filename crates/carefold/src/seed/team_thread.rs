//! Team threads of the demo clinic: how they are written in `team_threads.yaml`, as `check.rs` checks it.
//!
//! A step says one thing that somebody does in the thread. Its command is made in `player/team_thread.rs`.
//!
//! To add a step word: 1. its shape here and its line in `step_words!`; 2. its names in `check.rs`; 3. its command where
//! the compiler asks for it; 4. its line in `examples/clinic/README.md`.

use care::lifecycle::team_thread::TeamThreadState;
use care::words::{Confidentiality, Sensitivity, Topic};
use serde::Deserialize;

use crate::seed::written::{Body, Line, Minutes, Word, step_words};

/// A team thread: how it is opened, and what happened in it, in order.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TeamThread {
    /// A word of its own. Ids of what the thread holds follow from it.
    pub key: String,
    /// Whole days before the clinic's day at which it begins.
    pub begins_days_ago: u16,
    /// The state to which its steps lead.
    pub state: Word<TeamThreadState>,
    /// Handle.
    pub opened_by: String,
    /// Key of the patient; none if it is about no patient.
    pub about: Option<String>,
    pub topic: Word<Topic>,
    #[serde(default = "normal")]
    pub confidentiality: Word<Confidentiality>,
    #[serde(default)]
    pub sensitivities: Vec<Word<Sensitivity>>,
    pub subject: Line,
    pub owner: Who,
    /// Keys of the pools that take part beside the owner.
    #[serde(default)]
    pub pools: Vec<String>,
    /// Handles, beside the opener. Each takes part in their first role; those of another organization are invited.
    #[serde(default)]
    pub participants: Vec<String>,
    pub waits_for: Wait,
    #[serde(default)]
    pub steps: Vec<Step>,
}

fn normal() -> Word<Confidentiality> {
    Word(Confidentiality::Normal)
}

/// A person by handle, or a pool by key.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "WrittenWho")]
pub(crate) enum Who {
    Person(String),
    Pool(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenWho {
    person: Option<String>,
    pool: Option<String>,
}

impl TryFrom<WrittenWho> for Who {
    type Error = &'static str;

    fn try_from(written: WrittenWho) -> Result<Self, &'static str> {
        match (written.person, written.pool) {
            (Some(person), None) => Ok(Self::Person(person)),
            (None, Some(pool)) => Ok(Self::Pool(pool)),
            (Some(_), Some(_)) | (None, None) => Err("it is either a person or a pool"),
        }
    }
}

/// Whose turn it is to answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wait {
    pub who: Who,
    pub note: Body,
    /// Days until the answer is due. `None` means that there is no target.
    pub due_days: Option<u16>,
}

step_words! {
    post => Post,
    read => Read,
    accept => Accept,
    claim => Claim,
    wait_for => Wait,
    park => Park,
    close => Close,
}

/// Writes to everyone in the thread.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Post {
    pub text: Body,
}

/// Reads everything up to the newest message.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Read {}

/// Accepts an invitation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accept {}

/// Takes the thread from its pool.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claim {}

/// Agrees that nobody is expected to do anything for so many days.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Park {
    pub days: u16,
    pub reason: Body,
}

/// Ends the thread.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Close {
    pub outcome: Body,
}

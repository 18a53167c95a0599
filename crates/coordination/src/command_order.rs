//! The order of commands: what a command waits for before it is decided, and holds until its events are in the log.
//!
//! Of commands that change who may do something one is decided at a time, and none while another command is on its way into
//! the log: so nothing is stored after the end of a role or a membership that was decided before it. The next one first waits
//! until the authorization state has folded the log's head, and so is decided with all that was changed: two people cannot
//! each end the other's role as that of the last but one, two organizations cannot get names that look alike, and two records
//! cannot be proposed to one person, or registered for one patient unnoticed. Within a thread its own stream does this. There
//! is one server on a log, so its memory is the place for it.

use std::sync::Arc;

use care::event::Stream;
use care::ids::{Id, PersonId};
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

use crate::command_context::CommandContext;

/// The locks of all commands.
#[derive(Default)]
pub(crate) struct CommandOrder {
    /// One change of who may do something, or new name, at a time.
    one_at_a_time: Arc<Mutex<()>>,
    /// Held by commands on their way into the log, and alone by those that change who may do something.
    who_may: Arc<RwLock<()>>,
    /// One command that sends a draft at a time for each person; a few persons share a lock.
    sends_of_drafts: [Arc<Mutex<()>>; 16],
}

/// What a command holds from before its decision until its events are in the log.
pub(crate) struct HeldOrder {
    _alone: Option<OwnedMutexGuard<()>>,
    _sends: Option<OwnedMutexGuard<()>>,
    _who_may: WhoMay,
}

/// Whether who may do something changes meanwhile.
enum WhoMay {
    Stays(#[expect(dead_code, reason = "it is held")] OwnedRwLockReadGuard<()>),
    Changes(#[expect(dead_code, reason = "it is held")] OwnedRwLockWriteGuard<()>),
}

impl CommandOrder {
    /// Waits until a command to a stream may be decided; `creates` says that it begins the stream.
    pub async fn wait(&self, context: &CommandContext, stream: &Stream, creates: bool) -> HeldOrder {
        let is_new_name = matches!(stream, Stream::Organization(_) | Stream::Patient(_)) && creates;
        let changes_who_may = match stream {
            Stream::CareTeam(_)
            | Stream::Directives(_)
            | Stream::Delegation(_)
            | Stream::LegalAuthority(_)
            | Stream::Policy(_) => true,
            Stream::Person(_) | Stream::Organization(_) | Stream::Patient(_) => !creates,
            Stream::Thread(_) | Stream::OutsideMessage(_) | Stream::Drafts(_) => false,
        };
        // How many messages a person has sent counts those before.
        let is_counted = matches!(stream, Stream::OutsideMessage(_)) && creates;
        let alone = if is_new_name || is_counted || changes_who_may {
            Some(Arc::clone(&self.one_at_a_time).lock_owned().await)
        } else {
            None
        };
        let author = context.identity.person().filter(|_| context.draft.is_some());
        let sends = match author {
            Some(author) => Some(self.sends_of(author).lock_owned().await),
            None => None,
        };
        let who_may = Arc::clone(&self.who_may);
        let who_may = if changes_who_may {
            WhoMay::Changes(who_may.write_owned().await)
        } else {
            WhoMay::Stays(who_may.read_owned().await)
        };
        HeldOrder { _alone: alone, _sends: sends, _who_may: who_may }
    }

    /// The lock of a person's commands that send drafts: the next one is decided with the events of the one before, so a draft
    /// that is open on two devices is sent once.
    fn sends_of(&self, author: PersonId) -> Arc<Mutex<()>> {
        let [first, ..] = &self.sends_of_drafts;
        let place = usize::from(author.uuid().as_bytes()[0]) % self.sends_of_drafts.len();
        Arc::clone(self.sends_of_drafts.get(place).unwrap_or(first))
    }
}

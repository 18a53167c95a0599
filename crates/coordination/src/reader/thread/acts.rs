//! What the reader of a thread can do in it now, decided by the functions of the commands.

use care::aggregate::{Acting, ReadableAudiences};
use care::command_name::CommandName;
use care::ids::{CommandId, Id};
use care::thread::Thread;
use care::words::{Audience, Capacity};
use policy::decide::Permit;
use policy::words::Action;
use uuid::Uuid;
use vault::Node;

use super::ThreadView;
use crate::authorization::lookups::LookupsAt;
use crate::fault::{Fault, Refusal};
use crate::read_models::threads;
use crate::reader::Reader;
use crate::sealing;

/// Whether a command would be accepted now, decided without its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Can {
    /// It would, if its data are valid.
    Yes,
    /// The policy does not permit it.
    NotPermitted,
    /// The state does not allow it.
    Refused(Refusal),
    /// It has a text, and the texts there were erased.
    Erased,
}

/// The commands among these that can be given, in the order of their names.
pub(in crate::reader) fn can_be_given(
    mut names: Vec<CommandName>,
    can: impl Fn(CommandName) -> Result<Can, Fault>,
) -> Result<Vec<CommandName>, Fault> {
    names.sort_unstable_by_key(|name| name.word());
    let mut given = Vec::new();
    for name in names {
        if can(name)? == Can::Yes {
            given.push(name);
        }
    }
    Ok(given)
}

impl Reader {
    /// Whether a command of this name, to this audience if it has one, would be accepted now by the policy and by the
    /// state. Both use the same functions as the commands.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn can(&self, view: &ThreadView, name: CommandName, audience: Option<Audience>) -> Result<Can, Fault> {
        let asked = view.facts.asked(&view.held);
        let permitted = self.viewer.decide(&asked.asking(Action::Command(name), audience));
        let capacity = |permit: Permit| Some((self.viewer.capacity(&permit)?, permit));
        // As for a command: a person who may not act at all is refused.
        let Some((capacity, permit)) = permitted.and_then(capacity) else { return Ok(Can::NotPermitted) };
        let thread = self.state(view)?;
        Ok(match self.as_acting(&permit, capacity, |acting| thread.takes(name, acting)) {
            Ok(()) if Thread::needs_text(name) && self.is_erased(view)? => Can::Erased,
            Ok(()) => Can::Yes,
            Err(refusal) => Can::Refused(refusal.into()),
        })
    }

    /// The commands of the lifecycle, and the one that the thread waits for, that the state would accept now from
    /// the reader with some data, if the policy permitted them.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn possible(&self, view: &ThreadView) -> Result<Vec<CommandName>, Fault> {
        let permit = view.header_permit();
        let Some(capacity) = self.viewer.capacity(permit) else { return Ok(Vec::new()) };
        let thread = self.state(view)?;
        let awaited = view.waiting_on.as_ref().map(|waiting| waiting.action);
        let mut names: Vec<CommandName> = awaited.into_iter().chain(view.kind.command_names()).collect();
        names.sort_unstable_by_key(|name| name.word());
        names.dedup();
        self.as_acting(permit, capacity, |acting| names.retain(|name| thread.takes(*name, acting).is_ok()));
        Ok(names)
    }

    /// Asks a question about a command by the reader. Whether the state allows a command does not depend on any message.
    fn as_acting<T>(&self, permit: &Permit, capacity: Capacity, ask: impl FnOnce(&Acting<'_>) -> T) -> T {
        let state = self.application.projector().authorization();
        let lookups = LookupsAt { state: &state, now: self.now, namesakes: None };
        ask(&Acting {
            by: self.viewer.identity().actor(),
            role: permit.role(),
            capacity,
            grant: permit.reach().grant,
            thread: None,
            command: CommandId::from_uuid(Uuid::nil()),
            now: self.now,
            readable: ReadableAudiences::NONE,
            lookups: &lookups,
            time_zones: self.application.time_zones(),
        })
    }

    fn is_erased(&self, view: &ThreadView) -> Result<bool, Fault> {
        if let Some(is_erased) = view.is_erased.get() {
            return Ok(*is_erased);
        }
        let is_erased = sealing::is_destroyed(self.application.vault(), Node::Thread(view.thread.uuid()))?;
        Ok(*view.is_erased.get_or_init(|| is_erased))
    }

    /// The aggregate, loaded once for each view, so that a page of threads with all their actions loads each thread
    /// once.
    fn state<'v>(&self, view: &'v ThreadView) -> Result<&'v Thread, Fault> {
        if let Some(state) = view.state.get() {
            return Ok(state);
        }
        let state = threads::thread_state(&*self.snapshot()?, view.thread)?;
        Ok(view.state.get_or_init(|| state))
    }

    /// The default audience of a message of the reader in a thread, as the policy says it; none where the reader has to
    /// choose.
    #[must_use]
    pub fn default_audience(&self, view: &ThreadView) -> Option<Audience> {
        self.viewer.default_audience(view.kind, &view.held)
    }
}

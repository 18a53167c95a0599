//! Processes: they send commands by themselves, from events and due times.
//!
//! A process is a pure function of a thread's events (`care::process`) or of the authorization state
//! ([`LooseEnd`]). Its command takes the path of every command. The sender is
//! [`Actor::Process`](care::envelope::Actor), and the idempotency key follows from the cause, so the command has
//! its effect once even if it is sent several times, for example by a node that was killed in between.
//!
//! To add a process on one thread, see `care::process`. To add one on the authorization state, add its commands in
//! [`tidy`].

use std::sync::{Arc, Weak};
use std::time::Duration;

use care::command_name::Command;
use care::conversation::{Escalate, Owner, Party, RemoveParticipant, ReturnToPool, WaitingOn};
use care::idempotency::IdempotencyKey;
use care::ids::{EventId, Id, OrganizationId, ThreadId};
use care::lifecycle::ThreadKind;
use care::thread::{Thread, ThreadCommand};
use care::words::{Channel, ProcessName, RemovalReason};
use chrono::{DateTime, Utc};
use policy::active::ActivePolicy;
use policy::identity::Identity;
use policy::words::Action;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::application::Application;
use crate::authorization::thread::{ThreadFacts, Waiting};
use crate::authorization::timers::ThreadTimers;
use crate::authorization::{AuthorizationState, LookupsAt, Subject};
use crate::command_handler::CommandContext;
use crate::fault::{Failed, Fault};
use care::aggregate::Lookups;
use care::envelope::Actor;

/// The interval between two runs of the processes, in milliseconds.
const ROUND_MS: u64 = 500;
/// Rounds of one run: a command of a process may cause a command of another.
const ROUNDS_MAX: usize = 8;
/// Longest wait of a command for the processes that it causes, in milliseconds.
const SETTLED_MS_MAX: u64 = 2_000;

/// An open thread that waits for nobody, or for somebody who can no longer do what is awaited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LooseEnd {
    /// The thread.
    pub thread: ThreadId,
    /// Its kind.
    pub kind: ThreadKind,
    /// The organization of its owner.
    pub owning_organization: OrganizationId,
    /// The party that it waits for; `None` if it waits for nobody.
    pub waiting_on: Option<WaitingOn>,
    /// Since when it waits; `None` if it waits for nobody.
    pub since: Option<DateTime<Utc>>,
}

/// A command that a process has to send.
#[derive(Debug, Clone)]
struct Due {
    process: ProcessName,
    thread: ThreadId,
    cause: EventId,
    command: ThreadCommand,
}

/// Every loose end at an instant.
pub(crate) fn loose_ends(state: &AuthorizationState, policy: &ActivePolicy, now: DateTime<Utc>) -> Vec<LooseEnd> {
    let open = state.all::<ThreadFacts>().filter(|(_, facts)| !facts.closed);
    let loose = open.filter(|(id, facts)| !is_waited_for(state, policy, ThreadId::from_uuid(*id), facts, now));
    let end = |(id, facts): (_, &ThreadFacts)| LooseEnd {
        thread: ThreadId::from_uuid(id),
        kind: facts.kind,
        owning_organization: facts.owning_organization,
        waiting_on: facts.waiting.map(|waiting| waiting.on),
        since: facts.waiting.map(|waiting| waiting.since),
    };
    loose.map(end).collect()
}

/// Whether the thread waits for somebody who may send the awaited command.
fn is_waited_for(
    state: &AuthorizationState,
    policy: &ActivePolicy,
    id: ThreadId,
    facts: &ThreadFacts,
    now: DateTime<Utc>,
) -> bool {
    let Some(Waiting { on, since: _ }) = facts.waiting else { return false };
    if on.party == Party::Nobody {
        // The wait was agreed, and a process acts at its end.
        return on.due.is_some();
    }
    let lookups = LookupsAt { state, now };
    let subject = Subject::Thread(id);
    state.people(on.party, now).into_iter().any(|person| {
        let is_patient = facts.patient.is_some_and(|patient| lookups.is_patient(patient, person));
        let held = state.standings(&subject, Actor::Person(person), now);
        !is_patient && policy.allows(&facts.asked(&held).asking(Action::Command(on.action), None))
    })
}

/// The commands that give back work which nobody can do any longer: participants whose role has ended, owners who
/// can no longer act, threads without a turn.
fn tidy(state: &AuthorizationState, policy: &ActivePolicy, now: DateTime<Utc>) -> Vec<Due> {
    let lookups = LookupsAt { state, now };
    let mut due = Vec::new();
    for (id, facts) in state.all::<ThreadFacts>().filter(|(_, facts)| !facts.closed) {
        let thread = ThreadId::from_uuid(id);
        let mut give = |command: ThreadCommand| {
            due.push(Due { process: ProcessName::LooseEnds, thread, cause: facts.last, command });
        };
        let ended = facts.participants.iter().find(|(person, participation)| {
            participation.period.holds(now)
                && !lookups.holds_role(**person, participation.place)
                && facts.owner.person() != Some(**person)
        });
        if let Some((person, _)) = ended {
            let (person, reason) = (*person, RemovalReason::RoleEnded);
            give(ThreadCommand::Conversation(RemoveParticipant { person, reason, note: None }.into()));
        } else if owner_is_lost(&lookups, facts) {
            give(ThreadCommand::Conversation(ReturnToPool.into()));
        } else if !is_waited_for(state, policy, thread, facts, now) {
            give(ThreadCommand::Conversation(Escalate.into()));
        }
    }
    due
}

fn owner_is_lost(lookups: &LookupsAt<'_>, facts: &ThreadFacts) -> bool {
    let Owner::Person { person, pool: Some(pool) } = facts.owner else { return false };
    let works = |place: &care::conversation::Place| place.organization == facts.owning_organization;
    !lookups.roles(person).iter().any(works) || !lookups.is_pool_member(pool, person)
}

/// The commands of the timers that are due.
fn woken(state: &AuthorizationState, now: DateTime<Utc>) -> Vec<Due> {
    let mut due = Vec::new();
    for (id, timers) in state.all::<ThreadTimers>() {
        for (process, command) in timers.timers.due(now) {
            if let Some(cause) = timers.causes.get(&process).copied() {
                due.push(Due { process, thread: ThreadId::from_uuid(id), cause, command });
            }
        }
    }
    due
}

impl Application {
    /// Sends every command that is due at an instant, until none is left or the remaining ones have no effect.
    /// Returns how many commands had an effect.
    ///
    /// # Errors
    /// [`Fault`] when a command failed by an internal fault.
    pub async fn run_processes(&self, now: DateTime<Utc>) -> Result<usize, Fault> {
        let mut effects = 0;
        for _ in 0..ROUNDS_MAX {
            let due = {
                let state = self.projector().authorization();
                let policy = self.projector().decisions.policy();
                let mut due = woken(&state, now);
                due.extend(tidy(&state, &policy, now));
                due
            };
            let before = effects;
            for each in due {
                effects += usize::from(self.give(each, now).await?);
            }
            if effects == before {
                break;
            }
        }
        Ok(effects)
    }

    /// Sends one command of a process; returns whether it had an effect.
    async fn give(&self, due: Due, now: DateTime<Utc>) -> Result<bool, Fault> {
        let Due { process, thread, cause, command } = due;
        let context = CommandContext {
            identity: Identity::process(process),
            key: IdempotencyKey::parse(&cause.to_string()).map_err(|_| Fault::Row("a cause"))?,
            input: Vec::new(),
            expected: None,
            channel: Channel::Process,
            correlation: None,
            causation: Some(cause),
            now,
        };
        let before = self.projector().authorization().decisive;
        match self.carry_out::<Thread>(&context, Some(thread), &command).await {
            Ok(outcome) => Ok(!outcome.replayed && self.projector().authorization().decisive != before),
            Err(Failed::Problem(problem)) => {
                // Somebody acted meanwhile, or the kind of the thread does not allow the command.
                tracing::debug!(process = process.word(), action = command.name().word(), %problem, "a process was refused");
                Ok(false)
            }
            Err(Failed::Fault(fault)) => Err(fault),
        }
    }

    /// Waits for a bounded time until the processes have acted on the end of a role or membership, so that no
    /// thread waits for the person who left when that command is answered.
    pub(crate) async fn settle(&self, now: DateTime<Utc>) {
        let settled = tokio::time::timeout(Duration::from_millis(SETTLED_MS_MAX), self.run_processes(now)).await;
        if !matches!(settled, Ok(Ok(_))) {
            tracing::warn!("processes did not finish in time; they continue in the background");
        }
    }

    /// Runs processes until the application is dropped. `clock` is the program's clock.
    pub fn start_processes(self: &Arc<Self>, clock: impl Fn() -> DateTime<Utc> + Send + 'static) -> JoinHandle<()> {
        let application = Arc::downgrade(self);
        tokio::spawn(async move {
            let mut rounds = interval(Duration::from_millis(ROUND_MS));
            rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut seen = None;
            loop {
                rounds.tick().await;
                let Some(application) = Weak::upgrade(&application) else { return };
                let now = clock();
                let (decisive, is_due) = {
                    let state = application.projector().authorization();
                    (state.decisive, !woken(&state, now).is_empty())
                };
                if seen == Some(decisive) && !is_due {
                    continue;
                }
                match application.run_processes(now).await {
                    Ok(_) => seen = Some(decisive),
                    // The store may be unavailable; the next run tries again.
                    Err(fault) => tracing::warn!(%fault, "processes could not run"),
                }
            }
        })
    }

    /// The loose ends at an instant: none, once the processes have run.
    #[must_use]
    pub fn loose_ends(&self, now: DateTime<Utc>) -> Vec<LooseEnd> {
        let state = self.projector().authorization();
        loose_ends(&state, &self.projector().decisions.policy(), now)
    }
}

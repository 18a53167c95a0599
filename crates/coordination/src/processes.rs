//! Processes: they send commands without a person.
//!
//! A process is a pure function of the events of a thread, a delegation, a legal authority, the directives of a patient or a
//! message from outside (`care::process`, and `Deadlines` of the directives), or of the state as a whole ([`LooseEnd`]). Its
//! commands take the same path as all others. The sender is [`Actor::Process`](care::envelope::Actor), and the key is derived
//! from the cause, so that a command takes effect once even if it is sent again, for example by a node that was killed
//! meanwhile.
//!
//! A round examines only what changed or depends on a change, as recorded by the folds
//! ([`Changes`](crate::authorization::index::Changes)), and what has an instant that has come; at the start and every hour
//! it examines everything. What has instants of its own beside threads is in `processes/timed.rs`.
//!
//! To add a process on one thread: see `care::process`. To add one on the state as a whole: its
//! commands in [`cleanup`], and what they depend on in
//! [`threads_resting_on`](AuthorizationState::threads_resting_on).

mod delegations;
mod directives;
mod outside_messages;
mod timed;

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use care::command_name::{Command, Named};
use care::conversation::{
    ConversationCommand, Escalate, NoteDeath, Owner, Party, Place, PostMessage, RemoveParticipant, ReturnToPool,
    WaitingOn,
};
use care::draft::{DraftCommand, Drafts, EndDraft};
use care::event::{Addressed, Stream};
use care::ids::{DraftId, EventId, Id, OrganizationId, PersonId, PoolId, ThreadId};
use care::lifecycle::ThreadKind;
use care::thread::Thread;
use care::words::{Audience, ProcessName, RemovalReason};
use chrono::{DateTime, Utc};
use policy::active::ActivePolicy;
use policy::words::Action;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::application::Application;
use crate::authorization::delegation::keeps_from_work;
use crate::authorization::draft::DraftsOf;
use crate::authorization::index::Mark;
use crate::authorization::lookups::LookupsAt;
use crate::authorization::thread::{ThreadFacts, Waiting};
use crate::authorization::{AuthorizationState, Subject, certain};
use crate::command_context::CommandContext;
use crate::fault::{Failed, Fault, Refusal};
use crate::rounds::Rounds;
use crate::rounds::due::{Due, woken};
use care::aggregate::Lookups;
use care::envelope::Actor;

/// The time between two checks whether a command is due, in milliseconds.
const ROUND_MS: u64 = 500;
/// The most rounds in a row, in which effects of processes cause further commands.
const ROUNDS_MAX: usize = 8;
/// The most threads that are examined while the state is locked once.
const LOOKED_AT_ONCE: usize = 256;
/// The faults after which a round ends: then the cause is probably the store and not what it examines.
const FAULTS_MAX: usize = 8;
/// The longest wait of a command for the processes that it causes, in milliseconds.
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
    /// Whom it waits for; `None` if it waits for nobody.
    pub waiting_on: Option<WaitingOn>,
    /// Since when; `None` if it waits for nobody.
    pub since: Option<DateTime<Utc>>,
}

/// An open thread with its facts.
#[derive(Clone, Copy)]
struct OpenThread<'a> {
    id: ThreadId,
    facts: &'a ThreadFacts,
}

/// The loose ends among some open threads at an instant.
fn loose_ends<'a>(
    state: &AuthorizationState,
    policy: &ActivePolicy,
    open: impl Iterator<Item = (ThreadId, &'a ThreadFacts)>,
    now: DateTime<Utc>,
) -> Vec<LooseEnd> {
    let open = open.map(|(id, facts)| OpenThread { id, facts });
    let loose = open.filter(|thread| !is_waited_for(state, policy, *thread, now));
    let end = |OpenThread { id, facts }: OpenThread<'_>| LooseEnd {
        thread: id,
        kind: facts.kind,
        owning_organization: facts.owning_organization,
        waiting_on: facts.waiting.map(|waiting| waiting.on),
        since: facts.waiting.map(|waiting| waiting.since),
    };
    loose.map(end).collect()
}

/// Whether the thread waits for somebody who may give the awaited command.
fn is_waited_for(
    state: &AuthorizationState,
    policy: &ActivePolicy,
    OpenThread { id, facts }: OpenThread<'_>,
    now: DateTime<Utc>,
) -> bool {
    let Some(Waiting { on, since: _ }) = facts.waiting else { return false };
    if on.party == Party::Nobody {
        // An agreed wait, which a process ends at the due instant.
        return on.due.is_some();
    }
    let lookups = LookupsAt { state, now, namesakes: None };
    let subject = Subject::Thread(id);
    state.people(on.party, now).into_iter().any(|person| {
        let is_patient = facts.patient.is_some_and(|patient| lookups.is_patient(patient, person));
        let held = state.standings(&subject, Actor::Person(person), now);
        // An awaited message is addressed to everyone.
        let audience = (on.action == PostMessage::NAME).then_some(Audience::Everyone);
        !is_patient && policy.allows(&facts.asked(&held).asking(Action::Command(on.action), audience))
    })
}

/// The commands that correct a thread after a change: for a patient who died, participants whose role has ended, an owner who
/// can no longer act, and a turn of somebody who cannot act. A kind may refuse one of them; then the next fallback is sent.
fn cleanup(state: &AuthorizationState, policy: &ActivePolicy, thread: OpenThread<'_>, now: DateTime<Utc>) -> Vec<Due> {
    let OpenThread { id, facts } = thread;
    let lookups = LookupsAt { state, now, namesakes: None };
    let mut due = Vec::new();
    let died = facts.patient.and_then(|patient| lookups.patient_died(patient));
    // The record of a death that is voided leaves what the thread says as it is.
    if died.is_some() && died != facts.death {
        let (process, cause, command) = (ProcessName::Deaths, facts.last, ConversationCommand::from(NoteDeath).into());
        due.push(Due { process, thread: id, cause, command, is_fallback: false });
    }
    let mut give = |command: ConversationCommand, is_fallback| {
        let (process, cause, command) = (ProcessName::LooseEnds, facts.last, command.into());
        due.push(Due { process, thread: id, cause, command, is_fallback });
    };
    for (person, participation) in &facts.participants {
        let is_lost = participation.period.holds(now)
            && !lookups.holds_role(*person, participation.place)
            && !state.is_parked(Stream::Person(*person));
        if (is_lost || participation.lapsed) && facts.owner.person() != Some(*person) {
            let lapsed = participation.lapsed;
            let reason = if lapsed { RemovalReason::CareTeamLeft } else { RemovalReason::RoleEnded };
            give(RemoveParticipant { person: *person, reason, note: None }.into(), false);
        }
    }
    if owner_is_lost(&lookups, id, facts) {
        give(ReturnToPool.into(), true);
    }
    if !is_waited_for(state, policy, thread, now) && !rests_on_parked(state, facts) {
        give(Escalate.into(), true);
    }
    due
}

fn owner_is_lost(lookups: &LookupsAt<'_>, id: ThreadId, facts: &ThreadFacts) -> bool {
    let Owner::Person { person, pool: Some(pool) } = facts.owner else { return false };
    let works = |place: &Place| place.organization == facts.owning_organization;
    // A stream that cannot be read blocks everybody, and proves of nobody that the patient said so.
    let is_blocked = |patient| {
        !lookups.state.is_parked(Stream::Directives(patient)) && lookups.is_blocked(patient, person, Some(id))
    };
    if facts.patient.is_some_and(is_blocked) {
        return true;
    }
    let is_lost = !lookups.roles(person).iter().any(works) || !lookups.is_pool_member(pool, person);
    is_lost && !lookups.state.is_parked(Stream::Person(person)) && !is_pool_parked(lookups.state, pool)
}

/// A pool is opened once and never closed: only its organization's stream can have been parked.
fn is_pool_parked(state: &AuthorizationState, pool: PoolId) -> bool {
    state.home(pool).is_none_or(|organization| state.is_parked(Stream::Organization(organization)))
}

/// Whether a stream is parked on which it depends who can act in the thread. Then the turn stays where it is, since a
/// damaged stream proves nothing.
fn rests_on_parked(state: &AuthorizationState, facts: &ThreadFacts) -> bool {
    if state.parked.is_empty() {
        return false;
    }
    let is_patient_parked = |patient| {
        [Stream::Patient(patient), Stream::CareTeam(patient), Stream::Directives(patient)]
            .into_iter()
            .any(|stream| state.is_parked(stream))
    };
    let is_party_parked = |waiting: Waiting| match waiting.on.party {
        Party::Person(person) => state.is_parked(Stream::Person(person)),
        Party::Pool(pool) | Party::PoolCoordinator(pool) => is_pool_parked(state, pool),
        Party::Patient(patient) => is_patient_parked(patient),
        Party::Role(_) | Party::Nobody => false,
    };
    facts.patient.is_some_and(is_patient_parked) || facts.waiting.is_some_and(is_party_parked)
}

/// A draft that was sent, and the event that sent it.
struct Sent {
    author: PersonId,
    draft: DraftId,
    by: EventId,
}

/// The result of the commands that were due on one thread.
struct Acted {
    effects: usize,
    fault: Option<Fault>,
}

impl Application {
    /// Sends every command that is due at an instant, until no further command has an effect. Returns the number of
    /// commands with an effect.
    ///
    /// # Errors
    /// The first [`Fault`] of a command. Everything else is processed nevertheless; what failed is paused for a short time.
    pub async fn run_processes(&self, now: DateTime<Utc>) -> Result<usize, Fault> {
        let mut rounds = self.rounds.lock().await;
        self.run(&mut rounds, now).await
    }

    /// The same, but only if there is anything to examine; otherwise `None`.
    ///
    /// # Errors
    /// As [`Self::run_processes`].
    pub async fn run_due_processes(&self, now: DateTime<Utc>) -> Result<Option<usize>, Fault> {
        let mut rounds = self.rounds.lock().await;
        if !rounds.is_due(&self.projector().authorization(), now) {
            return Ok(None);
        }
        self.run(&mut rounds, now).await.map(Some)
    }

    async fn run(&self, rounds: &mut Rounds, now: DateTime<Utc>) -> Result<usize, Fault> {
        let (mut effects, mut faults) = (0, Vec::new());
        let mut is_done = false;
        rounds.tell_of_changed_roles(&self.projector().live, &self.projector().authorization(), now);
        for _ in 0..ROUNDS_MAX {
            let everything = rounds.begin(&mut self.projector().authorization_mut(), now);
            if everything && let Err(fault) = self.destroy_keys_of_ended_drafts().await {
                tracing::warn!(%fault, "the keys of ended drafts could not be gone through");
            }
            let before = effects;
            for (thread, due) in self.due(rounds, now) {
                let acted = self.act(rounds, due, now).await;
                effects += acted.effects;
                if let Some(fault) = acted.fault {
                    tracing::warn!(%thread, %fault, "a process could not act on a thread");
                    rounds.pause(thread.uuid(), now);
                    faults.push(fault);
                }
                if faults.len() >= FAULTS_MAX {
                    break;
                }
            }
            effects += self.keep_timed(rounds, now, &mut faults).await;
            match self.end_sent_drafts(now).await {
                Ok(ended) => effects += ended,
                Err(fault) => faults.push(fault),
            }
            is_done = effects == before && faults.len() < FAULTS_MAX;
            if effects == before || faults.len() >= FAULTS_MAX {
                break;
            }
        }
        rounds.end(now, is_done);
        faults.into_iter().next().map_or(Ok(effects), Err)
    }

    /// The commands that are due, by thread, without those that had no effect before.
    fn due(&self, rounds: &mut Rounds, now: DateTime<Utc>) -> BTreeMap<ThreadId, Vec<Due>> {
        let policy = self.projector().decisions.policy();
        let mut due = woken(&self.projector().authorization(), now);
        let pending: Vec<ThreadId> = rounds.pending.iter().copied().collect();
        for some in pending.chunks(LOOKED_AT_ONCE) {
            let state = self.projector().authorization();
            for thread in some {
                let facts = state.thread(*thread).filter(|facts| !facts.closed);
                let open = facts.map(|facts| OpenThread { id: *thread, facts });
                let commands = open.map_or_else(Vec::new, |open| cleanup(&state, &policy, open, now));
                if commands.is_empty() {
                    rounds.pending.remove(thread);
                }
                due.extend(commands);
            }
        }
        let mut by_thread = BTreeMap::<_, Vec<_>>::new();
        for each in due.into_iter().filter(|due| rounds.is_to_be_given(due, now)) {
            by_thread.entry(each.thread).or_default().push(each);
        }
        by_thread
    }

    /// Sends the commands that are due on one thread.
    async fn act(&self, rounds: &mut Rounds, due: Vec<Due>, now: DateTime<Utc>) -> Acted {
        let mut acted = Acted { effects: 0, fault: None };
        for each in due {
            if each.is_fallback && acted.effects > 0 {
                break;
            }
            match self.give_due(&each, now).await {
                Ok(true) => acted.effects += 1,
                Ok(false) => rounds.had_no_effect(&each),
                Err(fault) => {
                    acted.fault = Some(fault);
                    break;
                }
            }
        }
        acted
    }

    async fn give_due(&self, due: &Due, now: DateTime<Utc>) -> Result<bool, Fault> {
        let context = CommandContext::of_process(due.process, &due.key(), due.cause, now)?;
        self.give::<Thread>(&context, Some(due.thread), &due.command).await
    }

    /// Sends one command of a process; returns whether it had an effect. It is refused where its target has changed meanwhile,
    /// or where the kind or the step of the target does not allow it.
    async fn give<A: Addressed>(
        &self,
        context: &CommandContext,
        target: Option<A::Id>,
        command: &A::Command,
    ) -> Result<bool, Fault>
    where
        Refusal: From<A::Refusal>,
    {
        match self.carry_out::<A>(context, target, command).await {
            Ok(outcome) => Ok(outcome.has_effect),
            Err(Failed::Problem(problem)) => {
                let (actor, action) = (context.identity.actor(), command.name().word());
                tracing::debug!(%actor, action, %problem, "a process was refused");
                Ok(false)
            }
            Err(Failed::Fault(fault)) => Err(fault),
        }
    }

    /// Ends every draft that was sent. Returns how many ended.
    async fn end_sent_drafts(&self, now: DateTime<Utc>) -> Result<usize, Fault> {
        let mut ended = 0;
        for Sent { author, draft, by } in self.sent_drafts() {
            let context = CommandContext::of_process(ProcessName::Drafts, &format!("{by}/{draft}"), by, now)?;
            let command = DraftCommand::from(EndDraft { draft });
            match self.carry_out::<Drafts>(&context, Some(author), &command).await {
                Ok(outcome) => ended += usize::from(outcome.has_effect),
                Err(Failed::Problem(problem)) => {
                    tracing::warn!(%draft, %problem, "a draft that was sent could not be ended");
                }
                Err(Failed::Fault(fault)) => return Err(fault),
            }
        }
        Ok(ended)
    }

    fn sent_drafts(&self) -> Vec<Sent> {
        let state = self.projector().authorization();
        let mut sent = Vec::new();
        for author in state.index.under(Mark::SentDrafts) {
            let drafts = state.entity::<DraftsOf>(author).into_iter().flat_map(|of| &of.drafts);
            let author = PersonId::from_uuid(author);
            sent.extend(drafts.filter_map(|(draft, facts)| Some(Sent { author, draft: *draft, by: facts.sent? })));
        }
        sent
    }

    /// Waits, for a bounded time, for the processes that the end of a role, a membership or a life causes. So that command is
    /// answered when no thread waits for the person any more, and what ends with it has ended.
    pub(crate) async fn settle(&self, now: DateTime<Utc>) {
        let settled = tokio::time::timeout(Duration::from_millis(SETTLED_MS_MAX), self.run_processes(now)).await;
        if !matches!(settled, Ok(Ok(_))) {
            tracing::warn!("processes did not settle in time; they go on by themselves");
        }
    }

    /// Runs processes until the application is dropped. `clock` is the program's clock.
    pub fn start_processes(self: &Arc<Self>, clock: impl Fn() -> DateTime<Utc> + Send + 'static) -> JoinHandle<()> {
        let application = Arc::downgrade(self);
        tokio::spawn(async move {
            let mut rounds = interval(Duration::from_millis(ROUND_MS));
            rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                rounds.tick().await;
                let Some(application) = Weak::upgrade(&application) else { return };
                // The store may be unavailable; the next rounds retry.
                if let Err(fault) = application.run_due_processes(application.instant(clock())).await {
                    tracing::warn!(%fault, "a round of processes met a fault");
                }
            }
        })
    }

    /// The loose ends at an instant; there are none after the processes have run.
    #[must_use]
    pub fn loose_ends(&self, now: DateTime<Utc>) -> Vec<LooseEnd> {
        let state = self.projector().authorization();
        loose_ends(&state, &self.projector().decisions.policy(), state.open_threads(), now)
    }

    /// The loose ends that are shown to a person.
    pub(crate) fn loose_ends_of(&self, person: PersonId, now: DateTime<Utc>) -> Vec<LooseEnd> {
        let state = self.projector().authorization();
        let lookups = LookupsAt { state: &state, now, namesakes: None };
        let is_out =
            |patient| lookups.is_patient(patient, person) || certain(keeps_from_work(&*state, patient, person, now));
        let open = state.sees_to(person, now).into_iter().flat_map(|organization| state.threads_of(organization));
        let open = open.filter(|(_, facts)| !facts.patient.is_some_and(is_out));
        loose_ends(&state, &self.projector().decisions.policy(), open, now)
    }
}

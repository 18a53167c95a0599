//! The path of a command: standing, load, recognise a repeat, authorise, decide, seal, append.
//!
//! One command appends to exactly one stream. Its id follows from who sent it, what it is, what it
//! aims at and the sender's key, so a repeat finds its own events and is answered as done, for
//! ever and on every backend, even when the sender has left since. Nothing is decided without the
//! policy's [`Authorized`], and nothing is appended in the clear.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use care::decide::Decider;
use care::envelope::Metadata;
use care::event::Event;
use care::idempotency::IdempotencyKey;
use care::ids::{CommandId, Id, PatientId};
use care::stream::Stream;
use care::words::Channel;
use chrono::{DateTime, Utc};
use journal::{
    Append, AppendError, Appended, Direction, EventType, Expected, NewEvent, Position, ReadError, Revision, StreamName,
};
use policy::authorized::{Authorized, Governed};
use policy::decide::Viewer;
use policy::identity::Identity;
use policy::question::ThingFacts;
use policy::words::Action;
use uuid::Uuid;
use vault::KeyId;

use crate::aggregate_cache::{AggregateCache, CachedAggregate, ProcessedCommand};
use crate::application::Application;
use crate::authorization_state::AuthorizationState;
use crate::fault::{Failed, Fault, Problem, Refusal};
use crate::recorded_event::RecordedEvent;
use crate::sealing;

/// Tries of one command when others append to its stream at the same time.
const CONFLICTS_MAX: u32 = 8;
/// Repeats of an append whose outcome is unknown, with the same ids.
const INDETERMINATE_MAX: u32 = 5;
/// Pause before the first such repeat, in milliseconds; it doubles with each. Together they leave a store that
/// changes hands a second and a half, and the request its time.
const INDETERMINATE_PAUSE_MS: u64 = 100;
/// Events of a stream that are read at once.
const PAGE_MAX: NonZeroU32 = NonZeroU32::MIN.saturating_add(511);

/// The metadata of a command: its name, its key and where it came from, without its content.
#[derive(Debug, Clone)]
pub struct CommandMetadata {
    /// The mutation's name in the API; part of the command's id.
    pub mutation: &'static str,
    /// The sender's idempotency key.
    pub key: IdempotencyKey,
    /// The input in a canonical form, to tell a repeat from a reuse of the key.
    pub input: Vec<u8>,
    /// The version that the sender relied on.
    pub expected: Option<String>,
    /// By which channel.
    pub channel: Channel,
    /// When the request was received, by the program's clock.
    pub now: DateTime<Utc>,
}

/// The outcome of a command that was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandOutcome {
    /// Where its last event lies in the log; the head when it had no effect.
    pub position: Option<Position>,
    /// Whether it had been carried out before.
    pub replayed: bool,
    /// Whether the read models had not folded it yet when the wait for them ended.
    pub stale: bool,
    /// The command's id, from which the ids of what it created follow.
    pub command: CommandId,
}

/// An aggregate that is kept in the log.
pub(crate) trait Aggregate: Decider<Command: Governed> {
    /// Its event among all events.
    fn wrap(event: Self::Event) -> Event;
    /// Its event, if it is one.
    fn unwrap(event: Event) -> Option<Self::Event>;
    /// Its refusal among all refusals.
    fn refuse(refusal: Self::Refusal) -> Refusal;
    /// Whether an event is a state transition, so that a command which relied on the state before is refused.
    fn is_transition(event: &Self::Event) -> bool;
}

/// How one command is handled: its stream, its look-ups and its authorisation.
pub(crate) trait CommandHandler<D: Aggregate> {
    /// The stream that it appends to.
    fn stream(&self, command: CommandId) -> Stream;
    /// What it aims at, as part of the command's id; nothing when it creates.
    fn target(&self) -> Option<Uuid>;
    /// Whether the sender is known to the target, or was once: else it is missing, and nothing more is done.
    fn may_learn_of(&self, authorization: &AuthorizationState, viewer: &Viewer, now: DateTime<Utc>) -> bool;
    /// Looks up what the command rests on and has the policy authorise it.
    ///
    /// # Errors
    /// A [`Problem`] for the sender.
    fn authorise(
        &self,
        authorization: &AuthorizationState,
        viewer: &Viewer,
        context: CommandContext,
    ) -> Result<Authorized<D::Command>, Problem>;
    /// The patient whose key will wrap the content key of a new thread.
    fn patient(&self) -> Option<PatientId> {
        None
    }
}

/// The id under which a command runs, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CommandContext {
    pub command: CommandId,
    pub now: DateTime<Utc>,
}

/// Authorises a command, telling missing from forbidden only to who may know of the thing.
pub(crate) fn authorised<C: Governed>(
    viewer: &Viewer,
    command: C,
    facts: &ThingFacts<'_>,
    findable: Action,
) -> Result<Authorized<C>, Problem> {
    viewer.authorize(command, facts).map_err(|_| unpermitted(viewer, facts, findable))
}

/// Refuses beforehand what will not be authorised, so that a person who may not do it learns nothing
/// about what they named in it.
pub(crate) fn may(viewer: &Viewer, action: Action, facts: &ThingFacts<'_>, findable: Action) -> Result<(), Problem> {
    if viewer.may(action, None, facts) { Ok(()) } else { Err(unpermitted(viewer, facts, findable)) }
}

fn unpermitted(viewer: &Viewer, facts: &ThingFacts<'_>, findable: Action) -> Problem {
    let may_learn_of = viewer.decide(&facts.asking(findable, None)).is_some();
    if may_learn_of { Problem::NotPermitted } else { Problem::NotFound }
}

impl Application {
    /// Carries out a command, or says why not.
    pub(crate) async fn handle_command<D: Aggregate, P: CommandHandler<D>>(
        &self,
        cache: &AggregateCache<D>,
        (identity, metadata): (&Identity, &CommandMetadata),
        handler: &P,
    ) -> Result<CommandOutcome, Failed> {
        self.projector().head().confirm().await?;
        let command = CommandId::of(&identity.actor(), metadata.mutation, handler.target(), &metadata.key);
        let viewer = self.projector().decisions.viewer(*identity);
        if !handler.may_learn_of(&self.projector().authorization(), &viewer, metadata.now) {
            return Err(Problem::NotFound.into());
        }
        let target = Target { stream: handler.stream(command), context: CommandContext { command, now: metadata.now } };
        let slot = cache.slot(target.stream);
        let mut slot = slot.lock().await;
        for _ in 0..CONFLICTS_MAX {
            // Taken out while it is worked on: a request that is dropped midway leaves no stale state.
            let mut aggregate = match slot.take() {
                Some(aggregate) => aggregate,
                None => self.load(&target.stream).await?,
            };
            if let Some(processed) = aggregate.commands.get(&command).copied() {
                *slot = Some(aggregate);
                let input = self.input_hash(&target.stream, metadata)?;
                if processed.input.zip(input).is_some_and(|(before, now)| before != now) {
                    return Err(Problem::IdempotencyMismatch.into());
                }
                drop(slot);
                return Ok(self.outcome(command, Some(processed.position), true).await);
            }
            let decided = self.decide(&aggregate, (&target, metadata), (&viewer, handler)).await;
            let (authorized, events) = match decided {
                Ok(decided) => decided,
                Err(failed) => {
                    *slot = Some(aggregate);
                    return Err(failed);
                }
            };
            if events.is_empty() {
                *slot = Some(aggregate);
                drop(slot);
                return Ok(self.outcome(command, self.projector().authorization_at(), false).await);
            }
            if aggregate.last.is_none() {
                self.make_key(target.stream, handler.patient()).await?;
            }
            let input = self.input_hash(&target.stream, metadata)?;
            let envelope = envelope(&authorized, &target, metadata, (input, self.projector().authorization_at()));
            let append = self.sealed(&target, &aggregate, &events, &envelope)?;
            match self.append(append).await? {
                Some(appended) => {
                    for event in &events {
                        aggregate.state = aggregate.state.evolve(event);
                    }
                    aggregate.last = Some(appended.last);
                    aggregate.commands.insert(command, ProcessedCommand { position: appended.position, input });
                    *slot = Some(aggregate);
                    drop(slot);
                    return Ok(self.outcome(command, Some(appended.position), false).await);
                }
                // Somebody else was first: read what they did, and decide again.
                None => continue,
            }
        }
        Err(Fault::Unavailable("the stream is too busy").into())
    }

    async fn decide<D: Aggregate, P: CommandHandler<D>>(
        &self,
        aggregate: &CachedAggregate<D>,
        (target, metadata): (&Target, &CommandMetadata),
        (viewer, handler): (&Viewer, &P),
    ) -> Result<(Authorized<D::Command>, Vec<D::Event>), Failed> {
        let authorized = handler.authorise(&self.projector().authorization(), viewer, target.context)?;
        self.check_version(aggregate, target, metadata).await?;
        let acting = authorized.acting(target.context.now);
        let decided = aggregate.state.decide(authorized.command(), &acting);
        Ok((authorized, decided.map_err(|refusal| Problem::Refused(D::refuse(refusal)))?))
    }

    /// A version conflicts only with a state transition after it.
    async fn check_version<D: Aggregate>(
        &self,
        aggregate: &CachedAggregate<D>,
        target: &Target,
        metadata: &CommandMetadata,
    ) -> Result<(), Failed> {
        let (Some(token), Stream::Thread(thread)) = (&metadata.expected, target.stream) else { return Ok(()) };
        let version = self.tokens().read_version(thread, token).ok_or(Problem::InvalidVersion)?;
        if aggregate.last.is_none_or(|last| version > last) {
            return Err(Problem::InvalidVersion.into());
        }
        let since = self.read_stream(&target.stream, Some(Expected::Exact(version).first())).await?;
        let transitioned =
            since.into_iter().filter_map(|recorded| D::unwrap(recorded.event)).any(|event| D::is_transition(&event));
        if transitioned { Err(Problem::VersionConflict.into()) } else { Ok(()) }
    }

    async fn load<D: Aggregate>(&self, stream: &Stream) -> Result<CachedAggregate<D>, Fault> {
        let mut aggregate = CachedAggregate { state: D::initial(), last: None, commands: HashMap::new() };
        for recorded in self.read_stream(stream, None).await? {
            let processed = ProcessedCommand { position: recorded.position, input: recorded.metadata.input };
            aggregate.commands.insert(recorded.metadata.command, processed);
            aggregate.last = Some(recorded.revision);
            let event = D::unwrap(recorded.event).ok_or(Fault::Row("a stream holds another's event"))?;
            aggregate.state = aggregate.state.evolve(&event);
        }
        Ok(aggregate)
    }

    async fn read_stream(&self, stream: &Stream, mut from: Option<Revision>) -> Result<Vec<RecordedEvent>, Fault> {
        let name = stream_name(stream)?;
        let mut events = Vec::new();
        loop {
            let page = self.journal().read_stream(&name, from, Direction::Forward, PAGE_MAX).await;
            let page = page.map_err(|error| self.unread(error))?;
            for stored in &page.events {
                events.push(RecordedEvent::read(stored)?);
                from = Some(Expected::Exact(stored.revision).first());
            }
            if page.at_end {
                return Ok(events);
            }
        }
    }

    /// The input's hash under a key of the stream, so that destroying the key destroys what the
    /// hash could still confirm. Always by the first version of the key: it never changes.
    fn input_hash(&self, stream: &Stream, metadata: &CommandMetadata) -> Result<Option<[u8; 32]>, Fault> {
        let key = match sealing::node_of(stream) {
            Some(node) => format!("{node}:1").parse::<KeyId>().map_err(|_| Fault::Row("a key id"))?,
            None => self.vault().installation(),
        };
        Ok(self.vault().mac(&key, &metadata.input)?)
    }

    /// Makes the key of a new stream, durably, before the first event under it.
    async fn make_key(&self, stream: Stream, patient: Option<PatientId>) -> Result<(), Fault> {
        let vault = Arc::clone(self.vault());
        // Making a key flushes a disk; it must not hold up the other requests of this thread.
        let made = tokio::task::spawn_blocking(move || sealing::ensure_key(&vault, &stream, patient)).await;
        Ok(made.map_err(|_| Fault::Unavailable("the key store"))??)
    }

    /// Seals the events and puts them into an append.
    fn sealed<D: Aggregate>(
        &self,
        target: &Target,
        aggregate: &CachedAggregate<D>,
        events: &[D::Event],
        envelope: &Metadata,
    ) -> Result<Append, Fault> {
        let (stream, command) = (target.stream, target.context.command);
        let mut sealed = Vec::with_capacity(events.len());
        for (index, event) in (0_u32..).zip(events) {
            let id = command.event(&stream, index);
            let mut event = D::wrap(event.clone());
            sealing::seal(self.vault(), &mut event, id, &stream)?;
            sealed.push(NewEvent {
                id: id.uuid(),
                event_type: EventType::parse(event.kind()).map_err(|_| Fault::Row("a kind"))?,
                data: Bytes::from(event.encode()?),
                meta: Bytes::from(envelope.encode(event.version())),
            });
        }
        Ok(Append { stream: stream_name(&stream)?, expected: aggregate.expected(), events: sealed })
    }

    /// Appends; nothing when the stream has moved on meanwhile.
    async fn append(&self, append: Append) -> Result<Option<Appended>, Fault> {
        let mut pause = Duration::from_millis(INDETERMINATE_PAUSE_MS);
        for tried in 0..INDETERMINATE_MAX {
            if tried > 0 {
                tokio::time::sleep(pause).await;
                pause = pause.saturating_mul(2);
            }
            match self.journal().append(append.clone()).await {
                Ok(appended) => return Ok(Some(appended)),
                Err(AppendError::Conflict { .. }) => return Ok(None),
                // That this repeat was not written says nothing of the try before it.
                Err(AppendError::Unavailable { .. }) if tried > 0 => {}
                Err(AppendError::Unavailable { .. }) => return Err(Fault::Unavailable("the journal")),
                Err(AppendError::Indeterminate { .. }) => {}
                Err(error @ (AppendError::IdReused { .. } | AppendError::Empty | AppendError::TooLarge { .. })) => {
                    return Err(Fault::Append(error));
                }
                Err(AppendError::Fatal(fatal)) => {
                    self.projector().stop(&fatal.to_string());
                    return Err(Fault::Append(fatal.into()));
                }
            }
        }
        // The sender repeats with the same key, and is then told the outcome.
        Err(Fault::Unavailable("whether the journal took it is unknown"))
    }

    /// A log that cannot be read any more, whatever is repeated, ends this node's service.
    fn unread(&self, error: ReadError) -> Fault {
        match &error {
            ReadError::Unavailable { .. } => {}
            ReadError::EpochChanged { .. } | ReadError::Fatal(_) => self.projector().stop(&error.to_string()),
        }
        error.into()
    }

    async fn outcome(&self, command: CommandId, position: Option<Position>, replayed: bool) -> CommandOutcome {
        let caught_up = self.projector().caught_up(position).await;
        CommandOutcome { position, replayed, stale: !caught_up, command }
    }
}

/// The stream of a command, and its context.
struct Target {
    stream: Stream,
    context: CommandContext,
}

fn stream_name(stream: &Stream) -> Result<StreamName, Fault> {
    StreamName::parse(&stream.to_string()).map_err(|_| Fault::Row("a stream's name"))
}

fn envelope<C>(
    authorized: &Authorized<C>,
    target: &Target,
    metadata: &CommandMetadata,
    (input, standing_as_of): (Option<[u8; 32]>, Option<Position>),
) -> Metadata {
    let CommandContext { command, now } = target.context;
    Metadata {
        command,
        actor: authorized.identity().actor(),
        on_behalf_of: None,
        authority: authorized.authority(standing_as_of.map(|position| position.0)),
        purpose: authorized.permit().purpose(),
        correlation: command.uuid(),
        causation: None,
        occurred_at: now,
        recorded_at: now,
        channel: metadata.channel,
        input,
    }
}

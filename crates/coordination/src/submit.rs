//! A command's way: standing, load, seen before?, authorise, decide, seal, append.
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
    Append, AppendError, Appended, Direction, Expected, Kind, NewEvent, Position, ReadError, Revision, StreamName,
};
use policy::authorized::{Authorized, Governed};
use policy::decide::Viewer;
use policy::identity::Identity;
use policy::question::ThingFacts;
use policy::words::Action;
use uuid::Uuid;
use vault::KeyId;

use crate::authority::Authority;
use crate::desk::Desk;
use crate::fault::{Failed, Fault, Problem, Refusal};
use crate::happened::Happened;
use crate::sealing;
use crate::shelf::{Loaded, Shelf, Trace};

/// Tries of one command when others append to its stream at the same time.
const CONFLICTS_MAX: u32 = 8;
/// Repeats of an append whose outcome is unknown, with the same ids.
const INDETERMINATE_MAX: u32 = 5;
/// Pause before the first such repeat, in milliseconds; it doubles with each. Together they leave a store that
/// changes hands a second and a half, and the request its time.
const INDETERMINATE_PAUSE_MS: u64 = 100;
/// Events of a stream that are read at once.
const PAGE_MAX: NonZeroU32 = NonZeroU32::MIN.saturating_add(511);

/// How a command reached us, apart from what it asks.
#[derive(Debug, Clone)]
pub struct Sent {
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
    /// When, by the edge's clock.
    pub now: DateTime<Utc>,
}

/// A command that was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// Where its last event lies in the log; the head when it had no effect.
    pub position: Option<Position>,
    /// Whether it had been carried out before.
    pub replayed: bool,
    /// Whether the views had not folded it yet when the wait for them ended.
    pub stale: bool,
    /// The command's id, from which the ids of what it created follow.
    pub command: CommandId,
}

/// An aggregate that is kept in the log.
pub(crate) trait Stored: Decider<Command: Governed> {
    /// Its event among all events.
    fn wrap(event: Self::Event) -> Event;
    /// Its event, if it is one.
    fn unwrap(event: Event) -> Option<Self::Event>;
    /// Its refusal among all refusals.
    fn refuse(refusal: Self::Refusal) -> Refusal;
    /// Whether an event moves it on, so that a command which relied on the state before is refused.
    fn moves(event: &Self::Event) -> bool;
}

/// What a command needs beside itself.
pub(crate) trait Prepare<D: Stored> {
    /// The stream that it appends to.
    fn stream(&self, command: CommandId) -> Stream;
    /// What it aims at, as part of the command's id; nothing when it creates.
    fn target(&self) -> Option<Uuid>;
    /// Whether the sender is known to the target, or was once: else it is missing, and nothing more is done.
    fn known(&self, authority: &Authority, viewer: &Viewer, now: DateTime<Utc>) -> bool;
    /// Looks up what the command rests on and has the policy authorise it.
    ///
    /// # Errors
    /// A [`Problem`] for the sender.
    fn authorise(
        &self,
        authority: &Authority,
        viewer: &Viewer,
        circumstances: Circumstances,
    ) -> Result<Authorized<D::Command>, Problem>;
    /// The patient whose key will wrap the content key of a new thread.
    fn patient(&self) -> Option<PatientId> {
        None
    }
}

/// The id under which a command runs, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Circumstances {
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

/// Refuses beforehand what will not be authorised, so that whoever may not do it hears nothing
/// about what they named in it.
pub(crate) fn may(viewer: &Viewer, action: Action, facts: &ThingFacts<'_>, findable: Action) -> Result<(), Problem> {
    if viewer.may(action, None, facts) { Ok(()) } else { Err(unpermitted(viewer, facts, findable)) }
}

fn unpermitted(viewer: &Viewer, facts: &ThingFacts<'_>, findable: Action) -> Problem {
    let known = viewer.decide(&facts.asking(findable, None)).is_some();
    if known { Problem::NotPermitted } else { Problem::NotFound }
}

impl Desk {
    /// Carries out a command, or says why not.
    pub(crate) async fn submit<D: Stored, P: Prepare<D>>(
        &self,
        shelf: &Shelf<D>,
        (identity, sent): (&Identity, &Sent),
        prepare: &P,
    ) -> Result<Done, Failed> {
        self.projection().head().confirm().await?;
        let command = CommandId::of(&identity.actor(), sent.mutation, prepare.target(), &sent.key);
        let viewer = self.projection().decisions.viewer(*identity);
        if !prepare.known(&self.projection().authority(), &viewer, sent.now) {
            return Err(Problem::NotFound.into());
        }
        let order = Order { stream: prepare.stream(command), circumstances: Circumstances { command, now: sent.now } };
        let slot = shelf.slot(order.stream);
        let mut slot = slot.lock().await;
        for _ in 0..CONFLICTS_MAX {
            // Taken out while it is worked on: a request that is dropped midway leaves no stale state.
            let mut loaded = match slot.take() {
                Some(loaded) => loaded,
                None => self.load(&order.stream).await?,
            };
            if let Some(trace) = loaded.commands.get(&command).copied() {
                *slot = Some(loaded);
                let input = self.input_hash(&order.stream, sent)?;
                if trace.input.zip(input).is_some_and(|(before, now)| before != now) {
                    return Err(Problem::IdempotencyMismatch.into());
                }
                drop(slot);
                return Ok(self.done(command, Some(trace.position), true).await);
            }
            let decided = self.decide(&loaded, (&order, sent), (&viewer, prepare)).await;
            let (authorized, events) = match decided {
                Ok(decided) => decided,
                Err(failed) => {
                    *slot = Some(loaded);
                    return Err(failed);
                }
            };
            if events.is_empty() {
                *slot = Some(loaded);
                drop(slot);
                return Ok(self.done(command, self.projection().authority_at(), false).await);
            }
            if loaded.last.is_none() {
                self.make_key(order.stream, prepare.patient()).await?;
            }
            let input = self.input_hash(&order.stream, sent)?;
            let metadata = metadata(&authorized, &order, sent, (input, self.projection().authority_at()));
            let append = self.sealed(&order, &loaded, &events, &metadata)?;
            match self.append(append).await? {
                Some(appended) => {
                    for event in &events {
                        loaded.state = loaded.state.evolve(event);
                    }
                    loaded.last = Some(appended.last);
                    loaded.commands.insert(command, Trace { position: appended.position, input });
                    *slot = Some(loaded);
                    drop(slot);
                    return Ok(self.done(command, Some(appended.position), false).await);
                }
                // Somebody else was first: read what they did, and decide anew.
                None => continue,
            }
        }
        Err(Fault::Unavailable("the stream is too busy").into())
    }

    async fn decide<D: Stored, P: Prepare<D>>(
        &self,
        loaded: &Loaded<D>,
        (order, sent): (&Order, &Sent),
        (viewer, prepare): (&Viewer, &P),
    ) -> Result<(Authorized<D::Command>, Vec<D::Event>), Failed> {
        let authorized = prepare.authorise(&self.projection().authority(), viewer, order.circumstances)?;
        self.check_version(loaded, order, sent).await?;
        let acting = authorized.acting(order.circumstances.now);
        let decided = loaded.state.decide(authorized.command(), &acting);
        Ok((authorized, decided.map_err(|refusal| Problem::Refused(D::refuse(refusal)))?))
    }

    /// A version conflicts only with an event that moved the thing on since.
    async fn check_version<D: Stored>(&self, loaded: &Loaded<D>, order: &Order, sent: &Sent) -> Result<(), Failed> {
        let (Some(token), Stream::Thread(thread)) = (&sent.expected, order.stream) else { return Ok(()) };
        let version = self.tokens().read_version(thread, token).ok_or(Problem::InvalidVersion)?;
        if loaded.last.is_none_or(|last| version > last) {
            return Err(Problem::InvalidVersion.into());
        }
        let since = self.read_stream(&order.stream, Some(Expected::Exact(version).first())).await?;
        let moved = since.into_iter().filter_map(|happened| D::unwrap(happened.event)).any(|event| D::moves(&event));
        if moved { Err(Problem::VersionConflict.into()) } else { Ok(()) }
    }

    async fn load<D: Stored>(&self, stream: &Stream) -> Result<Loaded<D>, Fault> {
        let mut loaded = Loaded { state: D::initial(), last: None, commands: HashMap::new() };
        for happened in self.read_stream(stream, None).await? {
            let trace = Trace { position: happened.position, input: happened.metadata.input };
            loaded.commands.insert(happened.metadata.command, trace);
            loaded.last = Some(happened.revision);
            let event = D::unwrap(happened.event).ok_or(Fault::Row("a stream holds another's event"))?;
            loaded.state = loaded.state.evolve(&event);
        }
        Ok(loaded)
    }

    async fn read_stream(&self, stream: &Stream, mut from: Option<Revision>) -> Result<Vec<Happened>, Fault> {
        let name = stream_name(stream)?;
        let mut events = Vec::new();
        loop {
            let page = self.journal().read_stream(&name, from, Direction::Forward, PAGE_MAX).await;
            let page = page.map_err(|error| self.unread(error))?;
            for recorded in &page.events {
                events.push(Happened::read(recorded)?);
                from = Some(Expected::Exact(recorded.revision).first());
            }
            if page.at_end {
                return Ok(events);
            }
        }
    }

    /// The input's hash under a key of the stream, so that destroying the key destroys what the
    /// hash could still confirm. Always by the first version of the key: it never changes.
    fn input_hash(&self, stream: &Stream, sent: &Sent) -> Result<Option<[u8; 32]>, Fault> {
        let key = match sealing::node_of(stream) {
            Some(node) => format!("{node}:1").parse::<KeyId>().map_err(|_| Fault::Row("a key id"))?,
            None => self.vault().installation(),
        };
        Ok(self.vault().mac(&key, &sent.input)?)
    }

    /// Makes the key of a new stream, durably, before the first event under it.
    async fn make_key(&self, stream: Stream, patient: Option<PatientId>) -> Result<(), Fault> {
        let vault = Arc::clone(self.vault());
        // Making a key flushes a disk; it must not hold up the other requests of this thread.
        let made = tokio::task::spawn_blocking(move || sealing::ensure_key(&vault, &stream, patient)).await;
        Ok(made.map_err(|_| Fault::Unavailable("the key store"))??)
    }

    /// Seals the events and puts them into an append.
    fn sealed<D: Stored>(
        &self,
        order: &Order,
        loaded: &Loaded<D>,
        events: &[D::Event],
        metadata: &Metadata,
    ) -> Result<Append, Fault> {
        let (stream, command) = (order.stream, order.circumstances.command);
        let mut sealed = Vec::with_capacity(events.len());
        for (index, event) in (0_u32..).zip(events) {
            let id = command.event(&stream, index);
            let mut event = D::wrap(event.clone());
            sealing::seal(self.vault(), &mut event, id, &stream)?;
            sealed.push(NewEvent {
                id: id.uuid(),
                kind: Kind::parse(event.kind()).map_err(|_| Fault::Row("a kind"))?,
                data: Bytes::from(event.encode()?),
                meta: Bytes::from(metadata.encode(event.version())),
            });
        }
        Ok(Append { stream: stream_name(&stream)?, expected: loaded.expected(), events: sealed })
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
                    self.projection().stop(&fatal.to_string());
                    return Err(Fault::Append(fatal.into()));
                }
            }
        }
        // The sender repeats with the same key, and hears then what became of it.
        Err(Fault::Unavailable("whether the journal took it is unknown"))
    }

    /// A log that cannot be read any more, whatever is repeated, ends this node's service.
    fn unread(&self, error: ReadError) -> Fault {
        match &error {
            ReadError::Unavailable { .. } => {}
            ReadError::EpochChanged { .. } | ReadError::Fatal(_) => self.projection().stop(&error.to_string()),
        }
        error.into()
    }

    async fn done(&self, command: CommandId, position: Option<Position>, replayed: bool) -> Done {
        let caught_up = self.projection().caught_up(position).await;
        Done { position, replayed, stale: !caught_up, command }
    }
}

/// Where a command goes, and its circumstances.
struct Order {
    stream: Stream,
    circumstances: Circumstances,
}

fn stream_name(stream: &Stream) -> Result<StreamName, Fault> {
    StreamName::parse(&stream.to_string()).map_err(|_| Fault::Row("a stream's name"))
}

fn metadata<C>(
    authorized: &Authorized<C>,
    order: &Order,
    sent: &Sent,
    (input, standing_as_of): (Option<[u8; 32]>, Option<Position>),
) -> Metadata {
    let Circumstances { command, now } = order.circumstances;
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
        channel: sent.channel,
        input,
    }
}

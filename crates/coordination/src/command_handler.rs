//! The path of every command: target, standing, check for a repeat, permit, version, decide, seal, append.
//!
//! [`Application::execute`] executes every command of every aggregate, from every transport or process. One
//! command appends to exactly one stream. Its id follows from its sender, its name (or that of the message which it
//! posts), its target and the sender's key, so a repeat finds its own events on every store and is answered like the first time.
//! Nothing is decided without the policy's [`Authorized`], and no text is appended unsealed.
//!
//! A new command needs no change here. To add a kind of target, see [`Subject`] in `authorization.rs`.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use care::accepted::{AcceptedEvent, WithoutEffect};
use care::aggregate::{Acting, Aggregate};
use care::care_team::JoinCareTeam;
use care::command_name::{Acts as _, Command, CommandName, Named};
use care::consent_directive::{Deny, DirectiveAct, DirectiveCommand};
use care::draft::{DraftRefusal, Drafts};
use care::envelope::Metadata;
use care::event::{Addressed, Event, Stream};
use care::ids::{CommandId, DraftId, Id, PersonId};
use care::outside_message::SendOutsideMessage;
use care::party::FormSubject;
use care::words::Channel;
use journal::{Append, Direction, Expected, Position, ReadError, Revision};
use policy::decide::Viewer;
use policy::words::Action;
use uuid::Uuid;
use vault::{KeyId, Node};

use crate::aggregate_cache::{CachedAggregate, ProcessedCommand, take};
use crate::appending::until_appended;
use crate::application::Application;
use crate::authorization::draft::{DraftFacts, DraftsOf, is_sent_by};
use crate::authorization::lookups::LookupsAt;
use crate::authorization::namesakes::Namesakes;
use crate::authorization::sending::NotReached;
use crate::authorization::{Sender, Subject};
use crate::caller::Reading;
use crate::command_context::{CommandContext, CommandOutcome};
use crate::command_order::HeldOrder;
use crate::drafts::EndedDraft;
use crate::fault::{Failed, Fault, Problem, Refusal};
use crate::read_models::threads::is_outside;
use crate::recorded_event::RecordedEvent;
use crate::refused_tries::Tried;
use crate::sealing::{self, NewKey, SealingFault};
use crate::waiting::apart;
use crate::written_event::{stream_name, written};

/// Events of a stream that are read in one page.
const PAGE_MAX: NonZeroU32 = NonZeroU32::MIN.saturating_add(511);

/// A command during its execution.
struct Request<'a, C> {
    id: CommandId,
    /// The id that it would have as the other command with which it shares its key.
    also_keyed: Option<CommandId>,
    stream: Stream,
    subject: Subject,
    viewer: &'a Viewer,
    context: &'a CommandContext,
    command: &'a C,
}

impl Application {
    /// Executes a command, or returns why it was refused. `target` is `None` for a command that begins a stream.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or for a fault of the server.
    pub async fn execute<A: Addressed>(
        &self,
        context: &CommandContext,
        target: Option<A::Id>,
        command: &A::Command,
    ) -> Result<CommandOutcome<A::Id>, Failed>
    where
        Refusal: From<A::Refusal>,
    {
        let carried_out = self.carry_out::<A>(context, target, command).await;
        if let Err(Failed::Problem(problem)) = &carried_out {
            let is_refused = match problem {
                Problem::NotFound | Problem::NotPermitted => true,
                // That the rules of care refuse it is looked at where it is about who may do something.
                Problem::Refused(_) => Action::Command(command.name()).changes_who_may(),
                Problem::IdempotencyMismatch | Problem::VersionConflict | Problem::InvalidVersion | Problem::Erased => {
                    false
                }
            };
            if is_refused {
                self.note_refused::<A>(context, target, command);
            }
        }
        let outcome = carried_out?;
        // The end of a role, a membership, an access or a life may leave a thread waiting for somebody who can no longer act,
        // and delegations that rest on it. Nothing rests on a record that was registered now.
        let can_end_something = match A::stream(outcome.target) {
            Stream::Person(_)
            | Stream::Organization(_)
            | Stream::CareTeam(_)
            | Stream::Directives(_)
            | Stream::Delegation(_)
            | Stream::LegalAuthority(_) => true,
            // An offer that was matched begins a delegation. That one was sent begins nothing.
            Stream::OutsideMessage(_) => target.is_some(),
            Stream::Patient(_) => target.is_some(),
            Stream::Thread(_) | Stream::Drafts(_) | Stream::Policy(_) => false,
        };
        if can_end_something && !outcome.replayed {
            self.settle(context.now).await;
        }
        Ok(outcome)
    }

    /// Records that a person tried what is missing or not for them to do, as for a question: off the
    /// answer's path, and alike in both cases. It names what the command was aimed at, or what that which
    /// it would have created is about; and where that was permitted, what the command names beside it.
    fn note_refused<A: Addressed>(&self, context: &CommandContext, target: Option<A::Id>, command: &A::Command) {
        let Some(reading) = Reading::of(&context.identity) else { return };
        let about = match command.opens() {
            Some((_, opening)) => opening.patient.map(Id::uuid).or(opening.organization.map(Id::uuid)),
            None => {
                let of_form = command.form().map(|(_, subject)| named(subject));
                let beside = || self.refused_beside::<A>(context, target?, command).map(named);
                of_form.or_else(beside).or(target.map(Id::uuid)).or(command.at_organization().map(Id::uuid))
            }
        };
        let action = Action::Command(command.name());
        let tried = Tried { action, target: about, organization: command.at_organization() };
        self.record_refused(reading, context.origin.clone(), tried, context.now);
    }

    /// What a command names beside its target and its sender does not reach, where they reach the target.
    fn refused_beside<A: Addressed>(
        &self,
        context: &CommandContext,
        target: A::Id,
        command: &A::Command,
    ) -> Option<FormSubject> {
        command.also_reaches()?;
        let viewer = self.projector().decisions.viewer(context.identity);
        let subject = Subject::of(A::stream(target), false, command);
        match self.projector().authorization().not_reached(&viewer, &subject, command, context.now)? {
            NotReached::Target => None,
            NotReached::Beside(named) => Some(named),
        }
    }

    /// [`Self::execute`] without the consequences in other streams.
    pub(crate) async fn carry_out<A: Addressed>(
        &self,
        context: &CommandContext,
        target: Option<A::Id>,
        command: &A::Command,
    ) -> Result<CommandOutcome<A::Id>, Failed>
    where
        Refusal: From<A::Refusal>,
    {
        self.clock.check()?;
        let keyed = |name| self.command_id(context, name, target.map(Id::uuid));
        let id = keyed(command.keyed_as());
        let also_keyed = command.also_keyed_as().map(keyed).filter(|also| *also != id);
        let created = || A::created_by(command, id).map(A::Id::from_uuid);
        let creates = target.is_none();
        let target = target.or_else(created).ok_or(Problem::NotFound)?;
        let stream = A::stream(target);
        let order = Arc::new(self.order.wait(context, &stream, creates).await);
        self.projector().head().confirm().await?;
        let viewer = self.projector().decisions.viewer(context.identity);
        let subject = Subject::of(stream, creates, command);
        let request = Request { id, also_keyed, stream, subject, viewer: &viewer, context, command };
        if !self.projector().authorization().may_learn_of(&viewer, &request.subject, context.now) {
            return Err(Problem::NotFound.into());
        }
        if let Stream::Patient(_) = stream {
            self.learn_names().await?;
        }
        let done = until_appended(|| self.try_once::<A>(&request, &order)).await?;
        // What follows holds up no other command.
        drop(order);
        if let Some(draft) = done.ended {
            self.destroy_key_of(draft).await;
        }
        Ok(self.outcome(target, done).await)
    }

    /// The id of the command that its sender gives by this name at a target.
    pub(crate) fn command_id(&self, context: &CommandContext, name: CommandName, target: Option<Uuid>) -> CommandId {
        let is_of_seed = context.origin.channel() == Channel::Cli && context.key.is_of_seed();
        CommandId::of(self.id_secret(is_of_seed), &context.identity.actor(), name, target, &context.key)
    }

    /// One try of a command: decided with what its stream and the authorization state hold now, and appended. `None` if
    /// another append came first, or if keys were brought into memory for the decision.
    async fn try_once<A: Addressed>(
        &self,
        request: &Request<'_, A::Command>,
        order: &Arc<HeldOrder>,
    ) -> Result<Option<Done>, Failed>
    where
        Refusal: From<A::Refusal>,
    {
        let Request { id, also_keyed, stream, context, command, .. } = *request;
        let done = |position, effect| Done { id, position, effect, ended: None };
        let slot = self.aggregates.slot(stream);
        let mut slot = slot.lock().await;
        let mut cached = match take::<A>(&mut slot) {
            Some(cached) => cached,
            None => self.load::<A>(&stream).await?,
        };
        if also_keyed.is_some_and(|also| cached.commands.contains_key(&also)) {
            self.aggregates.put(stream, &mut slot, cached);
            return Err(Problem::IdempotencyMismatch.into());
        }
        if let Some(processed) = cached.commands.get(&id).copied() {
            self.aggregates.put(stream, &mut slot, cached);
            if self.is_of_other_input(processed, request)? {
                return Err(Problem::IdempotencyMismatch.into());
            }
            return Ok(Some(done(Some(processed.position), Effect::Before)));
        }
        let decided = match self.decide(&cached, request) {
            Ok(decided) => self.check_draft(request).await.map(|()| decided),
            Err(NotDecided::Failed(failed)) => Err(failed),
            Err(NotDecided::NotHeld(keys)) => {
                self.aggregates.put(stream, &mut slot, cached);
                self.hold(keys).await?;
                return Ok(None);
            }
        };
        let decided = match decided {
            Ok(decided) => decided,
            Err(failed) => {
                self.aggregates.put(stream, &mut slot, cached);
                return Err(failed);
            }
        };
        let has_effect = !decided.events.is_empty();
        let events: Vec<Event> = if has_effect {
            decided.events.iter().cloned().map(Into::into).collect()
        } else if cached.last.is_some() && context.identity.person().is_some() && command.is_recorded_without_effect() {
            vec![Event::Accepted(AcceptedEvent::WithoutEffect(WithoutEffect {}))]
        } else {
            self.aggregates.put(stream, &mut slot, cached);
            return Ok(Some(done(self.projector().authorization_at(), Effect::None)));
        };
        let begins = cached.last.is_none();
        if let Some(key) = events.first().and_then(|first| NewKey::of(&stream, first, begins)) {
            self.make_key(key).await.map_err(Failed::of_sealing)?;
        }
        let ended = events.iter().find_map(sealing::ended_by);
        let input = self.input_hash(request)?;
        let metadata = Metadata { input, ..decided.metadata };
        let append = self.sealed(request, cached.expected(), events, &metadata);
        let append = append.map_err(Failed::of_sealing)?;
        let Some(appended) = self.append(append, Arc::clone(order)).await? else { return Ok(None) };
        let first = cached.expected().first();
        for (index, event) in (0_u64..).zip(&decided.events) {
            if A::is_transition(event) {
                cached.last_transition = Some(Revision(first.0.saturating_add(index)));
            }
            cached.state = cached.state.evolve(event);
        }
        cached.last = Some(appended.last);
        cached.commands.insert(id, ProcessedCommand { position: appended.position, input });
        self.aggregates.put(stream, &mut slot, cached);
        let ended = ended.map(|draft| EndedDraft { draft, event: id.event(&stream, 0) });
        let effect = if has_effect { Effect::Now } else { Effect::None };
        Ok(Some(Done { ended, ..done(Some(appended.position), effect) }))
    }

    /// Learns the names that this process has not compared yet, before a decision holds the authorization state: after a
    /// start these are all.
    async fn learn_names(&self) -> Result<(), Fault> {
        let missing = self.name_digests.missing(&self.projector().authorization());
        if missing.is_empty() {
            return Ok(());
        }
        let (vault, digests) = (Arc::clone(self.vault()), Arc::clone(&self.name_digests));
        let learn = move || missing.iter().try_for_each(|name| digests.learn(&vault, name).map(drop));
        Ok(apart("the key store", learn).await??)
    }

    /// Brings keys into memory that a decision needs.
    async fn hold(&self, keys: Vec<KeyId>) -> Result<(), Fault> {
        let vault = Arc::clone(self.vault());
        Ok(apart("the key store", move || keys.iter().try_for_each(|key| vault.hold(key))).await??)
    }

    /// The synchronous part of the path: permit, version, decision.
    fn decide<A: Aggregate>(
        &self,
        cached: &CachedAggregate<A>,
        request: &Request<'_, A::Command>,
    ) -> Result<Decided<A::Event>, NotDecided>
    where
        Refusal: From<A::Refusal>,
    {
        let Request { id, stream, subject, viewer, context, command, .. } = request;
        let state = self.projector().authorization();
        if let Subject::Drafts { author: _, form: Some(form) } = subject {
            // A draft is saved only while its form may be sent.
            let subject = Subject::of_form(*form);
            let held = state.standings(&subject, context.identity.actor(), context.now);
            if !state.may_send(viewer, *form, &held) {
                let finds = state.finds(viewer, &subject, state.facts(&subject, &held));
                return Err(if finds { Problem::NotPermitted } else { Problem::NotFound }.into());
            }
        }
        let held = state.standings(subject, context.identity.actor(), context.now);
        let sender = Sender { viewer, held: &held, now: context.now };
        let authorized = state.authorize(sender, subject, *command)?;
        if let Some(also) = command.also_reaches() {
            state.check_reaches(viewer, also, context.now)?;
        }
        // A draft has a version of its own, which its save carries.
        let token = context.expected.as_ref().filter(|_| !matches!(stream, Stream::Drafts(_)));
        if let Some(token) = token {
            let is_outside = matches!(stream, Stream::Thread(_)) && is_outside(authorized.permit());
            self.check_version(cached, stream.uuid(), token, is_outside)?;
        }
        let (digests, fault) = (&self.name_digests, OnceLock::new());
        let namesakes = Namesakes { vault: self.vault(), digests, viewer, fault, not_held: Mutex::default() };
        let lookups = LookupsAt { state: &state, now: context.now, namesakes: Some(namesakes) };
        let acting = Acting {
            by: context.identity.actor(),
            role: authorized.permit().role(),
            capacity: authorized.capacity(),
            grant: authorized.permit().reach().grant,
            thread: match (stream, cached.last) {
                (Stream::Thread(thread), Some(_)) => Some(*thread),
                _ => None,
            },
            command: *id,
            now: context.now,
            readable: state.readable(viewer, subject, &held),
            lookups: &lookups,
            time_zones: self.time_zones(),
        };
        let decided = cached.state.decide(authorized.command(), &acting);
        if let Some(Namesakes { fault, not_held, .. }) = lookups.namesakes {
            if let Some(fault) = fault.into_inner() {
                return Err(Fault::from(fault).into());
            }
            let not_held = not_held.into_inner().unwrap_or_else(PoisonError::into_inner);
            if !not_held.is_empty() {
                return Err(NotDecided::NotHeld(not_held));
            }
        }
        let events = decided.map_err(|refusal| Problem::Refused(Refusal::from(refusal)))?;
        let as_of = self.projector().authorization_at().map(|position| position.0);
        let metadata = Metadata {
            command: *id,
            actor: context.identity.actor(),
            on_behalf_of: authorized.permit().held().reach.on_behalf_of,
            delegation: authorized.permit().reach().grant,
            grounds: authorized.grounds(as_of),
            purpose: authorized.permit().purpose(),
            correlation: id.uuid(),
            causation: context.causation,
            occurred_at: context.now,
            recorded_at: context.now,
            channel: context.origin.channel(),
            input: None,
            draft: context.draft.map(|sent| sent.id),
        };
        Ok(Decided { events, metadata })
    }

    /// A version conflicts only with a transition since. Who is outside of the thread is told of none.
    fn check_version<A>(
        &self,
        cached: &CachedAggregate<A>,
        target: Uuid,
        token: &str,
        is_outside: bool,
    ) -> Result<(), Problem> {
        let version = self.tokens().read_version(target, token).ok_or(Problem::InvalidVersion)?;
        if cached.last.is_none_or(|last| version > last) {
            return Err(Problem::InvalidVersion);
        }
        if !is_outside && cached.last_transition.is_some_and(|transition| transition > version) {
            return Err(Problem::VersionConflict);
        }
        Ok(())
    }

    async fn load<A: Aggregate>(&self, stream: &Stream) -> Result<CachedAggregate<A>, Fault> {
        let mut cached =
            CachedAggregate { state: A::initial(), last: None, last_transition: None, commands: HashMap::new() };
        let name = stream_name(stream)?;
        let mut from = None;
        loop {
            let page = self.journal().read_stream(&name, from, Direction::Forward, PAGE_MAX).await;
            let page = page.map_err(|error| self.unread(error))?;
            for recorded in &page.events {
                let recorded = RecordedEvent::read(recorded)?;
                from = Some(Expected::Exact(recorded.revision).first());
                let processed = ProcessedCommand { position: recorded.position, input: recorded.metadata.input };
                cached.commands.insert(recorded.metadata.command, processed);
                cached.last = Some(recorded.revision);
                if let Event::Accepted(_) | Event::Key(_) = &recorded.event {
                    continue;
                }
                let event =
                    A::Event::try_from(recorded.event).map_err(|_| Fault::Row("a stream holds another's event"))?;
                if A::is_transition(&event) {
                    cached.last_transition = Some(recorded.revision);
                }
                cached.state = cached.state.evolve(&event);
            }
            if page.at_end {
                return Ok(cached);
            }
        }
    }

    /// The keyed hash of the input. It uses the first version of the key, which never changes.
    fn input_hash<C: Command>(&self, request: &Request<'_, C>) -> Result<Option<[u8; 32]>, Fault> {
        let key = match input_node(request) {
            Some(node) => format!("{node}:1").parse::<KeyId>().map_err(|_| Fault::Row("a key id"))?,
            None => self.vault().installation(),
        };
        // Two commands that take the same fields are two inputs.
        let input = [request.command.name().word().as_bytes(), &[0], &request.context.input].concat();
        Ok(self.vault().mac(&key, &input)?)
    }

    /// Whether a command was processed before with another input than that of the request. Where its key was destroyed,
    /// that is not known.
    fn is_of_other_input<C: Command>(
        &self,
        processed: ProcessedCommand,
        request: &Request<'_, C>,
    ) -> Result<bool, Fault> {
        match self.input_hash(request) {
            Ok(input) => Ok(processed.input.zip(input).is_some_and(|(before, now)| before != now)),
            // The input names a draft that was never saved.
            Err(Fault::Sealing(SealingFault::Vault(vault::Error::UnknownKey))) => Ok(true),
            Err(fault) => Err(fault),
        }
    }

    /// Checks the draft that a command sends: it is the sender's, belongs to the command's form, and has not ended.
    async fn check_draft<C: Command>(&self, request: &Request<'_, C>) -> Result<(), Failed> {
        let Request { stream, context, command, .. } = request;
        let (Some(sent), Some(author)) = (context.draft, context.identity.person()) else { return Ok(()) };
        let known = {
            let state = self.projector().authorization();
            state.entity::<DraftsOf>(author.uuid()).and_then(|of| of.drafts.get(&sent.id).copied())
        };
        let refusal = match known {
            Some(DraftFacts { form: _, sent: Some(_) }) => DraftRefusal::Ended,
            Some(DraftFacts { form, sent: None }) => match form {
                Some(form) if !is_sent_by(form, *stream, *command) => DraftRefusal::OtherForm,
                Some(_) | None => return Ok(()),
            },
            // It has ended or was never saved.
            None if self.has_ended(author, sent.id).await? => DraftRefusal::Ended,
            None if sent.may_be_unsaved => return Ok(()),
            None => DraftRefusal::Missing,
        };
        Err(Problem::Refused(refusal.into()).into())
    }

    /// Whether a draft has ended, by the stream of its author's drafts. The read models know it too, but a command holds its
    /// thread and its place in the order of commands here, so it waits for no fold: that may take seconds, and may not end at all.
    async fn has_ended(&self, author: PersonId, draft: DraftId) -> Result<bool, Fault> {
        let stream = Stream::Drafts(author);
        let slot = self.aggregates.slot(stream);
        let mut slot = slot.lock().await;
        let cached = match take::<Drafts>(&mut slot) {
            Some(cached) => cached,
            None => self.load::<Drafts>(&stream).await?,
        };
        let has_ended = cached.state.has_ended(draft);
        self.aggregates.put(stream, &mut slot, cached);
        Ok(has_ended)
    }

    /// Creates a key, durably, before the first event under it.
    async fn make_key(&self, key: NewKey) -> Result<(), Fault> {
        let vault = Arc::clone(self.vault());
        // Creating a key flushes a disk, so it must not block the other requests of this thread.
        Ok(apart("the key store", move || key.ensure(&vault)).await??)
    }

    /// Seals the events and puts them into an append.
    fn sealed<C>(
        &self,
        request: &Request<'_, C>,
        expected: Expected,
        events: Vec<Event>,
        metadata: &Metadata,
    ) -> Result<Append, Fault> {
        let stream = request.stream;
        let mut sealed = Vec::with_capacity(events.len());
        for (index, mut event) in (0_u32..).zip(events) {
            let id = request.id.event(&stream, index);
            sealing::seal(self.vault(), &mut event, id, &stream)?;
            sealed.push(written(&event, id, metadata)?);
        }
        Ok(Append { stream: stream_name(&stream)?, expected, events: sealed })
    }

    /// A fatal error of the log, which no repeat can correct, stops this node.
    fn unread(&self, error: ReadError) -> Fault {
        match &error {
            ReadError::Unavailable { .. } => {}
            ReadError::EpochChanged { .. } | ReadError::Fatal(_) => self.projector().stop(&error.to_string()),
        }
        error.into()
    }

    async fn outcome<I>(&self, target: I, done: Done) -> CommandOutcome<I> {
        let Done { id, position, effect, ended: _ } = done;
        let caught_up = self.projector().caught_up(position).await;
        let (replayed, has_effect) = (effect == Effect::Before, effect == Effect::Now);
        CommandOutcome { command: id, target, position, replayed, has_effect, stale: !caught_up }
    }
}

fn named(subject: FormSubject) -> Uuid {
    match subject {
        FormSubject::Thread(thread) => thread.uuid(),
        FormSubject::Patient(patient) => patient.uuid(),
        FormSubject::Organization(organization) => organization.uuid(),
    }
}

/// The node under whose key the input of a command is hashed: that which seals its text, so that nobody can test a guess of
/// the input against the hash after the key is destroyed. But a sender who repeats a command with another input notices by the
/// answer that its key was destroyed: then the inputs are not told apart any more. A sender of a message from outside may not
/// notice that it was erased, so the input is hashed under a key of theirs, which outlives it.
fn input_node<C: Command>(request: &Request<'_, C>) -> Option<Node> {
    let sender = request.context.identity.person().filter(|_| request.command.name() == SendOutsideMessage::NAME);
    sender.map(|person| Node::Person(person.uuid())).or_else(|| sealing_node(request))
}

/// The node whose key seals what a command says; none of a command without a text to a care team or about directives: its
/// input is hashed under a key that outlives the patient's, so that it can be given then too.
fn sealing_node<C: Command>(Request { stream, command, .. }: &Request<'_, C>) -> Option<Node> {
    // Of the commands to a draft, only the one that saves it has text.
    let draft = command.form().and_then(|_| command.draft());
    let has_text = [JoinCareTeam::NAME, Deny::NAME].contains(&command.name())
        || DirectiveCommand::named(command.name()).is_some_and(DirectiveAct::needs_text);
    if has_text { sealing::text_node_of(stream, draft) } else { sealing::node_of(stream, draft) }
}

/// The outcome of a command before the wait for the read models.
struct Done {
    id: CommandId,
    position: Option<Position>,
    effect: Effect,
    /// The draft that it ended, whose key is to be destroyed.
    ended: Option<EndedDraft>,
}

/// When a command had its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// It appended events now.
    Now,
    /// It appended them before, under the same key.
    Before,
    /// It was already so.
    None,
}

/// Why nothing was decided.
enum NotDecided {
    /// For a reason that the sender is told.
    Failed(Failed),
    /// These keys are needed in memory first.
    NotHeld(Vec<KeyId>),
}

impl<E: Into<Failed>> From<E> for NotDecided {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// The decided events, not appended yet.
struct Decided<E> {
    events: Vec<E>,
    metadata: Metadata,
}

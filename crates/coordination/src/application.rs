//! The application: executes commands, keeps the authorization state and read models, answers queries, seals and opens.
//!
//! [`Application::open`] proves that log, read models and keys belong together before anything is served. If
//! they do not, its error names the part.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use care::event::{Event, Stream};
use care::idempotency::{IdSecret, IdempotencyKey};
use care::ids::{Id, PersonId, PolicyId};
use care::policy_root::{ActivatePolicy, PolicyCommand, PolicyEvent, PolicyRoot};
use care::time_zone::TimeZones;
use care::words::Channel;
use chrono::{DateTime, TimeDelta, Utc};
use journal::{Direction, Journal, Position, StreamName};
use policy::active::ActivePolicy;
use policy::decide::DecisionPoint;
use policy::identity::Identity;
use policy::text::PolicyText;
use tokio::runtime::Handle;
use tokio::task::block_in_place;
use uuid::Uuid;
use vault::{KeyId, KeyState, Vault};

use crate::access::AccessLog;
use crate::access_head::AccessHead;
use crate::access_index::{AccessIndex, OpenAccessIndexError};
use crate::aggregate_cache::AggregateCache;
use crate::authorization::namesakes::NameDigests;
use crate::caller::{CallerKept, Origin, Reading};
use crate::clock::{BEHIND_MAX, ClockRefused, ClockWatch, compare};
use crate::command_context::{CommandContext, CommandOutcome};
use crate::destroyed_keys;
use crate::fault::{Failed, Fault};
use crate::pace::Pace;
use crate::projector::{Projector, load_policy};
use crate::read_models::{Checkpoint, OpenReadModelsError, ReadModels};
use crate::recorded_event::RecordedEvent;
use crate::refused_tries::{RefusedTry, Tried};
use crate::rounds::Rounds;
use crate::sealing::SealingFault;
use crate::store_check::{EachStore, Reason, StoreCheck, Watched};
use crate::tokens::{GivenPosition, PositionToken, Tokens};
use crate::waiting::{apart, aside};

/// The open stores of an application. The program opens them.
pub struct Stores {
    /// The care log.
    pub care: Arc<dyn Journal>,
    /// The access log.
    pub access: Arc<dyn Journal>,
    /// The keys.
    pub vault: Arc<Vault>,
    /// The directory of this node's read models.
    pub read_models: PathBuf,
}

/// The arguments of a start that only the program can supply: a random id, the time and the rules of time zones.
#[derive(Debug)]
pub struct Start {
    /// A random id of this start of the node.
    pub node: Uuid,
    /// The time of the start.
    pub now: DateTime<Utc>,
    /// Whether a person says that the clock is right, however far it is from the last event of the log.
    pub accept_clock: bool,
    /// The rules by which due times are computed.
    pub time_zones: TimeZones,
}

/// Why an application is not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenApplicationError {
    /// The log ends before the read models' checkpoint: its tail is lost, or it is another log.
    #[error(
        "the {log} log ends before the read models' checkpoint at position {checkpoint}: its tail is lost (head: {head:?})"
    )]
    LostTail {
        /// Which of the two logs.
        log: &'static str,
        /// Where the read models are.
        checkpoint: u64,
        /// Where the log ends.
        head: Option<u64>,
    },
    /// The read models were folded from another log, or from one that was restored.
    #[error("the read models were not folded from this care log; `carefold read-models rebuild` folds them again")]
    ForeignReadModels,
    /// The clock is too far from the last event of the log.
    #[error(transparent)]
    Clock(#[from] ClockRefused),
    /// Something else is in the place of the last record that is known: the log was put back, and went on.
    #[error(
        "the access log does not hold the last record that the read models know of, at position {checkpoint}: its tail is lost, or it is another's"
    )]
    OtherAccessLog {
        /// Where that record was.
        checkpoint: u64,
    },
    /// An event names a key that is neither there nor destroyed.
    #[error("the key store lacks a key that the log names ({key}): it is older than the log or another's")]
    MissingKey {
        /// The key's id; it names no person.
        key: String,
    },
    /// A key with the right id exists but does not open the text: two installations may use the same key ids.
    #[error("the texts of the care log do not open under these keys: the log or the key store is another's")]
    ForeignTexts,
    /// The log is not the one that the read models were folded from, nor a moved copy of it.
    #[error(
        "this care log does not hold the last event that the read models know of: it is another's, or not all of it was moved"
    )]
    NotMoved,
    /// The read models cannot be opened.
    #[error(transparent)]
    ReadModels(#[from] OpenReadModelsError),
    /// The index of the access log cannot be opened.
    #[error(transparent)]
    AccessIndex(#[from] OpenAccessIndexError),
    /// The shipped policy is not sound.
    #[error("the shipped policy cannot be loaded")]
    Policy,
    /// Something else failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The first events could not be written.
    #[error("the first event of the log could not be written")]
    Begin(#[source] Failed),
}

impl From<rusqlite::Error> for OpenApplicationError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Fault(error.into())
    }
}

impl From<journal::ReadError> for OpenApplicationError {
    fn from(error: journal::ReadError) -> Self {
        Self::Fault(error.into())
    }
}

/// The application.
pub struct Application {
    journal: Arc<dyn Journal>,
    /// How long commands wait for their appends.
    pub(crate) care_pace: Arc<Pace>,
    vault: Arc<Vault>,
    projector: Arc<Projector>,
    time_zones: TimeZones,
    tokens: Tokens,
    id_secret: IdSecret,
    access: Arc<AccessLog>,
    access_index: Arc<AccessIndex>,
    store_check: Arc<StoreCheck>,
    pub(crate) clock: ClockWatch,
    pub(crate) aggregates: AggregateCache,
    /// One round of processes at a time.
    pub(crate) rounds: tokio::sync::Mutex<Rounds>,
    /// One change of who may do something, or new name, at a time.
    pub(crate) one_at_a_time: Arc<tokio::sync::Mutex<()>>,
    /// Held by commands on their way into the log, and alone by those that change who may do something.
    pub(crate) who_may: Arc<tokio::sync::RwLock<()>>,
    /// By which names are compared.
    pub(crate) name_digests: Arc<NameDigests>,
    pub(crate) sends_of_drafts: SendsOfDrafts,
}

/// One command that sends a draft at a time for each person; a few persons share a lock.
#[derive(Default)]
pub(crate) struct SendsOfDrafts([Arc<tokio::sync::Mutex<()>>; 16]);

impl SendsOfDrafts {
    /// The lock of a person.
    pub fn of(&self, author: PersonId) -> Arc<tokio::sync::Mutex<()>> {
        let [first, ..] = &self.0;
        let place = usize::from(author.uuid().as_bytes()[0]) % self.0.len();
        Arc::clone(self.0.get(place).unwrap_or(first))
    }
}

/// How the application and its stores are, for readiness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness {
    /// Why folding stopped, if it did.
    pub stopped: Option<String>,
    /// Whether the log answered within the last second, and held nothing that this node does not know of.
    pub journal_confirmed: bool,
    /// Whether the access log answers.
    pub access_log_answers: bool,
    /// Whether the index of the access log has been behind for longer than a list waits for it.
    pub access_index_late: bool,
    /// Whether the read models have folded all that the authorization state has.
    pub read_models_caught_up: bool,
    /// Whether they have been behind for longer than a command waits for them. A short delay is normal.
    pub read_models_late: bool,
    /// Whether the clock was not moved too far since the start.
    pub clock_is_right: bool,
    /// Why each store cannot be read: it failed, and did not work since.
    pub readable: EachStore<Reason>,
    /// Why each store cannot be written, or not in the time that is right for an answer.
    pub writable: EachStore<Reason>,
    /// The policy in force.
    pub policy_version: String,
}

impl Application {
    /// Verifies the stores, loads the authorization state, folds new events and begins to follow the log.
    ///
    /// # Errors
    /// [`OpenApplicationError`] naming the part that does not fit.
    pub async fn open(stores: Stores, start: Start) -> Result<Arc<Self>, OpenApplicationError> {
        let Stores { care, access, vault, read_models } = stores;
        vault.wait_by(aside);
        let Start { node, now, accept_clock, time_zones } = start;
        let identity = care.identity().await?;
        if let Some(checkpoint) = ReadModels::found(&read_models) {
            prove_checkpoint(checkpoint, &care).await?;
        }
        let access_head = ReadModels::found_access_head(&read_models);
        if let Some(head) = access_head {
            prove_access_head(head, &access).await?;
        }
        let directory = read_models.clone();
        let opening = move || ReadModels::open(&read_models, identity);
        let read_models = Arc::new(apart("the read models", opening).await??);
        if let Some(head) = access_head {
            // The file may have been begun anew.
            read_models.access_head.saw(head);
        }
        let known_access = Arc::clone(&read_models.access_head);
        let access_journal = Arc::clone(&access);
        let access = Arc::new(AccessLog::new(access, access_journal.identity().await?, known_access, node));
        warn_of_damaged_keys(&vault).await?;
        prove(&read_models, &vault).await?;
        let authorization = crate::read_models::entities::load(&read_models.snapshot()?)?;
        let policy = match latest_policy(&care).await? {
            Some(text) => load_policy(&text).map_err(|_| OpenApplicationError::Policy)?,
            None => ActivePolicy::load(PolicyText::shipped()).map_err(|_| OpenApplicationError::Policy)?,
        };
        let begun = authorization.has_policy();
        let decisions = DecisionPoint::new(policy);
        let projector = Projector::start(Arc::clone(&care), Arc::clone(&read_models), authorization, decisions)?;
        let access_index = AccessIndex::open(Arc::clone(&access_journal), Arc::clone(&projector), &directory).await?;
        let care_pace = Arc::<Pace>::default();
        let store_check = StoreCheck::new(Watched {
            care: Arc::clone(&care),
            access: access_journal,
            access_index: Arc::clone(&access_index),
            read_models,
            keys: Arc::clone(&vault),
            care_pace: Arc::clone(&care_pace),
            access_pace: Arc::clone(&access.pace),
        });
        StoreCheck::start(&store_check).await;
        let application = Arc::new(Self {
            journal: care,
            care_pace,
            tokens: Tokens { vault: Arc::clone(&vault), epoch: identity.epoch },
            id_secret: id_secret(&vault)?,
            vault,
            projector,
            store_check,
            clock: ClockWatch::default(),
            time_zones,
            access,
            access_index,
            aggregates: AggregateCache::default(),
            rounds: tokio::sync::Mutex::default(),
            one_at_a_time: Arc::default(),
            who_may: Arc::default(),
            name_digests: Arc::default(),
            sends_of_drafts: SendsOfDrafts::default(),
        });
        tokio::spawn(AccessLog::watch(Arc::downgrade(&application.access)));
        if let Err(fault) = application.projector.catch_up().await {
            if application.projector.stopped().is_none() {
                return Err(fault.into());
            }
            // This software cannot read an event, so the node serves nothing, and its readiness gives the reason.
            tracing::error!(%fault, "the log cannot be folded to its end");
            return Ok(application);
        }
        AccessIndex::start(&application.access_index);
        if let Some(last) = application.projector.read_models.checkpoint()?.recorded {
            let found = compare(now, last);
            if found != Ok(false) {
                tracing::warn!(%now, %last, "the clock is far from the last event of the log; look whether it is right");
            }
            if !accept_clock {
                found?;
            }
        }
        let (read_models, vault) = (Arc::clone(&application.projector.read_models), Arc::clone(&application.vault));
        apart("the key store", move || destroyed_keys::carry_out_again(&read_models, &vault)).await??;
        // The events after the read models' old checkpoint were folded above, so their keys can be checked too.
        prove(&application.projector.read_models, &application.vault).await?;
        if !begun && !application.projector.authorization().has_policy() {
            application.begin(now).await.map_err(OpenApplicationError::Begin)?;
        }
        Ok(application)
    }

    /// The first event of an installation: the shipped policy, with its full text.
    async fn begin(&self, now: DateTime<Utc>) -> Result<(), Failed> {
        self.activate_policy(&Identity::installation(), PolicyText::shipped(), now).await?;
        Ok(())
    }

    /// Puts a policy version in force, after it was linted, tested by its cases and probed.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or for an internal fault.
    pub async fn activate_policy(
        &self,
        identity: &Identity,
        text: PolicyText,
        now: DateTime<Utc>,
    ) -> Result<CommandOutcome<PolicyId>, Failed> {
        let version = text.version();
        let context = CommandContext {
            identity: *identity,
            key: IdempotencyKey::parse(&version).map_err(|_| Fault::Row("a policy version"))?,
            input: version.clone().into_bytes(),
            expected: None,
            draft: None,
            origin: Origin::of(Channel::Cli),
            correlation: None,
            causation: None,
            now,
        };
        let command = PolicyCommand::from(ActivatePolicy { version, text: text.to_text() });
        self.execute::<PolicyRoot>(&context, Some(PolicyId::ROOT), &command).await
    }

    /// Stops following and folding. All acknowledged commands are already durable. Refused tries that were only counted so
    /// far are recorded, if the access log answers within two seconds.
    pub fn close(&self) {
        block_in_place(|| Handle::current().block_on(self.access.finish()));
        self.access_index.close();
        self.store_check.stop();
        self.projector.close();
        if let Err(error) = self.projector.read_models.note_access_head() {
            tracing::warn!(%error, "the head of the access log could not be noted");
        }
    }

    /// How the application and its stores are now.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        Readiness {
            stopped: self.projector.stopped(),
            journal_confirmed: self.projector.head().is_confirmed(),
            access_log_answers: self.access.answers(),
            access_index_late: self.access_index.is_late(),
            read_models_caught_up: self.projector.read_models_at() >= self.projector.authorization_at(),
            read_models_late: self.projector.read_models_are_late(),
            clock_is_right: self.clock.is_right(),
            readable: self.store_check.readable(),
            writable: self.store_check.writable(),
            policy_version: self.projector.decisions.policy().version().to_owned(),
        }
    }

    /// Waits until the read models hold everything that the log held when this was called.
    ///
    /// # Errors
    /// [`Fault`] when folding has stopped.
    pub async fn catch_up(&self) -> Result<(), Fault> {
        self.projector.catch_up().await
    }

    /// Up to where this node decides about commands. The read models may be a moment behind.
    pub fn decided_at(&self) -> Option<Position> {
        self.projector.authorization_at()
    }

    /// The encrypted token of a position; `salt` is random, so that two tokens of one position differ.
    ///
    /// # Errors
    /// [`Fault`] when the vault fails.
    pub fn position_token(&self, position: Option<Position>, salt: Uuid) -> Result<PositionToken, Fault> {
        self.tokens.position(position.unwrap_or(Position(0)), salt)
    }

    /// The position that a token names.
    #[must_use]
    pub fn read_position(&self, token: &str) -> GivenPosition {
        self.tokens.read_position(token)
    }

    /// The instant of a request or a round of processes: that of the program's clock, but not before the newest event.
    /// So where a clock was set back, what was granted holds, what expired stays expired, and what is recorded next
    /// comes after what was recorded before. A clock that is back by more than a day is taken as it is: then the newest
    /// event is likelier to be wrong.
    #[must_use]
    pub fn instant(&self, clock: DateTime<Utc>) -> DateTime<Utc> {
        match self.projector.authorization().newest {
            Some(newest) if clock < newest && newest.signed_duration_since(clock) < BEHIND_MAX => {
                newest.checked_add_signed(TimeDelta::microseconds(1)).unwrap_or(clock)
            }
            Some(_) | None => clock,
        }
    }

    /// From now on, commands are refused while `is_right` says that the clock is wrong.
    pub fn watch_clock(&self, is_right: impl Fn() -> bool + Send + Sync + 'static) {
        self.clock.by(Box::new(is_right));
    }

    /// The rules of time zones that this node was started with.
    #[must_use]
    pub fn time_zones(&self) -> &TimeZones {
        &self.time_zones
    }

    /// Says what the access log keeps of callers, before the first request.
    pub fn keep_of_callers(&self, kept: CallerKept) {
        self.access.keep(kept);
    }

    pub(crate) fn journal(&self) -> &Arc<dyn Journal> {
        &self.journal
    }

    pub(crate) fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }

    pub(crate) fn projector(&self) -> &Projector {
        &self.projector
    }

    /// What the ids of commands follow from. The seeding of a demonstration has keys that stand in the program, so that
    /// its ids are the same in every installation. No request is of the seeding, whatever its key.
    pub(crate) const fn id_secret(&self, is_of_seed: bool) -> Option<&IdSecret> {
        if is_of_seed { None } else { Some(&self.id_secret) }
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    pub(crate) fn access(&self) -> &Arc<AccessLog> {
        &self.access
    }

    pub(crate) fn access_index(&self) -> &AccessIndex {
        &self.access_index
    }

    /// Records a refused try, with where the person works now.
    pub(crate) fn record_refused(&self, reading: Reading, origin: Origin, tried: Tried, at: DateTime<Utc>) {
        let works_at = self.projector.authorization().employers(reading.person, at);
        self.access.refused(RefusedTry { reading, origin, tried, works_at, at });
    }
}

/// The secret of an installation's ids. It follows from the installation's key, which lasts as long as the log.
fn id_secret(vault: &Vault) -> Result<IdSecret, Fault> {
    let bytes = vault.mac(&vault.installation(), b"ids of commands")?;
    bytes.map(IdSecret::new).ok_or(Fault::Unavailable("the installation's key"))
}

/// Proves that a checkpoint of the read models lies in this log.
async fn prove_checkpoint(checkpoint: Checkpoint, journal: &Arc<dyn Journal>) -> Result<(), OpenApplicationError> {
    if checkpoint.identity != journal.identity().await? {
        return Err(OpenApplicationError::ForeignReadModels);
    }
    let Some((position, event)) = checkpoint.last else { return Ok(()) };
    let head = journal.head().await?;
    if head.is_none_or(|head| head < position) {
        return Err(OpenApplicationError::LostTail {
            log: "care",
            checkpoint: position.0,
            head: head.map(|head| head.0),
        });
    }
    if !journal.holds(position, care::ids::Id::uuid(event)).await? {
        return Err(OpenApplicationError::ForeignReadModels);
    }
    Ok(())
}

/// Proves that the last record that is known lies in this access log. One of another epoch was restored, and what it lost
/// is known.
async fn prove_access_head(head: AccessHead, access: &Arc<dyn Journal>) -> Result<(), OpenApplicationError> {
    if head.identity != access.identity().await? {
        return Ok(());
    }
    let (checkpoint, found) = (head.position.0, access.head().await?);
    if found.is_none_or(|found| found < head.position) {
        return Err(OpenApplicationError::LostTail { log: "access", checkpoint, head: found.map(|head| head.0) });
    }
    if !access.holds(head.position, head.event).await? {
        return Err(OpenApplicationError::OtherAccessLog { checkpoint });
    }
    Ok(())
}

/// What the read models of a data directory know of the ends of the logs.
#[derive(Debug, Clone, Copy, Default)]
pub struct KnownEnds {
    care: Option<Checkpoint>,
    access: Option<AccessHead>,
}

impl KnownEnds {
    /// What the read models' file says, of whatever shape it is. It is read before the logs: a server may run.
    #[must_use]
    pub fn of(read_models: &Path) -> Self {
        Self { care: ReadModels::found(read_models), access: ReadModels::found_access_head(read_models) }
    }

    /// Proves that the care log has not lost its end. Another log, and one that was restored, is not the one that is known.
    ///
    /// # Errors
    /// [`OpenApplicationError`] when it has, or cannot be read.
    pub async fn prove_care(&self, care: &Arc<dyn Journal>) -> Result<(), OpenApplicationError> {
        let Some(checkpoint) = self.care else { return Ok(()) };
        if checkpoint.identity != care.identity().await? {
            return Ok(());
        }
        prove_checkpoint(checkpoint, care).await
    }

    /// The same of the access log.
    ///
    /// # Errors
    /// [`OpenApplicationError`] when it has, or cannot be read.
    pub async fn prove_access(&self, access: &Arc<dyn Journal>) -> Result<(), OpenApplicationError> {
        let Some(head) = self.access else { return Ok(()) };
        prove_access_head(head, access).await
    }
}

/// Proves that the keys are those of the log: each is there, and they open its texts.
async fn prove(read_models: &Arc<ReadModels>, vault: &Arc<Vault>) -> Result<(), OpenApplicationError> {
    let (read_models, vault) = (Arc::clone(read_models), Arc::clone(vault));
    let proving = move || prove_keys(&read_models, &vault).and_then(|()| prove_texts(&read_models, &vault));
    apart("the key store", proving).await?
}

/// Proves that every key that was ever named is there or was destroyed.
fn prove_keys(read_models: &ReadModels, vault: &Vault) -> Result<(), OpenApplicationError> {
    let mut unread = None;
    let lacking = |key: &str| match key.parse::<KeyId>().map(|key| vault.key_state(&key)) {
        Ok(Ok(KeyState::Known | KeyState::Destroyed { .. })) => false,
        Ok(Err(error @ vault::Error::Store(_))) => {
            // A store that cannot be read is not known to lack it.
            unread = Some(error);
            true
        }
        Ok(Ok(KeyState::Unknown) | Err(_)) | Err(_) => true,
    };
    let found = read_models.first_key(lacking)?;
    match (unread, found) {
        (Some(error), _) => Err(Fault::from(error).into()),
        (None, Some(key)) => Err(OpenApplicationError::MissingKey { key }),
        (None, None) => Ok(()),
    }
}

/// Names each key that is damaged. The start goes on: the texts under them are withheld, and all others are shown.
async fn warn_of_damaged_keys(vault: &Arc<Vault>) -> Result<(), OpenApplicationError> {
    let vault = Arc::clone(vault);
    let verified = apart("the key store", move || vault.verify()).await?.map_err(Fault::from)?;
    for key in &verified.damaged {
        tracing::error!(key, "a key is damaged; the texts under it are withheld, until the key store is restored");
    }
    Ok(())
}

/// Proves by opening one text that log and keys belong to the same installation. Key ids are not enough, because two
/// installations may use the same ones.
fn prove_texts(read_models: &Arc<ReadModels>, vault: &Arc<Vault>) -> Result<(), OpenApplicationError> {
    match crate::read_models::people::any_name(&read_models.snapshot()?, vault) {
        Err(Fault::Sealing(SealingFault::Vault(vault::Error::Tampered))) => Err(OpenApplicationError::ForeignTexts),
        proved => Ok(proved?),
    }
}

/// The text of the policy in force, as the log has it.
async fn latest_policy(journal: &Arc<dyn Journal>) -> Result<Option<String>, OpenApplicationError> {
    let name =
        StreamName::parse(&Stream::Policy(PolicyId::ROOT).to_string()).map_err(|_| Fault::Row("a stream's name"))?;
    let page = journal.read_stream(&name, None, Direction::Backward, std::num::NonZeroU32::MIN).await?;
    let Some(stored) = page.events.first() else { return Ok(None) };
    let recorded = RecordedEvent::read(stored).map_err(Fault::from)?;
    match recorded.event {
        Event::Policy(PolicyEvent::PolicyActivated(activated)) => Ok(Some(activated.text)),
        Event::Organization(_)
        | Event::Person(_)
        | Event::Patient(_)
        | Event::CareTeam(_)
        | Event::Directives(_)
        | Event::Delegation(_)
        | Event::LegalAuthority(_)
        | Event::OutsideMessage(_)
        | Event::Thread(_)
        | Event::Drafts(_)
        | Event::Accepted(_)
        | Event::Key(_) => Ok(None),
    }
}

/// How far the read models of a data directory have folded the log, and how many streams are parked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadModelsStatus {
    /// The last event folded.
    pub position: Option<u64>,
    /// The log's last event.
    pub head: Option<u64>,
    /// Streams that could not be folded.
    pub parked: u64,
}

/// The status of the read models, beside a running server; none when there are no read models of this shape.
///
/// # Errors
/// [`OpenApplicationError`] when a file cannot be read, or the read models were not folded from this log as it is now.
pub async fn read_models_status(
    read_models: &Path,
    care: &Arc<dyn Journal>,
) -> Result<Option<ReadModelsStatus>, OpenApplicationError> {
    let status = ReadModels::status(read_models)?;
    if let Some((checkpoint, _)) = &status {
        prove_checkpoint(*checkpoint, care).await?;
    }
    // The head is read after the read models, because a running server folds further events meanwhile.
    let head = care.head().await?.map(|head| head.0);
    Ok(status.map(|(checkpoint, parked)| ReadModelsStatus {
        position: checkpoint.last.map(|(position, _)| position.0),
        head,
        parked,
    }))
}

/// Folds the read models of a data directory again in a second file, and then swaps the files. No server may be
/// using them. `progress` is called with the number of folded events and of all events. A log that has lost its
/// end is refused: the knowledge of the old read models about the lost events would be lost too. A log that was
/// moved has another identity, and must hold the last event that the old read models know of.
///
/// # Errors
/// [`OpenApplicationError`] when log or file cannot be read or written; the old read models are then still there.
pub async fn rebuild_read_models(
    read_models: &Path,
    care: &Arc<dyn Journal>,
    access: &Arc<dyn Journal>,
    mut progress: impl FnMut(u64, u64),
) -> Result<u64, OpenApplicationError> {
    let identity = care.identity().await?;
    // What is known of an access log that was restored or moved ends here: it has another identity from now on.
    let access_identity = access.identity().await?;
    let access_head = ReadModels::found_access_head(read_models).filter(|head| head.identity == access_identity);
    if let Some(head) = access_head {
        prove_access_head(head, access).await?;
    }
    let mut moved = None;
    if let Some(checkpoint) = ReadModels::found(read_models) {
        match prove_checkpoint(checkpoint, care).await {
            // Damaged read models, or those of a log that was restored or moved, are expected here.
            Ok(()) | Err(OpenApplicationError::ForeignReadModels) => {}
            Err(error) => return Err(error),
        }
        moved = checkpoint.last.filter(|_| checkpoint.identity.log != identity.log).map(|(_, event)| event);
    }
    let head = care.head().await?.map_or(0, |head| head.0);
    let fresh = Arc::new(ReadModels::open_beside(read_models, identity)?);
    let mut folded = 0;
    let mut after = None;
    loop {
        let page = care.read_log(after, std::num::NonZeroU32::MIN.saturating_add(999)).await?;
        let mut batch = Vec::with_capacity(page.events.len());
        for stored in &page.events {
            moved = moved.filter(|event| care::ids::Id::uuid(*event) != stored.id);
            batch.push(crate::read_models::Entry::read(stored).map_err(Fault::from)?);
        }
        fresh.fold(&mut batch)?;
        folded += u64::try_from(batch.len()).unwrap_or(u64::MAX);
        after = page.scanned.or(after);
        progress(after.map_or(0, |position| position.0), head);
        if page.at_head {
            break;
        }
    }
    if moved.is_some() {
        return Err(OpenApplicationError::NotMoved);
    }
    if let Some(head) = access_head {
        fresh.access_head.saw(head);
        fresh.note_access_head()?;
    }
    let fresh = Arc::into_inner(fresh).ok_or(Fault::Unavailable("the read models"))?;
    fresh.put_in_force(read_models)?;
    Ok(folded)
}

#[cfg(test)]
mod tests {
    use journal::LogIdentity;
    use vault::{KeyEncryptionKey, KeyStoreUrl};

    use super::*;

    #[test]
    fn a_key_store_that_cannot_be_read_is_not_said_to_lack_a_key() {
        let place = tempfile::tempdir().expect("a directory");
        let identity = LogIdentity { log: Uuid::nil(), epoch: Uuid::nil() };
        let read_models = ReadModels::open(place.path(), identity).expect("read models");
        let beside = |file: &str| rusqlite::Connection::open(place.path().join(file)).expect("a file");
        let kek = KeyEncryptionKey::generate().expect("a key");
        let keys = KeyStoreUrl::Sqlite(place.path().join("keys.db"));
        let vault = Vault::open_at(&keys, &kek, vault::Access::Writer).expect("a vault");
        let key = vault.installation().to_string();
        beside(crate::read_models::FILE).execute("INSERT INTO key_named (key) VALUES (?1)", [&key]).expect("named");
        assert!(prove_keys(&read_models, &vault).is_ok());
        beside("keys.db").execute_batch("DROP TABLE tombstone").expect("dropped");
        let unread = prove_keys(&read_models, &vault);
        assert!(matches!(unread, Err(OpenApplicationError::Fault(_))), "{unread:?}");
    }
}

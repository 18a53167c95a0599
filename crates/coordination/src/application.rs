//! The application: executes commands, keeps the authorization state and read models, answers queries, seals and opens.
//!
//! [`Application::open`] proves that log, read models and keys belong together before anything is served. If
//! they do not, its error names the part.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;

use care::event::{Event, Stream};
use care::idempotency::{IdSecret, IdempotencyKey};
use care::ids::PolicyId;
use care::policy_root::{ActivatePolicy, PolicyCommand, PolicyEvent, PolicyRoot};
use care::time_zone::TimeZones;
use care::words::Channel;
use chrono::{DateTime, TimeDelta, Utc};
use journal::{Direction, Journal, Position};
use policy::active::ActivePolicy;
use policy::decide::DecisionPoint;
use policy::identity::Identity;
use policy::text::PolicyText;
use tokio::runtime::Handle;
use tokio::task::block_in_place;
use uuid::Uuid;
use vault::Vault;

use crate::access::AccessLog;
use crate::access_index::AccessIndex;
use crate::aggregate_cache::AggregateCache;
use crate::authorization::namesakes::NameDigests;
use crate::caller::{CallerKept, Origin, Reading};
use crate::clock::{BEHIND_MAX, ClockWatch, compare};
use crate::command_context::{CommandContext, CommandOutcome};
use crate::command_order::CommandOrder;
use crate::destroyed_keys;
use crate::fault::{Failed, Fault};
use crate::opening::{OpenApplicationError, prove, prove_access_head, prove_checkpoint, warn_of_damaged_keys};
use crate::pace::Pace;
use crate::projector::{Projector, load_policy};
use crate::read_models::{ReadModels, entities};
use crate::recorded_event::RecordedEvent;
use crate::refused_tries::{RefusedTry, Tried};
use crate::rounds::Rounds;
use crate::store_check::{EachStore, Reason, StoreCheck, Watched};
use crate::tokens::{GivenPosition, PositionToken, Tokens};
use crate::waiting::{apart, aside};
use crate::written_event::stream_name;

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
    /// What commands wait for before they are decided.
    pub(crate) order: CommandOrder,
    /// By which names are compared.
    pub(crate) name_digests: Arc<NameDigests>,
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
        let authorization = entities::load(&read_models.snapshot()?)?;
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
            order: CommandOrder::default(),
            name_digests: Arc::default(),
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

/// The text of the policy in force, as the log has it.
async fn latest_policy(journal: &Arc<dyn Journal>) -> Result<Option<String>, OpenApplicationError> {
    let stream = stream_name(&Stream::Policy(PolicyId::ROOT))?;
    let page = journal.read_stream(&stream, None, Direction::Backward, NonZeroU32::MIN).await?;
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

//! The desk: takes commands, keeps authority and views, answers questions, seals and opens.
//!
//! [`Desk::open`] proves that log, views and keys belong together before anything is served; what
//! it cannot prove it refuses by a reason that names the part.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use care::care_team::CareTeam;
use care::event::Event;
use care::organization::Organization;
use care::patient::Patient;
use care::person::Person;
use care::policy_root::{PolicyEvent, PolicyRoot};
use care::stream::Stream;
use care::thread::Thread;
use chrono::{DateTime, Utc};
use journal::{Direction, Journal, Position, StreamName};
use policy::active::ActivePolicy;
use policy::decide::DecisionPoint;
use policy::identity::Identity;
use policy::text::PolicyText;
use uuid::Uuid;
use vault::{KeyId, Standing, Vault};

use crate::access::AccessLog;
use crate::fault::{Failed, Fault};
use crate::happened::Happened;
use crate::projection::{Projection, load_policy};
use crate::sealing::SealingFault;
use crate::shelf::Shelf;
use crate::tokens::{PositionToken, Tokens};
use crate::views::{Checkpoint, OpenViewsError, Views};

/// What a desk is opened on. The stores are open already; the root of the program opened them.
pub struct Stores {
    /// The care log.
    pub care: Arc<dyn Journal>,
    /// The access log.
    pub access: Arc<dyn Journal>,
    /// The keys.
    pub vault: Arc<Vault>,
    /// Where this node's views lie.
    pub views: PathBuf,
}

/// What only the edge can make.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// A random id of this start of the node.
    pub node: Uuid,
    /// The instant.
    pub now: DateTime<Utc>,
}

/// Why a desk is not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenDeskError {
    /// The log ends before the views' checkpoint: its tail is lost, or another log lies here.
    #[error(
        "the care log ends before the views' checkpoint at position {checkpoint}: its tail is lost (head: {head:?})"
    )]
    LostTail {
        /// Where the views are.
        checkpoint: u64,
        /// Where the log ends.
        head: Option<u64>,
    },
    /// The views were folded from another log, or from one that was restored.
    #[error("the views were not folded from this care log; `carefold views rebuild` folds them anew")]
    ForeignViews,
    /// An event names a key that is neither there nor destroyed.
    #[error("the key store lacks a key that the log names ({key}): it is older than the log or another's")]
    MissingKey {
        /// The key's id; it names no person.
        key: String,
    },
    /// The keys are there and are others: two installations may give a key the same name.
    #[error("the texts of the care log do not open under these keys: the log or the key store is another's")]
    ForeignTexts,
    /// Another log than the one the views were folded from, and not that one carried elsewhere.
    #[error(
        "this care log does not hold the last event that the views know of: it is another's, or not all of it was moved"
    )]
    NotMoved,
    /// The views cannot be opened.
    #[error(transparent)]
    Views(#[from] OpenViewsError),
    /// The shipped policy is not sound.
    #[error("the shipped policy cannot be loaded")]
    Policy,
    /// Something else failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The first events could not be written.
    #[error("the log could not be begun")]
    Begin(#[source] Failed),
}

impl From<rusqlite::Error> for OpenDeskError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Fault(error.into())
    }
}

impl From<journal::ReadError> for OpenDeskError {
    fn from(error: journal::ReadError) -> Self {
        Self::Fault(error.into())
    }
}

/// The desk.
pub struct Desk {
    journal: Arc<dyn Journal>,
    vault: Arc<Vault>,
    projection: Arc<Projection>,
    tokens: Tokens,
    access: Arc<AccessLog>,
    pub(crate) organizations: Shelf<Organization>,
    pub(crate) people: Shelf<Person>,
    pub(crate) patients: Shelf<Patient>,
    pub(crate) care_teams: Shelf<CareTeam>,
    pub(crate) threads: Shelf<Thread>,
    pub(crate) policies: Shelf<PolicyRoot>,
}

/// How a part of the desk is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Why folding stopped, if it did.
    pub stopped: Option<String>,
    /// Whether the log answered within the last second, and held nothing that this node does not know of.
    pub journal_confirmed: bool,
    /// Whether the views have folded all that authority has.
    pub views_caught_up: bool,
    /// Whether they have been behind for longer than anybody waits for them; a moment behind is how it should be.
    pub views_late: bool,
    /// The policy in force.
    pub policy_version: String,
}

impl Desk {
    /// Proves the stores, loads authority, folds what is new and begins to follow.
    ///
    /// # Errors
    /// [`OpenDeskError`] naming the part that does not fit.
    pub async fn open(stores: Stores, start: Start) -> Result<Arc<Self>, OpenDeskError> {
        let Stores { care, access, vault, views } = stores;
        let identity = care.identity().await?;
        if let Some(checkpoint) = Views::found(&views) {
            prove(checkpoint, &care).await?;
        }
        let views = Arc::new(Views::open(&views, identity)?);
        prove_keys(&views, &vault)?;
        prove_texts(&views, &vault)?;
        let authority = crate::views::load::authority(&views.snapshot()?)?;
        let policy = match latest_policy(&care).await? {
            Some(text) => load_policy(&text).map_err(|_| OpenDeskError::Policy)?,
            None => ActivePolicy::load(PolicyText::shipped()).map_err(|_| OpenDeskError::Policy)?,
        };
        let begun = authority.policy_version.is_some();
        let projection = Projection::start(Arc::clone(&care), views, authority, DecisionPoint::new(policy))?;
        let desk = Arc::new(Self {
            journal: care,
            tokens: Tokens { vault: Arc::clone(&vault), epoch: identity.epoch },
            vault,
            projection,
            access: Arc::new(AccessLog::new(access, start.node)),
            organizations: Shelf::default(),
            people: Shelf::default(),
            patients: Shelf::default(),
            care_teams: Shelf::default(),
            threads: Shelf::default(),
            policies: Shelf::default(),
        });
        if let Err(fault) = desk.projection.catch_up().await {
            if desk.projection.stopped().is_none() {
                return Err(fault.into());
            }
            // An event that this software cannot read: it serves nothing, and its readiness says why.
            tracing::error!(%fault, "the log cannot be folded to its end");
            return Ok(desk);
        }
        // The events after the views' old checkpoint were folded now, and their keys with them.
        prove_keys(&desk.projection.views, &desk.vault)?;
        prove_texts(&desk.projection.views, &desk.vault)?;
        if !begun && desk.projection.authority().policy_version.is_none() {
            desk.begin(start.now).await.map_err(OpenDeskError::Begin)?;
        }
        Ok(desk)
    }

    /// The first event of an installation: the shipped policy, with its full text.
    async fn begin(&self, now: DateTime<Utc>) -> Result<(), Failed> {
        self.activate_policy(&Identity::installation(), PolicyText::shipped(), now).await?;
        Ok(())
    }

    /// Ends following and folding; what was acknowledged is on disk already.
    pub fn close(&self) {
        self.projection.close();
    }

    /// How the desk is, for readiness.
    #[must_use]
    pub fn condition(&self) -> Condition {
        Condition {
            stopped: self.projection.stopped(),
            journal_confirmed: self.projection.head().is_confirmed(),
            views_caught_up: self.projection.views_at() >= self.projection.authority_at(),
            views_late: self.projection.views_are_late(),
            policy_version: self.projection.decisions.policy().version().to_owned(),
        }
    }

    /// Waits until the views hold everything that the log held when this was called.
    ///
    /// # Errors
    /// [`Fault`] when folding has stopped.
    pub async fn catch_up(&self) -> Result<(), Fault> {
        self.projection.catch_up().await
    }

    /// A position as it leaves the server; `salt` is random, so that two tokens of one position differ.
    ///
    /// # Errors
    /// [`Fault`] when the vault fails.
    pub fn position_token(&self, position: Option<Position>, salt: Uuid) -> Result<PositionToken, Fault> {
        self.tokens.position(position.unwrap_or(Position(0)), salt)
    }

    /// The position that a token names, if it is one of this log.
    #[must_use]
    pub fn read_position(&self, token: &str) -> Option<Position> {
        self.tokens.read_position(token)
    }

    pub(crate) fn journal(&self) -> &Arc<dyn Journal> {
        &self.journal
    }

    pub(crate) fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }

    pub(crate) fn projection(&self) -> &Projection {
        &self.projection
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    pub(crate) fn access(&self) -> &Arc<AccessLog> {
        &self.access
    }
}

/// Proves that a checkpoint of the views lies in this log.
async fn prove(checkpoint: Checkpoint, journal: &Arc<dyn Journal>) -> Result<(), OpenDeskError> {
    if checkpoint.identity != journal.identity().await? {
        return Err(OpenDeskError::ForeignViews);
    }
    let Some((position, event)) = checkpoint.last else { return Ok(()) };
    let head = journal.head().await?;
    if head.is_none_or(|head| head < position) {
        return Err(OpenDeskError::LostTail { checkpoint: position.0, head: head.map(|head| head.0) });
    }
    if !journal.holds(position, care::ids::Id::uuid(event)).await? {
        return Err(OpenDeskError::ForeignViews);
    }
    Ok(())
}

/// Proves that every key that was ever named is there or was destroyed.
fn prove_keys(views: &Views, vault: &Vault) -> Result<(), OpenDeskError> {
    let lacking = |key: &str| match key.parse::<KeyId>() {
        Ok(key) => !matches!(vault.standing(&key), Ok(Standing::Known | Standing::Destroyed { .. })),
        Err(_) => true,
    };
    match views.first_key(lacking)? {
        Some(key) => Err(OpenDeskError::MissingKey { key }),
        None => Ok(()),
    }
}

/// Proves by one text that log and keys are of one installation: ids, and so the names of keys, may be the same in two.
fn prove_texts(views: &Arc<Views>, vault: &Arc<Vault>) -> Result<(), OpenDeskError> {
    match crate::views::people::any_name(&views.snapshot()?, vault) {
        Err(Fault::Sealing(SealingFault::Vault(vault::Error::Tampered))) => Err(OpenDeskError::ForeignTexts),
        proved => Ok(proved?),
    }
}

/// The text of the policy in force, as the log has it.
async fn latest_policy(journal: &Arc<dyn Journal>) -> Result<Option<String>, OpenDeskError> {
    let name = StreamName::parse(&Stream::PolicyRoot.to_string()).map_err(|_| Fault::Row("a stream's name"))?;
    let page = journal.read_stream(&name, None, Direction::Backward, std::num::NonZeroU32::MIN).await?;
    let Some(recorded) = page.events.first() else { return Ok(None) };
    let happened = Happened::read(recorded).map_err(Fault::from)?;
    match happened.event {
        Event::Policy(PolicyEvent::Activated(activated)) => Ok(Some(activated.text)),
        Event::Organization(_) | Event::Person(_) | Event::Patient(_) | Event::CareTeam(_) | Event::Thread(_) => {
            Ok(None)
        }
    }
}

/// Where the views of a data directory are, and how many streams are parked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViewsStatus {
    /// The last event folded.
    pub position: Option<u64>,
    /// The log's last event.
    pub head: Option<u64>,
    /// Streams that could not be folded.
    pub parked: u64,
}

/// The status of the views, beside a running server; none when there are no views of this shape.
///
/// # Errors
/// [`OpenDeskError`] when a file cannot be read, or the views were not folded from this log as it is now.
pub async fn views_status(views: &Path, care: &Arc<dyn Journal>) -> Result<Option<ViewsStatus>, OpenDeskError> {
    let status = Views::status(views)?;
    if let Some((checkpoint, _)) = &status {
        prove(*checkpoint, care).await?;
    }
    // Read after the views, which a running server moves on.
    let head = care.head().await?.map(|head| head.0);
    Ok(status.map(|(checkpoint, parked)| ViewsStatus {
        position: checkpoint.last.map(|(position, _)| position.0),
        head,
        parked,
    }))
}

/// Folds the views of a data directory anew beside those in force, and then swaps the files.
/// Nobody may be serving them. `progress` hears how many events of how many are folded. A log that
/// has lost its end is not folded: what the old views know of it would be gone with them. A log
/// that was moved has another identity, and must hold the last event that the old views know of.
///
/// # Errors
/// [`OpenDeskError`] when log or file cannot be read or written; the old views are then still there.
pub async fn rebuild_views(
    views: &Path,
    care: &Arc<dyn Journal>,
    mut progress: impl FnMut(u64, u64),
) -> Result<u64, OpenDeskError> {
    let identity = care.identity().await?;
    let mut moved = None;
    if let Some(checkpoint) = Views::found(views) {
        match prove(checkpoint, care).await {
            // Views of a log that was restored or moved, or damaged ones, are what folding anew is for.
            Ok(()) | Err(OpenDeskError::ForeignViews) => {}
            Err(error) => return Err(error),
        }
        moved = checkpoint.last.filter(|_| checkpoint.identity.log != identity.log).map(|(_, event)| event);
    }
    let head = care.head().await?.map_or(0, |head| head.0);
    let fresh = Arc::new(Views::open_beside(views, identity)?);
    let mut folded = 0;
    let mut after = None;
    loop {
        let page = care.read_log(after, std::num::NonZeroU32::MIN.saturating_add(999)).await?;
        let mut batch = Vec::with_capacity(page.events.len());
        for recorded in &page.events {
            moved = moved.filter(|event| care::ids::Id::uuid(*event) != recorded.id);
            batch.push(crate::views::Entry::read(recorded).map_err(Fault::from)?);
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
        return Err(OpenDeskError::NotMoved);
    }
    let fresh = Arc::into_inner(fresh).ok_or(Fault::Unavailable("the views"))?;
    fresh.put_in_force(views)?;
    Ok(folded)
}

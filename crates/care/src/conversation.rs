//! The conversation of every thread: its opening, participants, messages, owner, whose turn it is,
//! closing. Its rules are those of every kind of thread; a kind adds rules of its own
//! (`lifecycle.rs`).
//!
//! To add a command that every thread takes: 1. its struct and its line in [`ConversationCommand`];
//! 2. follow the compiler: `takes` (when), `decide` (what happens), and each kind's `admits` and
//! `follow`; 3. its policy rows; 4. its mutation.

mod commands;
mod death;
mod decide;
mod events;
mod evolve;
mod hiding;
mod messages;
mod ownership;
mod participants;
mod refusals;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::aggregate::Acting;
use crate::command_name::Named;
use crate::envelope::Actor;
use crate::ids::{MessageId, OrganizationId, PatientId, PersonId, PoolId};
use crate::lifecycle::ThreadKind;
use crate::text::PersonalText;
use crate::words::{Audience, Role};

pub use crate::party::*;
pub use commands::*;
pub use events::*;
pub use refusals::ConversationRefusal;

/// An invitation that was not answered yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The role in which the person would take part.
    pub place: Place,
    /// How much of the history they would see.
    pub history: HistoryWindow,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
}

/// What a person has read of: a receipt that one audience may see says nothing of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Receipt {
    person: PersonId,
    audience: Audience,
    /// With whom the clinical team shares it: each such person is an audience of their own.
    one: Option<PersonId>,
}

impl Receipt {
    /// The one that the reading of a message moves.
    fn of(person: PersonId, addressed: &Addressed) -> Self {
        Self { person, audience: addressed.audience(), one: addressed.one_person() }
    }
}

/// The conversation, folded. Its written form, by which a read model keeps it, holds no messages
/// and no receipts: nothing that [`Conversation::takes`] asks rests on them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// The kind of the thread.
    pub kind: ThreadKind,
    /// Who asks: who opened it, or to whom that was handed over.
    pub requester: Actor,
    /// The patient that it is about.
    pub patient: Option<PatientId>,
    /// The organization for which it was opened.
    pub organization: OrganizationId,
    /// Who is accountable.
    pub owner: Owner,
    /// The organization of the owner.
    pub owning_organization: OrganizationId,
    /// Pools that take part beside the owner.
    pub pools: BTreeSet<PoolId>,
    /// Who takes part now, without the opener where the kind does not make them a participant.
    pub participants: BTreeMap<PersonId, Place>,
    /// From when on each of them sees the thread, if not all of it.
    #[serde(skip)]
    windows: Arc<BTreeMap<PersonId, Since>>,
    /// Who is invited now.
    pub invitations: BTreeMap<PersonId, Invitation>,
    /// Whom it waits for; none while it is closed.
    pub waiting_on: Option<WaitingOn>,
    /// When it was closed; none while it is open.
    pub closed_at: Option<DateTime<Utc>>,
    /// Behind an [`Arc`]: a decision looks at a copy of the state.
    #[serde(skip)]
    messages: Arc<BTreeMap<MessageId, Message>>,
    /// Who takes part only as long as they are on the patient's care team.
    by_care_team: BTreeSet<PersonId>,
    /// Whether the requester took part and does no longer.
    requester_left: bool,
    /// How far each has read, in each audience.
    #[serde(skip)]
    read_up_to: Arc<BTreeMap<Receipt, u32>>,
    /// Who put the thread away, whether something has arrived since or not.
    #[serde(skip)]
    put_away: Arc<BTreeSet<PersonId>>,
    /// Whether delegates of the patient do not notice it.
    hidden_from_delegates: bool,
    /// The death of the patient that it says; none while it says none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    death: Option<DateTime<Utc>>,
    /// The delegates who have read or written in it.
    #[serde(skip)]
    known_to: Arc<BTreeSet<PersonId>>,
}

/// A message, as far as a decision needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Message {
    /// Its number and instant.
    since: Since,
    author: Actor,
    addressed: Addressed,
}

impl Conversation {
    /// The conversation as its first event opens it.
    #[must_use]
    pub fn opened(opened: &Opened) -> Self {
        Self {
            kind: opened.kind,
            requester: opened.by,
            patient: opened.patient,
            organization: opened.organization,
            owner: opened.owner,
            owning_organization: opened.owning_organization,
            pools: opened.pools.clone(),
            participants: BTreeMap::new(),
            windows: Arc::default(),
            invitations: BTreeMap::new(),
            waiting_on: None,
            closed_at: None,
            messages: Arc::default(),
            by_care_team: BTreeSet::new(),
            requester_left: false,
            read_up_to: Arc::default(),
            put_away: Arc::default(),
            hidden_from_delegates: opened.hidden_from_delegates,
            death: None,
            known_to: Arc::default(),
        }
    }

    /// Who asks, as somebody who can be waited for.
    #[must_use]
    pub fn asker(&self) -> Party {
        match self.requester {
            Actor::Person(person) => Party::Person(person),
            Actor::Process(_) | Actor::Installation => Party::coordinators(self.organization),
        }
    }

    /// The parties of last resort, who say whose turn it is when nobody else can: the coordinators,
    /// then the administrators, of the owning organization. A kind may name others before them.
    #[must_use]
    pub fn last_resorts(&self) -> [Party; 2] {
        let organization = self.owning_organization;
        [Party::coordinators(organization), Party::Role(Place { role: Role::Administrator, organization })]
    }

    /// Whether the thread is closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed_at.is_some()
    }

    /// Whose turn it is, as recorded; none before the first turn was recorded.
    #[must_use]
    pub fn turn(&self) -> Option<Turn> {
        if self.is_closed() { Some(Turn::Over) } else { self.waiting_on.map(Turn::Of) }
    }

    /// Whether a pool takes part: it owns the thread, or was named at the opening.
    #[must_use]
    pub fn has_pool(&self, pool: PoolId) -> bool {
        self.owner == Owner::Pool(pool) || self.pools.contains(&pool)
    }

    /// Whether the thread can wait for this party, as far as the conversation knows.
    #[must_use]
    pub fn can_wait_for(&self, party: Party) -> bool {
        match party {
            Party::Person(person) => self.takes_part(person),
            Party::Pool(pool) | Party::PoolCoordinator(pool) => self.has_pool(pool),
            Party::Role(_) | Party::Patient(_) | Party::Nobody => false,
        }
    }

    /// Whether the person asks in the thread, owns it or was added to it, and is in it now.
    #[must_use]
    pub fn takes_part(&self, person: PersonId) -> bool {
        self.participants.contains_key(&person)
            || self.owner.person() == Some(person)
            || (self.requester == Actor::Person(person) && !self.requester_left)
    }

    /// Each person who takes part; some may come twice.
    fn persons(&self) -> impl Iterator<Item = PersonId> {
        let requester = self.requester.person().filter(|requester| self.takes_part(*requester));
        self.participants.keys().copied().chain(self.owner.person()).chain(requester)
    }

    /// The organizations that take part.
    fn organizations(&self) -> BTreeSet<OrganizationId> {
        let of_participants = self.participants.values().map(|place| place.organization);
        of_participants.chain([self.organization, self.owning_organization]).collect()
    }

    /// Whether an act fits a conversation in its state, whatever its data.
    ///
    /// # Errors
    /// Why it does not.
    pub fn takes(&self, act: ConversationAct) -> Result<(), ConversationRefusal> {
        match act {
            // Also after closing.
            ConversationAct::MarkRead
            | ConversationAct::PutAway
            | ConversationAct::RemoveParticipant
            | ConversationAct::ExpireInvitation
            | ConversationAct::DeclineInvitation => Ok(()),
            ConversationAct::HideFromDelegates if self.hidden_from_delegates => Err(ConversationRefusal::AlreadyHidden),
            ConversationAct::ShowToDelegates if !self.hidden_from_delegates => Err(ConversationRefusal::NotHidden),
            ConversationAct::HideFromDelegates | ConversationAct::ShowToDelegates => Ok(()),
            ConversationAct::Reopen if self.is_closed() => Ok(()),
            ConversationAct::Reopen => Err(ConversationRefusal::NotClosed),
            ConversationAct::AddParticipant
            | ConversationAct::InviteParticipant
            | ConversationAct::AcceptInvitation
            | ConversationAct::ChangeHistoryWindow
            | ConversationAct::Leave
            | ConversationAct::PostMessage
            | ConversationAct::Claim
            | ConversationAct::Release
            | ConversationAct::Transfer
            | ConversationAct::TakeOver
            | ConversationAct::ReturnToPool
            | ConversationAct::SetWaitingOn
            | ConversationAct::PassTurn
            | ConversationAct::EndWait
            | ConversationAct::Escalate
            | ConversationAct::NoteDeath
            | ConversationAct::Close
                if self.is_closed() =>
            {
                Err(ConversationRefusal::Closed)
            }
            ConversationAct::Claim => match self.owner {
                Owner::Pool(_) => Ok(()),
                Owner::Person { .. } => Err(ConversationRefusal::AlreadyClaimed),
            },
            ConversationAct::Release | ConversationAct::ReturnToPool => match self.owner {
                Owner::Person { person: _, pool: Some(_) } => Ok(()),
                Owner::Person { person: _, pool: None } | Owner::Pool(_) => Err(ConversationRefusal::NoPool),
            },
            ConversationAct::TakeOver => match self.owner {
                Owner::Person { .. } => Ok(()),
                Owner::Pool(_) => Err(ConversationRefusal::OwnerPresent),
            },
            ConversationAct::PassTurn if !self.overrules(act) => Err(ConversationRefusal::NotAdmitted),
            ConversationAct::EndWait if self.waiting_on.is_none_or(|waiting| waiting.party != Party::Nobody) => {
                Err(ConversationRefusal::NotWaiting)
            }
            ConversationAct::AddParticipant
            | ConversationAct::InviteParticipant
            | ConversationAct::AcceptInvitation
            | ConversationAct::ChangeHistoryWindow
            | ConversationAct::Leave
            | ConversationAct::PostMessage
            | ConversationAct::Transfer
            | ConversationAct::SetWaitingOn
            | ConversationAct::PassTurn
            | ConversationAct::EndWait
            | ConversationAct::Escalate
            | ConversationAct::NoteDeath
            | ConversationAct::Close => Ok(()),
        }
    }

    /// Whether the acting person can do an act now, whatever its data: what [`Conversation::takes`]
    /// asks, and what rests on who acts and when. An act whose data decide nothing is tried, so that
    /// the answer is that of the decision itself.
    ///
    /// # Errors
    /// Why they cannot.
    pub fn takes_from(&self, act: ConversationAct, acting: &Acting<'_>) -> Result<(), ConversationRefusal> {
        self.takes(act)?;
        let why = PersonalText::Destroyed;
        let tried: ConversationCommand = match act {
            ConversationAct::AcceptInvitation => {
                // The window was checked by the invitation, and the written form holds no messages.
                let mut of_all = self.clone();
                of_all.invitations.values_mut().for_each(|invitation| invitation.history = HistoryWindow::Full);
                return of_all.decide(&AcceptInvitation.into(), &[], acting).map(|_| ());
            }
            ConversationAct::DeclineInvitation => DeclineInvitation.into(),
            ConversationAct::Leave => Leave.into(),
            ConversationAct::Claim => Claim.into(),
            ConversationAct::Release => Release { reason: why }.into(),
            ConversationAct::TakeOver => TakeOver { reason: why }.into(),
            ConversationAct::Reopen => {
                let to = WaitingOn { party: self.owner.party(), action: PostMessage::NAME, due: None };
                Reopen { reason: why, to, note: None }.into()
            }
            ConversationAct::AddParticipant
            | ConversationAct::InviteParticipant
            | ConversationAct::ExpireInvitation
            | ConversationAct::ChangeHistoryWindow
            | ConversationAct::RemoveParticipant
            | ConversationAct::PostMessage
            | ConversationAct::MarkRead
            | ConversationAct::PutAway
            | ConversationAct::HideFromDelegates
            | ConversationAct::ShowToDelegates
            | ConversationAct::Transfer
            | ConversationAct::ReturnToPool
            | ConversationAct::SetWaitingOn
            | ConversationAct::PassTurn
            | ConversationAct::EndWait
            | ConversationAct::Escalate
            | ConversationAct::NoteDeath
            | ConversationAct::Close => return Ok(()),
        };
        match self.decide(&tried, &[], acting) {
            // Whom a thread waits for that is opened again is the data of the command.
            Err(ConversationRefusal::PartyCannotAct) | Ok(_) => Ok(()),
            Err(refusal) => Err(refusal),
        }
    }

    /// Acts about which no kind is asked, so that an open thread never stays with somebody who
    /// cannot act: escalating, and passing on the turn where just that is waited for. Nor about saying that the patient
    /// died.
    #[must_use]
    pub fn overrules(&self, act: ConversationAct) -> bool {
        match act {
            ConversationAct::Escalate | ConversationAct::NoteDeath | ConversationAct::ExpireInvitation => true,
            ConversationAct::PassTurn => self.waiting_on.is_some_and(|waiting| waiting.action == PassTurn::NAME),
            ConversationAct::AddParticipant
            | ConversationAct::InviteParticipant
            | ConversationAct::AcceptInvitation
            | ConversationAct::DeclineInvitation
            | ConversationAct::ChangeHistoryWindow
            | ConversationAct::Leave
            | ConversationAct::RemoveParticipant
            | ConversationAct::PostMessage
            | ConversationAct::MarkRead
            | ConversationAct::PutAway
            | ConversationAct::HideFromDelegates
            | ConversationAct::ShowToDelegates
            | ConversationAct::Claim
            | ConversationAct::Release
            | ConversationAct::Transfer
            | ConversationAct::TakeOver
            | ConversationAct::ReturnToPool
            | ConversationAct::SetWaitingOn
            | ConversationAct::EndWait
            | ConversationAct::Close
            | ConversationAct::Reopen => false,
        }
    }
}

#[cfg(test)]
pub(crate) mod scenarios;

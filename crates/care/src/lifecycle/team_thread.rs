//! A team thread: staff talk with each other, about one patient or about none. `EVERYONE` means its
//! participants and the members of pools that take part.
//!
//! Active, parked until a review date, closed. Whose turn it is, the participants say
//! (`thread.set_waiting_on`); where they named somebody who is not in it any more, it is the
//! owner's turn.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::aggregate::Acting;
use crate::command_name::{CommandName, Named, commands};
use crate::conversation::{
    AddParticipant, Claim, Close, Conversation, ConversationAct, ConversationCommand, ConversationEvent,
    ConversationRefusal, HistoryWindow, InviteParticipant, Opened, Opening, Owner, Party, PassTurn, Place, PostMessage,
    Reopen, SetWaitingOn, Transfer, Turn, TurnPassed, WaitingOn,
};
use crate::envelope::Actor;
use crate::event_set::{events, no_text, texts};
use crate::ids::PersonId;
use crate::kind::{Kind, KindEvent, Own, Refused};
use crate::text::PersonalText;
use crate::words::{Role, words};

/// Opens a team thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenTeamThread {
    /// Who takes part beside the opener. Those of another organization are invited.
    pub participants: Vec<NewParticipant>,
    /// Whom it waits for at first: a participant, or the owning pool.
    pub waiting_on: WaitingOn,
    /// What is expected of them, in words.
    pub note: PersonalText,
}

/// A person who is to take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewParticipant {
    /// Who.
    pub person: PersonId,
    /// The role in which they take part.
    pub place: Place,
    /// How much of the history they see.
    pub history: HistoryWindow,
}

impl Named for OpenTeamThread {
    const NAME: CommandName = CommandName::declared("team_thread.open");
}

commands! {
    /// What can be asked of a team thread beside what every thread takes.
    TeamThreadCommand, TeamThreadAct {
        "team_thread.park" => Park,
    }
}

/// Agrees that nobody is expected to do anything until a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Park {
    /// When it is the owner's turn again; at most 90 days ahead.
    pub review_at: DateTime<Utc>,
    /// Why.
    pub reason: PersonalText,
}

/// We refuse because …
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TeamThreadRefusal {
    /// … the review date is not ahead.
    #[error("the review date lies ahead")]
    ReviewPast,
    /// … the review date is too far ahead.
    #[error("the review date lies at most 90 days ahead")]
    ReviewTooFar,
    /// … the role takes no part in a team thread.
    #[error("that role takes no part in a team thread")]
    NotAStaffRole,
    /// … only a parked thread has a review date.
    #[error("the thread is not parked")]
    NotParked,
}

words! {
    /// The state of a team thread.
    TeamThreadState {
        Active = "active",
        Parked = "parked",
        Closed = "closed",
    }
}

events! {
    /// What can have happened to a team thread beside what happens to every thread.
    TeamThreadEvent {
        "team_thread.parked" v 1 => Parked,
        "team_thread.resumed" v 1 => Resumed,
    }
}

/// Nobody is expected to do anything until a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// By whom.
    pub by: Actor,
    /// When it is the owner's turn again.
    #[serde(with = "crate::instant")]
    pub review_at: DateTime<Utc>,
    /// Why, under the thread's content key.
    pub reason: PersonalText,
}

/// Somebody is expected to do something again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumed {
    /// By whom.
    pub by: Actor,
}

texts! {
    Parked { reason: "team_thread.parked_reason"; by, review_at }
}

no_text! {
    Resumed { by }
}

/// Days that a review date lies ahead, at most.
const REVIEW_DAYS_MAX: i64 = 90;

/// A team thread, folded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TeamThread {
    /// Somebody is expected to do something, unless it is closed.
    Active,
    /// Nobody is, until the review date.
    Parked {
        /// The date.
        review_at: DateTime<Utc>,
    },
}

impl Own for TeamThreadEvent {}

impl Own for TeamThreadRefusal {}

impl Kind for TeamThread {
    type Open = OpenTeamThread;
    type Command = TeamThreadCommand;
    type Event = TeamThreadEvent;
    type Refusal = TeamThreadRefusal;

    const PARTICIPANTS_ONLY: bool = true;

    fn open(
        open: &OpenTeamThread,
        opening: &Opening,
        conversation: &Conversation,
        acting: &Acting<'_>,
    ) -> Result<Vec<KindEvent<TeamThreadEvent>>, Refused<TeamThreadRefusal>> {
        let OpenTeamThread { participants, waiting_on, note } = open.clone();
        let opener = acting.by.person().ok_or(ConversationRefusal::NotAPerson)?;
        check_staff(acting.role)?;
        let mut conversation = conversation.clone();
        let mut events = Vec::new();
        let mut happen = |event: Option<ConversationEvent>, conversation: &mut Conversation| {
            if let Some(event) = event {
                *conversation = conversation.clone().evolve(&event);
                events.push(KindEvent::Conversation(event));
            }
        };
        let own = Place { role: acting.role, organization: conversation.organization };
        let history = HistoryWindow::Full;
        let event = conversation.take_in(opener, own, history, acting)?;
        happen(event, &mut conversation);
        for NewParticipant { person, place, history } in participants {
            check_staff(place.role)?;
            let event = conversation.take_in(person, place, history, acting)?;
            happen(event, &mut conversation);
        }
        conversation.check_owner(opening.owner, acting)?;
        conversation.check_reachable(opener, acting)?;
        conversation.check_party(waiting_on.party, acting)?;
        check_can_do(waiting_on, &conversation)?;
        events.push(
            ConversationEvent::TurnPassed(TurnPassed {
                by: acting.by,
                to: waiting_on,
                note: Some(note),
                promised: None,
            })
            .into(),
        );
        Ok(events)
    }

    fn opened(_: &Opened) -> Self {
        Self::Active
    }

    fn admits(&self, act: ConversationAct, _: &Conversation, _: &Acting<'_>) -> Result<(), Refused<TeamThreadRefusal>> {
        match (act, self) {
            (ConversationAct::EndWait, Self::Active) => Err(TeamThreadRefusal::NotParked.into()),
            (ConversationAct::EndWait, Self::Parked { .. }) => Ok(()),
            (
                ConversationAct::AddParticipant
                | ConversationAct::InviteParticipant
                | ConversationAct::AcceptInvitation
                | ConversationAct::DeclineInvitation
                | ConversationAct::ExpireInvitation
                | ConversationAct::ChangeHistoryWindow
                | ConversationAct::Leave
                | ConversationAct::RemoveParticipant
                | ConversationAct::PostMessage
                | ConversationAct::MarkRead
                | ConversationAct::PutAway
                | ConversationAct::Claim
                | ConversationAct::Release
                | ConversationAct::Transfer
                | ConversationAct::TakeOver
                | ConversationAct::ReturnToPool
                | ConversationAct::SetWaitingOn
                | ConversationAct::PassTurn
                | ConversationAct::Escalate
                | ConversationAct::NoteDeath
                | ConversationAct::Close
                | ConversationAct::Reopen,
                Self::Active | Self::Parked { .. },
            ) => Ok(()),
            // No delegate knows of a thread that only its participants know.
            (
                ConversationAct::HideFromDelegates | ConversationAct::ShowToDelegates,
                Self::Active | Self::Parked { .. },
            ) => Err(ConversationRefusal::NotAdmitted.into()),
        }
    }

    fn follow(
        &self,
        command: &ConversationCommand,
        conversation: &Conversation,
        acting: &Acting<'_>,
    ) -> Result<Vec<TeamThreadEvent>, Refused<TeamThreadRefusal>> {
        let resumed = || match self {
            Self::Active => vec![],
            Self::Parked { .. } => vec![TeamThreadEvent::Resumed(Resumed { by: acting.by })],
        };
        match command {
            ConversationCommand::AddParticipant(AddParticipant { place, person: _, history: _, reason }) => {
                if let Some(place) = place {
                    check_staff(place.role)?;
                }
                reason.as_ref().ok_or(ConversationRefusal::ReasonMissing)?;
                Ok(vec![])
            }
            ConversationCommand::InviteParticipant(invite) => {
                check_staff(invite.place.role)?;
                Ok(vec![])
            }
            // A pool that has no part in the thread cannot become its owner.
            ConversationCommand::Transfer(Transfer { to: Owner::Pool(pool), reason: _ })
                if !conversation.pools.contains(pool) && conversation.owner.pool() != Some(*pool) =>
            {
                Err(ConversationRefusal::OwnerCannotAct.into())
            }
            // Who is waited for again is said by the command itself, or by closing.
            ConversationCommand::SetWaitingOn(SetWaitingOn { to, note: _ })
            | ConversationCommand::PassTurn(PassTurn { to, note: _ })
            | ConversationCommand::Reopen(Reopen { to, reason: _, note: _ }) => {
                check_can_do(*to, conversation)?;
                Ok(resumed())
            }
            ConversationCommand::EndWait(_)
            | ConversationCommand::Escalate(_)
            | ConversationCommand::NoteDeath(_)
            | ConversationCommand::Close(_) => Ok(resumed()),
            ConversationCommand::AcceptInvitation(_)
            | ConversationCommand::DeclineInvitation(_)
            | ConversationCommand::ExpireInvitation(_)
            | ConversationCommand::ChangeHistoryWindow(_)
            | ConversationCommand::Leave(_)
            | ConversationCommand::RemoveParticipant(_)
            | ConversationCommand::PostMessage(_)
            | ConversationCommand::MarkRead(_)
            | ConversationCommand::PutAway(_)
            | ConversationCommand::HideFromDelegates(_)
            | ConversationCommand::ShowToDelegates(_)
            | ConversationCommand::Claim(_)
            | ConversationCommand::Release(_)
            | ConversationCommand::Transfer(_)
            | ConversationCommand::TakeOver(_)
            | ConversationCommand::ReturnToPool(_) => Ok(vec![]),
        }
    }

    fn takes(&self, act: TeamThreadAct, conversation: &Conversation) -> Result<(), Refused<TeamThreadRefusal>> {
        match (act, self) {
            (TeamThreadAct::Park, Self::Active | Self::Parked { .. }) if conversation.is_closed() => {
                Err(ConversationRefusal::Closed.into())
            }
            (TeamThreadAct::Park, Self::Active | Self::Parked { .. }) => Ok(()),
        }
    }

    fn needs_text(act: TeamThreadAct) -> bool {
        match act {
            TeamThreadAct::Park => true,
        }
    }

    fn decide(
        &self,
        command: &TeamThreadCommand,
        _: &Conversation,
        acting: &Acting<'_>,
    ) -> Result<Vec<KindEvent<TeamThreadEvent>>, Refused<TeamThreadRefusal>> {
        let TeamThreadCommand::Park(Park { review_at, reason }) = command.clone();
        if review_at <= acting.now {
            return Err(TeamThreadRefusal::ReviewPast.into());
        }
        if review_at > acting.now + Duration::days(REVIEW_DAYS_MAX) {
            return Err(TeamThreadRefusal::ReviewTooFar.into());
        }
        Ok(vec![TeamThreadEvent::Parked(Parked { by: acting.by, review_at, reason }).into()])
    }

    fn evolve(self, event: &TeamThreadEvent) -> Self {
        match event {
            TeamThreadEvent::Parked(parked) => Self::Parked { review_at: parked.review_at },
            TeamThreadEvent::Resumed(_) => Self::Active,
        }
    }

    fn turn(&self, conversation: &Conversation) -> Turn {
        if conversation.is_closed() {
            return Turn::Over;
        }
        if let Self::Parked { review_at } = *self {
            return Turn::Of(WaitingOn { party: Party::Nobody, action: SetWaitingOn::NAME, due: Some(review_at) });
        }
        // Nobody else is in it or invited, so nobody else can act.
        if conversation.is_alone() && conversation.invitations.is_empty() {
            return Turn::Of(of_owner(conversation, AddParticipant::NAME));
        }
        let is_last_resort = |waiting: &WaitingOn| waiting.action == PassTurn::NAME;
        match (conversation.waiting_on, conversation.owner) {
            (Some(waiting), Owner::Pool(_) | Owner::Person { .. })
                if is_last_resort(&waiting)
                    || conversation.can_wait_for(waiting.party) && check_can_do(waiting, conversation).is_ok() =>
            {
                Turn::Of(waiting)
            }
            // What was expected of the pool is expected of the member who claimed the thread.
            (Some(waiting), Owner::Person { person, pool: Some(pool) })
                if waiting.party == Party::Pool(pool) && waiting.action != Claim::NAME =>
            {
                Turn::Of(WaitingOn { party: Party::Person(person), ..waiting })
            }
            (_, Owner::Pool(_)) => Turn::Of(of_owner(conversation, Claim::NAME)),
            (_, Owner::Person { .. }) => Turn::Of(of_owner(conversation, SetWaitingOn::NAME)),
        }
    }

    fn last_resorts(&self, conversation: &Conversation) -> Vec<Party> {
        let of_pool = conversation.owner.pool().map(Party::PoolCoordinator);
        let owner = conversation.owner.person();
        let opener = conversation.requester.person().filter(|opener| conversation.takes_part(*opener));
        let others = opener.into_iter().chain(conversation.participants.keys().copied());
        let others = others.filter(|person| Some(*person) != owner).map(Party::Person);
        of_pool.into_iter().chain(others).chain(conversation.last_resorts()).collect()
    }

    fn state(&self, conversation: &Conversation) -> &'static str {
        match self {
            Self::Active | Self::Parked { .. } if conversation.is_closed() => TeamThreadState::Closed.word(),
            Self::Active => TeamThreadState::Active.word(),
            Self::Parked { .. } => TeamThreadState::Parked.word(),
        }
    }
}

fn of_owner(conversation: &Conversation, action: CommandName) -> WaitingOn {
    WaitingOn { party: conversation.owner.party(), action, due: None }
}

/// Whether what is awaited is something that the party does in a team thread: the policy permits a
/// participant less than the owner, and a pool less than a participant.
fn check_can_do(to: WaitingOn, conversation: &Conversation) -> Result<(), ConversationRefusal> {
    let of_participant = [PostMessage::NAME, SetWaitingOn::NAME];
    let of_owner = [Park::NAME, Close::NAME, AddParticipant::NAME, InviteParticipant::NAME, Transfer::NAME];
    let can = match to.party {
        Party::Person(person) => {
            let is_owner = conversation.owner.person() == Some(person);
            of_participant.contains(&to.action) || is_owner && of_owner.contains(&to.action)
        }
        Party::Pool(pool) => {
            to.action == PostMessage::NAME || to.action == Claim::NAME && conversation.owner == Owner::Pool(pool)
        }
        Party::PoolCoordinator(_) => to.action == Transfer::NAME,
        // Refused with the other parties that are not in the thread.
        Party::Role(_) | Party::Patient(_) | Party::Nobody => true,
    };
    if can { Ok(()) } else { Err(ConversationRefusal::PartyCannotAct) }
}

/// Only staff take part in a team thread.
fn check_staff(role: Role) -> Result<(), TeamThreadRefusal> {
    if role.takes_part_in_care() { Ok(()) } else { Err(TeamThreadRefusal::NotAStaffRole) }
}

#[cfg(test)]
pub(crate) mod scenarios;

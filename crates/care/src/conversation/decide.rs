//! The decision of a conversation: what happens when a command is given, whatever the kind of the thread.

use chrono::Duration;

use super::hiding::Hiding;
use super::ownership::claim_by;
use super::*;
use crate::command_name::{Acts, CommandName};
use crate::words::RemovalReason;

/// Days after closing in which a thread can be opened again.
const REOPEN_DAYS_MAX: i64 = 90;
/// Business days in which the owner is to say what is next after an agreed wait has ended, or the patient died.
const REVIEW_BUSINESS_DAYS: u32 = 2;

impl Conversation {
    /// The event that opens a thread of a kind.
    ///
    /// # Errors
    /// [`ConversationRefusal`] when the owner or the organization does not fit, or the opener is the patient.
    pub(crate) fn open(
        kind: ThreadKind,
        opening: &Opening,
        acting: &Acting<'_>,
    ) -> Result<Opened, ConversationRefusal> {
        let Opening {
            patient,
            organization,
            topic,
            subject,
            confidentiality,
            sensitivities,
            owner,
            pools,
            hidden_from_delegates: _,
        } = opening.clone();
        Self::check_alive(patient, acting)?;
        if let (Some(patient), Some(opener)) = (patient, acting.by.person())
            && acting.lookups.is_patient(patient, opener)
        {
            return Err(ConversationRefusal::OwnRecord);
        }
        let organization = match organization {
            Some(organization) => organization,
            None => opening_organization(patient, acting)?,
        };
        for pool in &pools {
            acting.lookups.pool(*pool).ok_or(ConversationRefusal::NoSuchPool)?;
        }
        let (owning_organization, claim_by) = match owner {
            Owner::Pool(pool) => {
                let home = acting.lookups.pool(pool).ok_or(ConversationRefusal::NoSuchPool)?.organization;
                (home, claim_by(home, acting))
            }
            Owner::Person { .. } => (organization, None),
        };
        let Hiding { hidden: hidden_from_delegates, minor_asked_by } = Self::hiding_at_opening(kind, opening, acting)?;
        Ok(Opened {
            by: acting.by,
            role: acting.role,
            kind,
            patient,
            organization,
            owning_organization,
            owner,
            claim_by,
            pools,
            topic,
            subject,
            confidentiality,
            sensitivities,
            hidden_from_delegates,
            minor_asked_by,
        })
    }

    /// What happens when `command` is given, as far as every kind of thread is concerned.
    /// `last_resorts` are the parties whose turn an escalation makes it: the first that there is.
    ///
    /// # Errors
    /// The reason why nothing may happen.
    pub fn decide(
        &self,
        command: &ConversationCommand,
        last_resorts: &[Party],
        acting: &Acting<'_>,
    ) -> Result<Vec<ConversationEvent>, ConversationRefusal> {
        let by = acting.by;
        // Processes end and pass on; everything else is a person's to do.
        let person = || by.person().ok_or(ConversationRefusal::NotAPerson);
        self.takes(command.act())?;
        let event = match command {
            ConversationCommand::AddParticipant(add) => return self.add(add, person()?, acting),
            ConversationCommand::InviteParticipant(invite) => return self.invite(invite, person()?, acting),
            ConversationCommand::AcceptInvitation(AcceptInvitation) => {
                let person = person()?;
                let Invitation { place, history, expires_at } =
                    *self.invitations.get(&person).ok_or(ConversationRefusal::NotInvited)?;
                // The process that ends the invitation may come later than its end.
                if expires_at <= acting.now {
                    return Err(ConversationRefusal::NotInvited);
                }
                self.check_own_record(person, acting)?;
                if !acting.lookups.holds_role(person, place) {
                    return Err(ConversationRefusal::NoSuchRole);
                }
                // Who invited them could read what the window names.
                let since = self.since(history, acting)?;
                ConversationEvent::ParticipantAdded(ParticipantAdded {
                    by,
                    person,
                    place,
                    since,
                    by_care_team: false,
                    reason: None,
                })
            }
            ConversationCommand::DeclineInvitation(DeclineInvitation) => {
                if !self.invitations.contains_key(&person()?) {
                    return Err(ConversationRefusal::NotInvited);
                }
                ConversationEvent::ParticipantDeclined(ParticipantDeclined { by })
            }
            ConversationCommand::ExpireInvitation(ExpireInvitation { person }) => {
                let Some(invitation) = self.invitations.get(person) else { return Ok(vec![]) };
                check_process(by)?;
                if invitation.expires_at > acting.now {
                    return Err(ConversationRefusal::NotExpired);
                }
                ConversationEvent::InvitationExpired(InvitationExpired { by, person: *person })
            }
            ConversationCommand::ChangeHistoryWindow(ChangeHistoryWindow { person: whose, history, reason }) => {
                if person()? == *whose {
                    return Err(ConversationRefusal::SelfNotAllowed);
                }
                if !self.participants.contains_key(whose) {
                    return Err(ConversationRefusal::NotAParticipant);
                }
                self.check_window(*history, acting)?;
                let since = self.since(*history, acting)?;
                if self.windows.get(whose) == since.as_ref() {
                    return Ok(vec![]);
                }
                ConversationEvent::WindowChanged(WindowChanged { by, person: *whose, since, reason: reason.clone() })
            }
            ConversationCommand::Leave(Leave) => {
                let person = person()?;
                self.check_removable(person, acting)?;
                if !self.participants.contains_key(&person) {
                    return Err(ConversationRefusal::NotAParticipant);
                }
                let reason = RemovalReason::Left;
                ConversationEvent::ParticipantRemoved(ParticipantRemoved { by, person, reason, note: None })
            }
            ConversationCommand::RemoveParticipant(RemoveParticipant { person: whose, reason, note }) => {
                // A person who can act no longer is removed in any case; the turn and the owner follow
                // by escalation.
                if by.person().is_some() {
                    self.check_removable(*whose, acting)?;
                }
                if !self.participants.contains_key(whose) && !self.invitations.contains_key(whose) {
                    return Ok(vec![]);
                }
                if by.person().is_some() && note.is_none() {
                    return Err(ConversationRefusal::ReasonMissing);
                }
                ConversationEvent::ParticipantRemoved(ParticipantRemoved {
                    by,
                    person: *whose,
                    reason: *reason,
                    note: note.clone(),
                })
            }
            ConversationCommand::PostMessage(PostMessage { addressed, body }) => {
                let author = person()?;
                self.check_addressed(addressed, author, acting)?;
                let message = acting.command.creates(0);
                if self.messages.contains_key(&message) {
                    return Ok(vec![]);
                }
                ConversationEvent::MessagePosted(MessagePosted {
                    by,
                    capacity: acting.capacity,
                    delegation: acting.grant,
                    message,
                    number: self.next_number(),
                    at: acting.now,
                    addressed: addressed.clone(),
                    body: body.clone(),
                })
            }
            ConversationCommand::MarkRead(MarkRead { message }) => {
                let person = person()?;
                let read = self.readable(*message, acting)?;
                let number = read.since.number;
                // A receipt never goes back: what was read stays read.
                if self.read_up_to.get(&Receipt::of(person, &read.addressed)).is_some_and(|read| *read >= number) {
                    return Ok(vec![]);
                }
                ConversationEvent::ReadMarked(ReadMarked {
                    person,
                    capacity: acting.capacity,
                    message: *message,
                    number,
                })
            }
            ConversationCommand::PutAway(PutAway { away }) => {
                let person = person()?;
                // Again is something: what arrived in between brought the thread back.
                if !away && !self.put_away.contains(&person) {
                    return Ok(vec![]);
                }
                ConversationEvent::ThreadPutAway(ThreadPutAway { person, away: *away })
            }
            ConversationCommand::HideFromDelegates(hide) => {
                person()?;
                self.hide(hide, acting)?
            }
            ConversationCommand::ShowToDelegates(show) => {
                person()?;
                Self::show(*show, acting)?
            }
            ConversationCommand::Claim(Claim) => {
                let person = person()?;
                self.check_own_record(person, acting)?;
                let Owner::Pool(pool) = self.owner else { return Err(ConversationRefusal::AlreadyClaimed) };
                self.owned_by(Owner::Person { person, pool: Some(pool) }, None, acting)?
            }
            ConversationCommand::Release(Release { reason }) => {
                let person = person()?;
                let Owner::Person { person: owner, pool: Some(pool) } = self.owner else {
                    return Err(ConversationRefusal::NoPool);
                };
                if owner != person {
                    return Err(ConversationRefusal::NotOwner);
                }
                if !self.is_anybody(Party::Pool(pool), acting) {
                    return Err(ConversationRefusal::PoolEmpty);
                }
                self.owned_by(Owner::Pool(pool), Some(reason.clone()), acting)?
            }
            ConversationCommand::Transfer(Transfer { to, reason }) => {
                let is_same_person = to.person().is_some() && to.person() == self.owner.person();
                if *to == self.owner || is_same_person {
                    return Err(ConversationRefusal::SameOwner);
                }
                if !self.can_pass_to(*to, acting) {
                    return Err(ConversationRefusal::OwnerCannotAct);
                }
                self.check_owner(*to, acting)?;
                self.owned_by(*to, Some(reason.clone()), acting)?
            }
            ConversationCommand::TakeOver(TakeOver { reason }) => {
                let person = person()?;
                self.check_own_record(person, acting)?;
                let Owner::Person { person: owner, pool } = self.owner else {
                    return Err(ConversationRefusal::OwnerPresent);
                };
                if owner == person {
                    return Err(ConversationRefusal::SameOwner);
                }
                let is_late = self.waiting_on.is_some_and(|waiting| {
                    waiting.party == Party::Person(owner) && waiting.due.is_some_and(|due| due < acting.now)
                });
                if self.can_own(owner, acting) && !is_late {
                    return Err(ConversationRefusal::OwnerPresent);
                }
                let pool = pool.filter(|pool| acting.lookups.is_pool_member(*pool, person));
                self.owned_by(Owner::Person { person, pool }, Some(reason.clone()), acting)?
            }
            ConversationCommand::ReturnToPool(ReturnToPool) => {
                check_process(by)?;
                let Owner::Person { person: owner, pool: Some(pool) } = self.owner else {
                    return Err(ConversationRefusal::NoPool);
                };
                if self.can_own(owner, acting) {
                    return Err(ConversationRefusal::OwnerPresent);
                }
                self.owned_by(Owner::Pool(pool), None, acting)?
            }
            ConversationCommand::SetWaitingOn(SetWaitingOn { to, note })
            | ConversationCommand::PassTurn(PassTurn { to, note }) => {
                if self.waiting_on == Some(*to) && note.is_none() {
                    return Ok(vec![]);
                }
                self.check_party(to.party, acting)?;
                self.check_due(to, acting)?;
                ConversationEvent::TurnPassed(TurnPassed { by, to: *to, note: note.clone(), promised: None })
            }
            ConversationCommand::EndWait(EndWait) => {
                check_process(by)?;
                let ended = |waiting: &WaitingOn| {
                    waiting.party == Party::Nobody && waiting.due.is_some_and(|due| due <= acting.now)
                };
                self.waiting_on.as_ref().filter(|waiting| ended(waiting)).ok_or(ConversationRefusal::NotWaiting)?;
                self.to_owner(SetWaitingOn::NAME, acting)
            }
            ConversationCommand::NoteDeath(NoteDeath) => return self.note_death(acting),
            ConversationCommand::Escalate(Escalate) => {
                check_process(by)?;
                let party = last_resorts.iter().copied().find(|party| self.is_anybody(*party, acting));
                let Some(party) = party else { return Ok(vec![]) };
                let is_waited_for = |waiting: &WaitingOn| waiting.party == party && waiting.action == PassTurn::NAME;
                if self.waiting_on.as_ref().is_some_and(is_waited_for) {
                    return Ok(vec![]);
                }
                let due = claim_by(self.owning_organization, acting);
                let to = WaitingOn { party, action: PassTurn::NAME, due: due.as_ref().map(|due| due.at) };
                ConversationEvent::TurnPassed(TurnPassed { by, to, note: None, promised: due })
            }
            ConversationCommand::Close(Close { outcome }) => {
                ConversationEvent::Closed(Closed { by, at: acting.now, outcome: Some(outcome.clone()) })
            }
            ConversationCommand::Reopen(reopen) => return self.reopen(reopen, acting),
        };
        Ok(vec![event])
    }

    /// It is the owner's turn, due by the calendar of their organization.
    pub(super) fn to_owner(&self, action: CommandName, acting: &Acting<'_>) -> ConversationEvent {
        let calendar = acting.calendar(self.owning_organization);
        let due = calendar.and_then(|calendar| calendar.business_days(REVIEW_BUSINESS_DAYS, acting.now));
        let to = WaitingOn { party: self.owner.party(), action, due: due.as_ref().map(|due| due.at) };
        ConversationEvent::TurnPassed(TurnPassed { by: acting.by, to, note: None, promised: due })
    }

    fn reopen(&self, reopen: &Reopen, acting: &Acting<'_>) -> Result<Vec<ConversationEvent>, ConversationRefusal> {
        let Reopen { reason, to, note } = reopen.clone();
        if self.closed_at.is_some_and(|at| at + Duration::days(REOPEN_DAYS_MAX) < acting.now) {
            return Err(ConversationRefusal::TooLate);
        }
        let by = acting.by;
        let mut events = vec![ConversationEvent::Reopened(Reopened { by, reason })];
        // The last owner goes on, or their pool where they cannot.
        let owner = match self.owner {
            Owner::Person { person, pool } if !self.can_own(person, acting) => {
                Owner::Pool(pool.ok_or(ConversationRefusal::OwnerCannotAct)?)
            }
            owner @ (Owner::Person { .. } | Owner::Pool(_)) => owner,
        };
        self.check_owner(owner, acting)?;
        if owner != self.owner {
            events.push(self.owned_by(owner, None, acting)?);
        }
        // With the owner that it has then.
        let after = events.iter().fold(self.clone(), Self::evolve);
        after.check_party(to.party, acting)?;
        after.check_due(&to, acting)?;
        events.push(ConversationEvent::TurnPassed(TurnPassed { by, to, note, promised: None }));
        Ok(events)
    }

    /// The due instant lies ahead, except that a turn that is passed on keeps its own.
    fn check_due(&self, to: &WaitingOn, acting: &Acting<'_>) -> Result<(), ConversationRefusal> {
        let kept = self.waiting_on.is_some_and(|waiting| waiting.due == to.due);
        if !kept && to.due.is_some_and(|due| due <= acting.now) {
            return Err(ConversationRefusal::DuePast);
        }
        Ok(())
    }

    /// Whether the thread can wait for the party now.
    pub(crate) fn check_party(&self, party: Party, acting: &Acting<'_>) -> Result<(), ConversationRefusal> {
        if self.can_wait_for(party) && self.is_anybody(party, acting) {
            return Ok(());
        }
        Err(ConversationRefusal::PartyCannotAct)
    }
}

pub(super) fn check_process(by: Actor) -> Result<(), ConversationRefusal> {
    match by {
        Actor::Process(_) => Ok(()),
        Actor::Person(_) | Actor::Installation => Err(ConversationRefusal::NotAProcess),
    }
}

fn opening_organization(
    patient: Option<PatientId>,
    acting: &Acting<'_>,
) -> Result<OrganizationId, ConversationRefusal> {
    let person = acting.by.person().ok_or(ConversationRefusal::NotAPerson)?;
    let keeper = patient.and_then(|patient| acting.lookups.record_keeper(patient));
    let mut at: Vec<OrganizationId> = acting
        .lookups
        .roles(person)
        .into_iter()
        .filter(|place| place.role == acting.role)
        .map(|place| place.organization)
        .collect();
    at.sort_unstable_by_key(|organization| (Some(*organization) != keeper, *organization));
    at.first().copied().ok_or(ConversationRefusal::NoOrganization)
}

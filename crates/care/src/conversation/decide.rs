//! The decision of a conversation: what happens when a command is given, whatever the kind of the thread.

use std::sync::Arc;

use chrono::Duration;

use super::hiding::Hiding;
use super::*;
use crate::aggregate::{Acting, DelegationBrief, PoolFacts};
use crate::calendar::Due;
use crate::command_name::{Acts, CommandName, Named};
use crate::text::PersonalText;
use crate::words::{DelegationState, RemovalReason};

/// Days after closing in which a thread can be opened again.
const REOPEN_DAYS_MAX: i64 = 90;
/// Days after which an invitation ends by itself.
const INVITATION_DAYS: i64 = 14;
/// Business days in which a member of the owning pool is to claim a thread, and in which a party of
/// last resort is to pass the turn on.
const CLAIM_BUSINESS_DAYS: u32 = 1;

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
                match addressed {
                    Addressed::Everyone | Addressed::ClinicalTeam => {}
                    Addressed::Named(named) => {
                        if !named.iter().all(|each| self.is_in_thread(*each, acting)) {
                            return Err(ConversationRefusal::NotAParticipant);
                        }
                        if named.iter().all(|each| *each == author) {
                            return Err(ConversationRefusal::NoReachableReader);
                        }
                    }
                    Addressed::TeamAnd(one) => self.check_one_person(*one, author, acting)?,
                }
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
                if self.read_up_to.get(&receipt(person, &read.addressed)).is_some_and(|read| *read >= number) {
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
                if !acting.lookups.is_anybody(Party::Pool(pool), self.patient, acting.thread) {
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
                let party = last_resorts
                    .iter()
                    .copied()
                    .find(|party| acting.lookups.is_anybody(*party, self.patient, acting.thread));
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

    fn add(
        &self,
        add: &AddParticipant,
        by: PersonId,
        acting: &Acting<'_>,
    ) -> Result<Vec<ConversationEvent>, ConversationRefusal> {
        let AddParticipant { person, place, history, reason } = add;
        if self.takes_part(*person) {
            return Ok(vec![]);
        }
        if *person == by {
            return Err(ConversationRefusal::SelfNotAllowed);
        }
        let on_care_team = self.patient.and_then(|patient| acting.lookups.care_team_place(patient, *person));
        let (place, by_care_team) = match (place, on_care_team) {
            (None, Some(place)) => (place, true),
            (None, None) => return Err(ConversationRefusal::NotOnCareTeam),
            (Some(place), on_care_team) => {
                if self.patient.is_some() && on_care_team.is_none() && reason.is_none() {
                    return Err(ConversationRefusal::ReasonMissing);
                }
                if !acting.lookups.holds_role(*person, *place) {
                    return Err(ConversationRefusal::NoSuchRole);
                }
                if !self.organizations().contains(&place.organization) {
                    return Err(ConversationRefusal::OtherOrganization);
                }
                (*place, false)
            }
        };
        self.check_own_record(*person, acting)?;
        self.check_window(*history, acting)?;
        let since = self.since(*history, acting)?;
        let (by, person, reason) = (acting.by, *person, reason.clone());
        let added = ParticipantAdded { by, person, place, since, by_care_team, reason };
        Ok(vec![ConversationEvent::ParticipantAdded(added)])
    }

    fn invite(
        &self,
        invite: &InviteParticipant,
        by: PersonId,
        acting: &Acting<'_>,
    ) -> Result<Vec<ConversationEvent>, ConversationRefusal> {
        let InviteParticipant { person, place, history, reason } = invite;
        if self.takes_part(*person) || self.invitations.contains_key(person) {
            return Ok(vec![]);
        }
        if *person == by {
            return Err(ConversationRefusal::SelfNotAllowed);
        }
        if self.organizations().contains(&place.organization) {
            return Err(ConversationRefusal::SameOrganization);
        }
        if !acting.lookups.holds_role(*person, *place) {
            return Err(ConversationRefusal::NoSuchRole);
        }
        self.check_own_record(*person, acting)?;
        // What the window names is checked now, and resolved when they join.
        self.check_window(*history, acting)?;
        Ok(vec![ConversationEvent::ParticipantInvited(ParticipantInvited {
            by: acting.by,
            person: *person,
            place: *place,
            history: *history,
            expires_at: acting.now + Duration::days(INVITATION_DAYS),
            reason: Some(reason.clone()),
        })])
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

    /// The event that makes somebody the owner.
    fn owned_by(
        &self,
        owner: Owner,
        reason: Option<PersonalText>,
        acting: &Acting<'_>,
    ) -> Result<ConversationEvent, ConversationRefusal> {
        let (organization, claim_by) = match owner {
            Owner::Pool(pool) | Owner::Person { person: _, pool: Some(pool) } => {
                let home = acting.lookups.pool(pool).ok_or(ConversationRefusal::NoSuchPool)?.organization;
                (home, if owner.person().is_none() { claim_by(home, acting) } else { None })
            }
            Owner::Person { person, pool: None } => {
                let place = self.participants.get(&person);
                (place.map_or(self.owning_organization, |place| place.organization), None)
            }
        };
        Ok(ConversationEvent::OwnerChanged(OwnerChanged { by: acting.by, owner, organization, claim_by, reason }))
    }

    /// Whether the owner can pass the thread on to another: to a pool of their own organization or one
    /// that takes part, a member of the owning pool, or a participant.
    fn can_pass_to(&self, to: Owner, acting: &Acting<'_>) -> bool {
        match to {
            // That there is such a pool is asked with the other conditions.
            Owner::Pool(pool) => {
                let is_of_owner = |pool: PoolFacts| pool.organization == self.owning_organization;
                self.pools.contains(&pool) || acting.lookups.pool(pool).is_none_or(is_of_owner)
            }
            Owner::Person { person: _, pool } => pool.is_none() || pool == self.owner.pool(),
        }
    }

    /// The event by which somebody takes part from now on, or is invited where their organization
    /// does not take part; none if they take part already.
    pub(crate) fn take_in(
        &self,
        person: PersonId,
        place: Place,
        history: HistoryWindow,
        acting: &Acting<'_>,
    ) -> Result<Option<ConversationEvent>, ConversationRefusal> {
        if self.participants.contains_key(&person) || self.invitations.contains_key(&person) {
            return Ok(None);
        }
        self.check_own_record(person, acting)?;
        if !acting.lookups.holds_role(person, place) {
            return Err(ConversationRefusal::NoSuchRole);
        }
        self.check_window(history, acting)?;
        let (by, reason) = (acting.by, None);
        if self.organizations().contains(&place.organization) {
            let since = self.since(history, acting)?;
            let added = ParticipantAdded { by, person, place, since, by_care_team: false, reason };
            return Ok(Some(ConversationEvent::ParticipantAdded(added)));
        }
        let expires_at = acting.now + Duration::days(INVITATION_DAYS);
        let invited = ParticipantInvited { by, person, place, history, expires_at, reason };
        Ok(Some(ConversationEvent::ParticipantInvited(invited)))
    }

    /// Whether somebody beside the opener can read the thread.
    pub(crate) fn check_reachable(&self, opener: PersonId, acting: &Acting<'_>) -> Result<(), ConversationRefusal> {
        let people = self.participants.keys().chain(self.invitations.keys());
        let pools = self.owner.pool().into_iter().chain(self.pools.iter().copied());
        let mut pools = pools.filter(|pool| self.has_pool(*pool));
        let is_another = people.clone().any(|person| *person != opener);
        if is_another || pools.any(|pool| acting.lookups.is_anybody(Party::Pool(pool), self.patient, acting.thread)) {
            return Ok(());
        }
        Err(ConversationRefusal::NoReachableReader)
    }

    /// Whether the thread can wait for the party now.
    /// The due instant lies ahead, except that a turn that is passed on keeps its own.
    fn check_due(&self, to: &WaitingOn, acting: &Acting<'_>) -> Result<(), ConversationRefusal> {
        let kept = self.waiting_on.is_some_and(|waiting| waiting.due == to.due);
        if !kept && to.due.is_some_and(|due| due <= acting.now) {
            return Err(ConversationRefusal::DuePast);
        }
        Ok(())
    }

    pub(crate) fn check_party(&self, party: Party, acting: &Acting<'_>) -> Result<(), ConversationRefusal> {
        if self.can_wait_for(party) && acting.lookups.is_anybody(party, self.patient, acting.thread) {
            return Ok(());
        }
        Err(ConversationRefusal::PartyCannotAct)
    }

    /// Whether nobody but the owner is in the thread.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        let owner = self.owner.person();
        owner.is_some() && self.persons().all(|person| Some(person) == owner) && self.pools.is_empty()
    }

    /// Whether somebody can be accountable for the thread.
    pub(crate) fn check_owner(&self, owner: Owner, acting: &Acting<'_>) -> Result<(), ConversationRefusal> {
        let can = match owner {
            Owner::Pool(pool) => {
                acting.lookups.pool(pool).ok_or(ConversationRefusal::NoSuchPool)?;
                acting.lookups.is_anybody(Party::Pool(pool), self.patient, acting.thread)
            }
            Owner::Person { person, pool } => {
                self.check_own_record(person, acting)?;
                let is_member = pool.is_none_or(|pool| acting.lookups.is_pool_member(pool, person));
                is_member && (pool.is_some() || self.participants.contains_key(&person)) && self.can_own(person, acting)
            }
        };
        if can { Ok(()) } else { Err(ConversationRefusal::OwnerCannotAct) }
    }

    /// Whether the person holds a role by which they could act in the thread at all.
    fn can_own(&self, person: PersonId, acting: &Acting<'_>) -> bool {
        // Who is blocked by the patient can do nothing here, whatever else they are.
        if self.patient.is_some_and(|patient| acting.lookups.is_blocked(patient, person, acting.thread)) {
            return false;
        }
        match self.participants.get(&person) {
            Some(place) => acting.lookups.holds_role(person, *place),
            None => {
                let works = |place: &Place| place.organization == self.owning_organization;
                let is_member = self.owner.pool().is_none_or(|pool| acting.lookups.is_pool_member(pool, person));
                acting.lookups.roles(person).iter().any(works) && is_member
            }
        }
    }

    fn check_own_record(&self, person: PersonId, acting: &Acting<'_>) -> Result<(), ConversationRefusal> {
        if self.patient.is_some_and(|patient| acting.lookups.is_patient(patient, person)) {
            return Err(ConversationRefusal::OwnRecord);
        }
        Ok(())
    }

    /// Whether the person can stop taking part: neither as the owner, nor as the last who is there.
    fn check_removable(&self, person: PersonId, acting: &Acting<'_>) -> Result<(), ConversationRefusal> {
        if self.owner.person() == Some(person) {
            return Err(ConversationRefusal::OwnerMustTransfer);
        }
        let mut pools = self.owner.pool().into_iter().chain(self.pools.iter().copied());
        let remains = self.persons().any(|each| each != person)
            || pools.any(|pool| acting.lookups.is_anybody(Party::Pool(pool), self.patient, acting.thread));
        if self.participants.contains_key(&person) && !remains {
            return Err(ConversationRefusal::LastParticipant);
        }
        Ok(())
    }

    /// Whether a message can be addressed to the person by name: they are in the thread, and hold the role by
    /// which they are. The patient reads what is for everyone.
    fn is_in_thread(&self, person: PersonId, acting: &Acting<'_>) -> bool {
        let is_patient = self.patient.is_some_and(|patient| acting.lookups.is_patient(patient, person));
        let works_at =
            |organization| acting.lookups.roles(person).iter().any(|place| place.organization == organization);
        // Where only participants read, the requester is one or does not read.
        let is_requester = self.requester == Actor::Person(person) && !self.kind.is_participants_only();
        let is_owner = self.owner.person() == Some(person);
        let is_present = |place: &Place| {
            let on_care_team = || self.patient.and_then(|patient| acting.lookups.care_team_place(patient, person));
            acting.lookups.holds_role(person, *place)
                && (!self.by_care_team.contains(&person) || on_care_team().is_some())
        };
        !is_patient
            && (self.participants.get(&person).is_some_and(is_present)
                || is_owner && works_at(self.owning_organization)
                || is_requester && !self.requester_left && works_at(self.organization)
                || self
                    .owner
                    .pool()
                    .is_some_and(|pool| self.has_pool(pool) && acting.lookups.is_pool_member(pool, person))
                || self.pools.iter().any(|pool| acting.lookups.is_pool_member(*pool, person)))
    }

    /// Whether a message can be between the clinical team and this person. Who writes as a person, and not in a role,
    /// writes for themself. The team answers the patient, or one person who helps them.
    fn check_one_person(
        &self,
        one: PersonId,
        author: PersonId,
        acting: &Acting<'_>,
    ) -> Result<(), ConversationRefusal> {
        let helps = |patient| {
            let gives_access = |each: &DelegationBrief| {
                each.state == DelegationState::Active && each.until.is_some_and(|until| acting.now < until)
            };
            let mut of = acting.lookups.delegations_of(patient).into_iter();
            of.any(|each| each.person == Some(one) && gives_access(&each))
        };
        let is_lay = |patient| acting.lookups.is_patient(patient, one) || helps(patient);
        let can = if acting.role == Role::Person { one == author } else { self.patient.is_some_and(is_lay) };
        // Where only participants read, there is no such person.
        if can && !self.kind.is_participants_only() { Ok(()) } else { Err(ConversationRefusal::NotAParticipant) }
    }

    /// A message that the actor may read. One that they may not is as missing.
    fn readable(&self, message: MessageId, acting: &Acting<'_>) -> Result<&Message, ConversationRefusal> {
        let is_theirs = |message: &&Message| match &message.addressed {
            Addressed::Everyone | Addressed::ClinicalTeam => true,
            Addressed::Named(named) => {
                message.author == acting.by || acting.by.person().is_some_and(|person| named.contains(&person))
            }
            Addressed::TeamAnd(one) => acting.readable.is_of_team() || acting.by.person() == Some(*one),
        };
        let is_shown = |message: &&Message| {
            acting.readable.shows(message.addressed.audience(), message.since.number, message.since.at)
        };
        let found = self.messages.get(&message).filter(is_shown).filter(is_theirs);
        found.ok_or(ConversationRefusal::NoSuchMessage)
    }

    /// Whether the actor can give somebody this window: it begins at nothing that they may not read.
    fn check_window(&self, history: HistoryWindow, acting: &Acting<'_>) -> Result<(), ConversationRefusal> {
        match history {
            HistoryWindow::Full | HistoryWindow::FromJoin => Ok(()),
            HistoryWindow::FromMessage(message) => self.readable(message, acting).map(|_| ()),
        }
    }

    /// From where on a window lets somebody see the thread.
    pub(crate) fn since(
        &self,
        history: HistoryWindow,
        acting: &Acting<'_>,
    ) -> Result<Option<Since>, ConversationRefusal> {
        match history {
            HistoryWindow::Full => Ok(None),
            HistoryWindow::FromJoin => Ok(Some(Since { number: self.next_number(), at: acting.now })),
            HistoryWindow::FromMessage(message) => {
                let message = self.messages.get(&message).ok_or(ConversationRefusal::NoSuchMessage)?;
                Ok(Some(message.since))
            }
        }
    }

    pub(super) fn next_number(&self) -> u32 {
        u32::try_from(self.messages.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    fn set_window(&mut self, person: PersonId, since: Option<Since>) {
        let windows = Arc::make_mut(&mut self.windows);
        match since {
            Some(since) => windows.insert(person, since),
            None => windows.remove(&person),
        };
    }

    /// The conversation after `event`.
    #[must_use]
    pub fn evolve(mut self, event: &ConversationEvent) -> Self {
        match event {
            // A thread is opened once, by `opened`. Labels and release are no part of this state.
            ConversationEvent::Opened(_) | ConversationEvent::Labelled(_) | ConversationEvent::Released(_) => {}
            ConversationEvent::WindowChanged(changed) => self.set_window(changed.person, changed.since),
            ConversationEvent::ParticipantAdded(added) => {
                self.invitations.remove(&added.person);
                self.participants.insert(added.person, added.place);
                self.set_window(added.person, added.since);
                if added.by_care_team {
                    self.by_care_team.insert(added.person);
                } else {
                    self.by_care_team.remove(&added.person);
                }
            }
            ConversationEvent::ParticipantInvited(invited) => {
                let ParticipantInvited { by: _, person, place, history, expires_at, reason: _ } = invited;
                let invitation = Invitation { place: *place, history: *history, expires_at: *expires_at };
                self.invitations.insert(*person, invitation);
            }
            ConversationEvent::ParticipantDeclined(ParticipantDeclined { by }) => {
                by.person().map(|person| self.invitations.remove(&person));
            }
            ConversationEvent::InvitationExpired(expired) => {
                self.invitations.remove(&expired.person);
            }
            ConversationEvent::ParticipantRemoved(removed) => {
                self.requester_left |= self.requester == Actor::Person(removed.person);
                self.participants.remove(&removed.person);
                self.by_care_team.remove(&removed.person);
                self.invitations.remove(&removed.person);
            }
            ConversationEvent::OwnerChanged(changed) => {
                (self.owner, self.owning_organization) = (changed.owner, changed.organization);
            }
            ConversationEvent::RequesterChanged(changed) => {
                (self.requester, self.requester_left) = (Actor::Person(changed.requester), false);
            }
            ConversationEvent::TurnPassed(passed) => self.waiting_on = Some(passed.to),
            ConversationEvent::MessagePosted(posted) => {
                self.known(posted.by, posted.capacity);
                let since = Since { number: posted.number, at: posted.at };
                let message = Message { since, author: posted.by, addressed: posted.addressed.clone() };
                Arc::make_mut(&mut self.messages).insert(posted.message, message);
            }
            ConversationEvent::ReadMarked(marked) => {
                self.known(Actor::Person(marked.person), marked.capacity);
                if let Some(message) = self.messages.get(&marked.message) {
                    let read = receipt(marked.person, &message.addressed);
                    Arc::make_mut(&mut self.read_up_to).insert(read, marked.number);
                }
            }
            ConversationEvent::ThreadPutAway(put) => {
                let persons = Arc::make_mut(&mut self.put_away);
                if put.away {
                    persons.insert(put.person);
                } else {
                    persons.remove(&put.person);
                }
            }
            ConversationEvent::HiddenFromDelegates(_) => self.hidden_from_delegates = true,
            ConversationEvent::ShownToDelegates(_) => self.hidden_from_delegates = false,
            ConversationEvent::PatientDied(died) => self.death = Some(died.died_at),
            // A closed thread waits for nobody; reopening names the next party.
            ConversationEvent::Closed(closed) => (self.closed_at, self.waiting_on) = (Some(closed.at), None),
            ConversationEvent::Reopened(_) => self.closed_at = None,
        }
        self
    }
}

/// Which receipt of a person the reading of a message moves.
fn receipt(person: PersonId, addressed: &Addressed) -> Receipt {
    Receipt { person, audience: addressed.audience(), one: addressed.one_person() }
}

pub(super) fn check_process(by: Actor) -> Result<(), ConversationRefusal> {
    match by {
        Actor::Process(_) => Ok(()),
        Actor::Person(_) | Actor::Installation => Err(ConversationRefusal::NotAProcess),
    }
}

/// Until when a pool of the organization is to claim a thread that it owns from now on.
fn claim_by(organization: OrganizationId, acting: &Acting<'_>) -> Option<Due> {
    acting.calendar(organization)?.business_days(CLAIM_BUSINESS_DAYS, acting.now)
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

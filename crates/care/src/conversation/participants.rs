//! Who takes part in a conversation: how they are added or invited, how much of the past they see, and who must stay.

use super::*;

impl Conversation {
    pub(super) fn add(
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

    pub(super) fn invite(
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
        Ok(vec![invited(*person, *place, *history, Some(reason.clone()), acting)])
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
        if !self.organizations().contains(&place.organization) {
            return Ok(Some(invited(person, place, history, None, acting)));
        }
        let since = self.since(history, acting)?;
        let added = ParticipantAdded { by: acting.by, person, place, since, by_care_team: false, reason: None };
        Ok(Some(ConversationEvent::ParticipantAdded(added)))
    }

    /// Whether the person is the patient whom the thread is about.
    pub(super) fn is_patient(&self, person: PersonId, acting: &Acting<'_>) -> bool {
        self.patient.is_some_and(|patient| acting.lookups.is_patient(patient, person))
    }

    pub(super) fn check_own_record(&self, person: PersonId, acting: &Acting<'_>) -> Result<(), ConversationRefusal> {
        if self.is_patient(person, acting) {
            return Err(ConversationRefusal::OwnRecord);
        }
        Ok(())
    }

    /// Whether somebody belongs to the party now who could act in the thread.
    pub(super) fn is_anybody(&self, party: Party, acting: &Acting<'_>) -> bool {
        acting.lookups.is_anybody(party, self.patient, acting.thread)
    }

    /// Whether somebody beside the opener can read the thread.
    pub(crate) fn check_reachable(&self, opener: PersonId, acting: &Acting<'_>) -> Result<(), ConversationRefusal> {
        let people = self.participants.keys().chain(self.invitations.keys());
        let pools = self.owner.pool().into_iter().chain(self.pools.iter().copied());
        let mut pools = pools.filter(|pool| self.has_pool(*pool));
        let is_another = people.clone().any(|person| *person != opener);
        if is_another || pools.any(|pool| self.is_anybody(Party::Pool(pool), acting)) {
            return Ok(());
        }
        Err(ConversationRefusal::NoReachableReader)
    }

    /// Whether nobody but the owner is in the thread.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        let owner = self.owner.person();
        owner.is_some() && self.persons().all(|person| Some(person) == owner) && self.pools.is_empty()
    }

    /// Whether the person can stop taking part: neither as the owner, nor as the last who is there.
    pub(super) fn check_removable(&self, person: PersonId, acting: &Acting<'_>) -> Result<(), ConversationRefusal> {
        if self.owner.person() == Some(person) {
            return Err(ConversationRefusal::OwnerMustTransfer);
        }
        let mut pools = self.owner.pool().into_iter().chain(self.pools.iter().copied());
        let remains =
            self.persons().any(|each| each != person) || pools.any(|pool| self.is_anybody(Party::Pool(pool), acting));
        if self.participants.contains_key(&person) && !remains {
            return Err(ConversationRefusal::LastParticipant);
        }
        Ok(())
    }

    /// Whether the actor can give somebody this window: it begins at nothing that they may not read.
    pub(super) fn check_window(&self, history: HistoryWindow, acting: &Acting<'_>) -> Result<(), ConversationRefusal> {
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
}

/// The event by which somebody of another organization is asked to take part.
fn invited(
    person: PersonId,
    place: Place,
    history: HistoryWindow,
    reason: Option<PersonalText>,
    acting: &Acting<'_>,
) -> ConversationEvent {
    let (by, expires_at) = (acting.by, acting.answer_by());
    ConversationEvent::ParticipantInvited(ParticipantInvited { by, person, place, history, expires_at, reason })
}

//! To whom a message can be addressed, and which messages the actor may read.

use super::*;

impl Conversation {
    /// Whether the author reaches with a message whom it is addressed to.
    pub(super) fn check_addressed(
        &self,
        addressed: &Addressed,
        author: PersonId,
        acting: &Acting<'_>,
    ) -> Result<(), ConversationRefusal> {
        match addressed {
            Addressed::Everyone | Addressed::ClinicalTeam => Ok(()),
            Addressed::Named(named) if !named.iter().all(|each| self.is_in_thread(*each, acting)) => {
                Err(ConversationRefusal::NotAParticipant)
            }
            Addressed::Named(named) if named.iter().all(|each| *each == author) => {
                Err(ConversationRefusal::NoReachableReader)
            }
            Addressed::Named(_) => Ok(()),
            Addressed::TeamAnd(one) => self.check_one_person(*one, author, acting),
        }
    }

    /// Whether a message can be addressed to the person by name: they are in the thread, and hold the role by
    /// which they are. The patient reads what is for everyone.
    fn is_in_thread(&self, person: PersonId, acting: &Acting<'_>) -> bool {
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
        !self.is_patient(person, acting)
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
            let mut of = acting.lookups.delegations_of(patient).into_iter();
            of.any(|each| each.person == Some(one) && each.gives_access(acting.now))
        };
        let is_lay = |patient| acting.lookups.is_patient(patient, one) || helps(patient);
        let can = if acting.role == Role::Person { one == author } else { self.patient.is_some_and(is_lay) };
        // Where only participants read, there is no such person.
        if can && !self.kind.is_participants_only() { Ok(()) } else { Err(ConversationRefusal::NotAParticipant) }
    }

    /// A message that the actor may read. One that they may not is as missing.
    pub(super) fn readable(&self, message: MessageId, acting: &Acting<'_>) -> Result<&Message, ConversationRefusal> {
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

    pub(super) fn next_number(&self) -> u32 {
        u32::try_from(self.messages.len()).unwrap_or(u32::MAX).saturating_add(1)
    }
}

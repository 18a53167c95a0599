//! The death of the patient, as the threads about them take it: each open one says it once and waits for its owner.
//!
//! A death that was recorded by error and voided leaves the threads as they are: what goes on is the owner's to say.

use super::decide::check_process;
use super::*;

impl Conversation {
    /// What happens when the death is on record. Nothing where none is, or where the thread says this one already.
    pub(super) fn note_death(&self, acting: &Acting<'_>) -> Result<Vec<ConversationEvent>, ConversationRefusal> {
        check_process(acting.by)?;
        let died = self.patient.and_then(|patient| acting.lookups.patient_died(patient));
        let Some(died_at) = died.filter(|died| self.death != Some(*died)) else { return Ok(vec![]) };
        // Whatever was awaited, of the patient too, is awaited no longer. Any kind lets the turn be passed on where just that
        // is waited for.
        let said = ConversationEvent::PatientDied(PatientDied { by: acting.by, died_at });
        Ok(vec![said, self.to_owner(PassTurn::NAME, acting)])
    }

    /// After the death staff open threads about the patient, and nobody as the patient or for them.
    pub(super) fn check_alive(patient: Option<PatientId>, acting: &Acting<'_>) -> Result<(), ConversationRefusal> {
        let is_dead = || patient.is_some_and(|patient| acting.lookups.patient_died(patient).is_some());
        if acting.role == Role::Person && is_dead() {
            return Err(ConversationRefusal::PatientDeceased);
        }
        Ok(())
    }
}

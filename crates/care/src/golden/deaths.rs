//! A sample of each event about a patient's death and about protection notes, with its tags and how many words stand in
//! it.

use super::*;
use crate::patient::{DeathRecorded, DeathVoided, PatientEvent, ProtectionNoteLifted, ProtectionNoteRecorded};

pub(super) fn samples() -> Vec<Sample<Event>> {
    let (by, role) = (person(3), Role::Nurse);
    let sample = |event: PatientEvent, tags| Sample { event: Event::Patient(event), tags, words: 2 };
    let recorded = DeathRecorded { by, role, at: at("2026-11-23T08:00:00Z"), source: SPARE };
    let voided = DeathVoided { by, role, reason: SPARE };
    let noted = ProtectionNoteRecorded { by, role, against: id(8), reason: SPARE };
    let lifted = ProtectionNoteLifted { by, role, against: id(8), reason: SPARE };
    vec![
        sample(recorded.into(), &["patient.death_source"]),
        sample(voided.into(), &["patient.death_voided_reason"]),
        sample(noted.into(), &["patient.protection_note_reason"]),
        sample(lifted.into(), &["patient.protection_note_lifted_reason"]),
    ]
}

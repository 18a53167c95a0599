//! A sample of each event of a patient's directives, with its tags and how many words stand in it.

use super::*;
use crate::consent_directive::{
    ConfirmationOverdueNoted, ConfirmationReminded, DirectiveActivated, DirectiveConfirmed, DirectiveEndAnnounced,
    DirectiveEnded, DirectiveEvent, DirectiveProposed, DirectiveTightened, DirectiveTookEffect, DirectiveVoided,
    DirectiveWasRefused, Terms, Whom,
};
use crate::ids::{DirectiveId, PatientId};
use crate::shown::TextVersion;
use crate::words::{DirectiveEffect, DirectiveEnd, DirectiveGiver, DirectiveRefused, Purpose, Sensitivity};

/// Terms with everything that can be given: a role, a code and a purpose are words.
fn terms() -> Terms {
    Terms {
        whom: Whom { person: Some(id(3)), role: Some(Role::Nurse), organization: Some(id(2)) },
        sensitivities: [Sensitivity::Hiv].into(),
        purpose: Some(Purpose::Treatment),
        from: Some(at("2026-12-01T00:00:00Z")),
        until: Some(at("2027-06-01T00:00:00Z")),
    }
}

pub(super) fn samples() -> Vec<Sample<Event>> {
    let (directive, patient): (DirectiveId, PatientId) = (id(22), id(1));
    let (by, role, terms) = (person(8), Role::Coordinator, terms());
    let confirm_by = at("2026-12-07T08:00:00Z");
    let text_version = Some(TextVersion::parse("directive-1.en").expect("a version"));
    let sample = |event: DirectiveEvent, tags, words| Sample { event: Event::Directives(event), tags, words };
    let proposed =
        DirectiveProposed { directive, patient, terms: terms.clone(), by, role, patient_word: SPARE, confirm_by };
    let activated = DirectiveActivated {
        directive,
        patient,
        effect: DirectiveEffect::Deny,
        terms: terms.clone(),
        giver: DirectiveGiver::Staff,
        by,
        role,
        patient_word: Some(SPARE),
        text_version: text_version.clone(),
        words_shown: Some(WORDS_SHOWN),
        confirm_by: Some(confirm_by),
    };
    let confirmed = DirectiveConfirmed {
        directive,
        patient,
        giver: DirectiveGiver::Patient,
        by,
        role,
        text_version,
        words_shown: Some(WORDS_SHOWN),
        document: Some(SPARE),
    };
    let refused = DirectiveWasRefused { directive, patient, how: DirectiveRefused::NotConfirmed, by, role };
    let tightened = DirectiveTightened { directive, patient, terms, by, role };
    let ended = DirectiveEnded { directive, patient, how: DirectiveEnd::PeriodOver, by, role };
    let voided = DirectiveVoided { directive, patient, reason: SPARE, by, role };
    vec![
        sample(proposed.into(), &["consent_directive.proposed_word"], 5),
        sample(activated.into(), &["consent_directive.patient_word"], 8),
        sample(confirmed.into(), &["consent_directive.document"], 4),
        sample(refused.into(), &[], 3),
        sample(tightened.into(), &[], 5),
        sample(ended.into(), &[], 3),
        sample(voided.into(), &["consent_directive.void_reason"], 2),
        sample(ConfirmationReminded { directive, patient, by }.into(), &[], 1),
        sample(ConfirmationOverdueNoted { directive, patient, by, ask_by: Some(due()) }.into(), &[], 1),
        sample(DirectiveTookEffect { directive, patient, by }.into(), &[], 1),
        sample(DirectiveEndAnnounced { directive, patient, by }.into(), &[], 1),
    ]
}

//! The steps of these histories that are about directives of a patient: whom each blocks or permits, and how it changes and
//! ends.
//! Every command to a directive is among them; those of the process are in `clinic.rs`.

use std::collections::BTreeSet;

use care::consent_directive::{
    ConfirmDirective, ConfirmSignedPaper, Deny, DirectiveCommand, Directives, EndDirective, PermitDirective,
    RecordDeny, RecordPermit, RefuseDirective, Terms, TightenDirective, VoidDirective, Whom,
};
use care::consent_text::{self, ShownText};
use care::ids::{DirectiveId, PatientId, PersonId};
use care::words::{DirectiveEffect, Purpose, Sensitivity, TextLanguage};
use chrono::TimeDelta;
use proptest::prelude::*;

use super::super::directives::Given;
use super::super::*;
use super::clinic::{Clinic, People, Which, nth, signed_in, text};

/// What the patient says.
#[derive(Debug, Clone)]
pub struct Said {
    /// Whether staff write it down.
    pub by_staff: bool,
    pub whom: Which,
    /// About what has these codes alone; empty: a deny about everything, a permission about what is restricted and has none.
    pub codes: BTreeSet<Sensitivity>,
    /// For this purpose alone; a permission for treatment where there is none.
    pub purpose: Option<Purpose>,
    /// In how many days it begins.
    pub ahead: i64,
    /// How many days it lasts; none: without an end, or for thirty days where it needs one.
    pub days: Option<i64>,
}

/// What happens to the word of the patient; of a directive of theirs, which it is.
#[derive(Debug, Clone)]
pub enum Word {
    Deny(Said),
    Permit(Said),
    Confirm(Which),
    Refuse(Which),
    /// A deny is for everything from now on, or half of the time of a permission is left.
    Tighten(Which),
    End(Which),
    Void(Which),
}

pub fn any_codes() -> impl Strategy<Value = BTreeSet<Sensitivity>> {
    let code = prop::sample::select(vec![Sensitivity::Hiv, Sensitivity::SubstanceUse]);
    prop_oneof![2 => Just(BTreeSet::new()), 1 => prop::collection::btree_set(code, 1..3)]
}

fn any_said() -> impl Strategy<Value = Said> {
    let purposes = vec![Purpose::Treatment, Purpose::CareCoordination, Purpose::FamilyRequest];
    let purpose = prop_oneof![3 => Just(None), 2 => prop::sample::select(purposes).prop_map(Some)];
    let ahead = prop_oneof![3 => Just(0_i64), 1 => 1_i64..20];
    let days = prop_oneof![1 => Just(None), 1 => (1_i64..80).prop_map(Some)];
    (prop::bool::weighted(0.3), any::<u8>(), any_codes(), purpose, ahead, days)
        .prop_map(|(by_staff, whom, codes, purpose, ahead, days)| Said { by_staff, whom, codes, purpose, ahead, days })
}

pub fn any_word() -> impl Strategy<Value = Word> {
    prop_oneof![
        3 => any_said().prop_map(Word::Deny),
        3 => any_said().prop_map(Word::Permit),
        2 => any::<u8>().prop_map(Word::Confirm),
        1 => any::<u8>().prop_map(Word::Refuse),
        2 => any::<u8>().prop_map(Word::Tighten),
        3 => any::<u8>().prop_map(Word::End),
        1 => any::<u8>().prop_map(Word::Void),
    ]
}

/// Whom a directive is about: a person, everybody in a role, everybody at an organization, or both.
fn whom(clinic: &Clinic, which: Which) -> Whom {
    let People { daughter, son, aide, physician, other_nurse, social_worker, .. } = clinic.people;
    let role = |role| Whom { role: Some(role), ..Whom::default() };
    let at = |organization| Whom { organization: Some(organization), ..Whom::default() };
    let all = [
        Whom::person(daughter),
        Whom::person(son),
        Whom::person(aide),
        Whom::person(physician),
        Whom::person(other_nurse),
        Whom::person(social_worker),
        role(Role::Nurse),
        role(Role::Coordinator),
        at(clinic.community),
        Whom { role: Some(Role::Nurse), ..at(clinic.practice) },
        Whom { role: Some(Role::SocialWorker), ..at(clinic.community) },
    ];
    nth(&all, which).expect("somebody")
}

fn terms(clinic: &Clinic, said: &Said) -> Terms {
    let Said { by_staff: _, whom: which, codes, purpose, ahead, days } = said;
    let begins = clinic.history.now + TimeDelta::days(*ahead);
    Terms {
        whom: whom(clinic, *which),
        sensitivities: codes.clone(),
        purpose: *purpose,
        from: (*ahead > 0).then_some(begins),
        until: days.map(|days| begins + TimeDelta::days(days)),
    }
}

/// The text for a directive of this effect, as it is shown.
fn shown(effect: DirectiveEffect) -> ShownText {
    consent_text::current(consent_text::of_directive(effect), TextLanguage::En).shown()
}

/// Takes a step about the word of a patient, by who may take it.
pub fn take(clinic: &mut Clinic, patient: PatientId, word: &Word) {
    let People { physician, nurse, coordinator, officer, .. } = clinic.people;
    let own = clinic.person_of(patient);
    let all = clinic.directives(patient);
    let of = |which: Which| nth(&all, which);
    // Who gives it, and the command; none where there is no such directive, or nobody who could give it.
    let given: Option<(PersonId, DirectiveCommand)> = match word {
        Word::Deny(said) => {
            let (terms, patient_word) = (terms(clinic, said), text("Not them."));
            Some(if said.by_staff {
                (physician, RecordDeny { patient, terms, patient_word }.into())
            } else {
                (own.unwrap_or(coordinator), Deny { patient, terms, patient_word: Some(patient_word) }.into())
            })
        }
        Word::Permit(said) => {
            let said = Said {
                purpose: said.purpose.or(Some(Purpose::Treatment)),
                days: said.days.or(Some(30)),
                ..said.clone()
            };
            let terms = terms(clinic, &said);
            if said.by_staff {
                Some((physician, RecordPermit { patient, terms, patient_word: text("They may.") }.into()))
            } else {
                own.map(|own| (own, PermitDirective { patient, terms, text: shown(DirectiveEffect::Permit) }.into()))
            }
        }
        Word::Confirm(which) => of(*which).map(|directive| match own {
            Some(own) => {
                // A permission that waits to be confirmed is given to nobody yet.
                let facts = clinic.state.entity::<DirectiveFacts>(patient.uuid());
                let given = facts.and_then(|facts| facts.given(directive));
                let text = shown(given.map_or(DirectiveEffect::Permit, |given| given.effect));
                (own, ConfirmDirective { patient, directive, text }.into())
            }
            None => (nurse, ConfirmSignedPaper { patient, directive, document: text("It is signed.") }.into()),
        }),
        Word::Refuse(which) => {
            own.zip(of(*which)).map(|(own, directive)| (own, RefuseDirective { patient, directive }.into()))
        }
        Word::Tighten(which) => own.zip(of(*which)).and_then(|(own, directive)| {
            let terms = tighter(clinic, patient, directive)?;
            Some((own, TightenDirective { patient, directive, terms }.into()))
        }),
        Word::End(which) => {
            of(*which).map(|directive| (own.unwrap_or(coordinator), EndDirective { patient, directive }.into()))
        }
        Word::Void(which) => {
            let reason = text("It is about somebody else.");
            of(*which).map(|directive| (officer, VoidDirective { patient, directive, reason }.into()))
        }
    };
    if let Some((by, command)) = given {
        let _given = clinic.give::<Directives>(signed_in(by), Some(patient), &command);
    }
}

/// The terms of a directive in force, tightened; none if it is not in force.
fn tighter(clinic: &Clinic, patient: PatientId, directive: DirectiveId) -> Option<Terms> {
    let Given { effect, terms } = clinic.state.entity::<DirectiveFacts>(patient.uuid())?.given(directive)?.clone();
    let now = clinic.history.now;
    Some(match effect {
        DirectiveEffect::Deny => {
            Terms { whom: terms.whom, sensitivities: BTreeSet::new(), purpose: None, from: None, until: None }
        }
        DirectiveEffect::Permit => Terms { until: terms.until.map(|until| now + (until - now) / 2), ..terms },
    })
}

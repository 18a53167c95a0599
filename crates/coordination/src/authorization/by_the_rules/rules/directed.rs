//! What the patient keeps from a person or permits them: the rules about directives as a clinician says them.

use std::collections::BTreeMap;

use care::consent_directive::{DirectiveEvent, Terms};
use care::event::{Event, Stream};
use care::ids::{PatientId, PersonId};
use care::words::{DirectiveEffect, Purpose};

use super::{History, ThreadNow};

impl History {
    /// Whether the patient keeps the thread from the person, for every purpose or for this one: the word of the patient names
    /// the person or a place of theirs, and is about everything or about one of its sensitive subjects.
    pub(super) fn is_shut_out(
        &self,
        patient: PatientId,
        person: PersonId,
        thread: &ThreadNow,
        purpose: Option<Purpose>,
    ) -> bool {
        self.words_about(patient, person).iter().any(|(effect, terms)| {
            let is_about = terms.sensitivities.is_empty() || !terms.sensitivities.is_disjoint(&thread.codes);
            *effect == DirectiveEffect::Deny && terms.purpose == purpose && is_about
        })
    }

    /// Whether the patient permits the person to read the thread for treatment: one word of the patient names each of its
    /// sensitive subjects, or none where it has none.
    pub(super) fn is_permitted(&self, patient: PatientId, person: PersonId, thread: &ThreadNow) -> bool {
        self.words_about(patient, person).iter().any(|(effect, terms)| {
            *effect == DirectiveEffect::Permit
                && terms.purpose == Some(Purpose::Treatment)
                && thread.codes.is_empty() == terms.sensitivities.is_empty()
                && thread.codes.is_subset(&terms.sensitivities)
        })
    }

    /// The words of the patient that hold now and are about this person: by name, or by a place that they hold.
    fn words_about(&self, patient: PatientId, person: PersonId) -> Vec<(DirectiveEffect, Terms)> {
        let (mut words, mut not_confirmed) = (BTreeMap::new(), BTreeMap::new());
        for each in self.all.iter().filter(|each| each.stream == Stream::Directives(patient)) {
            let Event::Directives(event) = &each.event else { continue };
            match event {
                // A permission that staff wrote down holds once the patient confirms it.
                DirectiveEvent::DirectiveProposed(proposed) => {
                    not_confirmed.insert(proposed.directive, proposed.terms.clone());
                }
                DirectiveEvent::DirectiveConfirmed(confirmed) => {
                    if let Some(terms) = not_confirmed.remove(&confirmed.directive) {
                        words.insert(confirmed.directive, (DirectiveEffect::Permit, terms));
                    }
                }
                DirectiveEvent::DirectiveWasRefused(refused) => {
                    not_confirmed.remove(&refused.directive);
                }
                // What the patient says themself holds at once, and so does a deny that staff wrote down.
                DirectiveEvent::DirectiveActivated(activated) => {
                    words.insert(activated.directive, (activated.effect, activated.terms.clone()));
                }
                DirectiveEvent::DirectiveTightened(tightened) => {
                    if let Some((_, terms)) = words.get_mut(&tightened.directive) {
                        *terms = tightened.terms.clone();
                    }
                }
                DirectiveEvent::DirectiveEnded(ended) => {
                    words.remove(&ended.directive);
                }
                DirectiveEvent::DirectiveVoided(voided) => {
                    words.remove(&voided.directive);
                    not_confirmed.remove(&voided.directive);
                }
                // Nobody reads more or less because somebody was reminded, or because a process saw that a period has begun.
                DirectiveEvent::ConfirmationReminded(_)
                | DirectiveEvent::ConfirmationOverdueNoted(_)
                | DirectiveEvent::DirectiveTookEffect(_)
                | DirectiveEvent::DirectiveEndAnnounced(_) => {}
            }
        }
        let places = self.places(person);
        let is_about = |terms: &Terms| {
            let (role, organization) = (terms.whom.role, terms.whom.organization);
            let by_place = (role.is_some() || organization.is_some())
                && places.iter().any(|place| {
                    role.is_none_or(|role| role == place.role)
                        && organization.is_none_or(|organization| organization == place.organization)
                });
            terms.whom.person == Some(person) || terms.whom.person.is_none() && by_place
        };
        let holds = |terms: &Terms| {
            terms.from.is_none_or(|from| from <= self.now) && terms.until.is_none_or(|until| self.now < until)
        };
        words.into_values().filter(|(_, terms)| is_about(terms) && holds(terms)).collect()
    }
}

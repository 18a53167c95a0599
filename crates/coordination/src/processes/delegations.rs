//! What is due to delegations and legal authorities: they end, are suspended, and people are reminded in time.
//!
//! `care::process::delegations` says what is due by their own instants. What happened elsewhere is found in the
//! authorization state: a death, a protection note, the end or a dispute of a legal authority, the end of a role. The ages
//! of a minor follow from their date of birth, which is opened for that and stored nowhere. An access ends at its instant,
//! at an age and with a death whatever happens here: here the record says so.
//!
//! Each command is given because of the newest event of its delegation or authority, and an aggregate accepts it only while
//! it is due. So it takes effect once, also when a node was killed after it.

use care::age::AgeInstants;
use care::aggregate::{Lookups as _, age_instants};
use care::delegation::{Delegation, DelegationCommand, EndCause, EndDelegationBy, SuspendDelegationBy};
use care::event::Stream;
use care::ids::{AuthorityId, DelegationId, Id};
use care::legal_authority::{LegalAuthority, LegalAuthorityCommand};
use care::process::delegations as process;
use care::words::{AuthorityState, DelegationKind, DelegationState, ProcessName, SuspensionCause};
use chrono::{DateTime, Utc};

use super::timed::Found;
use crate::application::Application;
use crate::authorization::AuthorizationState;
use crate::authorization::delegation::DelegationFacts;
use crate::authorization::details::{PatientDetails, StoredText};
use crate::authorization::legal_authority::LegalAuthorityFacts;
use crate::authorization::lookups::LookupsAt;
use crate::authorization::patient::PatientFacts;
use crate::authorization::timers::{AuthorityTimers, DelegationTimers};
use crate::fault::Fault;
use crate::rounds::Rounds;
use crate::rounds::schedule::Timed;

/// The date of birth of a patient, where a delegation has instants that follow from it.
enum BirthDate {
    /// It has none.
    NotNeeded,
    Sealed(StoredText),
    /// Its key was destroyed.
    Erased(StoredText),
}

/// Whether the delegate has access by reason of the patient's minority.
fn is_by_minority(state: &AuthorizationState, facts: &DelegationFacts) -> bool {
    let authority = facts.authority.and_then(|authority| state.entity::<LegalAuthorityFacts>(authority.uuid()));
    facts.kind.rests_on_minority(authority.map(|authority| authority.ground))
}

fn birth_date(state: &AuthorizationState, delegation: DelegationId) -> BirthDate {
    let facts = state.entity::<DelegationFacts>(delegation.uuid());
    let Some(facts) = facts.filter(|facts| is_by_minority(state, facts)) else { return BirthDate::NotNeeded };
    let has_access = matches!(facts.state, DelegationState::Active | DelegationState::Suspended);
    let details = state.entity::<PatientDetails>(facts.patient.uuid()).filter(|_| has_access);
    let Some(sealed) = details.map(|details| details.birth_date.clone()) else { return BirthDate::NotNeeded };
    let is_erased = state.entity::<PatientFacts>(facts.patient.uuid()).is_some_and(PatientFacts::is_erased);
    if is_erased { BirthDate::Erased(sealed) } else { BirthDate::Sealed(sealed) }
}

/// What happened elsewhere that ends a delegation. A stream that cannot be read proves nothing.
fn ends(lookups: &LookupsAt<'_>, facts: &DelegationFacts) -> Vec<EndCause> {
    let state = lookups.state;
    let is_dead = state.entity::<PatientFacts>(facts.patient.uuid()).map(|patient| patient.died_at().is_some());
    let is_executor = facts.kind == DelegationKind::Executor;
    let authority = facts.authority.and_then(|authority| state.entity::<LegalAuthorityFacts>(authority.uuid()));
    let has_left = facts.person.is_some_and(|person| {
        let works = lookups.roles(person).iter().any(|place| Some(place.organization) == facts.organization);
        facts.is_employed_by_role && !works && !state.is_parked(Stream::Person(person))
    });
    let needs_no_answer = facts.state == DelegationState::Asked
        && lookups.delegations_of(facts.patient).iter().any(|brief| brief.is_accepted_by(facts.person, facts.kind));
    let causes = [
        (is_dead == Some(true) && !is_executor, EndCause::PatientDied),
        (is_dead == Some(false) && is_executor, EndCause::DeathVoided),
        (authority.is_some_and(|authority| authority.state == AuthorityState::Ended), EndCause::AuthorityEnded),
        (has_left, EndCause::EmploymentEnded),
        (needs_no_answer, EndCause::InvitationAccepted),
    ];
    causes.into_iter().filter(|(is_so, _)| *is_so).map(|(_, cause)| cause).collect()
}

/// What happened elsewhere that suspends an active delegation.
fn suspends(lookups: &LookupsAt<'_>, facts: &DelegationFacts) -> Vec<SuspensionCause> {
    if facts.state != DelegationState::Active {
        return Vec::new();
    }
    let authority = facts.authority.and_then(|authority| lookups.state.entity::<LegalAuthorityFacts>(authority.uuid()));
    let is_disputed = authority.is_some_and(|authority| authority.state == AuthorityState::Disputed);
    let is_protected = facts.person.is_some_and(|person| lookups.is_protected_from(facts.patient, person));
    let causes = [(is_protected, SuspensionCause::ProtectionNote), (is_disputed, SuspensionCause::AuthorityDisputed)];
    causes.into_iter().filter(|(is_so, _)| *is_so).map(|(_, cause)| cause).collect()
}

/// What is due to a delegation; none if it has ended, or cannot be read.
fn look_at_delegation(
    lookups: &LookupsAt<'_>,
    delegation: DelegationId,
    ages: Option<AgeInstants>,
) -> Option<Found<DelegationCommand>> {
    let facts = lookups.state.entity::<DelegationFacts>(delegation.uuid())?;
    let DelegationTimers { deadlines } = lookups.state.entity::<DelegationTimers>(delegation.uuid())?;
    if facts.state == DelegationState::Ended {
        return None;
    }
    let ends = ends(lookups, facts).into_iter().map(|cause| DelegationCommand::from(EndDelegationBy { cause }));
    let suspends =
        suspends(lookups, facts).into_iter().map(|cause| DelegationCommand::from(SuspendDelegationBy { cause }));
    let due = ends.chain(suspends).chain(process::due(deadlines, ages, lookups.now)).collect();
    let wakes_at = process::wakes_at(deadlines, ages).filter(|at| lookups.now < *at);
    Some(Found { process: ProcessName::Delegations, cause: facts.last, of: None, due, wakes_at })
}

/// What is due to a legal authority; none if it cannot be read.
fn look_at_authority(lookups: &LookupsAt<'_>, authority: AuthorityId) -> Option<Found<LegalAuthorityCommand>> {
    let AuthorityTimers { deadlines, last } = lookups.state.entity::<AuthorityTimers>(authority.uuid())?;
    let due = process::authority_due(deadlines, lookups.now).into_iter().collect();
    let wakes_at = process::authority_wakes_at(deadlines).filter(|at| lookups.now < *at);
    Some(Found { process: ProcessName::Delegations, cause: *last, of: None, due, wakes_at })
}

impl Application {
    /// Gives what is due to a legal authority. Returns whether it had an effect.
    pub(super) async fn keep_authority(
        &self,
        rounds: &mut Rounds,
        authority: AuthorityId,
        now: DateTime<Utc>,
    ) -> Result<bool, Fault> {
        let found = {
            let state = self.projector().authorization();
            look_at_authority(&LookupsAt { state: &state, now, namesakes: None }, authority)
        };
        let wakes_at = found.as_ref().and_then(|found| found.wakes_at);
        let has_effect = self.try_each::<LegalAuthority>(authority, found, now).await?;
        rounds.looked_at(Timed::Authority(authority), wakes_at);
        Ok(has_effect)
    }

    /// Gives what is due to a delegation. Returns whether it had an effect.
    pub(super) async fn keep_delegation(
        &self,
        rounds: &mut Rounds,
        delegation: DelegationId,
        now: DateTime<Utc>,
    ) -> Result<bool, Fault> {
        let sealed = birth_date(&self.projector().authorization(), delegation);
        let born = match sealed {
            BirthDate::NotNeeded => None,
            BirthDate::Sealed(sealed) => rounds.birth_dates.of(self.vault(), sealed).await?,
            BirthDate::Erased(sealed) => {
                rounds.birth_dates.forget(&sealed);
                None
            }
        };
        let (ages, found) = {
            let state = self.projector().authorization();
            let lookups = LookupsAt { state: &state, now, namesakes: None };
            let patient = state.entity::<DelegationFacts>(delegation.uuid()).map(|facts| facts.patient);
            let ages =
                patient.zip(born).and_then(|(patient, born)| age_instants(patient, born, &lookups, self.time_zones()));
            (ages, look_at_delegation(&lookups, delegation, ages))
        };
        self.keep_ages(delegation, ages, now);
        let wakes_at = found.as_ref().and_then(|found| found.wakes_at);
        let has_effect = self.try_each::<Delegation>(delegation, found, now).await?;
        rounds.looked_at(Timed::Delegation(delegation), wakes_at);
        Ok(has_effect)
    }

    /// Keeps the ages for each use of the access. Who follows something by it is told when it opens by that, or closes.
    fn keep_ages(&self, delegation: DelegationId, ages: Option<AgeInstants>, now: DateTime<Utc>) {
        let before = self.projector().authorization().ages.of(delegation);
        if before != ages {
            self.projector().authorization_mut().ages.set(delegation, ages);
        }
        let state = self.projector().authorization();
        let timers = state.entity::<DelegationTimers>(delegation.uuid());
        let is_due = |ages| timers.is_some_and(|timers| timers.deadlines.is_age_due(ages, now));
        if before != ages || ages.is_some_and(is_due) {
            if let Some(helper) = state.entity::<DelegationFacts>(delegation.uuid()).and_then(|facts| facts.person) {
                self.projector().live.person_changed(helper, &state);
            }
            self.projector().live.recheck();
        }
    }
}

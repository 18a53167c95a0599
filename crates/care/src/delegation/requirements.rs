//! What several decisions about a delegation ask: who gives the command, how old the patient is, what the law gives.

use chrono::{DateTime, Duration, Months, Utc};

use super::commands::{Checks, PatientSays};
use super::deadlines::SHORT_DAYS;
use super::grant::Grant;
use super::refusals::{DelegationRefusal, Problems};
use crate::age::AgeInstants;
use crate::aggregate::{Acting, AuthorityBrief, DelegationBrief};
use crate::consent_text::{self, ShownText, WordsShown};
use crate::envelope::Actor;
use crate::ids::{AuthorityId, PatientId, PersonId};
use crate::scope::Scope;
use crate::words::{AskedAlone, AuthorityKind, ConsentTextKind, DelegationKind, DelegationState, OwnWord, Role};

/// Months that a delegation lasts, at most.
const MONTHS_MAX: u32 = 12;

/// The words by which somebody consents to the help.
pub(super) fn shown(text: &ShownText) -> Result<WordsShown, DelegationRefusal> {
    consent_text::shown(ConsentTextKind::Help, text).map_err(DelegationRefusal::TextNotShown)
}

/// Who gives a command, as a delegation sees them.
pub(crate) enum Giver {
    /// The patient.
    Patient,
    /// A representative by law, who may manage the patient's helpers within this scope.
    Representative(Scope),
    /// Staff, the privacy officer among them.
    Staff,
    /// The software.
    Process,
    /// Anybody else: the delegate themself, the invited, a person without standing.
    Other,
}

impl Giver {
    pub fn of(patient: PatientId, acting: &Acting<'_>) -> Self {
        let Actor::Person(person) = acting.by else { return Self::Process };
        match acting.role {
            Role::Physician
            | Role::Nurse
            | Role::Pharmacist
            | Role::Coordinator
            | Role::SocialWorker
            | Role::PrivacyOfficer
            | Role::Administrator
            | Role::Auditor => return Self::Staff,
            Role::Service => return Self::Process,
            Role::Person => {}
        }
        if acting.lookups.is_patient(patient, person) {
            return Self::Patient;
        }
        let delegations = acting.lookups.delegations_of(patient);
        let mut held = delegations.into_iter().filter(|brief| acting.grant == Some(brief.delegation));
        let represents = |brief: &DelegationBrief| {
            brief.person == Some(person)
                && brief.gives_access(acting.now)
                && brief.kind.is_representative()
                && brief.scope.manages_helpers
        };
        held.find(represents).map_or(Self::Other, |brief| Self::Representative(brief.scope))
    }

    pub fn is_staff(&self) -> bool {
        match self {
            Self::Staff => true,
            Self::Patient | Self::Representative(_) | Self::Process | Self::Other => false,
        }
    }

    pub fn is_representative(&self) -> bool {
        match self {
            Self::Representative(_) => true,
            Self::Patient | Self::Staff | Self::Process | Self::Other => false,
        }
    }

    /// The scope as they know it. Who helps, or represents the patient, knows of no listed thread that they may not find:
    /// whatever they say of a scope is compared with this alone, so that the id of a thread that is hidden from them is as
    /// wrong as one that no thread has. The patient and staff know all of it.
    pub fn knows(&self, scope: &Scope, acting: &Acting<'_>) -> Scope {
        match self {
            Self::Patient | Self::Staff | Self::Process => scope.clone(),
            Self::Representative(_) | Self::Other => {
                let found = scope.threads.iter().copied().filter(|thread| acting.lookups.may_find(*thread));
                Scope { threads: found.collect(), ..scope.clone() }
            }
        }
    }
}

/// The latest end of a delegation of the kind that begins or is renewed now.
pub(super) fn latest_end(kind: DelegationKind, now: DateTime<Utc>) -> DateTime<Utc> {
    match kind {
        DelegationKind::ProfessionalHelper => now + Duration::days(SHORT_DAYS),
        DelegationKind::PatientAuthorised
        | DelegationKind::ParentOfMinor
        | DelegationKind::LegalRepresentative
        | DelegationKind::Executor => now.checked_add_months(Months::new(MONTHS_MAX)).unwrap_or(now),
    }
}

/// Whether the kind fits to whether the patient lives.
pub(super) fn check_alive(
    kind: DelegationKind,
    patient: PatientId,
    acting: &Acting<'_>,
) -> Result<(), DelegationRefusal> {
    match (kind == DelegationKind::Executor, acting.lookups.patient_died(patient)) {
        (true, None) => Err(DelegationRefusal::PatientAlive),
        (false, Some(_)) => Err(DelegationRefusal::PatientDeceased),
        (true, Some(_)) | (false, None) => Ok(()),
    }
}

/// A scope that a delegation of the kind can have at the age of the patient.
pub(super) fn check_scope(
    kind: DelegationKind,
    scope: &Scope,
    patient: PatientId,
    acting: &Acting<'_>,
) -> Result<(), DelegationRefusal> {
    if scope.is_empty() {
        return Err(DelegationRefusal::ScopeEmpty);
    }
    let is_too_wide = match kind {
        DelegationKind::Executor => scope.is_more_than_reading(),
        DelegationKind::PatientAuthorised | DelegationKind::ProfessionalHelper => scope.manages_helpers,
        // What is sensitive is the minor's own from the first gate on, whatever they consent to.
        DelegationKind::ParentOfMinor => !scope.sensitivities.is_empty() && Age::of(patient, acting) != Age::Child,
        DelegationKind::LegalRepresentative => false,
    };
    if is_too_wide { Err(DelegationRefusal::ScopeTooWide) } else { Ok(()) }
}

/// An end in the future, and not too far: that of a parent not beyond the age at which it ends anyway. Who is of that age
/// has no parent to be invited, whatever the end.
pub(super) fn check_until(
    kind: DelegationKind,
    until: DateTime<Utc>,
    patient: PatientId,
    acting: &Acting<'_>,
) -> Result<(), DelegationRefusal> {
    let latest = latest_end(kind, acting.now);
    let is_beyond_age = || {
        let ages = acting.age_instants(patient).filter(|ages| acting.now < ages.adult);
        kind == DelegationKind::ParentOfMinor && ages.is_some_and(|ages| ages.adult < until)
    };
    if until <= acting.now {
        Err(DelegationRefusal::UntilNotAhead)
    } else if until > latest {
        Err(DelegationRefusal::UntilTooFar { latest })
    } else if is_beyond_age() {
        Err(DelegationRefusal::UntilBeyondAdultAge)
    } else {
        Ok(())
    }
}

/// Whether the person has no other open delegation of the kind. An offer of theirs does not count: who offered would learn
/// by the refusal that the patient was found, and could accept no invitation until it ends.
pub(super) fn check_only_one(
    kind: DelegationKind,
    patient: PatientId,
    person: PersonId,
    acting: &Acting<'_>,
    this: Option<&Grant>,
) -> Result<(), DelegationRefusal> {
    let is_open = |brief: &DelegationBrief| {
        this.is_none_or(|grant| grant.delegation != brief.delegation)
            && !matches!(brief.state, DelegationState::Asked | DelegationState::Ended)
    };
    check_none(kind, patient, person, acting, is_open)
}

/// Whether the person helps in this way neither by a delegation nor by an offer that waits for an answer.
pub(super) fn check_no_help(
    kind: DelegationKind,
    patient: PatientId,
    person: PersonId,
    acting: &Acting<'_>,
) -> Result<(), DelegationRefusal> {
    check_none(kind, patient, person, acting, |brief| brief.state != DelegationState::Ended)
}

fn check_none(
    kind: DelegationKind,
    patient: PatientId,
    person: PersonId,
    acting: &Acting<'_>,
    counts: impl Fn(&DelegationBrief) -> bool,
) -> Result<(), DelegationRefusal> {
    let is_theirs = |brief: &DelegationBrief| (brief.person, brief.kind) == (Some(person), kind);
    let delegations = acting.lookups.delegations_of(patient);
    let is_any = delegations.iter().any(|brief| is_theirs(brief) && counts(brief));
    if is_any { Err(DelegationRefusal::AlreadyDelegate) } else { Ok(()) }
}

/// Another member of staff than the sender, who works for the organization that keeps the record.
pub(super) fn is_another_of_staff(grant: &Grant, other: PersonId, acting: &Acting<'_>) -> bool {
    let lookups = acting.lookups;
    let keeper = lookups.record_keeper(grant.patient);
    let works = lookups.roles(other).iter().any(|place| Some(place.organization) == keeper);
    works
        && acting.by != Actor::Person(other)
        && grant.person != Some(other)
        && !lookups.is_patient(grant.patient, other)
}

/// How old a patient is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    /// Below the first gate.
    Child,
    /// From the first gate on, and not of adult age.
    Youth,
    /// Of adult age.
    Adult,
    /// Nobody knows it to the day.
    Unknown,
}

impl Age {
    pub fn of(patient: PatientId, acting: &Acting<'_>) -> Self {
        match acting.age_instants(patient) {
            None => Self::Unknown,
            Some(ages) if ages.adult <= acting.now => Self::Adult,
            Some(ages) if ages.first <= acting.now => Self::Youth,
            Some(_) => Self::Child,
        }
    }

    /// Whether it is known and below adult age.
    pub fn check_minor(self) -> Result<(), DelegationRefusal> {
        match self {
            Self::Child | Self::Youth => Ok(()),
            Self::Adult => Err(DelegationRefusal::PatientAdult),
            Self::Unknown => Err(DelegationRefusal::BirthDateUnknown),
        }
    }
}

impl Grant {
    /// Whether the sender is the delegate or the patient: neither decides for the practice.
    pub(super) fn check_not_oneself(&self, acting: &Acting<'_>) -> Result<(), DelegationRefusal> {
        let Actor::Person(person) = acting.by else { return Err(DelegationRefusal::NotAPerson) };
        if self.person == Some(person) || acting.lookups.is_patient(self.patient, person) {
            return Err(DelegationRefusal::SelfNotAllowed);
        }
        Ok(())
    }

    /// Whether a representative leaves other representatives alone.
    pub(super) fn check_theirs(&self, giver: &Giver, acting: &Acting<'_>) -> Result<(), DelegationRefusal> {
        let is_own = acting.by.person().is_some() && acting.by.person() == self.person;
        if giver.is_representative() && self.kind.is_representative() && !is_own {
            return Err(DelegationRefusal::NotTheirs);
        }
        Ok(())
    }

    /// The legal authority of this id if it holds now for the person and the patient, and fits the kind.
    fn authority_in_force(&self, authority: Option<AuthorityId>, acting: &Acting<'_>) -> Option<AuthorityBrief> {
        let brief = acting.lookups.authority(authority?)?;
        let fits = match (self.kind, brief.kind) {
            (DelegationKind::ParentOfMinor, AuthorityKind::ParentalResponsibility)
            | (
                DelegationKind::LegalRepresentative,
                AuthorityKind::Guardianship | AuthorityKind::HealthPowerOfAttorney | AuthorityKind::CourtAppointment,
            )
            | (DelegationKind::Executor, AuthorityKind::Estate) => true,
            (
                DelegationKind::ParentOfMinor
                | DelegationKind::LegalRepresentative
                | DelegationKind::Executor
                | DelegationKind::PatientAuthorised
                | DelegationKind::ProfessionalHelper,
                AuthorityKind::ParentalResponsibility
                | AuthorityKind::Guardianship
                | AuthorityKind::HealthPowerOfAttorney
                | AuthorityKind::CourtAppointment
                | AuthorityKind::Estate,
            ) => false,
        };
        let holds = brief.is_in_force(acting.now);
        (fits && holds && brief.patient == self.patient && Some(brief.person) == self.person).then_some(brief)
    }

    /// Whether the kind needs no legal authority, or this one covers the scope until the end.
    pub(super) fn check_authority(
        &self,
        authority: Option<AuthorityId>,
        scope: &Scope,
        until: Option<DateTime<Utc>>,
        acting: &Acting<'_>,
    ) -> Result<(), DelegationRefusal> {
        if !self.kind.is_by_law() {
            return Ok(());
        }
        let brief = self.authority_in_force(authority, acting).ok_or(DelegationRefusal::AuthorityNotVerified)?;
        if !brief.limits.is_some_and(|limits| limits.cover(scope)) {
            return Err(DelegationRefusal::AuthorityTooNarrow);
        }
        match brief.until {
            Some(latest) if until.is_some_and(|until| latest < until) => Err(DelegationRefusal::UntilTooFar { latest }),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether the delegate has access by reason of the patient's minority.
    pub(super) fn is_by_minority(&self, acting: &Acting<'_>) -> bool {
        let authority = self.authority.and_then(|authority| acting.lookups.authority(authority));
        self.kind.rests_on_minority(authority.map(|authority| authority.ground))
    }

    /// The ages that change this delegation; none where it does not rest on minority.
    pub(super) fn ages(&self, acting: &Acting<'_>) -> Option<AgeInstants> {
        self.is_by_minority(acting).then(|| acting.age_instants(self.patient)).flatten()
    }

    /// Whether the patient is a minor, where the access rests on that.
    pub(super) fn check_minor(&self, acting: &Acting<'_>) -> Result<(), DelegationRefusal> {
        if !self.is_by_minority(acting) {
            return Ok(());
        }
        Age::of(self.patient, acting).check_minor()
    }

    /// Whether no note protects the patient from the person.
    pub(super) fn check_unprotected(&self, acting: &Acting<'_>) -> Result<(), DelegationRefusal> {
        if self.person.is_some_and(|person| acting.lookups.is_protected_from(self.patient, person)) {
            return Err(DelegationRefusal::ProtectionNote);
        }
        Ok(())
    }

    /// Whether the access is necessary, relevant and safe, and the patient was asked alone as far as they can answer.
    pub(super) fn check_safe(&self, checks: Checks, acting: &Acting<'_>, problems: &mut Problems) {
        let Checks { necessary, relevant, safe, asked_alone } = checks;
        problems.when(!(necessary && relevant && safe), DelegationRefusal::ChecksNotPassed);
        let is_child = self.is_by_minority(acting) && Age::of(self.patient, acting) == Age::Child;
        let suffices = match asked_alone {
            AskedAlone::Asked => true,
            AskedAlone::CannotAnswer => self.kind == DelegationKind::LegalRepresentative || is_child,
            AskedAlone::NotNeeded => self.kind == DelegationKind::Executor || is_child,
        };
        problems.when(!suffices, DelegationRefusal::NotAskedAlone);
        problems.of(self.check_unprotected(acting));
    }

    /// Whether the patient says what they have to say to an access that the law gives.
    pub(super) fn check_own_word(
        &self,
        says: Option<&PatientSays>,
        acting: &Acting<'_>,
    ) -> Result<(), DelegationRefusal> {
        let is_minor = self.is_by_minority(acting);
        let is_asked = match self.kind {
            DelegationKind::ParentOfMinor | DelegationKind::LegalRepresentative if is_minor => {
                Age::of(self.patient, acting) != Age::Child
            }
            DelegationKind::LegalRepresentative => !acting.lookups.lacks_capacity(self.patient),
            DelegationKind::ParentOfMinor
            | DelegationKind::Executor
            | DelegationKind::PatientAuthorised
            | DelegationKind::ProfessionalHelper => false,
        };
        let suffices = match says {
            None => false,
            Some(PatientSays { word: OwnWord::Consents, note: _ }) => true,
            Some(PatientSays { word: OwnWord::NotCompetent, note }) => is_minor && note.is_some(),
        };
        if is_asked && !suffices { Err(DelegationRefusal::OwnWordMissing) } else { Ok(()) }
    }
}

//! Legal authorities about a patient: facts of law, each with its document, for those who may check them.

use std::sync::Arc;

use async_graphql::{ID, Object, Result, SimpleObject};
use care::command_name::Named as _;
use care::legal_authority::{
    DisputeAuthority, EndAuthority, LegalAuthorityRefusal, RejectAuthority, UpholdAuthority, VerifyAuthority,
};
use coordination::reader::{AuthorityView, Reader};
use coordination::{AuthoritySaid, AuthorityStepRow};

use super::delegation_words::{AuthorityEnd, AuthorityGround, AuthorityKind, AuthorityState, AuthorityStepKind};
use super::id::encode_id;
use super::permission::Permission;
use super::person::Person;
use super::problem::{AsProblem, Problem, ProblemCode, not_found_at, not_in_state, rule};
use super::scalars::{Instant, PersonalText};
use super::scope::{TopicAccess, topics};
use super::words::{Role, Sensitivity};

/// A fact of law about a person and a patient.
pub struct LegalAuthority {
    reader: Arc<Reader>,
    view: AuthorityView,
}

/// How far a legal authority goes. What lies outside is in no scope that rests on it.
#[derive(SimpleObject)]
pub struct AuthorityLimits {
    /// The topics, each with what may be done.
    topics: Vec<TopicAccess>,
    /// The sensitive subjects that it covers.
    sensitivities: Vec<Sensitivity>,
    /// Whether the person may manage the patient's other helpers.
    manages_helpers: bool,
}

/// A step of a legal authority: what was done, by whom and when.
#[derive(SimpleObject)]
pub struct AuthorityStep {
    /// The step.
    kind: AuthorityStepKind,
    /// When it was recorded.
    at: Instant,
    /// Who did it. Null if it was no person.
    by: Option<Person>,
    /// The role in which they did it; `PERSON` for the patient.
    role: Role,
    /// What was written about it: the document, what was seen, or why. Null if nothing was.
    text: Option<PersonalText>,
    /// When it ended. Null for every other step.
    ended_at: Option<Instant>,
    /// How it ended. Null for every other step.
    end: Option<AuthorityEnd>,
}

impl LegalAuthority {
    pub(super) fn of(reader: &Arc<Reader>, view: AuthorityView) -> Self {
        Self { reader: Arc::clone(reader), view }
    }

    fn step(&self, row: &AuthorityStepRow) -> Result<AuthorityStep> {
        let AuthorityStepRow { at, said, text } = row;
        let AuthoritySaid { kind, by, role, ended_at, end } = *said;
        let by = match by.person() {
            Some(person) => self.reader.person_in_authority(&self.view, person)?.map(Person),
            None => None,
        };
        Ok(AuthorityStep {
            kind: kind.into(),
            at: (*at).into(),
            by,
            role: role.into(),
            text: text.as_ref().map(PersonalText::from),
            ended_at: ended_at.map(Into::into),
            end: end.map(Into::into),
        })
    }
}

/// A fact of law about a person and a patient, such as parental responsibility. It gives no access by itself.
#[Object]
impl LegalAuthority {
    /// Its id.
    fn id(&self) -> ID {
        encode_id(self.view.authority)
    }

    /// The id of the patient.
    fn patient_id(&self) -> ID {
        encode_id(self.view.patient)
    }

    /// The person who has it. Null if they are not registered.
    fn person(&self) -> Option<Result<Person>> {
        let found = self.reader.person_in_authority(&self.view, self.view.person).map_err(Into::into);
        found.map(|row| row.map(Person)).transpose()
    }

    /// The kind.
    fn kind(&self) -> AuthorityKind {
        self.view.kind.into()
    }

    /// Why the patient needs somebody.
    fn ground(&self) -> AuthorityGround {
        self.view.ground.into()
    }

    /// The state.
    fn state(&self) -> AuthorityState {
        self.view.state.into()
    }

    /// How far it goes. Null until it is verified.
    fn limits(&self) -> Option<AuthorityLimits> {
        self.view.limits.as_ref().map(|limits| AuthorityLimits {
            topics: topics(&limits.topics),
            sensitivities: limits.sensitivities.iter().map(|code| (*code).into()).collect(),
            manages_helpers: limits.manages_helpers,
        })
    }

    /// From when it holds. Null until it is verified.
    fn from(&self) -> Option<Instant> {
        self.view.from.map(Into::into)
    }

    /// Until when it holds. Null until it is verified, and if the document names no end.
    fn until(&self) -> Option<Instant> {
        self.view.until.map(Into::into)
    }

    /// What was done, the oldest first.
    fn steps(&self) -> Result<Vec<AuthorityStep>> {
        self.view.steps.iter().map(|row| self.step(row)).collect()
    }

    /// Whether you can record that it was checked.
    fn viewer_can_verify(&self) -> Result<Permission> {
        Ok(self.reader.can_change_authority(&self.view, VerifyAuthority::NAME)?.into())
    }

    /// Whether you can record that the document does not hold.
    fn viewer_can_reject(&self) -> Result<Permission> {
        Ok(self.reader.can_change_authority(&self.view, RejectAuthority::NAME)?.into())
    }

    /// Whether you can say that it does not hold.
    fn viewer_can_dispute(&self) -> Result<Permission> {
        Ok(self.reader.can_change_authority(&self.view, DisputeAuthority::NAME)?.into())
    }

    /// Whether you can decide that it holds.
    fn viewer_can_uphold(&self) -> Result<Permission> {
        Ok(self.reader.can_change_authority(&self.view, UpholdAuthority::NAME)?.into())
    }

    /// Whether you can record that it ended.
    fn viewer_can_end(&self) -> Result<Permission> {
        Ok(self.reader.can_change_authority(&self.view, EndAuthority::NAME)?.into())
    }
}

impl AsProblem for LegalAuthorityRefusal {
    fn problem(&self) -> Problem {
        let person: &[&str] = &["input", "personId"];
        let (code, names): (_, &[&str]) = match self {
            Self::Missing => return not_found_at(&["legalAuthorityId"]),
            Self::NotInState { state } => return not_in_state(state.word(), self.to_string()),
            Self::SelfNotAllowed => (ProblemCode::SelfNotAllowed, &[]),
            Self::OwnRecord => (ProblemCode::OwnRecord, person),
            Self::SamePerson => (ProblemCode::SamePerson, &[]),
            Self::LimitsEmpty => (ProblemCode::LimitsEmpty, &["input", "limits"]),
            Self::UntilNotAhead => (ProblemCode::UntilNotAhead, &["input", "until"]),
            Self::InFuture => (ProblemCode::InFuture, &["input", "endedAt"]),
            Self::OtherGroundNeeded => (ProblemCode::OtherGroundNeeded, &["input", "ground"]),
            Self::Expired => (ProblemCode::Expired, &[]),
            Self::NotDue => (ProblemCode::NotDue, &[]),
        };
        rule(code, names, self.to_string())
    }
}

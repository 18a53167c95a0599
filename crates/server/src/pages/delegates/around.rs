//! Who helps a patient, as the reader may know it: the helpers, who represents the patient by law, and what the reader can
//! do about each.

use chrono::{DateTime, Utc};
use coordination::answer::Recorded;

use super::act::Act;
use super::scope::{Access, Scope, topic_words};
use crate::graphql::delegation_words::{
    AuthorityGround, AuthorityKind, AuthorityState, DelegationEnd, DelegationKind, DelegationState, Relationship,
    SuspensionCause,
};
use crate::graphql::words::{Role, Sensitivity};
use crate::pages::client::Answer;
use crate::pages::consent_text::ConsentWords;
use crate::pages::controls::Choice;
use crate::pages::grant::Grant;
use crate::pages::queries::{Helpers as Query, helpers};
use crate::pages::rows::{Contact, Subject, Who, Wording};
use crate::pages::site::{Failed, Visit};
use crate::pages::texts::Texts;
use crate::pages::time::PageTime;

/// A person who helps, or is to help.
pub(crate) struct Delegate {
    pub id: String,
    pub person: Option<Who>,
    pub kind: DelegationKind,
    pub relationship: Relationship,
    pub state: DelegationState,
    pub until: Option<DateTime<Utc>>,
    /// When the next step is due.
    pub due: Option<DateTime<Utc>>,
    pub organization: Option<String>,
    pub authority: Option<String>,
    pub topics: Vec<Access>,
    /// None if the reader may not know all of it.
    pub scope: Option<Scope>,
    /// What staff checked that the patient can widen it to, where nothing was done since.
    pub checked: Option<Scope>,
    /// What was done, the oldest first; empty if the reader may not know it.
    pub steps: Vec<Step>,
    /// The words of the newest consent, where they are held.
    pub consent: Option<ConsentWords>,
    pub may: Vec<Act>,
}

/// Something that was done about a helper.
pub(crate) struct Step {
    pub words: String,
    pub at: DateTime<Utc>,
    pub by: Option<Wording>,
    pub role: Option<Role>,
    /// How who did it helps the patient; none of everybody but a delegate.
    pub grant: Option<Grant>,
    /// Until when an invitation could be accepted.
    pub expires: Option<DateTime<Utc>>,
    is_activation: bool,
}

/// A right by law to act for the patient.
pub(crate) struct Authority {
    pub id: String,
    pub person: Option<Who>,
    pub kind: AuthorityKind,
    pub ground: AuthorityGround,
    pub state: AuthorityState,
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    /// How far it goes; none until it is verified.
    pub limits: Option<Limits>,
    pub may: Vec<Act>,
}

/// How far a right by law goes.
pub(crate) struct Limits {
    pub topics: Vec<Access>,
    pub sensitivities: Vec<Sensitivity>,
    pub manages_helpers: bool,
}

impl Limits {
    /// How far it goes, in words.
    pub fn words(&self, l: &Texts) -> Vec<String> {
        let mut words = topic_words(&self.topics, l);
        words.extend(self.sensitivities.iter().map(|subject| l.helper_opened(l.sensitivity(subject))));
        if self.manages_helpers {
            words.push(l.helper_manages_yes().into_owned());
        }
        words
    }
}

/// A member of the care team.
pub(crate) struct Member {
    pub id: String,
    pub name: String,
    pub role: Role,
    pub organization: Option<(String, String)>,
}

/// A patient with their helpers.
pub(crate) struct Around {
    /// The id of the patient.
    pub id: String,
    /// None if the reader looks after helpers and may not read the patient.
    pub patient: Option<Subject>,
    pub keeper: Option<Contact>,
    /// Whether the record is the reader's own.
    pub is_own: bool,
    pub helpers: Vec<Delegate>,
    /// None if the reader may not know them.
    pub authorities: Option<Vec<Authority>>,
    pub team: Vec<Member>,
    /// Whether the reader can invite: the patient, who verifies helpers, and who represents the patient by law.
    pub can_invite: bool,
    /// Whether the reader looks after privacy, so that they see the directives of a patient whom they may not read.
    pub oversees: bool,
    /// Whether the reader keeps records, to which a right by law belongs, or verifies helpers.
    pub can_record: bool,
    pub is_whole: bool,
}

/// The roles in which somebody on the care team sees to helpers.
const VERIFIERS: [Role; 3] = [Role::Nurse, Role::Coordinator, Role::SocialWorker];
/// The roles in which somebody keeps records.
const REGISTRARS: [Role; 2] = [Role::Physician, Role::Coordinator];

/// The name of a person, or who they are where it is not known.
pub(crate) fn name_of(person: Option<&Who>, l: &Texts) -> String {
    let name = person.and_then(|person| person.name.text()).map(str::to_owned);
    name.unwrap_or_else(|| l.helper_nobody_yet().into_owned())
}

impl Delegate {
    fn of(found: &helpers::Helper, l: &Texts) -> Self {
        let is_active = found.state == DelegationState::Active;
        let can_check = found.viewer_can_pass_safeguarding.allowed;
        let last = found.steps.as_ref().and_then(|steps| steps.last());
        let checked = last.filter(|step| matches!(step.kind, helpers::DelegationStepKind::WideningChecked));
        let can = [
            (Act::VerifyIdentity, found.viewer_can_verify_identity.allowed),
            (Act::PassCheck, can_check && !is_active),
            (Act::Consent, found.viewer_can_record_consent.allowed),
            (Act::Resume, found.viewer_can_resume.allowed),
            (Act::Narrow, found.viewer_can_narrow.allowed && found.scope.is_some()),
            (Act::CheckWider, can_check && is_active && found.scope.is_some()),
            (Act::Widen, found.viewer_can_widen.allowed && found.scope.is_some()),
            (Act::WidenByLaw, found.viewer_can_widen_by_law.allowed && found.scope.is_some()),
            (Act::Renew, found.viewer_can_renew.allowed),
            (Act::Suspend, found.viewer_can_suspend.allowed),
            (Act::FailIdentity, found.viewer_can_fail_identity.allowed),
            (Act::FailCheck, found.viewer_can_fail_safeguarding.allowed),
            (Act::RefuseOffer, found.viewer_can_refuse_offer.allowed),
            (Act::End, found.viewer_can_revoke.allowed),
        ];
        Self {
            id: found.id.clone(),
            person: found.person.as_ref().map(Who::from),
            kind: found.kind,
            relationship: found.relationship,
            state: found.state,
            until: found.until,
            due: found.due_at,
            organization: found.organization.as_ref().map(|at| at.name.clone()),
            authority: found.legal_authority_id.clone(),
            topics: found.topics.iter().map(Access::from).collect(),
            scope: found.scope.as_ref().map(Scope::from),
            checked: checked.and_then(|step| step.scope.as_ref()).map(Scope::from),
            steps: found.steps.iter().flatten().map(|step| Step::of(step, l)).collect(),
            consent: found.consent_text.as_ref().map(|shown| ConsentWords::of(shown.language, &shown.text)),
            may: can.into_iter().filter(|(_, can)| *can).map(|(act, _)| act).collect(),
        }
    }

    /// The name, or that nobody is known yet.
    pub fn name(&self, l: &Texts) -> String {
        name_of(self.person.as_ref(), l)
    }

    /// Since when there is access.
    pub fn since(&self) -> Option<DateTime<Utc>> {
        self.steps.iter().find(|step| step.is_activation).map(|step| step.at)
    }

    /// Since when it is in this state.
    pub fn waits_since(&self) -> Option<DateTime<Utc>> {
        self.steps.last().map(|step| step.at)
    }

    /// What is reached, in words.
    pub fn can(&self, l: &Texts) -> Vec<String> {
        match &self.scope {
            Some(scope) => scope.words(l),
            None => topic_words(&self.topics, l),
        }
    }

    /// The step that comes next, if the reader can do it.
    pub fn next(&self) -> Option<Act> {
        let next = match self.state {
            DelegationState::Accepted => Act::VerifyIdentity,
            DelegationState::IdentityVerified => Act::PassCheck,
            DelegationState::SafeguardingChecked => Act::Consent,
            DelegationState::Suspended => Act::Resume,
            DelegationState::Asked | DelegationState::Invited | DelegationState::Active | DelegationState::Ended => {
                return None;
            }
        };
        self.may.contains(&next).then_some(next)
    }

    /// What else the reader can do.
    pub fn others(&self) -> Vec<Act> {
        let next = self.next();
        self.may.iter().copied().filter(|act| Some(*act) != next).collect()
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.state == DelegationState::Ended
    }
}

impl Step {
    fn of(step: &helpers::HelperSteps, l: &Texts) -> Self {
        use helpers::DelegationStepKind as Kind;
        let words = match &step.kind {
            Kind::Offered => l.helper_step_offered(),
            Kind::Invited => l.helper_step_invited(),
            Kind::Accepted => l.helper_step_accepted(),
            Kind::IdentityVerified => l.helper_step_verified(),
            Kind::SafeguardingPassed => l.helper_step_checked(),
            Kind::Consented => l.helper_step_consented(),
            Kind::Activated => l.helper_step_activated(),
            Kind::Narrowed => l.helper_step_narrowed(),
            Kind::WideningChecked => l.helper_step_widening_checked(),
            Kind::Widened => l.helper_step_widened(),
            Kind::Renewed => l.helper_step_renewed(),
            Kind::Suspended => l.helper_step_suspended(),
            Kind::Resumed => l.helper_step_resumed(),
            Kind::Ended => l.helper_step_ended(),
            Kind::Other(_) => l.helper_step_changed(),
        };
        let cause = step.cause.as_ref().map(|cause: &SuspensionCause| l.suspension_cause(cause));
        let end = step.end.as_ref().map(|end: &DelegationEnd| l.delegation_end(end));
        let words = match cause.or(end) {
            Some(why) => l.label_and_problem(words, why),
            None => words.into_owned(),
        };
        Self {
            words,
            at: step.at,
            by: step.by.as_ref().map(|person| Wording::from(&person.name)),
            role: step.role,
            grant: step.delegate.as_ref().map(Grant::from),
            expires: step.expires_at,
            is_activation: matches!(step.kind, Kind::Activated),
        }
    }
}

impl Authority {
    fn of(found: &helpers::Authority) -> Self {
        let can = [
            (Act::VerifyAuthority, found.viewer_can_verify.allowed),
            (Act::UpholdAuthority, found.viewer_can_uphold.allowed),
            (Act::RejectAuthority, found.viewer_can_reject.allowed),
            (Act::DisputeAuthority, found.viewer_can_dispute.allowed),
            (Act::EndAuthority, found.viewer_can_end.allowed),
        ];
        Self {
            id: found.id.clone(),
            person: found.person.as_ref().map(Who::from),
            kind: found.kind,
            ground: found.ground,
            state: found.state,
            from: found.from,
            until: found.until,
            limits: found.limits.as_ref().map(|limits| Limits {
                topics: limits.topics.iter().map(Access::from).collect(),
                sensitivities: limits.sensitivities.clone(),
                manages_helpers: limits.manages_helpers,
            }),
            may: can.into_iter().filter(|(_, can)| *can).map(|(act, _)| act).collect(),
        }
    }

    /// The name of who has it.
    pub fn name(&self, l: &Texts) -> String {
        name_of(self.person.as_ref(), l)
    }

    /// The time for which it holds, in words.
    pub fn period(&self, time: &PageTime<'_>) -> Option<String> {
        let from = time.day(time.local_day(self.from?));
        Some(match self.until {
            Some(until) => time.l.authority_from_until(from, time.last_day(until)),
            None => time.l.authority_from(from),
        })
    }
}

impl Around {
    /// The patient of a page and who helps them.
    ///
    /// # Errors
    /// If there is no such patient, or this person may not know who helps them.
    pub async fn read(visit: &Visit<'_>) -> Result<Recorded<Self>, Failed> {
        let answer = visit.ask::<Query>(helpers::Variables { id: visit.id.clone() }).await?;
        let found = answer.map(|answer| {
            // Without date of birth or name it is not certain whom a form would be about.
            let is_certain = |around: &Self| around.patient.as_ref().is_none_or(|patient| patient.identity().is_some());
            Self::of(&answer, visit).filter(is_certain).ok_or(Failed::NotAvailable)
        });
        found.transpose()
    }

    fn of(answer: &Answer<helpers::ResponseData>, visit: &Visit<'_>) -> Option<Self> {
        let (patient, l) = (answer.data.patient.as_ref(), visit.time().l);
        let helpers = answer.data.delegations.as_ref()?;
        let authorities = answer.data.legal_authorities.as_ref();
        let team = patient.and_then(|patient| patient.care_team.as_ref());
        let members = team.into_iter().flat_map(|team| &team.members).filter_map(|member| {
            let person = Who::from(member.person.as_ref()?);
            Some(Member {
                name: person.name.text()?.to_owned(),
                id: person.id,
                role: member.role,
                organization: member.organization.as_ref().map(|at| (at.id.clone(), at.name.clone())),
            })
        });
        let me = &visit.session.me;
        let is_own = me.records.contains(&visit.id);
        let holds = |roles: &[Role]| !is_own && me.roles.iter().any(|held| roles.contains(&held.role));
        // Who verifies helpers reads on what they rest.
        let verifies = authorities.is_some() && holds(&VERIFIERS);
        Some(Self {
            id: visit.id.clone(),
            can_invite: patient.is_some_and(|patient| patient.viewer_can_invite_helper.allowed),
            can_record: verifies || holds(&REGISTRARS),
            oversees: patient.is_none() && holds(&[Role::PrivacyOfficer]),
            patient: patient.map(|patient| (&patient.subject).into()),
            keeper: patient
                .and_then(|patient| patient.organization.as_ref())
                .map(|at| Contact { name: at.name.clone(), phone: at.phone.clone() }),
            is_own,
            helpers: helpers.iter().map(|helper| Delegate::of(helper, l)).collect(),
            authorities: authorities.map(|all| all.iter().map(Authority::of).collect()),
            team: members.collect(),
            is_whole: answer.is_whole,
        })
    }

    /// The helper with this id.
    pub fn helper(&self, id: &str) -> Option<&Delegate> {
        self.helpers.iter().find(|helper| helper.id == id)
    }

    /// The legal authority with this id.
    pub fn authority(&self, id: &str) -> Option<&Authority> {
        self.authorities.iter().flatten().find(|authority| authority.id == id)
    }

    /// The name of whom an act is about.
    pub fn name(&self, act: Act, id: &str, l: &Texts) -> String {
        let person = match act.is_about_authority() {
            true => self.authority(id).and_then(|authority| authority.person.as_ref()),
            false => self.helper(id).and_then(|helper| helper.person.as_ref()),
        };
        name_of(person, l)
    }

    /// Whether the reader can do an act now.
    pub fn is_allowed(&self, act: Act, id: &str) -> bool {
        if act == Act::RecordAuthority {
            return self.can_record;
        }
        let may = match act.is_about_authority() {
            true => self.authority(id).map(|authority| &authority.may),
            false => self.helper(id).map(|helper| &helper.may),
        };
        may.is_some_and(|may| may.contains(&act))
    }

    /// Everybody who is known as a helper, or as who represents the patient: each once, but for who helps now.
    pub fn known(&self, l: &Texts) -> Vec<Choice> {
        let helping = |id: &str| {
            let of_person = |helper: &&Delegate| helper.person.as_ref().is_some_and(|person| person.id == id);
            self.helpers.iter().filter(of_person).any(|helper| !helper.is_over())
        };
        let helpers = self.helpers.iter().map(|helper| (helper.person.as_ref(), l.relationship(&helper.relationship)));
        let others = self.authorities.iter().flatten();
        let others = others.map(|other| (other.person.as_ref(), l.authority_kind(&other.kind)));
        let mut known: Vec<Choice> = Vec::new();
        for (person, words) in helpers.chain(others) {
            let Some((id, name)) = person.and_then(|person| Some((&person.id, person.name.text()?))) else { continue };
            if !helping(id) && !known.iter().any(|choice| choice.value == *id) {
                known.push(Choice { hint: Some(words), ..Choice::new(id.clone(), name) });
            }
        }
        known
    }

    /// The care team but the reader, as the choices of a form.
    pub fn colleagues(&self, reader: &str, l: &Texts) -> Vec<Choice> {
        let others = self.team.iter().filter(|member| member.id != reader && member.role != Role::Person);
        others
            .map(|member| Choice { hint: Some(l.role(&member.role)), ..Choice::new(member.id.clone(), &*member.name) })
            .collect()
    }

    /// The rights by law that were checked, as the choices of a form.
    pub fn verified(&self, l: &Texts) -> Vec<Choice> {
        let checked = self.authorities.iter().flatten().filter(|each| each.state == AuthorityState::Verified);
        let choice = |each: &Authority| Choice {
            hint: Some(l.authority_kind(&each.kind)),
            ..Choice::new(each.id.clone(), each.name(l))
        };
        checked.map(choice).collect()
    }

    /// The organizations of the care team, each once.
    pub fn organizations(&self) -> Vec<Choice> {
        let mut all: Vec<Choice> = Vec::new();
        for (id, name) in self.team.iter().filter_map(|member| member.organization.as_ref()) {
            if !all.iter().any(|choice| choice.value == *id) {
                all.push(Choice::new(id.clone(), name.clone()));
            }
        }
        all
    }
}

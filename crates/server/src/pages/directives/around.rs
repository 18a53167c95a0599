//! The directives of a patient as the reader may know them, what the reader can do about each, and whom one could be
//! about.

use chrono::{DateTime, Utc};
use coordination::answer::Recorded;

use super::act::Act;
use super::chosen::{Chosen, Named};
use super::said::{Whom, about};
use crate::graphql::directive_words::{DirectiveEffect, DirectiveGiver, DirectiveState};
use crate::graphql::words::{Purpose, Role, Sensitivity};
use crate::pages::client::Answer;
use crate::pages::colleagues::{Colleagues, Place};
use crate::pages::consent_text::ConsentWords;
use crate::pages::controls::Choice;
use crate::pages::queries::{PatientDirectives as Query, patient_directives};
use crate::pages::rows::{Subject, Who, Wording};
use crate::pages::site::{Failed, Visit};
use crate::pages::texts::Texts;
use crate::pages::time::PageTime;

/// A directive.
pub(crate) struct Directive {
    pub id: String,
    pub effect: DirectiveEffect,
    pub state: DirectiveState,
    /// Who gave or confirmed it.
    pub giver: DirectiveGiver,
    /// Whom it is about, in words.
    pub whom: String,
    pub names: Whom,
    /// What it is about. None if the reader may not know all of it.
    pub terms: Option<Chosen>,
    pub sensitivities: Vec<Sensitivity>,
    pub purpose: Option<Purpose>,
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    pub since: DateTime<Utc>,
    pub confirm_by: Option<DateTime<Utc>>,
    /// Until when staff are to ask the patient.
    pub ask_by: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    /// Who wrote it down. None if the patient gave it.
    pub written_by: Option<Wording>,
    pub said: Option<Wording>,
    /// Which paper the patient signed.
    pub document: Option<Wording>,
    pub void_reason: Option<Wording>,
    /// The words by which it was given or confirmed, where there were any and they are held.
    pub consent: Option<ConsentWords>,
    pub may: Vec<Act>,
}

impl Directive {
    fn of(found: &patient_directives::Directive, time: &PageTime<'_>) -> Self {
        let l = time.l;
        let names = Whom::from(found);
        let whom = Named {
            person: found.person.as_ref().map(|person| person.id.clone()),
            role: found.role,
            organization: found.organization.as_ref().map(|at| at.id.clone()),
        };
        let is_known =
            names.names_person == whom.person.is_some() && names.names_organization == whom.organization.is_some();
        let terms = is_known.then(|| Chosen {
            whom,
            sensitivities: found.sensitivities.clone(),
            purpose: found.purpose,
            from: found.from,
            until: found.until,
        });
        let is_permission = found.effect == DirectiveEffect::Permit;
        let can_be_tighter = terms.as_ref().is_some_and(|terms| is_permission || !terms.is_widest(time.now));
        let can = [
            (Act::Confirm, found.viewer_can_confirm.allowed),
            (Act::Refuse, found.viewer_can_refuse.allowed),
            (Act::ConfirmOnPaper, found.viewer_can_confirm_on_paper.allowed),
            (Act::Tighten, found.viewer_can_tighten.allowed && can_be_tighter),
            (Act::End, found.viewer_can_end.allowed),
            (Act::Void, found.viewer_can_void.allowed),
        ];
        Self {
            id: found.id.clone(),
            effect: found.effect,
            state: found.state,
            giver: found.giver,
            whom: names.words(l),
            names,
            terms,
            sensitivities: found.sensitivities.clone(),
            purpose: found.purpose,
            from: found.from,
            until: found.until,
            since: found.since,
            confirm_by: found.confirm_by,
            ask_by: found.ask_by,
            ended_at: found.ended_at,
            written_by: found.written_by.as_ref().map(|person| Who::from(person).name),
            said: found.patient_word.as_ref().map(Into::into),
            document: found.document.as_ref().map(Into::into),
            void_reason: found.void_reason.as_ref().map(Into::into),
            consent: found.consent_text.as_ref().map(|shown| ConsentWords::of(shown.language, &shown.text)),
            may: can.into_iter().filter(|(_, can)| *can).map(|(act, _)| act).collect(),
        }
    }

    /// What it is about, in words.
    pub fn about(&self, l: &Texts) -> String {
        about(self.effect, &self.sensitivities, self.purpose, l)
    }
}

/// Who is or was on the care team.
pub(crate) struct Member {
    pub id: String,
    /// None if the reader may not know it, and of the reader themself.
    pub name: Option<String>,
    pub role: Role,
    pub organization: Option<Place>,
}

impl Member {
    /// Their role and where they have it, in words.
    pub fn place(&self, l: &Texts) -> String {
        let role = l.role(&self.role);
        match &self.organization {
            Some(at) => l.role_at(at.name.as_str(), role),
            None => role,
        }
    }
}

/// A patient with their directives.
pub(crate) struct Around {
    /// The id of the patient.
    pub id: String,
    /// None if the reader looks after privacy and may not read the patient.
    pub patient: Option<Subject>,
    /// Whether the record is the reader's own.
    pub is_own: bool,
    pub directives: Vec<Directive>,
    pub members: Vec<Member>,
    /// Whom a directive could be about: who is or was on the care team, by name, by role and by organization.
    pub whom: Vec<Choice>,
    /// Whether the reader gives directives: the patient, or who represents them.
    gives: bool,
    /// Whether the reader writes down what the patient said, as one of the care team.
    records: bool,
    /// Whether the reader can block somebody from the patient: for themself, or for the patient who asks them to.
    shields: bool,
    pub is_whole: bool,
}

impl Around {
    /// The patient of a page and their directives.
    ///
    /// # Errors
    /// If there is no such patient, or this person may not know of directives.
    pub async fn read(visit: &Visit<'_>) -> Result<Recorded<Self>, Failed> {
        let answer = visit.ask::<Query>(patient_directives::Variables { id: visit.id.clone() }).await?;
        let found = answer.map(|answer| {
            // Without date of birth or name it is not certain whom a form would be about.
            let is_certain = |around: &Self| around.patient.as_ref().is_none_or(|patient| patient.identity().is_some());
            Self::of(&answer, visit).filter(is_certain).ok_or(Failed::NotAvailable)
        });
        found.transpose()
    }

    fn of(answer: &Answer<patient_directives::ResponseData>, visit: &Visit<'_>) -> Option<Self> {
        let (found, l, me) = (answer.data.patient.as_ref(), visit.time().l, &visit.session.me);
        let directives = answer.data.consent_directives.as_ref()?;
        let members = found
            .and_then(|patient| patient.care_team.as_ref())
            .into_iter()
            .flat_map(|team| team.members.iter().chain(&team.former_members))
            .filter(|member| member.role != Role::Person);
        let members: Vec<Member> = members
            .map(|member| {
                let person = member.person.as_ref().map(Who::from);
                let named = person.as_ref().filter(|person| person.id != me.id);
                Member {
                    name: named.and_then(|person| person.name.text()).map(str::to_owned),
                    id: person.map(|person| person.id).unwrap_or_default(),
                    role: member.role,
                    organization: member
                        .organization
                        .as_ref()
                        .map(|at| Place { id: at.id.clone(), name: at.name.clone() }),
                }
            })
            .collect();
        Some(Self {
            id: visit.id.clone(),
            patient: found.map(|patient| (&patient.subject).into()),
            is_own: me.records.contains(&visit.id),
            directives: directives.iter().map(|directive| Directive::of(directive, &visit.time())).collect(),
            whom: whom(&members, l),
            members,
            gives: found.is_some_and(|patient| patient.viewer_can_permit.allowed),
            records: found.is_some_and(|patient| patient.viewer_can_record_directive.allowed),
            shields: found.is_some_and(|patient| patient.viewer_can_block.allowed),
            is_whole: answer.is_whole,
        })
    }

    /// The same with the further people whom the patient can have meant, for who writes down what the patient said: the staff
    /// of the reader's own organizations.
    pub fn with_colleagues(mut self, colleagues: &Colleagues, reader: &str, l: &Texts) -> Self {
        for colleague in colleagues.people.iter().filter(|colleague| colleague.id != reader) {
            let named = Named { person: Some(colleague.id.clone()), ..Named::default() };
            let choice = Choice { value: named.value(), is_further: true, ..colleague.choice(l) };
            if !self.whom.iter().any(|known| known.value == choice.value) {
                self.whom.push(choice);
            }
        }
        self
    }

    /// The directive of an id.
    pub fn directive(&self, id: &str) -> Option<&Directive> {
        self.directives.iter().find(|directive| directive.id == id)
    }

    /// The acts that begin a directive.
    pub fn begins(&self) -> impl Iterator<Item = Act> {
        let can = [
            (Act::Deny, self.gives),
            (Act::Permit, self.gives),
            (Act::RecordDeny, self.records),
            (Act::DenyForPatient, self.shields && !self.gives && !self.records),
            (Act::RecordPermit, self.records),
        ];
        can.into_iter().filter(|(_, can)| *can).map(|(act, _)| act)
    }

    /// Whether the reader can do this about a directive, or begin one.
    pub fn is_allowed(&self, act: Act, about: &str) -> bool {
        if act.begins() {
            return self.begins().any(|each| each == act);
        }
        self.directive(about).is_some_and(|directive| directive.may.contains(&act))
    }
}

/// Whom a directive can be about: the members by name, then their roles where they have them, their organizations, and their
/// roles wherever somebody has them.
fn whom(members: &[Member], l: &Texts) -> Vec<Choice> {
    let mut all: Vec<Choice> = Vec::new();
    let mut add = |named: Named, label: String, hint: Option<String>| {
        let choice = Choice { hint, ..Choice::new(named.value(), label) };
        if !all.iter().any(|known| known.value == choice.value) {
            all.push(choice);
        }
    };
    for member in members {
        if let Some(name) = &member.name {
            let named = Named { person: Some(member.id.clone()), ..Named::default() };
            add(named, name.clone(), Some(member.place(l)));
        }
    }
    for member in members {
        if let Some(at) = &member.organization {
            let named = Named { person: None, role: Some(member.role), organization: Some(at.id.clone()) };
            add(named, l.directive_role_at(at.name.as_str(), l.role(&member.role)), None);
        }
    }
    for at in members.iter().filter_map(|member| member.organization.as_ref()) {
        let named = Named { organization: Some(at.id.clone()), ..Named::default() };
        add(named, l.directive_at(at.name.as_str()), None);
    }
    for member in members {
        let named = Named { role: Some(member.role), ..Named::default() };
        add(named, l.directive_role(l.role(&member.role)), None);
    }
    all
}

//! The directives of a patient as the reader may know them, what the reader can do about each, and whom one could be
//! about.

use chrono::{DateTime, Utc};
use coordination::answer::Recorded;

use super::act::Act;
use super::said::{Whom, about};
use crate::graphql::directive_words::{DirectiveEffect, DirectiveGiver, DirectiveState};
use crate::graphql::words::{Purpose, Role, Sensitivity};
use crate::pages::client::Answer;
use crate::pages::consent_text::ConsentWords;
use crate::pages::forms::{Choice, word};
use crate::pages::queries::{PatientDirectives as Query, patient_directives};
use crate::pages::rows::{Subject, Who, Wording};
use crate::pages::site::{Failed, Visit};
use crate::pages::texts::Texts;

/// A directive.
pub(crate) struct Directive {
    pub id: String,
    pub effect: DirectiveEffect,
    pub state: DirectiveState,
    /// Who gave or confirmed it.
    pub giver: DirectiveGiver,
    /// Whom it is about, in words.
    pub whom: String,
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
    fn of(found: &patient_directives::Directive, l: &Texts) -> Self {
        let can = [
            (Act::Confirm, found.viewer_can_confirm.allowed),
            (Act::Refuse, found.viewer_can_refuse.allowed),
            (Act::ConfirmOnPaper, found.viewer_can_confirm_on_paper.allowed),
            (Act::End, found.viewer_can_end.allowed),
            (Act::Void, found.viewer_can_void.allowed),
        ];
        Self {
            id: found.id.clone(),
            effect: found.effect,
            state: found.state,
            giver: found.giver,
            whom: Whom::from(found).words(l),
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

/// A patient with their directives.
pub(crate) struct Around {
    /// The id of the patient.
    pub id: String,
    /// None if the reader looks after privacy and may not read the patient.
    pub patient: Option<Subject>,
    /// Whether the record is the reader's own.
    pub is_own: bool,
    pub directives: Vec<Directive>,
    /// Whom a directive could be about: who is or was on the care team, by name, by role and by organization.
    pub whom: Vec<Choice>,
    /// Whether the reader gives directives: the patient, or who represents them.
    gives: bool,
    /// Whether the reader writes down what the patient said.
    records: bool,
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
        let mut whom: Vec<Choice> = Vec::new();
        let mut add = |choice: Choice| {
            if !whom.iter().any(|known| known.value == choice.value) {
                whom.push(choice);
            }
        };
        let members: Vec<_> = found
            .and_then(|patient| patient.care_team.as_ref())
            .into_iter()
            .flat_map(|team| team.members.iter().chain(&team.former_members))
            .filter(|member| member.role != Role::Person)
            .collect();
        for member in &members {
            let Some(person) = member.person.as_ref().map(Who::from) else { continue };
            let Some(name) = person.name.text().map(str::to_owned) else { continue };
            if person.id != me.id {
                let at = member.organization.as_ref().map(|at| at.name.as_str());
                let role = l.role(&member.role);
                let hint = at.map_or_else(|| role.clone(), |at| l.role_at(at, role.clone()));
                add(Choice { hint: Some(hint), ..Choice::new(format!("person.{}", person.id), name) });
            }
        }
        for member in &members {
            if let Some(at) = &member.organization {
                let value = format!("role.{}.{}", word(&member.role), at.id);
                add(Choice::new(value, l.directive_role_at(at.name.as_str(), l.role(&member.role))));
            }
        }
        for member in &members {
            if let Some(at) = &member.organization {
                add(Choice::new(format!("at.{}", at.id), l.directive_at(at.name.as_str())));
            }
        }
        Some(Self {
            id: visit.id.clone(),
            patient: found.map(|patient| (&patient.subject).into()),
            is_own: me.records.contains(&visit.id),
            directives: directives.iter().map(|directive| Directive::of(directive, l)).collect(),
            whom,
            gives: found.is_some_and(|patient| patient.viewer_can_permit.allowed),
            records: found.is_some_and(|patient| patient.viewer_can_record_directive.allowed),
            is_whole: answer.is_whole,
        })
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

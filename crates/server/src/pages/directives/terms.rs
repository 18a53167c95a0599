//! What a directive is to be about (whom, which subjects, which purpose, until when): the controls of its form, and what was
//! chosen.

use chrono::{DateTime, Utc};

use super::act::Act;
use super::around::Around;
use crate::graphql::problem::ProblemCode;
use crate::graphql::words::{Purpose, Role, Sensitivity};
use crate::pages::delegates::controls::proposed_end;
use crate::pages::delegates::scope::{SENSITIVITIES, sensitivities};
use crate::pages::forms::{Choice, Control, Fields, choices, chosen, word};
use crate::pages::outcome::Problem;
use crate::pages::parties::one_of;
use crate::pages::steps::instant;
use crate::pages::time::PageTime;

/// The field for whom it is about.
pub(super) const WHOM: &str = "whom";
/// The field for whether it has an end.
const HAS_END: &str = "hasEnd";
/// The field for what was seen of what it would change.
pub(super) const SEEN: &str = "seen";
/// The value of a choice that is any.
const ANY: &str = "any";

/// What was chosen in a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chosen {
    pub person: Option<String>,
    pub role: Option<Role>,
    pub organization: Option<String>,
    pub sensitivities: Vec<Sensitivity>,
    pub purpose: Option<Purpose>,
    pub until: Option<DateTime<Utc>>,
}

/// The terms of a form as the input of the operation in this module, with fields of its own.
macro_rules! terms_input {
    ($module:ident::$input:ident, $chosen:expr $(, $field:ident: $value:expr)*) => {
        $module::$input {
            $($field: $value,)*
            person_id: $chosen.person.clone(),
            role: $chosen.role,
            organization_id: $chosen.organization.clone(),
            sensitivities: $chosen.sensitivities.clone(),
            purpose: $chosen.purpose,
            from: None,
            until: $chosen.until,
        }
    };
}
pub(super) use terms_input;

/// The controls of the form.
pub(super) fn controls(act: Act, around: &Around, fields: &Fields, time: &PageTime<'_>) -> Vec<Control> {
    let l = time.l;
    let mut controls = vec![one_of(WHOM, l.directive_whom(), fields, around.whom.clone(), l)];
    let subjects = choices(&SENSITIVITIES, |subject| l.sensitivity(subject));
    let hint = if act.permits() { l.directive_subjects_permit() } else { l.directive_subjects_deny() };
    controls.push(Control::many("sensitivities", l.directive_subjects(), fields, subjects).hint(hint));
    let proposed = proposed_end("until", fields, time);
    let label = if act.permits() { l.directive_until() } else { l.authority_until_when() };
    let until = Control::moment_at("until", label, &proposed, time);
    if act.permits() {
        controls.push(until);
        return controls;
    }
    let with_any = |name: &str| {
        if fields.given(name).is_some() { fields.clone() } else { fields.clone().with(name, ANY) }
    };
    let purposes = [Purpose::Treatment, Purpose::CareCoordination, Purpose::FamilyRequest];
    let mut all = vec![Choice::new(ANY, l.directive_any_purpose())];
    all.extend(choices(&purposes, |purpose| l.purpose(purpose)));
    controls.push(Control::one("purpose", l.directive_purpose(), &with_any("purpose"), all));
    let ends = [(ANY, l.directive_no_end()), ("yes", l.directive_has_end())];
    let ends = ends.into_iter().map(|(value, label)| Choice::new(value, label)).collect();
    controls.push(Control::one(HAS_END, l.directive_end(), &with_any(HAS_END), ends));
    controls.push(until);
    controls
}

impl Chosen {
    /// What a form asks for, or all that is missing or wrong in it.
    ///
    /// # Errors
    /// The problems, each at its field.
    pub fn of(act: Act, fields: &Fields, time: &PageTime<'_>) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let whom = fields.filled(WHOM).and_then(Self::whom);
        if whom.is_none() {
            problems.push(Problem::of_field(ProblemCode::Empty, WHOM));
        }
        let has_end = act.permits() || fields.get(HAS_END) == "yes";
        let until = if has_end { instant(fields, "until", time).map(Some) } else { Ok(None) };
        let until = until.unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
        let purpose = if act.permits() { Some(Purpose::Treatment) } else { chosen::<Purpose>(fields, "purpose") };
        let sensitivities = sensitivities(fields, "sensitivities");
        match whom {
            Some(whom) if problems.is_empty() => Ok(Self { sensitivities, purpose, until, ..whom }),
            Some(_) | None => Err(problems),
        }
    }

    /// Whom the value of a choice names.
    fn whom(value: &str) -> Option<Self> {
        let nobody = Self {
            person: None,
            role: None,
            organization: None,
            sensitivities: Vec::new(),
            purpose: None,
            until: None,
        };
        let (kind, rest) = value.split_once('.')?;
        match kind {
            "person" => Some(Self { person: Some(rest.to_owned()), ..nobody }),
            "at" => Some(Self { organization: Some(rest.to_owned()), ..nobody }),
            "role" => {
                let (role, at) = rest.split_once('.')?;
                let role = serde_json::from_value(serde_json::Value::from(role)).ok()?;
                Some(Self { role: Some(role), organization: Some(at.to_owned()), ..nobody })
            }
            _ => None,
        }
    }

    /// What a form with this choice sends along once its sender has seen what it would change: with another choice they
    /// see it anew.
    pub fn seen(&self) -> String {
        let Self { person, role, organization, sensitivities, purpose, until } = self;
        let [person, organization] = [person, organization].map(|id| id.as_deref().unwrap_or_default());
        let (role, purpose) = (role.as_ref().map(word), purpose.as_ref().map(word));
        let subjects: Vec<String> = sensitivities.iter().map(word).collect();
        let until = until.map(|until| until.timestamp().to_string());
        [
            person,
            &role.unwrap_or_default(),
            organization,
            &subjects.join("-"),
            &purpose.unwrap_or_default(),
            &until.unwrap_or_default(),
        ]
        .join(".")
    }
}

/// A problem of the API at the control of the form that it is about.
pub(super) fn placed(problem: Problem) -> Problem {
    let whom = ["personId", "role", "organizationId"].into_iter().find(|field| problem.is_about(field));
    match whom {
        Some(field) => problem.renamed(field, WHOM),
        None => problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_a_choice_names_a_person_a_role_at_an_organization_or_an_organization() {
        let whom = |value: &str| Chosen::whom(value).map(|chosen| (chosen.person, chosen.role, chosen.organization));
        assert_eq!(whom("person.x1"), Some((Some("x1".to_owned()), None, None)));
        assert_eq!(whom("role.NURSE.o1"), Some((None, Some(Role::Nurse), Some("o1".to_owned()))));
        assert_eq!(whom("at.o1"), Some((None, None, Some("o1".to_owned()))));
        for other in ["", "person", "role.NURSE", "role.WITCH.o1", "pool.p1"] {
            assert_eq!(whom(other), None, "{other}");
        }
    }
}

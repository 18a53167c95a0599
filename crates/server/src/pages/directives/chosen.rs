//! What a directive is about (whom, which subjects, which purpose, from when, until when), as the pages hold it: as the value of
//! a choice, as what was seen, and as the input of a command.

use chrono::{DateTime, Utc};

use crate::graphql::words::{Purpose, Role, Sensitivity};
use crate::pages::controls::word;

/// Whom a directive names. Whatever is given must match.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Named {
    pub person: Option<String>,
    pub role: Option<Role>,
    pub organization: Option<String>,
}

/// What a directive is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub whom: Named,
    pub sensitivities: Vec<Sensitivity>,
    pub purpose: Option<Purpose>,
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
}

/// The terms of a directive as the input of the operation in this module, with fields of its own.
macro_rules! terms_input {
    ($module:ident::$input:ident, $chosen:expr $(, $field:ident: $value:expr)*) => {
        $module::$input {
            $($field: $value,)*
            person_id: $chosen.whom.person.clone(),
            role: $chosen.whom.role,
            organization_id: $chosen.whom.organization.clone(),
            sensitivities: $chosen.sensitivities.clone(),
            purpose: $chosen.purpose,
            from: $chosen.from,
            until: $chosen.until,
        }
    };
}
pub(super) use terms_input;

impl Named {
    /// The value of a choice that names this.
    pub fn value(&self) -> String {
        let Self { person, role, organization } = self;
        let role_word = role.as_ref().map(word).unwrap_or_default();
        let at = organization.as_deref().unwrap_or_default();
        match (person, role, organization) {
            (Some(person), None, None) => format!("person.{person}"),
            (Some(person), _, _) => format!("person.{person}.{role_word}.{at}"),
            (None, Some(_), None) => format!("role.{role_word}"),
            (None, Some(_), Some(at)) => format!("role.{role_word}.{at}"),
            (None, None, _) => format!("at.{at}"),
        }
    }

    /// Whom the value of a choice names. None if it names nobody.
    pub fn of(value: &str) -> Option<Self> {
        fn id(part: &str) -> Option<String> {
            (!part.is_empty()).then(|| part.to_owned())
        }
        fn role_of(part: &str) -> Option<Role> {
            serde_json::from_value(serde_json::Value::from(part)).ok()
        }
        let (kind, rest) = value.split_once('.')?;
        let parts: Vec<&str> = rest.split('.').collect();
        match (kind, parts.as_slice()) {
            ("person", [person]) => Some(Self { person: Some(id(person)?), ..Self::default() }),
            ("person", [person, role, at]) => {
                let role = if role.is_empty() { None } else { Some(role_of(role)?) };
                Some(Self { person: Some(id(person)?), role, organization: id(at) })
            }
            ("role", [role]) => Some(Self { role: Some(role_of(role)?), ..Self::default() }),
            ("role", [role, at]) => {
                Some(Self { role: Some(role_of(role)?), organization: Some(id(at)?), ..Self::default() })
            }
            ("at", [at]) => Some(Self { organization: Some(id(at)?), ..Self::default() }),
            _ => None,
        }
    }
}

impl Chosen {
    /// Whether a block of this cannot become wider or longer.
    pub fn is_widest(&self, now: DateTime<Utc>) -> bool {
        let Self { whom: Named { person, role, organization }, sensitivities, purpose, from, until } = self;
        let named = [person.is_some(), role.is_some(), organization.is_some()].into_iter().filter(|named| *named);
        let begins_later = from.is_some_and(|from| now < from);
        named.count() == 1 && sensitivities.is_empty() && purpose.is_none() && !begins_later && until.is_none()
    }

    /// What a form with this choice sends along once its sender has seen what it would change: with another choice they
    /// see it anew.
    pub fn seen(&self) -> String {
        let Self { whom, sensitivities, purpose, from, until } = self;
        let subjects: Vec<String> = sensitivities.iter().map(word).collect();
        let at = |instant: &Option<DateTime<Utc>>| instant.map(|at| at.timestamp().to_string()).unwrap_or_default();
        let purpose = purpose.as_ref().map(word).unwrap_or_default();
        [whom.value(), subjects.join("-"), purpose, at(from), at(until)].join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_a_choice_names_a_person_a_role_an_organization_or_several_of_them() {
        let id = |id: &str| Some(id.to_owned());
        let nurse = Some(Role::Nurse);
        for (value, person, role, organization) in [
            ("person.x1", id("x1"), None, None),
            ("person.x1.NURSE.o1", id("x1"), nurse, id("o1")),
            ("person.x1..o1", id("x1"), None, id("o1")),
            ("person.x1.NURSE.", id("x1"), nurse, None),
            ("role.NURSE.o1", None, nurse, id("o1")),
            ("role.NURSE", None, nurse, None),
            ("at.o1", None, None, id("o1")),
        ] {
            let named = Named { person, role, organization };
            assert_eq!(Named::of(value), Some(named.clone()), "{value}");
            assert_eq!(named.value(), value);
        }
        for other in ["", "person", "person.", "role.", "role.WITCH.o1", "role.NURSE.", "at.", "pool.p1"] {
            assert_eq!(Named::of(other), None, "{other}");
        }
    }
}

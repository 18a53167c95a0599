//! What makes a directive tighter: a block wider or longer, a permission narrower or shorter. The controls of its form offer
//! nothing looser, and what they do not ask stays as it is.

use chrono::{DateTime, Utc};

use super::around::{Around, Directive};
use super::chosen::{Chosen, Named};
use super::said::Whom;
use super::terms::{ANY, HAS_END, HAS_START, PURPOSE, SUBJECTS, WHOM, YES};
use crate::graphql::directive_words::DirectiveEffect;
use crate::graphql::problem::ProblemCode;
use crate::graphql::words::Sensitivity;
use crate::pages::controls::{Choice, Control, all_choices, choices, instant, word};
use crate::pages::delegates::scope::sensitivities;
use crate::pages::forms::Fields;
use crate::pages::outcome::Problem;
use crate::pages::texts::Texts;
use crate::pages::time::PageTime;

/// The value of a choice that changes nothing.
const KEPT: &str = "kept";

/// A directive whose terms are all known to who makes it tighter.
pub(super) struct Tightened<'a> {
    pub directive: &'a Directive,
    pub before: &'a Chosen,
}

impl<'a> Tightened<'a> {
    /// The directive, if its sender knows all that it is about.
    pub fn of(directive: &'a Directive) -> Option<Self> {
        Some(Self { directive, before: directive.terms.as_ref()? })
    }

    const fn denies(&self) -> bool {
        matches!(self.directive.effect, DirectiveEffect::Deny)
    }

    /// The fields of an empty form: what there is.
    pub fn fields(&self, time: &PageTime<'_>) -> Fields {
        let Chosen { whom, sensitivities, purpose, from: _, until } = self.before;
        let mut all = vec![(WHOM.to_owned(), whom.value()), (HAS_START.to_owned(), KEPT.to_owned())];
        all.extend(sensitivities.iter().map(|subject| (SUBJECTS.to_owned(), word(subject))));
        all.push((PURPOSE.to_owned(), purpose.as_ref().map_or_else(|| ANY.to_owned(), word)));
        all.push((HAS_END.to_owned(), until.map_or(ANY, |_| YES).to_owned()));
        let fields = Fields::of(all.into_iter());
        match until {
            Some(until) => fields.at("until", time.local(*until)),
            None => fields,
        }
    }

    /// The controls of the form, each for something that can become tighter.
    pub fn controls(&self, around: &Around, fields: &Fields, time: &PageTime<'_>) -> Vec<Control> {
        let l = time.l;
        let Chosen { whom, sensitivities, purpose, from: _, until } = self.before;
        let mut controls = Vec::new();
        let mut named = vec![Choice::new(whom.value(), self.directive.whom.as_str())];
        named.extend(if self.denies() { self.wider(l) } else { self.narrower(around, l) });
        if named.len() > 1 {
            controls.push(Control::one(WHOM, l.directive_whom(), fields, named));
        }
        if self.denies() && !sensitivities.is_empty() {
            let all = all_choices(|subject| l.sensitivity(subject));
            let control = Control::many(SUBJECTS, l.directive_subjects(), fields, all);
            controls.push(control.hint(l.directive_subjects_deny()));
        }
        if !self.denies() && sensitivities.len() > 1 {
            let some = choices(sensitivities, |subject| l.sensitivity(subject));
            let control = Control::many(SUBJECTS, l.directive_subjects(), fields, some);
            controls.push(control.hint(l.directive_subjects_fewer()));
        }
        if let Some(purpose) = purpose.filter(|_| self.denies()) {
            let same = Choice::new(word(&purpose), l.purpose(&purpose));
            let all = vec![same, Choice::new(ANY, l.directive_any_purpose())];
            controls.push(Control::one(PURPOSE, l.directive_purpose(), fields, all));
        }
        if let Some(from) = self.begins_later(time) {
            let later = Choice { hint: Some(time.full(from).words), ..Choice::new(KEPT, l.directive_start_later()) };
            let all = vec![later, Choice::new(ANY, l.directive_start_now())];
            controls.push(Control::one(HAS_START, l.directive_start(), fields, all));
        }
        if until.is_some() && self.denies() {
            let ends = vec![Choice::new(YES, l.directive_has_end()), Choice::new(ANY, l.directive_no_end())];
            controls.push(Control::one(HAS_END, l.directive_end(), fields, ends));
        }
        if until.is_some() {
            let label = if self.denies() { l.authority_until_when() } else { l.until_when() };
            controls.push(Control::moment_at("until", label, fields, time));
        }
        controls
    }

    /// When a block begins that has not begun.
    fn begins_later(&self, time: &PageTime<'_>) -> Option<DateTime<Utc>> {
        self.before.from.filter(|from| self.denies() && time.now < *from)
    }

    /// Whom a wider block can be about: of a role at an organization, everybody there and the role everywhere; of a person in
    /// a place, the person.
    fn wider(&self, l: &Texts) -> Vec<Choice> {
        let Named { person, role, organization } = &self.before.whom;
        let names = &self.directive.names;
        let choice = |named: Named| {
            let names = Whom {
                names_person: named.person.is_some(),
                name: names.name.clone(),
                role: named.role,
                names_organization: named.organization.is_some(),
                organization: names.organization.clone(),
            };
            Choice::new(named.value(), names.words(l))
        };
        match (person, role, organization) {
            (Some(_), None, None) => Vec::new(),
            (Some(_), _, _) => vec![choice(Named { person: person.clone(), ..Named::default() })],
            (None, Some(_), Some(_)) => vec![
                choice(Named { organization: organization.clone(), ..Named::default() }),
                choice(Named { role: *role, ..Named::default() }),
            ],
            (None, _, _) => Vec::new(),
        }
    }

    /// Whom a narrower permission can be about: a role or a person of the care team among those whom it names.
    fn narrower(&self, around: &Around, l: &Texts) -> Vec<Choice> {
        let before = &self.before.whom;
        if before.person.is_some() {
            return Vec::new();
        }
        let mut choices: Vec<Choice> = Vec::new();
        for member in &around.members {
            let at = member.organization.as_ref();
            let is_named = before.role.is_none_or(|role| role == member.role)
                && before.organization.as_ref().is_none_or(|named| at.is_some_and(|at| at.id == *named));
            if !is_named {
                continue;
            }
            let mut narrower = Vec::new();
            if let Some(at) = at.filter(|_| before.role.is_none() || before.organization.is_none()) {
                let named = Named { person: None, role: Some(member.role), organization: Some(at.id.clone()) };
                narrower.push(Choice::new(named.value(), l.directive_role_at(at.name.as_str(), l.role(&member.role))));
            }
            if let Some(name) = &member.name {
                let named = Named { person: Some(member.id.clone()), ..before.clone() };
                narrower.push(Choice { hint: Some(member.place(l)), ..Choice::new(named.value(), name.as_str()) });
            }
            narrower.retain(|choice| !choices.iter().any(|known| known.value == choice.value));
            choices.extend(narrower);
        }
        choices
    }

    /// What a form asks for, or all that is wrong in it: what is looser, and that nothing is tighter.
    ///
    /// # Errors
    /// The problems, each at its field.
    pub fn given(&self, fields: &Fields, time: &PageTime<'_>) -> Result<Chosen, Vec<Problem>> {
        let before = self.before;
        let mut after = before.clone();
        let mut problems = Vec::new();
        let looser = |field: &str| Problem::of_field(ProblemCode::NotTighter, field);
        if let Some(value) = fields.filled(WHOM) {
            match Named::of(value) {
                Some(named) => after.whom = named,
                None => problems.push(Problem::of_field(ProblemCode::Empty, WHOM)),
            }
        }
        let asks_subjects = before.sensitivities.len() > usize::from(!self.denies());
        if asks_subjects {
            after.sensitivities = sensitivities(fields, SUBJECTS);
            let has = |chosen: &Chosen, subject: &Sensitivity| chosen.sensitivities.contains(subject);
            let is_tighter = if self.denies() {
                after.sensitivities.is_empty() || before.sensitivities.iter().all(|subject| has(&after, subject))
            } else {
                !after.sensitivities.is_empty() && after.sensitivities.iter().all(|subject| has(before, subject))
            };
            if !is_tighter {
                problems.push(looser(SUBJECTS));
            }
        }
        if self.denies() && fields.get(PURPOSE) == ANY {
            after.purpose = None;
        }
        if self.begins_later(time).is_some() && fields.get(HAS_START) == ANY {
            after.from = None;
        }
        if let Some(until) = before.until {
            if self.denies() && fields.get(HAS_END) == ANY {
                after.until = None;
            } else {
                match instant(fields, "until", time) {
                    // The form has no seconds.
                    Ok(given) if is_same_minute(given, until) => {}
                    Ok(given) if (until < given) == self.denies() => after.until = Some(given),
                    Ok(_) => problems.push(looser("until")),
                    Err(problem) => problems.push(problem),
                }
            }
        }
        if problems.is_empty() && after == *before {
            problems.push(Problem::of(ProblemCode::NotTighter, None));
        }
        if problems.is_empty() { Ok(after) } else { Err(problems) }
    }
}

/// Whether two instants are the same in a form, which asks for minutes.
fn is_same_minute(one: DateTime<Utc>, other: DateTime<Utc>) -> bool {
    let minute = |at: DateTime<Utc>| at.timestamp().div_euclid(60);
    minute(one) == minute(other)
}
